"""The review map under load: 100,000 residences on the streets of Porto, in a real browser.

Prints the size of the page, how long it takes to open, the longest task while panning, and how
long a dragged venue takes to the repainted screen; the same for the study named by ``--study``.
``--slow 4`` slows the processor. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright
from pyproj import Transformer

import gusu_geo as gg
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.report.webmap.render import render_map
from gusu_geo.study.catalog import load_pack

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from browsing import ARGS, CHROMIUM  # noqa: E402

PORTO = ROOT.parent / "shared" / "data" / "porto_2015.osm.pbf"
STUDY = """
[study]
name = "porto_load"
title = {{ zh = "波尔图（合成住户）", en = "Porto (synthetic homes)" }}
[area]
bbox = [{west}, {south}, {east}, {north}]
buffer_m = 1800
[network]
osm = "{osm}"
[rule]
pack = "everyday-ten"
[[facilities]]
source = "venues.csv"
columns = {{ name = "name", service = "service", lon = "lon", lat = "lat" }}
[residences]
source = "homes.csv"
columns = {{ id = "id", persons = "persons", lon = "lon", lat = "lat" }}
"""
WATCH = """() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((one) => one.duration)))
        .observe({ type: "longtask", buffered: false });
    globalThis.marks = [];
    const { layer, lab } = gusu;
    layer.painted = () => {
        if (lab?.since) { marks.push(performance.now() - lab.since); lab.since = 0; }
    };
}"""
PLACED = """() => {
    const { x, y } = gusu.pixelOfPlace(gusu.lab.history.now.changes[0].on);
    const box = document.querySelector("#map_gusu").getBoundingClientRect();
    return [x + box.left, y + box.top];
}"""


def synthetic(homes: int, folder: Path) -> Path:
    """A study of random homes and venues a few metres beside the streets of Porto."""
    net = gg.read_network(PORTO)
    random = np.random.default_rng(20261125)
    back = Transformer.from_crs(net.crs, 4326, always_xy=True)

    def beside(count: int) -> Any:
        at = random.integers(len(net.vertex_xy), size=count)
        return np.column_stack(
            back.transform(*(net.vertex_xy[at] + random.normal(0, 8, (count, 2))).T)
        )

    def write(name: str, head: list[str], rows: Any) -> None:
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([head, *rows])

    services = load_pack("everyday-ten", ROOT).service_ids
    spots = beside(homes)
    write(
        "homes.csv",
        ["id", "persons", "lon", "lat"],
        [[f"h{i}", 2 + i % 5, *spot] for i, spot in enumerate(spots.tolist())],
    )
    spots = beside(60 * len(services))
    write(
        "venues.csv",
        ["name", "service", "lon", "lat"],
        [[f"v{i}", services[i % len(services)], *spot] for i, spot in enumerate(spots.tolist())],
    )
    lon, lat = back.transform(*net.node_xy.T)
    text = STUDY.format(west=min(lon), south=min(lat), east=max(lon), north=max(lat), osm=PORTO)
    (folder / "porto_load.toml").write_text(text, encoding="utf-8")
    return folder / "porto_load.toml"


def measure(outcome: Outcome, folder: Path, slow: float) -> None:
    """One page: opened, panned, and a new venue dragged over it."""
    since = time.perf_counter()
    page_file = folder / "map.html"
    page_file.write_text(render_map(outcome, lang="en"), encoding="utf-8")
    homes, edges = len(outcome.access.residence_ids), outcome.network.edges
    print(f"{outcome.study.name}: {homes:,} residences, {edges:,} edges")
    size = page_file.stat().st_size / 1e6
    print(f"  written in {time.perf_counter() - since:.1f} s, {size:.2f} MB")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        page = browser.new_context(offline=True, viewport={"width": 1280, "height": 800}).new_page()
        if slow > 1:
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": slow})
        since = time.perf_counter()
        page.goto(page_file.as_uri())
        page.wait_for_selector("html[data-ready]", timeout=120_000)
        print(f"  opens in {time.perf_counter() - since:.2f} s, processor slowed {slow:g} times")
        page.evaluate(WATCH)
        page.mouse.move(900, 400)
        page.mouse.down()
        for i in range(40):
            page.mouse.move(900 - 6 * i, 400 + 3 * (i % 9))
            page.wait_for_timeout(30)
        page.mouse.up()
        page.wait_for_timeout(500)
        print(f"  panning, longest task: {max(page.evaluate('tasks'), default=0):.0f} ms")
        page.get_by_test_id("tool-venue").click()
        page.mouse.click(800, 420)
        page.get_by_test_id("tool-venue").click()
        x, y = page.evaluate(PLACED)
        page.evaluate("() => { marks.length = 0; }")
        page.mouse.move(x, y)
        page.mouse.down()
        for i in range(60):
            page.mouse.move(x + 5 * (i % 30), y + 8 * (i // 10))
            page.wait_for_timeout(60 * slow)
        page.mouse.up()
        marks = sorted(page.evaluate("marks"))
        median, late = statistics.median(marks), marks[int(0.95 * len(marks))]
        print(f"  dragging, to the repainted screen: median {median:.0f} ms, p95 {late:.0f} ms")
        browser.close()


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", help="a study file instead of the synthetic one")
    parser.add_argument("--homes", type=int, default=100_000)
    parser.add_argument("--slow", type=float, default=1.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = asked.study or synthetic(asked.homes, folder)
        ground = prepare(study, out=folder)
        measure(outcome_of(ground, judge_ground(ground)), folder, asked.slow)


if __name__ == "__main__":
    main()
