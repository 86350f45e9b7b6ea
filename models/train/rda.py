"""The rate-distortion autoencoder: a Gaussian VAE with a hierarchical prior, I(y,z) + λ·distortion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn

from nets import (GROUPS, HYPER, LATENTS, PASSES, Analysis, HyperAnalysis, HyperSynthesis, Pass, Synthesis,
                  checkerboard, set_pca, start_scales)
from integer import Mode, round_half_up, straight
from quality import POINTS, SCALES, Curve, lam, log_steps, scale_index, scale_of

LN2 = math.log(2)
HYPER_STD = 2.5  # of hyper-latents at the start
# What an error costs beyond its own distortion, at the first and the last quality point: neighbours are predicted from it.
# Fitted on training crops (`lavi.py fit`).
ERROR_WORTH = (1.8, 1.05)
STEP_WORTH = 22.4 / 3  # bits that a squared error of one step costs where the step is the best one (see step_guess)


@dataclass
class Shape:
    """Widths and depths; the checkpoint keeps them."""

    analysis: int = 192
    analysis_blocks: int = 6
    analysis_deep: int = 2
    synthesis: int = 128
    synthesis_blocks: int = 8
    synthesis_deep: int = 2
    entropy: int = 160


def bits(value: torch.Tensor, mean: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """−log₂ of N(mean, scale²)'s mass on value ± ½, stable far out in the tails (Ballé et al. 2018, eq. 11)."""
    distance = (value - mean).abs()
    upper = torch.special.log_ndtr(((0.5 - distance) / scale).clamp(min=-14))
    lower = torch.special.log_ndtr(((-0.5 - distance) / scale).clamp(min=-30))
    mass = upper + torch.log1p(-torch.exp((lower - upper).clamp(max=-1e-6)))
    # Beyond the clip the gradient must still lead home.
    return -mass / LN2 + (distance / scale - 14).clamp(min=0) * 0.05


@torch.no_grad()
def cheapest(residual: torch.Tensor, scale: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Of the nearest whole number and the next one towards 0, the one of least bits + weight·error²."""
    near = torch.floor(residual + 0.5)
    inner = near - near.sign()
    zero = torch.zeros_like(near)
    saved = bits(near, zero, scale) - bits(inner, zero, scale)
    worse = (residual - inner) ** 2 - (residual - near) ** 2
    return torch.where((near != 0) & (saved > weights * worse), inner, near)


class Rda(nn.Module):
    """All nets and the variable rate; `forward` gives what the loss needs."""

    def __init__(self, shape: Shape = Shape(), tune: str = 'psnr'):
        super().__init__()
        self.shape, self.tune = shape, tune
        self.analysis = Analysis(shape.analysis, shape.analysis_blocks, shape.analysis_deep)
        self.synthesis = Synthesis(shape.synthesis, shape.synthesis_blocks, shape.synthesis_deep)
        self.hyper_analysis = HyperAnalysis()
        self.hyper_synthesis = HyperSynthesis(shape.entropy)
        self.passes = nn.ModuleList(Pass(g, p, shape.entropy) for g, p in PASSES)
        self.gain = Curve(LATENTS)
        self.hyper_mean = Curve(HYPER)
        self.hyper_scale = Curve(HYPER, scale_index(torch.tensor(1.0)).item())

    def start(self, basis: torch.Tensor, mean: torch.Tensor, std: torch.Tensor, photos: torch.Tensor) -> None:
        """Make step 0 a transform codec: PCA shortcuts, equal steps, static scales, and hyper-latents large enough
        to survive their rounding (at std 0.1 all round to 0, nothing reaches the prior and it never learns)."""
        set_pca(self.analysis, self.synthesis, basis, mean, std)
        with torch.no_grad():
            self.gain.table.copy_(log_steps(std))
            scales = start_scales(std)
            for entropy_pass in self.passes:
                low, high = GROUPS[entropy_pass.group]
                entropy_pass.start.table.copy_(scales[:, low:high])
            point = torch.linspace(0, 63, photos.shape[0])
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
        return mean[:, :, None, None], scale_of(round_half_up(index))[:, :, None, None]

    def error_weights(self, point: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        """Bits that a squared error of one step is worth, [N, 256, 1, 1]: for squared error latents are about orthonormal;
        for another distortion training chose each latent's step, so that a step's error is worth the same everywhere."""
        first, last = ERROR_WORTH
        worth = first + (last - first) * point / (POINTS - 1)
        if self.tune != 'psnr':
            return (worth * STEP_WORTH)[:, None, None, None].expand_as(gain)
        return (lam(point) * worth)[:, None, None, None] * 255**2 / 3 / gain**2

    def forward(self, x: torch.Tensor, point: torch.Tensor, fast: bool = True, hard: bool = False) -> dict[str, torch.Tensor]:
        """Photos [N, 3, H, W] (H, W multiples of 64), points [N] → picture, bits of y and z [N].

        Training form: rate from uniform noise, reconstruction and context from straight-through rounding.
        `hard`: rate from the symbols that the app would write (rate-distortion optimised, straight-through gradients)."""
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=fast):
            y = self.analysis(x)
            gain = self.gain(point).exp()[:, :, None, None]
            steps = y * gain
            z = self.hyper_analysis(steps)
        mean, scale = self.prior_of_hyper(point)
        z_hat = round_half_up(z).clamp(-63, 63)
        z_rate = z + torch.rand_like(z) - 0.5 if self.training and not hard else z_hat
        bits_z = bits(z_rate, mean, scale).sum((1, 2, 3))
        weights = self.error_weights(point, gain).detach() if hard else None
        y_hat, bits_y = self.code(steps, z_hat, point, fast, weights)
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=fast):
            picture = self.synthesis(y_hat / gain, point)
        return {'picture': picture, 'bits_y': bits_y, 'bits_z': bits_z}

    def code(
        self, steps: torch.Tensor, z_hat: torch.Tensor, point: torch.Tensor, fast: bool, weights: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The four passes: decoded latents in steps, and their bits [N]. With `weights` symbols are chosen as the app does."""

        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=fast and not Mode.fake):
            h = self.hyper_synthesis(z_hat, point)
        odd = checkerboard(steps.shape[2], steps.shape[3]).to(steps.device)
        seen = torch.zeros_like(steps)
        total = steps.new_zeros(steps.shape[0])
        for entropy_pass in self.passes:
            low, high = GROUPS[entropy_pass.group]
            context = seen[:, : entropy_pass.seen] if entropy_pass.seen else None
            with torch.autocast('cpu', dtype=torch.bfloat16, enabled=fast and not Mode.fake):
                mean, index = entropy_pass(h, context, point)
            mean, index = mean.float(), index.float()
            scale = scale_of(index)
            here = odd if entropy_pass.parity else 1 - odd
            target = steps[:, low:high]
            q = round_half_up(target - mean)
            if self.training and weights is None:
                rate = bits(target + torch.rand_like(target) - 0.5, mean, scale)
            else:
                if weights is not None:
                    chosen = cheapest(target - mean, scale, weights[:, low:high])
                    q = straight(chosen, target - mean)
                q = torch.where(index < 0.5, torch.zeros_like(q), q)
                rate = bits(q, torch.zeros_like(q), scale)
            total = total + (rate * here).sum((1, 2, 3))
            decoded = (q + mean) * here
            seen = torch.cat((seen[:, :low], seen[:, low:high] + decoded, seen[:, high:]), 1)
        return seen, total
