"""Photo crops for training and held-out photos for validation, read from the data packs."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image


def load_crops(codec: Path, sets: tuple[str, ...] = ('free',), exclude: set[str] = frozenset(), limit: int = 0) -> list[np.ndarray]:
    """All crops of the shards whose name starts with one of `sets`, as uint8 arrays [H, W, 3].

    `exclude` names source photos to leave out (held-out photos that also occur among the crops).
    """
    with open(codec / 'manifest.csv', newline='') as f:
        rows = {row['file']: row for row in csv.DictReader(f)}
    files: list[bytes] = []
    for shard in sorted(codec.glob('*.tar')):
        if not shard.name.startswith(sets):
            continue
        with tarfile.open(shard) as tar:
            for member in tar:
                row = rows.get(Path(member.name).name)
                if row is not None and row['source'] not in exclude:
                    files.append(tar.extractfile(member).read())
    if not files:
        raise FileNotFoundError(f'expected shards {sets} with a manifest.csv in {codec}, found none')
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(decoded, files[:limit] if limit else files))


def decoded(file: bytes) -> np.ndarray:
    """A picture file as bytes [H, W, 3]."""
    return np.asarray(Image.open(io.BytesIO(file)).convert('RGB'))


def held_out(color: Path, limit: int = 0) -> tuple[list[np.ndarray], set[str]]:
    """Held-out photos of the colour pack (split val, or id divisible by 17) and all their source names."""
    rows = json.loads((color / 'index.json').read_text())
    held = {row['id'] for row in rows if is_held_out(row)}
    sources = {row['src'] for row in rows if row['id'] in held}
    photos: list[np.ndarray] = []
    for shard in sorted(color.glob('*.tar')):
        with tarfile.open(shard) as tar:
            for member in tar:
                path = Path(member.name)
                if path.parent.name != 'images' or path.stem not in held:
                    continue
                photos.append(decoded(tar.extractfile(member).read()))
                if limit and len(photos) >= limit:
                    return photos, sources
    return photos, sources


def is_held_out(row: dict) -> bool:
    """The colour pack's rule: everything with split val, and every id divisible by 17."""
    return row['split'] == 'val' or int(row['id']) % 17 == 0


class Crops:
    """Draws random augmented crops: position, flip, rotation by 90°, sometimes a rescale by 0.7…1."""

    def __init__(self, crops: list[np.ndarray], size: int, seed: int):
        self.crops = [c for c in crops if min(c.shape[:2]) >= size]
        if not self.crops:
            raise ValueError(f'expected crops of at least {size} px, found none')
        # Larger crops hold more distinct windows, so draw them more often.
        self.weights = [c.shape[0] * c.shape[1] / 65536 for c in self.crops]
        self.size = size
        self.random = random.Random(seed)

    def batch(self, n: int) -> torch.Tensor:
        """n crops as float32 [n, 3, size, size] in 0…1."""
        picks = self.random.choices(range(len(self.crops)), self.weights, k=n)
        return torch.stack([self._crop(self.crops[i]) for i in picks])

    def _crop(self, picture: np.ndarray) -> torch.Tensor:
        r, size = self.random, self.size
        smallest = size / min(picture.shape[:2])
        window = size
        if smallest < 1 and r.random() < 0.35:
            window = round(size / r.uniform(max(0.7, smallest), 1))
        top = r.randint(0, picture.shape[0] - window)
        left = r.randint(0, picture.shape[1] - window)
        piece = picture[top : top + window, left : left + window]
        if window != size:
            piece = np.asarray(Image.fromarray(np.ascontiguousarray(piece)).resize((size, size), Image.LANCZOS))
        piece = np.rot90(piece, r.randint(0, 3))
        if r.random() < 0.5:
            piece = piece[:, ::-1]
        return torch.from_numpy(piece.copy()).permute(2, 0, 1).float() / 255
