"""What simpler models charge a chroma sample: an ab histogram, one for each of 32 levels of L, and a palette of K-means
labels that are coded from their left and upper neighbours, with a histogram each and no look at the photo."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from color.palette import SAMPLES
from color.photos import Photo, framed, read_pack, training_photos

A, B = (-88, 189), (-110, 207)  # lowest whole unit and count: all of sRGB
BINS = 32
UNIT = 0.1  # bits that one step of a stored table stands for


def samples_of(photo: Photo) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chroma bins [h, w], L bins [h, w] and cell means [h/4, w/4, 2] of the photo's part of the frame."""
    luma, inside, chroma, _ = framed(photo)
    rows, columns = np.nonzero(inside[0])
    top, bottom, left, right = rows.min() * 4, rows.max() * 4 + 4, columns.min() * 4, columns.max() * 4 + 4
    ab = chroma[:, top:bottom, left:right]
    light = luma[0].reshape(128, 2, 128, 2).mean((1, 3))[top:bottom, left:right]
    level = ((light + 1) / 2 * BINS).astype(int).clip(0, BINS - 1)
    index = (ab[0].astype(int) - A[0]).clip(0, A[1] - 1) * B[1] + (ab[1].astype(int) - B[0]).clip(0, B[1] - 1)
    means = ab.reshape(2, ab.shape[1] // 4, 4, -1, 4).mean((2, 4)).transpose(1, 2, 0)
    return index, level, means


def smooth(counts: np.ndarray, sigma: float) -> np.ndarray:
    """Blurs histograms [n, A·B] by a normal distribution; each sums to 1."""
    radius = max(1, math.ceil(3 * sigma))
    kernel = torch.exp(-torch.arange(-radius, radius + 1).float() ** 2 / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    x = torch.from_numpy(counts.astype(np.float32)).view(-1, 1, A[1], B[1])
    x = F.conv2d(F.conv2d(x, kernel.view(1, 1, -1, 1), padding=(radius, 0)), kernel.view(1, 1, 1, -1), padding=(0, radius))
    out = x.view(len(counts), -1).numpy().astype(float)
    return out / np.maximum(out.sum(1, keepdims=True), 1e-12)


def table(counts: np.ndarray, everything: np.ndarray) -> np.ndarray:
    """Steps of UNIT bits [n, A·B]: the blurred histogram, backed by the blurred histogram of all samples and a floor."""
    p = 0.97 * smooth(counts, 0.7) + 0.02 * smooth(counts, 3) + 0.0099 * smooth(everything, 3) + 0.0001 / (A[1] * B[1])
    p /= p.sum(1, keepdims=True)
    return np.round(-np.log2(p) / UNIT).clip(0, 255).astype(np.uint8)


def k_means(points: np.ndarray, count: int, rounds: int = 30) -> np.ndarray:
    g = np.random.default_rng(1)
    centres = points[g.choice(len(points), count, replace=False)].astype(float)
    for _ in range(rounds):
        nearest = nearest_of(points, centres)
        sums = np.stack([np.bincount(nearest, points[:, i], count) for i in range(2)], 1)
        n = np.bincount(nearest, minlength=count)
        centres = np.where(n[:, None] > 0, sums / np.maximum(n, 1)[:, None], points[g.choice(len(points), count)])
    return centres


def nearest_of(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return ((centres**2).sum(1)[None] - 2 * points @ centres.T).argmin(1)


def fit(photos: list[Photo], count: int) -> dict:
    """All tables, from photos in the frame."""
    parts = [samples_of(p) for p in photos]
    points = np.concatenate([m.reshape(-1, 2)[::7] for _, _, m in parts])
    centres = k_means(points[:: max(1, len(points) // 100_000)], count)
    size = A[1] * B[1]
    by_level, by_label = np.zeros((BINS, size)), np.zeros((count, size))
    left, upper = np.full((count, count), 0.0), np.full((count, count), 0.0)
    for index, level, means in parts:
        z = nearest_of(means.reshape(-1, 2), centres).reshape(means.shape[:2])
        np.add.at(by_level, (level.ravel(), index.ravel()), 1)
        np.add.at(by_label, (np.repeat(np.repeat(z, 4, 0), 4, 1).ravel(), index.ravel()), 1)
        np.add.at(left, (z[:, :-1].ravel(), z[:, 1:].ravel()), 1)
        np.add.at(upper, (z[:-1].ravel(), z[1:].ravel()), 1)
    everything = by_level.sum(0, keepdims=True)
    share = left.sum(0) + 1
    share /= share.sum()
    near = [(m + 5 * share) / (m.sum(1, keepdims=True) + 5) for m in (left, upper)]
    return {'ab': table(everything, everything), 'givenL': table(by_level, everything), 'palette': table(by_label, everything),
            'centres': centres, 'share': share, 'left': near[0], 'upper': near[1]}


def bits_of(tables: dict, photo: Photo) -> dict[str, float]:
    """Bits of a photo's chroma under each, and the number of samples."""
    index, level, means = samples_of(photo)
    z = nearest_of(means.reshape(-1, 2), tables['centres']).reshape(means.shape[:2])
    zs = np.repeat(np.repeat(z, 4, 0), 4, 1)
    p = np.zeros(z.shape)
    p[0, 0] = tables['share'][z[0, 0]]
    p[0, 1:] = tables['left'][z[0, :-1], z[0, 1:]]
    p[1:, 0] = tables['upper'][z[:-1, 0], z[1:, 0]]
    p[1:, 1:] = (tables['left'][z[1:, :-1], z[1:, 1:]] + tables['upper'][z[:-1, 1:], z[1:, 1:]]) / 2
    return {'abHistogram': tables['ab'][0, index].sum() * UNIT, 'givenL': tables['givenL'][level, index].sum() * UNIT,
            'palette': tables['palette'][zs, index].sum() * UNIT - np.log2(p).sum(), 'samples': z.size * SAMPLES}


def write(tables: dict, path: Path) -> None:
    head = {'a': A, 'b': B, 'bins': BINS, 'unit': UNIT, 'labels': len(tables['share'])}
    parts = [tables[k].tobytes() for k in ('ab', 'givenL', 'palette')]
    parts += [tables[k].astype('<f4').tobytes() for k in ('centres', 'share', 'left', 'upper')]
    path.write_bytes(gzip.compress(json.dumps(head).encode() + b'\n' + b''.join(parts), 9, mtime=0))


def run(args) -> None:
    """Fit on training photos, write <out>/color-baselines.gz, print bits a sample on held-out photos."""
    torch.set_num_threads(1)
    data = Path(args.data)
    tables = fit(training_photos(data, Path(args.cache)), args.count)
    write(tables, Path(args.out) / 'color-baselines.gz')
    total: dict[str, float] = {}
    for photo in read_pack(data / 'color', True):
        for k, v in bits_of(tables, photo).items():
            total[k] = total.get(k, 0) + v
    print(json.dumps({k: round(float(v / total['samples']), 4) for k, v in total.items() if k != 'samples'}))
