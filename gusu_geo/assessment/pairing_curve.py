"""What at most so many changes of today's pairs give."""

from __future__ import annotations

import numpy as np

from gusu_geo.assessment.pairing_facts import ChangePoint
from gusu_geo.assessment.pairing_flow import best_pairs
from gusu_geo.assessment.pairing_model import UNITS, Pairing, PairingModel, in_points
from gusu_geo.tables import Ints

POINTS = 6  # of the curve, both ends included


def curve_of(pairing: Pairing) -> list[ChangePoint]:
    """The best least fit, and above it the most worth, with at most so many new pairs; from the
    fewest that the bounds allow to those of the best pairs."""
    curve = _Curve(pairing)
    first = curve.fewest(None)
    steps = np.unique(np.linspace(first, pairing.changes, POINTS).round().astype(int)).tolist()
    found: list[ChangePoint] = []
    for changes in steps[:-1]:
        least = curve.highest_least(changes)
        value = curve.value(least, changes)
        found.append({"changes": changes, "least": _points(least), "value": in_points(value)})
    last = pairing.least
    value = pairing.value
    found.append({"changes": steps[-1], "least": _points(last), "value": in_points(value)})
    return found


def _points(least: int | None) -> float | None:
    return None if least is None else in_points(least)


class _Curve:
    """The model of a pairing under a bound of changes."""

    def __init__(self, pairing: Pairing) -> None:
        model = pairing.model
        self.model: PairingModel = model
        body_low, body_high, zone_low, zone_high = model.rest()
        self.bounds = (body_low, body_high), (zone_low, zone_high)
        self.kept_changes = int((model.kept & ~model.today).sum())
        levels = np.unique(model.fit[model.above(None) & model.counts])
        self.levels: Ints = levels[levels <= pairing.least] if pairing.least is not None else levels
        self.known: dict[int, int] = {}

    def fewest(self, least: int | None) -> int:
        """The fewest changes with this least fit, which pairs within the bounds have."""
        model = self.model
        pairs = best_pairs(model.today.astype(np.int64) - 1, model.above(least), *self.bounds)
        if pairs is None:
            raise RuntimeError("no pairs within bounds that were found to have some")
        return int((pairs & ~model.today).sum()) + self.kept_changes

    def highest_least(self, changes: int) -> int | None:
        """The highest least fit with at most so many changes."""
        low, high = -1, len(self.levels) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if middle not in self.known:
                self.known[middle] = self.fewest(int(self.levels[middle]))
            if self.known[middle] <= changes:
                low = middle
            else:
                high = middle - 1
        return int(self.levels[low]) if low >= 0 else None

    def value(self, least: int | None, changes: int) -> int:
        """The most worth above the least fit with at most so many changes: one row more than a
        flow has, so branch and bound (HiGHS; Huangfu & Hall 2018)."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import coo_array

        model = self.model
        body, zone = np.nonzero(model.above(least))
        count, height = len(body), len(model.body_low)
        width = len(model.zone_low)
        new = np.flatnonzero(~model.today[body, zone])
        rows = np.concatenate((body, height + zone, np.full(len(new), height + width)))
        columns = np.concatenate((np.arange(count), np.arange(count), new))
        matrix = coo_array(
            (np.ones(len(rows)), (rows, columns)), shape=(height + width + 1, count)
        ).tocsr()
        (body_low, body_high), (zone_low, zone_high) = self.bounds
        low = np.concatenate((body_low, zone_low, [0])).astype(float)
        high = np.concatenate((body_high, zone_high, [changes - self.kept_changes])).astype(float)
        worth = model.worth[body, zone]
        found = milp(
            -worth / UNITS,
            integrality=np.ones(count, np.int64),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, low, high),
            options={"mip_rel_gap": 0.0},
        )
        if found.x is None:
            raise RuntimeError(f"the solver ended without pairs: {found.message}")
        chosen = np.asarray(found.x) > 0.5
        return int(worth[chosen].sum()) + int(model.worth[model.kept].sum())
