"""Averaged weights in pieces → a model as it is exported: fp16 nets, whole rows."""

from __future__ import annotations

from pathlib import Path

import torch

from rda.model import Rda, Shape
from trainer import read_pieces


def load_model(folder: Path, tune: str = 'psnr') -> tuple[Rda, int, float]:
    """(model, steps, seconds of training) from a folder with rda-ema-0.pt …"""
    state, steps, seconds = read_pieces(folder, 'rda')
    model = Rda(Shape(), tune).eval()
    model.load_state_dict(state)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.startswith(('analysis', 'synthesis', 'hyper_analysis', 'means')):
                p.copy_(p.half().float())
    model.rows.freeze()
    return model, steps, seconds
