"""The built-in study of Gusu, and where a study's OSM file is looked for."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from command import gusu_geo_here
from conftest import ROOT, raw_data, shared_data

from gusu_geo.errors import SourceError
from gusu_geo.pipeline.digests import as_read, digest_of, result_id
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.pipeline.raw_data import raw_path, with_raw_data
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import builtin_studies, open_study

SUBDISTRICTS = {
    "320508017": "白洋湾街道", "320508018": "平江街道", "320508019": "金阊街道", "320508020": "沧浪街道",
    "320508021": "双塔街道", "320508022": "虎丘街道", "320508023": "苏锦街道", "320508024": "吴门桥街道",
}  # fmt: skip


def communities(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_communities_of_gusu_are_169_and_two_villages() -> None:
    rows = communities(raw_data("gusu_communities.csv"))
    assert Counter(row["类型"] for row in rows) == {"社区": 169, "村": 2}
    assert [row["名称"] for row in rows if row["类型"] == "村"] == ["梅巷村委会", "梅花村委会"]
    assert {row["街道代码"]: row["街道"] for row in rows} == SUBDISTRICTS
    codes = [row["代码"] for row in rows]
    assert codes == sorted(set(codes)) and all(len(code) == 12 for code in codes)
    assert all(row["代码"].startswith(row["街道代码"]) for row in rows)


def test_the_communities_are_those_of_the_list_of_2023() -> None:
    theirs = communities(shared_data("gusu_communities.csv"))
    ours = communities(raw_data("gusu_communities.csv"))
    assert {(row["代码"], row["名称"], row["街道"]) for row in ours} == {
        (row["code"], row["community"], row["subdistrict"]) for row in theirs
    }


def test_the_study_names_the_eight_subdistricts_and_is_the_district() -> None:
    study = open_study("gusu")
    assert set(study.zones[0].source.names) == set(SUBDISTRICTS.values())  # type: ignore[union-attr]
    assert study.area.osm_admin and study.area.osm_admin.name == "姑苏区"
    assert study.area.buffer_m == 1800 and study.rule.pack == "gusu-1510"
    # 83.4 km2; the box is larger, and holds the middle of the old city (Guanqian street).
    west, south, east, north = study.area.osm_admin.within or ()
    assert west < 120.625 < east and south < 31.311 < north
    assert 83.4 < (east - west) * 95.1 * (north - south) * 110.9 < 4 * 83.4


def district() -> gpd.GeoDataFrame:
    """The coarse outlines of the district and its subdistricts, in degrees, WGS 84."""
    return read_polygons(shared_data("gusu_zones_gcj02.geojson"), crs="gcj02")


def test_the_box_of_the_study_holds_the_district_with_room_to_spare() -> None:
    admin = open_study("gusu").area.osm_admin
    assert admin is not None
    west, south, east, north = district().total_bounds.tolist()
    box = admin.within or (0, 0, 0, 0)
    assert min(west - box[0], south - box[1], box[2] - east, box[3] - north) > 0.005  # some 500 m


def test_the_study_finds_its_district_and_subdistricts_in_a_file_of_them(tmp_path: Path) -> None:
    """There is no extract of Gusu here: a file of its borders, one street and one house stands for it."""
    lines, relations, number = [], [], 0

    def way(ring: np.ndarray, **tags: str) -> int:
        nonlocal number
        first = number + 1
        for lon, lat in ring:
            number += 1
            lines.append(f'<node id="{number}" lon="{lon:.7f}" lat="{lat:.7f}" version="1"/>')
        refs = [*range(first, number + 1), first]
        words = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        relations.append(
            f'<way id="{first}" version="1">{"".join(f"""<nd ref="{r}"/>""" for r in refs)}{words}</way>'
        )
        return first

    borders = []
    for row in district().itertuples():
        parts = shapely.get_parts(row.geometry)
        outer = [way(shapely.get_coordinates(part.exterior)[:-1]) for part in parts]
        level = 6 if row.level == "district" else 8
        members = "".join(f'<member type="way" ref="{ref}" role="outer"/>' for ref in outer)
        tags = {
            "type": "boundary",
            "boundary": "administrative",
            "admin_level": level,
            "name": row.name,
        }
        words = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        borders.append(f'<relation id="{len(borders) + 1}" version="1">{members}{words}</relation>')
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    way([120.62, 31.31] + square * 0.01, highway="residential")
    way([120.6201, 31.3101] + square * 0.0002, building="apartments")
    xml = f'<osm version="0.6">{"".join((*lines, *relations, *borders))}</osm>'
    (tmp_path / "gusu.osm").write_text(xml, encoding="utf-8")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    with osmium.SimpleWriter(str(tmp_path / "data" / "raw" / "gusu.osm.pbf")) as writer:
        for thing in osmium.FileProcessor(str(tmp_path / "gusu.osm")):
            writer.add(thing)
    city = prepare("gusu", out=tmp_path).city
    zones = city.zones.frame
    parts = dict(list(zones.groupby("level")))
    assert set(parts["街道"]["name"]) == set(SUBDISTRICTS.values())
    above = parts["街道"].set_index("zone_id")["name"]
    assert len(parts["社区"]) == 171 and parts["社区"].geometry.isna().all()
    assert above.loc[parts["社区"]["parent"]].tolist() == [
        row["街道"] for row in communities(raw_data("gusu_communities.csv"))
    ]
    assert 60e6 < city.area.area.iloc[0] < 110e6  # 83.4 km2, coarsely
    assert "zones_not_found" not in {note["code"] for note in city.facts["notes"]}


def test_every_ledger_of_the_study_can_be_uncommented(tmp_path: Path) -> None:
    """Each line behind "# " that is TOML is a key that the study knows, at its place."""
    text = builtin_studies()["gusu"].read_text(encoding="utf-8")
    lines, doubled = [], ("source = ", "osm_admin = ", "boundary", "crs = ")
    for line in text.splitlines():
        plain = line.removeprefix("# ")
        try:
            tomllib.loads(plain)
        except tomllib.TOMLDecodeError:
            plain = line
        lines.append(line if plain.startswith(doubled) and line.startswith("# ") else plain)
    whole = "\n".join(lines)
    whole = whole.replace("[[facilities]]\n# source", "[[facilities]]\nsource = 'a.xlsx'\n# source")
    (tmp_path / "all.toml").write_text(whole, encoding="utf-8")
    study = open_study(tmp_path / "all.toml")
    assert len(study.facilities) == 4 and len(study.zones) == 2
    assert study.residences.compounds and study.residences.buildings and study.compounds.gates


def test_the_wheel_holds_what_the_study_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    place = "data/raw/gusu_communities.csv"
    assert shipped[place] == f"gusu_geo/{place}" and (ROOT / place).is_file()
    assert shipped["studies"] == "gusu_geo/studies"


@pytest.mark.parametrize("command", ["run", "check"])
def test_without_data_one_message_says_how_to_get_them(command: str, tmp_path: Path) -> None:
    for lang, words in (
        ("zh", "请下载：gusu-geo fetch gusu；"),
        ("en", "Download them: gusu-geo fetch gusu;"),
    ):
        done = gusu_geo_here(command, "gusu", "--out", tmp_path, "--lang", lang, "--quiet")
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr and "--pbf" in done.stderr and done.stderr.count("\n") == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def small(folder: Path, osm: str = "town.osm.pbf") -> Study:
    folder.mkdir(exist_ok=True)
    text = f'[study]\nname = "town"\n[area]\nbbox = [0, 0, 1, 1]\n[network]\nosm = "{osm}"\n'
    (folder / "town.toml").write_text(text, encoding="utf-8")
    return open_study(folder / "town.toml")


def test_a_study_of_ones_own_is_named_by_its_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        with_raw_data(small(tmp_path), tmp_path)
    assert "gusu-geo fetch STUDY.toml;" in caught.value.in_language("en")
    assert caught.value.where == "town.osm.pbf"


def test_what_was_fetched_comes_first_and_settings_do_not_know_where_it_lies(
    tmp_path: Path,
) -> None:
    study, pack = small(tmp_path), load_pack("everyday-ten")
    (tmp_path / "town.osm.pbf").write_bytes(b"beside the study")
    assert with_raw_data(study, tmp_path / "a").osm == Path("town.osm.pbf")
    plain = digest_of(study, pack)
    for out in (tmp_path / "a", tmp_path / "b"):
        place = raw_path(study, out)
        place.parent.mkdir(parents=True)
        place.write_bytes(b"beside the study")
        found = with_raw_data(study, out)
        assert found.osm == place and as_read(found).osm == place
        assert digest_of(found, pack) == plain
        assert result_id(found, plain) == result_id(study, plain)
        place.write_bytes(b"fetched")
        assert digest_of(found, pack) != plain
    assert study.osm == Path("town.osm.pbf")  # the caller's is as it was


def test_a_file_of_another_study_is_not_taken_for_its_own(tmp_path: Path) -> None:
    """Copies of one study may name their file alike; results and fetched data go by the study."""
    study = small(tmp_path, "data/monaco.osm.pbf")
    assert raw_path(study, "out") == Path("out/data/raw/town.osm.pbf")
    for place in (tmp_path / "data", tmp_path / "data" / "raw"):
        place.mkdir()
        (place / "monaco.osm.pbf").write_bytes(b"")
    assert with_raw_data(study, tmp_path).osm == study.network.osm
