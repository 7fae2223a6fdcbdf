"""Section ``pairing`` of the summary: bodies of city and district paired with communities."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from gusu_geo.tables import Both


class PairRow(TypedDict):
    """A body with one of its communities. fit: as it counts; reasons: at most three, the largest
    first; next_zone: the best other community for it, and what the whole would lose (``loss``) with
    it, None where nothing else is possible; now: whether it is a pair of today; uncertain: chosen
    otherwise where the unknown counts as lacking; projects: names of the projects of the pair."""

    body: str
    name: str
    tier: str
    zone: str
    zone_name: str
    fit: float
    distance_m: float | None
    now: bool
    uncertain: bool
    reasons: list[Both]
    next_zone: str
    next_name: str
    loss: float | None
    projects: list[str]


class CommunityNeed(TypedDict):
    """What a community lacks: persons by service, low (surely) and high (the unknown, too); bodies:
    how many it is paired with; projects: themes of its projects; unmet: services that it lacks and
    for which none of its bodies has a function."""

    id: str
    name: str
    low: dict[str, float]
    high: dict[str, float]
    signals: int | None
    bodies: int
    bodies_now: int
    projects: list[str]
    unmet: list[str]


class BoundPrice(TypedDict):
    """What a bound costs: value with the bound one lower, less the value; kind: "min", "max",
    "most"; of: community or body."""

    kind: str
    of: str
    name: str
    bound: int
    price: float


class BlockingPair(TypedDict):
    """A body and a community that both would rather have each other than one they have."""

    body: str
    zone: str
    name: str
    zone_name: str
    gain_body: float
    gain_zone: float


class ChangePoint(TypedDict):
    """The best that at most ``changes`` new pairs give."""

    changes: int
    least: float
    value: float


class PairingFacts(TypedDict):
    """The pairs and why. least: the least fit of any pair (as high as possible), value: the sum of
    fit less distance and switching (as high as possible above that); now: the same of today's
    pairs, None without any; bare: communities without a body today; without_functions: bodies that
    name none, which fit nobody; proven: whether both are. prices, blocking, curve: of ``pair``
    alone."""

    level: str
    bodies: int
    communities: int
    min: int
    max: int
    least: float
    value: float
    now_least: float | None
    now_value: float | None
    kept: int
    changes: int
    proven: bool
    bare_now: list[str]
    without_functions: list[str]
    pairs: list[PairRow]
    needs: list[CommunityNeed]
    uncertain: int
    prices: NotRequired[list[BoundPrice]]
    blocking: NotRequired[list[BlockingPair]]
    curve: NotRequired[list[ChangePoint]]
