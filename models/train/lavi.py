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
    train.add_argument('--data', required=True, help='folder with the packs codec/ and color/')
    train.add_argument('--out', default='.runs/rda', help='folder of checkpoints and the log')
    train.add_argument('--sets', default='free', help='shards to use, by the start of their name: free or free,research')
    train.add_argument('--minutes', type=float, default=60)
    train.add_argument('--finish', action='store_true', help='branch off main.pt: decay to 0 over --minutes, then fake quantisation')
    train.add_argument('--float-share', type=float, default=0.4, help='with --finish: share of the time before fake quantisation, when the analysis still learns')
    train.add_argument('--init', help='start from committed weights alone (a models/ folder)')
    train.add_argument('--rate', type=float, default=1e-3)
    train.add_argument('--warmup', type=int, default=300)
    train.add_argument('--batch', type=int, default=8)
    train.add_argument('--size', type=int, default=256)
    train.add_argument('--threads', type=int, default=2)
    train.add_argument('--seed', type=int, default=1)
    train.add_argument('--limit', type=int, default=0, help='use this many crops only')
    train.add_argument('--log-every', type=int, default=50)
    train.add_argument('--save-seconds', type=float, default=180)
    train.add_argument('--check-seconds', type=float, default=240)

    tune = commands.add_parser('tune', help='train transforms for MS-SSIM around the frozen entropy nets of a checkpoint, or resume')
    tune.add_argument('--base', required=True, help='checkpoint of the PSNR tune')
    tune.add_argument('--data', required=True, help='folder with the packs codec/ and color/')
    tune.add_argument('--out', default='.runs/ms-ssim', help='folder of checkpoints and the log')
    tune.add_argument('--minutes', type=float, default=60, help='the rate falls to 0 over so long')
    tune.add_argument('--float-share', type=float, default=0.7, help='share of the time in which the analysis still learns; then integer entropy nets and chosen symbols')
    tune.add_argument('--rate', type=float, default=5e-4)
    tune.add_argument('--warmup', type=int, default=100)
    tune.add_argument('--batch', type=int, default=4)
    tune.add_argument('--size', type=int, default=256)
    tune.add_argument('--threads', type=int, default=2)
    tune.add_argument('--seed', type=int, default=2)
    tune.add_argument('--limit', type=int, default=0, help='use this many crops only')
    tune.add_argument('--log-every', type=int, default=50)
    tune.add_argument('--save-seconds', type=float, default=180)
    tune.add_argument('--check-seconds', type=float, default=240)

    export = commands.add_parser('export', help='write ONNX nets, manifest and golden tensors')
    export.add_argument('--checkpoint', required=True)
    export.add_argument('--ms-ssim', help='checkpoint of `tune`, made on this one')
    export.add_argument('--out', default='models')
    export.add_argument('--note', default='', help='what the model card says of this run')

    evaluate = commands.add_parser('evaluate', help='modelled rate and PSNR of a checkpoint on a folder of photos')
    evaluate.add_argument('--checkpoint', required=True)
    evaluate.add_argument('--images', required=True)
    evaluate.add_argument('--float', action='store_true', help='entropy nets in float instead of integer form')
    evaluate.add_argument('--plain', action='store_true', help='plain rounding instead of rate-distortion optimised symbols')
    evaluate.add_argument('--limit', type=int, default=0)

    fit = commands.add_parser('fit', help='what an error is worth to the encoder, scanned on training crops (rda.ERROR_WORTH)')
    fit.add_argument('--checkpoint', required=True)
    fit.add_argument('--data', required=True)
    fit.add_argument('--every', type=int, default=100, help='use every n-th crop')

    plot = commands.add_parser('plot', help='draw the training log')
    plot.add_argument('--log', default='.runs/rda/log.jsonl')
    plot.add_argument('--out', default='.runs/rda/log.svg')

    commands.add_parser('count', help='multiply-accumulates per pixel')

    from color.commands import add_commands

    add_commands(commands)
    args = parser.parse_args()
    importlib.import_module(args.command.replace('color-', 'color.')).run(args)


if __name__ == '__main__':
    main()
