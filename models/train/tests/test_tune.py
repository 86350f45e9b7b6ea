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

from integer import Mode  # noqa: E402
from ms_ssim import C1, C2, WEIGHTS, ms_ssim, window  # noqa: E402
from pca import block_pca  # noqa: E402
from rda import Shape  # noqa: E402
from test_rda import LATENTS, batch, crops  # noqa: E402
from train import Trainer  # noqa: E402
from tune import Tuner, same_entropy  # noqa: E402


@pytest.fixture(autouse=True)
def plain_mode():
    Mode.fake = False
    yield
    Mode.fake = False


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


def test_the_tune_trains_around_shared_entropy_nets_and_is_exported_beside_them(tmp_path):
    pytest.importorskip('onnx')
    pytest.importorskip('onnxruntime')
    from export import run

    torch.manual_seed(4)
    pictures = batch(crops(4, 192))
    base = Trainer(Shape(), 1e-3)
    base.model.start(*block_pca(crops(), LATENTS), pictures)
    base.ema.load_state_dict(base.model.state_dict())
    base.save(tmp_path / 'base.pt')
    tuner = Tuner.start(tmp_path / 'base.pt', 1e-3)
    before = {k: v.clone() for k, v in tuner.model.state_dict().items()}
    tuner.train_step(pictures, 1e-3)
    Mode.fake = True
    tuner.train_step(pictures, 1e-3, hard=True)
    after = tuner.model.state_dict()
    assert same_entropy(before, after)
    moved = {name.split('.')[0] for name, value in after.items() if not torch.equal(value, before[name])}
    assert moved == {'analysis', 'hyper_analysis', 'synthesis', 'gain'}
    tuner.save(tmp_path / 'tune.pt')

    args = Namespace(checkpoint=str(tmp_path / 'base.pt'), ms_ssim=str(tmp_path / 'tune.pt'), out=str(tmp_path / 'models'), note='')
    run(args)
    manifest = json.loads((tmp_path / 'models/manifest.json').read_text())
    assert manifest['tunes']['ms-ssim']['id'] != manifest['id']
    alone = Namespace(**vars(args) | {'ms_ssim': None})
    run(alone)
    again = json.loads((tmp_path / 'models/manifest.json').read_text())
    assert (again['tunes'], again['id']) == ({}, manifest['id'])
    assert not list((tmp_path / 'models').glob('rda-ms-ssim-*'))

    with torch.no_grad():
        tuner.ema.passes[1].mean.weight.add_(0.1)
    tuner.save(tmp_path / 'tune.pt')
    with pytest.raises(ValueError, match='entropy nets'):
        run(args)
