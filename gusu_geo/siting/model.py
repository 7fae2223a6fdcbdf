r"""The exact siting model: arrays in, arrays out.

Choose which candidates c to open and which services k each offers, so that as many persons as
possible get everything they lack. Residences with the same needs and the same candidates in reach
form one group g of p_g persons.

    n_{gk}   venues of service k that group g still lacks (0: nothing)
    a_{gkc}  1 where candidate c lies within the threshold of k and may offer k, else 0
    N, S     most sites; most services per site (S may be unlimited)

    x_c \in \{0,1\}       candidate c is opened
    y_{ck} \in \{0,1\}    c offers k
    z_g \in [0,1]         group g has everything

    \max \sum_g p_g z_g   subject to
    budget   \sum_c x_c \le N
    open     y_{ck} \le x_c
    offer    \sum_k y_{ck} \le S x_c
    need     n_{gk} z_g \le \sum_c a_{gkc} y_{ck}                     for n_{gk} > 0
    spread   m_g z_g \le \sum_{c: a_{gkc} = 1 for some k, n_{gk} > 0} x_c
             m_g = \max(\max_k n_{gk}, \lceil \sum_k n_{gk} / S \rceil)     for m_g \ge 2

``spread`` follows from the others for whole numbers and tightens the relaxation. A candidate with
at most S useful services offers them all, since that costs nothing: y_{ck} is x_c itself.
z_g may be continuous where no n_{gk} exceeds 1: with integer y, the least right side of ``need`` is
0 (then z_g = 0) or at least 1 (then ``spread`` allows 1 too, and the maximum takes it). With a
need of 2, meeting half of it would count half of the persons: there z_g is binary.

Exact reductions: groups that cannot get everything are dropped; equal groups are merged; a
candidate is dropped if N others each reach all that it reaches (one of them is free to replace
it), or if one such candidate offers all its useful services and no need exceeds 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from gusu_geo.siting.demand import (
    Demand,
    Matrix,
    group_max,
)
from gusu_geo.tables import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Model:
    """The model by columns: C sites x, then Y offers y, then G groups z.

    column (C,K): column of "c offers k"; that of x where c has at most S useful services, -1 where
    c is not useful for k. rows: sparse (rows, columns); row_lower: lower bound of each row;
    binary: by column.
    """

    column: Ints
    rows: Matrix
    row_lower: Floats
    binary: Bools

    @classmethod
    def of(cls, demand: Demand, useful: Bools, sites: int, limit: int | None) -> Model:
        """Rows budget, open, offer, need and spread of the module docstring; limit: S, None for
        unlimited."""
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
        binary[z] = group_max(demand) > 1
        return cls(column, rows, row_lower, binary)

    def point(self, demand: Demand, offers: Bools) -> Floats:
        """The value of every column for the plan ``offers`` (C,K)."""
        values = np.zeros(self.rows.shape[1])
        values[: len(offers)] = offers.any(axis=1)
        values[self.column[offers]] = 1.0
        lacking = np.bincount(demand.group, demand.left(offers), minlength=len(demand.persons))
        values[-len(demand.persons) :] = lacking == 0
        return values

    def plan(self, values: Floats) -> Bools:
        """The plan (C,K) of these column values."""
        return (self.column >= 0) & (values[self.column] > 0.5)


def _spread(demand: Demand, limit: int | None, z: Ints, width: int) -> Matrix:
    """The rows ``spread``: groups that need several sites."""
    total = np.bincount(demand.group, demand.need, minlength=len(demand.persons)).astype(np.int64)
    least = group_max(demand)
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
