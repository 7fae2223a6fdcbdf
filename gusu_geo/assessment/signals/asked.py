"""Is a gap asked for: signals per person among those who lack a service, over those who have it.

Only signals whose place is known closely say it: a point, which belongs to a home; or a compound
all of whose judged persons are alike. Homes whose service is unknown or not asked for are in
neither group.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gusu_geo.assessment.rates import TAIL
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.signal_facts import Asked
from gusu_geo.tables import Floats, Int8s, Ints
from gusu_geo.tables.books import parts_of

NEAR_M = 100.0  # from a point to its home, where it is in no compound
ALL = ""  # zone of the row of all
Shapes = npt.NDArray[np.object_]
Names = npt.NDArray[np.object_]
GROUPS = (State.FAIL, State.PASS)  # lacking, having


@dataclass(frozen=True, eq=False)
class Judged:
    """Homes (R,) and what is said of them: services (K,) ids; state (R,K); persons; shape: outline
    or point in metres; compound, zone: ids, "" for none; zones: those of the table, by name;
    outlines: of compounds, as of ``City.compounds``."""

    services: Sequence[str]
    state: Int8s
    persons: Floats
    shape: Shapes
    compound: Names
    zone: Names
    zones: Mapping[str, str]
    outlines: gpd.GeoDataFrame


def ratio_of(
    lacking: int, lacking_persons: float, having: int, having_persons: float
) -> tuple[float | None, float | None, float | None]:
    """Ratio of two Poisson rates with its exact 95 % interval: given both counts together, that of
    the lacking is binomial (Przyborowski & Wilenski 1940, Biometrika 31: 313-323,
    doi:10.1093/biomet/31.3-4.313), with limits of Clopper & Pearson (1934, Biometrika 26: 404-413,
    doi:10.1093/biomet/26.4.404).

    None: persons or signals of neither; no upper end, and no ratio, where those who have it sent
    none.

    >>> ["%.2f" % value for value in ratio_of(12, 400, 6, 600)]
    ['3.00', '1.04', '9.74']
    """
    if not lacking_persons or not having_persons or not lacking + having:
        return None, None, None
    from scipy.special import betaincinv

    times = having_persons / lacking_persons
    low = float(betaincinv(lacking, having + 1, TAIL)) if lacking else 0.0
    at_low = times * low / (1 - low)
    if not having:
        return None, at_low, None
    high = float(betaincinv(lacking + 1, having, 1 - TAIL))
    return times * lacking / having, at_low, times * high / (1 - high)


def asked_for(signals: pd.DataFrame, judged: Judged) -> tuple[list[Asked], float | None]:
    """One row per service that is judged of anybody, those of all first, then by zone where any
    signal counts; and the share of the signals naming a service that count for none of theirs,
    None where no signal names any. signals: as of ``tables.books``."""
    found: Counter[tuple[str, str, int]] = Counter()  # by service, zone, State
    naming = counted = 0
    for services, sides in _sides(signals, judged):
        said = [(key, *sides[key]) for key in services if key in sides]
        naming += 1
        counted += bool(said)
        for key, zone, state in said:
            found[key, ALL, state] += 1
            if zone != ALL:
                found[key, zone, state] += 1
    rows = [row for k in range(len(judged.services)) for row in _rows(k, judged, found)]
    return rows, round(1 - counted / naming, 6) if naming else None


def homes_of_points(points: Shapes, judged: Judged) -> Ints:
    """The home (position) of each point, -1 for none: inside a compound with homes the nearest of
    that compound, else the nearest of all within ``NEAR_M``; the first of equally near ones. Homes
    without persons send no signals."""
    lived = np.flatnonzero(judged.persons > 0)
    found = np.full(len(points), -1, np.int64)
    if not len(lived) or not len(points):
        return found
    tree = shapely.STRtree(judged.shape[lived])
    at, near = tree.query_nearest(points, max_distance=NEAR_M)
    first = np.full(len(points), len(lived))
    np.minimum.at(first, at, near)
    found[first < len(lived)] = lived[first[first < len(lived)]]
    members = _members(judged)
    outlines = judged.outlines[judged.outlines["compound_id"].isin(set(members))]
    inside = shapely.STRtree(outlines.geometry.to_numpy()).query(points, predicate="intersects")
    ids = outlines["compound_id"].to_numpy(object)
    for point, outline in sorted(zip(*inside.tolist(), strict=True), reverse=True):
        own = members[ids[outline]]  # of several outlines the first stays
        found[point] = own[np.argmin(shapely.distance(judged.shape[own], points[point]))]
    return found


def _members(judged: Judged) -> dict[str, Ints]:
    """Positions of the homes with persons in each compound."""
    found: dict[str, list[int]] = {}
    for home in np.flatnonzero(judged.persons > 0).tolist():
        found.setdefault(judged.compound[home], []).append(home)
    return {key: np.array(homes, np.int64) for key, homes in found.items()}


def _sides(
    signals: pd.DataFrame, judged: Judged
) -> Iterator[tuple[list[str], dict[str, tuple[str, int]]]]:
    """For each signal that names services these, and where it counts: zone and state by service."""
    named = signals[signals["services"] != ""]
    located = named["located"].to_numpy(object)
    points = np.full(len(named), None, object)
    exact = located == "point"
    points[exact] = shapely.points(named.loc[exact, ["x", "y"]].to_numpy(float))
    home = np.full(len(named), -1)
    home[exact] = homes_of_points(points[exact], judged)
    compounds = _of_compounds(judged, set(named.loc[located == "compound", "compound"]))
    compound = named["compound"].to_numpy(object)
    for row, cell in enumerate(named["services"].tolist()):
        services = [key for key in parts_of(cell) if key in judged.services]
        if not services:
            continue
        if located[row] == "compound":
            yield services, compounds.get(compound[row], {})
        else:
            yield services, _of_home(judged, int(home[row]))


def _of_home(judged: Judged, home: int) -> dict[str, tuple[str, int]]:
    if home < 0:
        return {}
    states = zip(judged.services, judged.state[home].tolist(), strict=True)
    return {key: (str(judged.zone[home]), state) for key, state in states if state in GROUPS}


def _of_compounds(judged: Judged, wanted: set[str]) -> dict[str, dict[str, tuple[str, int]]]:
    """By compound and service the zone and state that all its judged persons have in common; zone
    "" where they live in several."""
    found, members = {}, _members(judged)
    for compound in wanted & set(members):
        own = members[compound]
        alike: dict[str, tuple[str, int]] = {}
        for k, key in enumerate(judged.services):
            here = own[np.isin(judged.state[own, k], GROUPS)]
            states, zones = set(judged.state[here, k].tolist()), set(judged.zone[here])
            if len(states) == 1:
                alike[key] = (str(zones.pop()) if len(zones) == 1 else ALL, states.pop())
        found[compound] = alike
    return found


def _rows(k: int, judged: Judged, found: Counter[tuple[str, str, int]]) -> Iterator[Asked]:
    key, state = judged.services[k], judged.state[:, k]
    named = any(found[key, ALL, side] for side in GROUPS)
    for zone, name in {ALL: "", **(judged.zones if named else {})}.items():
        here = np.ones(len(state), bool) if zone == ALL else judged.zone == zone
        lack, have = (math.fsum(judged.persons[here & (state == side)]) for side in GROUPS)
        if not lack and not have:
            continue
        lacking, having = (found[key, zone, side] for side in GROUPS)
        ratio, low, high = ratio_of(lacking, lack, having, have)
        sure = low is not None and low > 1
        yield {
            "service": key,
            "zone": zone,
            "name": name,
            "lacking_signals": lacking,
            "lacking_persons": round(lack, 2),
            "having_signals": having,
            "having_persons": round(have, 2),
            "ratio": _rounded(ratio),
            "low": _rounded(low),
            "high": _rounded(high),
            "asked": "yes" if sure else "no" if high is not None and high < 1 else "open",
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
