"""Exported colorizer back into the model, so that training can start from a models/ folder alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from color.export import ColorGraph, backbone, prior
from color.model import Colorizer, explain
from color.nets import Shape
from color.palette import cell_moments
from color.photos import Batch


class Recorder(ColorGraph):
    """A graph that remembers which parameter each of its weights came from."""

    def __init__(self, name: str):
        super().__init__(name)
        self.parameters: dict[str, nn.Parameter] = {}
        self.norms: dict[str, nn.BatchNorm2d] = {}

    def half(self, tensor: torch.Tensor, name: str | None = None) -> str:
        before = len(self.weights)
        out = super().half(tensor, name)
        self.parameters[self.weights[before].name] = tensor
        return out

    def folded(self, x: str, layer: nn.Sequential) -> str:
        before = len(self.weights)
        out = super().folded(x, layer)
        weight, bias = self.weights[before : before + 2]
        self.parameters[weight.name] = layer[0].weight
        self.norms[bias.name] = layer[1]
        return out


def load_colorizer(folder: Path, batches: list[Batch]) -> tuple[Colorizer, int, float]:
    """The model of <folder>/color*.{json,bin,onnx} with its steps and seconds of training. Batch norms were folded at the
    export: `batches` give each one's statistics anew. Raises ValueError where the nets are of another shape."""
    manifest = json.loads((folder / 'color.json').read_text())
    model = Colorizer(Shape(**manifest['shape'])).to(memory_format=torch.channels_last).eval()
    biases: dict[nn.BatchNorm2d, torch.Tensor] = {}
    for build, name in ((backbone, 'color-backbone'), (prior, 'color-prior')):
        read_graph(build(model, Recorder), folder / f'{name}.onnx', model, biases)
    read_tables(model, manifest, folder / 'color-tables.bin')
    with torch.no_grad():
        unfold(model, biases, batches)
        start_moments(model, manifest['labels'], batches)
    return model, manifest['training']['steps'], manifest['training']['hours'] * 3600


def read_graph(graph: Recorder, path: Path, model: Colorizer, biases: dict) -> None:
    stored = [numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer]
    if [list(t.dims) for t in graph.weights] != [list(v.shape) for v in stored]:
        raise ValueError(f'expected the {len(graph.weights)} weights of this colorizer in {path}, found {len(stored)} of other shapes')
    labels = model.shape.labels
    shares = [i for i, t in enumerate(graph.weights) if t.name.startswith('share')]
    with torch.no_grad():
        for tensor, value in zip(graph.weights, stored):
            value = torch.from_numpy(value.astype(np.float32).copy()) if value.dtype != np.int64 else None
            if tensor.name in graph.norms:
                biases[graph.norms[tensor.name]] = value
            elif isinstance(graph.parameters.get(tensor.name), nn.Parameter):
                graph.parameters[tensor.name].copy_(value)
            elif list(tensor.dims) == [labels, labels, 1, 1]:
                model.prior.near.table.copy_((value[:, :, 0, 0] / 0.98).clamp_min(1e-9).log())
        if shares:  # in nets.Near's order: log share, then 1e-4, trust for each e-fold, trust at weight 1
            model.prior.near.share.copy_(torch.from_numpy(stored[shares[1]].reshape(-1).copy()))
            model.prior.near.trust.copy_(torch.tensor([stored[shares[1] + 3].item(), stored[shares[1] + 2].item()]))


def read_tables(model: Colorizer, manifest: dict, path: Path) -> None:
    blob = path.read_bytes()
    with torch.no_grad():
        for name, target in (('table', model.decoder.table), ('place', model.decoder.place), ('blend', model.decoder.blend.T)):
            head = manifest['tables'][name]
            value = np.frombuffer(blob, '<f4', int(np.prod(head['shape'])), head['offset'])
            target.copy_(torch.from_numpy(value.copy()).view(target.shape))
        model.classes.copy_(torch.tensor([label['class'] for label in manifest['labels']]))


def unfold(model: Colorizer, biases: dict[nn.BatchNorm2d, torch.Tensor], batches: list[Batch]) -> None:
    """Gives each norm the statistics of its inputs, and the scale and shift with which it changes nothing but the bias."""

    def measure(norm: nn.BatchNorm2d, inputs: tuple[torch.Tensor]) -> None:
        if norm not in biases:
            return
        x = inputs[0].float()
        norm.running_mean.copy_(x.mean((0, 2, 3)))
        norm.running_var.copy_(x.var((0, 2, 3), correction=0))
        norm.weight.copy_((norm.running_var + norm.eps).sqrt())
        norm.bias.copy_(biases.pop(norm) + norm.running_mean)

    hooks = [m.register_forward_pre_hook(measure) for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    luma, inside = (torch.cat([getattr(b, k) for b in batches[:4]]) for k in ('luma', 'inside'))
    features, logits, _, _ = model.backbone(luma, inside)
    known = torch.nn.functional.one_hot(logits.argmax(1), model.shape.labels).permute(0, 3, 1, 2) * (torch.rand_like(inside) < 0.2)
    model.prior(features, logits, known.float())
    for hook in hooks:
        hook.remove()
    if biases:
        raise ValueError(f'expected to pass every batch norm, {len(biases)} were not met')


def start_moments(model: Colorizer, labels: list[dict], batches: list[Batch]) -> None:
    """The palette's moments: a wide normal about each label's chroma, then what the labels found in `batches` say."""
    mean, share = torch.tensor([v['chroma'] for v in labels]), torch.tensor([v['share'] for v in labels])
    a, b = mean.unbind(1)
    model.moments.copy_(torch.stack((torch.ones_like(a), a, b, a * a + 40, a * b, b * b + 40), 1) * share[:, None] * 1e5)
    for batch in batches:
        inside = batch.inside.reshape(-1) > 0
        model.observe(explain(model, batch, False)['z'].reshape(-1)[inside], cell_moments(batch.chroma)[inside], 0.7)
