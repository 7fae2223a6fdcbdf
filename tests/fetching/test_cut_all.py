"""Many regions cut from one file: each as if alone, and as the rule says, object by object."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import osmium
import pyproj
import pytest
import shapely
from conftest import raw_data
from hypothesis import given, settings
from hypothesis import strategies as st
from overpass import Extract
from test_cut import REGION, STUDY, WHOLE, ids, pbf

from gusu_geo.errors import InputError, OutputError, SourceError
from gusu_geo.fetching.cut import cut, cut_all
from gusu_geo.fetching.merge import Written
from gusu_geo.fetching.region import Region, comes_whole, region_around
from gusu_geo.sources.city import read_city
from gusu_geo.sources.osm import child
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.study_file import open_study

FAR = Region(area=(5.0, 5.0, 5.1, 5.1), reach=(4.9, 4.9, 5.2, 5.2))
TAGS = (
    {"type": "multipolygon", "landuse": "grass"},
    {"type": "route", "route": "bus"},
    *(
        {"type": "boundary", "boundary": "administrative", "admin_level": level}
        for level in ("4", "6", "8", "x")
    ),
    {"type": "boundary", "boundary": "protected_area"},
)
Scene = tuple[dict[int, tuple[float, float]], dict[int, list[int]], dict[int, tuple[Any, Any]]]


def box_around(x: float, y: float, half: float = 0.0105, halo: float = 0.01) -> Region:
    area = (round(x - half, 7), round(y - half, 7), round(x + half, 7), round(y + half, 7))
    reach = (area[0] - halo, area[1] - halo, area[2] + halo, area[3] + halo)
    west, south, east, north = (round(side, 7) for side in reach)
    return Region(area, (west, south, east, north))


def names(folder: Path, count: int) -> list[Path]:
    return [folder / f"{number}.osm.pbf" for number in range(count)]


# --- each region as if it were alone ---


def test_the_same_bytes_as_each_alone_and_in_any_company(tmp_path: Path) -> None:
    source = pbf(tmp_path, *WHOLE, sorting="Type_then_ID")
    regions = [REGION, box_around(0.02, 0.02), Region(REGION.area, REGION.reach, 4), REGION]
    done = cut_all(source, regions, names(tmp_path, 4), at_once=3)
    for number, (region, target) in enumerate(zip(regions, names(tmp_path, 4), strict=True)):
        assert cut(source, region, tmp_path / "alone.osm.pbf") == done[number]
        assert (tmp_path / "alone.osm.pbf").read_bytes() == target.read_bytes()
    assert ids(Extract.read(tmp_path / "2.osm.pbf"))["n"] >= {91, 92}
    assert not list(tmp_path.glob("*.part"))


def test_more_regions_than_a_word_has_bits(tmp_path: Path) -> None:
    source = pbf(tmp_path, *WHOLE)
    boxes = [box_around(col / 100, row / 100) for row in range(10) for col in range(7)]
    cut_all(source, boxes, names(tmp_path, len(boxes)))
    for target, region in zip(names(tmp_path, len(boxes)), boxes, strict=True):
        expect(source, region, target)


def expect(source: Path, region: Region, target: Path) -> None:
    assert ids(Extract.read(target)) == wanted(Extract.read(source), region)


def wanted(whole: Extract, region: Region) -> dict[str, set[int]]:
    """What a cut holds, by the rule, object by object."""
    west, south, east, north = region.reach
    nodes = {
        number
        for number, (x, y) in whole.place.items()
        if west <= x <= east and south <= y <= north
        and (region.shape is None or region.shape.intersects(shapely.Point(x, y)))
    }  # fmt: skip
    ways = {number for number, refs in whole.refs.items() if nodes & set(refs)}
    kept = {"n": nodes, "w": ways}
    relations = {
        number
        for number, members in whole.members.items()
        if any(ref in kept.get(kind, ()) for kind, ref, _ in members)
    }
    sides = {
        ref
        for number in relations
        for kind, ref, _ in whole.members[number]
        if kind == "w" and comes_whole(whole.tags["r", number], region.level)
    }
    ways = ways | (sides & whole.refs.keys())
    corners = {ref for number in ways for ref in whole.refs[number]}
    return {"n": nodes | (corners & whole.place.keys()), "w": ways, "r": relations}


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Nodes on a coarse grid, ways with ids that the file lacks, empty and repeated ones."""
    step = st.integers(0, 9)
    count = draw(st.integers(1, 25))
    first = draw(st.sampled_from((1, -5, 12_000_000_000)))
    nodes = {first + 3 * ix: (draw(step) / 100, draw(step) / 100) for ix in range(count)}
    nodes.pop(0, None)
    known = [*nodes, first + 1]  # the last one is missing
    ways = {
        number: draw(st.lists(st.sampled_from(known), max_size=6))
        for number in range(1, draw(st.integers(1, 8)))
    }
    member = st.tuples(st.just("w"), st.integers(1, 9), st.just("outer"))
    point = st.tuples(st.just("n"), st.sampled_from(known), st.just(""))
    other = st.tuples(st.just("r"), st.integers(1, 3), st.just(""))
    relations = {
        number: (draw(st.lists(member | point | other, max_size=5)), draw(st.sampled_from(TAGS)))
        for number in range(1, draw(st.integers(1, 6)))
    }
    return nodes, ways, relations


