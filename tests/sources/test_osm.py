"""The OSM reader: hand-written scenes whose answers are counted on paper."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osm_scenes import GRID, document, lanes, node, read, relation, way

from gusu_geo.errors import StudyError
from gusu_geo.sources.osm.extract import read_osm
from gusu_geo.sources.osm.streets import StreetCollector
from gusu_geo.sources.osm.walk_policy import CLASSES
from gusu_geo.tables import NodeFlag, WayFlag

# --- streets --------------------------------------------------------------------------------


def test_streets_share_vertices_and_stand_in_order_of_id(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        way(8, [2, 12, 22], "highway=steps"),
        way(7, [11, 12, 13], "highway=residential; name=平江路; name:zh=平江路; name:en=Pingjiang"),
        way(9, [1, 2], "highway=motorway"),
    )
    streets = extract.streets
    assert lanes(streets) == [(7, [11, 12, 13]), (8, [2, 12, 22])]
    assert streets.node_ids.tolist() == [2, 11, 12, 13, 22], "sorted, and 12 stands once"
    assert streets.lonlat.tolist() == [list(GRID[number]) for number in (2, 11, 12, 13, 22)]
    assert streets.highway.tolist() == ["residential", "steps"]
    assert streets.name.tolist() == ["平江路", ""]
    steps = WayFlag.STEPS | WayFlag.NO_WHEELS | WayFlag.ON_FOOT
    assert streets.flags.tolist() == [0, steps]
    assert (
        extract.counts["highways_kept"],
        extract.counts["highways_dropped_no_foot_permission"],
    ) == (2, 1)
    assert streets.flags.dtype == np.int16 and streets.way_ids.dtype == np.int64


@pytest.mark.parametrize(
    ("text", "name"),
    [("name:zh=十全街; name:en=Shiquan", "十全街"), ("name:en=Shiquan", "Shiquan"), ("ref=1", "")],
)
def test_a_name_in_another_language_is_better_than_none(
    tmp_path: Path, text: str, name: str
) -> None:
    assert read(tmp_path, way(7, [1, 2], f"highway=path; {text}")).streets.name.tolist() == [name]


def test_a_way_that_leaves_the_extract_is_cut_and_never_joined(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        way(7, [1, 2, 901, 3, 4, 5, 902, 6, 903], "highway=footway; conveying=forward"),
        way(8, [904, 7, 905], "highway=footway"),
        way(9, [11, 12], "highway=footway"),
    )
    assert lanes(extract.streets) == [(7, [1, 2]), (7, [3, 4, 5]), (9, [11, 12])]
    up, foot = WayFlag.FORWARD_ONLY | WayFlag.ON_FOOT, WayFlag.ON_FOOT
    assert extract.streets.flags.tolist() == [up, up, foot]
    counts = extract.counts
    assert counts["street_refs_missing"] == 5
    assert (counts["ways_cut"], counts["ways_lost"], counts["street_pieces"]) == (2, 1, 3)


def test_repeated_nodes_are_dropped_and_loops_kept(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        way(7, [1, 1, 2, 2, 2, 12, 1], "highway=path"),
        way(8, [3, 3], "highway=path"),
        way(9, [4], "highway=path"),
        way(10, [5, 905, 5], "highway=path"),
    )
    assert lanes(extract.streets) == [(7, [1, 2, 12, 1])]
    assert extract.counts["refs_repeated"] == 4
    assert extract.counts["ways_lost"] == 3


def test_closed_gates(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        node(2, "barrier=gate; locked=yes"),
        node(3, "barrier=gate; access=private"),
        node(4, "barrier=bollard; access=no"),
        node(5, "barrier=wall"),
        node(50, "barrier=gate; locked=yes"),
        way(7, [1, 2, 3, 4, 5], "highway=path"),
    )
    streets = extract.streets
    assert streets.node_ids[streets.closed].tolist() == [2, 5]
    rows = extract.barriers
    assert rows["kind"].tolist() == [
        "gate:closed",
        "gate:private",
        "bollard",
        "wall:closed",
        "gate:closed",
    ]
    assert rows["on_street"].tolist() == [True, True, True, True, False]
    assert rows[["lon", "lat"]].to_numpy().tolist()[1] == list(GRID[3])


def test_plaza_relation_keeps_outer_and_inner_rings(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        way(11, [1, 5, 45], ""),
        way(12, [45, 41, 1], "highway=footway; name=own"),  # walkable by itself: stays itself
        way(13, [12, 13, 23, 12], "barrier=wall"),
        way(14, [14, 15, 25, 14], "highway=footway; foot=no"),  # says no by itself
        way(15, [31, 32], ""),
        relation(3, "11:outer 12:outer 13:inner 14:inner",
                 "type=multipolygon; highway=pedestrian; name=观前广场; access=private"),
        relation(4, "15:outer", "type=multipolygon; landuse=grass"),
        relation(2, "13:outer", "type=multipolygon; highway=proposed"),
        relation(8, "11:outer 12:outer", "type=multipolygon; highway=footway; name=later"),
        relation(1, "15:outer", "type=route; highway=pedestrian"),
    )  # fmt: skip
    streets = extract.streets
    assert lanes(streets) == [(11, [1, 5, 45]), (12, [45, 41, 1]), (13, [12, 13, 23, 12])]
    plaza = WayFlag.AREA | WayFlag.PRIVATE | WayFlag.ON_FOOT
    assert streets.flags.tolist() == [plaza, WayFlag.ON_FOOT, plaza]
    assert streets.highway.tolist() == ["pedestrian", "footway", "pedestrian"]
    assert streets.name.tolist() == ["观前广场", "own", "观前广场"]
    assert extract.counts["plaza_rings_kept"] == 2


def test_plaza_way_keeps_its_outline(tmp_path: Path) -> None:
    streets = read(tmp_path, way(7, [1, 2, 12, 1], "highway=pedestrian; area=yes")).streets
    assert lanes(streets) == [(7, [1, 2, 12, 1])]
    assert streets.flags.tolist() == [WayFlag.AREA | WayFlag.ON_FOOT]


def test_add_and_drop_reach_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "scene.osm"
    path.write_text(document(way(7, [1, 2], "highway=steps"), way(8, [2, 3], "highway=busway")))
    assert lanes(read_osm(path, add=["busway"], drop=["steps"]).streets) == [(8, [2, 3])]
    with pytest.raises(StudyError):
        read_osm(path, drop=["stairs"])


def test_no_streets_is_no_error_here(tmp_path: Path) -> None:
    extract = read(tmp_path, node(5, "amenity=library"))
    assert lanes(extract.streets) == []
    assert extract.streets.way_ptr.tolist() == [0]
    assert extract.streets.lonlat.shape == (0, 2)
    assert extract.places.index.tolist() == ["n5"]
    assert extract.boxes == ((0.04, 0.0, 0.04, 0.0),)


REFS = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=8), max_size=6)


@settings(max_examples=100)
@given(REFS, st.sets(st.integers(1, 9)), st.randoms(use_true_random=False))
def test_pack_equals_its_plain_twin(refs: list[list[int]], missing: set[int], random) -> None:  # type: ignore[no-untyped-def]
    ways = list(enumerate(refs, start=100))
    expected = []
    for number, way_refs in ways:
        run: list[int] = []
        for ref in [*way_refs, None]:
            if ref is None or ref in missing:
                if len(run) > 1:
                    expected.append((number, run))
                run = []
            elif not run or run[-1] != ref:
                run = [*run, ref]
    random.shuffle(ways)
    streets = StreetCollector(CLASSES, {})
    for number, way_refs in ways:
        places = [2**31 - 1 if ref in missing else ref for ref in way_refs]
        nodes = [
            SimpleNamespace(ref=ref, location=SimpleNamespace(x=x, y=x))
            for ref, x in zip(way_refs, places, strict=True)
        ]
        streets.add(SimpleNamespace(id=number, nodes=nodes), {"highway": "path"})  # type: ignore[arg-type]
    packed = streets.pack({3: int(NodeFlag.CLOSED)})
    assert lanes(packed) == expected
    assert packed.node_ids[packed.closed].tolist() == [3] * (3 in packed.node_ids)
    assert np.allclose(packed.lonlat, packed.node_ids[:, None] / 1e7)


# --- places, buildings, openings, boundaries ------------------------------------------------


def test_building_relation_with_a_hole(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        way(11, [1, 4, 34, 31, 1], ""),
        way(12, [12, 13, 23, 22, 12], ""),
        relation(3, "11:outer 12:inner", "type=multipolygon; building=apartments; building:levels=6"),
        way(13, [6, 7, 17, 6], "building=yes; amenity=library; opening_hours=Mo-Su 09:00-18:00"),
        way(14, [8, 9, 19], "building=yes"),  # open: no area
        way(15, [51, 52, 62, 51], "building=no"),
        relation(4, "11:outer 99:outer", "type=multipolygon; building=yes"),  # a part is missing
        way(16, [71, 72, 990, 71], "building=yes"),  # a node is missing
    )  # fmt: skip
    buildings = extract.buildings
    assert buildings.index.tolist() == ["w13", "r3"]
    assert list(buildings.columns) == ["tags", "geometry"]
    assert buildings.crs.to_epsg() == 4326
    # 3 x 3 cells of 1e-4 square degrees, less the one in the middle
    assert buildings.geometry["r3"].area == pytest.approx(8e-4)
    assert len(buildings.geometry["r3"].interiors) == 1
    assert buildings["tags"]["r3"]["building:levels"] == "6"
    assert buildings.geom_type.tolist() == ["Polygon", "Polygon"]
    assert extract.places.index.tolist() == ["w13"]
    assert extract.places["tags"]["w13"]["opening_hours"] == "Mo-Su 09:00-18:00"
    assert extract.counts["buildings_broken"] == 2


def test_places_are_points_and_polygons_never_lines(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        node(1, "amenity=community_centre; name=平江党群服务中心; name:zh=平江党群服务中心"),
        node(2, "highway=crossing"),
        node(3, "shop=no"),
        way(7, [4, 5, 15, 4], "leisure=playground"),
        way(8, [6, 7], "leisure=track"),
        way(9, [21, 22, 32, 21], "leisure=track; area=no"),
        way(10, [24, 25, 35, 24], "landuse=grass"),
        relation(5, "11:outer 12:outer", "type=multipolygon; leisure=park"),
        way(11, [41, 42, 52, 41], ""),
        way(12, [44, 45, 55, 44], ""),
    )
    places = extract.places
    assert places.index.tolist() == ["n1", "w7", "r5"]
    assert places.geom_type.tolist() == ["Point", "Polygon", "MultiPolygon"]
    assert places["tags"]["n1"]["name:zh"] == "平江党群服务中心"
    assert (places.geometry["n1"].x, places.geometry["n1"].y) == GRID[1]
    assert extract.counts["places_open_line"] == 2


def test_more_place_keys(tmp_path: Path) -> None:
    path = tmp_path / "scene.osm"
    path.write_text(document(node(1, "highway=bus_stop"), node(2, "amenity=bar")))
    assert read_osm(path, place_keys=["highway"]).places.index.tolist() == ["n1"]


def test_openings(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        node(1, "entrance=main"),
        node(2, "entrance=exit"),
        node(12, "barrier=gate"),
        node(11, "barrier=gate; locked=yes"),
        node(5, "entrance=yes; barrier=gate"),
        node(90, "entrance=yes"),  # on nothing
        way(7, [1, 2, 12, 11, 1], "building=yes"),
        way(8, [4, 5, 15, 14, 4], "leisure=park"),
        way(9, [3, 4, 1, 2, 12, 22], "highway=footway"),  # touches park and building
        way(13, [5, 6], "highway=footway"),  # goes through the park's entrance
        way(10, [15, 16], "highway=motorway"),  # not walked: opens nothing
        node(13, "barrier=gate; foot=no"),
        way(12, [13, 14], "highway=footway"),
    )
    rows = extract.openings
    assert list(rows.columns) == ["osm_id", "lon", "lat", "kind"]
    found = {(row.osm_id, row.kind, row.lon, row.lat) for row in rows.itertuples()}
    assert found == {
        ("w7", "entrance", *GRID[1]),
        ("w7", "gate", *GRID[12]),
        ("w8", "entrance", *GRID[5]),
        ("w8", "street", *GRID[4]),
        ("w8", "street", *GRID[14]),
    }
    assert len(rows) == 5, "the ring's first corner is not counted twice"


def test_openings_of_relations_and_of_shut_streets(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        node(13, "entrance=yes"),
        node(34, "barrier=gate; access=no"),
        way(11, [1, 4, 34, 31, 1], ""),
        way(12, [12, 13, 23, 22, 12], ""),
        relation(3, "11:outer 12:inner", "type=multipolygon; amenity=school"),
        way(7, [34, 35], "highway=path"),
        way(8, [31, 41], "highway=path"),
    )
    rows = extract.openings
    assert [(row.osm_id, row.kind, row.lon, row.lat) for row in rows.itertuples()] == [
        ("r3", "street", *GRID[31]),
        ("r3", "entrance", *GRID[13]),
    ]


def test_admin_boundaries(tmp_path: Path) -> None:
    half = "type=boundary; boundary=administrative; name=姑苏区; name:zh=姑苏区; name:en=Gusu; admin_level=6"
    extract = read(
        tmp_path,
        way(11, [1, 5, 45], "boundary=administrative; admin_level=6"),
        way(12, [45, 41, 1], "boundary=administrative; admin_level=6"),
        relation(3, "11:outer 12:outer", half),
        relation(
            4, "11:outer 99:outer", "type=boundary; boundary=administrative; name=半; admin_level=8"
        ),
        relation(
            5,
            "11:outer 12:outer",
            "type=boundary; boundary=administrative; name=x; admin_level=six",
        ),
        way(13, [51, 52, 62, 51], "boundary=administrative; admin_level=10; name=Ward"),
        way(14, [54, 55, 65, 54], "boundary=administrative; admin_level=10"),  # nameless piece
    )
    admin = extract.admin
    assert admin.index.tolist() == ["w13", "r3"]
    assert admin.drop(columns="geometry").loc["r3"].tolist() == ["姑苏区", "姑苏区", "Gusu", 6]
    assert admin.geometry["r3"].area == pytest.approx(16e-4)
    assert admin.loc["w13", "name_zh"] == ""
    assert extract.counts["admin_broken"] == 1
    assert extract.counts["admin_bad_level"] == 1
    assert extract.admin_incomplete == ("半 (8)",)


def test_surroundings(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        way(1, [1, 2, 12, 1], "natural=water; leisure=park"),
        way(2, [4, 5, 15, 4], "landuse=grass"),
        way(3, [21, 22], "waterway=canal"),
        way(4, [22, 23], "waterway=canal; tunnel=culvert"),
        way(5, [31, 32], "railway=rail"),
        way(6, [32, 33], "railway=rail; bridge=yes"),
        way(7, [33, 34], "railway=tram"),
        way(8, [41, 42, 52, 41], "barrier=fence"),
        way(9, [44, 45], "barrier=kerb"),
        way(10, [61, 62, 901, 63, 902, 64, 65], "waterway=river"),
        way(11, [51, 53], "waterway=ditch"),
        way(12, [54, 55], "natural=coastline"),
    )
    rows = extract.surroundings
    found = sorted(zip(rows["kind"], rows.geom_type, strict=True))
    assert found == [
        ("coast", "LineString"),
        ("green", "Polygon"),
        ("railway", "LineString"),
        ("stream", "LineString"),
        ("wall", "LineString"),
        ("water", "Polygon"),
        ("waterway", "LineString"),
        ("waterway", "MultiLineString"),
    ]
    assert extract.counts["lines_cut"] == 1
