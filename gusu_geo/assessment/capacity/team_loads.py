"""Teams: full-time equivalents per 1,000 of those whom they serve, on walked time.

Members walk from where they work to homes, as residents walk to venues; whoever several communities
reach is shared by them. Not staff over population by polygon: that is blind to borders that people
cross and to corners that nobody comes to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gusu_geo.assessment.capacity.catchments import competing_for, counted, ratios
from gusu_geo.assessment.capacity.walked_times import picked, walked_times
from gusu_geo.assessment.capacity_facts import TeamLoad
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.suppression import small
from gusu_geo.assessment.walkable_city import CityLinks, Ground, linked_points
from gusu_geo.assessment.zones import OUTSIDE
from gusu_geo.study.district import CapacityParams
from gusu_geo.tables import Bools, Entrances, Floats, Ints, Zones
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.walking.linkage import Linked, Reason
from gusu_geo.walking.trips import Trips

if TYPE_CHECKING:
    from scipy.sparse import csr_array

TIER = "community"


def community_level(zones: Zones) -> str:
    """The level of zones that teams work in: the communities, else the last; "" without zones. The
    same that their ledger is read by."""
    frame = zones.frame
    levels = list(dict.fromkeys(frame["level"].astype(str)))
    own = frame["level"][frame["tier"] == TIER].astype(str).tolist() if "tier" in frame else []
    return own[0] if own else levels[-1] if levels else ""


def counted_heads(homes: pd.DataFrame, group: str) -> Floats:
    """(R,) persons of a group, NaN where nobody counted them."""
    if group in homes:
        return homes[group].to_numpy(float)
    return np.full(len(homes), np.nan)


@dataclass(frozen=True, eq=False)
class _Bases:
    """Where rows work. of_row (N,): position of the base, -1 unknown; times (R, B)."""

    of_row: Ints
    times: csr_array


@dataclass(frozen=True, eq=False)
class _Team:
    """Rows of one team and group. placed (N',): whether its place is known; fte (B',): at each of
    its bases; counts (R, B'): see ``catchments.counted``; heads (R,): whom it serves."""

    rows: pd.DataFrame
    placed: Bools
    fte: Floats
    counts: csr_array
    heads: Floats


def team_loads(
    params: CapacityParams, ground: Ground, judgement: Judgement, zone_of: pd.DataFrame
) -> list[TeamLoad]:
    """Each team and group, in the order of the ledger."""
    teams = ground.city.books.get("teams")
    if teams is None or not len(teams):
        return []
    bases = _bases(params, ground, judgement, teams)
    level, ids = community_level(ground.city.zones), judgement.verdict.residence_ids
    nowhere = np.full(len(ids), OUTSIDE, object)
    zones = zone_of[level].loc[ids].to_numpy(object) if level else nowhere
    zones = np.where(judgement.access.is_linked, zones, OUTSIDE)
    homes = ground.city.residences.frame.loc[ids]
    keys = list(zip(teams["name"], teams["group"], strict=True))
    found = []
    for key in dict.fromkeys(keys):
        own = np.array([each == key for each in keys], bool)
        team = _team(
            params, teams[own], bases.of_row[own], bases.times, counted_heads(homes, key[1])
        )
        load = _load(team)
        if load["per_1000"] is not None:
            blind = [*team.rows["zone"][~team.placed], OUTSIDE]
            compared = np.where(np.isin(zones, blind), OUTSIDE, zones)
            low = _lowest(team, compared, public=not ground.study.report.internal)
            if low is not None:
                load["low_zone"], load["low_per_1000"] = low[1], round(low[0], 6)
        found.append(load)
    return found


def _team(
    params: CapacityParams, rows: pd.DataFrame, base: Ints, times: csr_array, heads: Floats
) -> _Team:
    """The rows of one team at their bases; several at one base are added up."""
    placed = base >= 0
    own, at = np.unique(base[placed], return_inverse=True)
    fte = np.zeros(len(own))
    np.add.at(fte, at, rows["fte"].to_numpy(float)[placed])
    steps_cs = [cutoff_to_cs(step) for step in params.steps]
    counts = counted(times[:, own], params.method, steps_cs, params.weights)
    return _Team(rows, placed, fte, counts, heads)


def _bases(
    params: CapacityParams, ground: Ground, judgement: Judgement, teams: pd.DataFrame
) -> _Bases:
    """Places of work, each once: venues (by their first facility) and points."""
    first: dict[str, int] = {}
    for row, venue in enumerate(ground.city.facilities.frame["venue_id"].astype(str)):
        first.setdefault(venue, row)
    columns = zip(teams["venue_id"].astype(str), teams["x"], teams["y"], strict=True)
    places = [first.get(venue, (x, y)) for venue, x, y in columns]
    venues = [each for each in dict.fromkeys(places) if isinstance(each, int)]
    points = [each for each in dict.fromkeys(places) if _is_point(each)]
    at = {place: base for base, place in enumerate([*venues, *points])}
    rows, doors = np.array(venues, np.int64), np.array(points, float).reshape(-1, 2)

    def linked(trips: Trips, links: CityLinks) -> Linked:
        found = picked(links.venues, rows).links
        if points:
            own = linked_points(ground, trips, Entrances.of_points(doors))
            found = found.joined(replace(own, owner_ix=own.owner_ix + len(rows)))
        return Linked(pd.RangeIndex(len(at)), found)

    times = walked_times(ground, judgement, linked, len(at), params.steps[-1])
    own_walk = linked(ground.trips(), judgement.links).links.owner_reason(len(at))
    joined = {place for place, base in at.items() if own_walk[base] == int(Reason.LINKED)}
    of_row = [at[place] if place in joined else -1 for place in places]
    return _Bases(np.array(of_row, np.int64), times)


def _is_point(place: object) -> bool:
    return isinstance(place, tuple) and not math.isnan(place[0])


def _load(team: _Team) -> TeamLoad:
    """What is known of one team; ``low_zone`` follows."""
    counts, heads = team.counts, team.heads
    staff, fte = (team.rows[key].to_numpy(float) for key in ("staff", "fte"))
    uncounted = bool(np.isnan(heads).any())
    persons = None if uncounted else math.fsum(heads)
    reached = None if uncounted else math.fsum(heads[np.diff(counts.indptr) > 0])
    per_1000 = None
    if reached and not np.isnan(team.fte).any():
        working = counts.T @ heads > 0
        per_1000 = round(1000 * math.fsum(team.fte[working]) / reached, 6)
    return {
        "team": str(team.rows["name"].iloc[0]),
        "group": str(team.rows["group"].iloc[0]),
        "rows": len(team.rows),
        "placed": int(team.placed.sum()),
        "staff": math.fsum(staff[~np.isnan(staff)]),
        "fte": math.fsum(fte[~np.isnan(fte)]),
        "unknown_fte": int(np.isnan(fte).sum()),
        "persons": persons,
        "reached_persons": reached,
        "per_1000": per_1000,
        "low_per_1000": None,
        "low_zone": "",
    }


def _lowest(team: _Team, zones: np.ndarray, *, public: bool) -> tuple[float, str] | None:
    """Least mean of a zone, weighted by persons, and which; zones (R,): OUTSIDE is not compared;
    public: nor where few live."""
    heads = team.heads
    ratio = ratios(team.fte, competing_for(team.counts, heads))
    access = 1000.0 * (team.counts @ np.where(np.isinf(ratio), 0.0, ratio))  # inf: of nobody
    means = []
    for zone in sorted(set(zones.tolist()) - {OUTSIDE}):
        here = zones == zone
        whole = math.fsum(heads[here])
        if whole and not (public and small(whole)):
            means.append((math.fsum(heads[here] * access[here]) / whole, str(zone)))
    return min(means, default=None)
