"""From metres to time: the only place where this is done.

One formula in integers, the same here, in the kernels and on the page:

    centiseconds = round_half_up(length_cm * factor_pm / speed_mmps) + wait_cs at both ends

with factor_pm = 1000 on a level street (steps: 1000 x steps_factor; slopes: Tobler) and speed in
whole mm/s. The wait at an end is added whenever the edge is entered or left there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import INF_CS
from gusu_geo.streets.network import LEVEL_PM, WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import Bools, Int32s, NodeFlag, WayFlag

CS_PER_S = 100
_INSIDE = (WayFlag.PRIVATE, WayFlag.ENCLOSED, WayFlag.OPENING)


@dataclass(frozen=True, eq=False)
class Impedance:
    """What a walk along each edge costs, in both directions (columns: u to v, v to u).

    speed_mmps: whole mm/s; factor_pm (E,2): times longer than a level street, per mille;
    may (E,2): whether walking in this direction is allowed; wait_cs (E,2): waiting at end u and at
    end v, INF_CS where it is closed; private (E,): usable only at the start or end of a trip;
    inside (E,): private, or public streets enclosed by private ones, where trips start and end too;
    and openings, which are passed on any part of a trip.
    """

    speed_mmps: int
    factor_pm: Int32s
    may: Bools
    wait_cs: Int32s
    private: Bools
    inside: Bools

    @classmethod
    def of(cls, net: WalkNetwork, walk: Walk) -> Impedance:
        """The impedance of ``net`` for the walking profile ``walk``."""
        usable = np.ones(net.edges, bool)
        private, ends = net.flagged(WayFlag.PRIVATE), walk.private == "ends"
        if walk.private == "closed":
            usable &= ~private
        if walk.on_wheels():
            usable &= ~net.flagged(WayFlag.NO_WHEELS)
        if walk.lifts == "closed":
            usable &= ~net.flagged(WayFlag.LIFT)
        if walk.ferries == "closed":
            usable &= ~net.flagged(WayFlag.FERRY)
        may = np.column_stack(
            [
                usable & ~net.flagged(WayFlag.BACKWARD_ONLY),
                usable & ~net.flagged(WayFlag.FORWARD_ONLY),
            ]
        )
        return cls(
            speed_mmps=round(walk.speed() * 1000),
            factor_pm=_factors(net, walk),
            may=may,
            wait_cs=_waits(net, walk),
            private=private & usable & ends,
            inside=net.flagged(*_INSIDE) & usable & ends,
        )

    def cs(
        self, length_cm: npt.ArrayLike, factor_pm: npt.ArrayLike = LEVEL_PM
    ) -> npt.NDArray[np.int64]:
        """Centiseconds for ``length_cm`` at ``factor_pm``, rounded half up; without waits."""
        product = np.asarray(length_cm, np.int64) * np.asarray(factor_pm, np.int64)
        product *= 2  # in place: for a whole city, new arrays take longer than the arithmetic
        product += self.speed_mmps
        product //= 2 * self.speed_mmps
        return np.asarray(product)

    @property
    def closed(self) -> Bools:
        """(E,) true where walking is allowed in neither direction."""
        return ~(self.may[:, 0] | self.may[:, 1])


def _factors(net: WalkNetwork, walk: Walk) -> Int32s:
    """(E,2) per mille of the time on a level street, u to v and v to u."""
    level = np.full((net.edges, 2), LEVEL_PM, np.int32)
    factor = net.slope_pm.copy() if walk.slope == "tobler" else level
    factor[net.flagged(WayFlag.STEPS)] = round(LEVEL_PM * walk.on_steps())
    factor[net.flagged(WayFlag.FERRY)] = round(LEVEL_PM * walk.speed() / walk.ferry_mps)
    return factor


def _waits(net: WalkNetwork, walk: Walk) -> Int32s:
    """(E,2) waiting at both ends: half on entering, half on leaving.

    At a crossing only edges made for walkers have a wait: walking along a road does not cross
    it. Lifts and ferries have theirs where they are boarded.
    """
    ends = np.column_stack([net.edge_u, net.edge_v])
    flags = net.node_flags[ends]
    on_foot = net.flagged(WayFlag.ON_FOOT)[:, None]
    wait = np.zeros((net.edges, 2), np.int32)
    wait[on_foot & ((flags & NodeFlag.CROSSING) != 0)] = _half_cs(walk.crossing_s)
    wait[on_foot & ((flags & NodeFlag.SIGNALS) != 0)] = _half_cs(walk.signal_s)
    for flag, seconds in ((WayFlag.LIFT, walk.lift_s), (WayFlag.FERRY, walk.ferry_s)):
        rides = net.flagged(flag)
        afoot = np.zeros(net.nodes, bool)
        afoot[ends[~rides].ravel()] = True
        wait[rides[:, None] & afoot[ends]] += _half_cs(seconds)
    lift = (flags & NodeFlag.LIFT) != 0
    wait[lift] += _half_cs(walk.lift_s)
    if walk.lifts == "closed":
        wait[lift] = INF_CS
    return wait


def _half_cs(seconds: float) -> int:
    return round(seconds * CS_PER_S / 2)


def cutoff_to_cs(cutoff_s: float) -> int:
    """A cutoff or threshold, inclusive, in whole centiseconds: 900 s is 90,000."""
    return round(cutoff_s * CS_PER_S)
