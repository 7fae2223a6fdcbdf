"""Which tests need a browser, which the file of a real city, and which files are slow; and that
none reads a city unmarked.

``make quick`` leaves all three out. The marks follow from what a test is called, from its parameters
and from its fixtures; a test that reads a city and shows it in none of these says it itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

BROWSER = {"browser", "visit"}
CITY = {"city_of", "clone", "done", "monaco", "with_monaco"}
CITIES = ("monaco", "nanjing", "beijing", "vegueta")
# Files that take more than three seconds without a browser and a city.
SLOW = {
    "test_api", "test_cache", "test_compounds", "test_engine", "test_explanation", "test_figures", "test_fuzz",
    "test_hours_study", "test_invented", "test_isochrones", "test_map_own_rules", "test_own_rules_run",
    "test_languages", "test_moments", "test_osm_child", "test_output_sets", "test_own_study",
    "test_plazas", "test_province_run", "test_robust", "test_services", "test_siting", "test_slopes", "test_snapping",
    "test_terms", "test_totals", "test_town", "test_venues", "test_walking_model", "test_what_if", "test_wishes",
    "test_workbook",
}  # fmt: skip

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
running: list[pytest.Item] = []  # the test whose files are asked for


def mark(item: pytest.Item) -> None:
    """Add the marks that follow."""
    fixtures = set(getattr(item, "fixturenames", ()))
    if fixtures & CITY or any(city in item.name for city in CITIES):
        item.add_marker("city")
    if fixtures & BROWSER:
        item.add_marker("browser")
    if Path(item.nodeid.split("::")[0]).stem in SLOW:
        item.add_marker("slow")


def settings_of(test: Any) -> settings:
    """What a property runs with: its own settings, or the profile."""
    return getattr(test, "_hypothesis_internal_use_settings", None) or settings.default


def watch(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook: a test without the mark that opens a real extract, or starts a command on
    Monaco, fails there and then."""
    if event == "open":
        path = args[0]
        if not (isinstance(path, str) and path.endswith(".osm.pbf") and _is_real(Path(path))):
            return
    elif event != "subprocess.Popen" or "monaco" not in (args[1] or ()):
        return
    if running and running[0].get_closest_marker("city") is None:
        pytest.fail(f"{running[0].nodeid} reads a city: mark it with @pytest.mark.city")


def _is_real(path: Path) -> bool:
    return path.parent == RAW or path.parent.parts[-2:] == ("shared", "data")
