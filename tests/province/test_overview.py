"""The overview of a province: outlines that stay together, a page that leads to the districts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from districts import Place, added

from gusu_geo.report.webmap.overview import MOST_VERTICES, drawn_outlines, render_overview

pytest_plugins = ["browsing", "district_folders"]


def jagged(cells: int, teeth: int) -> list[shapely.Geometry]:
    """Squares whose borders are jagged alike on both sides: a region without gaps."""
    rng = np.random.default_rng(5)
    lines = []
    for k in range(cells + 1):
        along = np.arange(cells * teeth + 1) / teeth
        off = rng.uniform(-0.2, 0.2, len(along)) * np.abs(np.sin(np.pi * along))  # corners stay
        off[::teeth] = 0
        lines += [np.column_stack([along, k + off]), np.column_stack([k + off, along])]
    return list(shapely.polygonize([shapely.union_all(shapely.linestrings(lines))]).geoms)


@pytest.mark.parametrize(("cells", "teeth"), [(3, 40), (10, 150)])
def test_neighbours_keep_their_common_border(cells: int, teeth: int) -> None:
    """The smaller region keeps every vertex, the larger has to lose half."""
    given = jagged(cells, teeth)
    drawn = drawn_outlines(given)
    assert len(drawn) == len(given) == cells**2
    assert shapely.coverage_is_valid(drawn)
    assert shapely.union_all(drawn).area == pytest.approx(sum(one.area for one in drawn), rel=1e-9)
    assert shapely.get_num_coordinates(drawn).sum() <= MOST_VERTICES
    fewer = shapely.get_num_coordinates(drawn).sum() < shapely.get_num_coordinates(given).sum()
    assert fewer == (teeth == 150)


def test_the_page_leads_from_the_region_to_a_district(
    copy: Place, visit: Callable[..., Any]
) -> None:
    from axe_playwright_python.base import AXE_SCRIPT

    added(copy)
    page = visit(copy[0] / "maps/p.html")
    assert page.text("title") == "Province"
    assert page.text("figure-failed").split("\n")[0] == "1 / 3"
    fills = page.js(
        "[...document.querySelectorAll('path.district')].map(p => p.getAttribute('fill'))"
    )
    assert fills == ["#a50026", "url(#hatch-failed)", "#a50026"]  # 0.6 % of persons pass
    page.js(AXE_SCRIPT)
    faults = "axe.run({ resultTypes: ['violations'] }).then(found => found.violations.map(v => v.id + ': ' + v.nodes[0].html))"
    assert page.js(faults) == []
    # By keys alone: search, Enter, read, Escape.
    page.test("search").fill("无")
    page.test("search").press("Enter")
    assert "no walkable streets." in page.text("card-failed")
    assert page.js("document.activeElement.id") == "card"
    assert page.js(faults) == []
    page.page.keyboard.press("Escape")
    assert not page.test("card").is_visible()
    page.test("language").click()
    assert page.text("title") == "省"
    assert page.js("document.documentElement.lang") == "zh-CN"
    path = page.page.locator("path.district").nth(0)
    path.dispatch_event("click")
    assert "东区" in page.text("card")
    assert page.text("card-next").startswith("最佳单个新增点位")
    page.test("card-map").click()
    page.page.wait_for_selector("html[data-ready]")
    assert page.page.url.endswith("/maps/p-east.html")
    assert len((copy[0] / "maps/p.html").read_bytes()) < 300_000


def test_a_hundred_districts_fit_in_a_megabyte(copy: Place) -> None:
    document = added(copy)
    shapes = jagged(10, 150)
    row = document["districts"][0]
    document["districts"] = [{**row, "key": f"p-{i}"} for i in range(len(shapes))]
    document["ranking"] = [one["key"] for one in document["districts"]]
    assert len(shapes) == 100
    assert len(render_overview(document, shapes).encode()) < 1_000_000
