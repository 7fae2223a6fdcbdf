"""The OSM reader: hand-written scenes whose answers are counted on paper, files that are broken
in every way we know, and real extracts against a second, plain counting."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import osmium
import pytest
from conftest import ROOT, raw_data, shared_data
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.errors import OutputError, SourceError, StudyError
from gusu_geo.sources.osm import OsmExtract, read_osm
from gusu_geo.sources.osm_streets import NO_PLACE, Streets
from gusu_geo.sources.walk_policy import CLASSES
from gusu_geo.tables import NodeFlag, StreetWays, WayFlag

MONACO = "monaco.osm.pbf"
SHARED = [
    "las_palmas_2023.osm.pbf",
    "nanjing_old_city_2021.osm.pbf",
    "beijing_tsinghua_2017.osm.pbf",
]

# --- scenes: a grid of nodes ten by ten, node 34 at lon 0.04, lat 0.03 -----------------------

GRID = {row * 10 + col + 1: (col / 100, row / 100) for row in range(10) for col in range(10)}


def tag_lines(text: str) -> str:
    """<tag> lines of "a=b; c=d"."""
    pairs = (pair.split("=", 1) for pair in text.split("; ") if pair)
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in pairs)


def node(number: int, text: str = "") -> str:
    lon, lat = GRID[number]
    return f'<node id="{number}" lon="{lon}" lat="{lat}" version="1">{tag_lines(text)}</node>'


def way(number: int, refs: Iterable[int], text: str = "") -> str:
    nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{number}" version="1">{nodes}{tag_lines(text)}</way>'


def relation(number: int, members: str, text: str) -> str:
    """members: "11:outer 12:inner", all of them ways."""
    pairs = (member.split(":") for member in members.split())
    lines = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in pairs)
    return f'<relation id="{number}" version="1">{lines}{tag_lines(text)}</relation>'


def document(*objects: str, nodes: Iterable[int] = tuple(GRID), head: str = "") -> str:
    """OSM XML of the grid's nodes (those of ``objects`` replace plain ones) and the objects."""
    own = {part.split('"')[1] for part in objects if part.startswith("<node")}
    plain = [node(number) for number in nodes if str(number) not in own]
    return f'<?xml version="1.0"?>\n<osm version="0.6">{head}{"".join((*plain, *objects))}</osm>'


def read(tmp_path: Path, *objects: str, **how: object) -> OsmExtract:
    path = tmp_path / "scene.osm"
    path.write_text(document(*objects, **how), encoding="utf-8")  # type: ignore[arg-type]
    return read_osm(path)


def lanes(streets: StreetWays) -> list[tuple[int, list[int]]]:
    """(way id, node ids) of every row, in the order of the table."""
    rows = zip(streets.way_ptr[:-1], streets.way_ptr[1:], strict=True)
    parts = [streets.node_ids[streets.way_nodes[start:end]].tolist() for start, end in rows]
    return list(zip(streets.way_ids.tolist(), parts, strict=True))


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
    assert extract.bounds == (0.04, 0.0, 0.04, 0.0)


REFS = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=8), max_size=6)


@settings(max_examples=200, deadline=None)
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
    streets = Streets(CLASSES, {})
    for number, way_refs in ways:
        places = [NO_PLACE if ref in missing else ref for ref in way_refs]
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


# --- formats, order, header -----------------------------------------------------------------

SCENE = (
    node(1, "entrance=yes"),
    node(3, "barrier=gate; locked=yes"),
    node(4, "shop=bakery; name=黄天源"),
    way(7, [1, 2, 3, 13], "highway=path"),
    way(8, [1, 11, 12, 1], "building=house"),
    way(5, [31, 35, 31], ""),
    way(6, [41, 42, 52, 41], ""),
    relation(9, "6:outer", "type=multipolygon; leisure=park"),
    relation(2, "6:outer", "type=multipolygon; highway=pedestrian"),
)


def same(one: OsmExtract, other: OsmExtract) -> bool:
    """Whether two extracts hold the same tables, to the last bit."""
    for name in (
        "node_ids",
        "lonlat",
        "closed",
        "way_ptr",
        "way_nodes",
        "way_ids",
        "highway",
        "flags",
        "name",
    ):
        if not np.array_equal(getattr(one.streets, name), getattr(other.streets, name)):
            return False
    frames = ("places", "buildings", "openings", "admin", "surroundings", "barriers")
    return one.counts == other.counts and all(
        getattr(one, name).equals(getattr(other, name)) for name in frames
    )


