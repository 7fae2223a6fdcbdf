"""Tiny OSM XML files: a grid of nodes ten by ten, node 34 at lon 0.04, lat 0.03."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gusu_geo.sources.osm.extract import OsmExtract, read_osm
from gusu_geo.tables import StreetWays

GRID = {row * 10 + col + 1: (col / 100, row / 100) for row in range(10) for col in range(10)}


def tag_lines(text: str) -> str:
    """<tag> lines of "a=b; c=d"."""
    pairs = (pair.split("=", 1) for pair in text.split("; ") if pair)
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in pairs)


def node(number: int, text: str = "") -> str:
    lon, lat = GRID[number]
    return f'<node id="{number}" lon="{lon}" lat="{lat}" version="1">{tag_lines(text)}</node>'


def way(number: int, refs: Iterable[int], text: str = "") -> str:
    nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{number}" version="1">{nodes}{tag_lines(text)}</way>'


def relation(number: int, members: str, text: str) -> str:
    """members: "11:outer 12:inner", all of them ways."""
    pairs = (member.split(":") for member in members.split())
    lines = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in pairs)
    return f'<relation id="{number}" version="1">{lines}{tag_lines(text)}</relation>'


def document(*objects: str, nodes: Iterable[int] = tuple(GRID), head: str = "") -> str:
    """OSM XML of the grid's nodes (those of ``objects`` replace plain ones) and the objects."""
    own = {part.split('"')[1] for part in objects if part.startswith("<node")}
    plain = [node(number) for number in nodes if str(number) not in own]
    return f'<?xml version="1.0"?>\n<osm version="0.6">{head}{"".join((*plain, *objects))}</osm>'


def read(tmp_path: Path, *objects: str, **how: object) -> OsmExtract:
    path = tmp_path / "scene.osm"
    path.write_text(document(*objects, **how), encoding="utf-8")  # type: ignore[arg-type]
    return read_osm(path)


def lanes(streets: StreetWays) -> list[tuple[int, list[int]]]:
    """(way id, node ids) of every row, in the order of the table."""
    rows = zip(streets.way_ptr[:-1], streets.way_ptr[1:], strict=True)
    parts = [streets.node_ids[streets.way_nodes[start:end]].tolist() for start, end in rows]
    return list(zip(streets.way_ids.tolist(), parts, strict=True))
