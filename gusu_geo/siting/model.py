r"""The exact siting model: arrays in, arrays out.

Choose which candidates c to open and which services k each offers, so that as many persons as
possible get everything they lack. Residences of one zone with the same needs and the same
candidates in reach form one group g of p_g persons.

    n_{gk}     venues of service k that group g still lacks (0: nothing)
    a_{gkc}    1 where candidate c lies within the threshold of k and may offer k, else 0
    w_g, p_g   what a group counts in the sum (persons, unless elders weigh more), and its persons
    N, S       most sites; most services per site (both may be unlimited)
    f_c, m_{ck}, B   money for opening c and for offering k there, and the budget
    A_c, r_k   area of c, and what a service needs
    U_c        rooms at c: 1; in the gathered form \lceil u_c / S \rceil, u_c its useful services

    x_c \in \{0..U_c\}    rooms that are opened at c; at least 1 where c has to be opened
    y_{ck} \in \{0,1\}    c offers k
    z_g \in [0,1]         group g has everything
    t                     share of the zone that is worst off (only in "worst zone first")

    \max \sum_g w_g z_g   subject to
    sites    \sum_c x_c \le N
    money    \sum_c f_c x_c + \sum_{ck} m_{ck} y_{ck} \le B
    open     y_{ck} \le x_c
    offer    \sum_k y_{ck} \le S x_c
    area     \sum_k r_k y_{ck} \le A_c x_c
    need     n_{gk} z_g \le \sum_c a_{gkc} y_{ck}                     for n_{gk} > 0
    spread   m_g z_g \le \sum_{c: a_{gkc} = 1 for some k, n_{gk} > 0} x_c
             m_g = \max(\max_k n_{gk}, \lceil \sum_k n_{gk} / S \rceil)     for m_g \ge 2
    apart    x_c + x_d \le 1                                          for c, d too near
    floor    \sum_{g \in Z} p_g z_g \ge F_Z                           for every zone Z with a floor
    target   \sum_g p_g z_g \ge T                                     (all z_g = 1 for everybody)
    value    \sum_g w_g z_g \ge V                  (when the fewest sites of the best are asked for)
    worst    b_Z + \sum_{g \in Z} p_g z_g \ge P_Z t       with b_Z of P_Z persons served today

Other questions minimise \sum x_c, \sum f_c x_c + \sum m_{ck} y_{ck} or \sum y_{ck}, or maximise t,
under the same rows.

``spread`` follows from the others for whole numbers and tightens the relaxation. A candidate with
at most S useful services, which all find room and cost nothing of their own, offers them all: there
y_{ck} is x_c itself (not where fewest services are asked for). y_{ck} \le 1 says that rooms of one
place count once where a service needs several venues; rooms that a ledger lists apart are
candidates of their own, and each counts.
z_g is binary where a group lacks more than one venue. Where no n_{gk} exceeds 1 it would be whole
by itself: with integer y, the least right side of ``need`` is 0 (then z_g = 0) or at least 1 (then
``spread`` allows 1 too). But the solver rounds and branches only on columns that it knows to be
whole: on Las Palmas with 20 sites that closes a third of the gap at the root. With a need of 2,
meeting half of it would count half of the persons.

Exact reductions: groups that cannot get everything are dropped; equal groups are merged; candidates
are dropped as ``siting.reduction`` says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from gusu_geo.siting.demand import Demand, Matrix, group_max
from gusu_geo.siting.terms import SLACK, Plan, Problem
from gusu_geo.tables import Bools, Floats, Ints

Goal = Literal["persons", "worst", "sites", "money", "services"]


@dataclass(frozen=True, eq=False)
class Model:
    """The model by columns: C sites x, then Y offers y, then G groups z, then t if it is asked for.

    column (C,K): column of "c offers k"; that of x where c offers all it can, -1 where c is not
    useful for k. rows: sparse (rows, columns), each at least its ``row_lower``; lower, upper and
    whole (integer): by column; cost: what is maximised.
    """

    column: Ints
    rows: Matrix
    row_lower: Floats
    lower: Floats
    upper: Floats
    whole: Bools
    cost: Floats
    groups: slice

    @classmethod
    def of(cls, problem: Problem, goal: Goal = "persons", value: float = -math.inf) -> Model:
        """The rows of the module docstring; goal: what is asked for; value: V, if there is one."""
        demand, terms, useful = problem.demand, problem.terms, problem.useful
        count, groups = useful.shape[0], len(demand.persons)
        apart = ~terms.roomy(useful) | (problem.copies > 1) | (goal == "services")
        if problem.limit is not None:
            apart |= useful.sum(axis=1) > problem.limit
        column = np.where(useful, np.arange(count)[:, None], -1)
        c, k = np.nonzero(useful & apart[:, None])
        y = count + np.arange(len(c))
        column[c, k] = y
        z = count + len(c) + np.arange(groups)
        worst = goal == "worst"
        width = count + len(c) + groups + worst
        offers = _Offers(c, k, y, column, z, width)
        parts = [
            *_limits(problem, offers),
            *_by_site(problem, offers),
            *_needs(problem, offers),
            *_shares(problem, offers, value, worst=worst),
        ]
        rows = sparse.csc_array(sparse.vstack([part[0] for part in parts], format="csc"))
        rows.sort_indices()
        lower, upper = np.zeros(width), np.ones(width)
        upper[:count] = problem.copies
        lower[:count] = terms.must
        upper[:count] = np.maximum(upper[:count], lower[:count])
        if problem.everybody:
            lower[z[problem.demand.heads > SLACK]] = 1.0
        whole = np.ones(width, bool)
        whole[z] = np.bincount(demand.group, demand.need, minlength=groups) > 1
        whole[z[-1] + 1 :] = False
        cost = _cost(problem, offers, goal)
        bounds = np.concatenate([part[1] for part in parts])
        return cls(column, rows, bounds, lower, upper, whole, cost, slice(z[0], z[-1] + 1))

    def point(self, problem: Problem, plan: Plan) -> Floats:
        """The value of every column for a plan."""
        values = np.zeros(self.rows.shape[1])
        values[self.column[plan.offers]] = 1.0
        values[: len(plan.opened)] = plan.opened
        values[self.groups] = problem.demand.complete(plan.offers)
        if self.groups.stop < len(values):
            values[-1] = worst_share(problem, plan)
        return values

    def plan(self, values: Floats) -> Plan:
        """The plan of these column values."""
        opened = np.rint(values[: len(self.column)]).astype(np.int64)
        return Plan(opened, (self.column >= 0) & (values[self.column] > 0.5))


def worst_share(problem: Problem, plan: Plan) -> float:
    """Share of persons with everything in the zone that is worst off."""
    assert problem.worst is not None
    now, persons = problem.worst.T
    demand, done = problem.demand, problem.demand.complete(plan.offers)
    gained = np.bincount(
        demand.zone[done] + 1, demand.heads[done], minlength=len(problem.worst) + 1
    )
    return float(np.min((now + gained[1:]) / persons, initial=1.0))


@dataclass(frozen=True, eq=False)
class _Offers:
    """Columns: y (Y,) of site c and service k; column (C,K) as in ``Model``; z (G,)."""

    c: Ints
    k: Ints
    y: Ints
    column: Ints
    z: Ints
    width: int


Rows = tuple[Matrix, Floats]  # rows, and their lower bounds


def _cost(problem: Problem, at: _Offers, goal: Goal) -> Floats:
    cost, count = np.zeros(at.width), len(at.column)
    if goal == "persons":
        cost[at.z] = problem.demand.persons
    elif goal == "worst":
        cost[-1] = 1.0
    elif goal == "sites":
        cost[:count] = -1.0
    elif goal == "services":
        cost[at.y] = -1.0
    else:
        cost[:count] = -problem.terms.cost
        cost[at.y] = -problem.terms.service_cost[at.c, at.k]
    return cost


def _limits(problem: Problem, at: _Offers) -> list[Rows]:
    """Rows sites, money and apart."""
    count, terms, found = len(at.column), problem.terms, list[Rows]()
    row = np.zeros(count, int)
    if problem.sites is not None:
        found.append((_terms([(row, np.arange(count), -1.0)], 1, at.width), -np.ones(1)))
        found[-1] = (found[-1][0], np.array([-float(problem.sites)]))
    if problem.budget is not None:
        here = [(row, np.arange(count), -terms.cost)]
        here += [(at.y * 0, at.y, -terms.service_cost[at.c, at.k])]
        found.append((_terms(here, 1, at.width), np.array([-problem.budget * (1 + 1e-9)])))
    if len(terms.near):
        row = np.repeat(np.arange(len(terms.near)), 2)
        pairs = _terms([(row, terms.near.ravel(), -1.0)], len(terms.near), at.width)
        found.append((pairs, np.full(len(terms.near), -1.0)))
    return found


def _by_site(problem: Problem, at: _Offers) -> list[Rows]:
    """Rows open, offer and area."""
    count, terms = len(at.column), problem.terms
    y = at.y - count
    opens = _terms([(y, at.c, 1.0), (y, at.y, -1.0)], len(y), at.width)
    found = [(opens, np.zeros(len(y)))]
    mass = [np.ones(len(y))] if problem.limit is not None else []
    room = [np.full(count, float(problem.limit or 0))] if problem.limit is not None else []
    mass.append(terms.service_area[at.k])
    room.append(terms.area)
    for each, most in zip(mass, room, strict=True):
        total = np.bincount(at.c, each, minlength=count)
        wide = np.flatnonzero(total > most)
        site = np.full(count, -1)
        site[wide] = np.arange(len(wide))
        of = np.flatnonzero(site[at.c] >= 0)
        here = [(np.arange(len(wide)), wide, most[wide]), (site[at.c[of]], at.y[of], -each[of])]
        found.append((_terms(here, len(wide), at.width), np.zeros(len(wide))))
    return found


def _needs(problem: Problem, at: _Offers) -> list[Rows]:
    """Rows need and spread."""
    demand = problem.demand
    e, site = demand.cover.nonzero()
    elements = np.arange(len(demand.need))
    offered = (e, at.column[site, demand.service[e]], 1.0)
    wanted = (elements, at.z[demand.group], -demand.need.astype(float))
    needs = _terms([offered, wanted], len(elements), at.width)
    spread = _spread(demand, problem.limit, at)
    return [(needs, np.zeros(len(elements))), (spread, np.zeros(spread.shape[0]))]


def _spread(demand: Demand, limit: int | None, at: _Offers) -> Matrix:
    """The rows ``spread``: groups that need several sites."""
    total = np.bincount(demand.group, demand.need, minlength=len(demand.persons)).astype(np.int64)
    least = group_max(demand)
    if limit is not None:
        least = np.maximum(least, -(-total // limit))
    groups = np.flatnonzero(least >= 2)
    g, site = (demand.by_group()[groups] @ demand.cover).nonzero()
    here = np.arange(len(groups))
    return _terms(
        [(g, site, 1.0), (here, at.z[groups], -least[groups].astype(float))], len(groups), at.width
    )


def _shares(problem: Problem, at: _Offers, value: float, *, worst: bool) -> list[Rows]:
    """Rows floor, target, value and worst."""
    demand, found = problem.demand, list[Rows]()
    zone, heads = demand.zone, demand.heads
    inside = np.flatnonzero(zone >= 0)
    floors = np.flatnonzero(problem.floor > 0)
    if len(floors):
        rank = np.full(len(problem.floor), -1)
        rank[floors] = np.arange(len(floors))
        here = inside[rank[zone[inside]] >= 0]
        rows = _terms([(rank[zone[here]], at.z[here], heads[here])], len(floors), at.width)
        found.append((rows, problem.floor[floors] - SLACK / 2))
    every = np.zeros(len(at.z), int)
    if problem.target > 0 and not problem.everybody:
        rows = _terms([(every, at.z, heads)], 1, at.width)
        found.append((rows, np.array([problem.target - SLACK / 2])))
    if value > -math.inf:
        rows = _terms([(every, at.z, demand.persons)], 1, at.width)
        found.append((rows, np.array([value])))
    if worst and problem.worst is not None:
        now, persons = problem.worst.T
        zones = np.arange(len(now))
        share = (zones, np.full(len(now), at.width - 1), -persons)
        rows = _terms([(zone[inside], at.z[inside], heads[inside]), share], len(now), at.width)
        found.append((rows, -now))
    return found


def _terms(parts: Sequence[tuple[Ints, Ints, float | Floats]], height: int, width: int) -> Matrix:
    """A sparse matrix from (row, column, value) parts."""
    row = np.concatenate([part[0] for part in parts])
    column = np.concatenate([part[1] for part in parts])
    value = np.concatenate([np.broadcast_to(part[2], len(part[0])) for part in parts])
    return sparse.csr_array((value, (row, column)), shape=(height, width))
