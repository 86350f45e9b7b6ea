"""How much more than its own distortion an error is worth to the encoder: a scan on training crops."""

from __future__ import annotations

import json
from pathlib import Path

import torch

import rda
from data import load_crops
from export import load_model
from integer import Mode
from rda.quality import lam

FACTORS = (0.8, 1.0, 1.25, 1.5, 2.0, 3.0)
FIT_POINTS = (4, 20, 36, 52)


@torch.no_grad()
def run(args) -> None:
    """Print the mean log of bpp + λ·255²·MSE for each factor at each point; the lowest is marked by its factor."""
    model = load_model(Path(args.checkpoint))
    Mode.fake = True
    crops = load_crops(Path(args.data) / 'codec')[:: args.every]
    x = torch.stack([torch.from_numpy(c[:256, :256].copy()).permute(2, 0, 1).float() / 255 for c in crops])
    for value in FIT_POINTS:
        losses = {}
        for factor in FACTORS:
            rda.ERROR_WORTH = (factor, factor)
            point = torch.full((x.shape[0],), float(value))
            out = model(x, point, fast=False, hard=True)
            bpp = (out['bits_y'] + out['bits_z']) / 65536
            mse = 255**2 * (out['picture'].clamp(0, 1) - x).square().mean((1, 2, 3))
            losses[factor] = round(torch.log(bpp + lam(point) * mse).mean().item(), 4)
        print(json.dumps({'point': value, 'best': min(losses, key=losses.get), 'losses': losses}))