@st.composite
def regions(draw: st.DrawFn) -> list[Region]:
    side = st.integers(0, 9)
    found = []
    for _ in range(draw(st.integers(1, 5))):
        (west, east), (south, north) = (sorted((draw(side), draw(side))) for _ in "xy")
        area = (west / 100, south / 100, east / 100, north / 100)
        halo = draw(st.sampled_from((0.0, 0.01, 0.015)))
        reach = (area[0] - halo, area[1] - halo, area[2] + halo, area[3] + halo)
        west, south, east, north = (round(value, 7) for value in reach)
        shape = None
        if draw(st.booleans()) and west < east and south < north:
            shape = shapely.Polygon([(west, south), (east, south), (west, north)])
        level = draw(st.sampled_from((4, 6)))
        found.append(Region(area, (west, south, east, north), level, shape))
    return found


def write(scene: Scene, target: Path) -> None:
    nodes, ways, relations = scene
    mutable = osmium.osm.mutable
    with osmium.SimpleWriter(osmium.io.File(str(target), "pbf"), overwrite=True) as writer:
        for number, place in sorted(nodes.items(), key=lambda item: (item[0] > 0, abs(item[0]))):
            writer.add_node(mutable.Node(id=number, location=place, version=1))
        for number, refs in ways.items():
            writer.add_way(mutable.Way(id=number, nodes=refs, version=1))
        for number, (members, tags) in relations.items():
            writer.add_relation(mutable.Relation(id=number, members=members, tags=tags, version=1))


