"""What ``plan.json`` says beside the plan itself: each part is there or None."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict  # pydantic asks for this one

NotTaken = Literal[
    "sites", "money", "target", "apart", "same", "served", "nobody", "small", "unsure", "search",
    "refused", "never", "uncosted",
]  # fmt: skip


class Complete(TypedDict):
    """A street or compound in which every home has all services with the plan, and not without it.

    kind: "compound" or "street"; persons: who live there; gained_persons: of them, who gain.
    """

    kind: str
    name: str
    persons: float
    gained_persons: float


class SiteWhy(TypedDict):
    """One site. gained_persons: in addition to the sites before it; lost_persons: who would lack
    something if it alone were left out; by_service: of those lost, persons for whom this site is
    how they get the service; by_zone: of those lost, by name of the first level, "" outside;
    elders, children: of those lost, None unknown; complete: places that become complete by this
    site, not by those before it, and how many there are."""

    candidate_id: str
    gained_persons: float
    lost_persons: float
    by_service: dict[str, float]
    by_zone: dict[str, float]
    elders: float | None
    children: float | None
    complete: list[Complete]
    complete_count: int


class NextSite(TypedDict):
    """A candidate that was not taken. gained_persons: with it beside the whole plan; alone_persons:
    with it instead of the whole plan; services: that it would offer beside the plan, where that
    gains nobody, alone; cost: with these services (10,000 yuan), None unknown; instead_of: the site
    that serves most of those it could serve, if more than half of them, with "apart" the site that
    it is too near to, "" for none; reason: why it is not in the plan, a key of [not_taken] of
    words.toml."""

    candidate_id: str
    name: str
    lonlat: list[float]
    services: list[str]
    gained_persons: float
    alone_persons: float
    cost: float | None
    instead_of: str
    reason: NotTaken


class Why(TypedDict):
    """Why these sites: each of them, in order; up to 20 places that are newly complete, most
    persons gained first, and how many there are; the next five, and up to three that are barred."""

    sites: list[SiteWhy]
    complete: list[Complete]
    complete_count: int
    next: list[NextSite]


class ParetoPoint(TypedDict):
    """The best plan of one size. limit: sites, or money (10,000 yuan): no plan of this size gains
    more; used: of it; objective_persons, bound_persons, status: as of the plan itself;
    gained_persons: who gain all services, what is unknown counted as missing; share: of all persons
    with everything; cost: None where a site's is unknown; knee: where more gives clearly less (at
    most one point)."""

    limit: float
    used: float
    cost: float | None
    objective_persons: float
    gained_persons: float
    bound_persons: float | None
    share: float | None
    candidate_ids: list[str]
    status: str
    knee: bool


class Pareto(TypedDict):
    """Gain against sites, and against money; None where no candidate has a cost. no_plan_sites,
    no_plan_money: the largest size that was tried and of which no plan keeps to all terms."""

    sites: list[ParetoPoint]
    money: list[ParetoPoint] | None
    no_plan_sites: float | None
    no_plan_money: float | None


class AlternativeSite(TypedDict):
    """A site of an alternative plan. same_as: the site of the plan at whose place it stands, "" for
    none."""

    candidate_id: str
    name: str
    lonlat: list[float]
    services: list[str]
    same_as: str


class Alternative(TypedDict):
    """Another plan within 1 % of the best. objective_persons, gained_persons: as in ParetoPoint;
    shared: sites that stand where the plan has one; proven: that no plan as good shares fewer."""

    chosen: list[AlternativeSite]
    objective_persons: float
    gained_persons: float
    shared: int
    cost: float | None
    proven: bool


class Critical(TypedDict):
    """A venue whose closing would leave most persons without something they have. when: "today" or
    "with the plan"; services: that those persons would lack, of all that close with the venue;
    lost_persons: who have all services with data, and would not; new: whether it is a site of the
    plan, whose candidate id is its venue_id then."""

    when: str
    venue_id: str
    name: str
    services: list[str]
    lost_persons: float
    lonlat: list[float]
    new: bool


class Survival(TypedDict):
    """What is left of the gain under another assumption. key: "slower", "faster", "elder",
    "evidence_a", "moment" (only venues surely open) or "moment_unknown_open"; detail: the moment,
    "2026-11-29 14:00", else ""; before, after: persons with everything, without and with the plan;
    share: of the gain under the plan's own assumptions, None where that is 0; services: how many
    have data then: where fewer have, everything is less."""

    key: str
    detail: str
    before_persons: float
    after_persons: float
    gained_persons: float
    share: float | None
    services: int


class AskedSite(TypedDict):
    """A site of a plan at some weight of signals. both: whether the other plan opens it, too."""

    candidate_id: str
    name: str
    lonlat: list[float]
    services: list[str]
    both: bool


class AskedPlan(TypedDict):
    """The plan at one weight of signals. gained_persons: plain, as in ParetoPoint; weighted: what
    the same homes count at a weight of 0.5, so that both plans are measured alike;
    objective_persons, bound_persons, status: of what this plan maximised."""

    weight: float
    chosen: list[AskedSite]
    gained_persons: float
    weighted: float
    objective_persons: float
    bound_persons: float | None
    status: str


class Asked(TypedDict):
    """What signals change. weight: a of this plan, 0 to 1: a person of a zone counts
    1 + a (relative - 1), relative its shrunk rate over the district's; plans: at 0 and at 0.5;
    left_out: why there are none: "fast", "time limit", "not found" (a search ended without a
    plan), else ""."""

    weight: float
    plans: list[AskedPlan]
    left_out: Literal["", "fast", "time limit", "not found"]


class SiteLoad(TypedDict):
    """A service at a site, against its norm. demand: persons (or elders, children) in reach,
    weighted as the method does (under 3SFCA: as if this were their only venue), null where some
    are not counted; per_1000: capacity per 1,000 of them, null where nobody is in reach; norm:
    null without one; full: it would be full at once, null without a norm or a demand."""

    candidate_id: str
    service: str
    capacity: float
    demand: float | None
    per_1000: float | None
    norm: float | None
    full: bool | None


class RoomFacts(TypedDict):
    """Room in venues. asked: whether persons whose venues are full count as lacking the service
    ([capacity] siting): then before, after and all gains are of persons with room.
    full_persons: who have all services with data today, but not the room; of gained_persons
    (unknown counted as missing) venue_persons lacked a venue, and room_persons nothing but room:
    the two add up. bound: services of which the plan counts only new venues that bring a home up
    to the norm; unbound: of which any new venue in reach counts as one with room: without a
    capacity of new venues or a count of who competes, or under 3SFCA. loads: by site and service
    with a given capacity."""

    asked: bool
    method: str
    full_persons: float
    venue_persons: float
    room_persons: float
    bound: list[str]
    unbound: list[str]
    loads: list[SiteLoad]
