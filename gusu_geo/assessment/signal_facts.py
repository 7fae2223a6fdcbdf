"""Section ``signals`` of the summary: where residents report much, and whether gaps are asked for.

Intervals are 95 %. Rates are None where nobody lives, or nobody was visited. Counts and what rests
on them are None too where they are too small to be shown (``signals.suppression``).
"""

from __future__ import annotations

from typing_extensions import TypedDict


class Rate(TypedDict):
    """A rate with its exact interval (Garwood 1936)."""

    rate: float | None
    low: float | None
    high: float | None


class SignalCell(TypedDict):
    """Signals of one zone. per_visit: per 100 visits, None without a ledger of visits; of rounds
    without visits here no signals count in it; expected: of all signals by persons or visits;
    shrunk: per 1,000 persons, pulled towards the district's rate, with the interval of a gamma
    distribution (``rates.shrink``); relative: ``shrunk`` over that rate, the weight of siting;
    services: signals by service; cluster: 1 ... of the scan, 0 for none; alone: "high" or "low"
    where this cell by itself lies outside the limits of chance (Poisson, 99.8 %), else ""."""

    id: str
    name: str
    persons: float
    visits: float | None
    signals: int | None
    services: dict[str, int | None]
    per_1000: Rate
    per_visit: Rate | None
    expected: float | None
    shrunk: Rate
    relative: float | None
    cluster: int
    alone: str


class SignalCluster(TypedDict):
    """A window of neighbouring zones with more signals than its share (Kulldorff 1997); p: of the
    permuted (count, expected) pairs."""

    zones: list[str]
    names: list[str]
    signals: int | None
    expected: float
    times: float | None
    llr: float | None
    p: float


class Scan(TypedDict):
    """The search for clusters. state: "found", "none", "too_few" signals to tell, or "one_cell"
    where no window holds two cells; by: "persons" or "visits"; windows hold at most ``share_max``
    of all that is expected; power: chance to find ``doubled`` average cells with twice their share,
    None of "one_cell": below ``power_min`` and with nothing found there are too few signals, and
    rounds should be pooled; aside: ids of zones so high by themselves that they hide the others,
    which were therefore looked at once more without them; cells, signals: looked at."""

    state: str
    by: str
    runs: int
    share_max: float
    power: float | None
    power_min: float
    doubled: float
    aside: list[str]
    cells: int
    signals: int | None
    clusters: list[SignalCluster]


class Asked(TypedDict):
    """Whether the gap in a service is asked for: signals of its themes per person among those who
    lack it over those who have it, exact conditional interval. zone: id in the level above, "" for
    all; ratio: None where one of both has no persons, or neither any signal, or those who have it
    none (then there is no upper end either); asked: "yes", "no" (surely less), or "open"."""

    service: str
    zone: str
    name: str
    lacking_signals: int | None
    lacking_persons: float | None
    having_signals: int | None
    having_persons: float | None
    ratio: float | None
    low: float | None
    high: float | None
    asked: str


class SignalFacts(TypedDict):
    """What the ledger of signals says. located: counts by rung ("point", "compound", "community",
    "none"); kinds, origins, rounds, themes: counts by word, a signal of
    several themes under each; days: the first and last date; used:
    signals of the level's zones; left_out: signals that name one of the services but are located by
    community or not at all, far from any home, in a compound where some lack it and some do not, or
    where it is unknown, over all of them: they tell nothing of ``asked``; weight: of siting."""

    file: str
    until: str
    level: str
    total: int | None
    used: int | None
    days: list[str]
    located: dict[str, int | None]
    kinds: dict[str, int | None]
    origins: dict[str, int | None]
    rounds: dict[str, int | None]
    themes: dict[str, int | None]
    all: Rate
    visits: float | None
    all_per_visit: Rate | None
    cells: list[SignalCell]
    scan: Scan
    asked: list[Asked]
    left_out: float | None
    weight: float
