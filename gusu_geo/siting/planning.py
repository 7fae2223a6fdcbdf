"""Where new venues would give the most people every service: from tables to a plan.

Converts tables to the arrays of ``siting.model`` and its solution back.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.own_rules import COMMON
from gusu_geo.assessment.rule import Rule, State, Verdict, judge
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.siting.demand import Matrix, supply
from gusu_geo.siting.plan import (
    ChosenSite,
    ServiceChange,
    SitingPlan,
    excluded_services,
    passed_share,
    plan_notes,
)
from gusu_geo.siting.ranking import ranked
from gusu_geo.siting.solver import Effort, Solution, solve
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Bools, Candidates, Entrances, Floats, Ints, Residences
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.coverage import coverage
from gusu_geo.walking.doors import doors_of
from gusu_geo.walking.linkage import Linkage, Linked, Linking, Reason
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text


@dataclass(frozen=True, eq=False)
class Walkers:
    """The homes (R,) of one rule, its walkers, and the positions of its services in the pack.

    linked: all residences, linked to the streets that are open to these trips, where that is done.
    """

    homes: Bools
    trips: Trips
    rule: Rule
    asked: Ints
    linked: Linked | None = None


def walkers_of(ground: Ground, judgement: Judgement) -> tuple[Walkers, ...]:
    """Who is judged by which rule, the pack's first."""
    own, trips, linked = judgement.own, ground.trips(), judgement.links.homes
    if own is None:
        return (_everybody(trips, judgement.rule, len(linked.ids), linked),)
    by_walk = {own.rules[COMMON].walk: trips}
    for one in own.rules:
        if one.walk not in by_walk:
            by_walk[one.walk] = ground.trips(one.walk)
    return tuple(
        Walkers(
            own.homes(number),
            by_walk[one.walk],
            one.rule,
            one.asked,
            linked if by_walk[one.walk] is trips else None,
        )
        for number, one in enumerate(own.rules)
    )


def _everybody(trips: Trips, rule: Rule, homes: int, linked: Linked | None = None) -> Walkers:
    """All homes by one rule."""
    return Walkers(np.ones(homes, bool), trips, rule, np.arange(len(rule.services)), linked)


def plan_sites(
    trips: Trips | Sequence[Walkers],
    residences: Residences,
    candidates: Candidates,
    access: AccessTable,
    verdict: Verdict,
    *,
    linking: Linking,
    effort: Effort,
) -> SitingPlan:
    """Up to ``effort.sites`` new venues, so that the most persons have all services with data.

    Existing venues count (``access`` and ``verdict`` of the same residences). The plan is for the
    union, also where the rule requires one-stop venues. trips: of all homes; where homes have rules
    of their own, as ``access`` and ``verdict`` have it, ``walkers_of`` the study, the pack's first.
    linking: that of the residences in ``access``.
    Raises StudyError: no candidate, none near a street, a candidate with a service that the rule
    does not know, tables of different residences.
    """
    started = time.monotonic()
    rule = verdict.rule
    _check(residences, candidates, access, verdict)
    parts = trips
    if isinstance(parts, Trips):
        parts = (_everybody(parts, rule, len(access.residence_ids)),)
    usual = parts[0].trips
    net = usual.net
    need = np.zeros(verdict.state.shape, np.int64)
    for part in parts:
        need[np.ix_(part.homes, part.asked)] = _shortfall(access, verdict, part)
    places = Linked(candidates.frame.index, _doors(usual, candidates.entrances, linking))
    unlinked = _unlinked_ids(places, linking.snap_max_m)
    task = _Task(
        persons=residences.frame["persons"].to_numpy(float),
        need=need,
        cover=_cover(parts, residences, candidates, need, linking, places),
        allowed=_allowed(candidates, verdict),
    )
    found = solve(task.persons, task.need, task.cover, allowed=task.allowed, effort=effort)
    gap = found.bound_persons - found.objective_persons
    return SitingPlan(
        chosen=_chosen(net, candidates, verdict.services, task, found),
        objective_persons=found.objective_persons,
        bound_persons=found.bound_persons,
        gap=gap / found.bound_persons if gap > 0 else 0.0,
        status=found.status,
        sites=effort.sites,
        services_per_site=effort.services_per_site,
        spacing_m=candidates.frame.attrs.get("spacing_m"),
        candidates=len(places.ids) - len(unlinked),
        before=passed_share(verdict.passed_known, task.persons),
        after=passed_share(verdict.passed_known | found.completed, task.persons),
        services=_changes(verdict, task, found),
        gained_residence_ids=tuple(str(i) for i in residences.frame.index[found.completed]),
        unreachable_persons=math.fsum(task.persons[found.unreachable]),
        unlinked_persons=math.fsum(task.persons[~access.is_linked]),
        excluded_services=excluded_services(verdict),
        unlinked_candidate_ids=unlinked,
        notes=plan_notes([part.rule for part in parts], verdict, found, unlinked),
        run_time_s=time.monotonic() - started,
    )


@dataclass(frozen=True, eq=False)
class _Task:
    """Input of the model: persons (R,), need (R,K), cover K x (R,C), allowed (C,K)."""

    persons: Floats
    need: Ints
    cover: list[Matrix]
    allowed: Bools


