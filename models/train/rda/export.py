"""Export: ONNX nets of both tunes, manifest.json and rda-prior.bin with all tables, and tensors that the app's tests compare with."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import torch

from rda import graphs
from rda.gradient import borrow_weights
from rda.load import load_model
from rda.manifest import decode_of, gains_of, identity, manifest_of, prior_bytes
from rda.model import ERROR_WORTH, STEP_WORTH, Rda, round_half_up
from rda.nets import HYPER_CLIP
from rda.quality import MS_SSIM_LAMBDA_HIGH, MS_SSIM_LAMBDA_LOW
from rda.tune import same_entropy

MS_SSIM = 'rda-ms-ssim'  # how the files of that tune are named


def write_tune(base: Rda, pieces: Path, folder: Path, decode: dict) -> dict:
    """Write the MS-SSIM tune's nets beside the shared ones; what the manifest says of it."""
    model, steps, seconds = load_model(pieces, 'ms-ssim')
    if not same_entropy(base.state_dict(), model.state_dict()):
        raise ValueError(f'expected a tune made around the rows of the PSNR tune, found others in {pieces}')
    for g in graphs.tune_graphs(model, MS_SSIM):
        onnx.save(g.model(), folder / f'{g.name}.onnx')
    own = {'gains': gains_of(model), 'lambda': [MS_SSIM_LAMBDA_LOW, MS_SSIM_LAMBDA_HIGH]}
    return {
        'id': identity(decode | own, folder, MS_SSIM), **own,
        'encode': {'stepWorth': [round(worth * STEP_WORTH, 4) for worth in ERROR_WORTH]},
        'training': {'steps': steps, 'hours': round(seconds / 3600, 2)},
    }  # fmt: skip


def golden(model: Rda, folder: Path) -> None:
    """Small inputs with PyTorch's outputs, for the app's tests to compare ONNX Runtime's with."""
    g = torch.Generator().manual_seed(5)
    rows = torch.linspace(0, 1, 128)
    x = torch.stack((rows[:, None] * rows[None], rows[:, None].expand(128, 128), 0.5 + 0.4 * torch.sin(rows[None] * 30).expand(128, 128)))[None]
    x = (x + 0.03 * torch.randn(x.shape, generator=g)).clamp(0, 1)
    point = torch.tensor([31.0])
    with torch.no_grad():
        y = model.analysis(x)
        steps = y * model.gain(point).exp()[:, :, None, None]
        z = model.hyper_analysis(steps)
        z_hat = round_half_up(z).clamp(-HYPER_CLIP, HYPER_CLIP)
        features = model.means.features(z_hat, point)
        tensors = {
            'photo': x, 'latents': y, 'steps': steps, 'hyper': z, 'rows': round_half_up(model.rows(z_hat, point)), 'features': features,
            'even': model.means.of_even(features), 'odd': model.means.of_odd(features, steps.round()), 'picture': model.synthesis(y, point),
        }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    head, blob = {}, b''
    for name, value in tensors.items():
        head[name] = {'shape': list(value.shape), 'offset': len(blob)}
        blob += value.numpy().astype('<f4').tobytes()
    (folder / 'rda.bin').write_bytes(blob)
    (folder / 'rda.json').write_text(json.dumps({'point': 31, 'tensors': head}, indent=1) + '\n')


def run(args) -> None:
    """Write <out>/rda-*.onnx, <out>/rda-prior.bin, <out>/manifest.json and <out>/golden/."""
    model, steps, seconds = load_model(Path(args.pieces))
    tables = torch.load(args.tables, weights_only=False)
    folder = Path(args.out)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob('rda-*.onnx'):
        old.unlink()
    with torch.no_grad():
        for g in (*graphs.tune_graphs(model, 'rda'), graphs.rows(model)):
            onnx.save(g.model(), folder / f'{g.name}.onnx')
        gradient = graphs.synthesis_gradient(model)
        onnx.save(borrow_weights(gradient.model(), folder / 'rda-synthesis.onnx'), folder / f'{gradient.name}.onnx')
        (folder / 'rda-prior.bin').write_bytes(prior_bytes(tables['prior']))
        decode = decode_of(model, tables)
        tunes = {'ms-ssim': write_tune(model, Path(args.ms_ssim), folder, decode)} if args.ms_ssim else {}
        manifest = manifest_of(folder, decode) | {'tunes': tunes}
        golden(model, folder / 'golden')
    manifest['training'] = {'steps': steps, 'hours': round(seconds / 3600, 2), 'note': args.note}
    (folder / 'manifest.json').write_text(json.dumps(manifest) + '\n')
    sizes = {prefix: sum(p.stat().st_size for p in folder.glob('rda-*') if p.name.startswith(MS_SSIM) == (prefix == MS_SSIM)) for prefix in ('rda', MS_SSIM)}
    print(f"model {manifest['id']}: " + ', '.join(f'{name} {size / 1e6:.2f} MB' for name, size in sizes.items()))
