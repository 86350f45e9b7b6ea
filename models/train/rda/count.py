"""Multiply-accumulates per pixel of encoding and decoding, counted layer by layer on a run of the nets."""

from __future__ import annotations

import json

import torch
from torch import nn

from integer import IntegerConv
from rda import Rda, Shape

SIDE = 256


def count(model: Rda) -> dict[str, float]:
    """kMAC per pixel of each part: analysis, hyper analysis, entropy nets (both sides run them), synthesis."""
    totals: dict[str, float] = {}
    hooks = []

    def watch(part: str, layer: nn.Module) -> None:
        def add(_, inputs, output) -> None:
            weight = layer.weight
            places = output.shape[2] * output.shape[3]
            totals[part] = totals.get(part, 0) + places * weight.numel() / SIDE**2 / 1000

        hooks.append(layer.register_forward_hook(add))

    for name, layer in model.named_modules():
        if isinstance(layer, (nn.Conv2d, IntegerConv)):
            part = name.split('.')[0]
            watch('entropy' if part in ('hyper_synthesis', 'passes') else part, layer)
    with torch.no_grad():
        model.eval()(torch.rand(1, 3, SIDE, SIDE), torch.tensor([31.0]), fast=False)
    for hook in hooks:
        hook.remove()
    totals['encode'] = totals['analysis'] + totals['hyper_analysis'] + totals['entropy']
    totals['decode'] = totals['entropy'] + totals['synthesis']
    return totals


def run(_) -> None:
    """Print the counts as JSON. Encoding as counted does not include the check that decodes the symbols again."""
    model = Rda(Shape())
    print(json.dumps({k: round(v, 2) for k, v in count(model).items()} | {'parameters': sum(p.numel() for p in model.parameters())}))
