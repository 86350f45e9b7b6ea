"""Tests of the photo codec's nets, tables and export, on pictures made here."""

import json
import math
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from rda import hyper_prior  # noqa: E402
from rda.model import Rda, Shape, bits  # noqa: E402
from rda.nets import HYPER, LATENTS, Rows, checkerboard  # noqa: E402
from rda.quality import POINTS, Curve, lam, scale_index, scale_of  # noqa: E402
from rda.symbols import latents_of, symbols_of  # noqa: E402
from rda.tables import TOTAL, bits_of, cost, costs_of, counts_of, row_tables, scale_values  # noqa: E402
from rda.train import RdaTrainer  # noqa: E402
from rda_helpers import batch, crops, start, started  # noqa: E402

torch.set_num_threads(1)


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
        mass = 2 ** -bits(value - 0.3, torch.tensor(scale))
        assert mass.sum().item() == pytest.approx(1, abs=1e-4)
    # Far out the gradient still leads towards the value.
    mean = torch.tensor(0.0, requires_grad=True)
    bits(torch.tensor(50.0) - mean, torch.tensor(0.11)).backward()
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
            out = model(x, torch.full((x.shape[0],), point))
        rates.append((out['bits_y'] + out['bits_z']).sum().item())
        errors.append((out['picture'] - x).square().mean().item())
    assert rates == sorted(rates) and errors == sorted(errors, reverse=True)


def test_odd_places_see_even_ones_and_never_the_other_way_round():
    model, x = started()
    model.eval()
    point = torch.full((x.shape[0],), 31.0)
    with torch.no_grad():
        for p in model.means.parameters():  # let the context matter
            p.add_(0.02 * torch.randn_like(p))
        steps = model.analysis(x) * model.gain(point).exp()[:, :, None, None]
        z = torch.zeros(x.shape[0], HYPER, 2, 2)
        a, _ = model.code(steps, z, point)
        odd = checkerboard(8, 8)
        after_odd, _ = model.code(steps + 5 * odd, z, point)
        after_even, _ = model.code(steps + 5 * (1 - odd), z, point)
    assert torch.equal(a * (1 - odd), after_odd * (1 - odd)) and not torch.equal(a * odd, after_odd * odd)
    # What is left of an odd latent after rounding depends on its mean, and so on the even ones.
    assert not torch.allclose(a * odd, after_even * odd, atol=1e-6)


def test_frozen_rows_are_sums_of_whole_numbers():
    torch.manual_seed(1)
    rows = Rows()
    with torch.no_grad():
        for p in rows.parameters():
            p.copy_(torch.randn_like(p) * 0.3)
        rows.start.table.add_(30)
    z = torch.randint(-63, 64, (1, HYPER, 2, 3)).float()
    before = rows(z / 20, torch.tensor([20.0]))
    rows.freeze()
    assert (rows(z / 20, torch.tensor([20.0])) - before).abs().max() < 0.1
    whole = rows(z, torch.tensor([20.0])) * Rows.UNIT
    assert torch.equal(whole, whole.round())
    weight = (rows.linear.weight * Rows.UNIT).double().flatten(1)
    exact = weight @ z[0].flatten(1).double()
    assert exact.abs().max() < 2**24


def test_tables_without_counts_follow_the_gaussian_and_with_counts_the_counts():
    for sigma, table in zip(scale_values(), row_tables()[0]):
        freq = table['freq']
        assert sum(freq) == TOTAL and min(freq) >= 1
        middle = freq[-table['low']] / TOTAL / (1 << table['shift'])
        density = math.erf(0.5 / sigma / math.sqrt(2)) if table['shift'] == 0 else 1 / (sigma * math.sqrt(2 * math.pi))
        assert middle == pytest.approx(density, rel=0.05)
    counts = np.zeros((2, 64, 256))
    counts[1, 20, :4] = (900_000, 80_000, 15_000, 5_000)
    plain, fitted = row_tables()[1][20], row_tables(counts)[1][20]
    assert cost(fitted, 0) == pytest.approx(-math.log2(0.9), abs=0.02)
    assert cost(fitted, 1) == cost(fitted, -1) == pytest.approx(-math.log2(0.04), abs=0.05)
    assert cost(plain, 40) > 20  # escaped


