"""The review map under load: 100,000 residences on the streets of Porto, in a real browser.

Prints the size of the page, how long it takes to open, how long another threshold, profile and
filter take to the repainted screen, the longest task while panning and zooming, and how long a
dragged venue takes; the same for the study named by ``--study``. ``--old BUNDLE`` measures an older
bundle.js in turn with this one, on the same data, and prints how many times longer it takes: on a
busy machine only that ratio, of processor time, says anything. ``--slow 4`` slows the processor.
Nothing is asserted.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
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
from gusu_geo.report.webmap.figure import web_file
from gusu_geo.report.webmap.render import render_map
from gusu_geo.study.catalog import load_pack

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
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
PLACE = """() => {
    const { lab, layer, map, model } = gusu, r = model.homes >> 1;
    map.setView(layer.homeLatLng(r), map.getZoom(), { animate: false });
    lab.tryAt(r, 0);
}"""
PLACED = """() => {
    const { x, y } = gusu.pixelOfPlace(gusu.lab.history.now.changes[0].on);
    const box = document.querySelector("#map_gusu").getBoundingClientRect();
    return [x + box.left, y + box.top];
}"""
# What a reader does, by the number of the turn; each answers with another picture than before.
ACTIONS = {
    "threshold": "(i) => gusu.change({ minutes: 8 + (i % 5) })",
    "profile": "(i) => gusu.change({ walk: gusu.model.texts.walks[(i + 1) % 3], minutes: null })",
    "filter": "(i) => gusu.act.only(i % 2 ? -1 : 0)",
    "pan": "(i) => gusu.map.panBy([i % 2 ? 300 : -300, 0], { animate: false })",
    "zoom": "(i) => gusu.map[i % 4 < 2 ? 'zoomIn' : 'zoomOut'](1, { animate: false })",
}
DONE = """async () => {
    const since = performance.now(), frame = () => new Promise(requestAnimationFrame);
    (%s)(%d);
    await frame();
    await frame();
    await new Promise((done) => setTimeout(done));
    return performance.now() - since;
}"""
TURNS = 9


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


class Shown:
    """A page in a browser of its own, ready, with the clocks of its processor."""

    def __init__(self, play: Any, page_file: Path, slow: float) -> None:
        self.browser = play.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        context = self.browser.new_context(offline=True, viewport={"width": 1366, "height": 768})
        self.page = context.new_page()
        self.session = context.new_cdp_session(self.page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})
        if slow > 1:
            self.session.send("Emulation.setCPUThrottlingRate", {"rate": slow})
        since = time.perf_counter()
        self.page.goto(page_file.as_uri())
        self.page.wait_for_selector("html[data-ready]", timeout=120_000)
        self.opened_s, self.opened_cpu_ms = time.perf_counter() - since, self.cpu_ms()
        self.page.evaluate(WATCH)

    def cpu_ms(self) -> float:
        """What the page's main thread has computed so far."""
        told = self.session.send("Performance.getMetrics")["metrics"]
        return next(1000 * float(row["value"]) for row in told if row["name"] == "TaskDuration")

    def turn(self, code: str, i: int) -> tuple[float, float]:
        """Milliseconds to the repainted screen, and those of them that were computed."""
        before = self.cpu_ms()
        shown = self.page.evaluate(DONE % (code, i))
        return float(shown), self.cpu_ms() - before


def with_bundle(page: str, old: str) -> str:
    """The same page with another bundle, let in by its policy."""

    def digest(code: str) -> str:
        return base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()

    new = web_file("bundle.js")
    return page.replace(new, old).replace(digest(new), digest(old))


def measure(outcome: Outcome, folder: Path, slow: float, old: Path | None) -> None:
    """One page: opened, asked, panned, and a new venue dragged over it; an older one in turn."""
    since = time.perf_counter()
    text = render_map(outcome, lang="en")
    files = [folder / "map.html"]
    files[0].write_text(text, encoding="utf-8")
    homes, edges = len(outcome.access.residence_ids), outcome.network.edges
    print(f"{outcome.study.name}: {homes:,} residences, {edges:,} edges, slowed {slow:g} times")
    size = files[0].stat().st_size / 1e6
    print(f"  written in {time.perf_counter() - since:.1f} s, {size:.2f} MB")
    if old:
        files.append(folder / "old.html")
        files[1].write_text(with_bundle(text, old.read_text(encoding="utf-8")), encoding="utf-8")
    with sync_playwright() as play:
        pages = [Shown(play, file, slow) for file in files]
        opened = [(1000 * page.opened_s, page.opened_cpu_ms) for page in pages]
        print(line("opening", [[row] for row in opened]))
        for name, code in ACTIONS.items():
            turns: list[list[tuple[float, float]]] = [[] for _ in pages]
            for i in range(TURNS):
                for page, found in zip(pages, turns, strict=True):
                    found.append(page.turn(code, i))
            print(line(name, [found[1:] for found in turns]))  # the first warms up
        pages[0].page.evaluate("() => gusu.lab.change(gusu.lab.asIs)")
        drag(pages[0].page, slow)
        for page in pages:
            page.browser.close()


def line(name: str, found: list[list[tuple[float, float]]]) -> str:
    """Medians of this bundle, and how many times longer the older one takes."""
    shown, cpu = (
        [statistics.median(row[part] for row in rows) for rows in found] for part in (0, 1)
    )
    text = f"  {name}: {shown[0]:.0f} ms to the screen, {cpu[0]:.0f} ms of processor"
    return text + "".join(
        f"; the older one {cpu[i] / cpu[0]:.1f} times" for i in range(1, len(cpu))
    )


def drag(page: Any, slow: float) -> None:
    """The longest task while the map is pulled and zoomed, and a new venue dragged."""
    page.evaluate("() => { tasks.length = 0; }")
    page.mouse.move(900, 400)
    page.mouse.down()
    for i in range(40):
        page.mouse.move(900 - 6 * i, 400 + 3 * (i % 9))
        page.wait_for_timeout(30)
    page.mouse.up()
    for delta in (-400, -400, 400, 400):
        page.mouse.wheel(0, delta)
        page.wait_for_timeout(500)
    print(f"  panning and zooming, longest task: {max(page.evaluate('tasks'), default=0):.0f} ms")
    page.evaluate(PLACE)
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


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", help="a study file instead of the synthetic one")
    parser.add_argument("--homes", type=int, default=100_000)
    parser.add_argument("--slow", type=float, default=1.0)
    parser.add_argument("--old", type=Path, help="an older bundle.js, of git show COMMIT:PATH")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = asked.study or synthetic(asked.homes, folder)
        ground = prepare(study, out=folder)
        measure(outcome_of(ground, judge_ground(ground)), folder, asked.slow, asked.old)


if __name__ == "__main__":
    main()
