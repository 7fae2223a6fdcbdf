"""The district's own systems: signals of residents, capacity, and bodies paired with communities.
Each is looked at only where the study has its part."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator, model_validator

from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.study.ledger import Ledger
from gusu_geo.study.part import Part
from gusu_geo.words import text

if TYPE_CHECKING:
    from gusu_geo.study.params import Study

Words = dict[str, str | tuple[str, ...]]
BodyPair = tuple[str, str]  # a body and a community, by name or id


class VisitSource(Ledger):
    """A ledger of visits by community and round."""

    source: str


class SignalParams(Ledger):
    """Part [signals]: problems and suggestions that residents brought."""

    source: str
    visits: VisitSource | None = None
    until: datetime.date | None = None
    level: str = ""
    themes: Words = Field(default_factory=dict)
    expected: Literal["persons", "visits"] = "persons"
    siting_weight: float = Field(default=0.0, ge=0, le=1)

    def __hash__(self) -> int:
        """As of any part; a table has no hash of its own."""
        parts = (value for key, value in self if key != "themes")
        return hash((*parts, *sorted(self.themes)))

    @model_validator(mode="after")
    def _visits_to_expect_by(self) -> SignalParams:
        if self.expected == "visits" and self.visits is None:
            raise ValueError(text("error.expected_no_visits"))
        return self


class TeamSource(Ledger):
    """A ledger of teams and whom they serve."""

    source: str


class Norm(Part):
    """How much of a service persons are entitled to, and who says so."""

    per_1000: float = Field(gt=0)
    of: Literal["persons", "elders", "children"] = "persons"
    source: str = Field(min_length=1)


class CapacityParams(Part):
    """Part [capacity]: whether what is in reach has room."""

    method: Literal["2sfca", "e2sfca", "3sfca"] = "e2sfca"
    steps: tuple[float, ...] = (300.0, 600.0, 900.0)
    weights: tuple[float, ...] = (1.0, 0.68, 0.22)
    teams: TeamSource | None = None
    norms: dict[str, Norm] = Field(default_factory=dict)
    siting: bool = False

    def __hash__(self) -> int:
        """As of any part; a table has no hash of its own."""
        return hash((self.method, self.steps, self.weights, self.teams, *sorted(self.norms)))

    @model_validator(mode="after")
    def _a_weight_a_step(self) -> CapacityParams:
        rising = all(a < b for a, b in zip((0.0, *self.steps), self.steps, strict=False))
        if not self.steps or not rising:
            raise ValueError(text("error.steps_rise"))
        falling = all(a >= b > 0 for a, b in zip(self.weights, self.weights[1:], strict=False))
        if len(self.weights) != len(self.steps) or not falling or not 0 < self.weights[0] <= 1:
            raise ValueError(text("error.weights_fall", count=len(self.steps)))
        return self

    def check_norms(self, services: Sequence[str]) -> None:
        """Raises StudyError: a norm for a service that the pack does not have."""
        for key in self.norms:
            if key not in services:
                fix = nearest_name(key, services)
                what = text("error.norm_service")
                raise StudyError(what, where="capacity.norms", got=key, fix=fix)


class BodySource(Ledger):
    """A ledger of bodies that can be paired."""

    source: str


class PairSource(Ledger):
    """A ledger of the pairs of today."""

    source: str


class ProjectSource(Ledger):
    """A ledger of the projects of pairs."""

    source: str


class PairingParams(Part):
    """Part [pairing]: bodies of the city and the district, each with its communities."""

    bodies: BodySource
    pairs: PairSource | None = None
    projects: ProjectSource | None = None
    level: str = ""
    min: int = Field(default=1, ge=0, le=100)
    max: int = Field(default=2, ge=1, le=100)
    switching: float = Field(default=0.0, ge=0, le=1_000)
    per_km: float = Field(default=0.0, ge=0, le=1_000)
    signals: float = Field(default=0.0, ge=0, le=1)
    forbid: tuple[BodyPair, ...] = ()
    keep: tuple[BodyPair, ...] = ()

    @field_validator("keep")
    @classmethod
    def _once(cls, given: tuple[BodyPair, ...]) -> tuple[BodyPair, ...]:
        return tuple(dict.fromkeys(given))

    @model_validator(mode="after")
    def _no_contradiction(self) -> PairingParams:
        if self.min > self.max:
            raise ValueError(text("error.min_above_max", min=self.min, max=self.max))
        both = set(self.keep) & set(self.forbid)
        if both:
            raise ValueError(text("error.keep_and_forbid", names=sorted(both)[0]))
        return self


DistrictLedger = SignalParams | VisitSource | TeamSource | BodySource | PairSource | ProjectSource


def district_ledgers(study: Study) -> Iterator[DistrictLedger]:
    """Every ledger of these parts that the study names."""
    signals, capacity, pairing = study.signals, study.capacity, study.pairing
    given = (
        signals,
        signals and signals.visits,
        capacity and capacity.teams,
        *((pairing.bodies, pairing.pairs, pairing.projects) if pairing else ()),
    )
    yield from (ledger for ledger in given if ledger is not None)
