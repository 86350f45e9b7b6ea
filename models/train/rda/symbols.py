"""The symbols that the app writes of pictures, as arrays: what tables are fitted to and measured on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch

from rda.model import Rda, cheapest, round_half_up
from rda.nets import HYPER_CLIP, checkerboard
from rda.quality import scale_of


@dataclass
class Symbols:
    """Of one picture at one point: hyper-latents [96, h/4, w/4], residuals and rows [256, h, w]."""

    point: float
    hyper: np.ndarray
    residual: np.ndarray
    rows: np.ndarray


def crop_to_blocks(picture: np.ndarray) -> torch.Tensor:
    """Bytes [H, W, 3] → [1, 3, h, w] in 0…1, cut to multiples of 64."""
    h, w = picture.shape[0] // 64 * 64, picture.shape[1] // 64 * 64
    return torch.from_numpy(picture[:h, :w].copy()).permute(2, 0, 1).float()[None] / 255


@torch.no_grad()
def symbols_of(model: Rda, x: torch.Tensor, points: Iterable[float], costs: torch.Tensor | None = None, fast: bool = False) -> list[Symbols]:
    """One picture [1, 3, h, w] at several points. `costs` [2, 64, 256]: bits of |symbol| by checkerboard half and row, for
    the choice between neighbours; None: the Gaussian's. `model` holds frozen rows; `fast` runs the analysis in bf16."""
    with torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=fast):
        y = model.analysis(x)
    found = []
    for value in points:
        point = torch.tensor([float(value)])
        gain = model.gain(point).exp()[:, :, None, None]
        steps = y * gain
        z = round_half_up(model.hyper_analysis(steps)).clamp(-HYPER_CLIP, HYPER_CLIP)
        rows = round_half_up(model.rows(z, point))
        weights = model.error_weights(point, gain)
        odd = checkerboard(*steps.shape[2:])
        features = model.means.features(z, point)
        q, mean = choose(steps, model.means.of_even(features), rows, weights, None if costs is None else costs[0])
        even = q * (1 - odd), (q + mean) * (1 - odd)
        q, _ = choose(steps, model.means.of_odd(features, even[1]), rows, weights, None if costs is None else costs[1])
        residual = even[0] + q * odd
        found.append(Symbols(float(value), z[0].numpy().astype(np.int16), residual[0].numpy().astype(np.int32), rows[0].numpy().astype(np.uint8)))
    return found


def choose(
    steps: torch.Tensor, mean: torch.Tensor, rows: torch.Tensor, weights: torch.Tensor, cost: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """(symbols, means): each symbol the cheaper of the nearest whole number and the next one towards 0; 0 in row 0."""
    residual = steps - mean
    if cost is None:
        q = cheapest(residual, scale_of(rows), weights)
    else:
        near = torch.floor(residual + 0.5)
        inner = near - near.sign()
        at = rows.long() * cost.shape[1]
        last = cost.shape[1] - 1
        flat = cost.flatten()
        saved = flat[at + near.abs().long().clamp(max=last)] - flat[at + inner.abs().long().clamp(max=last)]
        worse = (residual - inner) ** 2 - (residual - near) ** 2
        q = torch.where((near != 0) & (saved > weights * worse), inner, near)
    return torch.where(rows < 0.5, 0, q), mean


@torch.no_grad()
def latents_of(model: Rda, symbols: Symbols) -> torch.Tensor:
    """What a picture's symbols decode to: latents [1, 256, h, w], gain removed."""
    point = torch.tensor([symbols.point])
    features = model.means.features(torch.from_numpy(symbols.hyper).float()[None], point)
    q = torch.from_numpy(symbols.residual).float()[None]
    odd = checkerboard(*q.shape[2:])
    seen = (q + model.means.of_even(features)) * (1 - odd)
    return (seen + (q + model.means.of_odd(features, seen)) * odd) / model.gain(point).exp()[:, :, None, None]
