"""A palette of labels: each a normal distribution of chroma samples, fitted by EM to cells of 16 samples.

A label may belong to a class (sky, skin, …): then it is one of that class's colour modes. Labels of class 0 serve
whatever has no class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

SAMPLES = 16  # chroma samples a cell
BONUS = 4.0  # nats by which a cell's class favours its own labels: a hint, since hard classes cost 5 % of the bits


@dataclass
class Palette:
    """mean [K, 2], covariance [K, 2, 2], weight [K], classes int [K]."""

    mean: np.ndarray
    covariance: np.ndarray
    weight: np.ndarray
    classes: np.ndarray


def cell_moments(chroma: torch.Tensor) -> torch.Tensor:
    """Chroma [N, 2, 4h, 4w] → sums over each cell [N·h·w, 6]: 1, a, b, aa, ab, bb."""
    a, b = chroma[:, :1].float(), chroma[:, 1:].float()
    sums = torch.nn.functional.avg_pool2d(torch.cat((torch.ones_like(a), a, b, a * a, a * b, b * b), 1), 4) * SAMPLES
    return sums.permute(0, 2, 3, 1).reshape(-1, 6)


def quadratic(mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Coefficients [6, K]: moments @ coefficients is the log density of a cell's samples under each label."""
    precision = np.linalg.inv(covariance)
    pm = np.einsum('kij,kj->ki', precision, mean)
    constant = -np.log(2 * np.pi) - 0.5 * np.linalg.slogdet(covariance)[1] - 0.5 * (pm * mean).sum(1)
    return np.stack((constant, pm[:, 0], pm[:, 1], -0.5 * precision[:, 0, 0], -precision[:, 0, 1], -0.5 * precision[:, 1, 1]))


def fit(moments: np.ndarray, count: int, seed: int) -> Palette:
    """K-means++ on cell means, then EM."""
    g = np.random.default_rng(seed)
    means = moments[:, 1:3] / SAMPLES
    centres = [means[g.integers(len(means))]]
    distance = np.full(len(means), np.inf)
    while len(centres) < count:
        distance = np.minimum(distance, ((means - centres[-1]) ** 2).sum(1))
        centres.append(means[g.choice(len(means), p=(distance + 0.05) / (distance + 0.05).sum())])
    covariance = np.tile(np.eye(2) * 12.0, (count, 1, 1))
    palette = Palette(np.stack(centres).astype(float), covariance, np.full(count, 1 / count), np.zeros(count, int))
    return refine(palette, moments, 0.0)


def refine(palette: Palette, moments: np.ndarray, bonus: np.ndarray | float, rounds: int = 25) -> Palette:
    """EM; `bonus` [N, K] is added to the log posterior (a cell's class speaks for that class's labels)."""
    mean, covariance, weight = palette.mean, palette.covariance, palette.weight
    for _ in range(rounds):
        score = moments @ quadratic(mean, covariance) + np.log(weight) + bonus
        score -= score.max(1, keepdims=True)
        r = np.exp(score)
        r /= r.sum(1, keepdims=True)
        mean, covariance, weight = update(r, moments)
    return Palette(mean, covariance, weight, palette.classes)


def update(r: np.ndarray, moments: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The M step; rounding to whole units and a little evidence for a spread of 2 keep covariances apart from 0."""
    s = r.T @ moments
    n = s[:, :1] + 1e-9
    mean = s[:, 1:3] / n
    second = np.stack((s[:, 3], s[:, 4], s[:, 4], s[:, 5]), 1) / n
    covariance = second.reshape(-1, 2, 2) - np.einsum('ki,kj->kij', mean, mean)
    covariance = (covariance * n[:, :, None] + 64 * 4 * np.eye(2)) / (n[:, :, None] + 64) + np.eye(2) / 12
    weight = (r.sum(0) + 1) / (len(r) + len(s))
    return mean, covariance, weight


def shares(classes: np.ndarray, moments: np.ndarray, total: int, smallest: int) -> dict[int, int]:
    """How many modes each class gets: at least one for classes with `smallest` cells, then by cells^½ × spread^½."""
    size = {}
    for c in np.unique(classes[classes > 0]):
        m = moments[classes == c]
        if len(m) >= smallest:
            spread = np.sqrt((m[:, 1:3] / SAMPLES).var(0).sum())
            size[int(c)] = float(np.sqrt(len(m)) * np.sqrt(spread))
    out = {c: 1 for c in size}
    while sum(out.values()) < total:
        c = max(size, key=lambda k: size[k] / (out[k] + 0.5))
        out[c] += 1
    return out


def class_palette(moments: np.ndarray, classes: np.ndarray, count: int, free: int, seed: int) -> Palette:
    """`free` labels fitted to cells without a class and the others shared among the classes; those with too few cells
    have no label of their own."""
    parts = [fit(moments[classes == 0], free, seed)]
    names = [0] * free
    for c, n in shares(classes, moments, count - free, 150).items():
        parts.append(fit(moments[classes == c], n, seed))
        names += [c] * n
    sizes = [(classes == 0).sum(), *((classes == c).sum() for c in dict.fromkeys(names) if c)]
    weight = np.concatenate([p.weight * s for p, s in zip(parts, sizes)])
    palette = Palette(np.concatenate([p.mean for p in parts]), np.concatenate([p.covariance for p in parts]), weight / weight.sum(), np.array(names))
    return refine(palette, moments, BONUS * (classes[:, None] == palette.classes[None]) * (classes > 0)[:, None])
