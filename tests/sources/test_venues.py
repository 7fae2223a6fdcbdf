"""Venues: what counts as one, and that one place is one venue. All scenes in metres, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from extracts import Paper, box, lonlat, pack_of

from gusu_geo.errors import SourceError
from gusu_geo.geometry import local_crs
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.doors import entrances_of, ground_of
from gusu_geo.sources.venues import Venues, closed_to_all, read_venues, services_of
from gusu_geo.study.catalog import Service, load_pack
from gusu_geo.tables import Rung, no_shapes

READ = Service("read", "阅读", "Reading", (("amenity=library",),), ("书房", "图书馆"), ("批发",))
REST = Service("rest", "休憩", "Rest", (("leisure=park",), ("amenity=cafe", "seats=yes")))
PACK = pack_of(READ, REST)


def venues_of(paper: Paper, **study: object) -> Venues:
    made = paper.study(**study)
    area = paper.area(made)
    return read_venues(made, PACK, paper.extract(), area, no_shapes(area.crs, "access", "source"))


def ids(venues: Venues) -> dict[str, str]:
    return venues.facilities.frame["venue_id"].to_dict()


def test_tags_are_evidence_c_and_names_evidence_b() -> None:
    paper = Paper().place("n1", (0, 0), amenity="library", name="Bücherei")
    paper.place("n2", (300, 0), shop="books", name="平江书房")
    paper.place("n3", (600, 0), amenity="library", name="图书批发市场")  # an excluded word
    paper.place("n4", (0, 300), amenity="cafe")  # half of an all-of pair
    paper.place("n5", (0, 600), amenity="cafe", seats="yes")
    frame = venues_of(paper).facilities.frame
    assert frame["evidence"].to_dict() == {"n1:read": "C", "n2:read": "B", "n5:rest": "C"}
    assert frame["service"].to_dict() == {"n1:read": "read", "n2:read": "read", "n5:rest": "rest"}


def test_a_car_park_named_after_the_library_is_no_library() -> None:
    assert services_of(PACK, {"amenity": "parking", "name": "苏州图书馆停车场"}) == {}
    assert services_of(PACK, {"amenity": "library", "name": "苏州图书馆"}) == {"read": "B"}
    assert services_of(PACK, {"shop": "hairdresser", "name": "书房造型"}) == {}


def test_chinese_keywords_of_the_gusu_pack() -> None:
    pack = load_pack("gusu-1510")
    assert services_of(pack, {"office": "government", "name": "平江路社区党群服务中心"}) == {
        "red_station": "B"
    }
    assert services_of(pack, {"amenity": "social_facility", "name": "海棠先锋站"}) == {
        "red_station": "B"
    }
    assert services_of(pack, {"amenity": "clinic", "name": "口腔诊所"}) == {}


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({}, ""),
        ({"access": "yes"}, ""),
        ({"access": "customers"}, ""),
        ({"access": "private"}, "private"),
        ({"access": "no"}, "private"),
        ({"access": "private", "foot": "yes"}, ""),
        ({"foot": "no"}, "private"),
        ({"disused": "yes"}, "disused"),
        ({"abandoned": "yes"}, "disused"),
        ({"disused": "no"}, ""),
        ({"opening_hours": "off"}, "disused"),
        ({"opening_hours": "Mo-Fr 09:00-17:00; PH off"}, ""),
    ],
)
def test_what_nobody_can_use(tags: dict[str, str], reason: str) -> None:
    assert closed_to_all(tags) == reason


def test_closed_venues_are_left_out_and_counted() -> None:
    paper = Paper().place("n1", (0, 0), amenity="library", access="private")
    paper.place("n2", (100, 0), amenity="library", disused="yes")
    paper.place("n3", (200, 0), amenity="bank", access="private")  # never was a venue: not counted
    venues = venues_of(paper)
    assert ids(venues) == {}
    assert venues.dropped == {"disused": 1, "private": 1}


def test_one_object_may_offer_several_services_and_is_one_venue() -> None:
    paper = Paper().place("w1", box(0, 0, 50, 50), leisure="park", name="书房公园")
    assert ids(venues_of(paper)) == {"w1:read": "w1", "w1:rest": "w1"}


def test_venues_count_up_to_the_buffer_and_no_further() -> None:
    paper = Paper().place("n1", (1390, 0), amenity="library")
    paper.place("n2", (1410, 0), amenity="library", name="far")
    paper.place("w3", box(1390, 300, 500, 500), leisure="park")  # reaches into it
    assert ids(venues_of(paper, buffer_m=400.0)) == {"n1:read": "n1", "w3:rest": "w3"}


def test_a_node_in_its_building_is_the_same_place() -> None:
    paper = Paper().place(
        "n1", (5, 5), amenity="library", name="Alte Bibliothek", opening_hours="24/7"
    )
    paper.place("w1", box(0, 0, 20, 20), amenity="library").door("w1", 0, 10)
    venues = venues_of(paper)
    frame = venues.facilities.frame
    assert ids(venues) == {"w1:read": "w1"}  # the outline, for it has a door
    assert frame.loc["w1:read", ["name", "hours"]].tolist() == ["Alte Bibliothek", "24/7"]
    assert venues.dropped == {"drawn_twice": 1}
    assert venues.services["read"]["venues"] == 1
    np.testing.assert_allclose(venues.facilities.entrances.xy, [(0, 10)], atol=1e-3)


def test_texts_of_the_record_that_is_kept_come_first() -> None:
    paper = Paper().place("n1", (5, 5), amenity="library", name="A", opening_hours="Mo", brand="b")
    paper.place("w1", box(0, 0, 20, 20), amenity="library", name="a", opening_hours="Tu")
    paper.door("w1", 0, 10)
    frame = venues_of(paper).facilities.frame
    assert frame.loc["w1:read", ["name", "hours"]].tolist() == ["a", "Tu"]


@pytest.mark.parametrize(("gap_m", "count"), [(4.0, 1), (6.0, 2)])
def test_a_node_beside_its_outline_is_the_same_place_within_5_m(gap_m: float, count: int) -> None:
    paper = Paper().place("w1", box(0, 0, 20, 20), amenity="library")
    paper.place("n1", (20 + gap_m, 10), amenity="library", name="A")
    assert len(ids(venues_of(paper))) == count


@pytest.mark.parametrize(("gap_m", "count"), [(59.0, 1), (61.0, 2)])
def test_one_name_within_60_m_is_one_place(gap_m: float, count: int) -> None:
    paper = Paper().place("n1", (0, 0), amenity="library", name="Café Ｌire")
    paper.place("n2", (gap_m, 0), amenity="library", name="café  lire")
    assert len(ids(venues_of(paper))) == count


def test_two_nameless_nodes_are_two_places() -> None:
    paper = Paper().place("n1", (0, 0), amenity="library").place("n2", (3, 0), amenity="library")
    assert len(ids(venues_of(paper))) == 2


def test_two_names_in_one_house_are_two_places() -> None:
    paper = Paper().place("w1", box(0, 0, 20, 20), amenity="library", name="A")
    paper.place("n1", (5, 5), amenity="library", name="B")
    assert ids(venues_of(paper)) == {"n1:read": "n1", "w1:read": "w1"}


def test_a_nameless_outline_does_not_tie_two_named_places_together() -> None:
    paper = Paper().place("w1", box(0, 0, 20, 20), amenity="library")
    paper.place("n1", (5, 5), amenity="library", name="A")
    paper.place("n2", (15, 15), amenity="library", name="B")
    assert len(set(ids(venues_of(paper)).values())) == 2


def test_another_service_in_the_same_house_is_another_place() -> None:
    paper = Paper().place("w1", box(0, 0, 20, 20), amenity="library")
    paper.place("n1", (5, 5), amenity="cafe", seats="yes")
    assert set(ids(venues_of(paper)).values()) == {"n1", "w1"}


def test_one_place_is_one_venue_across_its_records() -> None:
    # The node offers both, the outline one of them: one-stop needs both under one venue.
    paper = Paper().place("n1", (5, 5), amenity="library", leisure="park", name="X")
    paper.place("w1", box(0, 0, 20, 20), amenity="library", name="X").door("w1", 0, 10)
    assert ids(venues_of(paper)) == {"n1:rest": "w1", "w1:read": "w1"}


def test_a_park_is_entered_where_streets_and_gates_meet_its_outline() -> None:
    paper = Paper().place("w1", box(0, 0, 200, 200), leisure="park")
    paper.door("w1", 0, 100, "street").door("w1", 200, 100, "gate").door("w9", 7, 7)
    paper.place("n2", (500, 500), leisure="park", name="N")
    entrances = venues_of(paper).facilities.entrances
    assert entrances.owner_ix.tolist() == [0, 1, 1, 1]  # facilities by id: n2, w1
    assert entrances.rung.tolist() == [Rung.CENTROID, Rung.ENTRANCE, Rung.ENTRANCE, Rung.EDGE]
    assert entrances.ground.tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("tags", "doors", "rungs"),
    [
        ({"leisure": "park"}, (), [Rung.EDGE]),
        ({"amenity": "school"}, (), [Rung.ASSUMED]),
        ({"amenity": "school"}, ("street",), [Rung.ENTRANCE, Rung.ASSUMED]),
        ({"amenity": "school"}, ("gate",), [Rung.ENTRANCE]),
        ({"amenity": "library"}, ("street",), [Rung.ENTRANCE]),
        ({"amenity": "library"}, (), [Rung.EDGE]),
        ({"leisure": "park", "building": "yes"}, ("entrance",), [Rung.ENTRANCE]),
    ],
)
def test_what_is_known_of_its_doors(
    tags: dict[str, str], doors: tuple[str, ...], rungs: list[Rung]
) -> None:
    """Open ground is entered from everywhere, a school by its gate if one is known."""
    outline = shapely.box(0, 0, 200, 200)
    found = pd.DataFrame({"osm_id": ["w1"] * len(doors), "lon": 7.4, "lat": 43.7, "kind": doors})
    kinds = np.array([ground_of(tags)], np.int8)
    entrances = entrances_of(
        ["w1"],
        np.array([[100.0, 100]]),
        found,
        Paper().area(),
        outlines=np.array([outline]),
        grounds=kinds,
    )
    assert entrances.rung.tolist() == rungs
    assert [shape is not None for shape in entrances.outline] == [r != Rung.ENTRANCE for r in rungs]


def test_names_fall_back_to_chinese_brand_and_operator() -> None:
    paper = Paper().place("n1", (0, 0), amenity="library", name__zh="书馆")
    paper.place("n2", (200, 0), amenity="library", brand="Brand", operator="Op")
    paper.place("n3", (400, 0), amenity="library")
    assert venues_of(paper).facilities.frame["name"].tolist() == ["书馆", "Brand", ""]


def test_no_venue_at_all_is_no_data_and_is_said() -> None:
    venues = venues_of(Paper().place("n1", (0, 0), amenity="library"))
    assert venues.known == {"read": True, "rest": False}
    assert [note["code"] for note in venues.notes] == ["services_without_data"]
    assert "休憩" in venues.notes[0]["zh"]
    assert "阅读" not in venues.notes[0]["zh"]


def test_a_complete_source_makes_absence_known() -> None:
    venues = venues_of(
        Paper().place("n1", (0, 0), amenity="library"),
        facilities=[{"source": "osm", "complete": True}],
    )
    assert venues.known == {"read": True, "rest": True}
    assert venues.services["rest"] == {"venues": 0, "complete": True}
    assert venues.notes == []


def ledger(tmp_path, *lines: str):
    text = "编号,名称,功能,经度,纬度,开放时间\n" + "\n".join(lines)
    (tmp_path / "venues.csv").write_text(text, encoding="utf-8")
    return {"root": tmp_path, "facilities": [{"source": "osm"}, {"source": "venues.csv"}]}


def line(key: str, name: str, service: str, x: float, y: float, hours: str = "") -> str:
    lon, lat = lonlat(x, y)
    return f'{key},{name},"{service}",{lon!r},{lat!r},{hours}'


def test_a_ledger_names_services_by_id_chinese_or_english(tmp_path) -> None:
    study = ledger(
        tmp_path,
        line("1", "甲", "read", 0, 0),
        line("2", "乙", "阅读、休憩", 300, 0, "Mo-Su 08:00-20:00"),
        line("3", "丙", "Rest", 600, 0),
        line("4", "丁", "read", 9000, 0),
    )
    venues = venues_of(Paper(), **study)
    frame = venues.facilities.frame
    assert ids(venues) == {
        "venues-2:1:read": "venues-2:1",
        "venues-2:2:read": "venues-2:2",
        "venues-2:2:rest": "venues-2:2",
        "venues-2:3:rest": "venues-2:3",
    }
    assert set(frame["evidence"]) == {"A"}
    assert frame.loc["venues-2:2:rest", "hours"] == "Mo-Su 08:00-20:00"
    assert venues.dropped == {"beyond_reach": 1}
    (told,) = venues.notes
    assert told["code"] == "facilities_beyond_reach"
    assert "4 行中有 1 行" in told["zh"] and "1 of the 4 rows" in told["en"]


def test_unknown_words_are_told_with_rows_and_nearest_and_never_applied(tmp_path) -> None:
    study = ledger(
        tmp_path,
        line("1", "甲", "read", 0, 0),
        line("7", "乙", "阅读、raed", 100, 0),
        line("8", "丙", "raed", 200, 0),
        line("9", "丁", "会议", 300, 0),
        line("10", "戊", "", 400, 0),
    )
    venues = venues_of(Paper(), **study)
    assert set(ids(venues)) == {"venues-2:1:read", "venues-2:7:read"}
    assert set(venues.facilities.frame["evidence"]) == {"A"}
    row = venues.sources[1]
    assert (row["read"], row["used"], row["left_out"]) == (5, 2, {"rejected": 3})
    (account,) = venues.accounts
    assert (account["accepted"], account["rejected"]) == (2, 3)
    (told,) = [note for note in venues.notes if note["code"] == "words_unknown"]
    assert "“raed” in 2 rows (like “read”), “会议” in 1 rows." in told["en"]
    assert "“raed” 2 行（近似“read”）、“会议” 1 行。" in told["zh"]


def test_a_ledger_in_which_no_row_has_a_service_is_an_error(tmp_path) -> None:
    study = ledger(tmp_path, line("7", "甲", "raed", 0, 0), line("8", "乙", "", 0, 0))
    with pytest.raises(
        SourceError, match=r"none of the 2 rows.*“raed” in 1 rows.*words = \{.*rest 休憩"
    ):
        venues_of(Paper(), **study)


def test_a_place_in_the_ledger_and_on_the_map_is_one_with_the_better_of_both(tmp_path) -> None:
    paper = (
        Paper().place("w1", box(0, 0, 20, 20), amenity="library", name="平江书房").door("w1", 0, 10)
    )
    study = ledger(tmp_path, line("1", "平江书房", "read", 30, 10, "Mo-Su 08:00-20:00"))
    venues = venues_of(paper, **study)
    row = venues.facilities.frame.loc["w1:read"]
    assert len(venues.facilities.frame) == 1
    assert (row["evidence"], row["hours"]) == ("A", "Mo-Su 08:00-20:00")
    np.testing.assert_allclose(venues.facilities.entrances.xy, [(0, 10)], atol=1e-3)


def test_the_order_of_the_file_changes_nothing() -> None:
    def scene(order: list[int]) -> Paper:
        paper, drawn = Paper(), [
            ("n1", (5, 5), {"name": "A"}), ("w1", box(0, 0, 20, 20), {}), ("n2", (40, 0), {"name": "A"}),
            ("n3", (18, 18), {"name": "B"}), ("w2", box(300, 0, 9, 9), {"name": "C"}),
        ]  # fmt: skip
        for i in order:
            osm_id, shape, tags = drawn[i]
            paper.place(osm_id, shape, amenity="library", **tags)
        return paper

    first = venues_of(scene([0, 1, 2, 3, 4])).facilities.frame
    for order in ([4, 3, 2, 1, 0], [2, 0, 4, 1, 3]):
        again = venues_of(scene(order)).facilities.frame
        assert again.drop(columns="geometry").equals(first.drop(columns="geometry"))


def test_a_ledger_from_elsewhere_is_an_error(tmp_path) -> None:
    study = ledger(tmp_path, "1,甲,read,7.42,43.73,", "2,乙,read,43.7,7.4,")
    with pytest.raises(
        SourceError, match=r"none of the 2 rows.*lon 7\.42.*order of lon and lat.*crs"
    ):
        venues_of(Paper(), **study)


def test_swapped_axes_of_a_whole_ledger_are_told(tmp_path) -> None:
    area = {"bbox": [7.41, 43.72, 7.43, 43.74]}
    paper = Paper()
    made = paper.study(area=area, **ledger(tmp_path, "1,甲,read,43.73,7.42,"))
    where = StudyArea(local_crs(7.42, 43.73), *(shapely.box(-900, -900, 900, 900),) * 2, 0, 0, 1)
    with pytest.raises(SourceError, match="Longitude and latitude are swapped"):
        read_venues(made, PACK, paper.extract(), where, no_shapes(where.crs, "access", "source"))


def test_a_row_for_each_service_is_one_venue(tmp_path) -> None:
    study = ledger(
        tmp_path,
        line("1", "邻里 中心", "read", 0, 0),
        line("2", "邻里中心", "rest", 0.7, 0),  # the same name and point
        line("3", "邻里中心", "rest", 80, 0),  # the name again, elsewhere
        line("4", "", "read", 300, 0),  # no names: two places
        line("5", "", "rest", 300, 0),
        line("6", "甲", "read", 600, 0),  # another name at the point
        line("7", "乙", "rest", 600, 0),
        line("8", "", "read", 0, 300),  # one id of its own
        line("8", "", "rest", 0, 300),
    )
    venues = venues_of(Paper(), **study)
    assert {key[9:]: venue[9:] for key, venue in ids(venues).items()} == {
        "1:read": "1", "2:rest": "1", "3:rest": "3", "4:read": "4", "5:rest": "5",
        "6:read": "6", "7:rest": "7", "8:read": "8", "8:rest": "8",
    }  # fmt: skip
    assert venues.facilities.frame.index.is_unique


def test_rows_of_two_ledgers_are_not_one_venue_by_their_point(tmp_path) -> None:
    study = ledger(tmp_path, line("1", "甲", "read", 0, 0))
    text = (tmp_path / "venues.csv").read_text(encoding="utf-8").replace("read", "rest")
    (tmp_path / "more.csv").write_text(text, encoding="utf-8")
    study["facilities"].append({"source": "more.csv"})
    assert len(set(ids(venues_of(Paper(), **study)).values())) == 2


def test_an_id_twice_for_one_service_is_an_error(tmp_path) -> None:
    study = ledger(tmp_path, line("8", "甲", "read", 0, 0), line("8", "乙", "阅读", 0, 300))
    with pytest.raises(SourceError, match=r"id stands twice for the service read.*'8'"):
        venues_of(Paper(), **study)


@pytest.mark.parametrize("source", ["a\0b.csv", "a" * 5000 + ".csv"])
def test_paths_that_no_file_can_have(tmp_path, source: str) -> None:
    study = {"root": tmp_path, "facilities": [{"source": source}]}
    with pytest.raises(SourceError, match="facilities: no file can have this name") as caught:
        venues_of(Paper(), **study)
    assert len(str(caught.value)) < 300
