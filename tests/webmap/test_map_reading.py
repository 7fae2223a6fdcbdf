"""Homes as they are read on the map: hexagons far off, colours, and a legend that counts what is drawn.

The town (see ``outcomes``): h100 to h1100 hold 1, 2, 4 … 1,024 persons, ``far``, which no street
reaches, 2,048. Of four services culture has no data. Missing are reading at h600 alone, health from
h600 on, play at h100 to h300 and from h900 on.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from outcomes import make_outcome

import gusu_geo.report.webmap as web
from gusu_geo.report.webmap.figure import web_file

pytest_plugins = ["browsing"]

ENGINE = Path(web.__file__).parent / "page" / "engine"
PROGRAM = """
const { cells, cellAt, summed } = await import(process.argv[1]);
const ask = JSON.parse(process.argv[2]), width = 10, set = cells(ask.x, ask.y, width);
const sums = (homes, classes, of = set) => Object.fromEntries(Object.entries(summed(of, homes, classes)).map(([key, list]) => [key, Array.from(list)]));
console.log(JSON.stringify({
  of: Array.from(set.of), x: set.x, y: set.y, at: ask.x.map((x, i) => cellAt(set, x, ask.y[i])), none: cellAt(set, 500, 500),
  sums: ask.sums.map(({ classes, ...homes }) => sums(homes, classes, cells(homes.x, homes.x.map(() => 0), width))),
}));
"""
ROW = 10 * 3**0.5 / 2  # between two rows of hexagons 10 wide


def hexagons(x: list[float], y: list[float], *sums: dict[str, Any]) -> dict[str, Any]:
    asked = json.dumps({"x": x, "y": y, "sums": sums})
    done = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM, (ENGINE / "hexagons.js").as_uri(), asked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


def homes(*cells: list[tuple[float, int, int]], classes: int = 5, **more: Any) -> dict[str, Any]:
    """Homes of some cells in a row, each (persons, missing, class)."""
    flat = [(10 * i, *home) for i, cell in enumerate(cells) for home in cell]
    x, persons, missing, group = (list(part) for part in zip(*flat, strict=True))
    told = {"x": x, "persons": persons, "missing": missing, "group": group, "shown": None}
    return {**told, "classes": classes, **more}


def test_hexagons_and_their_sums() -> None:
    """Each point falls to the nearest of all centres; classes by hand, see ``summed``."""
    rng = np.random.default_rng(13)
    xy = np.concatenate([[(0, 0), (10, 0), (5, ROW), (4.9, 0), (-5, -ROW)], rng.uniform(-40, 60, (300, 2))])  # fmt: skip
    unknown = 5
    found = hexagons(
        *xy.T.tolist(),
        homes([(3, 1, 1), (1, 0, 0)], [(9, 0, 0)], [(1, 4, 4), (1, 3, 3)], [(0.1, 3, 3), (0.1, 3, 3), (0.2, 3, 3)]),
        homes([(3, 0, unknown), (1, 2, 2)], [(7, 0, unknown)], [(0, 0, 0), (0, 3, 3)]),
        homes([(1, 9, 4), (1, 0, 0)], [(1, 2, 2), (100, 0, 0)], shown=[0, 1, 1, 0]),
        homes([(5, 0, 0), (4, 0, 5)], [(4, 0, 1), (5, 0, 4)], [(2, 0, 0), (2, 0, 3)], [(1, 0, 6)], classes=6, missing=None),
    )  # fmt: skip
    rows, cols = np.mgrid[-12:13, -12:13]
    centres = np.column_stack([((cols + (rows % 2) / 2) * 10).ravel(), (rows * ROW).ravel()])
    nearest = centres[np.argmin(((xy[:, None] - centres) ** 2).sum(axis=2), axis=1)]
    mine = np.column_stack([np.array(found[key])[found["of"]] for key in "xy"])
    assert mine == pytest.approx(nearest)
    assert (found["at"], found["none"]) == (found["of"], -1)
    mean, part, some, middle = found["sums"]
    # 0.75 a person is "up to 1", nobody is 0, 3.5 is "over 3", and 3 stays 3 (0.1 + 0.1 + 0.2 persons)
    assert mean["group"] == [1, 0, 4, 3] and mean["known"] == [1, 1, 1, 1]
    assert mean["homes"] == [2, 1, 2, 3] and mean["persons"] == pytest.approx([4, 9, 2, 0.4])
    # the unknown have no say; only they: unknown; where nobody lives each home counts once: 1.5
    assert part["group"] == [2, unknown, 2] and part["known"] == pytest.approx([0.25, 0, 1])
    assert (some["homes"], some["group"], some["persons"]) == ([1, 1], [0, 2], [1, 1])
    # the person in the middle: of nine the fifth, of four the second
    assert middle["group"] == [0, 4, 0, 6]


def test_the_legend_counts_what_is_drawn(visit: Any) -> None:
    """Without filter all; of those that lack health (h600 on) none has class 0, and so for play."""
    page = visit(make_outcome(guessed=True), lang="en")

    def rows() -> list[str]:
        keys = page.js("[...document.querySelectorAll('#legend [data-testid^=class-] .number')].map(e => e.innerText)")  # fmt: skip
        return [re.sub(r"[~\s]", "", key) for key in keys]

    frame = {f"h{100 * (i + 1)}": 2**i for i in range(11)}
    lacks = {
        "reading": {"h600"},
        "health": {f"h{x}" for x in range(600, 1200, 100)},
        "play": {f"h{x}" for x in (100, 200, 300, 900, 1000, 1100)},
    }
    for only, service in ((-1, ""), (1, "health"), (2, "play")):
        page.test("only").select_option(str(only))
        left = [home for home in frame if not service or home in lacks[service]]
        by_class = [[h for h in left if sum(h in some for some in lacks.values()) == n] for n in range(5)]  # fmt: skip
        want = [(len(some), sum(frame[home] for home in some)) for some in by_class]
        want.append((1, 2048) if not service else (0, 0))
        assert rows() == [f"{n}·{three_digits(persons)}" for n, persons in want], service
        assumed = [home for home in left if int(home[1:]) >= 700]
        heads = sum(frame[home] for home in assumed) + (0 if service else 2048)
        assert page.text("legend-assumed").endswith(f"{len(assumed) + (not service)} · ~{three_digits(heads)}")  # fmt: skip
        assert page.test("legend-filter").count() == (1 if service else 0)
    page.test("only").select_option("-1")
    # What is missing is told of what can be judged; whom nobody calls a home is told, too.
    page.js("gusu.openCard('h600')")
    assert page.text("card-lead").endswith("2 missing of the 3 that can be judged")
    assert page.test("card-assumed").count() == 0
    page.js("gusu.openCard('h700')")
    assert "no use" in page.text("card-assumed")
    # By persons times missing: 1,024 x 2 first, 32 x 2 before 64 x 1, and 4 x 1 before 2 x 1.
    names = page.js("[...document.querySelectorAll('#homes button')].map(b => b.dataset.testid)")
    assert names[:6] == [f"home-h{x}" for x in (1100, 1000, 900, 800, 600, 700)]
    assert names[6:9] == ["home-h300", "home-h200", "home-h100"]


def three_digits(persons: int) -> str:
    """As the page writes persons whom nobody counted."""
    return f"{float(f'{persons:.3g}'):,.0f}"


def test_homes_that_run_together_are_hexagons(visit: Any) -> None:
    """Seen from afar: h100 to h1100 in few hexagons, ``far`` hatched; a click leads to the homes."""
    page = visit(make_outcome(single=True), lang="en")
    page.js("map_gusu.setZoom(16, { animate: false })")
    assert page.test("hexagons").count() == 0 and not drawn(page)
    page.js("map_gusu.setZoom(12, { animate: false })")
    found = drawn(page)
    assert sum(cell["homes"] for cell in found) == 12
    assert sum(cell["persons"] for cell in found) == 4095
    # Health for everybody: the hexagons take the colours of the changed state.
    before = [cell["group"] for cell in found]
    page.js("gusu.lab.addVenue(gusu.lab.settle([gusu.model.arrays.home_x[8], gusu.model.arrays.home_y[8]]), new Set(['health']))")  # fmt: skip
    after = [cell["group"] for cell in drawn(page)]
    assert after != before and all(now <= was for now, was in zip(after, before, strict=True))
    assert page.pixels("#0a7d34") > 10  # the rim of those that gain
    page.js("gusu.lab.step('undo')")
    assert [cell["group"] for cell in drawn(page)] == before and page.pixels("#0a7d34") == 0
    worst = max(range(len(found)), key=lambda c: found[c]["group"] * (found[c]["group"] < 5))
    x, y = page.js(
        f"(() => {{ const p = gusu.layer.cells, at = map_gusu.latLngToContainerPoint(gusu.layer.latLng(p.x[{worst}], p.y[{worst}]));"
        " const box = map_gusu.getContainer().getBoundingClientRect(); return [box.left + at.x, box.top + at.y]; })()"
    )  # fmt: skip
    page.page.mouse.move(x, y)
    page.page.wait_for_selector("#tip:not([hidden])")
    tip = page.text("tip")
    assert (
        f"{found[worst]['homes']} homes" in tip
        and "of 3 with data" in tip
        and "Most missing" in tip
    )
    zoomed = "void (window.zoomed = new Promise(done => map_gusu.once('zoomend', done)))"
    page.js(zoomed)
    page.page.mouse.click(x, y)
    page.js("window.zoomed.then(() => 0)")
    assert page.js("map_gusu.getZoom()") == 14
    # h600 gains reading while all west of it lose health: neither hides the other, near or far.
    changes = "[{ do: 'close_venue', venue: 'v-health' }, ...gusu.lab.history.now.changes]"
    page.js("gusu.lab.addVenue(gusu.lab.settle([gusu.model.arrays.home_x[5], gusu.model.arrays.home_y[5]]), new Set(['reading']))")  # fmt: skip
    page.js(f"gusu.lab.change({{ changes: {changes} }})")
    for zoom in (12, 17):
        page.js(
            f"map_gusu.setView(gusu.layer.homeLatLng(5), {zoom}, {{ animate: false }}); undefined"
        )
        assert bool(drawn(page)) == (zoom == 12)
        with_homes = strokes(page)
        page.js("gusu.act.show('homes', false)")  # the pin and the cross of the venues stay
        without = strokes(page)
        page.js("gusu.act.show('homes', true)")
        for rim in ("#0a7d34 ", "#c2185b 3,2"):  # full, and dashed
            assert with_homes.get(rim, 0) > without.get(rim, 0), (zoom, rim)


def strokes(page: Any) -> dict[str, int]:
    """How often each "colour dashes" is stroked while the map is painted once."""
    return dict(
        page.js("""(() => {
        const { pen } = gusu.layer, found = {};
        pen.stroke = (...path) => {
            const key = `${pen.strokeStyle} ${pen.getLineDash()}`;
            found[key] = (found[key] ?? 0) + 1;
            return CanvasRenderingContext2D.prototype.stroke.apply(pen, path);
        };
        gusu.layer.paint();
        delete pen.stroke;
        return found;
    })()""")
    )


def drawn(page: Any) -> list[dict[str, Any]]:
    """Hexagons with homes, as they are drawn; none where homes are drawn one by one."""
    page.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return list(
        page.js(
            """(() => {
        const { layer } = gusu;
        if (!document.querySelector('[data-testid=hexagons]')) return [];
        return Array.from(layer.hexes.homes, (homes, c) => ({ homes, persons: layer.hexes.persons[c], group: layer.hexes.group[c] }));
    })()"""
        )
    )


# Machado, Oliveira and Fernandes 2009, severity 1: linear light as each dichromat sees it.
SIGHT = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip
APART = 15.0  # in Lab of 1976; 2.3 is just seen side by side
DARK, LIGHT = "#20272d", "#f7f6f2"  # ground


def linear(colour: str) -> npt.NDArray[np.float64]:
    part = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.asarray(np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4))


def lab(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    v = np.array(XYZ) @ np.clip(light, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(v > 216 / 24389, np.cbrt(v), (24389 / 27 * v + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(np.array(XYZ)[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["MISSING", "MINUTES", "DETOUR", "RELATIVE"])
def test_classes_are_told_apart_by_everybody_on_light_and_dark_ground(name: str) -> None:
    code = web_file("drawing/colours.js")
    colours = re.findall(r"#\w{6}", next(line for line in code.split("\n") if f"{name} =" in line))
    for matrix in SIGHT.values():
        seen = [lab(np.array(matrix) @ linear(colour)) for colour in colours]
        assert min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2)) > APART
    rims = dict(re.findall(r'"(#\w{6})": "(#\w{6})"', code))
    (light_rim,) = re.findall(r'RIM_ON_DARK = "(#\w{6})"', code)
    for colour in colours:  # WCAG 2.1, 1.4.11: a shape or its rim stands out 3 to 1
        assert max(contrast(part, LIGHT) for part in (colour, rims.get(colour, "#222222"))) >= 3
        assert max(contrast(part, DARK) for part in (colour, light_rim)) >= 3
    (candidate,) = re.findall(r'CANDIDATE = "(#\w{6})"', code)
    assert (
        min(float(np.linalg.norm(lab(linear(candidate)) - lab(linear(c)))) for c in colours) > APART
    )
    assert contrast(candidate, LIGHT) >= 3
