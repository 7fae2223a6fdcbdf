"""A city's venues, homes and zones as ledgers in other systems and formats: the same verdicts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from conftest import study_of

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.sources.ledgers.shifted import bd_of_gcj, gcj_of_wgs
from gusu_geo.study.params import Area, CandidateParams, FacilitySource, ResidenceParams, ZoneSource
from gusu_geo.study.study_file import open_study
from gusu_geo.tables import Floats

WAYS: dict[str, Callable[[Floats], Floats]] = {
    "wgs84": lambda xy: xy,
    "gcj02": gcj_of_wgs,
    "bd09": lambda xy: bd_of_gcj(gcj_of_wgs(xy)),
}


def moved(frame: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    if crs.startswith("epsg"):
        return frame.to_crs(crs)
    return frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), WAYS[crs]), crs=4326)


def written(frame: gpd.GeoDataFrame, path: Path) -> str:
    """As an office writes it: GBK text, a workbook, or a shapefile without .prj and .cpg."""
    if path.suffix == ".shp":
        frame.to_file(path, encoding="gb18030")
        path.with_suffix(".prj").unlink()
        path.with_suffix(".cpg").unlink(missing_ok=True)
        return path.name
    table = frame.drop(columns="geometry").assign(经度=frame.geometry.x, 纬度=frame.geometry.y)
    if path.suffix == ".csv":
        table.to_csv(path, index=False, encoding="gb18030")
    else:
        table.to_excel(path, index=False)
    return path.name


def times(folder: Path, crs: str, ending: str, city: dict[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    folder.mkdir()
    names = {key: written(moved(frame, crs), folder / f"{key}.{ending}") for key, frame in city.items() if key != "zones"}  # fmt: skip
    zones = moved(city["zones"], crs)
    zones.to_file(folder / "zones.shp", encoding="gb18030")
    (folder / "zones.prj").unlink()
    study = study_of("nanjing")
    base = open_study(study)
    made = base.model_copy(
        update={
            "root": folder,
            "network": base.network.model_copy(
                update={"osm": base.path(base.network.osm)}
            ),
            "area": Area(boundary=Path("zones.shp"), crs=crs, buffer_m=1800),
            "facilities": (FacilitySource(source=names["venues"], crs=crs),),
            "residences": ResidenceParams(source=names["homes"], crs=crs),
            "zones": (ZoneSource(level="街道", source=Path("zones.shp"), crs=crs),),
            "candidates": (CandidateParams(),),
        }
    )  # fmt: skip
    ground = prepare(made, out=folder)
    judged = judge_ground(ground)
    access = judged.access
    homes = ground.city.residences.frame
    return {
        "homes": homes.index.tolist(),
        "zones": ground.city.zones.frame.geometry.area.to_numpy(),
        "times": access.nearest_cs / 100,
        "states": judged.verdict.state,
    }


@pytest.mark.city
def test_nanjing_in_other_systems_has_the_same_verdicts(
    city_of: Callable[[str], Ground], tmp_path: Path
) -> None:
    city = city_of("nanjing").city
    homes = city.residences.frame.to_crs(4326)
    venues = city.facilities.frame.to_crs(4326)
    west, south, east, north = homes.total_bounds
    ends = (west - 1e-4, (west + east) / 2, east + 1e-4)
    halves = [shapely.box(a, south - 1e-4, b, north + 1e-4) for a, b in pairwise(ends)]  # fmt: skip
    frames = {
        "homes": gpd.GeoDataFrame({"编号": homes.index, "人口": homes["persons"].round(2)}, geometry=homes.geometry.to_numpy(), crs=4326),
        "venues": gpd.GeoDataFrame({"编号": venues.index, "名称": venues["name"], "功能": venues["service"]}, geometry=venues.geometry.to_numpy(), crs=4326),
        "zones": gpd.GeoDataFrame({"name": ["西", "东"]}, geometry=halves, crs=4326),
    }  # fmt: skip
    true = times(tmp_path / "wgs84", "wgs84", "csv", frames)
    assert (np.isfinite(true["times"]) & (true["times"] < 900)).sum() > 500
    for crs, ending in (("bd09", "csv"), ("gcj02", "xlsx"), ("epsg:4528", "shp")):
        found = times(tmp_path / ending, crs, ending, frames)
        assert found["homes"] == true["homes"], crs
        np.testing.assert_allclose(found["zones"], true["zones"], rtol=1e-6)
        far = (true["times"] > 1800) | (found["times"] > 1800)  # past the cutoff
        assert np.abs(found["times"] - true["times"])[~far].max() < 1, crs
        clear = np.abs(true["times"] - 900) > 1
        assert (found["states"] == true["states"])[clear].all(), crs
