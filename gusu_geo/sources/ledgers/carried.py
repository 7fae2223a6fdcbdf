"""The columns of a ledger that are carried on: texts, counts of persons, ids; no others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gusu_geo.errors import shortened
from gusu_geo.sources.ledgers.capacities import add_capacity
from gusu_geo.sources.ledgers.cells import SHOWN_LETTERS
from gusu_geo.sources.ledgers.columns import IDLE, REGISTERED, is_rounded, numbers_of
from gusu_geo.sources.ledgers.headers import Table
from gusu_geo.sources.ledgers.rejected import Faults
from gusu_geo.study.ledger import ATTRIBUTE
from gusu_geo.tables import GROUPS
from gusu_geo.words import text

PERSONS_MAX = 1e6  # of one home: more is a slipped column or a total
CARRIED = (
    "name",
    "compound",
    "community",
    "subdistrict",
    "tier",
    "service",
    "hours",
    "shared_hours",
    "host",
    "access",
    "typecode",
    "type",
    "ring",
    "complaints",
    "households",
)  # text; others are never copied, except what the study calls attributes


def carried_columns(
    cells: pd.DataFrame,
    headers: dict[str, str],
    table: Table,
    faults: Faults,
    attributes: Sequence[str] = (),
) -> pd.DataFrame:
    """The columns that are carried: texts, counts of persons, capacities, ids, attributes."""
    kept = pd.DataFrame(index=cells.index)
    for key in (*CARRIED, *REGISTERED, *IDLE):
        if key in headers:
            kept[key] = cells[headers[key]]
    for name in attributes:
        if name in cells:
            kept[ATTRIBUTE + name] = cells[name].str.strip()
    if "persons" in headers:
        _persons(kept, cells, headers, table, faults)
    if "capacity" in headers:
        add_capacity(kept, cells, headers, table)
    if "id" in headers:
        kept["_id"] = cells[headers["id"]]
        for row in cells.index[(kept["_id"] == "").to_numpy(bool)]:
            faults.add(int(row), text("error.no_id"), headers["id"])
        maybe = kept["_id"].str.contains("[Ee]")
        for row, key in kept["_id"][maybe].items():
            if is_rounded(key):
                what = text("error.id_rounded", id=shortened(key, SHOWN_LETTERS))
                faults.add(int(str(row)), what, headers["id"], key)
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
