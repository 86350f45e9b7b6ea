"""Training of the photo codec: from the PCA transform codec, by the clock, the last part on the symbols that are written."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from crops import CropPool
from data import held_out, load_crops
from graphics import graphics
from optim import is_matrix
from rda.model import Rda, Shape
from rda.pca import block_pca
from rda.quality import POINTS, lam
from rda.weights import load_weights
from trainer import Log, Trainer, choose_device, device_name, share_of_clock, stopping

BINS = 16


class RdaTrainer(Trainer):
    """The running mean loss of each stretch of the quality axis makes relative gains count alike everywhere."""

    def __init__(self, shape: Shape, rate: float, device: torch.device, fast: bool | None = None, muon: bool = True):
        self.muon = muon
        self.hard = False
        super().__init__(Rda(shape), rate, device, fast)
        self.running = torch.zeros(BINS, device=device)

    def groups(self) -> tuple[list[dict], list[dict]]:
        """Learning rates by what a parameter measures: the PCA shortcuts move a tenth as fast, curves in units of scale
        indices or whole hyper-latents (which span dozens) 30 times, log gains 3 times; no weight decay on any of them."""
        kinds: dict[float, list] = {0.1: [], 30.0: [], 3.0: [], 1.0: []}
        decayed, matrices = [], []
        for name, p in self.model.named_parameters():
            if 'shortcut' in name:
                kinds[0.1].append(p)
            elif name.endswith('start.table') or name in ('hyper_mean.table', 'hyper_scale.table'):
                kinds[30.0].append(p)
            elif name == 'gain.table':
                kinds[3.0].append(p)
            elif p.ndim < 2 or name.endswith('table'):
                kinds[1.0].append(p)
            elif self.muon and is_matrix(p) and not name.startswith('rows'):
                matrices.append(p)
            else:
                decayed.append(p)
        plain = [{'params': ps, 'factor': factor, 'weight_decay': 0.0} for factor, ps in kinds.items()]
        return [*plain, {'params': decayed, 'factor': 1.0}], [{'params': matrices, 'factor': 1.0}]

    def harden(self) -> None:
        """From here on what decodes (rows, means, synthesis) learns on the symbols that the app writes; the analysis rests."""
        self.hard = True
        for p in (*self.model.analysis.parameters(), self.model.gain.table):
            p.requires_grad_(False)

    def distortion(self, picture: torch.Tensor, x: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
        """λ·distortion [N], in bits per pixel."""
        return lam(point) * 255**2 * (picture - x).square().mean((1, 2, 3))

    def loss(self, x: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """A quality point is drawn for each photo, one in each of N equal stretches."""
        n = x.shape[0]
        point = (torch.arange(n, device=x.device) + torch.rand(n, device=x.device)) / n * (POINTS - 1)
        point = torch.round(point * 16) / 16
        out = self.model(x, point, fast=self.fast, hard=self.hard)
        rate = (out['bits_y'] + out['bits_z']) / (x.shape[2] * x.shape[3])
        loss = rate + self.distortion(out['picture'], x, point)
        weighted = (loss / self.normal(point, loss.detach())).mean()
        mse = 255**2 * (out['picture'].detach() - x).square().mean()
        return weighted, {'loss': weighted, 'bpp': rate.mean(), 'bpp_z': out['bits_z'].mean() / (x.shape[2] * x.shape[3]), 'mse': mse}

    @torch.no_grad()
    def normal(self, point: torch.Tensor, loss: torch.Tensor) -> torch.Tensor:
        """The running mean loss at each sample's stretch."""
        at = (point / POINTS * BINS).long()
        old = self.running[at]
        new = torch.where(old == 0, loss, old * 0.99 + loss * 0.01)
        self.running[at] = torch.where(loss.isfinite(), new, old)
        return self.running[at].clone()

    def state(self) -> dict:
        return super().state() | {'shape': asdict(self.model.shape), 'running': self.running}

    def restore(self, state: dict) -> None:
        super().restore(state)
        self.running.copy_(state['running'])


@torch.no_grad()
def validate(model: Rda, x: torch.Tensor, hard: bool = False, points=(4, 20, 36, 52)) -> dict[str, float]:
    """Rate, PSNR and loss of the quantised model on photos [N, 3, 256, 256], at a few points."""
    model.eval()
    result = {}
    for p in points:
        point = torch.full((x.shape[0],), float(p), device=x.device)
        out = model(x, point, hard=hard)
        bpp = (out['bits_y'] + out['bits_z']) / (x.shape[2] * x.shape[3])
        mse = 255**2 * (out['picture'].clamp(0, 1) - x).square().mean((1, 2, 3))
        loss = bpp + lam(point) * mse
        result |= {
            f'bpp{p}': bpp.mean().item(), f'psnr{p}': (10 * torch.log10(255**2 / mse)).mean().item(), f'loss{p}': loss.mean().item(),
        }  # fmt: skip
    result['score'] = sum(math.log(result[f'loss{p}']) for p in points) / len(points)
    return result


