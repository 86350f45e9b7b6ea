"""Tests of the latent lab's VAE, on crops made here."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from vae.evaluate import bounds, pca_gaussian  # noqa: E402
from vae.model import LATENTS, LEVEL, Vae, binned, parameters  # noqa: E402
from vae.train import Trainer  # noqa: E402

torch.set_num_threads(1)


def crops(count: int, seed: int = 0) -> torch.Tensor:
    """Smooth fields of colour, some of them noisy, as 8-bit values in 0…1."""
    g = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        y, x = np.mgrid[0:64, 0:64] / 64
        waves = [np.sin(g.uniform(1, 9) * (x * g.normal() + y * g.normal()) + g.uniform(0, 6)) for _ in range(3)]
        noise = g.normal(size=(3, 64, 64)) * g.choice([0.01, 0.1])
        out.append(np.clip(0.5 + 0.2 * np.stack(waves) + noise, 0, 1))
    return torch.from_numpy((np.stack(out) * 255).round() / 255).float()


@pytest.fixture(scope='module')
def started() -> Vae:
    torch.manual_seed(1)
    model = Vae()
    model.start(crops(600))
    return model.eval()


def test_bins_are_a_distribution_over_the_256_values():
    values = torch.arange(256).float() / 255
    for mean, gamma in ((0.5, 0.1), (0.001, 0.4 * LEVEL), (1.2, 0.05), (0.3, 2.0)):
        logs = binned(values, torch.full((256,), mean), torch.full((256,), math.log(gamma)))
        assert logs.exp().sum().item() == pytest.approx(1, abs=1e-4)
        assert torch.isfinite(logs).all()


def test_start_is_the_linear_model(started):
    x = crops(8, 3)
    mean, log_sigma = started.encode(x)
    picture, _ = started.decode(mean)
    coarse = torch.nn.functional.avg_pool2d(x, 4)
    assert (torch.nn.functional.avg_pool2d(picture, 4) - coarse).square().mean() < coarse.var() / 10
    assert mean.shape == log_sigma.shape == (8, LATENTS)
    assert parameters(started) <= 8_000_000


def test_predicted_gamma_beats_a_global_one_where_crops_differ(started):
    found = bounds(started, crops(32, 4))
    assert found['elbo_predicted'] < found['elbo_global'] - 0.3


def test_more_samples_tighten_the_bound(started):
    found = bounds(started, crops(16, 5), samples=8)
    assert found['iw_global'] < found['elbo_global']
    assert found['iw_predicted'] < found['elbo_predicted']


def test_kl_is_that_of_torch(started):
    mean, log_sigma = torch.randn(2, 5, LATENTS)
    p = torch.distributions.Normal(started.prior_mean, started.prior_log_sigma.exp())
    q = torch.distributions.Normal(mean, log_sigma.exp())
    expected = torch.distributions.kl_divergence(q, p)
    assert torch.allclose(started.kl(mean, log_sigma), expected, rtol=1e-4, atol=1e-5)


def test_pca_gaussian_is_the_density_of_its_covariance():
    g = torch.Generator().manual_seed(2)
    low = torch.randn(3, 3 * 64 * 64, generator=g) * 0.05
    make = lambda n: (0.5 + torch.randn(n, 3, generator=g) @ low + 0.05 * torch.randn(n, low.shape[1], generator=g)).reshape(n, 3, 64, 64)  # noqa: E731
    found = pca_gaussian(make(2000), make(50), counts=(1, 3))
    # Three axes explain all but the noise of 0.05: its entropy in bits of 8-bit values, nearly.
    entropy = 0.5 * math.log2(2 * math.pi * math.e * (0.05 * 255) ** 2)
    assert found['pca3'] == pytest.approx(entropy, abs=0.02)
    assert found['pca3'] < found['pca1'] < found['diagonal']


def test_training_learns_and_resumes(tmp_path):
    x = crops(16, 6)

    def fresh():
        torch.manual_seed(3)
        trainer = Trainer(1e-3)
        trainer.start(crops(600))
        return trainer

    straight = fresh()
    losses = [straight.train_step(x, 2e-4)['loss'] for _ in range(16)]
    assert sum(losses[-4:]) < sum(losses[:4])
    interrupted = fresh()
    for _ in range(8):
        interrupted.train_step(x, 2e-4)
    interrupted.save(tmp_path / 'a.pt')
    resumed = Trainer.load(tmp_path / 'a.pt', 1e-3)
    assert [resumed.train_step(x, 2e-4)['loss'] for _ in range(8)] == pytest.approx(losses[8:], rel=1e-3)
    assert resumed.step == 16


def test_exported_nets_are_the_model_with_the_prior_folded_in(started, tmp_path):
    onnxruntime = pytest.importorskip('onnxruntime')
    from vae.export import write

    torch.manual_seed(4)
    model = Vae().eval()
    model.load_state_dict(started.state_dict())
    with torch.no_grad():
        # A trained model's branches are not zero, nor is its prior (0, 1).
        for p in (model.prior_mean, model.prior_log_sigma, *model.gains[2].parameters(), *model.infer[2].parameters()):
            p.add_(0.03 * torch.randn_like(p))
        for p in (*model.expand[2].parameters(), *model.last.parameters(), *model.blocks[1].b.parameters()):
            p.add_(0.03 * torch.randn_like(p))
    card = write(model, tmp_path, {})
    assert card['latents'] == 512
    sessions = [onnxruntime.InferenceSession(str(tmp_path / f'vae-{n}.onnx')) for n in ('encoder', 'decoder')]
    for x in crops(3, 8).split(1):
        with torch.no_grad():
            mean, log_sigma = model.encode(x)
            kl = model.kl(mean, log_sigma).sum().item()
            picture, log_gamma = model.decode(mean)
        normal, log = sessions[0].run(None, {'photo': x.numpy()})
        found = (0.5 * (np.exp(2 * log) + normal**2 - 1) - log).sum()
        assert found == pytest.approx(kl, rel=1e-5)
        out, gamma = sessions[1].run(None, {'z': normal})
        assert np.abs(out - picture.numpy()).max() < 1e-5
        assert np.abs(gamma - log_gamma.numpy()).max() < 1e-4
