"""Where new venues would let the most people have every service: candidates and the plan.

The mathematics stands in ``siting_model``; here tables become its arrays and back.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from scipy.spatial import cKDTree

from gusu_geo.assessment.rule import Rule, State, Verdict, judge
from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.siting.model import Matrix, Solution, Status, gains, solve, supply
from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import ISLAND_MAX_M
from gusu_geo.tables import Bools, Candidates, Entrances, Floats, Ints, Residences, WayFlag
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.coverage import coverage
from gusu_geo.walking.linkage import Linked, Reason
from gusu_geo.walking.snapping import MIDWAY, snap
from gusu_geo.walking.trips import Trips

STEP_SHARE = 0.5  # candidates are picked from points this share of the spacing apart
APART_SHARE = 0.75  # and stand at least this share apart: 0.75 + 0.5 / 2 = 1 spacing to any street


@dataclass(frozen=True)
class ChosenSite:
    """One new venue. gained_persons: what it adds to the sites listed before it."""

    candidate_id: str
    name: str
    xy: tuple[float, float]
    lonlat: tuple[float, float]
    services: tuple[str, ...]
    gained_persons: float


@dataclass(frozen=True)
class ServiceChange:
    """Persons within reach of one service, before and after."""

    service: str
    before_persons: float
    after_persons: float


@dataclass(frozen=True)
class SitingPlan:
    """New venues, what they gain, and how good the plan is at best.

    chosen: in the order that gains most soonest; the gains add up to ``objective_persons``.
    objective_persons: persons who come to have all services that have data; bound_persons: no
    plan of this size gains more; gap: (bound - objective) / bound, 0 to 1.
    status: "optimal" (the gap is nil), "time limit" (the bound is honest, the plan the best one
    found), "nothing to gain". before, after: {"passed_known_persons", "share" of all persons}.
    unreachable_persons: linked, but with too few candidates in reach for something they lack, or
    lacking more than so many sites can offer; unlinked_persons: not linked to the streets.
    spacing_m: None for candidates of a file.
    """

    chosen: tuple[ChosenSite, ...]
    objective_persons: float
    bound_persons: float
    gap: float
    status: Status
    sites: int
    services_per_site: int | None
    spacing_m: float | None
    candidates: int
    before: dict[str, float | None]
    after: dict[str, float | None]
    services: tuple[ServiceChange, ...]
    gained_residence_ids: tuple[str, ...]
    unreachable_persons: float
    unlinked_persons: float
    excluded_services: tuple[str, ...]
    unlinked_candidate_ids: tuple[str, ...]
    notes: tuple[dict[str, str], ...]
    run_time_s: float = field(compare=False)

    def to_dict(self) -> dict[str, Any]:
        """``plan.json``: plain data, the same for every run that ends before the time limit.

        Persons are rounded to hundredths, shares to millionths; no run time.
        """
        return {
            "schema": 1,
            "status": self.status,
            "objective_persons": _persons(self.objective_persons),
            "bound_persons": _persons(self.bound_persons),
            "gap": round(self.gap, 6),
            "sites": self.sites,
            "services_per_site": self.services_per_site,
            "spacing_m": self.spacing_m,
            "candidates": self.candidates,
            "chosen": [
                {
                    "candidate_id": site.candidate_id,
                    "name": site.name,
                    "xy": [round(value, 2) for value in site.xy],
                    "lonlat": [round(value, 7) for value in site.lonlat],
                    "services": list(site.services),
                    "gained_persons": _persons(site.gained_persons),
                }
                for site in self.chosen
            ],
            "before": dict(self.before),
            "after": dict(self.after),
            "services": [
                {
                    "id": row.service,
                    "before_persons": _persons(row.before_persons),
                    "after_persons": _persons(row.after_persons),
                }
                for row in self.services
            ],
            "gained_residence_ids": list(self.gained_residence_ids),
            "unreachable_persons": _persons(self.unreachable_persons),
            "unlinked_persons": _persons(self.unlinked_persons),
            "excluded_services": list(self.excluded_services),
            "unlinked_candidate_ids": list(self.unlinked_candidate_ids),
            "notes": [dict(note) for note in self.notes],
        }


def sample_candidates(
    net: WalkNetwork, *, spacing_m: float, area: shapely.Geometry | None
) -> Candidates:
    """Candidates along the streets of the main network, for any service.

    No two are closer than 3/4 of ``spacing_m`` (straight), and every point of a street inside
    ``area`` (a polygon in metres; None: everywhere) has one within ``spacing_m``. Left out are
    tunnels, bridges, private ways and pieces of network cut off from the main one. Ids "c1", ...
    go from west to east; nothing depends on how nodes are numbered or streets drawn.
    Raises StudyError: a spacing that is not above 0.
    """
    if not (math.isfinite(spacing_m) and spacing_m > 0):
        raise StudyError("spacing_m must be above 0.", got=spacing_m)
    xy, name = _street_points(net, spacing_m * STEP_SHARE, area)
    keep = np.sort(_apart(xy, spacing_m * APART_SHARE))  # the points stand in order of x, y
    frame = gpd.GeoDataFrame(
        {"name": name[keep], "services": [()] * len(keep)},
        index=[f"c{number}" for number in range(1, len(keep) + 1)],
        geometry=shapely.points(xy[keep]),
        crs=net.crs,
    )
    frame.attrs["spacing_m"] = float(spacing_m)
    return Candidates(frame, Entrances.of_points(xy[keep]))


def _street_points(
    net: WalkNetwork, step_m: float, area: shapely.Geometry | None
) -> tuple[Floats, npt.NDArray[np.object_]]:
    """Points at most ``step_m`` apart along the streets, ends included, and street names.

    Whole centimetres, each point once, in order of x and y.
    """
    usable = ~net.flagged(WayFlag.PRIVATE, *MIDWAY)
    edges = np.flatnonzero(usable & (net.component[net.edge_u] == 0))
    lines = net.edge_lines[edges]
    if area is not None:
        shapely.prepare(area)
        near = shapely.intersects(area, lines)
        edges, lines = edges[near], shapely.intersection(lines[near], area)
    parts, part_of = shapely.get_parts(lines, return_index=True)
    line = shapely.get_dimensions(parts) == 1
    parts, edges = parts[line], edges[part_of[line]]
    pieces = np.maximum(np.ceil(shapely.length(parts) / step_m).astype(np.int64), 1)
    owner = np.repeat(np.arange(len(parts)), pieces + 1)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(pieces + 1) - pieces - 1, pieces + 1)
    share = place / pieces[owner]
    points = shapely.line_interpolate_point(parts[owner], share, normalized=True)
    cm = np.rint(shapely.get_coordinates(points) * 100)
    names = net.name[edges][owner].astype(str)
    order = np.lexsort((names, names == "", cm[:, 1], cm[:, 0]))  # a named street names the spot
    cm, first = np.unique(cm[order], axis=0, return_index=True)
    return cm / 100, names[order][first].astype(object)


def _apart(xy: Floats, apart_m: float) -> Ints:
    """Positions of points farther than ``apart_m`` from each other, taken along a Hilbert curve
    (a tenth fewer than from west to east); all others lie within ``apart_m`` of one of them."""
    if len(xy) == 0:
        return np.zeros(0, np.int64)
    along = gpd.GeoSeries(shapely.points(xy)).hilbert_distance().to_numpy()
    tree = cKDTree(xy)
    free = np.ones(len(xy), bool)
    kept = []
    for point in np.argsort(along, kind="stable"):
        if free[point]:
            kept.append(point)
            free[tree.query_ball_point(xy[point], apart_m)] = False
    return np.array(kept, np.int64)


def plan_sites(
    trips: Trips,
    residences: Residences,
    candidates: Candidates,
    access: AccessTable,
    verdict: Verdict,
    rule: Rule,
    *,
    snap_max_m: float,
    sites: int,
    services_per_site: int | None = 3,
    time_limit_s: float = 60.0,
    island_max_m: float = ISLAND_MAX_M,
    barriers: Barriers | None = None,
) -> SitingPlan:
    """Up to ``sites`` new venues for the most persons to have all services that have data.

    Existing venues count (``access`` and ``verdict`` of the same residences). Each new venue
    offers up to ``services_per_site`` of its candidate's services, None = all (3: the embedded
    service facilities guide asks for at least 3 functions in a complex). The union is planned,
    also where the rule asks for one-stop venues. ``snap_max_m``, ``island_max_m``, ``barriers``:
    as the residences were linked for ``access``, see ``snapping.snap``.
    Raises StudyError: no candidate, none near a street, a candidate's service that the rule does
    not know, numbers below 1, tables that do not fit together.
    """
    started = time.monotonic()
    _check(residences, candidates, access, verdict, rule)
    _check_numbers(sites, services_per_site, time_limit_s)
    net = trips.net
    link = partial(
        snap,
        net,
        snap_max_m=snap_max_m,
        island_max_m=island_max_m,
        barriers=barriers,
        closed=trips.pace.closed,
    )
    need = _shortfall(access, verdict, rule)
    lacking = np.asarray(need.any(axis=1), bool)
    homes = Linked(residences.frame.index, link(residences.entrances)).only(lacking)
    places = Linked(candidates.frame.index, link(candidates.entrances))
    lost = _off_street(places, snap_max_m)
    within = {s: coverage(trips, homes, places, threshold_s=s) for s in set(rule.threshold_s)}
    task = _Task(
        persons=residences.frame["persons"].to_numpy(float),
        need=need,
        cover=[within[threshold_s] for threshold_s in rule.threshold_s],
        allowed=_allowed(candidates, verdict),
    )
    found = solve(
        task.persons, task.need, task.cover, allowed=task.allowed, sites=sites,
        services_per_site=services_per_site, time_limit_s=time_limit_s,
    )  # fmt: skip
    gap = found.bound_persons - found.objective_persons
    return SitingPlan(
        chosen=_chosen(net, candidates, verdict.services, task, found),
        objective_persons=found.objective_persons,
        bound_persons=found.bound_persons,
        gap=gap / found.bound_persons if gap > 0 else 0.0,
        status=found.status,
        sites=sites,
        services_per_site=services_per_site,
        spacing_m=candidates.frame.attrs.get("spacing_m"),
        candidates=len(places.ids) - len(lost),
        before=_passed(verdict.passed_known, task.persons),
        after=_passed(verdict.passed_known | found.completed, task.persons),
        services=_changes(verdict, task, found),
        gained_residence_ids=tuple(str(i) for i in residences.frame.index[found.completed]),
        unreachable_persons=math.fsum(task.persons[found.hopeless]),
        unlinked_persons=math.fsum(task.persons[~access.is_linked]),
        excluded_services=_excluded(verdict),
        unlinked_candidate_ids=lost,
        notes=_notes(rule, verdict, found, lost),
        run_time_s=time.monotonic() - started,
    )


@dataclass(frozen=True)
class _Task:
    """What the model is asked: persons (R,), need (R,K), cover K x (R,C), allowed (C,K)."""

    persons: Floats
    need: Ints
    cover: list[Matrix]
    allowed: Bools


def _off_street(places: Linked, snap_max_m: float) -> tuple[str, ...]:
    """Ids of candidates that are not linked. StudyError when none is."""
    reason = places.links.owner_reason(len(places.ids))
    lost = tuple(str(name) for name in places.ids[reason != int(Reason.LINKED)])
    if len(lost) == len(places.ids):
        raise StudyError(
            f"no candidate site lies within {snap_max_m:g} m of a street.",
            fix="Check their coordinate system, or raise snap_max_m.",
        )
    return lost


def _shortfall(access: AccessTable, verdict: Verdict, rule: Rule) -> Ints:
    """(R,K) new venues each residence lacks; 0 for services without data and unlinked homes.

    The table tells the nearest and the ``min_count``-th venue: of three or more wanted, those in
    between count as absent, so a plan may do more than needed but never promises too much.
    """
    nearest = judge(replace(access, counted_cs=access.nearest_cs), rule).state == State.PASS
    wanted = np.array([service.min_count for service in rule.pack.services])
    # What is unknown for want of an entrance is not there yet: no plan may count on it.
    known = np.array([state == "known" for state in verdict.service_state])
    lacking = (verdict.state != State.PASS) & known & access.is_linked[:, None]
    return np.where(lacking, wanted - nearest, 0).astype(np.int64)


def _allowed(candidates: Candidates, verdict: Verdict) -> Bools:
    """(C,K) services that each candidate may offer."""
    rows = [
        [not offered or service in offered for service in verdict.services]
        for offered in candidates.frame["services"]
    ]
    return np.array(rows, bool)


def _chosen(
    net: WalkNetwork,
    candidates: Candidates,
    services: tuple[str, ...],
    task: _Task,
    found: Solution,
) -> tuple[ChosenSite, ...]:
    """The sites, whichever gains most next first; of equal ones the first candidate."""
    frame = candidates.frame
    to_degrees = Transformer.from_crs(net.crs, 4326, always_xy=True)
    opened = np.zeros_like(found.offers)
    left = [int(c) for c in np.flatnonzero(found.offers.any(axis=1))]
    rows = np.flatnonzero(found.completed)  # nobody else has everything with fewer sites
    part = _Task(task.persons[rows], task.need[rows], [m[rows] for m in task.cover], task.allowed)
    chosen, before = [], 0.0
    while left:
        totals = [_gained(part, _with(opened, found.offers, c)) for c in left]
        best = int(np.argmax(totals))
        c = left.pop(best)
        opened = _with(opened, found.offers, c)
        point = frame.geometry.iloc[c]
        lon, lat = to_degrees.transform(point.x, point.y)
        chosen.append(
            ChosenSite(
                candidate_id=str(frame.index[c]),
                name=str(frame["name"].iloc[c]),
                xy=(float(point.x), float(point.y)),
                lonlat=(float(lon), float(lat)),
                services=tuple(services[k] for k in np.flatnonzero(found.offers[c])),
                gained_persons=totals[best] - before,
            )
        )
        before = totals[best]
    return tuple(chosen)


def _with(opened: Bools, offers: Bools, c: int) -> Bools:
    grown = opened.copy()
    grown[c] = offers[c]
    return grown


def _gained(task: _Task, offers: Bools) -> float:
    return math.fsum(task.persons[gains(task.need, task.cover, offers)])


def _changes(verdict: Verdict, task: _Task, found: Solution) -> tuple[ServiceChange, ...]:
    before = verdict.state == State.PASS
    after = before | ((task.need > 0) & (supply(task.cover, found.offers) >= task.need))
    return tuple(
        ServiceChange(
            service, math.fsum(task.persons[before[:, k]]), math.fsum(task.persons[after[:, k]])
        )
        for k, service in enumerate(verdict.services)
        if verdict.service_state[k] == "known"
    )


def _passed(mask: Bools, persons: Floats) -> dict[str, float | None]:
    total, inside = math.fsum(persons), math.fsum(persons[mask])
    share = round(inside / total, 6) if total else None
    return {"passed_known_persons": _persons(inside), "share": share}


def _persons(value: float) -> float:
    return round(value, 2)


def _excluded(verdict: Verdict) -> tuple[str, ...]:
    states = zip(verdict.services, verdict.service_state, strict=True)
    return tuple(service for service, state in states if state != "known")


def _check(
    residences: Residences,
    candidates: Candidates,
    access: AccessTable,
    verdict: Verdict,
    rule: Rule,
) -> None:
    ids = residences.frame.index
    if not (ids.equals(access.residence_ids) and ids.equals(verdict.residence_ids)):
        raise StudyError("residences, access and verdict must list the same residences in order.")
    if verdict.services != rule.services:
        raise StudyError("the verdict must have the services of the rule, in its order.")
    if len(candidates.frame) == 0:
        raise StudyError(
            "there are no candidate sites.",
            fix="Widen the area, lower spacing_m, or list candidates in a file.",
        )
    for name, offered in candidates.frame["services"].items():
        for service in offered:
            if service not in rule.services:
                raise StudyError(
                    f"candidate {name!r} offers a service that the rule does not know.",
                    got=service,
                    fix=nearest_name(service, rule.services),
                )


def _check_numbers(sites: int, services_per_site: int | None, time_limit_s: float) -> None:
    if sites < 1:
        raise StudyError("sites must be 1 or more.", got=sites)
    if services_per_site is not None and services_per_site < 1:
        raise StudyError(
            "services_per_site must be 1 or more, or None for no limit.", got=services_per_site
        )
    if not time_limit_s > 0:
        raise StudyError("time_limit_s must be above 0.", got=time_limit_s)


def _notes(
    rule: Rule, verdict: Verdict, found: Solution, lost: Sequence[str]
) -> tuple[dict[str, str], ...]:
    """What a reader of the plan must know, in both languages."""
    names = {service.id: service for service in rule.pack.services}
    excluded = [names[service] for service in _excluded(verdict)]
    many = [service for service in rule.pack.services if service.min_count > 2]
    notes = {
        "siting-no-data": (
            excluded,
            f"以下服务没有数据，未纳入选址：{'、'.join(s.zh for s in excluded)}。",
            f"Services without data are left out: {', '.join(s.en for s in excluded)}.",
        ),
        "siting-time-limit": (
            found.status == "time limit",
            "求解达到时间上限：方案是目前找到的最好结果，新增人数不可能超过上界；再次运行可能不同。",
            "Stopped at the time limit: the best plan found; no plan gains more than the bound. "
            "Another run may differ.",
        ),
        "siting-union": (
            rule.mode == "one_stop",
            "选址按组合式（各项服务可来自不同场所）计算，不按一站式。",
            "Planned for the union of venues, not for one-stop venues.",
        ),
        "siting-careful": (
            many,
            "要求三处及以上场所的服务，现状只计最近一处，方案和上界均偏保守："
            f"{'、'.join(s.zh for s in many)}。",
            "Where three or more venues are wanted, only the nearest existing one is counted; plan "
            f"and bound are on the safe side: {', '.join(s.en for s in many)}.",
        ),
        "siting-unlinked": (
            lost,
            f"{len(lost)} 个候选点附近没有可步行的道路，未纳入选址。",
            f"Candidates without a street near them are left out: {len(lost)}.",
        ),
    }  # fmt: skip
    return tuple(
        {"code": code, "zh": zh, "en": en} for code, (holds, zh, en) in notes.items() if holds
    )
