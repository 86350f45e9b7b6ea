"""MS-SSIM as the app measures it, differentiable: five scales, per colour, then averaged (Wang, Simoncelli, Bovik 2003)."""

from __future__ import annotations

import functools

import torch
from torch.nn import functional as F

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # finest first
TAPS, SIGMA = 11, 1.5
C1, C2 = 0.01**2, 0.03**2
LEAST_SIDE = (TAPS - 1) * 2 ** (len(WEIGHTS) - 1) + 1


def window() -> torch.Tensor:
    """The Gaussian of one axis [TAPS], of sum 1."""
    x = torch.arange(TAPS) - (TAPS - 1) / 2
    taps = torch.exp(-x.square() / (2 * SIGMA**2))
    return taps / taps.sum()


@functools.cache
def band(size: int, device: torch.device) -> torch.Tensor:
    """The window at every place where it fits, as a matrix [size − 10, size]."""
    rows = torch.zeros(size - TAPS + 1, size)
    for i in range(rows.shape[0]):
        rows[i, i : i + TAPS] = window()
    return rows.to(device)


def blur(x: torch.Tensor) -> torch.Tensor:
    """Planes [..., H, W] → means under windows that fit wholly inside [..., H − 10, W − 10]; as products of matrices,
    which CPUs do ten times faster than convolutions of one channel."""
    return band(x.shape[-2], x.device) @ x @ band(x.shape[-1], x.device).T


def ms_ssim(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Pictures [N, C, H, W] in 0…1, sides above 160 and multiples of 16 → their MS-SSIM [N]; negative terms count as 0."""
    n, c, h, w = a.shape
    if min(h, w) < LEAST_SIDE or h % 16 or w % 16:
        raise ValueError(f'expected sides of at least {LEAST_SIDE} that are multiples of 16, found {h} × {w}')
    a, b = a.reshape(n * c, 1, h, w), b.reshape(n * c, 1, h, w)
    value = a.new_ones(n * c)
    for scale, weight in enumerate(WEIGHTS):
        if scale:
            a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
        # Sums and differences: four blurs instead of five, since 2ab = (s² − d²)/2 and a² + b² = (s² + d²)/2.
        s, d = a + b, a - b
        s, d, ss, dd = blur(torch.cat((s, d, s * s, d * d))).chunk(4)
        ms, md = s.square(), d.square()
        var_s, var_d = ss - ms, dd - md
        term = ((var_s - var_d) / 2 + C2) / ((var_s + var_d) / 2 + C2)
        if scale == len(WEIGHTS) - 1:
            term = term * (((ms - md) / 2 + C1) / ((ms + md) / 2 + C1))
        # The floor keeps the gradient of x^w finite where two pictures share nothing.
        value = value * term.mean((1, 2, 3)).clamp(min=1e-4) ** weight
    return value.reshape(n, c).mean(1)


def decibels(value: torch.Tensor) -> torch.Tensor:
    """−10 log₁₀(1 − MS-SSIM)."""
    return -10 * torch.log10((1 - value).clamp(min=1e-9))
