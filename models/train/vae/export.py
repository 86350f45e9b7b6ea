"""Export of the VAE: encoder and decoder as ONNX, with the prior folded in so that z ~ N(0, I), and vae.json."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto
from torch import nn

from graph import Graph
from vae.model import BLOCK, BUSY, DIMS, GRID, HIGH_GAMMA, LATENTS, LEVEL, LINEAR, LOW_GAMMA, SIZE, Vae, binned, parameters


class VaeGraph(Graph):
    """Graph with the VAE's layers; shapes are fixed, one crop at a time."""

    def whole(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64), 'n')

    def real(self, tensor: torch.Tensor) -> str:
        """A weight as it is: the linear part has to give PyTorch's numbers."""
        return self.constant(tensor.detach().cpu().numpy().astype(np.float32), 'r')

    def reshape(self, x: str, *shape: int) -> str:
        return self.op('Reshape', x, self.whole(*shape))

    def branch(self, x: str, net: nn.Sequential) -> str:
        t = self.op('Add', self.op('MatMul', x, self.real(net[0].weight.T)), self.real(net[0].bias))
        t = self.op('LeakyRelu', t, alpha=0.1)
        return self.op('Add', self.op('MatMul', t, self.real(net[2].weight.T)), self.real(net[2].bias))

    def same(self, x: str, layer: nn.Conv2d) -> str:
        return self.op('Conv', x, self.real(layer.weight), self.real(layer.bias), kernel_shape=[3, 3], strides=[1, 1], pads=[1] * 4)

    def split(self, x: str, *sizes: int, axis: int = 1) -> list[str]:
        ends = np.cumsum((0, *sizes))
        return [self.op('Slice', x, self.whole(a), self.whole(b), self.whole(axis)) for a, b in zip(ends, ends[1:])]

    def colours(self, x: str, matrix: torch.Tensor) -> str:
        flat = self.reshape(x, 3, SIZE * SIZE)
        return self.reshape(self.op('MatMul', self.real(matrix), flat), 1, 3, SIZE, SIZE)

    def picture(self, chosen: str, model: Vae) -> str:
        padded = self.op('Concat', chosen, self.constant(np.zeros((1, 1), np.float32)), axis=1)
        y = self.reshape(self.op('Gather', padded, self.constant(model.place.numpy()), axis=1), 1, 3, SIZE, SIZE)
        y = self.colours(y, model.colour.T)
        return self.op('MatMul', self.op('MatMul', self.real(model.cosine.T), y), self.real(model.cosine))

    def result(self, value: str, name: str, shape: list[int]) -> None:
        self.nodes.append(onnx.helper.make_node('Identity', [value], [name]))
        self.outputs.append(onnx.helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def encoder(model: Vae) -> VaeGraph:
    """photo [1, 3, 64, 64] in 0…1 → mean and ln σ [1, 512] of z′ = (z − µ) / σ, µ and σ the prior's."""
    g = VaeGraph('vae-encoder')
    x = g.input('photo', 3, shape=[1, 3, SIZE, SIZE])
    y = g.op('MatMul', g.op('MatMul', g.real(model.cosine), x), g.real(model.cosine.T))
    all_ = g.reshape(g.colours(y, model.colour), 1, DIMS)
    chosen = g.op('Gather', all_, g.constant(model.order.numpy()), axis=1)
    rest = g.op('Sub', x, g.picture(chosen, model))
    squares = g.op('ReduceMean', g.op('Mul', rest, rest), axes=[1], keepdims=1)
    pooled = g.reshape(g.op('AveragePool', squares, kernel_shape=[BLOCK] * 2, strides=[BLOCK] * 2), 1, GRID * GRID)
    busy = g.op('Mul', g.op('Log', g.op('Add', pooled, g.scalar((0.3 * LEVEL) ** 2))), g.scalar(0.5))
    axes = model.busy_axes.T * torch.exp(-model.busy_scale)
    busy = g.op('MatMul', g.op('Sub', busy, g.real(model.busy_mean)), g.real(axes))
    gains = g.branch(busy, model.gains)
    scale = g.op('Exp', g.op('Neg', g.op('Add', gains, g.real(model.log_scale))))
    linear = g.op('Mul', g.op('Sub', chosen, g.real(model.centre)), scale)
    both = g.op('Concat', linear, busy, axis=1)
    delta, log = g.split(g.branch(both, model.infer), LATENTS, LATENTS)
    mean = g.op('Add', g.op('Mul', both, g.real(torch.sigmoid(model.shrink))), delta)
    log_sigma = g.op('Add', log, g.real(model.log_sigma - model.prior_log_sigma))
    mean = g.op('Mul', g.op('Sub', mean, g.real(model.prior_mean)), g.real(torch.exp(-model.prior_log_sigma)))
    g.result(mean, 'mean', [1, LATENTS])
    g.result(log_sigma, 'log_sigma', [1, LATENTS])
    return g


def decoder(model: Vae) -> VaeGraph:
    """z′ [1, 512] → mean and predicted ln γ [1, 3, 64, 64]."""
    g = VaeGraph('vae-decoder')
    normal = g.input('z', LATENTS, shape=[1, LATENTS])
    z = g.op('Add', g.op('Mul', normal, g.real(torch.exp(model.prior_log_sigma))), g.real(model.prior_mean))
    linear, busy = g.split(z, LINEAR, BUSY)
    scale = g.op('Exp', g.op('Add', g.branch(busy, model.gains), g.real(model.log_scale)))
    chosen = g.op('Add', g.op('Mul', linear, scale), g.real(model.centre))
    mean = g.picture(g.op('Add', chosen, g.branch(z, model.expand)), model)
    axes = model.busy_axes * torch.exp(model.busy_scale)[:, None]
    blocks = g.reshape(g.op('Add', g.op('MatMul', busy, g.real(axes)), g.real(model.busy_mean)), 1, 1, GRID, GRID)
    gamma = g.op('MatMul', g.op('MatMul', g.real(model.tent), blocks), g.real(model.tent.T))
    t = g.op('Concat', mean, g.op('Add', gamma, g.scalar(3)), axis=1)
    half = SIZE // 2
    t = g.op('Transpose', g.reshape(t, 1, 4, half, 2, half, 2), perm=[0, 1, 3, 5, 2, 4])
    t = g.op('LeakyRelu', g.same(g.reshape(t, 1, 16, half, half), model.first), alpha=0.1)
    for block in model.blocks:
        t = g.op('Add', t, g.same(g.op('LeakyRelu', g.same(t, block.a), alpha=0.1), block.b))
    more, log = g.split(g.shuffle(g.same(t, model.last), 2), 3, 3)
    g.result(g.op('Add', mean, more), 'mean', [1, 3, SIZE, SIZE])
    g.result(g.op('Clip', g.op('Add', gamma, log), g.scalar(LOW_GAMMA), g.scalar(HIGH_GAMMA)), 'log_gamma', [1, 3, SIZE, SIZE])
    return g


def pattern() -> torch.Tensor:
    """A crop that any language can make, for the app's tests."""
    c, y, x = torch.meshgrid(torch.arange(3), torch.arange(SIZE), torch.arange(SIZE), indexing='ij')
    return ((3 * x + 2 * y + 40 * c + x * y // 16) % 256).float()[None] / 255


def check(model: Vae) -> dict[str, float]:
    """What the app has to find for `pattern`, in nats: KL, and both heads' −ln P(y|z) at the posterior's mean."""
    x = pattern()
    mean, log_sigma = model.encode(x)
    out, log_gamma = model.decode(mean)
    return {
        'kl': model.kl(mean, log_sigma).sum().item(),
        'global': -binned(x, out, model.log_gamma.expand_as(x)).sum().item(),
        'predicted': -binned(x, out, log_gamma).sum().item(),
    }


@torch.no_grad()
def write(model: Vae, out: Path, training: dict) -> dict:
    """Writes both nets and vae.json into a folder; returns what vae.json says."""
    out.mkdir(parents=True, exist_ok=True)
    files = {}
    for graph in (encoder(model), decoder(model)):
        data = graph.model().SerializeToString()
        (out / f'{graph.name}.onnx').write_bytes(data)
        files[f'{graph.name}.onnx'] = hashlib.sha256(data).hexdigest()
    card = {
        'id': hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16],
        'size': SIZE, 'latents': LATENTS, 'logGamma': model.log_gamma.item(), 'parameters': parameters(model),
        'files': files, 'check': check(model), 'training': training,
    }
    (out / 'vae.json').write_text(json.dumps(card, indent=1) + '\n')
    return card


def run(args) -> None:
    from vae.train import Trainer

    trainer = Trainer.load(Path(args.checkpoint), 0)
    training = {'steps': trainer.step, 'minutes': round(trainer.seconds / 60, 1), 'note': args.note}
    print(json.dumps(write(trainer.ema, Path(args.out), training), indent=1))
