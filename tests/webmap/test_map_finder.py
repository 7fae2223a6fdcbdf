"""What the search of the page finds and what a view's text may say: the page's engine in Node."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from outcomes import make_outcome
from scenes import Scene

import gusu_geo.report.webmap as web
from gusu_geo.report.webmap.content import texts_of
from gusu_geo.report.webmap.grid import Grid
from gusu_geo.report.webmap.pinyin import spelled
from gusu_geo.report.webmap.street_names import street_name_ix, street_name_texts
from gusu_geo.report.webmap.zone_levels import ZoneLevels

ENGINE = Path(web.__file__).parent / "page" / "engine"
PROGRAM = """
import { readFileSync } from "node:fs";
const [folder, path] = process.argv.slice(1);
const load = (name) => import(`${folder}/${name}.js`);
const [{ search, streetsOf }, { lines }, { readView, viewText, ViewFault }, { asIs }] = await Promise.all(["finder", "shapes", "viewtext", "engine"].map(load));
const { sources, queries, streets, texts, views, limits } = JSON.parse(readFileSync(path, "utf8"));
const list = sources.map(({ kind, names, others, spelled, weights }) => ({ kind, count: names.length, name: (i) => names[i], other: (i) => others?.[i] ?? "",
  spelled, weight: (i) => weights?.[i] ?? 0 }));
const found = queries.map((query) => search(query, list).map(({ kind, items }) => [kind, items.map((one) => one.name)]));
const arrays = Object.fromEntries(Object.entries(streets).map(([key, values]) => [key, Int32Array.from(values)]));
const ways = streetsOf(lines(arrays, "street"), arrays.street_name, 2, 2000);
const base = asIs(texts);
const shown = views.map((text) => {
  const began = performance.now();
  let said;
  try { const view = readView(text, texts, base, limits, ["elders"]); said = { ...view, asked: { ...view.asked, walk: view.asked.walk.speed_mmps }, text: viewText(view, texts, base) }; }
  catch (error) { said = error instanceof ViewFault ? error.key : `threw ${error}`; }
  return [said, performance.now() - began];
});
console.log(JSON.stringify({ found, ways, shown }));
"""
# 华侨路 is shorter than 华侨路北巷, but the better answer; names of homes repeat.
STREETS = ["华侨路", "中山东路", "华侨路北巷", "Rue de la République", "Avenue Grande-Bretagne"]
COMPOUNDS = ["华侨路二十六号小区", "中山花园"]
HOMES = [*["华侨路二十六号小区"] * 8, "中山", "3号楼"]
SOURCES = [
    {"kind": "home", "names": HOMES, "others": [f"w{i}" for i in range(10)], "weights": list(range(10))},
    {"kind": "street", "names": STREETS, "weights": [40, 900, 100, 50, 50]},
    {"kind": "compound", "names": COMPOUNDS, "others": ["w857", "w858"]},
    {"kind": "park", "names": ["中山陵园"]},  # a kind more is a source more
]  # fmt: skip
HQL = [
    ["street", ["华侨路", "华侨路北巷"]],
    ["compound", ["华侨路二十六号小区"]],
    ["home", ["华侨路二十六号小区"] * 5],
]
FOUND: dict[str, Any] = {
    "hql": HQL,
    "huaqiaolu": HQL,
    "HUAQIAO LU": HQL,
    "华侨路": HQL,
    "zhongshan": [["home", ["中山"]], ["street", ["中山东路"]], ["compound", ["中山花园"]], ["park", ["中山陵园"]]],
    "路": [
        ["street", ["中山东路", "华侨路北巷", "华侨路"]],
        ["compound", ["华侨路二十六号小区"]],
        ["home", ["华侨路二十六号小区"] * 5],
    ],
    "zsdl": [["street", ["中山东路"]]],
    "republique": [["street", ["Rue de la République"]]],
    "BRETAGNE": [["street", ["Avenue Grande-Bretagne"]]],
    "w857": [["compound", ["华侨路二十六号小区"]]],
    "３号": [["home", ["3号楼"]]],
    "": [],
    "   ": [],
    "<img src=x onerror=alert(1)>": [],
    "x" * 1_000_000: [],
    "__proto__": [],
}  # fmt: skip
LIMITS = {"zoom": [9, 21], "west": 120.5, "east": 120.7, "south": 31.2, "north": 31.4}
PLAIN = "view=tiny&at=120.6,31.3&zoom=15"
GOOD = [
    PLAIN,
    f"https://example.org/maps/tiny.html#{PLAIN}&lang=en",
    f"file:///C:/Users/%23me/tiny.html#{PLAIN}&by=health&only=reading&walk=elder&minutes=9&mode=one_stop&evidence=AB&hour=34&group=elders&lang=zh",
    f"  #{PLAIN}&speed=1.25&minutes=7.5\n",
]
BAD = {
    "view_none": ["", "#", "x", "#foo=1", "at=120.6,31.3&zoom=15", "#__proto__=1", "#view", f"{PLAIN}&x={'x' * 3000}"],
    "view_unknown": [f"{PLAIN}&foo=1", f"{PLAIN}&__proto__=1", f"{PLAIN}&", f"{PLAIN}&changes=[]", f"{PLAIN}&toString=1"],
    "view_study": [PLAIN.replace("tiny", "paris"), PLAIN.replace("tiny", "%3Cimg%20src=x%3E"), PLAIN.replace("tiny", "")],
    "view_part": [
        *(f"view=tiny&at={at}&zoom=15" for at in ("", "120.6", "0,0", "31.3,120.6", "120.6,31.3,1", "NaN,31.3", "1e2,31.3", "0x78,31.3", " 120.6,31.3", "120.6,Infinity", "120.6,31.3%00")),
        *(f"view=tiny&at=120.6,31.3&zoom={zoom}" for zoom in ("", "8.9", "22", "NaN", "1e1", "-15", "15px", "%E0%A4%A")),
        "view=tiny&at=120.6,31.3", "view=tiny&zoom=15", f"{PLAIN}&zoom=15", f"{PLAIN}&view=tiny",
        *(f"{PLAIN}&{part}" for part in (
            "by=", "by=nothing", "by=toString", "by=Health", "by=%", "only=nothing", "only=-1", "group=children", "group=persons", "group=", "lang=fr", "lang=",
            "walk=nobody", "walk=", "walk=__proto__", "walk=elder&speed=1", "speed=0", "speed=9", "speed=1e0", "minutes=0", "minutes=-5", "minutes=21",
            "minutes=121", "minutes=x", "minutes=", "mode=any", "mode=", "evidence=B", "evidence=ABCD", "evidence=", "hour=168", "hour=-1", "hour=1.5", "hour=")),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All of it in one process. Streets: 0 and 1 of one name, 100 units apart, 2 of the same name
    far off, 3 of another, 4 without a name."""
    town = make_outcome(single=True)
    grid = Grid.of(town.city.crs, town.city.area.geometry.to_numpy())
    texts = texts_of(town, grid, ZoneLevels.of(town), "zh")
    streets = {
        "street_sizes": [3, 2, 2, 2, 2],
        "street_x": [0, 500, 1000, 1100, 2100, 50_000, 50_900, 0, 0, 0, 70],
        "street_y": [0, 0, 0, 0, 0, 0, 0, 10, 70, 5, 5],
        "street_name": [0, 0, 0, 1, -1],
    }
    asked = {
        "sources": [one | {"spelled": spelled(one["names"])} for one in SOURCES],
        "queries": list(FOUND),
        "streets": streets,
        "texts": texts,
        "views": GOOD + [text for many in BAD.values() for text in many],
        "limits": LIMITS,
    }
    path = tmp_path_factory.mktemp("finder") / "asked.json"
    path.write_text(json.dumps(asked), encoding="utf-8")
    done = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM, ENGINE.as_uri(), path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_best_comes_first_and_kinds_stand_together(told: dict[str, Any]) -> None:
    for (query, wanted), found in zip(FOUND.items(), told["found"], strict=True):
        assert found == wanted, query[:40]


