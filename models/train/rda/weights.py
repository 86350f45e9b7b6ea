"""Committed weights back into the model, so that training can start from a models/ folder alone."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from rda.model import Rda
from rda.nets import Rows
from rda.quality import KNOTS, POINTS

EVERY = (POINTS - 1) // (KNOTS - 1)  # a knot lies on every seventh whole point
TRAINED_ALONE = ('hyper_mean', 'hyper_scale')  # the prior of training; what is written follows rda-prior.bin


def load_weights(model: Rda, folder: Path) -> tuple[int, float]:
    """Fill every parameter but those of TRAINED_ALONE from the nets and the manifest of `folder`. Returns the steps and
    seconds they were trained for. Raises ValueError where a parameter is missing or of another shape."""
    manifest = json.loads((folder / 'manifest.json').read_text())
    found: dict[str, torch.Tensor] = {}
    for path in sorted(folder.glob('rda-*.onnx')):
        if path.stem.startswith('rda-ms-ssim') or path.stem.endswith('gradient'):
            continue
        for initializer in onnx.load(path).graph.initializer:
            if '.' in initializer.name:
                found[initializer.name] = torch.from_numpy(numpy_helper.to_array(initializer).astype('float32').copy())
    gains = [name for name in found if name.startswith('synthesis.gains.table.')]
    found['synthesis.gains.table'] = torch.cat([found[name] for name in sorted(gains)], 1)
    found['gain.table'] = torch.tensor(manifest['decode']['gains'])
    found['rows.linear.weight'] /= Rows.UNIT
    found['rows.linear.bias'] /= Rows.UNIT * Rows.FAST
    found['rows.start.table'] = found['rows.start.table'][::EVERY] / Rows.UNIT
    with torch.no_grad():
        targets = dict(model.named_parameters()) | {'synthesis.whiten': model.synthesis.whiten}
        for name, target in targets.items():
            if name.startswith(TRAINED_ALONE):
                continue
            if name not in found or found[name].numel() != target.numel():
                raise ValueError(f'expected {target.numel()} weights of {name} in {folder}, found {found[name].numel() if name in found else "none"}')
            target.copy_(found[name].reshape(target.shape))
    return manifest['training']['steps'], manifest['training']['hours'] * 3600
