"""The command line: parsing, progress, exit codes. 0 done, 2 the input is at fault, 1 our fault."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gusu_geo.errors import InputError

if TYPE_CHECKING:
    from gusu_geo.study.params import Study

INTERRUPTED = 130
LARGE_MAP_MB = 20

app = typer.Typer(
    name="gusu-geo",
    help="15-minute service circles, home by home: what is missing, why, and where to put it.\n\n"
    "十五分钟生活圈逐户评价：缺什么、为什么缺、补在哪里。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Lang(StrEnum):
    """Languages of maps and tables."""

    zh = "zh"
    en = "en"


StudyArg = Annotated[str, typer.Argument(help="A study file (.toml) or a built-in study.")]
OutOpt = Annotated[Path, typer.Option("--out", help="Root of data/processed/ and maps/.")]
ProfileOpt = Annotated[
    str, typer.Option("--profile", help="Walking profile instead of the study's: see 'studies'.")
]
LangOpt = Annotated[Lang | None, typer.Option("--lang", help="First language of map and tables.")]
JsonOpt = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
ForceOpt = Annotated[bool, typer.Option("--force", help="Read the sources again.")]
LiteOpt = Annotated[
    bool, typer.Option("--lite", help="The smallest map: to look at only, without what-if.")
]
PlainOpt = Annotated[
    bool, typer.Option("--uncompressed", help="A map for browsers before 2020; a larger file.")
]
QuietOpt = Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")]


@app.command()
def run(
    study: StudyArg = "monaco",
    out: OutOpt = Path(),
    profile: ProfileOpt = "",
    lang: LangOpt = None,
    as_json: JsonOpt = False,
    force: ForceOpt = False,
    lite: LiteOpt = False,
    uncompressed: PlainOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Judge every home and write tables, workbook and map."""
    from gusu_geo.pipeline.prepare import STAGES
    from gusu_geo.pipeline.run import run as run_study
    from gusu_geo.report import console

    chosen = _study(study, profile)
    with _progress(quiet, STAGES) as on_stage:
        result = run_study(
            chosen, out=out, lang=_text(lang, chosen), force=force, lite=lite,
            compressed=not uncompressed, progress=on_stage,
        )  # fmt: skip
    _warn_of_size(result.map_path)
    if as_json:
        _print_json(result.summary)
    else:
        console.show_summary(
            result.summary, result.folder, result.map_path, lang=_text(lang, chosen)
        )


