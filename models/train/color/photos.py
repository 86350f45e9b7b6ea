"""Colour photos as quantised Lab with class maps: decoded once into a cache, then drawn as random augmented crops."""

from __future__ import annotations

import csv
import io
import json
import pickle
import random
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter

from color.lab import LINEAR, encoded, lab_of
from data import is_held_out

CELL = 8  # luma pixels a side of a label's cell
LONGEST = 320  # photos are kept no larger than this
ORTHOCHROMATIC = np.array([0.05, 0.35, 0.60], np.float32)  # shares of linear red, green and blue


@dataclass
class Photo:
    """`lab` uint8 [H, W, 3]: L·2.55, a+128, b+128. `film` uint8 [H, W]: L·2.55 as orthochromatic film saw it.
    `classes` uint8 [H, W] (0 = void) or None."""

    name: str
    set: str
    lab: np.ndarray
    film: np.ndarray
    classes: np.ndarray | None


def quantised(picture: Image.Image) -> np.ndarray:
    lab = lab_of(np.asarray(picture))
    return np.stack((lab[..., 0] * 2.55, lab[..., 1] + 128, lab[..., 2] + 128), -1).round().clip(0, 255).astype(np.uint8)


def film_of(picture: Image.Image) -> np.ndarray:
    """L·2.55 of the light that film before panchromatic emulsions took: hardly any red (ORTHOCHROMATIC)."""
    grey = np.repeat((LINEAR[np.asarray(picture)] @ ORTHOCHROMATIC)[..., None], 3, -1)
    return (lab_of((encoded(grey) * 255).round().astype(np.uint8))[..., 0] * 2.55).round().clip(0, 255).astype(np.uint8)


def photo_of(name: str, kind: str, picture: Image.Image, longest: int, classes: np.ndarray | None = None) -> Photo:
    picture = shrunk(picture.convert('RGB'), longest)
    return Photo(name, kind, quantised(picture), film_of(picture), classes)


def shrunk(picture: Image.Image, longest: int, kind=Image.LANCZOS) -> Image.Image:
    scale = longest / max(picture.size)
    return picture if scale >= 1 else picture.resize([max(1, round(s * scale)) for s in picture.size], kind)


def members(folder: Path):
    for shard in sorted(folder.glob('*.tar')):
        with tarfile.open(shard) as tar:
            for member in tar:
                if member.isfile():
                    yield Path(member.name), io.BytesIO(tar.extractfile(member).read())


def read_pack(color: Path, held: bool) -> list[Photo]:
    """The colour pack's training photos, or its held-out ones."""
    rows = {r['id']: r for r in json.loads((color / 'index.json').read_text()) if is_held_out(r) == held}
    pictures, maps = {}, {}
    for path, data in members(color):
        if path.stem in rows:
            (pictures if path.parent.name == 'images' else maps)[path.stem] = Image.open(data).copy()
    photos = []
    for name, picture in sorted(pictures.items()):
        classes = maps.get(name)
        if classes is not None:
            classes = np.asarray(shrunk(classes, LONGEST, Image.NEAREST))
        photos.append(photo_of(name, rows[name]['set'], picture, LONGEST, classes))
    return photos


def read_crops(codec: Path, color: Path) -> list[Photo]:
    """The codec's crops as further colour photos, without those that are held out in the colour pack."""
    held = {r['src'] for r in json.loads((color / 'index.json').read_text()) if is_held_out(r)}
    with open(codec / 'manifest.csv', newline='') as f:
        rows = {row['file']: row for row in csv.DictReader(f)}
    return [
        photo_of(path.name, rows[path.name]['set'], Image.open(data), 256)
        for path, data in members(codec)
        if path.name in rows and rows[path.name]['source'] not in held
    ]


def read_more(more: Path) -> list[Photo]:
    """The further pack of photos of people, rooms, food and things, none labelled; none where the folder is missing."""
    if not (more / 'index.json').exists():
        return []
    rows = {r['id']: r for r in json.loads((more / 'index.json').read_text())}
    return [photo_of(path.stem, rows[path.stem]['set'], Image.open(data), LONGEST) for path, data in members(more) if path.stem in rows]


def is_colourful(photo: Photo) -> bool:
    """False for grey pictures, which would teach that everything is grey."""
    return bool(np.abs(photo.lab[..., 1:].astype(int) - 128).mean() > 2)


def training_photos(data: Path, cache: Path) -> list[Photo]:
    """All training photos, from the cache where there is one."""
    if not cache.exists():
        photos = [p for p in (*read_pack(data / 'color', False), *read_more(data / 'color-more'), *read_crops(data / 'codec', data / 'color')) if is_colourful(p)]
        cache.write_bytes(pickle.dumps(photos))
    return pickle.loads(cache.read_bytes())


@dataclass
class Batch:
    """luma [N, 1, S, S] in −1…1 (0 outside the photo), inside [N, 1, S/8, S/8] (1 where a cell is photo),
    chroma [N, 2, S/2, S/2] in whole units, classes int64 [N, S/8, S/8] (0 = unknown)."""

    luma: torch.Tensor
    inside: torch.Tensor
    chroma: torch.Tensor
    classes: torch.Tensor


def frame_size(width: int, height: int, longest: int) -> tuple[int, int]:
    """Size in the network's frame: the longer side fills it, the other is the nearest whole number of cells."""
    scale = longest / max(width, height)
    return tuple(max(CELL, CELL * round(s * scale / CELL)) for s in (width, height))


