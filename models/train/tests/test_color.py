"""Tests of the colorizer's nets, decoder, palette and training loop, on pictures made here."""

import itertools
import json
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from color.decoder import Decoder, cells, log_logistic, log_pair  # noqa: E402
from color.encoder import Encoder  # noqa: E402
from color.lab import lab_of, rgb_of  # noqa: E402
from color.model import Colorizer, explain, one_hot  # noqa: E402
from color.names import colour_name  # noqa: E402
from color.nets import Near, Shape  # noqa: E402
from color.order import GROUPS, group_grid  # noqa: E402
from color.palette import class_palette, fit, quadratic  # noqa: E402
from color.export import run as export  # noqa: E402
from color.photos import Loader, Photo, film_of, frame_size, framed, place, stack  # noqa: E402
from color.train import Crops, Trainer, crops, first_palette, planned, reveal  # noqa: E402
from color.weights import load_colorizer  # noqa: E402

torch.set_num_threads(1)
SMALL = Shape(labels=12, sixteenth=8, features=8, trunk=4, affinity=2, prior=8, prior_deep=8)


def photos(count=6):
    """Two flat areas and a texture: light ones are blue, dark ones green, and the map names both."""
    g = np.random.default_rng(0)
    out = []
    for i in range(count):
        lab = np.zeros((96, 128, 3), np.uint8)
        edge = 32 + 8 * (i % 4)
        lab[:edge] = (200, 120, 90)
        lab[edge:] = (90, 100, 160)
        lab = (lab.astype(int) + g.integers(-4, 5, lab.shape)).clip(0, 255).astype(np.uint8)
        classes = np.full((96, 128), 3, np.uint8)
        classes[:edge] = 1
        film = (lab[..., 0] * 0.5).astype(np.uint8)
        out.append(Photo(f'{i:05}', 'made', lab, film, classes if i % 2 else None))
    return out


def started(kind='both'):
    torch.manual_seed(0)
    loader = Loader(photos(), 64, 1)
    trainer = Trainer(SMALL, 1e-3, kind)
    trainer.model.start(first_palette(kind, 12, loader))
    trainer.ema.load_state_dict(trainer.model.state_dict())
    return trainer, loader


def test_lab_of_primaries_and_back():
    rgb = np.array([[[255, 255, 255], [255, 0, 0], [0, 0, 255], [10, 20, 30]]], np.uint8)
    lab = lab_of(rgb)
    assert np.allclose(lab[0, 0], [100, 0, 0], atol=0.02)
    assert np.allclose(lab[0, 1], [53.24, 80.09, 67.2], atol=0.05)
    assert np.abs(rgb_of(lab) * 255 - rgb).max() < 0.6


def test_groups_cover_the_grid_coarse_to_fine():
    grid = group_grid(32, 32)
    assert np.bincount(grid.reshape(-1)).tolist() == [1, 4, 11, 16, 32, 64, 128, 256, 512]
    assert grid[16, 16] == 0 and grid[8, 24] == 1 and grid[0, 0] == grid[8, 16] == 2
    assert grid[4, 4] == 3 and grid[0, 4] == 4 and grid[2, 2] == 5 and grid[0, 2] == 6 and grid[1, 1] == 7 and grid[0, 1] == 8


def test_frames_hold_whole_cells_in_the_middle():
    assert frame_size(341, 256, 256) == (256, 192)
    luma, inside, chroma, classes = framed(photos()[1])
    assert inside[0].sum() == 32 * 24 and inside[0, :4].sum() == 0
    assert (luma[0, :32] == 0).all() and classes[4, 0] == 1
    assert np.abs(chroma[:, 40:44].mean((1, 2)) - [-8, -38]).max() < 1


def test_logistic_sums_to_one():
    values = torch.arange(-2000.0, 2001.0)
    for mean, scale in ((0.3, -2.0), (-7.7, 0.5), (4.0, 2.0)):
        total = log_logistic(values, torch.tensor(mean), torch.tensor(scale)).exp().sum()
        assert total.item() == pytest.approx(1, abs=1e-3)


