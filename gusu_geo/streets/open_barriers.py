"""Barriers where a study opens all gates: walls stop nobody, and what they were is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field

from gusu_geo.streets.barriers import Barriers


@dataclass(frozen=True, eq=False)
class OpenBarriers(Barriers):
    """Barriers without walls. closed: the same with walls and their known gates, for the doors that
    people have while gates are closed."""

    closed: Barriers = field(kw_only=True)

    @classmethod
    def opened(cls, closed: Barriers) -> OpenBarriers:
        """All but the walls."""
        rest = closed.without_walls()
        return cls(
            rest.shapes, rest.kind, rest.width_m, rest.wall, buildings=rest.buildings, closed=closed
        )
