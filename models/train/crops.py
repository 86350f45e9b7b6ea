"""Random augmented crops drawn where the training runs: pictures lie there as bytes, a batch costs no synchronisation."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from PIL import Image


class CropPool:
    """Pictures as one buffer of bytes on a device; `batch` draws position, flip and rotation by 90° there.

    Larger pictures hold more distinct windows, so they are drawn more often; each has also `copies` at random scales of
    0.7…1 where it is large enough, made once. `shares` are weights beside the photos' own: pictures of
    `extra` together are drawn with the probability `extra_share`."""

    def __init__(
        self,
        pictures: list[np.ndarray],
        size: int,
        device: torch.device | str = 'cpu',
        seed: int = 1,
        extra: list[np.ndarray] = (),
        extra_share: float = 0.0,
        copies: int = 2,
    ):
        rng = np.random.default_rng(seed)
        photos = [p for p in pictures if min(p.shape[:2]) >= size]
        if not photos:
            raise ValueError(f'expected pictures of at least {size} px, found none')
        large = [p for p in photos if min(p.shape[:2]) > size] * copies
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            photos += list(threads.map(lambda p, share: scaled(p, size, share), large, rng.random(len(large))))
        graphics = [p for p in extra if min(p.shape[:2]) >= size]
        everything = photos + graphics
        area = [p.shape[0] * p.shape[1] / size**2 for p in everything]
        weights = torch.tensor(area)
        if graphics:
            weights[: len(photos)] *= (1 - extra_share) / weights[: len(photos)].sum()
            weights[len(photos) :] *= extra_share / weights[len(photos) :].sum()
        counts = [p.shape[0] * p.shape[1] for p in everything]
        offsets = np.concatenate(([0], np.cumsum(counts)[:-1]))
        self.size = size
        self.pixels = torch.from_numpy(np.concatenate([p.reshape(-1, 3) for p in everything])).to(device)
        self.offset = torch.from_numpy(offsets).to(device)
        self.height = torch.tensor([p.shape[0] for p in everything], device=device)
        self.width = torch.tensor([p.shape[1] for p in everything], device=device)
        self.cumulated = weights.double().cumsum(0).to(device) / weights.double().sum().to(device)

    def batch(self, n: int) -> torch.Tensor:
        """n crops as float32 [n, 3, size, size] in 0…1, channels last."""
        device, size = self.pixels.device, self.size
        pick = torch.searchsorted(self.cumulated, torch.rand(n, device=device, dtype=torch.double)).clamp(max=len(self.offset) - 1)
        top = (torch.rand(n, device=device) * (self.height[pick] - size + 1)).long()
        left = (torch.rand(n, device=device) * (self.width[pick] - size + 1)).long()
        way = torch.arange(size, device=device)
        flips = torch.rand(3, n, 1, 1, device=device) < 0.5
        rows, columns = way[None, :, None].expand(n, size, size), way[None, None, :].expand(n, size, size)
        rows, columns = torch.where(flips[0], columns, rows), torch.where(flips[0], rows, columns)
        rows = torch.where(flips[1], size - 1 - rows, rows)
        columns = torch.where(flips[2], size - 1 - columns, columns)
        at = (self.offset[pick] + top * self.width[pick] + left)[:, None, None] + rows * self.width[pick][:, None, None] + columns
        return (self.pixels[at].float() / 255).permute(0, 3, 1, 2)


def scaled(picture: np.ndarray, least: int, share: float) -> np.ndarray:
    """A copy at a scale of 0.7…1, no side below `least` px; `share` in 0…1 says where in that range."""
    h, w = picture.shape[:2]
    lowest = max(0.7, least / min(h, w))
    factor = lowest + share * (1 - lowest)
    size = (max(least, round(w * factor)), max(least, round(h * factor)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.LANCZOS))
