"""The whole colorizer and its two inferences: which labels explain a photo's chroma, and what they cost."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from color.decoder import Decoder, cells, log_pair
from color.nets import Backbone, Prior, Shape
from color.order import GROUPS, group_grid
from color.palette import SAMPLES, Palette, cell_moments, quadratic
from color.photos import Batch

SHORTLIST = 7


class Colorizer(nn.Module):
    """Nets, decoder, and the palette's running moments [K, 6], from which the E step's shortlist is drawn."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.backbone = Backbone(shape)
        self.prior = Prior(shape) if shape.labels > 1 else None
        self.decoder = Decoder(shape.labels, shape.trunk)
        self.register_buffer('moments', torch.zeros(shape.labels, 6))
        self.register_buffer('classes', torch.zeros(shape.labels, dtype=torch.long))

    @torch.no_grad()
    def start(self, palette: Palette) -> None:
        mean, covariance = torch.from_numpy(palette.mean).float(), torch.from_numpy(palette.covariance).float()
        self.decoder.start(mean, covariance)
        second = covariance + mean[:, :, None] * mean[:, None]
        rows = torch.stack((torch.ones(len(mean)), mean[:, 0], mean[:, 1], second[:, 0, 0], second[:, 0, 1], second[:, 1, 1]), 1)
        self.moments.copy_(rows * torch.from_numpy(palette.weight).float()[:, None] * 1e5)
        self.classes.copy_(torch.from_numpy(palette.classes))
        if self.shape.labels > 1:
            self.backbone.head.bias.copy_(torch.from_numpy(palette.weight).float().log())

    @torch.no_grad()
    def palette(self) -> tuple[Tensor, Tensor]:
        """Mean and covariance of each label's samples."""
        m = (self.moments / self.moments[:, :1].clamp_min(1e-6)).double()
        mean = m[:, 1:3]
        covariance = torch.stack((m[:, 3], m[:, 4], m[:, 4], m[:, 5]), 1).view(-1, 2, 2) - mean[:, :, None] * mean[:, None]
        n = self.moments[:, :1, None].double()
        return mean, (covariance * n + 64 * 4 * torch.eye(2)) / (n + 64) + torch.eye(2) / 12

    @torch.no_grad()
    def observe(self, z: Tensor, moments: Tensor, keep: float) -> None:
        """Running moments of the labels' samples, from hard labels [n] and cells' moments [n, 6]."""
        self.moments.mul_(keep).index_add_(0, z, moments)

    @torch.no_grad()
    def shortlist(self, log_prior: Tensor, moments: Tensor, bonus: Tensor | None) -> Tensor:
        """The labels most probable under the palette's normal distributions [n, M]."""
        mean, covariance = self.palette()
        table = torch.from_numpy(quadratic(mean.numpy(), covariance.numpy())).float()
        score = moments @ table + log_prior
        if bonus is not None:
            score = score + bonus
        return score.topk(min(SHORTLIST, score.shape[1]), 1).indices

    def label_cells(self, trunk: Tensor, y: Tensor, log_prior: Tensor, near: Tensor, bonus: Tensor | None, shape: torch.Size) -> Tensor:
        """Hard E step over whole grids [N, h, w]: each cell's best shortlisted label, then two half sweeps in which the four
        cells around have their say."""
        score = self.posterior(trunk, y, log_prior, near, bonus)
        z = near.gather(1, score.argmax(1, keepdim=True)).view(shape)
        beside, share = self.prior.near.beside(), self.prior.near.share.softmax(0)
        odd = torch.arange(shape[1])[:, None] + torch.arange(shape[2])[None] & 1
        for parity in (0, 1, 0):
            p = F.pad(z[:, None].float(), (1, 1, 1, 1), mode='replicate')[:, 0].long()
            four = torch.stack((p[:, :-2, 1:-1], p[:, 2:, 1:-1], p[:, 1:-1, :-2], p[:, 1:-1, 2:]), -1).view(-1, 1, 4)
            says = self.prior.near.ratio(beside[near[:, :, None], four].mean(2), share[near])
            best = near.gather(1, (score + 0.8 * says).argmax(1, keepdim=True)).view(shape)
            z = torch.where(odd == parity, best, z)
        return z

    @torch.no_grad()
    def fit_near(self, batches: list[Batch]) -> None:
        """Starts the prior with how often labels lie side by side in photos."""
        for _ in range(2):
            pairs = torch.zeros(self.shape.labels**2)
            for batch in batches:
                z = explain(self, batch, False)['z']
                inside = batch.inside[:, 0] > 0
                for a, b, both in ((z[:, 1:], z[:, :-1], inside[:, 1:] & inside[:, :-1]), (z[:, :, 1:], z[:, :, :-1], inside[:, :, 1:] & inside[:, :, :-1])):
                    for one, other in ((a, b), (b, a)):
                        pairs += torch.bincount((one * self.shape.labels + other)[both], minlength=len(pairs))
            pairs = pairs.view(self.shape.labels, -1)
            share = (pairs.sum(1) + 20) / (pairs.sum() + 20 * len(pairs))
            self.prior.near.share.copy_(share.log())
            self.prior.near.table.copy_(((pairs + 20 * share[:, None]) / (pairs.sum(0) + 20)).log())

    def posterior(self, trunk: Tensor, y: Tensor, log_prior: Tensor, near: Tensor, bonus: Tensor | None) -> Tensor:
        """Unnormalised log posterior [n, M] of shortlisted labels under each label's own logistics."""
        ll = log_pair((y[:, :1], y[:, 1:]), self.decoder.own(trunk, near)).sum(2)
        score = ll + log_prior.gather(1, near)
        return score if bonus is None else score + bonus.gather(1, near)


