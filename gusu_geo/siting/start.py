"""A good plan to start the solver from: greedy, then swaps."""

from __future__ import annotations

import math
import time
from itertools import combinations

import numpy as np
from scipy import sparse

from gusu_geo.siting.demand import Demand
from gusu_geo.tables import Bools

MAX_BUNDLES = 2_000  # service combinations that the starting plan tries per site
MAX_SWAP_SITES = 10  # with more sites the starting plan is greedy only
SWAP_ROUNDS = 3


def starting_plan(
    demand: Demand, useful: Bools, sites: int, limit: int | None, ends: float
) -> Bools:
    """A good plan (C,K), quickly: greedy site by site, then swaps while they gain; at least one
    site, then what there is at ``ends`` (of ``time.monotonic``)."""
    bundles = _bundles(demand, limit)
    best = np.zeros(useful.shape, bool)
    for blend in (1e-6, 1.0):  # weight of half-met needs against completed ones
        offers = np.zeros(useful.shape, bool)
        for _ in range(sites):
            if offers.any() and time.monotonic() >= ends:  # one site, however late it is
                break
            before = offers
            offers = _with_best_site(demand, before, useful, bundles, blend)
            if offers is before:
                break
        if sites <= MAX_SWAP_SITES:
            offers = _swapped(demand, offers, useful, bundles, blend, ends)
        best = max((best, offers), key=demand.gained)
    return best


def _swapped(
    demand: Demand, offers: Bools, useful: Bools, bundles: Bools, blend: float, ends: float
) -> Bools:
    for _ in range(SWAP_ROUNDS):
        before = demand.gained(offers)
        for c in np.flatnonzero(offers.any(axis=1)):
            if time.monotonic() >= ends:
                return offers
            other = offers.copy()
            other[c] = False
            other = _with_best_site(demand, other, useful, bundles, blend)
            offers = max((offers, other), key=demand.gained)
        if demand.gained(offers) <= before:
            break
    return offers


def _bundles(demand: Demand, limit: int | None) -> Bools:
    """(B,K) combinations of services that one site may offer; all, up to ``MAX_BUNDLES``."""
    active = np.unique(demand.service)
    if limit is None or limit >= len(active):
        return np.ones((1, demand.services), bool)
    if math.comb(len(active), limit) <= MAX_BUNDLES:
        picks = np.array(list(combinations(active, limit)))
    else:  # a sliding window over the services, those that most persons lack first
        lacking = np.bincount(demand.service, demand.persons[demand.group])[active]
        ranked = active[np.argsort(-lacking, kind="stable")]
        picks = np.array([np.roll(ranked, -i)[:limit] for i in range(len(ranked))])
    bundles = np.zeros((len(picks), demand.services), bool)
    bundles[np.arange(len(picks))[:, None], picks] = True
    return bundles


def _with_best_site(
    demand: Demand, offers: Bools, useful: Bools, bundles: Bools, blend: float
) -> Bools:
    """The plan plus the site and bundle with the best score; unchanged if none scores above 0.

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
    # Groups that one site can complete: it covers every element, and each lacks one venue.
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


def without_idle(demand: Demand, offers: Bools) -> Bools:
    """The plan without those sites, then services, that add no gain."""
    offers = offers.copy()
    complete = np.bincount(demand.group, demand.left(offers), minlength=len(demand.persons)) == 0
    complete &= demand.persons > 0
    supply = demand.supply(offers)
    spare = supply > demand.need  # one venue fewer breaks nothing
    reached = demand.cover.tocsc()
    cells = [(int(c), [int(k)]) for c, k in np.argwhere(offers)]
    sites = [(c, np.flatnonzero(offers[c]).tolist()) for c in sorted({c for c, _ in cells})]
    for c, services in [*sites, *cells]:
        rows = reached.indices[reached.indptr[c] : reached.indptr[c + 1]]
        offered = np.isin(demand.service[rows], [k for k in services if offers[c, k]])
        served = rows[offered]
        if (complete[demand.group[served]] & ~spare[served]).any():
            continue
        offers[c, services] = False
        supply[served] -= 1
        spare[served] = supply[served] > demand.need[served]
    return offers
