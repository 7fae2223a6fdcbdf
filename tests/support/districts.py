"""Districts that are done, as ``run`` would leave them: the made-up town, its persons once a little
more than whole and once very few, so that a sum of rounded figures is not the sum."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import outcomes
import shapely
from outcomes import make_outcome

from gusu_geo.pipeline.files import Stage, publish
from gusu_geo.pipeline.output_sets import named_set
from gusu_geo.pipeline.results import write_result
from gusu_geo.province.parts import District, Done, Failed
from gusu_geo.province.totals import Head, add_up
from gusu_geo.words import text

KEYS = ("p-east", "p-none", "p-west")
HEAD = Head("p", {"zh": "省", "en": "Province"}, "region.osm.pbf", "en")
LOST = Failed("p-none", "cut", text("error.no_streets"))
Place = tuple[Path, list[Done]]  # the folder, and which districts are done there
NAMES = {"p-east": "东区", "p-west": "西区", "p-none": "无名区"}
WEST = 171 / 2**21  # times the persons of every home; exact in binary
EAST = 1 + WEST


def write_district(key: str, out: Path, *, times: float = 1.0, **made: Any) -> Done:
    """Write the outputs of a district; times: of the persons of every home."""
    fewer = {home: persons * times for home, persons in outcomes.PERSONS.items()}
    with patch.dict(outcomes.PERSONS, fewer):
        outcome = make_outcome(**made)
    run_id = f"{key.replace('-', '')}1"
    title = {"zh": NAMES[key], "en": key}
    point = {
        "candidate_id": "c1", "name": "Long street", "lonlat": [120.0, 31.0], "services": ["health"],
        "gained_persons": 7.5, "bound_persons": 7.5, "before_share": 0.1, "after_share": 0.2,
    }  # fmt: skip
    summary: Any = {
        **outcome.summary,
        "study": key,
        "title": title,
        "run_id": run_id,
        "next": point,
    }
    outputs = named_set(key, out)
    stage = Stage(out / f".tables-{key}", out / f".maps-{key}")
    for place in (stage.tables, stage.maps):
        place.mkdir(parents=True)
    write_result(replace(outcome, summary=summary), stage, lang="en")
    outputs.map_path.parent.mkdir(parents=True, exist_ok=True)
    publish(outputs.folder, (stage, outputs))
    return Done(key, run_id)


def squares(keys: Sequence[str]) -> list[District]:
    """Districts side by side, each a hundredth of a degree wide."""
    return [
        District(key, NAMES[key], f"32050{i}", shapely.box(120 + i / 100, 31, 120.01 + i / 100, 31.01))
        for i, key in enumerate(keys)
    ]  # fmt: skip


def added(place: Place, keys: tuple[str, ...] = KEYS) -> Any:
    """The document as the file holds it."""
    out, done = place
    made = add_up(HEAD, squares(keys), done, [LOST], out)
    written = json.loads((out / "data/processed/p/province.json").read_text("utf-8"))
    assert written == json.loads(json.dumps(made))
    return written
