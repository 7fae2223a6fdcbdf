"""The parent of each zone in the tier above: by a column, by its code, or by where both lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.sources.ledgers.faults import raise_faults
from gusu_geo.sources.zone_names import ZoneNames
from gusu_geo.words import Text, text

CODE_DIGITS = {"district": 6, "subdistrict": 9, "community": 12}  # GB/T 2260, then 3 + 3
MOST = 0.5  # of a zone's area: more than this must lie in its parent


def parents_of(
    zones: gpd.GeoDataFrame,
    said: Sequence[str],
    names: ZoneNames,
    upper: gpd.GeoDataFrame,
    tiers: tuple[str, str],
    where: str,
) -> list[str]:
    """The zone_id of each zone's parent, "" where nothing says it.

    zones, upper: columns zone_id, geometry (metres or None); index of ``zones``: rows of the file.
    said: what the zone's own column says; names: of the upper zones; tiers: of both, "" for none.
    A column goes before the code, both before places. Raises SourceError with all rows: a parent
    that is none of the upper zones, or is not the one that the code says.
    """
    faults: dict[int, Text] = {}
    uppers = [str(zone_id) for zone_id in upper["zone_id"]]
    by_code = {_significant(zone_id, tiers[1]): zone_id for zone_id in uppers}
    held = _holding(zones, upper)
    found = []
    for place, (row, zone_id, name) in enumerate(
        zip(zones.index, zones["zone_id"], said, strict=True)
    ):
        coded = by_code.get(_prefix(str(zone_id), tiers), "")
        match = names.find(name) if name.strip() else None
        if match is not None and match.why:
            faults[int(row)] = text(f"error.parent_{match.why}", zone=zone_id, parent=name)
        elif match is not None and coded and match.zone_id != coded:
            faults[int(row)] = text(
                "error.parents_contradict", zone=zone_id, parent=name, coded=coded
            )
        said_id = match.zone_id if match is not None else ""
        found.append(said_id or coded or (uppers[held[place]] if held[place] >= 0 else ""))
    raise_faults(faults, where, of=zones)
    return found


def _significant(code: str, tier: str) -> str:
    """A code without the zeros that stand for what lies below; "" where it is no code of the tier.

    >>> _significant("320508017000", "subdistrict"), _significant("w17", "subdistrict")
    ('320508017', '')
    """
    digits = CODE_DIGITS.get(tier, 0)
    if not digits or not code.isdecimal() or len(code) < digits:
        return ""
    return code[:digits] if not code[digits:].strip("0") else ""


def _prefix(code: str, tiers: tuple[str, str]) -> str:
    """The code of the parent in the upper tier; "?" where the code says none."""
    own = _significant(code, tiers[0])
    digits = CODE_DIGITS.get(tiers[1], 0)
    return own[:digits] if own and digits else "?"


def _holding(zones: gpd.GeoDataFrame, upper: gpd.GeoDataFrame) -> Any:
    """(Z,) position of the upper zone in which most of each zone lies, -1 for none."""
    shapes, around = (np.asarray(each.geometry.to_numpy(), object) for each in (zones, upper))
    held = np.full(len(shapes), -1, np.int64)
    one, two = shapely.STRtree(around).query(shapes, predicate="intersects")
    if len(one):
        shared = shapely.area(shapely.intersection(shapes[one], around[two]))
        most = shared > MOST * shapely.area(shapes[one])
        held[one[most]] = two[most]
    return held
