"""Frequency tables of the residuals, fitted to training symbols: one for each checkerboard half and row."""

from __future__ import annotations

import math

import numpy as np
import torch

from rda.quality import SCALES, scale_of
from rda.symbols import Symbols

TOTAL = 65536
WIDEST = 20.0  # a row whose σ is above this many steps codes its low bits plainly
REACH = 6.0  # how many σ a table covers; beyond it symbols are escaped
GAUSSIAN = 400.0  # symbols that the fitted Gaussian counts as, beside those seen
LARGEST = 255  # |symbol| up to which costs are listed


def scale_values() -> list[float]:
    """The 64 standard deviations in quantization steps that training gave the rows."""
    return scale_of(torch.arange(SCALES, dtype=torch.float64)).tolist()


def below(x: float) -> float:
    """The standard normal's mass below x, accurate in the lower tail."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def mass(low: float, high: float, sigma: float) -> float:
    """N(0, σ²)'s mass between low and high."""
    if low > 0:
        low, high = -high, -low
    return below(high / sigma) - below(low / sigma)


def counts_of(symbols: list[Symbols]) -> np.ndarray:
    """How often each |symbol| 0…LARGEST occurs: [2 halves, 64 rows, 256]."""
    counts = np.zeros((2, SCALES, LARGEST + 1), np.int64)
    for s in symbols:
        c, h, w = s.residual.shape
        half = np.broadcast_to((np.arange(h)[:, None] + np.arange(w)) % 2, (c, h, w))
        size = np.abs(s.residual).clip(max=LARGEST)
        np.add.at(counts, (half.ravel(), s.rows.ravel(), size.ravel()), 1)
    return counts


def row_tables(counts: np.ndarray | None = None) -> list[list[dict]]:
    """Per half and row {shift, low, freq}: a symbol q has bucket q >> shift; freq[bucket − low] of 65,536, the last entry is
    the escape for buckets outside; the low `shift` bits of q follow plainly (flat to 0.01 bit at these widths).
    Without counts: of the Gaussians that training assumed."""
    if counts is None:
        counts = np.zeros((2, SCALES, LARGEST + 1))
    return [[row_table(sigma, counts[half, row]) for row, sigma in enumerate(scale_values())] for half in range(2)]


def row_table(sigma: float, counts: np.ndarray) -> dict:
    """A symmetric table: what was seen, mixed with a Gaussian of its variance."""
    seen = float(counts.sum())
    if seen > 200:
        own = math.sqrt(float((counts * np.arange(len(counts)) ** 2.0).sum()) / seen)
        share = seen / (seen + GAUSSIAN)
        sigma = min(2 * sigma, max(sigma / 2, share * own + (1 - share) * sigma))
    shift = max(0, math.ceil(math.log2(sigma / WIDEST))) if sigma > WIDEST else 0
    width = 1 << shift
    reach = max(2, math.ceil(sigma * REACH / width + 0.5))
    low, high = -reach, reach if shift == 0 else reach - 1
    model = np.array([mass(b * width - 0.5, (b + 1) * width - 0.5, sigma) for b in range(low, high + 1)])
    freq = model * GAUSSIAN
    if shift == 0:
        size = np.abs(np.arange(low, high + 1))
        freq = freq + counts[size] * np.where(size == 0, 1.0, 0.5)
    else:
        freq = freq * (1 + seen / GAUSSIAN)
    outside = float(counts[reach + 1 :].sum()) if shift == 0 else 0.0
    escape = max(outside + GAUSSIAN * (1 - model.sum()), freq.sum() * 1.5 / TOTAL)
    return {'shift': shift, 'low': low, 'freq': whole_frequencies([*freq, escape])}


def whole_frequencies(exact: list[float]) -> list[int]:
    """Whole frequencies ≥ 1 that sum to 65,536, nearest in cost to the exact ones."""
    total = sum(exact)
    scaled = [p / total * TOTAL for p in exact]
    freq = [max(1, round(s)) for s in scaled]
    while (excess := sum(freq) - TOTAL) != 0:
        sign = 1 if excess > 0 else -1
        # Change the entry whose share is hurt least.
        candidates = [i for i, f in enumerate(freq) if f - sign >= 1]
        best = min(candidates, key=lambda i: abs((freq[i] - sign) / scaled[i] - 1) if scaled[i] > 0 else math.inf)
        freq[best] -= sign
    return freq


def cost(table: dict, symbol: int) -> float:
    """Bits that a symbol takes, escapes included."""
    bucket = (symbol >> table['shift']) - table['low']
    last = len(table['freq']) - 1
    if 0 <= bucket < last:
        return 16 - math.log2(table['freq'][bucket]) + table['shift']
    rank = 2 * (bucket - last) if bucket >= last else -2 * bucket - 1
    return 16 - math.log2(table['freq'][last]) + 2 * math.floor(math.log2(rank + 1)) + 1 + table['shift']


def costs_of(tables: list[list[dict]]) -> torch.Tensor:
    """Bits of |symbol| 0…LARGEST [2, 64, 256]; a symbol in row 0 costs nothing, since nothing is coded there."""
    out = torch.tensor([[[cost(t, q) for q in range(LARGEST + 1)] for t in half] for half in tables])
    out[:, 0] = 0
    return out


def bits_of(symbols: Symbols, costs: torch.Tensor) -> float:
    """Bits of a picture's residuals."""
    c, h, w = symbols.residual.shape
    half = np.broadcast_to((np.arange(h)[:, None] + np.arange(w)) % 2, (c, h, w))
    return float(costs.numpy()[half, symbols.rows, np.abs(symbols.residual).clip(max=LARGEST)].sum())
