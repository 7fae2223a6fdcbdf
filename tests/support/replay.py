"""A plan, and its files, held against the changes that its scenario makes."""

from __future__ import annotations

import json
import math
from pathlib import Path

import geopandas as gpd
import jsonschema

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.files import Stage
from gusu_geo.pipeline.plan_files import write_plan
from gusu_geo.pipeline.plans import plan_of, task_on
from gusu_geo.pipeline.prepare import candidates_of
from gusu_geo.report.schema import schema_of
from gusu_geo.scenarios.apply import apply_scenario
from gusu_geo.scenarios.judged import judge_changed
from gusu_geo.scenarios.scenario_file import read_scenario
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.solver import Effort
from gusu_geo.siting.wanted import passed_of

VALIDATOR = jsonschema.Draft202012Validator(schema_of("plan"))


def replayed(ground: Ground, outcome: Outcome, effort: Effort, folder: Path) -> SitingPlan:
    """The plan; its scenario gains the very homes that it names, and its document fits."""
    task = task_on(ground, outcome, candidates_of(ground), effort)
    found = task.solve()
    plan = plan_of(ground, task, found)
    write_plan(Stage(folder, folder), plan, task, found, outcome)
    VALIDATOR.validate(json.loads((folder / "plan.json").read_text("utf-8")))
    scenario = read_scenario(folder / "scenario.json")
    assert len(scenario.changes) == len(plan.chosen) > 0
    assert [change.at for change in scenario.changes] == [one.lonlat for one in plan.chosen]
    verdict = judge_changed(apply_scenario(ground, scenario), ground, outcome.judgement).verdict
    after = passed_of(verdict, outcome.access.is_linked, task.wanted)  # of the services asked for
    gained = after & ~task.passed
    ids = outcome.city.residences.frame.index[gained]
    assert set(map(str, ids)) == set(plan.gained_residence_ids)
    assert not (task.passed & ~after).any()
    homes = gpd.read_file(folder / "plan.gpkg", layer="residences")
    assert set(homes["residence_id"]) == set(plan.gained_residence_ids)
    assert (homes["sites"] != "").all()
    assert math.isclose(homes["persons"].sum(), plan.gained_persons[1], abs_tol=0.01)
    return plan
