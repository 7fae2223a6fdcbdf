"""The page's files: which imports which, that the built script is current, and what older browsers
can read of the style sheets. ``make lint`` checks the rest with Node (types, syntax, newer functions)."""

from __future__ import annotations

import hashlib
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import gusu_geo.report.webmap as web
from gusu_geo.report.webmap import constants, district, overview
from gusu_geo.report.webmap.render import BUNDLE, GUARD, STYLES

PAGE = Path(web.__file__).parent / "page"
ROOMS = ("engine", "drawing", "panel", "overview")  # each imports itself and those before it
STARTS = {BUNDLE: "panel/page.js", overview.BUNDLE: "overview/page.js"}
# Selectors that browsers of 2020 do not know; they drop the whole rule that holds one.
NEWER_SELECTORS = re.compile(r":(is|where|has|focus-visible|dir|modal|open)\b|:not\([^)]*,")
NEWER_PROPERTIES = (
    "aspect-ratio", "border-block", "border-inline", "container", "content-visibility", "inset", "inset-block",
    "inset-inline", "inset-inline-start", "inset-inline-end", "margin-block", "margin-inline", "padding-block", "padding-inline", "rotate",
    "scale", "translate",
)  # fmt: skip


def sources() -> dict[str, str]:
    """Every script that the bundle is made of, by its name in ``page/``."""
    paths = sorted(path for room in ROOMS for path in (PAGE / room).glob("*.js"))
    return {path.relative_to(PAGE).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def imports() -> dict[str, set[str]]:
    """Script -> the scripts it imports."""
    found = {}
    for name, code in sources().items():
        asked = re.findall(r'^import .* from "(\.[^"]+)";$', code, re.MULTILINE)
        found[name] = {(PAGE / name).parent.joinpath(path).resolve().relative_to(PAGE.resolve()).as_posix() for path in asked}  # fmt: skip
    return found


def rules() -> list[tuple[list[str], str]]:
    """Selectors and body of every rule of the style sheets, those in media queries too."""
    names = dict.fromkeys((*STYLES, district.STYLE, *overview.STYLES))
    css = "".join((PAGE / name).read_text(encoding="utf-8") for name in names)
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = re.findall(r"([^{}]+)\{([^{}]*)\}", css)
    return [
        ([one.strip() for one in re.split(r",(?![^(]*\))", head)], body) for head, body in found
    ]


def test_rooms_import_downward_and_in_no_circle() -> None:
    graph = imports()
    assert len(graph) > 30
    for name, asked in graph.items():
        room = ROOMS.index(name.split("/")[0])
        assert asked <= graph.keys(), name
        assert all(ROOMS.index(other.split("/")[0]) <= room for other in asked), name
    TopologicalSorter(graph).prepare()  # raises CycleError


def reached_from(start: str) -> set[str]:
    """The scripts that a bundle holds."""
    graph, reached = imports(), {start}
    while more := {other for name in reached for other in graph[name]} - reached:
        reached |= more
    return reached


def test_no_script_is_left_out_of_its_bundle() -> None:
    graph = imports()
    assert reached_from(STARTS[BUNDLE]) == {
        name for name in graph if not name.startswith("overview")
    }
    assert {name for name in graph if name.startswith("overview")} <= reached_from(
        "overview/page.js"
    )
    others = {path.relative_to(PAGE).as_posix() for path in PAGE.rglob("*.js")} - set(graph)
    assert others == {*STARTS, GUARD, "assets/leaflet.js"}


@pytest.mark.parametrize("bundle", STARTS)
def test_a_bundle_is_made_of_the_sources_as_they_are(bundle: str) -> None:
    """Its first line holds their digest, so that a stale one is seen without Node."""
    of = [one for one in sources().items() if bundle != BUNDLE or not one[0].startswith("overview")]
    digest = hashlib.sha256("".join(f"{name}\n{code}" for name, code in of).encode())
    head = (PAGE / bundle).read_text(encoding="utf-8").split("\n", 1)[0]
    assert digest.hexdigest()[:16] in head, "run make page"


def test_constants_are_those_of_python() -> None:
    assert constants.TARGET.read_text(encoding="utf-8") == constants.script(), "run make page"


def test_older_browsers_lose_no_rule_for_a_selector_that_they_do_not_know() -> None:
    for selectors, _ in rules():
        newer = [bool(NEWER_SELECTORS.search(selector)) for selector in selectors]
        assert all(newer) or not any(newer), selectors


def test_no_property_is_newer_than_the_page_promises() -> None:
    for selectors, body in rules():
        used = {line.split(":")[0].strip() for line in body.split(";")}
        assert not used & set(NEWER_PROPERTIES), selectors


def test_flex_boxes_with_gaps_have_margins_in_older_browsers() -> None:
    known = {selector for selectors, _ in rules() for selector in selectors}
    flex = [sel for sels, body in rules() for sel in sels if re.search(r"display: (inline-)?flex", body) and re.search(r"(?<!-)\bgap:", body)]  # fmt: skip
    assert len(flex) > 10
    for selector in flex:
        assert f".no-flex-gap {selector} > *" in known, selector