def flat(x: Tensor) -> Tensor:
    """[N, C, h, w] → [N·h·w, C]."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def one_hot(z: Tensor, count: int, known: Tensor) -> Tensor:
    """Labels [N, h, w] → [N, K, h, w], zeros where not known."""
    return F.one_hot(z, count).permute(0, 3, 1, 2).float() * known[:, None]


@torch.no_grad()
def explain(model: Colorizer, batch: Batch, costs: bool = True) -> dict[str, Tensor]:
    """Hard E step without classes, and what it costs in bits: of labels (in the fixed order) and of chroma, a photo."""
    f, logits, trunk, affinity = (v.float() for v in model.backbone(batch.luma, batch.inside))
    n, _, h, w = batch.inside.shape
    t, q, y = cells(trunk), cells(affinity), cells(batch.chroma)
    inside = batch.inside[:, 0] > 0
    z = torch.zeros(n, h, w, dtype=torch.long)
    label_bits = torch.zeros(n)
    if model.shape.labels > 1:
        log_prior = flat(logits).log_softmax(1)
        near = model.shortlist(log_prior, cell_moments(batch.chroma), None)
        z = model.label_cells(t, y, log_prior, near, None, inside.shape)
        if not costs:
            return {'z': z}
        groups = torch.from_numpy(group_grid(h, w))
        for g in range(GROUPS):
            known = one_hot(z, model.shape.labels, inside & (groups < g))
            log_p = model.prior(f, logits, known).float().log_softmax(1).gather(1, z[:, None])[:, 0]
            label_bits -= (log_p * (inside & (groups == g))).sum((1, 2)) / 0.6931472
    pick = inside.reshape(-1).nonzero()[:, 0]
    ll = torch.zeros(n * h * w).index_copy_(0, pick, model.decoder.log_likelihood(t, q, z, inside, y, pick).sum(1)).view(n, h, w)
    return {'z': z, 'labels': label_bits, 'colour': -ll.sum((1, 2)) / 0.6931472, 'samples': inside.sum((1, 2)) * SAMPLES, 'logits': logits}
