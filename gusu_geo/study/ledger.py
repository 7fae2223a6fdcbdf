"""How a file of the planner is read: keys that all sources share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gusu_geo.study.part import Part


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
    service: str | None = None
    persons: str | None = None
    elders: str | None = None
    children: str | None = None
    lon: str | None = None
    lat: str | None = None
    lonlat: str | None = None
    hours: str | None = None
    access: str | None = None
    typecode: str | None = None
    type: str | None = None
    households: str | None = None
    community: str | None = None
    branch: str | None = None
    committee: str | None = None


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
