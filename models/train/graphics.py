"""Rendered text, windows and charts, so that the photo codec also sees what screens show. Seeded; no picture is read."""

from __future__ import annotations

import colorsys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

WORDS = (
    'light shadow river garden 1924 window letter summer paper family morning 37.5 % station mountain Zürich between silver 2026 '
    'bread harbour photo album λ = 0.01 street music winter Save Cancel File Edit View Settings quality 0.42 bpp dB water'
).split()


def graphics(count: int, side: int = 512, seed: int = 7) -> list[np.ndarray]:
    """`count` pictures [side, side, 3] as bytes: pages of text, windows with controls, charts and drawings."""
    rng = np.random.default_rng(seed)
    kinds = (page, window, chart, drawing)
    return [np.asarray(kinds[i % len(kinds)](rng, side)) for i in range(count)]


def color(rng: np.random.Generator, low: float, high: float, saturation: float) -> tuple[int, int, int]:
    """A random colour whose value lies in low…high (0…1)."""
    r, g, b = colorsys.hsv_to_rgb(rng.random(), rng.random() * saturation, rng.uniform(low, high))
    return round(r * 255), round(g * 255), round(b * 255)


def theme(rng: np.random.Generator) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """(ground, ink), light or dark."""
    dark = rng.random() < 0.4
    ground = color(rng, 0.02, 0.2, 0.3) if dark else color(rng, 0.92, 1, 0.08)
    ink = color(rng, 0.75, 1, 0.2) if dark else color(rng, 0, 0.3, 0.5)
    return ground, ink


def line_of(rng: np.random.Generator, least: int) -> str:
    words: list[str] = []
    while len(' '.join(words)) < least:
        words.append(str(rng.choice(WORDS)))
    return ' '.join(words)


def page(rng: np.random.Generator, side: int) -> Image.Image:
    """A page of text in one or two sizes."""
    ground, ink = theme(rng)
    picture = Image.new('RGB', (side, side), ground)
    draw = ImageDraw.Draw(picture)
    y = int(rng.integers(0, 30))
    margin = int(rng.integers(0, 60))
    while y < side:
        size = int(rng.choice((10, 11, 12, 13, 14, 16, 18, 22, 30)))
        font = ImageFont.load_default(size)
        for _ in range(int(rng.integers(1, 9))):
            draw.text((margin, y), line_of(rng, side // size * 2), ink, font)
            y += round(size * 1.4)
        y += int(rng.integers(4, 24))
    return picture if rng.random() < 0.7 else picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 0.8))))


def window(rng: np.random.Generator, side: int) -> Image.Image:
    """Panels with labels, buttons, bars and hairlines, on flat or softly graded grounds."""
    ground, ink = theme(rng)
    picture = Image.new('RGB', (side, side), ground)
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(6, 22))):
        x, y = (int(v) for v in rng.integers(-40, side - 20, 2))
        w, h = (int(v) for v in rng.integers(20, side // 2, 2))
        shade = tuple(int(np.clip(c + rng.integers(-24, 24), 0, 255)) for c in ground)
        accent = color(rng, 0.3, 1, 1)
        draw.rounded_rectangle((x, y, x + w, y + h), int(rng.integers(0, 12)), shade if rng.random() < 0.7 else accent, ink if rng.random() < 0.3 else None)
        if rng.random() < 0.8:
            draw.text((x + 8, y + 6), line_of(rng, 8), ink, ImageFont.load_default(int(rng.integers(10, 19))))
        if rng.random() < 0.3:
            draw.line((x, y + h // 2, x + w, y + h // 2), accent, int(rng.integers(1, 4)))
    return picture


def chart(rng: np.random.Generator, side: int) -> Image.Image:
    """Axes, a grid, curves and labels, antialiased by drawing at twice the size."""
    ground, ink = theme(rng)
    big = 2 * side
    picture = Image.new('RGB', (big, big), ground)
    draw = ImageDraw.Draw(picture)
    for i in range(0, big, int(rng.integers(60, 160))):
        faint = tuple((a * 3 + b) // 4 for a, b in zip(ground, ink))
        draw.line((i, 0, i, big), faint, 2)
        draw.line((0, i, big, i), faint, 2)
    x = np.linspace(0, big, 60)
    for _ in range(int(rng.integers(1, 7))):
        y = big * (0.5 + 0.4 * np.sin(x / big * rng.uniform(1, 9) + rng.uniform(0, 6)) * rng.uniform(0.2, 1))
        draw.line(list(zip(x.tolist(), y.tolist())), color(rng, 0.3, 1, 1), int(rng.integers(2, 9)), joint='curve')
    for _ in range(int(rng.integers(4, 14))):
        at = tuple(int(v) for v in rng.integers(0, big - 60, 2))
        draw.text(at, line_of(rng, 4), ink, ImageFont.load_default(int(rng.integers(20, 44))))
    return picture.resize((side, side), Image.LANCZOS)


def drawing(rng: np.random.Generator, side: int) -> Image.Image:
    """Flat shapes over a gradient, as logos and illustrations have them."""
    a, b = (np.array(color(rng, 0.1, 1, 0.8), np.float32) for _ in range(2))
    t = np.linspace(0, 1, side, dtype=np.float32)
    t = np.broadcast_to(t[:, None] if rng.random() < 0.5 else t[None], (side, side))[..., None]
    if rng.random() < 0.5:
        b = a
    picture = Image.fromarray((a + (b - a) * t).round().astype(np.uint8)).resize((2 * side, 2 * side), Image.BILINEAR)
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(3, 16))):
        fill = color(rng, 0, 1, 1)
        if rng.random() < 0.5:
            x, y = (int(v) for v in rng.integers(-100, 2 * side, 2))
            r = int(rng.integers(10, side // 2))
            draw.ellipse((x - r, y - r, x + r, y + r), fill)
        else:
            draw.polygon([tuple(int(v) for v in p) for p in rng.integers(-100, 2 * side + 100, (int(rng.integers(3, 6)), 2))], fill)
    return picture.resize((side, side), Image.LANCZOS)
