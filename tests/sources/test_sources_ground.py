"""Compounds, gates, plazas and ferries as a City holds them: drawn in metres, told by ledgers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from extracts import Paper, box, degrees, lonlat

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import SourceError, StudyError
from gusu_geo.pipeline.digests import _inputs
from gusu_geo.sources.area import clip_streets, clip_surroundings
from gusu_geo.sources.compounds import read_compounds, read_gates, with_gates
from gusu_geo.sources.plazas import read_plazas
from gusu_geo.study.params import Study
from gusu_geo.tables import NodeFlag, WayFlag

# --- compounds ------------------------------------------------------------------------------


def with_compounds(root: Path, **parts: Any) -> Study:
    study = Paper.study(root=root)
    return Study.model_validate({**study.model_dump(), "compounds": parts, "root": root})


def test_compounds_of_the_map_are_whole_and_named() -> None:
    paper = Paper().compound("w1", box(0, 0, 200, 100), name="平江新城")
    paper.compound("r2", box(1300, 0, 400, 100), **{"name:en": "Edge"})  # 300 m beyond the reach
    paper.compound("w3", box(1450, 500, 20, 20), name="Beyond")
    found = read_compounds(paper.study(), paper.extract(), paper.area())
    assert found["compound_id"].tolist() == ["w1", "r2"]
    assert found["name"].tolist() == ["平江新城", "Edge"]
    assert found["source"].tolist() == ["osm", "osm"]
    assert found.area.tolist() == pytest.approx([20_000, 40_000], rel=1e-4)
    assert found.crs == paper.area().crs


def polygons(folder: Path, **columns: list[object]) -> Path:
    shapes = [degrees(box(0, 0, 100, 100)), degrees(box(200, 0, 100, 50))]
    path = folder / "compounds.geojson"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(path)
    return path


def test_compounds_of_a_ledger(tmp_path: Path) -> None:
    polygons(tmp_path, 编号=["A1", "A2"], 小区名称=["金门新村", "彩香一村"])
    paper = Paper().compound("w1", box(0, 0, 200, 100), name="not asked for")
    study = with_compounds(tmp_path, source="compounds.geojson", crs="wgs84")
    found = read_compounds(study, paper.extract(), paper.area())
    assert found["compound_id"].tolist() == ["A1", "A2"]
    assert found["name"].tolist() == ["金门新村", "彩香一村"]
    assert found["source"].tolist() == ["ledger", "ledger"]
    assert found.area.tolist() == pytest.approx([10_000, 5_000], rel=1e-4)


def test_compounds_of_a_ledger_without_ids_are_numbered(tmp_path: Path) -> None:
    polygons(tmp_path, height=[1, 2])
    study = with_compounds(tmp_path, source="compounds.geojson", crs="wgs84")
    found = read_compounds(study, Paper().extract(), Paper().area())
    assert found["compound_id"].tolist() == found["name"].tolist() == ["1", "2"]


@pytest.mark.parametrize("ids", [["a", "a"], ["a", ""]])
def test_compound_ids_must_differ(tmp_path: Path, ids: list[object]) -> None:
    polygons(tmp_path, id=ids)
    study = with_compounds(tmp_path, source="compounds.geojson", crs="wgs84")
    with pytest.raises(
        SourceError, match=r"compounds\.geojson: compound ids must be there and differ"
    ):
        read_compounds(study, Paper().extract(), Paper().area())


def test_a_ledger_that_is_not_there_is_named(tmp_path: Path) -> None:
    study = with_compounds(tmp_path, source="none.gpkg")
    with pytest.raises(SourceError, match=r"compounds: .*none\.gpkg: no such file"):
        read_compounds(study, Paper().extract(), Paper().area())
    with pytest.raises(StudyError, match="suzhou"):
        shifted = with_compounds(tmp_path, source="none.gpkg", crs="suzhou")
        read_compounds(shifted, Paper().extract(), Paper().area())


# --- gates ----------------------------------------------------------------------------------


def gates(paper: Paper, study: Study | None = None) -> gpd.GeoDataFrame:
    study = study or paper.study()
    extract, area = paper.extract(), paper.area()
    return read_gates(study, extract, area, read_compounds(study, extract, area))


def test_gates_of_the_map_stand_on_streets_walls_and_outlines() -> None:
    paper = Paper().compound("w1", box(0, 0, 200, 100), name="x")
    paper.gate("n1", 500, 0, on="street").gate("n2", 500, 50, on="wall", access="locked")
    paper.gate("n3", 0, 50, on="", access="residents")  # on the outline, no street drawn
    paper.gate("n4", 500, 80, on="")  # joined to nothing
    paper.gate("n5", 200, 20, "entrance", on="street")  # on the outline
    paper.gate("n6", 600, 0, "entrance", on="street")  # the door of a house
    paper.gate("n7", 600, 9, "entrance", on="wall")
    paper.gate("n8", 1450, 0)  # beyond the reach
    found = gates(paper)
    assert found.index.tolist() == ["n1", "n2", "n3", "n5", "n7"]
    assert found["access"].tolist() == ["public", "locked", "residents", "public", "public"]
    assert set(found["source"]) == {"osm"}
    assert shapely.get_coordinates(found.geometry)[0].tolist() == pytest.approx([500, 0], abs=0.01)


def ledger(folder: Path, rows: list[tuple[float, float, str]], header: str = "通行") -> Study:
    places = [(*lonlat(x, y), word) for x, y, word in rows]
    pd.DataFrame(places, columns=["lon", "lat", header]).to_csv(folder / "gates.csv", index=False)
    return with_compounds(folder, gates={"source": "gates.csv"})


def test_gates_of_a_ledger_stand_for_those_of_the_map(tmp_path: Path) -> None:
    paper = Paper().gate("n1", 0, 0).gate("n2", 100, 0)
    words = ["封闭", "业主", "公共", " Residents ", "LOCKED", "", "Ｐublic"]
    study = ledger(tmp_path, [(9 + 200 * i, 0, word) for i, word in enumerate(words)])
    found = gates(paper, study)
    assert found.index.tolist() == ["n2", "2", "3", "4", "5", "6", "7", "8"]
    assert found["access"].tolist() == [
        "public", "locked", "residents", "public", "residents", "locked", "public", "public"]  # fmt: skip
    assert found["source"].tolist() == ["osm"] + ["ledger"] * 7
    assert found.crs == paper.area().crs


def test_a_ledger_that_does_not_say_who_passes_is_of_public_gates(tmp_path: Path) -> None:
    assert gates(Paper(), ledger(tmp_path, [(0, 0, "x")], "备注"))["access"].tolist() == ["public"]


def test_words_that_nobody_understands_are_all_named(tmp_path: Path) -> None:
    study = ledger(tmp_path, [(0, 0, "公共"), (50, 0, "也许"), (90, 0, "loked")])
    with pytest.raises(SourceError, match=r"gates\.csv.*gate 3: '也许'; gate 4: 'loked'\. .*公共"):
        gates(Paper(), study)


def test_a_ledger_says_which_compound_a_gate_belongs_to(tmp_path: Path) -> None:
    """By name, whatever its spaces, or by id; what names none, or two alike, says nothing."""
    folder = tmp_path / "own"
    folder.mkdir()
    polygons(folder, 编号=["A1", "A2"], 小区名称=["金门新村", "彩香一村"])
    said = ["金门 新村", "A2", "别处", ""]
    rows = [(*lonlat(9 + 200 * i, 0), word) for i, word in enumerate(said)]
    pd.DataFrame(rows, columns=["lon", "lat", "小区"]).to_csv(folder / "gates.csv", index=False)
    study = with_compounds(
        folder, source="compounds.geojson", crs="wgs84", gates={"source": "gates.csv"}
    )
    assert gates(Paper(), study)["compound_id"].tolist() == ["A1", "A2", "", ""]


def test_a_header_can_be_named(tmp_path: Path) -> None:
    study = ledger(tmp_path, [(0, 0, "居民")], "谁能进")
    named = study.compounds.model_dump()
    named["gates"]["columns"] = {"access": "谁能进"}
    assert gates(Paper(), with_compounds(tmp_path, **named))["access"].tolist() == ["residents"]


def test_streets_follow_the_ledger_at_their_gates(tmp_path: Path) -> None:
    paper = Paper().street((0, 0), (100, 0), (200, 0), (300, 0), (400, 0))
    study = ledger(
        tmp_path, [(103, 0, "公共"), (200, 4, "封闭"), (300, 9, "居民"), (420, 0, "封闭")]
    )
    area, extract = paper.area(), paper.extract()
    shut, gate = NodeFlag.CLOSED | NodeFlag.GATE, int(NodeFlag.GATE)
    given = np.array([0, shut, gate, shut | NodeFlag.CROSSING, gate], np.int16)
    streets = extract.streets
    streets.node_flags[:] = given
    found = with_gates(streets, gates(paper, study), area)
    assert found.node_flags.tolist() == [
        0,
        gate,  # the map said locked
        shut,
        gate | NodeFlag.RESIDENTS | NodeFlag.CROSSING,
        gate,  # 20 m off: another gate
    ]
    assert streets.node_flags.tolist() == given.tolist(), "frozen in"
    assert with_gates(streets, gates(paper), area) is streets


def test_the_cache_depends_on_both_ledgers(tmp_path: Path) -> None:
    study = with_compounds(tmp_path, source="a.gpkg", gates={"source": "b.csv"})
    assert {tmp_path / "a.gpkg", tmp_path / "b.csv"} <= set(_inputs(study))


# --- plazas ---------------------------------------------------------------------------------

SQUARE = box(0, 0, 100, 100)


def plazas(paper: Paper) -> gpd.GeoDataFrame:
    extract, area = paper.extract(), paper.area()
    return read_plazas(extract, area, clip_surroundings(extract.surroundings, area))


@pytest.mark.parametrize(
    ("plaza", "building", "left"),
    [
        ({}, {}, 9_900),
        ({}, {"layer": "0"}, 9_900),
        ({}, {"layer": "1"}, 10_000),
        ({"layer": "1"}, {}, 10_000),  # a terrace above the houses
        ({"layer": "1"}, {"layer": "1"}, 9_900),
        ({}, {"building": "roof"}, 10_000),
        ({}, {"building:min_level": "2"}, 10_000),  # on stilts
        ({}, {"min_height": "3"}, 10_000),
        ({}, {"location": "underground"}, 10_000),
    ],
)
def test_buildings_stand_in_the_way(
    plaza: dict[str, str], building: dict[str, str], left: float
) -> None:
    paper = Paper().plaza("w1", SQUARE, name="观前", **plaza)
    paper.building("w2", box(20, 20, 10, 10), **building)
    found = plazas(paper)
    assert found.index.tolist() == ["w1"]
    assert found["name"].tolist() == ["观前"]
    assert found.area.tolist() == pytest.approx([left], rel=1e-4)
    assert found.is_valid.all()


@pytest.mark.parametrize(
    ("tags", "left"),
    [({}, 6_000), ({"bridge": "yes"}, 10_000), ({"man_made": "pier"}, 10_000)],
)
def test_water_is_taken_out_but_not_from_under_a_bridge(tags: dict[str, str], left: float) -> None:
    paper = Paper().plaza("w1", SQUARE, **tags).surround("water", box(60, -50, 400, 300))
    found = plazas(paper)
    assert found.area.tolist() == pytest.approx([left], rel=1e-4)
    assert bool(found["flags"].iloc[0] & WayFlag.BRIDGE) is ("bridge" in tags)


def test_a_house_across_leaves_two_parts_and_over_all_none() -> None:
    paper = Paper().plaza("w1", SQUARE).plaza("w2", box(300, 0, 50, 50), access="private")
    paper.plaza("w3", box(500, 0, 20, 20)).plaza("w4", box(1450, 0, 9, 9))  # beyond the reach
    paper.building("w9", box(40, -10, 20, 120)).building("w8", box(490, -10, 50, 50))
    found = plazas(paper)
    assert found.index.tolist() == ["w1", "w2"]
    assert found.geom_type.tolist() == ["MultiPolygon", "Polygon"]
    both = WayFlag.AREA | WayFlag.ON_FOOT
    assert found["flags"].tolist() == [both, both | WayFlag.PRIVATE]
    assert found["flags"].dtype == np.int16


def test_a_house_that_touches_leaves_a_polygon() -> None:
    paper = Paper().plaza("w1", SQUARE).building("w2", box(100, 0, 50, 100))
    found = plazas(paper)
    assert found.geom_type.tolist() == ["Polygon"]
    assert found.area.tolist() == pytest.approx([10_000], rel=1e-4)


def test_a_plaza_that_crosses_itself_is_mended() -> None:
    bow = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])  # two triangles of 2500 m2
    found = plazas(Paper().plaza("w1", bow))
    assert found.is_valid.all()
    assert found.area.tolist() == pytest.approx([5_000], rel=1e-4)


def test_a_spike_is_no_ground() -> None:
    spike = shapely.Polygon([(0, 0), (100, 0), (100, 100), (100, 300), (100, 100), (0, 100)])
    found = plazas(Paper().plaza("w1", spike).building("w2", box(20, 20, 10, 10)))
    assert found.geom_type.tolist() == ["Polygon"]
    assert found.area.tolist() == pytest.approx([9_900], rel=1e-4)


# --- ferries, surroundings ------------------------------------------------------------------


def test_a_ferry_lands_within_reach_or_leads_nowhere() -> None:
    paper = Paper().street((0, 0), (10, 0))
    paper.street((0, 9), (2000, 9), (0, 99), flags=WayFlag.FERRY)  # out and back: both ends here
    paper.street((0, 9), (2000, 9), flags=WayFlag.FERRY)
    assert clip_streets(paper.extract().streets, paper.area()).way_ids.tolist() == [1, 2]


def test_surroundings_keep_their_width_when_cut() -> None:
    canal = shapely.LineString([(0, 0), (3000, 0)])
    paper = Paper().surround("waterway", canal, 12.0)
    paper.surround("wall", shapely.LineString([(0, 5), (10, 5)]))
    found = clip_surroundings(paper.extract().surroundings, paper.area())
    assert found["width_m"].tolist() == [12.0, 0.0]
    assert found.length.tolist() == pytest.approx([1400, 10], rel=1e-3)


# --- real files -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["monaco", "nanjing", "beijing"])
def test_real_cities_hold_together(name: str, city_of: Callable[[str], Ground]) -> None:
    city = city_of(name).city
    streets, facts = city.streets, city.facts
    for frame in (city.compounds, city.gates, city.plazas, city.surroundings):
        assert frame.crs == city.crs
        assert frame.is_valid.all()
    assert city.compounds["compound_id"].is_unique and city.gates.index.is_unique
    assert set(city.compounds.geom_type) | set(city.plazas.geom_type) <= {"Polygon", "MultiPolygon"}
    assert set(city.gates["access"]) <= {"public", "residents", "locked"}
    assert facts["compounds"] == len(city.compounds) and facts["plazas"] == len(city.plazas)
    assert sum(facts["gates"].values()) == len(city.gates)
    waits = NodeFlag.CROSSING | NodeFlag.SIGNALS
    assert not ((streets.node_flags & waits) == waits).any()
    # Every gate on a street stands in the list, in the same place.
    on_street = streets.lonlat[(streets.node_flags & NodeFlag.GATE) != 0]
    area_xy = gpd.GeoSeries(gpd.points_from_xy(*on_street.T), crs=4326).to_crs(city.crs)
    near = area_xy[area_xy.within(shapely.box(*city.gates.total_bounds))]
    tree = shapely.STRtree(city.gates.geometry.to_numpy())
    assert (tree.query_nearest(near.to_numpy(), return_distance=True)[1] < 0.01).all()
    # Steps are the only class barred for wheels in bulk, and only walkers' ways cross.
    assert (streets.flags[streets.highway == "steps"] & WayFlag.ON_FOOT != 0).all()
