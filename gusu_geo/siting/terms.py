"""What bounds a plan: money, area, votes and distances of candidates, shares of zones."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from gusu_geo.siting.demand import Demand
from gusu_geo.tables import Bools, Floats, Ints

# Persons short of a target or floor that still keep to it. Files give hundredths; a solver that
# takes a millionth of every group for nothing proves wrong optima where the rows are tighter.
SLACK = 1e-3


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms of C candidates and K services.

    cost (C,), service_cost (C,K): money for opening c, and for k at c; area (C,) m2 (inf: not
    limited) and service_area (K,); must (C,): has to be opened; near (P,2): pairs of which only one
    may be opened; alike (C,): samples of a street, of which a neighbour may stand for another.
    """

    cost: Floats
    service_cost: Floats
    area: Floats
    service_area: Floats
    must: Bools
    near: Ints
    alike: Bools

    @classmethod
    def none(cls, candidates: int, services: int) -> Terms:
        """No terms at all."""
        return cls(
            np.zeros(candidates),
            np.zeros((candidates, services)),
            np.full(candidates, math.inf),
            np.zeros(services),
            np.zeros(candidates, bool),
            np.zeros((0, 2), np.int64),
            np.zeros(candidates, bool),
        )

    def only(self, kept: Ints) -> Terms:
        """Terms of the candidates at these positions."""
        rank = np.full(len(self.cost), -1)
        rank[kept] = np.arange(len(kept))
        near = rank[self.near]
        return replace(
            self,
            cost=self.cost[kept],
            service_cost=self.service_cost[kept],
            area=self.area[kept],
            must=self.must[kept],
            near=near[(near >= 0).all(axis=1)],
            alike=self.alike[kept],
        )

    def roomy(self, useful: Bools) -> Bools:
        """(C,) whether all useful services find room, and none costs money of its own."""
        wanted = np.where(useful, self.service_area, 0.0).sum(axis=1)
        free = ~(np.where(useful, self.service_cost, 0.0) > 0).any(axis=1)
        return np.asarray((wanted <= self.area) & free, bool)


@dataclass(frozen=True, eq=False)
class Aims:
    """Whom a plan is for: weight (R,) of each home in the sum that is maximised; heads (R,) its
    persons; zone (R,) 0 to Z-1, or -1; floor (Z,) persons who must gain everything, by zone;
    target: the same of all. worst (Z,2): persons with everything now and all persons, by zone, for
    "worst zone first"; None: not asked."""

    weight: Floats
    heads: Floats
    zone: Ints
    floor: Floats = field(default_factory=lambda: np.zeros(0))
    target: float = 0.0
    worst: Floats | None = None

    @classmethod
    def of(cls, persons: Floats) -> Aims:
        """Every person counts the same, everywhere."""
        return cls(persons, persons, np.full(len(persons), -1))

    @property
    def bound_by(self) -> bool:
        """Whether there is more to keep to than the sum."""
        return self.target > 0 or bool((self.floor > 0).any()) or self.worst is not None


@dataclass(frozen=True, eq=False)
class Plan:
    """opened (C,) times that each candidate is opened; offers (C,K)."""

    opened: Ints
    offers: Bools

    @classmethod
    def nothing(cls, shape: tuple[int, ...]) -> Plan:
        """No site."""
        return cls(np.zeros(shape[0], np.int64), np.zeros(shape, bool))


@dataclass(frozen=True, eq=False)
class Problem:
    """What the model is made of. demand: groups and what they lack; useful (C,K): offers that help
    anybody; copies (C,): rooms at one place; sites, limit (services of a site) and budget: None
    for no limit; floor (Z,), target, worst: as in ``Aims``."""

    demand: Demand
    useful: Bools
    terms: Terms
    copies: Ints
    sites: int | None
    limit: int | None
    budget: float | None = None
    floor: Floats = field(default_factory=lambda: np.zeros(0))
    target: float = 0.0
    worst: Floats | None = None

    @property
    def bound_by(self) -> bool:
        """Whether there is more to keep to than the sum."""
        return self.target > 0 or bool((self.floor > 0).any()) or self.worst is not None

    @property
    def everybody(self) -> bool:
        """Whether the target is everybody."""
        return self.target > 0 and abs(math.fsum(self.demand.heads) - self.target) <= SLACK

    def money(self, plan: Plan) -> float:
        """What the plan costs."""
        services = self.terms.service_cost[plan.offers]
        return math.fsum(self.terms.cost * plan.opened) + math.fsum(services)

    def gained(self, plan: Plan) -> float:
        """The sum that is maximised."""
        return self.demand.gained(plan.offers)

    def keeps(self, plan: Plan) -> bool:
        """Whether the plan keeps to every term."""
        terms, opened = self.terms, plan.opened
        used = np.where(plan.offers, terms.service_area, 0.0).sum(axis=1)
        room = np.where(opened > 0, terms.area * np.maximum(opened, 1), 0.0)
        count = plan.offers.sum(axis=1)
        most = np.full(len(opened), count.max(initial=0)) if self.limit is None else self.limit
        done = self.demand.complete(plan.offers)
        heads = self.demand.heads * done
        zones = np.bincount(self.demand.zone[done] + 1, heads[done], minlength=len(self.floor) + 1)
        return bool(
            (self.sites is None or opened.sum() <= self.sites)
            and (opened <= self.copies).all()
            and (self.budget is None or self.money(plan) <= self.budget * (1 + 1e-9) + 1e-9)
            and (used <= room + 1e-9).all()
            and (count <= np.where(opened > 0, most * opened, 0)).all()
            and (opened[terms.must] > 0).all()
            and not (opened[terms.near] > 0).all(axis=1).any()
            and (zones[1 : len(self.floor) + 1] >= self.floor - SLACK).all()
            and math.fsum(heads) >= self.target - SLACK
        )
