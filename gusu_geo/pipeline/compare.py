"""Judge a study before and after a scenario, and write the comparison."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from gusu_geo.errors import InputError
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.digests import derived_id
from gusu_geo.pipeline.files import Stage, publish, staging, write_layers
from gusu_geo.pipeline.output_sets import comparison_set, data_folder
from gusu_geo.pipeline.prepare import Progress, prepare, report_stage
from gusu_geo.report.comparison import Comparison
from gusu_geo.report.comparison_workbook import write_comparison_book
from gusu_geo.report.webmap.render import render_map
from gusu_geo.scenarios.apply import apply_scenario, settled
from gusu_geo.scenarios.judged import judge_changed, judge_tiers_of_both
from gusu_geo.scenarios.scenario_file import Scenario, read_scenario
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study
from gusu_geo.tidying import seldom_tidied
from gusu_geo.words import language, text

STAGES = ("read", "network", "apply", "link", "search", "judge", "compare", "write")


@seldom_tidied()
def compare(
    study: str | Path | Study,
    scenario: str | Path | Scenario,
    *,
    out: str | Path = ".",
    lang: str = "",
    force: bool = False,
    progress: Progress | None = None,
) -> Comparison:
    """What a scenario changes: ``.before``, ``.after``, and tables ``.residences``, ``.zones``,
    ``.services``, ``.tiers`` and ``.summary``.

    Writes compare.json, compare.xlsx and compare.gpkg into
    ``out/data/processed/<study>/compare/<scenario>/`` and the map that opens with the scenario,
    ``out/maps/<study>-<scenario>.html``, together at the end. lang: language of the map at first,
    "zh" or "en"; default: that of the study, else of the locale.
    Raises InputError or a subclass: anything wrong with the study or the scenario.
    """
    study = open_study(study)
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    outputs = comparison_set(study, out, _folder_name(scenario))
    ground = prepare(study, out=out, force=force, progress=progress)
    report_stage(progress, "apply")
    changed = apply_scenario(ground, scenario)
    before = outcome_of(ground, judge_ground(ground, progress=progress))
    report_stage(progress, "compare")
    after = judge_changed(changed, ground, before.judgement)
    tiered = judge_tiers_of_both(changed, ground, before.judgement, after, before.zone_of)
    before = replace(before, tiered=None if tiered is None else tiered[0])  # for the map
    closed, marks = changed.venues.closed, changed.marks
    basis: tuple[Any, ...] = (scenario.name, scenario.title, scenario.network, scenario.as_data())
    basis += (scenario.comments_as_data(),) if scenario.comments else ()
    run_id = derived_id(ground.run_id, *basis)
    comparison = Comparison(
        scenario,
        before,
        after,
        closed,
        marks,
        outputs.folder,
        outputs.map_path,
        run_id,
        tiered,
    )
    report_stage(progress, "write")
    with staging(study, out) as stage:
        write_files(comparison, stage)
        html = render_map(
            before, lang=lang or study.lang or language(), scenario=settled(ground, scenario)
        )
        stage.write_map(html, run_id)
        publish(data_folder(study, out), (stage, outputs))
    return comparison


def write_files(comparison: Comparison, stage: Stage) -> None:
    """compare.json, compare.xlsx and compare.gpkg into ``stage``."""
    stage.write_json("compare.json", comparison.to_dict())
    write_comparison_book(comparison, stage.tables / "compare.xlsx")
    zones = comparison.zones
    layers = {
        "residences": comparison.residences.reset_index(),
        "zones": zones[zones.geometry.notna()],
        "changes": comparison.marks.to_crs(4326),
        "comments": comparison.comments,
    }
    layers = {name: frame for name, frame in layers.items() if len(frame)}
    path, summary = stage.tables / "compare.gpkg", comparison.before.summary
    write_layers(layers.items(), path, summary=summary, run_id=comparison.run_id)


def _folder_name(scenario: Scenario) -> str:
    """The name of the scenario. Raises InputError: not usable as the name of a folder."""
    name = scenario.name
    if not name.strip(". ") or Path(name).name != name:
        fix = text("error.rename_scenario")
        raise InputError(text("error.no_folder_name"), where=scenario.where, got=name, fix=fix)
    return name
