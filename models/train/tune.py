"""The tune for MS-SSIM: own gains, analysis, hyper analysis and synthesis around the frozen, shared entropy nets."""

from __future__ import annotations

import json
import math
import signal
import time
from pathlib import Path

import torch

from data import Crops, load_crops
from integer import Mode
from ms_ssim import decibels, ms_ssim
from quality import ms_ssim_lam
from rda import Rda, Shape
from train import Trainer, validation_photos

SHARED = ('hyper_synthesis', 'passes', 'hyper_mean', 'hyper_scale')


class Tuner(Trainer):
    """As Trainer, for R + λ·(1 − MS-SSIM), with what decodes symbols frozen."""

    def __init__(self, shape: Shape, learning_rate: float):
        super().__init__(shape, learning_rate)
        self.model.tune = self.ema.tune = 'ms-ssim'
        for name, p in self.model.named_parameters():
            p.requires_grad_(not name.startswith(SHARED))

    def distortion(self, picture: torch.Tensor, x: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
        return ms_ssim_lam(point) * (1 - ms_ssim(picture, x))

    @classmethod
    def start(cls, base: Path, learning_rate: float) -> 'Tuner':
        """From the averaged weights of the PSNR tune."""
        state = torch.load(base, weights_only=False)
        tuner = cls(Shape(**state['shape']), learning_rate)
        tuner.model.load_state_dict(state['ema'])
        tuner.ema.load_state_dict(state['ema'])
        return tuner


def same_entropy(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    """Whether two state dicts agree in all that decodes symbols."""
    return all(torch.equal(a[name], b[name]) for name in a if name.startswith(SHARED))


@torch.no_grad()
def validate(model: Rda, photos: list[torch.Tensor], points=(4, 20, 36, 52)) -> dict[str, float]:
    """Rate, MS-SSIM (dB) and loss with chosen symbols on photos [3, 256, 256], at a few points."""
    model.eval()
    result = {}
    x = torch.stack(photos)
    for p in points:
        point = torch.full((x.shape[0],), float(p))
        out = model(x, point, hard=True)
        bpp = (out['bits_y'] + out['bits_z']) / (x.shape[2] * x.shape[3])
        value = ms_ssim(out['picture'].clamp(0, 1), x)
        result[f'bpp{p}'] = bpp.mean().item()
        result[f'msssim{p}'] = decibels(value).mean().item()
        result[f'loss{p}'] = (bpp + ms_ssim_lam(point) * (1 - value)).mean().item()
    result['score'] = sum(math.log(result[f'loss{p}']) for p in points) / len(points)
    return result


def run(args) -> None:
    """Train over --minutes with a rate that falls to 0; see lavi.py for the options."""
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    data = Path(args.data)
    photos, held = validation_photos(data / 'color', 16)
    crops = load_crops(data / 'codec', ('free',), held, args.limit)
    checkpoint = out / 'main.pt'
    torch.manual_seed(args.seed)
    tuner = Tuner.load(checkpoint, args.rate) if checkpoint.exists() else Tuner.start(Path(args.base), args.rate)
    loader = Crops(crops, args.size, args.seed + tuner.step)
    began = last_save = time.time()
    last_check, before, first = 0.0, tuner.seconds, tuner.step
    sums: dict[str, float] = {}
    count, stopped = 0, False

    def stop(*_) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)  # finish the step, save, leave
    with open(out / 'log.jsonl', 'a') as log:

        def write(line: dict) -> None:
            log.write(json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()}) + '\n')
            log.flush()

        while not stopped and (share := (time.time() - began) / (args.minutes * 60)) < 1:
            rate = args.rate * min(1, (tuner.step - first + 1) / args.warmup) * (1 - share)
            Mode.fake = share > args.float_share
            values = tuner.train_step(loader.batch(args.batch), rate, hard=Mode.fake)
            tuner.seconds = before + time.time() - began
            sums = {k: sums.get(k, 0) + v for k, v in values.items()}
            count += 1
            if tuner.step % args.log_every == 0:
                line = {'step': tuner.step, 'seconds': round(tuner.seconds), 'rate': rate, 'fake': Mode.fake} | {k: v / count for k, v in sums.items()}
                sums, count = {}, 0
                if time.time() - last_check > args.check_seconds:
                    last_check = time.time()
                    line |= validate(tuner.ema, photos)
                write(line)
            if time.time() - last_save > args.save_seconds:
                last_save = time.time()
                tuner.save(checkpoint)
        tuner.save(checkpoint)
        write({'step': tuner.step, 'seconds': round(tuner.seconds), 'end': True} | validate(tuner.ema, photos))
