"""What a study adds to the facts of the region that it is a part of: its homes, as sums that are
exact, so that the order in which parts are added decides nothing."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.geometry import Shapes
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.home_buildings import building_values
from gusu_geo.sources.registered_homes import Settled, lone_homes
from gusu_geo.tables import Bools, Floats, RegionPart

BORDER_M = 2.0  # a home this near to the border may be another part's too
FINEST = 1074  # every float is a whole number of 2**-1074
LEDGER = ""  # the kind of homes that are no buildings


def part_of_buildings(
    frame: gpd.GeoDataFrame, settled: Settled | None, area: StudyArea, compounds: gpd.GeoDataFrame
) -> RegionPart:
    """Of homes that are buildings: columns tags, levels (NaN unknown), footprint_m2, point
    geometry; and of compounds that are one home."""
    registered = np.full(len(frame), np.nan) if settled is None else settled.persons
    part = _part(
        frame.index.astype(str).to_numpy(object),
        building_values(frame).to_numpy(object),
        frame["levels"].to_numpy(float),
        frame["footprint_m2"].to_numpy(float),
        registered,
        _on_border(frame, area),
    )
    if settled is None or not len(settled.alone):
        return part
    lone = lone_homes(settled, area.crs)
    outlines = compounds.set_index("compound_id").geometry
    outside = [
        key in outlines.index and not shapely.covers(area.outline, outlines[key])
        for key in lone["compound"]
    ]
    nothing = np.full(len(lone), np.nan)
    more = _part(
        lone.index.to_numpy(object),
        np.full(len(lone), LEDGER, object),
        nothing,
        nothing,
        lone["persons"].to_numpy(float),
        _on_border(lone, area) | np.array(outside, bool),
    )
    return {
        **part,
        "registered": str(int(part["registered"]) + int(more["registered"])),
        "border": [*part["border"], *more["border"]],
    }


def part_of_ledger(frame: gpd.GeoDataFrame, weight: Floats, area: StudyArea) -> RegionPart:
    """Of homes of a ledger; weight (R,): what a total of persons is shared by."""
    count = len(frame)
    return _part(
        frame.index.to_numpy(object),
        np.full(count, LEDGER, object),
        np.ones(count),
        weight,
        np.full(count, np.nan),
        _on_border(frame, area),
    )


def exact_sum(values: Iterable[float]) -> int:
    """The sum of finite numbers, in units of 2**-1074.

    >>> exact_sum([0.1, 0.2, 0.3]) == exact_sum([0.3, 0.2, 0.1])
    True
    """
    total = 0
    for value in values:
        above, below = float(value).as_integer_ratio()
        total += above << (FINEST - below.bit_length() + 1)
    return total


def as_float(total: int) -> float:
    """The float nearest to an exact sum.

    >>> as_float(exact_sum([0.1] * 10))
    1.0
    """
    return total / (1 << FINEST)


def packed(values: Floats) -> str:
    """Numbers as text, to the last bit."""
    return base64.b64encode(np.ascontiguousarray(values, "<f8").tobytes()).decode()


def unpacked(values: str) -> Floats:
    """Numbers (n,) that ``packed`` wrote."""
    return np.frombuffer(base64.b64decode(values), "<f8").astype(float)


def _on_border(frame: gpd.GeoDataFrame, area: StudyArea) -> Bools:
    """(R,) which homes lie within ``BORDER_M`` of the border."""
    border = shapely.boundary(area.outline)
    shapely.prepare(border)
    near: Bools = shapely.dwithin(border, frame.geometry.to_numpy().astype(object), BORDER_M)
    return near


def _part(
    ids: Shapes, kinds: Shapes, levels: Floats, size: Floats, registered: Floats, border: Bools
) -> RegionPart:
    """Homes in their columns (R,); size: footprint in m2 or weight; registered: persons, NaN where
    the home shares in the total."""
    inner, shares = ~border, ~np.isfinite(registered)
    counts: dict[str, dict[str, int]] = {}
    floor: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for kind in sorted(set(kinds[inner].tolist())):
        here = inner & (kinds == kind)
        known = here & np.isfinite(levels)
        counts[kind] = {
            repr(float(level)): count for level, count in sorted(Counter(levels[known]).items())
        }
        floor[kind] = str(exact_sum(size[known & shares] * levels[known & shares]))
        unknown[kind] = packed(size[here & ~known & shares])
    rows: list[list[Any]] = [
        [str(ids[at]), str(kinds[at]), *map(_number, (levels[at], size[at], registered[at]))]
        for at in np.flatnonzero(border)
    ]
    return {
        "levels": counts,
        "floor": floor,
        "unknown": unknown,
        "registered": str(exact_sum(registered[inner & ~shares])),
        "border": rows,
    }


def _number(value: float) -> float | None:
    """JSON knows no NaN."""
    return float(value) if np.isfinite(value) else None
