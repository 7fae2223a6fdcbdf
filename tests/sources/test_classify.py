"""Which services a ledger row offers, how well that is known, and that one place is one venue."""

from __future__ import annotations

from pathlib import Path

import pytest
from extracts import Paper, box, lonlat, pack_of

from gusu_geo.errors import SourceError, StudyError
from gusu_geo.sources.classify import RowTexts, services_of_row
from gusu_geo.sources.services import Lexicon, services_in
from gusu_geo.sources.venues import Venues, read_venues
from gusu_geo.study.catalog import RulePack, Service, load_pack
from gusu_geo.tables import no_shapes
from gusu_geo.words import text as message

READ = Service(
    "read", "阅读", "Reading", (("amenity=library",),), ("书房", "阅览"), ("批发",), ("140500",)
)
REST = Service("rest", "休憩", "Rest", (("leisure=park",),), ("会客厅",), (), ("110101",))
PACK = pack_of(READ, REST)
GUSU = load_pack("gusu-1510")


def found(row: RowTexts, pack: RulePack = PACK, source: str = "A", **words: str) -> dict[str, str]:
    return dict(services_of_row(row, Lexicon(pack, words), source).services)


@pytest.mark.parametrize(
    ("row", "offered"),
    [
        # the official column wins over name and code
        (RowTexts("阅读", "会客厅", "110101"), {"read": "A"}),
        (RowTexts("Reading", "会客厅"), {"read": "A"}),
        (RowTexts("阅读、休憩"), {"read": "A", "rest": "A"}),
        (RowTexts("阅读|休憩\r\nread"), {"read": "A", "rest": "A"}),
        (RowTexts("休憩/阅览室"), {"rest": "A", "read": "B"}),  # a name of the pack, and a keyword
        (RowTexts("阅读；阅览室"), {"read": "A"}),  # named is better than found by keyword
        (RowTexts("图书阅览室", "会客厅"), {"read": "B"}),
        # then the name
        (RowTexts("", "平江书房", "110101"), {"read": "B"}),
        (RowTexts("会议", "平江书房会客厅"), {"read": "B", "rest": "B"}),  # an unknown word
        (RowTexts("", "书房批发"), {}),  # excluded
        # then codes and words of the type
        (RowTexts("", "甲", "140500"), {"read": "C"}),
        (RowTexts("", "甲", "140501|110101"), {"read": "C", "rest": "C"}),
        (RowTexts("", "甲", "１４０５００"), {"read": "C"}),
        (RowTexts("", "甲", "110102"), {}),
        (RowTexts("", "甲", "", "公园;休憩"), {"rest": "C"}),
        (RowTexts("", "甲", "", "科教文化服务;图书阅览室;图书馆"), {}),  # is like a word, but none
        (RowTexts(), {}),
    ],
)
def test_the_first_that_says_something_wins(row: RowTexts, offered: dict[str, str]) -> None:
    assert found(row) == offered


@pytest.mark.parametrize(("source", "grade"), [("A", "AB C"), ("B", "BB C"), ("C", "CC C")])
def test_evidence_is_the_weaker_of_the_source_and_of_how_it_was_found(
    source: str, grade: str
) -> None:
    rows = (RowTexts("阅读"), RowTexts("", "书房"), RowTexts("", "", "140500"))
    assert [found(row, source=source)["read"] for row in rows] == list(grade.replace(" ", ""))


def test_words_of_the_planner() -> None:
    words = {"图书角": "read", "综合": ["read", "rest"], "仓库": "", "阅读": "rest"}
    lexicon = Lexicon(PACK, words)  # type: ignore[arg-type]

    def offers(cell: str, name: str = "") -> dict[str, str]:
        return dict(services_of_row(RowTexts(cell, name), lexicon).services)

    assert offers("图书角") == {"read": "A"}
    assert offers("综 合") == {}  # a space is a difference
    assert offers(" 综合 ") == {"read": "A", "rest": "A"}
    assert offers("阅读") == {"read": "A"}  # names of the pack come first
    assert offers("仓库", "平江书房") == {}  # the planner says: none of ours
    assert services_of_row(RowTexts("仓库、会议"), lexicon).unknown == ("会议",)


def test_words_for_a_service_that_the_pack_does_not_have() -> None:
    with pytest.raises(StudyError, match=r"facilities v: .*'图书角'.*Got 'raed'.*mean 'read'"):
        Lexicon(PACK, {"图书角": "raed"}, "facilities v")


def test_codes_that_a_sheet_kept_as_numbers_lose_no_zero() -> None:
    assert found(RowTexts("", "", "80501"), GUSU) == {"child_play": "C"}
    assert found(RowTexts("", "", "080501"), GUSU) == {"child_play": "C"}


def test_a_code_of_its_own_comes_before_its_group() -> None:
    """080501 is a playground, named by one service; 080500 are all places of leisure."""
    assert found(RowTexts("", "", "080502"), GUSU) == {"lounge": "C"}
    assert found(RowTexts("", "", "080500"), GUSU) == {"lounge": "C"}
    assert found(RowTexts("", "", "140501"), GUSU) == {"reading": "C"}
    assert found(RowTexts("", "", "120304"), GUSU) == {"red_station": "C", "senior_leisure": "C"}
    assert found(RowTexts("", "", "050100"), GUSU) == {}


