"""Names of labels: the class and the colour in words, such as "sky, light blue"."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

HUES = ['red', 'orange', 'yellow', 'olive', 'green', 'teal', 'cyan', 'azure', 'blue', 'violet', 'magenta', 'pink']
EDGES = [35, 62, 88, 108, 145, 180, 215, 250, 310, 326, 345, 372]  # upper hue angles of CIELAB, degrees


def colour_name(a: float, b: float) -> str:
    """A word for a chroma: strength, then hue."""
    strength = float(np.hypot(a, b))
    if strength < 3:
        return 'neutral'
    angle = float(np.degrees(np.arctan2(b, a))) % 360
    hue = next(name for name, edge in zip(HUES, EDGES) if angle < edge or edge > 360)
    if angle < 12:
        hue = 'pink'
    for limit, word in ((9, 'greyish '), (22, 'pale '), (45, '')):
        if strength < limit:
            return word + hue
    return 'vivid ' + hue


def label_names(path: Path, classes: list[int], means: np.ndarray) -> list[str]:
    """Unique names; labels without a class are named by colour alone."""
    words = {c['id']: c['name'].replace('_', ' ') for c in json.loads(path.read_text())['classes']}
    names: list[str] = []
    for c, (a, b) in zip(classes, means):
        name = colour_name(a, b) if c == 0 else f'{words[c]}, {colour_name(a, b)}'
        count = sum(n == name or n.startswith(name + ' ') and n[len(name) + 1 :].isdigit() for n in names)
        names.append(name if count == 0 else f'{name} {count + 1}')
    return names
