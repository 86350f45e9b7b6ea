"""A small builder for plain ONNX graphs: every node is written out, so the exported file holds exactly what docs/models.md says."""

from __future__ import annotations

import json
import math

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


class Graph:
    """Collects nodes and weights. Values are named by strings; float weights are stored as fp16 (or int8) with a Cast.

    `names` maps a parameter's id() to its name in the model: weights carry these names, so that weights.py finds them."""

    def __init__(self, name: str, names: dict[int, str] | None = None):
        self.name = name
        self.names = names or {}
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.channels: dict[str, int] = {}  # of convolutions' outputs
        self.count = 0

    def fresh(self, hint: str) -> str:
        self.count += 1
        return f'{hint}_{self.count}'

    def op(self, kind: str, *inputs: str, **attributes) -> str:
        out = self.fresh(kind.lower())
        self.nodes.append(helper.make_node(kind, list(inputs), [out], name=out, **attributes))
        return out

    def constant(self, value: np.ndarray, hint: str = 'c', name: str | None = None) -> str:
        name = name or self.fresh(hint)
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def half(self, tensor: torch.Tensor, name: str | None = None) -> str:
        """A float32 weight stored as fp16."""
        stored = self.constant(tensor.detach().cpu().numpy().astype(np.float16), 'w', name or self.names.get(id(tensor)))
        return self.op('Cast', stored, to=TensorProto.FLOAT)

    def scalar(self, value: float) -> str:
        return self.constant(np.float32(value), 's')

    def input(self, name: str, channels: int | str, kind: int = TensorProto.FLOAT, shape: list | None = None) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape or [1, channels, f'{name}_h', f'{name}_w']))
        return name

    def output(self, value: str, name: str, channels: int) -> None:
        self.nodes.append(helper.make_node('Identity', [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, f'{name}_h', f'{name}_w']))

    def conv(self, x: str, layer: torch.nn.Conv2d) -> str:
        """A float convolution, weights as fp16."""
        out = self.op('Conv', x, self.half(layer.weight), self.half(layer.bias), kernel_shape=list(layer.kernel_size),
                      strides=list(layer.stride), pads=[layer.padding[0]] * 4, group=layer.groups)
        self.channels[out] = layer.out_channels
        return out

    def shuffle(self, x: str, factor: int) -> str:
        return self.op('DepthToSpace', x, blocksize=factor, mode='CRD')

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', OPSET)], producer_name='lavi')
        model.ir_version = 9
        onnx.checker.check_model(model, full_check=True)
        return model


class IntegerGraph(Graph):
    """Whole numbers in float32. The accumulator of each convolution is bounded below 2²⁴."""

    def __init__(self, name: str, names: dict[int, str] | None = None):
        super().__init__(name, names)
        self.bounds: dict[str, float] = {}
        self.shifts: dict[str, torch.Tensor] = {}

    def accumulate(self, x: str, layer, label: str) -> tuple[str, torch.Tensor]:
        """Conv with 8-bit weights: (accumulator, shift per output channel)."""
        from integer import LIMIT

        bound = layer.bound()
        if bound >= LIMIT:
            raise ValueError(f'{self.name}/{label}: expected Σ|w|·max|x| + |b| below 2²⁴, found {bound:.0f}')
        self.bounds[label] = bound
        w, b, s = layer.whole()
        name = self.names.get(id(layer.weight))
        weight = self.op('Cast', self.constant(w.numpy().astype(np.int8), 'w', name), to=TensorProto.FLOAT)
        bias = self.constant(b.numpy().astype(np.float32), 'b', self.names.get(id(layer.bias)))
        if name:  # what a reader needs to get the real weights back
            self.shifts[name] = s
        pad = layer.kernel // 2
        out = self.op('Conv', x, weight, bias, kernel_shape=[layer.kernel] * 2, strides=[1, 1], pads=[pad] * 4, group=layer.groups)
        return out, s

    def requantise(self, x: str, shift: torch.Tensor, leak: bool = False, clip: bool = True) -> str:
        """floor(x·2^−shift + ½), with a leak of 1/8 before it and a clip to the activation range after it."""
        from integer import HIGH, LEAK, LOW

        x = self.op('Mul', x, self.constant((2.0**-shift).numpy().astype(np.float32)[None, :, None, None], 'm'))
        if leak:
            x = self.op('Max', x, self.op('Mul', x, self.scalar(LEAK)))
        x = self.op('Floor', self.op('Add', x, self.scalar(0.5)))
        return self.op('Clip', x, self.scalar(LOW), self.scalar(HIGH)) if clip else x

    def model(self) -> onnx.ModelProto:
        """As Graph.model; the shifts of the weights lie in the file's metadata, for weights.py."""
        model = super().model()
        helper.set_model_props(model, {name: json.dumps(s.int().tolist()) for name, s in self.shifts.items()})
        return model

    def layer(self, x: str, layer, label: str, leak: bool = False) -> str:
        from integer import UNIT

        accumulator, shift = self.accumulate(x, layer, label)
        return self.requantise(accumulator, shift + math.log2(layer.unit_in / UNIT), leak)

    def add(self, x: str, y: str) -> str:
        from integer import HIGH, LOW

        return self.op('Clip', self.op('Add', x, y), self.scalar(LOW), self.scalar(HIGH))

    def block(self, x: str, block, label: str) -> str:
        t = self.layer(x, block.a, f'{label}.a')
        t = self.layer(t, block.d, f'{label}.d', leak=True)
        x = self.add(x, self.layer(t, block.b, f'{label}.b'))
        t = self.layer(x, block.e, f'{label}.e', leak=True)
        return self.add(x, self.layer(t, block.f, f'{label}.f'))

    def row(self, table: torch.Tensor, point: str, name: str) -> str:
        """Row `point` of a table [64, C] of whole numbers, as [1, C, 1, 1]."""
        rows = self.constant(table.numpy().astype(np.int16)[:, :, None, None], name=name)
        return self.op('Cast', self.op('Gather', rows, point, axis=0), to=TensorProto.FLOAT)
