"""Bounds on held-out crops, and the Gaussians that they are measured against. Bits are of 8-bit values, a dimension each."""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch

from vae.model import DIMS, LATENTS, LEVEL, Vae, binned, parameters

BITS = 1 / math.log(2) / DIMS


@torch.no_grad()
def bounds(model: Vae, crops: torch.Tensor, samples: int = 1, seed: int = 5) -> dict[str, float]:
    """−ELBO of both heads, KL, and with more samples than one the importance-weighted bounds, bits a dimension."""
    model.eval()
    source = torch.Generator().manual_seed(seed)
    sums = {'kl': 0.0, 'elbo_global': 0.0, 'elbo_predicted': 0.0, 'iw_global': 0.0, 'iw_predicted': 0.0}
    alive = torch.zeros(LATENTS)
    for x in crops.split(32):
        mean, log_sigma = model.encode(x)
        kl = model.kl(mean, log_sigma)
        alive += kl.sum(0)
        logs: dict[str, list[torch.Tensor]] = {'global': [], 'predicted': []}
        for _ in range(samples):
            noise = torch.randn(mean.shape, generator=source)
            z = mean + torch.exp(log_sigma) * noise
            out, log_gamma = model.decode(z)
            prior = -((z - model.prior_mean) * torch.exp(-model.prior_log_sigma)).square() / 2 - model.prior_log_sigma
            ratio = (prior + noise.square() / 2 + log_sigma).sum(1)
            for name, g in (('global', model.log_gamma.expand_as(x)), ('predicted', log_gamma)):
                likelihood = binned(x, out, g).flatten(1).sum(1)
                sums[f'elbo_{name}'] -= (likelihood - kl.sum(1)).sum().item() / samples
                logs[name].append(likelihood + ratio)
        for name, list_ in logs.items():
            sums[f'iw_{name}'] -= (torch.logsumexp(torch.stack(list_), 0) - math.log(samples)).sum().item()
        sums['kl'] += kl.sum().item()
    result = {k: v * BITS / len(crops) for k, v in sums.items() if samples > 1 or not k.startswith('iw')}
    return result | {'alive': int((alive / len(crops) > 0.01 * math.log(2)).sum())}


@torch.no_grad()
def principal(crops: torch.Tensor, count: int, rounds: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Mean, axes [count, dims] and standard deviations along them, by subspace iteration."""
    x = crops.flatten(1)
    mean = x.mean(0)
    x = x - mean
    generator = torch.Generator().manual_seed(1)
    basis = torch.randn(x.shape[1], min(count + 32, len(x)), generator=generator)
    for _ in range(rounds):
        basis = torch.linalg.qr(x.T @ (x @ basis))[0]
    _, s, v = torch.linalg.svd(x @ basis, full_matrices=False)
    return mean, (v[:count] @ basis.T), s[:count] / math.sqrt(len(x) - 1)


@torch.no_grad()
def pca_gaussian(train: torch.Tensor, crops: torch.Tensor, counts=(64, 256, 512)) -> dict[str, float]:
    """Bits a dimension of the probabilistic PCA with so many latents, and of one Gaussian a dimension."""
    flat, x = train.flatten(1), crops.flatten(1)
    mean, axes, sigma = principal(train, max(counts))
    total = flat.var(0).sum().item()
    result = {'diagonal': -binned(x, mean.expand_as(x), flat.std(0).log().expand_as(x)).mean().item() / math.log(2)}
    centred = x - mean
    for count in counts:
        a, s2 = axes[:count], sigma[:count].square()
        noise = (total - s2.sum().item()) / (DIMS - count)
        along = centred @ a.T
        rest = centred.square().sum(1) - along.square().sum(1)
        squares = (along.square() / s2).sum(1) + rest / noise
        logs = s2.log().sum() + (DIMS - count) * math.log(noise) + DIMS * math.log(2 * math.pi)
        density = -(squares + logs) / 2
        # A density, times the width of a bin: γ is many levels wide, so this is the mass.
        result[f'pca{count}'] = -(density.mean().item() + DIMS * math.log(LEVEL)) * BITS
    return result


def run(args) -> None:
    from vae.crops import held_out_crops, loader, training_photos
    from vae.train import Trainer

    torch.set_num_threads(args.threads)
    data = Path(args.data)
    crops = held_out_crops(data, args.each, args.limit)
    model = Trainer.load(Path(args.checkpoint), 0).ema
    result = {'crops': len(crops), 'parameters': parameters(model)} | bounds(model, crops, args.samples)
    if args.baselines:
        photos = training_photos(data, tuple(args.sets.split(',')))
        result |= pca_gaussian(loader(photos, 1).batch(args.baselines), crops)
    print(json.dumps(result, indent=1))
