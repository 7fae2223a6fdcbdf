"""The model of pairs: who may be paired, within which bounds, and what a pair is worth.

Axes: B bodies, C communities. All amounts are whole numbers of ``UNITS`` a point of fit, so that
sums, ties and comparisons are exact on every machine.

    stage 1   max  t            subject to  x[b,c] = 1 and counts[b,c]  =>  fit[b,c] >= t
    stage 2   max  sum worth[b,c] x[b,c]    subject to the t of stage 1
    both      body_low[b] <= sum over c of x[b,c] <= body_high[b]
              zone_low[c] <= sum over b of x[b,c] <= zone_high[c]
              x in {0,1}, x = 1 where kept, x = 0 where not allowed

Each column of the constraints has two entries, one in a row of bodies and one in a row of
communities: the matrix is that of a bipartite graph, totally unimodular (Hoffman & Kruskal 1956),
and every vertex of the relaxed problem is whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gusu_geo.tables import Bools, Floats, Ints

UNITS = 10_000  # of a point of fit


def in_units(points: Floats) -> Ints:
    """Points of fit in whole units."""
    units: Ints = np.rint(np.asarray(points, float) * UNITS).astype(np.int64)
    return units


def in_points(units: int) -> float:
    """Units in points of fit."""
    return int(units) / UNITS


@dataclass(frozen=True, eq=False)
class PairingModel:
    """fit, worth (B,C): units; today, allowed, kept, counts (B,C): pairs of today, pairs that may
    be, pairs that must be, and pairs that count for the least fit; bounds of the number of pairs of
    each body (B,) and of each community (C,).

    A kept pair is allowed, whatever its fit.
    """

    fit: Ints
    worth: Ints
    today: Bools
    allowed: Bools
    kept: Bools
    counts: Bools
    body_low: Ints
    body_high: Ints
    zone_low: Ints
    zone_high: Ints

    def above(self, least: int | None) -> Bools:
        """(B,C) pairs that may be where those that count have at least this fit, None for any;
        kept pairs stand apart."""
        free = self.allowed & ~self.kept
        return free if least is None else free & (~self.counts | (self.fit >= least))

    def rest(self) -> tuple[Ints, Ints, Ints, Ints]:
        """The bounds that are left beside the kept pairs: of bodies, then of communities."""
        own, theirs = self.kept.sum(axis=1), self.kept.sum(axis=0)
        return (
            np.maximum(self.body_low - own, 0),
            self.body_high - own,
            np.maximum(self.zone_low - theirs, 0),
            self.zone_high - theirs,
        )

    def with_zones(self, low: Ints, high: Ints) -> PairingModel:
        """The same with other bounds of the communities."""
        return replace(self, zone_low=low, zone_high=high)


@dataclass(frozen=True, eq=False)
class Pairing:
    """The best pairs of a model. chosen (B,C); least: of stage 1, None where no pair counts."""

    model: PairingModel
    chosen: Bools
    least: int | None

    @property
    def value(self) -> int:
        """The sum of what the chosen pairs are worth."""
        return int(self.model.worth[self.chosen].sum())

    @property
    def changes(self) -> int:
        """Chosen pairs that are none of today."""
        return int((self.chosen & ~self.model.today).sum())


def least_of(model: PairingModel, chosen: Bools) -> int | None:
    """The least fit of the chosen pairs that count, in units; None where none counts."""
    fits = model.fit[chosen & model.counts & ~model.kept]
    return int(fits.min()) if len(fits) else None
