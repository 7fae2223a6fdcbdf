"""Clusters of neighbouring cells with more events than their share.

Kulldorff's scan (1997, Communications in Statistics - Theory and Methods 26: 1481-1496,
doi:10.1080/03610929708831995). A window holds all cells whose middles lie within some distance of
the middle of a cell, as long as no more than ``share_max`` of all that is expected falls into it.
For c events where m of C are expected, with c > m,

    LLR = c ln(c / m) + (C - c) ln((C - c) / (C - m)).

Chance is not Poisson's: districts differ in how readily people report. The pairs (count, expected)
of the cells are permuted among the places of the cells, and windows formed anew by what is then
expected in them; a window's p is (1 + runs whose greatest LLR is no less) / (1 + runs). A single
cell with many events keeps them in every run, so it is no cluster and never significant; but it
hides what is less likely than it. So where nothing is found, cells that stand out by themselves are
set aside (``_outstanding``, by counts alone and not by place, which leaves p exact) and the others
are looked at once more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.scanning import likeliest
from gusu_geo.tables import Bools, Floats, Int32s, Ints

RUNS = 999
SHARE_MAX = 0.1  # of what is expected, in one window
ALPHA = 0.05
SEED = 19_970_601
NOISE_RUNS = 199  # of pure chance, for what would be found
DOUBLED_CELLS = 5  # average cells in the cluster that should be found where it has twice its share
POWER_MIN = 0.8  # below, and with nothing found, there are too few events
ASIDE_MAX, ASIDE_TIMES = 3, 2.0  # cells set aside at most; their ratio over that of any other
SAME = 1 - 1e-9  # rounding: ratios this close are one
BLOCK_CELLS = 256


@dataclass(frozen=True)
class Cluster:
    """Positions of its cells in ascending order, events in it and expected in it."""

    cells: tuple[int, ...]
    count: int
    expected: float
    llr: float
    p: float


@dataclass(frozen=True)
class Scanned:
    """clusters: significant, of two cells and more, apart from each other, the likeliest first.
    cells: how many have a place and an expected number; count: events in them; aside: positions of
    cells that were set aside in a second look, and are in neither. power: chance to find a cluster
    of ``DOUBLED_CELLS`` average cells, or as many as a window holds, that has twice its share; None
    where no window holds two cells.
    """

    clusters: tuple[Cluster, ...]
    cells: int
    count: int
    power: float | None
    aside: tuple[int, ...] = ()

    @property
    def state(self) -> str:
        """ "found", "none", "too_few" events to tell, "one_cell" where no window holds two."""
        if self.power is None:
            return "one_cell"
        if self.clusters:
            return "found"
        return "none" if self.power >= POWER_MIN else "too_few"


@dataclass(frozen=True, eq=False)
class _Windows:
    """order (N,L): cells by distance from each cell, itself first; whole (N,L): those up to here
    are all within some distance."""

    order: Int32s
    whole: Bools


def scan(
    xy: Floats, count: Ints, weight: Floats, *, share_max: float = SHARE_MAX, runs: int = RUNS
) -> Scanned:
    """Look for clusters.

    xy (Z,2): middles of the cells in metres; count (Z,): events; weight (Z,): what the expected
    numbers are proportional to. Cells without either are left out. The result does not depend on
    the order of the cells, nor on the unit of ``weight``.
    """
    usable = np.flatnonzero(np.asarray((weight > 0) & np.isfinite(xy).all(axis=1)))
    # In an order of their own, so that the permutations do not depend on the caller's.
    keys = (count[usable], weight[usable], xy[usable, 1], xy[usable, 0])
    cells = usable[np.lexsort(keys)]
    first, bar = _look(cells, xy, count, weight, (share_max, runs))
    if first.state not in ("none", "too_few"):
        return first
    aside = _outstanding(count[cells].astype(float), weight[cells], bar)
    if not aside.any():
        return first
    second, _ = _look(cells[~aside], xy, count, weight, (share_max, runs))
    return replace(second, aside=tuple(sorted(cells[aside].tolist())))


def _look(
    cells: Ints, xy: Floats, count: Ints, weight: Floats, asked: tuple[float, int]
) -> tuple[Scanned, float]:
    """What is found in these cells, and what ratio pure chance exceeds in 5 % of runs. asked: share
    of a window, runs."""
    share_max, runs = asked
    counts = count[cells].astype(float)
    total = int(counts.sum())
    if not total:
        return Scanned((), len(cells), 0, None if len(cells) < 2 else 0.0), math.inf
    expected = weight[cells] * (total / math.fsum(weight[cells]))
    most = share_max * total * (1 + 1e-9)  # a window of exactly this share is allowed
    windows = _windows(xy[cells], expected, most)
    found = _observed(windows, counts, expected, most)
    if not found.several:
        return Scanned((), len(cells), total, None), math.inf
    shuffle = np.random.RandomState(SEED)  # its stream is the same in every version of numpy
    moved = np.stack([shuffle.permutation(len(cells)) for _ in range(runs)])
    by_chance = likeliest(windows.order, windows.whole, counts[moved], expected[moved], most)
    clusters = found.clusters(np.sort(by_chance), cells)
    bar = _bar(windows, expected, total, most)
    return Scanned(clusters, len(cells), total, _power(len(cells), total, share_max, bar)), bar


def _outstanding(counts: Floats, weight: Floats, bar: float) -> Bools:
    """Cells (N,) whose own ratio is beyond pure chance and ``ASIDE_TIMES`` that of any cell which
    is not one of them: none, or up to ``ASIDE_MAX``."""
    total = counts.sum()
    own = llr_of(counts, weight * (total / math.fsum(weight)), total)
    rank = np.argsort(-own, kind="stable")
    for size in range(min(ASIDE_MAX, len(own) - 2), 0, -1):
        least, rest = own[rank[size - 1]], own[rank[size]]
        if least > max(bar, ASIDE_TIMES * rest):
            aside: Bools = own >= least
            return aside
    return np.zeros(len(own), bool)


def _windows(xy: Floats, expected: Floats, most: float) -> _Windows:
    """No more neighbours than fit into a window when all are the smallest."""
    count = len(xy)
    fit = int(np.searchsorted(np.cumsum(np.sort(expected)), most, side="right"))
    keep = max(1, min(fit, count))
    order, whole = np.empty((count, keep), np.int32), np.empty((count, keep), bool)
    for first in range(0, count, BLOCK_CELLS):
        part = slice(first, first + BLOCK_CELLS)
        apart = np.hypot(*(xy[part, None, axis] - xy[None, :, axis] for axis in (0, 1)))
        far = np.rint(apart * 1000)  # whole millimetres: rounding parts no equal distances
        far[np.arange(len(far)), first + np.arange(len(far))] = -1  # itself before its like
        near = np.argsort(far, axis=1, kind="stable")[:, : keep + 1]
        order[part] = near[:, :keep]
        steps = np.maximum(np.take_along_axis(far, near, axis=1), 0)
        last = np.full((len(steps), 1), np.inf)
        whole[part] = np.diff(steps, append=last, axis=1)[:, :keep] > 0
    return _Windows(order, whole)


@dataclass(frozen=True, eq=False)
class _Observed:
    """Windows of what was seen: centre, size (W,) with more than their share, likeliest first.
    several: whether any window holds two cells and more."""

    windows: _Windows
    seen: Floats
    mean: Floats
    llr: Floats
    ranked: Iterator[tuple[int, int]]
    several: bool

    def clusters(self, by_chance: Floats, cells: Ints) -> tuple[Cluster, ...]:
        """Significant windows of two cells and more that share no cell with a likelier one.
        by_chance (runs,): greatest ratios, ascending; cells: positions in the caller's order."""
        taken: set[int] = set()
        found = []
        for centre, at in self.ranked:
            ratio = float(self.llr[centre, at])
            no_less = len(by_chance) - int(np.searchsorted(by_chance, ratio * SAME))
            p = (1 + no_less) / (1 + len(by_chance))
            if p > ALPHA:
                break
            held = self.windows.order[centre, : at + 1].tolist()
            if at and taken.isdisjoint(held):
                taken.update(held)
                mean, seen = float(self.mean[centre, at]), round(self.seen[centre, at])
                names = tuple(sorted(cells[held].tolist()))
                found.append(Cluster(names, seen, mean, ratio, p))
        return tuple(found)


