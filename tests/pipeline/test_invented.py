"""A study that means no real place says so on every output; one that does never says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyogrio
from browsing import browser, visit
from command import gusu_geo_here
from outcomes import make_outcome
from own_study import STUDY, folder, lonlat

from gusu_geo.pipeline.assess import assess
from gusu_geo.report.rejected import rejected_book

__all__ = ["browser", "folder", "visit"]
ZH, EN = "虚构数据", "nvented data"
SCENARIO = {
    "do": "add_venue",
    "id": "new-1",
    "name": "新",
    "services": ["health"],
    "at": lonlat(1900),
}
SETS = [  # what each command leaves
    ("run", ["summary.json", "access.parquet", "results.gpkg", "workbook.xlsx", "rejected.xlsx"]),
    ("site", ["plan.json", "plan.xlsx", "plan.gpkg", "scenario.json"]),
    ("compare", ["compare.json", "compare.xlsx", "compare.gpkg"]),
]


def everything(folder: Path, study: str, *, only: str = "") -> dict[str, str]:
    """Every command on the study, or one; what each said on standard output, in Chinese."""
    (folder / "study.toml").write_text(study, encoding="utf-8")
    # One row that cannot be read, so that the list of rejected rows is written, too.
    with (folder / "venues.csv").open("a", encoding="utf-8") as venues:
        venues.write("d,丁,阅读,东边,31.31\n")
    whole = {"schema": "gusu-geo-scenario/1", "study": "own", "changes": [SCENARIO]}
    (folder / "more.json").write_text(json.dumps(whole), encoding="utf-8")
    at = ",".join(map(str, lonlat(150)))
    asked = {
        "run": (), "site": ("--sites", 1), "compare": (folder / "more.json",), "check": (),
        "explain": ("h3",), "isochrone": ("--at", at, "--minutes", 5),
    }  # fmt: skip
    said = {}
    for command, more in asked.items():
        if only not in ("", command):
            continue
        told = gusu_geo_here(command, folder / "study.toml", *more, "--out", folder, "--lang", "zh")
        assert told.returncode == 0, (command, told.stderr)
        said[command] = told.stdout
    for command in () if only else ("check", "explain"):
        told = gusu_geo_here(
            command, folder / "study.toml", *asked[command], "--out", folder, "--json"
        )
        said[f"{command}.json"] = told.stdout
    return said


def words_of(path: Path) -> str:
    """All that a file says, metadata included."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        cells = (str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
        feet = (str(sheet.oddFooter.center.text) for sheet in book)
        return "\n".join([*cells, *feet, str(book.properties.description)])
    if path.suffix == ".gpkg":
        layers = pyogrio.list_layers(path)[:, 0]
        return "\n".join(
            str(pyogrio.read_info(path, layer=layer)["layer_metadata"]) for layer in layers
        )
    return path.read_text("utf-8")


def marked_study() -> str:
    return STUDY.replace('name = "own"', 'name = "own"\ninvented = true').replace(
        "max_rejected = 0\ncomplete", "max_rejected = 0.5\ncomplete"
    )


def outputs(folder: Path) -> list[Path]:
    """Every file that the commands left, the cache apart."""
    places = (folder / "data" / "processed", folder / "maps")
    found = [path for place in places for path in place.rglob("*") if path.is_file()]
    return [path for path in found if ".cache" not in path.parts and not path.name.startswith(".")]


def test_every_output_says_that_the_data_are_invented(folder: Path) -> None:
    said = everything(folder, marked_study())
    files = outputs(folder)
    wanted = [name for _, names in SETS for name in names]
    maps = ["own+plan-1-site.html", "own-more.html", "own.html"]
    assert sorted(path.name for path in files) == sorted([*wanted, *maps])
    for path in files:
        if path.name == "scenario.json":
            continue  # holds no result, and knows no key for it
        if path.suffix == ".json":
            assert json.loads(path.read_text("utf-8"))["invented"] is True, path
        elif path.suffix == ".parquet":
            assert pd.read_parquet(path)["invented"].all()
        elif path.suffix == ".gpkg":
            for layer in pyogrio.list_layers(path)[:, 0]:
                assert pyogrio.read_dataframe(path, layer=layer)["invented"].all(), (path, layer)
                assert "'invented': 'yes'" in words_of(path)
        elif path.suffix == ".xlsx":
            assert ZH in words_of(path) and EN in words_of(path), path
        else:
            assert '"invented": true' in words_of(path) or '"invented":true' in words_of(path), path
    for command in ("run", "site", "compare", "check", "explain"):
        assert ZH in said[command], command
    for command in ("check.json", "explain.json"):
        assert json.loads(said[command])["invented"] is True
    drawn = json.loads(said["isochrone"])
    assert all(feature["properties"]["invented"] for feature in drawn["features"])
    summary = openpyxl.load_workbook(folder / "data/processed/own/workbook.xlsx").worksheets[0]
    assert str(summary["A3"].value).startswith(ZH)
    named = {str(row[0].value): str(row[1].value) for row in summary.iter_rows(min_row=4)}
    (note,) = [value for key, value in named.items() if key.startswith("说明 1") or "Note 1" in key]
    assert ZH in note and "OpenStreetMap" not in words_of(
        folder / "data/processed/own/workbook.xlsx"
    )


def test_without_the_key_nothing_says_so(folder: Path) -> None:
    said = everything(folder, marked_study().replace("invented = true", ""), only="run")
    for path in outputs(folder):
        if path.suffix == ".json":
            assert json.loads(path.read_text("utf-8"))["invented"] is False
        elif path.suffix == ".parquet":
            assert "invented" not in pd.read_parquet(path)
        elif path.suffix == ".gpkg":
            assert "invented" not in words_of(path)
            assert "invented" not in pyogrio.read_dataframe(path, layer="residences")
        elif path.suffix == ".xlsx":
            assert ZH not in words_of(path), path
    assert ZH not in said["run"]


def test_lists_of_rejected_rows_carry_it_where_they_stop_a_run(tmp_path: Path) -> None:
    (tmp_path / "list.xlsx").write_bytes(rejected_book([], invented=True))
    assert ZH in words_of(tmp_path / "list.xlsx")


def test_the_map_shows_it_on_screen_and_on_paper(folder: Path, visit: Any) -> None:
    (folder / "study.toml").write_text(marked_study(), encoding="utf-8")
    seen = visit(assess(folder / "study.toml", out=folder))
    badge = seen.test("invented")
    seen.js("document.querySelector('#invented').style.pointerEvents = 'auto'")
    for width, height in ((390, 700), (1280, 800)):
        seen.page.set_viewport_size({"width": width, "height": height})
        for media in ("print", "screen"):
            seen.page.emulate_media(media=media)
            assert badge.is_visible() and badge.inner_text() == ZH
            # Nothing lies over it: what is hit in its middle is the badge.
            at = badge.bounding_box()
            middle = [at["x"] + at["width"] / 2, at["y"] + at["height"] / 2]
            top = seen.page.evaluate("([x, y]) => document.elementFromPoint(x, y)?.id", middle)
            assert top == "invented", (media, width)
    assert ZH in seen.test("foot").inner_text()
    seen.js("gusu.setLang('en')")
    assert badge.inner_text() == "Invented data"
    assert "OpenStreetMap" not in seen.test("foot").inner_text()


def test_a_map_of_a_real_place_has_no_badge(visit: Any) -> None:
    seen = visit(make_outcome())
    assert not seen.test("invented").is_visible()
    assert "OpenStreetMap" in seen.page.inner_text("body")
