"""Pictures and small models that the codec's tests share."""

from __future__ import annotations

import numpy as np
import torch

from rda.model import Rda, Shape
from rda.nets import LATENTS
from rda.pca import block_pca

SMALL = Shape(analysis=16, analysis_blocks=1, synthesis=16, synthesis_blocks=1, fine=8, means=16)


def crops(count: int = 12, size: int = 128, seed: int = 0) -> list[np.ndarray]:
    """Smooth colour fields with edges."""
    g = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        y, x = np.mgrid[0:size, 0:size] / size
        waves = [np.sin(g.uniform(2, 25) * (x * g.normal() + y * g.normal()) + g.uniform(0, 6)) for _ in range(3)]
        picture = np.stack([0.5 + 0.2 * w + 0.2 * (waves[0] > 0.3) for w in waves], -1)
        out.append((picture.clip(0, 1) * 255).astype(np.uint8))
    return out


def batch(pictures: list[np.ndarray]) -> torch.Tensor:
    return torch.stack([torch.from_numpy(p.copy()).permute(2, 0, 1).float() / 255 for p in pictures])


def start(model: Rda, pictures: list[np.ndarray]) -> torch.Tensor:
    """Makes a model the transform codec that training starts from; the pictures as a batch."""
    x = batch(pictures)
    model.start(*block_pca(pictures, LATENTS), x)
    return x


def started(shape: Shape = SMALL) -> tuple[Rda, torch.Tensor]:
    torch.manual_seed(0)
    model = Rda(shape)
    return model, start(model, crops())
