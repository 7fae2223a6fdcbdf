"""Why a home passes or not: its services, slowest first, each with the way walked."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pyproj import Transformer
from typing_extensions import TypedDict

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.summary import WalkFacts
from gusu_geo.assessment.zones import assign
from gusu_geo.errors import InputError, nearest_name
from gusu_geo.walking.linkage import Reason
from gusu_geo.walking.routes import walked_way
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text


class Venue(TypedDict):
    """The nearest venue."""

    facility_id: str
    name: str
    evidence: str


class WayWalked(TypedDict):
    """The way to it: streets by name in order, and its line in degrees."""

    seconds: float
    metres: float
    streets: list[str]
    lonlat: list[list[float]]


class ServiceProof(TypedDict):
    """One service of one home: whether it is in time, and why.

    gate_unknown: only a venue behind a wall without a known gate would be in time.
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


class Explanation(TypedDict):
    """Why a home passes or not; services slowest first."""

    residence_id: str
    name: str
    persons: float
    kind: str
    zones: dict[str, str]
    linked: bool
    reason: str
    state: str
    one_stop: str
    walk: WalkFacts
    services: list[ServiceProof]


def explain_residence(judgement: Judgement, residence_id: str, walk: WalkFacts) -> Explanation:
    """The explanation of one home as plain data; times are those of the tables.

    Raises InputError when there is no such home.
    """
    city, access, verdict = judgement.city, judgement.access, judgement.verdict
    ids = access.residence_ids
    if residence_id not in ids:
        hint = nearest_name(residence_id, map(str, ids)) if len(ids) <= 20_000 else None
        if hint is None or hint.key != "error.did_you_mean":
            hint = text("error.ids_on_cards")
        raise InputError(
            text("error.no_residence"), where=judgement.study.name, got=residence_id, fix=hint
        )
    r = int(ids.get_indexer(pd.Index([residence_id]))[0])
    home = city.residences.frame.iloc[r]
    zone_of = assign(city.zones, city.residences)
    order = np.lexsort((np.arange(len(access.services)), -access.counted_cs[r].astype(np.int64)))
    return {
        "residence_id": residence_id,
        "name": str(home["name"]),
        "persons": round(float(home["persons"]), 1),
        "kind": str(home["kind"]),
        "zones": {str(level): str(column.iloc[r]) for level, column in zone_of.items()},
        "linked": bool(access.is_linked[r]),
        "reason": Reason(int(access.reason[r])).name.lower(),
        "state": State(int(verdict.residence_state[r])).name.lower(),
        "one_stop": State(int(verdict.one_stop_state[r])).name.lower(),
        "walk": walk,
        "services": [_service(judgement, r, int(k)) for k in order],
    }


def _service(judgement: Judgement, r: int, k: int) -> ServiceProof:
    access, verdict, rule = judgement.access, judgement.verdict, judgement.rule
    service = rule.pack.services[k]
    nearest, slack = access.nearest_cs[r, k], verdict.slack_s[r, k]
    row: ServiceProof = {
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
        "venue": None,
        "way": None,
    }
    f = int(access.nearest_ix[r, k])
    if f < 0:
        return row
    venue = judgement.city.facilities.frame.iloc[f]
    row["venue"] = {
        "facility_id": str(access.facility_ids[f]),
        "name": str(venue["name"]),
        "evidence": str(venue["evidence"]),
    }
    net, links = judgement.network, judgement.links
    trips = Trips.of(net, judgement.study.walk)
    way = walked_way(
        trips, links.homes, links.venues, residence=r, facility=f, cutoff_s=access.cutoff_s
    )
    if way is not None:
        lonlat = Transformer.from_crs(net.crs, 4326, always_xy=True).transform(*way.xy.T)
        row["way"] = {
            "seconds": way.time_cs / 100,
            "metres": round(way.length_m, 1),
            "streets": list(way.streets),
            "lonlat": np.round(np.column_stack(lonlat), 7).tolist(),
        }
    return row
