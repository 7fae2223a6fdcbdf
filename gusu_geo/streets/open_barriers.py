"""Barriers where a study opens all gates: walls stop nobody, and what they were is remembered."""

from __future__ import annotations

from dataclasses import dataclass

from gusu_geo.streets.barriers import BarrierKind, Barriers


@dataclass(frozen=True, eq=False)
class OpenBarriers(Barriers):
    """Barriers without walls. closed: the same with walls and their known gates, for the doors that
    people have while gates are closed."""

    closed: Barriers

    @classmethod
    def opened(cls, closed: Barriers) -> OpenBarriers:
        """All but the walls."""
        other = closed.kind != BarrierKind.WALL
        parts = closed.shapes[other], closed.kind[other], closed.width_m[other]
        return cls(*parts, closed=closed)
