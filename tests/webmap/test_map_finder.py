"""What the search of the page finds and what a view's text may say: the page's engine in Node."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from outcomes import make_outcome, rejudged

import gusu_geo.report.webmap as web
from gusu_geo.report.webmap.content import texts_of
from gusu_geo.report.webmap.grid import Grid
from gusu_geo.report.webmap.labels import KINDS, label_arrays, label_texts
from gusu_geo.report.webmap.pinyin import spelled
from gusu_geo.report.webmap.zone_levels import ZoneLevels

ENGINE = Path(web.__file__).parent / "page" / "engine"
PROGRAM = """
import { readFileSync } from "node:fs";
const [folder, path] = process.argv.slice(1);
const load = (name) => import(`${folder}/${name}.js`);
const [{ search }, { named, placesOf }, { readView, viewText, ViewFault }, { asIs }] = await Promise.all(["finder", "named", "viewtext", "engine"].map(load));
const { sources, queries, named: things, texts, views, limits } = JSON.parse(readFileSync(path, "utf8"));
const list = sources.map(({ kind, names, others, spelled, weights }) => ({ kind, count: names.length, name: (i) => names[i], other: (i) => others?.[i] ?? "",
  spelled, weight: (i) => weights?.[i] ?? 0 }));
const found = queries.map((query) => search(query, list).map(({ kind, items }) => [kind, items.map((one) => one.name)]));
const arrays = Object.fromEntries(Object.entries(things).map(([key, values]) => [key, Int32Array.from(values)]));
const ways = placesOf(named(arrays, 0.2), arrays, 0.2);
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
    """All of it in one process. Names: streets 0 and 1, 100 units apart, and 2, far off; a river (3)
    and a pool of its name on it (0), a park of name 0 (1), a quarter (2); a house number (3)."""
    town = make_outcome(single=True)
    grid = Grid.of(town.city.crs, town.city.area.geometry.to_numpy())
    texts = texts_of(town, grid, ZoneLevels.of(town), "zh")
    kinds = {kind: i for i, kind in enumerate(KINDS)}
    things = {
        "sign_sizes": [3, 2, 2, 2],
        "sign_x": [0, 500, 1000, 1100, 2100, 50_000, 50_900, 0, 0],
        "sign_y": [0, 0, 0, 0, 0, 0, 0, 10, 70],
        "sign_name": [0, 0, 0, 1],
        "sign_kind": [kinds[kind] for kind in ("primary", "path", "path", "stream")],
        "spot_x": [300, 70, 9000, 9000],
        "spot_y": [40, 5, 8000, 8000],
        "spot_name": [1, 0, 2, 2],
        "spot_kind": [kinds[kind] for kind in ("water", "park", "quarter", "house")],
        "spot_zoom": [68, 60, 48, 68],
    }
    asked = {
        "sources": [one | {"spelled": spelled(one["names"])} for one in SOURCES],
        "queries": list(FOUND),
        "named": things,
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


def test_pieces_of_one_name_and_kind_are_one_place_unless_far_apart(told: dict[str, Any]) -> None:
    """A point stands for what is 44 pixels wide at its zoom: at zoom 17 44 * 156543.03 / 2**17 m =
    52.55 m, 262.8 units of 0.2 m, at zoom 15 1051, at zoom 12 8408. A number on a door is no place."""
    found = [
        one | {"extent": [round(side) for side in one["extent"]], "size": round(one["size"])}
        for one in told["ways"]
    ]
    assert found == [
        {"kind": "street", "name": 0, "pieces": [0, 1], "extent": [0, 0, 2100, 0], "size": 2000},
        {"kind": "street", "name": 0, "pieces": [2], "extent": [50_000, 0, 50_900, 0], "size": 900},
        {"kind": "water", "name": 1, "pieces": [3, 4], "extent": [0, -91, 431, 171], "size": 323},
        {"kind": "park", "name": 0, "pieces": [5], "extent": [-456, -521, 596, 531], "size": 1051},
        {"kind": "place", "name": 2, "pieces": [6], "extent": [4796, 3796, 13204, 12204], "size": 8408},
    ]  # fmt: skip


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


def test_every_street_and_place_is_named_once_with_its_pinyin(tmp_path: Path) -> None:
    """Of a street each long line is kept, of one with none the longest; its name is trimmed. A name
    in Chinese is typed as that, whatever the place is called where it is."""
    made = make_outcome(single=True)
    steps = made.network.length_cm == 14_000
    net = replace(made.network, name=np.where(steps, " ", "平江路 ").astype(object))
    park = made.city.scenery.query("name == '公园'")
    scenery = pd.concat([park, park.assign(name="Parc", name_zh="东园", name_en="")])
    city = replace(made.city, scenery=scenery)
    shown = rejudged(replace(made, judgement=replace(made.judgement, city=city)), network=net)
    names = label_texts(shown)["labels"]
    typed = dict(zip(names["names"], names["spelled"], strict=True))
    assert typed["平江路"] == "pjl pingjianglu" and typed["Parc"] == "dy dongyuan"
    assert "" not in typed and " " not in typed
    short = replace(net, name=np.where(steps, "短巷", "").astype(object))
    grid = Grid.of(made.city.crs, made.city.area.geometry.to_numpy())
    alone = rejudged(shown, network=short)
    called = [
        label_texts(alone)["labels"]["names"][i] for i in label_arrays(alone, grid)["sign_name"]
    ]
    assert called.count("短巷") == 1
