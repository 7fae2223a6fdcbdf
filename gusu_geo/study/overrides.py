"""Rules of their own for some homes: ``[[rule.override]]``, by type, ring or level of zones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from pydantic import Field, field_validator, model_validator

from gusu_geo.errors import nearest_name
from gusu_geo.study._fields import MAX_COUNT, MAX_MINUTES
from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.part import Part
from gusu_geo.words import folded, text

Words = tuple[str, ...]
KEYS = ("type", "ring", "level")  # of ``where``, the one that goes before first
NAMED_BY = ("minutes", "profile", "services", "min_count")


class Where(Part):
    """Which homes: of one of these types, in one of these rings, in a zone of one of these levels.
    Several keys must all hold. Words are compared without case, width and spaces."""

    type: str | Words = ()
    ring: str | Words = ()
    level: str | Words = ()

    @field_validator("*", mode="after")
    @classmethod
    def _filled(cls, given: str | Words) -> str | Words:
        words = (given,) if isinstance(given, str) else given
        if given != () and not all(word.strip() for word in words):
            raise ValueError(text("error.where_blank"))
        return given

    @model_validator(mode="after")
    def _some_key(self) -> Where:
        if not self.keys:
            raise ValueError(text("error.where_empty", keys=KEYS))
        return self

    @property
    def keys(self) -> Words:
        """The keys that are given, the one that goes before first."""
        return tuple(key for key in KEYS if self.words(key))

    def words(self, key: str) -> Words:
        """What a home must be one of; () where the key is not given."""
        given: str | Words = getattr(self, key)
        return (given,) if isinstance(given, str) else given

    @property
    def rank(self) -> tuple[int, ...]:
        """What goes before is greater: more keys, then type, ring, level."""
        return (len(self.keys), *(int(key in self.keys) for key in KEYS))

    def meets(self, other: Where) -> bool:
        """Whether one home may fit both, which have the same keys."""
        return all(
            {folded(word) for word in self.words(key)} & {folded(word) for word in other.words(key)}
            for key in self.keys
        )


class Override(Part):
    """A rule of their own for some homes: what is not given stays as in the pack.

    services: the only ones asked for. minutes, min_count: in place of the pack's; a service with
    its own keeps it unless ``services`` names it. profile: how they walk.

    >>> Override(where={"type": "老新村"}, profile="elder", minutes=10).where.keys
    ('type',)
    """

    where: Where
    minutes: float | None = None
    profile: str | None = None
    services: Words | None = None
    min_count: int | None = Field(default=None, ge=1, le=MAX_COUNT)

    @field_validator("minutes")
    @classmethod
    def _positive(cls, value: float | None) -> float | None:
        if value is not None and not (math.isfinite(value) and 0 < value <= MAX_MINUTES):
            raise ValueError(text("error.minutes_most", max_minutes=MAX_MINUTES))
        return value

    @field_validator("profile")
    @classmethod
    def _known_profile(cls, value: str | None) -> str | None:
        if value is not None and value not in PROFILES:
            raise ValueError(
                text("error.profile_unknown", name=value, hint=nearest_name(value, PROFILES))
            )
        return value

    @field_validator("services")
    @classmethod
    def _some_service(cls, value: Words | None) -> Words | None:
        if value is not None and not value:
            raise ValueError(text("error.override_no_service"))
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Override:
        if all(getattr(self, key) is None for key in NAMED_BY):
            raise ValueError(text("error.override_nothing", keys=NAMED_BY))
        return self


def refuse_ties(overrides: Sequence[Override]) -> None:
    """Raises ValueError: two overrides of the same keys may fit one home, so neither goes first."""
    for (i, one), (j, other) in combinations(enumerate(overrides, start=1), 2):
        if one.where.rank == other.where.rank and one.where.meets(other.where):
            raise ValueError(text("error.override_tie", first=i, second=j, keys=one.where.keys))
