"""The map in a second engine, Debian's Firefox: it opens, tries a venue, opens a card, finds a home."""

from __future__ import annotations

from pathlib import Path

import pytest
from firefox import firefox
from outcomes import make_outcome

from gusu_geo.report.webmap.render import render_map

POINT = """(() => {
    const box = document.querySelector("#map_gusu").getBoundingClientRect();
    const { x, y } = gusu.pixelOf("%s");
    return [x + box.left, y + box.top];
})()"""
SERVED = "gusu.model.now.services.map((one) => one.covered_persons)"
SHOWN = """[...document.querySelectorAll("[data-testid^='found-']")].map((one) => one.innerText)"""
TYPED = """(() => {
    const box = document.getElementById("search");
    box.value = "h1000";
    box.dispatchEvent(new Event("input", { bubbles: true }));
})()"""


@pytest.mark.browser
def test_firefox_opens_the_map_tries_a_venue_opens_a_card_and_finds_a_home(tmp_path: Path) -> None:
    (tmp_path / "profile").mkdir()
    page = tmp_path / "map.html"
    page.write_text(render_map(make_outcome(single=True), lang="en"), encoding="utf-8")
    with firefox(tmp_path / "profile") as fox:
        fox.open(page)
        fox.wait_for("document.documentElement.dataset.ready === 'true'")
        assert fox.js("document.title") == "Tiny town"
        before = fox.js(SERVED)
        fox.press("tool-venue")
        fox.click(*fox.js(POINT % "h1000"))
        fox.wait_for("gusu.lab.history.now.changes.length === 1")
        after = fox.js(SERVED)
        assert after != before
        assert all(new >= old for new, old in zip(after, before, strict=True))
        fox.press("tool-venue")  # puts the tool down
        fox.click(*fox.js(POINT % "h100"))
        fox.wait_for("!document.getElementById('card').hidden")
        assert "h100" in fox.js("document.getElementById('card').innerText")
        fox.js(TYPED)
        fox.wait_for("document.querySelectorAll('[data-testid^=found-]').length > 0")
        assert any("h1000" in text for text in fox.js(SHOWN))
        assert fox.trouble == []