def test_mixture_of_one_label_is_that_label():
    torch.manual_seed(1)
    d = Decoder(5, 4)
    torch.nn.init.normal_(d.table, std=0.3)
    with torch.no_grad():
        d.blend[4, 0] = -30
    trunk, affinity = torch.randn(6, 4, 16), torch.randn(6, 2, 16)
    z, inside = torch.full((1, 2, 3), 3), torch.ones(1, 2, 3, dtype=torch.bool)
    y = torch.randint(-20, 20, (6, 2, 16)).float()
    pick = torch.arange(6)
    alone = log_pair((y[:, :1], y[:, 1:]), d.own(trunk, torch.full((6, 1), 3)))[:, 0]
    assert torch.allclose(d.log_likelihood(trunk, affinity, z, inside, y, pick), alone, atol=1e-4)
    assert torch.allclose(d.mean(trunk, affinity, z, inside, pick)[:, 0], d.own(trunk, torch.full((6, 1), 3))[0][:, 0] * 16, atol=1e-4)


def test_quadratic_is_the_log_density_of_a_cell():
    g = np.random.default_rng(2)
    y = g.normal(size=(16, 2)) * 3 + [4, -2]
    moments = np.array([[16, y[:, 0].sum(), y[:, 1].sum(), (y[:, 0] ** 2).sum(), (y[:, 0] * y[:, 1]).sum(), (y[:, 1] ** 2).sum()]])
    mean, covariance = np.array([[3.0, -1.0]]), np.array([[[5.0, 1.0], [1.0, 4.0]]])
    expected = torch.distributions.MultivariateNormal(torch.tensor(mean[0]), torch.tensor(covariance[0])).log_prob(torch.from_numpy(y)).sum()
    assert (moments @ quadratic(mean, covariance)).item() == pytest.approx(expected.item())


def test_palette_finds_clusters_and_keeps_their_classes():
    g = np.random.default_rng(3)
    centres = np.array([[20.0, 5.0], [-15.0, 20.0], [0.0, -25.0]])
    which = np.repeat(np.arange(3), 400)
    y = centres[which][:, None] + g.normal(size=(1200, 16, 2)) * 2
    sums = [np.full(1200, 16.0), *y.sum(1).T, (y[..., 0] ** 2).sum(1), (y[..., 0] * y[..., 1]).sum(1), (y[..., 1] ** 2).sum(1)]
    moments = np.stack(sums, 1)
    found = fit(moments, 3, 1).mean
    assert np.abs(found[:, None] - centres[None]).sum(2).min(0).max() < 1
    palette = class_palette(moments, np.array([0, 4, 7])[which], 6, 2, 1)
    assert set(palette.classes.tolist()) == {0, 4, 7}
    for label, c in zip(palette.mean, palette.classes):
        assert c == 0 or np.abs(label - centres[{4: 1, 7: 2}[c]]).max() < 2


def test_log_p_of_labels_sums_to_one():
    torch.manual_seed(0)
    near = Near(2)
    torch.nn.init.normal_(near.table)
    groups = torch.from_numpy(group_grid(2, 3))[None]
    base = torch.randn(1, 2, 2, 3)
    total = 0.0
    for labels in itertools.product(range(2), repeat=6):
        z = torch.tensor(labels).view(1, 2, 3)
        log_p = 0.0
        for g in range(GROUPS):
            logits = base + near(one_hot(z, 2, groups < g))
            log_p += (logits.log_softmax(1).gather(1, z[:, None])[:, 0] * (groups == g)).sum().item()
        total += np.exp(log_p)
    assert total == pytest.approx(1, abs=1e-5)


def test_neighbours_speak_for_what_lies_beside_them():
    near = Near(3)
    with torch.no_grad():
        near.table.copy_(5 * torch.eye(3))
    z = torch.full((1, 5, 5), 2)
    known = torch.zeros(1, 5, 5, dtype=torch.bool)
    assert near(one_hot(z, 3, known)).abs().max() == 0
    known[0, 2, 1] = True
    says = near(one_hot(z, 3, known))[0, :, 2, 2]
    assert says.argmax() == 2 and says[2] > 0 > says[0]


def test_reveal_never_shows_what_is_asked():
    inside = torch.ones(16, 24, 24, dtype=torch.bool)
    inside[:, :3] = False
    known, weight = reveal(inside)
    assert not (known & (weight > 0)).any() and not (known & ~inside).any() and (weight[:, :3] == 0).all()


