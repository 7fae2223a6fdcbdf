"""Where new venues would give the most people every service: from tables to a plan.

Converts tables to the arrays of ``siting.model`` and its solution back.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.own_rules import COMMON
from gusu_geo.assessment.rule import Rule, State, Verdict, judge
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import StudyError
from gusu_geo.siting.demand import Matrix
from gusu_geo.siting.plan import (
    SitingPlan,
    excluded_services,
    passed_share,
    plan_notes,
)
from gusu_geo.siting.solver import Effort, solve
from gusu_geo.siting.told import Task, causes_of, changes_of, chosen_of, cost_of, stuck_of
from gusu_geo.siting.wishes import aims_of, offered, refuse_infeasible
from gusu_geo.study.siting import SitingParams
from gusu_geo.tables import Bools, Candidates, Entrances, Ints, Residences, Vote
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.coverage import coverage
from gusu_geo.walking.doors import doors_of
from gusu_geo.walking.linkage import Linkage, Linked, Linking, Reason
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text

NO_WISHES = SitingParams()


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
    wishes: SitingParams = NO_WISHES,
    zone_of: pd.DataFrame | None = None,
) -> SitingPlan:
    """Up to ``effort.sites`` new venues, so that the most persons have all services with data.

    Existing venues count (``access`` and ``verdict`` of the same residences). The plan is for the
    union, also where the rule requires one-stop venues. trips: of all homes; where homes have rules
    of their own, as ``access`` and ``verdict`` have it, ``walkers_of`` the study, the pack's first.
    linking: that of the residences in ``access``. wishes: part [siting] of the study; zone_of: of
    each residence, as ``assessment.zones.assign`` gives it, where the wishes ask for zones.
    Raises StudyError: no candidate, none near a street, a candidate with a service that the rule
    does not know, tables of different residences; wishes that contradict each other or that no plan
    can meet.
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
    linked = np.array([str(name) not in set(unlinked) for name in places.ids], bool)
    rooms = offered(candidates, verdict.services, linked, wishes, effort)
    aims, sure, names = aims_of(residences, verdict, need, zone_of, wishes, effort)
    persons = residences.frame["persons"].to_numpy(float)
    cover = _cover(parts, residences, candidates, need, linking, places)
    task = Task(persons, need, cover, rooms, sure)
    found = solve(
        persons, need, cover, allowed=rooms.allowed, effort=effort, terms=rooms.terms, aims=aims
    )
    stuck = stuck_of(verdict, task)
    if not found.feasible:
        causes = causes_of(verdict, stuck, persons, access)
        passed = verdict.passed_known
        refuse_infeasible(aims, names, need, found.unreachable, passed, effort, causes)
    chosen = chosen_of(net, candidates, verdict.services, task, found)
    proven = found.bound_persons < math.inf
    gap = found.bound_persons - found.objective_persons
    gained = math.fsum(persons[found.completed & sure]), math.fsum(persons[found.completed])
    costs = [site.cost for site in chosen]
    counts = {"unlinked": len(unlinked), "uncosted": int(rooms.uncosted.sum())}
    counts["refused"] = int(rooms.refused.sum())
    unvoted = sum(site.vote == Vote.OPEN for site in chosen)
    return SitingPlan(
        chosen=chosen,
        objective_persons=found.objective_persons,
        bound_persons=found.bound_persons if proven else None,
        gap=None if not proven else gap / found.bound_persons if gap > 0 else 0.0,
        status=found.status,
        sites=effort.sites,
        services_per_site=effort.services_per_site,
        spacing_m=candidates.frame.attrs.get("spacing_m"),
        candidates=len(places.ids) - len(unlinked),
        before=passed_share(verdict.passed_known, persons),
        after=passed_share(verdict.passed_known | found.completed, persons),
        services=changes_of(verdict, task, found),
        gained_residence_ids=tuple(str(i) for i in residences.frame.index[found.completed]),
        unreachable_persons=math.fsum(persons[found.unreachable]),
        unlinked_persons=math.fsum(persons[~access.is_linked]),
        excluded_services=excluded_services(verdict),
        unlinked_candidate_ids=unlinked,
        notes=plan_notes(
            [part.rule for part in parts], verdict, found, {**counts, "unvoted": unvoted}
        ),
        run_time_s=time.monotonic() - started,
        gained_persons=gained,
        certain=effort.certain,
        fewest=found.fewest,
        budget=effort.budget,
        cost=cost_of(costs, rooms, found),
        target=effort.target,
        least=found.least,
        unreachable_services=stuck,
        uncosted_candidates=counts["uncosted"],
        refused_candidates=counts["refused"],
    )


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