def test_pieces_of_one_name_are_one_street_unless_far_apart(told: dict[str, Any]) -> None:
    assert told["ways"] == [
        {"name": 0, "pieces": [0, 1], "extent": [0, 0, 2100, 0], "length": 2000},
        {"name": 0, "pieces": [2], "extent": [50_000, 0, 50_900, 0], "length": 900},
        {"name": 1, "pieces": [3], "extent": [0, 10, 0, 70], "length": 60},
    ]


def test_a_view_is_read_and_written_as_it_stands(told: dict[str, Any]) -> None:
    plain, english, full, fast = (said for said, _ in told["shown"][: len(GOOD)])
    asked = {"walk": 1000, "minutes": None, "mode": "union", "evidence": "ABC", "hour": None}
    wanted = {
        "at": [120.6, 31.3],
        "zoom": 15,
        "colour": -1,
        "only": -1,
        "group": "",
        "lang": "zh",
        "asked": asked,
    }
    assert plain == wanted | {"text": f"{PLAIN}&lang=zh"}
    assert english == wanted | {"lang": "en", "text": f"{PLAIN}&lang=en"}
    other = {"walk": 800, "minutes": 9, "mode": "one_stop", "evidence": "AB", "hour": 34}
    assert {key: full[key] for key in wanted} == wanted | {
        "colour": 1,
        "only": 0,
        "group": "elders",
        "asked": other,
    }
    assert set(full["text"].split("&")) == set(GOOD[2].split("#")[1].split("&"))
    assert fast["asked"] == asked | {"walk": 1250, "minutes": 7.5}


def test_a_bad_view_is_refused_with_a_reason(told: dict[str, Any]) -> None:
    wanted = [(key, text) for key, many in BAD.items() for text in many]
    for (key, text), (said, took_ms) in zip(wanted, told["shown"][len(GOOD) :], strict=True):
        assert said == key, text[:200]
        assert took_ms < 200, text[:200]


def test_names_of_streets_stand_by_edge() -> None:
    scene = Scene()
    scene.way("a b", a=(0, 0), b=(100, 0))
    scene.way("b c", c=(200, 0))
    scene.way("c d", d=(300, 0))
    names = np.array(["平江路", " ", "干将路 "], object)
    net = replace(scene.network(), name=names)
    texts, places = street_name_texts(net)["streets"], street_name_ix(net)
    assert texts == {
        "names": ["干将路", "平江路"],
        "spelled": ["gjl ganjianglu", "pjl pingjianglu"],
    }
    assert places.tolist() == [1, -1, 0]
    blank = replace(net, name=np.full(3, "", object))
    assert street_name_texts(blank)["streets"] == {"names": [], "spelled": []}
    assert street_name_ix(blank).tolist() == [-1, -1, -1]
