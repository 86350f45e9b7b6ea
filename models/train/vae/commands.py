"""Train, evaluate and export the latent lab's VAE: python3 models/train/vae/commands.py train|evaluate|export --help."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest='command', required=True)

    train = commands.add_parser('train', help='train, or resume where the folder has a checkpoint')
    train.add_argument('--data', required=True, help='folder with the packs codec/ and color/')
    train.add_argument('--out', default='.runs/vae', help='folder of the checkpoint and the log')
    train.add_argument('--sets', default='free', help="the codec's shards to use, by the start of their name")
    train.add_argument('--minutes', type=float, default=60, help='of processor time, over all runs')
    train.add_argument('--rate', type=float, default=1e-3)
    train.add_argument('--warmup', type=int, default=100)
    train.add_argument('--batch', type=int, default=32)
    train.add_argument('--threads', type=int, default=2)
    train.add_argument('--seed', type=int, default=1)
    train.add_argument('--limit', type=int, default=0, help='use so many photos of each pack only')
    train.add_argument('--start-crops', type=int, default=6000, help='crops that the linear start is computed from')
    train.add_argument('--check-crops', type=int, default=0, help='held-out photos to check on; all when 0')
    train.add_argument('--log-every', type=int, default=50)
    train.add_argument('--save-seconds', type=float, default=180)
    train.add_argument('--check-seconds', type=float, default=300)

    evaluate = commands.add_parser('evaluate', help='bounds on held-out crops, bits a dimension')
    evaluate.add_argument('--checkpoint', required=True)
    evaluate.add_argument('--data', required=True)
    evaluate.add_argument('--sets', default='free')
    evaluate.add_argument('--samples', type=int, default=16, help='of the importance-weighted bound')
    evaluate.add_argument('--each', type=int, default=2, help='crops a photo')
    evaluate.add_argument('--limit', type=int, default=0)
    evaluate.add_argument('--threads', type=int, default=2)
    evaluate.add_argument('--baselines', type=int, default=0, help='also fit PCA-Gaussians, to so many training crops')

    export = commands.add_parser('export', help='write the two ONNX nets and vae.json')
    export.add_argument('--checkpoint', required=True)
    export.add_argument('--out', default='models')
    export.add_argument('--note', default='', help='what the model card says of this run')

    args = parser.parse_args()
    importlib.import_module(f'vae.{args.command}').run(args)


if __name__ == '__main__':
    main()
