"""Committed weights back into the model, so that training can start from a models/ folder alone."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from nets import COARSE_UNIT, CONTEXT_UNIT
from rda.quality import KNOTS, POINTS
from rda import Rda

EVERY = (POINTS - 1) // (KNOTS - 1)  # a knot lies on every seventh whole point


def load_weights(model: Rda, folder: Path) -> tuple[int, float]:
    """Fill every parameter from the nets and the manifest of `folder`: float nets to fp16, integer nets to the whole
    numbers that they compute with. Returns the steps and seconds they were trained for.
    Raises ValueError where a parameter is missing or of another shape."""
    manifest = json.loads((folder / 'manifest.json').read_text())
    decode = manifest['decode']
    unit = decode['activation']['unit']
    found: dict[str, torch.Tensor] = {}
    gains: dict[int, torch.Tensor] = {}
    for path in sorted(folder.glob('rda-*.onnx')):
        if path.stem.startswith('rda-ms-ssim'):
            continue
        net = onnx.load(path)
        shifts = {p.key: torch.tensor(json.loads(p.value)).float() for p in net.metadata_props}
        for initializer in net.graph.initializer:
            name = initializer.name
            value = torch.from_numpy(numpy_helper.to_array(initializer).astype('float32').copy())
            if name.startswith('synthesis.gains.table.'):
                gains[int(name.rsplit('.', 1)[1])] = value
            elif '.' in name:
                found[name] = real(name, value, shifts, unit)
    found['synthesis.gains.table'] = torch.cat([gains[i] for i in sorted(gains)], 1)
    found['gain.table'] = torch.tensor(decode['gains'])
    found['hyper_mean.table'] = torch.tensor(decode['tables']['hyperMean']).float()[::EVERY]
    found['hyper_scale.table'] = torch.tensor(decode['tables']['hyperScale']).float()[::EVERY]
    with torch.no_grad():
        targets = dict(model.named_parameters()) | {'synthesis.whiten': model.synthesis.whiten}
        for name, target in targets.items():
            if name not in found:
                raise ValueError(f'expected weights of {name} in {folder}, found none')
            target.copy_(found[name].reshape(target.shape))
    return manifest['training']['steps'], manifest['training']['hours'] * 3600


def real(name: str, value: torch.Tensor, shifts: dict[str, torch.Tensor], unit: int) -> torch.Tensor:
    """The real value of a stored weight: whole numbers of integer nets, whose activations count in 1/unit, are scaled back."""
    if name.endswith('.table') and value.shape[0] == POINTS:
        return value[::EVERY].reshape(KNOTS, -1) / (1 if '.start.' in name else unit)
    weight = name.removesuffix('bias') + 'weight' if name.endswith('.bias') else name
    if weight not in shifts:
        return value
    scale = 2.0 ** shifts[weight]
    if name.endswith('.bias'):
        own = CONTEXT_UNIT if '.near.' in name else COARSE_UNIT if '.mix.' in name else unit
        return value / (scale * own)
    return value / scale[:, None, None, None]
