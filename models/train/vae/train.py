"""Training: the mean of both heads' ELBO per dimension; resumable, with a running log."""

from __future__ import annotations

import copy
import json
import random
import signal
import time
from pathlib import Path

import torch

from vae.crops import held_out_crops, loader, training_photos
from vae.evaluate import bounds
from vae.model import DIMS, Vae, binned


def losses(model: Vae, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """KL and both heads' −ln P(y|z), nats per dimension, at one sample of z a crop."""
    mean, log_sigma = model.encode(x)
    z = mean + torch.exp(log_sigma) * torch.randn_like(mean)
    out, log_gamma = model.decode(z)
    return {
        'kl': model.kl(mean, log_sigma).sum(1).mean() / DIMS,
        'global': -binned(x, out, model.log_gamma.expand_as(x)).mean(),
        'predicted': -binned(x, out, log_gamma).mean(),
    }


class Trainer:
    def __init__(self, rate: float):
        self.model = Vae()
        self.ema = copy.deepcopy(self.model).eval()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=rate, betas=(0.9, 0.99))
        self.step, self.seconds = 0, 0.0

    def start(self, crops: torch.Tensor) -> None:
        self.model.start(crops)
        self.ema.load_state_dict(self.model.state_dict())

    def train_step(self, x: torch.Tensor, rate: float) -> dict[str, float]:
        self.model.train()
        terms = losses(self.model, x)
        loss = terms['kl'] + (terms['global'] + terms['predicted']) / 2
        for group in self.optimizer.param_groups:
            group['lr'] = rate
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 0.1)
        if torch.isfinite(norm):
            self.optimizer.step()
            decay = min(0.998, 1 - 1 / (self.step + 2))
            with torch.no_grad():
                for ours, theirs in zip(self.ema.parameters(), self.model.parameters()):
                    ours.lerp_(theirs, 1 - decay)
        self.step += 1
        return {'loss': loss.item(), 'norm': norm.item()} | {k: v.item() for k, v in terms.items()}

    def save(self, path: Path) -> None:
        state = {name: getattr(self, name).state_dict() for name in ('model', 'ema', 'optimizer')}
        state |= {'step': self.step, 'seconds': self.seconds, 'rng': torch.get_rng_state(), 'python_rng': random.getstate()}
        temporary = path.with_suffix('.tmp')
        torch.save(state, temporary)
        temporary.replace(path)

    @staticmethod
    def load(path: Path, rate: float) -> 'Trainer':
        state = torch.load(path, weights_only=False)
        trainer = Trainer(rate)
        for name in ('model', 'ema', 'optimizer'):
            getattr(trainer, name).load_state_dict(state[name])
        trainer.step, trainer.seconds = state['step'], state['seconds']
        torch.set_rng_state(state['rng'])
        return trainer


def run(args) -> None:
    """Train for so many minutes of processor time in all runs together, the last third of them with a falling rate."""
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    data = Path(args.data)
    photos = training_photos(data, tuple(args.sets.split(',')), args.limit)
    checks = held_out_crops(data, 1, args.check_crops)
    checkpoint = out / 'main.pt'
    if checkpoint.exists():
        trainer = Trainer.load(checkpoint, args.rate)
    else:
        torch.manual_seed(args.seed)
        trainer = Trainer(args.rate)
        trainer.start(loader(photos, args.seed).batch(args.start_crops))
    crops = loader(photos, args.seed + 1 + trainer.step)
    # The processor's clock: a run that gets little of its core is not cut short for that.
    limit, before, began = 60 * args.minutes, trainer.seconds, time.process_time()
    last_save, last_check = time.time(), 0.0
    stopped = False
    sums: dict[str, float] = {}
    count = 0

    def stop(*_) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)  # finish the step, save, leave
    with open(out / 'log.jsonl', 'a') as log:

        def write(line: dict) -> None:
            line = {'step': trainer.step, 'seconds': round(trainer.seconds)} | line
            log.write(json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()}) + '\n')
            log.flush()

        while not stopped and trainer.seconds < limit:
            if time.time() - last_check > args.check_seconds:
                last_check = time.time()
                write(bounds(trainer.ema, checks))
            share = trainer.seconds / limit
            rate = args.rate * min(1, (trainer.step + 1) / args.warmup, 3 * (1 - share))
            values = trainer.train_step(crops.batch(args.batch), rate)
            trainer.seconds = before + (time.process_time() - began) / args.threads
            for k, v in values.items():
                sums[k] = sums.get(k, 0) + v
            count += 1
            if trainer.step % args.log_every == 0:
                write({'rate': rate} | {k: v / count for k, v in sums.items()})
                sums, count = {}, 0
            if time.time() - last_save > args.save_seconds:
                last_save = time.time()
                trainer.save(checkpoint)
        trainer.save(checkpoint)
        write({'end': True} | bounds(trainer.ema, checks))
