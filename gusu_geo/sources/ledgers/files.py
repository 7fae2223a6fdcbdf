"""Reads the kinds of ledger files, each into a frame whose index is the row number."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gusu_geo.errors import SourceError, StudyError, shortened
from gusu_geo.foreign import foreign, plain_file
from gusu_geo.sources.ledgers.faults import SHOWN_ROWS, first_of
from gusu_geo.sources.ledgers.parts import read_layers
from gusu_geo.sources.ledgers.sheets import read_sheets, refuse_large
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
            got=shortened(str(source), SHOWN_LETTERS),
            fix=text("error.check_path"),
        ) from error


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
            got=path.suffix,
            fix=text("error.save_as", kinds=tuple(allowed)),
        )
    readers: dict[str, Callable[[Path, str], Any]] = {
        ".csv": _read_csv,
        ".xlsx": lambda file, spot: _under_header(read_sheets(file, spot)),
        ".parquet": _read_parquet,
    }
    plain_file(path, kind, where=spot)
    frame = readers.get(kind, read_layers)(path, spot)
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
    """A cell as text: "" for missing, "7" for 7.0 (sheets store whole numbers so); "?" for half a
    character, which no file of ours could hold."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    words = str(value).strip()
    return words if words.isascii() else words.encode("utf-8", "replace").decode("utf-8")


def _read_csv(path: Path, spot: str) -> pd.DataFrame:
    """All cells as text. Columns are counted first: pandas shifts rows that are too long."""
    with foreign(".csv", path, where=spot):
        content = path.read_bytes()
        try:
            whole = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            whole = content.decode("gb18030")
        sizes = [len(cells) for cells in csv.reader(io.StringIO(whole, newline=""))]
    refuse_large(len(sizes), max(sizes, default=0), spot)
    # Blank lines are kept here so that row numbers stay those of the file.
    with foreign(".csv", path, where=spot):
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
    return _under_header(frame.iloc[:, :width].set_axis(range(1, len(frame) + 1)))


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
    """The rows below the header row, read here because pandas renames repeated headers; index of
    both: row numbers."""
    body = frame.iloc[1:].copy()
    body.columns = [plain_text(header) for header in frame.iloc[0]] if len(frame) else []
    return body


def _read_parquet(path: Path, spot: str) -> Any:
    with foreign(".parquet", path, where=spot):
        return gpd.read_parquet(path)