def test_fitted_tables_take_fewer_bits_and_symbols_decode_to_the_latents():
    model, x = started()
    model.eval()
    model.rows.freeze()
    plain = costs_of(row_tables())
    symbols = [s for one in x for s in symbols_of(model, one[None], (10.0, 40.0), plain)]
    fitted = costs_of(row_tables(counts_of(symbols)))
    assert sum(bits_of(s, fitted) for s in symbols) < sum(bits_of(s, plain) for s in symbols)
    with torch.no_grad():
        y = model.analysis(x[:1])
        gain = model.gain(torch.tensor([40.0])).exp()[:, :, None, None]
        wrong = ((latents_of(model, symbols[1]) - y) * gain).abs()
    wrong = wrong[torch.from_numpy(symbols[1].rows)[None] > 0]
    assert wrong.max() <= 1.5 and wrong.median() <= 0.5  # the nearest whole number or its neighbour towards 0


def test_the_prior_names_kinds_of_places():
    g = np.random.default_rng(2)
    pictures = []
    for _ in range(24):
        # Two kinds of places, whose hyper-latents vary in different channels, and neighbours alike.
        kind = g.random((1, 4, 4)) < 0.5
        wide = np.where(np.arange(HYPER)[:, None, None] < HYPER // 2, kind, ~kind)
        z = np.round(g.normal(size=(HYPER, 4, 4)) * np.where(wide, 6, 0.3)).astype(np.int64)
        pictures += [(point, z) for point in (3.0, 30.0, 60.0)]
    for point in range(0, 64, 8):
        pictures += [(float(point), pictures[0][1])] * 5
    prior = hyper_prior.fit(pictures)
    assert (prior.frequencies.sum(1) == TOTAL).all() and prior.counts.min() >= 1
    found = hyper_prior.bits_of(prior, 30.0, pictures[1][1]) / 16
    # One factorised Gaussian over both kinds takes log₂(σ√(2πe)) bits a channel with σ² the mean of both.
    alone = HYPER * math.log2(math.sqrt((36 + 0.09) / 2) * math.sqrt(2 * math.pi * math.e))
    assert found < 0.8 * alone


def small_tables(model, x):
    symbols = [s for one in x for s in symbols_of(model, one[None], range(0, 64, 8))]
    return {'rows': row_tables(counts_of(symbols)), 'prior': vars(hyper_prior.fit([(s.point, s.hyper) for s in symbols]))}


def exported(tmp_path, ms_ssim=None):
    """A fresh full-size model, trained for one step and exported; (trainer, folder)."""
    from rda.export import run

    torch.manual_seed(4)
    trainer = RdaTrainer(Shape(), 1e-3, torch.device('cpu'), fast=False)
    x = start(trainer.model, crops(4, 192))
    trainer.train_step(x)
    trainer.ema.load_state_dict(trainer.model.state_dict())
    trainer.save_pieces(tmp_path, 'rda')
    model = Rda(Shape()).eval()
    model.load_state_dict(trainer.ema.state_dict())
    model.rows.freeze()
    torch.save(small_tables(model, x), tmp_path / 'tables.pt')
    args = Namespace(pieces=str(tmp_path), ms_ssim=ms_ssim, tables=str(tmp_path / 'tables.pt'), out=str(tmp_path / 'models'), note='test')
    run(args)
    return trainer, args, x


def test_export_can_be_loaded_back(tmp_path):
    trainer, args, x = exported(tmp_path)
    manifest = json.loads((tmp_path / 'models/manifest.json').read_text())
    assert len(manifest['files']) == 8 and manifest['decode']['format'] == 2
    assert (tmp_path / 'models/rda-prior.bin').stat().st_size == 8 * (96 * 192 + 2 * 96 + 2 * 64 + 2 * 64 * 96)

    from rda.weights import load_weights

    again = Rda(Shape()).eval()
    assert load_weights(again, tmp_path / 'models')[0] == 1
    point = torch.full((4,), 28.0)  # a knot: tables of whole numbers come back exactly there
    with torch.no_grad():
        a, b = trainer.ema(x, point), again(x, point)
    assert a['bits_y'].sum().item() == pytest.approx(b['bits_y'].sum().item(), rel=5e-3)
    assert (a['picture'] - b['picture']).abs().max().item() < 0.05


def test_gradient_net_gives_the_slope_of_half_the_squared_error(tmp_path):
    import onnx
    import onnxruntime as ort
    from rda.gradient import borrow_weights
    from rda.graphs import synthesis, synthesis_gradient

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
