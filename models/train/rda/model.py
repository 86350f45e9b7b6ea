"""The rate-distortion autoencoder: a Gaussian VAE with a hierarchical prior, I(y,z) + λ·distortion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn

from rda.nets import HYPER, HYPER_CLIP, LATENTS, Analysis, HyperAnalysis, Means, Rows, Synthesis, checkerboard, start_rows
from rda.quality import POINTS, SCALES, Curve, lam, log_steps, scale_index, scale_of

HYPER_STD = 2.5  # of hyper-latents at the start
# What an error costs beyond its own distortion, at the first and the last quality point: neighbours are predicted from
# it. Fitted on training crops (`lavi.py fit`).
ERROR_WORTH = (1.8, 1.05)
STEP_WORTH = 22.4 / 3  # bits that a squared error of one step costs where the step is the best one (see step_guess)


@dataclass
class Shape:
    """Widths and depths; the checkpoint keeps them."""

    analysis: int = 384
    analysis_blocks: int = 6
    synthesis: int = 192
    synthesis_blocks: int = 3
    fine: int = 48
    means: int = 128


def straight(rounded: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """`rounded` in the forward pass, the gradient of `x` in the backward pass."""
    return x + (rounded - x).detach()


def round_half_up(x: torch.Tensor) -> torch.Tensor:
    """floor(x + ½), the one rounding of the format, with a straight-through gradient."""
    return straight(torch.floor(x + 0.5), x)


def bits(value: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """−log₂ of N(0, scale²)'s mass on value ± ½ (Ballé et al. 2018, eq. 11), as a difference of two small numbers in the tail."""
    distance = value.abs()
    unit = 1 / (scale * math.sqrt(2))
    mass = 0.5 * (torch.erfc((distance - 0.5) * unit) - torch.erfc((distance + 0.5) * unit))
    # Beyond the clip the gradient must still lead home.
    return -mass.clamp(min=1e-30).log2() + (distance / scale - 11).clamp(min=0) * 16


