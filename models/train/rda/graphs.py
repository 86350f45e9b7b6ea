"""The photo codec's nets as ONNX graphs."""

from __future__ import annotations

import numpy as np
import torch
from onnx import TensorProto

from graph import Graph
from rda.gradient import add_gradient
from rda.model import Rda
from rda.nets import HYPER, LATENTS, LEAK, PATCH, Block, Rows
from rda.quality import KNOTS, POINTS, SCALES


def names_of(model: Rda) -> dict[int, str]:
    """id of each parameter → its name, which the stored weight then carries."""
    return {id(p): name for name, p in model.named_parameters()}


def leaky(g: Graph, x: str) -> str:
    return g.op('LeakyRelu', x, alpha=LEAK)


def float_block(g: Graph, x: str, block: Block, gain: str | None = None) -> str:
    for first, middle, last in ((block.a, block.d, block.b), (block.e, None, block.f)):
        t = g.conv(x, first)
        if middle is not None:
            t = g.conv(t, middle)
        t = g.conv(leaky(g, t), last)
        x = g.op('Add', x, g.op('Mul', t, gain) if gain else t)
    return x


def knot_weights(g: Graph) -> str:
    """A real quality point [1] as weights [1, KNOTS] of the knots beside it."""
    point = g.input('point', 1, shape=[1])
    knots = g.constant(np.arange(KNOTS, dtype=np.float32), 'knots')
    near = g.op('Sub', g.scalar(1), g.op('Abs', g.op('Sub', g.op('Mul', point, g.scalar((KNOTS - 1) / (POINTS - 1))), knots)))
    return g.op('Unsqueeze', g.op('Relu', near), g.constant(np.array([0], np.int64)))


def curve(g: Graph, weights: str, table: torch.Tensor, name: str | None = None) -> str:
    """A curve's values at the point, as [1, C, 1, 1]."""
    value = g.op('MatMul', weights, g.half(table, name))
    return g.op('Reshape', value, g.constant(np.array([1, -1, 1, 1], np.int64)))


def analysis(model: Rda, prefix: str = 'rda') -> Graph:
    """Both readings of a patch are one convolution of 16×16 in steps of 16."""
    net, g = model.analysis, Graph(f'{prefix}-analysis', names_of(model))
    x = g.op('Sub', g.input('photo', 3), g.scalar(0.5))
    layers = (net.shortcut, net.first)
    patch = g.constant(np.array([-1, 3, PATCH, PATCH], np.int64))
    weight = g.op('Reshape', g.op('Concat', *(g.half(layer.weight) for layer in layers), axis=0), patch)
    bias = g.op('Concat', *(g.half(layer.bias) for layer in layers), axis=0)
    both = g.op('Conv', x, weight, bias, kernel_shape=[PATCH] * 2, strides=[PATCH] * 2)
    base, t = (g.slice(both, low, high) for low, high in ((0, LATENTS), (LATENTS, LATENTS + net.first.out_channels)))
    for block in net.blocks:
        t = float_block(g, t, block)
    g.output(g.op('Add', base, g.conv(t, net.last)), 'latents', LATENTS)
    return g


def signed_log(g: Graph, x: str) -> tuple[str, str]:
    """(sign·log(1 + |x|), log(1 + |x|))."""
    size = g.op('Log', g.op('Add', g.op('Abs', x), g.scalar(1)))
    return g.op('Mul', g.op('Sign', x), size), size


def hyper_analysis(model: Rda, prefix: str = 'rda') -> Graph:
    net, g = model.hyper_analysis, Graph(f'{prefix}-hyper-analysis', names_of(model))
    t = g.conv(g.op('Concat', *signed_log(g, g.input('steps', LATENTS)), axis=1), net.first)
    t = leaky(g, g.conv(float_block(g, t, net.block), net.down1))
    g.output(g.conv(t, net.down2), 'hyper', HYPER)
    return g


