"""What a page says by tier, asked of its engine in Node, beside what Python says."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gusu_geo.report.webmap as web
from gusu_geo.report.comparison import Comparison
from gusu_geo.report.webmap.render import render_map

ENGINE = Path(web.__file__).parent / "page" / "engine"
# What the page does for a map with the settings of the file beside it.
PROGRAM = """
import { readFileSync } from "node:fs";
const [folder, ...pages] = process.argv.slice(1);
const load = (name) => import(`${folder}/${name}.js`);
const [{ unpack }, { lines }, { Engine }, { Tiers, tierSums }, { read }] = await Promise.all(["packed", "shapes", "engine", "tiers", "scenario"].map(load));
for (const path of pages) {
  const page = readFileSync(path, "utf8"), block = (id) => page.split(`id="${id}">`)[1].split("</script>")[0];
  const arrays = await unpack(block("gusu-arrays")), texts = JSON.parse(block("gusu-texts"));
  const engine = new Engine(arrays, texts, lines(arrays, "street")), tiers = new Tiers(engine);
  const state = read(readFileSync(path.replace("html", "json"), "utf8"), texts, engine, () => null);
  const model = { arrays, texts, homes: texts.homes.ids.length };
  const told = [engine.asIs(), state].map((one) => {
    const states = Array.from(tiers.of(engine.judge(one)));
    return { states, sums: tierSums(model, states) };
  });
  console.log(JSON.stringify({ packed: Array.from(arrays.tier_state), told, pairs: texts.tiers.map(({ service, of }) => [service, of]) }));
}
"""


def in_node(found: list[Comparison], folder: Path) -> list[dict[str, Any]]:
    """What the page of each study says by tier: as packed, as it is, and after the changes."""
    pages = []
    for number, one in enumerate(found):
        assert one.tiered is not None
        page = folder / f"{number}.html"
        page.write_text(render_map(replace(one.before, tiered=one.tiered[0])), encoding="utf-8")
        file = {"schema": "gusu-geo-scenario/1", "study": one.before.study.name,
                "network": one.before.network.digest, "changes": one.scenario.as_data()}  # fmt: skip
        page.with_suffix(".json").write_text(json.dumps(file), encoding="utf-8")
        pages.append(page)
    done = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM, ENGINE.as_uri(), *pages],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(one: Comparison, page: dict[str, Any]) -> set[int]:
    """The page's states and sums are the tables'; returns the states after the changes."""
    assert one.tiered is not None
    tiers = ("district", "subdistrict", "community", "compound")
    pairs = [(service, tiers[of]) for service, of in page["pairs"]]
    sides = [np.column_stack([side.state[pair] for pair in pairs]) for side in one.tiered]
    assert page["packed"] == sides[0].ravel().tolist()
    for told, states, side in zip(page["told"], sides, one.tiered, strict=True):
        assert told["states"] == states.ravel().tolist()
        rows = {(row["service"], row["tier"]): row for row in side.facts["coverage"]}
        for sums, pair in zip(told["sums"], pairs, strict=True):
            for key, value in sums.items():
                near = 0.006 if key.endswith("persons") else 1e-6  # tables round
                assert value == pytest.approx(rows[pair][key], abs=near, rel=0), (pair, key)
    return set(sides[1].ravel().tolist())
