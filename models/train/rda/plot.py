"""The training log as a picture: rate and PSNR of the held-out photos over the steps."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402


def run(args) -> None:
    """Read <log> (log.jsonl) and write <out> (SVG or PNG): relative rate at each point, and PSNR."""
    lines = [json.loads(line) for line in Path(args.log).read_text().splitlines()]
    checks = [line for line in lines if 'score' in line]
    if not checks:
        raise ValueError(f'expected lines with a score in {args.log}, found none')
    points = sorted(int(key[3:]) for key in checks[0] if key.startswith('bpp') and key != 'bpp')
    figure, (rates, ratios) = plt.subplots(1, 2, figsize=(10, 4))
    steps = [line['step'] for line in checks]
    for point in points:
        first = checks[0][f'bpp{point}']
        rates.plot(steps, [line[f'bpp{point}'] / first for line in checks], label=f'point {point}')
        ratios.plot(steps, [line[f'psnr{point}'] for line in checks], label=f'point {point}')
    for axes, title in ((rates, 'rate, relative to the first check'), (ratios, 'PSNR (dB)')):
        axes.set_title(title)
        axes.set_xlabel('steps')
        axes.legend()
        axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(args.out)
