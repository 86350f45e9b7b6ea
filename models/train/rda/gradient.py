"""Reverse mode over an exported graph: the net that tells an encoder how decoded latents should move.

D = ½·Σ w·(x̂ − x)² over pixels and colours; ∂D/∂latents by the chain rule, node by node, backwards. Only the encoder runs it
(`--effort best`). Its weights are those of the synthesis: they stay in that file, named by offset."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto

from graph import Graph


def add_gradient(g: Graph, output: str, wrt: str, channels: int) -> None:
    """Appends to a forward graph the gradient of D with respect to its input `wrt`: inputs photo and weight, outputs gradient and
    picture. A clipped pixel counts with its clipped error, so that overshoot where the photo is white or black costs nothing."""
    photo, weight = g.input('photo', 3), g.input('weight', 1)
    active = {wrt}
    for node in g.nodes:
        if active.intersection(node.input):
            active.update(node.output)
    forward = list(g.nodes)
    error = g.op('Sub', g.op('Clip', output, g.scalar(0), g.scalar(1)), photo)
    slopes: dict[str, str] = {output: g.op('Mul', error, weight)}
    for node in reversed(forward):
        slope = slopes.get(node.output[0])
        if slope is None or node.output[0] not in active:
            continue
        for x, part in backward(g, node, slope, active):
            slopes[x] = g.op('Add', slopes[x], part) if x in slopes else part
    g.output(slopes[wrt], 'gradient', channels)
    g.output(output, 'picture', 3)


def backward(g: Graph, node: onnx.NodeProto, slope: str, active: set[str]):
    """(input, its share of the gradient) for each input of a node that depends on the latents."""
    given = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    if node.op_type == 'Conv':
        yield node.input[0], conv_backward(g, node, given, slope)
    elif node.op_type == 'LeakyRelu':  # the output has its input's sign
        falls = g.op('Less', node.output[0], g.scalar(0))
        yield node.input[0], g.op('Where', falls, g.op('Mul', slope, g.scalar(given['alpha'])), slope)
    elif node.op_type == 'DepthToSpace':
        yield node.input[0], unshuffle(g, slope, given['blocksize'], node.input[0])
    elif node.op_type == 'Add':
        yield from ((x, slope) for x in node.input if x in active)
    elif node.op_type == 'Mul':
        a, b = node.input
        yield from ((x, g.op('Mul', slope, other)) for x, other in ((a, b), (b, a)) if x in active)
    elif node.op_type == 'Identity':
        yield node.input[0], slope
    else:
        raise ValueError(f'expected a node with a known derivative, found {node.op_type}')


def conv_backward(g: Graph, node: onnx.NodeProto, given: dict, slope: str) -> str:
    """A stride-1, same-size convolution backwards: its weights with input and output swapped, turned by 180°."""
    if given['strides'] != [1, 1] or 2 * given['pads'][0] + 1 != given['kernel_shape'][0]:
        raise ValueError(f'expected a same-size convolution of stride 1, found {given}')
    weight = node.input[1]
    if given['group'] == 1:
        weight = g.op('Transpose', weight, perm=[1, 0, 2, 3])
    if given['kernel_shape'] != [1, 1]:
        end, axes = np.array([-(2**31)] * 2, np.int64), np.array([2, 3], np.int64)
        weight = g.op('Slice', weight, g.constant(np.array([-1, -1], np.int64)), g.constant(end), g.constant(axes), g.constant(np.array([-1, -1], np.int64)))
    return g.op('Conv', slope, weight, kernel_shape=given['kernel_shape'], strides=[1, 1], pads=given['pads'], group=given['group'])


def unshuffle(g: Graph, x: str, factor: int, like: str) -> str:
    """Undoes a DepthToSpace of mode CRD; SpaceToDepth orders channels the other way round."""
    channels = g.channels[like] // factor**2
    order = np.arange(factor**2 * channels).reshape(factor**2, channels).T.reshape(-1)
    return g.op('Gather', g.op('SpaceToDepth', x, blocksize=factor), g.constant(order.astype(np.int64)), axis=1)


def borrow_weights(model: onnx.ModelProto, lender: Path) -> onnx.ModelProto:
    """Weights that the lender's file holds too (same name and bytes) become references into that file."""
    data = lender.read_bytes()
    own = {w.name: w for w in onnx.load(lender).graph.initializer}
    for w in model.graph.initializer:
        theirs = own.get(w.name)
        if theirs is None or theirs.raw_data != w.raw_data or len(w.raw_data) < 1024:
            continue
        offset = data.find(theirs.raw_data)
        w.ClearField('raw_data')
        w.data_location = TensorProto.EXTERNAL
        for key, value in (('location', lender.name), ('offset', str(offset)), ('length', str(len(theirs.raw_data)))):
            w.external_data.add(key=key, value=value)
    return model
