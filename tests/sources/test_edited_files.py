"""OSM files as editors and servers leave them: read truly, or refused by name."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import osmium
import pytest
from osm_scenes import GRID, document, lanes, node, read, relation, way

from gusu_geo.errors import SourceError
from gusu_geo.sources.osm.boundaries import boundaries
from gusu_geo.sources.osm.edited import NEW_IDS
from gusu_geo.sources.osm.extract import OsmExtract, read_osm
from gusu_geo.sources.osm.slips import believed, clusters

PATH = way(7, [1, 2], "highway=path")


def raw(tmp_path: Path, content: str, name: str = "a.osm") -> OsmExtract:
    path = tmp_path / name
    path.write_text(f'<?xml version="1.0"?>\n{content}', encoding="utf-8")
    return read_osm(path)


def ways(extract: OsmExtract) -> list[int]:
    return [number for number, _ in lanes(extract.streets)]


# --- deleted objects, older versions, new objects ---------------------------------------------


@pytest.mark.parametrize("mark", ['visible="false"', 'action="delete"', 'action="delete" visible="true"'])  # fmt: skip
def test_nobody_walks_on_a_deleted_way_or_visits_a_deleted_place(tmp_path: Path, mark: str) -> None:
    gone = way(8, [2, 3], "highway=path").replace(" version", f" {mark} version")
    shop = node(44, "shop=bakery").replace(" version", f" {mark} version")
    extract = read(tmp_path, PATH, gone, shop, node(45, "shop=books"))
    assert ways(extract) == [7]
    assert extract.places.index.tolist() == ["n45"]
    assert (extract.edits.objects, extract.edits.dropped) == (102, ("n44", "w8"))


def versions(kind: str) -> list[str]:
    """A way that was a road, then a path, then moved; one that was deleted; in the order given."""
    first = way(8, [2, 3], "highway=motorway")
    second = way(8, [2, 4], "highway=path").replace('version="1"', 'version="2"')
    gone = way(9, [4, 5], "").replace('version="1"', 'version="3" visible="false"')
    was = way(9, [4, 5], "highway=path")
    return {"old first": [first, second, was, gone], "new first": [second, first, gone, was]}[kind]


@pytest.mark.parametrize("kind", ["old first", "new first"])
def test_of_several_versions_the_newest_counts(tmp_path: Path, kind: str) -> None:
    extract = read(tmp_path, PATH, *versions(kind))
    assert lanes(extract.streets) == [(7, [1, 2]), (8, [2, 4])]
    assert (extract.edits.repeated, extract.edits.dropped) == (2, ("w9",))


@pytest.mark.parametrize("ending", ["osh.pbf", "osm.pbf"])
def test_a_history_in_pbf_counts_its_newest_versions(tmp_path: Path, ending: str) -> None:
    """osh.pbf says that it is one; the other looks like a sorted file of objects that come once."""
    plain, path = tmp_path / "h.osm", tmp_path / f"h.{ending}"
    plain.write_text(document(PATH, *versions("old first")), encoding="utf-8")
    header = osmium.io.Header()
    header.has_multiple_object_versions = True
    header.set("sorting", "Type_then_ID")
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for thing in osmium.FileProcessor(str(plain)):
            writer.add(thing)
    extract = read_osm(path)
    assert lanes(extract.streets) == [(7, [1, 2]), (8, [2, 4])]
    assert extract.edits.dropped == (("w9",) if ending == "osh.pbf" else ())


NEW = (
    '<node id="-1" lon="0.5" lat="0.5"/><node id="-2" lon="0.51" lat="0.5"/>'
    '<node id="-3" lon="0.51" lat="0.51"/>'
    '<way id="-5"><nd ref="-1"/><nd ref="-2"/><nd ref="1"/><tag k="highway" v="path"/></way>'
    '<way id="-6"><nd ref="-1"/><nd ref="-2"/><nd ref="-3"/><nd ref="-1"/></way>'
    '<relation id="-8"><member type="way" ref="-6" role="outer"/>'
    '<tag k="type" v="multipolygon"/><tag k="building" v="house"/></relation>'
)


def test_what_was_drawn_in_an_editor_has_its_place(tmp_path: Path) -> None:
    """osmium keeps no places of nodes below 0, so streets and houses of JOSM vanished."""
    extract = read(tmp_path, PATH, NEW.replace('lon="0.5', 'lon="0.05').replace('lat="0.5', 'lat="0.05'))  # fmt: skip
    assert ways(extract) == [7, NEW_IDS + 5]
    assert extract.buildings.index.tolist() == [f"r{NEW_IDS + 8}"]
    assert extract.edits.new == 6
    path = tmp_path / "n.osm.pbf"
    header = osmium.io.Header()
    header.set("sorting", "Type_then_ID")
    with osmium.SimpleWriter(str(path), header=header) as writer:
        merger = osmium.MergeInputReader()
        merger.add_file(str(tmp_path / "scene.osm"))
        merger.apply(writer)
    assert lanes(read_osm(path).streets) == lanes(extract.streets)


# --- refused by name --------------------------------------------------------------------------

TIMED_OUT = (
    '<remark> runtime error: Query timed out in "query" at line 3 after 26 seconds. </remark>'
)
MIXED = way(8, [1, 2, 3], "highway=path").replace('<nd ref="3"/>', "") + "!"
MIXED = MIXED.replace("</way>!", '<nd ref="3"/></way>')  # osmium reads it without node 3
TAGS = way(8, [1, 2], "name=a; highway=path").replace('<nd ref="1"/><nd ref="2"/>', "")
TAGS = TAGS.replace('<tag k="highway"', '<nd ref="1"/><nd ref="2"/><tag k="highway"')  # no street
CREATE = '<create><node id="1" lon="1" lat="1" version="1"/></create>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (document(PATH, TIMED_OUT), "broke off this download.*timed out"),
        (document(PATH, "<remark>runtime error: out of memory</remark>"), "broke off"),
        (document(PATH).replace('<node id="3"', "<node"), "<node> without an id"),
        (document(PATH).replace('<way id="7"', "<way"), "<way> without an id"),
        (document(MIXED), r"<way id='8'>: other elements stand between its <nd> elements"),
        (document(TAGS), r"<way id='8'>: other elements stand between its <tag> elements"),
        (f'<osmChange version="0.6">{CREATE}</osmChange>', r"a file of changes \(osmChange\)"),
        (f'<osm><action type="create">{CREATE}</action></osm>', "a file of changes"),
        ('<!DOCTYPE html PUBLIC "x" "y">\n<html><body>Error: runtime error</body></html>', "a web page"),
        ("<gpx/>", "XML of another kind"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.osm", "a.osm.gz"])
def test_what_is_no_whole_osm_file_is_refused_by_name(
    tmp_path: Path, content: str, words: str, name: str
) -> None:
    path = tmp_path / name
    data = content if content.startswith("<?xml") else f'<?xml version="1.0"?>\n{content}'
    path.write_bytes(gzip.compress(data.encode()) if name.endswith("gz") else data.encode())
    with pytest.raises(SourceError, match=words) as caught:
        read_osm(path)
    assert caught.value.where == str(path)
    assert caught.value.fix


def test_other_remarks_are_no_fault(tmp_path: Path) -> None:
    assert ways(read(tmp_path, PATH, "<remark>from a survey of May</remark>")) == [7]


# --- boxes ------------------------------------------------------------------------------------


def bounds(west: float, south: float, east: float, north: float) -> str:
    return f'<bounds minlon="{west}" minlat="{south}" maxlon="{east}" maxlat="{north}"/>'


def test_several_boxes_are_kept_and_their_hull_is_not(tmp_path: Path) -> None:
    head = bounds(0, 0, 0.1, 0.1) + bounds(0.4, 0, 0.5, 0.1)
    extract = read(tmp_path, PATH, head=head)
    assert extract.boxes == ((0, 0, 0.1, 0.1), (0.4, 0, 0.5, 0.1))
    assert extract.extent.area == pytest.approx(0.02)


def test_an_old_bound_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, PATH, head='<bound box="0,0,1,1" origin="x"/>').boxes == ((0, 0, 1, 1),)


@pytest.mark.parametrize(
    "box", [(-180, -90, 180, 90), (0, 0, 180, 90), (-8, -8, 8, 8), (0, 0, 0, 0), (50, 50, 51, 51)]
)
def test_a_box_that_the_data_do_not_fill_is_not_believed(
    tmp_path: Path, box: tuple[float, float, float, float]
) -> None:
    streets = [way(row, range(10 * row + 2, 10 * row + 11), "highway=path") for row in range(1, 9)]
    extract = read(tmp_path, *streets, head=bounds(*box))
    assert extract.boxes == (pytest.approx((0.01, 0.01, 0.09, 0.08)),)
    assert extract.counts["boxes_wrong"] == 1


def test_data_in_two_cities_cover_both_and_not_what_lies_between() -> None:
    points = [(7.0, 43.0), (7.2, 43.3), (120.0, 31.0), (120.4, 31.1)]
    two = [(7.0, 43.0, 7.2, 43.3), (120.0, 31.0, 120.4, 31.1)]
    assert clusters(_array(points)) == two
    assert believed((), _array(points)) == (tuple(two), 0)
    assert believed(((7, 31, 121, 44),), _array(points)) == (tuple(two), 1)


def _array(points: list[tuple[float, float]]):  # type: ignore[no-untyped-def]
    import numpy as np

    return np.array(points, float)


# --- nodes far away, or nowhere ----------------------------------------------------------------

FAR = '<node id="900" lon="100" lat="1"/>'


def test_one_node_far_away_takes_its_way_and_no_other(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        FAR,
        PATH,
        way(901, [1, 900], "highway=footway"),
        way(902, [1, 900], "route=ferry"),
        way(903, [1, 2, 900, 1], "building=house"),
        way(904, [1, 2, 12, 1], "building=house"),
        way(905, [1, 900], "barrier=wall"),
        way(906, [3, 900], "barrier=wall"),
        way(907, [3, 4], "barrier=wall"),
    )
    assert ways(extract) == [7, 902], "ferries do run that far"
    assert extract.buildings.index.tolist() == ["w904"]
    assert extract.surroundings["kind"].tolist() == ["wall"]
    far = {key: ids for key, ids in extract.named.items() if ids}
    assert far == {
        "streets_far": ("w901",),
        "buildings_far": ("w903",),
        "lines_far": ("w905", "w906"),
    }
    assert extract.counts["streets_far"] == 1
    assert (extract.counts["buildings_far"], extract.counts["lines_far"]) == (1, 2)


def test_a_street_across_180_degrees_is_not_far(tmp_path: Path) -> None:
    two = '<node id="901" lon="179.9999" lat="0"/><node id="902" lon="-179.9999" lat="0"/>'
    extract = read(tmp_path, two, PATH, way(8, [901, 902], "highway=path"))
    assert ways(extract) == [7, 8]


def test_a_node_off_the_globe_is_as_if_it_were_missing(tmp_path: Path) -> None:
    lost = '<node id="900" lon="200" lat="0"/><node id="901" lon="0" lat="95"/>'
    shop = '<node id="902" lon="0" lat="-91"><tag k="shop" v="bakery"/></node>'
    extract = read(
        tmp_path,
        lost,
        shop,
        way(7, [1, 2, 900, 3, 4], "highway=path"),
        way(8, [1, 901, 11, 1], "building=house"),
        way(9, [1, 901, 2, 3], "barrier=wall"),
    )
    assert lanes(extract.streets) == [(7, [1, 2]), (7, [3, 4])]
    assert extract.counts["buildings_broken"] == 1
    assert extract.surroundings.geometry.iloc[0].bounds == (0.01, 0, 0.02, 0)
    assert (extract.named["unplaced"], extract.counts["places_unplaced"]) == (("n902",), 1)
    assert list(GRID)[:2] == [1, 2]


# --- walls drawn as relations, water under ground ------------------------------------------------


def kinds(extract: OsmExtract) -> list[tuple[str, str]]:
    rows = extract.surroundings
    return sorted(zip(rows["kind"], rows.geom_type, strict=True))


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ("type=multipolygon; barrier=city_wall", "wall"),
        ("type=multipolygon; barrier=fence", "wall"),
        ("type=boundary; barrier=wall; boundary=protected_area", "wall"),
        ("type=site; barrier=wall", "wall"),
        ("type=collection; natural=cliff", "wall"),
        ("type=waterway; waterway=canal", "waterway"),
        ("type=multipolygon; railway=rail", "railway"),
        ("type=multipolygon; highway=motorway; area=yes", "motorway"),
        ("type=multipolygon; natural=coastline", "coast"),
    ],
)  # fmt: skip
def test_a_barrier_drawn_as_a_relation_bars_like_its_ways(
    tmp_path: Path, tags: str, kind: str
) -> None:
    ring = way(8, [1, 2, 12, 1], "")
    rest = way(9, [3, 4], "name=of the wall"), way(10, [4, 5], "highway=path")
    extract = read(
        tmp_path, PATH, ring, *rest, relation(2, "8:outer 9:outer 10:outer 11:outer", tags)
    )
    assert kinds(extract) == [(kind, "LineString")] * 2, "a street in it is no wall"
    assert extract.counts["lines_of_relations"] == 2


def test_routes_lend_nothing_and_ways_keep_their_own_tags(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        PATH,
        way(8, [1, 2], ""),
        way(9, [3, 4], "waterway=stream"),
        way(10, [4, 5], "tunnel=yes"),
        relation(2, "8:", "type=route; railway=rail"),
        relation(3, "9: 10:", "type=waterway; waterway=river"),
    )
    assert kinds(extract) == [("stream", "LineString")]


@pytest.mark.parametrize(
    "tags",
    ["location=underground", "covered=yes", "tunnel=culvert", "culvert=yes", "bridge=aqueduct", "location=roof"],
)  # fmt: skip
@pytest.mark.parametrize("water", ["natural=water", "waterway=riverbank", "landuse=reservoir"])
def test_nobody_gets_wet_in_water_off_the_surface(tmp_path: Path, tags: str, water: str) -> None:
    ring = [1, 2, 12, 1]
    extract = read(
        tmp_path, PATH, way(8, ring, f"{water}; {tags}"), way(9, ring, f"{water}; layer=-1")
    )
    assert kinds(extract) == [("water", "Polygon")], "a layer alone says nothing"
    assert extract.counts["off_surface"] == 1


def test_a_wall_under_ground_bars_nobody(tmp_path: Path) -> None:
    under = way(8, [1, 2], "barrier=retaining_wall; location=underground")
    assert kinds(read(tmp_path, PATH, under, way(9, [3, 4], "barrier=wall; tunnel=yes"))) == [
        ("wall", "LineString")
    ]


@pytest.mark.parametrize("broken", [False, True])
def test_a_role_that_is_no_text_is_one_clear_message(tmp_path: Path, broken: bool) -> None:
    """Tags were guarded, roles of members not; a border with a gap is read a second time."""
    ring = way(8, [1, 2, 12, 1], ""), way(9, [1, 11], "")
    border = relation(3, "8:outer 9:outer 10:outer", "type=boundary; boundary=administrative; admin_level=8; name=x")  # fmt: skip
    whole, path = read(tmp_path, PATH, *ring, border), tmp_path / "a.osm.pbf"
    target = osmium.io.File(str(path), "pbf,pbf_compression=none")
    with osmium.SimpleWriter(target) as writer:
        for thing in osmium.FileProcessor(str(tmp_path / "scene.osm")):
            writer.add(thing)
    content = path.read_bytes()
    assert content.count(b"outer") == 1
    path.write_bytes(content.replace(b"outer", b"\xffuter"))
    with pytest.raises(SourceError, match=r"a\.osm\.pbf: .*UTF-8"):
        if broken:
            boundaries(replace(whole, path=path), 8)
        else:
            read_osm(path)
