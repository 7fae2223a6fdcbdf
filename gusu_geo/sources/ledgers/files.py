"""Reads the kinds of ledger files, each into a frame whose index is the row number."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from gusu_geo.errors import SourceError, StudyError, shortened
from gusu_geo.foreign import each, fault, foreign, plain_file
from gusu_geo.sources.ledgers.faults import SHOWN_ROWS, first_of, raise_faults
from gusu_geo.study.params import Study
from gusu_geo.words import Text, text

TABLES = (".csv", ".xlsx")
SHAPES = (".geojson", ".json", ".gpkg", ".shp", ".parquet")
SHOWN_LETTERS = 80
ROWS_MAX, COLUMNS_MAX = 2**20, 2**14  # of a sheet, as every spreadsheet program has them
CELLS_MAX = 50_000_000  # of a table, 4 GB as text
UNPACKED_MAX_BYTES = 2_000_000_000  # of a workbook: more was packed to do harm


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
        ".xlsx": _read_xlsx,
        ".parquet": _read_parquet,
    }
    plain_file(path, kind, where=spot)
    frame = readers.get(kind, _read_shapes)(path, spot)
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
    _refuse_large(len(sizes), max(sizes, default=0), spot)
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


def _read_xlsx(path: Path, spot: str) -> pd.DataFrame:
    """The first sheet. Blank rows take no memory: a stray cell far below the table is common."""
    import openpyxl

    with foreign(".xlsx", path, where=spot):
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > UNPACKED_MAX_BYTES:
            raise MemoryError
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    rows: dict[int, list[Any]] = {}
    with closing(book):
        for number, cells in enumerate(each(".xlsx", _cells_of(book), spot), start=1):
            _refuse_large(number, len(cells), spot, cells=len(rows) * len(cells))
            while cells and cells[-1] is None:
                cells.pop()
            if cells:
                rows[number] = cells
    width = max(map(len, rows.values()), default=0)
    _refuse_large(len(rows), width, spot)
    full = [cells + [None] * (width - len(cells)) for cells in rows.values()]
    return _under_header(pd.DataFrame(full, index=list(rows), dtype=object))


def _cells_of(book: Any) -> Iterator[list[Any]]:
    """The cells of each row of the first sheet; formulas that failed are blank."""
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what a file says of its size may be wrong
    for row in sheet.rows:
        yield [None if cell.data_type == "e" else cell.value for cell in row]


def _refuse_large(rows: int, columns: int, spot: str, cells: int | None = None) -> None:
    """Raises SourceError: more rows or columns than a sheet can have, or too many cells."""
    cells = rows * columns if cells is None else cells
    if rows > ROWS_MAX or columns > COLUMNS_MAX or cells > CELLS_MAX:
        raise SourceError(
            text("error.table_too_large", rows=rows, columns=columns),
            where=spot,
            fix=text("error.remove_stray"),
        )


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


def _read_shapes(path: Path, spot: str) -> Any:
    """Any file that GDAL reads. Shapes that GEOS refuses are named by their rows."""
    with foreign(path.suffix.lower(), path, where=spot), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # GDAL's, on what is refused below
        try:
            return _read_encoded(path)
        except shapely.errors.ShapelyError:
            raise_faults(_refused_shapes(path, spot), spot)
            raise


def _read_encoded(path: Path) -> Any:
    """A shapefile without a note of its encoding is in UTF-8 or GB18030."""
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists():
        return gpd.read_file(path)
    try:
        return gpd.read_file(path, encoding="utf-8")
    except UnicodeDecodeError:
        return gpd.read_file(path, encoding="gb18030")


def _refused_shapes(path: Path, spot: str) -> dict[int, Text]:
    """What is wrong with each shape that cannot be made, by its row."""
    faults = {}
    for row, wkb in enumerate(pyogrio.raw.read(path, columns=[])[2], start=1):
        try:
            shapely.from_wkb(wkb)
        except shapely.errors.ShapelyError as error:
            faults[row] = fault("shape", error, spot).what
    return faults


def _read_parquet(path: Path, spot: str) -> Any:
    with foreign(".parquet", path, where=spot):
        return gpd.read_parquet(path)
