"""EM training of the colorizer: exact over a factorised prior at first, then hard with the masked prior and the mixture."""

from __future__ import annotations

import copy
import json
import math
import re
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from color.decoder import cells
from color.model import Colorizer, explain, flat, one_hot
from color.nets import Shape
from color.order import GROUPS, random_groups
from color.palette import BONUS, SAMPLES, Palette, cell_moments, class_palette, fit
from color.photos import Batch, Loader, framed, read_pack, stack, training_photos
from color.weights import load_colorizer

CHANCES = torch.tensor([0.12, 0.08, 0.1, 0.1, 0.1, 0.1, 0.12, 0.13, 0.15])  # how often training reveals the groups before each


def first_palette(kind: str, count: int, loader: Loader) -> Palette:
    """Labels to start from: both (class × mode), free (no classes), classes (one mode each) or one."""
    parts = [loader.batch(16) for _ in range(64)]
    moments = torch.cat([cell_moments(b.chroma)[b.inside.reshape(-1) > 0] for b in parts]).numpy().astype(float)[::3]
    classes = torch.cat([b.classes.reshape(-1)[b.inside.reshape(-1) > 0] for b in parts]).numpy()[::3]
    if kind == 'both':
        return class_palette(moments, classes, count, count // 3, 1)
    if kind == 'classes':
        kept = [c for c in np.unique(classes) if c and (classes == c).sum() >= 150]
        groups = [moments[~np.isin(classes, kept)], *(moments[classes == c] for c in kept)]
        parts = [fit(m, 1, 1) for m in groups]
        weight = np.array([len(m) for m in groups], float)
        return Palette(np.concatenate([p.mean for p in parts]), np.concatenate([p.covariance for p in parts]), weight / weight.sum(), np.array([0, *kept]))
    return fit(moments, 1 if kind == 'one' else count, 1)


class Trainer:
    """Model, EMA and optimiser. `kind` as in first_palette; `count` labels where it leaves the choice."""

    def __init__(self, shape: Shape, rate: float, kind: str, encoder: str | None = None):
        self.kind, self.encoder = kind, encoder
        self.model = Colorizer(shape).to(memory_format=torch.channels_last)
        if encoder:
            self.model.backbone.encoder.freeze()
        self.optimizer = torch.optim.AdamW(groups(self.model), lr=rate, betas=(0.9, 0.98), weight_decay=0.05)
        self.ema = copy.deepcopy(self.model).eval()
        self.step = 0
        self.before = (0, 0.0)  # steps and seconds of the run whose export this one began with
        self.seconds = 0.0  # of training, over all runs

    def train_step(self, batch: Batch, rate: float, hard: bool) -> dict[str, float]:
        self.model.train()
        loss, values = self.loss(batch, hard)
        for group in self.optimizer.param_groups:
            group['lr'] = rate * group['factor']
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimizer.step()
        self.update_ema()
        self.step += 1
        return values | {'loss': loss.item(), 'norm': norm.item()}

    def loss(self, batch: Batch, hard: bool) -> tuple[torch.Tensor, dict[str, float]]:
        """Nats a chroma sample, labels counted more than their share: they decide how samples look."""
        m = self.model
        with torch.autocast('cpu', torch.bfloat16):
            f, logits, trunk, affinity = m.backbone(batch.luma.contiguous(memory_format=torch.channels_last), batch.inside)
        inside = batch.inside[:, 0] > 0
        keep = inside.reshape(-1)
        pick = keep.nonzero()[:, 0]
        pick = pick[torch.randperm(len(pick))[: len(pick) // 3]]  # a third of the cells teach the decoder enough
        t, q, y = cells(trunk.float()), cells(affinity.float()), cells(batch.chroma)
        if m.shape.labels == 1:
            loss = -m.decoder.log_likelihood(t, q, torch.zeros(inside.shape, dtype=torch.long), inside, y, pick).mean()
            return loss, {'colour': loss.item() / 0.6931472}
        log_prior = flat(logits.float()).log_softmax(1)
        classes = batch.classes.reshape(-1)
        bonus = None if self.kind == 'free' else self.bonus(classes)
        moments = cell_moments(batch.chroma)
        with torch.no_grad():
            near = m.shortlist(log_prior, moments, bonus)
        if not hard:
            score = m.posterior(t[pick], y[pick], log_prior[pick], near[pick], None if bonus is None else bonus[pick])
            z = near[pick].gather(1, score.argmax(1, keepdim=True))[:, 0]
            m.observe(z, moments[pick], 0.998)
            loss = -score.logsumexp(1).mean() / SAMPLES
            return loss, {'colour': loss.item() / 0.6931472}
        with torch.no_grad():
            z = m.label_cells(t, y, log_prior, near, bonus, inside.shape).view(-1)
        m.observe(z[keep], moments[keep], 0.998)
        colour = -m.decoder.log_likelihood(t, q, z.view(inside.shape), inside, y, pick).mean()
        head = F.nll_loss(log_prior[keep], z[keep])
        known, weight = reveal(inside)
        with torch.autocast('cpu', torch.bfloat16):
            guess = m.prior(f, logits, one_hot(z.view(inside.shape), m.shape.labels, known).contiguous(memory_format=torch.channels_last))
        ce = F.cross_entropy(guess.float(), z.view(inside.shape), reduction='none')
        prior = (ce * weight).sum() / weight.sum()
        named = self.named(log_prior, classes) / keep.sum()
        values = {'colour': colour.item() / 0.6931472, 'head': head.item(), 'prior': prior.item(), 'named': named.item()}
        return colour + 0.3 * (head + prior + named), values

    def named(self, log_prior: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """−log P, summed over cells of known class, that the label is one of that class's: without it labels drift from
        their classes, whose favour in the E step is small beside what 16 samples say."""
        own = (classes[:, None] == self.model.classes[None]) & (classes > 0)[:, None]
        rows = own.any(1) if self.kind != 'free' else torch.zeros_like(classes, dtype=torch.bool)
        return -log_prior[rows].masked_fill(~own[rows], -1e4).logsumexp(1).sum()

    def bonus(self, classes: torch.Tensor) -> torch.Tensor:
        """A cell's class favours its own labels [n, K]: strictly where there is one label a class."""
        own = (classes[:, None] == self.model.classes[None]) & (classes > 0)[:, None]
        if self.kind != 'classes':
            return BONUS * own.float()
        return torch.where((own.any(1)[:, None] & ~own), -1e4, 0.0)

    @torch.no_grad()
    def update_ema(self) -> None:
        decay = min(0.998, 1 - 1 / (self.step + 2))
        for ours, theirs in zip(self.ema.parameters(), self.model.parameters()):
            ours.lerp_(theirs, 1 - decay)
        for ours, theirs in zip(self.ema.buffers(), self.model.buffers()):
            if ours.is_floating_point() and ours.ndim == 1:
                ours.lerp_(theirs, 1 - decay)
            else:
                ours.copy_(theirs)

    def save(self, path: Path) -> None:
        state = {
            'shape': asdict(self.model.shape), 'kind': self.kind, 'model': self.model.state_dict(), 'ema': self.ema.state_dict(),
            'optimizer': self.optimizer.state_dict(), 'step': self.step, 'before': self.before, 'seconds': self.seconds, 'encoder': self.encoder, 'rng': torch.get_rng_state(),
        }
        temporary = path.with_suffix('.tmp')
        torch.save(state, temporary)
        temporary.replace(path)

    @staticmethod
    def of_export(folder: Path, rate: float, kind: str, loader: Loader) -> 'Trainer':
        """Starts from exported weights, at step 0 of a plan of its own, in hard EM."""
        model, steps, seconds = load_colorizer(folder, [loader.batch(16) for _ in range(12)])
        trainer = Trainer(model.shape, rate, kind, str(folder))
        trainer.model.load_state_dict(model.state_dict())
        trainer.ema.load_state_dict(model.state_dict())
        trainer.before = steps, seconds
        return trainer

    @staticmethod
    def load(path: Path, rate: float) -> 'Trainer':
        state = torch.load(path, weights_only=False)
        trainer = Trainer(Shape(**state['shape']), rate, state['kind'], state['encoder'])
        trainer.model.load_state_dict(state['model'])
        trainer.ema.load_state_dict(state['ema'])
        trainer.optimizer.load_state_dict(state['optimizer'])
        trainer.step, trainer.before, trainer.seconds = state['step'], state['before'], state['seconds']
        torch.set_rng_state(state['rng'])
        return trainer


def planned(step: int, share: float, warmup: int) -> float:
    """The rate's factor after this share of the plan: up over `warmup` steps, then to 0 along a cosine."""
    return min(1, (step + 1) / warmup) * 0.5 * (1 + math.cos(math.pi * share))


@dataclass(frozen=True)
class Crops:
    """Crops of `side` px, `batch` at a time, up to this share of the plan."""

    side: int
    batch: int
    until: float


def crops(text: str) -> list[Crops]:
    """Parses "128x16:0.3,256x6:1"; the last share is 1."""
    found = [re.fullmatch(r'(\d+)x(\d+):([\d.]+)', part) for part in text.split(',')]
    if not all(found) or any(int(m[1]) % 32 for m in found) or float(found[-1][3]) != 1:
        raise ValueError(f'--crops: expected sides (multiples of 32) such as 128x16:0.3,256x6:1, received {text}')
    return [Crops(int(m[1]), int(m[2]), float(m[3])) for m in found]


def groups(model: Colorizer) -> list[dict]:
    """No weight decay on biases and tables; tables of log probabilities move ten times as fast as weights, what the
    encoder knows already a quarter as fast."""
    kinds: dict[str, list] = {'near': [], 'plain': [], 'decayed': [], 'encoder': []}
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        plain = 'plain' if p.ndim < 2 or name.startswith('decoder') else 'decayed'
        kinds['near' if '.near.' in name else 'encoder' if '.encoder.' in name else plain].append(p)
    return [
        {'params': kinds['near'], 'weight_decay': 0.0, 'factor': 10.0},
        {'params': kinds['plain'], 'weight_decay': 0.0, 'factor': 1.0},
        {'params': kinds['decayed'], 'factor': 1.0},
        {'params': kinds['encoder'], 'factor': 0.25},
    ]


def reveal(inside: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Which labels the prior sees and how much each guess counts [N, h, w]: the groups before a random one, or, for one
    crop in four, cells anywhere (as a person sets them)."""
    n, size, _ = inside.shape
    groups = random_groups(n, size)
    at = torch.multinomial(CHANCES, n, True)[:, None, None]
    anywhere = torch.rand(inside.shape) < torch.rand(n, 1, 1) ** 3
    chosen = torch.rand(n, 1, 1) < 0.25
    known = torch.where(chosen, anywhere, groups < at) & inside
    weight = torch.where((groups == at) | chosen, 1.0, 0.2) * (inside & ~known)
    # The few cells of the coarse groups decide as much about the picture as the many of the last.
    return known, weight / weight.sum((1, 2), keepdim=True).clamp_min(1).sqrt()


@torch.no_grad()
def validate(model: Colorizer, batches: list[Batch]) -> dict[str, float]:
    """Bits a chroma sample on held-out photos, and how often the head names a cell's class."""
    model.eval()
    total = {'labels': 0.0, 'colour': 0.0, 'samples': 0.0}
    right = seen = 0
    for batch in batches:
        out = explain(model, batch)
        for k in total:
            total[k] += out[k].sum().item()
        mask = batch.classes > 0
        if model.classes.any() and mask.any():
            p = out['logits'].softmax(1)
            by_class = torch.zeros(p.shape[0], 64, *p.shape[2:]).index_add_(1, model.classes, p)
            by_class[:, 0] = 0
            right += (by_class.argmax(1) == batch.classes)[mask].sum().item()
            seen += mask.sum().item()
    n = total['samples']
    return {'val_labels': total['labels'] / n, 'val_colour': total['colour'] / n, 'val_bits': (total['labels'] + total['colour']) / n, 'val_class': right / max(seen, 1)}


def run(args) -> None:
    """Train until the clock says stop; see lavi.py for the options."""
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    data = Path(args.data)
    photos = training_photos(data, Path(args.cache or out / 'photos.pkl'))
    held = read_pack(data / 'color', True)
    checks = [stack([framed(p) for p in held[i::37]]) for i in (0, 9, 18, 27)]
    del held
    plan = crops(args.crops)
    checkpoint = out / 'main.pt'
    if checkpoint.exists():
        trainer = Trainer.load(checkpoint, args.rate)
    elif args.init:
        trainer = Trainer.of_export(Path(args.init), args.rate, args.labels, Loader(photos, 256, args.seed))
    else:
        torch.manual_seed(args.seed)
        palette = first_palette(args.labels, args.count, Loader(photos, 192, args.seed))
        trainer = Trainer(Shape(labels=len(palette.mean)), args.rate, args.labels, args.encoder)
        if args.encoder:
            trainer.model.backbone.encoder.read(args.encoder)
        trainer.model.start(palette)
        trainer.ema.load_state_dict(trainer.model.state_dict())
    loader = Loader(photos, plan[0].side, args.seed + trainer.step)
    began, last_save, last_check = time.time(), time.time(), time.time()
    before = trainer.seconds
    log = open(out / 'log.jsonl', 'a')
    sums: dict[str, float] = {}
    count = 0
    stopped = False

    def stop(*_) -> None:
        nonlocal stopped
        stopped = True

    def write(line: dict) -> None:
        log.write(json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()}) + '\n')
        log.flush()

    signal.signal(signal.SIGTERM, stop)  # finish the step, save, leave
    last = min(args.until or args.steps, args.steps) or math.inf
    spent = before if not args.steps else 0.0  # a plan by the clock counts all runs
    while not stopped and spent + time.time() - began < args.minutes * 60 and trainer.step < last:
        share = min(1.0, trainer.step / args.steps if args.steps else trainer.seconds / (args.minutes * 60))
        rate = args.rate * planned(trainer.step, share, args.warmup)
        now = next(c for c in plan if share <= c.until)
        loader.frame = now.side
        hard = trainer.before[0] > 0 or trainer.step >= args.soft_steps
        if trainer.before[0] == 0 and trainer.step == args.soft_steps and trainer.model.prior is not None:
            trainer.model.eval().fit_near([loader.batch(now.batch) for _ in range(24)])
            trainer.ema.prior.near.load_state_dict(trainer.model.prior.near.state_dict())
        values = trainer.train_step(loader.batch(now.batch), rate, hard)
        trainer.seconds = before + time.time() - began
        for k, v in values.items():
            sums[k] = sums.get(k, 0) + v
        count += 1
        if trainer.step % args.log_every == 0 or trainer.step == args.soft_steps:
            line = {'step': trainer.step, 'seconds': round(trainer.seconds), 'rate': rate, 'hard': hard} | {k: v / count for k, v in sums.items()}
            sums, count = {}, 0
            if time.time() - last_check > args.check_seconds:
                last_check = time.time()
                line |= validate(trainer.ema, checks)
            write(line)
        if time.time() - last_save > args.save_seconds:
            last_save = time.time()
            trainer.save(checkpoint)
    trainer.save(checkpoint)
    write({'step': trainer.step, 'seconds': round(trainer.seconds), 'end': True} | validate(trainer.ema, checks))
