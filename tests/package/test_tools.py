"""The workshop: one Hypothesis profile, marks that hold, tools that are pinned."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import marks
import pytest
import yaml
from command import gusu_geo
from conftest import ROOT, raw_data
from hypothesis import HealthCheck, settings

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DEV = PROJECT["project"]["optional-dependencies"]["dev"]


def test_no_example_is_on_the_clock() -> None:
    """The profile is in force, and no test sets what it sets."""
    assert settings.get_current_profile_name() == "gusu_geo"
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check
    own = re.compile(r"deadline\s*=|HealthCheck|load_profile")
    allowed = {ROOT / "tests" / "conftest.py", ROOT / "tests" / "package" / "test_tools.py"}
    files = set((ROOT / "tests").rglob("*.py")) - allowed
    assert [path.name for path in files if own.search(path.read_text(encoding="utf-8"))] == []


def test_every_property_of_this_run_is_without_a_deadline(request: pytest.FixtureRequest) -> None:
    for item in request.session.items:
        test = getattr(item, "obj", None)
        if getattr(test, "is_hypothesis_test", False):
            assert marks.settings_of(test).deadline is None, item.nodeid


def item(name: str, *fixtures: str) -> SimpleNamespace:
    kept: list[str] = []
    made = SimpleNamespace(
        name=name, nodeid=name, fixturenames=fixtures, kept=kept,
        add_marker=kept.append,
        get_closest_marker=lambda name: name if name in kept else None,
    )  # fmt: skip
    marks.mark(made)  # type: ignore[arg-type]
    return made


def test_marks_follow_from_names_and_fixtures() -> None:
    assert item("test_x").kept == []
    assert item("test_x", "visit").kept == ["browser"]
    assert item("test_x", "clone").kept == ["city"]
    assert item("test_x[nanjing]", "browser").kept == ["city", "browser"]


def test_a_city_read_without_the_mark_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mine.osm.pbf").write_bytes(b"a file of its own")
    for reads in (raw_data("monaco.osm.pbf").read_bytes, lambda: gusu_geo("check", "monaco")):
        with pytest.raises(pytest.fail.Exception, match=r"mark it with @pytest\.mark\.city"):
            reads()
    monkeypatch.setattr(marks, "running", [item("test_x", "clone")])
    assert raw_data("monaco.osm.pbf").read_bytes()


def test_every_tool_is_pinned() -> None:
    loose = [tool for tool in DEV if "==" not in tool and not tool.startswith("gusu-geo[")]
    assert loose == []


def test_hooks_fetch_nothing() -> None:
    (own,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert own["repo"] == "local"
    assert {hook["language"] for hook in own["hooks"]} == {"system"}


def test_citation_says_what_the_package_says() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = PROJECT["project"]
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
    assert (cited["abstract"], cited["keywords"]) == (project["description"], project["keywords"])


def test_ci_calls_the_judge_and_forms_can_be_read() -> None:
    ci = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    judge, lowest = ci["jobs"]["judge"], ci["jobs"]["lowest"]
    assert [step["run"] for step in judge["steps"] if "run" in step] == ["bash .ci/run"]
    assert [step["run"] for step in lowest["steps"] if "run" in step] == ["make lowest"]
    versions = judge["strategy"]["matrix"]["python"]
    assert f">={versions[0]}" == PROJECT["project"]["requires-python"]
    for form in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"):
        told = yaml.safe_load(form.read_text(encoding="utf-8"))
        asked = [field["id"] for field in told.get("body", ()) if field["type"] != "markdown"]
        assert len(asked) == len(set(asked))
        assert form.stem == "config" or {"name", "description", "body"} <= set(told)


def test_quick_needs_no_browser_and_no_city() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^quick: (.*)\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe[0] == "$(VENV)/.quick-ready $(VENV)/.compiled"
    assert '-m "not browser and not city and not slow"' in recipe[1]
