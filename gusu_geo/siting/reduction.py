"""Candidates that no best plan needs: another one does what they do."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from gusu_geo.siting.demand import Demand, Matrix, useful_offers
from gusu_geo.siting.effort import Meter
from gusu_geo.siting.terms import Terms
from gusu_geo.tables import Bools, Ints

BLOCK = 256  # candidates that are compared with all others at a time, and
PAIRS = 2e7  # homes that they reach together, at most
DENSE_CELLS = 4_000_000  # of the cover: up to here it is compared as a whole, which is quicker
WORK_PER_PAIR = 4e-9  # of a home that two candidates reach


def undominated(
    demand: Demand,
    terms: Terms,
    sites: int,
    limit: int | None,
    meter: Meter,
    *,
    kinds: Bools | None = None,
) -> Bools:
    """(C,) candidates that the model needs; of equal ones only the first is kept.

    One is dropped if as many others as may be opened each reach all that it reaches and cost no
    more, since one of them is free to replace it; or if one such other offers everything it can,
    and no need exceeds 1. Where new sites must keep a distance, nobody replaces anybody; kinds
    (C,P): nor does one who is of a kind that the other is not.
    """
    c, d = _dominated(demand, terms, meter)
    if kinds is not None:
        alike = (kinds[d] <= kinds[c]).all(axis=1)
        c, d = c[alike], d[alike]
    drop = np.bincount(c, minlength=len(terms.cost)) >= sites
    if len(c) and demand.need.max(initial=1) == 1:
        useful = useful_offers(demand)
        whole = terms.roomy(useful)
        if limit is not None:
            whole &= useful.sum(axis=1) <= limit
        drop[c[whole[d]]] = True
    return ~drop & needed(demand, terms)


def gathered(demand: Demand, terms: Terms, meter: Meter) -> tuple[Bools, Ints]:
    """(C,) candidates that are left if one place may have several rooms, and (C,) the first place
    that does all that each one does (itself if kept).

    Only samples of a street stand for one another, and only where no need exceeds 1: a second
    venue at one place is none.
    """
    c, d = _dominated(demand, terms, meter)
    pair = terms.alike[c] & terms.alike[d]
    c, d = c[pair], d[pair]
    drop = np.zeros(len(terms.cost), bool)
    drop[c] = True
    place = np.arange(len(drop))
    kept = ~drop[d]  # "does all that" is transitive: somebody who is kept does all of c, too
    place[c[kept][::-1]] = d[kept][::-1]
    return ~drop & needed(demand, terms), place


def needed(demand: Demand, terms: Terms) -> Bools:
    """(C,) candidates that help anybody, or have to be opened."""
    reached = np.bincount(demand.cover.indices, minlength=len(terms.must))
    return np.asarray((reached > 0) | terms.must, bool)


def _dominated(demand: Demand, terms: Terms, meter: Meter) -> tuple[Ints, Ints]:
    """Pairs (c, d): d does all that c does, and at least as cheaply; of equal ones d is first."""
    none = np.zeros(0, np.int64)
    if len(terms.near) or meter.over:
        return none, none
    columns = demand.cover.tocsc()
    size = np.diff(columns.indptr)
    rows: Matrix = sparse.csr_array(columns.T)
    pairs: list[tuple[Ints, Ints]] = []
    dense = demand.cover.toarray() if np.prod(demand.cover.shape) <= DENSE_CELLS else None
    reached = np.diff(demand.cover.indptr)
    homes = demand.cover.nnz / max(len(size), 1) * reached.mean() if len(size) else 0.0
    block = max(1, min(BLOCK, int(PAIRS / max(homes, 1.0))))  # so the clock is looked at in time
    for first in range(0, len(size), block):
        here = rows[first : first + block]
        meter.spend(WORK_PER_PAIR * float(reached[here.indices].sum()))
        if meter.over:
            break
        c, d = _inside(here, demand.cover if dense is None else dense)
        pairs.append((first + c, d))
    if not pairs:
        return none, none
    c, d = (np.concatenate(part) for part in zip(*pairs, strict=True))
    cheap = (terms.cost[d] <= terms.cost[c]) & (terms.area[d] >= terms.area[c])
    cheap &= (terms.service_cost[d] <= terms.service_cost[c]).all(axis=1)
    better = (size[d] > size[c]) | (terms.cost[d] < terms.cost[c]) | (d < c)
    better |= terms.area[d] > terms.area[c]
    better |= (terms.service_cost[d] < terms.service_cost[c]).any(axis=1)
    pair = cheap & better & (c != d) & ~terms.must[c] & ~terms.must[d]
    return c[pair], d[pair]


def _inside(here: Matrix, cover: Matrix) -> tuple[Ints, Ints]:
    """Pairs (row of ``here``, candidate): the candidate reaches all of the row, which is some;
    cover (E,C): sparse or dense."""
    size, common = np.diff(here.indptr), here @ cover
    if isinstance(common, np.ndarray):
        row, candidate = np.nonzero((common == size[:, None]) & (size > 0)[:, None])
        return row, candidate
    common = sparse.csr_array(common)
    row = np.repeat(np.arange(len(size)), np.diff(common.indptr))
    inside = common.data == size[row]
    return row[inside], common.indices[inside].astype(np.int64)
