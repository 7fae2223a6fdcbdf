"""Rows of a ledger that is no list of places: visits, teams, bodies, pairs, projects, signals.

Only the columns that are asked for are carried. Personal data are refused as everywhere; rows are
set aside cell by cell by whoever knows what a cell must say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from gusu_geo.errors import SourceError, nearest_name, shortened
from gusu_geo.sources.ledgers.account import ledger_account, placeless, table_account
from gusu_geo.sources.ledgers.cells import SHOWN_LETTERS, numbers_in
from gusu_geo.sources.ledgers.columns import headers_in, is_rounded
from gusu_geo.sources.ledgers.coordinates import declared_system
from gusu_geo.sources.ledgers.evidence import Evidence
from gusu_geo.sources.ledgers.files import TABLES, kind_of, read_tables
from gusu_geo.sources.ledgers.grids import plain_memory
from gusu_geo.sources.ledgers.headers import Table
from gusu_geo.sources.ledgers.places import places_in_cells
from gusu_geo.sources.ledgers.points import LedgerFacts, believe
from gusu_geo.sources.ledgers.rejected import Fault, Faults, refuse_many, rejected_rows
from gusu_geo.sources.ledgers.row_sheets import PLACE as PLACE
from gusu_geo.sources.ledgers.row_sheets import (
    RowSheet,
    Usual,
    carried_cells,
    place_cells,
    public_cells,
)
from gusu_geo.study.params import Ledger
from gusu_geo.tables import Floats, Ints, LedgerAccount, LedgerTable, RejectedRow
from gusu_geo.words import Text, text


@dataclass(eq=False)
class Rows:
    """The rows of a ledger. cells: text, columns by key ("" where the file has no such column),
    index 0 ...; place: sheet ("" of one alone) and row number of each; faults: by position, filled
    by whoever reads the cells; left: by position, why a row without a fault is not used, a key of
    section [left_out]; headers: of the first table, by key."""

    name: str
    spot: str
    cells: pd.DataFrame
    place: list[tuple[str, int]]
    headers: dict[str, str]
    tables: list[LedgerTable]
    left_out: dict[str, int]
    doubted: dict[str, list[str]]
    most: float | None
    faults: Faults = field(default_factory=Faults)
    left: dict[int, str] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)
    _sheets: list[RowSheet] = field(default_factory=list, repr=False)
    _no_data: int = field(init=False, default=0)
    _chosen: set[int] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self._no_data = sum(self.left_out.values())

    def has(self, key: str) -> bool:
        """Whether any table has the column."""
        return any(key in table["columns"] for table in self.tables)

    def each(self, key: str) -> Iterator[tuple[int, str]]:
        """Position and cell of every row."""
        yield from enumerate(self.cells[key].tolist())

    def fault(
        self,
        at: int,
        key: str,
        word: str,
        *,
        remedy: Text | None = None,
        chosen: bool = False,
        **facts: object,
    ) -> None:
        """Row ``at`` is set aside: section [error] says ``word`` of its cell in the column; the
        first fault of a row counts. chosen: the study asks for that, so it is none of the rows of
        which too many stop the reading."""
        cell = str(self.cells[key].iloc[at])
        if chosen and at not in self.faults:
            self._chosen.add(at)
        what = text(f"error.{word}", cell=shortened(cell, SHOWN_LETTERS), **facts)
        self.faults.setdefault(at, Fault(what, self._header(at, key), cell, remedy))

    def leave(self, at: int, why: str) -> None:
        """Row ``at`` is right, and not used: section [left_out] says ``why``."""
        self.left.setdefault(at, why)

    def doubt(self, why: str, names: Sequence[str]) -> None:
        """Rows or words that are used, and may be wrong: section [doubt] says ``why``."""
        if names:
            self.doubted[why] = [*self.doubted.get(why, ()), *names]

    def numbers(self, key: str, *, least: float = 0.0, blank: bool = False) -> Floats:
        """The column as numbers; a fault where a cell holds none, one below ``least``, or one that
        was merged with the cell above: it is of several rows; blank: empty cells are NaN without a
        fault."""
        found = numbers_in(self.cells[key].to_numpy(object))
        for sheet in self._sheets:
            header = sheet.headers.get(key, "")
            merged = sheet.table.merged if header else ()
            columns = list(sheet.table.cells.columns)
            rows = {row for row, column in merged if columns[column : column + 1] == [header]}
            for at, row in enumerate(sheet.table.cells.index if rows else (), sheet.first):
                if int(row) in rows:
                    self.fault(at, key, "merged_number", header=header)
        for at in np.flatnonzero(~(found >= least)).tolist():
            if np.isfinite(found[at]):
                self.fault(at, key, "cell_below", least=least)
            elif self.cells[key].iloc[at]:
                self.fault(at, key, "cell_no_number")
            elif not blank:
                self.fault(at, key, "no_cell", name=self._header(at, key))
        for at in np.flatnonzero(np.isinf(found)).tolist():
            self.fault(at, key, "cell_no_number")
        return found

    def ids(self, key: str = "id") -> list[str]:
        """The id of each row: as given, else its number; a fault where it is blank, rounded, or
        stands in a row above that has no fault. To be asked for last."""
        cells, seen = self.cells[key].tolist(), set[str]()
        several = len(self._sheets) > 1
        for sheet in self._sheets:
            stop = sheet.first + len(sheet.table.cells)
            if key not in sheet.headers:
                for at in range(sheet.first, stop):
                    part, row = self.place[at]
                    cells[at] = f"{part} {row}" if several else str(row)
                continue
            for at in range(sheet.first, stop):
                cell = cells[at]
                if not cell:
                    self.fault(at, key, "no_id")
                elif is_rounded(cell):
                    self.fault(at, key, "id_rounded", id=shortened(cell, SHOWN_LETTERS))
                elif cell in seen:
                    self.fault(at, key, "id_again", id=shortened(cell, SHOWN_LETTERS))
                elif at not in self.faults:
                    seen.add(cell)
        return cells

    def lonlat(self, ledger: Ledger, evidence: Evidence) -> Floats:
        """Where each row is (N,2) in degrees, WGS 84; NaN where it does not say (both cells are
        blank, or 0). Half a pair and what is no coordinate is a fault of the row. The same rules as
        of a ledger of points; the columns must have been asked for (``PLACE``).

        Raises StudyError: unknown system. SourceError: a column of half the coordinates alone, or
        another system than the declared or assumed one.
        """
        declared = declared_system(ledger.crs, self.spot)
        lonlat = np.full((len(self.cells), 2), np.nan)
        for at, sheet in enumerate(self._sheets):
            cells, headers = sheet.placed(self.spot)
            if cells.empty:
                continue
            places = places_in_cells(cells, headers, declared, self.faults, self.spot)
            scores = believe(places, evidence, self.doubted, self.spot)
            lonlat[cells.index.to_numpy(np.int64)] = places.lonlat
            self.tables[at] = table_account(sheet.table, sheet.headers, places, scores)
        lonlat[list(self.faults)] = np.nan
        return lonlat

    def settled(self) -> Ints:
        """Positions of the rows that are used; those with a fault become rejected rows.

        Raises SourceError: too many are.
        """
        wrong = self._rejected(self.faults.keys() - self._chosen)
        refuse_many(wrong, len(self.cells) - len(self._chosen), self.most, self.spot)
        self.rejected += self._rejected(self.faults.keys())
        if self.rejected:
            self.left_out["rejected"] = len(self.rejected)
        for at, why in self.left.items():
            if at not in self.faults:
                self.left_out[why] = self.left_out.get(why, 0) + 1
        unused = np.zeros(len(self.cells), bool)
        unused[[*self.faults, *self.left]] = True
        return np.flatnonzero(~unused)

    def _rejected(self, picked: Set[int]) -> list[RejectedRow]:
        """The faults at these positions, sheet by sheet."""
        parts: dict[str, Faults] = {part: Faults() for part, _ in self.place}
        for at in picked:
            part, row = self.place[at]
            parts[part][row] = self.faults[at]
        return [one for name, own in parts.items() for one in rejected_rows(self.name, name, own)]

    def facts(self) -> LedgerFacts:
        """What became of the rows, as of points."""
        read = len(self.cells) + self._no_data
        return LedgerFacts(read, self.left_out, self.doubted, self.rejected, self.tables)

    def account(self, kind: str) -> LedgerAccount:
        """How the ledger was understood; kind: key of section [kind] of the words."""
        return ledger_account(self.name, kind, self.facts())

    def _header(self, at: int, key: str) -> str:
        """The header of a column in the table of a row."""
        sheet = next((each for each in reversed(self._sheets) if each.first <= at), None)
        return (self.headers if sheet is None else sheet.headers).get(key, key)


@plain_memory()
def read_rows(path: Path, ledger: Ledger, where: str, usual: Usual, needed: Sequence[str]) -> Rows:
    """The rows of a table file (.csv .tsv .txt .xlsx .xls .et .ods).

    usual: the columns that are read, with their usual headers (``PLACE`` among them: the rows may
    have coordinates); needed: those that must be there.
    Raises SourceError: unreadable, a needed or named column is missing, personal data, no rows.
    StudyError: unknown system of coordinates.
    """
    spot = f"{where}: {path}"
    kind_of(path, TABLES, spot)
    declared = declared_system(ledger.crs, where)
    named = {key: getattr(ledger.columns, key, None) for key in usual}
    known = {key: (*filter(None, (named[key],)), *words) for key, words in usual.items()}
    found = read_tables(path, ledger, spot, known)
    doubted: dict[str, list[str]] = {}
    if any(table.hidden for table in found):
        doubted["hidden_sheets"] = list(found[0].hidden)
    sheets, others = list[RowSheet](), list[Table]()
    frames = list[pd.DataFrame]()
    left_out: dict[str, int] = {}
    rows = 0
    for table in found:
        headers = headers_in(table.cells, usual, spot, ledger.columns, declared)
        if not all(key in headers for key in needed):
            others.append(table)
            continue
        cells, headers = public_cells(table, headers, ledger, doubted, spot)
        for why, numbers in table.left_out.items():
            left_out[why] = left_out.get(why, 0) + len(numbers)
        frames.append(carried_cells(cells, headers, usual))
        sheets.append(RowSheet(table, rows, headers, place_cells(cells, headers, rows)))
        rows += len(cells)
    if not frames:
        _refuse_columns(list(others[0].cells.columns) if others else [], needed, known, spot)
    if any(table.name for table in others):
        doubted["other_sheets"] = [table.name for table in others]
    if not rows:
        raise SourceError(text("error.no_rows"), where=spot)
    return _together(path, spot, ledger, sheets, frames, (left_out, doubted), len(found) > 1)


def _together(
    path: Path,
    spot: str,
    ledger: Ledger,
    sheets: list[RowSheet],
    frames: list[pd.DataFrame],
    told: tuple[dict[str, int], dict[str, list[str]]],
    several: bool,
) -> Rows:
    """All tables of a file. told: what is left out and doubted; several: the file has sheets of
    more than one name."""
    place = list[tuple[str, int]]()
    faults = Faults()
    for sheet in sheets:
        part = sheet.table.name if several else ""
        numbers = sheet.table.cells.index.tolist()
        place += [(part, int(row)) for row in numbers]
        position = {int(row): at for at, row in enumerate(numbers, sheet.first)}
        for row, cell in sheet.table.longer.items():
            beyond = shortened(cell, SHOWN_LETTERS)
            faults.add(position[row], text("error.longer_row", cell=beyond), "", cell)
    whole = pd.concat(frames, ignore_index=True)
    tables = [placeless(sheet.table, sheet.headers) for sheet in sheets]
    made = (path.name, spot, whole, place, sheets[0].headers, tables, *told)
    return Rows(*made, ledger.max_rejected, faults, _sheets=sheets)


def _refuse_columns(present: Sequence[str], needed: Sequence[str], known: Usual, spot: str) -> None:
    """Raises SourceError: the first needed column that is missing, and what is there."""
    headers = [str(header) for header in present if str(header)]
    if not headers:
        raise SourceError(text("error.no_rows"), where=spot)
    missing = next((key for key in needed if not set(known[key]) & set(headers)), needed[0])
    raise SourceError(
        text("error.no_column_for", key=text(f"column.{missing}")),
        where=spot,
        got=", ".join(headers),
        fix=nearest_name(known[missing][0], headers) or text("error.name_column", key=missing),
    )
