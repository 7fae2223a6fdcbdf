"""What at most so many changes of today's pairs give."""

from __future__ import annotations

import numpy as np

from gusu_geo.assessment.pairing.flow import best_pairs
from gusu_geo.assessment.pairing.model import UNITS, Pairing, PairingModel, in_points, least_of
from gusu_geo.assessment.pairing_facts import ChangePoint
from gusu_geo.tables import Bools, Ints

POINTS = 6  # of the curve, both ends included
NODES = 5_000  # of a search for one point; 266 x 169 take one


def curve_of(pairing: Pairing) -> list[ChangePoint]:
    """The best least fit, and above it the most worth, with at most so many new pairs; from the
    fewest that the bounds allow to those of the best pairs."""
    curve = _Curve(pairing)
    first = curve.fewest(None)
    steps = np.unique(np.linspace(first, pairing.changes, POINTS).round().astype(int)).tolist()
    found: list[ChangePoint] = []
    for changes in steps[:-1]:
        chosen, proven = curve.best(changes)
        found.append(_point(pairing.model, chosen, changes, proven=proven))
    return [*found, _point(pairing.model, pairing.chosen, steps[-1], proven=True)]


def _point(model: PairingModel, chosen: Bools, changes: int, *, proven: bool) -> ChangePoint:
    least, value = least_of(model, chosen), int(model.worth[chosen].sum())
    return {
        "changes": changes,
        "least": None if least is None else in_points(least),
        "value": in_points(value),
        "proven": proven,
    }


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
        within = [at for at, count in self.known.items() if count <= changes]
        beyond = [at for at, count in self.known.items() if count > changes]
        low, high = max(within, default=-1), min(beyond, default=len(self.levels)) - 1
        while low < high:
            middle = (low + high + 1) // 2
            self.known[middle] = self.fewest(int(self.levels[middle]))
            if self.known[middle] <= changes:
                low = middle
            else:
                high = middle - 1
        return int(self.levels[low]) if low >= 0 else None

    def best(self, changes: int) -> tuple[Bools, bool]:
        """(B,C) the pairs worth most above the highest least fit with at most so many changes, and
        whether that is proven: one row more than a flow has, so branch and bound (HiGHS; Huangfu &
        Hall 2018), which stops after ``NODES``."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import coo_array

        model = self.model
        body, zone = np.nonzero(model.above(self.highest_least(changes)))
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
            options={"mip_rel_gap": 0.0, "node_limit": NODES},
        )
        if found.x is None:
            raise RuntimeError(f"the solver ended without pairs: {found.message}")
        chosen, taken = model.kept.copy(), np.asarray(found.x) > 0.5
        chosen[body[taken], zone[taken]] = True
        return chosen, found.status == 0
