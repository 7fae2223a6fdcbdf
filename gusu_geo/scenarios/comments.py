"""Comments of reviewers in a scenario file: pinned to places, without personal numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, field_validator

from gusu_geo.errors import InputError
from gusu_geo.scenarios.parts import Name, Part, lonlat
from gusu_geo.sources.ledgers.privacy import personal_in
from gusu_geo.words import text

LONGEST_COMMENT = 500  # characters


class Comment(Part):
    """What a reviewer says of a place. at: lon, lat (EPSG:4326); home, venue: id of what stands
    there; by: initials; when: as the author writes it, as no clock is read."""

    text: str = Field(min_length=1, max_length=LONGEST_COMMENT)
    at: tuple[float, float] = Field(json_schema_extra={"lonlat": True})
    home: Name | None = None
    venue: Name | None = None
    by: Annotated[str, Field(max_length=20)] = ""
    when: Annotated[str, Field(max_length=40)] = ""

    @field_validator("at")
    @classmethod
    def _degrees(cls, at: tuple[float, float]) -> tuple[float, float]:
        return lonlat(at)


def refuse_personal(comments: Sequence[Comment], where: str) -> None:
    """Raises InputError where a comment holds a telephone or identity number, without saying it."""
    for number, comment in enumerate(comments):
        for key in ("text", "by", "when"):
            if personal_in(getattr(comment, key)):
                spot = f"{where}: comments[{number}].{key}"
                fix = text("error.leave_number_out")
                raise InputError(text("error.comment_personal"), where=spot, fix=fix)