def place(photo: Photo, size: tuple[int, int], window: tuple[int, int], at: tuple[int, int], flip: bool, frame: int, change=None, film: float = 0.0):
    """Scale `photo` to `size`, cut `window` at `at` (width, height), put it in the middle (on whole cells) of a square frame.
    `film` is the share of orthochromatic luma, `change` what else happens to the luma."""
    h, w = photo.lab.shape[:2]
    box = (at[0] * w / size[0], at[1] * h / size[1], (at[0] + window[0]) * w / size[0], (at[1] + window[1]) * h / size[1])
    lab = np.asarray(Image.fromarray(photo.lab).resize(window, Image.BICUBIC, box))
    cells = window[0] // CELL, window[1] // CELL
    classes = np.zeros((cells[1], cells[0]), np.int64)
    if photo.classes is not None:
        votes = np.asarray(Image.fromarray(photo.classes).resize((cells[0] * 2, cells[1] * 2), Image.NEAREST, box))
        votes = np.sort(votes.reshape(cells[1], 2, cells[0], 2).transpose(0, 2, 1, 3).reshape(cells[1], cells[0], 4), -1)
        classes = np.where(votes[..., 0] == votes[..., 2], votes[..., 0], np.where(votes[..., 1] == votes[..., 3], votes[..., 1], 0)).astype(np.int64)
    if flip:
        lab, classes = lab[:, ::-1], classes[:, ::-1]
    light = lab[..., 0]
    if film:
        seen = np.asarray(Image.fromarray(photo.film).resize(window, Image.BICUBIC, box))
        light = (light + film * (seen[:, :: -1 if flip else 1].astype(np.float32) - light)).round().astype(np.uint8)
    if change is not None:
        light = change(light)
    chroma = lab[..., 1:].astype(np.float32).reshape(window[1] // 2, 2, window[0] // 2, 2, 2).mean((1, 3)).round() - 128
    left, top = ((frame - s) // 2 // CELL * CELL for s in window)
    out = (
        np.zeros((1, frame, frame), np.float32), np.zeros((1, frame // CELL, frame // CELL), np.float32),
        np.zeros((2, frame // 2, frame // 2), np.float32), np.zeros((frame // CELL, frame // CELL), np.int64),
    )
    out[0][0, top : top + window[1], left : left + window[0]] = light.astype(np.float32) / 127.5 - 1
    cell = np.s_[top // CELL : (top + window[1]) // CELL, left // CELL : (left + window[0]) // CELL]
    out[1][0][cell] = 1
    out[2][:, top // 2 : (top + window[1]) // 2, left // 2 : (left + window[0]) // 2] = chroma.transpose(2, 0, 1)
    out[3][cell] = classes
    return out


def stack(parts: list) -> Batch:
    return Batch(*(torch.from_numpy(np.stack(p)) for p in zip(*parts)))


def framed(photo: Photo, frame: int = 256):
    """The whole photo in the network's frame, as the app sees it."""
    size = frame_size(photo.lab.shape[1], photo.lab.shape[0], frame)
    return place(photo, size, size, (0, 0), False, frame)


def vignette(shape: tuple[int, int], depth: float) -> np.ndarray:
    """Factors of light, 1 in the middle and 1 − depth in the corners [H, W]."""
    y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in shape)
    return 1 - depth * (y[:, None] ** 2 + x[None] ** 2) / 2


class Loader:
    """Random crops of rescaled photos whose luma is sometimes film's, grainy, blurred, faded, vignetted, dark or stored as a poor JPEG."""

    def __init__(self, photos: list[Photo], frame: int, seed: int):
        self.photos, self.frame = photos, frame
        self.random = random.Random(seed)
        self.numpy = np.random.default_rng(seed)

    def batch(self, n: int) -> Batch:
        return stack([self.one(self.random.choice(self.photos)) for _ in range(n)])

    def one(self, photo: Photo):
        r = self.random
        size = frame_size(photo.lab.shape[1], photo.lab.shape[0], round(256 * r.uniform(0.75, 1.2)))
        window = tuple(min(s, self.frame) for s in size)
        at = tuple(r.randint(0, s - w) for s, w in zip(size, window))
        film = r.random() if r.random() < 0.4 else 0.0
        return place(photo, size, window, at, r.random() < 0.5, self.frame, self.change, film)

    def change(self, light: np.ndarray) -> np.ndarray:
        r = self.random
        if r.random() < 0.5:
            x = light.astype(np.float32) / 255
            x = x ** r.uniform(0.75, 1.35)
            low, high = r.uniform(0, 0.12), r.uniform(0.88, 1)
            if r.random() < 0.3:
                x = x * vignette(x.shape, r.uniform(0.1, 0.5))
            light = ((low + x * (high - low)) * 255).astype(np.uint8)
        kind = r.random()
        if kind < 0.12:
            light = np.asarray(Image.fromarray(light).filter(ImageFilter.GaussianBlur(r.uniform(0.4, 1.4))))
        elif kind < 0.2:
            buffer = io.BytesIO()
            Image.fromarray(light).save(buffer, 'JPEG', quality=r.randint(20, 70))
            light = np.asarray(Image.open(buffer))
        if r.random() < 0.2:
            grain = self.numpy.standard_normal(light.shape, np.float32) * r.uniform(2, 10)
            light = (light + grain).clip(0, 255).astype(np.uint8)
        return light