@pytest.mark.parametrize(
    ("word", "offered"),
    [
        ("图书阅览", "reading"), ("党群服务中心", "red_station"), ("儿童乐园", "child_play"),
        ("老年活动室", "senior_leisure lounge"), ("日间照料", "senior_leisure"), ("书画室", "culture"),
        ("社区卫生服务站", "health"), ("会客厅", "lounge"), ("志愿服务站", "volunteer"),
        ("老年大学", "senior_leisure skills"), ("久龄娱乐", "senior_leisure"), ("党群服务", "red_station"),
    ],
)  # fmt: skip
def test_words_that_offices_use(word: str, offered: str) -> None:
    assert found(RowTexts(word), GUSU) == dict.fromkeys(offered.split(), "B")


HEAD = "id,name,type,typecode,lon,lat\n"


def written(folder: Path, text: str, **source: object) -> dict[str, object]:
    (folder / "poi.csv").write_text(text, encoding="utf-8")
    return {"root": folder, "facilities": [{"source": "osm"}, {"source": "poi.csv", **source}]}


def at(x: float, y: float) -> str:
    return ",".join(map(repr, lonlat(x, y)))


def venues_of(paper: Paper, study: dict[str, object], pack: RulePack = PACK) -> Venues:
    made = paper.study(**study)
    area = paper.area(made)
    return read_venues(made, pack, paper.extract(), area, no_shapes(area.crs, "access", "source"))


def test_an_export_with_type_codes_and_no_column_of_services(tmp_path: Path) -> None:
    text = HEAD + f"1,南京图书馆,科教文化服务;图书馆;图书馆,140500,{at(0, 0)}\n"
    text += f"2,平江书房,购物服务;书店,061000,{at(100, 0)}\n3,面馆,餐饮服务,050100,{at(200, 0)}\n"
    venues = venues_of(Paper(), written(tmp_path, text))
    frame = venues.facilities.frame
    assert frame["evidence"].to_dict() == {"poi-2:1:read": "C", "poi-2:2:read": "B"}
    assert venues.sources[1]["left_out"] == {"no_service": 1}
    assert "words_unknown" not in [note["code"] for note in venues.notes]


@pytest.mark.parametrize(
    ("kind", "offered", "everyday"),
    [
        ("教育培训;图书馆", "reading", "library"), ("教育培训；图书馆", "reading", "library"),
        ("图书馆", "reading", "library"), ("教育培训;中学", "", "school"),
        ("医疗;诊所", "health", "health"), ("医疗;诊所,医疗;药店", "health", "health pharmacy"),
        ("旅游景点;公园", "lounge", "park_lounge"), ("文化传媒;展览馆", "culture", "culture"),
        ("运动健身;健身中心", "", "sport"), ("购物>超市", "", "food"), ("医疗", "", "health"),
        ("医疗;药店", "", "pharmacy"), ("医疗;综合医院", "", ""),
        ("旅游景点;图书馆", "", "library"), ("美食;中餐厅", "", ""), (";", "", ""),
    ],
)  # fmt: skip
def test_the_types_of_baidu(kind: str, offered: str, everyday: str) -> None:
    assert found(RowTexts(kind=kind), GUSU) == dict.fromkeys(offered.split(), "C")
    pack = load_pack("everyday-ten")
    assert found(RowTexts(kind=kind), pack) == dict.fromkeys(everyday.split(), "C")


def test_an_export_of_baidu_is_told_by_name_then_tag(tmp_path: Path) -> None:
    text = (
        f"uid,name,tag,lng,lat\n1,甲,教育培训;图书馆,{at(0, 0)}\n2,平江书房,美食;茶座,{at(99, 0)}\n"
    )
    frame = venues_of(Paper(), written(tmp_path, text), load_pack("gusu-1510")).facilities.frame
    assert frame["evidence"].to_dict() == {"poi-2:2:reading": "C", "poi-2:3:reading": "B"}


