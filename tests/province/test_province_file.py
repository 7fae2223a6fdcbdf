"""PROVINCE.toml and the districts it names: what is taken, and what is refused in one message."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import osm_scenes as scenes
import pytest
import region_towns as towns
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.errors import InputError
from gusu_geo.geometry import local_crs, transformer
from gusu_geo.province import province_file
from gusu_geo.province.districts import centre_of, districts_of, find_districts, slug_of
from gusu_geo.province.outlines import alike_along_borders
from gusu_geo.province.province_file import halos, open_province
from gusu_geo.province.studies import toml_text, write_studies
from gusu_geo.sources.area import STRAIGHT_DEGREES
from gusu_geo.study.part import Part
from gusu_geo.study.schema import key_of
from gusu_geo.study.study_file import open_study
from gusu_geo.words import section

WEST, EAST = shapely.box(120.62, 31.31, 120.63, 31.32), shapely.box(120.63, 31.31, 120.64, 31.32)


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A province that can be read."""
    folder = tmp_path_factory.mktemp("land")
    towns.write_region(folder, 3)
    return folder


def fault(path: Path) -> tuple[str, str]:
    """The one message, in both languages."""
    with pytest.raises(InputError) as caught:
        districts_of(open_province(path))
    words = caught.value.in_language("zh"), caught.value.in_language("en")
    assert "\n" not in "".join(words) and not re.search(r"[\u4e00-\u9fff]", words[1])
    return words


