"""Digests of everything that decides what is kept: input files, settings, our code, libraries.

Equal digests mean equal bytes: of the city in the cache (``digest_of``), of the files of a run
(``result_id``), and of what is made from a run (``derived_id``). The clock decides nothing.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import platform
import re
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pyogrio
import pyproj
import shapely

import gusu_geo
from gusu_geo.foreign import foreign, plain_file
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.district import PairingParams, district_ledgers
from gusu_geo.study.params import NO_FILE, NetworkParams, Study

PACKAGE = Path(gusu_geo.__file__).parent
CODE = {".py", ".toml", ".js", ".css", ".html"}
DATA = ("studies", "data")  # of an installed package: inputs, not code
AFTERWARDS = ("cli", "report")  # packages that read no source
NOT_READ = (
    *("title", "lang", "invented", "walk", "rule", "candidates", "siting", "hours", "report"),
)  # parts of a study
ELSEWHERE = r"extra == .(?!slopes\b)"  # of requirements: what is not imported where one judges
NOT_READ_PAIRING = ("min", "max", "switching", "per_km", "signals")  # keys of [pairing]
NOT_READ_STREETS = ("dem", "snap_max_m", "island_max_m")  # keys of [network]


def as_read(study: Study) -> Study:
    """The study as its sources are read: what the digest leaves out stands at its default, so that
    it cannot decide anything."""
    pairing = study.pairing  # its bounds and prices are of the model alone
    if pairing is not None:
        bounds = {name: PairingParams.model_fields[name].default for name in NOT_READ_PAIRING}
        pairing = pairing.model_copy(update=bounds)
    network = {name: NetworkParams.model_fields[name].default for name in NOT_READ_STREETS}
    parts = {name: Study.model_fields[name].default for name in NOT_READ}
    return study.model_copy(
        update={
            **parts,
            "network": study.network.model_copy(update=network),
            "pairing": pairing,
        },
    )


def digest_of(study: Study, pack: RulePack) -> str:
    """Digest of what decides the city: the study without ``NOT_READ``, the files it names, the
    pack, our code (with the words, which notes use) and the libraries.

    Raises SourceError: a file that the study names is missing.
    """
    settings = as_read(study).model_dump(mode="json", exclude={"root"})
    files = [part for path in _inputs(study) for part in _parts(path)]
    digests = [_file_digest(path) for path in files]
    return _digest(settings, asdict(pack), digests, code_of(PACKAGE, AFTERWARDS), _libraries())


def result_id(study: Study, key: str) -> str:
    """The run id of a study whose city has the digest ``key``: the same for every run that writes
    the same tables, whatever language or form its map has. Raises SourceError: no such
    raster, file of candidates, or calendar."""
    dem, sites = study.network.dem, [each.source for each in study.candidates]
    more = [study.path(dem)] if dem is not None else []
    files = [name for name in sites if name not in NO_FILE]
    more += [part for name in files for part in _parts(study.path(name))]
    more += [study.path(study.hours.calendar)] if study.hours.calendar is not None else []
    settings = study.model_dump(mode="json", exclude={"root", "siting"})  # of plans alone
    return _digest(key, settings, list(map(_file_digest, more)), code_of(PACKAGE), _libraries())


def part_id(result: str, state: str) -> str:
    """The run id of the outputs of the run ``result`` without its survey, by the state of that."""
    return derived_id(result, "survey", state)


def derived_id(result: str, *basis: object) -> str:
    """The run id of what is made from the run ``result``, by all that it depends on besides."""
    return _digest(result, *basis)


def sum_id(*basis: object) -> str:
    """The run id of what is made from several runs, by their ids and all that it depends on
    besides; our code and the libraries are part of it."""
    return _digest(*basis, code_of(PACKAGE), _libraries())


def _digest(*parts: object) -> str:
    """16 hexadecimal digits for plain data."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache  # as it was when this process began
def code_of(package: Path, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Digests of all files of a package by name, but those of the folders ``without``."""
    if without:
        whole = code_of(package).items()
        return {name: digest for name, digest in whole if Path(name).parts[0] not in without}
    names = {path.relative_to(package): path for path in package.rglob("*")}
    return {
        name.as_posix(): _file_digest(path)
        for name, path in sorted(names.items())
        if path.suffix in CODE and name.parts[0] not in DATA
    }


def environment() -> dict[str, str]:
    """What must be equal on two machines whose results are to be: as in the run ids."""
    code = _digest(code_of(PACKAGE))
    return {**_libraries(), "gusu-geo": f"{version('gusu-geo')} ({code})"}


@cache
def _libraries() -> dict[str, str]:
    """Versions of Python and of everything that we require, and of the libraries inside them; of
    extras those alone that results depend on."""
    lines = [line for line in requires("gusu-geo") or () if not re.search(ELSEWHERE, line)]
    wanted = [re.split(r"[^\w.-]", line)[0] for line in lines]
    found = {
        "gusu-geo": version("gusu-geo"),
        "python": platform.python_version(),
        "geos": shapely.geos_version_string,
        "proj": pyproj.proj_version_str,
        "gdal": pyogrio.__gdal_version_string__,
    }
    for name in wanted:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # of an extra that is not installed
            continue
    return found


def _inputs(study: Study) -> Iterator[Path]:
    """Every input file that the study names."""
    yield study.path(study.osm)
    if study.area.boundary is not None:
        yield study.path(study.area.boundary)
    for facility in study.facilities:
        if facility.source != "osm":
            yield study.path(facility.source)
    if study.residences.source != "osm-buildings":
        yield study.path(study.residences.source)
    for registry in (study.residences.compounds, study.residences.buildings):
        if registry is not None:
            yield study.path(registry.source)
    if study.compounds.source != "osm":
        yield study.path(study.compounds.source)
    if study.compounds.gates is not None:
        yield study.path(study.compounds.gates.source)
    for zone in study.zones:
        for path in (zone.source, zone.ledger, zone.aliases):
            if isinstance(path, Path):
                yield study.path(path)
    for ledger in district_ledgers(study):
        yield study.path(ledger.source)


def _parts(path: Path) -> list[Path]:
    """A file and those that belong to it: a shapefile has several, a GeoPackage may have two."""
    if path.suffix.lower() == ".shp":
        return [path, *sorted(set(path.parent.glob(f"{glob.escape(path.stem)}.*")) - {path})]
    journal = Path(f"{path}-wal")  # also of "/", which has no name
    return [path, journal] if os.path.isfile(journal) else [path]  # noqa: PTH113 (a long name)


def _file_digest(path: Path) -> str:
    with foreign("file", plain_file(path, "file")), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