def rows(model: Rda) -> Graph:
    """Whole numbers in float32, all sums below 2²⁴; of a frozen model. `point` is a whole point."""
    net, g = model.rows, Graph('rda-rows', names_of(model))
    z = g.input('hyper', HYPER)
    point = g.input('point', 1, TensorProto.INT64, [1])
    weight = np.round(net.linear.weight.detach().numpy() * Rows.UNIT)
    bias = np.round(net.linear.bias.detach().numpy() * Rows.UNIT * Rows.FAST)
    start = np.round(net.whole_start.numpy() * Rows.UNIT)
    bound = np.abs(weight).sum((1, 2, 3)).max() * 63 + np.abs(bias).max() + np.abs(start).max()
    if bound >= 2**24:
        raise ValueError(f'expected sums below 2²⁴, found up to {bound:.0f}')
    stored = [
        g.op('Cast', g.constant(value.astype(kind), name=name), to=TensorProto.FLOAT)
        for value, kind, name in ((weight, np.int16, 'rows.linear.weight'), (bias, np.int16, 'rows.linear.bias'))
    ]
    t = g.shuffle(g.op('Conv', z, *stored, kernel_shape=[1, 1]), 4)
    table = g.constant(start.astype(np.int32)[:, :, None, None], name='rows.start.table')
    t = g.op('Add', t, g.op('Cast', g.op('Gather', table, point, axis=0), to=TensorProto.FLOAT))
    t = g.op('Floor', g.op('Add', g.op('Mul', t, g.scalar(1 / Rows.UNIT)), g.scalar(0.5)))
    g.output(g.op('Clip', t, g.scalar(0), g.scalar(SCALES - 1)), 'rows', LATENTS)
    return g


def means_even(model: Rda, prefix: str = 'rda') -> Graph:
    """Hyper-latents and the real point → features and the means of the even places."""
    net, g = model.means, Graph(f'{prefix}-means-even', names_of(model))
    z = g.op('Mul', g.input('hyper', HYPER), g.scalar(1 / Rows.FAST))
    weights = knot_weights(g)
    t = g.op('Add', g.shuffle(g.conv(z, net.up1), 2), curve(g, weights, net.bias1.table))
    t = float_block(g, leaky(g, t), net.block1)
    t = g.op('Add', g.shuffle(g.conv(t, net.up2), 2), curve(g, weights, net.bias2.table))
    features = float_block(g, leaky(g, t), net.block2)
    g.output(features, 'features', net.even.in_channels)
    g.output(g.conv(features, net.even), 'mean', LATENTS)
    return g


def means_odd(model: Rda, prefix: str = 'rda') -> Graph:
    """Features and the decoded even places, in steps, → the means of the odd places."""
    net, g = model.means, Graph(f'{prefix}-means-odd', names_of(model))
    features, seen = g.input('features', net.even.in_channels), g.input('seen', LATENTS)
    mixed = g.conv(signed_log(g, seen)[0], net.mix)
    t = float_block(g, leaky(g, g.op('Add', features, mixed)), net.block3)
    g.output(g.op('Add', g.conv(t, net.odd), g.conv(seen, net.near)), 'mean', LATENTS)
    return g


def synthesis(model: Rda, name: str = 'rda-synthesis') -> tuple[Graph, str]:
    """The quality point enters as a real number. Graph and its picture."""
    net, g = model.synthesis, Graph(name, names_of(model))
    y = g.input('latents', LATENTS)
    weights = knot_weights(g)
    gains = [
        g.op('Exp', curve(g, weights, table, f'synthesis.gains.table.{i}'))
        for i, table in enumerate(net.gains.table.chunk(len(net.blocks), 1))
    ]  # fmt: skip
    shift = curve(g, weights, net.shift.table)
    whitened = g.op('Mul', y, g.constant(net.whiten.numpy()[None, :, None, None], name='synthesis.whiten'))
    t = g.conv(whitened, net.first)
    for block, gain in zip(net.blocks, gains):
        t = float_block(g, t, block, gain)
    content = g.shuffle(g.conv(whitened, net.content), 4)
    condition = leaky(g, g.shuffle(g.conv(t, net.condition), 4))
    moved, scale, gate = (g.conv_part(condition, net.modulation, i, 3) for i in range(3))
    h = g.op('Add', g.op('Add', g.op('Mul', content, g.op('Add', scale, g.scalar(1))), moved), shift)
    h = leaky(g, g.conv(leaky(g, g.conv(h, net.e)), net.d))
    h = g.op('Mul', g.conv(h, net.f), g.op('Add', gate, g.scalar(1)))
    detail = g.shuffle(g.conv(g.op('Add', content, h), net.last), 4)
    base = g.shuffle(g.conv(y, net.shortcut), PATCH)
    return g, g.op('Add', g.op('Add', base, detail), g.scalar(0.5))


def synthesis_gradient(model: Rda) -> Graph:
    """∂/∂latents of half the squared error of the picture, for encoders."""
    g, picture = synthesis(model, 'rda-synthesis-gradient')
    add_gradient(g, picture, 'latents', LATENTS)
    return g


def tune_graphs(model: Rda, prefix: str) -> list[Graph]:
    """The nets that each tune has of its own."""
    decoder, picture = synthesis(model, f'{prefix}-synthesis')
    decoder.output(picture, 'photo', 3)
    return [analysis(model, prefix), hyper_analysis(model, prefix), means_even(model, prefix), means_odd(model, prefix), decoder]


