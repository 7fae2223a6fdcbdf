"""Small changes to street ways before they become a network: new vertices, new ways, cuts.

New vertices get outside ids below every id there is (-1, -2, ... in files of OpenStreetMap).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from gusu_geo.geometry import WGS84, transformer
from gusu_geo.tables import Bools, Floats, Ints, StreetWays


@dataclass(frozen=True, eq=False)
class NewWays:
    """Straight ways of two vertices to add (n,): positions of their ends (n,2), and the columns of
    ``StreetWays`` for each way."""

    ends: Ints
    way_ids: Ints
    highway: npt.NDArray[np.str_]
    name: npt.NDArray[np.object_]
    flags: npt.NDArray[np.int16]


def metres_of(streets: StreetWays, crs: CRS) -> Floats:
    """(M,2) vertices in the metric ``crs``."""
    if len(streets.lonlat) == 0:
        return np.zeros((0, 2))
    to_metres = transformer(WGS84, crs)
    return np.column_stack(to_metres.transform(*streets.lonlat.T))


def lines_of(streets: StreetWays, xy: Floats) -> npt.NDArray[np.object_]:
    """(W,) LineStrings through the vertices ``xy`` (M,2)."""
    owner = np.repeat(np.arange(len(streets.way_ids)), np.diff(streets.way_ptr))
    return np.asarray(shapely.linestrings(xy[streets.way_nodes], indices=owner), object)


def steps_of(streets: StreetWays, ways: Ints | None = None) -> Ints:
    """(S,) positions in ``way_nodes`` where steps begin (each ends one position later), of all
    ways or of ``ways`` (sorted)."""
    starts, ends = streets.way_ptr[:-1], streets.way_ptr[1:]
    if ways is not None:
        starts, ends = starts[ways], ends[ways]
    sizes = np.maximum(ends - starts - 1, 0)
    before = np.cumsum(sizes) - sizes
    return np.asarray(np.arange(sizes.sum()) + np.repeat(starts - before, sizes))


def add_vertices(
    streets: StreetWays, xy: Floats, crs: CRS, flags: npt.NDArray[np.int16] | None = None
) -> StreetWays:
    """Appends vertices at ``xy`` (n,2) metres, on no way yet; flags (n,)."""
    to_degrees = transformer(crs, WGS84)
    lonlat = np.column_stack(to_degrees.transform(*xy.T)) if len(xy) else np.zeros((0, 2))
    lowest = min(0, int(streets.node_ids.min(initial=0)))
    bits = np.zeros(len(xy), np.int16) if flags is None else flags
    return replace(
        streets,
        node_ids=np.concatenate([streets.node_ids, lowest - 1 - np.arange(len(xy))]),
        lonlat=np.concatenate([streets.lonlat, lonlat]),
        node_flags=np.concatenate([streets.node_flags, bits]).astype(np.int16),
    )


def insert_vertices(streets: StreetWays, step: Ints, xy: Floats, crs: CRS) -> StreetWays:
    """Inserts a vertex at ``xy`` (n,2) metres into each step (n,), a position in ``way_nodes``.

    ``step`` must ascend, and points of one step must be in drawing order. Ways stay as they are.
    """
    first = len(streets.node_ids)
    nodes = np.insert(streets.way_nodes, step + 1, first + np.arange(len(step)))
    ptr = streets.way_ptr + np.searchsorted(step, streets.way_ptr, side="left")
    return replace(add_vertices(streets, xy, crs), way_nodes=nodes, way_ptr=ptr)


def cut_ways(
    streets: StreetWays, arriving: Ints, leaving: Ints, at: Bools | None = None
) -> StreetWays:
    """Replaces the vertices at the ends of steps, and cuts ways where that separates two steps.

    arriving, leaving: as ``way_nodes``: at each position, the vertex where the step before it ends
    and where the step after it begins. Where they differ within a way, it is cut in two; and where
    ``at``.
    """
    size = len(streets.way_nodes)
    begins, ends = np.zeros(size, bool), np.zeros(size, bool)
    begins[streets.way_ptr[:-1]] = True
    ends[streets.way_ptr[1:] - 1] = True
    cut = (arriving != leaving) if at is None else (arriving != leaving) | at
    cut = cut & ~begins & ~ends
    copies = 1 + cut
    nodes = np.repeat(np.where(begins, leaving, arriving), copies)
    place = np.cumsum(copies) - copies
    nodes[place[cut] + 1] = leaving[cut]
    starts = np.sort(np.concatenate([place[begins], place[cut] + 1]))
    piece_of = np.repeat(np.arange(len(streets.way_ids)), np.diff(streets.way_ptr))
    way = np.concatenate([np.flatnonzero(np.diff(streets.way_ptr) > 0), piece_of[cut]])
    way.sort()
    return replace(
        streets,
        way_ptr=np.append(starts, len(nodes)).astype(np.int64),
        way_nodes=nodes,
        way_ids=streets.way_ids[way],
        highway=streets.highway[way],
        name=streets.name[way],
        flags=streets.flags[way],
    )


def add_ways(streets: StreetWays, ways: NewWays) -> StreetWays:
    """Appends straight ways."""
    count, size = len(ways.ends), len(streets.way_nodes)
    return replace(
        streets,
        way_ptr=np.concatenate([streets.way_ptr, size + 2 * np.arange(1, count + 1)]),
        way_nodes=np.concatenate([streets.way_nodes, ways.ends.ravel()]),
        way_ids=np.concatenate([streets.way_ids, ways.way_ids]),
        highway=np.concatenate([streets.highway, ways.highway]),
        name=np.concatenate([streets.name, ways.name]),
        flags=np.concatenate([streets.flags, ways.flags]).astype(np.int16),
    )
