"""OSM files: formats and order, files that are broken in every way we know, and real extracts
against a second, plain counting."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import osmium
import pytest
from conftest import ROOT, raw_data, shared_data
from osm_scenes import GRID, document, lanes, node, read, relation, way

from gusu_geo.errors import OutputError, SourceError
from gusu_geo.sources.osm import file
from gusu_geo.sources.osm.extract import TABLES, OsmExtract, read_osm
from gusu_geo.sources.osm.walk_policy import CLASSES
from gusu_geo.tables import NodeFlag

MONACO = "monaco.osm.pbf"
WALLS = ("wall", "city_wall", "retaining_wall", "fence", "hedge")
SHARED = [
    "nanjing_old_city_2021.osm.pbf",
    "beijing_tsinghua_2017.osm.pbf",
]

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
    node(61, "highway=traffic_signals"),
    way(21, [51, 61, 71], "highway=primary; foot=no"),
    way(20, [60, 61, 62], "highway=footway; footway=crossing"),
    way(22, [81, 82, 92, 81], "landuse=residential; name=小区"),
    way(23, [81, 84], "barrier=fence; width=0.2"),
)


def same(one: OsmExtract, other: OsmExtract) -> bool:
    """Whether two extracts hold the same tables, to the last bit."""
    for name in (
        "node_ids",
        "lonlat",
        "node_flags",
        "way_ptr",
        "way_nodes",
        "way_ids",
        "highway",
        "flags",
        "name",
    ):
        if not np.array_equal(getattr(one.streets, name), getattr(other.streets, name)):
            return False
    return one.counts == other.counts and all(
        getattr(one, name).equals(getattr(other, name)) for name in TABLES
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
    assert len(extract.streets.way_ids) == 3
    assert extract.path == path
    assert extract.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_a_small_file_that_would_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    """Some kB unpack to some GB of spaces; here to MB, and what any file may is less."""
    monkeypatch.setattr(file, "_UNPACKED_FREE", 1_000_000)
    content, path = document(*SCENE).encode(), tmp_path / f"a.osm.{ending}"
    path.write_bytes(pack(content + b" " * 5_000_000))
    with pytest.raises(SourceError, match="unpacks to more than 200 times its size"):
        read_osm(path)
    path.write_bytes(pack(content + b" " * 900_000))
    assert len(read_osm(path).streets.way_ids) == 3


@pytest.mark.parametrize("seed", range(4))
def test_order_of_the_file_changes_nothing(tmp_path: Path, seed: int) -> None:
    """Not within a type, nor ways before their nodes."""
    objects = [node(number) for number in GRID if number not in (1, 3, 4, 61)] + list(SCENE)
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
    assert extract.boxes == ((0.0, 0.0, 0.03, 0.0),), "of what is used: nodes 1 to 4"
    box = '<bounds minlon="-1" minlat="-1" maxlon="1" maxlat="1"/>'
    extract = read(tmp_path, way(7, [1, 2], "highway=path"), head=box)
    assert extract.date == "", "no object carries a time"
    assert extract.boxes == ((-1, -1, 1, 1),)


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
        ("a.osm", b"<?xml version='1.0'?><gpx version='1.1'></gpx>", "is not OSM XML"),
        ("a.osm", b"<?xml version='1.0'?><osm version='0.6'></osm>", "no objects"),
        ("a.osm", XML.replace(b'lon="0.01"', b'lon="east"'), "cannot be read"),
        ("a.osm.gz", XML, "is not gzip"),
        ("a.osm.gz", gzip.compress(XML, mtime=0)[:-9], "cut off or damaged"),
        ("a.osm.gz", gzip.compress(b"", mtime=0), "cannot be read"),
        ("a.osm.bz2", XML, "is not bzip2"),
        ("a.osm.bz2", bz2.compress(XML)[:-9], "cut off or damaged"),
    ],
)
def test_broken_files(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert words in refused(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<way id="7"', '<way id="seven"'),
        ('<way id="7"', '<way id="99999999999999999999"'),
        ('<nd ref="1"/>', '<nd ref=""/>'),
        ('<nd ref="1"/>', '<nd ref="1e5"/>'),
        ('version="1"><nd', 'version="one"><nd'),
        ('version="1"><nd', 'version="-5"><nd'),
        ('version="1"><nd', 'timestamp="2024-05-01"><nd'),
        ('version="1"><nd', 'uid="x"><nd'),
        ('version="1"><nd', 'changeset="x"><nd'),
        ('v="path"', f'v="{"x" * 70_000}"'),
        ('k="highway"', f'k="{"x" * 70_000}"'),
    ],
)
def test_one_bad_value_in_xml_is_one_message(tmp_path: Path, old: str, new: str) -> None:
    """Its reader raises errors of several classes for them."""
    content = document(way(7, [1, 2], "highway=path"))
    assert content.count(old) == 1
    path = tmp_path / "a.osm"
    path.write_text(content.replace(old, new))
    assert "cut off or damaged" in refused(path)


@pytest.mark.parametrize("ending", ["gz", "bz2"])
def test_several_packed_streams_are_one_file(tmp_path: Path, ending: str) -> None:
    """As pigz, pbzip2 and ``cat a.gz b.gz`` write them (RFC 1952, 2.2)."""
    pack = {"gz": gzip.compress, "bz2": bz2.compress}[ending]
    plain = document(*SCENE).encode()
    path = tmp_path / f"a.osm.{ending}"
    path.write_bytes(b"".join(pack(plain[at : at + 700]) for at in range(0, len(plain), 700)))
    extract = read_osm(path)
    assert same(extract, read(tmp_path, *SCENE))
    assert extract.path == path
    assert extract.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes()[:-9])
    assert "cut off or damaged" in refused(path)


def borders(data: bytes) -> list[int]:
    """Where the blocks of a PBF file end, by the names that begin them."""
    starts = [at - 6 for at in range(len(data)) if data[at : at + 7] in (b"OSMHead", b"OSMData")]
    return [*starts[1:], len(data)]


@pytest.mark.city
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


@pytest.mark.city
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


@cache
def extract_of(name: str) -> OsmExtract:
    """Read once for the tests that only look at it."""
    return read_osm(real(name))


@pytest.mark.parametrize("name", [MONACO, *SHARED])
def test_real_files_against_plain_counting(name: str) -> None:
    """Another pass over the file, object by object, in Python, with rules of its own."""
    extract = extract_of(name)
    known: set[int] = set()
    houses: set[str] = set()
    segments: Counter[tuple[int, int, int]] = Counter()
    must, must_not, tagged = set(), set(), Counter()
    lights, lifts = set(), set()
    plain = {"footway", "path", "steps", "residential", "service", "living_street", "tertiary"}
    for thing in osmium.FileProcessor(str(real(name))):
        if thing.is_node():
            known.add(thing.id)
            if not thing.tags:
                continue
        tags = dict(thing.tags)
        if thing.is_node():
            tagged["amenity"] += "amenity" in tags
            tagged["barrier"] += "barrier" in tags
            if tags.get("highway") == "crossing" and tags.get("crossing") == "traffic_signals":
                lights.add(thing.id)
            elif tags.get("highway") == "elevator":
                lifts.add(thing.id)
        elif thing.is_way():
            refs = [ref.ref for ref in thing.nodes]
            tagged["wall"] += tags.get("barrier") in WALLS or tags.get("natural") == "cliff"
            tagged["homes"] += (
                refs[0] == refs[-1] and tags.get("landuse") == "residential" and "name" in tags
            )
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
    streets = extract.streets
    for ids, flag in ((lights, NodeFlag.SIGNALS), (lifts, NodeFlag.LIFT)):
        flagged = set(streets.node_ids[(streets.node_flags & flag) != 0].tolist())
        assert ids & set(streets.node_ids.tolist()) <= flagged
        if flag is NodeFlag.LIFT:
            assert flagged <= ids
    assert (extract.surroundings["kind"] == "wall").sum() == tagged["wall"]
    assert len(extract.compounds) == tagged["homes"]


@pytest.mark.parametrize("name", [MONACO, *SHARED])
def test_real_files_hold_together(name: str) -> None:
    extract = extract_of(name)
    streets, counts = extract.streets, extract.counts
    assert (np.diff(streets.way_ptr) >= 2).all()
    assert streets.way_ptr[-1] == len(streets.way_nodes)
    assert (np.diff(streets.node_ids) > 0).all() and (np.diff(streets.way_ids) >= 0).all()
    assert len(np.unique(streets.way_nodes)) == len(streets.node_ids), "no vertex without a way"
    assert len({*streets.highway.tolist()} - set(CLASSES)) == 0
    reasons = sum(count for key, count in counts.items() if key.startswith("highways_"))
    tagged = osmium.filter.KeyFilter("highway")
    ways = osmium.FileProcessor(str(real(name)), osmium.osm.WAY).with_filter(tagged)
    assert reasons == sum(1 for _ in ways)
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
    extract = extract_of(MONACO)
    assert extract.date == "2023-12-26T21:21:22Z"
    assert extract.boxes[0] == pytest.approx((7.409205, 43.72335, 7.448637, 43.75169))
    # The file holds all member ways of six of the nine wards, and not of Monaco itself.
    assert sorted(extract.admin["name"]) == [
        "Fontvieille", "La Condamine", "La Rousse", "Larvotto", "Monaco-Ville", "Monte-Carlo"]  # fmt: skip
    assert {"Monaco (2)", "Monaco (8)", "Les Monegetti (10)"} <= set(extract.admin_incomplete)
    assert same(extract, read_osm(raw_data(MONACO)))


def test_chinese_names_of_nanjing_come_whole() -> None:
    extract = extract_of("nanjing_old_city_2021.osm.pbf")
    assert {"进香河路", "太平北路"} <= set(extract.streets.name)


def test_importing_the_package_does_not_load_osmium() -> None:
    code = "import sys, gusu_geo.sources.osm.extract; sys.exit('osmium' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
