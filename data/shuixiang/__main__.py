"""Writes the town and its ledgers into ``data/raw``."""

from __future__ import annotations

from pathlib import Path

from shuixiang.draw import town
from shuixiang.ledgers import all_ledgers

RAW = Path(__file__).resolve().parents[1] / "raw"


def write(folder: Path) -> None:
    """The OSM file into the folder, the ledgers into ``shuixiang`` in it."""
    canvas, built = town()
    (folder / "shuixiang").mkdir(parents=True, exist_ok=True)
    (folder / "shuixiang.osm.gz").write_bytes(canvas.packed())
    for name, content in all_ledgers(built).items():
        (folder / "shuixiang" / name).write_bytes(content)


if __name__ == "__main__":
    write(RAW)
