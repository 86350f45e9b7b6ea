"""The 64 quality points: λ of each, and parameters that move smoothly along them."""

from __future__ import annotations

import math

import torch
from torch import nn

POINTS = 64
LAMBDA_LOW, LAMBDA_HIGH = 0.0008, 0.3
# Of R + λ·(1 − MS-SSIM): what the slope of the PSNR tune's curve is in this measure at the first and the last point, so
# that both tunes give about the same rate at a point.
MS_SSIM_LAMBDA_LOW, MS_SSIM_LAMBDA_HIGH = 2.0, 300.0
KNOTS = 10


def lam(point: torch.Tensor) -> torch.Tensor:
    """λ of R + λ·255²·MSE (R in bits per pixel, MSE on RGB in 0…1) at a point in 0…63, geometric."""
    return LAMBDA_LOW * (LAMBDA_HIGH / LAMBDA_LOW) ** (point / (POINTS - 1))


def ms_ssim_lam(point: torch.Tensor) -> torch.Tensor:
    """λ of R + λ·(1 − MS-SSIM) at a point in 0…63, geometric."""
    return MS_SSIM_LAMBDA_LOW * (MS_SSIM_LAMBDA_HIGH / MS_SSIM_LAMBDA_LOW) ** (point / (POINTS - 1))


def step_guess(point: torch.Tensor) -> torch.Tensor:
    """Starting quantization step, in units of a 0…1 signal: J = D + 0.134Δ²·R per sample, three samples a pixel."""
    return (22.4 / lam(point)).sqrt() / 255


def hats(point: torch.Tensor) -> torch.Tensor:
    """Weights [N, KNOTS] of linear interpolation between the knots at points [N]."""
    position = point[:, None] * ((KNOTS - 1) / (POINTS - 1))
    return (1 - (position - torch.arange(KNOTS, device=point.device)).abs()).clamp(min=0)


class Curve(nn.Module):
    """A vector of `channels` that is piecewise linear in the quality point."""

    def __init__(self, channels: int, start: torch.Tensor | float = 0.0):
        super().__init__()
        table = torch.zeros(KNOTS, channels) + start
        self.table = nn.Parameter(table)

    def forward(self, point: torch.Tensor) -> torch.Tensor:
        """Points [N] → values [N, channels]."""
        return hats(point) @ self.table


def knot_points() -> torch.Tensor:
    """The quality points at which the knots lie."""
    return torch.arange(KNOTS) * ((POINTS - 1) / (KNOTS - 1))


def log_steps(std: torch.Tensor) -> torch.Tensor:
    """Starting log gains [KNOTS, C]: the same step for every orthonormal latent (reverse water-filling)."""
    return -step_guess(knot_points()).log()[:, None].expand(KNOTS, std.numel()).clone()


SCALE_LOW, SCALE_HIGH, SCALES = 0.11, 256.0, 64
SCALE_RATIO = math.log(SCALE_HIGH / SCALE_LOW) / (SCALES - 1)


def scale_index(sigma: torch.Tensor) -> torch.Tensor:
    """Real-valued index of a standard deviation (in quantization steps) in the log-spaced scale table."""
    return (sigma.clamp(min=1e-6) / SCALE_LOW).log() / SCALE_RATIO


def scale_of(index: torch.Tensor) -> torch.Tensor:
    """Standard deviation in quantization steps of a (possibly fractional) scale index in 0…63."""
    return SCALE_LOW * torch.exp(index * SCALE_RATIO)
