"""Judge a study, or plan sites for it, and write all outputs together.

``assess`` computes everything in memory; ``run`` writes it. Data read from the sources are cached,
so a change of speed does not read the OSM file again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from gusu_geo._kernels.ahead import compiling_ahead
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import Summary
from gusu_geo.pipeline.assess import verdict_on, with_survey
from gusu_geo.pipeline.digests import derived_id
from gusu_geo.pipeline.files import Stage, publish, staging
from gusu_geo.pipeline.output_sets import data_folder, plan_set, result_set
from gusu_geo.pipeline.plan_files import write_plan
from gusu_geo.pipeline.plan_sections import with_sections
from gusu_geo.pipeline.plans import as_kept, kept_plan, plan_of, suggest, task_on
from gusu_geo.pipeline.prepare import Progress, candidates_of, prepare, report_stage
from gusu_geo.pipeline.rejected import keep_rejected, listing_rejected
from gusu_geo.pipeline.results import drafted, drawn, without_survey, write_result
from gusu_geo.pipeline.survey import Begun
from gusu_geo.pipeline.survey import survey as survey_of
from gusu_geo.report.plan_shown import PlanShown
from gusu_geo.report.stamp import marked
from gusu_geo.report.tables import residence_frame, zone_frame
from gusu_geo.report.webmap.online import online_map
from gusu_geo.report.webmap.render import in_notebook
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.solver import Effort
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study
from gusu_geo.tidying import give_back, seldom_tidied
from gusu_geo.walking.access import AccessTable


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
    survey: bool = True,
    online_basemap: str = "",
    progress: Progress | None = None,
    tell: Callable[[Result], None] = lambda _: None,
) -> Result:
    """The whole pipeline: tables into ``out/data/processed/<study>/``, the map into ``out/maps/``;
    with another profile than the study's own, into ``<study>+<profile>`` beside them.

    lang: language of the map at first, "zh" or "en"; default: that of the study, else of the
    locale. lite, compressed, online_basemap: form of the map, see
    ``report.webmap.render.render_map``. plan: suggest the best single new point; the map shows it
    unless ``site`` has made a plan.
    survey: also detours, service areas and missing links, which take longer than the verdict: the
    outputs are published first without them, marked as pending, and whole at the end. tell: is
    called with the verdict, before the survey.
    Outputs appear together; a run that fails leaves those published before it. Plans and
    comparisons stay as they are.
    Raises InputError or a subclass: anything wrong with the input.
    """
    study = open_study(study)
    if online_basemap:
        online_map(online_basemap)
    outputs, data = result_set(study, out), data_folder(study, out)
    form: dict[str, Any] = {"lite": lite, "compressed": compressed}
    form["online_basemap"] = online_basemap

    def published(stage: Stage, outcome: Outcome) -> Result:
        write_result(outcome, stage, lang=lang, **form)
        publish(data, (stage, outputs))
        keep_rejected(outcome.city.facts.get("rejected", []), study, out)
        return Result(outcome, outputs.folder, outputs.map_path)

    aside = ThreadPoolExecutor(1)  # for the survey, which begins before the verdict
    with (
        listing_rejected(study, out),
        staging(study, out) as stage,
        compiling_ahead(survey),
        aside,
    ):
        ground = prepare(study, out=out, force=force, progress=progress)
        begun = Begun(aside, ground) if survey else None
        judged = verdict_on(ground, progress=progress, linked=begun.linked if begun else None)
        give_back()
        report_stage(progress, "draw")
        shown = suggest(ground, judged) if plan else None
        shown = form["plan"] = kept_plan(ground, out) or shown
        if not survey:
            result = published(stage, without_survey(judged, "left_out"))
            tell(result)
            return result
        rest = aside.submit(survey_of, ground, judged.judgement, begun)
        del begun  # holds the tiles of a city
        form["draft"] = drafted(judged, lang, shown, lite=lite)
        verdict = without_survey(judged, "pending")
        if outputs.run_id() != ground.run_id:  # else the whole is there and stays
            published(stage.part("first"), verdict)
        tell(Result(verdict, outputs.folder, outputs.map_path))
        report_stage(progress, "survey")
        give_back()  # what drawing has used
        outcome = with_survey(judged, rest.result())
        give_back()
        report_stage(progress, "write")
        return published(stage, outcome)


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
    full: bool = False,
    progress: Progress | None = None,
) -> SitingPlan:
    """Plan up to ``sites`` new venues that give the most persons all services; see ``siting``.
    effort: whatever else a plan may use; in place of sites, services_per_site and time_limit_s.
    full: also the curve of gain against sites and money, alternatives, single points of failure,
    and what survives other assumptions.

    Writes plan.json, plan.xlsx, plan.gpkg and scenario.json, which ``compare`` and the map open,
    into ``out/data/processed/<study>/plan/<question>/`` and the map with the plan,
    ``out/maps/<study>+plan-<question>.html``; and, where they are not there for the same data and
    settings, the outputs of ``run``. <question>: ``effort.question``, such as "3-sites".
    """
    study = open_study(study)
    effort = effort or Effort(sites, services_per_site, time_limit_s)
    with listing_rejected(study, out), staging(study, out) as stage:
        ground = prepare(study, out=out, progress=progress)
        candidates = candidates_of(ground)
        effort.check_counts(len(candidates.frame), len(ground.pack.services))
        outcome = verdict_on(ground, progress=progress)
        report_stage(progress, "site")
        started = time.monotonic()
        task = task_on(ground, outcome, candidates, effort)
        found = task.solve()
        plan = plan_of(ground, task, found)
        plan = with_sections(ground, outcome, task, found, plan, full=full)
        places = shapely.get_coordinates(candidates.frame.geometry.to_numpy()).tolist()
        run_id = derived_id(ground.run_id, plan.to_dict(), places)
        plan = replace(plan, run_id=run_id, run_time_s=time.monotonic() - started)
        report_stage(progress, "draw")
        planned = stage.part("plan")
        write_plan(planned, plan, task, found, outcome)
        planned.write_map(
            drawn(outcome, lang, plan=PlanShown(plan, candidates, ground.linking)), run_id
        )
        sets = [(planned, plan_set(study, out, plan.question))]
        result = result_set(study, out)
        if result.run_id() != ground.run_id:
            sets.append((stage.part("result"), result))
            suggest(ground, outcome)
            shown = as_kept(ground, plan.to_dict())  # as a later run will show it
            report_stage(progress, "survey")
            outcome = with_survey(outcome, survey_of(ground, outcome.judgement))
            write_result(outcome, sets[-1][0], lang=lang, plan=shown)
        report_stage(progress, "write")
        publish(data_folder(study, out), *sets)
    return plan
