"""Options of the colorizer's commands."""


def add_commands(commands) -> None:
    train = commands.add_parser('color-train', help='train the colorizer, or resume where the folder has a checkpoint')
    train.add_argument('--data', required=True, help='folder with the packs color/ and codec/')
    train.add_argument('--out', default='.runs/color', help='folder of checkpoints and the log')
    train.add_argument('--cache', help='file of decoded photos, made where missing (default: photos.pkl in --out)')
    train.add_argument('--labels', default='both', choices=('both', 'free', 'classes', 'one'), help='class × mode, no classes, one mode a class, or one label')
    train.add_argument('--count', type=int, default=96, help='number of labels')
    train.add_argument('--minutes', type=float, default=60)
    train.add_argument('--steps', type=int, default=0, help='stop at this step')
    train.add_argument('--soft-steps', type=int, default=150, help='steps of exact EM over the factorised prior, before hard EM')
    train.add_argument('--finish', action='store_true', help='branch off main.pt: decay to 0 over --minutes')
    train.add_argument('--rate', type=float, default=2e-3)
    train.add_argument('--warmup', type=int, default=100)
    train.add_argument('--batch', type=int, default=16)
    train.add_argument('--size', type=int, default=192)
    train.add_argument('--threads', type=int, default=2)
    train.add_argument('--seed', type=int, default=1)
    train.add_argument('--log-every', type=int, default=25)
    train.add_argument('--save-seconds', type=float, default=120)
    train.add_argument('--check-seconds', type=float, default=300)
