"""manifest.json and rda-prior.bin: tables, tile rules, hashes, and what proves that rows are computed alike everywhere."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from rda.hyper_prior import BANDS, CLASSES, REACH, UNIT
from rda.model import ERROR_WORTH, Rda
from rda.nets import HYPER, HYPER_CLIP, LATENTS
from rda.quality import LAMBDA_HIGH, LAMBDA_LOW, POINTS

CHECKED_POINT = 31


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


def self_check(folder: Path) -> str:
    """SHA-256 over the rows of extreme hyper-latents, one byte each."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(folder / 'rda-rows.onnx', options, providers=['CPUExecutionProvider'])
    digest = hashlib.sha256()
    for seed, limit in ((1, HYPER_CLIP), (2, 3)):  # the ends of the range, and what photos have
        feeds = {'hyper': extremes((1, HYPER, 3, 3), limit, seed), 'point': np.array([CHECKED_POINT], np.int64)}
        digest.update(session.run(None, feeds)[0].astype(np.uint8).tobytes())
    return digest.hexdigest()


def prior_bytes(prior: dict[str, np.ndarray]) -> bytes:
    """One band after another: weights int8 [96, 192], bias int16 [96], counts uint16 [64], centre int8 [64, 96], table uint8 [64, 96]."""
    out = b''
    for band in range(BANDS):
        for name, kind in (('weights', '<i1'), ('bias', '<i2'), ('counts', '<u2'), ('centre', '<i1'), ('table', '<u1')):
            value = prior[name][band]
            if not np.array_equal(value.astype(kind), value):
                raise ValueError(f'expected {name} within {kind}, found {value.min()}…{value.max()}')
            out += value.astype(kind).tobytes()
    return out


def decode_of(model: Rda, tables: dict) -> dict:
    """Everything that decoding depends on beside the nets and the prior."""
    hyper = [{'shift': 0, 'low': -REACH, 'freq': row} for row in np.asarray(tables['prior']['frequencies']).tolist()]
    return {
        'format': 2, 'latents': LATENTS, 'hyper': HYPER, 'hyperClip': HYPER_CLIP, 'features': model.shape.means,
        'points': POINTS, 'lambda': [LAMBDA_LOW, LAMBDA_HIGH],
        'gains': gains_of(model),
        'tile': {'largest': 1024, 'multiple': 64},
        'tables': {'residual': tables['rows'], 'hyper': hyper},
        'prior': {'bands': BANDS, 'classes': CLASSES, 'unit': UNIT},
    }  # fmt: skip


def manifest_of(folder: Path, decode: dict) -> dict:
    """What the app reads; `id` is the hash of what decoding depends on."""
    paths = [*sorted(folder.glob('rda-*.onnx')), folder / 'rda-prior.bin']
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    return {'id': identity(decode, folder, 'rda'), 'decode': decode, 'encode': {'errorWorth': list(ERROR_WORTH)}, 'files': files, 'selfCheck': self_check(folder)}


def identity(decode: dict, folder: Path, prefix: str) -> str:
    """The hash of all that decoding depends on: tables, rows, prior, and the decoding nets of the tune that `prefix` names."""
    digest = hashlib.sha256(json.dumps(decode, sort_keys=True).encode())
    for name in ('rda-rows.onnx', 'rda-prior.bin', *(f'{prefix}-{net}.onnx' for net in ('means-even', 'means-odd', 'synthesis'))):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:16]
