"""Capacity: whether the venues that a home reaches have room, by catchments on walked time.

A capacity or a group that nobody counted is unknown, and so is the access of whoever reaches such a
venue. What is known of the others still counts: capacity only ever adds to access (under 3SFCA too,
where people choose among the venues in reach by time alone, whatever these hold), so that a home
whose known supply already gives it the norm has room for certain, while full is certain only where
nothing in reach is unknown. A venue that could be reached by a gate nobody drew is unknown, too;
under 3SFCA it would also take its visitors away from other venues, so that nothing is certain for
them. Homes without a street compete nowhere, nor do persons beyond the border of the study: near
it, access is rather too high.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gusu_geo.assessment.capacity.catchments import competing_for, counted, ratios
from gusu_geo.assessment.capacity.team_loads import community_level, counted_heads, team_loads
from gusu_geo.assessment.capacity.walked_times import picked, walked_times
from gusu_geo.assessment.capacity_facts import CapacityFacts, Filled, ServiceCapacity, VenueLoad
from gusu_geo.assessment.judgement import Judgement, rules_of
from gusu_geo.assessment.staffed import Room, Staffed
from gusu_geo.assessment.suppression import BLANK, LEAST_SHOWN, public_capacity
from gusu_geo.assessment.walkable_city import CityLinks, Ground
from gusu_geo.study.catalog import Service, names_of
from gusu_geo.study.district import CapacityParams, Norm
from gusu_geo.tables import Bools, Floats, Int8s, Ints, Note
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.walking.linkage import Linked, Reason
from gusu_geo.walking.trips import Trips
from gusu_geo.words import note, text

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_array

SAME = 1e-9  # a share by which sums of quotients may be off: access of the norm itself is room


@dataclass(frozen=True, eq=False)
class _Offer:
    """The venues of one service. rows (F',): positions of its facilities; capacity (F',): NaN
    unknown; tiers (F',): "" unknown; heads (R,): who competes, NaN where nobody counted."""

    service: Service
    rows: Ints
    capacity: Floats
    units: list[str]
    tiers: np.ndarray
    norm: Norm | None
    heads: Floats

    @property
    def asked(self) -> bool:
        """Whether anything can be said of the service."""
        return self.norm is not None or not np.isnan(self.capacity).all()


@dataclass(frozen=True, eq=False)
class _Reach:
    """Of one service. counts (R,F'): see ``catchments.counted``; more, either (R,): whose access
    may be higher than found, and whose may be lower as well."""

    counts: csr_array
    more: Bools
    either: Bools


def staffed_of(ground: Ground, judgement: Judgement, zone_of: pd.DataFrame) -> Staffed | None:
    """Access and room of every home; None where the study has no part [capacity]."""
    params = ground.study.capacity
    if params is None:
        return None
    offers = _offers(params, judgement)
    reaches = _reaches(params, ground, judgement, [offer for offer in offers if offer.asked])
    shape = judgement.verdict.state.shape
    access, full = np.full(shape, np.nan), np.zeros(shape, np.int8)
    services: list[ServiceCapacity] = []
    venues: list[VenueLoad] = []
    for k, offer in enumerate(offers):
        reach = reaches.get(offer.service.id)
        if reach is not None:
            competing = competing_for(reach.counts, offer.heads)
            found = _room(offer, reach, ratios(offer.capacity, competing))
            access[:, k], full[:, k] = found
            venues += _venue_loads(offer, competing, judgement)
        services.append(_service(offer, reach))
    access.setflags(write=False)
    full.setflags(write=False)
    facts: CapacityFacts = {
        "method": params.method,
        "steps_s": list(params.steps),
        "weights": [1.0] * len(params.steps) if params.method == "2sfca" else list(params.weights),
        "siting": params.siting,
        "level": community_level(judgement.city.zones),
        "services": services,
        "venues": venues,
        "teams": team_loads(params, ground, judgement, zone_of),
    }
    notes = [each for offer in offers for each in _notes(offer)]
    if not ground.study.report.internal:
        facts = public_capacity(facts)
        notes.append(note("capacity_small", least=LEAST_SHOWN))
    return Staffed(facts, access, full, tuple(notes))


def _offers(params: CapacityParams, judgement: Judgement) -> list[_Offer]:
    """The services of the rule, in order."""
    frame = judgement.city.facilities.frame
    homes = judgement.city.residences.frame.loc[judgement.verdict.residence_ids]
    service = frame["service"].to_numpy(object)
    none = np.full(len(frame), "", object)
    unknown = np.full(len(frame), np.nan)
    capacity = frame["capacity"].to_numpy(float) if "capacity" in frame else unknown
    unit = frame["capacity_unit"].fillna("").to_numpy(object) if "capacity" in frame else none
    tier = frame["tier"].fillna("").to_numpy(object) if "tier" in frame else none
    offers = []
    for each in judgement.rule.pack.services:
        rows = np.flatnonzero(service == each.id)
        norm = params.norms.get(each.id)
        own = capacity[rows]
        units = sorted({str(word) for word in unit[rows][~np.isnan(own)] if word})
        if len(units) > 1:
            own = np.full(len(rows), np.nan)
        heads = counted_heads(homes, norm.of if norm is not None else "persons")
        offers.append(_Offer(each, rows, own, units, tier[rows], norm, heads))
    return offers


def _reaches(
    params: CapacityParams, ground: Ground, judgement: Judgement, offers: Sequence[_Offer]
) -> dict[str, _Reach]:
    """By service, of those asked for."""
    if not offers:
        return {}
    rows = np.concatenate([offer.rows for offer in offers])
    cutoff_s = params.steps[-1]
    steps_cs = [cutoff_to_cs(step) for step in params.steps]

    def entered(trips: Trips, links: CityLinks) -> Linked:
        del trips
        venues = links.venues
        behind = venues.links.owner_reason(len(venues.ids)) == int(Reason.WALL)
        return picked((links.entered or venues).only(np.asarray(behind, bool)), rows)

    size = len(rows)
    times = walked_times(ground, judgement, lambda _, on: picked(on.venues, rows), size, cutoff_s)
    walled = judgement.links.entered is not None or len(rules_of(judgement).rules) > 1
    behind = walked_times(ground, judgement, entered, size, cutoff_s) if walled else None
    linked, found, first = judgement.access.is_linked, dict[str, _Reach](), 0
    for offer in offers:
        own = slice(first, first + len(offer.rows))
        first = own.stop
        counts = counted(times[:, own], params.method, steps_cs, params.weights)
        known = judgement.known[judgement.rule.services.index(offer.service.id)]
        maybe = np.zeros(len(linked), bool)
        if behind is not None:
            maybe = np.asarray(np.diff(behind[:, own].tocsr().indptr) > 0)
        more, either = ~linked | maybe | (not known), ~linked
        if params.method == "3sfca" and maybe.any():
            either = either | maybe
            more = more | (counts @ (counts.T @ maybe.astype(float)) > 0)
        found[offer.service.id] = _Reach(counts, more, either)
    return found


def _room(offer: _Offer, reach: _Reach, ratio: Floats) -> tuple[Floats, Int8s]:
    """Supply per 1,000 (R,), NaN unknown, and ``Room`` (R,)."""
    unknown = np.isnan(ratio)
    known = 1000.0 * (reach.counts @ np.where(unknown, 0.0, ratio))
    open_ = reach.more | (reach.counts @ unknown.astype(float) > 0)
    full = np.full(len(known), int(Room.UNKNOWN), np.int8)
    if offer.norm is not None:
        enough = known >= offer.norm.per_1000 * (1 - SAME)
        full[~open_ & ~enough] = Room.FULL
        full[~open_ & (np.diff(reach.counts.indptr) == 0)] = Room.NONE_NEAR
        full[enough] = Room.ROOM
        full[reach.either] = Room.UNKNOWN
    return np.where(open_ | reach.either, np.nan, known), full


def _service(offer: _Offer, reach: _Reach | None) -> ServiceCapacity:
    norm, known = offer.norm, ~np.isnan(offer.capacity)
    nobody = np.isnan(offer.heads).all()
    used = 0.0
    if reach is not None:
        anybody = reach.counts.T @ (offer.heads != 0).astype(float) > 0
        used = math.fsum(offer.capacity[known & anybody])
    largest = _largest(offer)
    return {
        "service": offer.service.id,
        "unit": offer.units[0] if len(offer.units) == 1 else "",
        "units": offer.units,
        "venues": len(offer.rows),
        "known": int(known.sum()),
        "supply": math.fsum(offer.capacity[known]),
        "demand": None if nobody else math.fsum(np.nan_to_num(offer.heads)),
        "used": used,
        "norm": None
        if norm is None
        else {"per_1000": norm.per_1000, "of": norm.of, "source": norm.source},
        "found": _filled(offer, reach, offer.capacity),
        "assumed_none": _filled(offer, reach, np.nan_to_num(offer.capacity)),
        "assumed_largest": None if largest is None else _filled(offer, reach, largest),
    }


def _filled(offer: _Offer, reach: _Reach | None, capacity: Floats) -> Filled:
    """With these capacities."""
    if np.isnan(offer.heads).all():
        return BLANK
    heads = np.nan_to_num(offer.heads)
    access, full = np.full(len(heads), np.nan), np.zeros(len(heads), np.int8)
    certain = False
    if reach is not None:
        ratio = ratios(capacity, competing_for(reach.counts, offer.heads))
        access, full = _room(offer, reach, ratio)
        certain = not (reach.counts.T @ heads)[np.isnan(ratio)].any()

    def persons(homes: Bools) -> float:
        return math.fsum(heads[homes])

    told = ~np.isnan(access) & (heads > 0)
    whole, some = persons(told), offer.norm is not None
    mean = math.fsum(heads[told] * access[told]) / whole if whole and certain else None
    return {
        "full_persons": persons(full == Room.FULL) if some else None,
        "room_persons": persons(full == Room.ROOM) if some else None,
        "none_persons": persons(full == Room.NONE_NEAR) if some else None,
        "unknown_persons": persons(full == Room.UNKNOWN if some else np.isnan(access)),
        "access": None if mean is None else round(mean, 6),
    }


def _largest(offer: _Offer) -> Floats | None:
    """Unknown capacities at the largest known of their tier; None where one has none. Without any
    tier, all venues of the service are of one."""
    capacity, tiers = offer.capacity.copy(), offer.tiers
    known = ~np.isnan(capacity)
    for tier in set(tiers[~known].tolist()):
        alike = known & (tiers == tier)
        if not alike.any() or (tier == "" and (tiers != "").any()):
            return None
        capacity[~known & (tiers == tier)] = capacity[alike].max()
    return capacity


def _venue_loads(offer: _Offer, competing: Floats, judgement: Judgement) -> list[VenueLoad]:
    names = judgement.city.facilities.frame["name"].iloc[offer.rows]
    per_1000 = 1000.0 * ratios(offer.capacity, competing)
    return [
        {
            "facility_id": str(facility),
            "service": offer.service.id,
            "name": str(name),
            "capacity": _number(capacity),
            "unit": offer.units[0] if len(offer.units) == 1 else "",
            "demand": _number(persons),
            "ratio": _number(ratio),
        }
        for facility, name, capacity, persons, ratio in zip(
            names.index, names, offer.capacity, competing, per_1000, strict=True
        )
    ]


def _number(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def _notes(offer: _Offer) -> list[Note]:
    """What is unknown of a service, and why."""
    found, name = [], names_of([offer.service])
    if len(offer.units) > 1:
        found.append(note("capacity_units", service=name, units=tuple(offer.units)))
    missing = int(np.isnan(offer.heads).sum())
    if missing and offer.norm is not None:
        group = text(f"column.{offer.norm.of}")
        found.append(note("capacity_uncounted", service=name, group=group, count=missing))
    return found
