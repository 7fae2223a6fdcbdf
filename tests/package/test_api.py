"""The public surface: what is exported, that it is documented, and that importing it is cheap."""

from __future__ import annotations

import subprocess
import sys

import gusu_geo as gg

PUBLIC = [
    "AccessTable",
    "GusuGeoError",
    "InputError",
    "Result",
    "RulePack",
    "SitingPlan",
    "Study",
    "Verdict",
    "Walk",
    "WalkNetwork",
    "compare",
    "coverage",
    "coverage_blocks",
    "detour_ratios",
    "explain",
    "isochrones",
    "judge",
    "load_rule",
    "missing_links",
    "nearest",
    "open_study",
    "reached_streets",
    "read_network",
    "read_scenario",
    "run",
    "save_network",
    "service_areas",
    "site",
    "to_networkx",
]


def test_exported_names_are_these() -> None:
    assert sorted(gg.__all__) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(gg, name).__doc__, f"{name} has no docstring"
        assert getattr(gg, name).__module__.startswith("gusu_geo.")


def test_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(gg, "isochrone_polygons_of_the_moon")
    assert set(PUBLIC) <= set(dir(gg))


def test_import_pulls_no_heavy_library() -> None:
    code = "import sys, gusu_geo; print([m for m in ('numpy','pandas','geopandas','numba','folium','osmnx','highspy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import sys\nfrom gusu_geo import cli\n"
        "try:\n cli.app(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy','pandas','geopandas','numba','pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
