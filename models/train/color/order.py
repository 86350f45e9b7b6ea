"""The fixed order of the labels: seven groups from coarse to fine. Within a group labels are independent given all
earlier groups and the photo, so log P(z|x) is an exact sum over seven runs of the prior."""

from __future__ import annotations

import numpy as np
import torch

GROUPS = 7


def group_grid(height: int, width: int) -> np.ndarray:
    """Group of each cell [height, width]: 0 every 8th row and column, then in turn the middles of the squares
    (1, 3, 5) and of their edges (2, 4, 6) at steps of 8, 4 and 2."""
    row, column = np.mgrid[0:height, 0:width]
    out = np.full((height, width), GROUPS - 1)
    for group, step in ((5, 2), (4, 2), (3, 4), (2, 4), (1, 8), (0, 8)):
        offset = step // 2 if group % 2 else 0
        out[(row % step == offset) & (column % step == offset)] = group
    return out


def random_groups(n: int, size: int) -> torch.Tensor:
    """The grid's groups for n training crops, each at a random offset [n, size, size]."""
    grid = torch.from_numpy(group_grid(size + 8, size + 8))
    at = torch.randint(0, 8, (n, 2)).tolist()
    return torch.stack([grid[r : r + size, c : c + size] for r, c in at])
