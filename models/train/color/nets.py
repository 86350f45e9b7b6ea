"""Backbone and trunk (what the photo says), and the masked-label prior."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from color.encoder import WIDTHS, Encoder


@dataclass(frozen=True)
class Shape:
    """Widths of the nets, and K."""

    labels: int = 96
    sixteenth: int = 160
    features: int = 96
    trunk: int = 24
    affinity: int = 8
    prior: int = 64
    prior_deep: int = 96


def conv(inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """relu(x + conv(relu(conv(x)))), the branch starting at 0."""

    def __init__(self, width: int):
        super().__init__()
        self.a, self.b = conv(width, width), conv(width, width)
        nn.init.zeros_(self.b[1].weight)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.b(F.relu(self.a(x))))


class Backbone(nn.Module):
    """Luma → features at 1/8 that know the whole scene, and a label-free trunk at stride 2."""

    def __init__(self, s: Shape):
        super().__init__()
        quarter, eighth, sixteenth, deep = WIDTHS
        self.encoder = Encoder()
        self.up32 = conv(deep, s.sixteenth, kernel=1)
        self.side16 = conv(sixteenth, s.sixteenth, kernel=1)
        self.merge16 = Block(s.sixteenth)
        self.up16 = conv(s.sixteenth, s.features, kernel=1)
        self.side8 = conv(eighth + 1, s.features, kernel=1)
        self.merge8 = Block(s.features)
        self.head = nn.Conv2d(s.features, s.labels, 1)
        self.fine = nn.Conv2d(4, 16, 3, padding=1)
        self.fine4 = nn.Conv2d(quarter, 16, 1)
        self.fine8 = nn.Conv2d(s.features, 16, 1)
        self.trunk = nn.Conv2d(16, s.trunk + s.affinity, 3, padding=1)
        self.width = s.trunk

    def forward(self, luma: Tensor, inside: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """luma [N, 1, S, S], inside [N, 1, S/8, S/8] → features [N, C, S/8, S/8], label logits [N, K, S/8, S/8],
        trunk [N, T, S/2, S/2] and affinity features [N, A, S/2, S/2]."""
        with torch.autocast('cpu', enabled=False):  # depthwise convolutions are faster in fp32
            q, e, s, d = self.encoder(luma)
        s = self.merge16(F.relu(self.side16(s) + F.interpolate(self.up32(d), scale_factor=2.0)))
        f = self.side8(torch.cat((e, inside.to(e.dtype)), 1)) + F.interpolate(self.up16(s), scale_factor=2.0)
        f = self.merge8(F.relu(f))
        t = self.fine(F.pixel_unshuffle(luma, 2)) + F.interpolate(self.fine4(q), scale_factor=2.0)
        t = F.relu(t + F.interpolate(self.fine8(f), scale_factor=4.0, mode='bilinear', align_corners=False))
        t = self.trunk(t)
        return f, self.head(f), t[:, : self.width], t[:, self.width :]


class Near(nn.Module):
    """What the labels known nearby say: log of (how often each label lies beside them) over (how often it occurs at all).

    Known labels count by (distance² + ½)⁻², so the nearest dominate at any group of the order."""

    REACH = 8

    def __init__(self, labels: int):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(labels, labels))  # softmax down a column: P(label | label beside it)
        self.share = nn.Parameter(torch.zeros(labels))  # softmax: P(label)
        self.trust = nn.Parameter(torch.tensor([1.3, 0.15]))  # at weight 1, and for each e-fold of the weight
        d = torch.arange(-self.REACH, self.REACH + 1.0) ** 2
        kernel = (d[:, None] + d[None] + 0.5) ** -2
        kernel[self.REACH, self.REACH] = 0
        self.register_buffer('kernel', kernel[None, None])

    def beside(self) -> Tensor:
        return self.table.softmax(0)

    def ratio(self, p: Tensor, share: Tensor) -> Tensor:
        return torch.log(0.98 * p + 0.02 * share) - torch.log(share)

    def forward(self, known: Tensor) -> Tensor:
        """One-hot labels [N, K, h, w] → what to add to the logits."""
        n, k, h, w = known.shape
        sums = F.conv2d(known.reshape(n * k, 1, h, w), self.kernel, padding=self.REACH).view(n, k, h, w)
        total = sums.sum(1, keepdim=True)
        p = F.conv2d(sums / (total + 1e-6), self.beside()[:, :, None, None])
        trust = F.relu(self.trust[0] + self.trust[1] * torch.log(total + 1e-4))
        return self.ratio(p, self.share.softmax(0)[:, None, None]) * trust * (total > 1e-5)


class Prior(nn.Module):
    """Logits of the labels that are not known yet, given those that are: added to the backbone's own."""

    def __init__(self, s: Shape):
        super().__init__()
        self.near = Near(s.labels)
        self.embed = nn.Conv2d(s.labels, 32, 1, bias=False)
        self.side = nn.Conv2d(s.features, s.prior, 1)
        self.first = conv(s.prior + 33, s.prior)
        self.block1 = Block(s.prior)
        self.down = conv(s.prior, s.prior_deep, 2)
        self.middle = Block(s.prior_deep)
        self.down2 = conv(s.prior_deep, s.prior_deep, 2)
        self.deep = nn.Sequential(Block(s.prior_deep), Block(s.prior_deep))
        self.up = conv(s.prior_deep, s.prior_deep, kernel=1)
        self.merge = Block(s.prior_deep)
        self.up1 = conv(s.prior_deep, s.prior, kernel=1)
        self.block2 = Block(s.prior)
        self.last = nn.Conv2d(s.prior, s.labels, 1)

    def forward(self, features: Tensor, logits: Tensor, known: Tensor) -> Tensor:
        """known: one-hot labels [N, K, h, w], zeros where unknown → logits [N, K, h, w]."""
        x = torch.cat((self.side(features), self.embed(known), known.sum(1, keepdim=True)), 1)
        x = self.block1(F.relu(self.first(x)))
        m = self.middle(F.relu(self.down(x)))
        d = self.deep(F.relu(self.down2(m)))
        m = self.merge(F.relu(m + F.interpolate(self.up(d), scale_factor=2.0)))
        x = self.block2(F.relu(x + F.interpolate(self.up1(m), scale_factor=2.0)))
        with torch.autocast('cpu', enabled=False):
            near = self.near(known.float())
        return logits + self.last(x) + near
