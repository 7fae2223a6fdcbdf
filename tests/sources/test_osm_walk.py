"""What the OSM reader tells about walking: waits, lifts, ferries, doors, lines that block, compounds
and plazas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from osm_scenes import GRID, lanes, node, read, relation, way

from gusu_geo.sources.osm.areas import is_compound, is_plaza, width_of
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.tables import NodeFlag, WayFlag

GAP, LIGHT = int(NodeFlag.CROSSING), int(NodeFlag.SIGNALS)


def flags(extract: OsmExtract) -> dict[int, int]:
    """Flags of the vertices that have some, by node id."""
    streets = extract.streets
    pairs = zip(streets.node_ids.tolist(), streets.node_flags.tolist(), strict=True)
    return {number: flag for number, flag in pairs if flag}


# --- waits ----------------------------------------------------------------------------------


def test_nodes_say_what_they_are(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        node(2, "highway=crossing; crossing=zebra"),
        node(3, "highway=crossing; crossing=traffic_signals"),
        node(4, "highway=traffic_signals"),
        node(5, "highway=elevator"),
        node(6, "barrier=gate; access=private"),
        node(7, "barrier=gate; locked=yes"),
        node(8, "entrance=main"),
        node(90, "highway=crossing"),  # on no street
        way(7, [1, 2, 3, 4, 5, 6, 7, 8], "highway=footway"),
    )
    assert flags(extract) == {
        2: GAP,
        3: LIGHT,
        5: NodeFlag.LIFT,
        6: NodeFlag.GATE | NodeFlag.RESIDENTS,
        7: NodeFlag.GATE | NodeFlag.CLOSED,
    }


@pytest.mark.parametrize(
    ("on_node", "on_way", "flag"),
    [
        ("", "", GAP),
        ("", "crossing=zebra", GAP),
        ("", "crossing=traffic_signals", LIGHT),
        ("", "crossing=no", 0),
        ("highway=crossing", "crossing=traffic_signals", LIGHT),  # the node does not say which
        ("highway=crossing", "crossing=zebra", GAP),
        ("highway=crossing; crossing=zebra", "crossing=traffic_signals", GAP),  # the node knows
        ("highway=crossing; crossing=traffic_signals", "crossing=zebra", LIGHT),
        ("highway=traffic_signals", "", LIGHT),  # a light where people cross
        ("highway=traffic_signals", "crossing=zebra", LIGHT),
        ("highway=elevator", "", GAP | NodeFlag.LIFT),
    ],
)
def test_a_way_across_a_road_marks_where_they_meet(
    tmp_path: Path, on_node: str, on_way: str, flag: int
) -> None:
    told = "; ".join(part for part in ("highway=footway; footway=crossing", on_way) if part)
    extract = read(
        tmp_path,
        node(23, on_node),
        way(9, [13, 23, 33, 43], told),
        way(7, [22, 23, 24], "highway=secondary"),
        way(8, [33, 34], "highway=footway"),  # no road: nobody waits here
    )
    assert flags(extract) == ({23: flag} if flag else {})


@pytest.mark.parametrize("road", ["highway=primary; foot=no", "highway=motorway", "highway=busway"])
def test_a_road_that_nobody_walks_along_is_waited_for_too(tmp_path: Path, road: str) -> None:
    across = way(9, [13, 23, 33], "highway=path; path=crossing")
    extract = read(tmp_path, across, way(7, [22, 23, 24], road))
    assert lanes(extract.streets) == [(9, [13, 23, 33])]
    assert flags(extract) == {23: GAP}
    assert flags(read(tmp_path, across, way(7, [22, 23, 24], "highway=proposed"))) == {}


def test_of_two_ways_that_meet_in_one_point_the_light_speaks(tmp_path: Path) -> None:
    ways = [
        way(8, [13, 23], "highway=footway; footway=crossing; crossing=traffic_signals"),
        way(9, [23, 33], "highway=footway; footway=crossing; crossing=zebra"),
        way(7, [22, 23, 24], "highway=tertiary"),
    ]
    assert flags(read(tmp_path, *ways)) == {23: LIGHT}


# --- ferries --------------------------------------------------------------------------------


def test_ferries_are_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        way(5, [1, 2, 3], "route=ferry; name=渡口"),
        way(6, [11, 12, 901], "route=ferry"),  # lands beyond the data
        way(7, [21, 22], "route=ferry; foot=no"),
        way(8, [3, 4], "highway=path"),
    )
    streets = extract.streets
    assert lanes(streets) == [(5, [1, 2, 3]), (8, [3, 4])]
    assert streets.highway.tolist() == ["ferry", "path"]
    assert streets.flags.tolist() == [WayFlag.FERRY, WayFlag.ON_FOOT]
    assert streets.name.tolist() == ["渡口", ""]
    counts = extract.counts
    assert (counts["ferries_kept"], counts["ferries_cut"], counts["highways_kept"]) == (1, 1, 1)
    assert counts["ferries_dropped_access"] == 1


# --- doors and lines ------------------------------------------------------------------------


def test_doors_know_who_may_pass_and_where_they_stand(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        node(1, "barrier=gate"),
        node(2, "barrier=gate; access=permit"),
        node(3, "barrier=gate; locked=yes"),
        node(4, "entrance=main"),
        node(5, "entrance=yes; access=private"),
        node(6, "barrier=bollard"),
        node(7, "entrance=emergency"),
        way(7, [1, 11], "highway=path"),
        way(8, [2, 3, 4, 14], "barrier=wall"),
    )
    doors = extract.doors
    assert doors.index.tolist() == ["n1", "n2", "n3", "n4", "n5"]
    assert doors["kind"].tolist() == ["gate", "gate", "gate", "entrance", "entrance"]
    assert doors["access"].tolist() == ["public", "residents", "locked", "public", "residents"]
    assert doors["on_street"].tolist() == [True, False, False, False, False]
    assert doors["on_wall"].tolist() == [False, True, True, True, False]
    assert doors[["lon", "lat"]].to_numpy().tolist() == [list(GRID[n]) for n in range(1, 6)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("highway=motorway", "motorway"),
        ("highway=motorway_link", "motorway"),
        ("highway=trunk; motorroad=yes", "motorway"),
        ("highway=trunk", None),
        ("highway=motorway; bridge=yes", None),
        ("highway=motorway; tunnel=yes", None),
        ("highway=motorway; foot=yes", None),  # people walk along it
        ("highway=trunk; motorroad=yes; foot=designated", None),
        ("barrier=hedge", "wall"),
        ("barrier=retaining_wall", "wall"),
        ("natural=cliff", "wall"),
        ("barrier=guard_rail", None),
        ("barrier=handrail", None),
        ("barrier=kerb", None),
        ("barrier=gate", None),
        ("railway=rail; embankment=yes", "railway"),
        ("railway=subway; tunnel=yes", None),
        ("railway=tram", None),
    ],
)
def test_lines_that_block(tmp_path: Path, text: str, kind: str | None) -> None:
    found = read(tmp_path, way(3, [21, 22, 23], text)).surroundings
    assert found["kind"].tolist() == ([] if kind is None else [kind])


def test_closed_walls_are_lines(tmp_path: Path) -> None:
    found = read(tmp_path, way(3, [21, 22, 32, 21], "barrier=wall; width=0.5")).surroundings
    assert found.geom_type.tolist() == ["LineString"]
    assert found["width_m"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("tags", "metres"),
    [
        ({"width": "12"}, 12.0),
        ({"width": "12.5 m"}, 12.5),
        ({"width": "12,5m"}, 12.5),
        ({"width": "10 ft"}, 3.048),
        ({"width": "10'"}, 3.048),
        ({"est_width": "30"}, 30.0),
        ({"width": "wide", "est_width": "30"}, 30.0),
        ({"width": "4", "est_width": "30"}, 4.0),
        ({"width": "-3"}, 0.0),
        ({"width": "1e9"}, 0.0),
        ({"width": "99999"}, 0.0),
        ({"width": "nan"}, 0.0),
        ({"width": "10-20"}, 0.0),
        ({}, 0.0),
    ],
)
def test_widths(tags: dict[str, str], metres: float) -> None:
    assert width_of(tags) == pytest.approx(metres)


def test_areas_have_no_width(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        way(1, [1, 2, 12, 1], "natural=water; width=40"),
        way(2, [21, 22], "waterway=river; width=40"),
    ).surroundings
    assert dict(zip(found.geom_type, found["width_m"], strict=True)) == {
        "Polygon": 0.0,
        "LineString": 40.0,
    }


# --- compounds and plazas -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "yes"),
    [
        ({"landuse": "residential", "name": "平江新城"}, True),
        ({"landuse": "residential", "name:zh": "平江新城"}, True),
        ({"landuse": "residential"}, False),
        ({"landuse": "residential", "gated": "yes"}, True),
        ({"place": "neighbourhood", "gated": "yes"}, True),
        ({"landuse": "residential", "name": "Old Town", "place": "quarter"}, False),
        ({"landuse": "commercial", "name": "x"}, False),
        ({"amenity": "parking", "gated": "yes"}, False),
    ],
)
def test_what_is_a_compound(tags: dict[str, str], yes: bool) -> None:
    assert is_compound(tags) is yes


def test_compounds_are_polygons_of_ways_and_relations(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        way(5, [1, 2, 12, 1], "landuse=residential; name=甲"),
        way(6, [4, 5, 15, 4], ""),
        relation(7, "6:outer", "type=multipolygon; landuse=residential; name=乙"),
        way(8, [21, 22, 32, 21], "place=neighbourhood; gated=yes"),
        way(9, [41, 42, 52], "landuse=residential; name=open"),
        way(10, [61, 62, 990, 61], "landuse=residential; name=broken"),
    )
    assert extract.compounds.index.tolist() == ["w5", "w8", "r7"]
    assert set(extract.compounds.geom_type) == {"Polygon"}
    assert extract.counts["compounds_broken"] == 1


@pytest.mark.parametrize(
    ("tags", "kind", "yes"),
    [
        ({"highway": "pedestrian", "area": "yes"}, "w", True),
        ({"highway": "pedestrian"}, "w", False),  # a loop
        ({"highway": "pedestrian"}, "r", True),
        ({"highway": "footway", "place": "square"}, "w", True),
        ({"highway": "living_street", "area": "yes"}, "w", True),
        ({"highway": "platform", "area": "yes"}, "w", True),
        ({"highway": "service", "area": "yes"}, "w", False),
        ({"highway": "steps", "area": "yes"}, "w", False),
        ({"highway": "pedestrian", "area": "yes", "foot": "no"}, "w", False),
        ({"highway": "pedestrian", "area": "yes", "tunnel": "yes"}, "w", False),
        ({"place": "square", "area": "yes"}, "w", False),  # a name, not a surface
    ],
)
def test_what_is_a_plaza(tags: dict[str, str], kind: str, yes: bool) -> None:
    assert is_plaza(tags, kind) is yes


def test_corners_of_plazas_are_vertices_of_their_outlines(tmp_path: Path) -> None:
    """To the bit: ways across are drawn between them."""
    extract = read(
        tmp_path,
        way(7, [1, 3, 23, 21, 1], "highway=pedestrian; area=yes; name=观前"),
        way(11, [5, 9, 49, 45, 5], ""),
        way(12, [16, 17, 27, 26, 16], ""),
        relation(3, "11:outer 12:inner", "type=multipolygon; highway=footway"),
    )
    plazas, streets = extract.plazas, extract.streets
    assert plazas.index.tolist() == ["w7", "r3"]
    assert len(plazas.geometry["r3"].interiors) == 1
    assert plazas["tags"]["w7"]["name"] == "观前"
    corners = {tuple(xy) for xy in plazas.get_coordinates().to_numpy()}
    assert corners == {tuple(xy) for xy in streets.lonlat}
    assert (streets.flags & WayFlag.AREA != 0).all()
    assert np.array_equal(streets.way_ids, [7, 11, 12])
