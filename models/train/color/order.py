"""The fixed order of the labels: nine groups from coarse to fine. Within a group labels are independent given all
earlier groups and the photo, so log P(z|x) is an exact sum over nine runs of the prior."""

from __future__ import annotations

import numpy as np
import torch

GROUPS = 9
PERIOD = 32  # cells after which the order repeats


def group_grid(height: int, width: int) -> np.ndarray:
    """Group of each cell [height, width]: 0 the middle of every 32×32 cells, 1 the middles of their quarters, 2 what is
    left of every 8th row and column, then in turn the middles of the squares (3, 5, 7) and of their edges (4, 6, 8) at
    steps of 8, 4 and 2. The first cells, few and one after another, settle what the whole picture is like."""
    row, column = np.mgrid[0:height, 0:width]
    out = np.full((height, width), GROUPS - 1)
    for group, step, offset in ((7, 2, 1), (6, 2, 0), (5, 4, 2), (4, 4, 0), (3, 8, 4), (2, 8, 0), (1, 16, 8), (0, 32, 16)):
        out[(row % step == offset) & (column % step == offset)] = group
    return out


def random_groups(n: int, size: int) -> torch.Tensor:
    """The grid's groups for n training crops, each at a random offset [n, size, size]."""
    grid = torch.from_numpy(group_grid(size + PERIOD, size + PERIOD))
    at = torch.randint(0, PERIOD, (n, 2)).tolist()
    return torch.stack([grid[r : r + size, c : c + size] for r, c in at])
