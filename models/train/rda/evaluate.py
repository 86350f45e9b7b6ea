"""Rate by the fitted tables and PSNR of a tune on a folder of photos, at eight quality points."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from rda import hyper_prior
from rda.load import load_model
from rda.symbols import latents_of, symbols_of
from rda.tables import bits_of, costs_of

EVALUATION_POINTS = (0, 9, 18, 27, 36, 45, 54, 63)


def padded(path: Path) -> tuple[torch.Tensor, int, int]:
    """A photo as [1, 3, H, W] in 0…1, its edges repeated up to multiples of 64, and its true size."""
    x = torch.from_numpy(np.asarray(Image.open(path).convert('RGB')).copy()).permute(2, 0, 1)[None].float() / 255
    h, w = x.shape[2:]
    return F.pad(x, (0, -w % 64, 0, -h % 64), mode='replicate'), h, w


def run(args) -> None:
    """Print one JSON line: mean bpp and PSNR at each point."""
    model, _, _ = load_model(Path(args.pieces), args.tune)
    tables = torch.load(args.tables, weights_only=False)
    costs, prior = costs_of(tables['rows']), hyper_prior.HyperPrior(**tables['prior'])
    paths = sorted(p for p in Path(args.images).iterdir() if p.suffix.lower() in ('.png', '.webp', '.jpg'))
    paths = paths[: args.limit or None]
    rates, ratios = np.zeros((len(paths), len(EVALUATION_POINTS))), np.zeros((len(paths), len(EVALUATION_POINTS)))
    for i, path in enumerate(paths):
        x, h, w = padded(path)
        for j, s in enumerate(symbols_of(model, x, EVALUATION_POINTS, costs)):
            rates[i, j] = (bits_of(s, costs) + hyper_prior.bits_of(prior, s.point, s.hyper)) / (h * w)
            with torch.no_grad():
                picture = model.synthesis(latents_of(model, s), torch.tensor([s.point]))
            mse = ((picture[..., :h, :w].clamp(0, 1) * 255).round() - x[..., :h, :w] * 255).square().mean()
            ratios[i, j] = 10 * torch.log10(255**2 / mse)
    line = {'points': EVALUATION_POINTS, 'bpp': rates.mean(0).round(5).tolist(), 'psnr': ratios.mean(0).round(4).tolist()}
    print(json.dumps(line | {'photos': len(paths)}))
