"""A run publishes its verdict before the survey: both times a whole set, marked as what it is."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pyogrio
import pytest
from command import gusu_geo_here
from own_study import drawn

import gusu_geo as gg
from gusu_geo.pipeline import run as running
from gusu_geo.pipeline.assess import assess
from gusu_geo.pipeline.output_sets import outputs_beside, result_set
from gusu_geo.pipeline.results import write_result
from gusu_geo.pipeline.run import Result
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study

SURVEYED = {"missing_links", "service_areas", "uncovered"}


def files(folder: Path) -> dict[str, bytes]:
    """All outputs but the cache."""
    found = [*folder.glob("data/processed/own/*"), *folder.glob("maps/*")]
    return {path.name: path.read_bytes() for path in found if path.is_file()}


def summary(folder: Path) -> dict[str, object]:
    text = (folder / "data/processed/own/summary.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return open_study(drawn(tmp_path_factory.mktemp("drawn")) / "study.toml")


@pytest.fixture(scope="module")
def ran(study: Study, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of the outputs as they were when the verdict was told, and as they are at the end."""
    first, out = (tmp_path_factory.mktemp(name) for name in ("first", "whole"))

    def keep(result: Result) -> None:
        assert result.summary["survey"] == "pending"
        assert result_set(study, out).run_id() == result.summary["run_id"]
        for name, content in files(out).items():
            place = "maps" if name.endswith(".html") else "data/processed/own"
            (first / place).mkdir(parents=True, exist_ok=True)
            (first / place / name).write_bytes(content)

    gg.run(study, out=out, tell=keep)
    return first, out


def test_the_first_set_says_what_is_pending(ran: tuple[Path, Path], study: Study) -> None:
    first, whole = map(summary, ran)
    assert (first["survey"], whole["survey"]) == ("pending", "done")
    assert first["detour"] is None and whole["detour"] is not None
    assert first["run_id"] != whole["run_id"]
    assert result_set(study, ran[0]).run_id() == first["run_id"]
    notes = [note for note in first["notes"] if note["code"] == "survey_pending"]
    [note] = notes
    page = (ran[0] / "maps/own.html").read_text(encoding="utf-8")
    assert json.dumps(note["zh"], ensure_ascii=False)[1:-1] in page
    book = openpyxl.load_workbook(ran[0] / "data/processed/own/workbook.xlsx", read_only=True)
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(note["zh"] in cell for cell in cells)
    layers = {name for name, _ in pyogrio.list_layers(ran[0] / "data/processed/own/results.gpkg")}
    assert not layers & SURVEYED
    layers = {name for name, _ in pyogrio.list_layers(ran[1] / "data/processed/own/results.gpkg")}
    assert "service_areas" in layers


def test_the_verdict_is_the_same_in_both(ran: tuple[Path, Path]) -> None:
    first, whole = (dict(summary(folder)) for folder in ran)
    for key in ("run_id", "survey", "detour", "notes"):
        first.pop(key), whole.pop(key)
    assert first == whole
    one, two = (pd.read_parquet(f / "data/processed/own/access.parquet") for f in ran)
    pd.testing.assert_frame_equal(one, two)


def test_the_whole_is_that_of_a_run_in_one_go(
    ran: tuple[Path, Path], study: Study, tmp_path: Path
) -> None:
    from gusu_geo.pipeline.files import staging
    from gusu_geo.pipeline.plans import suggest
    from gusu_geo.pipeline.prepare import prepare

    outcome = assess(study, out=tmp_path)
    shown = suggest(prepare(study, out=tmp_path), outcome)
    with staging(study, tmp_path) as stage:
        write_result(outcome, stage, lang="", plan=shown)
        made = [*stage.tables.iterdir(), *stage.maps.iterdir()]
        names = {path.name.replace("map.html", "own.html"): path for path in made}
        content = {name: path.read_bytes() for name, path in names.items() if name != ".lock"}
    assert content == files(ran[1])


def test_a_stop_in_the_survey_leaves_the_first_set(
    ran: tuple[Path, Path], study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(running, "survey_of", stopped)
        with pytest.raises(KeyboardInterrupt):
            gg.run(study, out=tmp_path)
    assert files(tmp_path) == files(ran[0])
    assert outputs_beside(study, tmp_path) == []
    gg.run(study, out=tmp_path)
    assert files(tmp_path) == files(ran[1])


def test_a_whole_set_is_not_replaced_by_half_of_itself(
    ran: tuple[Path, Path], study: Study
) -> None:
    seen: list[dict[str, bytes]] = []
    gg.run(study, out=ran[1], tell=lambda _: seen.append(files(ran[1])))
    assert seen == [files(ran[1])]


def test_without_a_survey(study: Study, ran: tuple[Path, Path], tmp_path: Path) -> None:
    place = study.root / "study.toml"
    told = gusu_geo_here("run", place, "--out", tmp_path, "--no-survey", "--lang", "en")
    assert told.returncode == 0 and "left out (--no-survey)" in told.stdout
    assert "follow" not in told.stderr
    left = summary(tmp_path)
    assert left["survey"] == "left_out" and result_set(study, tmp_path).run_id() == left["run_id"]
    assert len({left["run_id"], summary(ran[0])["run_id"], summary(ran[1])["run_id"]}) == 3
    planned = gusu_geo_here("site", place, "--out", tmp_path, "--sites", "1", "--quiet")
    assert planned.returncode == 0 and planned.stderr == ""
    assert summary(tmp_path)["survey"] == "done"  # where the whole is not there, it is written
    told = gusu_geo_here("run", place, "--out", tmp_path, "--no-survey", "--quiet")
    assert told.stderr == ""  # the plan is not called old


def test_the_console_answers_before_the_survey(study: Study, tmp_path: Path) -> None:
    told = gusu_geo_here("run", study.root / "study.toml", "--out", tmp_path, "--lang", "en")
    lines = told.stderr.splitlines()
    at = [next(i for i, line in enumerate(lines) if word in line) for word in (
        "judge", "The verdict is written", "survey …", "in the map and the tables now")]  # fmt: skip
    assert at == sorted(at)
    as_json = gusu_geo_here("run", study.root / "study.toml", "--out", tmp_path, "--json")
    assert json.loads(as_json.stdout)["survey"] == "done"
