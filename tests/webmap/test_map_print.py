"""The review map on paper: A4, the whole picture, nothing that only a screen can do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from map_towns import one_of_each
from outcomes import made_up_plan, make_outcome

from gusu_geo.assessment.outcome import Outcome

pytest_plugins = ["browsing"]

PAPER = (703, 1000)  # A4 between the margins of style.css, in CSS pixels
SCREEN_ONLY = (
    "language",
    "toggle",
    "tools",
    "search",
    "heads",
    "layers",
    "venues",
    "homes",
    "card",
)


@pytest.fixture(scope="module")
def town() -> Outcome:
    return one_of_each(make_outcome(survey=True))


def pages(page: Any) -> int:
    made = page.page.pdf(prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", made)
    assert boxes and all((round(float(w)), round(float(h))) == (595, 842) for w, h in boxes)
    return len(re.findall(rb"/Type ?/Page\b", made))


def test_a_town_fits_two_pages_of_a4(visit: Any, town: Outcome) -> None:
    for lang in ("zh", "en"):
        page = visit(town, plan=made_up_plan(), lang=lang)
        page.js("gusu.openCard('h300')")
        assert pages(page) == 2


def test_paper_shows_the_figures_and_nothing_that_only_a_screen_can_do(
    visit: Any, town: Outcome
) -> None:
    page = visit(town, plan=made_up_plan(), size=PAPER, lang="en")
    page.js("gusu.openCard('h300')")
    page.page.emulate_media(media="print", color_scheme="dark")
    for name in SCREEN_ONLY:
        assert page.test(name).is_hidden(), name
    order = []
    for name in ("title", "answer", "map_gusu", "legend", "foot-full", "figures", "coverage", "plan", "zones", "gaps", "about"):  # fmt: skip
        box = page.page.locator(f"#{name}").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= PAPER[0] + 1, name
        order.append(box["y"])
    assert order == sorted(order)
    assert page.js("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    ink = page.js("getComputedStyle(document.getElementById('title')).color")
    assert max(map(int, re.findall(r"\d+", ink))) < 80  # dark ink though the screen was dark
    clipped = page.js(
        "[...document.querySelectorAll('main, #sections, section, #legend, #foot-full')]"
        ".filter(e => e.clientHeight && e.scrollHeight > e.clientHeight + 1).length"
    )
    assert clipped == 0


def test_the_map_on_paper_shows_what_the_screen_shows_and_the_screen_stays(
    visit: Any, town: Outcome
) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    page.js("void map_gusu.setZoom(16, { animate: false })")
    page.js("void (document.getElementById('legend').open = false)")
    look = "[map_gusu.getZoom(), map_gusu.getCenter().lat, map_gusu.getCenter().lng]"
    bounds = "(b => [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()])(map_gusu.getBounds())"
    canvas = "document.querySelector('#map_gusu canvas').width"
    screen, shown, width = page.js(look), page.js(bounds), page.js(canvas)
    page.js("void dispatchEvent(new Event('beforeprint'))")
    box = page.page.locator("#map_gusu").bounding_box()
    assert (box["width"], box["height"]) == (703, 460)
    west, south, east, north = page.js(bounds)
    assert west <= shown[0] and south <= shown[1] and east >= shown[2] and north >= shown[3]
    assert page.js(canvas) >= 3 * 703
    assert page.js("document.getElementById('legend').open")
    page.js("void dispatchEvent(new Event('beforeprint'))")  # some browsers send it twice
    page.js("void dispatchEvent(new Event('afterprint'))")
    assert page.js(look) == pytest.approx(screen, abs=2e-5)  # a pixel
    assert page.js(canvas) == width
    assert not page.js("document.getElementById('legend').open")


def test_a_long_table_of_zones_breaks_between_rows_and_repeats_its_head(
    visit: Any, town: Outcome
) -> None:
    zone = town.summary["zones"][0]
    many = [{**zone, "id": f"z{i}", "name_en": f"Zone {i}"} for i in range(120)]
    page = visit(
        replace(town, summary=town.summary | {"zones": many}), plan=made_up_plan(), lang="en"
    )
    assert pages(page) in (4, 5)  # 120 rows of about 24 pixels on pages of about 1,020
    page.page.emulate_media(media="print")
    for part, value in (("tr", "avoid"), ("li", "avoid")):
        rule = f"getComputedStyle(document.querySelector('main {part}')).breakInside"
        assert page.js(rule) == value
    assert page.js("getComputedStyle(document.querySelector('#zones thead')).display") == (
        "table-header-group"
    )
