"""The prior of the hyper-latents, fitted after training: each is predicted from its left and upper neighbours in whole numbers,
and what remains follows one of 64 factorised priors that is named for each place (a meta prior, by hard EM)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from rda.nets import HYPER
from rda.quality import POINTS
from rda.tables import TOTAL, whole_frequencies

CLASSES = 64
BANDS = 8  # of the quality axis, eight points each
UNIT = 128  # weights of the prediction count in 1/UNIT
REACH = 31  # residuals beyond ±REACH are escaped
SIGMAS, PLACES = 24, 4  # the codebook of tables starts from Gaussians of so many widths and places within a step
TABLES = SIGMAS * PLACES
ROUNDS = 8


@dataclass
class HyperPrior:
    """weights [BANDS, 96, 192] and bias [BANDS, 96] in 1/UNIT; counts [BANDS, CLASSES]; centre and table [BANDS, CLASSES, 96];
    frequencies [TABLES, 64]: of residual − centre in −REACH…REACH, and the escape."""

    weights: np.ndarray
    bias: np.ndarray
    counts: np.ndarray
    centre: np.ndarray
    table: np.ndarray
    frequencies: np.ndarray


def band_of(point: float) -> int:
    """The band of the nearest whole point."""
    return int(math.floor(point + 0.5)) * BANDS // POINTS


def neighbours(z: np.ndarray) -> np.ndarray:
    """Hyper-latents [96, h, w] → their left and upper neighbours [192, h, w], 0 beyond the edges."""
    left, upper = np.zeros_like(z), np.zeros_like(z)
    left[:, :, 1:] = z[:, :, :-1]
    upper[:, 1:] = z[:, :-1]
    return np.concatenate((left, upper))


def predicted(weights: np.ndarray, bias: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Whole predictions [N, 96] from neighbours [N, 192]: floor(sum / UNIT + ½)."""
    total = near.astype(np.int64) @ weights.T.astype(np.int64) + bias
    return (total + UNIT // 2) // UNIT


def fit(pictures: list[tuple[float, np.ndarray]], seed: int = 0) -> HyperPrior:
    """From (point, hyper-latents [96, h, w]) of many training pictures."""
    z: list[list[np.ndarray]] = [[] for _ in range(BANDS)]
    near: list[list[np.ndarray]] = [[] for _ in range(BANDS)]
    for point, hyper in pictures:
        z[band_of(point)].append(hyper.reshape(HYPER, -1).T)
        near[band_of(point)].append(neighbours(hyper).reshape(2 * HYPER, -1).T)
    weights = np.zeros((BANDS, HYPER, 2 * HYPER), np.int8)
    bias = np.zeros((BANDS, HYPER), np.int16)
    residuals = []
    for band in range(BANDS):
        x, y = np.concatenate(near[band]).astype(np.float64), np.concatenate(z[band]).astype(np.float64)
        x = np.concatenate((x, np.ones((len(x), 1))), 1)
        solved = np.linalg.solve(x.T @ x + 3 * np.eye(x.shape[1]), x.T @ y).T
        weights[band] = np.clip(np.floor(solved[:, :-1] * UNIT + 0.5), -127, 127)
        bias[band] = np.floor(solved[:, -1] * UNIT + 0.5)
        residuals.append(y.astype(np.int64) - predicted(weights[band], bias[band], x[:, :-1]))
    starts = [clusters(r, seed + band) for band, r in enumerate(residuals)]
    frequencies = start_tables()
    classes = starts
    for _ in range(ROUNDS):
        histograms = np.stack([histogram(r, c) for r, c in zip(residuals, classes)])
        centre, table, frequencies = fit_cells(histograms, frequencies)
        counts = np.stack([class_counts(c) for c in classes])
        bits = -np.log2(frequencies / TOTAL)
        classes = [
            assignment(r, bits, centre[b], table[b], counts[b])[0] for b, r in enumerate(residuals)
        ]  # fmt: skip
    return HyperPrior(weights, bias, np.stack([class_counts(c) for c in classes]), centre, table, frequencies)


def class_counts(classes: np.ndarray) -> np.ndarray:
    """What the adaptive coder of the classes starts from: about 512 in all, at least 1 each."""
    counts = np.bincount(classes, minlength=CLASSES).astype(np.float64)
    return np.maximum(1, np.round(512 * counts / counts.sum())).astype(np.int64)


def start_tables() -> np.ndarray:
    """Discretised Gaussians [TABLES, 64]."""
    edges = np.arange(-REACH, REACH + 2) - 0.5
    rows = []
    for sigma in np.geomspace(0.12, 8, SIGMAS):
        for place in (np.arange(PLACES) + 0.5) / PLACES - 0.5:
            below = np.array([0.5 * math.erfc(-(e - place) / (sigma * math.sqrt(2))) for e in edges])
            rows.append(whole_frequencies([*(np.diff(below) + 1e-7), 2e-5]))
    return np.array(rows)


def clusters(residuals: np.ndarray, seed: int) -> np.ndarray:
    """Where EM starts: k-means on residuals scaled to unit variance, [N] of 0…63."""
    g = torch.Generator().manual_seed(seed)
    x = torch.from_numpy(residuals).float()
    x = x / (x.std(0) + 0.1)
    order = torch.randperm(len(x), generator=g)
    centres = x[order.repeat(CLASSES // len(x) + 1)[:CLASSES]]
    for _ in range(8):
        at = torch.cat([torch.cdist(part, centres).argmin(1) for part in x.split(16384)])
        sums = torch.zeros_like(centres).index_add_(0, at, x)
        found = torch.bincount(at, minlength=CLASSES)
        lost = found == 0
        centres = sums / found.clamp(min=1)[:, None]
        centres[lost] = x[torch.randint(len(x), (int(lost.sum()),), generator=g)]
    return at.numpy()


def histogram(residuals: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """[CLASSES, 96, 2·REACH + 1], each cell with a little of what all classes together have."""
    width = 2 * REACH + 1
    symbols = residuals.clip(-REACH, REACH) + REACH
    cells = (classes[:, None] * HYPER + np.arange(HYPER)) * width + symbols
    counts = np.bincount(cells.ravel(), minlength=CLASSES * HYPER * width).reshape(CLASSES, HYPER, width).astype(np.float64)
    whole = counts.sum(0)
    return counts + 8 * whole / whole.sum(1, keepdims=True)


def fit_cells(histograms: np.ndarray, frequencies: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each cell's centre and table of least bits, then the tables from all cells that chose them."""
    shape = histograms.shape[:3]
    cells = histograms.reshape(-1, 2 * REACH + 1)
    mean = np.round((cells @ np.arange(-REACH, REACH + 1)) / cells.sum(1)).astype(int)
    costs = -np.log2(frequencies / TOTAL)
    best = np.full(len(cells), np.inf)
    centre, table = np.zeros(len(cells), int), np.zeros(len(cells), int)
    for shift in (-1, 0, 1):
        bits = moved(cells, mean + shift) @ costs.T
        at = bits.argmin(1)
        value = bits[np.arange(len(cells)), at]
        better = value < best
        best, centre, table = np.where(better, value, best), np.where(better, mean + shift, centre), np.where(better, at, table)
    pooled = np.zeros((TABLES, 2 * REACH + 2))
    np.add.at(pooled, table, moved(cells, centre))
    prior = frequencies / TOTAL * 200
    tables = np.array([whole_frequencies(list(row)) for row in pooled + prior])
    return centre.reshape(shape), table.reshape(shape), tables


def moved(cells: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Histograms [N, 63] of residuals → [N, 64] of residual − by, the last entry what falls beyond ±REACH."""
    width = cells.shape[1]
    at = np.arange(width) + by[:, None]
    inside = (at >= 0) & (at < width)
    out = np.where(inside, np.take_along_axis(cells, at.clip(0, width - 1), 1), 0)
    return np.concatenate((out, np.maximum(0, cells.sum(1) - out.sum(1))[:, None]), 1)


def assignment(residuals: np.ndarray, bits: np.ndarray, centre: np.ndarray, table: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(class, bits) [N] of least bits for each place."""
    width = 2 * REACH + 1
    shifted = np.arange(-REACH, REACH + 1)[:, None, None] - centre[None]  # symbol minus centre: [63, CLASSES, 96]
    cost = np.where(np.abs(shifted) <= REACH, bits[table[None], shifted.clip(-REACH, REACH) + REACH], bits[table[None], width] + 9)
    total = np.tile(-np.log2(counts / counts.sum()), (len(residuals), 1))
    symbols = residuals.clip(-REACH, REACH) + REACH
    for c in range(HYPER):
        total += cost[symbols[:, c], :, c]
    at = total.argmin(1)
    return at, total[np.arange(len(total)), at]


def bits_of(prior: HyperPrior, point: float, hyper: np.ndarray) -> float:
    """Bits of a picture's hyper-latents [96, h, w], class names at their starting counts."""
    b = band_of(point)
    near = neighbours(hyper).reshape(2 * HYPER, -1).T
    residuals = hyper.reshape(HYPER, -1).T.astype(np.int64) - predicted(prior.weights[b], prior.bias[b], near)
    return float(assignment(residuals, -np.log2(prior.frequencies / TOTAL), prior.centre[b], prior.table[b], prior.counts[b])[1].sum())
