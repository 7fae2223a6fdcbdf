"""Why a home passes or not: its services, slowest first, each with the way walked."""

from __future__ import annotations

from collections.abc import Callable
from typing import NotRequired

import numpy as np
from typing_extensions import TypedDict

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.hours import public_hours
from gusu_geo.assessment.judgement import Judgement, ground_of, judged_by
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.summary import WalkFacts
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.assessment.zones import assign
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.report.find_home import Homes
from gusu_geo.report.only_gate import Gate, only_gate
from gusu_geo.report.own_rules import rule_name
from gusu_geo.report.walk_facts import walk_facts
from gusu_geo.report.what_would_turn import Change, Turning
from gusu_geo.study.params import Study
from gusu_geo.tables import Candidates, City, Ints
from gusu_geo.walking.linkage import Reason
from gusu_geo.walking.routes import walked_times, walked_way
from gusu_geo.walking.trips import Trips
from gusu_geo.words import Both, Text


class Venue(TypedDict):
    """A venue: evidence A, B or C; hours in OpenStreetMap's notation, "" unknown; called: its name,
    else the street nearby."""

    facility_id: str
    called: Both
    name: str
    evidence: str
    hours: str


class NextVenue(Venue):
    """The venue that is nearest after the nearest, and the walk there."""

    seconds: float


class WayWalked(TypedDict):
    """The way to it: streets by name in order, and its line in degrees."""

    seconds: float
    metres: float
    streets: list[str]
    lonlat: list[list[float]]


class ServiceProof(TypedDict):
    """One service of one home: whether it is in time, and why.

    gate_unknown: only a venue behind a wall without a known gate would be in time. second: the
    next venue within the search. changes: what would turn it if it fails, one change each, all
    tried; opening hours do not count for the verdict, so none turns one.
    """

    id: str
    zh: str
    en: str
    state: str
    no_data: bool
    gate_unknown: bool
    nearest_s: float | None
    counted_s: float | None
    threshold_s: float
    slack_s: float | None
    venue: Venue | None
    way: WayWalked | None
    second: NextVenue | None
    changes: list[Change]


class Explanation(TypedDict):
    """Why a home passes or not; services slowest first.

    called: its name, else its compound's, else its address, else the street nearby; name, address,
    compound, street: "" where unknown; gate: that of its compound, where it has a single one;
    invented: the study means no real place. rule, not_asked: where homes have rules of their own,
    the one that judges this home, and the services that it does not ask for.
    """

    invented: bool
    residence_id: str
    called: Both
    name: str
    address: str
    compound: str
    street: str
    gate: Gate | None
    persons: float
    kind: str
    zones: dict[str, str]
    linked: bool
    reason: str
    state: str
    one_stop: str
    walk: WalkFacts
    services: list[ServiceProof]
    rule: NotRequired[Both]
    not_asked: NotRequired[list[Both]]


def explain_residence(
    ground: Ground,
    judgement: Judgement,
    asked: str,
    walk: WalkFacts,
    candidates: Callable[[], Candidates],
    opened: Callable[[Study, City], Ground],
) -> Explanation:
    """The explanation of one home as plain data; times are those of the tables.

    asked: id, name, pinyin or address, see ``Homes.find``, which raises InputError; candidates: the
    places for new venues, asked for only where a service fails; opened: as in ``Turning``.
    """
    city, access, verdict = judgement.city, judgement.access, judgement.verdict
    homes = Homes(city, judgement.network)
    r = homes.find(asked, judgement.study.name)
    home = city.residences.frame.iloc[r]
    own = _own_rule(judgement, r)
    if judgement.own is not None:  # as if all homes were judged by its rule
        one = judgement.own.rules[judgement.own.of_home[r]]
        judgement = judged_by(ground, judgement, one)
        ground = ground_of(ground, one)
        access, verdict = judgement.access, judgement.verdict
        walk = walk_facts(ground.study, heights=ground.heights)
    zone_of = assign(city.zones, city.residences)
    order = np.lexsort((np.arange(len(access.services)), -access.counted_cs[r].astype(np.int64)))
    turning = Turning(ground, judgement, homes, r, candidates, opened)
    trips = ground.trips()
    times = walked_times(trips, turning.home, judgement.links.venues, cutoff_s=access.cutoff_s)
    return {
        "invented": judgement.study.invented,
        "residence_id": str(access.residence_ids[r]),
        "called": _both(homes.called(r)),
        "name": homes.names[r],
        "address": homes.addresses[r],
        "compound": homes.compounds[r],
        "street": homes.street_near(home.geometry),
        "gate": only_gate(ground, homes, r),
        "persons": round(float(home["persons"]), 1),
        "kind": str(home["kind"]),
        "zones": {str(level): str(column.iloc[r]) for level, column in zone_of.items()},
        "linked": bool(access.is_linked[r]),
        "reason": Reason(int(access.reason[r])).name.lower(),
        "state": State(int(verdict.residence_state[r])).name.lower(),
        "one_stop": State(int(verdict.one_stop_state[r])).name.lower(),
        "walk": walk,
        "services": [_service(judgement, trips, turning, times, int(k)) for k in order],
        **own,
    }


