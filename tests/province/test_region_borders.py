"""What crosses a border: districts of one region are judged as the whole region is, to the bit."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import region_towns as towns
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.fetching.cut import cut
from gusu_geo.fetching.region import region_of as cut_region
from gusu_geo.pipeline.assess import judge_ground
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.province.districts import centre_of, districts_of
from gusu_geo.province.facts import facts_of, region_of
from gusu_geo.province.parts import District
from gusu_geo.province.province_file import Province, open_province
from gusu_geo.province.studies import Folders, outline_text, write_studies
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As inside a program that cannot start Pythons: a child for each of many small files would
    take longer than all else."""
    monkeypatch.setattr(sys, "executable", "")


def told(study: Study, out: Path) -> dict[str, tuple[Any, ...]]:
    """By home all that is said of it."""
    judged = judge_ground(prepare(study, out=out))
    frame, access, verdict = judged.city.residences.frame, judged.access, judged.verdict
    columns = zip(
        *(access.residence_ids, frame["persons"], frame["levels"].fillna(0), frame["name"]),
        *(verdict.state.tolist(), access.nearest_cs.tolist(), access.counted_cs.tolist()),
        *(access.nearest_id.to_numpy().tolist(), access.one_stop_cs.tolist()),
        strict=True,
    )
    service_state = verdict.service_state
    return {str(home): (*said, service_state) for home, *said in columns}


def studies_of(province: Province, out: Path) -> tuple[list[District], list[Path]]:
    """The districts, cut, asked, and told."""
    districts = districts_of(province)
    paths = write_studies(province, districts, out)
    for district, path in zip(districts, paths, strict=True):
        target = Folders.of(province, out).osm(district.key)
        target.parent.mkdir(parents=True, exist_ok=True)
        cut(province.osm, cut_region(open_study(path)), target)
    total = province.study().residences.persons_total
    facts = region_of([facts_of(path, out) for path in paths], total=total)
    return districts, write_studies(province, districts, out, facts)


def whole_of(province: Province, districts: list[District]) -> Study:
    """The region as one study, as far as its districts reach."""
    study = province.study()
    outline = shapely.union_all([district.outline for district in districts])
    place = province.root / "whole.geojson"
    place.write_text(outline_text(District("whole", "", "", outline)), encoding="utf-8")
    area = study.area.model_copy(
        update={
            "bbox": None, "boundary": place, "crs": "wgs84",
            "buffer_m": province.halo(study), "centre": centre_of(districts),
        }
    )  # fmt: skip
    return study.model_copy(update={"name": "whole", "area": area})


def both(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The homes of the whole, and those of each district."""
    province, out = open_province(folder / "province.toml"), folder / "out"
    districts, paths = studies_of(province, out)
    parts = [told(open_study(path), out) for path in paths]
    return told(whole_of(province, districts), out), parts


@settings(max_examples=2)
@given(seed=st.integers(0, 10_000))
def test_districts_are_judged_as_the_whole_region_is(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        towns.write_region(Path(folder), seed)
        whole, parts = both(Path(folder))
    assert len(whole) > 30 and len(parts) > 1
    assert sorted(home for part in parts for home in part) == sorted(whole)
    for part in parts:
        assert part == {home: whole[home] for home in part}


LEDGER = """
source = "homes.csv"
crs = "wgs84"
persons_total = 999
persons_source = "made up"
"""


def test_a_home_on_a_border_belongs_to_the_first_district(tmp_path: Path) -> None:
    """Rows of a ledger at every corner where districts meet, and one in each district."""
    towns.write_region(tmp_path, 5, LEDGER)
    outlines = towns.borders(5)
    assert len(outlines) == 4
    lonlat = [xy for shape in outlines.values() for xy in shape.exterior.coords[:-1]]
    corners = sorted({xy for xy in lonlat if lonlat.count(xy) > 1})
    middles = [shape.representative_point().coords[0] for shape in outlines.values()]
    rows = [f"{k},{k % 7 + 0.1},{x!r},{y!r}" for k, (x, y) in enumerate([*corners, *middles])]
    (tmp_path / "homes.csv").write_text("\n".join(["id,persons,lon,lat", *rows]), "utf-8")
    whole, parts = both(tmp_path)
    assert len(whole) == len(rows) > 8
    assert sorted(home for part in parts for home in part) == sorted(whole)
    assert all(part == {home: whole[home] for home in part} for part in parts)
    keys = sorted(outlines)  # as those of the districts
    for k, corner in enumerate(corners):
        holders = [key for key in keys if outlines[key].dwithin(shapely.Point(corner), 1e-9)]
        assert len(holders) > 1 and str(k) in parts[keys.index(holders[0])]


REGISTRY = """
source = "osm-buildings"
persons_total = 12345
persons_source = "made up"
compounds = { source = "registry.csv", crs = "wgs84" }
[compounds]
source = "compounds.geojson"
crs = "wgs84"
"""


def test_a_compound_across_a_border_has_its_residents_once(tmp_path: Path) -> None:
    """Registered compounds in a row over all borders, one of them without a building, one without
    an outline."""
    towns.write_region(tmp_path, 5, REGISTRY)
    shapes = {}
    for k in range(12):
        x, y = 140 * k, 200 + 40 * k
        shapes[f"c{k}"] = shapely.Polygon(
            [
                towns.degrees(*each)
                for each in ((x, y), (x + 120, y), (x + 120, y + 90), (x, y + 90))
            ]
        )
    border = next(iter(towns.borders(5).values())).exterior.coords[1]
    (lon, lat), off = border, 30 / towns.M_LON
    shapes["bare"] = shapely.box(lon - off, lat - 1e-3, lon + off, lat + 1e-4)
    towns.write_outlines(tmp_path / "compounds.geojson", shapes, id=list(shapes))
    lines = ["id,name,persons,lon,lat"]
    for k, (key, shape) in enumerate(shapes.items()):
        lines.append(f"{key},{key},{100 + k}.3,{shape.centroid.x},{shape.centroid.y}")
    x, y = towns.degrees(300.0, 90.0)
    (tmp_path / "registry.csv").write_text("\n".join([*lines, f"point,point,77,{x},{y}"]), "utf-8")
    whole, parts = both(tmp_path)
    assert {"compound:bare", "compound:point"} <= set(whole)
    assert sorted(home for part in parts for home in part) == sorted(whole)
    assert all(part == {home: whole[home] for home in part} for part in parts)
