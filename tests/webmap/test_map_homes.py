"""What the page says of homes that nobody tagged and of persons whom nobody counted."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from outcomes import make_outcome
from tier_scenes import outcome_by_tier, tier_ground

from gusu_geo.assessment.complaints import funnel

pytest_plugins = ["browsing"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_guess_is_shown_as_a_count(visit: Any, lang: str) -> None:
    """4,095 persons whom nobody counted: to three digits and marked, on screen and on paper."""
    page = visit(make_outcome(guessed=True, survey=True), lang=lang)
    for k in (-1, 0, 1):
        page.js(f"document.querySelector('#colour').value = '{k}'")
        page.js("document.querySelector('#colour').dispatchEvent(new Event('change'))")
        text = page.js("document.body.innerText")
        assert "4,095" not in text and "4,032" not in text and "2,048" not in text
        marked = r"(?<!约 )(?<!about )(?<!约有 )(?<![~,\d])\d,\d{3}(?! m| 米)"
        assert re.findall(marked, text) == []
    page.js("gusu.openCard('far')")
    assert "2,050" in page.text("card-persons") and "2,048" not in page.text("card-persons")
    assert page.text("figure-assumed").startswith("98.5 %\n")  # 4,032 / 4,095


def test_a_service_that_gets_its_first_venue_counts_in_the_mean(visit: Any) -> None:
    """h200 (2 persons) comes to have culture too: four services are known, and 2 passes more."""
    page = visit(make_outcome(single=True), lang="en")
    before, after = page.js("""() => {
        const { model } = gusu, { before } = gusu.lab, { totals } = gusu.parts;
        const state = before.state.slice(), culture = 3;
        state[1 * 4 + culture] = state[0]; // h100 reaches reading
        return [totals(model, before), totals(model, { ...before, state })]
            .map(({ mean, known_services }) => [mean * 4095, known_services]);
    }""")
    assert (before[1], after[1]) == (3, 4)
    assert after[0] - before[0] == pytest.approx(2, abs=1e-6)


def test_buildings_on_commercial_ground_are_seen_and_explained(visit: Any) -> None:
    page = visit(make_outcome(guessed=True), lang="en")
    assert "3 buildings on commercial" in page.text("legend-mixed")
    assert "~1,230 persons" in page.text("legend-mixed")
    assert "on commercial or retail ground 3, too small 2" in page.text("about")
    assert page.pixels("#ece8ee") > 100
    page.test("layer-mixed").uncheck()
    assert page.pixels("#ece8ee") == 0
    assert page.test("legend-mixed").count() == 0


def test_without_such_buildings_nothing_is_said_of_them(visit: Any) -> None:
    page = visit(make_outcome(), lang="en")
    assert page.test("legend-mixed").count() == 0 and page.test("layer-mixed").count() == 0


def test_compounds_are_a_level_of_their_own(visit: Any) -> None:
    """h100, h200, h300 (1 + 2 + 4 persons) all lack play; nobody drew the outline of the other."""
    outcome = make_outcome()
    frame = outcome.city.residences.frame
    inside = frame.index.isin(["h100", "h200", "h300"])
    frame["compound"] = np.select([inside, frame.index == "far"], ["q1", "q2"], "")
    frame["compound_name"] = frame["compound"].map({"q1": "柳浪新村", "q2": "里弄", "": ""})
    drawn = {"compound_id": ["q1"], "name": ["柳浪新村"], "source": ["osm"]}
    outline = gpd.GeoDataFrame(drawn, geometry=[shapely.box(80, 10, 320, 60)], crs=frame.crs)
    outcome = replace(outcome, judgement=replace(outcome.judgement, city=replace(outcome.city, compounds=outline)))  # fmt: skip
    seen = {"q1": (40, 100.0), "q2": (38, 160.0), "q3": (12, 300.0)}
    given = [{"id": key, "name": key, "complaints": n, "households": h} for key, (n, h) in seen.items()]  # fmt: skip
    told = {"standard": "", "unknown": [], "rows": funnel(given, [""] * 3)}
    assert {row["id"]: row["outside"] for row in told["rows"]} == {"q1": "black", "q2": "high", "q3": "red"}  # fmt: skip
    outcome = replace(outcome, summary=outcome.summary | {"complaints": told})
    page = visit(outcome, lang="zh")
    assert page.test("level").input_value() == "ward"
    page.page.get_by_label("层级").select_option(label="小区")
    rows = page.page.get_by_test_id("zone-row").all_inner_texts()
    listed = " 投诉偏多（超出 99.8% 控制限）"
    assert [row.split("\t")[0] for row in rows if listed in row] == [f"柳浪新村{listed}"]
    cells = {row.split("\t")[0].removesuffix(listed): row.split("\t")[1:] for row in rows}
    assert set(cells) == {"柳浪新村", "里弄", "不在小区内"}
    assert cells["柳浪新村"][0] == "7" and "7" in cells["柳浪新村"][2]
    assert (cells["里弄"][0], cells["不在小区内"][0]) == ("2,048", "2,040")
    page.js(
        "void (window.moved = new Promise(done => {"
        " map_gusu.once('moveend', () => done(0)); setTimeout(() => done(1), 5000); }))"
    )
    page.page.get_by_role("button", name="里弄").click()
    page.js("window.moved")
    centre = page.js("(({ lat, lng }) => [lng, lat])(map_gusu.getCenter())")
    home = frame.to_crs(4326).geometry["far"]
    assert centre == pytest.approx([home.x, home.y], abs=1e-4)
    page.js("gusu.openCard('h200')")
    assert "柳浪新村" in page.text("card")


def test_the_card_says_by_tier_what_is_in_time(visit: Any, tmp_path: Path) -> None:
    """The community's own venue at 0 m is in time from a1 alone, the subdistrict's from all."""
    page = visit(outcome_by_tier(tier_ground(tmp_path)), lang="en")
    for home, own in (("a1", "✓"), ("a2", "✗"), ("b1", "✗")):
        page.js(f"gusu.openCard('{home}')")
        shown = page.text("card-tiers").partition(": ")[2]
        assert (
            re.sub(r"\s+", " ", shown).strip()
            == f"✓ subdistrict: service s {own} community: service s"
        )
    # A venue tried at b1, of the tier chosen: b1 and a2 (600 m) are in time, a1 has its own.
    rows = [page.text("tier-0"), page.text("tier-1")]
    assert rows == ["100 %", "16.7 %"]
    page.js("gusu.lab.setTool('venue')")
    page.test("new-tier").select_option("community")
    page.js("gusu.lab.tryAt(gusu.model.texts.homes.ids.indexOf('b1'), 0)")
    assert "✓ community" in page.text("card-tiers")
    assert page.text("tier-1") == "16.7 % → 100 %"
    assert page.text("change-0").startswith("New venue new-1: service s · tier: community")
    page.test("undo").click()
    assert page.text("tier-1") == "16.7 %" and "✗ community" in page.text("card-tiers")
    page.test("new-tier").select_option("")  # the rule wants the service at two tiers
    page.js("gusu.lab.tryAt(gusu.model.texts.homes.ids.indexOf('b1'), 0)")
    assert page.text("tier-1") == "16.7 % → 16.7 % – 100 %"
    assert "? community" in page.text("card-tiers") and "tier unknown" in page.text("change-0")
