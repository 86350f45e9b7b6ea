"""sRGB to CIELAB (D65) and back, in float32; L 0…100, a and b in their usual units."""

from __future__ import annotations

import numpy as np

# IEC 61966-2-1 primaries, rows already divided by the D65 white point.
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
WHITE = np.array([0.95047, 1.0, 1.08883])
FORWARD = (TO_XYZ / WHITE[:, None]).astype(np.float32)
BACKWARD = np.linalg.inv(TO_XYZ / WHITE[:, None]).astype(np.float32)
DELTA = 6 / 29
LINEAR = np.where(np.arange(256) / 255 <= 0.04045, np.arange(256) / 255 / 12.92, ((np.arange(256) / 255 + 0.055) / 1.055) ** 2.4).astype(np.float32)


def lab_of(rgb: np.ndarray) -> np.ndarray:
    """uint8 [..., 3] → float32 [..., 3]."""
    t = LINEAR[rgb] @ FORWARD.T
    f = np.where(t > DELTA**3, np.cbrt(t), t / (3 * DELTA**2) + 4 / 29)
    return np.stack((116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])), -1)


def rgb_of(lab: np.ndarray) -> np.ndarray:
    """float32 [..., 3] → linear light clipped to the gamut → float32 sRGB 0…1."""
    fy = (lab[..., 0] + 16) / 116
    f = np.stack((fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200), -1)
    t = np.where(f > DELTA, f**3, 3 * DELTA**2 * (f - 4 / 29))
    return encoded(np.clip(t @ BACKWARD.T, 0, 1))


def encoded(linear: np.ndarray) -> np.ndarray:
    """Linear light 0…1 → sRGB 0…1."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
