"""Zones of tiers: read from ledgers, nested, and joined to homes and venues by name."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import shared_data
from extracts import HALF_M, Paper, box, lonlat, pack_of
from hypothesis import given
from hypothesis import strategies as st

from gusu_geo.assessment.zones import assign
from gusu_geo.errors import InputError, SourceError, StudyError
from gusu_geo.sources.compounds import read_compounds, read_gates
from gusu_geo.sources.homes import Homes, read_homes
from gusu_geo.sources.venues import read_venues
from gusu_geo.sources.zone_joins import Joined, join_zones
from gusu_geo.sources.zone_names import ZoneNames, bare_name
from gusu_geo.sources.zones import ReadZones, read_zones
from gusu_geo.study.catalog import Service
from gusu_geo.study.study_file import parse_study
from gusu_geo.tables import Entrances, Facilities, no_shapes
from gusu_geo.words import speak

HEAD = "代码,名称,街道代码\n"
ROWS = {
    "320508017001": ("路南社区居委会", "320508017"),
    "320508018032": ("梅巷社区居委会", "320508018"),
    "320508018203": ("梅巷村委会", "320508018"),
    "320508018040": ("新建社区居委会(筹)", "320508018"),
}
SUBDISTRICTS = "代码,名称\n320508017,白洋湾街道\n320508018,平江街道\n"
COMMUNITY = {"level": "社区", "tier": "社区", "source": "communities.csv"}
SUBDISTRICT = {"level": "街道", "tier": "街道", "source": "subdistricts.csv"}


def zoned(
    folder: Path,
    paper: Paper | None = None,
    zones: list[dict[str, Any]] | None = None,
    **files: str,
) -> ReadZones:
    """The zones of files in ``folder``; a key ``communities`` writes communities.csv."""
    written = {"communities": ledger(), "subdistricts": SUBDISTRICTS} | files
    for name, content in written.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    paper = paper or Paper()
    levels = zones if zones is not None else [SUBDISTRICT, COMMUNITY]
    study = paper.study(root=folder, zones=levels)
    return read_zones(study, paper.extract(), paper.area(study))


def ledger(rows: dict[str, tuple[str, str]] = ROWS) -> str:
    return HEAD + "".join(f"{code},{name},{upper}\n" for code, (name, upper) in rows.items())


def parents(read: ReadZones, tier: str = "community") -> dict[str, str]:
    frame = read.zones.frame
    part = frame[frame["tier"] == tier]
    return dict(zip(part["zone_id"], part["parent"], strict=True))


def test_zones_of_a_ledger_have_names_and_parents_and_no_shape(tmp_path: Path) -> None:
    read = zoned(tmp_path)
    frame = read.zones.frame
    assert frame["level"].tolist() == ["街道"] * 2 + ["社区"] * 4
    assert frame["tier"].tolist() == ["subdistrict"] * 2 + ["community"] * 4
    assert frame.geometry.isna().all()
    assert parents(read) == {code: upper for code, (_, upper) in ROWS.items()}
    (_, row) = read.sources
    assert (row["source"], row["read"], row["used"]) == ("communities.csv", 4, 4)


def test_the_parent_by_code_alone_with_zeros_below(tmp_path: Path) -> None:
    """12-digit codes of subdistricts end in 000; codes of a region that has none say nothing."""
    bare = "代码,名称\n" + "".join(f"{code},{name}\n" for code, (name, _) in ROWS.items())
    bare += "320507001001,别处社区居委会\n"
    long = "代码,名称\n320508017000,白洋湾街道\n320508018000,平江街道\n"
    read = zoned(tmp_path, communities=bare, subdistricts=long)
    found = parents(read)
    assert found.pop("320507001001") == ""
    assert found == {code: f"{upper}000" for code, (_, upper) in ROWS.items()}


def test_the_parent_by_name(tmp_path: Path) -> None:
    named = "名称,街道\n路南社区居委会,白洋湾\n梅巷社区居委会,平江街道办事处\n孤社区居委会,\n"
    found = parents(zoned(tmp_path, communities=named))
    assert found == {
        "路南社区居委会": "320508017", "梅巷社区居委会": "320508018", "孤社区居委会": "",
    }  # fmt: skip


def test_the_parent_by_place_is_the_one_that_holds_most(tmp_path: Path) -> None:
    """a lies in west but for a strip; of b 40 % lie in west and 40 % in east: nothing says its
    parent."""
    paper = Paper().border("w", box(-1000, -1000, 990, 2000), 9, "西街道")
    paper.border("e", box(10, -1000, 990, 2000), 9, "东街道")
    paper.border("a", box(-500, 0, 600, 100), 10, "甲社区")
    paper.border("b", box(-50, 300, 100, 100), 10, "乙社区")
    zones = [
        {"level": tier, "tier": tier, "source": {"osm_admin_level": level}}
        for tier, level in (("街道", 9), ("社区", 10))
    ]
    assert parents(zoned(tmp_path, paper, zones)) == {"a": "w", "b": ""}


def test_zones_of_parents_outside_the_area_are_outside(tmp_path: Path) -> None:
    """One subdistrict lies in the study area, the other far away: so do its communities."""
    far = 5 * HALF_M
    paper = Paper().border("r17", box(-1000, -1000, 2000, 2000), 9, "白洋湾街道")
    paper.border("r18", box(far, far, 500, 500), 9, "平江街道")
    upper = {"level": "街道", "tier": "街道", "source": {"osm_admin_level": 9}}
    rows = "名称,街道\n路南社区居委会,白洋湾街道\n梅巷社区居委会,平江街道\n"
    read = zoned(tmp_path, paper, [upper, COMMUNITY], communities=rows)
    assert parents(read) == {"路南社区居委会": "r17"}
    assert read.sources[-1]["left_out"] == {"outside_area": 1}


def test_a_file_of_several_tiers_gives_each_level_its_own(tmp_path: Path) -> None:
    both = "层级,代码,名称\n街道,320508017,白洋湾街道\n街道,320508018,平江街道\n" + "".join(
        f"社区,{code},{name}\n" for code, (name, _) in ROWS.items()
    )
    zones = [SUBDISTRICT | {"source": "all.csv"}, COMMUNITY | {"source": "all.csv"}]
    read = zoned(tmp_path, zones=zones, all=both)
    assert parents(read) == {code: upper for code, (_, upper) in ROWS.items()}
    assert [row["left_out"] for row in read.sources] == [{"other_tier": 4}, {"other_tier": 2}]


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "a parent that is no zone": (
        {"communities": ledger(ROWS | {"9": ("丙社区居委会", "320508099")})},
        r"row 6.*'320508099' of zone '9' is no zone of the tier above",
        r"第 6 行.*'9' 的上级 '320508099' 不在上一层级",
    ),
    "a column against the code": (
        {"communities": ledger(ROWS | {"320508018050": ("丁社区居委会", "白洋湾街道")})},
        r"names the parent '白洋湾街道', but its code that of '320508018'",
        r"写明的上级是 '白洋湾街道'，编码所示的上级却是 '320508018'",
    ),
    "two zones of one name and parent": (
        {"communities": ledger(ROWS | {"320508017002": ("路南 社区居委会", "320508017")})},
        r"'路南 社区居委会' is that of zone '320508017001' too",
        r"名称 '路南 社区居委会' 与分区 '320508017001' 相同",
    ),
    "an id twice": (
        {"communities": ledger() + "320508017001,别的社区,320508017\n"},
        r"zone ids must be there and differ",
        r"分区编号不得空缺或重复",
    ),
    "a circle: the parent of a subdistrict is a community": (
        {
            "subdistricts": "代码,名称,上级\n320508017,白洋湾街道,320508017001\n320508018,平江街道,\n",
            "zones": [{"level": "区", "tier": "区", "source": "d.csv"}, SUBDISTRICT, COMMUNITY],
            "d": "代码,名称\n320508,姑苏区\n",
        },
        r"'320508017001' of zone '320508017' is no zone of the tier above",
        r"'320508017' 的上级 '320508017001' 不在上一层级",
    ),
    "two levels of one tier": (
        {"zones": [COMMUNITY, COMMUNITY | {"level": "居委会"}]},
        r"two \[\[zones\]\] are of the same tier",
        r"有两个 \[\[zones\]\] 属于同一层级",
    ),
    "a header alone": (
        {"communities": HEAD},
        r"communities\.csv: holds no rows",
        r"communities\.csv：没有任何一行",
    ),
    "a ledger of zones without its tier": (
        {"zones": [{"level": "社区", "source": "communities.csv"}]},
        r"a ledger of zones without shapes needs its tier",
        r"没有边界的分区名册须写明层级",
    ),
    "an alias of nothing": (
        {"zones": [SUBDISTRICT, COMMUNITY | {"aliases": "x.csv"}], "x": "别名,名称\n老路,新路\n"},
        r"x\.csv: 1 bad row: row 2: '新路' is no zone of this level",
        r"第 2 行.*'新路' 不是该层级的分区",
    ),
    "an alias of two": (
        {
            "zones": [SUBDISTRICT, COMMUNITY | {"aliases": "x.csv"}],
            "x": "别名,名称\n老路,路南\n老路,新建\n",
        },
        r"the alias '老路' stands for two zones",
        r"别名 '老路' 指向两个分区",
    ),
    "no such column of aliases": (
        {"zones": [SUBDISTRICT, COMMUNITY | {"aliases": "x.csv"}], "x": "甲,乙\n老路,路南\n"},
        r"has no column for alias",
        r"没有表示“alias”的列",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_bad_zones_are_one_message_in_each_language(tmp_path: Path, kind: str) -> None:
    files, en, zh = BAD[kind]
    with pytest.raises(InputError, match=en) as caught:
        zoned(tmp_path, **files)
    assert isinstance(caught.value, SourceError | StudyError)
    speak("zh")
    assert re.search(zh, str(caught.value))


TIERS_OF_STUDY: list[tuple[dict[str, Any], str]] = [
    (
        {"rule": {"tiers": {"reading": "市"}}},
        r"rule\.tiers.*'市' is no tier; write one of 区, 街道",
    ),
    ({"rule": {"tiers": {"reading": ["社区", "楼栋"]}}}, r"'楼栋' is no tier"),
    ({"zones": [COMMUNITY | {"tier": "镇"}]}, r"zones\.0\.tier.*'社区'"),
]


@pytest.mark.parametrize(("part", "message"), TIERS_OF_STUDY)
def test_unknown_tiers_of_a_study_are_refused(part: dict[str, Any], message: str) -> None:
    document = {
        "study": {"name": "x"},
        "area": {"bbox": [120, 31, 121, 32]},
        "network": {"osm": "x.osm"},
    }
    with pytest.raises(StudyError, match=message):
        parse_study(document | part, root=Path())


# --- names -----------------------------------------------------------------------------------

NAMES = ZoneNames(list(ROWS), [name for name, _ in ROWS.values()])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("路南社区居委会", "320508017001"),
        ("路南 社区居委会", "320508017001"),
        ("路南社区居民委员会", "320508017001"),
        ("路南居委会", "320508017001"),
        ("路南社区", "320508017001"),
        ("路南", "320508017001"),
        ("320508017001", "320508017001"),
        ("路南社区居委会（筹）", "320508017001"),
        ("新建社区居委会", "320508018040"),
        ("梅巷社区居委会", "320508018032"),
        ("梅巷社区", "320508018032"),
        ("梅巷村委会", "320508018203"),
        ("梅巷村民委员会", "320508018203"),
        ("梅巷村", "320508018203"),
    ],
)  # fmt: skip
def test_a_name_finds_its_zone(name: str, code: str) -> None:
    assert NAMES.find(name) == (code, "")


def test_two_matches_are_none_and_near_ones_are_not_guessed() -> None:
    assert NAMES.find("梅巷") == ("", "ambiguous")
    assert NAMES.find("路北") == ("", "unmatched")
    two = ZoneNames(["1", "2"], ["新村社区居委会"] * 2, parents={"1": "A", "2": "B"})
    assert two.find("新村社区") == ("", "ambiguous")
    assert two.find("新村社区", "B") == ("2", "")
    assert two.find("新村社区", "C") == ("", "ambiguous")


def test_aliases_come_last(tmp_path: Path) -> None:
    text = "别名,名称\n梅巷,梅巷村委会\n路南社区,新建社区\n"
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    names = ZoneNames(list(ROWS), [name for name, _ in ROWS.values()])
    names.read_aliases(tmp_path / "x.csv", "zones")
    assert names.find("梅巷").zone_id == "320508018203"
    assert names.find("路南社区").zone_id == "320508017001"  # a name of its own goes before


def gusu() -> list[dict[str, str]]:
    path = shared_data("gusu_communities.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_gusu_has_169_communities_and_two_villages_in_eight_subdistricts(tmp_path: Path) -> None:
    rows = gusu()
    kinds = pd.Series([bare_name(row["community"])[1] for row in rows]).value_counts()
    assert kinds.to_dict() == {"community": 169, "village": 2}
    uppers = {row["subdistrict_code"]: row["subdistrict"] for row in rows}
    text = "代码,名称\n" + "".join(f"{code},{name}\n" for code, name in uppers.items())
    source = str(shared_data("gusu_communities.csv"))
    read = zoned(tmp_path, zones=[SUBDISTRICT, COMMUNITY | {"source": source}], subdistricts=text)
    assert len(uppers) == 8
    assert parents(read) == {row["code"]: row["subdistrict_code"] for row in rows}


def test_each_of_gusu_is_found_by_its_names_and_only_one_stem_is_of_two() -> None:
    rows = gusu()
    names = ZoneNames([row["code"] for row in rows], [row["community"] for row in rows])
    for row in rows:
        full = row["community"]
        stem, kind = bare_name(full)
        assert names.find(full).zone_id == row["code"]
        short = f"{stem}社区" if kind == "community" else f"{stem}村"
        assert names.find(short).zone_id == row["code"]
    lost = {row["community"] for row in rows if names.find(bare_name(row["community"])[0]).why}
    assert lost == {"梅巷社区居委会", "梅巷村委会"}


@given(st.text(max_size=6), st.sampled_from(["", "社区", "居委会", "社区居委会", "村委会", "(筹)"]))
def test_any_name_is_read_and_finds_one_zone_or_none(stem: str, ending: str) -> None:
    match = NAMES.find(stem + ending)
    assert (match.zone_id in ROWS) == (not match.why)


# --- homes and venues ------------------------------------------------------------------------

HOMES = "编号,人口,社区,街道,经度,纬度\n"
VENUES = "编号,名称,功能,层级,所属社区,经度,纬度\n"


def row(*cells: object, xy: tuple[float, float] = (0.0, 0.0)) -> str:
    return ",".join(map(str, (*cells, *lonlat(*xy)))) + "\n"


def joined(
    folder: Path, homes: str, venues: str = "", *, paper: Paper | None = None, **parts: Any
) -> tuple[Joined, Homes]:
    paper = paper or Paper()
    (folder / "homes.csv").write_text(homes, encoding="utf-8")
    (folder / "venues.csv").write_text(
        venues or VENUES + row("v", "甲", "s", "", ""), encoding="utf-8"
    )
    for name, content in (("communities", ledger()), ("subdistricts", SUBDISTRICTS)):
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    parts = {"zones": [SUBDISTRICT, COMMUNITY], "source": "homes.csv", "crs": "wgs84"} | parts
    parts = {"facilities": [{"source": "venues.csv", "crs": "wgs84"}]} | parts
    study = paper.study(root=folder, **parts)
    extract, area = paper.extract(), paper.area(study)
    compounds = read_compounds(study, extract, area)
    gates = read_gates(study, extract, area, compounds)
    read = read_homes(study, extract, area, compounds, gates)
    pack = pack_of(Service("s", "s", "s", (("amenity=library",),), tier=("community",)))
    found = read_venues(study, pack, extract, area, gates)
    zones = read_zones(study, extract, area)
    return join_zones(pack, zones, read, found.facilities, compounds), read


def test_homes_join_by_the_names_of_their_ledger(tmp_path: Path) -> None:
    """What fits none or two joins nothing and is listed; the lower zone holds against the upper."""
    homes = HOMES + row("h1", 10, "路南社区", "白洋湾") + row("h2", 20, "梅巷", "平江街道")
    homes += row("h3", 40, "路北社区", "") + row("h4", 80, "", "平江")
    homes += row("h5", 160, "路南", "平江街道")
    found, _ = joined(tmp_path, homes)
    frame = found.residences.frame
    assert frame["community_id"].to_dict() == {
        "h1": "320508017001", "h2": "", "h3": "", "h4": "", "h5": "320508017001",
    }  # fmt: skip
    assert frame["subdistrict_id"].tolist() == ["320508017", *["320508018"], "", *["320508018"] * 2]
    assert found.facts is not None
    (upper, lower) = found.facts["joins"]
    assert (upper["tier"], upper["names"], upper["rows"]) == ("subdistrict", 3, 4)
    assert lower["unmatched"] == ["路北社区"] and lower["ambiguous"] == ["梅巷"]
    assert lower["contradicting"] == ["路南"]
    codes = [note["code"] for note in found.notes]
    assert codes == ["zone_unmatched", "zone_ambiguous", "zone_contradicting"]
    assert {"community", "subdistrict"}.isdisjoint(frame.columns)


def test_of_several_columns_of_communities_none_is_taken(tmp_path: Path) -> None:
    """The head of a group of columns is no column; nothing asks for it by name."""
    homes = "编号,人口,社区,社区,经度,纬度\n" + row("h", 10, "路南", "梅巷")
    found, read = joined(tmp_path, homes)
    assert "community_id" not in found.residences.frame and len(read.residences.frame) == 1


def test_venues_carry_their_tier_and_unknown_words_are_listed_once(tmp_path: Path) -> None:
    words = ("社区级", "小区内", "街道", "区级", "市级", "", "市级", "楼栋")
    rows = "".join(
        row(f"v{i}", f"点{i}", "s", word, "路南" if i == 0 else "", xy=(90.0 * i, 0))
        for i, word in enumerate(words)
    )
    found, _ = joined(tmp_path, HOMES + row("h", 1, "", ""), VENUES + rows)
    tiers = found.facilities.frame["tier"].tolist()
    assert tiers == ["community", "compound", "subdistrict", "district", "", "", "", ""]
    assert found.facts is not None and found.facts["unknown_words"] == ["市级", "楼栋"]
    (told,) = found.notes
    assert told["code"] == "tier_words_unknown" and "市级、楼栋" in told["zh"]
    assert found.facilities.frame["community_id"].tolist() == ["320508017001"] + [""] * 7


def test_a_venue_of_the_map_takes_the_tier_of_its_row_in_the_ledger(tmp_path: Path) -> None:
    """One place in both: the outline of the map stays, what the ledger says is kept. Another of
    the map is in no ledger: its tier is unknown."""
    paper = Paper().place("w1", box(0, 0, 20, 20), name="甲书房", amenity="library")
    paper.place("w2", box(400, 0, 20, 20), name="乙书房", amenity="library")
    venues = VENUES + row("v", "甲书房", "s", "社区", "路南", xy=(30.0, 10.0))
    sources = [{"source": "osm"}, {"source": "venues.csv", "crs": "wgs84"}]
    found, _ = joined(
        tmp_path, HOMES + row("h", 1, "", ""), venues, paper=paper, facilities=sources
    )
    frame = found.facilities.frame.set_index("venue_id")
    assert frame["tier"].to_dict() == {"w1": "community", "w2": ""}
    assert frame["community_id"].to_dict() == {"w1": "320508017001", "w2": ""}


def test_a_registry_says_where_the_homes_of_its_compounds_belong(tmp_path: Path) -> None:
    paper = Paper().compound("w9", box(0, 0, 100, 100), name="甲园")
    paper.building("b1", box(10, 10, 20, 20), building="apartments")
    paper.building("b2", box(400, 10, 20, 20), building="apartments")
    registry = "编号,小区名称,人口,社区\nq1,甲园,400,梅巷社区\n"
    (tmp_path / "registry.csv").write_text(registry, encoding="utf-8")
    compounds = {"source": "registry.csv"}
    found, _ = joined(tmp_path, "", paper=paper, source="osm-buildings", compounds=compounds)
    assert found.residences.frame["community_id"].to_dict() == {"b1": "320508018032", "b2": ""}


def test_compounds_listed_as_zones_are_joined_by_their_names(tmp_path: Path) -> None:
    """Homes by the outline that holds them, venues by their column; the parent is a community."""
    paper = Paper().compound("w9", box(0, 0, 100, 100), name="甲园")
    paper.building("b1", box(10, 10, 20, 20), building="apartments")
    (tmp_path / "k.csv").write_text("编号,小区,社区\nk1,甲 园,路南\nk2,乙园,梅巷村\n", "utf-8")
    levels = [COMMUNITY, {"level": "小区", "tier": "小区", "source": "k.csv"}]
    venues = "编号,名称,功能,层级,所属小区,经度,纬度\n" + row("v", "点", "s", "小区", "乙园")
    found, _ = joined(tmp_path, "", venues, paper=paper, zones=levels, source="osm-buildings")
    assert found.residences.frame["compound_id"].tolist() == ["k1"]
    assert found.facilities.frame["compound_id"].tolist() == ["k2"]


def test_without_tiers_a_ledger_with_such_columns_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain = [{"level": "w", "source": {"osm_admin_level": 9}}]
    paper = Paper().border("r17", box(-1000, -1000, 2000, 2000), 9, "白洋湾街道")
    found, read = joined(tmp_path, HOMES + row("h", 1, "路南", "平江"), paper=paper, zones=plain)
    assert list(found.residences.frame.columns) == [
        c for c in read.residences.frame.columns if c not in ("community", "subdistrict")
    ]


def test_the_compounds_of_gusu_roll_up_through_eight_subdistricts_to_the_district() -> None:
    """One file holds the district and its subdistricts; no ledger says a community, so the
    communities stand empty and all 791 homes under a parent that is unknown."""
    drawn = {"source": str(shared_data("gusu_zones_gcj02.geojson")), "crs": "gcj02"}
    listed = {"source": str(shared_data("gusu_communities.csv"))}
    homes = str(shared_data("gusu_compounds_bd09.csv"))
    zones = [
        {"level": "区", "tier": "区", **drawn},
        {"level": "街道", "tier": "街道", **drawn},
        {"level": "社区", "tier": "社区", **listed},
    ]
    paper = Paper(data_half_m=15_000)
    area = {"bbox": [120.52, 31.23, 120.70, 31.40]}
    study = paper.study(area=area, zones=zones, source=homes, crs="bd09")
    extract, within = paper.extract(), paper.area(study)
    none = read_compounds(study, extract, within)
    read = read_homes(study, extract, within, none, read_gates(study, extract, within, none))
    found = read_zones(study, extract, within)
    assert [(row["read"], row["used"]) for row in found.sources] == [(9, 1), (9, 8), (171, 171)]
    frame = found.zones.frame
    assert set(frame.loc[frame["tier"] == "subdistrict", "parent"]) == {"320508"}
    empty = Facilities(no_shapes(within.crs, "service", "venue_id"), Entrances.of_points([[0, 0]]))
    people = join_zones(pack_of(), found, read, empty, none).residences
    assert (people.frame["subdistrict_id"] != "").all() and len(people.frame) == 791
    zone_of = assign(found.zones, people)
    persons = people.frame["persons"].to_numpy()
    assert persons[zone_of["区"] == "320508"].sum() == persons.sum() == 791
    assert (zone_of["社区"] == "").all()
    by_place = assign(
        found.zones, replace(people, frame=people.frame.drop(columns="subdistrict_id"))
    )
    inside = by_place["街道"] != ""  # outlines are coarse: some compounds lie beside them
    assert inside.mean() > 0.98 and (by_place["街道"] == zone_of["街道"])[inside].all()
