"""Training with resumable checkpoints, a running log, and a decayed, fake-quantised branch for export."""

from __future__ import annotations

import copy
import json
import math
import random
import signal
import time
from dataclasses import asdict
from pathlib import Path

import torch

from data import Crops, held_out, load_crops
from integer import Mode
from pca import block_pca
from quality import POINTS, lam
from rda import Rda, Shape

BINS = 16


class Trainer:
    """Model, EMA, optimiser, RNG and the running mean loss of each stretch of the quality axis."""

    def __init__(self, shape: Shape, learning_rate: float):
        self.model = Rda(shape).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(groups(self.model), lr=learning_rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.ema = copy.deepcopy(self.model).eval()
        self.running = torch.zeros(BINS)
        self.step = 0
        self.seconds = 0.0  # of training, over all runs

    def train_step(self, x: torch.Tensor, learning_rate: float, hard: bool = False) -> dict[str, float]:
        """One step on photos [N, 3, H, W]; a quality point is drawn for each, one in each of N equal stretches.

        `hard` trains what decodes (entropy nets, synthesis) on the symbols that the app writes; the analysis rests."""
        n = x.shape[0]
        point = (torch.arange(n) + torch.rand(n)) / n * (POINTS - 1)
        point = torch.round(point * 16) / 16
        self.model.train()
        for p in (*self.model.analysis.parameters(), self.model.gain.table):
            p.requires_grad_(not hard)
        out = self.model(x.contiguous(memory_format=torch.channels_last), point, hard=hard)
        pixels = x.shape[2] * x.shape[3]
        rate = (out['bits_y'] + out['bits_z']) / pixels
        mse = 255**2 * (out['picture'] - x).square().mean((1, 2, 3))
        loss = rate + self.distortion(out['picture'], x, point)
        weighted = (loss / self.normal(point, loss.detach())).mean()
        for group in self.optimizer.param_groups:
            group['lr'] = learning_rate * group['factor']
        self.optimizer.zero_grad(set_to_none=True)
        weighted.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimizer.step()
            self.update_ema()
        self.step += 1
        return {'loss': weighted.item(), 'bpp': rate.mean().item(), 'mse': mse.mean().item(), 'norm': norm.item()}

    def distortion(self, picture: torch.Tensor, x: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
        """λ·distortion [N], in bits per pixel."""
        return lam(point) * 255**2 * (picture - x).square().mean((1, 2, 3))

    def normal(self, point: torch.Tensor, loss: torch.Tensor) -> torch.Tensor:
        """The running mean loss at each sample's stretch, so that relative gains count equally everywhere."""
        bin_of = (point / POINTS * BINS).long()
        for i, value in zip(bin_of.tolist(), loss.tolist()):
            if math.isfinite(value):
                old = self.running[i].item()
                self.running[i] = value if old == 0 else old * 0.99 + value * 0.01
        return self.running[bin_of]

    @torch.no_grad()
    def update_ema(self) -> None:
        decay = min(0.999, 1 - 1 / (self.step + 2))
        for ours, theirs in zip(self.ema.parameters(), self.model.parameters()):
            ours.lerp_(theirs, 1 - decay)

    def save(self, path: Path) -> None:
        """Write everything needed to go on, to a temporary file first."""
        state = {
            'shape': asdict(self.model.shape), 'model': self.model.state_dict(), 'ema': self.ema.state_dict(),
            'optimizer': self.optimizer.state_dict(), 'running': self.running, 'step': self.step, 'seconds': self.seconds,
            'rng': torch.get_rng_state(), 'python_rng': random.getstate(),
        }
        temporary = path.with_suffix('.tmp')
        torch.save(state, temporary)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path, learning_rate: float) -> 'Trainer':
        state = torch.load(path, weights_only=False)
        trainer = cls(Shape(**state['shape']), learning_rate)
        trainer.model.load_state_dict(state['model'])
        trainer.ema.load_state_dict(state['ema'])
        if 'optimizer' in state:
            trainer.optimizer.load_state_dict(state['optimizer'])
        trainer.running, trainer.step, trainer.seconds = state['running'], state['step'], state['seconds']
        torch.set_rng_state(state['rng'])
        return trainer


def groups(model: Rda) -> list[dict]:
    """Learning rates by what a parameter measures: the PCA shortcuts move a tenth as fast, curves in units of scale
    indices or whole hyper-latents (which span dozens) 30 times, log gains 3 times; no weight decay on any of them."""
    kinds: dict[float, list] = {0.1: [], 30.0: [], 3.0: [], 1.0: []}
    decayed = []
    for name, p in model.named_parameters():
        if 'shortcut' in name:
            kinds[0.1].append(p)
        elif name.endswith('start.table') or name in ('hyper_mean.table', 'hyper_scale.table'):
            kinds[30.0].append(p)
        elif name == 'gain.table':
            kinds[3.0].append(p)
        elif p.ndim < 2 or name.endswith('table'):
            kinds[1.0].append(p)
        else:
            decayed.append(p)
    plain = [{'params': ps, 'factor': factor, 'weight_decay': 0.0} for factor, ps in kinds.items()]
    return [*plain, {'params': decayed, 'factor': 1.0}]


@torch.no_grad()
def validate(model: Rda, photos: list[torch.Tensor], hard: bool = False, points=(4, 20, 36, 52)) -> dict[str, float]:
    """Rate, PSNR and loss of the hard-quantised model on photos [3, 256, 256], at a few points."""
    model.eval()
    result = {}
    x = torch.stack(photos)
    for p in points:
        point = torch.full((x.shape[0],), float(p))
        out = model(x, point, hard=hard)
        bpp = (out['bits_y'] + out['bits_z']) / (x.shape[2] * x.shape[3])
        mse = 255**2 * (out['picture'].clamp(0, 1) - x).square().mean((1, 2, 3))
        loss = bpp + lam(point) * mse
        result[f'bpp{p}'] = bpp.mean().item()
        result[f'psnr{p}'] = (10 * torch.log10(255**2 / mse)).mean().item()
        result[f'loss{p}'] = loss.mean().item()
    result['score'] = sum(math.log(result[f'loss{p}']) for p in points) / len(points)
    return result


def validation_photos(color: Path, count: int) -> tuple[list[torch.Tensor], set[str]]:
    photos, sources = held_out(color)
    chosen = photos[:: max(1, len(photos) // count)][:count]
    squares = []
    for p in chosen:
        top, left = (p.shape[0] - 256) // 2, (p.shape[1] - 256) // 2
        if min(p.shape[:2]) >= 256:
            squares.append(torch.from_numpy(p[top : top + 256, left : left + 256].copy()).permute(2, 0, 1).float() / 255)
    return squares, sources


def run(args) -> None:
    """Train until the clock says stop; see lavi.py for the options."""
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    data = Path(args.data)
    photos, held = validation_photos(data / 'color', 24)
    crops = load_crops(data / 'codec', tuple(args.sets.split(',')), held, args.limit)
    checkpoint = out / ('branch.pt' if args.finish else 'main.pt')
    main = out / 'main.pt'
    # A branch older than the main run is of an earlier export: a new one leaves from main.
    stale = args.finish and checkpoint.exists() and main.exists() and checkpoint.stat().st_mtime < main.stat().st_mtime
    source = checkpoint if checkpoint.exists() and not stale else main
    if args.init:
        from weights import load_weights

        trainer = Trainer(Shape(), args.rate)
        trainer.step, trainer.seconds = load_weights(trainer.model, Path(args.init))
        trainer.ema.load_state_dict(trainer.model.state_dict())
    elif source.exists():
        trainer = Trainer.load(source, args.rate)
    else:
        torch.manual_seed(args.seed)
        trainer = Trainer(Shape(), args.rate)
        trainer.model.start(*block_pca(crops, 256), Crops(crops, args.size, args.seed).batch(32))
        trainer.ema.load_state_dict(trainer.model.state_dict())
    loader = Crops(crops, args.size, args.seed + trainer.step)
    began, last_save, last_check = time.time(), time.time(), 0.0
    before = trainer.seconds
    cold = -args.warmup if trainer.optimizer.state else trainer.step  # an optimiser without moments is warmed up
    limit = args.minutes * 60
    log = open(out / 'log.jsonl', 'a')
    sums: dict[str, float] = {}
    count = 0
    stopped = False

    def stop(*_) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)  # finish the step, save, leave
    while True:
        elapsed = time.time() - began
        if elapsed > limit or stopped:
            break
        share = elapsed / limit
        rate = args.rate * min(1, (trainer.step - cold + 1) / args.warmup)
        if args.finish:
            rate = args.rate * max(0.0, 1 - share)
            Mode.fake = share > args.float_share
        values = trainer.train_step(loader.batch(args.batch), rate, hard=Mode.fake)
        trainer.seconds = before + time.time() - began
        for k, v in values.items():
            sums[k] = sums.get(k, 0) + v
        count += 1
        if trainer.step % args.log_every == 0:
            line = {'step': trainer.step, 'seconds': round(trainer.seconds), 'rate': rate, 'fake': Mode.fake} | {k: v / count for k, v in sums.items()}
            sums, count = {}, 0
            if time.time() - last_check > args.check_seconds:
                last_check = time.time()
                line |= validate(trainer.ema, photos, hard=Mode.fake)
            log.write(json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()}) + '\n')
            log.flush()
        if time.time() - last_save > args.save_seconds:
            last_save = time.time()
            trainer.save(checkpoint)
    trainer.save(checkpoint)
    log.write(json.dumps({'step': trainer.step, 'seconds': round(trainer.seconds), 'end': True} | validate(trainer.ema, photos, hard=Mode.fake)) + '\n')
