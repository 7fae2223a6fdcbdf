"""Why a body has a community: at most three reasons from a closed list, the largest first."""

from __future__ import annotations

import numpy as np

from gusu_geo.assessment.pairing.fit import Sides
from gusu_geo.assessment.suppression import LEAST_SHOWN, small
from gusu_geo.study.catalog import Service
from gusu_geo.study.district import PairingParams
from gusu_geo.tables import Both, Floats
from gusu_geo.words import both, rounded

MOST = 3


def reasons_of(
    sides: Sides,
    services: tuple[Service, ...],
    body: int,
    zone: int,
    *,
    params: PairingParams,
    projects: list[str],
    public: bool,
) -> list[Both]:
    """The reasons of one pair. In order: the study keeps it; what the community lacks and the body
    is there for, by persons, and that it is a pair of today, by the price of switching; that the
    bounds alone put it there, where nothing is lacking that it is there for; projects of the pair;
    if distance counts, that it is near, among the nearest quarter of the communities.
    """
    communities = sides.communities
    found: list[tuple[float, Both]] = []
    if sides.keep[body, zone]:
        found.append((np.inf, both("pairing.reason_kept")))
    persons, lacks = communities.persons[zone], communities.low[zone]
    for k in np.flatnonzero(sides.covers[body]).tolist():
        lacking = float(lacks[k])
        if lacking > 0 and persons > 0:
            found.append((100 * lacking / persons, _lacking(services[k], lacking, public)))
    if sides.today is not None and sides.today[body, zone]:
        found.append((params.switching, both("pairing.reason_now")))
    found.sort(key=lambda reason: -reason[0])  # stable: services in the order of the pack
    reasons = [reason for _, reason in found]
    if not sides.keep[body, zone] and not (lacks[sides.covers[body]] > 0).any():
        reasons.append(both("pairing.reason_bounds"))
    if projects:
        reasons.append(both("pairing.reason_project", names=tuple(projects[:MOST])))
    if params.per_km and _near(sides.metres[body], zone):
        reasons.append(both("pairing.reason_near", km=float(sides.metres[body, zone]) / 1000))
    return reasons[:MOST]


def _lacking(service: Service, persons: float, public: bool) -> Both:
    name: Both = {"zh": service.zh, "en": service.en}
    if public and small(persons):
        return both("pairing.reason_few", service=name, most=LEAST_SHOWN)
    return both("pairing.reason_lacking", service=name, persons=rounded(persons))


def _near(metres: Floats, zone: int) -> bool:
    """Whether a community is among the nearest quarter of those whose place is known."""
    if not np.isfinite(metres[zone]):
        return False
    known = metres[np.isfinite(metres)]
    return bool((known < metres[zone]).sum() < max(len(known) // 4, 1))