def cut_here(source: Path, some: Sequence[Region], targets: Sequence[Path]) -> list[Any]:
    """``cut_all`` without a process of its own, for speed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "can_start", lambda: False)
        return cut_all(source, some, targets)


@settings(max_examples=40)
@given(scenes(), regions())
def test_every_region_is_cut_by_the_rule_and_as_if_alone(scene: Scene, some: list[Region]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, alone = folder / "whole.osm.pbf", folder / "alone.osm.pbf"
        write(scene, source)
        targets = names(folder, len(some))
        done = cut_here(source, some, targets)
        whole = Extract.read(source)
        for region, target, result in zip(some, targets, done, strict=True):
            west, south, east, north = region.area
            there = any(west <= x <= east and south <= y <= north for x, y in whole.place.values())
            assert isinstance(result, Written) is there is target.exists()
            if there:
                found = Extract.read(target)
                assert ids(found) == wanted(whole, region)
                assert list(found.tags.values()) == [whole.tags[key] for key in found.tags]
                assert all(whole.members[key] == row for key, row in found.members.items())
                assert (result.nodes, result.ways, result.relations) == (
                    len(found.place), len(found.refs), len(found.members)
                )  # fmt: skip
        if isinstance(done[-1], Written):
            cut_here(source, some[-1:], [alone])
            assert alone.read_bytes() == targets[-1].read_bytes()


# --- the reader sees no border ---


@pytest.mark.city
def test_a_district_reads_as_in_the_whole_file(tmp_path: Path) -> None:
    """Homes, venues, streets and walls of a slanted quarter of Monaco, from its cut and from all."""
    ring = [[7.415, 43.73], [7.43, 43.735], [7.428, 43.742], [7.418, 43.738], [7.415, 43.73]]
    whole, target = raw_data("monaco.osm.pbf"), tmp_path / "cut.osm.pbf"
    (tmp_path / "border.geojson").write_text(
        f'{{"type": "Feature", "properties": {{}}, "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}'
    )
    region = region_around(shapely.Polygon(ring), halo_m=400)
    cut_all(whole, [region], [target])
    cities = []
    for path in (whole, target):
        (tmp_path / "town.toml").write_text(
            STUDY.format(area='boundary = "border.geojson"\ncentre = [7.42, 43.74]', buffer_m=300)
            .replace("town.osm.pbf", str(path))
        )  # fmt: skip
        study = open_study(tmp_path / "town.toml")
        cities.append(read_city(study, load_pack(study.rule.pack)))
    assert len(cities[0].residences.frame) > 300
    for part in ("residences", "facilities", "streets", "surroundings", "gates", "neighbours"):
        assert_same(*(getattr(city, part) for city in cities), part)
    notes = [[each["code"] for each in city.facts["notes"]] for city in cities]
    assert notes[0] == notes[1] and "data_end_near_border" not in notes[0]


def assert_same(one: Any, other: Any, name: str) -> None:
    if is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name), field.name)
    elif hasattr(one, "equals"):
        assert one.equals(other), name
    elif isinstance(one, np.ndarray) and one.dtype != object:
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), name
    else:
        assert str(one) == str(other), name


def test_a_shape_leaves_no_place_within_the_halo_out() -> None:
    """Points at just that distance by the ellipsoid, from the equator to the far north."""
    rng, geod = np.random.default_rng(1), pyproj.Geod(ellps="WGS84")
    for lat in (0, 31, 70):
        around = shapely.MultiPoint(rng.uniform((120, lat), (121, lat + 1), (9, 2)))
        outline = shapely.convex_hull(around)
        assert isinstance(outline, shapely.Polygon)
        for halo_m in (1800, 20_000):
            edge = np.repeat(shapely.get_coordinates(shapely.segmentize(outline, 0.05)), 20, 0)
            far = np.full(len(edge), halo_m)
            lon, north, _ = geod.fwd(*edge.T, rng.uniform(0, 360, len(edge)), far)
            region = region_around(outline, halo_m)
            assert shapely.intersects_xy(region.shape, lon, north).all()
            assert shapely.area(shapely.box(*region.area)) < shapely.area(region.shape) * 4
            assert shapely.covers(shapely.box(*region.reach).buffer(1e-6), region.shape)


# --- what goes wrong, and what is left ---


def test_a_region_without_data_is_named_and_the_others_are_cut(tmp_path: Path) -> None:
    source = pbf(tmp_path, *WHOLE)
    done = cut_all(source, [FAR, REGION, FAR], names(tmp_path, 3))
    for fault in (done[0], done[2]):
        assert isinstance(fault, SourceError)
        assert "area 5.0000, 5.0000, 5.1000, 5.1000" in fault.in_language("en")
    cut(source, REGION, tmp_path / "alone.osm.pbf")
    assert (tmp_path / "1.osm.pbf").read_bytes() == (tmp_path / "alone.osm.pbf").read_bytes()
    assert sorted(path.name for path in tmp_path.glob("*.osm.pbf*")) == [
        "1.osm.pbf", "alone.osm.pbf", "town.osm.pbf"
    ]  # fmt: skip


def test_a_damaged_file_leaves_what_was_there_before(tmp_path: Path) -> None:
    source = pbf(tmp_path, *WHOLE)
    content = bytearray(source.read_bytes())
    content[len(content) // 2] ^= 0xFF
    source.write_bytes(content)
    (tmp_path / "1.osm.pbf").write_bytes(b"earlier")
    with pytest.raises(SourceError, match=r"town\.osm\.pbf"):
        cut_all(source, [REGION, REGION], names(tmp_path, 2))
    assert (tmp_path / "1.osm.pbf").read_bytes() == b"earlier"
    assert not (tmp_path / "0.osm.pbf").exists() and not list(tmp_path.glob("*.part"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("child_process", [True, False])
def test_a_disk_that_fills_up_is_one_message_and_nothing_half_written(
    child_process: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "can_start", lambda: child_process)
    source = pbf(tmp_path, *WHOLE)
    (tmp_path / "1.osm.pbf.part").symlink_to("/dev/full")
    with pytest.raises(OutputError, match=r"the disk is full|磁盘已满"):
        cut_all(source, [REGION, REGION], names(tmp_path, 2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scene.osm", "town.osm.pbf"]


def test_a_disk_without_room_is_said_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = pbf(tmp_path, *WHOLE)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=100))
    with pytest.raises(OutputError, match=r"no room|没有空间"):
        cut_here(source, [REGION], names(tmp_path, 1))


def test_tags_that_are_no_text_stop_only_the_region_that_has_them(tmp_path: Path) -> None:
    lake = WHOLE[7].replace('v="grass"', 'v="GRASS"')
    source = pbf(tmp_path, *WHOLE[:7], lake, kind="pbf,pbf_compression=none")
    content = source.read_bytes()
    assert content.count(b"GRASS") == 1
    source.write_bytes(content.replace(b"GRASS", b"\xff\xfe\xff\xfe\xff"))
    east = box_around(0.0, 0.09)
    done = cut_all(source, [REGION, east], names(tmp_path, 2))
    assert isinstance(done[0], InputError) and "UTF-8" in done[0].in_language("en")
    assert isinstance(done[1], Written)


def test_a_folder_with_a_comma_and_no_nodes_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """osmium's own tables take no comma in a name; ids need not be in order."""
    place = tmp_path / "a, b"
    place.mkdir()
    pbf(tmp_path, *WHOLE, name="a.osm.pbf")
    with osmium.SimpleWriter(str(tmp_path / "mixed.osm.pbf")) as writer:
        for kind in (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION):
            for low in (False, True):
                for thing in osmium.FileProcessor(str(tmp_path / "a.osm.pbf"), kind):
                    if (thing.id % 7 < 3) is low:
                        writer.add(thing)
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    cut_all(tmp_path / "mixed.osm.pbf", [REGION], names(tmp_path, 1))
    expect(tmp_path / "a.osm.pbf", REGION, tmp_path / "0.osm.pbf")
    assert not list(place.iterdir())
