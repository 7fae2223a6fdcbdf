"""What ``plan.json`` says beside the plan itself: each part is there or None."""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic asks for this one


class Complete(TypedDict):
    """A street or compound in which every home has all services with the plan, and had not before.

    kind: "compound" or "street"; persons: who live there.
    """

    kind: str
    name: str
    persons: float


class SiteWhy(TypedDict):
    """One site. gained_persons: in addition to the sites before it; lost_persons: who would lack
    something if it alone were left out; by_service: of those lost, persons for whom this site is
    how they get the service; by_zone: of those lost, by the first level; elders: of those lost,
    None unknown; complete: by this site and those before it."""

    candidate_id: str
    gained_persons: float
    lost_persons: float
    by_service: dict[str, float]
    by_zone: dict[str, float]
    elders: float | None
    complete: list[Complete]


class NextSite(TypedDict):
    """A candidate that was not taken. gained_persons: with it beside the whole plan; services: that
    it would offer then; instead_of: the chosen site with which it shares most of those it could
    serve, "" for none; reason: code of words.toml, why it is not in the plan."""

    candidate_id: str
    name: str
    lonlat: list[float]
    services: list[str]
    gained_persons: float
    cost: float | None
    instead_of: str
    reason: str


class Why(TypedDict):
    """Why these sites: each of them, in order, and the next five."""

    sites: list[SiteWhy]
    complete: list[Complete]
    next: list[NextSite]


class ParetoPoint(TypedDict):
    """The best plan of one size. limit: sites, or money (10,000 yuan); used: of it; share: of all
    persons with everything; bound_persons: None where nothing is proven; knee: where more gives
    clearly less."""

    limit: float
    used: float
    gained_persons: float
    bound_persons: float | None
    share: float | None
    candidate_ids: list[str]
    status: str
    knee: bool


class Pareto(TypedDict):
    """Gain against sites, and against money; None where no candidate has a cost."""

    sites: list[ParetoPoint]
    money: list[ParetoPoint] | None


class AlternativeSite(TypedDict):
    """A site of an alternative plan."""

    candidate_id: str
    name: str
    lonlat: list[float]
    services: list[str]


class Alternative(TypedDict):
    """Another plan within 1 % of the best; shared: sites that it has in common with the plan."""

    chosen: list[AlternativeSite]
    gained_persons: float
    shared: int
    cost: float | None


class Critical(TypedDict):
    """A venue whose closing would leave most persons without something they have. when: "today" or
    "with the plan"; new: whether it is a site of the plan."""

    when: str
    venue_id: str
    name: str
    services: list[str]
    lost_persons: float
    lonlat: list[float]
    new: bool


class Survival(TypedDict):
    """What is left of the gain under another assumption. key: "slower", "faster", "elder",
    "evidence_a", "moment"; detail: the moment, else ""; before, after: persons with everything,
    without and with the plan; share: of the gain under the plan's own assumptions, None where that
    is 0."""

    key: str
    detail: str
    before_persons: float
    after_persons: float
    gained_persons: float
    share: float | None
