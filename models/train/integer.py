"""Layers whose exported form carries whole numbers in float32, exact on every machine.

An activation is a whole number in −2048…2047 that stands for value·UNIT, UNIT = 128. A weight is an 8-bit whole number
times a power of two chosen per output channel. An accumulator stays below 2²⁴, so float32 sums are exact in any order;
`bound` computes how far each layer stays from that, and the export refuses to go past it.
With `fake = False` the layers run in float (clipped alike); with `fake = True` they round exactly as the export does,
gradients passing straight through.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

UNIT = 128
LOW, HIGH = -2048, 2047
LIMIT = 2**24
LEAK = 0.125


def straight(rounded: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """`rounded` in the forward pass, the gradient of `x` in the backward pass."""
    return x + (rounded - x).detach()


def round_half_up(x: torch.Tensor) -> torch.Tensor:
    """floor(x + ½), the one rounding of the format, with a straight-through gradient."""
    return straight(torch.floor(x + 0.5), x)


class Mode:
    """Shared switch: fake quantisation on or off."""

    fake = False


def activation(x: torch.Tensor) -> torch.Tensor:
    """Clip to the activation range and, when faking, round to whole 1/UNIT."""
    if Mode.fake:
        return (round_half_up(x * UNIT)).clamp(LOW, HIGH) / UNIT
    return x.clamp(LOW / UNIT, HIGH / UNIT)


def leaky(x: torch.Tensor) -> torch.Tensor:
    """max(x, x/8): a leak by a power of two stays exact."""
    return torch.maximum(x, x * LEAK)


class IntegerConv(nn.Module):
    """Convolution [N, in, H, W] → [N, out, H, W] of real values, not yet requantised."""

    def __init__(self, cin: int, cout: int, kernel: int = 1, groups: int = 1, zero: bool = False, range_in: int = -LOW, unit_in: int = UNIT):
        super().__init__()
        self.kernel, self.groups, self.range_in, self.unit_in = kernel, groups, range_in, unit_in
        fan_in = cin // groups * kernel * kernel
        weight = torch.randn(cout, cin // groups, kernel, kernel) * (0 if zero else fan_in**-0.5)
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.zeros(cout))

    def shifts(self) -> torch.Tensor:
        """Per output channel s such that weight·2^s fits 8 bits and the accumulator stays below 2²⁴."""
        with torch.no_grad():
            largest = self.weight.abs().amax((1, 2, 3)).clamp(min=2.0**-12)
            s = torch.floor(torch.log2(127 / largest)).clamp(0, 14)
            for _ in range(4):  # a wide layer may need one bit less
                s = torch.where(self._bound(s) < LIMIT, s, s - 1)
            return s

    def _bound(self, s: torch.Tensor) -> torch.Tensor:
        scale = 2.0**s
        whole = torch.floor(self.weight * scale[:, None, None, None] + 0.5).clamp(-127, 127)
        bias = torch.floor(self.bias * self.unit_in * scale + 0.5)
        return whole.abs().sum((1, 2, 3)) * self.range_in + bias.abs()

    def bound(self) -> float:
        """Largest possible |accumulator|."""
        with torch.no_grad():
            return float(self._bound(self.shifts()).max())

    def whole(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(8-bit weights, biases, shifts) as whole numbers: accumulator = Σ w·x + b stands for value·unit_in·2^shift."""
        with torch.no_grad():
            s = self.shifts()
            scale = 2.0**s
            w = torch.floor(self.weight * scale[:, None, None, None] + 0.5).clamp(-127, 127)
            b = torch.floor(self.bias * self.unit_in * scale + 0.5)
            return w, b, s

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight, bias = self.weight, self.bias
        if Mode.fake:
            scale = 2.0 ** self.shifts()
            wide = scale[:, None, None, None]
            weight = round_half_up(weight * wide).clamp(-127, 127) / wide
            bias = round_half_up(bias * self.unit_in * scale) / (scale * self.unit_in)
        return F.conv2d(x, weight, bias, padding=self.kernel // 2, groups=self.groups)


class IntegerBlock(nn.Module):
    """x + 1×1·LReLU(dw3×3·1×1), then x + 1×1·LReLU·1×1 (C→2C→C), every step requantised."""

    def __init__(self, c: int):
        super().__init__()
        self.a = IntegerConv(c, c)
        self.d = IntegerConv(c, c, 3, groups=c)
        self.b = IntegerConv(c, c, zero=True)
        self.e = IntegerConv(c, 2 * c)
        self.f = IntegerConv(2 * c, c, zero=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        t = activation(self.a(x))
        t = activation(leaky(self.d(t)))
        x = activation(x + self.b(t)) if not Mode.fake else activation(x + activation(self.b(t)))
        t = activation(leaky(self.e(x)))
        return activation(x + self.f(t)) if not Mode.fake else activation(x + activation(self.f(t)))
