"""Single questions about a study: one home explained, the input checked, an isochrone drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd

from gusu_geo.assessment.walkable_city import link_city, snap_options
from gusu_geo.errors import InputError
from gusu_geo.isochrone.isochrones import isochrones, minutes_ok, reached_streets, spill
from gusu_geo.pipeline.assess import judge_ground
from gusu_geo.pipeline.prepare import Progress, candidates_of, prepare, report_stage
from gusu_geo.report.explanation import explain_residence
from gusu_geo.study.params import Study
from gusu_geo.words import text


def explain(
    study: str | Path | Study, residence_id: str, *, out: str | Path = "."
) -> dict[str, Any]:
    """Why a residence passes or not: ten services, slowest first, with the way walked.

    Raises InputError when there is no such residence (the nearest id is named).
    """
    ground = prepare(study, out=out)
    homes, venues = link_city(ground, ground.trips())
    return explain_residence(judge_ground(ground), homes, venues, residence_id)


def check(
    study: str | Path | Study,
    *,
    out: str | Path = ".",
    force: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Whether a study can be trusted: services with their data, homes, streets, notes."""
    ground = prepare(study, out=out, force=force, progress=progress)
    report_stage(progress, "link")
    outcome = judge_ground(ground)
    if ground.study.candidates.source != "streets":
        candidates_of(ground)
    keys = ("residences", "network", "data", "notes", "facts")
    services = [
        {key: row[key] for key in ("id", "zh", "en", "venues", "state")}
        for row in outcome.summary["services"]
    ]
    return {"study": ground.study.name, "services": services} | {
        key: outcome.summary[key] for key in keys
    }


def isochrone_geojson(
    study: str | Path | Study,
    lonlat: tuple[float, float],
    minutes: Sequence[float],
    *,
    out: str | Path = ".",
    progress: Progress | None = None,
) -> tuple[str, dict[float, float]]:
    """Isochrones from a point as GeoJSON text (EPSG:4326), and for each of the minutes the share
    of the street inside that is not reached.

    Raises InputError: bad minutes, a point that is not within reach of the study's streets.
    """
    minutes_ok(minutes)
    lon, lat = lonlat
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError(text("error.at_degrees"), got=f"{lon:g},{lat:g}")
    ground = prepare(study, out=out, progress=progress)
    point = gpd.GeoDataFrame(geometry=gpd.points_from_xy([lon], [lat]), crs=4326)
    params, options = ground.study, snap_options(ground)
    asked = {"minutes": minutes, "walk": params.walk, **options}
    polygons = isochrones(ground.network, point, **asked)
    if not polygons["linked"].all():
        raise InputError(
            text("error.point_no_street", snap_max_m=params.network.snap_max_m),
            got=f"{lon:g},{lat:g}",
            fix=text("error.point_check"),
        )
    share = spill(
        ground.network, polygons, reached_streets(ground.network, point, **asked),
        walk=params.walk, island_max_m=params.network.island_max_m,
    ).droplevel("id")  # fmt: skip
    rows = polygons.droplevel("id").drop(columns="linked").assign(spill=share.round(6))
    rows = rows.reset_index()
    shares = dict(zip(rows["minutes"].tolist(), share.tolist(), strict=True))
    return str(rows.to_json(drop_id=True)) + "\n", shares
