"""A Gaussian VAE of 64×64 crops: z → mean and γ of every sample; γ once for all, or predicted from z.

It starts as a linear Gaussian model: 480 latents are coefficients of a cosine transform (nearly the principal components of
photos), 32 are the principal components of how busy each 8×8 block is, from which γ is read off. Training adds what is not
linear; each added branch starts at zero."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

SIZE = 64
DIMS = 3 * SIZE * SIZE
LINEAR = 480
BUSY = 32
LATENTS = LINEAR + BUSY
BLOCK = 8
GRID = SIZE // BLOCK
LEVEL = 1 / 255
WIDTH = 48
LOW_GAMMA, HIGH_GAMMA = math.log(0.3 * LEVEL), math.log(0.5)


def cosines(n: int) -> torch.Tensor:
    """The orthonormal DCT-II, [frequency, place]."""
    k, x = torch.meshgrid(torch.arange(n), torch.arange(n), indexing='ij')
    m = torch.cos(math.pi * (x + 0.5) * k / n) * math.sqrt(2 / n)
    m[0] /= math.sqrt(2)
    return m


def tent() -> torch.Tensor:
    """Linear interpolation from block centres to samples, [sample, block], flat beyond the outer centres."""
    place = ((torch.arange(SIZE) + 0.5) / BLOCK - 0.5).clamp(0, GRID - 1)
    return (1 - (place[:, None] - torch.arange(GRID)[None]).abs()).clamp_min(0)


class Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.a = nn.Conv2d(width, width, 3, padding=1)
        self.b = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.b.weight)
        nn.init.zeros_(self.b.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.b(F.leaky_relu(self.a(x), 0.1))


def branch(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """Two layers whose output starts at zero."""
    net = nn.Sequential(nn.Linear(inputs, hidden), nn.LeakyReLU(0.1), nn.Linear(hidden, outputs))
    nn.init.zeros_(net[2].weight)
    nn.init.zeros_(net[2].bias)
    return net


class Vae(nn.Module):
    """All tensors are in 0…1; latents are [N, 512]."""

    def __init__(self):
        super().__init__()
        self.register_buffer('cosine', cosines(SIZE))
        self.register_buffer('tent', tent())
        self.register_buffer('colour', torch.eye(3))  # principal axes of colours, rows
        self.register_buffer('order', torch.arange(LINEAR))  # which coefficients the latents are
        self.register_buffer('place', torch.zeros(DIMS, dtype=torch.long))  # latent of each coefficient; LINEAR for none
        self.register_buffer('busy_mean', torch.zeros(GRID * GRID))
        self.register_buffer('busy_axes', torch.eye(BUSY, GRID * GRID))
        self.centre = nn.Parameter(torch.zeros(LINEAR))
        self.log_scale = nn.Parameter(torch.zeros(LINEAR))
        self.busy_scale = nn.Parameter(torch.zeros(BUSY))
        self.shrink = nn.Parameter(torch.zeros(LATENTS))  # logit of posterior mean over coefficient
        self.log_sigma = nn.Parameter(torch.zeros(LATENTS))
        self.prior_mean = nn.Parameter(torch.zeros(LATENTS))
        self.prior_log_sigma = nn.Parameter(torch.zeros(LATENTS))
        self.log_gamma = nn.Parameter(torch.zeros(()))
        self.gains = branch(BUSY, 128, LINEAR)
        self.infer = branch(LATENTS, 512, 2 * LATENTS)
        self.expand = branch(LATENTS, 384, LINEAR)
        self.first = nn.Conv2d(4 * 4, WIDTH, 3, padding=1)
        self.blocks = nn.Sequential(*(Residual(WIDTH) for _ in range(3)))
        self.last = nn.Conv2d(WIDTH, 4 * 6, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def coefficients(self, x: torch.Tensor) -> torch.Tensor:
        """All DCT coefficients, [N, 12288]."""
        y = self.cosine @ x @ self.cosine.T
        return torch.einsum('dc,nchw->ndhw', self.colour, y).flatten(1)

    def picture(self, chosen: torch.Tensor) -> torch.Tensor:
        """The picture of the chosen coefficients, the others 0."""
        padded = torch.cat([chosen, torch.zeros_like(chosen[:, :1])], 1)
        y = padded[:, self.place].reshape(-1, 3, SIZE, SIZE)
        return self.cosine.T @ torch.einsum('dc,ndhw->nchw', self.colour, y) @ self.cosine

    def busyness(self, x: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        """ln of the root mean square that the linear part leaves in each block, [N, 64]."""
        rest = (x - self.picture(chosen)).square().mean(1, keepdim=True)
        return 0.5 * torch.log(F.avg_pool2d(rest, BLOCK).flatten(1) + (0.3 * LEVEL) ** 2)

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and ln σ of the posterior of crops [N, 3, 64, 64]."""
        chosen = self.coefficients(x)[:, self.order]
        busy = (self.busyness(x, chosen) - self.busy_mean) @ self.busy_axes.T * torch.exp(-self.busy_scale)
        gains = self.gains(busy)
        linear = (chosen - self.centre) * torch.exp(-self.log_scale - gains)
        both = torch.cat([linear, busy], 1)
        delta, log = self.infer(both).chunk(2, 1)
        return both * torch.sigmoid(self.shrink) + delta, self.log_sigma + log

    def decode(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and predicted ln γ, [N, 3, 64, 64] each."""
        linear, busy = z[:, :LINEAR], z[:, LINEAR:]
        chosen = self.centre + linear * torch.exp(self.log_scale + self.gains(busy))
        mean = self.picture(chosen + self.expand(z))
        blocks = self.busy_mean + (busy * torch.exp(self.busy_scale)) @ self.busy_axes
        log_gamma = self.tent @ blocks.reshape(-1, 1, GRID, GRID) @ self.tent.T
        t = F.pixel_unshuffle(torch.cat([mean, log_gamma + 3], 1), 2)
        t = self.last(self.blocks(F.leaky_relu(self.first(t), 0.1)))
        more, log = F.pixel_shuffle(t, 2).chunk(2, 1)
        return mean + more, (log_gamma + log).clamp(LOW_GAMMA, HIGH_GAMMA)

    def kl(self, mean: torch.Tensor, log_sigma: torch.Tensor) -> torch.Tensor:
        """KL(posterior, prior) of each latent in nats, [N, 512]."""
        p, q = self.prior_log_sigma, log_sigma
        return p - q + (torch.exp(2 * q) + (mean - self.prior_mean).square()) * torch.exp(-2 * p) / 2 - 0.5

    @torch.no_grad()
    def start(self, crops: torch.Tensor) -> None:
        """Becomes the linear Gaussian model of the crops [N, 3, 64, 64]."""
        colours = crops.permute(1, 0, 2, 3).flatten(1)
        self.colour.copy_(torch.linalg.eigh(torch.cov(colours))[1].T.flip(0))
        c = torch.cat([self.coefficients(part) for part in crops.split(256)])
        variance, centre = torch.var_mean(c, 0)
        self.order.copy_(variance.argsort(descending=True)[:LINEAR])
        self.place.fill_(LINEAR)
        self.place[self.order] = torch.arange(LINEAR)
        rest = variance.sum() - variance[self.order].sum()
        # The mean of what is not coded stays: it is close to 0 but for nothing.
        gamma2 = rest / (DIMS - LINEAR)
        self.centre.copy_(centre[self.order])
        signal = (variance[self.order] - gamma2).clamp_min(gamma2 / 100)
        self.log_scale.copy_(0.5 * signal.log())
        keep = signal / (signal + gamma2)
        self.shrink[:LINEAR] = torch.logit(keep)
        self.log_sigma[:LINEAR] = 0.5 * torch.log(1 - keep)
        self.log_gamma.copy_(0.5 * gamma2.log())
        busy = torch.cat([self.busyness(part, self.coefficients(part)[:, self.order]) for part in crops.split(256)])
        self.busy_mean.copy_(busy.mean(0))
        values, axes = torch.linalg.eigh(torch.cov(busy.T))
        self.busy_axes.copy_(axes.T.flip(0)[:BUSY])
        self.busy_scale.copy_(0.5 * values.flip(0)[:BUSY].clamp_min(1e-4).log())
        self.shrink[LINEAR:] = 3.0
        # A step of 0.15 in ln γ costs next to nothing in likelihood.
        self.log_sigma[LINEAR:] = (math.log(0.3) - self.busy_scale).clamp(-2.5, -0.1)


def binned(x: torch.Tensor, mean: torch.Tensor, log_gamma: torch.Tensor) -> torch.Tensor:
    """ln of the Gaussian's mass on each 8-bit value's bin, the end bins open; x in 0…1."""
    scale = torch.exp(-log_gamma)
    low = torch.where(x < 0.5 * LEVEL, torch.full_like(x, -math.inf), (x - 0.5 * LEVEL - mean) * scale)
    high = torch.where(x > 1 - 0.5 * LEVEL, torch.full_like(x, math.inf), (x + 0.5 * LEVEL - mean) * scale)
    # In the upper tail the mirrored one keeps its digits.
    swap = low + high > 0
    low, high = torch.where(swap, -high, low), torch.where(swap, -low, high)
    low, high = low.clamp(-1e4, 1e4), high.clamp(-1e4, 1e4)
    top, bottom = torch.special.log_ndtr(high), torch.special.log_ndtr(low)
    return top + torch.log(-torch.expm1((bottom - top).clamp_max(-1e-7)))


def parameters(model: nn.Module) -> int:
    """Trained numbers and fixed ones that data decided."""
    fixed = sum(b.numel() for name, b in model.named_buffers() if name in ('colour', 'order', 'busy_mean', 'busy_axes'))
    return sum(p.numel() for p in model.parameters()) + fixed
