"""A small builder for plain ONNX graphs: every node is written out, so the exported file holds exactly what docs/models.md says."""

from __future__ import annotations

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
        self.stored: dict[int, str] = {}
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

    def conv_part(self, x: str, layer: torch.nn.Conv2d, index: int, parts: int) -> str:
        """One of equal parts of a 1×1 convolution's outputs; the weights are stored whole."""
        weight, bias = (self.half_once(p) for p in (layer.weight, layer.bias))
        size = layer.out_channels // parts
        low, high = index * size, (index + 1) * size
        out = self.op('Conv', x, self.slice(weight, low, high, 0), self.slice(bias, low, high, 0), kernel_shape=[1, 1], strides=[1, 1], pads=[0] * 4, group=1)
        self.channels[out] = size
        return out

    def half_once(self, tensor: torch.Tensor) -> str:
        """As `half`, but the same tensor is stored once."""
        if id(tensor) not in self.stored:
            self.stored[id(tensor)] = self.half(tensor)
        return self.stored[id(tensor)]

    def slice(self, x: str, low: int, high: int, axis: int = 1) -> str:
        ends = (self.constant(np.array([v], np.int64)) for v in (low, high, axis))
        return self.op('Slice', x, *ends)

    def shuffle(self, x: str, factor: int) -> str:
        return self.op('DepthToSpace', x, blocksize=factor, mode='CRD')

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', OPSET)], producer_name='lavi')
        model.ir_version = 9
        onnx.checker.check_model(model, full_check=True)
        return model
