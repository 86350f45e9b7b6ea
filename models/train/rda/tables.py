"""Frequency tables of the discretised Gaussian at each scale, fixed at export: the app never computes one."""

from __future__ import annotations

import math

from rda.quality import SCALES, scale_of

import torch

TOTAL = 65536
WIDEST = 20.0  # a scale above this many steps codes its low bits plainly


def scale_values() -> list[float]:
    """The 64 standard deviations in quantization steps."""
    return scale_of(torch.arange(SCALES, dtype=torch.float64)).tolist()


def below(x: float) -> float:
    """The standard normal's mass below x, accurate in the lower tail."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def mass(low: float, high: float, sigma: float) -> float:
    """N(0, σ²)'s mass between low and high."""
    if low > 0:
        low, high = -high, -low
    return below(high / sigma) - below(low / sigma)


def frequency_tables() -> list[dict]:
    """Per scale {shift, low, freq}: a symbol q has bucket q >> shift; freq[bucket − low] of 65,536, the last entry is
    the escape for buckets outside; the low `shift` bits of q follow plainly (flat to 0.01 bit at these widths)."""
    out = []
    for sigma in scale_values():
        shift = max(0, math.ceil(math.log2(sigma / WIDEST))) if sigma > WIDEST else 0
        width = 1 << shift
        reach = max(1, math.ceil(sigma * 4.6 / width + 0.5))
        low, high = -reach, reach if shift == 0 else reach - 1
        exact = [mass(b * width - 0.5, (b + 1) * width - 0.5, sigma) for b in range(low, high + 1)]
        escape = max(1 - sum(exact), 1.5 / TOTAL)
        out.append({'shift': shift, 'low': low, 'freq': whole_frequencies(exact + [escape])})
    return out


def whole_frequencies(exact: list[float]) -> list[int]:
    """Whole frequencies ≥ 1 that sum to 65,536, nearest in cost to the exact ones."""
    scaled = [p / sum(exact) * TOTAL for p in exact]
    freq = [max(1, round(s)) for s in scaled]
    while (excess := sum(freq) - TOTAL) != 0:
        sign = 1 if excess > 0 else -1
        # Change the entry whose share is hurt least.
        candidates = [i for i, f in enumerate(freq) if f - sign >= 1]
        best = min(candidates, key=lambda i: abs((freq[i] - sign) / scaled[i] - 1) if scaled[i] > 0 else math.inf)
        freq[best] -= sign
    return freq
