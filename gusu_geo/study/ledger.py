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
    shared_hours: str | None = None
    host: str | None = None
    access: str | None = None
    typecode: str | None = None
    type: str | None = None


class Ledger(Part):
    """How a file of the planner is read.

    crs: "wgs84", "gcj02", "bd09", "cgcs2000", "epsg:NNNN" or a local grid; None: as the file
    says, else found by comparison with buildings. sheet, layer: the one meant, of several;
    header_row: its number, where it is not found. max_rejected: share of rows that may be set
    aside before reading stops (default: a fifth, or three rows). privacy: a column of telephones,
    identity numbers or names of persons stops reading ("refuse"), is left out ("drop") or hidden
    by *** ("mask").
    """

    crs: CrsName = None
    columns: Columns = Columns()
    sheet: str | None = None
    layer: str | None = None
    header_row: int | None = Field(default=None, ge=1)
    max_rejected: float | None = Field(default=None, ge=0, le=1)
    privacy: Literal["refuse", "drop", "mask"] = "refuse"
