"""The page's engine without a page: it runs in Node and finds what Python found."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import study_of

import gusu_geo.report.webmap as web
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.report.webmap.render import render_map

ENGINE = Path(web.__file__).parent / "page" / "engine"
PROGRAM = """
import { readFileSync } from "node:fs";
const [folder, path] = process.argv.slice(1);
const load = (name) => import(`${folder}/${name}.js`);
const [{ unpack }, { lines }, { Engine }] = await Promise.all(["packed", "shapes", "engine"].map(load));
const page = readFileSync(path, "utf8");
const block = (id) => page.split(`id="${id}">`)[1].split("</script>")[0];
const arrays = await unpack(block("gusu-arrays"));
const engine = new Engine(arrays, JSON.parse(block("gusu-texts")), lines(arrays, "street"));
const found = engine.judge(engine.asIs());
const keys = ["state", "nearest_cs", "nearest_ix", "one_stop_cs", "one_stop_ix", "residence_state"];
console.log(JSON.stringify(Object.fromEntries(keys.map((key) => [key, Array.from(found[key])]))));
"""


@pytest.mark.parametrize("compressed", [True, False])
def test_node_judges_monaco_as_python_does(compressed: bool, tmp_path: Path) -> None:
    ground = prepare(study_of("monaco"), out=tmp_path)
    outcome = outcome_of(ground, judge_ground(ground))
    page = tmp_path / "map.html"
    page.write_text(render_map(outcome, compressed=compressed), encoding="utf-8")
    done = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAM, ENGINE.as_uri(), page],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    found = json.loads(done.stdout)
    access, verdict = outcome.access, outcome.verdict
    wanted = {
        "state": verdict.state,
        "nearest_cs": access.nearest_cs,
        "nearest_ix": access.nearest_ix,
        "one_stop_cs": access.one_stop_cs,
        "one_stop_ix": access.one_stop_ix,
        "residence_state": verdict.residence_state,
    }
    for key, array in wanted.items():
        assert np.array_equal(np.array(found[key]).reshape(array.shape), array), key
