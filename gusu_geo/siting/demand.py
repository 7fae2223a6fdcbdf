"""Demand for new venues: what each group of persons lacks and which candidates it reaches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from gusu_geo.tables import Bools, Floats, Ints

Matrix = Any  # scipy.sparse.csr_array: its type stubs are incomplete


@dataclass(frozen=True, eq=False)
class Demand:
    """Groups G and what each lacks: elements E = (group, service), sorted by both.

    persons (G,): what counts in the sum; group, service, need (E,): venues lacking; cover (E,C):
    ones where a candidate may offer the service and is in reach; services: K; heads (G,): persons
    of zones; zone (G,): -1 for none.
    """

    persons: Floats
    group: Ints
    service: Ints
    need: Ints
    cover: Matrix
    services: int
    heads: Floats
    zone: Ints

    def only(self, groups: Bools) -> Demand:
        """The chosen groups (mask), renumbered."""
        rank = np.cumsum(groups) - 1
        keep = groups[self.group]
        return Demand(
            self.persons[groups], rank[self.group[keep]], self.service[keep], self.need[keep],
            self.cover[np.flatnonzero(keep)], self.services, self.heads[groups], self.zone[groups],
        )  # fmt: skip

    def of_candidates(self, kept: Ints) -> Demand:
        """The same groups with these candidates alone; equal groups become one."""
        return merged(replace(self, cover=self.cover[:, kept]))

    def by_group(self) -> Matrix:
        """(G,E) ones: which elements belong to which group."""
        return ones(self.group, np.arange(len(self.group)), (len(self.persons), len(self.group)))

    def by_service(self) -> Matrix:
        """(E,K) ones: the service of each element."""
        return ones(np.arange(len(self.service)), self.service, (len(self.service), self.services))

    def left(self, offers: Bools) -> Ints:
        """(E,) venues still lacking with the plan ``offers`` (C,K)."""
        return np.asarray(np.maximum(self.need - self.supply(offers), 0))

    def supply(self, offers: Bools) -> Ints:
        """(E,) new venues of the service in reach with the plan ``offers`` (C,K)."""
        opened = np.flatnonzero(offers.any(axis=1))  # of large tasks these are few columns
        # Of the same type: else scipy copies the whole cover first.
        offered = offers[opened].astype(self.cover.dtype)
        found = (self.cover[:, opened] @ offered)[np.arange(len(self.need)), self.service]
        return np.asarray(np.rint(found).astype(np.int64))

    def complete(self, offers: Bools) -> Bools:
        """(G,) groups that lack nothing with the plan ``offers`` (C,K)."""
        lacking = np.bincount(self.group, self.left(offers), minlength=len(self.persons))
        return np.asarray(lacking == 0)

    def gained(self, offers: Bools) -> float:
        """Persons in groups that lack nothing with the plan ``offers`` (C,K)."""
        return math.fsum(self.persons[self.complete(offers)])


def supply(cover: Sequence[Matrix], offers: Bools) -> Ints:
    """(R,K) new venues of each service within reach of each residence."""
    columns = [in_reach(matrix, offers[:, k]) for k, matrix in enumerate(cover)]
    return np.column_stack(columns)


def in_reach(matrix: Matrix, columns: Bools) -> Ints:
    """(R,) how many of the chosen columns each row has an entry in, explicit zeros included."""
    matrix = sparse.csr_array(matrix)
    found = np.concatenate([[0], np.cumsum(columns[matrix.indices], dtype=np.int64)])
    return np.asarray(np.diff(found[matrix.indptr]), np.int64)


def gains(need: Ints, cover: Sequence[Matrix], offers: Bools) -> Bools:
    """(R,) residences that lack something now, and nothing with these offers."""
    met = (supply(cover, offers) >= need).all(axis=1)
    return np.asarray(met & (need > 0).any(axis=1), bool)


def demand_of(
    persons: Floats,
    need: Ints,
    cover: Sequence[Matrix],
    allowed: Bools,
    sites: int,
    limit: int | None,
    *,
    heads: Floats | None = None,
    zone: Ints | None = None,
) -> tuple[Demand, Bools]:
    """Merged groups that can get all they lack, and (R,) the residences that cannot; heads, zone
    (R,): for terms of zones, else every home counts by ``persons`` alone."""
    residence, service = np.nonzero(need > 0)
    stacks, rows = [], []
    for k, matrix in enumerate(cover):
        at = np.flatnonzero(service == k)
        rows.append(at)
        stacks.append(pattern(matrix[residence[at]], allowed[:, k]))
    order = np.argsort(np.concatenate(rows), kind="stable")
    elements = sparse.csr_array(sparse.vstack(stacks, format="csr"))[order]
    wanted = need[residence, service].astype(np.int64)
    in_reach = np.diff(elements.indptr)
    unreachable = np.zeros(len(persons), bool)
    unreachable[residence[wanted > np.minimum(in_reach, sites)]] = True
    if limit is not None:
        unreachable |= need.sum(axis=1) > sites * limit
    heads = persons if heads is None else heads
    zone = np.full(len(persons), -1) if zone is None else zone
    whole = Demand(persons, residence, service, wanted, elements, need.shape[1], heads, zone)
    usable = (need > 0).any(axis=1) & ~unreachable & ((persons > 0) | (heads > 0))
    return merged(whole.only(usable)), unreachable


def pattern(matrix: Matrix, columns: Bools | None = None) -> Matrix:
    """Ones where ``matrix`` has stored entries (also explicit zeros), in the chosen columns."""
    matrix = sparse.csr_array(matrix)
    # Single precision: exact for counts, and whole cities take two thirds of the memory.
    some = np.ones(matrix.shape[1], bool) if columns is None else columns
    data = some[matrix.indices].astype(np.float32)
    ones = sparse.csr_array((data, matrix.indices.copy(), matrix.indptr.copy()), shape=matrix.shape)
    ones.eliminate_zeros()
    ones.sort_indices()
    return ones


def merged(demand: Demand) -> Demand:
    """Groups of one zone with equal needs and equal candidates in reach become one."""
    count = len(demand.persons)
    first = np.searchsorted(demand.group, np.arange(count + 1))
    ptr, at = demand.cover.indptr, demand.cover.indices
    place: dict[tuple[bytes, ...], int] = {}
    owner = np.empty(count, np.int64)
    for g in range(count):
        a, b = first[g], first[g + 1]
        key = (
            demand.zone[g].tobytes(),
            demand.service[a:b].tobytes(),
            demand.need[a:b].tobytes(),
            np.diff(ptr[a : b + 1]).tobytes(),
            at[ptr[a] : ptr[b]].tobytes(),
        )
        owner[g] = place.setdefault(key, len(place))
    one_each = np.zeros(count, bool)
    one_each[np.unique(owner, return_index=True)[1]] = True
    persons, heads = (np.bincount(owner, part) for part in (demand.persons, demand.heads))
    return replace(demand.only(one_each), persons=persons.astype(float), heads=heads.astype(float))


def useful_offers(demand: Demand) -> Bools:
    """(C,K) whether any group that lacks k has c in reach."""
    return np.asarray((demand.cover.T @ demand.by_service()).toarray() > 0)


def group_max(demand: Demand) -> Ints:
    """(G,) the most venues of a single service that each group lacks."""
    most = np.zeros(len(demand.persons), np.int64)
    np.maximum.at(most, demand.group, demand.need)
    return most


def ones(row: Ints, column: Ints, shape: tuple[int, int]) -> Matrix:
    """A sparse matrix with ones at these rows and columns."""
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)
