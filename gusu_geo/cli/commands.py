"""The commands: their parameters and what they print. Help texts: section [help] of the words
file, by the names of commands and parameters."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gusu_geo.cli.help import Command, Group
from gusu_geo.cli.progress import progress, warn_of_size
from gusu_geo.errors import InputError
from gusu_geo.report.terminal import print_json, safe_json, say
from gusu_geo.siting.effort import WORK
from gusu_geo.words import language, speak, text

if TYPE_CHECKING:
    from gusu_geo.study.params import Study

USUAL_SITES = 3  # of a plan without any limit

app = typer.Typer(
    name="gusu-geo",
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class OnlineMap(StrEnum):
    """Basemaps that a map can offer where there is a network."""

    tianditu = "tianditu"
    osm = "osm"


class Lang(StrEnum):
    """Languages of maps and tables."""

    zh = "zh"
    en = "en"


StudyArg = Annotated[str, typer.Argument()]
OutOpt = Annotated[Path, typer.Option("--out")]
ProfileOpt = Annotated[str, typer.Option("--profile")]
LangOpt = Annotated[Lang | None, typer.Option("--lang")]
JsonOpt = Annotated[bool, typer.Option("--json")]
ForceOpt = Annotated[bool, typer.Option("--force")]
LiteOpt = Annotated[bool, typer.Option("--lite")]
NoPlanOpt = Annotated[bool, typer.Option("--no-plan")]
OnlineOpt = Annotated[OnlineMap | None, typer.Option("--online", metavar="<map>")]
PlainOpt = Annotated[bool, typer.Option("--uncompressed")]
QuietOpt = Annotated[bool, typer.Option("--quiet")]


def _version(requested: bool) -> None:
    if requested:
        import gusu_geo

        sys.stdout.write(f"gusu-geo {gusu_geo.__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_version)] = False,
) -> None:
    """15-minute service circles, home by home: what is missing, why, and where to put it."""


@app.command(cls=Command)
def run(
    study: StudyArg = "monaco",
    out: OutOpt = Path(),
    profile: ProfileOpt = "",
    lang: LangOpt = None,
    as_json: JsonOpt = False,
    force: ForceOpt = False,
    lite: LiteOpt = False,
    uncompressed: PlainOpt = False,
    no_plan: NoPlanOpt = False,
    online_basemap: OnlineOpt = None,
    quiet: QuietOpt = False,
) -> None:
    """Judge every home and write tables, workbook and map."""
    from gusu_geo.pipeline.prepare import STAGES
    from gusu_geo.pipeline.run import run as run_study
    from gusu_geo.report import console

    chosen = _study(study, profile, lang)
    with progress(quiet, STAGES) as on_stage:
        result = run_study(
            chosen, out=out, lang=language(), force=force, lite=lite,
            compressed=not uncompressed, online_basemap=online_basemap or "",
            plan=not no_plan, progress=on_stage,
        )  # fmt: skip
    warn_of_size(result.map_path)
    _tell_beside(chosen, out)
    if as_json:
        print_json(result.summary)
    else:
        console.show_summary(result.summary, result.folder, result.map_path)


@app.command(cls=Command)
def site(
    study: StudyArg = "monaco",
    sites: Annotated[int | None, typer.Option("--sites")] = None,
    services_per_site: Annotated[int, typer.Option("--services-per-site")] = 3,
    budget: Annotated[float | None, typer.Option("--budget")] = None,
    target: Annotated[float | None, typer.Option("--target")] = None,
    certain: Annotated[bool, typer.Option("--certain")] = False,
    fast: Annotated[bool, typer.Option("--fast")] = False,
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
    from gusu_geo.siting.effort import Effort
    from gusu_geo.study.catalog import load_pack

    chosen = _study(study, profile, lang)
    limit = None if services_per_site == 0 else services_per_site
    if sites is None and budget is None and target is None:
        sites = USUAL_SITES
    named = tuple(service) if service else None
    effort = Effort(sites, limit, time_limit_s, work, budget, target, certain, fast, named)
    stages = (*STAGES[:5], "site", *STAGES[5:])
    with progress(quiet, stages) as on_stage:
        plan = plan_study(
            chosen, effort=effort, out=out, lang=language(), progress=on_stage,
        )  # fmt: skip
    _tell_beside(chosen, out)
    if as_json:
        print_json(plan.to_dict())
    else:
        pack, files = load_pack(chosen.rule.pack, chosen.root), plan_set(chosen, out)
        names = {s.id: {"zh": s.zh, "en": s.en} for s in pack.services}
        console.show_plan(plan.to_dict(), names)
        console.show_files(files.folder, files.map_path)


@app.command(cls=Command)
def isochrone(
    study: StudyArg,
    at: Annotated[str, typer.Option("--at")],
    minutes: Annotated[str, typer.Option("--minutes")] = "5,10,15",
    output: Annotated[Path | None, typer.Option("-o", "--output")] = None,
    out: OutOpt = Path(),
    profile: ProfileOpt = "",
    lang: LangOpt = None,
    quiet: QuietOpt = False,
) -> None:
    """What one can reach on foot from a point, as GeoJSON polygons."""
    from gusu_geo.pipeline.files import write_text
    from gusu_geo.pipeline.prepare import STAGES
    from gusu_geo.pipeline.questions import isochrone_geojson

    lon, lat = _numbers(at, "--at", count=2)
    limits = _numbers(minutes, "--minutes")
    chosen = _study(study, profile, lang)
    with progress(quiet, STAGES[:2]) as on_stage:
        drawn, spilled = isochrone_geojson(chosen, (lon, lat), limits, out=out, progress=on_stage)
    if output is None:
        sys.stdout.write(safe_json(drawn))
    else:
        write_text(output, drawn)
    _tell_beside(chosen, out)
    for limit, share in spilled.items():
        say(text("usage.spill", minutes=limit, share=share))


@app.command(cls=Command)
def explain(
    study: StudyArg,
    home: Annotated[str, typer.Argument()],
    out: OutOpt = Path(),
    profile: ProfileOpt = "",
    lang: LangOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Ten services of one home, and what would turn each that fails."""
    from gusu_geo.pipeline import questions
    from gusu_geo.report.proof_tables import show_proof

    chosen = _study(study, profile, lang)
    proof = questions.explain(chosen, home, out=out)
    _tell_beside(chosen, out)
    if as_json:
        print_json(proof)
    else:
        show_proof(proof)


