"""Muon for matrices beside AdamW for everything else, both without a synchronisation in a step."""

from __future__ import annotations

import torch

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonal(g: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """About U·Vᵀ of matrices [K, m, n] = U·S·Vᵀ, by a quintic Newton-Schulz iteration in bf16 (Jordan et al. 2024)."""
    a, b, c = NEWTON_SCHULZ
    tall = g.shape[-2] > g.shape[-1]
    x = g.bfloat16()
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        s = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(s, s, s, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal, for weights that are matrices (1×1 convolutions). Its steps have the root
    mean square that AdamW's have (0.2·√max(m, n); Liu et al. 2025), so both share learning rates and weight decay."""

    def __init__(self, params, lr: torch.Tensor | float = 1e-3, momentum: float = 0.95, weight_decay: float = 0.01):
        super().__init__(params, {'lr': lr, 'momentum': momentum, 'weight_decay': weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            alike: dict[tuple[int, int], list[torch.Tensor]] = {}
            for p in group['params']:
                if p.grad is not None:
                    alike.setdefault((p.shape[0], p[0].numel()), []).append(p)
            for (rows, columns), params in alike.items():
                grads = [p.grad for p in params]
                for p in params:
                    if 'momentum' not in self.state[p]:
                        self.state[p]['momentum'] = torch.zeros_like(p)
                held = [self.state[p]['momentum'] for p in params]
                torch._foreach_lerp_(held, grads, 1 - group['momentum'])
                ahead = torch._foreach_lerp(grads, held, group['momentum'])
                update = orthogonal(torch.stack([a.reshape(rows, columns) for a in ahead])).to(params[0].dtype)
                size = 0.2 * max(rows, columns) ** 0.5
                torch._foreach_mul_(params, 1 - group['lr'] * group['weight_decay'])
                for p, u in zip(params, update):
                    p.sub_(u.reshape(p.shape) * (group['lr'] * size))


def is_matrix(p: torch.Tensor) -> bool:
    """Whether Muon takes it: a 1×1 convolution's weight with both sides of at least 32."""
    return p.ndim == 4 and p.shape[2:] == (1, 1) and min(p.shape[:2]) >= 32
