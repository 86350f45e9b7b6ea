"""Export of the colorizer: two ONNX nets with folded batch norms, the decoder's tables and the manifest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto
from torch import nn

from color.decoder import cells
from color.encoder import Inverted
from color.model import Colorizer, one_hot
from color.nets import Block, Near, Shape
from color.names import label_names
from color.order import group_grid
from graph import Graph

FRAME, GRID = 256, 32


class ColorGraph(Graph):
    """Graph with the colorizer's layers; all shapes are fixed."""

    def folded(self, x: str, layer: nn.Sequential) -> str:
        """A convolution with its batch norm folded in, weights as fp16."""
        conv, norm = layer
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        weight = self.half(conv.weight * scale[:, None, None, None])
        bias = self.constant((norm.bias - norm.running_mean * scale).detach().numpy().astype(np.float32), 'b')
        return self.op('Conv', x, weight, bias, kernel_shape=list(conv.kernel_size), strides=list(conv.stride), pads=[conv.padding[0]] * 4, group=conv.groups)

    def relu(self, x: str) -> str:
        return self.op('Relu', x)

    def relu6(self, x: str) -> str:
        return self.op('Clip', x, self.scalar(0), self.scalar(6))

    def inverted(self, x: str, block: Inverted) -> str:
        t = x if block.expand is None else self.relu6(self.folded(x, block.expand))
        t = self.folded(self.relu6(self.folded(t, block.depthwise)), block.project)
        return self.op('Add', x, t) if block.residual else t

    def block(self, x: str, block: Block) -> str:
        return self.relu(self.op('Add', x, self.folded(self.relu(self.folded(x, block.a)), block.b)))

    def chain(self, x: str, blocks: nn.Sequential) -> str:
        for block in blocks:
            x = self.inverted(x, block) if isinstance(block, Inverted) else self.block(x, block)
        return x

    def larger(self, x: str, factor: int, smooth: bool = False) -> str:
        scales = self.constant(np.array([1, 1, factor, factor], np.float32), 'scales')
        if smooth:
            return self.op('Resize', x, '', scales, mode='linear', coordinate_transformation_mode='half_pixel')
        return self.op('Resize', x, '', scales, mode='nearest', coordinate_transformation_mode='asymmetric', nearest_mode='floor')

    def unshuffle(self, x: str, size: int, factor: int) -> str:
        """Space to depth of one channel in PyTorch's order."""
        small = size // factor
        shape = self.constant(np.array([1, small, factor, small, factor], np.int64), 'shape')
        t = self.op('Transpose', self.op('Reshape', x, shape), perm=[0, 2, 4, 1, 3])
        return self.op('Reshape', t, self.constant(np.array([1, factor**2, small, small], np.int64), 'shape'))


def backbone(model: Colorizer, graph=ColorGraph) -> Graph:
    net, g = model.backbone, graph('color-backbone')
    luma = g.input('luma', 1, shape=[1, 1, FRAME, FRAME])
    inside = g.input('inside', 1, shape=[1, 1, GRID, GRID])
    q = g.chain(g.relu6(g.folded(luma, net.encoder.stem)), net.encoder.early)
    e = g.chain(q, net.encoder.eighth)
    s = g.chain(e, net.encoder.sixteenth)
    d = g.chain(s, net.encoder.deep)
    s = g.block(g.relu(g.op('Add', g.folded(s, net.side16), g.larger(g.folded(d, net.up32), 2))), net.merge16)
    beside = g.folded(g.op('Concat', e, inside, axis=1), net.side8)
    f = g.block(g.relu(g.op('Add', beside, g.larger(g.folded(s, net.up16), 2))), net.merge8)
    t = g.op('Add', g.conv(g.unshuffle(luma, FRAME, 2), net.fine), g.larger(g.conv(q, net.fine4), 2))
    t = g.relu(g.op('Add', t, g.larger(g.conv(f, net.fine8), 4, smooth=True)))
    if model.shape.labels > 1:
        g.output(f, 'features', model.shape.features)
        g.output(g.conv(f, net.head), 'logits', model.shape.labels)
    g.output(g.conv(t, net.trunk), 'trunk', model.shape.trunk + model.shape.affinity)
    return g


