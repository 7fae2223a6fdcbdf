"""The area, the local metric system, zones and the city as a whole."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from conftest import raw_data
from extracts import LAT, LON, Paper, box, degrees, lonlat
from pyproj import CRS, Geod, Proj, Transformer

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import SourceError, StudyError
from gusu_geo.geometry import local_crs
from gusu_geo.sources.area import clip_streets, clip_surroundings, study_area
from gusu_geo.sources.city import read_city
from gusu_geo.sources.osm.boundaries import boundaries
from gusu_geo.sources.osm.extract import read_osm
from gusu_geo.sources.zones import read_zones
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.study_file import builtin_studies, open_study
from gusu_geo.tables import City

SQUARE = shapely.box(-1000, -1000, 1000, 1000)

# --- the local metric system -----------------------------------------------------------------


def test_the_centre_is_rounded_to_a_hundredth_of_a_degree() -> None:
    assert local_crs(120.6249, 31.2951) == local_crs(120.62, 31.3)
    assert local_crs(120.6251, 31.3) != local_crs(120.62, 31.3)
    assert local_crs(-0.004, 51.5).to_wkt() == local_crs(0.0, 51.5).to_wkt()


@pytest.mark.parametrize("lat", [0.0, 31.3, 43.7, -60.0])
def test_lengths_are_true_to_5e6_within_20_km(lat: float) -> None:
    crs = local_crs(LON, lat)
    for azimuth in (0, 45, 90, 135):
        lon, lat_far, _ = Geod(ellps="WGS84").fwd(LON, lat, azimuth, 20_000)
        factors = Proj(crs).get_factors(lon, lat_far)
        assert abs(factors.meridional_scale - 1) < 5e-6
        assert abs(factors.parallel_scale - 1) < 5e-6


def test_axes_are_east_then_north_in_metres() -> None:
    x, y = Transformer.from_crs(4326, local_crs(LON, LAT), always_xy=True).transform(
        LON + 0.01, LAT + 0.02
    )
    # Independent of any projection: geodesics along the parallel and the meridian.
    geod = Geod(ellps="WGS84")
    assert x == pytest.approx(geod.inv(LON, LAT + 0.02, LON + 0.01, LAT + 0.02)[2], abs=0.01)
    assert y == pytest.approx(geod.inv(LON, LAT, LON, LAT + 0.02)[2], abs=0.3)  # convergence


# --- the area --------------------------------------------------------------------------------


def test_area_reach_and_margin_of_a_box() -> None:
    area = Paper().area()  # data reach 1500 m, area 1000 m, buffer 400 m
    # A box of degrees is a trapezium in metres: 0.2 m wider at its southern side.
    assert shapely.area(area.outline) == pytest.approx(4e6, rel=2e-4)
    assert shapely.bounds(area.reach).tolist() == pytest.approx([-1400, -1400, 1400, 1400], abs=0.3)
    assert area.margin_m == pytest.approx(500, abs=0.5)
    assert area.share == 1
    assert area.notes() == []


def test_data_that_end_before_the_buffer_are_noted() -> None:
    paper = Paper()
    notes = study_area(paper.study(buffer_m=501.0), paper.extract()).notes()
    assert [note["code"] for note in notes] == ["data_end_near_border"]
    assert "500 m beyond" in notes[0]["en"]
    assert "500 米" in notes[0]["zh"]


def test_data_of_half_a_continent_are_measured_near_the_study_only() -> None:
    """A projection centred on the study holds no metres 5,000 km away: inf, NaN and warnings."""
    paper = Paper()
    whole = replace(paper.extract(), boxes=((60.0, 0.0, 180.0, 85.0),))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        area = study_area(paper.study(), whole)
    assert area.share == 1
    assert 50_000 < area.margin_m < 200_000
    assert area.notes() == []


def test_parts_of_a_region_are_measured_round_one_centre() -> None:
    """A place has the same metres in both; the middle of neither part is the centre."""
    paper, at = Paper(), np.array([[LON + 0.004, LAT + 0.003]])
    west, south, east, north = shapely.bounds(degrees(box(-1000, -1000, 2000, 2000))).tolist()
    found = []
    for sides in ([west, south, LON, north], [LON, south, east, north]):
        study = paper.study(area={"bbox": sides, "centre": [LON + 0.5, LAT]})
        area = study_area(study, paper.extract())
        assert area.crs == local_crs(LON + 0.5, LAT)
        found.append(area.to_xy(at).tolist())
    assert found[0] == found[1]
    far = paper.study(area={"bbox": sides, "centre": [LON - 2.5, LAT]})
    with pytest.raises(StudyError, match=r"23\d km east or west of area.centre.*at most 200 km"):
        study_area(far, paper.extract())


def test_between_two_boxes_there_are_no_data() -> None:
    paper, (west, south, east, north) = Paper(), Paper().extract().boxes[0]
    middle = (west + east) / 2
    boxes = ((west, south, middle - 0.002, north), (middle + 0.002, south, east, north))
    area = study_area(paper.study(), replace(paper.extract(), boxes=boxes))
    assert area.margin_m == 0
    assert area.share == pytest.approx(1 - 0.004 * 95_200 / 2000, abs=0.002)


def test_an_area_half_in_the_data_is_noted_with_its_share() -> None:
    # 3 km of data from -1500 to 1500; an area from 500 to 2500 has half its width inside.
    outline = degrees(box(500, -100, 2000, 200))
    paper = Paper()
    study = paper.study(area={"bbox": shapely.bounds(outline).tolist()})
    area = study_area(study, paper.extract())
    assert area.share == pytest.approx(0.5, abs=0.001)
    assert area.margin_m == 0
    assert [note["code"] for note in area.notes()] == ["area_beyond_data", "data_end_near_border"]
    assert "50.0 %" in area.notes()[0]["en"]


def test_an_area_outside_the_data_is_refused_with_both_bounds() -> None:
    paper = Paper()
    study = paper.study(area={"bbox": [7.0, 43.0, 8.0, 44.0]})
    with pytest.raises(StudyError, match=r"outside the OSM data.*7\.0000.*120\.58"):
        study_area(study, paper.extract())


@pytest.mark.parametrize(
    "bbox", [[-180, -90, 180, 90], [118.0, 31.0, 121.0, 31.5], [120.0, 30.0, 120.5, 32.0]]
)
def test_an_area_too_large_for_one_study_is_refused(bbox: list[float]) -> None:
    paper = Paper()
    with pytest.raises(StudyError, match=r"too large for one study.*at most 200 km"):
        study_area(paper.study(area={"bbox": bbox}), paper.extract())


def test_an_area_of_170_km_is_not_too_large() -> None:
    paper = Paper()
    assert study_area(paper.study(area={"bbox": [119.7, 30.5, 121.5, 32.0]}), paper.extract())


@pytest.mark.parametrize("name", ["姑苏区", "Gusu", "苏", " ｇｕｓｕ\u3000", "姑苏\u200b区"])
def test_a_boundary_is_found_by_any_of_its_names(name: str) -> None:
    paper = (
        Paper().border("r1", SQUARE, 6, "姑苏区", "苏", "Gusu").border("r2", SQUARE, 8, "姑苏区")
    )
    area = study_area(
        paper.study(area={"osm_admin": {"name": name, "admin_level": 6}}), paper.extract()
    )
    assert shapely.area(area.outline) == pytest.approx(4e6, rel=1e-6)


def test_a_boundary_that_is_not_there_lists_those_that_are() -> None:
    paper = Paper().border("r1", SQUARE, 6, "姑苏区").border("r2", SQUARE, 8, "平江街道")
    study = paper.study(area={"osm_admin": {"name": "Gusu", "admin_level": 6}})
    with pytest.raises(StudyError, match=r"姑苏区 \(6\), 平江街道 \(8\)\."):
        study_area(study, paper.extract())
    with pytest.raises(StudyError, match="no whole boundary"):
        study_area(study, Paper().extract())


def test_two_boundaries_of_one_name_are_refused() -> None:
    paper = Paper().border("r1", SQUARE, 6, "鼓楼区").border("r2", box(0, 0, 9, 9), 6, "鼓楼区")
    study = paper.study(area={"osm_admin": {"name": "鼓楼区", "admin_level": 6}})
    with pytest.raises(StudyError, match=r"2 boundaries.*r1, r2"):
        study_area(study, paper.extract())


def test_of_two_boundaries_of_one_name_the_one_within_the_box_is_meant() -> None:
    far = box(0, 0, 9000, 9000)
    paper = Paper().border("r1", SQUARE, 6, "鼓楼区").border("r2", far, 6, "鼓楼区")
    west, south, east, north = shapely.bounds(degrees(SQUARE))
    within = [west - 0.001, south - 0.001, east + 0.001, north + 0.001]
    admin = {"name": "鼓楼区", "admin_level": 6, "within": within}
    area = study_area(paper.study(area={"osm_admin": admin}), paper.extract())
    assert shapely.area(area.outline) == pytest.approx(4e6, rel=1e-6)
    admin["within"] = [west - 0.3, south, west - 0.2, north]
    with pytest.raises(StudyError, match="no such administrative boundary"):
        study_area(paper.study(area={"osm_admin": admin}), paper.extract())


def test_a_boundary_file_is_an_area(tmp_path) -> None:
    halves = [box(-1000, -1000, 1000, 2000), box(0, -1000, 1000, 2000)]
    shapes = [degrees(half) for half in halves]
    gpd.GeoDataFrame(geometry=shapes, crs=4326).to_file(tmp_path / "area.geojson")
    paper = Paper()
    study = paper.study(area={"boundary": "area.geojson", "crs": "wgs84"}, root=tmp_path)
    assert shapely.area(study_area(study, paper.extract()).outline) == pytest.approx(4e6, rel=1e-5)


# --- boundaries with a piece missing ---------------------------------------------------------

CORNERS = {1: (-200, -200), 2: (200, -200), 3: (200, 200), 4: (-200, 200)}
SIDES = {1: (1, 2), 2: (2, 3), 3: (3, 4), 4: (4, 1)}


def osm_square(tmp_path, sides: tuple[int, ...]):
    """An OSM file with a 400 m square as boundary, drawn as four ways of which some are there."""
    nodes = [
        f'<node id="{i}" version="1" lat="{lat!r}" lon="{lon!r}"/>'
        for i, (lon, lat) in ((i, lonlat(*xy)) for i, xy in CORNERS.items())
    ]
    ways = [
        f'<way id="{i}" version="1">' + "".join(f'<nd ref="{n}"/>' for n in SIDES[i]) + "</way>"
        for i in sides
    ]
    members = "".join(f'<member type="way" ref="{i}" role="outer"/>' for i in SIDES)
    tags = {"type": "boundary", "boundary": "administrative", "admin_level": "10", "name": "Q"}
    told = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    relation = f'<relation id="7" version="1">{members}{told}</relation>'
    path = tmp_path / "square.osm"
    path.write_text(f'<osm version="0.6">{"".join([*nodes, *ways, relation])}</osm>')
    return read_osm(path)


def test_a_whole_boundary_needs_no_mending(tmp_path) -> None:
    found = boundaries(osm_square(tmp_path, (1, 2, 3, 4)), 10)
    assert found["gap_m"].tolist() == [0]


def test_one_missing_side_of_four_is_closed_and_measured(tmp_path) -> None:
    found = boundaries(osm_square(tmp_path, (4, 2, 3)), 10)
    assert found.index.tolist() == ["r7"]
    assert found["name"].tolist() == ["Q"]
    assert found["gap_m"].iloc[0] == pytest.approx(400, rel=0.003)
    side_m = np.sqrt(found.to_crs(local_crs(LON, LAT)).area.iloc[0])
    assert side_m == pytest.approx(400, abs=0.02)  # OSM keeps centimetres


def test_two_missing_sides_are_too_much(tmp_path) -> None:
    extract = osm_square(tmp_path, (1, 3))  # 800 m known, 800 m missing
    assert boundaries(extract, 10).empty
    assert boundaries(extract, 8).empty
    study = Paper.study(area={"osm_admin": {"name": "Q", "admin_level": 10}})
    with pytest.raises(StudyError, match="too much of it is missing"):
        study_area(study, extract)


# --- streets, zones, surroundings ------------------------------------------------------------


def test_streets_with_a_vertex_within_reach_are_kept_whole() -> None:
    paper = Paper().street((1450, 0), (1500, 0))  # beyond 1400 m
    paper.street((1300, 0), (5000, 0), (5000, 900)).street((0, 0), (10, 0))
    kept = clip_streets(paper.extract().streets, paper.area())
    assert kept.way_ids.tolist() == [2, 3]
    assert kept.way_ptr.tolist() == [0, 3, 5]
    assert kept.node_ids[kept.way_nodes].tolist() == [102, 103, 104, 105, 106]
    assert len(kept.lonlat) == len(kept.closed) == 5
    assert len(kept.highway) == len(kept.name) == len(kept.flags) == 2


def test_no_street_within_reach_leaves_empty_tables() -> None:
    kept = clip_streets(Paper().street((9000, 0), (9100, 0)).extract().streets, Paper().area())
    assert len(kept.way_ids) == len(kept.node_ids) == len(kept.way_nodes) == 0
    assert kept.way_ptr.tolist() == [0]


def test_surroundings_are_cut_to_the_reach() -> None:
    paper = Paper().surround("water", box(1300, 0, 1000, 100)).surround("green", box(0, 0, 10, 10))
    paper.surround("wall", shapely.LineString([(2000, 0), (2100, 0)]))
    cut = clip_surroundings(paper.extract().surroundings, paper.area())
    assert cut["kind"].tolist() == ["water", "green"]
    assert cut.area.tolist() == pytest.approx([10_000, 100], rel=0.002)  # 100 m of 1000 m of lake


def zoned(paper: Paper, **study: object):
    made = paper.study(**study)
    found = read_zones(made, paper.extract(), paper.area(made))
    return found.zones, found.notes


def test_zones_are_cut_to_the_area_and_touching_ones_left_out() -> None:
    paper = Paper().border("r1", box(-1000, -1000, 1500, 2000), 10, "West", "西", "West")
    paper.border("r2", box(500, -1000, 1000, 2000), 10, "East")  # half of it is outside
    paper.border("r3", box(992, 0, 1000, 100), 10, "Outside")  # 8 m of 1000 m: 0.8 %
    paper.border("r4", SQUARE, 8, "All")
    zones, notes = zoned(paper, zones=[{"level": "ward", "source": {"osm_admin_level": 10}}])
    frame = zones.frame
    assert frame["zone_id"].tolist() == ["r1", "r2"]
    assert frame["level"].tolist() == ["ward", "ward"]
    assert frame.loc[0, ["name", "name_zh", "name_en"]].tolist() == ["West", "西", "West"]
    assert (frame.area / 1e6).round(3).tolist() == [3.0, 1.0]
    assert notes == []


def test_zones_by_name_are_these_alone_and_those_that_are_absent_are_named() -> None:
    paper = Paper().border("r1", box(-1000, -1000, 1000, 2000), 8, "平江街道")
    paper.border("r2", box(0, -1000, 500, 2000), 8, "", "双塔街道")
    paper.border("r3", box(500, -1000, 500, 2000), 8, "娄葑街道")
    names = ["双塔街道", "平江街道", "沧浪街道", "金阊街道"]
    source = {"osm_admin_level": 8, "names": names}
    zones, notes = zoned(paper, zones=[{"level": "subdistrict", "source": source}])
    assert zones.frame["zone_id"].tolist() == ["r1", "r2"]
    (told,) = notes
    assert told["code"] == "zones_not_found"
    assert "沧浪街道、金阊街道" in told["zh"] and "双塔" not in told["zh"]
    with pytest.raises(StudyError, match="no zone lies in the study area"):
        zoned(paper, zones=[{"level": "a", "source": {"osm_admin_level": 8, "names": ["X"]}}])


def zone_file(tmp_path, **columns: list[object]):
    shapes = [degrees(box(-1000, -1000, 1000, 2000)), degrees(box(0, -1000, 1000, 2000))]
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(tmp_path / "z.geojson")
    return {
        "root": tmp_path,
        "zones": [{"level": "community", "source": "z.geojson", "crs": "wgs84"}],
    }


def test_zones_of_a_file_keep_their_ids_and_names(tmp_path) -> None:
    study = zone_file(tmp_path, 代码=["320508018", "320508019"], name=["平江", "金阊"])
    frame = zoned(Paper(), **study)[0].frame
    assert frame["zone_id"].tolist() == ["320508018", "320508019"]
    assert frame["name"].tolist() == ["平江", "金阊"]
    assert frame["name_zh"].tolist() == ["", ""]


def test_a_zone_id_twice_in_a_file_is_refused(tmp_path) -> None:
    with pytest.raises(SourceError, match=r"zone ids must be there and differ.*'a'"):
        zoned(Paper(), **zone_file(tmp_path, id=["a", "a"]))


def test_a_named_column_that_is_missing_is_refused(tmp_path) -> None:
    study = zone_file(tmp_path, code=["a", "b"])
    study["zones"][0]["columns"] = {"id": "codes"}
    with pytest.raises(SourceError, match=r"no column 'codes'.*'code'"):
        zoned(Paper(), **study)


def test_a_level_without_zones_or_given_twice_is_refused() -> None:
    ward = {"level": "ward", "source": {"osm_admin_level": 10}}
    with pytest.raises(StudyError, match=r"admin_level 10.*no zone lies in the study area"):
        zoned(Paper(), zones=[ward])
    with pytest.raises(StudyError, match="same level"):
        zoned(Paper().border("r1", SQUARE, 10, "A"), zones=[ward, ward])


def test_levels_that_differ_in_case_only_are_the_same() -> None:
    paper = Paper().border("r1", SQUARE, 10, "Q")
    levels = [{"level": level, "source": {"osm_admin_level": 10}} for level in ("Ward", "ward")]
    study = paper.study(zones=levels)
    with pytest.raises(StudyError, match=r"same level.*Ward, ward"):
        read_zones(study, paper.extract(), paper.area(study))


def test_no_zones_are_an_empty_table() -> None:
    zones, _ = zoned(Paper())
    assert zones.frame.empty
    assert {"level", "zone_id", "name", "name_zh", "name_en", "geometry"} <= set(
        zones.frame.columns
    )


# --- real files ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def monaco(city_of: Callable[[str], Ground]) -> City:
    return city_of("monaco").city


def test_the_file_of_monaco_is_the_one_its_source_note_describes() -> None:
    content = raw_data("monaco.osm.pbf").read_bytes()
    note = raw_data("SOURCES.md").read_text(encoding="utf-8")
    assert hashlib.sha256(content).hexdigest() in note
    assert f"{len(content):,}" in note
    assert "ODbL" in note
    assert "© OpenStreetMap contributors" in note


def test_monaco_has_its_people_and_nine_wards(monaco: City) -> None:
    assert monaco.residences.frame["persons"].sum() == pytest.approx(38_367, abs=1e-6)
    assert monaco.facts["persons"]["total"] == 38_367
    wards = monaco.zones.frame
    assert len(wards) == 9
    assert wards["zone_id"].is_unique
    # The wards are Monaco: they cover it and do not overlap.
    assert wards.area.sum() == pytest.approx(monaco.area.area.iloc[0], rel=0.001)
    # 2.08 km2 of land (Monaco Statistics) and the water inside the harbours.
    assert 2.08e6 < monaco.area.area.iloc[0] < 2.45e6


def test_every_home_of_monaco_lies_in_a_ward(monaco: City) -> None:
    wards = shapely.union_all(monaco.zones.frame.geometry.to_numpy())
    inside = shapely.intersects(wards, monaco.residences.frame.geometry.to_numpy())
    assert inside.mean() > 0.999


def test_monaco_is_consistent(monaco: City) -> None:
    homes, venues = monaco.residences, monaco.facilities
    for frame in (homes.frame, venues.frame, monaco.zones.frame, monaco.area, monaco.surroundings):
        assert CRS(frame.crs) == monaco.crs
    assert homes.frame.index.is_unique
    assert venues.frame.index.is_unique
    assert set(homes.entrances.owner_ix) == set(range(len(homes.frame)))
    assert set(venues.entrances.owner_ix) == set(range(len(venues.frame)))
    assert (homes.frame["persons"] > 0).all()
    assert set(venues.frame["service"]) == set(load_pack("everyday-ten").service_ids)
    assert monaco.streets.way_nodes.max() < len(monaco.streets.node_ids)


def test_facts_are_plain_json_and_tell_what_is_uncertain(monaco: City) -> None:
    facts = json.loads(json.dumps(monaco.facts, allow_nan=False))
    assert facts["osm_file"] == "monaco.osm.pbf"
    assert facts["osm_date"].startswith("2023-12-26")
    codes = [note["code"] for note in facts["notes"]]
    assert codes == [
        "boundary_mended",
        "data_end_near_border",
        "zones_mended",
        "mixed_ground_out",
    ]
    assert all(note["zh"] and note["en"] for note in facts["notes"])
    assert facts["margin_m"] == 0
    assert all(facts["known"].values())


def test_reading_twice_gives_the_same_city(monaco: City) -> None:
    study = open_study("monaco")
    told: list[str] = []
    once = read_city(study, load_pack(study.rule.pack), progress=told.append)
    assert told == ["osm", "area", "homes", "venues"]
    again = read_city(study, load_pack(study.rule.pack))
    assert once.facts == again.facts == monaco.facts  # that of monaco may be a kept one
    for one, two in (
        (again.residences.frame, once.residences.frame),
        (again.facilities.frame, once.facilities.frame),
    ):
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two))
    for other in (again, monaco):
        assert np.array_equal(once.residences.entrances.xy, other.residences.entrances.xy)


def test_nanjing_has_no_data_on_elders_which_is_not_no_service(
    city_of: Callable[[str], Ground],
) -> None:
    city = city_of("nanjing").city
    assert city.facts["known"]["senior_leisure"] is False
    assert city.facts["known"]["culture"] is True
    assert "senior_leisure" not in set(city.facilities.frame["service"])
    note = next(n for n in city.facts["notes"] if n["code"] == "services_without_data")
    assert "长者娱乐" in note["zh"]
    assert city.facts["persons"]["estimate"] is True
    assert city.residences.frame["persons"].sum() == pytest.approx(city.facts["persons"]["total"])


def test_studies_are_valid_and_name_known_packs() -> None:
    ours = sorted((Path(__file__).parents[1] / "studies").glob("*.toml"))
    assert len(ours) == 4
    for path in [*builtin_studies().values(), *ours]:
        study = open_study(path)
        assert study.title.zh
        assert study.title.en
        load_pack(study.rule.pack, study.root)
