"""A region cut out of an extract: what comes along whole, what does not, and what is refused."""

from __future__ import annotations

from pathlib import Path

import osm_scenes as scenes
import osmium
import pytest
from command import gusu_geo_here
from overpass import Extract

from gusu_geo.errors import SourceError, StudyError
from gusu_geo.fetching.cut import cut
from gusu_geo.fetching.region import Region, region_of
from gusu_geo.pipeline.fetch import fetch
from gusu_geo.study.study_file import open_study

# The reach holds the 16 nodes of rows 3 to 6, columns 3 to 6; the area the middle four.
REGION = Region(area=(0.035, 0.035, 0.055, 0.055), reach=(0.0295, 0.0295, 0.0605, 0.0605))
INSIDE = {10 * row + col + 1 for row in range(3, 7) for col in range(3, 7)}
STUDY = """
[study]
name = "town"
[area]
{area}
buffer_m = {buffer_m}
[network]
osm = "town.osm.pbf"
"""
WHOLE = (
    scenes.way(1, [34, 33, 32, 31], "highway=path"),  # leaves the reach
    scenes.way(2, [1, 2, 3], "highway=path"),  # never enters it
    scenes.way(4, [45, 46], ""),
    scenes.way(5, [46, 6, 5, 45], ""),
    scenes.way(6, [91, 92], ""),
    scenes.way(7, [93, 94], ""),
    scenes.way(8, [95, 96], ""),
    scenes.relation(10, "4:outer 5:outer", "type=multipolygon; landuse=grass"),
    scenes.relation(11, "4: 2:", "type=route; route=hiking"),
    scenes.relation(12, "4:outer 6:outer", "type=boundary; boundary=administrative; admin_level=4"),
    scenes.relation(13, "4:outer 7:outer", "type=boundary; boundary=administrative; admin_level=8"),
    scenes.relation(14, "2:outer", "type=multipolygon; landuse=grass"),
    scenes.relation(16, "4:outer 8:outer", "type=boundary; boundary=protected_area"),
)


def pbf(
    path: Path, *objects: str, name: str = "town.osm.pbf", kind: str = "pbf", **head: str
) -> Path:
    """The objects and all nodes of the grid as a file, as edited by somebody."""
    xml = scenes.document(*objects).replace(
        ' version="1"',
        ' version="3" timestamp="2020-02-02T00:00:00Z" changeset="9" uid="7" user="somebody"',
    )
    (path / "scene.osm").write_text(xml, encoding="utf-8")
    header = osmium.io.Header()
    for key, value in head.items():
        header.set(key, value)
    with osmium.SimpleWriter(osmium.io.File(str(path / name), kind), header=header) as writer:
        for thing in osmium.FileProcessor(str(path / "scene.osm")):
            writer.add(thing)
    return path / name


def ids(read: Extract) -> dict[str, set[int]]:
    return {kind: {number for k, number in read.tags if k == kind} for kind in "nwr"}


def test_ways_are_whole_and_areas_have_all_their_ways(tmp_path: Path) -> None:
    source = pbf(tmp_path, *WHOLE, sorting="Type_then_ID")
    written = cut(source, REGION, tmp_path / "cut.osm.pbf")
    found = ids(Extract.read(tmp_path / "cut.osm.pbf"))
    assert found == {
        "n": INSIDE | {33, 32, 31} | {5, 6} | {93, 94} | {95, 96},
        "w": {1, 4, 5, 7, 8},
        "r": {10, 11, 12, 13, 16},
    }
    assert (written.nodes, written.ways, written.relations) == (25, 5, 5)
    whole = Extract.read(source)
    kept = Extract.read(tmp_path / "cut.osm.pbf")
    assert all(whole.tags[key] == tags for key, tags in kept.tags.items())
    assert all(whole.refs[number] == refs for number, refs in kept.refs.items())


