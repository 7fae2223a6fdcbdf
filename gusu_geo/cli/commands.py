"""The commands: their parameters and what they print. Help texts: section [help] of the words
file, by the names of commands and parameters."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gusu_geo.cli.help import Command, Group
from gusu_geo.cli.options import (
    ForceOpt,
    JsonOpt,
    LangOpt,
    LiteOpt,
    NoPlanOpt,
    NoSurveyOpt,
    OnlineOpt,
    OutOpt,
    PlainOpt,
    ProfileOpt,
    QuietOpt,
    StudyArg,
    answer,
    chosen_study,
    tell_beside,
)
from gusu_geo.cli.planning_commands import compare, pair, site
from gusu_geo.cli.progress import paused, progress, warn_of_size
from gusu_geo.cli.province_command import province
from gusu_geo.errors import InputError
from gusu_geo.report.terminal import print_json, safe_json, say
from gusu_geo.words import language, speak, text

if TYPE_CHECKING:
    from gusu_geo.pipeline.run import Result

app = typer.Typer(
    name="gusu-geo",
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
    no_survey: NoSurveyOpt = False,
    online_basemap: OnlineOpt = None,
    quiet: QuietOpt = False,
) -> None:
    """Judge every home and write tables, workbook and map."""
    from gusu_geo.pipeline.prepare import STAGES
    from gusu_geo.pipeline.run import run as run_study
    from gusu_geo.report import console

    chosen = chosen_study(study, profile, lang)
    with progress(quiet, STAGES) as on_stage:

        def first(result: Result) -> None:
            with paused(on_stage):
                if not as_json:
                    console.show_summary(result.summary, result.folder, result.map_path)
                if not quiet and result.summary["survey"] == "pending":
                    say(text("usage.survey_pending"))

        result = run_study(
            chosen, out=out, lang=language(), force=force, lite=lite,
            compressed=not uncompressed, online_basemap=online_basemap or "",
            plan=not no_plan, survey=not no_survey, progress=on_stage, tell=first,
        )  # fmt: skip
    if not quiet and not no_survey:
        say(text("usage.survey_done"))
    warn_of_size(result.map_path)
    tell_beside(chosen, out)
    if as_json:
        print_json(result.summary)


app.command(cls=Command)(site)


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
    chosen = chosen_study(study, profile, lang)
    with progress(quiet, STAGES[:2]) as on_stage:
        drawn, spilled = isochrone_geojson(chosen, (lon, lat), limits, out=out, progress=on_stage)
    if output is None:
        sys.stdout.write(safe_json(drawn))
    else:
        write_text(output, drawn)
    tell_beside(chosen, out)
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

    chosen = chosen_study(study, profile, lang)
    proof = questions.explain(chosen, home, out=out)
    tell_beside(chosen, out)
    answer(proof, lambda: show_proof(proof), as_json=as_json)


app.command(cls=Command)(compare)
app.command(cls=Command)(pair)
app.command(cls=Command)(province)


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

    chosen = chosen_study(study, "", lang)
    with progress(quiet, STAGES[:3]) as on_stage:
        report = questions.check(chosen, out=out, force=force, progress=on_stage)
    answer(report, lambda: show_check(report), as_json=as_json)


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

    chosen = chosen_study(study, "", lang)
    asking = asking_of(endpoint, mirror or [], proxy, timeout_s=timeout, tile_km=tile_km)
    got = fetch_data(
        chosen, out=out, pbf=pbf, asking=asking, force=force, tell=None if quiet else say
    )
    answer(got, lambda: console.show_fetched(got, out, study), as_json=as_json)


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
    answer(listing, lambda: console.show_listing(listing), as_json=as_json)


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