@pytest.mark.parametrize(
    "ending", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf", ".OSM", ".Osm.Gz"]
)
def test_every_format_gives_the_same(tmp_path: Path, ending: str) -> None:
    plain = tmp_path / "plain.osm"
    plain.write_text(document(*SCENE), encoding="utf-8")
    path = tmp_path / f"场景{ending}"
    if ending.endswith("pbf"):
        with osmium.SimpleWriter(str(path)) as writer:
            for thing in osmium.FileProcessor(str(plain)):
                writer.add(thing)
    else:
        pack = {"gz": gzip.compress, "bz2": bz2.compress}.get(
            ending.lower().rsplit(".", 1)[1], bytes
        )
        path.write_bytes(pack(plain.read_bytes()))
    extract = read_osm(path)
    assert same(extract, read_osm(plain))
    assert len(extract.streets.way_ids) == 2
    assert extract.path == path
    assert extract.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("seed", range(4))
def test_order_of_the_file_changes_nothing(tmp_path: Path, seed: int) -> None:
    """Not within a type, nor ways before their nodes."""
    objects = [node(number) for number in GRID if number not in (1, 3, 4)] + list(SCENE)
    order = np.random.default_rng(seed).permutation(len(objects))
    path = tmp_path / "shuffled.osm"
    path.write_text(document(*(objects[ix] for ix in order), nodes=()), encoding="utf-8")
    assert same(read_osm(path), read(tmp_path, *SCENE))


def test_sorting_leaves_nothing_behind_and_needs_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    read(tmp_path, *SCENE)
    assert list(scratch.iterdir()) == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    with pytest.raises(OutputError, match=r"no room.*Make room"):
        read(tmp_path, *SCENE)


def test_an_object_that_comes_twice_counts_once(tmp_path: Path) -> None:
    twice = read(tmp_path, *SCENE, *SCENE)
    once = read(tmp_path, *SCENE)
    assert lanes(twice.streets) == lanes(once.streets)
    assert twice.places.equals(once.places) and twice.buildings.equals(once.buildings)
    assert twice.openings.equals(once.openings)
    assert twice.counts == once.counts


def test_date_and_bounds(tmp_path: Path) -> None:
    stamped = way(7, [1, 2], "highway=path").replace(
        "version", 'timestamp="2021-06-12T08:00:00Z" version'
    )
    old = way(8, [3, 4], "highway=path").replace(
        "version", 'timestamp="2019-01-01T00:00:00Z" version'
    )
    extract = read(tmp_path, stamped, old)
    assert extract.date == "2021-06-12T08:00:00Z"
    assert extract.bounds == (0.0, 0.0, 0.03, 0.0), "of what is used: nodes 1 to 4"
    box = '<bounds minlon="-1" minlat="-2" maxlon="3" maxlat="4"/>'
    extract = read(tmp_path, way(7, [1, 2], "highway=path"), head=box)
    assert extract.date == "", "no object carries a time"
    assert extract.bounds == (-1, -2, 3, 4)


