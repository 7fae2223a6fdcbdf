"""Rows of ledgers that are no lists of places: which cells are carried, and where a row may be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from gusu_geo.errors import SourceError
from gusu_geo.sources.ledgers.evidence import NO_EVIDENCE
from gusu_geo.sources.ledgers.rows import PLACE, Rows, read_rows
from gusu_geo.study.params import Ledger

USUAL = {"id": ("编号",), "community": ("社区",), "visits": ("走访人次",)} | PLACE
ALL = Ledger(max_rejected=1.0)


def rows_of(folder: Path, content: str, ledger: Ledger = ALL, coding: str = "utf-8") -> Rows:
    path = folder / "a.csv"
    path.write_text(content, encoding=coding)
    return read_rows(path, ledger, "signals", USUAL, ["community"])


def reasons(rows: Rows) -> list[tuple[int, str, str]]:
    return [(row["row"], row["column"], row["reason"]["en"]) for row in rows.rejected]


def test_a_row_may_lack_its_place_but_not_half_of_it(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "编号,社区,经度,纬度\na,甲,120.6,31.3\nb,乙,,\nc,丙,120.6,\nd,丁,0,0\ne,戊,x,31\nf,己,200,31\n",
        coding="gbk",
    )
    lonlat = rows.lonlat(ALL, NO_EVIDENCE)
    assert np.isfinite(lonlat).all(axis=1).tolist() == [True, False, False, False, False, False]
    assert lonlat[0].tolist() == [120.6, 31.3]
    assert rows.settled().tolist() == [0, 1, 3]  # a field of zeros is an empty one
    assert [(row, column) for row, column, _ in reasons(rows)] == [
        (4, "纬度"),
        (6, "经度"),
        (7, ""),
    ]
    account = rows.account("signals")
    assert (account["read"], account["accepted"], account["rejected"]) == (6, 3, 3)


def test_systems_are_those_of_ledgers_of_points(tmp_path: Path) -> None:
    """The same place in three systems; another one than the right is off by 500 m or more."""
    wgs = rows_of(tmp_path, "社区,经度,纬度\n甲,120.6,31.3\n", Ledger(crs="wgs84"))
    baidu = rows_of(tmp_path, "社区,经度,纬度,坐标系\n甲,120.610569,31.304116,百度\n乙,,,\n")
    gcj = rows_of(tmp_path, "社区,lng_gcj02,lat_gcj02\n甲,120.604204,31.297864\n")
    here = wgs.lonlat(Ledger(crs="wgs84"), NO_EVIDENCE)[0]
    assert np.abs(baidu.lonlat(ALL, NO_EVIDENCE)[0] - here).max() < 2e-4
    assert np.abs(gcj.lonlat(ALL, NO_EVIDENCE)[0] - here).max() < 2e-4
    assert [rows.tables[0]["known_by"] for rows in (wgs, baidu, gcj)] == [
        "declared",
        "column",
        "header",
    ]
    with pytest.raises(SourceError, match="BD-09"):
        rows_of(tmp_path, "社区,经度,纬度,坐标系\n甲,120.6,31.3,百度\n").lonlat(
            Ledger(crs="wgs84"), NO_EVIDENCE
        )


def test_one_cell_may_hold_both(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, '社区,经纬度\n甲,"120.6,31.3"\n乙,\n丙,somewhere\n')
    lonlat = rows.lonlat(ALL, NO_EVIDENCE)
    assert lonlat[0].tolist() == [120.6, 31.3]
    assert np.isnan(lonlat[1:]).all()
    assert rows.settled().tolist() == [0, 1]


def test_a_column_of_longitudes_alone_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="lat"):
        rows_of(tmp_path, "社区,经度\n甲,120.6\n").lonlat(ALL, NO_EVIDENCE)


def test_numbers_are_counts(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "社区,走访人次\n甲,1200\n乙,-1\n丙,约30人\n丁,\n戊,待核实\n")
    found = rows.numbers("visits")
    assert found[[0, 2]].tolist() == [1200, 30]
    rows.settled()
    assert [row for row, _, _ in reasons(rows)] == [3, 5, 6]


def test_ids_stand_once(tmp_path: Path) -> None:
    """The second row of an id is set aside, but not for one that was set aside itself."""
    content = "编号,社区,走访人次\na,甲,1\na,乙,1\nb,丙,x\nb,丁,1\n,戊,1\n3.20502E+17,己,1\n"
    rows = rows_of(tmp_path, content)
    rows.numbers("visits")
    assert rows.ids()[0] == "a"
    assert rows.settled().tolist() == [0, 3]


def test_rows_that_are_right_may_be_left_out(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "编号,社区\na,甲\nb,乙\n合计,2\n")
    rows.leave(1, "outside_area")
    assert rows.settled().tolist() == [0]
    facts = rows.facts()
    assert (facts.read, facts.left_out) == (3, {"sum_row": 1, "outside_area": 1})


def test_cells_beyond_the_header_and_merged_numbers_are_faults(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "编号,社区\na,甲,60\nb,乙\n")
    assert rows.settled().tolist() == [1]
    book = openpyxl.Workbook()
    for row in (["走访", ""], ["社区", "走访人次"], ["甲", 30], ["乙", None], ["丙", 5]):
        book.active.append(row)
    book.active.merge_cells("A1:B1")
    book.active.merge_cells("B3:B4")
    book.save(tmp_path / "v.xlsx")
    rows = read_rows(tmp_path / "v.xlsx", ALL, "visits", USUAL, ["community", "visits"])
    rows.numbers("visits")
    assert rows.cells["community"].tolist() == ["甲", "乙", "丙"]
    assert rows.settled().tolist() == [0, 2]


def test_free_text_and_personal_data_are_not_carried(tmp_path: Path) -> None:
    content = "社区,内容,电话\n甲,井盖松动,13800138000\n"
    with pytest.raises(SourceError, match="电话"):
        rows_of(tmp_path, content)
    rows = rows_of(tmp_path, content, Ledger(privacy="drop"))
    assert list(rows.cells.columns) == list(USUAL)
    assert not rows.cells.isin(["井盖松动", "13800138000"]).to_numpy().any()


def test_sheets_are_rows_of_one_ledger(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    for name, lon in (("一", 120.6), ("二", None)):
        sheet = book.create_sheet(name)
        for row in (["社区", "经度", "纬度"], ["甲", lon, lon and 31.3]):
            sheet.append(row)
    book.save(tmp_path / "s.xlsx")
    rows = read_rows(tmp_path / "s.xlsx", ALL, "signals", USUAL, ["community"])
    lonlat = rows.lonlat(ALL, NO_EVIDENCE)
    assert np.isfinite(lonlat[:, 0]).tolist() == [True, False]
    assert rows.ids() == ["一 2", "二 2"]
    assert rows.doubted["other_sheets"] == ["Sheet"]
