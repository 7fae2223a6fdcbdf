"""Section ``pairing`` of the summary: bodies of city and district paired with communities."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from gusu_geo.tables import Both


class PairRow(TypedDict):
    """A body with one of its communities. reasons: at most three, the largest first; next_zone: the
    best other community in its place, and what the whole would lose with it at the same least fit
    (``loss``), None where nothing else is possible; now: whether it is a pair of today; kept: by
    the study; uncertain: in none of the best pairings where the unknown counts as lacking;
    projects: names of the projects of the pair."""

    body: str
    name: str
    tier: str
    zone: str
    zone_name: str
    fit: float
    distance_m: float | None
    now: bool
    kept: bool
    uncertain: bool
    reasons: list[Both]
    next_zone: str
    next_name: str
    loss: float | None
    projects: list[str]


class CommunityNeed(TypedDict):
    """What a community lacks: persons by service, low (surely) and high (the unknown, too), None
    where too few to be shown; signals: None without a ledger of them, or too few; bodies: how many
    it is paired with; projects: themes of its projects; unmet: services that it surely lacks and
    for which none of its bodies has a function; unserved: services that it surely lacks and none of
    its projects is about; aside: themes of its projects that are about nothing it lacks; the last
    two are empty without a ledger of projects."""

    id: str
    name: str
    persons: float
    low: dict[str, float | None]
    high: dict[str, float | None]
    signals: int | None
    bodies: int
    bodies_now: int
    projects: list[str]
    unmet: list[str]
    unserved: list[str]
    aside: list[str]


class BodyRow(TypedDict):
    """A body. services: those that its functions are about, none: it fits nobody; most: its limit;
    pairs: how many it has; pairs_now: today."""

    id: str
    name: str
    tier: str
    functions: list[str]
    services: list[str]
    most: int
    pairs: int
    pairs_now: int


class BoundPrice(TypedDict):
    """What a bound is worth: value with the bound one lower, less the value, at the same least fit;
    so at least 0 for "min", at most 0 for "max" and "most"; None: no pairs are within the lower
    bound. of: community or body, "" for all communities at once; only bounds that are not 0."""

    kind: str
    of: str
    name: str
    bound: int
    price: float | None


class BlockingPair(TypedDict):
    """A body and a community that both would rather have each other than one they have (Gale &
    Shapley 1962): by fit less distance, against the least of their own pairs."""

    body: str
    zone: str
    name: str
    zone_name: str
    gain_body: float
    gain_zone: float


class ChangePoint(TypedDict):
    """What ``changes`` new pairs give: fewer do not give this least fit, and no more is to be had
    with it; at the highest least fit, what further new pairs add."""

    changes: int
    least: float | None
    value: float


class PairingFacts(TypedDict):
    """The pairs and why. fit: of every 100 residents those who lack what the body is there for,
    services added up. least: the least fit of any pair that counts (as high as possible), value:
    the sum of fit less distance and switching (as high as possible above that), both in these
    points; signals: how much communities that report much count more; now: the same of today's
    pairs, without switching, None without any; kept, changes: pairs of today that stay, and new
    ones; proven: whether no exchange of pairs gains anything; bare_now: communities without a body
    today; without_functions: bodies whose functions are about no service: they fit nobody. What
    cannot have any fit does not count for the least: these bodies, communities that lack nothing
    any body is there for, and pairs of ``keep``. blocking: the largest, of ``blocking_count``;
    prices, blocking, curve: of ``pair`` alone."""

    level: str
    bodies: int
    communities: int
    min: int
    max: int
    switching: float
    per_km: float
    signals: float
    least: float | None
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
    listed: list[BodyRow]
    uncertain: int
    prices: NotRequired[list[BoundPrice]]
    blocking: NotRequired[list[BlockingPair]]
    blocking_count: NotRequired[int]
    curve: NotRequired[list[ChangePoint]]