def prior(model: Colorizer, graph=ColorGraph) -> Graph:
    net, g = model.prior, graph('color-prior')
    k = model.shape.labels
    features = g.input('features', model.shape.features, shape=[1, model.shape.features, GRID, GRID])
    logits = g.input('logits', k, shape=[1, k, GRID, GRID])
    known = g.input('known', k, shape=[1, k, GRID, GRID])
    embedded = g.op('Conv', known, g.half(net.embed.weight), kernel_shape=[1, 1])
    some = g.op('ReduceSum', known, g.constant(np.array([1], np.int64), 'axes'), keepdims=1)
    x = g.op('Concat', g.conv(features, net.side), embedded, some, axis=1)
    x = g.block(g.relu(g.folded(x, net.first)), net.block1)
    m = g.block(g.relu(g.folded(x, net.down)), net.middle)
    d = g.chain(g.relu(g.folded(m, net.down2)), net.deep)
    m = g.block(g.relu(g.op('Add', m, g.larger(g.folded(d, net.up), 2))), net.merge)
    x = g.block(g.relu(g.op('Add', x, g.larger(g.folded(m, net.up1), 2))), net.block2)
    g.output(g.op('Add', g.op('Add', logits, g.conv(x, net.last)), near(g, known, net.near)), 'next', k)
    return g


def near(g: ColorGraph, known: str, net: Near) -> str:
    """nets.Near, written out."""
    k = len(net.share)
    apart = g.op('Reshape', known, g.constant(np.array([k, 1, GRID, GRID], np.int64), 'shape'))
    sums = g.op('Conv', apart, g.constant(net.kernel.numpy(), 'w'), kernel_shape=[2 * net.REACH + 1] * 2, pads=[net.REACH] * 4)
    sums = g.op('Reshape', sums, g.constant(np.array([1, k, GRID, GRID], np.int64), 'shape'))
    total = g.op('ReduceSum', sums, g.constant(np.array([1], np.int64), 'axes'), keepdims=1)
    share = net.share.softmax(0).detach().numpy()[None, :, None, None]
    beside = g.half(0.98 * net.beside()[:, :, None, None])
    p = g.op('Conv', g.op('Div', sums, g.op('Add', total, g.scalar(1e-6))), beside, kernel_shape=[1, 1])
    ratio = g.op('Sub', g.op('Log', g.op('Add', p, g.constant(0.02 * share, 'share'))), g.constant(np.log(share), 'share'))
    per_fold = g.op('Mul', g.op('Log', g.op('Add', total, g.scalar(1e-4))), g.scalar(net.trust[1].item()))
    trust = g.relu(g.op('Add', per_fold, g.scalar(net.trust[0].item())))
    some = g.op('Cast', g.op('Greater', total, g.scalar(1e-5)), to=TensorProto.FLOAT)
    return g.op('Mul', ratio, g.op('Mul', trust, some))


def tensors_of(model: Colorizer, prefix: str) -> dict[str, np.ndarray]:
    d = model.decoder
    trunk = model.shape.trunk + 1
    out = {'table': d.table.view(model.shape.labels, 6, trunk)}
    if model.shape.labels > 1:
        out |= {'place': d.place, 'blend': d.blend.T}
    return {prefix + name: value.detach().numpy().astype('<f4') for name, value in out.items()}


def write_tensors(path: Path, tensors: dict[str, np.ndarray]) -> dict[str, dict]:
    head, blob = {}, b''
    for name, value in tensors.items():
        head[name] = {'shape': list(value.shape), 'offset': len(blob)}
        blob += np.ascontiguousarray(value).tobytes()
    path.write_bytes(blob)
    return head


def load_model(checkpoint: Path) -> tuple[Colorizer, dict]:
    """The averaged weights of a checkpoint."""
    state = torch.load(checkpoint, weights_only=False)
    model = Colorizer(Shape(**state['shape'])).eval()
    model.load_state_dict(state['ema'])
    return model, state


