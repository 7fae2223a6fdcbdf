"""The study area: which keys say where homes are judged."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator, model_validator

from gusu_geo.study.ledger import OutlineFile
from gusu_geo.study.part import Part
from gusu_geo.words import text

Box = tuple[float, float, float, float]  # west, south, east, north in degrees


class OsmAdmin(Part):
    """An administrative boundary of the OSM file, by name and level; within: where it is."""

    name: str
    admin_level: int = Field(ge=1, le=15)
    within: tuple[float, float, float, float] | None = None

    @field_validator("within")
    @classmethod
    def _in_order(cls, value: Box | None) -> Box | None:
        return ordered(value)


class Area(OutlineFile):
    """The study area: exactly one of ``osm_admin``, ``boundary`` (a file, whose keys stand beside
    it) or ``bbox``; centre: longitude and latitude of the middle of the metric system."""

    osm_admin: OsmAdmin | None = None
    boundary: Path | None = None
    bbox: tuple[float, float, float, float] | None = None
    buffer_m: float = Field(default=1800.0, ge=0, le=20_000)
    centre: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Area:
        given = [key for key in ("osm_admin", "boundary", "bbox") if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(text("error.one_of_area", given=tuple(given) or text("error.none")))
        ordered(self.bbox)
        return self

    @field_validator("centre")
    @classmethod
    def _in_degrees(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not (abs(value[0]) <= 180 and abs(value[1]) <= 90):
            raise ValueError(text("error.centre_degrees"))
        return value


def ordered(box: Box | None) -> Box | None:
    """The box. Raises ValueError: sides in the wrong order, or not in degrees."""
    if box is not None:
        west, south, east, north = box
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError(text("error.bbox_order"))
    return box
