"""Single questions about a study: one home explained, the input checked, an isochrone drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd

from gusu_geo.assessment.summary import CheckReport
from gusu_geo.errors import InputError
from gusu_geo.isochrone.isochrones import isochrones, minutes_ok, reached_streets, spill
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.files import staging
from gusu_geo.pipeline.output_sets import outputs_beside
from gusu_geo.pipeline.prepare import Progress, candidates_of, ground_on, prepare, report_stage
from gusu_geo.report.explanation import Explanation, explain_residence
from gusu_geo.report.mending import to_mend
from gusu_geo.report.stamp import marked
from gusu_geo.report.walk_facts import walk_facts
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study
from gusu_geo.tidying import seldom_tidied
from gusu_geo.words import text


def explain(study: str | Path | Study, home: str, *, out: str | Path = ".") -> Explanation:
    """Why a home passes or not: each service, slowest first, with the route walked, the next venue
    and, where it fails, what would turn it.

    home: its id, else a name, pinyin or address, whole or in part; a compound's name too.
    Raises InputError: no such home (what is written alike is suggested), or several (listed).
    """
    ground = prepare(study, out=out)
    walk = walk_facts(ground.study, heights=ground.heights)
    judged = judge_ground(ground)
    return explain_residence(
        ground,
        judged,
        home,
        walk,
        lambda: candidates_of(ground),
        lambda study, city: ground_on(study, ground.pack, city),
    )


@seldom_tidied()
def check(
    study: str | Path | Study,
    *,
    out: str | Path = ".",
    force: bool = False,
    progress: Progress | None = None,
) -> CheckReport:
    """Whether a study can be trusted: services with their data, homes, streets, notes; how each
    ledger was understood; what to mend first; and whether its outputs belong together.

    Raises InputError: whatever ``run`` would raise, even of the folder that it writes to.
    """
    study = open_study(study)
    with staging(study, out):
        ground = prepare(study, out=out, force=force, progress=progress)
    report_stage(progress, "link")
    summary = outcome_of(ground, judge_ground(ground), by_tier=True).summary
    facts = ground.city.facts
    return {
        "study": ground.study.name,
        "invented": ground.study.invented,
        "services": [
            {
                "id": row["id"],
                "zh": row["zh"],
                "en": row["en"],
                "venues": row["venues"],
                "state": row["state"],
            }
            for row in summary["services"]
        ],
        "residences": summary["residences"],
        "network": summary["network"],
        "data": summary["data"],
        "notes": [*summary["notes"], *outputs_beside(ground.study, out)],
        "facts": summary["facts"],
        "sources": summary["sources"],
        "ledgers": facts.get("ledgers", []),
        "tiers": summary["tiers"],
        "mend": to_mend(summary, facts, summary["notes"], today=datetime.now(UTC).date()),
    }


def isochrone_geojson(
    study: str | Path | Study,
    lonlat: tuple[float, float],
    minutes: Sequence[float],
    *,
    out: str | Path = ".",
    progress: Progress | None = None,
) -> tuple[str, dict[float, float]]:
    """Isochrones from a point as GeoJSON text (EPSG:4326), and for each of ``minutes`` the share
    of the street length inside that is not reached.

    Raises InputError: bad minutes, a point that cannot be linked to the study's streets.
    """
    minutes_ok(minutes)
    lon, lat = lonlat
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError(text("error.at_degrees"), got=f"{lon:g},{lat:g}")
    ground = prepare(study, out=out, progress=progress)
    point = gpd.GeoDataFrame(geometry=gpd.points_from_xy([lon], [lat]), crs=4326)
    params, how, walk = ground.study, ground.linking, ground.study.walk
    polygons = isochrones(ground.network, point, minutes=minutes, walk=walk, linking=how)
    if not polygons["linked"].all():
        raise InputError(
            text("error.point_no_street", snap_max_m=params.network.snap_max_m),
            got=f"{lon:g},{lat:g}",
            fix=text("error.point_check"),
        )
    pieces = reached_streets(ground.network, point, minutes=minutes, walk=walk, linking=how)
    share = spill(
        ground.network, polygons, pieces, walk=walk, island_max_m=how.island_max_m
    ).droplevel("id")
    rows = polygons.droplevel("id").drop(columns="linked").assign(spill=share.round(6))
    rows = marked(rows.reset_index(), invented=params.invented)
    shares = dict(zip(rows["minutes"].tolist(), share.tolist(), strict=True))
    return str(rows.to_json(drop_id=True)) + "\n", shares
