"""The tune for MS-SSIM: own transforms and means around the frozen rows, so that both tunes share their entropy coding."""

from __future__ import annotations

import math
from pathlib import Path

import torch

from rda.model import Rda, Shape
from rda.ms_ssim import decibels, ms_ssim
from rda.quality import ms_ssim_lam
from rda.train import RdaTrainer, fit, opened
from trainer import read_pieces

SHARED = ('rows', 'hyper_mean', 'hyper_scale')


class Tuner(RdaTrainer):
    """As RdaTrainer, for R + λ·(1 − MS-SSIM), with what decodes symbols frozen."""

    def __init__(self, shape: Shape, rate: float, device: torch.device, fast: bool | None = None, muon: bool = True):
        super().__init__(shape, rate, device, fast, muon)
        self.model.tune = self.ema.tune = 'ms-ssim'
        for name, p in self.model.named_parameters():
            p.requires_grad_(not name.startswith(SHARED))

    def distortion(self, picture: torch.Tensor, x: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
        return ms_ssim_lam(point) * (1 - ms_ssim(picture, x))


def same_entropy(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    """Whether two state dicts agree in all that decodes symbols."""
    return all(torch.equal(a[name], b[name]) for name in a if name.startswith(SHARED))


@torch.no_grad()
def validate(model: Rda, x: torch.Tensor, hard: bool = True, points=(4, 20, 36, 52)) -> dict[str, float]:
    """Rate, MS-SSIM (dB) and loss with chosen symbols on photos [N, 3, 256, 256], at a few points."""
    model.eval()
    result = {}
    for p in points:
        point = torch.full((x.shape[0],), float(p), device=x.device)
        out = model(x, point, hard=hard)
        bpp = (out['bits_y'] + out['bits_z']) / (x.shape[2] * x.shape[3])
        value = ms_ssim(out['picture'].clamp(0, 1), x)
        loss = bpp + ms_ssim_lam(point) * (1 - value)
        result |= {f'bpp{p}': bpp.mean().item(), f'msssim{p}': decibels(value).mean().item(), f'loss{p}': loss.mean().item()}
    result['score'] = sum(math.log(result[f'loss{p}']) for p in points) / len(points)
    return result


def run(args) -> None:
    """Train over --minutes with a rate that falls to 0; see lavi.py for the options."""
    out, device, pool, _, photos = opened(args)
    tuner = Tuner(Shape(), args.rate, device, muon=args.optimizer == 'muon')
    if not tuner.resume(out / 'main.pt'):
        base, _, _ = read_pieces(Path(args.base), 'rda')
        tuner.model.load_state_dict(base)
        tuner.ema.load_state_dict(base)
    fit(tuner, pool, photos, args, out, validate)