def _observed(windows: _Windows, counts: Floats, expected: Floats, most: float) -> _Observed:
    seen = np.cumsum(counts[windows.order], axis=1)
    mean = np.cumsum(expected[windows.order], axis=1)
    allowed = windows.whole & (mean <= most)
    llr = np.where(allowed, llr_of(seen, mean, float(counts.sum())), 0.0)
    likely = np.flatnonzero(llr > 0)
    values = llr.ravel()[likely]
    # Of equally likely windows the smaller, then the one farther west.
    ranked = likely[np.lexsort((likely, likely % llr.shape[1], -np.round(values, 9)))]
    pairs = ((int(place) // llr.shape[1], int(place) % llr.shape[1]) for place in ranked)
    return _Observed(windows, seen, mean, llr, pairs, bool(allowed[:, 1:].any()))


def llr_of(seen: npt.ArrayLike, mean: npt.ArrayLike, total: float) -> Any:
    """Kulldorff's log likelihood ratio where ``seen`` events lie and ``mean`` of ``total`` are
    expected; 0 where no more are seen.

    >>> round(float(llr_of(30, 15, 60)), 4)
    8.6305
    """
    c, m = np.broadcast_arrays(np.asarray(seen, float), np.asarray(mean, float))
    found = np.zeros(c.shape)
    more = (c > m) & (m > 0)
    c, m = c[more], m[more]
    rest = total - c
    outside = np.where(rest > 0, rest * np.log(np.maximum(rest, 1) / (total - m)), 0.0)
    found[more] = c * np.log(c / m) + outside
    return found


def _bar(windows: _Windows, expected: Floats, total: int, most: float) -> float:
    """The greatest ratio that 95 % of runs of pure chance do not exceed: events thrown onto the
    cells by what is expected."""
    throw = np.random.RandomState(SEED)
    noise = throw.multinomial(total, expected / expected.sum(), NOISE_RUNS).astype(float)
    alike = np.broadcast_to(expected, noise.shape).copy()
    greatest = np.sort(likeliest(windows.order, windows.whole, noise, alike, most))
    return float(greatest[math.ceil((1 - ALPHA) * (NOISE_RUNS + 1)) - 1])


def _power(cells: int, total: int, share_max: float, bar: float) -> float:
    """Chance that a doubled cluster (see ``Scanned``) is beyond ``bar``; events are binomial."""
    from scipy.special import bdtrc

    share = min(DOUBLED_CELLS / cells, share_max)
    needed = np.flatnonzero(llr_of(np.arange(total + 1), total * share, total) > bar)
    if not len(needed):
        return 0.0
    return float(bdtrc(int(needed[0]) - 1, total, 2 * share / (1 + share)))
