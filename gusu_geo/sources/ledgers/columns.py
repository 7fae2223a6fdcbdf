"""Columns of a ledger: which header means what, and the values under it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.errors import SourceError, nearest_name
from gusu_geo.sources.ledgers.faults import raise_faults
from gusu_geo.sources.ledgers.files import plain_text, text_of
from gusu_geo.study.params import Columns
from gusu_geo.tables import Floats
from gusu_geo.words import Text, folded, text

# Usual headers, recognised without being named in the study file.
GUESSES: dict[str, tuple[str, ...]] = {
    "id": ("id", "编号"),
    "name": ("name", "名称"),
    "service": ("service", "功能"),
    "persons": ("persons", "人数", "人口"),
    "elders": ("elders", "老年人", "老年人数", "老年人口", "60岁以上", "65岁以上"),
    "children": ("children", "儿童", "儿童数", "儿童人数"),
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "hours": ("hours", "opening_hours", "开放时间"),
    "access": ("access", "通行", "通行对象"),
    "typecode": ("typecode", "类型编码", "POI类型编码", "分类编码"),
    "type": ("type", "类型", "类别", "小类", "中类", "大类"),
}


def text_column(
    frame: gpd.GeoDataFrame, columns: Columns, key: str, usual: tuple[str, ...], where: str
) -> list[str] | None:
    """The column as text: as named in the study, else by a usual header, else None."""
    named = getattr(columns, key, None)
    header = _found(named, usual, list(map(str, frame.columns)), key, where)
    if named and not header:
        hint = nearest_name(named, map(str, frame.columns))
        raise SourceError(text("error.no_column", name=named, key=key), where=where, fix=hint)
    if not header:
        return None
    return ["" if pd.isna(value) else str(value).strip() for value in frame[header]]


def _found(
    named: str | None, usual: Iterable[str], present: list[str], key: str, where: str
) -> str:
    """The header named in the study, else the first of the usual ones that is there; "" for none.

    Headers differ by more than Unicode form, case and spaces; of several that do not, a named one
    is the one written exactly so. Raises SourceError: several headers are the same name.
    """
    for word in [named] if named else usual:
        alike = [header for header in present if folded(header) == folded(word)]
        exact = [header for header in alike if header in (named, plain_text(named))]
        alike = exact or alike
        if len(alike) > 1:
            raise SourceError(
                text("error.two_columns", key=key),
                where=where,
                got=", ".join(alike),
                fix=text("error.rename_column"),
            )
        if alike:
            return alike[0]
    return ""


def refuse_same_ids(ids: pd.Series[Any], where: str, what: str) -> None:
    """Raises SourceError: a blank or repeated id. what: "zone" or "compound", for the message."""
    bad = ids.duplicated() | (ids == "")
    if bad.any():
        raise SourceError(
            text(f"error.{what}_ids"),
            where=where,
            got=ids[bad].iloc[0],
            fix=text(f"error.{what}_merge"),
        )


def headers_of(frame: pd.DataFrame, columns: Columns, spot: str) -> dict[str, str]:
    """The header of each known column that the file has: as named, else as guessed."""
    present = [str(header) for header in frame.columns]
    found = {}
    for key, guesses in GUESSES.items():
        named = getattr(columns, key)
        header = _found(named, guesses, present, key, spot)
        if header:
            found[key] = header
        elif named is not None:
            hint = nearest_name(plain_text(named), present)
            raise SourceError(text("error.no_column", name=named, key=key), where=spot, fix=hint)
    return found


def numbers_of(
    frame: pd.DataFrame, headers: dict[str, str], key: str, faults: dict[int, Text], spot: str
) -> Floats:
    """The column as numbers, NaN with an entry in ``faults`` where it holds none."""
    if key not in headers:
        raise SourceError(
            text("error.no_column_for", key=key),
            where=spot,
            got=", ".join(map(str, frame.columns)),
            fix=text("error.name_column", key=key),
        )
    numbers = np.full(len(frame), np.nan)
    for position, (row, value) in enumerate(frame[headers[key]].items()):
        cell, header = plain_text(value), headers[key]
        try:
            numbers[position] = float(cell.replace("_", "?"))  # Python would read 1_2 as 12
        except ValueError:
            fault = text("error.no_number", header=header, cell=cell)
            faults.setdefault(int(str(row)), fault if cell else text("error.no_cell", name=header))
            continue
        if not math.isfinite(numbers[position]):
            faults.setdefault(int(str(row)), text("error.cell_is", header=header, cell=cell))
    return numbers


def ids_of(
    frame: pd.DataFrame, headers: dict[str, str], spot: str, *, repeated: bool = False
) -> pd.Index:
    """Ids as text; row numbers when there is no id column. Raises SourceError: blank, repeated."""
    if "id" not in headers:
        return pd.Index([str(row) for row in frame.index], name="id", dtype=object)
    ids = pd.Series([text_of(value) for value in frame[headers["id"]]], index=frame.index)
    twice = ids.duplicated() & (ids != "")
    faults = {int(row): text("error.no_id") for row in frame.index[ids == ""]}
    if not repeated:
        faults |= {int(row): text("error.id_again", id=ids[row]) for row in frame.index[twice]}
    raise_faults(faults, spot, of=frame)
    index: pd.Index = pd.Index(ids.to_numpy(object), name="id", dtype=object)
    return index