@app.command()
def site(
    study: StudyArg = "monaco",
    sites: Annotated[int, typer.Option("--sites", help="How many new venues at most.")] = 3,
    services_per_site: Annotated[
        int, typer.Option("--services-per-site", help="Services one venue may offer; 0 = no limit.")
    ] = 3,
    time_limit_s: Annotated[float, typer.Option("--time-limit", help="Seconds to search.")] = 60.0,
    out: OutOpt = Path(),
    profile: ProfileOpt = "",
    lang: LangOpt = None,
    as_json: JsonOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Where new venues would let the most people have every service."""
    from gusu_geo.pipeline.prepare import STAGES
    from gusu_geo.pipeline.run import site as plan_study
    from gusu_geo.report import console
    from gusu_geo.study.catalog import load_pack

    chosen = _study(study, profile)
    limit = None if services_per_site == 0 else services_per_site
    stages = (*STAGES[:5], "site", *STAGES[5:])
    with _progress(quiet, stages) as on_stage:
        plan = plan_study(
            chosen, sites=sites, services_per_site=limit, out=out, lang=_text(lang, chosen),
            time_limit_s=time_limit_s, progress=on_stage,
        )  # fmt: skip
    if as_json:
        _print_json(plan.to_dict())
    else:
        pack = load_pack(chosen.rule.pack, chosen.root)
        names = {s.id: {"zh": s.zh, "en": s.en} for s in pack.services}
        console.show_plan(plan.to_dict(), names, lang=_text(lang, chosen))


@app.command()
def isochrone(
    study: StudyArg,
    at: Annotated[str, typer.Option("--at", help="LON,LAT in degrees (WGS 84).")],
    minutes: Annotated[
        str, typer.Option("--minutes", help="One or more, with commas.")
    ] = "5,10,15",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="GeoJSON file.")] = None,
    out: OutOpt = Path(),
    profile: ProfileOpt = "",
    quiet: QuietOpt = False,
) -> None:
    """What one can reach on foot from a point, as GeoJSON polygons."""
    from gusu_geo.pipeline.files import write_text
    from gusu_geo.pipeline.prepare import STAGES
    from gusu_geo.pipeline.questions import isochrone_geojson

    lon, lat = _numbers(at, "--at", count=2)
    limits = _numbers(minutes, "--minutes")
    chosen = _study(study, profile)
    with _progress(quiet, STAGES[:2]) as on_stage:
        text, spilled = isochrone_geojson(chosen, (lon, lat), limits, out=out, progress=on_stage)
    if output is None:
        sys.stdout.write(text)
    else:
        write_text(output, text)
    for limit, share in spilled.items():
        sys.stderr.write(
            f"{limit:g} 分钟：圈内道路有 {share:.2%} 走不到 · "
            f"{limit:g} min: {share:.2%} of the street inside is not reached\n"
        )


@app.command()
def explain(
    study: StudyArg,
    residence_id: Annotated[str, typer.Argument(help="As on the map's card, e.g. w123.")],
    out: OutOpt = Path(),
    profile: ProfileOpt = "",
    lang: LangOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Ten services of one home, slowest first, with the way walked."""
    from gusu_geo.pipeline import questions
    from gusu_geo.report import console

    chosen = _study(study, profile)
    proof = questions.explain(chosen, residence_id, out=out)
    if as_json:
        _print_json(proof)
    else:
        console.show_proof(proof, lang=_text(lang, chosen))


@app.command()
def compare(
    study: StudyArg,
    scenario: Annotated[Path, typer.Argument(help="A scenario file (.json), as the map saves it.")],
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

    chosen, changes = _study(study, profile), read_scenario(scenario)
    with _progress(quiet, comparing.STAGES) as on_stage:
        found = comparing.compare(
            chosen, changes, out=out, lang=_text(lang, chosen), force=force, progress=on_stage
        )
    told = found.to_dict()
    if as_json:
        _print_json(told)
    else:
        console.show_comparison(told, found.folder, found.map_path, lang=_text(lang, chosen))


@app.command()
def check(
    study: StudyArg = "monaco",
    out: OutOpt = Path(),
    lang: LangOpt = None,
    as_json: JsonOpt = False,
    force: ForceOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Validate a study: files, services, homes, streets; says what to mend."""
    from gusu_geo.pipeline import questions
    from gusu_geo.pipeline.prepare import STAGES
    from gusu_geo.report import console

    chosen = _study(study, "")
    with _progress(quiet, STAGES[:3]) as on_stage:
        report = questions.check(chosen, out=out, force=force, progress=on_stage)
    if as_json:
        _print_json(report)
    else:
        console.show_check(report, lang=_text(lang, chosen))


@app.command()
def studies(as_json: JsonOpt = False) -> None:
    """The built-in studies, rule packs and walking profiles."""
    from gusu_geo.report import console

    listing = console.listing()
    if as_json:
        _print_json(listing)
    else:
        console.show_listing(listing)


def main() -> None:
    """Entry point: errors become one message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # no console may fail on a name it cannot show
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    try:
        app()
    except InputError as error:
        sys.stderr.write(f"gusu-geo: {error}\n")
        raise SystemExit(2) from None
    except SystemExit as done:  # typer turns Ctrl-C into this
        if done.code == INTERRUPTED:
            sys.stderr.write("gusu-geo: stopped; the previous outputs are untouched.\n")
        raise
    except Exception:
        traceback.print_exc()
        sys.stderr.write("gusu-geo: this is a fault of gusu-geo, not of your input.\n")
        raise SystemExit(1) from None


def _study(name: str, profile: str) -> Study:
    """The study, walked by another profile if one is given."""
    from gusu_geo.study.study_file import open_study, with_profile

    study = open_study(name)
    return with_profile(study, profile) if profile else study


def _text(lang: Lang | None, study: Study) -> str:
    """The language asked for, else Chinese where the study has a Chinese title."""
    return lang.value if lang is not None else "zh" if study.title.zh else "en"


def _numbers(text: str, option: str, *, count: int | None = None) -> list[float]:
    try:
        values = [float(part) for part in text.replace("，", ",").split(",")]
    except ValueError:
        values = []
    if not values or (count is not None and len(values) != count):
        wanted = "numbers with commas" if count is None else f"{count} numbers with a comma"
        raise InputError(f"{option} must be {wanted}.", got=text)
    return values


def _warn_of_size(path: Path) -> None:
    """A word where the map is too large to be mailed or to open quickly."""
    size_mb = path.stat().st_size / 1e6
    if size_mb > LARGE_MAP_MB:
        sys.stderr.write(
            f"地图 {size_mb:.0f} MB，可能难以邮寄、打开较慢：可加 --lite，或缩小 buffer_m · "
            f"the map has {size_mb:.0f} MB: try --lite, or a smaller buffer_m\n"
        )


def _print_json(document: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _say(stage: str) -> None:
    sys.stderr.write(f"{stage} …\n")


@contextmanager
def _progress(quiet: bool, stages: tuple[str, ...]) -> Iterator[Callable[[str], None] | None]:
    """A bar on a terminal, plain lines otherwise; always on stderr."""
    if quiet:
        yield None
        return
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _say
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<8}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(stages[0], total=len(stages))
        yield lambda stage: bar.update(task, description=stage, completed=stages.index(stage))
