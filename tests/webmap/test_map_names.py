"""Names on the map, its grounds, and the basemap from the network that few files have."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from map_towns import one_of_each
from outcomes import make_outcome

import gusu_geo.report.webmap as web
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.errors import InputError
from gusu_geo.report.webmap.content import settled_arrays
from gusu_geo.report.webmap.grid import Grid
from gusu_geo.report.webmap.labels import label_arrays, label_texts
from gusu_geo.report.webmap.render import render_map
from gusu_geo.report.webmap.zone_levels import ZoneLevels

pytest_plugins = ["browsing"]

ENGINE = Path(web.__file__).parent / "page" / "engine"
DRAWN = """window.drawn = [];
const plain = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  if (this.canvas.className.includes('names')) window.drawn.push(text);
  return plain.call(this, text, ...rest);
};"""
FRAMES = "() => new Promise(done => { let n = 6; const next = () => n-- ? requestAnimationFrame(next) : done(); next(); })"
# Texts 50 pixels long with letters 10 high: five letters of ten.
LAYOUT = """
const { Board, along, around } = await import(`${process.argv[1]}/label_layout.js`);
const wide = Array(5).fill(10), line = (...xy) => along(new Float64Array(xy), wide, 10, 400);
const round = (slots) => slots.map(({ x, y, angle, glyphs, boxes }) => [Math.round(x), Math.round(y), Math.round(angle * 180 / Math.PI), glyphs ? glyphs.length / 3 : 0, boxes.length]);
const arc = Float64Array.from({ length: 80 }, (_, i) => { const a = Math.PI * (1 + Math.floor(i / 2) / 39); return 100 * (i % 2 ? Math.sin(a) : Math.cos(a)); });
let seed = 7;
const any = (most) => (seed = (seed * 48271) % 2147483647) % most;
const board = new Board(), stood = [];
let tried = 0;
for (let i = 0; i < 600; i++) {
  const x = any(900), y = any(900), slots = i % 2 ? around(x, y, 20 + any(80), 10, 1 + any(2), any(2) * 5)
    : along(new Float64Array([x, y, x + any(400) - 200, y + any(400) - 200, x + any(400) - 200, y + any(400) - 200]), wide, 10, 100);
  for (const { boxes } of slots) { tried++; if (board.free(boxes)) { board.take(boxes); stood.push(boxes); } }
}
const meet = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
const clashes = stood.flatMap((one, i) => stood.slice(i + 1).filter((other) => one.some((a) => other.some((b) => meet(a, b)))));
const lost = stood.length;
console.log(JSON.stringify({
  short: round(line(0, 0, 55, 0)), east: round(line(0, 0, 100, 0)), west: round(line(100, 0, 0, 0)), down: round(line(0, 0, 0, 100)),
  slope: round(line(0, 0, 100, 100)), several: round(line(0, 0, 900, 0)), corner: round(line(0, 0, 40, 0, 40, 40)),
  arc: round(along(arc, wide, 10, 400)), point: round(around(10, 10, 50, 10, 1, 0)), beside: round(around(10, 10, 50, 10, 1, 5)),
  clashes: clashes.length, stood: lost, tried,
}));
"""


@pytest.fixture(scope="module")
def town() -> Outcome:
    return one_of_each(make_outcome())


def test_names_follow_their_lines_upright_and_never_cover_one_another() -> None:
    done = subprocess.run(
        ["node", "--input-type=module", "-e", LAYOUT, ENGINE.as_uri()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["short"] == []  # 55 pixels hold no text of 50 and its margin
    assert found["east"] == found["west"] == [[50, 0, 0, 0, 5]]
    assert found["down"] == [[0, 50, -90, 0, 5]]  # read from below
    assert found["slope"] == [[50, 50, 45, 0, 5]]
    assert [slot[0] for slot in found["several"]] == [225, 675]  # every 400 pixels
    assert found["corner"] == []  # no letters around a right angle
    ((_, _, _, letters, boxes),) = found["arc"]
    assert (letters, boxes) == (5, 5)  # each letter by itself
    assert found["point"] == [[10, 10, 0, 0, 1]]
    assert [slot[:2] for slot in found["beside"]] == [[40, 10], [-20, 10], [10, 21], [10, -1]]
    assert found["clashes"] == 0 and 50 < found["stood"] < found["tried"]


def test_streets_places_and_venues_are_named_in_the_language_of_the_page(
    visit: Any, town: Outcome
) -> None:
    page = visit(town, lang="zh", before=DRAWN)
    page.js("void map_gusu.setView(gusu.layer.latLng(0, 0), 12, { animate: false })")
    page.js(FRAMES)
    page.js("void (window.drawn.length = 0)")
    page.js("void map_gusu.setView(gusu.layer.homeLatLng(5), 18, { animate: false })")
    page.js(FRAMES)
    seen = set(page.js("window.drawn"))
    assert {"长街", "总站"} <= seen and any(text.startswith("点位") for text in seen)
    page.js("void (window.drawn.length = 0, gusu.setLang('en'))")
    page.js(FRAMES)
    assert {"Long street", "Central"} <= set(page.js("window.drawn"))
    page.js(
        "void (window.drawn.length = 0, gusu.act.show('names', false), gusu.act.show('zones', false))"
    )
    page.js(FRAMES)
    assert page.js("window.drawn") == []
    assert page.js("(shown => shown.length)(gusu.layer.lettering.shown)") == 0


def test_streets_are_joined_and_large_parks_are_named_from_afar(town: Outcome) -> None:
    """Two edges make one line of 1,200 m. A park of 120 m, 140.4 m of Mercator at 31.3 degrees, is
    44 pixels wide from zoom log2(44 * 156543.03 / 140.4) = 15.58 on: 63 quarters."""
    grid = Grid.of(town.city.crs, town.city.area.geometry.to_numpy())
    arrays, names = label_arrays(town, grid), label_texts(town)["labels"]
    called = [names["names"][i] for i in arrays["sign_name"]]
    assert [name for name in called if name.startswith("Long")] == ["Long street"]
    assert arrays["sign_sizes"][called.index("Long street")] == 2
    park = names["names"].index("公园")
    assert arrays["spot_zoom"][arrays["spot_name"].tolist().index(park)] == 63
    assert names["en"][str(park)] == "Park" and str(park) not in names["zh"]


def test_buildings_that_are_no_homes_are_drawn_once(town: Outcome) -> None:
    home = town.city.residences.frame["footprint"].iloc[0]
    shapes = [home, shapely.box(0, 400, 30, 430)]
    houses = gpd.GeoDataFrame(
        {"kind": ["building"] * 2, "width_m": 0.0}, geometry=shapes, crs=town.city.crs
    )
    city = replace(town.city, surroundings=houses)
    shown = replace(town, judgement=replace(town.judgement, city=city))
    grid, zones = Grid.of(city.crs, city.area.geometry.to_numpy()), ZoneLevels.of(shown)
    assert settled_arrays(shown, grid, zones)["house_rings"].tolist() == [1]
    assert settled_arrays(shown, grid, zones, lite=True)["house_rings"].tolist() == []


def test_sea_land_and_the_unknown_differ_and_the_dark_scheme_darkens_them(
    visit: Any, town: Outcome
) -> None:
    page = visit(town)
    page.js("void gusu.act.show('area', false)")
    light = ("#b5d3e4", "#f9f7f2", "#e2e0d9")
    assert all(page.pixels(colour) > 500 for colour in light)
    page.page.emulate_media(color_scheme="dark")
    assert all(page.pixels(colour) == 0 for colour in light)
    assert all(page.pixels(colour) > 500 for colour in ("#133a52", "#20272d", "#12161a"))
    page.page.emulate_media(media="print", color_scheme="dark")
    assert all(page.pixels(colour) > 500 for colour in light)  # paper is light


def test_only_a_file_that_was_asked_for_it_may_ask_the_network_and_only_when_told(
    visit: Any, town: Outcome, tmp_path: Path
) -> None:
    assert "img-src data: blob:; font-src data:; connect-src 'none'" in render_map(town)
    with pytest.raises(InputError, match="basemap"):
        render_map(town, online_basemap="elsewhere")
    path = tmp_path / "online.html"
    path.write_text(render_map(town, lang="en", online_basemap="tianditu"), encoding="utf-8")
    page = visit(path)
    box, key = page.test("online"), page.test("online-key")
    box.check()
    page.js(FRAMES)
    assert page.trouble == []  # without a key nothing is asked
    key.fill("secret&1")
    key.press("Tab")
    page.page.wait_for_selector(".leaflet-tile-pane .leaflet-layer", state="attached")
    page.js(FRAMES)
    asked = [line for line in page.trouble if line.startswith("request")]
    assert asked and all(
        line.split("/")[2].endswith(".tianditu.gov.cn") and "tk=secret%261" in line
        for line in asked
    )
    assert not page.js(
        "location.href.includes('secret') || JSON.stringify(gusu.model.texts).includes('secret')"
    )
    assert "Tianditu" in page.page.locator(".leaflet-control-attribution").inner_text()
    box.uncheck()
    page.js(FRAMES)
    assert page.js("document.querySelectorAll('.leaflet-tile-pane .leaflet-layer').length") == 0
    page.trouble.clear()
