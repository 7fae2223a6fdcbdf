"""The survey on the review map: detours, missing links, uncovered ground, venues behind walls."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from outcomes import made_up_plan, make_outcome, rejudged

from gusu_geo.assessment.outcome import Outcome

pytest_plugins = ["browsing"]

DETOUR, MISSING = "-2", "-1"  # colour modes beside the services


@pytest.fixture(scope="module")
def surveyed() -> Outcome:
    return make_outcome(survey=True)


@pytest.mark.parametrize(
    ("lang", "labels"),
    [
        (
            "en",
            [
                "below 1.3",
                "1.3–1.5",
                "1.5–1.8",
                "1.8–2.5",
                "2.5 and more",
                "Not linked, or no streets around",
            ],
        ),
        (
            "zh",
            [
                "低于 1.3",
                "1.3–1.5",
                "1.5–1.8",
                "1.8–2.5",
                "2.5 及以上",
                "未接入路网，或周围没有道路",
            ],
        ),
    ],
    ids=["en", "zh"],
)
def test_detours_are_a_colour_with_counts(
    visit: Any, surveyed: Outcome, lang: str, labels: list[str]
) -> None:
    page = visit(surveyed, plan=made_up_plan(), lang=lang)
    page.test("colour").select_option(DETOUR)
    rows = [page.text(f"class-{i}").split("\n") for i in range(6)]
    assert [row[0] for row in rows] == labels
    # An edge belongs to the class above it; persons are powers of two and name who was counted.
    assert [row[-1] for row in rows] == ["3 · 1,027", "2 · 12", "2 · 48", "2 · 192", "2 · 768", "1 · 2,048"]  # fmt: skip
    assert "200–500" in page.text("about-detour")
    assert page.test("class-6").count() == 0
    purple = "#e9dff2"
    assert page.pixels(purple) > 20
    page.test("colour").select_option(MISSING)
    assert page.pixels(purple) == 0
    assert page.test("about-detour").count() == 0


def test_the_card_tells_the_detour_of_a_home_that_has_one(visit: Any, surveyed: Outcome) -> None:
    page = visit(surveyed, plan=made_up_plan(), lang="en")
    page.js("gusu.openCard('h300')")
    assert page.text("card-detour") == "Detour ratio 1.30 (to the streets 200–500 m around)."
    page.js("gusu.openCard('h1000')")
    assert page.text("card-detour").endswith("50.0 % of these are not reached within 2 km on foot.")
    page.js("gusu.setLang('zh')")
    assert page.text("card-detour") == "绕行系数 4.00（到周围 200–500 米内的道路）。 其中 50.0 % 的道路步行 2 公里内到不了。"  # fmt: skip
    page.js("gusu.openCard('far')")
    assert page.test("card-detour").count() == 0


def test_a_page_without_a_survey_offers_none(visit: Any) -> None:
    page = visit(make_outcome(), plan=made_up_plan())
    assert page.page.locator("#colour option").count() == 1 + 4
    assert page.page.locator("#gaps-section").is_hidden()
    assert page.test("layer-gaps").count() == 0
    page.test("colour").select_option("1")
    assert page.test("layer-bare").count() == 0
    page.js("gusu.openCard('h300')")
    assert page.test("card-detour").count() == 0


LINKS = "#1f1147"


def test_missing_links_are_a_layer_and_a_list_that_leads_to_them(
    visit: Any, surveyed: Outcome
) -> None:
    page = visit(surveyed, plan=made_up_plan(), lang="en")
    assert not page.test("layer-gaps").is_checked()
    assert page.pixels(LINKS) == 0
    rows = page.test("gaps").locator("li")
    assert rows.count() == 10  # of twelve
    assert rows.nth(0).inner_text().split("\n") == [
        "Wall Street – Gate Lane",
        "50 m by air, 1,234 m on foot; a link would bring all services with data to 512 persons;"
        " 640 persons × services newly in time; a door for 32 persons behind walls (counted apart);"
        " a wall, fence or hedge between; about 1,024 persons near",
    ]
    assert rows.nth(1).inner_text().split("\n") == [
        "(unnamed street)",
        "50 m by air, not reached within 3,000 m on foot; 96 persons × services newly in time;"
        " water between;"
        " its ends may lie at different heights",
    ]
    page.test("gap-0").click()
    assert page.test("layer-gaps").is_checked()
    assert page.pixels(LINKS) > 20
    # The link's middle lies in the middle of the map, 85 m south of the home at its head.
    size = page.page.locator("#map_gusu").bounding_box()
    home = page.js("gusu.pixelOf('h300')")
    assert home["x"] == pytest.approx(size["width"] / 2, abs=2)
    assert home["y"] < size["height"] / 2 - 40
    middle = (size["x"] + size["width"] / 2, size["y"] + size["height"] / 2)
    page.page.mouse.move(*middle)
    page.test("tip").wait_for(state="visible")
    assert page.text("tip").startswith("1 · Wall Street – Gate Lane\n50 m by air")
    page.test("layer-gaps").uncheck()
    assert page.pixels(LINKS) == 0


def test_missing_links_in_chinese(visit: Any, surveyed: Outcome) -> None:
    page = visit(surveyed, plan=made_up_plan())
    assert page.text("gaps").split("\n")[1] == (
        "直线 50 米，步行 1,234 米；连通后新增全部可达 512 人；新增可达 640 人·项；围墙内 32 人由此接入路网（不计入新增）；隔着围墙、栅栏或绿篱；近旁约 1,024 人"
    )  # fmt: skip
    assert "两端可能高低不同" in page.text("gaps")
    assert not re.search(r"[a-z]{4}", page.text("gaps").replace("Wall Street – Gate Lane", ""))


def test_uncovered_ground_shows_with_its_service_and_hides_no_home(
    visit: Any, surveyed: Outcome
) -> None:
    page = visit(surveyed, plan=made_up_plan(), lang="en")
    assert page.test("layer-bare").count() == 0  # no service is chosen
    page.test("colour").select_option("0")
    assert page.test("layer-bare").count() == 0  # reading covers all ground
    page.test("colour").select_option("1")
    assert "Uncovered area" in page.text("legend")
    switch = page.test("layer-bare")
    assert switch.is_checked()
    beyond, ground = "#fdae61", "#dfe9d8"
    hatched = page.picture()
    homes = page.pixels(beyond)
    assert homes > 20
    switch.uncheck()
    assert page.picture() != hatched
    assert page.pixels(beyond) == homes
    assert page.pixels(ground) > 0
    switch.check()
    assert page.picture() == hatched
    page.test("colour").select_option("2")
    page.js("gusu.setLang('zh')")
    assert page.text("legend").endswith("未覆盖范围")
    assert page.page.locator("label.apart").get_attribute("title") == (
        "道路两侧可到达、但 10 分钟内走不到该项功能的地面"
    )


@pytest.mark.parametrize(
    ("lang", "told", "judged", "hatched", "none"),
    [
        (
            "en",
            "only a venue behind a wall without a known gate would be near enough: unknown",
            "None missing of the 2 that can be judged",
            "Not linked, or only a venue behind a wall without a known gate is near enough",
            "None found missing",
        ),
        (
            "zh",
            "够近的点位都在围墙内，数据中未见大门，无法判断",
            "可判断的 2 项无缺口",
            "未接入路网，或够近的点位都在围墙内、未见大门",
            "未发现缺口",
        ),
    ],
    ids=["en", "zh"],
)
def test_a_venue_behind_a_wall_is_told_wherever_it_matters(
    visit: Any, lang: str, told: str, judged: str, hatched: str, none: str
) -> None:
    page = visit(make_outcome(walled=True), plan=made_up_plan(), lang=lang)
    page.js("gusu.openCard('h600')")
    row = page.test("card-service-1")
    assert row.get_attribute("data-state") == "unknown"
    assert told in row.inner_text()
    assert page.text("card-time-1").startswith("10.5")  # the nearest that one can enter
    for k in (0, 2, 3):  # failed, passed, no data
        assert told not in page.text(f"card-service-{k}")
    page.js("gusu.openCard('h700')")
    assert judged in page.text("card-lead")
    page.js("gusu.openCard('far')")
    assert told not in page.text("card-service-1")
    page.test("colour").select_option("1")
    # h600 to h1100 and far: 32 + ... + 1,024 + 2,048 persons.
    assert page.text("class-6").split("\n") == [hatched, "7 · 4,064"]
    page.test("colour").select_option("0")
    assert hatched not in page.text("legend")
    page.test("colour").select_option(MISSING)
    assert page.text("class-0").split("\n")[1:] == [none, "4 · 216"]  # h400, h500, h700, h800
    about = {"en": "not counted as missing, though they may be", "zh": "该项仍可能是缺口"}
    assert about[lang] in page.text("about")


def test_only_venues_behind_walls(visit: Any) -> None:
    """Where every home is linked the hatched class names the wall alone."""
    outcome = make_outcome(walled=True)
    state = outcome.verdict.state.copy()
    state[-1, :3] = 0  # as if far were linked, and nothing near it
    reason = outcome.access.reason.copy()
    reason[-1] = 0
    linked = rejudged(
        outcome,
        access=replace(outcome.access, reason=reason),
        verdict=replace(outcome.verdict, state=state),
    )
    page = visit(linked, plan=made_up_plan(), lang="en")
    page.test("colour").select_option("1")
    assert page.text("class-6").split("\n")[0] == (
        "Only a venue behind a wall without a known gate is near enough"
    )
