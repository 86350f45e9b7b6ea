"""Train, export and evaluate the nets: python3 models/train/lavi.py train|tune|export|evaluate|plot|count|color-… --help."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest='command', required=True)

    train = commands.add_parser('train', help='train, or resume where the folder has a checkpoint')
    add_training(train, out='.runs/rda', hard_from=0.8, decay=0.45, rate=1e-3, warmup=300, batch=8)
    train.add_argument('--init', help='start from exported models (a folder with manifest.json) or from pieces of a checkpoint (rda-ema-0.pt …)')

    tune = commands.add_parser('tune', help='train transforms for MS-SSIM around the frozen rows of a checkpoint, or resume')
    add_training(tune, out='.runs/ms-ssim', hard_from=0.7, decay=1, rate=5e-4, warmup=100, batch=8)
    tune.add_argument('--base', required=True, help='folder with the pieces of the PSNR tune (rda-ema-0.pt …)')

    fit = commands.add_parser('fit', help='fit the frequency tables and the prior of the hyper-latents, after training')
    fit.add_argument('--pieces', required=True, help='folder with the pieces of the PSNR tune')
    fit.add_argument('--ms-ssim', help='folder with the pieces of the MS-SSIM tune')
    fit.add_argument('--data', required=True, help='folder with the packs codec/ and color/')
    fit.add_argument('--out', default='.runs/tables.pt')
    fit.add_argument('--every', type=int, default=1, help='use every n-th crop')
    fit.add_argument('--graphics', type=int, default=60, help='rendered pages, windows and charts beside them')
    fit.add_argument('--threads', type=int, default=2)

    export = commands.add_parser('export', help='write ONNX nets, manifest, tables and golden tensors')
    export.add_argument('--pieces', required=True, help='folder with the pieces of the PSNR tune')
    export.add_argument('--ms-ssim', help='folder with the pieces of `tune`, made on these')
    export.add_argument('--tables', required=True, help='what `fit` wrote')
    export.add_argument('--out', default='models')
    export.add_argument('--note', default='', help='what the model card says of this run')

    evaluate = commands.add_parser('evaluate', help='rate by the fitted tables and PSNR of a checkpoint on a folder of photos')
    evaluate.add_argument('--pieces', required=True, help='folder with the pieces of a tune')
    evaluate.add_argument('--tables', required=True, help='what `fit` wrote')
    evaluate.add_argument('--images', required=True)
    evaluate.add_argument('--tune', choices=('psnr', 'ms-ssim'), default='psnr')
    evaluate.add_argument('--limit', type=int, default=0)

    plot = commands.add_parser('plot', help='draw the training log')
    plot.add_argument('--log', default='.runs/rda/log.jsonl')
    plot.add_argument('--out', default='.runs/rda/log.svg')

    commands.add_parser('count', help='multiply-accumulates per pixel')

    from color.commands import add_commands

    add_commands(commands)
    args = parser.parse_args()
    importlib.import_module(module_of(args.command)).run(args)


def add_training(parser: argparse.ArgumentParser, out: str, hard_from: float, decay: float, rate: float, warmup: int, batch: int) -> None:
    """What both tunes' training is told."""
    parser.add_argument('--data', required=True, help='folder with the packs codec/ and color/')
    parser.add_argument('--out', default=out, help='folder of checkpoints and the log')
    parser.add_argument('--sets', default='free', help='shards to use, by the start of their name: free or free,research')
    parser.add_argument('--minutes', type=float, default=60)
    parser.add_argument('--hard-from', type=float, default=hard_from, help='share of the time after which what decodes learns on the symbols that are written; above 1: never')
    parser.add_argument('--decay', type=float, default=decay, help='share of the time, at its end, in which the rate falls to 0; 0: never')
    parser.add_argument('--optimizer', choices=('muon', 'adamw'), default='muon', help='what moves the 1×1 weights')
    parser.add_argument('--rate', type=float, default=rate)
    parser.add_argument('--warmup', type=int, default=warmup)
    parser.add_argument('--batch', type=int, default=batch)
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument('--graphics', type=int, default=120, help='rendered pages, windows and charts beside the photos')
    parser.add_argument('--graphics-share', type=float, default=0.07, help='share of the crops that are drawn from them')
    parser.add_argument('--device', choices=('auto', 'cpu', 'cuda'), default='auto')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--limit', type=int, default=0, help='use this many crops only')
    parser.add_argument('--pieces', help='folder that also gets averaged and raw weights in pieces below 16 MiB')
    parser.add_argument('--log-every', type=int, default=100)
    parser.add_argument('--save-seconds', type=float, default=120)
    parser.add_argument('--check-seconds', type=float, default=240)


def module_of(command: str) -> str:
    return command.replace('color-', 'color.') if command.startswith('color-') else f'rda.{command}'


if __name__ == '__main__':
    main()
