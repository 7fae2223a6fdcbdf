"""What the district's own ledgers ask of a plan: signals of residents, and room in venues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gusu_geo.errors import StudyError
from gusu_geo.tables import Bools, Floats, Int32s, Ints
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.words import text


@dataclass(frozen=True, eq=False)
class Crowded:
    """Room, by the floating catchment areas of [capacity]. With K services and R homes:

    full (R,K): the venues in reach have no room; access (R,K): supply per 1,000 of those who
    compete, NaN unknown; demand (R,K): who compete, NaN not counted; norm (K,): least access, NaN
    none; capacity (K,): of a new venue, NaN not given; steps_s, weights: bands of walking time;
    asked: whether homes without room lack a venue for the plan.
    """

    full: Bools
    access: Floats
    demand: Floats
    norm: Floats
    capacity: Floats
    steps_s: tuple[float, ...]
    weights: tuple[float, ...]
    method: str
    asked: bool = True

    @property
    def exact(self) -> bool:
        """Whether a new venue's demand is the same in every plan."""
        return self.method != "3sfca"

    def band(self, cs: Ints | Int32s) -> Floats:
        """The weight of each walking time (centiseconds), limits included; 0 beyond the last."""
        limits = [cutoff_to_cs(step) for step in self.steps_s]
        return np.array([*self.weights, 0.0])[np.searchsorted(limits, cs)]


@dataclass(frozen=True, eq=False)
class Asks:
    """By ledger; what is None is not asked.

    factor: (R,) by which persons of each home are multiplied in the sum that is maximised, at a
    weight a of signals: 1 + a (relative - 1), relative the shrunk rate of its zone over the
    district's; never below 0. signals: a, unless the effort gives another.
    """

    factor: Callable[[float], Floats] | None = None
    signals: float = 0.0
    crowded: Crowded | None = None

    def weight(self, given: float | None) -> float:
        """a; given: that of the effort. Raises StudyError: a weight, but no ledger of signals."""
        if self.factor is None:
            if given:
                fix = text("error.add_signals")
                raise StudyError(text("error.no_signals_to_weigh"), got=given, fix=fix)
            return 0.0
        return self.signals if given is None else given

    def weighed(self, persons: Floats, given: float | None) -> Floats:
        """(R,) what persons of homes count in the sum; they themselves at a = 0."""
        share = self.weight(given)
        return persons if self.factor is None or share == 0 else persons * self.factor(share)


NO_ASKS = Asks()