@pytest.mark.parametrize('kind', ['both', 'free'])
def test_training_lowers_the_bits(kind):
    trainer, loader = started(kind)
    batch = stack([framed(p, 128) for p in photos()])
    before = explain(trainer.model.eval(), batch)
    for step in range(30):
        values = trainer.train_step(loader.batch(4), 3e-3, step >= 10)
    assert np.isfinite(values['loss'])
    after = explain(trainer.model.eval(), batch)
    total = [(o['labels'] + o['colour']).sum().item() for o in (before, after)]
    assert total[1] < total[0]


def test_checkpoints_resume(tmp_path):
    trainer, loader = started()
    trainer.train_step(loader.batch(2), 1e-3, True)
    trainer.save(tmp_path / 'main.pt')
    again = Trainer.load(tmp_path / 'main.pt', 1e-3)
    assert again.step == 1 and again.kind == 'both'
    for ours, theirs in zip(trainer.model.state_dict().values(), again.model.state_dict().values()):
        assert torch.equal(ours, theirs)


def test_the_plan_warms_up_and_ends_at_zero():
    rates = [planned(step, step / 100, 10) for step in range(101)]
    assert rates[0] == pytest.approx(0.1) and rates.index(max(rates)) == 9
    assert all(a > b for a, b in zip(rates[9:], rates[10:])) and rates[100] == pytest.approx(0, abs=1e-12)


def test_crops_are_parsed_and_refused():
    assert crops('128x16:0.3,256x6:1') == [Crops(128, 16, 0.3), Crops(256, 6, 1.0)]
    for wrong in ('128', '128x16:0.5', '120x16:1'):
        with pytest.raises(ValueError, match='--crops'):
            crops(wrong)


def published(path):
    """A state dict of the names and shapes that EfficientNet-Lite0 is published with, of random numbers."""
    state = {}

    def norm(name, width):
        for key in ('weight', 'bias', 'running_mean', 'running_var'):
            state[f'{name}.{key}'] = torch.rand(width) + 0.5

    def convolution(name, outputs, inputs, kernel):
        state[f'{name}.weight'] = torch.randn(outputs, inputs, kernel, kernel) * 0.1

    convolution('_conv_stem', 32, 3, 3)
    norm('_bn0', 32)
    encoder = Encoder()
    for i, block in enumerate([*encoder.early, *encoder.eighth, *encoder.sixteenth, *encoder.deep]):
        wide, narrow = block.depthwise[0].out_channels, block.project[0].out_channels
        if block.expand is not None:
            convolution(f'_blocks.{i}._expand_conv', wide, block.expand[0].in_channels, 1)
            norm(f'_blocks.{i}._bn0', wide)
        convolution(f'_blocks.{i}._depthwise_conv', wide, 1, block.depthwise[0].kernel_size[0])
        norm(f'_blocks.{i}._bn1', wide)
        convolution(f'_blocks.{i}._project_conv', narrow, wide, 1)
        norm(f'_blocks.{i}._bn2', narrow)
    torch.save(state, path)
    return state