class _OwnRule(TypedDict, total=False):
    rule: Both
    not_asked: list[Both]


def _own_rule(judgement: Judgement, r: int) -> _OwnRule:
    """Which rule judges the home; nothing where all have the pack's."""
    own = judgement.own
    if own is None:
        return {}
    number = int(own.of_home[r])
    one, services = own.rules[number], judgement.rule.pack.services
    others: list[Both] = [
        {"zh": service.zh, "en": service.en}
        for k, service in enumerate(services)
        if k not in one.asked
    ]
    return {"rule": rule_name(number, one), "not_asked": others}


def _service(
    judgement: Judgement, trips: Trips, turning: Turning, times: Ints, k: int
) -> ServiceProof:
    access, verdict, rule, r = judgement.access, judgement.verdict, judgement.rule, turning.r
    service = rule.pack.services[k]
    nearest, slack = access.nearest_cs[r, k], verdict.slack_s[r, k]
    f = int(access.nearest_ix[r, k])
    return {
        "id": service.id,
        "zh": service.zh,
        "en": service.en,
        "state": State(int(verdict.state[r, k])).name.lower(),
        "no_data": verdict.service_state[k] == "no_data",
        "gate_unknown": bool(access.is_linked[r] and verdict.state[r, k] == State.UNKNOWN)
        and verdict.service_state[k] == "known",
        "nearest_s": None if nearest == INF_CS else int(nearest) / 100,
        "counted_s": None
        if access.counted_cs[r, k] == INF_CS
        else int(access.counted_cs[r, k]) / 100,
        "threshold_s": rule.threshold_s[k],
        "slack_s": None if np.isinf(slack) else round(float(slack), 2),
        "venue": None if f < 0 else _venue(turning.homes, judgement, f),
        "way": None if f < 0 else _way(judgement, trips, r, f),
        "second": None if f < 0 else _second(turning.homes, judgement, times, service.id, f),
        "changes": turning.changes(k),
    }


def _venue(homes: Homes, judgement: Judgement, f: int) -> Venue:
    venue, ident = judgement.city.facilities.frame.iloc[f], str(judgement.access.facility_ids[f])
    return {
        "facility_id": ident,
        "called": _both(str(venue["name"]) or homes.near(venue.geometry) or ident),
        "name": str(venue["name"]),
        "evidence": str(venue["evidence"]),
        "hours": public_hours([venue["hours"]], [venue.get("shared_hours", "")])[0],
    }


def _second(
    homes: Homes, judgement: Judgement, times: Ints, service: str, nearest: int
) -> NextVenue | None:
    """The nearest of the other venues of a service; of equally near ones the first."""
    frame = judgement.city.facilities.frame
    places = frame["venue_id"].to_numpy(object)
    others = (frame["service"].to_numpy(object) == service) & (places != places[nearest])
    rows = np.flatnonzero(others & (times < INF_CS))
    if len(rows) == 0:
        return None
    f = int(rows[np.argmin(times[rows])])
    return {**_venue(homes, judgement, f), "seconds": int(times[f]) / 100}


def _way(judgement: Judgement, trips: Trips, r: int, f: int) -> WayWalked | None:
    net, links, cutoff_s = judgement.network, judgement.links, judgement.access.cutoff_s
    way = walked_way(trips, links.homes, links.venues, residence=r, facility=f, cutoff_s=cutoff_s)
    if way is None:
        return None
    lonlat = transformer(net.crs, WGS84).transform(*way.xy.T)
    return {
        "seconds": way.time_cs / 100,
        "metres": round(way.length_m, 1),
        "streets": list(way.streets),
        "lonlat": np.round(np.column_stack(lonlat), 7).tolist(),
    }


def _both(name: Text | str) -> Both:
    if isinstance(name, Text):
        return {"zh": name.zh, "en": name.en}
    return {"zh": name, "en": name}
