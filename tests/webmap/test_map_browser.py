"""The review map in a real browser, offline: what people see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import pytest
from conftest import study_of
from figures_shown import assert_same_figures
from outcomes import HOMES, made_up_plan, make_outcome, rejudged

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.pipeline.run import run
from gusu_geo.report.console import show_summary

pytest_plugins = ["browsing"]


@pytest.fixture(scope="module")
def town() -> Outcome:
    return make_outcome()


def test_the_page_tells_the_figures_of_the_summary(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    assert page.text("title") == "Tiny town"
    assert page.page.title() == "Tiny town"
    # h400 and h500 have all that the data know: 8 + 16 of 4,095 persons; far is not judged.
    assert "0.6 %" in page.text("figure-known")
    assert "50.0 %" not in page.text("figure-unknown")
    unknown = town.summary["unknown"]["share"]
    assert f"{100 * unknown:.1f} %" in page.text("figure-unknown")
    assert page.text("figure-persons") == "~4,095 persons (estimate)\n12 homes"
    # Three services have data: what has none counts neither way. 1.3 as in test_map.py.
    assert re.match(r"\d\.\d / 3\n", page.text("figure-mean"))
    assert page.text("figure-assumed").startswith("0 %\n")
    # Culture has no data: nobody can be said to have everything, and that is no 0 %.
    assert page.text("figure-passed").startswith("Not known yet\n")
    assert page.text("figure-notes").startswith("1 services without data")
    assert "0 %" not in page.text("figure-passed").split("\n")[0]
    page.js("gusu.setLang('zh')")
    assert page.text("figure-passed").startswith("尚无法判断\n")


def test_services_stand_worst_first_and_no_data_is_no_share(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan())
    order = page.js(
        "[...document.querySelectorAll('#coverage button')].map(b => b.dataset.service)"
    )
    assert order == ["health", "play", "reading", "culture"]
    assert "无数据" in page.text("service-3")
    assert "%" not in page.text("service-3")
    assert page.test("service-3").locator(".bar.no-data").count() == 1


def test_the_card_tells_each_service_as_judged(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    page.js("gusu.openCard('h600')")
    rows = page.js(
        "[...document.querySelectorAll('#card li')].map(li => [li.dataset.service, li.dataset.state])"
    )
    assert rows == [["reading", "fail"], ["health", "fail"], ["play", "pass"], ["culture", "unknown"]]  # fmt: skip
    assert page.text("card-time-0") == "10.5 min"
    assert "30 s too far" in page.text("card-service-0")
    assert "点位 v-health" in page.text("card-service-1")
    assert page.text("card-time-2") == "5.5 min"  # the second nearest counts
    assert page.text("card-time-3") == "no data"
    assert "2 missing" in page.text("card-lead")
    assert page.text("card-persons") == "~32 persons (estimate)"
    weight = page.js("getComputedStyle(document.querySelector('#card .fail .what')).fontWeight")
    assert int(weight) >= 700


def test_every_minute_of_every_card_is_the_outcomes(visit: Any, town: Outcome) -> None:
    """The text is worked out here from whole centiseconds; the state comes from the verdict."""
    page = visit(town, plan=made_up_plan(), lang="en")
    words = {0: "fail", 1: "pass", 2: "unknown"}
    for r, home in enumerate(HOMES):
        page.js(f"gusu.openCard('{home}')")
        for k in range(4):
            row = page.test(f"card-service-{k}")
            assert row.get_attribute("data-state") == words[int(town.verdict.state[r, k])]
            cs = int(town.access.counted_cs[r, k])
            tenths = (cs + 300) // 600
            wanted = f"{tenths // 10}.{tenths % 10} min"
            if k == 3:
                wanted = "no data"
            elif home == "far":
                wanted = "—"
            elif cs == 2**31 - 1:
                wanted = "over 20 min"
            assert page.text(f"card-time-{k}") == wanted, (home, k)


def test_the_page_judges_nothing_itself(visit: Any, town: Outcome) -> None:
    """A verdict that contradicts the minutes is shown as the verdict says."""
    state = town.verdict.state.copy()
    state[3, 0] = 0  # h400 reads within 430 s of 600
    page = visit(
        rejudged(town, verdict=replace(town.verdict, state=state)), plan=made_up_plan(), lang="en"
    )
    page.js("gusu.openCard('h400')")
    assert page.test("card-service-0").get_attribute("data-state") == "fail"
    assert page.js("[gusu.model.classOf(3, -1), gusu.model.classOf(3, 0)]") == [1, 3]


def test_an_unlinked_home_says_why(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan())
    page.js("gusu.openCard('far')")
    assert "100 米内没有可步行道路" in page.text("card-reason")
    assert "无法判断" in page.text("card-lead")


def test_a_click_on_the_map_opens_the_card_and_escape_closes_it(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan())
    spot = page.js("gusu.pixelOf('h300')")
    page.page.locator("#map_gusu").click(position={"x": spot["x"], "y": spot["y"]})
    assert "h300" in page.text("card-title")
    page.page.keyboard.press("Escape")
    assert page.test("card").is_hidden()


def test_a_residence_is_found_and_opened_by_keyboard(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    page.test("search").fill("H1100")
    assert page.text("search-count") == "1 of 1 shown"
    page.test("home-h1100").press("Enter")
    assert "h1100" in page.text("card-title")
    page.page.keyboard.press("Escape")
    assert page.js("document.activeElement.dataset.testid") == "home-h1100"


def test_the_language_changes_in_place(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan())
    page.js("gusu.openCard('h600')")
    page.test("language").click()
    assert page.js("document.documentElement.lang") == "en"
    assert page.text("title") == "Tiny town"
    assert "Reading corner" in page.text("card-service-0")
    page.test("language").click()
    assert page.text("title") == "小镇"
    leftovers = page.js(
        "[...document.querySelectorAll('[data-text]')].filter(e => /[a-z]{4}/.test(e.textContent)).length"
    )
    assert leftovers == 0


def test_the_legend_counts_residences_and_persons(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    counts = [page.text(f"class-{i}").split("\n")[-1] for i in range(6)]
    # By missing services; persons are powers of two, so a sum names who was counted.
    assert counts == ["2 · 24", "5 · 199", "4 · 1,824", "0 · 0", "0 · 0", "1 · 2,048"]
    assert page.text("class-5").split("\n")[:2] == ["?", "Not linked to streets"]
    page.test("colour").select_option("1")  # health, at x = 0: x + 30 s against 600 s
    counts = [page.text(f"class-{i}").split("\n")[-1] for i in range(7)]
    assert counts == ["1 · 1", "2 · 6", "2 · 24", "2 · 96", "4 · 1,920", "0 · 0", "1 · 2,048"]


def test_the_legend_adds_up_and_no_word_has_two_numbers(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan())
    for k in range(-1, 4):
        sums = page.js(
            f"gusu.model.tally({k}).reduce((s, e) => [s[0] + e.residences, s[1] + e.persons], [0, 0])"
        )
        assert sums == [12, 4095]
        page.test("colour").select_option(str(k))
        assert "无法判断" not in page.text("legend")
    # Culture, the last, has no data at all; that is not the same as not being linked.
    assert "无数据" in page.text("class-6")
    assert page.text("class-6").endswith("12 · 4,095")
    page.test("colour").select_option("0")
    assert "未接入路网" in page.text("class-6")
    assert page.text("class-6").endswith("1 · 2,048")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_walking_model_is_told_as_the_summary_tells_it(
    visit: Any, town: Outcome, lang: str
) -> None:
    page = visit(town, plan=made_up_plan(), lang=lang)
    words = {"zh": "步行模型：", "en": "Walking model: "}[lang]
    assert page.text("walk-model") == words + town.summary["walk"]["model"][lang]


def test_the_card_tells_one_stop_even_where_it_cannot_be_told(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    for home in ("h400", "far"):
        page.js(f"gusu.openCard('{home}')")
        assert page.text("card-one-stop").endswith("every service): not known yet")
    state = town.verdict.one_stop_state.copy()
    state[:] = 0
    page = visit(
        rejudged(town, verdict=replace(town.verdict, one_stop_state=state)),
        plan=made_up_plan(),
        lang="en",
    )
    page.js("gusu.openCard('h400')")
    assert "not known yet" not in page.text("card-one-stop")


def test_hours_stand_on_the_card_as_text_and_judge_nothing(visit: Any) -> None:
    outcome = make_outcome()
    hours = "Mo-Fr 09:00-17:00<img src=x onerror=alert(1)>"
    outcome.city.facilities.frame["hours"] = ["", "", hours, "", ""]  # health alone
    page = visit(outcome, plan=made_up_plan(), lang="en")
    page.js("gusu.openCard('h600')")
    assert f"hours: {hours}" in page.text("card-service-1")
    assert "hours" not in page.text("card-service-0")
    assert "not part of the verdict" in page.text("card-hours-note")
    assert page.js("document.querySelectorAll('#card img').length") == 0
    page.js("gusu.openCard('far')")
    assert page.test("card-hours-note").count() == 0


PHONE = (390, 844)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_the_footer_is_one_line_that_opens_upward(
    visit: Any, town: Outcome, lang: str
) -> None:
    page = visit(town, plan=made_up_plan(), size=PHONE, lang=lang)
    short = page.test("foot-short")
    words = {
        "zh": ("仅供内部规划研究使用", "1.0 米/秒", "限 10 分钟", "更多"),
        "en": ("Internal planning draft", "1.0 m/s", "Limit 10 min", "More"),
    }
    assert all(word in short.inner_text() for word in words[lang])
    assert short.bounding_box()["height"] <= 34
    assert page.test("foot-full").is_hidden()
    short.click()
    full, line = page.test("foot-full").bounding_box(), short.bounding_box()
    assert full["y"] > 0
    assert abs(full["y"] + full["height"] - line["y"]) <= 2  # stands on the line
    assert "test-pack 1.2" in page.text("foot-full")
    clipped = "(e => e.scrollHeight > e.clientHeight + 1)(document.getElementById('foot-full'))"
    assert not page.js(clipped)
    short.press("Enter")
    assert page.test("foot-full").is_hidden()


def test_on_a_wide_screen_the_footer_is_whole(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan())
    assert page.test("foot-full").is_visible()
    assert page.test("foot-short").is_hidden()


def test_no_tip_hangs_over_a_card_or_after_a_tap(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan())
    spot = page.js("gusu.pixelOf('h300')")
    box = page.page.locator("#map_gusu").bounding_box()
    page.page.mouse.move(box["x"] + spot["x"], box["y"] + spot["y"])
    page.test("tip").wait_for(state="visible")
    page.page.mouse.down()
    page.page.mouse.up()
    assert page.test("card").is_visible()
    page.page.wait_for_timeout(120)  # longer than mouse moves are held back
    assert page.test("tip").is_hidden()

    phone = visit(town, plan=made_up_plan(), size=PHONE, touch=True)
    phone.js("void (window.tips = 0)")
    phone.js(
        "void new MutationObserver(() => { window.tips += !document.getElementById('tip').hidden; })"
        ".observe(document.getElementById('tip'), { attributes: true })"
    )
    phone.test("venues-all").click()
    spot = phone.js("gusu.pixelOf('h300')")
    venue = phone.js("(() => { const l = gusu.pixelOf('h300'), r = gusu.pixelOf('h400');"
                     " return { x: l.x, dy: (r.x - l.x) / 10 }; })()")  # fmt: skip
    box = phone.page.locator("#map_gusu").bounding_box()
    for y in (spot["y"] + venue["dy"], spot["y"]):  # the playground 10 m south, then the home
        phone.page.touchscreen.tap(box["x"] + spot["x"], box["y"] + y)
        phone.page.wait_for_timeout(120)
    assert phone.js("window.tips") == 0


def test_zones_sort_and_reconcile(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    names = "[...document.querySelectorAll('[data-testid=zone-row] th')].map(e => e.innerText)"
    page.test("sort-persons").click()
    assert page.js(names) == ["West ward", "East ward", "Outside every zone"]
    page.test("sort-persons").click()
    assert page.js(names) == ["Outside every zone", "East ward", "West ward"]
    before = page.js("map_gusu.getZoom()")
    page.js(
        "void (window.zoomed = new Promise(done => map_gusu.once('zoomend', () => done(map_gusu.getZoom()))))"
    )
    page.page.get_by_role("button", name="Zoom to East ward").click()
    assert page.js("window.zoomed") > before


def test_the_fixed_marks_are_always_visible(visit: Any, town: Outcome) -> None:
    for size in ((1280, 800), (390, 844)):
        page = visit(town, plan=made_up_plan(), size=size)
        if size[0] < 720:
            page.test("foot-short").click()
        foot = page.text("foot-full")
        for words in ("仅供内部规划研究使用", "审图号：—", "1.0 米/秒", "限 10 分钟", "2025-03-01", "test-pack 1.2", "仅供测试", "OpenStreetMap", "gusu_geo"):  # fmt: skip
            assert words in foot
        assert page.test("foot").is_visible()
        assert "提示" in page.text("about")
        assert "虚构" in page.text("about")
        wide = page.js("document.documentElement.scrollWidth <= innerWidth")
        assert wide, "the page scrolls sideways"


def test_layers_and_venues_can_be_switched(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan())
    blue = "#2c7bb6"
    assert page.pixels(blue) > 20
    page.test("layer-homes").uncheck()
    assert page.pixels(blue) == 0
    page.test("venues-all").click()
    assert page.test("venue-0").is_checked()


def test_an_older_browser_gets_the_uncompressed_form(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), compressed=False)
    assert page.js("gusu.model.homes") == 12


def percent(share: float) -> str:
    """As a careful person writes it: nearly all is not all, nearly none is not none."""
    if 0 < share < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    return "0 %" if share == 0 else "100 %" if share == 1 else f"{100 * share:.1f} %"


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # it drops data bars
@pytest.mark.parametrize("name", ["monaco", "nanjing"])
def test_the_page_of_a_real_city_tells_what_its_tables_tell(
    visit: Any,
    name: str,
    tmp_path: Path,
    with_monaco: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Figures against summary.json, workbook and console, cards against access.parquet."""
    result = run(study_of(name), out=with_monaco(tmp_path, name))
    monkeypatch.setenv("COLUMNS", "200")
    capsys.readouterr()
    show_summary(result.summary, result.folder, result.map_path)
    summary = json.loads((result.folder / "summary.json").read_text(encoding="utf-8"))
    access = pd.read_parquet(result.folder / "access.parquet")
    page = visit(result.map_path)
    page.js("gusu.setLang('en')")
    blank = any(service["state"] == "no_data" for service in summary["services"])
    assert ("Not known yet" in page.text("figure-passed")) == blank
    mean = summary["mean_services"]  # of those with data: nobody lacks what nobody mapped
    assert page.text("figure-mean").startswith(f"{mean['mean']:.1f} / {mean['known']}\n")
    assert mean["known"] == sum(service["state"] == "known" for service in summary["services"])
    tally = page.js("gusu.model.tally(-1)")
    assert sum(entry["residences"] for entry in tally) == summary["residences"]["total"]
    persons = sum(entry["persons"] for entry in tally)
    assert persons == pytest.approx(summary["residences"]["persons"], abs=0.01)
    unlinked = summary["residences"]["total"] - summary["residences"]["linked"]
    assert tally[5]["residences"] == unlinked
    detours = page.js("gusu.model.tally(-2)")
    assert sum(entry["residences"] for entry in detours) == summary["residences"]["total"]
    links = pyogrio.read_info(result.folder / "results.gpkg", "missing_links")["features"]
    assert page.js("gusu.model.texts.gaps.length") == min(links, 100)
    shown = "figure-known" if blank else "figure-passed"  # where all have data they are one
    for figure, key in ((shown, "passed_known"), ("figure-unknown", "unknown")):
        assert percent(summary[key]["share"]) in page.text(figure)
    for service in summary["services"]:
        shown = page.js(
            f"document.querySelector('#coverage [data-service={service['id']}]').innerText"
        )
        share = service["share"]
        assert ("no data" if share is None else percent(share)) in shown
    assert tally_of(page) == tally_in(access)
    for k, service in enumerate(summary["services"]):
        page.test("only").select_option(str(k))
        assert tally_of(page) == tally_in(access, service["id"]), service["id"]
    page.test("only").select_option("-1")
    assert_same_figures(page, result.folder, capsys.readouterr().out)
    homes = sorted(set(access["residence_id"]))[::25]
    rows = access.set_index(["residence_id", "service"])
    known = {service["id"] for service in summary["services"] if service["state"] == "known"}
    for home in homes:
        page.js(f"gusu.openCard('{home}')")
        cards = page.js(
            "[...document.querySelectorAll('#card li')].map(li => [li.dataset.service,"
            " li.dataset.state, li.querySelector('.time').innerText])"
        )
        assert len(cards) == len(summary["services"])
        for service, state, time in cards:
            row = rows.loc[(home, service)]
            assert state == row["state"]
            if service not in known:
                assert time == "no data"
            elif row["nearest_s"] < float("inf"):
                tenths = (round(row["nearest_s"] * 100) + 300) // 600
                assert time == f"{tenths // 10}.{tenths % 10} min"
            else:
                assert time == ("—" if state == "unknown" else "over 30 min")


def tally_of(page: Any) -> list[int]:
    """Homes by class as the legend counts them: missing 0 to 3, 4 and more, unknown."""
    keys = page.js(
        "[...document.querySelectorAll('#legend [data-testid^=class-] .number')].map(e => e.innerText)"
    )
    return [int(key.split(" ")[0].replace(",", "")) for key in keys]


def tally_in(access: pd.DataFrame, lacking: str = "") -> list[int]:
    """The same of the table of times, of those that lack a service, without a word of the page."""
    state = access.pivot(index="residence_id", columns="service", values="state")
    if lacking:
        state = state[state[lacking] == "fail"]
    judged = (state != "unknown").any(axis=1)
    missing = (state[judged] == "fail").sum(axis=1).clip(upper=4)
    return [*(int((missing == count).sum()) for count in range(5)), int((~judged).sum())]
