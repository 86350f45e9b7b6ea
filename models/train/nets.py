"""The float transforms (analysis, hyper analysis, synthesis) and the integer entropy nets of the RDA."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from integer import UNIT, IntegerBlock, IntegerConv, Mode, activation, round_half_up
from quality import SCALES, Curve, scale_index, step_guess, knot_points

LATENTS = 256
LOW_GROUP = 48  # channels of the first group; a PCA puts most of the rate there
HYPER = 96
GROUPS = ((0, LOW_GROUP), (LOW_GROUP, LATENTS))
# (channel group, checkerboard parity) of the four passes.
PASSES = ((0, 0), (0, 1), (1, 0), (1, 1))
MEAN_UNIT = 16  # means are whole 1/16 steps
CONTEXT_UNIT = 8  # the context sees decoded values in 1/8 steps, clipped to ±4095
CONTEXT_CLIP = 4095
COARSE_UNIT, COARSE_LOW, COARSE_HIGH = 32, -512, 511  # and enters the deep path as a quarter of its value, clipped to ±64 steps


class Block(nn.Module):
    """x + 1×1·LReLU(dw3×3·1×1), then x + 1×1·LReLU·1×1 (C→2C→C); branches start at 0."""

    def __init__(self, c: int):
        super().__init__()
        self.a = nn.Conv2d(c, c, 1)
        self.d = nn.Conv2d(c, c, 3, padding=1, groups=c)
        self.b = nn.Conv2d(c, c, 1)
        self.e = nn.Conv2d(c, 2 * c, 1)
        self.f = nn.Conv2d(2 * c, c, 1)
        for last in (self.b, self.f):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x: torch.Tensor, gain: torch.Tensor | None = None) -> torch.Tensor:
        t = self.b(F.leaky_relu(self.d(self.a(x)), 0.1))
        x = x + (t if gain is None else t * gain)
        t = self.f(F.leaky_relu(self.e(x), 0.1))
        return x + (t if gain is None else t * gain)


class Analysis(nn.Module):
    """Photo [N, 3, H, W] in 0…1 → latents [N, 256, H/16, W/16]; no gain inside: one pass serves every quality."""

    def __init__(self, width: int, blocks: int, deep: int):
        super().__init__()
        self.shortcut = nn.Conv2d(3, LATENTS, 16, stride=16)
        self.first = nn.Conv2d(3, width, 8, stride=8)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.down = nn.Conv2d(width, 256, 2, stride=2)
        self.deep = nn.ModuleList(Block(256) for _ in range(deep))
        self.last = nn.Conv2d(256, LATENTS, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        t = self.first(x - 0.5)
        for block in self.blocks:
            t = block(t)
        t = self.down(t)
        for block in self.deep:
            t = block(t)
        return self.shortcut(x - 0.5).float() + self.last(t).float()


class Synthesis(nn.Module):
    """Latents [N, 256, h, w] and quality point [N] → photo [N, 3, 16h, 16w], not clipped."""

    def __init__(self, width: int, blocks: int, deep: int):
        super().__init__()
        self.shortcut = nn.Conv2d(LATENTS, 768, 1)
        self.register_buffer('whiten', torch.ones(LATENTS))
        self.first = nn.Conv2d(LATENTS, 256, 1)
        self.deep = nn.ModuleList(Block(256) for _ in range(deep))
        self.up = nn.Conv2d(256, 4 * width, 1)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.gains = Curve((deep * 256) + blocks * width)
        self.shift = Curve(width)
        self.last = nn.Conv2d(width, 192, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, y: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
        gains = self.gains(point).exp()[:, :, None, None]
        sizes = [256] * len(self.deep) + [self.shift.table.shape[1]] * len(self.blocks)
        gains = list(gains.split(sizes, 1))
        t = self.first(y * self.whiten[None, :, None, None])
        for block in self.deep:
            t = block(t, gains.pop(0))
        t = F.pixel_shuffle(self.up(t), 2) + self.shift(point)[:, :, None, None]
        for block in self.blocks:
            t = block(t, gains.pop(0))
        detail = F.pixel_shuffle(self.last(t), 8)
        return F.pixel_shuffle(self.shortcut(y), 16).float() + detail.float() + 0.5


class HyperAnalysis(nn.Module):
    """Gained latents [N, 256, h, w] (in steps) → hyper-latents [N, 96, h/4, w/4], not rounded."""

    def __init__(self, width: int = 128):
        super().__init__()
        self.first = nn.Conv2d(2 * LATENTS, width, 1)
        self.block = Block(width)
        self.down1 = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.down2 = nn.Conv2d(width, HYPER, 3, stride=2, padding=1)

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        size = torch.log1p(y.abs())  # tells scales; its signed twin tells means
        t = self.block(self.first(torch.cat((torch.sign(y) * size, size), 1)))
        return self.down2(F.leaky_relu(self.down1(t), 0.1)).float()


class HyperSynthesis(nn.Module):
    """Integer. Hyper-latents [N, 96, h, w] whole in ±63 and the whole point → features [N, C, 4h, 4w]."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width
        self.up1 = IntegerConv(HYPER, 4 * 128)
        self.block1 = IntegerBlock(128)
        self.up2 = IntegerConv(128, 4 * width)
        self.blocks = nn.ModuleList(IntegerBlock(width) for _ in range(3))
        self.bias1 = Curve(128)
        self.bias2 = Curve(width)

    def forward(self, z: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
        t = activation(self.up1(z / 4))  # z·UNIT/4 in whole units
        t = activation(F.pixel_shuffle(t, 2) + point_bias(self.bias1, point))
        t = self.block1(t)
        t = activation(self.up2(t))
        t = activation(F.pixel_shuffle(t, 2) + point_bias(self.bias2, point))
        for block in self.blocks:
            t = block(t)
        return t


def point_bias(curve: Curve, point: torch.Tensor) -> torch.Tensor:
    """The whole-number bias [N, C, 1, 1] of the nearest whole point."""
    value = curve(torch.floor(point + 0.5))
    if Mode.fake:
        value = round_half_up(value * UNIT) / UNIT
    return value[:, :, None, None]


class Pass(nn.Module):
    """Integer. Features and decoded context → mean (1/16 steps) and scale index of one channel group."""

    def __init__(self, group: int, parity: int, width: int):
        super().__init__()
        self.group, self.parity = group, parity
        low, high = GROUPS[group]
        self.channels = high - low
        self.seen = 0 if (group, parity) == (0, 0) else (LOW_GROUP if group == 0 or parity == 0 else LATENTS)
        if self.seen:
            self.mix = IntegerConv(self.seen, width, zero=True, range_in=-COARSE_LOW, unit_in=COARSE_UNIT)
            self.blocks = nn.ModuleList(IntegerBlock(width) for _ in range(2))
        if parity:
            # Linear prediction of a channel's mean from its own decoded neighbours, at full precision.
            self.near = IntegerConv(self.channels, self.channels, 5, groups=self.channels, zero=True, range_in=CONTEXT_CLIP, unit_in=CONTEXT_UNIT)
        self.mean = IntegerConv(width, self.channels, zero=True)
        self.scale = IntegerConv(width, self.channels, zero=True)
        self.start = Curve(self.channels)  # scale index of the nearest whole point

    def forward(self, h: torch.Tensor, seen: torch.Tensor | None, point: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """h features; seen: decoded values in steps [N, seen, h, w], 0 where unknown → (mean in steps, scale index)."""
        t = h
        if self.seen:
            coarse = seen * CONTEXT_UNIT
            coarse = (torch.floor(coarse + 0.5) if Mode.fake else coarse).clamp(COARSE_LOW, COARSE_HIGH) / COARSE_UNIT
            t = activation(h + activation(self.mix(coarse)))
            for block in self.blocks:
                t = block(t)
        mean = self.mean(t) * 4
        scale = self.scale(t) * 4 + self.start(torch.floor(point + 0.5))[:, :, None, None]
        if self.parity:
            own = seen[:, -self.channels :]
            own = own * CONTEXT_UNIT
            own = (torch.floor(own + 0.5) if Mode.fake else own).clamp(-CONTEXT_CLIP, CONTEXT_CLIP) / CONTEXT_UNIT
            near = self.near(own)
            if Mode.fake:
                near = round_half_up(near * MEAN_UNIT) / MEAN_UNIT
            mean = (round_half_up(mean * MEAN_UNIT) / MEAN_UNIT if Mode.fake else mean) + near
        elif Mode.fake:
            mean = round_half_up(mean * MEAN_UNIT) / MEAN_UNIT
        if Mode.fake:
            base = round_half_up(self.start(torch.floor(point + 0.5)))[:, :, None, None]
            scale = round_half_up(self.scale(t) * 4) + base
        return mean, scale.clamp(0, SCALES - 1)


def checkerboard(h: int, w: int) -> torch.Tensor:
    """[1, 1, h, w]: 1 where row + column is odd."""
    return ((torch.arange(h)[:, None] + torch.arange(w)[None]) % 2).float()[None, None]


def set_pca(analysis: Analysis, synthesis: Synthesis, basis: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> None:
    """Start both shortcuts as the PCA of 16×16×3 blocks: basis [256, 3·16·16] rows orthonormal, mean [768] of x − ½."""
    with torch.no_grad():
        analysis.shortcut.weight.copy_(basis.reshape(LATENTS, 3, 16, 16))
        analysis.shortcut.bias.copy_(-(basis @ mean))
        synthesis.shortcut.weight.copy_(basis.t().reshape(768, LATENTS, 1, 1))
        synthesis.shortcut.bias.copy_(mean)
        synthesis.whiten.copy_(1 / (std + 0.02))


def start_scales(std: torch.Tensor) -> torch.Tensor:
    """Scale indices [KNOTS, 256] of PCA coefficients with these standard deviations, at the starting steps."""
    return scale_index(std[None] / step_guess(knot_points())[:, None] * 0.6).clamp(0, SCALES - 1)
