"""A table of rows that are no list of places: what is carried of it, and where its rows may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gusu_geo.errors import SourceError
from gusu_geo.sources.ledgers.cells import plain_text
from gusu_geo.sources.ledgers.columns import GUESSES, column_word
from gusu_geo.sources.ledgers.coordinates import names_system
from gusu_geo.sources.ledgers.headers import Table
from gusu_geo.sources.ledgers.places import has_places
from gusu_geo.sources.ledgers.privacy import personal_columns, without_personal
from gusu_geo.study.params import Ledger
from gusu_geo.words import text

Usual = Mapping[str, tuple[str, ...]]  # by key, the usual headers of a column
PLACE_KEYS = ("lon", "lat", "lonlat")
PLACE: Usual = {key: GUESSES[key] for key in PLACE_KEYS}  # ask for these to use ``Rows.lonlat``
_NO_PLACE = re.compile(r"(?:0(?:\.0*)?(?:\s*,\s*0(?:\.0*)?)?|/|-+)?")  # an empty field


@dataclass(eq=False)
class RowSheet:
    """A table of the file: its rows are ``first`` ... of all; headers by key; places: the cells
    that say where a row is, index = position among all rows."""

    table: Table
    first: int
    headers: dict[str, str]
    places: pd.DataFrame

    def placed(self, spot: str) -> tuple[pd.DataFrame, dict[str, str]]:
        """The cells of the rows that say where they are, and the headers of coordinates.

        Raises SourceError: longitudes without latitudes, or the reverse.
        """
        headers = {key: self.headers[key] for key in PLACE_KEYS if key in self.headers}
        if not has_places(headers):
            _refuse_half(headers, self.table, spot)
            return self.places[:0], headers
        both = {"lon", "lat"} <= headers.keys()
        said = np.zeros(len(self.places), bool)
        for key in ("lon", "lat") if both else ("lonlat",):
            cells = self.places[headers[key]]
            said |= np.array(
                [_NO_PLACE.fullmatch(plain_text(cell)) is None for cell in cells], bool
            )
        return self.places[said], headers


def public_cells(
    table: Table,
    headers: dict[str, str],
    ledger: Ledger,
    doubted: dict[str, list[str]],
    spot: str,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The cells without personal data, and the headers that are left."""
    spared = [headers[key] for key in PLACE_KEYS if key in headers]
    private = personal_columns(table.cells, spared)
    cells = without_personal(table.cells, private, ledger.privacy, spot)
    if private:
        doubted.setdefault(f"private_{ledger.privacy}", []).extend(private)
    left = set(cells.columns)
    return cells, {key: header for key, header in headers.items() if header in left}


def carried_cells(cells: pd.DataFrame, headers: Mapping[str, str], usual: Usual) -> pd.DataFrame:
    """The columns that are asked for, as plain text. Most hold few different words, and each is
    made plain once."""
    found: dict[str, Any] = {}
    for key in usual:
        if key not in headers:
            found[key] = np.full(len(cells), "", object)
            continue
        codes, words = pd.factorize(cells[headers[key]].to_numpy(object))
        found[key] = np.array([plain_text(word) for word in words] + [""], object)[codes]
    return pd.DataFrame(found, index=range(len(cells)), columns=list(usual), dtype=object)


def place_cells(cells: pd.DataFrame, headers: Mapping[str, str], first: int) -> pd.DataFrame:
    """The columns that say where a row is, and in which system; index: positions."""
    wanted = {headers[key] for key in PLACE_KEYS if key in headers}
    kept = [header in wanted or (bool(wanted) and names_system(header)) for header in cells.columns]
    return cells.loc[:, kept].set_axis(pd.RangeIndex(first, first + len(cells)), axis=0)


def _refuse_half(headers: Mapping[str, str], table: Table, spot: str) -> None:
    """Raises SourceError: longitudes without latitudes, or the reverse."""
    if not headers:
        return
    missing = "lat" if "lon" in headers else "lon"
    raise SourceError(
        text("error.no_column_for", key=column_word(missing)),
        where=spot,
        got=", ".join(str(header) for header in table.cells.columns if str(header)),
        fix=text("error.name_column", key=missing),
    )
