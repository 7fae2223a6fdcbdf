"""The whole way: study -> city -> network -> links -> access -> verdict -> outputs.

``assess`` works out everything in memory; ``run`` writes it. What was read from the sources is
kept under a digest of all that it depends on, so that a change of speed reads no OSM file again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import Rule
from gusu_geo.assessment.zones import assign, roll_up
from gusu_geo.errors import InputError, OutputError
from gusu_geo.isochrone.isochrones import isochrones, minutes_ok, reached_streets, spill
from gusu_geo.pipeline import files as outputs
from gusu_geo.pipeline.prepare import (
    CityLinks,
    Ground,
    Progress,
    candidates_of,
    judge_links,
    link_all,
    link_city,
    link_fewer,
    prepare,
    rule_of,
    snap_options,
    tell,
)
from gusu_geo.pipeline.survey import drawer_of, survey
from gusu_geo.report.explanation import explain_residence
from gusu_geo.report.summary import lost_venues, sensitivity_row, summarise
from gusu_geo.report.walk_facts import walk_facts
from gusu_geo.report.webmap.render import in_notebook, render_map
from gusu_geo.siting.planning import SitingPlan, plan_sites
from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study, with_profile
from gusu_geo.walking.access import AccessTable

STAGES = ("read", "network", "link", "search", "judge", "survey", "draw", "write")
ESTIMATE = {"zh": "人口为估算值，不是普查数。", "en": "Persons are an estimate, not a count."}


@dataclass(frozen=True)
class Result:
    """A finished run: what was found and where it lies."""

    outcome: Outcome
    folder: Path
    map_path: Path

    @property
    def summary(self) -> dict[str, Any]:
        """As in ``summary.json``."""
        return self.outcome.summary

    @property
    def access(self) -> AccessTable:
        """Times and nearest venues."""
        return self.outcome.access

    @property
    def residences(self) -> gpd.GeoDataFrame:
        """Residences with persons, state, missing services and minutes (EPSG:4326)."""
        return outputs.residence_frame(self.outcome)

    @property
    def zones(self) -> gpd.GeoDataFrame:
        """Zones with their totals (EPSG:4326)."""
        return outputs.zone_frame(self.outcome)

    def _repr_html_(self) -> str:
        return in_notebook(self.map_path.read_text(encoding="utf-8"))


def assess(
    study: str | Path | Study,
    *,
    out: str | Path = ".",
    force: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Judge every residence of a study, and survey; nothing but the cache is written."""
    ground = prepare(study, out=out, force=force, progress=progress)
    return judge_ground(ground, progress=progress, surveyed=True)


def judge_ground(
    ground: Ground, *, progress: Progress | None = None, surveyed: bool = False
) -> Outcome:
    """Link, search and judge; surveyed: measure detours, missing links and service areas too."""
    study, city, net = ground.study, ground.city, ground.network
    rule = rule_of(study)
    tell(progress, "link")
    trips = ground.trips()
    persons = city.residences.frame["persons"].to_numpy(float)
    more = None
    with ThreadPoolExecutor(1) as pool:  # beside what else is done: it waits for none of it
        drawer = pool.submit(drawer_of, ground, trips) if surveyed else None
        links = link_all(ground, trips)
        homes, venues, entered = links.homes, links.venues, links.entered
        lost = lost_venues(city, venues)
        known = [city.facts["known"][s] and s not in lost.unreachable for s in rule.services]
        tell(progress, "search")
        access, verdict = judge_links(ground, trips, rule, links, known=known)
        tell(progress, "judge")
        zone_of = assign(city.zones, city.residences)
        sensitivity = pool.submit(_sensitivity, ground, rule, known, links)
        if drawer is not None:
            tell(progress, "survey")
            more = survey(ground, drawer.result(), rule, homes, venues, entered)
    summary = summarise(
        study, rule, city, net, access, verdict,
        zones=roll_up(city.zones, zone_of, persons, verdict),
        sensitivity=sensitivity.result(),
        lost=lost, walk=walk_facts(study, heights=ground.heights), links=homes.links,
        notes=ground.notes, detour=None if more is None else more.detours.summary(persons),
    )  # fmt: skip
    return Outcome(
        study=study, rule=rule, city=city, network=net, access=access, verdict=verdict,
        zone_of=zone_of, summary=summary, links=homes.links,
        venue_links=venues.links, known=tuple(known),
        entered_links=None if entered is None else entered.links,
        detour=None if more is None else more.detours,
        layers={"compounds": ground.compounds, **({} if more is None else more.layers)},
    )  # fmt: skip


