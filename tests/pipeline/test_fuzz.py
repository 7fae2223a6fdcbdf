"""A sample of spoiled inputs of every kind, the same every day; ``benchmarks/fuzz.py`` tries more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fuzzing import judge as judging
from fuzzing import packed
from fuzzing.cases import Case, case
from fuzzing.judge import judge
from fuzzing.seeds import KINDS, Files, seeds

from gusu_geo.errors import SourceError
from gusu_geo.words import text

SEED = 20261130
# How many of each kind: what is read in milliseconds more often. A cache: see test_cache.py.
SAMPLE = dict.fromkeys(KINDS, 12) | {
    "osm": 16,
    "pbf": 10,
    "csv": 24,
    "xlsx": 16,
    "study": 30,
    "pack": 30,
    "scenario": 30,
    "cache": 0,
}
OCTETS_ONLY = ("pbf",)  # what passes its check sums can end this process: by hand, or in a child


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def whole(folder: Path) -> dict[str, Files]:
    """The inputs as they were; the folder holds the study they belong to."""
    return seeds(folder, [kind for kind, count in SAMPLE.items() if count])


@pytest.mark.parametrize("kind", [kind for kind, count in SAMPLE.items() if count])
def test_a_spoiled_input_is_read_as_it_stands_or_refused(
    kind: str, whole: dict[str, Files], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "BOMB", 1 << 20)
    monkeypatch.setattr(judging, "READ_WHOLE", 10**6)  # but for one, whole studies take too long
    as_it_was = Case(kind, int(kind != "osm"), whole[kind], "nothing", octets=False)
    assert judge(as_it_was, folder, whole[kind]).outcome == "accepted"
    tried, number = 0, 1
    while tried < SAMPLE[kind]:
        one = case(SEED, kind, number, whole[kind])
        number += 1
        if kind in OCTETS_ONLY and not one.octets:
            continue
        tried += 1
        verdict = judge(one, folder, whole[kind])
        assert verdict.outcome in judging.GOOD, (number - 1, one.how, verdict)
    judge(as_it_was, folder, whole[kind])


def test_the_same_number_is_the_same_input(whole: dict[str, Files]) -> None:
    for kind in ("osm", "xlsx", "study"):
        one, again, other = (case(SEED, kind, number, whole[kind]) for number in (3, 3, 4))
        assert one == again and one.files != other.files


@pytest.mark.parametrize(
    ("how", "outcome"),
    [("a row less", "silent"), ("moved", "silent"), ("breaks", "traceback"), ("acts", "message")],
)
def test_the_judge_sees_each_kind_of_fault(
    how: str, outcome: str, whole: dict[str, Files], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = judging.read_points

    def faulty(path: Path, ledger: Any) -> Any:
        found = real(path, ledger)
        points = found.frame
        if how == "breaks":
            raise ZeroDivisionError
        if how == "acts":
            raise Acting(text("error.no_file"))
        moved = points.set_geometry(points.translate(1))
        return replace(found, frame=points.iloc[1:] if how == "a row less" else moved)

    monkeypatch.setattr(judging, "read_points", faulty)
    as_it_was = Case("csv", 1, whole["csv"], "nothing", octets=False)
    assert judge(as_it_was, folder, whole["csv"]).outcome == outcome


class Acting(SourceError):
    def in_language(self, lang: str) -> str:
        return "\x1b[2J"
