"""Tests of what training runs share: steps, resuming, the clock, pieces that travel, pictures that are drawn."""

import json
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

import rda.train  # noqa: E402
from crops import CropPool  # noqa: E402
from graphics import graphics  # noqa: E402
from optim import Muon, is_matrix, orthogonal  # noqa: E402
from rda.quality import lam  # noqa: E402
from rda.train import RdaTrainer, fit, rate_at, validate  # noqa: E402
from rda_helpers import SMALL, batch, crops, start  # noqa: E402

torch.set_num_threads(1)
CPU = torch.device('cpu')


def rate_distortion(model, x):
    model.eval()
    point = torch.full((x.shape[0],), 20.0)
    with torch.no_grad():
        out = model(x, point)
    rate = (out['bits_y'] + out['bits_z']) / (x.shape[2] * x.shape[3])
    return (rate + lam(point) * 65025 * (out['picture'] - x).square().mean((1, 2, 3))).mean().item()


def fresh(muon=True):
    torch.manual_seed(3)
    trainer = RdaTrainer(SMALL, 1e-3, CPU, fast=False, muon=muon)
    x = start(trainer.model, crops(8, 64))
    trainer.ema.load_state_dict(trainer.model.state_dict())
    return trainer, x


@pytest.mark.parametrize('muon', [True, False])
def test_training_learns_and_resumes(tmp_path, muon):
    def run(trainer, x, steps):
        losses = []
        for _ in range(steps):
            torch.manual_seed(trainer.step)
            trainer.train_step(x)
            losses.append(trainer.means()['loss'])
        return losses

    straight, x = fresh(muon)
    losses = run(straight, x, 6)
    interrupted, _ = fresh(muon)
    run(interrupted, x, 3)
    interrupted.save(tmp_path / 'a.pt')
    resumed = RdaTrainer(SMALL, 1e-3, CPU, fast=False, muon=muon)
    assert resumed.resume(tmp_path / 'a.pt') and not resumed.resume(tmp_path / 'b.pt')
    assert run(resumed, x, 3) == pytest.approx(losses[3:], rel=1e-3)
    assert resumed.step == straight.step == 6
    before = rate_distortion(fresh()[0].model, x)
    longer, _ = fresh(muon)
    run(longer, x, 40)
    assert rate_distortion(longer.model, x) < before


def test_a_step_that_is_not_finite_is_left_out():
    trainer, x = fresh()
    trainer.train_step(x)
    before = {k: v.clone() for k, v in trainer.model.state_dict().items()}
    trainer.train_step(torch.full_like(x, float('nan')))
    after = trainer.model.state_dict()
    assert all(after[k].isfinite().all() for k in before)


def test_a_run_ends_by_the_clock_with_pieces_that_start_the_next(tmp_path, monkeypatch):
    trainer, _ = fresh()
    monkeypatch.setattr('trainer.PIECE', 900_000)
    pool = CropPool(crops(8, 96), 64, CPU, 1)
    out = tmp_path / 'out'
    out.mkdir()
    photos = batch(crops(2, 64, seed=9))
    options = {'seed': 1, 'minutes': 0.05, 'rate': 1e-3, 'warmup': 5, 'batch': 2, 'hard_from': 0.5, 'decay': 0.5}
    options |= {'pieces': str(tmp_path), 'log_every': 5, 'check_seconds': 1, 'save_seconds': 1}
    fit(trainer, pool, photos, Namespace(**options), out, validate)
    lines = [json.loads(line) for line in (out / 'log.jsonl').read_text().splitlines()]
    assert lines[0]['run'] == 'eager' and lines[-1]['end'] and lines[-1]['step'] == trainer.step > 0
    assert any(line.get('hard') for line in lines)
    files = sorted(tmp_path.glob('rda-*.pt'))
    assert len(files) > 2 and max(f.stat().st_size for f in files) < 1_000_000
    again = RdaTrainer(SMALL, 1e-3, CPU, fast=False)
    again.load_pieces(tmp_path, 'rda')
    assert again.step == trainer.step
    assert validate(again.ema, photos, hard=True)['score'] == pytest.approx(lines[-1]['score'], abs=0.02)
    with pytest.raises(FileNotFoundError, match='other-ema-0.pt'):
        again.load_pieces(tmp_path, 'other')


def test_the_rate_is_constant_then_falls_to_0():
    assert [rate_at(share, 0.5) for share in (0, 0.5, 0.75, 1, 1.2)] == [1, 1, 0.5, 0, 0]
    assert rate_at(0.9, 0) == 1


def test_muon_moves_matrices_by_orthogonal_steps():
    g = torch.randn(2, 48, 32)
    values = torch.linalg.svdvals(orthogonal(g).float())
    assert values.min() > 0.5 and values.max() < 1.5
    p = torch.nn.Parameter(torch.zeros(48, 32, 1, 1))
    assert is_matrix(p) and not is_matrix(torch.nn.Parameter(torch.zeros(48, 1, 3, 3)))
    p.grad = torch.randn_like(p)
    Muon([{'params': [p]}], lr=0.01, weight_decay=0).step()
    # The root mean square is AdamW's: about 0.2 of the rate.
    assert p.detach().square().mean().sqrt().item() == pytest.approx(0.01 * 0.2, rel=0.3)


def test_crops_are_windows_of_the_pictures():
    flat = [np.full((80, 96, 3), value, np.uint8) for value in (10, 200)]
    pool = CropPool(flat, 64, CPU, 1, [np.full((64, 64, 3), 90, np.uint8)], 0.5)
    found = (pool.batch(200) * 255).round()
    levels = found.amax((1, 2, 3))
    assert torch.equal(levels, found.amin((1, 2, 3))) and set(levels.tolist()) == {10, 90, 200}
    assert 60 < (levels == 90).sum() < 140
    with pytest.raises(ValueError, match='at least 64'):
        CropPool([np.zeros((63, 80, 3), np.uint8)], 64)
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[:, None, None], (64, 64, 3))
    rows = CropPool([ramp], 64, CPU, 1).batch(40)[:, 0] * 255
    ways = {(round(r[0, 0].item()), round(r[0, 63].item())) for r in rows}
    assert ways == {(0, 0), (63, 63), (0, 63), (63, 0)}  # flips and turns by 90°


def test_graphics_are_the_same_every_time_and_differ():
    a, b = graphics(8, 96), graphics(8, 96)
    assert all(np.array_equal(x, y) for x, y in zip(a, b))
    assert len({x.tobytes() for x in a}) == 8 and all(x.std() > 2 for x in a)


def test_validation_counts_what_is_written():
    trainer, x = fresh()
    line = validate(trainer.model, x, hard=True)
    assert line['bpp4'] < line['bpp52'] and line['psnr4'] < line['psnr52']
    assert rda.train.validate is validate
