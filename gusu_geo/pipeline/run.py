"""Judge a study, or plan sites for it, and write all outputs together.

``assess`` computes everything in memory; ``run`` writes it. Data read from the sources are cached,
so a change of speed does not read the OSM file again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import Summary
from gusu_geo.pipeline.assess import assess, assess_ground
from gusu_geo.pipeline.files import MAP, PLAN, as_json, publish, staging, write_layers
from gusu_geo.pipeline.prepare import Progress, candidates_of, prepare, report_stage
from gusu_geo.report.tables import (
    access_frame,
    facility_frame,
    gap_frame,
    residence_frame,
    zone_frame,
)
from gusu_geo.report.webmap.render import in_notebook, render_map
from gusu_geo.report.workbook import write_workbook
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.planning import plan_sites
from gusu_geo.siting.solver import Effort
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study
from gusu_geo.walking.access import AccessTable
from gusu_geo.words import language, note


@dataclass(frozen=True, eq=False)
class Result:
    """A finished run: its outcome and the paths of its files."""

    outcome: Outcome
    folder: Path
    map_path: Path

    @property
    def summary(self) -> Summary:
        """As in ``summary.json``."""
        return self.outcome.summary

    @property
    def access(self) -> AccessTable:
        """Times and nearest venues."""
        return self.outcome.access

    @property
    def residences(self) -> gpd.GeoDataFrame:
        """Residences with persons, state, missing services and minutes (EPSG:4326)."""
        return residence_frame(self.outcome)

    @property
    def zones(self) -> gpd.GeoDataFrame:
        """Zones with their totals (EPSG:4326)."""
        return zone_frame(self.outcome)

    def __repr__(self) -> str:
        return f"<Result of {self.outcome.study.name}: {self.map_path}>"

    def _repr_html_(self) -> str:
        return in_notebook(self.map_path.read_text(encoding="utf-8"))


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

    lang: language of the map at first, "zh" or "en"; default: that of the study, else of the
    locale. lite, compressed: form of the map, see ``report.webmap.render.render_map``.
    Outputs appear together at the end; a run that fails leaves the previous ones unchanged.
    Raises InputError or a subclass: anything wrong with the input.
    """
    study = open_study(study)
    with staging(study, out) as stage:
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
    """Plan up to ``sites`` new venues that give the most persons all services; see ``siting``.

    Writes the outputs of ``run``, ``plan.json``, and the map with the plan.
    """
    study = open_study(study)
    effort = Effort(sites, services_per_site, time_limit_s)
    with staging(study, out) as stage:
        ground = prepare(study, out=out, progress=progress)
        outcome = assess_ground(ground, progress=progress)
        report_stage(progress, "site")
        candidates = candidates_of(ground)
        plan = plan_sites(
            ground.trips(), ground.city.residences, candidates,
            outcome.access, outcome.verdict, linking=ground.linking, effort=effort,
        )  # fmt: skip
        persons = ground.city.facts["persons"]
        if persons["estimate"]:
            plan = replace(plan, notes=(*plan.notes, note("persons_estimate")))
        (stage / PLAN).write_text(as_json(plan.to_dict()), encoding="utf-8")
        shown = {"plan": plan, "candidates": candidates}
        _publish(outcome, stage, lang=lang, progress=progress, **shown)
    return plan


def _publish(
    outcome: Outcome,
    stage: Path,
    *,
    lang: str,
    progress: Progress | None,
    **shown: Any,
) -> Result:
    """Write everything and move it into place; shown: further options of ``render_map``."""
    report_stage(progress, "draw")
    first = lang or outcome.study.lang or language()
    _write_all(outcome, stage, render_map(outcome, lang=first, **shown))
    report_stage(progress, "write")
    return Result(outcome, *publish(outcome.study, stage))


def _write_all(outcome: Outcome, stage: Path, page: str) -> None:
    """Write every output of a run into ``stage``; page: the map."""
    (stage / "summary.json").write_text(as_json(outcome.summary), encoding="utf-8")
    access_frame(outcome).to_parquet(stage / "access.parquet", index=False)
    _write_layers(outcome, stage / "results.gpkg")
    write_workbook(outcome, stage / "workbook.xlsx")
    (stage / MAP).write_text(page, encoding="utf-8")


def _write_layers(outcome: Outcome, path: Path) -> None:
    layers = {
        "residences": residence_frame(outcome).reset_index(),
        "zones": zone_frame(outcome),
        "facilities": facility_frame(outcome).reset_index(),
        "gaps": gap_frame(outcome),
        **{
            name: frame.to_crs(4326).reset_index(drop=frame.index.name is None)
            for name, frame in outcome.layers.items()
            if len(frame)
        },
    }
    write_layers(layers, path, osm_date=outcome.summary["data"]["osm_date"])
