"""What several commands take, and what they do first and last."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gusu_geo.report.terminal import print_json, say
from gusu_geo.words import language, speak

if TYPE_CHECKING:
    from gusu_geo.study.params import Study


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
NoSurveyOpt = Annotated[bool, typer.Option("--no-survey")]
NoPlanOpt = Annotated[bool, typer.Option("--no-plan")]
OnlineOpt = Annotated[OnlineMap | None, typer.Option("--online", metavar="<map>")]
PlainOpt = Annotated[bool, typer.Option("--uncompressed")]
QuietOpt = Annotated[bool, typer.Option("--quiet")]


def chosen_study(name: str, profile: str, lang: Lang | None) -> Study:
    """The study, with another walking profile if one is given. Sets the language of all messages:
    ``lang``, else that of the study."""
    from gusu_geo.study.study_file import open_study, with_profile

    study = open_study(name)
    speak(study.lang if lang is None else lang.value)
    return with_profile(study, profile) if profile else study


def tell_beside(study: Study, out: Path) -> None:
    """Say which outputs of the study do not belong together; their commands mend them."""
    from gusu_geo.pipeline.output_sets import outputs_beside

    for note in outputs_beside(study, out):
        say(note["zh"] if language() == "zh" else note["en"])


def answer(document: Any, show: Callable[[], None], *, as_json: bool) -> None:
    """Print what was asked for: as JSON, or as ``show`` prints it."""
    if as_json:
        print_json(document)
    else:
        show()