def test_the_encoder_takes_published_weights_and_keeps_its_first_layers(tmp_path):
    state = published(tmp_path / 'lite0.pth')
    trainer = Trainer(SMALL, 1e-3, 'both', 'lite0.pth')
    encoder = trainer.model.backbone.encoder
    encoder.read(tmp_path / 'lite0.pth')
    luma = torch.rand(1, 1, 32, 32)
    stem = torch.nn.functional.conv2d(luma.expand(-1, 3, -1, -1), state['_conv_stem.weight'], stride=2, padding=1)
    assert torch.allclose(encoder.stem[0](luma), stem, atol=1e-5)
    assert torch.equal(encoder.deep[4].project[1].running_var, state['_blocks.15._bn2.running_var'])
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    trainer.model.start(first_palette('both', 12, Loader(photos(), 64, 1)))
    trainer.train_step(Loader(photos(), 64, 1).batch(2), 1e-2, True)
    moved = {name.split('.')[0] for name, value in encoder.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {'eighth', 'sixteenth', 'deep'}


def test_film_hardly_sees_red():
    red, blue = (film_of(Image.new('RGB', (2, 2), c))[0, 0] / 2.55 for c in ((255, 0, 0), (0, 0, 255)))
    assert red == pytest.approx(27, abs=1) and blue == pytest.approx(82, abs=1)
    grey = Image.new('RGB', (2, 2), (90, 90, 90))
    assert film_of(grey)[0, 0] == pytest.approx(lab_of(np.asarray(grey))[0, 0, 0] * 2.55, abs=2)


def test_luma_is_mixed_with_what_film_saw():
    photo = photos()[0]
    plain, mixed, film = (place(photo, (64, 48), (64, 48), (0, 0), True, 64, film=share)[0][0, 8:56] for share in (0, 0.5, 1))
    assert np.abs((film + 1) * 2 - (plain + 1)).max() < 0.03
    assert np.abs(mixed - (plain + film) / 2).max() < 0.01


def test_training_goes_on_from_exported_models(tmp_path):
    trainer, loader = started()
    for _ in range(8):
        trainer.train_step(loader.batch(4), 3e-3, True)
    trainer.save(tmp_path / 'main.pt')
    (tmp_path / 'color').mkdir()
    (tmp_path / 'color/classes.json').write_text(json.dumps({'classes': [{'id': 1, 'name': 'a'}, {'id': 3, 'name': 'b'}]}))
    export(Namespace(checkpoint=tmp_path / 'main.pt', one=None, data=tmp_path, out=tmp_path / 'out', note=''))
    batches = [Loader(photos(), 256, 2).batch(6) for _ in range(4)]
    again, steps, _ = load_colorizer(tmp_path / 'out', batches)
    assert steps == 8 and torch.equal(again.classes, trainer.ema.classes)
    batch = batches[0]
    with torch.no_grad():
        ours, theirs = (m.backbone(batch.luma, batch.inside) for m in (again.eval(), trainer.ema.eval()))
        assert all(torch.allclose(a, b, atol=0.03) for a, b in zip(ours, theirs))
        known = one_hot(ours[1].argmax(1), 12, torch.rand(6, 32, 32) < 0.3)
        assert torch.allclose(again.prior(ours[0], ours[1], known), trainer.ema.prior(theirs[0], theirs[1], known), atol=0.05)
    before = explain(again, batch)
    resumed = Trainer.of_export(tmp_path / 'out', 1e-3, 'both', Loader(photos(), 256, 3))
    assert resumed.before[0] == 8 and resumed.step == 0
    resumed.train_step(Loader(photos(), 64, 1).batch(4), 1e-3, True)
    assert torch.isfinite(before['colour']).all()


def test_names_say_hue_and_strength():
    assert colour_name(0, 0) == 'neutral'
    assert colour_name(-50, 45) == 'vivid green'
    assert colour_name(5, -15) == 'pale blue'


def test_export_computes_what_the_nets_do(tmp_path):
    import onnxruntime as ort

    from color.export import FRAME, GRID, run

    model = Colorizer(SMALL).eval()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
            torch.nn.init.normal_(module.running_mean, std=0.1)
    trainer = Trainer(SMALL, 1e-3, 'both')
    model.moments += torch.tensor([10.0, 0, 0, 100, 0, 100])
    trainer.ema.load_state_dict(model.state_dict())
    trainer.save(tmp_path / 'main.pt')
    (tmp_path / 'color').mkdir()
    (tmp_path / 'color/classes.json').write_text(json.dumps({'classes': [{'id': 1, 'name': 'sky'}]}))
    run(Namespace(checkpoint=tmp_path / 'main.pt', one=None, data=tmp_path, out=tmp_path / 'out', note=''))
    manifest = json.loads((tmp_path / 'out/color.json').read_text())
    assert len(manifest['labels']) == 12 and manifest['tables']['table']['shape'] == [12, 6, 5]
    luma = torch.randn(1, 1, FRAME, FRAME).clamp(-1, 1)
    inside = torch.ones(1, 1, GRID, GRID)
    inside[..., :5] = 0
    with torch.no_grad():
        features, logits, trunk, affinity = model.backbone(luma, inside)
        known = one_hot(torch.randint(0, 12, (1, GRID, GRID)), 12, torch.rand(1, GRID, GRID) < 0.3)
        after = model.prior(features, logits, known)
    backbone = ort.InferenceSession(tmp_path / 'out/color-backbone.onnx')
    outs = backbone.run(None, {'luma': luma.numpy(), 'inside': inside.numpy()})
    for ours, theirs in zip(outs, (features, logits, torch.cat((trunk, affinity), 1))):
        assert np.abs(ours - theirs.numpy()).max() < 0.02
    prior = ort.InferenceSession(tmp_path / 'out/color-prior.onnx')
    result = prior.run(None, {'features': features.numpy(), 'logits': logits.numpy(), 'known': known.numpy()})[0]
    assert np.abs(result - after.numpy()).max() < 0.02
