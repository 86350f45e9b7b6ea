"""manifest.json: tables, tile rules, hashes, and what proves that integer nets compute the same everywhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from integer import HIGH, UNIT
from nets import CONTEXT_CLIP, CONTEXT_UNIT, GROUPS, HYPER, LATENTS, MEAN_UNIT, PASSES
from rda.quality import LAMBDA_HIGH, LAMBDA_LOW, POINTS, SCALES
from rda import ERROR_WORTH, Rda
from tables import frequency_tables, scale_values

HYPER_CLIP = 63


def whole_table(curve, unit: int) -> torch.Tensor:
    """A curve's values at the 64 whole points, as whole multiples of 1/unit [64, C]."""
    return torch.floor(curve(torch.arange(POINTS).float()) * unit + 0.5)


def gains_of(model: Rda) -> list[list[float]]:
    return [[round(v, 6) for v in row] for row in model.gain.table.tolist()]


def extremes(shape: tuple[int, ...], limit: int, seed: int) -> np.ndarray:
    """Whole numbers that reach both ends of ±limit: a fixed linear congruential sequence, made alike in the app."""
    n = int(np.prod(shape))
    state, out = seed, np.empty(n, np.float32)
    for i in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = (state >> 8) % (2 * limit + 1) - limit if i % 4 else (limit if state & 65536 else -limit)
    return out.reshape(shape)


def self_check(folder: Path, width: int) -> str:
    """SHA-256 over the outputs of every integer net on extreme inputs, as little-endian float32 bytes."""
    import onnxruntime as ort

    digest = hashlib.sha256()
    point = np.array([31], np.int64)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    for index in (-1, 0, 1, 2, 3):
        name = 'hyper' if index < 0 else str(index)
        session = ort.InferenceSession(folder / f'rda-entropy-{name}.onnx', options, providers=['CPUExecutionProvider'])
        feeds = {'point': point}
        for i in session.get_inputs():
            if i.name == 'hyper':
                feeds['hyper'] = extremes((1, HYPER, 2, 2), HYPER_CLIP, 1)
            elif i.name == 'features':
                feeds['features'] = extremes((1, width, 6, 6), HIGH, 2 + index)
            elif i.name == 'context':
                feeds['context'] = extremes((1, i.shape[1], 6, 6), CONTEXT_CLIP, 12 + index)
        for value in session.run(None, feeds):
            digest.update(value.astype('<f4').tobytes())
    return digest.hexdigest()


def decode_of(model: Rda) -> dict:
    """Everything that decoding depends on beside the nets."""
    tables = {
        'scales': [round(float(s), 9) for s in scale_values()],
        'frequencies': frequency_tables(),
        'hyperMean': whole_table(model.hyper_mean, 1).clamp(-HYPER_CLIP, HYPER_CLIP).int().tolist(),
        'hyperScale': torch.floor(model.hyper_scale(torch.arange(POINTS).float()).clamp(0, SCALES - 1) + 0.5).int().tolist(),
    }
    return {
        'format': 1, 'latents': LATENTS, 'hyper': HYPER, 'hyperClip': HYPER_CLIP, 'features': model.shape.entropy,
        'activation': {'unit': UNIT, 'limit': HIGH},
        'groups': [list(g) for g in GROUPS], 'passes': [{'group': g, 'parity': p, 'seen': model.passes[i].seen} for i, (g, p) in enumerate(PASSES)],
        'meanUnit': MEAN_UNIT, 'contextUnit': CONTEXT_UNIT, 'contextClip': CONTEXT_CLIP,
        'points': POINTS, 'lambda': [LAMBDA_LOW, LAMBDA_HIGH],
        'gains': gains_of(model),
        'tile': {'largest': 1024, 'multiple': 64},
        'tables': tables,
    }


def manifest_of(model: Rda, folder: Path, bounds: dict, decode: dict) -> dict:
    """What the app reads; `id` is the hash of what decoding depends on."""
    files = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob('rda-*.onnx'))}
    encode = {'errorWorth': list(ERROR_WORTH)}
    return {'id': identity(decode, folder, 'rda'), 'decode': decode, 'encode': encode, 'files': files, 'selfCheck': self_check(folder, model.shape.entropy),
            'largestAccumulator': {k: max(v.values()) for k, v in bounds.items()}, 'shape': asdict(model.shape)}


def identity(decode: dict, folder: Path, prefix: str) -> str:
    """The hash of all that decoding depends on: tables, entropy nets, and the synthesis of the tune that `prefix` names."""
    digest = hashlib.sha256(json.dumps(decode, sort_keys=True).encode())
    for path in [*sorted(folder.glob('rda-entropy-*.onnx')), folder / f'{prefix}-synthesis.onnx']:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
