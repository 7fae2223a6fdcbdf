"""Read ledgers: tables and files of points, into WGS 84 degrees.

Rows that cannot be read are set aside, cell by cell, and counted; coordinates are converted by what
is declared, and what nobody declared is compared with the buildings of the city, never shifted in
silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError
from gusu_geo.geometry import WGS84
from gusu_geo.sources.ledgers.cells import text_of
from gusu_geo.sources.ledgers.columns import ADDRESSES, headers_of, is_rounded, numbers_of
from gusu_geo.sources.ledgers.coordinates import declared_system
from gusu_geo.sources.ledgers.evidence import NO_EVIDENCE, Evidence, believed, contradicted
from gusu_geo.sources.ledgers.faults import places_in, split_by_part
from gusu_geo.sources.ledgers.files import SHAPES, TABLES, kind_of, read_shapes, read_tables
from gusu_geo.sources.ledgers.headers import Table
from gusu_geo.sources.ledgers.parts import doubts_of
from gusu_geo.sources.ledgers.places import (
    Places,
    has_places,
    places_in_cells,
    places_of_shapes,
)
from gusu_geo.sources.ledgers.privacy import personal_columns, without_personal
from gusu_geo.sources.ledgers.rejected import Fault, Faults, refuse_many, rejected_rows
from gusu_geo.study.params import Ledger
from gusu_geo.tables import GROUPS, RejectedRow
from gusu_geo.words import Text, folded, text

PERSONS_MAX = 1e6  # of one home: more is a slipped column or a total
CARRIED = (
    "name",
    "compound",
    "service",
    "hours",
    "access",
    "typecode",
    "type",
)  # text; others are never copied
LEDGER = "ledger"  # under this in ``attrs`` of a frame made from a ledger: its ``LedgerFacts``
Services = Callable[[str, Text], Sequence[str]]


class LedgerFacts(NamedTuple):
    """What became of the rows of a ledger, as in ``Points``."""

    read: int
    left_out: dict[str, int]
    doubted: dict[str, list[str]]
    rejected: list[RejectedRow]


@dataclass(frozen=True, eq=False)
class Points:
    """The rows of a ledger that could be read, and what became of the others.

    frame: EPSG:4326; index id (text); those of the columns name, compound, service, hours, access
    (text), persons, elders, children (float) that the file has; geometry. read: rows of the file,
    those that are no data included; left_out, doubted: as in ``tables.Reading``; rejected: cell by
    cell; rows: sheet (or layer) and row number of each; headers: by key, of the first table.
    """

    frame: gpd.GeoDataFrame
    read: int
    left_out: dict[str, int] = field(default_factory=dict)
    doubted: dict[str, list[str]] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)
    rows: list[tuple[str, int]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def facts(self) -> LedgerFacts:
        """All but the rows, for ``attrs``."""
        return LedgerFacts(self.read, self.left_out, self.doubted, self.rejected)


def read_points(
    path: str | Path,
    ledger: Ledger | None = None,
    *,
    where: str = "",
    repeated_ids: bool = False,
    services: Services | None = None,
    evidence: Evidence = NO_EVIDENCE,
    unplaced: bool = False,
) -> Points:
    """The points of a ledger.

    path: .csv .tsv .txt (UTF-8, UTF-16, GB18030), .xlsx .xls .et .ods, .geojson, .gpkg, .shp,
    .parquet. ledger: how it is read. repeated_ids: an id may stand in several rows; otherwise the
    second one is rejected. services: reads a cell of the service column, given where it stands, and
    raises SourceError; without it the column stays text. evidence: what undeclared coordinates
    are compared with. unplaced: a table of persons may lack coordinates; its points are NaN then.
    Raises StudyError: unknown system. SourceError: invalid file or header, no coordinates, personal
    data, a system that is not the one declared or assumed, too many rejected rows.
    """
    path, ledger = Path(path), ledger or Ledger()
    declared = declared_system(ledger.crs, where)
    spot = f"{where}: {path}" if where else str(path)
    tables, doubted = _tables(path, ledger, spot)
    parts, others = [], []
    first: dict[str, str] = {}
    for table, frame in tables:
        headers = headers_of(list(table.cells.columns), ledger.columns, spot, declared)
        bare = unplaced and "persons" in headers
        if frame is None and not (has_places(headers) or bare):
            others.append(table)
            continue
        faults = Faults()
        for row, cell in table.longer.items():
            faults.add(row, text("error.longer_row", cell=cell), "", cell)
        cells, headers = _public(table, headers, ledger, doubted, spot)
        if frame is None:
            places = places_in_cells(cells, headers, declared, faults, spot)
        else:
            places = places_of_shapes(frame, declared, faults, spot)
        _believe(places, evidence, doubted, spot)
        part = _columns(cells, headers, table, faults)
        if services is not None and "service" in part:
            part["service"] = _services(part["service"], table, headers, services, faults)
        part = part.assign(_x=places.lonlat[:, 0], _y=places.lonlat[:, 1], _row=part.index)
        first = first or headers
        parts.append(_Part(table, frame, part, faults, headers.get("id", "")))
    if not parts:
        _refuse_unplaced(others, spot)
    if any(table.name for table in others):
        doubted["other_sheets"] = [table.name for table in others]
    _refuse_same_ids(parts, repeated_ids)
    return replace(_together(parts, path, ledger, doubted, spot), headers=first)


@dataclass(frozen=True, eq=False)
class _Part:
    """A table on its way: its rows with faults by row."""

    table: Table
    shapes: gpd.GeoDataFrame | None
    rows: pd.DataFrame
    faults: Faults
    id_header: str


def _tables(
    path: Path, ledger: Ledger, spot: str
) -> tuple[list[tuple[Table, gpd.GeoDataFrame | None]], dict[str, list[str]]]:
    """Tables of a file, with the shapes if it holds shapes, and what must be known of the file."""
    kind = kind_of(path, TABLES + SHAPES, spot)
    if kind in TABLES:
        tables = read_tables(path, ledger, spot)
        if not any(len(table.cells) for table in tables):
            raise SourceError(text("error.no_rows"), where=spot)
        hidden = [name for table in tables[:1] for name in table.hidden]
        return [(table, None) for table in tables], {"hidden_sheets": hidden} if hidden else {}
    frame = read_shapes(path, spot, ledger.layer)
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    cells = plain.map(text_of).astype("string[pyarrow]") if plain.shape[1] else plain
    return [(Table("", cells), frame)], doubts_of(frame)


def _public(
    table: Table,
    headers: dict[str, str],
    ledger: Ledger,
    doubted: dict[str, list[str]],
    spot: str,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The cells without personal data, and the headers that are left."""
    spared = [headers[key] for key in ("lon", "lat", "lonlat") if key in headers]
    found = personal_columns(table.cells, spared)
    cells = without_personal(table.cells, found, ledger.privacy, spot)
    if found:
        doubted.setdefault(f"private_{ledger.privacy}", []).extend(found)
    left = set(cells.columns)
    return cells, {key: header for key, header in headers.items() if header in left}