def _doors(trips: Trips, points: Entrances, linking: Linking) -> Linkage:
    return doors_of(trips.net, points, linking=linking, closed=trips.pace.closed)


def _cover(
    parts: Sequence[Walkers],
    residences: Residences,
    candidates: Candidates,
    need: Ints,
    linking: Linking,
    places: Linked,
) -> list[Matrix]:
    """K x (R,C) the candidates that each home which lacks something reaches in time by its rule.

    places: the candidates as the first of ``parts`` reaches them.
    """
    lacking = np.asarray(need.any(axis=1), bool)
    shape = len(need), len(candidates.frame)
    cover: list[Matrix] = [csr_array(shape, dtype=np.int32) for _ in range(need.shape[1])]
    # Doors depend on the streets that are open, not on the speed.
    homes_of: dict[bytes, Linked] = {}
    places_of = {parts[0].trips.pace.closed.tobytes(): places}
    for part in parts:
        closed = part.trips.pace.closed.tobytes()
        if closed not in places_of:
            links = _doors(part.trips, candidates.entrances, linking)
            places_of[closed] = Linked(candidates.frame.index, links)
        if closed not in homes_of:
            homes_of[closed] = part.linked or Linked(
                residences.frame.index, _doors(part.trips, residences.entrances, linking)
            )
        homes, places = homes_of[closed], places_of[closed]
        here = homes.only(lacking & part.homes)
        within = {
            s: coverage(part.trips, here, places, threshold_s=s) for s in set(part.rule.threshold_s)
        }
        for k, threshold_s in zip(part.asked.tolist(), part.rule.threshold_s, strict=True):
            # Rows of other rules are empty: nothing is added up.
            alone = len(parts) == 1
            cover[k] = within[threshold_s] if alone else _stacked(cover[k], within[threshold_s])
    return cover


def _stacked(one: Matrix, other: Matrix) -> Matrix:
    """Entries of both; a time of zero stays an entry."""
    one, other = one.tocoo(), other.tocoo()
    row, col = (np.concatenate([getattr(m, axis) for m in (one, other)]) for axis in ("row", "col"))
    return csr_array((np.concatenate([one.data, other.data]), (row, col)), shape=one.shape)


def _unlinked_ids(places: Linked, snap_max_m: float) -> tuple[str, ...]:
    """Ids of candidates that are not linked. Raises StudyError: no candidate is linked."""
    reason = places.links.owner_reason(len(places.ids))
    unlinked = tuple(str(name) for name in places.ids[reason != int(Reason.LINKED)])
    if len(unlinked) == len(places.ids):
        raise StudyError(
            text("error.no_candidate_near", snap_max_m=snap_max_m),
            fix=text("error.check_crs_or_snap"),
        )
    return unlinked


def _shortfall(access: AccessTable, verdict: Verdict, part: Walkers) -> Ints:
    """(R',K') new venues each residence of a rule lacks of its services; 0 for services without
    data and unlinked homes.

    The table has the nearest and the ``min_count``-th venue only. If three or more are required,
    those in between count as missing: a plan may offer more than needed, but never too little.
    """
    rows = access.rows(part.homes, part.asked)
    nearest = judge(replace(rows, counted_cs=rows.nearest_cs), part.rule).state == State.PASS
    wanted = np.array([service.min_count for service in part.rule.pack.services])
    # Venues with unknown entrances do not count: a plan must not rely on them.
    known = np.array([state == "known" for state in verdict.service_state])[part.asked]
    state = verdict.state[np.ix_(part.homes, part.asked)]
    lacking = (state != State.PASS) & known & rows.is_linked[:, None]
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
    """The sites, each next one gaining most; of equal ones the first candidate."""
    frame = candidates.frame
    to_degrees = transformer(net.crs, WGS84)
    rows = np.flatnonzero(found.completed)  # no others are completed by fewer sites
    order = ranked(task.persons[rows], task.need[rows], [m[rows] for m in task.cover], found.offers)
    chosen, before = [], 0.0
    for c, total in order:
        point = frame.geometry.iloc[c]
        lon, lat = to_degrees.transform(point.x, point.y)
        chosen.append(
            ChosenSite(
                candidate_id=str(frame.index[c]),
                name=str(frame["name"].iloc[c]),
                xy=(float(point.x), float(point.y)),
                lonlat=(float(lon), float(lat)),
                services=tuple(services[k] for k in np.flatnonzero(found.offers[c])),
                gained_persons=total - before,
            )
        )
        before = total
    return tuple(chosen)


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


def _check(
    residences: Residences, candidates: Candidates, access: AccessTable, verdict: Verdict
) -> None:
    ids = residences.frame.index
    if not (ids.equals(access.residence_ids) and ids.equals(verdict.residence_ids)):
        raise StudyError(text("error.tables_differ"))
    if len(candidates.frame) == 0:
        raise StudyError(
            text("error.no_candidates"),
            fix=text("error.widen_candidates"),
        )
    for name, offered in candidates.frame["services"].items():
        for service in offered:
            if service not in verdict.services:
                raise StudyError(
                    text("error.candidate_service", name=name),
                    got=service,
                    fix=nearest_name(service, verdict.services),
                )
