"""Read ledgers: tables and files of points, into WGS 84 degrees.

Rows that cannot be read are set aside, cell by cell, and counted; coordinates are converted by what
is declared, and what nobody declared is compared with the buildings of the city, never shifted in
silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError, nearest_name, shortened
from gusu_geo.geometry import WGS84
from gusu_geo.sources.ledgers.account import table_account
from gusu_geo.sources.ledgers.carried import CARRIED, carried_columns
from gusu_geo.sources.ledgers.cells import SHOWN_LETTERS
from gusu_geo.sources.ledgers.columns import (
    ADDRESSES,
    GUESSES,
    IDLE,
    REGISTERED,
    column_word,
    headers_of,
)
from gusu_geo.sources.ledgers.coordinates import declared_system
from gusu_geo.sources.ledgers.evidence import (
    NO_EVIDENCE,
    Evidence,
    Scores,
    believed,
    contradicted,
)
from gusu_geo.sources.ledgers.faults import rows_by_part, split_by_part
from gusu_geo.sources.ledgers.files import SHAPES, TABLES, kind_of, read_shapes, read_tables
from gusu_geo.sources.ledgers.grids import plain_memory
from gusu_geo.sources.ledgers.headers import Table
from gusu_geo.sources.ledgers.parts import ENCODING, cells_of, doubts_of
from gusu_geo.sources.ledgers.places import (
    Places,
    has_places,
    places_in_cells,
    places_of_shapes,
)
from gusu_geo.sources.ledgers.privacy import personal_columns, without_personal
from gusu_geo.sources.ledgers.rejected import Fault, Faults, refuse_many, rejected_rows
from gusu_geo.study.ledger import ATTRIBUTE
from gusu_geo.study.params import CandidateParams, Ledger
from gusu_geo.tables import Ints, LedgerTable, RejectedRow
from gusu_geo.words import Text, folded, text

LEDGER = "ledger"  # under this in ``attrs`` of a frame made from a ledger: its ``LedgerFacts``
Services = Callable[[str, Text], Sequence[str]]


class LedgerFacts(NamedTuple):
    """What became of the rows of a ledger, as in ``Points``."""

    read: int
    left_out: dict[str, int]
    doubted: dict[str, list[str]]
    rejected: list[RejectedRow]
    tables: Sequence[LedgerTable] = ()


@dataclass(frozen=True, eq=False)
class Points:
    """The rows of a ledger that could be read, and what became of the others.

    frame: EPSG:4326; index id (text); those of the columns name, compound, community, subdistrict,
    tier, service, hours, shared_hours, host, access (text), persons, elders, children (float) that
    the file has, attributes (text); geometry. read: rows of the file, those that are no data
    included; left_out, doubted: as in ``tables.Reading``; rejected: cell by cell; rows: sheet (or
    layer) and row numbers, in order; headers: by key, of the first table; tables: how each was
    understood.
    """

    frame: gpd.GeoDataFrame
    read: int
    left_out: dict[str, int] = field(default_factory=dict)
    doubted: dict[str, list[str]] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)
    rows: list[tuple[str, Ints]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    tables: tuple[LedgerTable, ...] = ()

    def row_at(self, place: int) -> tuple[str, int]:
        """Sheet or layer, and row number, of the row at this place of the frame."""
        for name, numbers in self.rows:
            if place < len(numbers):
                return name, int(numbers[place])
            place -= len(numbers)
        raise IndexError(place)

    def facts(self) -> LedgerFacts:
        """All but the rows, for ``attrs``."""
        return LedgerFacts(self.read, self.left_out, self.doubted, self.rejected, self.tables)


@plain_memory()
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
    attributes = tuple(getattr(ledger, "attributes", ()))
    parts, others = [], []
    first: dict[str, str] = {}
    while tables:  # each is let go of as soon as it is read: a million rows take memory
        table, frame = tables.pop(0)
        headers = headers_of(
            list(table.cells.columns), ledger.columns, spot, declared, registered=unplaced,
            idle=isinstance(ledger, CandidateParams),
        )  # fmt: skip
        bare = unplaced and "persons" in headers
        if frame is None and not (has_places(headers) or bare):
            others.append(table)
            continue
        faults = Faults()
        for row, cell in table.longer.items():
            beyond = shortened(cell, SHOWN_LETTERS)
            faults.add(row, text("error.longer_row", cell=beyond), "", cell)
        cells, headers = _public(table, headers, ledger, doubted, spot)
        if frame is None:
            places = places_in_cells(cells, headers, declared, faults, spot)
        else:
            places = places_of_shapes(frame, declared, faults, spot)
        scores = believe(places, evidence, doubted, spot)
        part = carried_columns(cells, headers, table, faults, attributes)
        if services is not None and "service" in part:
            part["service"] = _services(part["service"], table, headers, services, faults)
        part = part.assign(_x=places.lonlat[:, 0], _y=places.lonlat[:, 1], _row=part.index)
        first = first or headers
        own = {ATTRIBUTE + name: name for name in attributes if name in cells}
        account = table_account(table, headers | own, places, scores)
        id_header = headers.get("id", "")
        parts.append(_Part(table.name, table.left_out, frame, part, faults, id_header, account))
        del table, cells, places
    if not parts:
        _refuse_unplaced(others, spot)
    if any(table.name for table in others):
        doubted["other_sheets"] = [table.name for table in others]
    _refuse_no_attribute(parts, attributes, first, spot)
    _refuse_same_ids(parts, repeated_ids)
    return replace(_together(parts, path, ledger, doubted, spot), headers=first)


@dataclass(frozen=True, eq=False)
class _Part:
    """A table on its way: its rows with faults by row."""

    name: str
    left_out: Mapping[str, Sequence[int]]
    shapes: gpd.GeoDataFrame | None
    rows: pd.DataFrame
    faults: Faults
    id_header: str
    account: LedgerTable


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
    encoding = frame.attrs.get(ENCODING, "")
    return [(Table("", cells_of(frame), encoding=encoding), frame)], doubts_of(frame)


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


def believe(
    places: Places, evidence: Evidence, doubted: dict[str, list[str]], spot: str
) -> Scores | None:
    """Compare with what is known of the city, if that can tell, and give the scores.

    Raises SourceError: another system, or unclear.
    """
    doubts = list(places.doubts)
    several = len(places.names) > 1  # each row names its own: as they stand they prove nothing
    scores = None if several else evidence.scores(places.xy)
    if places.system is None:
        doubts += believed(scores, spot)
    elif contradicted(scores, places.system):
        doubts.append("system_doubtful")
    for reason in doubts:
        doubted[reason] = [""]
    return scores


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
    half = {folded(header) for header in headers} & set(map(folded, GUESSES["lon"]))
    key = "lat" if half else "lon"
    raise SourceError(
        text("error.no_column_for", key=column_word(key)),
        where=spot,
        got=", ".join(headers),
        fix=text("error.addresses_only") if address else text("error.name_column", key=key),
    )


def _refuse_no_attribute(
    parts: list[_Part], attributes: Sequence[str], headers: dict[str, str], spot: str
) -> None:
    """Raises SourceError: no table has a column that the study calls an attribute."""
    for name in attributes:
        if not any(ATTRIBUTE + name in part.rows for part in parts):
            fix = nearest_name(name, headers.values())
            raise SourceError(text("error.no_attribute", name=name), where=spot, fix=fix)


def _refuse_same_ids(parts: list[_Part], repeated_ids: bool) -> None:
    """Notes the second row of an id; ids that are row numbers get the name of their sheet."""
    several = len(parts) > 1
    seen: frozenset[str] = frozenset()
    for part in parts:
        if not part.id_header:
            if several:
                part.rows["_id"] = [f"{part.name} {row}" for row in part.rows.index]
            continue
        if repeated_ids:
            continue
        ids = part.rows["_id"][~part.rows.index.isin(list(part.faults))]
        for row, key in ids[ids.duplicated() | ids.isin(seen)].items():
            again = text("error.id_again", id=shortened(str(key), SHOWN_LETTERS))
            part.faults.add(int(str(row)), again, part.id_header, str(key))
        if several:
            seen |= frozenset(ids)


def _together(
    parts: list[_Part], path: Path, ledger: Ledger, doubted: dict[str, list[str]], spot: str
) -> Points:
    """All rows that could be read. Raises SourceError: too many could not."""
    rejected: list[RejectedRow] = []
    left_out: dict[str, int] = {}
    good, data = [], 0
    where: list[tuple[str, Ints]] = []
    several = len(parts) > 1
    for part in parts:
        own = part.name if several else ""
        for name, faults in split_by_part(part.faults, part.shapes, own):
            rejected += rejected_rows(path.name, name, faults)
        for reason, numbers in part.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + len(numbers)
        kept = part.rows[~part.rows.index.isin(list(part.faults))] if part.faults else part.rows
        good.append(kept)
        where += rows_by_part(part.shapes, kept.index.to_numpy(np.int64), own)
        data += len(part.rows)
    refuse_many(rejected, data, ledger.max_rejected, spot)
    read = data + sum(left_out.values())
    if rejected:
        left_out["rejected"] = len(rejected)
    whole: pd.DataFrame = pd.concat(good) if several else good[0]
    if several:
        attributes = (ATTRIBUTE + name for name in getattr(ledger, "attributes", ()))
        texts = [key for key in (*CARRIED, *REGISTERED, *IDLE, *attributes) if key in whole]
        whole[texts] = whole[texts].fillna("")  # of sheets without that column
    lon, lat = (whole.pop(name).to_numpy(float) for name in ("_x", "_y"))
    whole = whole.drop(columns="_row").set_index("_id").rename_axis("id")
    points = gpd.GeoDataFrame(whole, geometry=shapely.points(lon, lat), crs=WGS84)
    tables = tuple(part.account for part in parts)
    return Points(points, read, left_out, doubted, rejected, where, tables=tables)