def _believe(places: Places, evidence: Evidence, doubted: dict[str, list[str]], spot: str) -> None:
    """Compare with what is known of the city. Raises SourceError: another system, or unclear."""
    doubts = list(places.doubts)
    if places.system is None:
        doubts += believed(evidence.scores(places.xy), spot)
    elif contradicted(evidence.scores(places.xy), places.system):
        doubts.append("system_doubtful")
    for reason in doubts:
        doubted[reason] = [""]


def _columns(
    cells: pd.DataFrame, headers: dict[str, str], table: Table, faults: Faults
) -> pd.DataFrame:
    """The columns that are carried: texts, counts of persons, ids."""
    kept = pd.DataFrame(index=cells.index)
    for key in CARRIED:
        if key in headers:
            kept[key] = cells[headers[key]].to_numpy(object)
    if "persons" in headers:
        _persons(kept, cells, headers, table, faults)
    if "id" in headers:
        kept["_id"] = cells[headers["id"]].to_numpy(object)
        for row in cells.index[(kept["_id"] == "").to_numpy(bool)]:
            faults.add(int(row), text("error.no_id"), headers["id"])
        for row, key in kept["_id"].items():
            if is_rounded(key):
                faults.add(int(str(row)), text("error.id_rounded", id=key), headers["id"], key)
    else:
        kept["_id"] = [str(row) for row in cells.index]
    return kept