def test_the_header_date_wins(tmp_path: Path) -> None:
    path = tmp_path / "dated.osm.pbf"
    for stamp, date in (
        ("2024-02-03T04:05:06Z", "2024-02-03T04:05:06Z"),
        ("1970-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    ):
        header = osmium.io.Header()
        header.set("osmosis_replication_timestamp", stamp)
        with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
            for number in (1, 2):
                writer.add_node(osmium.osm.mutable.Node(id=number, location=GRID[number]))
            writer.add_way(osmium.osm.mutable.Way(
                id=7, nodes=[1, 2], tags={"highway": "path"}, timestamp="2020-01-01T00:00:00Z"))  # fmt: skip
        assert read_osm(path).date == date


# --- files that are not what they should be -------------------------------------------------


def refused(path: Path) -> str:
    """The message, which must name the file and say how to mend it."""
    with pytest.raises(SourceError) as caught:
        read_osm(path)
    assert caught.value.where == str(path)
    assert caught.value.fix
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_missing_and_folder_and_ending(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "nowhere.osm.pbf")
    assert "is a folder" in refused(tmp_path)
    path = tmp_path / "city.graphml"
    path.write_text("x")
    assert "'.graphml'" in refused(path)


XML = document(way(7, [1, 2], "highway=path")).encode()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.osm.pbf", b"", "empty"),
        ("a.osm.pbf", b"%PDF-1.7\n" + bytes(900), "begins like a PDF document"),
        ("a.osm.pbf", XML, "begins like XML"),
        ("a.osm.pbf", b"<!DOCTYPE html><html>404</html>", "begins like a web page"),
        (
            "a.osm.pbf",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
            "Git LFS pointer",
        ),
        ("a.osm.pbf", b"PK\x03\x04" + bytes(99), "ZIP"),
        ("a.osm.pbf", b"\x00" * 64, "something unknown"),
        ("a.osm.pbf", b"\x00\x00", "cut off"),
        ("a.osm", b'{"version": 0.6, "elements": []}', "JSON"),
        ("a.osm", b"<html><body>Too many requests</body></html>", "web page"),
        ("a.osm", XML[:-40], "cut off or damaged"),
        ("a.osm", XML[: len(XML) // 2], "cut off or damaged"),
        ("a.osm", b"<?xml version='1.0'?><gpx version='1.1'></gpx>", "cannot be read"),
        ("a.osm", b"<?xml version='1.0'?><osm version='0.6'></osm>", "no objects"),
        ("a.osm", XML.replace(b'lon="0.01"', b'lon="east"'), "cannot be read"),
        ("a.osm.gz", XML, "is not gzip"),
        ("a.osm.gz", gzip.compress(XML)[:-9], "cut off or damaged"),
        ("a.osm.gz", gzip.compress(b""), "cannot be read"),
        ("a.osm.bz2", XML, "is not bzip2"),
        ("a.osm.bz2", bz2.compress(XML)[:-9], "cut off or damaged"),
    ],
)
def test_broken_files(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert words in refused(path)


def borders(data: bytes) -> list[int]:
    """Where the blocks of a PBF file end, by the names that begin them."""
    starts = [at - 6 for at in range(len(data)) if data[at : at + 7] in (b"OSMHead", b"OSMData")]
    return [*starts[1:], len(data)]


def test_truncated_pbf(tmp_path: Path) -> None:
    """Cut anywhere inside a block: refused. Between two blocks: refused when no way is left."""
    data = raw_data(MONACO).read_bytes()
    ends = borders(data)
    assert len(ends) == 7, "the file's seven blocks"
    path = tmp_path / "cut.osm.pbf"
    inside = [1, 3, 12, 19, 60, 189, *(end + more for end in ends[:-1] for more in (1, 3, 9, 40)),
              len(data) // 2, len(data) - 1]  # fmt: skip
    for size in inside:
        path.write_bytes(data[:size])
        assert "cut off" in refused(path), size
    path.write_bytes(data[: ends[0]])
    assert "no objects" in refused(path)
    for end in ends[1:4]:
        path.write_bytes(data[:end])
        assert "not one way" in refused(path), end
    path.write_bytes(data[: ends[5]])  # nothing tells: only the relations are gone
    assert read_osm(path).counts["relations"] == 0


def test_damaged_pbf(tmp_path: Path) -> None:
    data = bytearray(raw_data(MONACO).read_bytes())
    path = tmp_path / "damaged.osm.pbf"
    data[200_000] ^= 0xFF
    path.write_bytes(data)
    assert "damaged" in refused(path)
    path.write_bytes(raw_data(MONACO).read_bytes() + b"\xff" * 70)
    assert "no PBF block begins at byte 537,903" in refused(path)


def test_streets_without_their_nodes(tmp_path: Path) -> None:
    path = tmp_path / "bare.osm"
    path.write_text(document(way(7, [1, 2, 3], "highway=path"), nodes=[1]))
    assert "lacks 2 of the 3 nodes" in refused(path)


# --- real files -----------------------------------------------------------------------------


def real(name: str) -> Path:
    return raw_data(name) if name == MONACO else shared_data(name)


@pytest.mark.parametrize("name", [MONACO, *SHARED])
def test_real_files_against_plain_counting(name: str) -> None:
    """Another pass over the file, object by object, in Python, with rules of its own."""
    extract = read_osm(real(name))
    known: set[int] = set()
    houses: set[str] = set()
    segments: Counter[tuple[int, int, int]] = Counter()
    must, must_not, tagged = set(), set(), Counter()
    plain = {"footway", "path", "steps", "residential", "service", "living_street", "tertiary"}
    for thing in osmium.FileProcessor(str(real(name))):
        tags = dict(thing.tags)
        if thing.is_node():
            known.add(thing.id)
            tagged["amenity"] += "amenity" in tags
            tagged["barrier"] += "barrier" in tags
        elif thing.is_way():
            refs = [ref.ref for ref in thing.nodes]
            whole = len(refs) > 3 and refs[0] == refs[-1] and all(ref in known for ref in refs)
            if whole and tags.get("building", "no") != "no" and tags.get("area") != "no":
                houses.add(f"w{thing.id}")
            if tags.get("highway") in plain and not tags.keys() & {"foot", "access", "motorroad"}:
                must.add(thing.id)
                for one, two in pairwise(refs):
                    if one in known and two in known and one != two:
                        segments[thing.id, one, two] += 1
            elif "highway" in tags and (tags.get("foot") == "no" or tags["highway"] == "raceway"):
                must_not.add(thing.id)
    ours = {(way_id, one, two) for way_id, refs in lanes(extract.streets)
            for one, two in pairwise(refs)}  # fmt: skip
    assert {segment for segment in ours if segment[0] in must} == set(segments)
    assert not must_not & set(extract.streets.way_ids.tolist())
    ways = {osm_id for osm_id in extract.buildings.index if osm_id[0] == "w"}
    assert ways <= houses
    assert len(houses - ways) <= extract.counts["buildings_broken"]
    assert (
        sum(
            "amenity" in tags for osm_id, tags in extract.places["tags"].items() if osm_id[0] == "n"
        )
        == tagged["amenity"]
    )
    assert len(extract.barriers) == tagged["barrier"]


@pytest.mark.parametrize("name", [MONACO, *SHARED])
def test_real_files_hold_together(name: str) -> None:
    extract = read_osm(real(name))
    streets, counts = extract.streets, extract.counts
    assert (np.diff(streets.way_ptr) >= 2).all()
    assert streets.way_ptr[-1] == len(streets.way_nodes)
    assert (np.diff(streets.node_ids) > 0).all() and (np.diff(streets.way_ids) >= 0).all()
    assert len(np.unique(streets.way_nodes)) == len(streets.node_ids), "no vertex without a way"
    assert len({*streets.highway.tolist()} - set(CLASSES)) == 0
    reasons = sum(count for key, count in counts.items() if key.startswith("highways_"))
    highways = sum(
        "highway" in thing.tags for thing in osmium.FileProcessor(str(real(name)), osmium.osm.WAY)
    )
    assert reasons == highways
    for frame in (extract.places, extract.buildings, extract.admin):
        assert isinstance(frame, gpd.GeoDataFrame)
        assert frame.index.is_unique
        assert frame.geometry.is_valid.all()
    assert not {"LineString", "MultiLineString"} & set(extract.places.geom_type)
    assert set(extract.buildings.geom_type) <= {"Polygon", "MultiPolygon"}
    assert set(extract.openings["osm_id"]) <= set(extract.places.index) | set(
        extract.buildings.index
    )
    assert all(isinstance(value, int) for value in counts.values())


def test_monaco() -> None:
    extract = read_osm(raw_data(MONACO))
    assert extract.date == "2023-12-26T21:21:22Z"
    assert extract.bounds == pytest.approx((7.409205, 43.72335, 7.448637, 43.75169))
    # The file holds all member ways of six of the nine wards, and not of Monaco itself.
    assert sorted(extract.admin["name"]) == [
        "Fontvieille", "La Condamine", "La Rousse", "Larvotto", "Monaco-Ville", "Monte-Carlo"]  # fmt: skip
    assert {"Monaco (2)", "Monaco (8)", "Les Monegetti (10)"} <= set(extract.admin_incomplete)
    assert same(extract, read_osm(raw_data(MONACO)))


def test_chinese_names_of_nanjing_come_whole() -> None:
    extract = read_osm(shared_data("nanjing_old_city_2021.osm.pbf"))
    assert {"进香河路", "太平北路"} <= set(extract.streets.name)


def test_importing_the_package_does_not_load_osmium() -> None:
    code = "import sys, gusu_geo.sources.osm; sys.exit('osmium' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
