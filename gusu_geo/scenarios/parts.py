"""What every part of a scenario file is made of: strict, frozen, as JavaScript reads it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gusu_geo.words import text

MAX_WHOLE = 2**53 - 1  # what JavaScript counts exactly


class Part(BaseModel):
    """Frozen; refuses unknown keys, wrong types, NaN and infinite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def whole(value: object) -> object:
    """5.0 is 5, as JavaScript reads it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, Field(ge=0, le=MAX_WHOLE), BeforeValidator(whole)]
Name = Annotated[str, Field(max_length=1000)]


def lonlat(at: tuple[float, float]) -> tuple[float, float]:
    """Degrees in range. Raises ValueError, which pydantic reports."""
    if not (-180 <= at[0] <= 180 and -90 <= at[1] <= 90):
        raise ValueError(text("error.must_be_lonlat"))
    return at