def test_a_coarser_border_comes_whole_where_the_study_asks_for_it(tmp_path: Path) -> None:
    source = pbf(tmp_path, *WHOLE)
    cut(source, Region(REGION.area, REGION.reach, level=4), tmp_path / "cut.osm.pbf")
    found = ids(Extract.read(tmp_path / "cut.osm.pbf"))
    assert 6 in found["w"] and {91, 92} <= found["n"] and 2 not in found["w"]


def test_nobody_is_named_in_what_was_cut(tmp_path: Path) -> None:
    source = pbf(tmp_path, *WHOLE)
    cut(source, REGION, tmp_path / "cut.osm.pbf")
    for thing in osmium.FileProcessor(str(tmp_path / "cut.osm.pbf")):
        assert (thing.user, thing.uid, thing.changeset) == ("", 0, 0)
        assert (thing.version, thing.timestamp.year) == (3, 2020)


def test_two_cuts_of_a_file_are_the_same_bytes_and_date_and_order_stay(tmp_path: Path) -> None:
    dated = {"sorting": "Type_then_ID", "osmosis_replication_timestamp": "2024-05-06T07:08:09Z"}
    source = pbf(tmp_path, *WHOLE, **dated)
    for name in ("a.osm.pbf", "b.osm.pbf"):
        assert cut(source, REGION, tmp_path / name).date == "2024-05-06T07:08:09Z"
    assert (tmp_path / "a.osm.pbf").read_bytes() == (tmp_path / "b.osm.pbf").read_bytes()
    header = osmium.FileProcessor(str(tmp_path / "a.osm.pbf")).header
    assert header.get("sorting", "") == "Type_then_ID"
    assert not header.box().valid()  # the extract does not say what it covers


@pytest.mark.parametrize(
    ("swap", "message"),
    [
        (lambda path: pbf(path, *WHOLE, name="town.osh.pbf", kind="pbf,history=true"), "come in several versions"),
        (lambda path: pbf(path, *WHOLE, name="town.osm", kind="osm").rename(path / "x.osm.pbf"), "PBF"),
        (lambda path: path / "none.osm.pbf", "no such file"),
        (lambda path: path, "folder"),
    ],
    ids=["history", "not pbf", "missing", "folder"],
)  # fmt: skip
def test_what_cannot_be_cut_is_one_message(swap: object, message: str, tmp_path: Path) -> None:
    source = swap(tmp_path)  # type: ignore[operator]
    study = tmp_path / "town.toml"
    study.write_text(STUDY.format(area="bbox = [0.035, 0.035, 0.055, 0.055]", buffer_m=600))
    done = gusu_geo_here("fetch", study, "--pbf", source, "--out", tmp_path / "out", "--quiet")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and message in done.stderr
    assert not list((tmp_path / "out").rglob("*.pbf"))


def test_ways_before_nodes_are_refused(tmp_path: Path) -> None:
    things = list(
        osmium.FileProcessor(str(pbf(tmp_path, *WHOLE, name="a.osm.pbf"))).with_filter(
            osmium.filter.KeyFilter("highway")
        )
    )
    assert things
    with osmium.SimpleWriter(str(tmp_path / "mixed.osm.pbf")) as writer:
        for kind in (osmium.osm.WAY, osmium.osm.NODE):
            for thing in osmium.FileProcessor(str(tmp_path / "a.osm.pbf"), kind):
                writer.add(thing)
    with pytest.raises(SourceError) as caught:
        cut(tmp_path / "mixed.osm.pbf", REGION, tmp_path / "cut.osm.pbf")
    assert "osmium sort" in caught.value.in_language("en")


