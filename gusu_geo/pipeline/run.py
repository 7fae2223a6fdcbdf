"""Judge a study, or plan sites for it, and write all outputs together.

``assess`` computes everything in memory; ``run`` writes it. Data read from the sources are cached,
so a change of speed does not read the OSM file again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import Summary
from gusu_geo.pipeline.assess import assess_ground
from gusu_geo.pipeline.digests import derived_id
from gusu_geo.pipeline.files import Stage, publish, staging, write_layers
from gusu_geo.pipeline.output_sets import PLAN, data_folder, plan_set, result_set
from gusu_geo.pipeline.plans import as_kept, kept_plan, plan_of, suggest, task_on
from gusu_geo.pipeline.prepare import Progress, candidates_of, prepare, report_stage
from gusu_geo.pipeline.rejected import keep_rejected, listing_rejected
from gusu_geo.pipeline.tidying import seldom_tidied
from gusu_geo.report.plan_shown import PlanShown
from gusu_geo.report.stamp import RUN_ID, marked
from gusu_geo.report.tables import (
    access_frame,
    compound_frame,
    facility_frame,
    gap_frame,
    residence_frame,
    zone_frame,
)
from gusu_geo.report.webmap.online import online_map
from gusu_geo.report.webmap.render import in_notebook, render_map
from gusu_geo.report.workbook import write_workbook
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.solver import Effort
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study
from gusu_geo.walking.access import AccessTable
from gusu_geo.words import language


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
        return marked(residence_frame(self.outcome), invented=self.summary["invented"])

    @property
    def zones(self) -> gpd.GeoDataFrame:
        """Zones with their totals (EPSG:4326)."""
        return marked(zone_frame(self.outcome), invented=self.summary["invented"])

    def __repr__(self) -> str:
        return f"<Result of {self.outcome.study.name}: {self.map_path}>"

    def _repr_html_(self) -> str:
        page = self.map_path.read_text(encoding="utf-8")
        return in_notebook(page, self.summary["run_id"])


@seldom_tidied()
def run(
    study: str | Path | Study = "monaco",
    *,
    out: str | Path = ".",
    lang: str = "",
    force: bool = False,
    lite: bool = False,
    compressed: bool = True,
    plan: bool = True,
    online_basemap: str = "",
    progress: Progress | None = None,
) -> Result:
    """The whole pipeline: tables into ``out/data/processed/<study>/``, the map into ``out/maps/``;
    with another profile than the study's own, into ``<study>+<profile>`` beside them.

    lang: language of the map at first, "zh" or "en"; default: that of the study, else of the
    locale. lite, compressed, online_basemap: form of the map, see
    ``report.webmap.render.render_map``. plan: suggest the best single new point; the map shows it
    unless ``site`` has made a plan.
    Outputs appear together at the end; a run that fails leaves the previous ones unchanged. Plans
    and comparisons stay as they are.
    Raises InputError or a subclass: anything wrong with the input.
    """
    study = open_study(study)
    if online_basemap:
        online_map(online_basemap)
    with listing_rejected(study, out), staging(study, out) as stage:
        ground = prepare(study, out=out, force=force, progress=progress)
        outcome = assess_ground(ground, progress=progress)
        report_stage(progress, "draw")
        shown = suggest(ground, outcome) if plan else None
        shown = kept_plan(ground, out) or shown
        outputs = result_set(study, out)
        form = {
            "lite": lite,
            "compressed": compressed,
            "online_basemap": online_basemap,
            "plan": shown,
        }
        _write_result(outcome, stage, lang=lang, **form)
        report_stage(progress, "write")
        publish(data_folder(study, out), (stage, outputs))
        keep_rejected(outcome.city.facts.get("rejected", []), study, out)
    return Result(outcome, outputs.folder, outputs.map_path)


@seldom_tidied()
def site(
    study: str | Path | Study = "monaco",
    *,
    sites: int | None = None,
    services_per_site: int | None = 3,
    effort: Effort | None = None,
    out: str | Path = ".",
    lang: str = "",
    time_limit_s: float | None = None,
    progress: Progress | None = None,
) -> SitingPlan:
    """Plan up to ``sites`` new venues that give the most persons all services; see ``siting``.
    effort: whatever else a plan may use; in place of sites, services_per_site and time_limit_s.

    Writes ``plan.json`` and the map with the plan, ``out/maps/<study>+plan.html``; and, where they
    are not there for the same data and settings, the outputs of ``run``.
    """
    study = open_study(study)
    effort = effort or Effort(sites, services_per_site, time_limit_s)
    with listing_rejected(study, out), staging(study, out) as stage:
        ground = prepare(study, out=out, progress=progress)
        outcome = assess_ground(ground, progress=progress)
        report_stage(progress, "site")
        candidates = candidates_of(ground)
        plan = plan_of(ground, task_on(ground, outcome, candidates, effort))
        places = shapely.get_coordinates(candidates.frame.geometry.to_numpy()).tolist()
        run_id = derived_id(ground.run_id, plan.to_dict(), places)
        plan = replace(plan, run_id=run_id)
        report_stage(progress, "draw")
        planned = stage.part("plan")
        planned.write_json(PLAN, plan.to_dict())
        planned.write_map(
            _drawn(outcome, lang, plan=PlanShown(plan, candidates, ground.linking)), run_id
        )
        sets = [(planned, plan_set(study, out))]
        result = result_set(study, out)
        if result.run_id() != ground.run_id:
            sets.append((stage.part("result"), result))
            suggest(ground, outcome)
            shown = as_kept(ground, plan.to_dict())  # as a later run will show it
            _write_result(outcome, sets[-1][0], lang=lang, plan=shown)
        report_stage(progress, "write")
        publish(data_folder(study, out), *sets)
    return plan


def _drawn(outcome: Outcome, lang: str, **form: Any) -> str:
    """The map; form: further options of ``render_map``."""
    return render_map(outcome, lang=lang or outcome.study.lang or language(), **form)


def _write_result(outcome: Outcome, stage: Stage, *, lang: str, **form: Any) -> None:
    """Write every output of a run into ``stage``; form: of the map, see ``run``."""
    run_id = outcome.summary["run_id"]
    stage.write_json("summary.json", outcome.summary)
    access = marked(access_frame(outcome), invented=outcome.summary["invented"])
    access.attrs[RUN_ID] = run_id
    access.to_parquet(stage.tables / "access.parquet", index=False)
    _write_layers(outcome, stage.tables / "results.gpkg")
    write_workbook(outcome, stage.tables / "workbook.xlsx")
    stage.write_map(_drawn(outcome, lang, **form), run_id)


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
    compounds = compound_frame(outcome)
    if compounds is not None:
        layers["compounds"] = compounds
    write_layers(layers, path, summary=outcome.summary, run_id=outcome.summary["run_id"])