def validation_photos(color: Path, count: int) -> tuple[torch.Tensor, set[str]]:
    """Held-out crops [N, 3, 256, 256] in 0…1, and the names of all held-out sources."""
    photos, sources = held_out(color)
    chosen = photos[:: max(1, len(photos) // count)][:count]
    squares = []
    for p in chosen:
        top, left = (p.shape[0] - 256) // 2, (p.shape[1] - 256) // 2
        if min(p.shape[:2]) >= 256:
            squares.append(torch.from_numpy(p[top : top + 256, left : left + 256].copy()).permute(2, 0, 1).float() / 255)
    return torch.stack(squares), sources


def rate_at(share: float, decay: float) -> float:
    """The learning rate's factor: 1, then a straight fall to 0 over the last `decay` of the time."""
    return min(1.0, max(0.0, (1 - share) / decay)) if decay > 0 else 1.0


def opened(args) -> tuple[Path, torch.device, CropPool, list[np.ndarray], torch.Tensor]:
    """What both tunes' runs begin with: (folder of checkpoints, device, where batches are drawn, the crops themselves, held-out
    photos [N, 3, 256, 256] on the device)."""
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = choose_device(args.device)
    data = Path(args.data)
    photos, held = validation_photos(data / 'color', 24)
    crops = load_crops(data / 'codec', tuple(args.sets.split(',')), held, args.limit)
    pool = CropPool(crops, args.size, device, args.seed, graphics(args.graphics), args.graphics_share)
    return out, device, pool, crops, photos.to(device)


def run(args) -> None:
    """Train until the clock says stop; see lavi.py for the options."""
    out, device, pool, crops, photos = opened(args)
    trainer = RdaTrainer(Shape(), args.rate, device, muon=args.optimizer == 'muon')
    if not trainer.resume(out / 'main.pt'):
        if args.init and (Path(args.init) / 'manifest.json').exists():
            trainer.model.start(*block_pca(crops[::4], 256), pool.batch(32))
            trainer.step, trainer.seconds = load_weights(trainer.model, Path(args.init))
            trainer.ema.load_state_dict(trainer.model.state_dict())
        elif args.init:
            trainer.load_pieces(Path(args.init), 'rda')
        else:
            trainer.model.start(*block_pca(crops[::4], 256), pool.batch(32))
            trainer.ema.load_state_dict(trainer.model.state_dict())
    fit(trainer, pool, photos, args, out, validate)


def fit(trainer: RdaTrainer, pool: CropPool, photos: torch.Tensor, args, out: Path, check: Callable[..., dict[str, float]]) -> None:
    """Warm-up, constant rate, decay to 0 at the end of the minutes; the last part on the symbols that are written."""
    torch.manual_seed(args.seed + trainer.step)
    share, before, first = share_of_clock(args.minutes), trainer.seconds, trainer.step
    log = Log(out / 'log.jsonl')
    trainer.set_rate(args.rate / args.warmup)
    way = trainer.prepare(pool.batch(args.batch))
    parameters = sum(p.numel() for p in trainer.model.parameters())
    log.write({'run': way, 'bf16': trainer.fast, 'device': device_name(trainer.device), 'parameters': parameters, 'batch': args.batch, 'step': first})
    last_save = last_check = last_log = time.monotonic()

    def save() -> None:
        trainer.save(out / 'main.pt')
        if args.pieces:
            trainer.save_pieces(Path(args.pieces), 'rda')

    with stopping() as asked:
        while (now := share()) < 1 and not asked():
            if now > args.hard_from and not trainer.hard:
                trainer.harden()
                trainer.prepare(pool.batch(args.batch))
                log.write({'step': trainer.step, 'hard': True} | check(trainer.ema, photos, hard=True))
            rate = args.rate * min(1, (trainer.step - first + 1) / args.warmup) * rate_at(now, args.decay)
            trainer.set_rate(rate)
            trainer.train_step(pool.batch(args.batch))
            if trainer.step % args.log_every == 0:
                means = trainer.means()
                trainer.seconds = before + share() * args.minutes * 60
                elapsed, last_log = time.monotonic() - last_log, time.monotonic()
                line = {'step': trainer.step, 'seconds': round(trainer.seconds), 'rate': rate, 'ms': 1000 * elapsed / args.log_every} | means
                if time.monotonic() - last_check > args.check_seconds:
                    line |= check(trainer.ema, photos, hard=trainer.hard)
                    last_check = last_log = time.monotonic()
                log.write(line)
            if time.monotonic() - last_save > args.save_seconds:
                save()
                last_save = last_log = time.monotonic()
    trainer.seconds = before + share() * args.minutes * 60
    save()
    log.write({'step': trainer.step, 'seconds': round(trainer.seconds), 'steps': trainer.step - first, 'end': True} | check(trainer.ema, photos, hard=True))
