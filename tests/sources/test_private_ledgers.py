"""Personal data in planners' files: which headers and cells hold them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gusu_geo.errors import SourceError
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.ledgers.privacy import masked, personal_columns
from gusu_geo.study.params import Ledger

LON, LAT = 120.6214, 31.3098


def kinds(header: str, cell: str) -> list[str]:
    cells = pd.DataFrame({header: [cell, ""]}, dtype="string[pyarrow]")
    return list(personal_columns(cells).values())


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("联系人电话", "phone"), ("手机号码（必填）", "phone"), ("微信号", "phone"),
        ("Phone Number", "phone"), ("contact_phone", "phone"), ("身份证号码*", "identity"),
        ("负责人姓名", "person"), ("联系人 1", "person"), ("党支部书记", "person"),
        ("业委会主任", "person"), ("网格员", "person"), ("Contact Person", "person"),
    ],
)  # fmt: skip
def test_a_header_says_what_its_end_says(header: str, kind: str) -> None:
    assert kinds(header, "保密") == [kind]


@pytest.mark.parametrize(
    "header",
    ["联系人数", "业主户数", "支部", "业委会", "法人类型", "公用电话亭", "hotel", "tel_aviv"],
)
def test_words_about_persons_are_no_persons(header: str) -> None:
    assert kinds(header, "3") == []


@pytest.mark.parametrize(
    "number",
    [
        "138.0013.8000", "138-0013-8000", "+86 13800138000", "(0512) 6588 1234", "0512 65881234",
        "86-512-65881234", "１３８００１３８０００", "138 0013 8000",
    ],
)  # fmt: skip
def test_telephones_in_whatever_writing(number: str) -> None:
    assert kinds("备注", f"请打{number}") == ["phone"]
    assert masked(f"请打{number}") == "请打***"


def test_all_numbers_of_a_cell_are_hidden() -> None:
    assert masked("13800138000，１３９００１３９０００") == "***,***"
    assert masked("座机：65881234") == "座机***"


@pytest.mark.parametrize("cell", ["00012345678", "20240501123456", "2020-2024", "手机维修3店"])
def test_other_numbers_stay(cell: str) -> None:
    assert kinds("备注", cell) == [] and masked(cell) == cell


def test_a_column_of_names_is_left_out_even_where_numbers_are_masked(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(
        f"名称,经度,纬度,功能（必填）,联系人（必填）\n站,{LON},{LAT},阅读,张三\n", "utf-8"
    )
    with pytest.raises(SourceError, match=r"columns 联系人\(必填\)\."):
        read_points(path, Ledger(crs="wgs84"))
    columns = {"name": "联系人（必填）"}  # asked for, and yet no name of a person
    read = read_points(path, Ledger(crs="wgs84", privacy="mask", columns=columns))
    assert read.frame.columns.tolist() == ["service", "geometry"]
