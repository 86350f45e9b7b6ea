"""Fits what training leaves to counting: the rows' tables and the prior of the hyper-latents, on training crops of both tunes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from data import load_crops
from graphics import graphics
from rda import hyper_prior
from rda.load import load_model
from rda.quality import POINTS
from rda.symbols import Symbols, crop_to_blocks, symbols_of
from rda.tables import bits_of, costs_of, counts_of, row_tables
from rda.train import validation_photos
from trainer import bf16_pays

POINTS_EACH = 3  # points a crop is coded at


def coded(model, crops: list[np.ndarray], seed: int, costs: torch.Tensor | None) -> list[Symbols]:
    """Every crop at a few random points, one in each equal stretch."""
    rng = np.random.default_rng(seed)
    fast = bf16_pays(torch.device('cpu'))
    found = []
    for crop in crops:
        points = (np.arange(POINTS_EACH) + rng.random(POINTS_EACH)) / POINTS_EACH * (POINTS - 1)
        found += symbols_of(model, crop_to_blocks(crop), points.round(), costs, fast=fast)
    return found


def run(args) -> None:
    """Write <out>: tables of both rounds' counts and the prior; print bits a pixel on held-out photos before and after."""
    torch.set_num_threads(args.threads)
    data = Path(args.data)
    photos, held = validation_photos(data / 'color', 24)
    crops = load_crops(data / 'codec', ('free',), held)[:: args.every] + graphics(args.graphics)
    folders = {'psnr': args.pieces} | ({'ms-ssim': args.ms_ssim} if args.ms_ssim else {})
    models = {tune: load_model(Path(folder), tune)[0] for tune, folder in folders.items()}
    tables = row_tables()
    hyper: list[tuple[float, np.ndarray]] = []
    for step, part in enumerate((crops[::2], crops)):
        costs = costs_of(tables)
        counts = np.zeros((2, 64, 256), np.int64)
        hyper = []
        for i, (tune, model) in enumerate(models.items()):
            symbols = coded(model, part, 10 * step + i, costs)
            counts += counts_of(symbols)
            hyper += [(s.point, s.hyper) for s in symbols]
        tables = row_tables(counts)
        print(json.dumps({'round': step, 'pictures': len(hyper)}), flush=True)
    prior = hyper_prior.fit(hyper)
    torch.save({'rows': tables, 'prior': vars(prior)}, args.out)
    report(models, photos, prior, tables)


def report(models: dict, photos: torch.Tensor, prior: hyper_prior.HyperPrior, tables: list[list[dict]]) -> None:
    """Bits a pixel of residuals and hyper-latents on held-out photos, with the tables of training and the fitted ones."""
    for tune, model in models.items():
        for point in (4, 20, 36, 52):
            line: dict = {'tune': tune, 'point': point}
            for name, costs in (('trained', costs_of(row_tables())), ('fitted', costs_of(tables))):
                symbols = [symbols_of(model, x[None], [point], costs)[0] for x in photos]
                line[name] = round(sum(bits_of(s, costs) for s in symbols) / len(symbols) / 65536, 5)
            line['hyper'] = round(sum(hyper_prior.bits_of(prior, s.point, s.hyper) for s in symbols) / len(symbols) / 65536, 5)
            print(json.dumps(line), flush=True)
