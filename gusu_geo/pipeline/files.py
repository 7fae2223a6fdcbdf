"""Output files: written to a temporary folder first, then moved into place together."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import geopandas as gpd
import pyogrio

from gusu_geo.errors import OutputError
from gusu_geo.foreign import foreign
from gusu_geo.pipeline.cache import in_use, remove
from gusu_geo.study.params import Study
from gusu_geo.words import text

MAP = "map.html"
PLAN = "plan.json"
FULL_BYTES = 1_000_000  # less free space than this after a failed write means a full disk
WRITE_FAULTS = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EIO,
    errno.EISDIR,
    errno.ENOTDIR,
    errno.ENAMETOOLONG,
}


def folder_of(study: Study, out: str | Path) -> Path:
    """The folder for a study's tables."""
    return Path(out) / "data" / "processed" / study.name


@contextmanager
def staging(study: Study, out: str | Path) -> Iterator[Path]:
    """A folder to write into before anything is moved; always deleted at the end.

    Raises OutputError: the output folder cannot be created or written, or the disk is full.
    """
    folder, maps = folder_of(study, out), Path(out) / "maps"
    stage = folder / f".stage-{os.getpid()}"
    try:
        for place in (maps, folder):
            place.mkdir(parents=True, exist_ok=True)
            if not os.access(place, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        for old in folder.glob(".stage-*"):  # of killed runs
            if not in_use(old):
                remove(old)
        stage.mkdir()
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        yield stage
    except OSError as error:
        if error.errno not in WRITE_FAULTS:
            raise
        raise _cannot_write(folder, error) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _cannot_write(folder: Path, error: OSError) -> OutputError:
    if error.errno == errno.ENOSPC:
        fix = text("error.free_space")
        return OutputError(text("error.disk_full"), where=folder, fix=fix)
    reason = os.strerror(error.errno or 0)
    return OutputError(
        text("error.cannot_write", reason=reason),
        where=error.filename or folder,
        fix=text("error.choose_out"),
    )


def publish(study: Study, stage: Path) -> tuple[Path, Path]:
    """Move everything from ``stage`` into place; returns the folder and the map's path."""
    folder = stage.parent
    target = map_path(study.name, folder)
    planned = (stage / PLAN).exists()
    move_all(stage, folder, target)
    if not planned:
        (folder / PLAN).unlink(missing_ok=True)  # a plan of an earlier result
    return folder, target


def map_path(name: str, folder: Path) -> Path:
    """Path of the map ``name``; ``folder``: that of its study's tables."""
    return folder.parents[2] / "maps" / f"{name}.html"


def move_all(stage: Path, folder: Path, target: Path) -> None:
    """Move tables from ``stage`` into ``folder`` and the map to ``target``.

    Steps that can fail are done or checked before the first file is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    moves = [(path, folder / path.name) for path in sorted(stage.iterdir()) if path.name != MAP]
    try:
        for place in (*(place for _, place in moves), target):
            if os.path.exists(place) and not place.is_file():  # noqa: PTH110 (any name)
                raise IsADirectoryError(errno.EISDIR, "a folder is in the way", str(place))
        shutil.copyfile(stage / MAP, temporary)  # maps/ may lie on another disk
        for path, place in [*moves, (temporary, target)]:
            path.replace(place)
    finally:
        temporary.unlink(missing_ok=True)


def as_json(document: Mapping[str, object]) -> str:
    """Indented JSON. Raises ValueError: NaN or infinity, which would be a fault of ours."""
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write_layers(layers: dict[str, gpd.GeoDataFrame], path: Path, *, osm_date: str) -> None:
    """Write a GeoPackage with the time stamp of the data: a second run gives identical bytes."""
    stamp = (osm_date or "1970-01-01T00:00:00Z")[:19] + "Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp.replace("ZZ", "Z")})
    try:
        for name, frame in layers.items():
            frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    except RuntimeError as error:  # GDAL reports a full disk in several ways
        if "full" in str(error) or shutil.disk_usage(path.parent).free < FULL_BYTES:
            raise OSError(errno.ENOSPC, f"cannot write {path.name}") from error
        raise
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_text(path: Path, content: str) -> None:
    """Write a complete file or none; a link keeps pointing where it did.

    Raises OutputError: it cannot be written, or what is there is no plain file.
    """
    with foreign("output", path):
        target = path.resolve()
        there = target.exists()
    if target.is_dir():
        raise OutputError(text("error.is_folder"), where=path, fix=text("error.name_file"))
    if there and not target.is_file():
        fix = text("error.name_plain_file")
        raise OutputError(text("error.not_regular"), where=path, fix=fix)
    temporary = target.parent / f".gusu-geo.part-{os.getpid()}"  # short: the name may not be
    try:
        with foreign("output", path):
            temporary.write_text(content, encoding="utf-8")
            temporary.replace(target)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
