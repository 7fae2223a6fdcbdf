"""The scripts of the map and their linter know the same names."""

from __future__ import annotations

import json
import re
from pathlib import Path

from gusu_geo.report.webmap.figure import web_file
from gusu_geo.report.webmap.render import SCRIPTS

ROOT = Path(__file__).parents[2]
OUTSIDE = {"L"}  # Leaflet


def test_the_linter_knows_the_name_of_every_script_and_no_other() -> None:
    """A name too many would hide a script that is gone; one that is missing stops the lint."""
    made = [re.findall(r"^globalThis\.(\w+) = ", web_file(name), re.MULTILINE) for name in SCRIPTS]
    assert all(len(names) == 1 for names in made)
    known = json.loads((ROOT / "biome.json").read_text(encoding="utf-8"))["javascript"]["globals"]
    assert sorted(known) == sorted({name for names in made for name in names} | OUTSIDE)


def test_no_script_of_the_page_is_left_out() -> None:
    page = ROOT / "gusu_geo/report/webmap/page"
    found = {path.relative_to(page).as_posix() for path in page.rglob("*.js")}
    assert found == {*SCRIPTS, "assets/leaflet.js"}