@torch.no_grad()
def golden(model: Colorizer, folder: Path) -> None:
    """PyTorch's outputs on a frame made of whole numbers, which the app's tests make again."""
    y, x = torch.meshgrid(torch.arange(FRAME), torch.arange(FRAME), indexing='ij')
    luma = (((x * x + 3 * x * y + y) // 64) % 256).float()[None, None] / 127.5 - 1
    inside = torch.ones(1, 1, GRID, GRID)
    inside[..., :4, :] = inside[..., -4:, :] = 0
    luma = luma * torch.nn.functional.interpolate(inside, scale_factor=8.0)
    f, logits, trunk, affinity = model.backbone(luma, inside)
    z = (torch.arange(GRID * GRID).view(1, GRID, GRID) * 7 // 3) % model.shape.labels
    cell = inside[:, 0] > 0
    known = one_hot(z, model.shape.labels, cell & (torch.arange(GRID) % 2 == 1))
    after = model.prior(f, logits, known)
    sample = torch.arange(4 * GRID * GRID * 4)
    chroma = torch.stack((sample * 37 % 61 - 30, sample * 53 % 47 - 20)).view(1, 2, 4 * GRID, 4 * GRID).float()
    parts = cells(trunk), cells(affinity), z, cell
    pick = cell.reshape(-1).nonzero()[::7, 0]
    tensors = {
        'logits': logits[:, :, 3::8, 5::8], 'next': after[:, :, 3::8, 5::8], 'trunk': torch.cat((trunk, affinity), 1)[:, :, 3::32, 5::32],
        'logLikelihood': model.decoder.log_likelihood(*parts, cells(chroma), pick), 'mean': model.decoder.mean(*parts, pick),
    }
    folder.mkdir(parents=True, exist_ok=True)
    head = write_tensors(folder / 'color.bin', {k: v.contiguous().numpy().astype('<f4') for k, v in tensors.items()})
    (folder / 'color.json').write_text(json.dumps(head, indent=1) + '\n')


def run(args) -> None:
    """Write <out>/color-*.onnx, color-tables.bin, color.json and golden tensors; see lavi.py for the options."""
    torch.set_num_threads(1)
    model, state = load_model(Path(args.checkpoint))
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    graphs = [backbone(model), prior(model)]
    tensors = tensors_of(model, '')
    training = {'steps': state['before'][0] + state['step'], 'hours': round((state['before'][1] + state['seconds']) / 3600, 2), 'note': args.note}
    if args.one:
        one, one_state = load_model(Path(args.one))
        single = backbone(one)
        single.name = 'color-one'
        graphs.append(single)
        tensors |= tensors_of(one, 'one.')
        training['oneSteps'] = one_state['step']
    for g in graphs:
        onnx.save(g.model(), out / f'{g.name}.onnx')
    head = write_tensors(out / 'color-tables.bin', tensors)
    mean, _ = model.palette()
    share = model.moments[:, 0] / model.moments[:, 0].sum()
    names = label_names(Path(args.data) / 'color' / 'classes.json', model.classes.tolist(), mean.numpy())
    labels = [
        {'name': n, 'class': c, 'chroma': [round(float(v), 2) for v in m], 'share': round(float(s), 6)}
        for n, c, m, s in zip(names, model.classes.tolist(), mean, share)
    ]
    files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.glob('color-*')) if p.is_file()}
    digest = hashlib.sha256(json.dumps({k: v for k, v in files.items() if 'baseline' not in k}, sort_keys=True).encode()).hexdigest()
    classes = {c['id']: c['name'].replace('_', ' ') for c in json.loads((Path(args.data) / 'color' / 'classes.json').read_text())['classes']}
    manifest = {
        'id': digest[:16], 'format': 1, 'frame': FRAME, 'grid': GRID, 'groups': [int(g) for g in group_grid(GRID, GRID).reshape(-1)],
        'trunk': model.shape.trunk, 'affinity': model.shape.affinity, 'features': model.shape.features,
        'labels': labels, 'classes': {str(k): classes[k] for k in sorted(set(model.classes.tolist())) if k},
        'tables': head, 'files': files, 'training': training, 'shape': asdict(model.shape),
    }
    (out / 'color.json').write_text(json.dumps(manifest) + '\n')
    with torch.no_grad():
        golden(model, out / 'golden')
    size = sum(p.stat().st_size for p in out.glob('color-*'))
    print(f"colorizer {manifest['id']}: {size / 1e6:.2f} MB")
