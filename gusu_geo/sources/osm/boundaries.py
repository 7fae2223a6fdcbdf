"""Mends administrative boundaries of which the extract lacks a few ways.

An extract cut along a border often lacks pieces of that border. Short gaps are closed with
straight lines, and their length is reported (``gap_m``); boundaries with long gaps are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from osmium.osm import RELATION, WAY, Relation, Way

from gusu_geo.foreign import each
from gusu_geo.geometry import WGS84
from gusu_geo.sources.osm.child import in_child
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm.file import OsmFile, tags_of
from gusu_geo.sources.osm.slips import step_m

GAP_SHARE_MAX = 0.5  # all gaps, of the known length of the outline
GAP_MAX_M = 1_000.0  # each gap: its line may cut off or add a block, not a district
COLUMNS = ("name", "name_zh", "name_en", "admin_level", "gap_m")


@dataclass(frozen=True)
class _Member:
    tags: dict[str, str]
    ways: tuple[int, ...]


@dataclass(frozen=True)
class Outlines:
    """Boundaries by relation id, and lines in degrees by way id."""

    members: dict[int, _Member]
    lines: dict[int, list[tuple[float, float]]]


def whole_boundaries(extract: OsmExtract, admin_level: int) -> gpd.GeoDataFrame:
    """Boundaries of the level that the extract holds without a gap: columns as ``boundaries``."""
    admin = extract.admin
    return admin[admin["admin_level"] == admin_level].assign(gap_m=0.0)


def boundaries(extract: OsmExtract, admin_level: int) -> gpd.GeoDataFrame:
    """All boundaries of the level; those with short gaps are closed.

    Index osm id, columns name, name_zh, name_en, admin_level, gap_m (metres of straight line
    added, 0 when whole) and geometry, EPSG:4326; in order of id.
    Raises SourceError: the file cannot be read to its end.
    """
    whole = whole_boundaries(extract, admin_level)
    if not extract.counts.get("admin_broken"):
        return whole
    outlines = in_child(
        read_outlines, extract.path, admin_level=admin_level, whole=list(whole.index)
    )
    mended = _mended(outlines, admin_level)
    if mended.empty:
        return whole
    both = mended if whole.empty else pd.concat([whole, mended])
    return both.iloc[np.argsort([int(key[1:]) for key in both.index], kind="stable")]


def read_outlines(folder: Path, path: Path, admin_level: int, whole: list[str]) -> Outlines:
    """Boundaries of the level that are not in ``whole``, and those of their ways that the file
    holds. Raises SourceError."""
    source, _ = OsmFile.open(path, folder).in_order(folder)
    members = _relations(path, source, admin_level, frozenset(whole))
    ways = {way for one in members.values() for way in one.ways}
    return Outlines(members, _ways(path, source, ways))


def _mended(outlines: Outlines, admin_level: int) -> gpd.GeoDataFrame:
    lines = {number: shapely.LineString(line) for number, line in outlines.lines.items()}
    rows = []
    for number, member in outlines.members.items():
        shape, gap_m = _closed([lines[way] for way in member.ways if way in lines])
        if shape is not None:
            names = (member.tags.get(key, "") for key in ("name", "name:zh", "name:en"))
            rows.append((f"r{number}", *names, admin_level, gap_m, shape))
    frame = pd.DataFrame(rows, columns=["id", *COLUMNS, "geometry"]).set_index("id")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=WGS84).rename_axis(None)


def _relations(
    path: Path, source: osmium.io.File, admin_level: int, whole: frozenset[str]
) -> dict[int, _Member]:
    found = {}
    reader = osmium.FileProcessor(source, RELATION)
    reader.with_filter(osmium.filter.TagFilter(("boundary", "administrative")))
    for thing in each("osm", reader, path):
        if not isinstance(thing, Relation) or f"r{thing.id}" in whole:
            continue
        tags = tags_of(thing, path)
        level, kind = tags.get("admin_level"), tags.get("type")
        if level == str(admin_level) and kind in ("boundary", "multipolygon"):
            parts = each("osm", thing.members, path)  # a role may be no UTF-8
            ways = tuple(m.ref for m in parts if m.type == "w" and m.role != "inner")
            found[thing.id] = _Member(tags, ways)
    return found


def _ways(
    path: Path, source: osmium.io.File, ids: set[int]
) -> dict[int, list[tuple[float, float]]]:
    """Ways whose nodes are all in the file, as lines in degrees."""
    if not ids:
        return {}
    lines = {}
    reader = osmium.FileProcessor(source).with_locations()
    reader.with_filter(osmium.filter.EntityFilter(WAY)).with_filter(osmium.filter.IdFilter(ids))
    for way in each("osm", reader, path):
        if not isinstance(way, Way) or not all(node.location.valid() for node in way.nodes):
            continue
        if len(way.nodes) > 1:
            lines[way.id] = [(node.lon, node.lat) for node in way.nodes]
    return lines


def _closed(lines: list[shapely.LineString]) -> tuple[shapely.Geometry | None, float]:
    """The area inside the lines and the metres added to close them; None if the gaps are long."""
    merged = shapely.line_merge(shapely.union_all(lines))
    chains = [np.asarray(part.coords) for part in shapely.get_parts(merged)]
    rings = [chain for chain in chains if _same(chain[0], chain[-1])]
    ring, gaps = _joined([chain for chain in chains if not _same(chain[0], chain[-1])])
    known_m = sum(_length_m(chain) for chain in chains)
    if gaps and (max(gaps) > GAP_MAX_M or sum(gaps) > GAP_SHARE_MAX * known_m):
        return None, 0.0
    shape = shapely.union_all(
        [shapely.make_valid(shapely.Polygon(r)) for r in [*rings, *ring] if len(r) > 3]
    )
    return (None, 0.0) if shape.is_empty else (shape, float(sum(gaps)))


def _joined(chains: list[np.ndarray[Any, Any]]) -> tuple[list[np.ndarray[Any, Any]], list[float]]:
    """Open chains joined end to nearest end into one ring, and the length of each joint in m."""
    if not chains:
        return [], []
    rest = sorted(chains, key=lambda chain: (-len(chain), *chain[0]))
    ring, gaps = rest.pop(0), []
    while rest:
        ends = [
            (_length_m(np.array([ring[-1], c[side]])), i, side)
            for i, c in enumerate(rest)
            for side in (0, -1)
        ]
        gap, chosen, side = min(ends)
        chain = rest.pop(chosen)
        ring = np.concatenate((ring, chain if side == 0 else chain[::-1]))
        gaps.append(gap)
    gaps.append(_length_m(np.array([ring[-1], ring[0]])))
    return [np.concatenate((ring, ring[:1]))], gaps


def _same(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    return bool((a == b).all())


def _length_m(lonlat: np.ndarray[Any, Any]) -> float:
    """Length of a line of degrees in metres, to a few parts in a thousand."""
    return float(step_m(lonlat).sum())
