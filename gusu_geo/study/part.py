"""The base of all parts of a study: frozen, unknown keys refused, every value of its own type."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from gusu_geo.errors import shortened
from gusu_geo.words import text

_NUMBERS = (float, int, float | None, int | None)
_BOXES = (tuple[float, float, float, float] | None,)
_YES_NO = (bool, bool | None)


class Part(BaseModel):
    """Base of all parts of a study: frozen, unknown keys refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False
    )

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_own_type(cls, given: Any, info: ValidationInfo) -> Any:
        """pydantic would take true for 1, "1.1" for 1.1, and "off" or 0 for false."""
        key = info.field_name or ""
        kind = cls.model_fields[key].annotation
        members = given if kind in _BOXES and isinstance(given, list | tuple) else [given]
        wrong = [value for value in members if isinstance(value, bool | str)]
        if wrong and kind in (*_NUMBERS, *_BOXES):
            raise ValueError(text("error.number_not", key=key, value=_as_toml(wrong[0])))
        no_word = isinstance(given, str | int | float) and not isinstance(given, bool)
        if no_word and kind in _YES_NO:
            raise ValueError(text("error.yes_no_not", key=key, value=_as_toml(given)))
        return given


def _as_toml(value: bool | str | float) -> str:
    """A wrong value as the study file writes it."""
    return str(value).lower() if isinstance(value, bool) else shortened(repr(value))