def _persons(
    kept: pd.DataFrame,
    cells: pd.DataFrame,
    headers: dict[str, str],
    table: Table,
    faults: Faults,
) -> None:
    """Persons of each row, and how many of them belong to groups that have a column."""
    for key in ("persons", *(group for group in GROUPS if group in headers)):
        header = headers[key]
        place = list(table.cells.columns).index(header)
        for row in cells.index if table.merged else ():
            if (int(row), place) in table.merged:  # one number for several rows
                faults.add(int(row), text("error.merged_number", header=header), header)
        kept[key] = numbers_of(cells, header, faults)
        value = cells[header].to_numpy(object)
        if key == "persons":
            wrong = {
                "error.persons_below": kept[key] < 0,
                "error.persons_above": kept[key] > PERSONS_MAX,
            }
        else:
            wrong = {"error.group_range": (kept[key] < 0) | (kept[key] > kept["persons"])}
        for why, rows in wrong.items():
            for at in np.flatnonzero(rows.to_numpy(bool)).tolist():
                what = text(why, key=key, most=PERSONS_MAX)
                faults.add(int(cells.index[at]), what, header, str(value[at]))


def _services(
    words: Iterable[str], table: Table, headers: dict[str, str], read: Services, faults: Faults
) -> list[Sequence[str]]:
    """The services of each row; none, with a fault, where the cell cannot be read."""
    found: list[Sequence[str]] = []
    for row, cell in zip(table.cells.index, words, strict=True):
        try:
            found.append(read(cell, text("error.row", row=int(row))))
        except SourceError as error:
            found.append(())
            faults.setdefault(int(row), Fault(error.what, headers["service"], cell, error.fix))
    return found


def _refuse_unplaced(tables: list[Table], spot: str) -> None:
    """Raises SourceError: no table has coordinates; the headers that were found are named."""
    headers = [str(header) for header in tables[0].cells.columns if header]
    address = any(folded(header) in ADDRESSES for header in headers)
    raise SourceError(
        text("error.no_column_for", key="lon"),
        where=spot,
        got=", ".join(headers),
        fix=text("error.addresses_only") if address else text("error.name_column", key="lon"),
    )


def _refuse_same_ids(parts: list[_Part], repeated_ids: bool) -> None:
    """Notes the second row of an id; ids that are row numbers get the name of their sheet."""
    several = len(parts) > 1
    seen: set[str] = set()
    for part in parts:
        if not part.id_header:
            if several:
                part.rows["_id"] = [f"{part.table.name} {row}" for row in part.rows.index]
            continue
        if repeated_ids:
            continue
        for row, key in part.rows["_id"].items():
            number = int(str(row))
            if key in seen and number not in part.faults:
                part.faults.add(number, text("error.id_again", id=key), part.id_header, key)
            if number not in part.faults:
                seen.add(key)


def _together(
    parts: list[_Part], path: Path, ledger: Ledger, doubted: dict[str, list[str]], spot: str
) -> Points:
    """All rows that could be read. Raises SourceError: too many could not."""
    rejected: list[RejectedRow] = []
    left_out: dict[str, int] = {}
    good, data = [], 0
    where: list[tuple[str, int]] = []
    several = len(parts) > 1
    for part in parts:
        own = part.table.name if several else ""
        for name, faults in split_by_part(part.faults, part.shapes, own):
            rejected += rejected_rows(path.name, name, faults)
        for reason, numbers in part.table.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + len(numbers)
        kept = part.rows[~part.rows.index.isin(list(part.faults))]
        good.append(kept)
        where += places_in(part.shapes, kept.index.tolist(), own)
        data += len(part.rows)
    refuse_many(rejected, data, ledger.max_rejected, spot)
    read = data + sum(left_out.values())
    if rejected:
        left_out["rejected"] = len(rejected)
    whole = pd.concat(good)
    texts = [key for key in CARRIED if key in whole]
    whole[texts] = whole[texts].fillna("")  # of sheets without that column
    points = gpd.GeoDataFrame(
        whole.drop(columns=[name for name in whole if str(name).startswith("_")]),
        geometry=shapely.points(whole["_x"].to_numpy(float), whole["_y"].to_numpy(float)),
        crs=WGS84,
    )
    points.index = pd.Index(whole["_id"].to_numpy(object), name="id", dtype=object)
    return Points(points, read, left_out, doubted, rejected, where)
