"""The page's reckoning without a page: its core runs in Node and tells what Python told."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import study_of

from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.report.webmap.figure import web_file
from gusu_geo.report.webmap.render import SCRIPTS, render_map

CORE = SCRIPTS[: SCRIPTS.index("drawing/symbols.js")]  # what stands before the first that draws
PROGRAM = """
const vm = require("node:vm"), fs = require("node:fs");
const [code, page] = process.argv.slice(1).map((path) => fs.readFileSync(path, "utf8"));
vm.runInThisContext(code);
const block = (id) => page.split(`id="${id}">`)[1].split("</script>")[0];
(async () => {
  const texts = JSON.parse(block("gusu-texts"));
  const arrays = await gusuCore.unpack(block("gusu-arrays"));
  const engine = gusuEngine.engine(arrays, texts, gusuCore.lines(arrays, "street"));
  const found = engine.judge(engine.asIs());
  const keys = ["state", "nearest_cs", "nearest_ix", "one_stop_cs", "one_stop_ix", "residence_state"];
  console.log(JSON.stringify(Object.fromEntries(keys.map((key) => [key, Array.from(found[key])]))));
})();
"""


@pytest.mark.parametrize("compressed", [True, False])
def test_node_judges_monaco_as_python_does(compressed: bool, tmp_path: Path) -> None:
    ground = prepare(study_of("monaco"), out=tmp_path)
    outcome = outcome_of(ground, judge_ground(ground))
    code, page = tmp_path / "core.js", tmp_path / "map.html"
    code.write_text("\n".join(map(web_file, CORE)), encoding="utf-8")
    page.write_text(render_map(outcome, compressed=compressed), encoding="utf-8")
    done = subprocess.run(
        ["node", "-e", PROGRAM, code, page], capture_output=True, text=True, check=False
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
