"""15-minute service circles, home by home.

    import gusu_geo as gg
    result = gg.run("monaco", out=".")

Names load their modules on first use, so importing the package is fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from gusu_geo.api import coverage as coverage
    from gusu_geo.api import coverage_blocks as coverage_blocks
    from gusu_geo.api import missing_links as missing_links
    from gusu_geo.api import nearest as nearest
    from gusu_geo.api import read_network as read_network
    from gusu_geo.assessment.capacity.catchments import Catchments as Catchments
    from gusu_geo.assessment.capacity.catchments import floating_catchments as floating_catchments
    from gusu_geo.assessment.detours import DetourRing as DetourRing
    from gusu_geo.assessment.detours import detour_ratios as detour_ratios
    from gusu_geo.assessment.judgement import Judgement as Judgement
    from gusu_geo.assessment.missing_links import LinkSearch as LinkSearch
    from gusu_geo.assessment.outcome import Outcome as Outcome
    from gusu_geo.assessment.rule import Mode as Mode
    from gusu_geo.assessment.rule import Rule as Rule
    from gusu_geo.assessment.rule import State as State
    from gusu_geo.assessment.rule import Verdict as Verdict
    from gusu_geo.assessment.rule import judge as judge
    from gusu_geo.assessment.rule import load_rule as load_rule
    from gusu_geo.assessment.summary import Summary as Summary
    from gusu_geo.errors import GusuGeoError as GusuGeoError
    from gusu_geo.errors import InputError as InputError
    from gusu_geo.errors import NetworkError as NetworkError
    from gusu_geo.errors import OutputError as OutputError
    from gusu_geo.errors import SourceError as SourceError
    from gusu_geo.errors import StudyError as StudyError
    from gusu_geo.isochrone.isochrones import Direction as Direction
    from gusu_geo.isochrone.isochrones import isochrones as isochrones
    from gusu_geo.isochrone.isochrones import reached_streets as reached_streets
    from gusu_geo.isochrone.service_areas import ServiceAreas as ServiceAreas
    from gusu_geo.isochrone.service_areas import service_areas as service_areas
    from gusu_geo.pipeline.compare import compare as compare
    from gusu_geo.pipeline.prepare import Progress as Progress
    from gusu_geo.pipeline.questions import explain as explain
    from gusu_geo.pipeline.run import Result as Result
    from gusu_geo.pipeline.run import run as run
    from gusu_geo.pipeline.run import site as site
    from gusu_geo.report.comparison import Comparison as Comparison
    from gusu_geo.report.explanation import Explanation as Explanation
    from gusu_geo.scenarios.scenario_file import Scenario as Scenario
    from gusu_geo.scenarios.scenario_file import read_scenario as read_scenario
    from gusu_geo.siting.plan import SitingPlan as SitingPlan
    from gusu_geo.siting.solver import Effort as Effort
    from gusu_geo.streets.barriers import Barriers as Barriers
    from gusu_geo.streets.network import WalkNetwork as WalkNetwork
    from gusu_geo.streets.network_files import save_network as save_network
    from gusu_geo.streets.network_files import to_networkx as to_networkx
    from gusu_geo.study.catalog import RulePack as RulePack
    from gusu_geo.study.params import Study as Study
    from gusu_geo.study.params import Walk as Walk
    from gusu_geo.study.study_file import open_study as open_study
    from gusu_geo.walking.access import AccessTable as AccessTable
    from gusu_geo.walking.linkage import BarriersLike as BarriersLike
    from gusu_geo.walking.linkage import Linking as Linking
    from gusu_geo.walking.linkage import LinkingOptions as LinkingOptions

_HOME = {
    "AccessTable": "walking.access",
    "Barriers": "streets.barriers",
    "BarriersLike": "walking.linkage",
    "Catchments": "assessment.capacity.catchments",
    "Comparison": "report.comparison",
    "DetourRing": "assessment.detours",
    "Direction": "isochrone.isochrones",
    "Effort": "siting.solver",
    "Explanation": "report.explanation",
    "GusuGeoError": "errors",
    "InputError": "errors",
    "Judgement": "assessment.judgement",
    "LinkSearch": "assessment.missing_links",
    "Linking": "walking.linkage",
    "LinkingOptions": "walking.linkage",
    "Mode": "assessment.rule",
    "NetworkError": "errors",
    "Outcome": "assessment.outcome",
    "OutputError": "errors",
    "Progress": "pipeline.prepare",
    "Result": "pipeline.run",
    "Rule": "assessment.rule",
    "RulePack": "study.catalog",
    "Scenario": "scenarios.scenario_file",
    "ServiceAreas": "isochrone.service_areas",
    "SitingPlan": "siting.plan",
    "SourceError": "errors",
    "State": "assessment.rule",
    "Study": "study.params",
    "StudyError": "errors",
    "Summary": "assessment.summary",
    "Verdict": "assessment.rule",
    "Walk": "study.params",
    "WalkNetwork": "streets.network",
    "compare": "pipeline.compare",
    "coverage": "api",
    "coverage_blocks": "api",
    "detour_ratios": "assessment.detours",
    "explain": "pipeline.questions",
    "floating_catchments": "assessment.capacity.catchments",
    "isochrones": "isochrone.isochrones",
    "judge": "assessment.rule",
    "load_rule": "assessment.rule",
    "missing_links": "api",
    "nearest": "api",
    "open_study": "study.study_file",
    "reached_streets": "isochrone.isochrones",
    "read_network": "api",
    "read_scenario": "scenarios.scenario_file",
    "run": "pipeline.run",
    "save_network": "streets.network_files",
    "service_areas": "isochrone.service_areas",
    "site": "pipeline.run",
    "to_networkx": "streets.network_files",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("gusu-geo")
    if name in _HOME:
        return getattr(import_module(f"gusu_geo.{_HOME[name]}"), name)
    raise AttributeError(f"module 'gusu_geo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
