"""Export: ONNX nets of both tunes, manifest.json with all tables, and small tensors that the app's tests compare with."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto

from gradient import add_gradient, borrow_weights
from graph import Graph, IntegerGraph
from integer import UNIT, Mode, round_half_up
from nets import COARSE_HIGH, COARSE_LOW, CONTEXT_UNIT, HYPER, LATENTS, MEAN_UNIT, PASSES, Block
from manifest import HYPER_CLIP, decode_of, gains_of, identity, manifest_of, whole_table
from rda.quality import KNOTS, MS_SSIM_LAMBDA_HIGH, MS_SSIM_LAMBDA_LOW, POINTS, SCALES
from rda import ERROR_WORTH, STEP_WORTH, Rda, Shape
from tune import same_entropy

MS_SSIM = 'rda-ms-ssim'  # how the files of that tune are named


def names_of(model: Rda) -> dict[int, str]:
    """id of each parameter → its name, which the stored weight then carries."""
    return {id(p): name for name, p in model.named_parameters()}


def float_block(g: Graph, x: str, block: Block, gain: str | None = None) -> str:
    for first, middle, last in ((block.a, block.d, block.b), (block.e, None, block.f)):
        t = g.conv(x, first)
        if middle is not None:
            t = g.conv(t, middle)
        t = g.conv(g.op('LeakyRelu', t, alpha=0.1), last)
        x = g.op('Add', x, g.op('Mul', t, gain) if gain else t)
    return x


def analysis(model: Rda, prefix: str = 'rda') -> Graph:
    net, g = model.analysis, Graph(f'{prefix}-analysis', names_of(model))
    x = g.op('Sub', g.input('photo', 3), g.scalar(0.5))
    t = g.conv(x, net.first)
    for block in net.blocks:
        t = float_block(g, t, block)
    t = g.conv(t, net.down)
    for block in net.deep:
        t = float_block(g, t, block)
    g.output(g.op('Add', g.conv(x, net.shortcut), g.conv(t, net.last)), 'latents', LATENTS)
    return g


def hyper_analysis(model: Rda, prefix: str = 'rda') -> Graph:
    net, g = model.hyper_analysis, Graph(f'{prefix}-hyper-analysis', names_of(model))
    steps = g.input('steps', LATENTS)
    size = g.op('Log', g.op('Add', g.op('Abs', steps), g.scalar(1)))
    t = g.conv(g.op('Concat', g.op('Mul', g.op('Sign', steps), size), size, axis=1), net.first)
    t = float_block(g, t, net.block)
    t = g.op('LeakyRelu', g.conv(t, net.down1), alpha=0.1)
    g.output(g.conv(t, net.down2), 'hyper', HYPER)
    return g


def synthesis(model: Rda, name: str = 'rda-synthesis') -> tuple[Graph, str]:
    """The quality point enters as a real number; hat functions interpolate the knots of the gains. Graph and its picture."""
    net, g = model.synthesis, Graph(name, names_of(model))
    y = g.input('latents', LATENTS)
    point = g.input('point', 1, shape=[1])
    knots = g.constant(np.arange(KNOTS, dtype=np.float32), 'knots')
    near = g.op('Sub', g.scalar(1), g.op('Abs', g.op('Sub', g.op('Mul', point, g.scalar((KNOTS - 1) / (POINTS - 1))), knots)))
    weights = g.op('Unsqueeze', g.op('Relu', near), g.constant(np.array([0], np.int64)))
    width = net.shift.table.shape[1]
    shape = g.constant(np.array([1, -1, 1, 1], np.int64))
    sizes = [256] * len(net.deep) + [width] * len(net.blocks)
    gains = [
        g.op('Exp', g.op('Reshape', g.op('MatMul', weights, g.half(table, f'synthesis.gains.table.{i}')), shape))
        for i, table in enumerate(net.gains.table.split(sizes, 1))
    ]
    shift = g.op('Reshape', g.op('MatMul', weights, g.half(net.shift.table)), shape)
    t = g.conv(g.op('Mul', y, g.constant(net.whiten.numpy()[None, :, None, None], name='synthesis.whiten')), net.first)
    for block in net.deep:
        t = float_block(g, t, block, gains.pop(0))
    t = g.op('Add', g.shuffle(g.conv(t, net.up), 2), shift)
    for block in net.blocks:
        t = float_block(g, t, block, gains.pop(0))
    detail = g.shuffle(g.conv(t, net.last), 8)
    base = g.shuffle(g.conv(y, net.shortcut), 16)
    return g, g.op('Add', g.op('Add', base, detail), g.scalar(0.5))


def synthesis_gradient(model: Rda) -> Graph:
    """∂/∂latents of half the squared error of the picture, for encoders."""
    g, picture = synthesis(model, 'rda-synthesis-gradient')
    add_gradient(g, picture, 'latents', LATENTS)
    return g


def hyper_synthesis(model: Rda) -> IntegerGraph:
    net, g = model.hyper_synthesis, IntegerGraph('rda-entropy-hyper', names_of(model))
    z = g.op('Mul', g.input('hyper', HYPER), g.scalar(UNIT / 4))
    point = g.input('point', 1, TensorProto.INT64, [1])
    t = g.shuffle(g.layer(z, net.up1, 'up1'), 2)
    t = g.block(g.add(t, g.row(whole_table(net.bias1, UNIT), point, 'hyper_synthesis.bias1.table')), net.block1, 'block1')
    t = g.shuffle(g.layer(t, net.up2, 'up2'), 2)
    t = g.add(t, g.row(whole_table(net.bias2, UNIT), point, 'hyper_synthesis.bias2.table'))
    for i, block in enumerate(net.blocks):
        t = g.block(t, block, f'blocks.{i}')
    g.output(t, 'features', net.width)
    return g


def context_pass(model: Rda, index: int) -> IntegerGraph:
    net, g = model.passes[index], IntegerGraph(f'rda-entropy-{index}', names_of(model))
    t = g.input('features', model.shape.entropy)
    point = g.input('point', 1, TensorProto.INT64, [1])
    if net.seen:
        context = g.input('context', net.seen)
        coarse = g.op('Clip', context, g.scalar(COARSE_LOW), g.scalar(COARSE_HIGH))
        t = g.add(t, g.layer(coarse, net.mix, 'mix'))
        for i, block in enumerate(net.blocks):
            t = g.block(t, block, f'blocks.{i}')
    accumulator, s = g.accumulate(t, net.mean, 'mean')
    mean = g.requantise(accumulator, s + math.log2(UNIT / MEAN_UNIT / 4), clip=False)
    accumulator, s = g.accumulate(t, net.scale, 'scale')
    scale = g.op('Add', g.requantise(accumulator, s + math.log2(UNIT / 4), clip=False), g.row(whole_table(net.start, 1), point, f'passes.{index}.start.table'))
    scale = g.op('Clip', scale, g.scalar(0), g.scalar(SCALES - 1))
    if net.parity:
        own = context
        if net.seen != net.channels:
            axes = g.constant(np.array([1], np.int64))
            own = g.op('Slice', context, g.constant(np.array([net.seen - net.channels], np.int64)), g.constant(np.array([net.seen], np.int64)), axes)
        accumulator, s = g.accumulate(own, net.near, 'near')
        mean = g.op('Add', mean, g.requantise(accumulator, s + math.log2(CONTEXT_UNIT / MEAN_UNIT), clip=False))
    g.output(mean, 'mean', net.channels)
    g.output(scale, 'scale', net.channels)
    return g


def write_tune(base: Path, checkpoint: Path, folder: Path, decode: dict) -> dict:
    """Write the MS-SSIM tune's nets beside the shared ones; what the manifest says of it."""
    ours, theirs = (torch.load(p, weights_only=False) for p in (base, checkpoint))
    if not same_entropy(ours['ema'], theirs['ema']):
        raise ValueError(f'expected a tune made around the entropy nets of {base}, found others in {checkpoint}')
    model = load_model(checkpoint)
    model.tune = 'ms-ssim'
    decoder, picture = synthesis(model, f'{MS_SSIM}-synthesis')
    decoder.output(picture, 'photo', 3)
    for g in (analysis(model, MS_SSIM), hyper_analysis(model, MS_SSIM), decoder):
        onnx.save(g.model(), folder / f'{g.name}.onnx')
    own = {'gains': gains_of(model), 'lambda': [MS_SSIM_LAMBDA_LOW, MS_SSIM_LAMBDA_HIGH]}
    return {
        'id': identity(decode | own, folder, MS_SSIM), **own,
        'encode': {'stepWorth': [round(worth * STEP_WORTH, 4) for worth in ERROR_WORTH]},
        'training': {'steps': theirs['step'], 'hours': round(theirs['seconds'] / 3600, 2)},
    }


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
        features = model.hyper_synthesis(z_hat, point)
        decoded, bits_y = model.code(steps, z_hat, point, fast=False)
        picture = model.synthesis(y, point)
    tensors = {
        'photo': x, 'latents': y, 'steps': steps, 'hyper': z, 'features': features * UNIT, 'decoded': decoded * MEAN_UNIT, 'picture': picture,
    }
    folder.mkdir(parents=True, exist_ok=True)
    head, blob = {}, b''
    for name, value in tensors.items():
        data = value.numpy().astype('<f4').tobytes()
        head[name] = {'shape': list(value.shape), 'offset': len(blob)}
        blob += data
    (folder / 'rda.bin').write_bytes(blob)
    (folder / 'rda.json').write_text(json.dumps({'point': 31, 'bitsY': float(bits_y[0]), 'tensors': head}, indent=1) + '\n')


