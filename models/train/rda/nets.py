"""The nets of the photo codec: all of them at 1/16 of the photo or below, but for one stage of the synthesis at 1/4.

Only `Rows` decides what an entropy decoder reads; it is linear and exported in whole numbers."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from rda.quality import POINTS, SCALES, Curve, knot_points, scale_index, step_guess

LATENTS = 256
HYPER = 96
PATCH = 16
HYPER_CLIP = 63
LEAK = 0.1


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
            zero(last)

    def forward(self, x: torch.Tensor, gain: torch.Tensor | None = None) -> torch.Tensor:
        t = self.b(F.leaky_relu(self.d(self.a(x)), LEAK))
        x = x + (t if gain is None else t * gain)
        t = self.f(F.leaky_relu(self.e(x), LEAK))
        return x + (t if gain is None else t * gain)


class Analysis(nn.Module):
    """Photo [N, 3, H, W] in 0…1 → latents [N, 256, H/16, W/16]; no quality inside: one pass serves every quality."""

    def __init__(self, width: int, blocks: int):
        super().__init__()
        self.shortcut = nn.Conv2d(3 * PATCH**2, LATENTS, 1)
        self.first = nn.Conv2d(3 * PATCH**2, width, 1)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.last = nn.Conv2d(width, LATENTS, 1)
        zero(self.last)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        patches = F.pixel_unshuffle(x - 0.5, PATCH).contiguous(memory_format=torch.channels_last)
        t = self.first(patches)
        for block in self.blocks:
            t = block(t)
        return exact(self.shortcut, patches) + self.last(t).float()


class Synthesis(nn.Module):
    """Latents [N, 256, h, w] and quality point [N] → photo [N, 3, 16h, 16w], not clipped.

    Blocks at 1/16 modulate (shift, scale, gate) a narrow net on the 1/4 grid."""

    def __init__(self, width: int, blocks: int, fine: int):
        super().__init__()
        self.shortcut = nn.Conv2d(LATENTS, 3 * PATCH**2, 1)
        self.register_buffer('whiten', torch.ones(LATENTS))
        self.first = nn.Conv2d(LATENTS, width, 1)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.gains = Curve(blocks * width)
        self.content = nn.Conv2d(LATENTS, fine * 16, 1)
        self.condition = nn.Conv2d(width, fine * 16, 1)
        self.modulation = nn.Conv2d(fine, 3 * fine, 1)
        self.e = nn.Conv2d(fine, 2 * fine, 1)
        self.d = nn.Conv2d(2 * fine, 2 * fine, 3, padding=1, groups=2 * fine)
        self.f = nn.Conv2d(2 * fine, fine, 1)
        self.shift = Curve(fine)
        self.last = nn.Conv2d(fine, 48, 1)
        zero(self.modulation)
        zero(self.last)

    def forward(self, y: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
        whitened = y * self.whiten[None, :, None, None]
        t = self.first(whitened)
        for block, gain in zip(self.blocks, self.gains(point).exp()[:, :, None, None].chunk(len(self.blocks), 1)):
            t = block(t, gain)
        content = F.pixel_shuffle(self.content(whitened), 4)
        condition = F.leaky_relu(F.pixel_shuffle(self.condition(t), 4), LEAK)
        shift, scale, gate = self.modulation(condition).chunk(3, 1)
        h = content * (1 + scale) + shift + self.shift(point)[:, :, None, None]
        h = self.f(F.leaky_relu(self.d(F.leaky_relu(self.e(h), LEAK)), LEAK))
        detail = F.pixel_shuffle(self.last(content + (1 + gate) * h).float(), 4)
        return F.pixel_shuffle(exact(self.shortcut, y), PATCH) + detail + 0.5


class HyperAnalysis(nn.Module):
    """Gained latents [N, 256, h, w] (in steps) → hyper-latents [N, 96, h/4, w/4], not rounded."""

    def __init__(self, width: int = 128):
        super().__init__()
        self.first = nn.Conv2d(2 * LATENTS, width, 1)
        self.block = Block(width)
        self.down1 = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.down2 = nn.Conv2d(width, HYPER, 3, stride=2, padding=1)

    def forward(self, steps: torch.Tensor) -> torch.Tensor:
        size = torch.log1p(steps.abs())  # tells scales; its signed twin tells means
        t = self.block(self.first(torch.cat((torch.sign(steps) * size, size), 1)))
        return self.down2(F.leaky_relu(self.down1(t), LEAK)).float()


class Rows(nn.Module):
    """Hyper-latents and the whole point → row of the frequency tables for each latent, real-valued in 0…63: linear, so that
    the exported form computes it in whole numbers, exactly, on every machine."""

    UNIT = 512  # whole weights count in 1/UNIT
    LIMIT = 2047  # and lie within ±LIMIT: 96 of them times 63 stay below 2²⁴
    FAST = 4  # rows move by so many when a weight of 1 meets a hyper-latent of FAST

    def __init__(self):
        super().__init__()
        self.linear = nn.Conv2d(HYPER, LATENTS * 16, 1)
        self.start = Curve(LATENTS)
        self.whole_start: torch.Tensor | None = None
        zero(self.linear)

    def forward(self, z: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
        rows = F.pixel_shuffle(exact(self.linear, z / self.FAST) * self.FAST, 4)
        whole = torch.floor(point + 0.5)
        start = self.start(whole) if self.whole_start is None else self.whole_start[whole.long()]
        return (rows + start[:, :, None, None]).clamp(0, SCALES - 1)

    @torch.no_grad()
    def freeze(self) -> None:
        """Rounds to what is exported: from here on `forward` gives, in float32, the exact sums of whole numbers."""
        points = torch.arange(POINTS, device=self.start.table.device).float()
        bias = F.pixel_shuffle(self.linear.bias[None, :, None, None] * self.FAST, 4)[0].mean((1, 2))
        apart = self.linear.bias.reshape(LATENTS, 16) * self.FAST - bias[:, None]
        self.linear.weight.copy_(torch.floor(self.linear.weight * self.UNIT + 0.5).clamp(-self.LIMIT, self.LIMIT) / self.UNIT)
        self.linear.bias.copy_(torch.floor(apart.flatten() * self.UNIT + 0.5) / (self.UNIT * self.FAST))
        self.whole_start = torch.floor((self.start(points) + bias) * self.UNIT + 0.5) / self.UNIT


class Means(nn.Module):
    """Means of the latents in two passes: the even places of a checkerboard from the hyper-latents, the odd ones from
    these and the decoded even ones (He et al. 2021). Float: means move pixels, never a symbol."""

    def __init__(self, width: int):
        super().__init__()
        self.up1 = nn.Conv2d(HYPER, 4 * width, 1)
        self.block1 = Block(width)
        self.up2 = nn.Conv2d(width, 4 * width, 1)
        self.block2 = Block(width)
        self.bias1 = Curve(width)
        self.bias2 = Curve(width)
        self.even = nn.Conv2d(width, LATENTS, 1)
        self.mix = nn.Conv2d(LATENTS, width, 1)
        self.block3 = Block(width)
        self.odd = nn.Conv2d(width, LATENTS, 1)
        self.near = nn.Conv2d(LATENTS, LATENTS, 5, padding=2, groups=LATENTS)
        for layer in (self.even, self.mix, self.odd, self.near):
            zero(layer)

    def features(self, z: torch.Tensor, point: torch.Tensor) -> torch.Tensor:
        """Hyper-latents [N, 96, h, w] → features [N, C, 4h, 4w]."""
        t = self.up1(z / Rows.FAST)
        t = self.block1(F.leaky_relu(F.pixel_shuffle(t, 2) + self.bias1(point)[:, :, None, None], LEAK))
        t = F.pixel_shuffle(self.up2(t), 2) + self.bias2(point)[:, :, None, None]
        return self.block2(F.leaky_relu(t, LEAK))

    def of_even(self, features: torch.Tensor) -> torch.Tensor:
        """Means in steps of all places; only the even ones are used."""
        return exact(self.even, features)

    def of_odd(self, features: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """Means in steps from the decoded even places `seen` (0 at odd places); only the odd ones are used."""
        mixed = self.mix(torch.sign(seen) * torch.log1p(seen.abs()))
        t = self.block3(F.leaky_relu(features + mixed, LEAK))
        return exact(self.odd, t) + exact(self.near, seen)


def zero(layer: nn.Conv2d) -> None:
    """A layer that starts by giving 0."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)


def exact(layer: nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
    """A layer in float32 also where autocast is on: for values that span thousands of steps."""
    with torch.autocast(x.device.type, enabled=False):
        if layer.kernel_size != (1, 1):
            return layer(x.float())
        # A product of matrices: some builds convolve float32 with channels last by a slow path.
        rows = F.linear(x.float().permute(0, 2, 3, 1), layer.weight.flatten(1), layer.bias)
        return rows.permute(0, 3, 1, 2)


def checkerboard(h: int, w: int, device: torch.device | str = 'cpu') -> torch.Tensor:
    """[1, 1, h, w]: 1 where row + column is odd."""
    rows, columns = torch.arange(h, device=device), torch.arange(w, device=device)
    return ((rows[:, None] + columns[None]) % 2).float()[None, None]


def start_rows(std: torch.Tensor) -> torch.Tensor:
    """Rows [KNOTS, 256] of PCA coefficients with these standard deviations, at the starting steps."""
    return scale_index(std[None] / step_guess(knot_points())[:, None] * 0.6).clamp(0, SCALES - 1)
