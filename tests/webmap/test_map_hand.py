"""The hand: badges that drag, comments, the view in the address, the search by keys; on phones too.

The town of ``test_map_tools``; one page on a desk and one on a phone carry all of it.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from outcomes import make_outcome, rejudged

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.scenarios.scenario_file import read_scenario

pytest_plugins = ["browsing"]

BADGE = 34  # pixels above its tip
MARK = 26
PIN = "gusu.pixelOfPlace(gusu.lab.history.now.changes[0].on)"
SAID = "gusu.notes.list.map((one) => one.text)"


@pytest.fixture(scope="module")
def town() -> Outcome:
    """Its streets: 1,200 m of one name, and steps of another."""
    made = make_outcome(single=True)
    steps = made.network.length_cm == 14_000
    names = np.where(steps, "石阶巷", "观前街").astype(object)
    return rejudged(made, network=replace(made.network, name=names))


def drag(page: Any, start: tuple[float, float], by: tuple[float, float]) -> None:
    page.page.mouse.move(*start)
    page.page.mouse.down()
    for step in (0.3, 0.6, 1.0):
        page.page.mouse.move(start[0] + step * by[0], start[1] + step * by[1])
    page.page.mouse.up()
    page.js("new Promise(requestAnimationFrame)")


def swipe(page: Any, start: tuple[float, float], by: tuple[float, float]) -> None:
    """One finger."""
    devtools = page.page.context.new_cdp_session(page.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", start)
    for step in (0.3, 0.6, 1.0):
        send("touchMove", (start[0] + step * by[0], start[1] + step * by[1]))
    send("touchEnd")
    page.js("new Promise(requestAnimationFrame)")


def corner(page: Any) -> tuple[float, float]:
    box = page.page.locator("#map_gusu").bounding_box()
    return box["x"], box["y"]


def tip_of(page: Any) -> tuple[float, float]:
    """The tip of the first change, in pixels of the page."""
    at, (x, y) = page.js(PIN), corner(page)
    return at["x"] + x, at["y"] + y


def mark_of(page: Any, i: int = 0) -> tuple[float, float]:
    """The middle of the mark of comment i, in pixels of the page."""
    at = page.js(f"gusu.notes.places()[{i}]")
    point = page.js(f"gusu.map.latLngToContainerPoint(gusu.layer.latLng({at[0]}, {at[1]}))")
    x, y = corner(page)
    return point["x"] + x, point["y"] + y - MARK


def write(page: Any, text: str, **more: str) -> None:
    page.test("comment-text").fill(text)
    for key, value in more.items():
        page.test(f"comment-{key}").fill(value)
    page.test("comment-keep").click()


def test_the_hand_on_a_desk(visit: Any, town: Outcome, tmp_path: Path) -> None:
    page = visit(town, lang="en")
    centre = "JSON.stringify(gusu.map.getCenter())"
    badge_drags(page, centre, drag)
    home = page.js("gusu.pixelOf('h300')")
    x, y = corner(page)
    comments(page, (x + home["x"], y + home["y"]), tmp_path)
    keys_find(page)
    the_view_is_kept(page, visit, town)


def badge_drags(page: Any, centre: str, move: Any) -> None:
    """Held at its badge the pin goes with the hand, as far as the hand, and the map stays."""
    page.js("gusu.lab.tryAt(gusu.model.texts.homes.ids.indexOf('h300'), 1)")
    x, y = tip_of(page)
    while page.page.wait_for_timeout(100) or (x, y) != tip_of(page):  # the panel finds its height
        x, y = tip_of(page)
    before = page.js(centre)
    move(page, (x + 8, y - BADGE - 8), (60, 0))  # the upper half of the badge
    after = tip_of(page)
    assert after[0] - x == pytest.approx(60, abs=1.5) and after[1] == pytest.approx(y, abs=1.5)
    move(page, (after[0], after[1] - BADGE / 2), (-30, 0))  # by its stem
    assert tip_of(page)[0] - x == pytest.approx(30, abs=1.5)
    assert page.js(centre) == before
    page.test("undo").click()
    page.test("undo").click()
    assert tip_of(page)[0] == pytest.approx(x, abs=0.5)
    page.test("undo").click()


def comments(page: Any, home: tuple[float, float], tmp_path: Path) -> None:
    judged = "gusu.lab.since"
    page.test("tool-comment").click()
    page.page.mouse.click(*home)
    since = page.js(judged)
    assert "h300" in page.text("comment-place")
    for number, why in (
        ("请打138 0013 8000", "telephone"),
        ("１１０１０５１９４９１２３１００２Ｘ", "identity"),
    ):
        write(page, number)
        assert why in page.text("comment-trouble") and number not in page.text("comment-trouble")
    write(page, "   ")
    assert "Write something" in page.text("comment-trouble")
    write(page, "此处有台阶 <b>", by="LZ", when="2026-11")
    assert page.test("card").is_hidden()
    page.test("tool-comment").click()
    page.page.mouse.click(home[0] + 300, home[1] - 120)
    assert page.test("comment-by").input_value() == "LZ"  # typed once
    write(page, "second")
    assert page.js(SAID) == ["此处有台阶 <b>", "second"]
    assert page.js("gusu.notes.list[0].home") == "h300"
    assert "此处有台阶 <b>" in page.text("comment-0") and "LZ · 2026-11 · h300" in page.text(
        "comment-0"
    )
    start = mark_of(page)
    drag(page, start, (40, -50))
    assert mark_of(page) == pytest.approx((start[0] + 40, start[1] - 50), abs=1)
    assert page.js("gusu.notes.list[0].home") is None  # it is no longer there
    page.test("undo").click()
    assert (
        mark_of(page) == pytest.approx(start, abs=1)
        and page.js("gusu.notes.list[0].home") == "h300"
    )
    page.page.mouse.click(*start)
    assert page.test("comment-text").input_value() == "此处有台阶 <b>"
    page.test("comment-text").fill("half written")
    page.js("gusu.setLang('zh')")
    assert page.test("comment-text").input_value() == "half written"
    page.js("gusu.setLang('en')")
    page.test("comment-drop").click()
    assert page.js(SAID) == ["second"]
    page.page.keyboard.press("Control+z")
    assert page.js(SAID) == ["此处有台阶 <b>", "second"]
    page.test("comment-nudge-1").focus()
    north = page.js("gusu.notes.list[1].at[1]")
    page.page.keyboard.press("ArrowUp")
    assert page.js("gusu.notes.list[1].at[1]") > north
    assert page.js("document.activeElement.dataset.testid") == "comment-nudge-1"
    assert page.js(judged) == since  # nothing of all this is judged again
    with page.page.expect_download() as saved:
        page.test("save").click()
    path = tmp_path / "said.json"
    saved.value.save_as(path)
    read = read_scenario(path)
    assert read.comments_as_data() == page.js("gusu.notes.list")
    page.test("comment-drop-0").click()
    page.test("comment-drop-0").click()
    page.test("load-file").set_input_files(path)
    page.test("comment-1").wait_for()
    assert page.js("gusu.notes.list") == read.comments_as_data()
    file = json.loads(path.read_text(encoding="utf-8"))
    file["comments"][1]["text"] = "0512-65123456"
    page.js(f"gusu.load({json.dumps(json.dumps(file))})")
    assert "Comment 2" in page.text("scenario-trouble")
    assert page.js("gusu.notes.list") == read.comments_as_data()


def keys_find(page: Any) -> None:
    """A street is shown whole and drawn round; arrow keys choose, Enter goes there."""
    search = page.test("search")
    search.fill("gqj")
    assert page.test("found-0").inner_text() == "观前街"
    search.press("Enter")
    west, east = page.js("[gusu.pixelOf('h100'), gusu.pixelOf('h1100')]")
    width = page.js("gusu.map.getSize().x")
    assert 0 < west["x"] < east["x"] < width and east["x"] - west["x"] > width / 3
    assert page.pixels("#5b21b6") == 0  # it is see-through
    assert page.js("gusu.layer.view.found.ixs.length") == 1  # two edges, one line
    search.fill("xiaoqu")
    assert page.test("found").locator("[role=group]").count() == 1
    search.press("ArrowDown")
    search.press("ArrowDown")
    assert page.test("found-2").get_attribute("aria-selected") == "true"
    assert search.get_attribute("aria-activedescendant") == "found-2"
    chosen = page.test("found-2").inner_text()
    search.press("Enter")
    assert page.text("card-title").split()[-1] in chosen
    page.js("gusu.closeCard()")
    search.press("Escape")
    assert search.input_value() == "" and page.test("found").is_hidden()
    assert page.js("gusu.layer.view.found") is None


def the_view_is_kept(page: Any, visit: Any, town: Outcome) -> None:
    page.js("gusu.colourBy(1)")
    page.test("set-walk").select_option("3")
    page.test("only").select_option("0")
    page.js("gusu.map.setZoom(17, { animate: false })")
    page.test("language").click()
    page.page.wait_for_url(re.compile("lang=zh"))
    hash_ = page.js("location.hash")
    assert hash_ == "#" + page.js("gusu.view()")
    for part in ("zoom=17", "by=health", "only=reading", "walk=elder", "lang=zh"):
        assert part in hash_.split("&")
    page.test("view-link").click()
    assert page.test("view-text").input_value() == hash_  # no folders of this machine
    shown = "JSON.stringify([gusu.view(), gusu.model.now.passed, gusu.layer.view.only])"
    wanted = page.js(shown)
    page.test("view-paste").fill("https://example.org/#view=paris&at=0,0&zoom=3")
    page.test("view-paste").press("Enter")
    assert "paris" in page.text("view-trouble") and page.js(shown) == wanted
    other = visit(town, lang="en")
    other.js("gusu.lab.tryAt(gusu.model.texts.homes.ids.indexOf('h900'), 1)")
    reading = hash_.replace("by=health", "by=reading").replace("&walk=elder", "")
    assert other.js("gusu.lab.gains.includes(1)") and other.js(f"gusu.showView('{reading}')")
    assert other.js("gusu.lab.gains.includes(1)") is False  # health alone gains
    other.js("gusu.lab.change(gusu.lab.asIs)")
    other.test("view-link").click()
    other.test("view-paste").fill(f"file:///D:/other%20place/map.html{hash_}")
    other.test("view-show").click()
    assert other.js(shown) == wanted
    assert other.test("undo").is_enabled()  # settings are one step
    other.js("location.hash = '#view=%3Cimg%20src=x%20onerror=alert(1)%3E&at=1'")
    other.test("view-trouble").wait_for()
    assert "<img src=x onerror=alert(1)>" in other.text("view-trouble")
    assert other.js(shown) == wanted


def test_the_hand_on_a_phone(visit: Any, town: Outcome) -> None:
    page = visit(town, lang="en", size=(390, 844), touch=True)
    badge_drags(page, "JSON.stringify(gusu.map.getCenter())", swipe)
    page.test("tool-venue").tap()
    chips = page.page.locator(".chips")
    names = page.page.locator(".chip-name")
    assert [name.strip() for name in names.all_inner_texts()][:2] == [
        "Reading corner",
        "Health and basic care",
    ]
    assert all(names.nth(i).is_visible() for i in range(4))
    assert chips.evaluate("row => row.scrollWidth > row.clientWidth && row.clientHeight < 60")
    for part in (chips, page.test("tool-hint")):
        assert part.evaluate("part => part.getBoundingClientRect().right <= innerWidth")
    last = page.test("chip-3")
    last.scroll_into_view_if_needed()
    last.tap()
    assert chips.evaluate("row => row.scrollLeft > 0")  # still where the finger was
    assert page.js("document.documentElement.scrollWidth <= innerWidth")
    page.test("tool-comment").tap()
    x, y = corner(page)
    page.page.touchscreen.tap(x + 200, y + 200)
    write(page, "from a phone")
    start = mark_of(page)
    swipe(page, start, (30, 40))
    assert mark_of(page) == pytest.approx((start[0] + 30, start[1] + 40), abs=1.5)


def test_where_nothing_can_be_tried_comments_still_can(visit: Any, tmp_path: Path) -> None:
    page = visit(make_outcome(), lang="en")
    page.test("tool-comment").click()
    x, y = corner(page)
    page.page.mouse.click(x + 500, y + 300)
    write(page, "no bench here")
    with page.page.expect_download() as saved:
        page.test("save").click()
    saved.value.save_as(tmp_path / "said.json")
    read = read_scenario(tmp_path / "said.json")
    assert (read.changes, [one.text for one in read.comments]) == ((), ["no bench here"])
    page.test("undo").click()
    assert page.js(SAID) == []
    content = (tmp_path / "said.json").read_text(encoding="utf-8")
    page.js(f"gusu.load({json.dumps(content)})")
    assert page.js(SAID) == ["no bench here"]
    file = json.loads(content) | {"changes": [{"do": "set_rule", "minutes": 5}]}
    page.js(f"gusu.load({json.dumps(json.dumps(file))})")
    assert "comments alone" in page.text("comments-trouble")
