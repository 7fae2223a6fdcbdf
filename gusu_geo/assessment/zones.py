"""The zone of each residence, and verdicts summed by zone so that they reconcile.

Sums are correctly rounded (``math.fsum``): they do not depend on the order of rows, and the rows
of one level, including the row of residences outside all zones, add up to the district.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gusu_geo.assessment.nesting import nested
from gusu_geo.assessment.rule import State, Verdict
from gusu_geo.assessment.summary import Totals, ZoneRow
from gusu_geo.errors import SourceError
from gusu_geo.tables import Facilities, Floats, Ints, Residences, Zones
from gusu_geo.words import Both, both, text

COMPOUND = "compound"  # level of the rows of compounds
Names = npt.NDArray[np.object_]
OUTSIDE = ""  # zone_id of residences that lie in no zone of a level


def assign(zones: Zones, residences: Residences | Facilities) -> pd.DataFrame:
    """The zone of each residence (or facility): index its id, one column of zone ids per level.

    A residence on a shared border, or where zones overlap, belongs to exactly one: the first by
    zone_id (in text order). Outside all zones of a level it has "". Levels of tiers are one tree,
    see ``nesting.nested``.
    Raises SourceError: coordinate systems differ, or a zone_id is repeated within a level.
    """
    homes, areas = residences.frame, zones.frame
    if len(areas) and homes.crs != areas.crs:
        raise SourceError(
            text("error.zones_other_crs"),
            got=text("error.and", first=_crs_name(areas.crs), second=_crs_name(homes.crs)),
            fix=text("error.same_metric_crs"),
        )
    points = homes.geometry.to_numpy()
    columns = {str(level): _zone_of_points(points, part) for level, part in _by_level(areas)}
    columns |= nested(areas, homes, columns)
    return pd.DataFrame(columns, index=homes.index, dtype=object)


def roll_up(
    zones: Zones, zone_of: pd.DataFrame, persons: npt.ArrayLike, verdict: Verdict
) -> list[ZoneRow]:
    """One row per zone, levels in the order of ``zones``, zones by id within a level.

    persons (R,): per residence, in the order of ``verdict``, finite and not negative.
    Row: level, id, name, name_zh, name_en and the keys of ``totals``. Zones without residences
    have a row too; residences outside every zone of a level form its last row, with id "".
    Raises SourceError: residences differ between the inputs, persons not usable.
    """
    measures = _measures(persons, verdict)
    if not zone_of.index.equals(verdict.residence_ids):
        raise SourceError(
            text("error.zone_of_differs"),
            fix=text("error.same_residences"),
        )
    none = np.zeros(0, np.int64)
    rows: list[ZoneRow] = []
    for level, part in _by_level(zones.frame):
        rest = outside_name(part)
        members = _rows_by_zone(zone_of[str(level)])
        stray = set(members) - set(part["zone_id"]) - {OUTSIDE}
        if stray:
            raise SourceError(text("error.zone_of_unknown", level=level), got=min(map(str, stray)))
        heads = part[["zone_id", "name", "name_zh", "name_en"]].to_numpy(object).tolist()
        if OUTSIDE in members:
            heads.append([OUTSIDE, rest["en"], rest["zh"], rest["en"]])
        for zone_id, name, name_zh, name_en in heads:
            tally = _tally(measures, members.get(zone_id, none), verdict.services)
            rows.append(
                {
                    "level": str(level),
                    "id": zone_id,
                    "name": name,
                    "name_zh": name_zh,
                    "name_en": name_en,
                    **tally,
                }
            )
    return rows


def outside_name(part: pd.DataFrame) -> Both:
    """What the homes of no zone are called. Where nobody drew the zones, such homes have no place
    outside them: their zone is unknown."""
    undrawn = "tier" in part and (part["tier"] != "").any() and part["geometry"].isna().any()
    return both("fact.parent_unknown" if undrawn else "fact.outside_zones")


def by_compound(residences: Residences, verdict: Verdict) -> list[ZoneRow]:
    """One row per compound that has homes, as of ``roll_up``, those first in which most persons
    lack a service; homes in no compound form the last row, with id "". Without compounds: none."""
    homes = residences.frame
    if "compound" not in homes or not (homes["compound"] != "").any():
        return []
    held = homes[homes["compound"] != ""].drop_duplicates("compound")
    names = {"name": held["compound_name"], "name_zh": "", "name_en": ""}
    frame = held[[held.geometry.name]].assign(level=COMPOUND, zone_id=held["compound"], **names)
    zone_of = homes[["compound"]].rename(columns={"compound": COMPOUND})
    rows = roll_up(Zones(frame), zone_of, homes["persons"].to_numpy(float), verdict)
    rest = both("fact.outside_compounds")
    for row in rows:
        if row["id"] == OUTSIDE:
            row |= {"name": rest["en"], "name_zh": rest["zh"], "name_en": rest["en"]}

    def order(row: ZoneRow) -> tuple[bool, float, str]:
        lacking = row["persons"] - row["passed_persons"] - row["unknown_persons"]
        return row["id"] == OUTSIDE, -lacking, row["id"]

    return sorted(rows, key=order)


def totals(persons: npt.ArrayLike, verdict: Verdict) -> Totals:
    """The sums over all residences, computed as the rows of ``roll_up``.

    Keys: residences, persons, passed_persons, passed_known_persons, unknown_persons,
    share (passed_persons / persons, None without persons), missing and unknown
    (service id -> persons whose state is FAIL, UNKNOWN). Raises SourceError: persons not usable.
    """
    measures = _measures(persons, verdict)
    return _tally(measures, np.arange(len(measures)), verdict.services)


def totals_of(persons: npt.ArrayLike, verdict: Verdict, members: Ints) -> Totals:
    """As ``totals``, over the residences at these positions."""
    return _tally(_measures(persons, verdict), members, verdict.services)


def zones_of_points(points: npt.NDArray[np.object_], zones: pd.DataFrame) -> Names:
    """(R,) id of the zone of one level that covers each point, the first by id; "" for none."""
    ((_, part),) = _by_level(zones)
    return _zone_of_points(points, part)


def _by_level(frame: pd.DataFrame) -> list[tuple[Any, pd.DataFrame]]:
    """Zones of each level sorted by zone_id, levels in order of first appearance."""
    parts = []
    for level, part in frame.groupby("level", sort=False):
        # Sorted as text, so that 320508017 and "320508017" give the same order.
        named = part.assign(zone_id=part["zone_id"].astype(str)).sort_values("zone_id")
        twice = named["zone_id"][named["zone_id"].duplicated()]
        if len(twice):
            raise SourceError(
                text("error.zone_id_unique", level=level),
                got=twice.iloc[0],
                fix=text("error.merge_zones"),
            )
        parts.append((level, named))
    return parts


def _zone_of_points(points: npt.NDArray[np.object_], part: pd.DataFrame) -> npt.NDArray[np.object_]:
    """(R,) id of the first zone of ``part`` that covers each point; "" for none."""
    beyond = len(part)
    first = np.full(len(points), beyond)
    tree = shapely.STRtree(part["geometry"].to_numpy())
    point_ix, zone_ix = tree.query(points, predicate="intersects")
    np.minimum.at(first, point_ix, zone_ix)
    ids = np.array([*part["zone_id"], OUTSIDE], object)
    inside: npt.NDArray[np.object_] = ids[first]
    return inside


def _rows_by_zone(zone_ids: pd.Series[Any]) -> dict[str, Ints]:
    """Positions of the residences of each zone."""
    indices = zone_ids.reset_index(drop=True).groupby(zone_ids.to_numpy(), sort=False).indices
    return {str(zone_id): np.asarray(rows, np.int64) for zone_id, rows in indices.items()}


def _measures(persons: npt.ArrayLike, verdict: Verdict) -> Floats:
    """Persons of each residence (R, 4 + 2K) where a condition holds, else 0.

    Columns: all, passed, passed_known, unknown, then K missing, then K unknown.
    """
    heads = _checked_persons(persons, verdict)
    holds = np.column_stack(
        [
            np.ones(len(heads), bool),
            verdict.residence_state == State.PASS,
            verdict.passed_known,
            verdict.residence_state == State.UNKNOWN,
            verdict.state == State.FAIL,
            verdict.state == State.UNKNOWN,
        ]
    )
    return np.where(holds, heads[:, None], 0.0)


def _checked_persons(persons: npt.ArrayLike, verdict: Verdict) -> Floats:
    if isinstance(persons, pd.Series) and not persons.index.equals(verdict.residence_ids):
        raise SourceError(
            text("error.persons_differ"),
            fix=text("error.same_residences"),
        )
    heads = np.asarray(persons, float)
    if heads.shape != (len(verdict.residence_ids),):
        raise SourceError(
            text("error.persons_count", count=len(verdict.residence_ids)),
            got=heads.shape,
        )
    bad = np.flatnonzero(~(np.isfinite(heads) & (heads >= 0)))
    if len(bad):
        raise SourceError(
            text("error.persons_negative", count=len(bad), first=verdict.residence_ids[bad[0]]),
            got=float(heads[bad[0]]),
            fix=text("error.mend_residences"),
        )
    return heads


def _tally(measures: Floats, rows: Ints, services: tuple[str, ...]) -> Totals:
    sums = [math.fsum(column) for column in measures[rows].T.tolist()]
    persons, passed, passed_known, unknown = sums[:4]
    split = 4 + len(services)
    return {
        "residences": len(rows),
        "persons": persons,
        "passed_persons": passed,
        "passed_known_persons": passed_known,
        "unknown_persons": unknown,
        "share": passed / persons if persons else None,
        "missing": dict(zip(services, sums[4:split], strict=True)),
        "unknown": dict(zip(services, sums[split:], strict=True)),
    }


def _crs_name(crs: Any) -> str:
    return "none" if crs is None else str(crs.to_string())
