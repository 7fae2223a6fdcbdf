"""What one pair, or one bound, is worth: exact, from the cheapest chains of exchanges.

In an optimal flow a forced change of one unit is answered by one cheapest chain of exchanges
(Ahuja, Magnanti & Orlin, Network Flows, 1993, 9.9-9.11). A chain goes from a community that has one
body too many to one that has one too few: a body leaves the first for the second, or what is within
the bounds absorbs it ("the pool"). So one table of cheapest chains between all communities, by
Floyd and Warshall (1962), answers every question as solving again would.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gusu_geo.assessment.pairing.flow import FAR
from gusu_geo.assessment.pairing.model import Pairing
from gusu_geo.assessment.pairing.stages import weights
from gusu_geo.tables import Bools, Ints


@dataclass(frozen=True, eq=False)
class Exchanges:
    """The chains of exchanges of the best pairs, all of them with their least fit."""

    pairing: Pairing

    @cached_property
    def _free(self) -> Bools:
        """(B,C) chosen pairs that may be given up."""
        return self.pairing.chosen & ~self.pairing.model.kept

    @cached_property
    def _open(self) -> Bools:
        """(B,C) pairs that may be added."""
        return self.pairing.model.above(self.pairing.least) & ~self.pairing.chosen

    @cached_property
    def _weight(self) -> tuple[Ints, int]:
        return weights(self.pairing.model)

    @cached_property
    def _chains(self) -> Ints:
        """(C+1,C+1) cost of the cheapest chain from a community that has one body too many to one
        that has one too few; the last: the pool. FAR: none."""
        weight, _ = self._weight
        body_low, body_high, zone_low, zone_high = self.pairing.model.rest()
        own, theirs = self._free.sum(axis=1), self._free.sum(axis=0)
        width = len(theirs)
        cost = np.full((width + 1, width + 1), FAR)
        gain = np.where(self._open, -weight, FAR)  # of the body's new pair
        for zone in range(width):
            bodies = np.flatnonzero(self._free[:, zone])
            if len(bodies):
                lost = weight[bodies, zone]
                cost[zone, :width] = (lost[:, None] + gain[bodies]).min(axis=0)
                spare = lost[own[bodies] > body_low[bodies]]
                cost[zone, width] = spare.min(initial=FAR)
        takers = own < body_high
        cost[width, :width] = np.where(takers[:, None], gain, FAR).min(axis=0, initial=FAR)
        cost[:width, width] = np.where(theirs < zone_high, np.minimum(cost[:width, width], 0),
                                       cost[:width, width])  # fmt: skip
        cost[width, :width] = np.where(theirs > zone_low, np.minimum(cost[width, :width], 0),
                                       cost[width, :width])  # fmt: skip
        np.fill_diagonal(cost, np.minimum(np.diag(cost), 0))
        for through in range(width + 1):
            np.minimum(cost, cost[:, through, None] + cost[through], out=cost)
        cost[cost > FAR // 2] = FAR
        return cost

    @property
    def proven(self) -> bool:
        """Whether no chain of exchanges gains anything: the certificate that the value is the
        highest possible (Klein 1967)."""
        return bool((np.diag(self._chains) >= 0).all())

    def _units(self, cost: int) -> int | None:
        """A cost without what only decides between equals; None for none possible."""
        parts = self._weight[1]
        return None if cost >= FAR // 2 else (int(cost) + parts // 2) // parts

    def next_best(self, body: int, zone: int) -> tuple[int, int] | None:
        """The other community with which the whole would lose least if the body had it in place of
        this one, and what is lost in units; None: there is none."""
        if not self._free[body, zone]:
            return None
        weight, _ = self._weight
        loss = np.where(
            self._open[body], weight[body, zone] - weight[body] + self._chains[:-1, zone], FAR
        )
        other = int(loss.argmin())
        units = self._units(int(loss[other]))
        return None if units is None else (other, units)

    def loss_with(self, body: int, zone: int) -> int | None:
        """What the whole would lose, in units, if the body had this community too or instead of
        another; 0 for a chosen pair; None: not possible."""
        if self.pairing.chosen[body, zone]:
            return 0
        if not self._open[body, zone]:
            return None
        weight, _ = self._weight
        chains = self._chains[zone]
        held = np.flatnonzero(self._free[body])
        ways = chains[held] + weight[body, held]
        best = int(ways.min(initial=FAR))
        if self._free[body].sum() < self.pairing.model.rest()[1][body]:
            best = min(best, int(chains[-1]))
        return self._units(best - int(weight[body, zone])) if best < FAR // 2 else None

    def price_of_least(self, zone: int) -> int:
        """What the whole would gain, in units, if the community could have one body less."""
        low, taken = self.pairing.model.rest()[2][zone], self._free[:, zone].sum()
        if low == 0 or taken > low:
            return 0
        return -min(self._units(int(self._chains[zone, -1])) or 0, 0)

    def price_of_most(self, zone: int) -> int | None:
        """What the whole would gain (so at most 0), in units, if the community could have one body
        less at most; None: not possible."""
        _, _, low, high = self.pairing.model.rest()
        if self._free[:, zone].sum() < high[zone]:
            return 0
        loss = self._units(int(self._chains[zone, -1])) if high[zone] > low[zone] else None
        return None if loss is None else -loss

    def price_of_room(self, body: int) -> int | None:
        """The same for the most communities of a body."""
        low, high, _, _ = self.pairing.model.rest()
        held = np.flatnonzero(self._free[body])
        if len(held) < high[body]:
            return 0
        if high[body] <= low[body]:
            return None
        ways = self._chains[-1, held] + self._weight[0][body, held]
        loss = self._units(int(ways.min(initial=FAR)))
        return None if loss is None else -loss
