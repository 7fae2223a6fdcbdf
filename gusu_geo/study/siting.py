"""What a plan of new venues keeps to: part [siting] of a study."""

from __future__ import annotations

from pydantic import Field, model_validator

from gusu_geo.study.part import Part
from gusu_geo.words import text


class SitingParams(Part):
    """What ``gusu-geo site`` keeps to besides its options."""

    must: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    apart_m: float = Field(default=0.0, ge=0, le=20_000)
    floor: float | None = Field(default=None, gt=0, le=1)
    level: str = ""
    worst_first: bool = False
    elders_weight: float = Field(default=1.0, ge=1, le=100)
    service_cost: dict[str, float] = Field(default_factory=dict)
    service_area_m2: dict[str, float] = Field(default_factory=dict)
    service_capacity: dict[str, float] = Field(default_factory=dict)

    def __hash__(self) -> int:
        """As of any part; a table has no hash of its own."""
        return hash((self.must, self.never, self.apart_m, self.floor, self.level))

    @model_validator(mode="after")
    def _no_contradiction(self) -> SitingParams:
        for name in self.must:
            if name in self.never:
                raise ValueError(text("error.must_and_never", name=name))
        for given in (self.service_cost, self.service_area_m2, self.service_capacity):
            for name, value in given.items():
                if value < 0:
                    raise ValueError(text("error.below_zero", name=name, value=value))
        return self
