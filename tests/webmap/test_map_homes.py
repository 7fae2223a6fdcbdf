"""What the page says of homes that nobody tagged and of persons whom nobody counted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from outcomes import make_outcome

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
