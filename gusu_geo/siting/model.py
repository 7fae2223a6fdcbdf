r"""The exact siting model: arrays in, arrays out.

Which candidates c to open, and which services k each offers, so that the most persons come to
have everything they lack. Residences with the same needs and the same candidates in reach are
one group g of p_g persons.

    n_{gk}   venues of service k that group g still lacks (0: nothing)
    a_{gkc}  1 where candidate c lies within the threshold of k and may offer k, else 0
    N, S     sites at most; services per site at most (S may be unlimited)

    x_c \in \{0,1\}       candidate c is opened
    y_{ck} \in \{0,1\}    c offers k
    z_g \in [0,1]         everybody in g has everything

    \max \sum_g p_g z_g   subject to
    budget   \sum_c x_c \le N
    open     y_{ck} \le x_c
    offer    \sum_k y_{ck} \le S x_c
    need     n_{gk} z_g \le \sum_c a_{gkc} y_{ck}                     for n_{gk} > 0
    spread   m_g z_g \le \sum_{c: a_{gkc} = 1 for some k, n_{gk} > 0} x_c
             m_g = \max(\max_k n_{gk}, \lceil \sum_k n_{gk} / S \rceil)     for m_g \ge 2

``spread`` follows from the others for whole numbers and tightens the relaxation. Where c has no
more than S useful services it offers them all, since that costs nothing: y_{ck} is x_c itself.
z_g may be continuous where no n_{gk} exceeds 1: with y whole, the least right side of ``need`` is
0 (then z_g = 0) or at least 1 (then ``spread`` allows 1 too, and the maximum takes it). With a
need of 2, half of it met would count half of the persons: there z_g is binary.

Exact reductions: groups that cannot be completed leave; equal groups merge; a candidate leaves
when N others each reach all that it reaches (one of them is free to take its place), or when a
single such candidate offers all its useful services and no need exceeds 1.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Literal

import highspy
import numpy as np
from scipy import sparse

from gusu_geo.tables import Bools, Floats, Ints

Status = Literal["optimal", "time limit", "nothing to gain"]
Matrix = Any  # scipy.sparse.csr_array: its stubs ask for more parameters than they tell

MAX_BUNDLES = 2_000  # service combinations that the starting plan tries per site
MAX_SWAP_SITES = 10  # beyond it the starting plan is greedy only
SWAP_ROUNDS = 3


@dataclass(frozen=True)
class Solution:
    """offers (C,K): which candidate offers what; completed (R,): who gained everything by it;
    hopeless (R,): whose needs no choice of so many sites can meet (a missing service with too few
    candidates in reach, or more missing than the sites can offer); persons and proven bound."""

    offers: Bools
    completed: Bools
    hopeless: Bools
    objective_persons: float
    bound_persons: float
    status: Status


@dataclass(frozen=True)
class _Demand:
    """Groups G and what each lacks: elements E = (group, service), sorted by both.

    persons (G,); group, service, need (E,); cover (E,C) ones, restricted to allowed services.
    """

    persons: Floats
    group: Ints
    service: Ints
    need: Ints
    cover: Matrix
    services: int

    def only(self, groups: Bools) -> _Demand:
        """The chosen groups (mask), numbered anew."""
        rank = np.cumsum(groups) - 1
        keep = groups[self.group]
        return _Demand(
            self.persons[groups], rank[self.group[keep]], self.service[keep], self.need[keep],
            self.cover[np.flatnonzero(keep)], self.services,
        )  # fmt: skip

    def by_group(self) -> Matrix:
        """(G,E) ones."""
        return _ones(self.group, np.arange(len(self.group)), (len(self.persons), len(self.group)))

    def by_service(self) -> Matrix:
        """(E,K) ones."""
        return _ones(np.arange(len(self.service)), self.service, (len(self.service), self.services))

    def left(self, offers: Bools) -> Ints:
        """(E,) venues still lacking under a plan."""
        supply = (self.cover @ offers.astype(float))[np.arange(len(self.need)), self.service]
        return np.asarray(np.maximum(self.need - np.rint(supply).astype(np.int64), 0))

    def gained(self, offers: Bools) -> float:
        """Persons whose group lacks nothing under a plan."""
        lacking = np.bincount(self.group, self.left(offers), minlength=len(self.persons))
        return math.fsum(self.persons[lacking == 0])


def solve(
    persons: Floats,
    need: Ints,
    cover: Sequence[Matrix],
    *,
    allowed: Bools,
    sites: int,
    services_per_site: int | None,
    time_limit_s: float = 60.0,
) -> Solution:
    """The best ``sites`` candidates and their services; see the module for the model.

    persons (R,) >= 0; need (R,K) new venues each residence lacks; cover: K sparse matrices (R,C)
    whose pattern says who reaches whom; allowed (C,K). Candidates keep their order, so the same
    input gives the same plan unless the time limit stops the search. ``bound_persons``: no plan
    gains more. Services and sites without which nobody loses are left out.
    """
    started = time.monotonic()
    demand, hopeless = _demand(persons, need, cover, allowed, sites, services_per_site)
    offers = np.zeros(allowed.shape, bool)
    if len(demand.persons) == 0:
        return Solution(offers, np.zeros(len(persons), bool), hopeless, 0.0, 0.0, "nothing to gain")
    kept = np.flatnonzero(_undominated(demand, sites, services_per_site))
    demand = _merged(replace(demand, cover=demand.cover[:, kept]))
    useful = _useful(demand)
    start = _starting_plan(demand, useful, sites, services_per_site)
    model = _Model.of(demand, useful, sites, services_per_site)
    found, bound, status = _search(
        model, demand, start, time_limit_s - (time.monotonic() - started)
    )
    best = max((found, start), key=demand.gained)
    offers[kept] = _without_idle(demand, best)
    completed = gains(need, cover, offers)
    objective = math.fsum(persons[completed])
    bound = max(objective, min(bound, math.fsum(demand.persons)))
    if status == "optimal" and objective == 0:
        status = "nothing to gain"
    return Solution(offers, completed, hopeless, objective, bound, status)


def supply(cover: Sequence[Matrix], offers: Bools) -> Ints:
    """(R,K) new venues of each service within reach of each residence."""
    columns = [_pattern(matrix) @ offers[:, k].astype(float) for k, matrix in enumerate(cover)]
    return np.asarray(np.rint(np.column_stack(columns)), np.int64)


def gains(need: Ints, cover: Sequence[Matrix], offers: Bools) -> Bools:
    """(R,) residences that lack something now and nothing with these offers."""
    met = (supply(cover, offers) >= need).all(axis=1)
    return np.asarray(met & (need > 0).any(axis=1), bool)


def _demand(
    persons: Floats,
    need: Ints,
    cover: Sequence[Matrix],
    allowed: Bools,
    sites: int,
    limit: int | None,
) -> tuple[_Demand, Bools]:
    """Merged groups that can be completed, and (R,) the residences that cannot."""
    residence, service = np.nonzero(need > 0)
    stacks, rows = [], []
    for k, matrix in enumerate(cover):
        at = np.flatnonzero(service == k)
        rows.append(at)
        stacks.append(_pattern(matrix[residence[at]], allowed[:, k]))
    order = np.argsort(np.concatenate(rows), kind="stable")
    elements = sparse.csr_array(sparse.vstack(stacks, format="csr"))[order]
    wanted = need[residence, service].astype(np.int64)
    in_reach = np.diff(elements.indptr)
    hopeless = np.zeros(len(persons), bool)
    hopeless[residence[wanted > np.minimum(in_reach, sites)]] = True
    if limit is not None:
        hopeless |= need.sum(axis=1) > sites * limit
    whole = _Demand(persons, residence, service, wanted, elements, need.shape[1])
    usable = (need > 0).any(axis=1) & ~hopeless & (persons > 0)
    return _merged(whole.only(usable)), hopeless


def _pattern(matrix: Matrix, columns: Bools | None = None) -> Matrix:
    """Ones where ``matrix`` stores anything, explicit zeros included, in the chosen columns."""
    matrix = sparse.csr_array(matrix)
    data = np.ones(matrix.nnz) if columns is None else columns[matrix.indices].astype(float)
    ones = sparse.csr_array((data, matrix.indices.copy(), matrix.indptr.copy()), shape=matrix.shape)
    ones.eliminate_zeros()
    ones.sort_indices()
    return ones


def _merged(demand: _Demand) -> _Demand:
    """Groups with equal needs and equal candidates become one."""
    count = len(demand.persons)
    first = np.searchsorted(demand.group, np.arange(count + 1))
    ptr, at = demand.cover.indptr, demand.cover.indices
    place: dict[tuple[bytes, ...], int] = {}
    owner = np.empty(count, np.int64)
    for g in range(count):
        a, b = first[g], first[g + 1]
        key = (
            demand.service[a:b].tobytes(),
            demand.need[a:b].tobytes(),
            np.diff(ptr[a : b + 1]).tobytes(),
            at[ptr[a] : ptr[b]].tobytes(),
        )
        owner[g] = place.setdefault(key, len(place))
    one_each = np.zeros(count, bool)
    one_each[np.unique(owner, return_index=True)[1]] = True
    return replace(demand.only(one_each), persons=np.bincount(owner, demand.persons).astype(float))


def _useful(demand: _Demand) -> Bools:
    """(C,K) whether anybody who lacks k has c in reach."""
    return np.asarray((demand.cover.T @ demand.by_service()).toarray() > 0)


def _undominated(demand: _Demand, sites: int, limit: int | None) -> Bools:
    """(C,) candidates the model needs; of equal ones the first dominates."""
    useful = _useful(demand).sum(axis=1)
    size = np.diff(demand.cover.tocsc().indptr)
    common = sparse.csr_array(demand.cover.T @ demand.cover)
    common.sort_indices()
    row = np.repeat(np.arange(len(size)), np.diff(common.indptr))
    inside = common.data == size[row]
    c, d = row[inside], common.indices[inside]
    better = (size[d] > size[c]) | (d < c)
    c, d = c[better & (c != d)], d[better & (c != d)]
    drop = np.bincount(c, minlength=len(size)) >= sites
    if demand.need.max(initial=1) == 1:
        offers_all = np.ones(len(d), bool) if limit is None else useful[d] <= limit
        drop[c[offers_all]] = True
    return np.asarray(~drop & (size > 0), bool)


@dataclass(frozen=True)
class _Model:
    """The model in columns: C sites x, then Y offers y, then G groups z.

    column (C,K): column of "c offers k", x itself where c has no more useful services than S, -1
    where c is of no use for k. rows: sparse (rows, columns), row_lower: each row >= this.
    """

    column: Ints
    rows: Matrix
    row_lower: Floats
    binary: Bools

    @classmethod
    def of(cls, demand: _Demand, useful: Bools, sites: int, limit: int | None) -> _Model:
        """budget, open, offer, need and spread, as written at the head of the module."""
        count, groups = len(useful), len(demand.persons)
        many = np.zeros(count, bool) if limit is None else useful.sum(axis=1) > limit
        column = np.where(useful, np.arange(count)[:, None], -1)
        c, k = np.nonzero(useful & many[:, None])
        y = count + np.arange(len(c))
        column[c, k] = y
        width = count + len(c) + groups
        z = count + len(c) + np.arange(groups)

        budget = _terms([(np.zeros(count, int), np.arange(count), -1.0)], 1, width)
        opens = _terms([(y - count, c, 1.0), (y - count, y, -1.0)], len(c), width)
        wide = np.flatnonzero(many)
        at = np.searchsorted(wide, c)
        offer = _terms(
            [(np.arange(len(wide)), wide, float(limit or 0)), (at, y, -1.0)], len(wide), width
        )
        e, site = demand.cover.nonzero()
        elements = np.arange(len(demand.need))
        needs = _terms(
            [
                (e, column[site, demand.service[e]], 1.0),
                (elements, z[demand.group], -demand.need.astype(float)),
            ],
            len(elements),
            width,
        )
        spread = _spread(demand, limit, z, width)
        rows = sparse.csc_array(sparse.vstack([budget, opens, offer, needs, spread]))
        rows.sort_indices()
        row_lower = np.zeros(rows.shape[0])
        row_lower[0] = -float(sites)
        binary = np.ones(width, bool)
        binary[z] = _group_max(demand) > 1
        return cls(column, rows, row_lower, binary)

    def point(self, demand: _Demand, offers: Bools) -> Floats:
        """A plan as a value of every column."""
        values = np.zeros(self.rows.shape[1])
        values[: len(offers)] = offers.any(axis=1)
        values[self.column[offers]] = 1.0
        lacking = np.bincount(demand.group, demand.left(offers), minlength=len(demand.persons))
        values[-len(demand.persons) :] = lacking == 0
        return values

    def plan(self, values: Floats) -> Bools:
        """(C,K) offers of a point."""
        return (self.column >= 0) & (values[self.column] > 0.5)


def _group_max(demand: _Demand) -> Ints:
    most = np.zeros(len(demand.persons), np.int64)
    np.maximum.at(most, demand.group, demand.need)
    return most


def _spread(demand: _Demand, limit: int | None, z: Ints, width: int) -> Matrix:
    """A group that lacks much needs several sites."""
    total = np.bincount(demand.group, demand.need, minlength=len(demand.persons)).astype(np.int64)
    least = _group_max(demand)
    if limit is not None:
        least = np.maximum(least, -(-total // limit))
    groups = np.flatnonzero(least >= 2)
    g, site = (demand.by_group()[groups] @ demand.cover).nonzero()
    here = np.arange(len(groups))
    return _terms(
        [(g, site, 1.0), (here, z[groups], -least[groups].astype(float))], len(groups), width
    )


def _terms(parts: Sequence[tuple[Ints, Ints, float | Floats]], height: int, width: int) -> Matrix:
    """A sparse matrix from (row, column, value) parts."""
    row = np.concatenate([part[0] for part in parts])
    column = np.concatenate([part[1] for part in parts])
    value = np.concatenate([np.broadcast_to(part[2], len(part[0])) for part in parts])
    return sparse.csr_array((value, (row, column)), shape=(height, width))


def _ones(row: Ints, column: Ints, shape: tuple[int, int]) -> Matrix:
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)


class _Highs(highspy.Highs):
    """HiGHS without the greeting that it writes to stdout while it sets up its callbacks."""

    def enableCallbacks(self) -> None:
        """As HiGHS does, in silence."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def _search(
    model: _Model, demand: _Demand, start: Bools, time_limit_s: float
) -> tuple[Bools, float, Status]:
    """HiGHS from the starting plan on: the best plan found, a proven bound, and how it ended.

    HiGHS 1.16 hands back the starting point, with the objective of the optimum, when its presolve
    alone solves the model. So what a plan gains is counted here, and if that falls short of what
    the solver reports, it is asked again without a starting point.
    """
    ends = time.monotonic() + time_limit_s
    slack = 1e-6 * (1.0 + math.fsum(demand.persons))
    for first in (start, None):
        highs = _loaded(model, demand, max(ends - time.monotonic(), 0.1))
        if first is not None:
            point = highspy.HighsSolution()
            point.col_value = model.point(demand, first)
            highs.setSolution(point)
        highs.run()
        ended, info, status = highs.getModelStatus(), highs.getInfo(), highspy.HighsModelStatus
        if ended not in (status.kOptimal, status.kTimeLimit):
            raise RuntimeError(f"the solver ended with {highs.modelStatusToString(ended)!r}")
        found = highs.getSolution()
        plan = model.plan(np.asarray(found.col_value)) if found.value_valid else start
        claimed = info.objective_function_value if found.value_valid else 0.0
        if demand.gained(plan) >= claimed - slack:
            optimal = ended == status.kOptimal
            return plan, float(info.mip_dual_bound), "optimal" if optimal else "time limit"
    raise RuntimeError("the solver's plan does not gain what the solver says")


