"""PROVINCE.toml: one region, how it is divided into districts, and what study each is given. What
its keys mean stands in the words file, section ``province_key``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from gusu_geo.errors import StudyError
from gusu_geo.foreign import foreign
from gusu_geo.streets.enclosed import ENCLOSED_MAX_M
from gusu_geo.study.area import Box, ordered
from gusu_geo.study.catalog import PROFILES, read_toml
from gusu_geo.study.ledger import Columns, OutlineFile
from gusu_geo.study.params import Study, Title
from gusu_geo.study.part import Part
from gusu_geo.study.study_file import builtin_studies, first_fault, open_study
from gusu_geo.words import text

HALO_MOST_M = 20_000.0  # as ``area.buffer_m``
DOWNHILL = math.exp(0.175)  # how many times faster than on the level, at most (Tobler)
NAME_LETTERS, NAME_BYTES = 30, 80  # of a province: the keys of its districts begin with it
HEAD = ("name", "title")


class RegionFile(Part):
    """The OSM file of the whole region."""

    osm: Path


class DistrictSource(OutlineFile):
    """Where the districts come from: exactly one of level, outlines and studies."""

    level: int | None = Field(default=None, ge=1, le=15)
    within: str | Box | None = None
    outlines: Path | None = None
    columns: Columns = Columns()
    studies: tuple[Path, ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_of(self) -> DistrictSource:
        ways = ("level", "outlines", "studies")
        given = [key for key in ways if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(
                text("error.one_of_districts", given=tuple(given) or text("error.none"))
            )
        if self.within is not None and self.level is None:
            raise ValueError(text("error.within_level"))
        if not isinstance(self.within, str):
            ordered(self.within)
        return self


class SchedulerParams(Part):
    """How many districts at a time, and what a worker may take."""

    workers: int | None = Field(default=None, ge=1, le=4096)
    memory_gb: float | None = Field(default=None, gt=0)
    retries: int = Field(default=2, ge=0, le=100)


class Province(Part):
    """One PROVINCE.toml. ``root``: folder that relative paths start from; ``where``: its path, for
    messages."""

    name: str = Field(pattern=r"^\w[\w.-]*$", max_length=NAME_LETTERS)
    title: Title = Title()
    root: Path = Path()
    where: str = ""
    region: RegionFile
    districts: DistrictSource
    template: Path | None = None
    halo_m: float | None = Field(default=None, gt=0, le=HALO_MOST_M)
    crs: Literal["one", "own"] = "one"
    scheduler: SchedulerParams = SchedulerParams()

    @field_validator("name")
    @classmethod
    def _room_for_districts(cls, name: str) -> str:
        if len(name.encode("utf-8", "replace")) > NAME_BYTES:
            raise ValueError(text("error.name_too_long", most=NAME_BYTES))
        return name

    @model_validator(mode="after")
    def _template_or_studies(self) -> Province:
        if (self.template is None) == (self.districts.studies is None):
            raise ValueError(text("error.template_or_studies"))
        return self

    @property
    def osm(self) -> Path:
        """The OSM file of the region."""
        return self.path(self.region.osm)

    def path(self, relative: str | Path) -> Path:
        """``relative`` as a path from ``root``. Raises StudyError: impossible file name."""
        with foreign("path", str(relative)):
            return (self.root / relative).resolve()

    def study(self, own: Path | None = None) -> Study:
        """The study that a district is made from: its own, else the template."""
        return open_study(own or self.template_path)

    @property
    def template_path(self) -> Path:
        """The template: a file, else the built-in study of that name."""
        named = str(self.template or "")
        path = self.path(named)
        return path if path.is_file() else builtin_studies().get(named, path)

    def halo(self, study: Study) -> float:
        """Metres of streets and venues around a district that it is given, see ``halo_m``.

        Raises StudyError: ``halo_m`` is less than its homes may need.
        """
        least, usual = halos(study)
        given = self.halo_m
        if given is None:
            given = usual
        elif given < least:
            what = text("error.at_key", spot="halo_m", what=text("error.halo_least", least=least))
            raise StudyError(what, where=self.where, got=given, fix=text("error.halo_fix"))
        if given > HALO_MOST_M:
            what = text("error.halo_most", halo=given, most=HALO_MOST_M)
            raise StudyError(what, where=self.where, fix=text("error.halo_fix"))
        return given


def open_province(path: str | Path) -> Province:
    """The province of a file, whose OSM file and template are there.

    Raises StudyError: no such file, not TOML, unknown key (the nearest is named), bad value; the
    template is no study, or names a file that is not there.
    """
    path = Path(path)
    document = read_toml(path)
    with foreign("path", path):
        root = path.resolve().parent
    province = parse_province(document, root=root, where=str(path))
    refuse_missing(province.osm, province.where, "region.osm")
    for own in province.districts.studies or (None,):
        study = province.study(None if own is None else province.path(own))
        province.halo(study)
        refuse_missing_files(study)
    if province.districts.outlines is not None:
        outlines = province.path(province.districts.outlines)
        refuse_missing(outlines, province.where, "districts.outlines")
    return province


def parse_province(document: dict[str, Any], *, root: Path, where: str) -> Province:
    """A Province from the TOML document; ``where`` names the file in errors."""
    document = dict(document)
    head = document.pop("province", None)
    if not isinstance(head, dict):
        raise StudyError(text("error.no_province_table"), where=where)
    for key in HEAD:
        if key in document:
            raise StudyError(text("error.wrong_province_table", key=key), where=where)
    for key in ("region", "districts", "scheduler", "root", "where"):
        if key in head or (key in document and key in ("root", "where")):
            raise StudyError(text("error.unknown_key", key=key), where=where)
    try:
        return Province.model_validate({**document, **head, "root": root, "where": where})
    except ValidationError as error:
        raise first_fault(error, where, tables=document, model=Province) from None


def halos(study: Study) -> tuple[float, float]:
    """The least halo, and the one that leaves no difference between parts and the whole, in metres.

    A home counts every venue that is reached within the cutoff, at the speed of the fastest
    profile, and both are linked to streets; a piece of network there is an island, or a private
    quarter, if the whole of it is seen to be small.

    >>> halos(open_study("monaco"))
    (7360.0, 7360.0)
    """
    walk, network = study.walk, study.network
    speed = max(walk.speed(), *(profile.speed_mps for profile in PROFILES.values()))
    if network.dem is not None and walk.slope == "tobler":
        speed *= DOWNHILL
    if walk.ferries == "open":
        speed = max(speed, walk.ferry_mps)
    reach = study.rule.cutoff_minutes * 60 * speed + 2 * network.snap_max_m
    least = max(study.area.buffer_m, reach + network.island_max_m)
    usual = max(least, reach + ENCLOSED_MAX_M)
    return float(math.ceil(least)), float(math.ceil(usual))


def files_of(document: Any, key: str = "") -> list[tuple[str, str]]:
    """Every file that a study file names, but the OSM file and the area: (place in it, path)."""
    found = []
    for name, value in document.items():
        spot = f"{key}.{name}" if key else name
        tables = value if isinstance(value, list) else [value]
        if isinstance(value, str) and is_file_key(spot, value):
            found.append((spot, value))
        for table in tables:
            if isinstance(table, dict):
                found += files_of(table, spot)
    return found


def is_file_key(spot: str, value: str) -> bool:
    """Whether the text ``value`` at the place ``spot`` of a study file names a file."""
    last = spot.rpartition(".")[2]
    if last == "pack":
        return value.endswith(".toml")
    return last in _FILE_KEYS and not (last == "source" and value in _NO_FILES)


_FILE_KEYS = ("source", "dem", "ledger", "aliases", "calendar")
_NO_FILES = ("osm", "osm-buildings", "streets")


def refuse_missing(path: Path, where: str, spot: str) -> None:
    """Raises StudyError: there is no such file."""
    if not path.is_file():
        fix = text("error.check_path_there")
        raise StudyError(text("error.no_file"), where=f"{where}: {spot}", got=str(path), fix=fix)


def refuse_missing_files(study: Study) -> None:
    """Raises StudyError: a file that the study names is not there; once, not for each district."""
    settings = study.model_dump(mode="json", exclude={"root", "area"})
    for spot, value in files_of(settings):
        if spot != "network.osm":
            refuse_missing(study.path(value), study.name, spot)
