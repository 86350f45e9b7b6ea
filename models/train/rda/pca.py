"""PCA of 16×16×3 blocks of the training crops: the transform codec that training starts from."""

from __future__ import annotations

import numpy as np
import torch


def block_pca(crops: list[np.ndarray], keep: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(basis [keep, 768] with orthonormal rows, mean [768] of x − ½, standard deviations [keep]); layout c·256 + row·16 + column."""
    total = torch.zeros(768, 768, dtype=torch.float64)
    first = torch.zeros(768, dtype=torch.float64)
    count = 0
    for crop in crops:
        h, w = crop.shape[0] // 16, crop.shape[1] // 16
        x = torch.from_numpy(crop[: h * 16, : w * 16].copy()).float() / 255 - 0.5
        blocks = x.reshape(h, 16, w, 16, 3).permute(0, 2, 4, 1, 3).reshape(-1, 768)
        total += (blocks.t() @ blocks).double()
        first += blocks.sum(0).double()
        count += blocks.shape[0]
    mean = first / count
    values, vectors = torch.linalg.eigh(total / count - mean[:, None] * mean[None])
    order = torch.argsort(values, descending=True)[:keep]
    return vectors[:, order].t().float().contiguous(), mean.float(), values[order].clamp(min=0).sqrt().float()
