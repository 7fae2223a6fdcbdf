"""How far the districts are, and how long the rest takes, by what was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gusu_geo.province.parts import Done, Failed


@dataclass(frozen=True)
class Standing:
    """Where a stage ("cut", "facts" or "run") is. left_s: time that it still takes, None before the
    first is done; last: what has just ended, None at a mere look; skipped: of done, those that were
    on the disk already."""

    stage: str
    total: int
    done: int = 0
    skipped: int = 0
    failed: int = 0
    running: int = 0
    left_s: float | None = None
    last: Done | Failed | None = None


Tell = Callable[[Standing], None]


@dataclass
class Pace:
    """weights: of all districts of a stage by key, such as the bytes that each reads; tell: hears
    where it is."""

    stage: str
    weights: Mapping[str, float]
    tell: Tell
    done: int = field(default=0, init=False)
    skipped: int = field(default=0, init=False)
    failed: int = field(default=0, init=False)
    running: int = field(default=0, init=False)
    left: float = field(init=False)
    spent_s: float = field(default=0.0, init=False)
    spent: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.left = float(sum(self.weights.values()))

    def ended(self, what: Done | Failed) -> None:
        """A district is done or has failed."""
        weight = self.weights[what.key]
        self.left -= weight
        self.failed += isinstance(what, Failed)
        if isinstance(what, Done):
            self.done += 1
            self.skipped += what.skipped
            if not what.skipped:
                self.spent_s += what.wall_s
                self.spent += weight
        self.running = min(self.running, self._open())
        self.tell(self.standing(what))

    def look(self, running: int) -> None:
        """So many are running now."""
        self.running = min(running, self._open())
        self.tell(self.standing())

    def standing(self, last: Done | Failed | None = None) -> Standing:
        """Where the stage is."""
        left_s = None
        if self.spent and self.spent_s:
            left_s = self.left * self.spent_s / self.spent / max(self.running, 1)
        counts = (self.done, self.skipped, self.failed, self.running)
        return Standing(self.stage, len(self.weights), *counts, left_s, last)

    def _open(self) -> int:
        return len(self.weights) - self.done - self.failed
