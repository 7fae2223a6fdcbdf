"""Output files: written to a temporary folder first, then moved into place together."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gusu_geo.assessment.summary import Summary
from gusu_geo.errors import OutputError
from gusu_geo.foreign import foreign
from gusu_geo.pipeline.output_sets import MAP, OutputSet, data_folder
from gusu_geo.pipeline.workplace import PREFIX, alone, remove, sweep, workplace
from gusu_geo.report.stamp import RUN_ID, marked, stamped
from gusu_geo.study.params import Study
from gusu_geo.words import text

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


@dataclass(frozen=True)
class Stage:
    """Where outputs are written before they are moved: ``tables`` lies on the disk of the tables,
    ``maps`` on that of the maps."""

    tables: Path
    maps: Path

    def part(self, name: str) -> Stage:
        """A stage for one set of files."""
        for place in (self.tables, self.maps):
            (place / name).mkdir()
        return Stage(self.tables / name, self.maps / name)

    def write_map(self, page: str, run_id: str) -> None:
        """Write the map of the set with this run id."""
        (self.maps / MAP).write_text(stamped(page, run_id), encoding="utf-8")

    def write_json(self, name: str, document: Mapping[str, object]) -> None:
        """Write indented JSON. Raises ValueError: NaN or infinity, which would be our fault."""
        content = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
        (self.tables / name).write_text(f"{content}\n", encoding="utf-8")


@contextmanager
def staging(study: Study, out: str | Path) -> Iterator[Stage]:
    """Folders to write into before anything is moved; always deleted at the end.

    What killed runs have left goes first.
    Raises OutputError: the output folder cannot be created or written, or the disk is full.
    """
    with staging_in(data_folder(study, out), Path(out) / "maps", study.name) as stage:
        yield stage


@contextmanager
def staging_in(folder: Path, maps: Path, name: str) -> Iterator[Stage]:
    """As ``staging``, for outputs of this name that lie in these folders."""
    with ExitStack() as places:
        try:
            for place in (maps, folder):
                place.mkdir(parents=True, exist_ok=True)
                if not os.access(place, os.W_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            _sweep_litter(name, folder, maps)
            stage = Stage(*(places.enter_context(workplace(each)) for each in (folder, maps)))
        except OSError as error:
            raise cannot_write(folder, error) from error
        try:
            yield stage
        except OSError as error:
            if error.errno not in WRITE_FAULTS:
                raise
            raise cannot_write(folder, error) from error


def _sweep_litter(name: str, folder: Path, maps: Path) -> None:
    """Delete what killed runs left: of the cache, and of versions that used names of their own."""
    sweep(folder / ".cache", f"{PREFIX}*")
    for pattern in (".stage-[0-9]*", ".cache/city-*.part-*"):
        sweep(folder, pattern)
    for path in maps.glob(".*.html.*"):
        if re.fullmatch(rf"\.{re.escape(name)}(-.*)?\.html\.\d+", path.name):
            remove(path)


def cannot_write(folder: Path, error: OSError) -> OutputError:
    """The message for a failed write into the folder."""
    if error.errno == errno.ENOSPC:
        fix = text("error.free_space")
        return OutputError(text("error.disk_full"), where=folder, fix=fix)
    reason = os.strerror(error.errno or 0)
    return OutputError(
        text("error.cannot_write", reason=reason),
        where=error.filename or folder,
        fix=text("error.choose_out"),
    )


def publish(data: Path, *sets: tuple[Stage, OutputSet], gone: Iterable[Path] = ()) -> None:
    """Move every set from its stage into place; data: see ``data_folder``. gone: files and folders
    that belong to a set no longer, deleted with the move.

    Steps that can fail are done or checked before the first file is replaced.
    """
    moves: list[tuple[Path, Path]] = []
    for stage, outputs in sets:
        for path in outputs.tables:
            path.parent.mkdir(parents=True, exist_ok=True)
            moves.append((stage.tables / path.relative_to(outputs.folder), path))
        if outputs.mapped:
            moves.append((stage.maps / MAP, outputs.map_path))
    for _, place in moves:
        if os.path.exists(place) and not place.is_file():  # noqa: PTH110 (any name)
            raise IsADirectoryError(errno.EISDIR, "a folder is in the way", str(place))
    with alone(data):  # sets of two runs at once never mix
        for path, place in moves:
            path.replace(place)
        for place in gone:
            remove(place)


def write_layers(
    layers: Iterable[tuple[str, gpd.GeoDataFrame]], path: Path, *, summary: Summary, run_id: str
) -> None:
    """Write a GeoPackage; summary: of the run that the layers are of, or are compared with."""
    dated, invented = summary["data"]["osm_date"], summary["invented"]
    write_dated(layers, path, dated=dated, invented=invented, run_id=run_id)


def write_dated(
    layers: Iterable[tuple[str, gpd.GeoDataFrame]],
    path: Path,
    *,
    dated: str,
    invented: bool,
    run_id: str,
) -> None:
    """Write a GeoPackage with the time stamp of the data: a second run gives identical bytes.

    layers: each is written before the next one is asked for. dated: date of the data, "" unknown.
    Invented data say so in the metadata and in a column of every layer.
    """
    facts = {RUN_ID: run_id} | ({"invented": "yes"} if invented else {})
    stamp = (dated or "1970-01-01T00:00:00Z")[:19] + "Z"
    # Nobody reads the file before it is moved into place: no layer waits for the disk.
    options = {"OGR_CURRENT_DATE": stamp.replace("ZZ", "Z"), "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    pyogrio.set_gdal_config_options(options)
    try:
        for name, plain in layers:
            frame = marked(plain, invented=invented)
            # Metadata of the whole file would make every reader leave an .aux.xml beside it.
            form = {"engine": "pyogrio", "layer_metadata": facts, "use_arrow": _plain(frame)}
            frame.to_file(path, layer=name, driver="GPKG", **form)
    except RuntimeError as error:  # GDAL reports a full disk in several ways
        if "full" in str(error) or shutil.disk_usage(path.parent).free < FULL_BYTES:
            raise OSError(errno.ENOSPC, f"cannot write {path.name}") from error
        raise
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(options))


def _plain(frame: gpd.GeoDataFrame) -> bool:
    """Whether columns hold numbers of numpy and texts alone: these go through Arrow, which gives
    the same content in three fifths of the time. Of others Arrow would make types of its own."""
    columns = (frame[name] for name in frame.columns if name != frame.geometry.name)
    return all(
        column.dtype.kind in "bif"
        if isinstance(column.dtype, np.dtype) and column.dtype != object
        else pd.api.types.infer_dtype(column, skipna=True) == "string"
        for column in columns
    )


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
