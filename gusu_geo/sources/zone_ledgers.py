"""Zones that a ledger lists by name and code: nobody has drawn them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.errors import SourceError
from gusu_geo.geometry import WGS84
from gusu_geo.sources.ledgers.account import ACCOUNTS, ledger_account, placeless
from gusu_geo.sources.ledgers.columns import headers_in, refuse_same_ids, text_column
from gusu_geo.sources.ledgers.files import TABLES, kind_of, read_tables
from gusu_geo.sources.ledgers.parts import DOUBTS
from gusu_geo.sources.ledgers.points import LedgerFacts
from gusu_geo.sources.ledgers.polygon_marks import MARK_HEADERS
from gusu_geo.study.ledger import ATTRIBUTE
from gusu_geo.study.params import Ledger, ZoneSource
from gusu_geo.study.tiers import TIERS, above, tier_of
from gusu_geo.tables import Bools, LedgerTable
from gusu_geo.words import text

LEFT_OUT = "left_out"  # in ``attrs``: rows that are no zones, by reason
_IDS = ("zone_id", "id", "code", "编号", "代码")
_NAMES = ("name", "名称")
# Headers by the tier that they name: codes of it, then names.
_CODES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "district": ("district_code", "区代码", "区编码", "编码"),
        "subdistrict": ("subdistrict_code", "街道代码", "街道编码", "编码"),
        "community": ("community_code", "社区代码", "社区编码", "编码"),
        "compound": ("compound_code", "小区代码", "小区编码", "小区编号", "编码"),
    }
)
_TITLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "district": ("district", "区", "区名称", "所属区"),
        "subdistrict": ("subdistrict", "街道", "街道名称", "所属街道"),
        "community": ("community", "社区", "社区名称", "所属社区"),
        "compound": ("compound", "小区", "小区名称"),
    }
)
_TIER = ("tier", "层级", "level", "级别")
_PARENTS = ("parent", "parent_id", "上级", "上级代码", "上级编码", "上级名称")


def headers_of_tier(tier: str) -> dict[str, tuple[str, ...]]:
    """By key, the usual headers of zones of a tier ("" for none) and of their parents.

    >>> headers_of_tier("community")["id"][-2:], headers_of_tier("community")["parent"][6:8]
    (('社区编码', '编码'), ('subdistrict_code', '街道代码'))
    """
    own = (_CODES[tier], _TITLES[tier]) if tier else ((), ())
    uppers = [each for each in reversed(TIERS) if tier and each in above(tier) and each != tier]
    named = tuple(header for each in uppers for header in _parent_headers(each))
    return {
        "id": (*_IDS, *own[0]),
        "name": (*_NAMES, *own[1]),
        "parent": (*_PARENTS, *named),
    }


def _parent_headers(upper: str) -> tuple[str, ...]:
    """The usual headers of zones of a tier in ledgers of those below."""
    return (*_CODES[upper][:-1], *_TITLES[upper])  # a plain code is that of the zone itself


def _all_parent_headers(source: ZoneSource, upper: str) -> tuple[str, ...]:
    """The usual headers of the parent in the tier ``upper``; none where nothing asks for it."""
    if not source.tier or (source.columns.parent is None and not upper):
        return ()
    return (*_PARENTS, *(_parent_headers(upper) if upper else ()))


def parent_column(frame: pd.DataFrame, source: ZoneSource, upper: str, where: str) -> list[str]:
    """What each row says of its parent in the tier ``upper``, "" for nothing."""
    usual = _all_parent_headers(source, upper)
    found = text_column(frame, source.columns, "parent", usual, where) if usual else None
    return found or [""] * len(frame)


def headers_of_zones(
    frame: pd.DataFrame, source: ZoneSource, upper: str, where: str
) -> dict[str, str]:
    """The headers of all columns of a file of zones that are read, by what they hold, for
    ``check``: id, name, parent, tier, ring, type, attributes."""
    usual = headers_of_tier(source.tier_key)
    usual["parent"] = _all_parent_headers(source, upper)
    usual |= {"tier": _TIER} if source.tier else {}
    usual = {key: names for key, names in {**usual, **MARK_HEADERS}.items() if names}
    found = headers_in(frame, usual, where, source.columns)
    present = {str(header) for header in frame.columns}
    return found | {ATTRIBUTE + name: name for name in source.attributes if name in present}


def other_tiers(frame: pd.DataFrame, source: ZoneSource, where: str) -> Bools:
    """Which rows are zones of another tier: a file may hold several, with a column that names them.
    None where a cell of it names no tier."""
    words = text_column(frame, source.columns, "tier", _TIER, where) if source.tier else None
    tiers = np.array([tier_of(word) for word in words or [""] * len(frame)], object)
    return tiers != source.tier_key if (tiers != "").all() else np.zeros(len(frame), bool)


def read_zone_ledger(
    path: Path, source: ZoneSource, where: str, upper: str, *, file: str = ""
) -> tuple[gpd.GeoDataFrame, str]:
    """The rows of a ledger of zones: columns zone_id, name, and all of the file; index: row numbers
    as its program shows them; geometry None. And where it was read, for messages.

    upper: the tier of the parents, "" for none; file: the key that names it, "" for the source.

    Raises SourceError: unreadable, no column of names, blank or repeated ids.
    """
    spot = ": ".join(filter(None, (where, file, str(path))))
    kind_of(path, TABLES, spot)
    usual = headers_of_tier(source.tier_key)
    named = {key: getattr(source.columns, key) for key in usual}
    known = {key: (*filter(None, (named[key],)), *usual[key]) for key in usual}
    ledger = Ledger(columns=source.columns, sheet=source.sheet, header_row=source.header_row)
    frames, others, left_out = [], [], dict[str, int]()
    tables: list[LedgerTable] = []
    for table in read_tables(path, ledger, spot, known):
        cells = table.cells
        ids = text_column(cells, source.columns, "id", usual["id"], spot)
        names = text_column(cells, source.columns, "name", usual["name"], spot)
        if ids is None and names is None:
            others.append(table.name)
            continue
        for why, rows in table.left_out.items():
            left_out[why] = left_out.get(why, 0) + len(rows)
        tables.append(placeless(table, headers_of_zones(cells, source, upper, spot)))
        columns = {"zone_id": ids or names, "name": names or ids}
        frames.append(pd.DataFrame(cells.astype(object)).assign(**columns))
    if not frames:
        fix = text("error.name_column", key="name")
        raise SourceError(text("error.no_column_for", key="name"), where=spot, fix=fix)
    frame = pd.concat(frames)
    if frame.empty:
        raise SourceError(text("error.no_rows"), where=spot)
    refuse_same_ids(frame["zone_id"].reset_index(drop=True), spot, "zone")
    nowhere = np.full(len(frame), None, object)
    zones = gpd.GeoDataFrame(frame, geometry=nowhere, crs=WGS84)
    told = {"other_sheets": others} if any(others) else {}
    facts = LedgerFacts(len(zones) + sum(left_out.values()), left_out, told, [], tables)
    accounts = [ledger_account(path.name, "zones", facts)]
    zones.attrs = {DOUBTS: told, LEFT_OUT: left_out, ACCOUNTS: accounts}
    return zones, spot
