"""What a few changes of today's pairs give: first a higher least fit, then more worth.

Each point is one flow. Where the least fit is to rise, a new pair costs more than all that pairs
are worth, so the fewest changes come first and the most worth next. Above the highest least fit it
costs what makes two known points equal; what is then best is worth most of all pairings with as
many changes or fewer (Everett 1963, Operations Research 11: 399-417, doi:10.1287/opre.11.3.399).
"""

from __future__ import annotations

import numpy as np

from gusu_geo.assessment.pairing.flow import best_pairs
from gusu_geo.assessment.pairing.model import Pairing, in_points, least_of
from gusu_geo.assessment.pairing.stages import weights
from gusu_geo.assessment.pairing_facts import ChangePoint
from gusu_geo.tables import Bools, Ints

STEPS = 4  # least fits that are asked for, the highest included
MORE = 3  # points above the highest least fit, at most


def curve_of(pairing: Pairing) -> list[ChangePoint]:
    """From the fewest new pairs that the bounds allow to those of the best pairs: the fewest for
    some least fits up to the highest, and what they are then worth at most; then, at the highest,
    what further new pairs are worth."""
    curve = _Curve(pairing)
    found = [curve.fewest(None)]
    low, high = least_of(pairing.model, found[0]), pairing.least
    if high is not None and low != high:  # low: None where no pair of these counts
        steps = [high] if low is None else np.linspace(low, high, STEPS + 1)[1:].round().tolist()
        found += [curve.fewest(int(least)) for least in steps]
    found += [*curve.between(found[-1], pairing.chosen, MORE), pairing.chosen]
    # Of points with as many changes the last has the highest least fit, or is worth more.
    by_changes = {curve.changes(chosen): chosen for chosen in found}
    return [_point(pairing, changes, by_changes[changes]) for changes in sorted(by_changes)]


def _point(pairing: Pairing, changes: int, chosen: Bools) -> ChangePoint:
    least = least_of(pairing.model, chosen)
    return {
        "changes": changes,
        "least": None if least is None else in_points(least),
        "value": in_points(int(pairing.model.worth[chosen].sum())),
    }


class _Curve:
    """The model of a pairing, with a price on new pairs."""

    def __init__(self, pairing: Pairing) -> None:
        self.model, self.least = pairing.model, pairing.least
        body_low, body_high, zone_low, zone_high = self.model.rest()
        self.bounds = (body_low, body_high), (zone_low, zone_high)
        self.worth, _ = weights(self.model)
        pairs = min(int(body_high.sum()), int(zone_high.sum()))
        self.beyond = (int(np.ptp(self.worth)) + 1) * (pairs + 1)

    def changes(self, chosen: Bools) -> int:
        """How many pairs are none of today."""
        return int((chosen & ~self.model.today).sum())

    def fewest(self, least: int | None) -> Bools:
        """(B,C) the pairs with the fewest changes for this least fit, and of these the most
        worth."""
        return self._at(self.beyond, least)

    def between(self, first: Bools, last: Bools, most: int) -> list[Bools]:
        """Up to ``most`` pairings above the highest least fit, with more changes than ``first`` and
        fewer than ``last``, each worth most for its number of changes."""
        new = self.changes(last) - self.changes(first)
        if most < 1 or new < 2:
            return []
        gain = int(self.worth[last].sum()) - int(self.worth[first].sum())
        middle = self._at(gain // new, self.least)
        if not self.changes(first) < self.changes(middle) < self.changes(last):
            return []
        before = self.between(first, middle, most // 2)
        return [*before, middle, *self.between(middle, last, most // 2)]

    def _at(self, price: int, least: int | None) -> Bools:
        """The pairs worth most where each new pair costs this much."""
        model, cost = self.model, np.where(self.model.today, 0, price)
        worth: Ints = self.worth - cost
        pairs = best_pairs(worth, model.above(least), *self.bounds)
        if pairs is None:
            raise RuntimeError("no pairs within bounds that were found to have some")
        return pairs | model.kept
