"""Reads the kinds of ledger files, each into a frame whose index is the row number."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gusu_geo.errors import SourceError, StudyError
from gusu_geo.sources.ledgers.faults import SHOWN_ROWS, first_of
from gusu_geo.sources.ledgers.parts import read_layers, read_sheet
from gusu_geo.study.params import Study
from gusu_geo.words import text

TABLES = (".csv", ".xlsx")
SHAPES = (".geojson", ".json", ".gpkg", ".shp", ".parquet")
SHOWN_LETTERS = 80


def path_of(study: Study, source: str | Path, where: str) -> Path:
    """The path of ``source``, relative to the study file.

    Raises SourceError: impossible file name (with a NUL, or thousands of letters).
    """
    try:
        return study.path(source)
    except StudyError as error:
        raise SourceError(
            error.what,
            where=where,
            got=shortened(str(source)),
            fix=text("error.check_path"),
        ) from error


def shortened(word: str) -> str:
    """A text for an error message: the beginning only, if it is very long.

    >>> shortened("a" * 100) == "a" * 79 + "…"
    True
    """
    return word if len(word) <= SHOWN_LETTERS else word[: SHOWN_LETTERS - 1] + "…"


def read_file(path: Path, allowed: tuple[str, ...], spot: str) -> Any:
    """The frame of a file; index: row numbers, where the header of a table is row 1.

    Tables keep cells unchanged; headers are plain text and may repeat; blank rows are left out.
    Other files become a GeoDataFrame, rows counted from 1.
    Raises SourceError naming ``spot``: missing, of another kind, unreadable, empty, or a CSV file
    with rows longer than its header.
    """
    kind = path.suffix.lower()
    if kind not in allowed:
        raise SourceError(
            text("error.wrong_kind"),
            where=spot,
            got=shortened(path.suffix),
            fix=text("error.save_as", kinds=tuple(allowed)),
        )
    readers: dict[str, Callable[[Path], Any]] = {
        **dict.fromkeys(SHAPES, lambda file: read_layers(file, spot)),
        ".csv": lambda file: _read_csv(file, spot),
        ".xlsx": lambda file: _under_header(read_sheet(file)),
        ".shp": lambda file: _read_shp(file, spot),
        ".parquet": gpd.read_parquet,
    }
    try:
        if not path.is_file():
            raise SourceError(text("error.no_file"), where=spot)
        frame = readers[kind](path)
    except (ValueError, OSError, KeyError, RuntimeError, zipfile.BadZipFile, csv.Error) as error:
        raise SourceError(
            text("error.cannot_read_as", kind=kind, error=str(error)),
            where=spot,
            fix=text("error.complete_and_kind"),
        ) from error
    if kind in TABLES:
        frame = frame[[any(map(text_of, row)) for row in frame.itertuples(index=False)]]
    else:
        frame.index = range(1, len(frame) + 1)
    if frame.empty or (kind not in TABLES and not isinstance(frame, gpd.GeoDataFrame)):
        raise SourceError(
            text("error.no_rows") if frame.empty else text("error.no_geometry"), where=spot
        )
    return frame


def plain_text(value: object) -> str:
    """A cell as text, full-width digits and letters made half-width: "１２０．５" is 120.5."""
    return unicodedata.normalize("NFKC", text_of(value)).strip()


def text_of(value: object) -> str:
    """A cell as text: "" for missing, "7" for 7.0 (sheets store whole numbers so)."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _read_csv(path: Path, spot: str) -> pd.DataFrame:
    """All cells as text. Columns are counted first: pandas shifts rows that are too long."""
    content = path.read_bytes()
    try:
        whole = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        whole = content.decode("gb18030")
    sizes = [len(cells) for cells in csv.reader(io.StringIO(whole, newline=""))]
    # Blank lines are kept here so that row numbers stay those of the file.
    frame = pd.read_csv(
        io.StringIO(whole),
        dtype=str,
        header=None,
        names=range(max(sizes, default=0)),
        index_col=False,
        keep_default_na=False,
        skip_blank_lines=False,
    )
    width = sizes[0] if sizes else 0
    beyond = [any(map(text_of, row)) for row in frame.iloc[:, width:].itertuples(index=False)]
    _refuse_long([i + 1 for i, long in enumerate(beyond) if long], width, spot)
    return _under_header(frame.iloc[:, :width])


def _refuse_long(rows: list[int], width: int, spot: str) -> None:
    if not rows:
        return
    named = [text("error.row", row=row) for row in rows]
    raise SourceError(
        text(
            "error.long_row" if len(rows) == 1 else "error.long_rows",
            count=len(rows),
            width=width,
            rows=first_of(named, SHOWN_ROWS),
        ),
        where=spot,
        fix=text("error.quote_commas"),
    )


def _under_header(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows below the header row, read here because pandas renames repeated headers."""
    body = frame.iloc[1:].copy()
    body.columns = [plain_text(header) for header in frame.iloc[0]] if len(frame) else []
    body.index = pd.RangeIndex(2, len(body) + 2)
    return body


def _read_shp(path: Path, spot: str) -> Any:
    if path.with_suffix(".cpg").exists():
        return read_layers(path, spot)
    try:
        return read_layers(path, spot, encoding="utf-8")
    except UnicodeDecodeError:
        return read_layers(path, spot, encoding="gb18030")
