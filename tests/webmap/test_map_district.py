"""Signals, capacity, pairing and complaints on the page; the facts are made up (``district_facts``)
for the tiny town of ``outcomes``: zones West and East are a cluster, half of the homes find reading
full. Other studies' pages have nothing of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from district_facts import with_district
from outcomes import make_outcome
from test_map_accessible import AXE, AXE_SCRIPT, CONTRAST, OPEN_ALL, TAGS

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.staffed import Room
from gusu_geo.report.webmap.district import PARTS, STYLE, district_arrays
from gusu_geo.report.webmap.figure import web_file
from gusu_geo.report.webmap.render import render_map

pytest_plugins = ["browsing"]

ORANGE = "#e66101"
HOSTILE = "</script><img src=x onerror=alert(1)>${alert(2)}"


@pytest.fixture(scope="module")
def town() -> Outcome:
    return with_district(make_outcome(single=True))


def texts_in(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.split('id="gusu-texts">')[1].split("</script>")[0])
    return found


def own_keys(page: str) -> set[str]:
    starts = (*PARTS.values(), *(f"head_{part}" for part in PARTS))
    return {key for key in texts_in(page)["strings"] if key.startswith(starts)}


def test_pages_of_other_studies_hold_nothing_of_it() -> None:
    plain = make_outcome(single=True)
    page = render_map(plain)
    assert own_keys(page) == set() and district_arrays(plain) == {}
    assert web_file(STYLE) not in page
    some = render_map(with_district(make_outcome(), capacity=False, complaints=False))
    assert {key.split("_")[0] for key in own_keys(some)} == {"signal", "pair", "head"}
    assert "funnel" not in texts_in(some)


def test_sections_stand_only_where_the_study_has_them(visit: Any, town: Outcome) -> None:
    page = visit(make_outcome(single=True))
    assert page.js("document.querySelectorAll('.district').length") == 0
    page = visit(town)
    heads = page.js("[...document.querySelectorAll('#heads button')].map(e => e.textContent)")
    assert [head for head in ("诉求", "容量", "结对", "投诉") if head in heads] == ["诉求", "容量", "结对", "投诉"]  # fmt: skip


def test_signals_shade_the_zones_in_place_of_homes(visit: Any, town: Outcome) -> None:
    page = visit(town, lang="en")
    assert page.pixels(ORANGE) == 0
    page.test("signals-show").check()
    assert page.js("[gusu.layer.view.on.signals, gusu.layer.view.on.homes]") == [True, False]
    # East 2.12 times the district's rate, West 1.72.
    assert page.text("signal-class-4").split() == ["2.0×", "and", "more", "1"]
    assert "1.25–2.0×" in page.text("signal-class-3")
    row = page.page.get_by_test_id("signals-row").first
    assert row.inner_text().split("\n")[0].startswith("East ward ①")
    assert "48.0 [33.6, 62.4]" in row.inner_text()
    assert "p = 0.001" in page.text("clusters")
    asked = page.page.get_by_test_id("asked").locator("tr").first.inner_text()
    assert asked.split() == ["Reading", "corner", "asked", "for", "3.0", "[1.04,", "9.74]"]


def test_a_table_is_sorted_by_its_heads_and_leads_to_the_card_of_a_zone(
    visit: Any, town: Outcome
) -> None:
    page = visit(town, lang="en")
    first = page.page.get_by_test_id("signals-row").first
    page.test("sort-signals-count").focus()
    page.page.keyboard.press("Enter")
    assert first.inner_text().startswith("West")
    page.page.keyboard.press("Enter")  # the focus stayed
    assert first.inner_text().startswith("East")
    first.get_by_role("button").click()
    assert page.text("card-title") == "East ward"
    assert "cluster 1: East ward, West ward" in page.text("zone-cluster")
    assert "fit 9.5: 1200 persons lack health" in page.text("zone-bodies")
    assert page.js("gusu.layer.view.zone >= 0")
    page.page.keyboard.press("Escape")
    assert page.js("gusu.layer.view.zone") == -1


def test_full_homes_have_a_rim_beside_their_colour(visit: Any, town: Outcome) -> None:
    staffed = town.district.capacity
    assert staffed is not None
    column = staffed.full[:, 0]
    page = visit(town, lang="en")
    state = page.js("Array.from(gusu.model.arrays.state)")
    page.js("gusu.colourBy(0)")
    assert page.text("legend-full").split()[1] == str(int((column == Room.FULL).sum()))
    with_rim = page.picture()
    page.test("legend-full-show").uncheck()
    assert page.picture() != with_rim
    assert page.js("Array.from(gusu.model.arrays.state)") == state
    ids = list(town.access.residence_ids)
    full, room = (ids[int((column == kind).argmax())] for kind in (Room.FULL, Room.ROOM))
    page.js(f"gusu.openCard('{full}')")
    assert page.text("card-room-0") == "full: 6.2 per 1,000, norm 10"
    assert "虚构标准 2026" in page.text("card-norms")
    page.js(f"gusu.openCard('{room}')")
    assert page.text("card-room-0") == "room: 14.5 per 1,000, norm 10"


def test_what_is_tried_out_says_nothing_of_room(visit: Any, town: Outcome) -> None:
    staffed = town.district.capacity
    assert staffed is not None
    full = list(town.access.residence_ids)[int((staffed.full[:, 0] == Room.FULL).argmax())]
    page = visit(town, lang="en")
    page.js("gusu.colourBy(0)")
    page.js("gusu.change({ minutes: 5 })")
    page.js(f"gusu.openCard('{full}')")
    for name in ("legend-full", "card-room-0", "card-norms"):
        assert page.page.get_by_test_id(name).count() == 0, name


def test_names_of_the_ledgers_stay_texts(visit: Any, town: Outcome) -> None:
    facts = town.summary["pairing"]
    pairs = [{**pair, "name": HOSTILE, "projects": [HOSTILE]} for pair in facts["pairs"]]
    shown = {**town.summary, "pairing": {**facts, "pairs": pairs}}
    page = visit(replace(town, summary=shown), lang="en")
    page.js("gusu.act.openZone(1)")
    assert HOSTILE in page.text("zone-bodies") and HOSTILE in page.text("pairing-table")


def test_the_funnel_names_only_what_lies_outside(visit: Any, town: Outcome) -> None:
    page = visit(town, lang="en")
    page.test("funnel")
    assert page.page.locator(".funnel .named").all_text_contents() == ["小区 20", "小区 40"]
    assert page.page.locator(".funnel .dot").count() == 60
    assert page.text("funnel_black").startswith("小区 20") and page.text("funnel_red").startswith("小区 40")  # fmt: skip
    ys = page.js(
        "['.black', '.red', '.even'].map(s => { const b = document.querySelector('.funnel ' + s)"
        ".getBoundingClientRect(); return b.top + b.height / 2; })"
    )
    assert ys[0] < ys[2] < ys[1]  # more above the line of 1, fewer below


@pytest.mark.parametrize(("size", "scheme"), [((1280, 800), "dark"), ((390, 844), "light")])
def test_it_is_for_everybody(visit: Any, town: Outcome, size: tuple[int, int], scheme: str) -> None:
    page = visit(town, size=size, lang="en")
    page.js(AXE_SCRIPT)
    page.js(OPEN_ALL)
    page.test("signals-show").check()
    page.js("gusu.act.openZone(0)")
    page.page.emulate_media(color_scheme=scheme)
    assert page.page.evaluate(AXE, TAGS) == []
    seen, faint = page.js(CONTRAST)
    assert seen > 100 and faint == []


def test_paper_carries_the_tables(visit: Any, town: Outcome) -> None:
    page = visit(town, lang="en")
    page.page.emulate_media(media="print")
    for name in ("signals-table", "asked", "capacity-table", "pairing-table", "funnel"):
        assert page.page.get_by_test_id(name).is_visible(), name
    assert page.page.get_by_test_id("signals-show").is_hidden()


def test_a_light_page_shows_it_too(visit: Any, town: Outcome) -> None:
    page = visit(town, lang="en", lite=True)
    page.js("gusu.colourBy(0)")
    assert page.text("legend-full").startswith("Full") and page.text("tool-hint") == ""