def run(args) -> None:
    """Write <out>/rda-*.onnx, <out>/manifest.json and <out>/golden/."""
    model = load_model(Path(args.checkpoint))
    Mode.fake = True
    folder = Path(args.out)
    folder.mkdir(parents=True, exist_ok=True)
    bounds: dict[str, dict[str, float]] = {}
    for old in folder.glob(f'{MS_SSIM}-*.onnx'):
        old.unlink()
    with torch.no_grad():
        decoder, picture = synthesis(model)
        decoder.output(picture, 'photo', 3)
        graphs = [analysis(model), hyper_analysis(model), decoder, hyper_synthesis(model)]
        graphs += [context_pass(model, i) for i in range(len(PASSES))]
        for g in graphs:
            onnx.save(g.model(), folder / f'{g.name}.onnx')
            if isinstance(g, IntegerGraph):
                bounds[g.name] = g.bounds
        gradient = synthesis_gradient(model)
        onnx.save(borrow_weights(gradient.model(), folder / 'rda-synthesis.onnx'), folder / f'{gradient.name}.onnx')
        decode = decode_of(model)
        tunes = {'ms-ssim': write_tune(Path(args.checkpoint), Path(args.ms_ssim), folder, decode)} if args.ms_ssim else {}
        manifest = manifest_of(model, folder, bounds, decode) | {'tunes': tunes}
        golden(model, folder / 'golden')
    state = torch.load(args.checkpoint, weights_only=False)
    manifest['training'] = {'steps': state['step'], 'hours': round(state['seconds'] / 3600, 2), 'note': args.note}
    (folder / 'manifest.json').write_text(json.dumps(manifest) + '\n')
    size = sum(p.stat().st_size for p in folder.glob('rda-*.onnx'))
    print(f"model {manifest['id']}: {size / 1e6:.2f} MB, largest accumulator {max(manifest['largestAccumulator'].values()) / 2**24:.3f} of 2^24")


def load_model(checkpoint: Path) -> Rda:
    """The averaged weights of a checkpoint, rounded to fp16 as they will be stored."""
    state = torch.load(checkpoint, weights_only=False)
    model = Rda(Shape(**state['shape'])).eval()
    model.load_state_dict(state['ema'])
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.startswith(('analysis', 'synthesis', 'hyper_analysis')):
                p.copy_(p.half().float())
    return model
