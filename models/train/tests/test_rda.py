"""Tests of the nets, the integer layers and the training loop, on pictures made here."""

import json
import math
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from integer import HIGH, LIMIT, LOW, UNIT, IntegerBlock, IntegerConv, Mode  # noqa: E402
from nets import LATENTS, checkerboard  # noqa: E402
from pca import block_pca  # noqa: E402
from quality import POINTS, Curve, lam, scale_index, scale_of  # noqa: E402
from rda import Rda, Shape, bits  # noqa: E402
from tables import TOTAL, frequency_tables, scale_values  # noqa: E402
from train import Trainer  # noqa: E402

torch.set_num_threads(1)
SMALL = Shape(analysis=16, analysis_blocks=1, analysis_deep=1, synthesis=16, synthesis_blocks=1, synthesis_deep=1, entropy=16)


@pytest.fixture(autouse=True)
def plain_mode():
    Mode.fake = False
    yield
    Mode.fake = False


def crops(count=12, size=128, seed=0):
    """Smooth colour fields with edges."""
    g = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        y, x = np.mgrid[0:size, 0:size] / size
        waves = [np.sin(g.uniform(2, 25) * (x * g.normal() + y * g.normal()) + g.uniform(0, 6)) for _ in range(3)]
        picture = np.stack([0.5 + 0.2 * w + 0.2 * (waves[0] > 0.3) for w in waves], -1)
        out.append((picture.clip(0, 1) * 255).astype(np.uint8))
    return out


def batch(pictures):
    return torch.stack([torch.from_numpy(p.copy()).permute(2, 0, 1).float() / 255 for p in pictures])


def started():
    torch.manual_seed(0)
    pictures = crops()
    model = Rda(SMALL)
    model.start(*block_pca(pictures, LATENTS), batch(pictures))
    return model, batch(pictures)


def test_lambda_is_geometric_over_the_points():
    values = lam(torch.arange(POINTS).float())
    assert values[0].item() == pytest.approx(0.0008) and values[-1].item() == pytest.approx(0.3)
    ratios = values[1:] / values[:-1]
    assert ratios.max() / ratios.min() < 1.0001


def test_scale_index_and_scale_are_inverse():
    index = torch.linspace(0, 63, 200)
    assert torch.allclose(scale_index(scale_of(index)), index, atol=1e-3)


def test_curve_is_linear_between_knots():
    curve = Curve(1)
    with torch.no_grad():
        curve.table.copy_(torch.arange(10.0)[:, None])
    value = curve(torch.tensor([0.0, 3.5, 63.0]))[:, 0]
    assert torch.allclose(value, torch.tensor([0.0, 0.5, 9.0]), atol=1e-5)


def test_bits_are_those_of_the_discretised_gaussian():
    value = torch.arange(-60.0, 61.0)
    for scale in (0.2, 1.0, 6.0):
        mass = 2 ** -bits(value, torch.tensor(0.3), torch.tensor(scale))
        assert mass.sum().item() == pytest.approx(1, abs=1e-4)
    # Far out the gradient still leads towards the value.
    mean = torch.tensor(0.0, requires_grad=True)
    bits(torch.tensor(50.0), mean, torch.tensor(0.11)).backward()
    assert mean.grad.item() < 0


def test_step_0_is_a_transform_codec():
    model, x = started()
    model.eval()
    with torch.no_grad():
        y = model.analysis(x)
        back = model.synthesis(y, torch.full((x.shape[0],), 63.0))
    mse = (back - x).square().mean().item()
    assert 10 * math.log10(1 / mse) > 40


def test_more_quality_costs_more_and_errs_less():
    model, x = started()
    model.eval()
    rates, errors = [], []
    for point in (0.0, 31.0, 63.0):
        with torch.no_grad():
            out = model(x, torch.full((x.shape[0],), point), fast=False)
        rates.append((out['bits_y'] + out['bits_z']).sum().item())
        errors.append((out['picture'] - x).square().mean().item())
    assert rates == sorted(rates) and errors == sorted(errors, reverse=True)


