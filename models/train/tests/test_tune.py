"""Tests of MS-SSIM and of the tune that is trained for it."""

import json
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from rda.model import Shape  # noqa: E402
from rda.ms_ssim import C1, C2, WEIGHTS, ms_ssim, window  # noqa: E402
from rda.tune import Tuner, same_entropy, validate  # noqa: E402
from test_rda import exported  # noqa: E402


def naive(a, b):
    """MS-SSIM of two planes, by the definition: windowed means, variances and covariance at each scale."""
    taps = window().numpy().astype(float)
    kernel = np.outer(taps, taps)

    def means(x):
        views = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)
        return np.einsum('ijkl,kl->ij', views, kernel)

    value = 1.0
    for scale, weight in enumerate(WEIGHTS):
        if scale:
            a, b = (x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2).mean((1, 3)) for x in (a, b))
        ma, mb = means(a), means(b)
        va, vb, ab = means(a * a) - ma**2, means(b * b) - mb**2, means(a * b) - ma * mb
        term = (2 * ab + C2) / (va + vb + C2)
        if scale == len(WEIGHTS) - 1:
            term = term * (2 * ma * mb + C1) / (ma**2 + mb**2 + C1)
        value *= max(term.mean(), 1e-4) ** weight
    return value


def test_ms_ssim_follows_its_definition_and_has_a_slope():
    g = torch.Generator().manual_seed(3)
    a = torch.nn.functional.interpolate(torch.rand(1, 3, 12, 11, generator=g), (192, 176), mode='bilinear')
    b = (a + 0.1 * torch.randn(a.shape, generator=g)).clamp(0, 1).requires_grad_(True)
    expected = np.mean([naive(a[0, c].numpy().astype(float), b[0, c].detach().numpy().astype(float)) for c in range(3)])
    found = ms_ssim(a, b)
    assert found.item() == pytest.approx(expected, abs=1e-5)
    assert ms_ssim(a, a).item() == pytest.approx(1, abs=1e-6)
    (slope,) = torch.autograd.grad(found.sum(), b)
    assert ms_ssim(a, (b + 0.01 * slope / slope.abs().max()).detach()).item() > found.item()
    with pytest.raises(ValueError, match='161'):
        ms_ssim(a[..., :160, :], b[..., :160, :])


def test_the_tune_trains_around_shared_rows_and_is_exported_beside_them(tmp_path):
    from rda.export import run

    base, args, x = exported(tmp_path)
    tuner = Tuner(Shape(), 1e-3, torch.device('cpu'), fast=False)
    for model in (tuner.model, tuner.ema):
        model.load_state_dict(base.ema.state_dict())
    before = {k: v.clone() for k, v in tuner.model.state_dict().items()}
    tuner.train_step(x)
    tuner.harden()
    tuner.train_step(x)
    after = tuner.model.state_dict()
    assert same_entropy(before, after)
    moved = {name.split('.')[0] for name, value in after.items() if not torch.equal(value, before[name])}
    assert moved == {'analysis', 'hyper_analysis', 'synthesis', 'gain', 'means'}
    assert validate(tuner.model, x)['msssim52'] > validate(tuner.model, x)['msssim4']
    (tmp_path / 'tune').mkdir()
    tuner.save_pieces(tmp_path / 'tune', 'rda')

    first = json.loads((tmp_path / 'models/manifest.json').read_text())
    both = Namespace(**vars(args) | {'ms_ssim': str(tmp_path / 'tune')})
    run(both)
    manifest = json.loads((tmp_path / 'models/manifest.json').read_text())
    assert manifest['id'] == first['id'] != manifest['tunes']['ms-ssim']['id']
    run(args)
    assert not list((tmp_path / 'models').glob('rda-ms-ssim-*'))

    with torch.no_grad():
        tuner.ema.rows.linear.weight.add_(0.1)
    tuner.save_pieces(tmp_path / 'tune', 'rda')
    with pytest.raises(ValueError, match='rows'):
        run(both)