def test_a_ledger_with_nothing_to_tell_services_by(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no column.* for service"):
        venues_of(Paper(), written(tmp_path, f"id,lon,lat\n1,{at(0, 0)}\n"))


def test_words_in_the_study_file(tmp_path: Path) -> None:
    text = f"id,name,service,lon,lat\n1,甲,图书角,{at(0, 0)}\n2,乙,仓库,{at(50, 0)}\n"
    study = written(tmp_path, text, words={"图书角": "read", "仓库": ""})
    assert venues_of(Paper(), study).facilities.frame["evidence"].to_dict() == {"poi-2:1:read": "A"}


def test_rows_that_mean_none_are_no_faults_of_the_ledger(tmp_path: Path) -> None:
    """The planner has said what 仓库 means; 会议 nobody has, and the last row says nothing."""
    cells = ("阅读", "仓库", "仓库、会议", "")
    rows = [f"{k},甲{k},{cell},{at(50 * k, 0)}\n" for k, cell in enumerate(cells)]
    study = written(tmp_path, "id,name,service,lon,lat\n" + "".join(rows), words={"仓库": ""})
    venues = venues_of(Paper(), study)
    assert [(row["row"], row["value"]) for row in venues.rejected] == [(4, "仓库、会议"), (5, "")]
    (read,) = [each for each in venues.sources if each["source"] == "poi.csv"]
    assert read["left_out"] == {"no_service": 1, "rejected": 2}


def test_unknown_words_and_complete_do_not_go_together(tmp_path: Path) -> None:
    """What is missing may be what the unknown word stands for."""
    text = f"id,name,service,lon,lat\n1,甲,阅读,{at(0, 0)}\n2,乙,仓库,{at(50, 0)}\n"
    with pytest.raises(SourceError, match=r"claims to list all venues.*仓库.*in 1 rows"):
        venues_of(Paper(), written(tmp_path, text, complete=True))
    study = written(tmp_path, text, complete=True, words={"仓库": ""})
    assert venues_of(Paper(), study).known == {"read": True, "rest": True}


def test_each_merge_is_listed_with_what_stands_for_it(tmp_path: Path) -> None:
    paper = Paper().place("w1", box(0, 0, 20, 20), amenity="library", name="平江书房")
    paper.place("n1", (10, 10), amenity="library").place("n2", (900, 0), amenity="library")
    text = "id,name,service,lon,lat\n"
    text += f"1,平江书房,阅读,{at(30, 10)}\n2,平江 书房,阅读、休憩,{at(20, 50)}\n"
    venues = venues_of(paper, written(tmp_path, text))
    told = {merge["id"]: merge for merge in venues.merges}
    assert list(told) == ["n1", "poi-2:1", "poi-2:2"]
    assert {merge["stands"] for merge in venues.merges} == {"w1"}
    assert told["poi-2:1"] == {
        "id": "poi-2:1", "name": "平江书房", "source": "poi.csv", "stands": "w1",
        "stands_name": "平江书房", "stands_source": "paper.osm.pbf", "distance_m": 10.0,
        "services": [],
    }  # fmt: skip
    assert told["n1"]["distance_m"] == 0
    assert told["poi-2:2"]["distance_m"] == 30
    assert told["poi-2:2"]["services"] == ["rest"]  # what the building does not offer
    # Those of which nothing is left are the merged ones of the reader's ledger.
    gone = [merge["source"] for merge in venues.merges if not merge["services"]]
    for row in venues.sources:
        assert row["left_out"].get("merged", 0) == gone.count(row["source"]) == 1


def test_what_stands_is_told_by_the_name_it_took_over(tmp_path: Path) -> None:
    paper = Paper().place("w1", box(0, 0, 20, 20), amenity="library")
    text = f"id,name,service,lon,lat\n1,平江书房,阅读,{at(10, 10)}\n"
    (merge,) = venues_of(paper, written(tmp_path, text)).merges
    assert (merge["id"], merge["stands"], merge["stands_name"]) == ("poi-2:1", "w1", "平江书房")


def test_a_ledger_names_in_chinese_what_the_map_names_in_both(tmp_path: Path) -> None:
    tags = {"name": "Suzhou Library", "name__zh": "苏州图书馆", "amenity": "library"}
    text = f"id,name,service,lon,lat\n1,苏州图书馆,阅读,{at(30, 10)}\n2,别馆,阅读,{at(30, 0)}\n"
    venues = venues_of(Paper().place("w1", box(0, 0, 20, 20), **tags), written(tmp_path, text))
    assert [(merge["id"], merge["stands"]) for merge in venues.merges] == [("poi-2:1", "w1")]
    assert venues.facilities.frame["evidence"].to_dict() == {"poi-2:2:read": "A", "w1:read": "A"}


def test_rows_elsewhere_and_rows_without_a_service_are_counted_once(tmp_path: Path) -> None:
    rows = [("读", 0), ("阅读", 9000), ("读", 9000), ("读", 9)]
    text = "id,name,service,lon,lat\n"
    text += "".join(f"{i},甲,{word},{at(x, 0)}\n" for i, (word, x) in enumerate(rows))
    row = venues_of(Paper(), written(tmp_path, text)).sources[1]
    assert (row["read"], row["used"]) == (4, 0)
    assert row["left_out"] == {"beyond_reach": 2, "rejected": 2}


def test_cells_of_candidates_are_read_by_keywords_too() -> None:
    where = message("error.no_file")
    assert services_in("儿童游乐、党群服务", GUSU, where) == ["child_play", "red_station"]
    with pytest.raises(SourceError, match="no such service in the pack gusu-1510"):
        services_in("儿童游乐、亲子鉴定", GUSU, where)


def test_places_that_only_look_alike_are_no_merge(tmp_path: Path) -> None:
    paper = Paper().place("w1", box(0, 0, 20, 20), amenity="library", name="彩香一村三区书房")
    text = f"id,name,service,lon,lat\n1,彩香一村四区书房,阅读,{at(30, 10)}\n"
    venues = venues_of(paper, written(tmp_path, text))
    assert venues.merges == []
    assert len(venues.facilities.frame) == 2
