"""One list of scenario files, read by the page's engine in Node and by Python: the same are refused."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from map_towns import one_of_each
from outcomes import make_outcome

import gusu_geo.report.webmap as web
from gusu_geo.errors import InputError
from gusu_geo.report.webmap.render import render_map
from gusu_geo.scenarios.scenario_file import MAX_UNITS, parse_scenario

ENGINE = Path(web.__file__).parent / "page" / "engine"
PROGRAM = """
import { readFileSync } from "node:fs";
const [folder, path, list] = process.argv.slice(1);
const load = (name) => import(`${folder}/${name}.js`);
const [{ unpack }, { lines }, { Engine }, { read, ScenarioFault }] = await Promise.all(["packed", "shapes", "engine", "scenario"].map(load));
const page = readFileSync(path, "utf8");
const block = (id) => page.split(`id="${id}">`)[1].split("</script>")[0];
const arrays = await unpack(block("gusu-arrays")), texts = JSON.parse(block("gusu-texts"));
const engine = new Engine(arrays, texts, lines(arrays, "street"));
const found = JSON.parse(readFileSync(list, "utf8")).map((text) => {
  const began = performance.now();
  let said = "";
  try { read(text, texts, engine, () => [0, 0]); }
  catch (error) { said = error instanceof ScenarioFault ? error.key : `threw ${error}`; }
  return [said, performance.now() - began];
});
console.log(JSON.stringify({ found, study: texts.summary.study, network: texts.network, venue: texts.venues.ids[0], services: texts.summary.services.map((one) => one.id), gates: texts.gates }));
"""
NAN, INF = float("nan"), float("inf")
AT = [120.6, 31.3]
HUGE = 2**53
PHONES = [
    "138 0013 8000",
    "+86-13800138000",
    "０１３８００１３８０００"[1:],
    "电话 6512345",
    "0512-65123456",
    "１３８００１３８０００",
    "tel:65123456",
]
IDENTITY = "11010519491231002X"  # the specimen of GB 11643


def files(told: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Good and bad files for the map: whatever is not of ``told`` must be refused by its form."""
    service, venue = told["services"][0], told["venue"]
    said = {"text": "这里应有人行横道", "at": AT}
    add = {"do": "add_venue", "id": "new", "services": [service], "at": AT}
    link = {"do": "add_link", "from": {"at": AT}, "to": {"at": AT}}
    head = {"schema": "gusu-geo-scenario/2", "study": told["study"], "network": told["network"]}

    def of(*changes: Any, **more: Any) -> str:
        return json.dumps(head | {"changes": list(changes)} | more)

    walk, rule = {"do": "set_walk"}, {"do": "set_rule"}
    good = [
        of(), of(title="桥 🌉"), of(network=None), of(add), of(add | {"name": "新"}), of(link),
        of({"do": "move_venue", "venue": venue, "at": AT}), of({"do": "close_venue", "venue": venue}),
        of(walk | {"speed_mps": 1}), of(walk | {"speed_mps": 0.1}), of(walk | {"speed_mps": 5.0}),
        of(walk | {"speed_mps": 1.5, "profile": None}), of(walk | {"profile": "elder"}),
        of(rule | {"minutes": 10}), of(rule | {"minutes": 10.5}), of(rule | {"mode": "one_stop"}),
        of(rule | {"minutes": None, "mode": "union"}), of(rule | {"minutes": 1e-3}),
        of(link | {"length_cm": 5}), of(link | {"length_cm": 5.0}), of(link | {"length_cm": None}),
        of(link | {"length_cm": 0}), of(link | {"length_cm": 10**8}), of(add | {"id": "🌉" * 200}),
        of(add | {"on": [0, 0]}), of(add | {"on": [0.0, 0]}), of(add | {"on": None}),
        of({"do": "add_venue", "id": "new", "services": [service], "on": [0, 0]}),
        of(add).replace('"schema"', '"title": "", "schema"'), " \n" + of(add) + "\n",
        of(add, link, schema="gusu-geo-scenario/1"), of(comments=[]), of(add, comments=[said, said]),
        *(of(comments=[said | more]) for more in (
            {"text": "x"}, {"text": "字" * 500}, {"text": "🌉" * 500}, {"text": "两行\n<b>"}, {"home": "w1"}, {"venue": "n1"}, {"home": None},
            {"by": "", "when": ""}, {"by": "LZ", "when": "2026-11-30"}, {"by": "🌉" * 20}, {"text": "1380 号楼旁，2026-11-30 12:00"},
            {"text": IDENTITY[:-1] + "1"}, {"text": "110105194913310022"}, {"text": "x" + IDENTITY}, {"text": "13800138000.5"[-9:]},
            {"text": "".join(chr(0x660 + int(d)) for d in IDENTITY[:-1]) + "X"})),
        of(comments=[said] * 1000),
    ]  # fmt: skip
    bad = [
        "", "x", "[]", "3", "null", '"text"', "{}", "[" * 100_000, '{"a":' * 5000, of(add)[:-1], of(add) + "x",
        of(schema="gusu-geo-scenario/3"), of(schema="toString"), of(schema="__proto__"), of(schema={"toString": 1}), of(schema=["gusu-geo-scenario/1"]),
        of(study={"toString": 1}), of(study=[told["study"]]), of(study=None), of(study=7),
        of(network=7), of(network=["x"]), of(title=7), of(title=None), of(titel=""), of(__proto__={}),
        of(changes={}), of(changes=None), of(changes=[None]), of(changes=[[add]]), of(changes="x"), of(3),
        of({}), of({"do": "add_venu"}), of({"do": ["close_venue"]}), of({"do": "toString"}), of({"do": "__proto__"}),
        of({"do": "constructor"}), of({"do": None}), of({"do": {"toString": 1}}),
        *(of(rule | {"minutes": wrong}) for wrong in ("10", [10], True, {}, 0, -1, 1e400, NAN, INF, 121, 10**30)),
        *(of(rule | {"mode": wrong}) for wrong in ("any", ["union"], 1, True, "toString")),
        of(rule), of(rule | {"minutes": None}), of(rule | {"minute": 10}),
        *(of(walk | {"speed_mps": wrong}) for wrong in ("1", [1], True, 0.05, 5.01, -1, 0, NAN, INF, {})),
        of(walk), of(walk | {"profile": None}), of(walk | {"profile": "elder", "speed_mps": 1}),
        *(of(walk | {"profile": wrong}) for wrong in (1, ["elder"], True, "x" * 1001)),
        *(of(add | {"services": wrong}) for wrong in ([], [service] * 2, service, [1], [[service]], None, {"0": service})),
        *(of(add | {"id": wrong}) for wrong in ("", 7, None, ["x"], "x" * 201, "x" * 4_000_000, "🌉" * 201, True)),
        *(of(add | {"name": wrong}) for wrong in (7, None, ["x"], "x" * 1001, "名" * 3_000_000)),
        *(of(add | {"at": wrong}) for wrong in ([120.6], [*AT, 0], ["120.6", 31.3], [181, 0], [31.3, 120.6],
                                                 [True, 31.3], [[120.6], 31.3], {"0": 1, "1": 2}, "x", [None, 31.3])),
        *(of(add | {"on": wrong}) for wrong in ([0], [0, 0, 0], [0, -1], [0, 0.5], ["0", 0], [True, 0], [HUGE, 0], 0, {})),
        of({key: value for key, value in add.items() if key != "at"}), of(add | {"at": None}),
        of(add | {"leg_cm": 0}), of(add | {"leg_cm": 9e15}), of(add | {"x": 1}), of(add | {"__proto__": {}}),
        *(of(link | {"length_cm": wrong}) for wrong in (2**53 - 1, 10**8 + 1, -1, 0.5, "5", [5], True, 1e400)),
        *(of(link | {"to": wrong}) for wrong in (None, AT, {}, {"at": AT, "x": 1}, {"at": AT, "leg_cm": 1}, "x", {"at": None})),
        of({"do": "add_link", "from": {"at": AT}}), of(link | {"from": {"at": AT, "toString": 1}}),
        *(of({"do": "close_venue", "venue": wrong}) for wrong in (7, [venue], None, True, "x" * 1001)),
        of({"do": "close_venue"}), of({"do": "close_venue", "venue": venue, "at": AT}),
        *(of({"do": "open_gate", "node": wrong}) for wrong in ("5", [5], True, None, 1.5, -1, HUGE, 1e400)),
        of(add | {"name": "\ud800"}), of(title="\udc00x"), of(**{"\ud800": 1}),
        of(*[{"do": "close_venue", "venue": venue}] * 10_001), of(title="") + " " * MAX_UNITS,
        of(comments=[], schema="gusu-geo-scenario/1"), of(comments=[said], schema="gusu-geo-scenario/1"),
        *(of(comments=wrong) for wrong in (None, {}, "x", [None], [[]], ["x"], [said, 3], [said] * 1001)),
        *(of(comments=[said | more]) for more in (
            {"text": ""}, {"text": None}, {"text": 7}, {"text": "字" * 501}, {"text": "x" * 4_000_000}, {"text": "\ud800"}, {"at": None},
            {"at": [120.6]}, {"at": [*AT, 0]}, {"at": [181, 0]}, {"at": [True, 31.3]}, {"at": {"0": 1, "1": 2}}, {"at": [NAN, 31.3]}, {"on": [0, 0]},
            {"home": 7}, {"home": "x" * 1001}, {"venue": ["x"]}, {"by": None}, {"by": "x" * 21}, {"by": 7}, {"when": "x" * 41}, {"when": 2026},
            {"id": "x"}, {"__proto__": {}}, {"toString": 1}, {"by": PHONES[0]}, {"when": IDENTITY})),
        *(of(comments=[said, said | {"text": f"请打{number}。"}]) for number in (*PHONES, IDENTITY, IDENTITY.lower(), f"（{IDENTITY}）")),
        *(of(comments=[{key: part for key, part in said.items() if key != gone}]) for gone in said),
    ]  # fmt: skip
    return good, bad


def asked(page: Path, texts: list[str]) -> dict[str, Any]:
    """What the page's engine says of each file, "" if it reads it, and in how many milliseconds."""
    listed = page.with_suffix(".json")
    listed.write_text(json.dumps(texts), encoding="utf-8")
    done = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM, ENGINE.as_uri(), page, listed],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "map.html"
    path.write_text(render_map(one_of_each(make_outcome())), encoding="utf-8")
    return path


def test_page_and_command_refuse_the_same_files(page: Path) -> None:
    good, bad = files(asked(page, []))
    found = asked(page, good + bad)["found"]
    assert {text[:300]: said for text, (said, _) in zip(good, found, strict=False) if said} == {}
    for text, (said, took_ms) in zip(bad, found[len(good) :], strict=True):
        assert said and not said.startswith("threw"), text[:300]
        assert took_ms < 1000, text[:300]
    for text in good:
        parse_scenario(text)
    for text in bad:
        began = time.monotonic()
        with pytest.raises(InputError) as caught:
            parse_scenario(text)
        assert len(str(caught.value)) < 1000
        assert time.monotonic() - began < 5
