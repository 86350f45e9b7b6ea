"""What every training run shares: device, optimisers, averaged weights, a step without synchronisation, a schedule by the
clock, checkpoints that survive a cut, and a log."""

from __future__ import annotations

import copy
import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from optim import Muon

PIECE = 12 << 20  # bytes of a piece of a checkpoint that travels


def choose_device(name: str) -> torch.device:
    """`cpu`, `cuda`, or `auto`: the GPU where there is one."""
    return torch.device(('cuda' if torch.cuda.is_available() else 'cpu') if name == 'auto' else name)


def bf16_pays(device: torch.device) -> bool:
    """Whether bf16 matrix products are faster than float32: GPUs, and CPUs with AMX."""
    if device.type == 'cuda':
        return True
    try:
        return 'amx_bf16' in Path('/proc/cpuinfo').read_text()
    except OSError:
        return False


def device_name(device: torch.device) -> str:
    """What a model card calls the device."""
    return torch.cuda.get_device_name(device) if device.type == 'cuda' else 'cpu'


class Trainer:
    """A model, its averaged twin and its optimisers. Subclasses say what a parameter's group is and what the loss is."""

    ema_decay = 0.999
    clip = 1.0

    def __init__(self, model: nn.Module, rate: float, device: torch.device, fast: bool | None = None):
        self.device = device
        self.fast = bf16_pays(device) if fast is None else fast
        self.model = model.to(device, memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.model).eval()
        self.optimizers = self.make_optimizers(rate)
        self.step, self.seconds = 0, 0.0
        self.sums: dict[str, torch.Tensor] = {}
        self.count = 0
        self.run_step: Callable[[torch.Tensor], None] | None = None

    def make_optimizers(self, rate: float) -> list[torch.optim.Optimizer]:
        plain, matrices = self.groups()
        cuda = self.device.type == 'cuda'

        def lr(factor: float) -> torch.Tensor | float:
            return torch.tensor(rate * factor, device=self.device) if cuda else rate * factor

        plain = [g | {'lr': lr(g['factor'])} for g in plain if g['params']]
        adam = torch.optim.AdamW(plain, betas=(0.9, 0.98), weight_decay=0.01, fused=True, capturable=cuda)
        muon = [Muon([g | {'lr': lr(g['factor'])} for g in matrices])] if any(g['params'] for g in matrices) else []
        return [adam, *muon]

    def groups(self) -> tuple[list[dict], list[dict]]:
        """Parameter groups for AdamW and for Muon: {params, factor (of the learning rate), weight_decay}."""
        raise NotImplementedError

    def loss(self, x: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """What a step minimises, and scalars for the log, of a batch that lies on the device."""
        raise NotImplementedError

    def set_rate(self, rate: float) -> None:
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                if isinstance(group['lr'], torch.Tensor):
                    group['lr'].fill_(rate * group['factor'])
                else:
                    group['lr'] = rate * group['factor']

    def eager_step(self, x: torch.Tensor) -> None:
        """One step; nothing in it waits for the device."""
        self.model.train()
        loss, values = self.loss(x)
        loss.backward()
        params = [p for p in self.model.parameters() if p.grad is not None]
        grads = [p.grad for p in params]
        norm = torch.nn.utils.get_total_norm(grads)
        # A step that is not finite is left out: its gradients become 0.
        scale = torch.where(norm.isfinite(), (self.clip / (norm + 1e-6)).clamp(max=1), 0)
        for g in grads:
            g.nan_to_num_(0, 0, 0)
        torch._foreach_mul_(grads, scale)
        for optimizer in self.optimizers:
            optimizer.step()
        for p in params:
            p.grad = None
        with torch.no_grad():
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.model.parameters()), 1 - self.ema_decay_now())
            for name, value in (values | {'norm': norm}).items():
                self.sums.setdefault(name, torch.zeros((), device=self.device)).add_(value.detach().float())

    def ema_decay_now(self) -> float:
        return min(self.ema_decay, 1 - 1 / (self.step + 2)) if self.device.type != 'cuda' else self.ema_decay

    def train_step(self, x: torch.Tensor) -> None:
        """One step by whatever `prepare` chose."""
        (self.run_step or self.eager_step)(x)
        self.step += 1
        self.count += 1

    def prepare(self, x: torch.Tensor) -> str:
        """Tries to record the step as one CUDA graph on a batch like `x`; says what will run: `graph` or `eager`.
        Warm-up steps train too. Call it again after what the loss does has changed."""
        self.run_step = None
        if self.device.type != 'cuda':
            return 'eager'
        try:
            buffer = x.clone()
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                for _ in range(3):
                    self.eager_step(buffer)
            torch.cuda.current_stream().wait_stream(stream)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                self.eager_step(buffer)

            def replay(batch: torch.Tensor) -> None:
                buffer.copy_(batch)
                graph.replay()

            replay(x)
            torch.cuda.synchronize()
            self.run_step = replay
            return 'graph'
        except Exception as error:  # noqa: BLE001 - a failed optimisation never ends a run
            print(f'no CUDA graph: {error}', flush=True)
            return 'eager'

    def means(self) -> dict[str, float]:
        """Logged scalars since the last call, averaged. Waits for the device."""
        values = {name: value.item() / max(1, self.count) for name, value in self.sums.items()}
        for value in self.sums.values():
            value.zero_()
        self.count = 0
        return values

    def state(self) -> dict:
        return {
            'model': self.model.state_dict(), 'ema': self.ema.state_dict(), 'optimizers': [o.state_dict() for o in self.optimizers],
            'step': self.step, 'seconds': self.seconds,
        }  # fmt: skip

    def restore(self, state: dict) -> None:
        self.model.load_state_dict(state['model'])
        self.ema.load_state_dict(state['ema'])
        for optimizer, theirs in zip(self.optimizers, state.get('optimizers', [])):
            optimizer.load_state_dict(theirs)
        self.step, self.seconds = state['step'], state['seconds']

    def save(self, path: Path) -> None:
        """Writes everything needed to go on, to a temporary file first."""
        temporary = path.with_suffix('.tmp')
        torch.save(self.state(), temporary)
        temporary.replace(path)

    def resume(self, path: Path) -> bool:
        """Restores what `save` wrote, if it is there."""
        if path.exists():
            self.restore(torch.load(path, map_location=self.device, weights_only=False))
        return path.exists()

    def save_pieces(self, folder: Path, name: str) -> None:
        """Averaged weights in fp16 and raw weights in bf16, in files small enough to travel one by one."""
        for kind, model, dtype in (('ema', self.ema, torch.float16), ('raw', self.model, torch.bfloat16)):
            piece: dict[str, torch.Tensor] = {}
            size = number = 0
            for key, value in model.state_dict().items():
                value = value.detach().to('cpu', dtype)
                if piece and size + value.nbytes > PIECE:
                    torch.save(piece, folder / f'{name}-{kind}-{number}.pt')
                    piece, size, number = {}, 0, number + 1
                piece[key] = value
                size += value.nbytes
            torch.save(piece | {'step': torch.tensor(self.step), 'seconds': torch.tensor(self.seconds)}, folder / f'{name}-{kind}-{number}.pt')

    def load_pieces(self, folder: Path, name: str) -> None:
        """What `save_pieces` wrote, without the optimisers' moments."""
        for kind, model in (('ema', self.ema), ('raw', self.model)):
            state, self.step, self.seconds = read_pieces(folder, name, kind)
            model.load_state_dict(state)


