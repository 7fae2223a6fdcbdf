"""What each candidate would gain if it alone were added: the best of its services, exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from gusu_geo.siting.demand import Demand, Matrix, demand_of, useful_offers
from gusu_geo.siting.start import bundles_of
from gusu_geo.siting.terms import Problem, Terms
from gusu_geo.tables import Bools, Floats, Ints

EQUAL = 1e-6  # persons: sums in another order differ by less


@dataclass(frozen=True, eq=False)
class Chances:
    """By candidate. counted, persons (C,): what the sum that is maximised, and the persons with
    everything, would gain; offers (C,K): by which services; demand: whom a single site completes;
    whole (G,C): the candidates that reach each group in all it lacks; lacks (G,K)."""

    counted: Floats
    persons: Floats
    offers: Bools
    demand: Demand
    whole: Matrix
    lacks: Bools

    def groups(self, c: int) -> Ints:
        """The groups that a candidate completes."""
        near = self.whole.indices[self.whole.indptr[c] : self.whole.indptr[c + 1]]
        return np.asarray(near[~(self.lacks[near] & ~self.offers[c]).any(axis=1)], np.int64)

    def reaches(self, c: int) -> bool:
        """Whether a candidate reaches anybody whom a single site could complete."""
        return bool(self.whole.indptr[c] < self.whole.indptr[c + 1])

    def heads(self, groups: Ints) -> float:
        """Persons of groups."""
        return math.fsum(self.demand.heads[groups])


def chances_of(
    weight: Floats,
    persons: Floats,
    left: Ints,
    cover: Sequence[Matrix],
    holds: Bools,
    terms: Terms,
    limit: int | None,
) -> Chances:
    """weight, persons (R,): what homes count and who lives there; left (R,K): venues that each
    lacks; cover, limit: as of ``solver.solve``; holds (C,K): what a candidate may offer. Money is
    left aside, areas are not."""
    alone = left.max(axis=1, initial=0) == 1  # one site may complete them
    if limit is not None:
        alone &= left.sum(axis=1) <= limit
    left = np.where(alone[:, None], left, 0)
    demand, _ = demand_of(weight, left, cover, holds, 1, limit, heads=persons)
    groups, (count, services) = len(demand.persons), holds.shape
    lacks = np.zeros((groups, services), bool)
    lacks[demand.group, demand.service] = True
    reach = sparse.coo_array(demand.by_group() @ demand.cover)
    g, c = reach.coords
    full = reach.data > lacks.sum(axis=1)[g] - 0.5
    g, c = g[full], c[full]
    whole = sparse.csc_array((np.ones(len(g)), (g, c)), shape=(groups, count))
    offers = _best_offers(demand, (g, c), lacks, terms, limit, count)
    fits = ~(lacks[g] & ~offers[c]).any(axis=1)
    counted, heads = (
        np.bincount(c[fits], part[g[fits]], minlength=count).astype(float)
        for part in (demand.persons, demand.heads)
    )
    return Chances(counted, heads, offers, demand, whole, lacks)


def _best_offers(
    demand: Demand, pairs: tuple[Ints, Ints], lacks: Bools, terms: Terms, limit: int | None,
    count: int,
) -> Bools:  # fmt: skip
    """(C,K) the services by which each candidate gains most, of equal ones the fewest."""
    g, c = pairs
    offers = np.zeros((count, demand.services), bool)
    if not len(g):
        return offers
    kinds, kind = np.unique(lacks, axis=0, return_inverse=True)
    bundles = _bundles(demand, kinds, terms, limit, count)
    fits = np.asarray(~(kinds[:, None] & ~bundles).any(axis=2))  # (P,B)
    cell = c * len(kinds) + kind.ravel()[g]
    shape = count, len(kinds)
    counted, heads = (
        np.bincount(cell, part[g], minlength=count * len(kinds)).reshape(shape)
        for part in (demand.persons, demand.heads)
    )
    for site in np.unique(c):
        used = np.flatnonzero(heads[site] + counted[site] > 0)
        needed = np.asarray((kinds[used][:, None] & fits[used][:, :, None]).any(axis=0))  # (B,K)
        room = (needed * terms.service_area).sum(axis=1) <= terms.area[site] + 1e-9
        best = np.flatnonzero(room)
        for worth in (counted[site] @ fits, heads[site] @ fits, -1.0 * needed.sum(axis=1)):
            best = best[worth[best] >= worth[best].max(initial=-math.inf) - EQUAL]
        if len(best):
            offers[site] = needed[best[0]]
    return offers


def _bundles(demand: Demand, kinds: Bools, terms: Terms, limit: int | None, count: int) -> Bools:
    """(B,K) combinations that are tried; kinds: of services that single groups lack."""
    copies = np.ones(count, np.int64)
    tried = bundles_of(Problem(demand, useful_offers(demand), terms, copies, 1, limit))
    if tried.every:
        return tried.offers
    return np.unique(np.vstack([tried.offers, kinds]), axis=0)
