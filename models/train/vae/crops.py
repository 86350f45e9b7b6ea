"""Random and held-out 64×64 crops."""

from __future__ import annotations

import io
import json
import random
import tarfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from data import Crops, held_out, is_held_out, load_crops
from vae.model import SIZE


def training_photos(data: Path, sets: tuple[str, ...], limit: int = 0) -> list[np.ndarray]:
    """Colour photos that are not held out, and the codec's crops of photos that are not either."""
    rows = {row['id']: row for row in json.loads((data / 'color' / 'index.json').read_text())}
    held = {row['src'] for row in rows.values() if is_held_out(row)}
    photos = load_crops(data / 'codec', sets, held, limit)
    for shard in sorted((data / 'color').glob('*.tar')):
        with tarfile.open(shard) as tar:
            for member in tar:
                path = Path(member.name)
                row = rows.get(path.stem)
                if path.parent.name != 'images' or row is None or is_held_out(row):
                    continue
                photos.append(np.asarray(Image.open(io.BytesIO(tar.extractfile(member).read())).convert('RGB')))
                if limit and len(photos) >= 2 * limit:
                    return photos
    return photos


def loader(photos: list[np.ndarray], seed: int) -> Crops:
    return Crops(photos, SIZE, seed)


def held_out_crops(data: Path, each: int = 2, limit: int = 0) -> torch.Tensor:
    """`each` fixed crops of every held-out colour photo, [N, 3, 64, 64] in 0…1."""
    photos, _ = held_out(data / 'color', limit)
    choose = random.Random(7)
    crops = []
    for photo in photos:
        for _ in range(each):
            top = choose.randint(0, photo.shape[0] - SIZE)
            left = choose.randint(0, photo.shape[1] - SIZE)
            crops.append(photo[top : top + SIZE, left : left + SIZE])
    return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255
