"""Rows of a ledger that is no list of places: visits, teams, bodies, pairs, projects, signals.

Only the columns that are asked for are carried. Personal data are refused as everywhere; rows are
set aside cell by cell by whoever knows what a cell must say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from gusu_geo.errors import SourceError, nearest_name, shortened
from gusu_geo.sources.ledgers.account import ledger_account, placeless
from gusu_geo.sources.ledgers.cells import SHOWN_LETTERS, numbers_in, plain_text
from gusu_geo.sources.ledgers.columns import headers_in
from gusu_geo.sources.ledgers.files import TABLES, kind_of, read_tables
from gusu_geo.sources.ledgers.grids import plain_memory
from gusu_geo.sources.ledgers.points import LedgerFacts
from gusu_geo.sources.ledgers.privacy import personal_columns, without_personal
from gusu_geo.sources.ledgers.rejected import Faults, refuse_many, rejected_rows
from gusu_geo.study.params import Ledger
from gusu_geo.tables import Floats, LedgerAccount, LedgerTable, RejectedRow
from gusu_geo.words import text

Usual = Mapping[str, tuple[str, ...]]  # by key, the usual headers of a column


@dataclass(eq=False)
class Rows:
    """The rows of a ledger. cells: text, columns by key ("" where the file has no such column),
    index 0 ...; place: sheet ("" of one alone) and row number of each; faults: by position, filled
    by whoever reads the cells; headers: of the first table, by key."""

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
    rejected: list[RejectedRow] = field(default_factory=list)

    def has(self, key: str) -> bool:
        """Whether any table has the column."""
        return any(key in table["columns"] for table in self.tables)

    def each(self, key: str) -> Iterator[tuple[int, str]]:
        """Position and cell of every row."""
        yield from enumerate(self.cells[key].tolist())

    def fault(self, at: int, key: str, word: str, **facts: object) -> None:
        """Row ``at`` is set aside: section [error] says ``word`` of its cell in the column."""
        cell = str(self.cells[key].iloc[at])
        what = text(f"error.{word}", cell=shortened(cell, SHOWN_LETTERS), **facts)
        self.faults.add(at, what, self.headers.get(key, key), cell)

    def numbers(self, key: str, *, least: float = 0.0, blank: bool = False) -> Floats:
        """The column as numbers; a fault where a cell holds none, or one below ``least``; blank:
        empty cells are NaN without a fault."""
        found = numbers_in(self.cells[key].to_numpy(object))
        for at, cell in self.each(key):
            if blank and not cell:
                continue
            if not np.isfinite(found[at]):
                self.fault(at, key, "cell_no_number")
            elif found[at] < least:
                self.fault(at, key, "cell_below", least=least)
        return found

    def settled(self) -> np.ndarray:
        """Positions of the rows without a fault; the others become rejected rows.

        Raises SourceError: too many are.
        """
        for part in dict.fromkeys(part for part, _ in self.place):
            own = Faults(
                {
                    self.place[at][1]: fault
                    for at, fault in self.faults.items()
                    if self.place[at][0] == part
                }
            )
            self.rejected += rejected_rows(self.name, part, own)
        refuse_many(self.rejected, len(self.cells), self.most, self.spot)
        if self.rejected:
            self.left_out["rejected"] = len(self.rejected)
        return np.array([at for at in range(len(self.cells)) if at not in self.faults], np.int64)

    def facts(self) -> LedgerFacts:
        """What became of the rows, as of points."""
        read = len(self.cells) + sum(n for why, n in self.left_out.items() if why != "rejected")
        return LedgerFacts(read, self.left_out, self.doubted, self.rejected, self.tables)

    def account(self, kind: str) -> LedgerAccount:
        """How the ledger was understood; kind: key of section [kind] of the words."""
        return ledger_account(self.name, kind, self.facts())


@plain_memory()
def read_rows(path: Path, ledger: Ledger, where: str, usual: Usual, needed: Sequence[str]) -> Rows:
    """The rows of a table file (.csv .tsv .txt .xlsx .xls .et .ods).

    usual: the columns that are read, with their usual headers; needed: those that must be there.
    Raises SourceError: unreadable, a needed or named column is missing, personal data, no rows.
    """
    spot = f"{where}: {path}"
    kind_of(path, TABLES, spot)
    named = {key: getattr(ledger.columns, key, None) for key in usual}
    known = {key: (*filter(None, (named[key],)), *words) for key, words in usual.items()}
    frames, places, tables, others = [], list[tuple[str, int]](), list[LedgerTable](), []
    left_out: dict[str, int] = {}
    doubted: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    found = read_tables(path, ledger, spot, known)
    for table in found:
        headers = headers_in(table.cells, usual, spot, ledger.columns)
        if not all(key in headers for key in needed):
            others.append(table)
            continue
        private = personal_columns(table.cells, [])
        cells = without_personal(table.cells, private, ledger.privacy, spot)
        if private:
            doubted.setdefault(f"private_{ledger.privacy}", []).extend(private)
        headers = {key: header for key, header in headers.items() if header in set(cells.columns)}
        first = first or headers
        for why, rows in table.left_out.items():
            left_out[why] = left_out.get(why, 0) + len(rows)
        own = {
            key: [plain_text(cell) for cell in cells[headers[key]]] if key in headers else ""
            for key in usual
        }
        frames.append(pd.DataFrame(own, index=range(len(cells)), columns=list(usual), dtype=object))
        part = table.name if len(found) > 1 else ""
        places += [(part, int(row)) for row in cells.index]
        tables.append(placeless(table, headers))
    if not frames:
        _refuse_columns(list(others[0].cells.columns) if others else [], needed, known, spot)
    if any(table.name for table in others):
        doubted["other_sheets"] = [table.name for table in others]
    whole = pd.concat(frames, ignore_index=True)
    if not len(whole):
        raise SourceError(text("error.no_rows"), where=spot)
    return Rows(
        path.name, spot, whole, places, first, tables, left_out, doubted, ledger.max_rejected
    )


def _refuse_columns(present: Sequence[str], needed: Sequence[str], known: Usual, spot: str) -> None:
    """Raises SourceError: the first needed column that is missing, and what is there."""
    headers = [str(header) for header in present if str(header)]
    if not headers:
        raise SourceError(text("error.no_rows"), where=spot)
    plain = {header: header for header in headers}
    missing = next((key for key in needed if not set(known[key]) & set(plain)), needed[0])
    raise SourceError(
        text("error.no_column_for", key=text(f"column.{missing}")),
        where=spot,
        got=", ".join(headers),
        fix=nearest_name(known[missing][0], headers) or text("error.name_column", key=missing),
    )
