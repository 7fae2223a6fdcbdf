"""Which tests need a browser, which the file of a real city; and that none reads one unmarked.

``make quick`` leaves both out. The marks follow from what a test is called, from its parameters
and from its fixtures; a test that reads a city and shows it in none of these says it itself.
"""

from __future__ import annotations

import pytest

BROWSER = {"browser", "visit"}
CITY = {"city_of", "clone", "done", "monaco"}
CITIES = ("monaco", "nanjing", "beijing", "las_palmas")

_running: list[pytest.Item] = []


def mark(item: pytest.Item) -> None:
    """Add the marks that follow. Tests that share a browser or a city run on one worker, so that
    it is opened and read once."""
    fixtures = set(getattr(item, "fixturenames", ()))
    shared = None
    city = next((name for name in CITIES if name in item.name), None)
    if city or fixtures & CITY:
        item.add_marker("city")
        shared = city
    if fixtures & BROWSER:
        item.add_marker("browser")
        shared = item.nodeid.split("::")[0]
    if shared and item.get_closest_marker("xdist_group") is None:
        item.add_marker(pytest.mark.xdist_group(shared))


def started(item: pytest.Item) -> None:
    """Remember whose files are asked for from now on."""
    _running[:] = [item]


def needs_city(name: object) -> None:
    """Called by whatever hands out a real city: a test without the mark fails here, at once."""
    if _running and _running[0].get_closest_marker("city") is None:
        pytest.fail(f"{_running[0].nodeid} reads {name}: mark it with @pytest.mark.city")
