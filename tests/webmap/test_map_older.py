"""The review map in older browsers: a new one from which everything later than Chrome 80 was taken away.

What it cannot show is syntax: a new browser reads all. ``make lint`` parses the page for that.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from outcomes import made_up_plan, make_outcome

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.webmap import figure
from gusu_geo.report.webmap.content import strings
from gusu_geo.report.webmap.render import BUNDLE

pytest_plugins = ["browsing"]

MESSAGE = "#trouble:not([hidden])"
# Functions of browsers and of the language that came with Chrome 81 to 140.
NEWER = {
    "Array": ["fromAsync"],
    "Array.prototype": ["at", "findLast", "findLastIndex", "toReversed", "toSorted", "toSpliced", "with"],
    "CanvasRenderingContext2D.prototype": ["createConicGradient", "reset", "roundRect"],
    "Element.prototype": ["checkVisibility", "getAnimations", "getHTML", "moveBefore", "replaceChildren", "setHTMLUnsafe"],
    "HTMLElement.prototype": ["hidePopover", "showPopover", "togglePopover"],
    "HTMLInputElement.prototype": ["showPicker"],
    "Intl": ["DisplayNames", "DurationFormat", "Segmenter", "supportedValuesOf"],
    "Map": ["groupBy"],
    "Object": ["groupBy", "hasOwn"],
    "Promise": ["any", "try", "withResolvers"],
    "Set.prototype": ["difference", "intersection", "isSubsetOf", "isSupersetOf", "union"],
    "String.prototype": ["at", "isWellFormed", "replaceAll", "toWellFormed"],
    "globalThis": ["AggregateError", "FinalizationRegistry", "WeakRef", "reportError", "scheduler", "structuredClone"],
}  # fmt: skip
TAKE_AWAY = f"""
for (const [path, names] of Object.entries({json.dumps(NEWER)})) {{
    const owner = path.split(".").reduce((at, part) => at[part], globalThis);
    for (const name of names) delete owner[name];
}}
const typed = Object.getPrototypeOf(Int8Array.prototype);
for (const name of ["at", "findLast", "findLastIndex", "toReversed", "toSorted", "with"]) delete typed[name];
"""


@pytest.fixture(scope="module")
def town() -> Outcome:
    return make_outcome(single=True, survey=True)


def test_the_page_works_without_what_came_after_chrome_80(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en", before=TAKE_AWAY)
    assert (
        page.js("typeof structuredClone + [].at + ''.replaceAll + document.body.replaceChildren")
        == "undefined" * 4
    )
    page.js("gusu.openCard('h600')")
    page.test("way-1").click()
    page.test("around").click()
    page.test("fix-1").click()  # a new venue, so the what-if is judged and listed
    assert "persons gain" in page.text("gain")
    page.js("gusu.closeCard()")
    page.test("set-minutes").fill("8")
    page.test("set-mode").select_option("one_stop")
    page.test("undo").click()
    page.test("language").click()
    for k in (-2, 1, -1):
        page.js(f"gusu.colourBy({k})")
    page.test("sort-name").click()
    page.test("venues-all").click()
    page.test("layer-gaps").click()
    page.test("layer-barriers").click()
    page.test("search").fill("h1100")
    page.test("home-h1100").click()
    assert "h1100" in page.text("card-title")
    with page.page.expect_download() as saved:
        page.test("save").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    page.js(f"gusu.load({json.dumps(text)})")
    assert page.test("scenario-trouble").count() == 0
    page.picture()
    page.page.emulate_media(media="print")
    assert page.test("figures").is_visible()


def test_flex_boxes_without_gaps_stand_apart_all_the_same(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    assert page.js("document.documentElement.classList.contains('no-flex-gap')") is False
    page.js("document.documentElement.classList.add('no-flex-gap')")
    page.page.add_style_tag(content="* { column-gap: 0 !important; row-gap: 0 !important; }")
    left, right = (page.test(name).bounding_box() for name in ("tool-venue", "tool-link"))
    assert right["x"] - (left["x"] + left["width"]) >= 4
    assert page.js("document.documentElement.scrollWidth <= innerWidth")


def test_a_browser_that_cannot_unpack_says_so_in_both_languages(visit: Any, town: Outcome) -> None:
    page = visit(town, before="delete globalThis.DecompressionStream", ready=MESSAGE)
    words = strings()["old_browser"]
    assert page.text("trouble") == f"{words['zh']}\n{words['en']}"
    assert page.js("document.documentElement.dataset.ready === undefined")
    visit(town, before="delete globalThis.DecompressionStream", compressed=False)


def test_a_browser_that_cannot_read_the_script_says_so(
    visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script of tomorrow is to this browser what ours is to one of 2019."""

    def of_tomorrow(name: str) -> str:
        return "var gusuPage = a ??? b;" if name == BUNDLE else web_file(name)

    web_file = figure.web_file
    monkeypatch.setattr(figure, "web_file", of_tomorrow)
    page = visit(make_outcome(), ready=MESSAGE)
    assert page.text("trouble").endswith(strings()["old_browser"]["en"])
    complaints = "\n".join(page.trouble)
    assert "SyntaxError" in complaints or "Unexpected token" in complaints
    assert "gusuPage is not defined" in complaints
    page.trouble.clear()
