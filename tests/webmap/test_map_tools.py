"""What-if as people use it: tools, dragging, undo, files and keys, in a real browser.

The town (see ``outcomes``): one street of 1,200 m, homes every 100 m and 20 m off it, limit 600 s
at 1 m/s; health stands at its western end, so h600 and all east of it lack it. A new venue of
health at x serves whoever is within 580 m of it along the street.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from outcomes import HOMES, made_up_plan, make_outcome, rejudged
from pyproj import Geod

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.errors import InputError
from gusu_geo.report.webmap.render import in_notebook, render_map
from gusu_geo.tables import Candidates, Entrances

pytest_plugins = ["browsing"]

HEALTH = 1
X_OF = """(change) => {
    const { home_x } = gusu.model.arrays, { ids } = gusu.model.texts.homes;
    const [a, b] = [home_x[ids.indexOf("h100")], home_x[ids.indexOf("h1100")]];
    const one = gusu.lab.history.now.changes[change];
    return 100 + (1000 * (gusu.parts.spot(gusu.lab.engine.g, one.on)[0] - a)) / (b - a);
}"""


@pytest.fixture(scope="module")
def town() -> Outcome:
    return make_outcome(single=True)


@pytest.fixture
def page(visit: Any, town: Outcome) -> Iterator[Any]:
    yield visit(town, lang="en")


def served(page: Any) -> set[str]:
    """Homes that have health in time, as the page judges."""
    found = page.js(
        f"gusu.model.texts.homes.ids.filter((_, r) => gusu.model.cell(r, {HEALTH}).state === 1)"
    )
    return set(found)


def east_of(x: float) -> set[str]:
    return {name for name, (home_x, y) in HOMES.items() if home_x >= x and y == 20}


WEST = {f"h{x}" for x in range(100, 600, 100)}  # at most 570 m from x = 0, a door of 10 m, 20 m off


def pixel(page: Any, x: float, y: float = 0.0) -> tuple[float, float]:
    """The pixel of the page at metres of the town."""
    found = page.page.evaluate(
        """([x, y]) => {
            const { home_x, home_y } = gusu.model.arrays, { ids } = gusu.model.texts.homes;
            const [a, b] = [ids.indexOf("h100"), ids.indexOf("h1100")];
            const unit = (home_x[b] - home_x[a]) / 1000;
            const at = gusu.layer.latLng(home_x[a] + (x - 100) * unit, home_y[a] + (y - 20) * unit);
            const box = document.querySelector("#map_gusu").getBoundingClientRect();
            const point = gusu.map.latLngToContainerPoint(at);
            return [point.x + box.left, point.y + box.top];
        }""",
        [x, y],
    )
    return found[0], found[1]


def place(page: Any, x: float, service: int = HEALTH) -> None:
    """A new venue of one service by the tool and a click."""
    page.test("tool-venue").click()
    for k in range(4):
        chip = page.test(f"chip-{k}")
        if (chip.get_attribute("aria-pressed") == "true") != (k == service):
            chip.click()
    page.page.mouse.click(*pixel(page, x))
    page.test("tool-venue").click()


def test_a_new_venue_serves_whom_it_can_reach_in_time(page: Any) -> None:
    assert served(page) == WEST
    place(page, 1180)
    assert page.page.evaluate(X_OF, 0) == pytest.approx(1180, abs=6)
    # 580 m from about x = 1180: h700 and all east of it, as no home stands between 590 and 610.
    assert served(page) == WEST | east_of(700)
    persons = sum(2.0**i for i, name in enumerate(HOMES) if name in east_of(700))
    assert f"~{persons:,.0f} persons gain (5 homes)" in page.text("gain")
    assert "0 persons lose (0 homes)" in page.text("loss")
    assert "New venue new-1: Health and basic care" in page.text("change-0")
    assert "What-if, not the present state" in page.text("foot")


EAST = """(() => {
    const { home_door_owner: owner, home_door_edge: edge, home_door_cm: cm } = gusu.model.arrays;
    const door = owner.indexOf(gusu.model.texts.homes.ids.indexOf("h700")); // 100 m east of the middle
    return (metres) => [edge[door], Math.round(100 * (cm[door] === 10000 ? metres : 600 - metres))];
})()"""


def venue_east(page: Any, metres: float, more: str = "") -> None:
    """A venue of health so far east of the middle of the street, exactly; and more changes."""
    page.js(
        f"gusu.change({{ changes: [{{ do: 'add_venue', id: 'x', name: '', services: ['health'],"
        f" at: [0, 0], on: {EAST}({metres}) }}, {more}] }})"
    )


def test_exactly_the_limit_is_in_time(page: Any) -> None:
    """h600 is 20 m off the middle: 580 m and 20 m take 600 s, a centimetre more 600.01 s."""
    venue_east(page, 580)
    assert served(page) == WEST | east_of(600)
    venue_east(page, 580.01)
    assert served(page) == WEST | east_of(700)


def test_a_loss_is_not_hidden_by_a_gain(page: Any) -> None:
    """h700 and all east of it gain health and lose reading; the western ones lose reading alone."""
    closed = ", ".join(
        f"{{ do: 'close_venue', venue: '{venue}' }}" for venue in ("v-read-west", "v-read-east")
    )
    ids = page.js("gusu.model.texts.homes.ids")
    venue_east(page, 570, closed)
    gains = dict(zip(ids, page.js("Array.from(gusu.lab.gains)"), strict=True))
    assert gains == dict.fromkeys(WEST | east_of(700), -1) | {"h600": 1, "far": 0}


def test_through_an_opened_private_gate_residents_leave_and_visitors_come(page: Any) -> None:
    """A street 0-1, a gate between 1 and 2, a private way 2-3: out on the copy that one leaves by, in
    on the one that one arrives by, and no way from the street into the first."""
    arcs = page.js(
        """(() => {
            const g = { u: Int32Array.of(0, 2), v: Int32Array.of(1, 3), cm: Int32Array.of(100, 100),
                flags: Int32Array.of(0, 2), slope: [], nodeFlags: Int32Array.of(0, 1, 1, 0), edges: 2, nodes: 4 };
            const net = gusu.parts.trips(g, gusu.model.texts.walks[0]);
            const gates = new Map([[7, [1, 2]]]), open = [{ do: "open_gate", node: 7 }];
            const { more, leaving, arriving } = gusu.parts.edited(net, gates, open);
            const name = { [leaving[2]]: "out 2", [arriving[2]]: "in 2" };
            return more.tail.map((tail, i) => [name[tail] ?? tail, name[more.head[i]] ?? more.head[i], more.cs[i]]);
        })()"""
    )
    assert sorted(arcs, key=str) == sorted([["out 2", 1, 0], [1, "in 2", 0]], key=str)


def test_dragging_moves_it_and_one_undo_takes_the_drag_back(page: Any) -> None:
    place(page, 1180)
    page.page.mouse.move(*pixel(page, 1180))
    page.page.mouse.down()
    for x in (1100, 1000, 900, 800, 700, 650):
        page.page.mouse.move(*pixel(page, x))
    page.page.mouse.up()
    page.js("new Promise(done => setTimeout(done, 50))")
    assert page.page.evaluate(X_OF, 0) == pytest.approx(650, abs=6)
    assert served(page) == WEST | east_of(600)  # all: at most 550 m off
    page.test("undo").click()
    assert page.page.evaluate(X_OF, 0) == pytest.approx(1180, abs=6)
    assert served(page) == WEST | east_of(700)
    page.test("undo").click()
    assert served(page) == WEST
    assert page.test("undo").is_disabled()
    page.test("redo").click()
    page.test("redo").click()
    assert page.page.evaluate(X_OF, 0) == pytest.approx(650, abs=6)


def test_closing_and_moving_a_venue_by_its_card(page: Any) -> None:
    page.test("venue-1").check()
    x, y = pixel(page, 0, 10)
    symbol = (x + 13, y)  # beside that of the reading corner, which stands at the same place
    page.page.mouse.click(*symbol)
    assert "v-health" in page.text("card")
    page.test("venue-close").click()
    assert served(page) == set()
    assert "5 homes" in page.text("loss")
    page.test("drop-0").click()
    assert served(page) == WEST
    page.page.mouse.click(*symbol)
    page.test("venue-move").click()
    # On the street now: no 10 m to its door, so 580 m instead of 570; no home more.
    assert page.page.evaluate(X_OF, 0) == pytest.approx(0, abs=1)
    assert served(page) == WEST


def test_the_limit_and_the_reading_answer_at_once(page: Any) -> None:
    slider = page.test("set-minutes")
    assert page.text("minutes-now") == "10 min"
    slider.focus()
    page.page.keyboard.press("ArrowLeft")  # 540 s: 510 m and 30 m of legs
    assert page.text("minutes-now") == "9 min"
    assert served(page) == WEST
    for _ in range(4):
        page.page.keyboard.press("ArrowLeft")  # 300 s: h100 and h200 within 270 m
    assert served(page) == {"h100", "h200"}
    assert "Limit 5 min" in page.text("foot")
    page.test("undo").click()  # one stroke of the slider is one step
    assert served(page) == WEST
    page.test("set-walk").select_option("3")
    elder = page.js("gusu.lab.history.now.walk.id")
    assert elder == "elder"  # 0.8 m/s: 480 m in 600 s, so at most 450 m along the street
    assert served(page) == {"h100", "h200", "h300", "h400"}


def test_a_scenario_is_saved_and_read_back(page: Any, tmp_path: Path) -> None:
    place(page, 1180)
    place(page, 620)
    with page.page.expect_download() as saved:
        page.test("save").click()
    path = tmp_path / "scenario.json"
    saved.value.save_as(path)
    file = json.loads(path.read_text(encoding="utf-8"))
    assert file["schema"] == "gusu-geo-scenario/2"
    assert [one["id"] for one in file["changes"]] == ["new-1", "new-2"]
    before = served(page)
    page.test("reset").click()
    assert served(page) == WEST
    page.test("load-file").set_input_files(path)
    page.test("change-1").wait_for()
    assert served(page) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "no scenario file"),
        ('{"schema": "gusu-geo-scenario/9"}', "Another version"),
        ('{"schema": "gusu-geo-scenario/1", "study": "paris"}', "another study"),
        ('{"do": "close_venue", "venue": "nowhere"}', "there is no venue nowhere"),
        ('{"do": "add_venue", "id": "a", "services": ["x"], "at": [0, 0]}', "Change 1"),
        ('{"do": "explode"}', "Change 1"),
        ('{"do": "set_walk", "profile": "<img src=x onerror=alert(1)>"}', "<img src=x"),
    ],
)
def test_a_bad_file_is_one_clear_message_and_changes_nothing(
    page: Any, text: str, told: str
) -> None:
    if text.startswith('{"do"'):
        study = page.js("gusu.model.texts.summary.study")
        text = f'{{"schema": "gusu-geo-scenario/1", "study": "{study}", "changes": [{text}]}}'
    page.js(f"gusu.load({json.dumps(text)})")
    assert told in page.text("scenario-trouble")
    assert page.js("gusu.lab.result") is None


def test_everything_goes_by_keyboard(page: Any) -> None:
    page.test("tool-venue").focus()
    page.page.keyboard.press("Enter")
    page.page.locator("#map_gusu").focus()
    assert page.page.locator("#aim").is_visible()
    page.page.keyboard.press("Enter")  # the middle of the map is the pointer
    assert page.test("change-0").count() == 1
    page.page.keyboard.press("Escape")
    assert page.test("tool-venue").get_attribute("aria-pressed") == "false"
    first = page.page.evaluate(X_OF, 0)
    page.test("nudge-0").focus()
    page.page.keyboard.press("Enter")
    for _ in range(3):
        page.page.keyboard.press("ArrowRight")
    assert page.page.evaluate(X_OF, 0) > first + 10
    page.test("drop-0").focus()
    page.page.keyboard.press("Enter")
    assert page.test("change-0").count() == 0


def test_a_home_is_opened_and_a_change_undone_from_the_map_by_keyboard(page: Any) -> None:
    row = page.js("gusu.model.texts.homes.ids.indexOf('h300')")
    page.js(f"gusu.map.setView(gusu.layer.homeLatLng({row}), 18, {{ animate: false }})")
    page.test("tool-venue").focus()
    page.page.keyboard.press("Shift+Tab")
    page.page.locator("#map_gusu").focus()
    page.page.keyboard.press("Enter")
    assert "h300" in page.text("card-title")
    page.page.keyboard.press("Escape")
    place(page, 300)
    page.page.keyboard.press("Control+z")
    assert page.test("change-0").count() == 0
    page.page.keyboard.press("Control+y")
    assert page.test("change-0").count() == 1


def test_a_new_link_shortens_the_way(page: Any) -> None:
    """From x = 0 to x = 1200 in 100 m: whoever is near the eastern end walks round by it."""
    page.test("tool-link").click()
    page.page.mouse.click(*pixel(page, 2))
    page.page.mouse.click(*pixel(page, 1198))
    assert page.test("change-0").count() == 1
    assert served(page) == WEST  # 1,200 m long, it helps nobody
    page.js("gusu.change({ changes: [{ ...gusu.lab.history.now.changes[0], length_cm: 10000 }] })")
    # 20 m + (1200 - x) + 100 m + 10 m within 600 s: x at least 730, give or take the clicks.
    assert served(page) == WEST | east_of(800)


def test_the_way_to_a_venue_is_drawn(page: Any) -> None:
    page.js("gusu.openCard('h600')")
    page.test(f"card-service-{HEALTH}").click()
    lonlats = page.js(
        "gusu.layer.view.way.points.map((p) => gusu.parts.lonLat(gusu.model.texts.grid, p))"
    )
    lons, lats = zip(*lonlats, strict=True)
    length = Geod(ellps="WGS84").line_length(lons, lats)
    assert length == pytest.approx(600, rel=0.005)


def test_how_far_one_comes_from_a_home_is_drawn_to_the_centimetre(page: Any) -> None:
    """h600 is 20 m off the middle of the street: in 5 minutes 280 m either way, and the 140 m of
    steps, which take twice as long, to their very end."""
    row = page.js("gusu.model.texts.homes.ids.indexOf('h600')")
    found = page.js(
        f"(() => {{ const [band] = gusu.parts.around(gusu.lab.engine, gusu.lab.before, {row}, [30000]);"
        "return { whole: Array.from(band.whole), parts: band.parts }; })()"
    )
    u, v, cm = (page.js(f"Array.from(gusu.lab.engine.g.{name})") for name in ("u", "v", "cm"))
    steps = cm.index(14_000)
    assert [e for e, whole in enumerate(found["whole"]) if whole] == [steps]
    [middle] = set.intersection(*({u[e], v[e]} for e in range(3)))
    farthest = dict.fromkeys(range(3), 0)
    for e, first, last in found["parts"]:
        away = (abs(at - (0 if u[e] == middle else cm[e])) for at in (first, last))
        farthest[e] = max(farthest[e], *away)
    assert farthest == {e: 0 if e == steps else 28_000 for e in range(3)}
    page.js("gusu.openCard('h600')")
    page.test("around").click()
    assert page.test("around").get_attribute("aria-pressed") == "true"
    assert "5 min" in page.text("card")
    assert page.js("gusu.layer.view.around.bands.length") == 3


def test_only_those_missing_a_service_are_listed(page: Any) -> None:
    page.test("only").select_option(str(HEALTH))
    listed = page.js(
        "[...document.querySelectorAll('[data-testid^=home-h]')].map(b => b.dataset.testid.slice(5))"
    )
    assert set(listed) == east_of(600)


def test_at_an_hour_the_closed_do_not_count_and_the_unknown_are_unknown(visit: Any) -> None:
    """Health is open on Tuesdays until noon; of the reading corners one says so, one nothing."""
    town = make_outcome(single=True)
    frame = town.city.facilities.frame.copy()
    frame["hours"] = ["Tu 09:00-12:00", "", "Tu 09:00-12:00", "Mo-Su 00:00-24:00", "24/7"]
    venues = replace(town.city.facilities, frame=frame)
    page = visit(rejudged(town, city=replace(town.city, facilities=venues)), lang="en")
    page.test("set-timed").check()
    assert page.text("hour-now") == "Tue 10:00"
    assert "4 of 5" in page.text("hours-known")
    assert served(page) == WEST
    reading = "gusu.model.texts.homes.ids.map((_, r) => gusu.model.cell(r, 0).state)"
    states = dict(zip(page.js("gusu.model.texts.homes.ids"), page.js(reading), strict=True))
    # In time of the western one: surely; of the eastern one alone, whose hours nobody knows: 2.
    wanted = {f"h{x}": 1 if x <= 570 else 2 if x >= 630 else 0 for x in range(100, 1200, 100)}
    assert states == wanted | {"far": 2}
    slider = page.test("set-hour")
    slider.focus()
    for _ in range(2):
        page.page.keyboard.press("ArrowRight")
    assert page.text("hour-now") == "Tue 12:00"
    assert served(page) == set()
    page.js("gusu.openCard('h1100')")
    assert "is not known" in page.text("card-service-0")
    page.js("gusu.closeCard()")
    page.test("set-timed").uncheck()
    assert served(page) == WEST
    assert page.js("gusu.lab.result") is None


def test_figures_are_told_of_a_group_alone(visit: Any) -> None:
    """Elders live at h100 (3 of them) and at h600 (1): three of four have health in time."""
    town = make_outcome(single=True)
    frame = town.city.residences.frame.copy()
    frame["elders"] = [3.0 if name == "h100" else float(name == "h600") for name in frame.index]
    homes = replace(town.city.residences, frame=frame)
    page = visit(rejudged(town, city=replace(town.city, residences=homes)), lang="en")
    page.test("set-group").select_option("elders")
    assert page.text("figure-persons").startswith("Elders ~4 persons")
    assert "75.0 %" in page.text(f"service-{HEALTH}")
    place(page, 700)
    assert "100 %" in page.text(f"service-{HEALTH}")
    assert "~1 persons gain" in page.text("gain")
    page.test("set-group").select_option("")
    assert page.text("figure-persons").startswith("~4,095 persons")


def test_the_card_offers_to_try_a_venue_where_one_is_lacking(page: Any) -> None:
    page.js("gusu.openCard('h900')")
    page.test(f"fix-{HEALTH}").click()
    assert page.page.evaluate(X_OF, 0) == pytest.approx(900, abs=3)
    assert served(page) == WEST | east_of(600)  # at most 300 m off
    assert page.test(f"fix-{HEALTH}").count() == 0
    assert page.test(f"card-service-{HEALTH}").get_attribute("data-state") == "pass"


def test_the_histogram_counts_persons_by_the_minute(page: Any) -> None:
    page.js(f"gusu.colourBy({HEALTH})")
    bars = page.js(f"Array.from(gusu.parts.count(gusu.model, {HEALTH}))")
    # h100 takes 130 s, h200 230 s and so on; h1100 takes 1,130 s of at most 1,200.
    wanted = [0.0] * 21
    for i in range(11):
        wanted[(100 * (i + 1) + 30) // 60] += 2.0**i
    assert bars == wanted
    assert page.test("histogram").locator(".late").count() == 11  # from 10 minutes on


def test_a_lite_map_is_smaller_and_to_look_at_only(visit: Any, town: Outcome) -> None:
    page = visit(town, lang="en", lite=True)
    assert page.test("tool-venue").get_attribute("aria-disabled") == "true"
    assert "lite map" in page.text("settings-off")
    page.js("gusu.openCard('h600')")
    assert "2 missing" in page.text("card-lead")
    assert len(render_map(town, lite=True)) < len(render_map(town))
    with pytest.raises(InputError, match="cannot show a scenario"):
        render_map(town, lite=True, scenario={})


def test_a_notebook_shows_the_page_in_a_frame(visit: Any, town: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "cell.html"
    cell = in_notebook(render_map(town, lang="en"))
    path.write_text(f'<html data-ready><meta charset="utf-8"><body>{cell}', encoding="utf-8")
    page = visit(path)
    frame = page.page.frame_locator("iframe")
    frame.locator("html[data-ready]").wait_for()
    assert frame.get_by_test_id("title").inner_text() == "Tiny town"
    frame.get_by_test_id("service-1").click()
    assert frame.get_by_test_id("histogram").count() == 1


def test_a_name_is_found_by_its_initials(page: Any) -> None:
    """Homes are called 小区 (xiaoqu) h100 and so on."""
    for typed in ("xq", "xiaoquh1000", "XQH1000"):
        page.test("search").fill(typed)
        assert page.test("home-h1000").count() == 1, typed
    page.test("search").fill("xqz")
    assert page.test("home-table").count() == 0
    page.test("search").fill("v-health")
    page.test("found-0").click()
    assert "v-health" in page.text("card")


def test_the_places_a_plan_chose_from_are_drawn(visit: Any) -> None:
    town = make_outcome(single=True)
    frame = town.city.facilities.frame.iloc[:3]
    places = Candidates(frame, Entrances.of_points(np.zeros((3, 2))))
    page = visit(town, plan=made_up_plan(candidates=places), lang="en")
    assert page.js("gusu.model.arrays.candidate_x.length") == 3
    hollow = "#6f6780"
    assert page.pixels(hollow) > 5  # three diamonds, whose slanted rims have few pure pixels
    assert page.text("legend-candidates").endswith("3")
    page.js("gusu.act.show('sites', false)")
    assert page.pixels(hollow) == page.pixels("#f6b800") == 0
    assert page.test("legend-candidates").count() == 0
    page = visit(town, plan=made_up_plan(), lang="en")
    assert page.js("gusu.model.arrays.candidate_x.length") == 0
    assert page.pixels(hollow) == 0 < page.pixels("#f6b800")


def test_a_rule_that_wants_several_venues_says_why_it_cannot_be_tried(visit: Any) -> None:
    page = visit(make_outcome(), lang="en")
    assert "several venues" in page.text("whatif")
    for tool in ("tool-venue", "tool-link"):
        assert page.test(tool).get_attribute("aria-disabled") == "true"
        assert "several venues" in page.test(tool).get_attribute("title")
    page.test("tool-venue").press("Enter")
    assert "several venues" in page.text("tool-hint")
    for setting in ("set-walk", "set-minutes", "set-mode", "set-evidence"):
        assert page.test(setting).is_disabled()
        assert "several venues" in page.test(setting).get_attribute("title")
