"""The output files of a run, and of what of it there is before its survey."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import Summary, SurveyState
from gusu_geo.pipeline.digests import part_id
from gusu_geo.pipeline.files import Stage, write_layers
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
from gusu_geo.report.webmap.render import Draft, draft_of, render_map
from gusu_geo.report.workbook import write_workbook
from gusu_geo.words import language, note


def without_survey(outcome: Outcome, state: SurveyState) -> Outcome:
    """An outcome that says that its survey is "pending" or "left_out"; with a run id of its own, so
    that no file of it is taken for one of the whole."""
    summary: Summary = {
        **outcome.summary,
        "run_id": part_id(outcome.summary["run_id"], state),
        "survey": state,
        "notes": [*outcome.summary["notes"], note(f"survey_{state}")],
    }
    return replace(outcome, summary=summary)


def drawn(outcome: Outcome, lang: str, **form: Any) -> str:
    """The map; form: further options of ``render_map``."""
    return render_map(outcome, lang=_spoken(outcome, lang), **form)


def drafted(outcome: Outcome, lang: str, plan: PlanShown | None, *, lite: bool) -> Draft:
    """What the maps before and after a survey have in common."""
    return draft_of(outcome, lang=_spoken(outcome, lang), plan=plan, lite=lite)


def _spoken(outcome: Outcome, lang: str) -> str:
    return lang or outcome.study.lang or language()


def write_result(outcome: Outcome, stage: Stage, *, lang: str, **form: Any) -> None:
    """Write every output of a run into ``stage``; form: of the map, see ``render_map``."""
    run_id = outcome.summary["run_id"]
    stage.write_json("summary.json", outcome.summary)
    access = marked(access_frame(outcome), invented=outcome.summary["invented"])
    access.attrs[RUN_ID] = run_id
    access.to_parquet(stage.tables / "access.parquet", index=False)
    _write_layers(outcome, stage.tables / "results.gpkg")
    write_workbook(outcome, stage.tables / "workbook.xlsx")
    stage.write_map(drawn(outcome, lang, **form), run_id)


def _write_layers(outcome: Outcome, path: Path) -> None:
    write_layers(_layers(outcome), path, summary=outcome.summary, run_id=outcome.summary["run_id"])


def _layers(outcome: Outcome) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Each layer when it is its turn: service areas have many corners."""
    compounds = compound_frame(outcome)
    yield "residences", residence_frame(outcome).reset_index()
    yield "zones", zone_frame(outcome)
    yield "facilities", facility_frame(outcome).reset_index()
    yield "gaps", gap_frame(outcome)
    for name, frame in outcome.layers.items():
        if name == "compounds" and compounds is not None:
            yield name, compounds
        elif len(frame):
            yield name, frame.to_crs(4326).reset_index(drop=frame.index.name is None)
