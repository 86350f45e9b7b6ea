"""Multiply-accumulates per pixel of encoding and decoding, counted on a run of the nets."""

from __future__ import annotations

import json

import torch
from torch.utils.flop_counter import FlopCounterMode

from rda.model import Rda, Shape

SIDE = 256
PARTS = ('analysis', 'hyper_analysis', 'rows', 'means', 'synthesis')


def count(model: Rda) -> dict[str, float]:
    """kMAC per pixel of each part; both sides run rows and means."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.eval()(torch.rand(1, 3, SIDE, SIDE), torch.tensor([31.0]))
    # `features`, `of_even` and `of_odd` are no modules: what they run is counted as the model's own, layer by layer.
    by_module = {name: sum(operations.values()) for name, operations in counter.get_flop_counts().items()}
    totals = {part: 0.0 for part in PARTS}
    for part in ('analysis', 'hyper_analysis', 'rows', 'synthesis'):
        totals[part] = by_module[f'Rda.{part}'] / 2 / SIDE**2 / 1000
    totals['means'] = by_module['Rda'] / 2 / SIDE**2 / 1000 - sum(totals.values())
    totals['encode'] = sum(totals[part] for part in ('analysis', 'hyper_analysis', 'rows', 'means'))
    totals['decode'] = sum(totals[part] for part in ('rows', 'means', 'synthesis'))
    return totals


def run(_) -> None:
    """Print the counts as JSON. Encoding as counted does not include the check that decodes the symbols again."""
    model = Rda(Shape())
    print(json.dumps({k: round(v, 2) for k, v in count(model).items()} | {'parameters': sum(p.numel() for p in model.parameters())}))
