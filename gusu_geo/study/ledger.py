"""How a file of the planner is read: keys that all sources share."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from gusu_geo.study.part import Part
from gusu_geo.words import text

MARKS = {"ring": "圈层", "type": "类型"}  # columns of homes, with their usual headers; optional
ATTRIBUTE = "attribute:"  # columns of homes by which results are broken down begin so


def is_mark(column: object) -> bool:
    """Whether a column of homes is a ring, a type or an attribute."""
    return column in MARKS or str(column).startswith(ATTRIBUTE)


class TransverseMercator(Part):
    """A grid in metres on the ellipsoid of CGCS2000: Gauss-Krüger with scale 1 on its meridian."""

    lon0_deg: float = Field(ge=70, le=140)
    false_easting_m: float = 500_000.0
    false_northing_m: float = 0.0


class LocalGrid(Part):
    """The coordinate system of a city: ``{ tm = { lon0_deg = 120.6, ... } }``."""

    tm: TransverseMercator


CrsName = str | LocalGrid | None


class Columns(Part):
    """Which columns of a ledger hold what."""

    id: str | None = None
    name: str | None = None
    compound: str | None = None
    community: str | None = None
    subdistrict: str | None = None
    parent: str | None = None
    tier: str | None = None
    service: str | None = None
    persons: str | None = None
    elders: str | None = None
    children: str | None = None
    lon: str | None = None
    lat: str | None = None
    lonlat: str | None = None
    hours: str | None = None
    shared_hours: str | None = None
    host: str | None = None
    access: str | None = None
    typecode: str | None = None
    type: str | None = None
    households: str | None = None
    branch: str | None = None
    committee: str | None = None
    ring: str | None = None
    complaints: str | None = None
    area_m2: str | None = None
    cost: str | None = None
    available: str | None = None
    vote: str | None = None
    heritage: str | None = None
    date: str | None = None
    round: str | None = None
    origin: str | None = None
    kind: str | None = None
    theme: str | None = None
    visits: str | None = None
    capacity: str | None = None
    unit: str | None = None
    team: str | None = None
    staff: str | None = None
    fte: str | None = None
    group: str | None = None
    body: str | None = None
    functions: str | None = None
    most: str | None = None
    project: str | None = None
    status: str | None = None


Privacy = Literal["refuse", "drop", "mask"]


class OutlineFile(Part):
    """How a file of polygons is read."""

    crs: CrsName = None
    layer: str | None = None
    privacy: Privacy = "refuse"


class Ledger(Part):
    """How a file of the planner is read."""

    crs: CrsName = None
    columns: Columns = Columns()
    sheet: str | None = None
    layer: str | None = None
    header_row: int | None = Field(default=None, ge=1)
    max_rejected: float | None = Field(default=None, ge=0, le=1)
    privacy: Privacy = "refuse"


class Attributed(Part):
    """Columns of a file of the planner's by which results are broken down, too."""

    attributes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _of_a_file(self) -> Attributed:
        source = getattr(self, "source", None)
        beside = getattr(self, "ledger", None) is not None
        named = isinstance(source, str | Path) and source not in _NO_FILE
        if self.attributes and not (beside or named):
            raise ValueError(text("error.attributes_need_file"))
        return self


_NO_FILE = ("osm", "osm-buildings")