@app.command(cls=Command)
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

    chosen, changes = _study(study, profile, lang), read_scenario(scenario)
    with progress(quiet, comparing.STAGES) as on_stage:
        found = comparing.compare(
            chosen, changes, out=out, lang=language(), force=force, progress=on_stage
        )
    _tell_beside(chosen, out)
    document = found.to_dict()
    if as_json:
        print_json(document)
    else:
        console.show_comparison(document, found.folder, found.map_path)


@app.command(cls=Command)
def check(
    study: StudyArg = "monaco",
    out: OutOpt = Path(),
    lang: LangOpt = None,
    as_json: JsonOpt = False,
    force: ForceOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Validate a study: files, services, homes, streets; says what to fix."""
    from gusu_geo.pipeline import questions
    from gusu_geo.pipeline.prepare import STAGES
    from gusu_geo.report.check_tables import show_check

    chosen = _study(study, "", lang)
    with progress(quiet, STAGES[:3]) as on_stage:
        report = questions.check(chosen, out=out, force=force, progress=on_stage)
    if as_json:
        print_json(report)
    else:
        show_check(report)


@app.command(cls=Command)
def fetch(
    study: StudyArg,
    pbf: Annotated[Path | None, typer.Option("--pbf")] = None,
    endpoint: Annotated[str | None, typer.Option("--endpoint")] = None,
    mirror: Annotated[list[str] | None, typer.Option("--mirror")] = None,
    proxy: Annotated[str | None, typer.Option("--proxy")] = None,
    timeout: Annotated[int, typer.Option("--timeout", min=10, max=3600)] = 180,
    tile_km: Annotated[float, typer.Option("--tile-km", min=0.5, max=50)] = 5.0,
    out: OutOpt = Path(),
    lang: LangOpt = None,
    as_json: JsonOpt = False,
    force: ForceOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Download the OSM data of a study, or cut them from an extract."""
    from gusu_geo.fetching.servers import asking_of
    from gusu_geo.pipeline.fetch import fetch as fetch_data
    from gusu_geo.report import console

    chosen = _study(study, "", lang)
    asking = asking_of(endpoint, mirror or [], proxy, timeout_s=timeout, tile_km=tile_km)
    got = fetch_data(
        chosen, out=out, pbf=pbf, asking=asking, force=force, tell=None if quiet else say
    )
    if as_json:
        print_json(got)
    else:
        console.show_fetched(got, out, study)


@app.command(cls=Command)
def new(
    folder: Annotated[Path, typer.Argument()],
    pack: Annotated[str | None, typer.Option("--pack")] = None,
    like: Annotated[str, typer.Option("--from")] = "",
    lang: LangOpt = None,
) -> None:
    """Begin a study that runs as it is: a commented file and a ledger with lists."""
    from gusu_geo.pipeline.new_study import new_study
    from gusu_geo.report import console

    speak(None if lang is None else lang.value)
    console.show_new(new_study(folder, pack=pack, like=like))


@app.command(cls=Command)
def studies(lang: LangOpt = None, as_json: JsonOpt = False) -> None:
    """The built-in studies, rule packs and walking profiles."""
    from gusu_geo.report import console

    speak(None if lang is None else lang.value)
    listing = console.listing()
    if as_json:
        print_json(listing)
    else:
        console.show_listing(listing)


def _study(name: str, profile: str, lang: Lang | None) -> Study:
    """The study, with another walking profile if one is given. Sets the language of all messages:
    ``lang``, else that of the study."""
    from gusu_geo.study.study_file import open_study, with_profile

    study = open_study(name)
    speak(study.lang if lang is None else lang.value)
    return with_profile(study, profile) if profile else study


def _tell_beside(study: Study, out: Path) -> None:
    """Say which outputs of the study do not belong together; their commands mend them."""
    from gusu_geo.pipeline.output_sets import outputs_beside

    for note in outputs_beside(study, out):
        say(note["zh"] if language() == "zh" else note["en"])


def _numbers(given: str, option: str, *, count: int | None = None) -> list[float]:
    try:
        values = [float(part) for part in given.replace("，", ",").split(",")]
    except ValueError:
        values = []
    if not values or (count is not None and len(values) != count):
        what = text("error.option_numbers", option=option)
        if count is not None:
            what = text("error.option_count", option=option, count=count)
        raise InputError(what, got=given)
    return values
