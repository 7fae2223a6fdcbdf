"""Geometry of osmium's objects as WKB; whether a way encloses an area."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import shapely

from gusu_geo.sources.osm.streets import has_place

if TYPE_CHECKING:
    from osmium.osm import Way

T = TypeVar("T")


def encloses(way: Way, area: str | None) -> bool:
    """Whether the way encloses an area; area: the value of its tag of that name."""
    return area != "no" and len(way.nodes) > 3 and way.is_closed()


def wkb_of(make: Callable[[T], str], thing: T) -> bytes | None:
    """The geometry that osmium makes of a thing, None if there is none: all nodes at one place, or
    off the earth."""
    try:
        return bytes.fromhex(make(thing))  # as text GEOS reads it six times slower
    except Exception:  # only osmium's code runs here
        return None


def runs_wkb(way: Way) -> bytes | None:
    """A (multi) line of the runs of known nodes; None when no run has two nodes."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if not has_place(node.location):
            runs.append([])
        else:
            runs[-1].append((node.lon, node.lat))
    lines = [shapely.LineString(run) for run in runs if len(set(run)) > 1]
    if not lines:
        return None
    return bytes(shapely.to_wkb(shapely.MultiLineString(lines) if lines[1:] else lines[0]))
