"""Modelled rate and PSNR of a checkpoint on a folder of photos, at eight quality points."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from export import load_model
from integer import Mode

EVALUATION_POINTS = (0, 9, 18, 27, 36, 45, 54, 63)


def padded(path: Path) -> tuple[torch.Tensor, int, int]:
    """A photo as [1, 3, H, W] in 0…1, its edges repeated up to multiples of 64, and its true size."""
    x = torch.from_numpy(np.asarray(Image.open(path).convert('RGB')).copy()).permute(2, 0, 1)[None].float() / 255
    h, w = x.shape[2:]
    return F.pad(x, (0, -w % 64, 0, -h % 64), mode='replicate'), h, w


def run(args) -> None:
    """Print one JSON line: mean bpp and PSNR at each point."""
    model = load_model(Path(args.checkpoint))
    Mode.fake = not args.float
    paths = sorted(p for p in Path(args.images).iterdir() if p.suffix.lower() in ('.png', '.webp', '.jpg'))
    paths = paths[: args.limit or None]
    bpp, psnr = [], []
    for value in EVALUATION_POINTS:
        rates, ratios = [], []
        for path in paths:
            x, h, w = padded(path)
            with torch.no_grad():
                out = model(x, torch.tensor([float(value)]), fast=False, hard=not args.plain)
            picture = (out['picture'][..., :h, :w].clamp(0, 1) * 255).round()
            mse = (picture - x[..., :h, :w] * 255).square().mean()
            rates.append(float(out['bits_y'] + out['bits_z']) / (h * w))
            ratios.append(float(10 * torch.log10(255**2 / mse)))
        bpp.append(round(sum(rates) / len(rates), 5))
        psnr.append(round(sum(ratios) / len(ratios), 4))
    print(json.dumps({'points': EVALUATION_POINTS, 'bpp': bpp, 'psnr': psnr, 'photos': len(paths), 'integer': Mode.fake}))