def written(land: Path, folder: Path, change: tuple[str, str], **files: str) -> Path:
    """The province in a folder of its own with a part of its file replaced, and further files."""
    for each in land.iterdir():
        if each.is_file():
            (folder / each.name).write_bytes(each.read_bytes())
    words = towns.PROVINCE
    assert change[0] in words
    path = folder / "province.toml"
    path.write_text(words.replace(*change), encoding="utf-8")
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('name = "land"', 'name = "land"\ntemplat = "x"'), "Did you mean 'template'"),
        (("[districts]", "[districts]\nlevle = 6"), "Did you mean 'level'"),
        (('[province]\nname = "land"', 'name = "land"'), "[province] table"),
        (("[region]", "[scheduler]\nworkers = 0\n[region]"), "scheduler.workers"),
        (('template = "template.toml"\n', ""), "give template"),
        (('template = "template.toml"', 'template = "templat.toml"'), "templat"),
        (("halo_m = 446", "halo_m = 445"), "at least 446 m"),
        (("halo_m = 446", "halo_m = 1e9"), "halo_m"),
        (('osm = "town.osm.pbf"', 'osm = "twon.osm.pbf"'), "region.osm: no such file"),
        (('outlines = "districts.geojson"', "level = 6"), "no administrative boundary of level 6"),
        (('outlines = "districts.geojson"', 'level = 6\noutlines = "districts.geojson"'), "exactly one"),
        (('outlines = "districts.geojson"', 'outlines = "x.geojson"'), "districts.outlines: no such file"),
        (('outlines = "districts.geojson"', 'outlines = "districts.geojson"\nwithin = "x"'), "within"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_one_message(
    change: tuple[str, str], message: str, land: Path, tmp_path: Path
) -> None:
    assert message in fault(written(land, tmp_path, change))[1]


SAME = ("[districts]", "[districts]")


@pytest.mark.parametrize(
    ("outlines", "codes", "message"),
    [
        ({"a": WEST, "b": shapely.box(120.629, 31.31, 120.64, 31.32)}, (), "a and b 105,541 m2"),
        (
            {"a": WEST, "A": EAST},
            (),
            "one name, and no codes that differ: a (districts.geojson 1), A",
        ),
        ({"a": WEST, "b": shapely.Polygon()}, (), "row 2"),
        ({"🌴": WEST, "b": EAST}, (), "no codes that differ"),
    ],
)
def test_districts_that_cannot_be_are_one_message(
    outlines: dict[str, shapely.Geometry],
    codes: tuple[str, ...],
    message: str,
    land: Path,
    tmp_path: Path,
) -> None:
    path = written(land, tmp_path, SAME)
    more = {"code": list(codes)} if codes else {}
    towns.write_outlines(tmp_path / "districts.geojson", outlines, **more)
    assert message in fault(path)[1]


def test_names_become_keys_that_are_unique_and_stay(land: Path, tmp_path: Path) -> None:
    path = written(land, tmp_path, SAME)
    names = {"西/区 🌴": WEST, "Ost": EAST, "ost ": shapely.box(120.64, 31.31, 120.65, 31.32)}
    towns.write_outlines(tmp_path / "districts.geojson", names, code=["1", "2", "3"])
    first = {one.name: one.key for one in districts_of(open_province(path))}
    assert first == {"西/区 🌴": "land-西-区", "Ost": "land-Ost-2", "ost": "land-ost-3"}
    turned = dict(reversed(names.items()))
    towns.write_outlines(tmp_path / "districts.geojson", turned, code=["3", "2", "1"])
    districts = districts_of(open_province(path))
    assert {one.name: one.key for one in districts} == first
    assert [one.key for one in districts] == sorted(first.values())


@given(name=st.text(max_size=60))
def test_any_name_is_a_file_name(name: str) -> None:
    slug = slug_of(name)
    assert slug == slug_of(name) and len(slug) <= 32 and len(slug.encode()) <= 128
    assert re.fullmatch(r"[\w-]*", slug) and not slug.startswith("-")


def test_an_own_study_reads_the_region(land: Path, tmp_path: Path) -> None:
    own = towns.TEMPLATE.replace("town.osm.pbf", "other.osm.pbf").format(homes="")
    change = ('outlines = "districts.geojson"\ncrs = "wgs84"', 'studies = ["own.toml"]')
    path = written(land, tmp_path, change, own_toml=own)
    assert "give template" in fault(path)[1]
    words = path.read_text("utf-8").replace('template = "template.toml"\n', "")
    path.write_text(words, encoding="utf-8")
    assert "not that of the region, town.osm.pbf" in fault(path)[1]
    (tmp_path / "own.toml").write_text(towns.TEMPLATE.format(homes=""), encoding="utf-8")
    (district,) = districts_of(open_province(path))
    assert (district.key, district.study) == ("land-template", (tmp_path / "own.toml").resolve())


def test_paths_of_the_template_still_lead_there(land: Path, tmp_path: Path) -> None:
    ledger = 'source = "ledgers/homes.csv"\ncrs = "wgs84"'
    path = written(land, tmp_path, SAME, template_toml=towns.TEMPLATE.format(homes=ledger))
    assert "ledgers/homes.csv" in fault(path)[1] and "residences.source" in fault(path)[1]
    (tmp_path / "ledgers").mkdir()
    (tmp_path / "ledgers/homes.csv").write_text("id,lon,lat\n1,120.625,31.315\n")
    province = open_province(path)
    paths = write_studies(province, districts_of(province), tmp_path / "elsewhere" / "out")
    for each in paths:
        study = open_study(each)
        assert study.path(study.residences.source) == (tmp_path / "ledgers/homes.csv").resolve()
        assert study.path(study.rule.pack) == (tmp_path / "pack.toml").resolve()
        assert not Path(study.rule.pack).is_absolute()
        assert study.area.centre == centre_of(districts_of(province))


def test_every_key_says_what_it_is() -> None:
    own = [
        one
        for one in vars(province_file).values()
        if isinstance(one, type)
        and issubclass(one, Part)
        and one.__module__ == province_file.__name__
    ]
    keys = {key_of(one, key) for one in own for key in one.model_fields}
    ours = {key for key in keys if key.split(".")[0] in {one.__name__ for one in own}}
    assert set(section("province_key")) == {one.__name__ for one in own} | ours - {
        "Province.root", "Province.where"
    }  # fmt: skip


def test_the_halo_holds_the_walk_and_an_island() -> None:
    study = open_study("monaco")
    assert halos(study) == (30 * 60 * 1.2 + 2 * 100 + 5000,) * 2
    small = study.model_copy(
        update={"network": study.network.model_copy(update={"island_max_m": 100.0})}
    )
    assert halos(small) == (2460.0, 7360.0)


STEPS = st.integers(1, 99)
LINES = st.lists(st.tuples(STEPS, STEPS), min_size=1, max_size=6, unique_by=lambda each: each[1])


@settings(max_examples=30)
@given(bends=LINES, cuts=st.lists(STEPS, max_size=3, unique=True))
def test_no_ground_lies_between_districts_in_metres(
    bends: list[tuple[int, int]], cuts: list[int]
) -> None:
    """A crooked border; the east has corners on it where others meet it in a T."""
    line = [
        (120.5, 31.2),
        *((120.4 + 0.002 * x, 31.2 + 0.001 * y) for x, y in bends),
        (120.5, 31.3),
    ]
    line.sort(key=lambda each: each[1])
    west = shapely.Polygon([(120.2, 31.2), *line, (120.2, 31.3)])
    east = shapely.Polygon([*reversed(line), (120.8, 31.2), (120.8, 31.3)])
    parts = [west]
    lines = [
        shapely.LineString([(120, 31.2 + 0.001 * cut), (121, 31.2 + 0.001 * cut)]) for cut in cuts
    ]
    rest = shapely.get_parts(shapely.polygonize([shapely.union_all([east.boundary, *lines])]))
    parts += [part for part in rest if east.buffer(1e-9).covers(part)]
    way = transformer("EPSG:4326", local_crs(120.5, 31.25))
    moved = [
        shapely.transform(part, lambda xy: np.column_stack(way.transform(*xy.T)))
        for part in shapely.segmentize(alike_along_borders(parts), STRAIGHT_DEGREES)
    ]
    assert all(part.is_valid for part in moved)
    gaps = shapely.union_all(moved).area - sum(part.area for part in moved)
    assert abs(gaps) < 1e-3
    corners = [set(map(tuple, shapely.get_coordinates(part).tolist())) for part in moved]
    for one, part in zip(corners, moved, strict=True):
        near = [
            xy for each in corners for xy in each if part.boundary.dwithin(shapely.Point(xy), 1e-6)
        ]
        assert one.issuperset(near), "both sides have the same corners, to the bit"


def test_a_document_is_read_as_it_was_written() -> None:
    document = {
        "study": {"name": "甲", "title": {"zh": 'a "b"\n\x7f', "en": "\\"}, "on": True},
        "rule": {"minutes": 0.1 + 0.2, "override": [{"where": {"类 型": ["x"]}}]},
        "zones": [{"level": "a"}, {"level": "b", "names": []}],
        "region": {},
    }
    assert tomllib.loads(toml_text(document)) == document


BORDER = "type=boundary; boundary=administrative; admin_level={}; name={}"
WARDS = (
    scenes.way(1, [3, 2, 1, 11, 21, 22, 23], ""),
    scenes.way(2, [3, 13, 23], ""),
    scenes.way(3, [3, 4, 5, 15, 25, 24, 23], ""),
    scenes.relation(11, "1:outer 2:outer", BORDER.format(8, "Ward")),
    scenes.relation(12, "2:outer 3:outer", BORDER.format(8, "Ward")),
    scenes.relation(13, "1:outer 3:outer", BORDER.format(6, "County")),
    scenes.relation(14, "3:outer 99:outer", BORDER.format(8, "Cut off")),
    scenes.way(4, [31, 32], "highway=residential"),
)


def test_boundaries_of_the_file_are_districts(land: Path, tmp_path: Path) -> None:
    change = ('outlines = "districts.geojson"\ncrs = "wgs84"', "level = 8\nwithin = {}")
    path = written(land, tmp_path, change)
    words = path.read_text("utf-8").replace("town.osm.pbf", "wards.osm")
    (tmp_path / "wards.osm").write_text(scenes.document(*WARDS), "utf-8")

    def found(within: str) -> list[str]:
        path.write_text(words.format(within), "utf-8")
        return [one.key for one in districts_of(open_province(path))]

    assert found('"County"') == ["land-Ward-r11", "land-Ward-r12"]
    assert found("[0.021, 0.0, 0.05, 0.05]") == ["land-Ward"]
    path.write_text(words.format('"Country"'), "utf-8")
    assert "one larger boundary of the name 'Country', there are 0" in fault(path)[1]
    path.write_text(words.format('"County"').replace("level = 8", "level = 9"), "utf-8")
    assert "Its levels, with their numbers of boundaries: 6 (1), 8 (3)." in fault(path)[1]
    west, east = districts_of(open_province(_with(path, words.format('"County"'))))
    assert west.outline.touches(east.outline) and west.outline.area == pytest.approx(4e-4)
    assert find_districts(open_province(path)).partial == ("Cut off",)
    path.write_text(words.format("[1, 1, 2, 2]"), "utf-8")
    assert "no boundary of level 8 lies within" in fault(path)[1]
    (tmp_path / "wards.osm").write_text(scenes.document(*WARDS[2:3], WARDS[6]), "utf-8")
    assert "holds no boundary of level 8 as a whole: Cut off" in fault(path)[1]


def _with(path: Path, words: str) -> Path:
    path.write_text(words, "utf-8")
    return path


def test_a_district_outside_the_data_is_named(land: Path, tmp_path: Path) -> None:
    path = written(land, tmp_path, SAME)
    box = '<bounds minlat="31.3" minlon="120.6" maxlat="31.35" maxlon="120.65"/>'
    (tmp_path / "wards.osm").write_text(scenes.document(*WARDS, head=box), "utf-8")
    _with(path, path.read_text("utf-8").replace("town.osm.pbf", "wards.osm"))
    towns.write_outlines(
        tmp_path / "districts.geojson", {"here": WEST, "away": shapely.box(121, 32, 121.1, 32.1)}
    )
    assert "these districts lie outside the OSM data: away" in fault(path)[1]


def test_a_region_too_wide_for_one_system_is_told_so(land: Path, tmp_path: Path) -> None:
    path = written(land, tmp_path, SAME)
    far = {"west": shapely.box(100, 31, 101, 31.1), "east": shapely.box(120, 31, 121, 31.1)}
    towns.write_outlines(tmp_path / "districts.geojson", far)
    assert 'crs = "own"' in fault(path)[1]
    _with(path, path.read_text("utf-8").replace("halo_m = 446", 'crs = "own"'))
    assert len(districts_of(open_province(path))) == 2
