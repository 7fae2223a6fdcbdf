"""What a study that is a part of a region is told of the whole region."""

from __future__ import annotations

from pydantic import Field, field_validator

from gusu_geo.study.area import Box, ordered
from gusu_geo.study.part import Part


class RegionParams(Part):
    """Facts of the region that a study is a part of: with them its homes are judged as a study of
    the whole region would judge them. Written by ``gusu-geo province``. All are left out until they
    are known; then the study is judged as if it stood alone, and its city says what it adds to
    them (``CityFacts.part``)."""

    levels: dict[str, float] | None = None
    services: dict[str, bool] = Field(default_factory=dict)
    named: tuple[str, ...] = ()
    floor_m2: float | None = Field(default=None, gt=0)
    registered: float | None = Field(default=None, ge=0)
    elsewhere: tuple[str, ...] = ()
    data: Box | None = None
    buffer_m: float | None = Field(default=None, gt=0)

    @field_validator("data")
    @classmethod
    def _in_order(cls, value: Box | None) -> Box | None:
        return ordered(value)

    def __hash__(self) -> int:
        """As of any part; tables have no hash of their own."""
        return hash(
            (*sorted(self.levels or ()), *sorted(self.services), self.floor_m2, self.elsewhere)
        )

    @property
    def known(self) -> bool:
        """Whether the facts of the region are given."""
        return bool(self.services)
