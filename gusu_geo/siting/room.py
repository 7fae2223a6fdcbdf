r"""Room in new venues: whom each would serve, and which of them would relieve a home whose venues
are full.

Under 2SFCA (Luo & Wang 2003, Environment and Planning B 30, doi:10.1068/b29120) and E2SFCA (Luo &
Qi 2009, Health & Place 15, doi:10.1016/j.healthplace.2009.06.002) the demand of a venue is that of
all homes in reach, weighted by bands of walking time, whatever other venues there are:

    D_ck = \sum_i w(t_ic) P_ik        R_ck = S_k / D_ck        A_ik = \sum_j w(t_ij) R_jk

So what a new venue c of capacity S_k adds to the access A_ik of a home is known before any plan is:
w(t_ic) R_ck. With it the home has room if A_ik + w(t_ic) R_ck reaches the norm. Only these
candidates count for the home, whether it lacks a venue or its venues are full: so whoever gains by
a plan has room with it, and all proofs hold, since other new venues only add. Two that bring a home
up to the norm only together count for nothing: there the plan is on the safe side. An access that
is unknown today counts as 0.

Under 3SFCA (Wan, Zou & Sternberg 2012, doi:10.1080/13658816.2011.624987) residents choose among
venues, so that what one adds depends on the others; and where the capacity of a new venue is not
given, or those who compete are not counted, nothing is known of it. There every candidate in reach
counts, and the plan says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from gusu_geo.assessment.rule import State, Verdict
from gusu_geo.siting.asks import Crowded
from gusu_geo.siting.demand import Matrix
from gusu_geo.siting.walkers import Doors, Walkers
from gusu_geo.tables import Bools, Floats
from gusu_geo.walking.coverage import coverage_blocks

SAME = 1e-9  # a share by which sums of quotients may be off, as in the access of today


@dataclass(frozen=True, eq=False)
class Served:
    """demand (C,K): of a new venue of each service at each candidate; NaN where no capacity is
    given, or some of its persons are not counted. per_1000 (C,K): capacity over it, per 1,000; inf
    where nobody is in reach, NaN unknown."""

    demand: Floats
    per_1000: Floats


def roomless(crowded: Crowded | None, verdict: Verdict, linked: Bools) -> Bools:
    """(R,K) cells where a home has the venues that its rule wants, and none of them has room."""
    passed = verdict.state == State.PASS
    if crowded is None or not crowded.asked:
        return np.zeros_like(passed)
    known = np.array([state == "known" for state in verdict.service_state], bool)
    return np.asarray(crowded.full & passed & known & linked[:, None], bool)


def served_of(crowded: Crowded, parts: Sequence[Walkers], doors: Doors) -> Served:
    """Whom new venues would serve: homes of each rule walk as it has it."""
    given = ~np.isnan(crowded.capacity)
    demand = np.zeros((doors.count, len(given)))
    if given.any():
        for part in parts:
            homes, places = doors.of(part)
            here = homes.only(part.homes)
            for chunk in coverage_blocks(part.trips, here, places, threshold_s=crowded.steps_s[-1]):
                count = len(chunk.ptr) - 1
                target = np.repeat(np.arange(count), np.diff(chunk.ptr))
                order = np.lexsort((chunk.ix, target))  # the same sum, whichever came first
                weighted = crowded.band(chunk.cs)[:, None] * crowded.demand[chunk.ix]
                for k in np.flatnonzero(given):
                    found = np.bincount(target[order], weighted[order, k], minlength=count)
                    demand[chunk.first : chunk.last, k] += found
    demand[:, ~given] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        per_1000 = 1000 * crowded.capacity / demand
    per_1000[(demand == 0) & given] = np.inf
    return Served(demand, per_1000)


def with_room(
    crowded: Crowded, served: Served, bound: Bools, cover: Sequence[Matrix]
) -> list[Matrix]:
    """``cover`` K x (R,C), of services that are ``bound`` (K,) without the candidates that would
    not bring a home up to the norm."""
    found = list(cover)
    for k in np.flatnonzero(bound).tolist():
        rows = sparse.csr_array(cover[k])
        home = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
        weight, more = crowded.band(rows.data), np.zeros(rows.nnz)
        near = weight > 0
        more[near] = weight[near] * served.per_1000[rows.indices[near], k]
        access = np.nan_to_num(crowded.access[home, k]) + more
        kept = access >= crowded.norm[k] * (1 - SAME)
        pointer = np.concatenate([[0], np.cumsum(kept)])[rows.indptr]
        part = rows.data[kept], rows.indices[kept], pointer
        found[k] = sparse.csr_array(part, shape=rows.shape)
    return found


def bound_by(crowded: Crowded, asked: Bools) -> tuple[Bools, Bools]:
    """(K,) services of which the plan counts only new venues that bring a home up to the norm, and
    those with a norm of which any in reach counts; asked (K,): services that the plan is for."""
    if not crowded.asked:
        return np.zeros(len(asked), bool), np.zeros(len(asked), bool)
    normed = ~np.isnan(crowded.norm) & asked
    held = ~np.isnan(crowded.capacity) & ~np.isnan(crowded.demand).any(axis=0) & crowded.exact
    return np.asarray(normed & held, bool), np.asarray(normed & ~held, bool)
