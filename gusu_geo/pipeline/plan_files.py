"""The files of a plan: plan.json, plan.xlsx, plan.gpkg, scenario.json."""

from __future__ import annotations

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.pipeline.files import Stage, write_layers
from gusu_geo.pipeline.output_sets import PLAN_FILES
from gusu_geo.report.plan_scenario import scenario_of
from gusu_geo.report.plan_tables import gained_frame, plan_layers, served
from gusu_geo.report.plan_workbook import write_plan_book
from gusu_geo.scenarios.scenario_file import Scenario
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task


def write_plan(
    stage: Stage, plan: SitingPlan, task: Task, found: Solution, outcome: Outcome
) -> None:
    """Write all tables of a plan into ``stage``; found: the solution that it tells of."""
    document, book, layers, scenario = PLAN_FILES
    whole = plan.to_dict()
    stage.write_json(document, whole)
    homes = gained_frame(task, found, served(task, found), outcome)
    names = task.candidates.frame["name"]
    places = {str(key): str(name) for key, name in names.items()}
    path = stage.tables / book
    write_plan_book(whole, homes, outcome, path, places=places, passed=task.passed)
    write_layers(
        plan_layers(plan, task, found, outcome).items(),
        stage.tables / layers,
        summary=outcome.summary,
        run_id=plan.run_id,
    )
    stage.write_json(scenario, plan_scenario(plan, task, outcome).to_dict())


def plan_scenario(plan: SitingPlan, task: Task, outcome: Outcome) -> Scenario:
    """The plan as a scenario of the study."""
    venues = outcome.city.facilities.frame
    taken = {*map(str, venues["venue_id"]), *map(str, venues.index)}
    return scenario_of(plan, outcome.study.name, task.effort.question, taken)
