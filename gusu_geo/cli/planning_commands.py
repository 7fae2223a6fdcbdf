"""Commands of what may change: where new venues help most, what a scenario changes, which bodies
are paired with which communities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gusu_geo.cli.options import (
    ForceOpt,
    JsonOpt,
    LangOpt,
    OutOpt,
    ProfileOpt,
    QuietOpt,
    StudyArg,
    answer,
    chosen_study,
    tell_beside,
)
from gusu_geo.cli.progress import progress
from gusu_geo.siting.effort import SITES, WORK
from gusu_geo.words import language


def site(
    study: StudyArg = "monaco",
    sites: Annotated[int | None, typer.Option("--sites")] = None,
    services_per_site: Annotated[int, typer.Option("--services-per-site")] = 3,
    budget: Annotated[float | None, typer.Option("--budget")] = None,
    target: Annotated[float | None, typer.Option("--target")] = None,
    certain: Annotated[bool, typer.Option("--certain")] = False,
    signals: Annotated[float | None, typer.Option("--signals")] = None,
    fast: Annotated[bool, typer.Option("--fast")] = False,
    full: Annotated[bool, typer.Option("--full")] = False,
    service: Annotated[list[str] | None, typer.Option("--service")] = None,
    work: Annotated[float, typer.Option("--work")] = WORK,
    time_limit_s: Annotated[float | None, typer.Option("--time-limit")] = None,
    out: OutOpt = Path(),
    profile: ProfileOpt = "",
    lang: LangOpt = None,
    as_json: JsonOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Where new venues would let the most people have every service."""
    from gusu_geo.pipeline.output_sets import plan_set
    from gusu_geo.pipeline.prepare import STAGES
    from gusu_geo.pipeline.run import site as plan_study
    from gusu_geo.report import console
    from gusu_geo.report.plan_console import show_plan
    from gusu_geo.siting.effort import Effort
    from gusu_geo.study.catalog import load_pack

    chosen = chosen_study(study, profile, lang)
    limit = None if services_per_site == 0 else services_per_site
    if sites is None and budget is None and target is None:
        sites = SITES
    named = tuple(service) if service else None
    effort = Effort(sites, limit, time_limit_s, work, budget, target, certain, fast, named, signals)
    stages = (*STAGES[:5], "site", *STAGES[5:])
    with progress(quiet, stages) as on_stage:
        plan = plan_study(
            chosen, effort=effort, out=out, lang=language(), full=full, progress=on_stage
        )
    tell_beside(chosen, out)
    document, files = plan.to_dict(), plan_set(chosen, out, plan.question)

    def show() -> None:
        pack = load_pack(chosen.rule.pack, chosen.root)
        show_plan(document, {s.id: {"zh": s.zh, "en": s.en} for s in pack.services})
        console.show_files(files.folder, files.map_path)

    answer(document, show, as_json=as_json)


def compare(
    study: StudyArg,
    scenario: Annotated[Path, typer.Argument()],
    out: OutOpt = Path(),
    profile: ProfileOpt = "",
    lang: LangOpt = None,
    as_json: JsonOpt = False,
    force: ForceOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Before and after the changes of a scenario: who gains, who loses."""
    from gusu_geo.pipeline import compare as comparing
    from gusu_geo.report import console
    from gusu_geo.scenarios.scenario_file import read_scenario

    chosen, changes = chosen_study(study, profile, lang), read_scenario(scenario)
    with progress(quiet, comparing.STAGES) as on_stage:
        found = comparing.compare(
            chosen, changes, out=out, lang=language(), force=force, progress=on_stage
        )
    tell_beside(chosen, out)
    document = found.to_dict()
    answer(
        document,
        lambda: console.show_comparison(document, found.folder, found.map_path),
        as_json=as_json,
    )


def pair(
    study: StudyArg,
    out: OutOpt = Path(),
    profile: ProfileOpt = "",
    lang: LangOpt = None,
    as_json: JsonOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Pair bodies with communities: who with whom, why, and what is next best."""
    from gusu_geo.pipeline import pairs
    from gusu_geo.report.pairing_console import show_pairing

    chosen = chosen_study(study, profile, lang)
    with progress(quiet, pairs.STAGES) as on_stage:
        document, folder = pairs.pair(chosen, out=out, progress=on_stage)
    tell_beside(chosen, out)
    answer(document, lambda: show_pairing(document, folder), as_json=as_json)