def test_an_extract_of_elsewhere_is_refused_whether_it_says_so_or_not(tmp_path: Path) -> None:
    far = Region(area=(5.0, 5.0, 5.1, 5.1), reach=(4.9, 4.9, 5.2, 5.2))
    source = pbf(tmp_path, *WHOLE)
    with pytest.raises(SourceError) as caught:
        cut(source, far, tmp_path / "cut.osm.pbf")
    assert "area 5.0000, 5.0000, 5.1000, 5.1000" in caught.value.in_language("en")
    assert "does not say what it covers" in caught.value.in_language("en")
    boxed = tmp_path / "boxed.osm.pbf"
    header = osmium.io.Header()
    header.add_box(osmium.osm.Box(0.0, 0.0, 0.09, 0.09))
    with osmium.SimpleWriter(str(boxed), header=header) as writer:
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
    with pytest.raises(SourceError) as caught:
        cut(boxed, far, tmp_path / "cut.osm.pbf")
    assert "0.0000, 0.0000, 0.0900, 0.0900" in caught.value.in_language("en")
    cut(boxed, REGION, tmp_path / "cut.osm.pbf")
    box = osmium.FileProcessor(str(tmp_path / "cut.osm.pbf")).header.box()
    assert (box.bottom_left.lon, box.top_right.lat) == (0.0295, 0.0605)


def test_the_file_that_would_be_written_is_not_cut(tmp_path: Path) -> None:
    source, place = pbf(tmp_path, *WHOLE), tmp_path / "data" / "raw"
    place.mkdir(parents=True)
    (place / source.name).hardlink_to(source)
    study = tmp_path / "town.toml"
    study.write_text(STUDY.format(area="bbox = [0.035, 0.035, 0.055, 0.055]", buffer_m=600))
    before = source.read_bytes()
    with pytest.raises(StudyError, match="the very file"):
        fetch(study, out=tmp_path, pbf=source)
    assert source.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    source = pbf(tmp_path, *WHOLE)
    study = tmp_path / "town.toml"
    study.write_text(STUDY.format(area="bbox = [0.035, 0.035, 0.055, 0.055]", buffer_m=600))
    (tmp_path / "file").write_text("in the way")
    done = gusu_geo_here(
        "fetch", study, "--pbf", source, "--out", tmp_path / "file", "--lang", "zh"
    )
    assert done.returncode == 2 and "无法写入" in done.stderr and "--out" in done.stderr


@pytest.mark.parametrize(
    ("area", "box"),
    [
        ("bbox = [0.035, 0.035, 0.055, 0.055]", (0.035, 0.035, 0.055, 0.055)),
        (
            'osm_admin = { name = "T", admin_level = 8, within = [0.03, 0.03, 0.06, 0.06] }',
            (0.03, 0.03, 0.06, 0.06),
        ),
        ('boundary = "border.geojson"', (0.01, 0.02, 0.03, 0.05)),
    ],
)
def test_the_region_is_the_box_of_the_area_and_the_buffer(
    area: str, box: tuple[float, ...], tmp_path: Path
) -> None:
    ring = [[0.01, 0.02], [0.03, 0.02], [0.02, 0.05], [0.01, 0.02]]
    (tmp_path / "border.geojson").write_text(
        f'{{"type": "Feature", "properties": {{}}, "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}'
    )
    (tmp_path / "town.toml").write_text(STUDY.format(area=area, buffer_m=1105))
    region = region_of(open_study(tmp_path / "town.toml"))
    assert region.area == box
    # 1,105 m are 0.01 degree at the equator, and a little more towards the poles.
    assert region.reach[:2] == pytest.approx((box[0] - 0.01, box[1] - 0.01), abs=1e-7)
    assert region.reach[2:] == pytest.approx((box[2] + 0.01, box[3] + 0.01), abs=1e-7)


def test_a_border_by_name_needs_a_box_to_be_fetched(tmp_path: Path) -> None:
    (tmp_path / "town.toml").write_text(
        STUDY.format(area='osm_admin = { name = "姑苏区", admin_level = 6 }', buffer_m=0)
    )
    done = gusu_geo_here("fetch", tmp_path / "town.toml", "--lang", "zh", "--out", tmp_path)
    assert done.returncode == 2 and "within" in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()