def test_passes_never_see_what_they_code():
    model, x = started()
    model.eval()
    point = torch.full((x.shape[0],), 31.0)
    with torch.no_grad():
        for p in model.passes:  # let the context matter
            for q in p.parameters():
                q.add_(0.02 * torch.randn_like(q))
        steps = model.analysis(x) * model.gain(point).exp()[:, :, None, None]
        z = torch.zeros(x.shape[0], 96, 2, 2)
        a, _ = model.code(steps, z, point, fast=False)
        # The last pass codes odd places of the high group: changing them changes nothing coded before.
        odd = checkerboard(8, 8)
        other = steps.clone()
        other[:, 48:] += 5 * odd
        b, _ = model.code(other, z, point, fast=False)
    assert torch.equal(a[:, :48], b[:, :48])
    assert torch.equal(a[:, 48:] * (1 - odd), b[:, 48:] * (1 - odd))
    assert not torch.equal(a, b)


def test_integer_layers_carry_whole_numbers():
    torch.manual_seed(1)
    block = IntegerBlock(16)
    with torch.no_grad():
        for p in block.parameters():
            p.copy_(torch.randn_like(p) * 0.2)
    Mode.fake = True
    x = torch.randint(LOW, HIGH + 1, (1, 16, 6, 6)).float() / UNIT
    whole = block(x) * UNIT
    assert torch.equal(whole, whole.round())
    assert whole.min() >= LOW and whole.max() <= HIGH


def test_accumulators_stay_exact():
    torch.manual_seed(2)
    conv = IntegerConv(512, 8)
    with torch.no_grad():
        conv.weight.uniform_(-1, 1)
        conv.weight[0] = 1  # the widest sum there is
    assert conv.bound() < LIMIT
    w, _, s = conv.whole()
    assert w.abs().max() <= 127 and s.min() >= 0


def test_fake_quantisation_stays_close_to_float():
    model, x = started()
    model.eval()
    point = torch.full((x.shape[0],), 31.0)
    with torch.no_grad():
        before = model(x, point, fast=False)['bits_y'].sum().item()
        Mode.fake = True
        after = model(x, point, fast=False)['bits_y'].sum().item()
    assert abs(after / before - 1) < 0.1


def test_frequencies_sum_and_follow_the_gaussian():
    for sigma, table in zip(scale_values(), frequency_tables()):
        freq = table['freq']
        assert sum(freq) == TOTAL and min(freq) >= 1
        middle = freq[-table['low']] / TOTAL / (1 << table['shift'])
        density = math.erf(0.5 / sigma / math.sqrt(2)) if table['shift'] == 0 else 1 / (sigma * math.sqrt(2 * math.pi))
        assert middle == pytest.approx(density, rel=0.05)


def test_training_learns_and_resumes_exactly(tmp_path):
    pictures = batch(crops(8, 64))

    def run(trainer, steps):
        return [trainer.train_step(pictures, 1e-3)['loss'] for _ in range(steps)]

    def fresh():
        torch.manual_seed(3)
        trainer = Trainer(SMALL, 1e-3)
        trainer.model.start(*block_pca(crops(8, 64), LATENTS), pictures)
        trainer.ema.load_state_dict(trainer.model.state_dict())
        return trainer

    straight = fresh()
    losses = run(straight, 6)
    interrupted = fresh()
    run(interrupted, 3)
    interrupted.save(tmp_path / 'a.pt')
    resumed = Trainer.load(tmp_path / 'a.pt', 1e-3)
    assert run(resumed, 3) == pytest.approx(losses[3:], rel=1e-3)
    assert resumed.step == straight.step == 6
    before = rate_distortion(fresh().model, pictures)
    longer = fresh()
    run(longer, 40)
    assert rate_distortion(longer.model, pictures) < before


