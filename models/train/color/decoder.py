"""P(ŷ|z,x): each chroma sample a mixture over the labels of its 3×3 cells, plus their average, of discretised
logistics in a and in b given a."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PARAMETERS = 6  # mean a, mean b, log scale a, log scale b, slope of b on a, weight
UNIT = 16.0  # chroma units that a mean of 1 stands for
NEAR = 9


def log_logistic(value: Tensor, mean: Tensor, log_scale: Tensor) -> Tensor:
    """log P of whole units under a logistic: σ(u) − σ(v) = σ(u) σ(−v) (1 − e^(v−u))."""
    inverse = torch.exp(-log_scale)
    d = (value - mean) * inverse
    return -F.softplus(-(d + inverse / 2)) - F.softplus(d - inverse / 2) + torch.log(-torch.expm1(-inverse))


def log_pair(y: tuple[Tensor, Tensor], p: Sequence[Tensor]) -> Tensor:
    """log P(a) + log P(b|a); p holds the first five parameters."""
    a, b = y
    mean_a = p[0] * UNIT
    mean_b = p[1] * UNIT + p[4] * (a - mean_a)
    return log_logistic(a, mean_a, bounded(p[2])) + log_logistic(b, mean_b, bounded(p[3]))


def bounded(log_scale: Tensor) -> Tensor:
    return log_scale.clamp(-2.0, 4.0)


def cells(x: Tensor) -> Tensor:
    """[N, C, 4h, 4w] → [N·h·w, C, 16], rows of a cell first."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 4, 4, w // 4, 4).permute(0, 2, 4, 1, 3, 5).reshape(-1, c, 16)


def around(z: Tensor, empty: int) -> Tensor:
    """Labels [N, h, w] → those of the 3×3 cells [N, h, w, 9], `empty` beyond the grid."""
    p = F.pad(z, (1, 1, 1, 1), value=empty)
    h, w = z.shape[1:]
    return torch.stack([p[:, r : r + h, c : c + w] for r in range(3) for c in range(3)], -1)


class Decoder(nn.Module):
    """A linear map of the trunk for each label; with one label the mixture is a single logistic a channel."""

    def __init__(self, labels: int, trunk: int):
        super().__init__()
        self.labels, self.trunk = labels, trunk
        self.table = nn.Parameter(torch.zeros(labels, PARAMETERS * (trunk + 1)))
        self.place = nn.Parameter(torch.zeros(NEAR, 16))
        self.blend = nn.Parameter(torch.zeros(trunk + 1, 2))  # gate of the average, change of its log scale
        with torch.no_grad():
            self.place[4] = 3.0
            self.blend[trunk, 0] = -1.0

    @torch.no_grad()
    def start(self, mean: Tensor, covariance: Tensor) -> None:
        """Each label starts as its palette entry: a normal distribution's spread is 1.7 times a logistic's scale."""
        row = self.table.view(self.labels, PARAMETERS, self.trunk + 1)[:, :, self.trunk]
        slope = covariance[:, 0, 1] / covariance[:, 0, 0]
        rest = covariance[:, 1, 1] - slope * covariance[:, 0, 1]
        row[:, 0:2] = mean / UNIT
        row[:, 2] = 0.5 * covariance[:, 0, 0].log() - 0.53
        row[:, 3] = 0.5 * rest.clamp_min(0.05).log() - 0.53
        row[:, 4] = slope

    def own(self, trunk: Tensor, z: Tensor) -> Sequence[Tensor]:
        """Parameters of labels z [n, M] at a cell's 16 samples, trunk [n, T, 16] → six of [n, M, 16]."""
        n, m = z.shape
        maps = F.embedding(z, self.table).view(n, m, PARAMETERS, self.trunk + 1).transpose(1, 2).reshape(n, -1, self.trunk + 1)
        out = torch.baddbmm(maps[:, :, self.trunk :], maps[:, :, : self.trunk], trunk)
        return out.view(n, PARAMETERS, m, 16).unbind(1)

    def mixture(self, trunk: Tensor, affinity: Tensor, z: Tensor, inside: Tensor, pick: Tensor) -> tuple[Sequence[Tensor], Tensor, list[Tensor], Tensor]:
        """For picked cells: (six parameters [n, 9, 16], log weights [n, 9, 16], the average's five parameters [n, 16], its
        gate's logit [n, 16]). For all cells: trunk [·, T, 16], affinity [·, A, 16], z [N, h, w], inside bool [N, h, w]."""
        near = around(z.masked_fill(~inside, -1), -1).reshape(-1, NEAR)[pick]
        grid = affinity.mean(2).view(*z.shape, -1).permute(0, 3, 1, 2)
        centres = F.unfold(grid, 3, padding=1).view(z.shape[0], -1, NEAR, z.shape[1] * z.shape[2]).permute(0, 3, 2, 1)
        centres = centres.reshape(-1, NEAR, affinity.shape[1])[pick]
        trunk, affinity = trunk[pick], affinity[pick]
        p = self.own(trunk, near.clamp_min(0))
        distance = affinity.square().sum(1, keepdim=True) - 2 * centres @ affinity + centres.square().sum(2, keepdim=True)
        logits = (p[5] + self.place - distance).masked_fill((near < 0)[..., None], -1e4)
        log_weights = logits.log_softmax(1)
        weights = log_weights.exp()
        average = [(weights * v).sum(1) for v in p[:5]]
        gate, wide = torch.einsum('ntp,tk->knp', trunk, self.blend[: self.trunk]) + self.blend[self.trunk][:, None, None]
        average[2], average[3] = average[2] + wide, average[3] + wide
        return p, log_weights, average, gate

    def log_likelihood(self, trunk: Tensor, affinity: Tensor, z: Tensor, inside: Tensor, y: Tensor, pick: Tensor) -> Tensor:
        """log P(ŷ|z,x) of each sample [n, 16] of the picked cells (indices of cells within the photo); y [·, 2, 16]."""
        a, b = y[pick].unbind(1)
        if self.labels == 1:
            return log_pair((a[:, None], b[:, None]), self.own(trunk[pick], torch.zeros(len(pick), 1, dtype=torch.long)))[:, 0]
        p, weights, average, gate = self.mixture(trunk, affinity, z, inside, pick)
        parts = torch.logsumexp(weights + log_pair((a[:, None], b[:, None]), p), 1)
        return torch.logaddexp(F.logsigmoid(-gate) + parts, F.logsigmoid(gate) + log_pair((a, b), average))

    def mean(self, trunk: Tensor, affinity: Tensor, z: Tensor, inside: Tensor, pick: Tensor) -> Tensor:
        """Mean chroma given z [n, 2, 16]: the mixture's mean is its average's."""
        if self.labels == 1:
            return torch.cat(self.own(trunk[pick], torch.zeros(len(pick), 1, dtype=torch.long))[:2], 1) * UNIT
        return torch.stack(self.mixture(trunk, affinity, z, inside, pick)[2][:2], 1) * UNIT