def read_pieces(folder: Path, name: str, kind: str = 'ema') -> tuple[dict[str, torch.Tensor], int, float]:
    """(weights, step, seconds) of what `save_pieces` wrote; kind: `ema` or `raw`."""
    files = sorted(folder.glob(f'{name}-{kind}-*.pt'))
    if not files:
        raise FileNotFoundError(f'expected {name}-{kind}-0.pt in {folder}, found none')
    state = {k: v for f in files for k, v in torch.load(f, weights_only=True).items()}
    step, seconds = int(state.pop('step')), float(state.pop('seconds'))
    return {k: v.float() for k, v in state.items()}, step, seconds


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Gives a test for SIGTERM, so that a run finishes its step, saves and leaves."""
    asked = False

    def ask(*_) -> None:
        nonlocal asked
        asked = True

    before = signal.signal(signal.SIGTERM, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGTERM, before)


class Log:
    """Lines of JSON, beside the checkpoints and on stdout."""

    def __init__(self, path: Path):
        self.file = open(path, 'a')

    def write(self, line: dict) -> None:
        text = json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()})
        self.file.write(text + '\n')
        self.file.flush()
        print(text, flush=True)


def share_of_clock(minutes: float) -> Callable[[], float]:
    """0…1 (and beyond) of the minutes given, from now."""
    began = time.monotonic()
    return lambda: (time.monotonic() - began) / (minutes * 60)