def rate_distortion(model, x):
    model.eval()
    point = torch.full((x.shape[0],), 20.0)
    with torch.no_grad():
        out = model(x, point, fast=False)
    rate = (out['bits_y'] + out['bits_z']) / (x.shape[2] * x.shape[3])
    return (rate + lam(point) * 65025 * (out['picture'] - x).square().mean((1, 2, 3))).mean().item()


def test_export_can_be_loaded_back(tmp_path):
    pytest.importorskip('onnx')
    pytest.importorskip('onnxruntime')
    from export import run

    torch.manual_seed(4)
    trainer = Trainer(Shape(), 1e-3)
    pictures = batch(crops(4, 128))
    trainer.model.start(*block_pca(crops(), LATENTS), pictures)
    trainer.train_step(pictures, 1e-3)
    trainer.ema.load_state_dict(trainer.model.state_dict())
    trainer.save(tmp_path / 'm.pt')
    run(Namespace(checkpoint=str(tmp_path / 'm.pt'), ms_ssim=None, out=str(tmp_path / 'models'), note='test'))
    manifest = json.loads((tmp_path / 'models/manifest.json').read_text())
    assert len(manifest['files']) == 9
    assert max(manifest['largestAccumulator'].values()) < LIMIT
    assert len(manifest['decode']['tables']['hyperScale']) == POINTS

    from weights import load_weights

    again = Rda(Shape()).eval()
    load_weights(again, tmp_path / 'models')
    point = torch.full((4,), 28.0)  # a knot: tables of whole numbers come back exactly there
    with torch.no_grad():
        a = trainer.ema(pictures, point, fast=False)
        b = again(pictures, point, fast=False)
    assert a['bits_y'].sum().item() == pytest.approx(b['bits_y'].sum().item(), rel=5e-3)
    assert (a['picture'] - b['picture']).abs().max().item() < 0.05


def test_gradient_net_gives_the_slope_of_half_the_squared_error(tmp_path):
    import onnxruntime as ort
    import onnx
    from export import synthesis, synthesis_gradient
    from gradient import borrow_weights

    model, _ = started()
    with torch.no_grad():
        for p in model.synthesis.parameters():
            p.copy_((p + 0.02 * torch.randn_like(p)).half().float())
    decoder, picture = synthesis(model)
    decoder.output(picture, 'photo', 3)
    onnx.save(decoder.model(), tmp_path / 'rda-synthesis.onnx')
    onnx.save(borrow_weights(synthesis_gradient(model).model(), tmp_path / 'rda-synthesis.onnx'), tmp_path / 'gradient.onnx')
    assert (tmp_path / 'gradient.onnx').stat().st_size < (tmp_path / 'rda-synthesis.onnx').stat().st_size / 3
    y = (0.02 * torch.randn(1, LATENTS, 3, 2)).requires_grad_(True)
    point, photo = torch.tensor([20.0]), 0.4 + 0.2 * torch.rand(1, 3, 48, 32)
    weight = torch.ones(1, 1, 48, 32)
    weight[..., 20:] = 0
    expected = model.synthesis(y, point)
    assert 0 < expected.min() and expected.max() < 1  # nothing is clipped
    (slope,) = torch.autograd.grad(0.5 * (weight * (expected - photo) ** 2).sum(), y)
    session = ort.InferenceSession(tmp_path / 'gradient.onnx', providers=['CPUExecutionProvider'])
    feeds = {'latents': y.detach(), 'point': point, 'photo': photo, 'weight': weight}
    found, decoded = session.run(['gradient', 'picture'], {k: v.numpy() for k, v in feeds.items()})
    assert np.abs(decoded - expected.detach().numpy()).max() < 1e-5
    assert np.abs(found - slope.numpy()).max() < 1e-5 * np.abs(slope.numpy()).max() + 1e-6
