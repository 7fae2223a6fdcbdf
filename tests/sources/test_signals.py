"""Signals and visits: where each is, what it is about, and why a row is set aside."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_study import LAT, LON, drawn
from pydantic import ValidationError
from signal_scenes import COMMUNITIES, draw, known_of, place, study_of

from gusu_geo.errors import SourceError, StudyError
from gusu_geo.sources.books import Books, Known
from gusu_geo.sources.city import read_city
from gusu_geo.sources.dates import date_in
from gusu_geo.sources.district import read_books
from gusu_geo.sources.ledgers.rows import Rows
from gusu_geo.sources.signals import read_signals, read_visits, round_of
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.params import SignalParams

HEAD = "编号,日期,轮次,来源,性质,主题,街道,社区,小区,经度,纬度\n"


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return known_of(draw(tmp_path_factory.mktemp("street")))


def row(
    key: object,
    theme: str = "停车",
    *,
    day: str = "2026-03-01",
    town: str = "",
    community: str = "",
    compound: str = "",
    at: str = ",",
) -> str:
    return f"{key},{day},1,联系日,问题,{theme},{town},{community},{compound},{at}\n"


def read(known: Known, content: str, **keys: Any) -> tuple[pd.DataFrame, Rows]:
    return read_file(known, HEAD + content, **keys)


def read_file(known: Known, content: str | bytes, **keys: Any) -> tuple[pd.DataFrame, Rows]:
    path = known.study.path("signals.csv")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    given_keys = {"source": "signals.csv", "crs": "wgs84", "max_rejected": 1.0} | keys
    return read_signals(known, SignalParams.model_validate(given_keys))


def why(rows: Rows) -> dict[int, str]:
    return {one["row"]: one["reason"]["en"] for one in rows.rejected}


# Where


def test_a_signal_is_at_its_point_else_its_compound_else_its_community(known: Known) -> None:
    table, _ = read(
        known,
        row("p", community="西社区", compound="柳巷", at=place(500))
        + row("h", community="西社区", compound="柳巷")
        + row("c", community="西社区居委会")
        + row("n"),
    )
    assert table["located"].to_dict() == {"p": "point", "h": "compound", "c": "community", "n": "none"}  # fmt: skip
    assert table["compound"].tolist() == ["", "c1", "", ""]
    assert table["zone"].tolist() == ["w", "w", "w", ""]
    assert table.loc["p", ["x", "y"]].tolist() == pytest.approx([-500, 0], abs=0.01)
    assert table["x"].notna().tolist() == [True, False, False, False]


def test_a_compound_is_as_homes_have_it_and_lies_where_most_of_its_persons_live(
    known: Known,
) -> None:
    table, _ = read(known, row("a", compound="枫桥") + row("b", compound="c2"))
    homes = known.residences.frame["compound"]
    assert table["compound"].tolist() == [homes["h3"]] * 2 == ["c2", "c2"]
    assert table["zone"].tolist() == ["e", "e"]  # 40 persons against 20


def test_a_compound_without_homes_places_a_signal_in_its_community(known: Known) -> None:
    table, _ = read(known, row("a", compound="空院"))
    assert table.loc["a", ["located", "compound", "zone"]].tolist() == ["community", "", "w"]


def test_what_a_row_says_goes_before_the_polygon(known: Known) -> None:
    """Residents and visits are counted by the community that took the signal."""
    table, rows = read(
        known,
        row("a", community="西社区", at=place(1800))
        + row("b", at=place(1800))
        + row("c", community="西社区", compound="枫桥")
        + row("d", community="东社区", compound="枫桥"),
    )
    assert table["zone"].tolist() == ["w", "e", "w", "e"]
    assert table["located"].tolist() == ["point", "point", "compound", "compound"]
    assert rows.doubted["zone_other"] == ["a", "c"]


def test_outside_the_area_is_left_out_and_not_wrong(known: Known) -> None:
    table, rows = read(
        known,
        row("a", community="西社区", at=place(5000))
        + row("b", compound="外院")
        + row("c", community="东社区"),
    )
    assert table.index.tolist() == ["c"]
    assert rows.left_out == {"outside_area": 2}
    assert not rows.rejected


def test_an_unknown_place_sets_a_row_aside_unless_another_rung_places_it(known: Known) -> None:
    table, rows = read(
        known,
        row("a", community="南社区", at=place(100))
        + row("b", community="南社区", compound="柳巷")
        + row("c", community="东社区", compound="柳巷新村")
        + row("d", community="西社曲")
        + row("e", compound="柳港")
        + row("f", compound="双井")
        + row("g", community="东社区", compound="双井"),
    )
    assert table["located"].to_dict() == {"a": "point", "b": "compound", "c": "community", "g": "community"}  # fmt: skip
    assert table["zone"].tolist() == ["w", "w", "e", "e"]
    assert rows.doubted["place_unknown"] == ["a", "b", "c"]
    assert why(rows) == {
        5: "“西社曲” is no known zone or compound",
        6: "“柳港” is no known zone or compound",
        7: "several places are called “双井”",
    }
    assert [one["column"] for one in rows.rejected] == ["社区", "小区", "小区"]
    assert rows.rejected[0]["reason"]["zh"] == "分区和小区中没有“西社曲”"
    assert rows.rejected[0]["remedy"]["en"].startswith("Did you mean “西社区”?")
    assert rows.rejected[0]["remedy"]["zh"].startswith("是否想写“西社区”？")


def test_a_level_above_is_reached_from_the_communities(known: Known) -> None:
    table, _ = read(
        known,
        row("a", community="东社区") + row("b", town="平江街道") + row("c", at=place(100)),
        level="街道",
    )
    assert table["zone"].tolist() == ["S", "S", "S"]
    with pytest.raises(StudyError, match="街道"):
        read(known, row("a"), level="街到")


def test_half_a_point_is_no_place(known: Known) -> None:
    _, rows = read(known, row("a", community="西社区", at=f"{LON},") + row("b"))
    assert [one["column"] for one in rows.rejected] == ["纬度"]


# What about


def test_themes_are_names_of_services_usual_words_and_the_planners_own(known: Known) -> None:
    words = ("reading", "Health", "健康", "晨练", "停车", "健康、晨练；停车", "")
    content = "".join(row(k, word, community="西社区") for k, word in enumerate(words))
    table, rows = read(known, content, themes={"晨练": ["reading", "health"], "停车": ""})
    assert table["services"].tolist() == [
        *("reading", "health", "health", "reading、health", "", "reading、health", ""),
    ]
    assert table["theme"].tolist()[5] == "健康、晨练、停车"
    assert rows.doubted["no_theme"] == ["6"]
    assert not rows.rejected


def test_an_unknown_theme_is_set_aside_with_the_nearest_known_one(known: Known) -> None:
    _, rows = read(known, row(1, "停车难题", community="西社区") + row(2, "外星人") + row(3))
    assert why(rows) == {2: "“停车难题” is no known theme", 3: "“外星人” is no known theme"}
    first, second = rows.rejected
    assert first["remedy"]["en"].startswith("Did you mean “停车难”?")
    assert 'themes = { "外星人" = "service id" }' in second["remedy"]["en"]
    assert first["reason"]["zh"] == "“停车难题”不是已知的主题"


def test_own_words_for_no_service_of_the_pack_are_refused(known: Known) -> None:
    with pytest.raises(StudyError, match="readin") as caught:
        read(known, row(1), themes={"看书": "readin"})
    assert "reading" in str(caught.value) and "signals.themes" in str(caught.value)


# When


@pytest.mark.parametrize(
    "cell",
    ["2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "２０２６年３月１日", "20260301", "2026-03-01 14:30:00",
     "2026-03-01T14:30:00+08:00", "2026年3月1日（星期日）", "2026年3月1日 9时30分", "46082", "46082.604166"],
)  # fmt: skip
def test_forms_of_a_day(cell: str) -> None:
    """46,082 days after 1899-12-30: 126 years of 365 days, 31 leap days, and 61 days."""
    assert date_in(cell, serial=True) == datetime.date(2026, 3, 1)


@pytest.mark.parametrize(
    "cell", ["2026-02-30", "2026年13月1日", "3/1/2026", "第一天", "12345", "0"]
)
def test_what_is_no_day(cell: str, known: Known) -> None:
    _, rows = read(known, row(1, day=cell, community="西社区") + row(2))
    (one,) = rows.rejected
    assert one["column"] == "日期" and one["reason"]["en"] == f"“{cell}” is no date"
    assert one["reason"]["zh"] == f"“{cell}”不是日期"


def test_the_last_day_counts_and_later_ones_stop_nothing(known: Known) -> None:
    days = ["2026-03-01", *[f"2026-03-{day:02}" for day in range(2, 12)]]
    content = "".join(row(k, day=day, community="西社区") for k, day in enumerate(days))
    table, rows = read(known, content, until="2026-03-02", max_rejected=None)
    assert table["date"].tolist() == ["2026-03-01", "2026-03-02"]
    assert len(rows.rejected) == 9 and rows.left_out == {"rejected": 9}
    assert why(rows)[4] == "“2026-03-03” is after until (2026-03-02)"
    assert any("later until" in row["remedy"]["en"] for row in rows.rejected)  # it need not be cut
    assert rows.rejected[0]["reason"]["zh"] == "“2026-03-03”在 until（2026-03-02）之后"


def test_without_a_day_a_row_counts_unless_there_is_a_last_one(known: Known) -> None:
    content = row(1, day="", community="西社区") + row(2, community="西社区")
    table, rows = read(known, content)
    assert table["date"].tolist() == ["", "2026-03-01"] and rows.doubted["no_date"] == ["1"]
    table, rows = read(known, content, until=datetime.date(2026, 4, 1))
    assert table.index.tolist() == ["2"] and "no date" in why(rows)[2]


def test_rounds_are_numbers_however_written() -> None:
    said = ["第3轮", "3", "三", "第三轮次", "３", "十二", "第二十轮", "2026年3月", "一二"]
    found = ["3", "3", "3", "3", "3", "12", "20", "2026年3月", "一二"]
    assert [round_of(cell) for cell in said[:4]] == found[:4]
    assert [round_of(cell) for cell in said[5:]] == found[5:]


# Rows


def test_an_id_stands_once(known: Known) -> None:
    content = row("a", community="西社区") + row("a", community="东社区")
    table, rows = read(known, content)
    assert table["zone"].to_dict() == {"a": "w"}
    assert why(rows) == {3: "id 'a' again"}


def test_too_many_rejected_rows_stop(known: Known) -> None:
    content = "".join(row(k, community="西社区" if k > 3 else "南社区") for k in range(15))
    with pytest.raises(SourceError, match="南社区") as caught:
        read(known, content, max_rejected=None)
    assert len(caught.value.rejected) == 4


def test_read_is_accepted_and_rejected_and_left_out(known: Known) -> None:
    content = (
        row(1, community="西社区")
        + row(2, community="南社区")
        + row(3, at=place(9000))
        + "合计,3,,,,,,,,,\n"
    )
    table, rows = read(known, content)
    account, facts = rows.account("signals"), rows.facts()
    assert account["read"] == facts.read == 4
    assert account["accepted"] == len(table) == 1
    assert account["rejected"] == 1
    assert account["no_data"] == {"sum_row": 1, "outside_area": 1}


def test_personal_data_are_refused_and_free_text_is_not_carried(known: Known) -> None:
    content = "编号,主题,社区,来源,反映内容,联系电话\n1,停车,西社区,联系日,井盖松动三天没人修,13800138000\n"
    with pytest.raises(SourceError, match="联系电话"):
        read_file(known, content)
    long = content.replace("联系日", "居民说晚上车来车往一直很吵希望早点处理好这个问题")
    table, rows = read_file(known, long, privacy="drop")
    assert table["origin"].tolist() == [""] and rows.doubted["free_text"] == ["1"]
    assert list(table) == [
        *("date", "round", "origin", "kind", "theme", "services"),
        *("located", "x", "y", "compound", "zone"),
    ]
    assert not table.astype(str).apply(lambda column: column.str.contains("井盖|138|吵")).any(axis=None)  # fmt: skip


def test_a_ledger_says_where_or_is_refused(known: Known) -> None:
    with pytest.raises(SourceError, match="community"):
        read_file(known, "编号,主题\n1,停车\n")
    with pytest.raises(SourceError, match="theme"):
        read_file(known, "编号,社区\n1,西社区\n")


def test_a_workbook_under_a_merged_title_with_real_dates(known: Known) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["姑苏区社情民意联系日台账（2026 年）"])
    sheet.merge_cells("A1:F1")
    sheet.append(["编号", "反映时间", "轮次", "问题类别", "所属社区", "所在小区"])
    sheet.append([1, datetime.datetime(2026, 3, 1, 9, 30), 36, "停车；健康", "西社区", None])
    sheet.append([2, datetime.date(2026, 3, 2), "第36轮", "阅读 ", "无", "柳巷"])
    sheet["B4"].number_format = "yyyy-mm-dd"
    book.save(known.study.path("book.xlsx"))
    table, rows = read_file(known, "", source="book.xlsx", themes={"阅读": "reading"})
    assert table["date"].tolist() == ["2026-03-01", "2026-03-02"]
    assert table["round"].tolist() == ["36", "36"]
    assert table["services"].tolist() == ["health", "reading"]
    assert table["zone"].tolist() == ["w", "w"]
    assert not rows.rejected


def test_gb18030_and_the_coordinates_of_baidu(known: Known) -> None:
    """BD-09 of the place 120.62, 31.31 lies 0.0108 east and 0.0040 north of it (about 1.1 km)."""
    head = "编号,主题,百度经度,百度纬度\n"
    content = f"{head}1,停车,{LON + 0.01083:.6f},{LAT + 0.00397:.6f}\n".encode("gb18030")
    table, rows = read_file(
        known, content, crs="bd09", columns={"lon": "百度经度", "lat": "百度纬度"}
    )
    assert rows.tables[0]["systems"] == ["BD-09"]
    assert table["located"].tolist() == ["point"]
    assert abs(table["x"].iloc[0]) < 100 and abs(table["y"].iloc[0]) < 100


# Visits


def visits(known: Known, content: str) -> tuple[pd.DataFrame, Rows]:
    known.study.path("visits.csv").write_text(content, encoding="utf-8")
    given_keys = {"source": "visits.csv", "max_rejected": 1.0}
    params = SignalParams.model_validate({"source": "s.csv", "visits": given_keys})
    assert params.visits is not None
    return read_visits(known, params.visits, "")


def test_visits_are_added_up_by_community_and_round(known: Known) -> None:
    table, rows = visits(
        known,
        "社区,轮次,走访人次\n西社区,1,30\n东社区,1,约20人\n西社区居委会,第一轮,12\n西社区,2,0\n",
    )
    assert table.to_numpy().tolist() == [["e", "1", 20], ["w", "1", 42], ["w", "2", 0]]
    assert not rows.rejected


def test_visits_below_none_without_a_number_or_a_known_community(known: Known) -> None:
    table, rows = visits(known, "社区,轮次,走访人次\n西社区,1,-5\n西社区,2,\n南社区,1,3\n,1,3\n东社区,1,7\n")  # fmt: skip
    assert table["visits"].tolist() == [7]
    assert why(rows) == {
        2: "“-5” is below 0",
        3: "no 走访人次",
        4: "“南社区” is no known zone or compound",
        5: "no community",
    }
    account = rows.account("visits")
    assert (account["read"], account["accepted"], account["rejected"]) == (5, 1, 4)


def test_expecting_by_visits_needs_visits() -> None:
    with pytest.raises(ValidationError, match="visits"):
        SignalParams.model_validate({"source": "s.csv", "expected": "visits"})


# The whole


def test_the_city_has_the_books_and_says_what_became_of_them(tmp_path: Path) -> None:
    draw(tmp_path)
    ledger = row(1, community="西社区") + row(2, "健康", at=place(1700)) + row(3, day="2026-02-30")
    (tmp_path / "signals.csv").write_text(HEAD + ledger, encoding="utf-8")
    (tmp_path / "visits.csv").write_text("社区,轮次,走访人次\n西社区,1,30\n", encoding="utf-8")
    more = '[signals.visits]\nsource = "visits.csv"\n'
    study = study_of(tmp_path, "max_rejected = 1", more)
    city = read_city(study, load_pack("pack.toml", tmp_path))
    assert set(city.books) == {"signals", "visits"}
    assert city.books["signals"]["zone"].tolist() == ["w", "e"]
    sources = {one["kind"]: one for one in city.facts["sources"]}
    for kind in ("signals", "visits"):
        one = sources[kind]
        assert one["read"] == one["used"] + sum(one["left_out"].values())
    assert [one["kind"] for one in city.facts["ledgers"]][-2:] == ["signals", "visits"]
    assert [(one["file"], one["row"]) for one in city.facts["rejected"]] == [("signals.csv", 4)]
    plain = read_city(study_of(tmp_path, ""), load_pack("pack.toml", tmp_path))
    assert plain.books == {}


def test_without_the_part_nothing_is_read(known: Known) -> None:
    assert known.study.signals is None
    assert read_books(known).tables == Books().tables == {}


OTHERS = {"w": ("k2", "南园社区"), "e": ("k1", "北园社区")}


@pytest.fixture(scope="module")
def relabelled(tmp_path_factory: pytest.TempPathFactory) -> Known:
    boxes = {new: (name, COMMUNITIES[old][1]) for old, (new, name) in OTHERS.items()}
    return known_of(draw(tmp_path_factory.mktemp("other"), boxes))


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["w", "e", "", "南社区"]),
            st.sampled_from(["柳巷", "枫桥", "空院", "双井", "", "不存在"]),
            st.sampled_from([None, 100, 1499, 1501, 1990, 3000]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_other_names_of_communities_only_rename_the_result(
    known: Known, relabelled: Known, drawn_rows: list[tuple[str, str, int | None]]
) -> None:
    def ledger(names: dict[str, str]) -> str:
        lines = [row("base", community=names["w"])]
        for k, (community, compound, x) in enumerate(drawn_rows):
            at = "," if x is None else place(x)
            said = names.get(community, community)
            lines.append(row(k, community=said, compound=compound, at=at))
        return "".join(lines)

    here, rows = read(known, ledger({key: name for key, (name, _) in COMMUNITIES.items()}))
    there, others = read(relabelled, ledger({key: name for key, (_, name) in OTHERS.items()}))
    back = {new: old for old, (new, _) in OTHERS.items()} | {"": ""}
    pd.testing.assert_frame_equal(here, there.assign(zone=there["zone"].map(back)))
    assert rows.left_out == others.left_out and rows.doubted == others.doubted
    assert [one["row"] for one in rows.rejected] == [one["row"] for one in others.rejected]


def test_zones_without_tiers_and_a_town_without_compounds(tmp_path: Path) -> None:
    plain = known_of(drawn(tmp_path))
    content = row(1, community="west", compound="柳巷") + row(2, at=place(1800)) + row(3)
    table, rows = read(plain, content)
    assert table["zone"].tolist() == ["west", "east", ""]
    assert rows.doubted["place_unknown"] == ["1"]
    assert visits(plain, "社区,走访人次\nWest,3\n")[0].to_numpy().tolist() == [["west", "", 3]]


def test_zones_that_nobody_drew_are_found_by_name(tmp_path: Path) -> None:
    draw(tmp_path)
    text = (tmp_path / "study.toml").read_text("utf-8")
    text = text.replace('source = "communities.geojson"\ncrs = "wgs84"', 'source = "c.csv"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    (tmp_path / "c.csv").write_text("code,name,parent\nw,西社区,S\ne,东社区,S\n", encoding="utf-8")
    table, rows = read(known_of(tmp_path), row(1, community="东社区") + row(2, at=place(100)))
    assert table["zone"].tolist() == ["e", ""]
    assert table["located"].tolist() == ["community", "point"]
    assert rows.doubted["zone_unknown"] == ["2"]


def test_a_community_beyond_the_area_is_elsewhere_and_not_unknown(tmp_path: Path) -> None:
    """The ledger of a district, of which the study is a part."""
    beyond = {"n": ("北社区", (3000.0, -500.0, 3500.0, 500.0))}
    part = known_of(draw(tmp_path, COMMUNITIES | beyond))
    content = row(1, community="北社区") + row(2, community="西社区") + row(3, community="南社区")
    table, rows = read(part, content + row(4, community="北社区", at=place(100)))
    assert table["zone"].to_dict() == {"2": "w", "4": "w"}
    assert rows.left_out == {"rejected": 1, "outside_area": 1}
    assert list(why(rows)) == [4]
    counted, seen = visits(part, "社区,轮次,走访人次\n西社区,1,30\n北社区,1,20\n")
    assert counted.to_numpy().tolist() == [["w", "1", 30]]
    assert seen.left_out == {"outside_area": 1} and not seen.rejected
