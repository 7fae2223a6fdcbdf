"""Columns of a ledger: which header means what, and the values under it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.errors import SourceError, nearest_name, shortened
from gusu_geo.sources.ledgers.cells import SHOWN_LETTERS, numbers_in, plain_text, text_of
from gusu_geo.sources.ledgers.coordinates import WGS, System, system_named
from gusu_geo.sources.ledgers.rejected import Faults
from gusu_geo.study.params import Columns
from gusu_geo.tables import Floats
from gusu_geo.words import Text, folded, text

_ROUNDED = re.compile(r"\d(\.\d+)?[Ee]\+\d{2,}")
# Usual headers, recognised without being named in the study file; of several the first counts.
GUESSES: dict[str, tuple[str, ...]] = {
    "id": ("id", "编号", "点位编号", "设施编号", "小区编号", "楼栋编号"),
    "name": ("name", "名称", "设施名称", "点位名称", "场所名称", "阵地名称", "小区名称", "楼栋名称",
             "机构名称", "单位名称", "载体名称", "小区名", "楼号", "楼栋号"),
    "compound": ("compound", "小区", "所属小区", "所在小区"),
    "community": ("community", "社区", "所属社区", "所在社区", "社区名称"),
    "subdistrict": ("subdistrict", "街道", "所属街道", "所在街道", "街道名称"),
    "tier": ("tier", "层级", "点位层级", "设施层级", "阵地层级"),
    "service": ("service", "功能", "服务", "服务功能", "功能类别", "服务功能类别", "服务类别",
                "服务项目", "设施类别", "可植入功能"),
    "persons": ("persons", "人数", "人口", "人口数", "常住人口", "居住人口", "总人口",
                "population"),
    "elders": ("elders", "老年人", "老年人数", "老年人口", "60岁以上", "65岁以上"),
    "children": ("children", "儿童", "儿童数", "儿童人数"),
    "lon": ("lon", "lng", "longitude", "经度", "东经", "经度坐标", "long", "x", "x坐标", "横坐标",
            "坐标x", "point_x", "coord_x"),
    "lat": ("lat", "latitude", "纬度", "北纬", "纬度坐标", "y", "y坐标", "纵坐标", "坐标y",
            "point_y", "coord_y"),
    "lonlat": ("location", "lonlat", "lnglat", "经纬度", "坐标", "经纬度坐标", "坐标位置",
               "位置坐标", "纬经度", "latlng", "latlon", "gps"),
    "hours": ("hours", "opening_hours", "开放时间", "营业时间", "服务时间", "开放时段"),
    "shared_hours": ("shared_hours", "共享时段", "共享时间", "共享开放时间", "对外开放时间"),
    "host": ("host", "开放方", "共享单位", "开放单位"),
    "access": ("access", "通行", "通行对象"),
    "typecode": ("typecode", "type_code", "类型编码", "类型代码", "POI类型编码", "POI编码",
                 "分类编码", "分类代码"),
    "type": ("type", "类型", "类别", "POI类型", "分类", "行业分类", "小类", "中类", "大类",
             "二级分类", "二级行业分类", "一级分类", "std_tag", "overall_tag", "tag",
             "detail_info.tag", "标签"),
    "ring": ("ring", "圈层", "所属圈层"),
    "complaints": ("complaints", "投诉", "投诉数", "投诉量", "投诉件数"),
    "households": ("households", "户数", "总户数", "居民户数"),
}  # fmt: skip
# Of a registry of compounds only: elsewhere such columns may repeat, and nobody reads them.
REGISTERED: dict[str, tuple[str, ...]] = {
    "branch": ("支部", "党支部", "小区支部", "小区党支部", "党组织", "branch"),
    "committee": ("业委会", "物管会", "业委会/物管会", "业主委员会", "物业管理委员会", "committee"),
}
# Of a ledger of idle rooms only.
IDLE: dict[str, tuple[str, ...]] = {
    "area_m2": ("建筑面积", "面积", "使用面积", "area_m2", "area"),
    "cost": ("改造费用", "费用", "预算", "造价", "cost"),
    "available": ("可用时间", "可用日期", "available"),
    "vote": ("业主表决状态", "表决状态", "业主表决", "vote"),
    "heritage": ("文保限制", "文物保护", "文保", "heritage"),
}
# Where a row belongs: wanted by few studies, and often the head of a group of columns. Of several
# none is taken, unless the study names it.
_BELONGS = frozenset(("community", "subdistrict", "tier"))
ADDRESSES = frozenset(("address", "地址", "详细地址", "所在地址", "位置"))
_SYSTEM_TAIL = re.compile(
    r"[_ -]?\(?(?:wgs[_ -]?84|wgs|gcj[_ -]?02|gcj|bd[_ -]?09(?:ll|mc)?|cgcs[_ -]?2000"
    r"|百度|高德|火星|腾讯)"
    r"(?:坐标系?)?\)?$"
)


def plain_header(header: object) -> str:
    """A header without units, marks and the system of its coordinates, for comparison.

    >>> plain_header("人 口（人）*"), plain_header("lng_gcj02"), plain_header("经度(BD09)")
    ('人口', 'lng', '经度')
    """
    plain = folded(header)
    if not plain.isascii():
        plain = plain.replace(" ", "")
    bare = _SYSTEM_TAIL.sub("", plain)
    return re.sub(r"\([^()]*\)$", "", bare.strip("* ")).strip("* :") or plain


def text_column(
    frame: gpd.GeoDataFrame, columns: Columns, key: str, usual: tuple[str, ...], where: str
) -> list[str] | None:
    """The column as text: as named in the study, else by a usual header, else None."""
    header = header_of(frame, columns, key, usual, where)
    if not header:
        return None
    if key == "id":
        rounded = [value for value in frame[header] if is_rounded(text_of(value))]
        if rounded:
            fix = text("error.id_as_text")
            what = text("error.at_key", spot=header, what=text("error.id_rounded", id=rounded[0]))
            raise SourceError(what, where=where, fix=fix)
    return ["" if pd.isna(value) else str(value).strip() for value in frame[header]]


def header_of(
    frame: gpd.GeoDataFrame,
    columns: Columns,
    key: str,
    usual: tuple[str, ...],
    where: str,
    declared: System | None = None,
) -> str:
    """The header as named in the study, else a usual one, else "".

    Raises SourceError: the named one is not there, or several are of the same name.
    """
    named = getattr(columns, key, None)
    header = _found(named, usual, list(map(str, frame.columns)), key, where, declared)
    if named and not header:
        what = text("error.no_column", name=named, key=column_word(key))
        raise SourceError(what, where=where, fix=nearest_name(named, map(str, frame.columns)))
    return header


def headers_in(
    frame: gpd.GeoDataFrame,
    usual: Mapping[str, tuple[str, ...]],
    where: str,
    columns: Columns | None = None,
    declared: System | None = None,
) -> dict[str, str]:
    """The headers of those columns of ``usual`` that are there; declared: of coordinates in several
    systems those in this one."""
    named = columns or Columns()
    found = {
        key: header_of(frame, named, key, names, where, declared) for key, names in usual.items()
    }
    return {key: header for key, header in found.items() if header}


def is_rounded(cell: str) -> bool:
    """Whether a number has more digits than a file of numbers keeps, 3.20502E+17: no id is told by
    it."""
    return _ROUNDED.fullmatch(cell) is not None


def _found(
    named: str | None,
    usual: Iterable[str],
    present: list[str],
    key: str,
    where: str,
    declared: System | None = None,
) -> str:
    """The header named in the study, else the first of the usual ones that is there; "" for none.

    Headers differ by more than Unicode form, case, spaces and units; of several that do not, a
    named one is the one written exactly so, and one of coordinates the one in the declared system,
    else in WGS 84. Raises SourceError: several headers are the same name.
    """
    for word in [named] if named else usual:
        alike = [header for header in present if folded(header) == folded(word)]
        alike = alike or [h for h in present if plain_header(h) == plain_header(word)]
        exact = [header for header in alike if header in (named, plain_text(named))]
        alike = exact or alike
        if len(alike) > 1:
            wanted = [h for h in alike if system_named(h) == (declared or WGS)]
            alike = wanted if len(wanted) == 1 else alike
        if len(alike) > 1:
            raise SourceError(
                text("error.two_columns", key=column_word(key)),
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


def column_word(key: str) -> Text | str:
    """What a column holds, for a message."""
    return text(f"column.{key}") if key in GUESSES | REGISTERED | IDLE else key


def known_names(columns: Columns) -> dict[str, tuple[str, ...]]:
    """By key, the names by which a header is recognised: those of the study and the usual ones."""
    named = {key: getattr(columns, key) for key in GUESSES}
    return {key: (*((named[key],) if named[key] else ()), *GUESSES[key]) for key in GUESSES}


def headers_of(
    present: list[str],
    columns: Columns,
    spot: str,
    declared: System | None = None,
    *,
    registered: bool = False,
    idle: bool = False,
) -> dict[str, str]:
    """The header of each known column among those present: as named, else as guessed; registered:
    those of a registry too; idle: those of idle rooms.

    Raises SourceError: a named one is not there, or several are the same name.
    """
    found = {}
    known = GUESSES | (REGISTERED if registered else {})
    known |= IDLE if idle else {}
    for key, guesses in known.items():
        named = getattr(columns, key)
        if named is None and key in _BELONGS and _several(guesses, present):
            continue
        header = _found(named, guesses, present, key, spot, declared)
        if header:
            found[key] = header
        elif named is not None:
            hint = nearest_name(plain_text(named), present)
            raise SourceError(
                text("error.no_column", name=named, key=column_word(key)), where=spot, fix=hint
            )
    return found


def _several(guesses: Iterable[str], present: list[str]) -> bool:
    """Whether the first usual header that is there stands over several columns."""
    plain = [plain_header(header) for header in present]
    counts = (plain.count(plain_header(word)) for word in guesses)
    return next(filter(None, counts), 0) > 1


def numbers_of(cells: pd.DataFrame, header: str, faults: Faults) -> Floats:
    """The column as numbers, NaN with an entry in ``faults`` where it holds none."""
    values = cells[header].to_numpy(object)
    numbers = numbers_in(values)
    note_no_numbers(cells, header, numbers, faults)
    return numbers


def note_no_numbers(cells: pd.DataFrame, header: str, numbers: Floats, faults: Faults) -> None:
    """A fault for each cell of the column that gave no number."""
    values = cells[header].to_numpy(object)
    for place in np.flatnonzero(~np.isfinite(numbers)).tolist():
        cell = shortened(plain_text(values[place]), SHOWN_LETTERS)
        key = "error.no_number" if cell else "error.no_cell"
        what = text(key, header=header, cell=cell) if cell else text(key, name=header)
        faults.add(int(cells.index[place]), what, header, str(values[place]))