def run(
    study: str | Path | Study = "monaco",
    *,
    out: str | Path = ".",
    lang: str = "",
    force: bool = False,
    lite: bool = False,
    compressed: bool = True,
    progress: Progress | None = None,
) -> Result:
    """The whole pipeline: tables into ``out/data/processed/<study>/``, the map into ``out/maps/``.

    lite, compressed: form of the map, see ``report.map.render_map``.
    Outputs appear together at the end; a run that fails leaves the previous ones as they were.
    Raises InputError and its kin for everything that is wrong with the input.
    """
    study = open_study(study)
    with outputs.staging(study, out) as stage:
        outcome = assess(study, out=out, force=force, progress=progress)
        form = {"lite": lite, "compressed": compressed}
        return _publish(outcome, stage, lang=lang, progress=progress, **form)


def site(
    study: str | Path | Study = "monaco",
    *,
    sites: int,
    services_per_site: int | None = 3,
    out: str | Path = ".",
    lang: str = "",
    time_limit_s: float = 60.0,
    progress: Progress | None = None,
) -> SitingPlan:
    """Where up to ``sites`` new venues let the most persons have all services; see ``siting``.

    Writes ``plan.json`` and the map with the plan beside the outputs of ``run``.
    """
    study = open_study(study)
    with outputs.staging(study, out) as stage:
        ground = prepare(study, out=out, progress=progress)
        outcome = judge_ground(ground, progress=progress, surveyed=True)
        tell(progress, "site")
        candidates = candidates_of(ground)
        plan = plan_sites(
            ground.trips(), ground.city.residences, candidates,
            outcome.access, outcome.verdict, outcome.rule, **snap_options(ground),
            sites=sites, services_per_site=services_per_site, time_limit_s=time_limit_s,
        )  # fmt: skip
        persons = ground.city.facts["persons"]
        if persons["estimate"]:
            note = {"code": "persons_estimate", **ESTIMATE}
            plan = replace(plan, notes=(*plan.notes, note))
        (stage / outputs.PLAN).write_text(outputs.as_json(plan.to_dict()), encoding="utf-8")
        shown = {"plan": plan, "candidates": candidates}
        _publish(outcome, stage, lang=lang, progress=progress, **shown)
    return plan


def _sensitivity(
    ground: Ground, rule: Rule, known: list[bool], links: CityLinks
) -> list[dict[str, Any]]:
    """The result at every profile's speed: speed is a policy choice and must be seen as one."""
    persons = ground.city.residences.frame["persons"].to_numpy(float)
    closed = ground.trips().pace.closed
    rows = []
    for name, profile in PROFILES.items():
        trips = ground.trips(with_profile(ground.study, name).walk)
        # Where other streets are barred, other streets are linked to.
        barred = trips.pace.closed
        if np.array_equal(barred, closed):
            own = links
        elif (barred >= closed).all():
            own = link_fewer(ground, trips, links)
        else:
            own = link_all(ground, trips)
        _, verdict = judge_links(ground, trips, rule, own, known=known)
        rows.append(sensitivity_row(name, profile.speed_mps, verdict, persons))
    return rows


def _publish(
    outcome: Outcome,
    stage: Path,
    *,
    lang: str,
    progress: Progress | None,
    **shown: Any,
) -> Result:
    """Write everything and move it into place; shown: further options of ``render_map``."""
    tell(progress, "draw")
    language = lang or ("zh" if outcome.study.title.zh else "en")
    outputs.write_all(outcome, stage, render_map(outcome, lang=language, **shown))
    tell(progress, "write")
    return Result(outcome, *outputs.publish(outcome.study, stage))


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
    tell(progress, "link")
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
        raise InputError("--at must be LON,LAT in degrees.", got=f"{lon:g},{lat:g}")
    ground = prepare(study, out=out, progress=progress)
    point = gpd.GeoDataFrame(geometry=gpd.points_from_xy([lon], [lat]), crs=4326)
    params, options = ground.study, snap_options(ground)
    asked = {"minutes": minutes, "walk": params.walk, **options}
    polygons = isochrones(ground.network, point, **asked)
    if not polygons["linked"].all():
        raise InputError(
            f"no street within {params.network.snap_max_m:g} m of the point.",
            got=f"{lon:g},{lat:g}",
            fix="Is it LON,LAT (not LAT,LON), in WGS 84, inside the study's area?",
        )
    share = spill(
        ground.network, polygons, reached_streets(ground.network, point, **asked),
        walk=params.walk, island_max_m=params.network.island_max_m,
    ).droplevel("id")  # fmt: skip
    rows = polygons.droplevel("id").drop(columns="linked").assign(spill=share.round(6))
    rows = rows.reset_index()
    shares = dict(zip(rows["minutes"].tolist(), share.tolist(), strict=True))
    return str(rows.to_json(drop_id=True)) + "\n", shares


def write_text(path: Path, text: str) -> None:
    """A whole file or none. Raises OutputError when it cannot be written."""
    beside = path.parent / f".{path.name}.part-{os.getpid()}"
    if path.is_dir():
        raise OutputError("is a folder.", where=path, fix="Name a file.")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OutputError(f"cannot be written: {error.strerror}.", where=path) from error
