"""Writes the held-out photos and their class maps as files, for `npm run bench:color`."""

from __future__ import annotations

import json
from pathlib import Path

from color.photos import members
from data import is_held_out


def run(args) -> None:
    """<out>/<set>/<id>.jpg and <id>.classes.png; see lavi.py for the options."""
    color, out = Path(args.data) / 'color', Path(args.out)
    rows = {r['id']: r for r in json.loads((color / 'index.json').read_text()) if is_held_out(r)}
    count = 0
    for path, data in members(color):
        row = rows.get(path.stem)
        if row is None:
            continue
        folder = out / row['set']
        folder.mkdir(parents=True, exist_ok=True)
        name = path.name if path.parent.name == 'images' else f'{path.stem}.classes.png'
        (folder / name).write_bytes(data.getvalue())
        count += path.parent.name == 'images'
    print(f'{count} held-out photos in {out}')
