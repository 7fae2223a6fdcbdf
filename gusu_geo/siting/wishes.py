"""What a study asks of a plan, as arrays: terms of candidates, and whom the plan is for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.siting.asks import NO_ASKS, Asks
from gusu_geo.siting.effort import Effort
from gusu_geo.siting.sections import NotTaken
from gusu_geo.siting.terms import Aims, Terms
from gusu_geo.study.siting import SitingParams
from gusu_geo.tables import Bools, Candidates, Floats, Ints, Residences, Vote
from gusu_geo.words import text

LISTED = 5  # most ids named in a message


@dataclass(frozen=True, eq=False)
class Offered:
    """What candidates may be used: allowed (C,K); uncosted, refused (C,): left out of a plan with
    money for want of a cost, and by a vote; terms."""

    allowed: Bools
    uncosted: Bools
    refused: Bools
    terms: Terms


def offered(
    candidates: Candidates,
    services: Sequence[str],
    linked: Bools,
    wishes: SitingParams,
    effort: Effort,
) -> Offered:
    """Terms of the candidates; linked (C,): near a street.

    Raises StudyError: unknown or contradicting ids, negative costs, sites that have to be opened
    and cannot all be.
    """
    frame = candidates.frame
    _check_services(frame["services"], services)
    cost = _column(frame, "cost")
    if (cost < 0).any():
        first = frame.index[cost < 0][0]
        raise StudyError(text("error.cost_negative", name=first), got=float(cost[cost < 0][0]))
    refused = np.array(frame.get("vote", [""] * len(frame)), object) == Vote.REFUSED
    uncosted = np.isnan(cost) & (effort.budget is not None)
    if uncosted.all():
        raise StudyError(text("error.no_costs"), fix=text("error.give_costs"))
    usable = linked & ~refused & ~uncosted & ~_named(frame.index, wishes.never)
    must = _named(frame.index, wishes.must)
    area = _column(frame, "area_m2")
    terms = Terms(
        cost=np.nan_to_num(cost) if effort.budget is not None else np.zeros(len(frame)),
        service_cost=np.tile(_by_service(wishes.service_cost, services), (len(frame), 1))
        * (effort.budget is not None),
        area=np.where(np.isnan(area), np.inf, area),
        service_area=_by_service(wishes.service_area_m2, services),
        must=must,
        near=_near(frame, wishes.apart_m, usable),
        alike=np.asarray(frame.get("street", [_sampled(frame)] * len(frame)), bool),
    )
    causes = {"never": _named(frame.index, wishes.never), "refused": refused}
    causes |= {"uncosted": uncosted, "unlinked": ~linked}
    _check_must(frame.index, terms, effort, causes)
    holds = holds_of(candidates, services)
    return Offered(holds & usable[:, None], uncosted, refused, terms)


def holds_of(candidates: Candidates, services: Sequence[str]) -> Bools:
    """(C,K) the services that each place may hold, whether or not it may be opened."""
    given = candidates.frame["services"]
    return np.array([[not any_ or s in any_ for s in services] for any_ in given], bool)


def barred_by(
    candidates: Candidates, wishes: SitingParams, rooms: Offered
) -> dict[NotTaken, Bools]:
    """By cause, (C,) the candidates that may not be opened: "refused", "never", "uncosted"."""
    never = _named(candidates.frame.index, wishes.never)
    return {"refused": rooms.refused, "never": never, "uncosted": rooms.uncosted}


def aims_of(
    residences: Residences,
    passed: Bools,
    sure: Bools,
    zone_of: pd.DataFrame | None,
    wishes: SitingParams,
    effort: Effort,
    asks: Asks = NO_ASKS,
) -> tuple[Aims, list[str]]:
    """Whom the plan is for; names of the zones. passed, sure (R,): who has everything today, and
    who surely lacks something.

    Raises StudyError: no elders, no such level of zones, a weight of signals without signals.
    """
    frame = residences.frame
    persons = frame["persons"].to_numpy(float)
    weight = persons
    if wishes.elders_weight != 1:
        if "elders" not in frame or not frame["elders"].notna().any():
            raise StudyError(text("error.no_elders"))
        elders = np.nan_to_num(frame["elders"].to_numpy(float))
        weight = persons + (wishes.elders_weight - 1) * elders
    weight = asks.weighed(weight, effort.signals)
    if effort.certain:
        weight = np.where(sure, weight, 0.0)
    zone, names = np.full(len(persons), -1), list[str]()
    floor, worst = np.zeros(0), None
    if wishes.floor is not None or wishes.worst_first:
        zone, names = _zones(zone_of, wishes.level)
        total = np.bincount(zone[zone >= 0], persons[zone >= 0], minlength=len(names))
        now = np.bincount(
            zone[(zone >= 0) & passed], persons[(zone >= 0) & passed], minlength=len(names)
        )
        floor = np.maximum((wishes.floor or 0.0) * total - now, 0.0)
        if wishes.worst_first:
            worst = np.column_stack([now, np.maximum(total, 1e-9)]).astype(float)
            worst[total <= 0] = 1.0  # nobody lives there: nobody is worse off
    target = 0.0
    if effort.target is not None:
        target = effort.target * math.fsum(persons) - math.fsum(persons[passed])
    return Aims(weight, persons, zone, floor, max(target, 0.0), worst), names


def _zones(zone_of: pd.DataFrame | None, level: str) -> tuple[Ints, list[str]]:
    """Positions of the zones of each home, -1 outside of all, and their ids."""
    levels = [] if zone_of is None else [str(name) for name in zone_of.columns]
    level = level or next(iter(levels), "")
    if zone_of is None or level not in levels:
        fix = nearest_name(level, levels) if levels else text("error.add_zones")
        raise StudyError(text("error.no_level_of_zones"), got=level, fix=fix)
    names = sorted({str(name) for name in zone_of[level]} - {""})
    return pd.Index(names).get_indexer(pd.Index(zone_of[level].astype(str))).astype(np.int64), names


def _column(frame: pd.DataFrame, name: str) -> Floats:
    """A column of numbers that need not be there; NaN unknown."""
    return np.asarray(frame.get(name, np.full(len(frame), np.nan)), float)


def _sampled(frame: pd.DataFrame) -> bool:
    return frame.attrs.get("spacing_m") is not None


def _named(ids: pd.Index, wanted: Sequence[str]) -> Bools:
    """(C,) the candidates with these ids. Raises StudyError: there is no such one."""
    known = set(ids)
    for name in wanted:
        if name not in known:
            raise StudyError(text("error.no_such_candidate"), got=name, fix=nearest_name(name, ids))
    return np.asarray(ids.isin(list(wanted)), bool)


def _by_service(given: Mapping[str, float], services: Sequence[str]) -> Floats:
    """(K,) a number for each service, 0 where none is given."""
    for name in given:
        if name not in services:
            raise StudyError(
                text("error.siting_service"), got=name, fix=nearest_name(name, services)
            )
    return np.array([given.get(service, 0.0) for service in services], float)


def _near(frame: pd.DataFrame, apart_m: float, usable: Bools) -> Ints:
    """(P,2) pairs of usable candidates closer than ``apart_m`` in a straight line."""
    rows = np.flatnonzero(usable)
    if apart_m <= 0 or len(rows) < 2:
        return np.zeros((0, 2), np.int64)
    from scipy.spatial import cKDTree

    xy = shapely.get_coordinates(frame.geometry.to_numpy())[rows]
    pairs = cKDTree(xy).query_pairs(apart_m, output_type="ndarray")
    far = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) >= apart_m
    return np.asarray(rows[np.sort(pairs[~far], axis=1)], np.int64)


def _check_services(given: pd.Series, services: Sequence[str]) -> None:
    for name, any_ in given.items():
        for service in any_:
            if service not in services:
                raise StudyError(
                    text("error.candidate_service", name=name),
                    got=service,
                    fix=nearest_name(service, services),
                )


def _check_must(ids: pd.Index, terms: Terms, effort: Effort, causes: Mapping[str, Bools]) -> None:
    """Raises StudyError: sites that have to be opened and cannot all be."""
    must = terms.must
    for key, cannot in causes.items():
        if (must & cannot).any():
            raise StudyError(text(f"error.barred_{key}", name=ids[must & cannot][0]))
    count, cost = int(must.sum()), math.fsum(terms.cost[must])
    if effort.sites is not None and count > effort.sites:
        raise StudyError(text("error.must_sites", count=count), got=effort.sites)
    if effort.budget is not None and cost > effort.budget:
        raise StudyError(text("error.must_budget", cost=cost), got=effort.budget)
    pairs = must[terms.near].all(axis=1) if len(terms.near) else np.zeros(0, bool)
    if pairs.any():
        a, b = terms.near[pairs][0]
        raise StudyError(text("error.must_near", name=ids[a], other=ids[b]))