def _loaded(model: _Model, demand: _Demand, time_limit_s: float) -> _Highs:
    """HiGHS with the model and its options, ready to run."""
    highs = _Highs()  # type: ignore[no-untyped-call]
    options: dict[str, bool | int | float | str] = {
        "threads": 1,  # one thread and one seed: the same plan every time
        "random_seed": 0,
        "mip_rel_gap": 0.0,
        "mip_allow_restart": False,  # restarts doubled the time on Monaco
        "mip_lp_solver": "ipm",  # interior point at the root: five times faster on Las Palmas
        "time_limit": time_limit_s,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    height, width = model.rows.shape
    cost = np.zeros(width)
    cost[-len(demand.persons) :] = demand.persons
    highs.passModel(
        width, height, model.rows.nnz,
        highspy.MatrixFormat.kColwise.value, highspy.ObjSense.kMaximize.value, 0.0,
        cost, np.zeros(width), np.ones(width),
        model.row_lower, np.full(height, highspy.kHighsInf),
        model.rows.indptr.astype(np.int32), model.rows.indices.astype(np.int32), model.rows.data,
        model.binary.astype(np.int32),
    )  # fmt: skip
    return highs


def _starting_plan(demand: _Demand, useful: Bools, sites: int, limit: int | None) -> Bools:
    """A good plan fast: site by site, then each site put elsewhere as long as that helps."""
    bundles = _bundles(demand, limit)
    best = np.zeros(useful.shape, bool)
    for blend in (1e-6, 1.0):  # weight of half-met needs against completed ones
        offers = np.zeros(useful.shape, bool)
        for _ in range(sites):
            offers = _with_best_site(demand, offers, useful, bundles, blend)
        if sites <= MAX_SWAP_SITES:
            offers = _swapped(demand, offers, useful, bundles, blend)
        best = max((best, offers), key=demand.gained)
    return best


def _swapped(demand: _Demand, offers: Bools, useful: Bools, bundles: Bools, blend: float) -> Bools:
    for _ in range(SWAP_ROUNDS):
        before = demand.gained(offers)
        for c in np.flatnonzero(offers.any(axis=1)):
            other = offers.copy()
            other[c] = False
            other = _with_best_site(demand, other, useful, bundles, blend)
            offers = max((offers, other), key=demand.gained)
        if demand.gained(offers) <= before:
            break
    return offers


def _bundles(demand: _Demand, limit: int | None) -> Bools:
    """(B,K) combinations of services one site may offer; all of them, if not too many."""
    active = np.unique(demand.service)
    if limit is None or limit >= len(active):
        return np.ones((1, demand.services), bool)
    if math.comb(len(active), limit) <= MAX_BUNDLES:
        picks = np.array(list(combinations(active, limit)))
    else:  # the services most persons lack, in a sliding window
        lacking = np.bincount(demand.service, demand.persons[demand.group])[active]
        ranked = active[np.argsort(-lacking, kind="stable")]
        picks = np.array([np.roll(ranked, -i)[:limit] for i in range(len(ranked))])
    bundles = np.zeros((len(picks), demand.services), bool)
    bundles[np.arange(len(picks))[:, None], picks] = True
    return bundles


def _with_best_site(
    demand: _Demand, offers: Bools, useful: Bools, bundles: Bools, blend: float
) -> Bools:
    """The plan with the one site and bundle that completes the most persons at once.

    score = persons completed + blend * (share of what they lack that is met) * persons
    """
    left = demand.left(offers)
    elements = np.flatnonzero(left > 0)
    if len(elements) == 0:
        return offers
    total = np.bincount(demand.group, left, minlength=len(demand.persons))
    cover, service = demand.cover[elements], demand.by_service()[elements]
    group = demand.by_group()[:, elements]
    share = (demand.persons / np.maximum(total, 1))[demand.group[elements]]
    partial = (cover.T @ (service * share[:, None])).toarray() @ bundles.T
    # Groups that one site completes: it reaches each element, and each lacks one venue.
    single = np.asarray(group.sum(axis=1)).ravel() == total
    reach = sparse.coo_array(group @ cover)
    g, c = reach.coords
    whole = single[g] & (reach.data == total[g])
    lacks, pattern = np.unique((group @ service).toarray() > 0, axis=0, return_inverse=True)
    pattern = pattern.ravel()
    by_pattern = np.zeros((len(useful), len(lacks)))
    np.add.at(by_pattern, (c[whole], pattern[g[whole]]), demand.persons[g[whole]])
    fits = (lacks.astype(float) @ ~bundles.T) == 0
    score = by_pattern @ fits + blend * partial
    score[offers.any(axis=1)] = -1.0
    site, bundle = np.unravel_index(int(np.argmax(score)), score.shape)
    if score[site, bundle] <= 0:
        return offers
    grown = offers.copy()
    grown[site] = bundles[bundle] & useful[site]
    return grown


def _without_idle(demand: _Demand, offers: Bools) -> Bools:
    """The plan without sites, then services, that nobody would miss."""
    gained = demand.gained(offers)
    cells = np.argwhere(offers)
    whole = [cells[cells[:, 0] == c] for c in np.unique(cells[:, 0])]
    for part in [*whole, *cells[:, None]]:
        fewer = offers.copy()
        fewer[part[:, 0], part[:, 1]] = False
        if demand.gained(fewer) >= gained:
            offers = fewer
    return offers
