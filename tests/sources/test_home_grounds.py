"""The ground a building stands on: whether it is a home, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from conftest import study_of
from extracts import Paper, box, homes_of, persons_of
from osm_scenes import GRID, read, relation, way

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import SourceError
from gusu_geo.sources.osm.grounds import CLASSES, HOUSING
from gusu_geo.study.study_file import open_study
from gusu_geo.words import both, section

GROUNDS = [
    ("industrial", {"landuse": "industrial"}), ("industrial", {"man_made": "works"}),
    ("industrial", {"power": "substation"}), ("industrial", {"landuse": "landfill"}),
    ("military", {"landuse": "military"}), ("military", {"military": "barracks"}),
    ("railway", {"landuse": "railway"}), ("railway", {"railway": "station"}),
    ("quarry", {"landuse": "quarry"}), ("farmyard", {"landuse": "farmyard"}),
    ("farmyard", {"landuse": "greenhouse_horticulture"}), ("garages", {"landuse": "garages"}),
    ("construction", {"landuse": "brownfield"}), ("construction", {"landuse": "construction"}),
    ("port", {"landuse": "port"}), ("port", {"landuse": "industrial", "industrial": "port"}),
    ("port", {"harbour": "yes"}), ("cemetery", {"landuse": "cemetery"}),
    ("cemetery", {"amenity": "grave_yard"}), ("transport", {"aeroway": "aerodrome"}),
    ("attraction", {"tourism": "attraction"}), ("attraction", {"tourism": "zoo"}),
    ("attraction", {"historic": "fort"}), ("attraction", {"leisure": "park", "tourism": "attraction"}),
    ("museum", {"tourism": "museum"}), ("hotel", {"tourism": "hotel"}),
    ("health", {"amenity": "hospital"}), ("health", {"amenity": "clinic"}),
    ("school", {"amenity": "university"}), ("school", {"landuse": "education"}),
    ("worship", {"amenity": "place_of_worship"}), ("worship", {"landuse": "religious"}),
    ("civic", {"amenity": "townhall"}), ("market", {"amenity": "marketplace"}),
    ("park", {"leisure": "park"}), ("park", {"leisure": "stadium"}),
    ("park", {"leisure": "garden", "name": "拙政园"}), ("mixed", {"landuse": "commercial"}),
    ("mixed", {"landuse": "retail"}), ("mixed", {"landuse": "commercial;retail"}),
    ("mixed", {"shop": "mall"}),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "tags"), GROUNDS)
def test_on_such_ground_only_what_is_tagged_as_a_home_is_one(reason: str, tags: dict) -> None:
    paper = Paper().ground("w9", box(-20, -20, 100, 100), **tags)
    paper.building("w1", box(0, 0, 10, 10))
    paper.building("w2", box(20, 0, 10, 10), building="apartments")
    paper.building("w3", box(40, 0, 10, 10), building__flats="8")
    paper.building("w4", box(300, 0, 10, 10))  # elsewhere
    homes = homes_of(paper)
    assert list(homes.residences.frame.index) == ["w2", "w3", "w4"]
    assert list(homes.residences.frame["kind"]) == ["tagged", "tagged", "assumed"]
    assert homes.dropped == {f"ground_{reason}": 1}
    assert both(f"left_out.ground_{reason}")["zh"]


@pytest.mark.parametrize(
    "tags",
    [
        {"landuse": "residential"},
        {"landuse": "grass"},
        {"leisure": "garden"},  # the garden of a house has no name
        {"boundary": "administrative", "name": "East"},
        {"historic": "yes"},
        {"railway": "station", "layer": "-2"},  # under the houses
        {"amenity": "parking"},
        {"landuse": "residential", "tourism": "attraction"},  # old streets
    ],
)
def test_ground_that_says_nothing_against_homes(tags: dict) -> None:
    paper = Paper().ground("w9", box(-20, -20, 100, 100), **tags).building("w1", box(0, 0, 10, 10))
    homes = homes_of(paper)
    assert list(homes.residences.frame["kind"]) == ["assumed"] and homes.dropped == {}


def test_of_several_grounds_the_smallest_decides() -> None:
    paper = Paper()
    paper.ground("w90", box(-500, -500, 1000, 1000), landuse="commercial")  # a whole quarter
    paper.ground("w91", box(0, 0, 200, 200), landuse="residential")  # homes in it
    paper.ground("w92", box(100, 100, 50, 50), amenity="school")  # and their school
    paper.ground("w93", box(300, 300, 100, 100), landuse="industrial")
    paper.ground("w94", box(310, 310, 30, 30), landuse="residential")  # of its watchmen
    paper.building("w1", box(10, 10, 10, 10)).building("w2", box(110, 110, 10, 10))
    paper.building("w3", box(-100, 0, 10, 10)).building("w4", box(320, 320, 10, 10))
    paper.building("w5", box(380, 380, 10, 10))
    homes = homes_of(paper)
    assert list(homes.residences.frame.index) == ["w1", "w4"]
    assert homes.dropped == {"ground_industrial": 1, "ground_mixed": 1, "ground_school": 1}


def test_a_building_across_a_border_stands_where_its_inner_point_is() -> None:
    paper = Paper().ground("w9", box(0, 0, 100, 100), landuse="industrial")
    paper.building("w1", box(-4, 10, 10, 10))  # its middle, x = 1, is on the works
    paper.building("w2", box(-6, 40, 10, 10))  # x = -1 is not
    homes = homes_of(paper)
    assert list(homes.residences.frame.index) == ["w2"]


def test_ground_smaller_than_the_building_does_not_hold_it() -> None:
    paper = Paper().building("w1", box(0, 0, 40, 40), name="Villa Flora")
    paper.ground("w9", box(15, 15, 10, 10), shop="bakery")  # drawn inside, on the ground floor
    assert list(homes_of(paper).residences.frame.index) == ["w1"]


def on_commercial_ground() -> Paper:
    """100 m2 of two levels beside the ground, 300 m2 of two levels on it, and a kiosk."""
    paper = Paper().ground("w9", box(200, -50, 200, 200), landuse="commercial")
    paper.building("w1", box(0, 0, 10, 10), building="apartments", building__levels="2")
    paper.building("w2", box(210, 0, 30, 10), building__levels="2")
    return paper.building("w3", box(300, 0, 6, 6))


def test_what_stands_on_commercial_ground_is_counted_with_the_persons_it_would_hold() -> None:
    homes = homes_of(on_commercial_ground())
    assert persons_of(homes) == {"w1": 5.0}  # 200 / 40
    assert homes.dropped == {"ground_mixed": 1, "small": 1}
    assert homes.mixed_ground == {"included": False, "buildings": 1, "persons": 15.0}  # 600 / 40
    (drawn,) = homes.left_out
    assert drawn.area == pytest.approx(300, rel=1e-4)
    assert [note["code"] for note in homes.notes] == ["mixed_ground_out"]
    assert "15" in homes.notes[0]["zh"] and "15" in homes.notes[0]["en"]


def test_a_total_is_shared_with_them_in_thought_only() -> None:
    homes = homes_of(on_commercial_ground(), persons_total=1000, persons_source="by hand")
    assert persons_of(homes) == {"w1": 1000.0}
    assert homes.mixed_ground["persons"] == 750.0  # 600 of 800 m2


@pytest.mark.parametrize("unclassified", ["include", "exclude"])
def test_they_can_be_homes_of_a_kind_of_their_own(unclassified: str) -> None:
    paper = on_commercial_ground().building("w4", box(0, 100, 10, 10))  # assumed
    homes = homes_of(paper, mixed_ground="include", unclassified=unclassified)
    kinds = {"w1": "tagged", "w2": "mixed", "w4": "assumed"}
    if unclassified == "exclude":
        del kinds["w4"]
    assert homes.residences.frame["kind"].to_dict() == kinds
    assert persons_of(homes)["w2"] == homes.mixed_ground["persons"] == 15.0
    assert homes.mixed_ground["included"] and len(homes.left_out) == 0
    assert "ground_mixed" not in homes.dropped


def test_nothing_but_commercial_ground_says_how_to_mend_it() -> None:
    paper = Paper().ground("w9", box(-50, -50, 200, 200), landuse="retail")
    with pytest.raises(SourceError, match=r"residences\.mixed_ground"):
        homes_of(paper.building("w1", box(0, 0, 10, 10)))


def test_a_relation_and_its_outline_on_commercial_ground_are_counted_once() -> None:
    paper = on_commercial_ground().building("r2", box(210, 0, 30, 10), building__levels="2")
    homes = homes_of(paper)
    assert homes.mixed_ground["buildings"] == 1 and homes.dropped["drawn_twice"] == 1


def test_every_class_of_ground_has_its_word() -> None:
    words = {
        key.removeprefix("ground_") for key in section("left_out") if key.startswith("ground_")
    }
    assert words == set(CLASSES) - {HOUSING}


# --- from the file to the city ---------------------------------------------------------------


def test_grounds_are_read_from_ways_and_relations(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        way(11, [1, 4, 34, 31, 1], ""),
        way(12, [12, 13, 23, 22, 12], "landuse=residential"),  # without a name: no compound
        relation(3, "11:outer 12:inner", "type=multipolygon; landuse=industrial"),
        way(13, [6, 7, 17, 6], "military=barracks"),
        way(14, [41, 42, 52, 41], "man_made=works; building=yes"),
        way(15, [44, 45, 55, 44], "landuse=grass"),
        way(16, [47, 48], "railway=rail"),
        way(17, [61, 62, 72, 61], "railway=station"),
        way(18, [64, 65, 75, 990, 64], "landuse=military"),  # a node is missing
    )
    grounds = extract.grounds
    assert grounds.index.tolist() == ["w12", "w13", "w14", "w17", "r3"]
    assert grounds.geometry["r3"].area == pytest.approx(8e-4)  # nine cells less the hole
    assert extract.counts["grounds"] == 5 and extract.counts["grounds_broken"] == 1
    assert extract.compounds.empty


def test_an_estate_that_reaches_beyond_the_rest_does_not_stretch_the_data(tmp_path: Path) -> None:
    street, estate = way(1, [12, 22], "highway=residential"), [1, 10, 100, 91, 1]
    boxes = read(tmp_path, street, way(2, estate, "landuse=military")).boxes
    assert boxes == ((*GRID[12], *GRID[22]),)


@pytest.mark.parametrize("name", ["nanjing", "beijing"])
def test_no_assumed_home_stands_on_shops_parks_or_sights(
    name: str, city_of: Callable[[str], Ground]
) -> None:
    """GDAL reads the same file; inside, only what the mapper drew as housing is left."""
    study, city = open_study(study_of(name)), city_of(name).city
    areas = gpd.read_file(study.path(study.network.osm), layer="multipolygons").to_crs(city.crs)
    landuse = areas["landuse"].isin(["commercial", "retail", "industrial", "military"])
    sights = areas["tourism"].isin(["museum", "attraction"]) | (areas["leisure"] == "park")
    housing = areas[areas["landuse"] == "residential"].union_all()
    homes = city.residences.frame
    homes = homes[(homes["kind"] == "assumed") & ~homes.intersects(housing)]
    assert len(homes) > 0
    assert not homes.intersects(areas[landuse | sights].union_all()).any()
    drawn = city.surroundings[city.surroundings["kind"] == "mixed"]
    assert len(drawn) == city.facts["mixed_ground"]["buildings"] > 0
    used = areas[landuse].union_all()
    assert np.mean(drawn.geometry.representative_point().within(used)) > 0.95