@torch.no_grad()
def cheapest(residual: torch.Tensor, scale: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Of the nearest whole number and the next one towards 0, the one of least bits + weight·error²."""
    near = torch.floor(residual + 0.5)
    inner = near - near.sign()
    saved = bits(near, scale) - bits(inner, scale)
    worse = (residual - inner) ** 2 - (residual - near) ** 2
    return torch.where((near != 0) & (saved > weights * worse), inner, near)


class Rda(nn.Module):
    """All nets and the variable rate; `forward` gives what the loss needs."""

    def __init__(self, shape: Shape = Shape(), tune: str = 'psnr'):
        super().__init__()
        self.shape, self.tune = shape, tune
        self.analysis = Analysis(shape.analysis, shape.analysis_blocks)
        self.synthesis = Synthesis(shape.synthesis, shape.synthesis_blocks, shape.fine)
        self.hyper_analysis = HyperAnalysis()
        self.rows = Rows()
        self.means = Means(shape.means)
        self.gain = Curve(LATENTS)
        self.hyper_mean = Curve(HYPER)
        self.hyper_scale = Curve(HYPER, scale_index(torch.tensor(1.0)).item())

    @torch.no_grad()
    def start(self, basis: torch.Tensor, mean: torch.Tensor, std: torch.Tensor, photos: torch.Tensor) -> None:
        """Make step 0 a transform codec: PCA shortcuts, equal steps, static scales, and hyper-latents large enough
        to survive their rounding (at std 0.1 all round to 0, nothing reaches the prior and it never learns).
        basis [256, 3·16·16] with orthonormal rows, mean [768] of x − ½, std [256]; photos [N, 3, H, W]."""
        into, out = self.analysis.shortcut, self.synthesis.shortcut
        into.weight.copy_(basis[:, :, None, None])
        into.bias.copy_(-(basis @ mean))
        out.weight.copy_(basis.t()[:, :, None, None])
        out.bias.copy_(mean)
        self.synthesis.whiten.copy_(1 / (std + 0.02))
        self.gain.table.copy_(log_steps(std))
        self.rows.start.table.copy_(start_rows(std))
        point = torch.linspace(0, POINTS - 1, photos.shape[0], device=photos.device)
        z = self.hyper_analysis(self.analysis(photos) * self.gain(point).exp()[:, :, None, None])
        last, spread = self.hyper_analysis.down2, z.std((0, 2, 3)).clamp(min=1e-3)
        last.weight.mul_((HYPER_STD / spread)[:, None, None, None])
        last.bias.copy_((last.bias - z.mean((0, 2, 3))) * HYPER_STD / spread)
        self.hyper_scale.table.fill_(scale_index(torch.tensor(HYPER_STD)).item())

    def prior_of_hyper(self, point: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(mean, scale) [N, 96, 1, 1] of the hyper-latents at the nearest whole point; the mean is a whole number."""
        whole = torch.floor(point + 0.5)
        mean = round_half_up(self.hyper_mean(whole))
        index = self.hyper_scale(whole).clamp(0, SCALES - 1)
        return mean[:, :, None, None], scale_of(index)[:, :, None, None]

    def error_weights(self, point: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        """Bits that a squared error of one step is worth, [N, 256, 1, 1]: for squared error latents are about orthonormal;
        for another distortion training chose each latent's step, so that a step's error is worth the same everywhere."""
        first, last = ERROR_WORTH
        worth = first + (last - first) * point / (POINTS - 1)
        if self.tune != 'psnr':
            return (worth * STEP_WORTH)[:, None, None, None].expand_as(gain)
        return (lam(point) * worth)[:, None, None, None] * 255**2 / 3 / gain**2

    def forward(self, x: torch.Tensor, point: torch.Tensor, fast: bool = False, hard: bool = False) -> dict[str, torch.Tensor]:
        """Photos [N, 3, H, W] (H, W multiples of 64), points [N] → picture, bits of y and z [N].

        Training form: rate from uniform noise, reconstruction and context from straight-through rounding.
        `hard`: rate from the symbols that the app would write (rate-distortion optimised, straight-through gradients).
        `fast`: bf16 in all but what must resolve single steps."""
        with torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=fast):
            y = self.analysis(x)
            gain = self.gain(point).exp()[:, :, None, None]
            steps = y * gain
            z = self.hyper_analysis(steps)
            mean, scale = self.prior_of_hyper(point)
            z_hat = round_half_up(z).clamp(-HYPER_CLIP, HYPER_CLIP)
            z_rate = z + torch.rand_like(z) - 0.5 if self.training and not hard else z_hat
            bits_z = bits(z_rate - mean, scale).sum((1, 2, 3))
            weights = self.error_weights(point, gain).detach() if hard else None
            y_hat, bits_y = self.code(steps, z_hat, point, weights)
            picture = self.synthesis(y_hat / gain, point)
        return {'picture': picture, 'bits_y': bits_y, 'bits_z': bits_z}

    def code(
        self, steps: torch.Tensor, z_hat: torch.Tensor, point: torch.Tensor, weights: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The two passes: decoded latents in steps, and their bits [N]. With `weights` symbols are chosen as the app does."""
        rows = self.rows(z_hat, point)
        if weights is not None or not self.training:
            rows = round_half_up(rows)
        scale = scale_of(rows)
        features = self.means.features(z_hat, point)
        odd = checkerboard(steps.shape[2], steps.shape[3], steps.device)
        seen, total = torch.zeros_like(steps), steps.new_zeros(steps.shape[0])
        for here, mean_of in ((1 - odd, self.means.of_even), (odd, lambda f: self.means.of_odd(f, seen))):
            mean = mean_of(features)
            residual = steps - mean
            q = round_half_up(residual)
            if self.training and weights is None:
                rate = bits(residual + torch.rand_like(steps) - 0.5, scale)
            else:
                if weights is not None:
                    q = straight(cheapest(residual, scale, weights), residual)
                q = torch.where(rows < 0.5, torch.zeros_like(q), q)  # the first row is not coded
                rate = torch.where(rows < 0.5, 0, bits(q, scale))
            total = total + (rate * here).sum((1, 2, 3))
            seen = seen + (q + mean) * here
        return seen, total
