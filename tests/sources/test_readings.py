"""The reader's ledger: what a town was drawn with is what was read, used and left out."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from extracts import box, degrees, lonlat, pack_of
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.pipeline.cache import load_city, save_city
from gusu_geo.report.source_lines import doubted, left_out, source_lines
from gusu_geo.sources.city import read_city
from gusu_geo.sources.readings import NAMED, fault_notes, reading
from gusu_geo.study.catalog import Service
from gusu_geo.study.params import Study
from gusu_geo.tables import City, Reading
from gusu_geo.words import section

PACK = pack_of(Service("read", "阅读", "Reading", (("amenity=library",),)))
FAR_AWAY = '<node id="9" lon="0" lat="0"/>'


class Thing(NamedTuple):
    """What is drawn at a place of its own, and what becomes of it: kind, reason or "used"."""

    form: str  # "line", "ring", "node", "far" or "cut" line
    tags: str
    kind: str
    fate: str
    away: bool = False  # beyond the reach of the study


THINGS = {
    "street": Thing("line", "highway=path", "streets", "used"),
    "works": Thing("line", "highway=construction", "streets", "street_dropped_class"),
    "forbidden": Thing("line", "highway=path;access=no", "streets", "street_dropped_access"),
    "no walkers": Thing("line", "highway=primary;foot=no", "streets", "street_dropped_access"),
    "motorway": Thing("line", "highway=motorway", "streets", "street_dropped_no_foot_permission"),
    "street to nowhere": Thing("far", "highway=path", "streets", "far"),
    "street without nodes": Thing("cut", "highway=path", "streets", "without_place"),
    "street elsewhere": Thing("line", "highway=path", "streets", "beyond_reach", True),
    "house": Thing("ring", "building=house", "buildings", "used"),
    "shop": Thing("ring", "building=retail", "buildings", "other_use"),
    "house elsewhere": Thing("ring", "building=house", "buildings", "outside_area", True),
    "library": Thing("node", "amenity=library", "places", "used"),
    "cafe": Thing("node", "amenity=cafe", "places", "no_service"),
    "own library": Thing("node", "amenity=library;access=private", "places", "private"),
    "library elsewhere": Thing("node", "amenity=library", "places", "beyond_reach", True),
    "pond": Thing("ring", "natural=water", "ground", "used"),
    "drain": Thing("line", "waterway=drain;tunnel=culvert", "ground", "off_surface"),
    "tank": Thing("ring", "natural=water;covered=yes", "ground", "off_surface"),
    "wall": Thing("line", "barrier=wall", "ground", "used"),
    "wall to nowhere": Thing("far", "barrier=wall", "ground", "far"),
    "lake elsewhere": Thing("ring", "natural=water", "ground", "beyond_reach", True),
    "gate": Thing("node", "barrier=gate", "doors", "touches_nothing"),
    "gate elsewhere": Thing("node", "barrier=gate", "doors", "beyond_reach", True),
    "estate": Thing("ring", "landuse=residential;name=E", "compounds", "used"),
}  # fmt: skip


def drawn(folder: Path, counts: dict[str, int]) -> Path:
    """An OSM file with so many of each of ``THINGS``, each on 20 m of ground of its own."""
    ids, nodes, ways = 10, [FAR_AWAY], []
    for place, name in enumerate([name for name, count in counts.items() for _ in range(count)]):
        thing = THINGS[name]
        x, y = -900 + 40 * (place % 45), -900 + 40 * (place // 45)
        x += 9000 if thing.away else 0
        tags = "".join('<tag k="{}" v="{}"/>'.format(*tag.split("=")) for tag in thing.tags.split(";"))  # fmt: skip
        refs = []
        for dx, dy in [(0, 0), (15, 0), (15, 15)][: 1 if thing.form == "node" else 3]:
            ids += 1
            lon, lat = lonlat(x + dx, y + dy)
            own = tags if thing.form == "node" else ""
            nodes.append(f'<node id="{ids}" lon="{lon:.7f}" lat="{lat:.7f}">{own}</node>')
            refs.append(ids)
        if thing.form == "node":
            continue
        ends = {"ring": refs[:1], "far": [9], "line": [], "cut": []}[thing.form]
        refs = [5, 6] if thing.form == "cut" else [*refs, *ends]
        ids += 1
        ways.append(f'<way id="{ids}">{"".join(f"<nd ref={chr(34)}{r}{chr(34)}/>" for r in refs)}{tags}</way>')  # fmt: skip
    path = folder / "town.osm"
    path.write_text(f"<osm version='0.6'>{''.join((*nodes, *ways))}</osm>", encoding="utf-8")
    return path


def study_in(folder: Path, **parts: object) -> Study:
    square = shapely.bounds(degrees(shapely.box(-1000, -1000, 1000, 1000))).tolist()
    whole = {
        "name": "town",
        "root": folder,
        "area": {"bbox": square, "buffer_m": 400},
        "network": {"osm": "town.osm"},
    }
    return Study.model_validate(whole | parts)


def ledger_of(city: City) -> dict[str, Reading]:
    return {row["kind"]: row for row in city.facts["sources"]}


@settings(max_examples=8)
@given(st.fixed_dictionaries({name: st.integers(0, 2) for name in THINGS}))
def test_every_thing_drawn_is_in_the_ledger_once_with_its_fate(counts: dict[str, int]) -> None:
    counts |= {name: counts[name] + 1 for name in ("street", "house", "library")}
    counts["street"] += 2  # a file that lacks most nodes of its streets is refused
    with tempfile.TemporaryDirectory() as name:
        drawn(Path(name), counts)
        city = read_city(study_in(Path(name)), PACK)
    rows = ledger_of(city)
    for kind in ("streets", "buildings", "places", "ground", "doors", "compounds"):
        here = {name: thing for name, thing in THINGS.items() if thing.kind == kind}
        wanted: dict[str, int] = {}
        for name, thing in here.items():
            wanted[thing.fate] = wanted.get(thing.fate, 0) + counts[name]
        if kind == "ground":
            wanted["used"] += counts["motorway"]  # nobody walks there, and nobody walks across
        row = rows[kind]
        assert row["read"] == sum(wanted.values()), kind
        assert {"used": row["used"]} | row["left_out"] == {
            key: count for key, count in ({"used": 0} | wanted).items() if count or key == "used"
        }, kind
    assert all(row["read"] == row["used"] + sum(row["left_out"].values()) for row in rows.values())


TOWN = {"street": 1, "house": 1, "library": 1}


def test_ledgers_of_the_planner_are_told_by_row_and_sheet(tmp_path: Path) -> None:
    drawn(tmp_path, TOWN)
    (lon, lat), (away, _) = lonlat(0, 0), lonlat(9000, 0)
    homes = pd.DataFrame(
        {"id": ["a", "b"], "persons": [1, 2], "lon": [lon, away], "lat": [lat, lat]}
    )
    with pd.ExcelWriter(tmp_path / "homes.xlsx") as book:
        homes.to_excel(book, sheet_name="住处", index=False)
        pd.DataFrame({"说明": ["x"]}).to_excel(book, sheet_name="说明", index=False)
    rows = [
        ("NA", "NA", "read", lon, lat),
        ("n2", "NA", "read", lon, lat),
        ("n3", "c", "read", away, lat),
    ]
    head = ["id", "name", "service", "lon", "lat"]
    pd.DataFrame(rows, columns=head).to_excel(tmp_path / "v.xlsx", index=False)
    bow = shapely.Polygon([(0, 0), (500, 500), (500, 0), (0, 500)])
    zones = [degrees(shape) for shape in (box(-900, -900, 800, 800), bow, box(5000, 0, 10, 10))]
    gpd.GeoDataFrame({"id": ["1", "2", "3"]}, geometry=zones, crs=4326).to_file(tmp_path / "z.gpkg")
    gates = pd.DataFrame({"lon": [lon, away], "lat": [lat, lat]})
    gates.to_csv(tmp_path / "g.csv", index=False)
    study = study_in(
        tmp_path,
        residences={"source": "homes.xlsx", "crs": "wgs84"},
        facilities=[{"source": "v.xlsx", "complete": True, "crs": "wgs84"}],
        zones=[{"level": "ward", "source": "z.gpkg", "crs": "wgs84"}],
        compounds={"gates": {"source": "g.csv", "crs": "wgs84"}},
    )
    city = read_city(study, PACK)
    rows_of = ledger_of(city)

    def told(kind: str) -> tuple[object, ...]:
        row = rows_of[kind]
        return row["source"], row["read"], row["used"], row["left_out"], row["doubted"]

    assert told("homes") == ("homes.xlsx", 2, 1, {"outside_area": 1}, {"other_sheets": 1})
    assert rows_of["homes"]["named"] == {"other_sheets": ["说明"]}
    assert told("venues") == ("v.xlsx", 3, 1, {"beyond_reach": 1, "merged": 1}, {})
    assert told("zones") == ("z.gpkg", 3, 2, {"outside_area": 1}, {"repaired": 1})
    assert told("gates") == ("g.csv", 2, 1, {"beyond_reach": 1}, {})
    assert city.facilities.frame["name"].tolist() == ["NA"]
    assert "buildings" not in rows_of
    notes = [note["en"] for note in city.facts["notes"] if note["code"] == "source_fault"]
    assert notes == [
        "z.gpkg, zones: 1 with an outline that crosses itself, repaired (2).",
        "homes.xlsx, homes: 1 other sheets, not read (说明).",
    ]


def test_an_edited_file_is_told_by_id(tmp_path: Path) -> None:
    path = drawn(tmp_path, TOWN | {"street to nowhere": 1})
    content = path.read_text(encoding="utf-8")
    gone = '<way id="800" action="delete"><nd ref="11"/><nd ref="12"/></way>'
    world = '<bounds minlon="-180" minlat="-90" maxlon="180" maxlat="90"/>'
    content = content.replace("<node", world + "<node", 1).replace("</osm>", f"{gone}</osm>")
    path.write_text(content, encoding="utf-8")
    city = read_city(study_in(tmp_path), PACK)
    rows = ledger_of(city)
    assert rows["objects"]["left_out"] == {"deleted": 1}
    assert rows["objects"]["read"] == content.count("<node") + content.count("<way")
    assert rows["boxes"]["left_out"] == {"box_wrong": 1}
    (far,) = rows["streets"]["named"]["far"]
    notes = " ".join(note["en"] for note in city.facts["notes"])
    assert "(w800)" in notes
    assert f"({far})" in notes
    assert 0 < city.facts["margin_m"] < 400 or city.facts["margin_m"] == 0, "not half a globe"


def test_the_ledger_survives_the_cache(tmp_path: Path) -> None:
    drawn(tmp_path, TOWN)
    city = read_city(study_in(tmp_path), PACK)
    save_city(city, tmp_path / "kept")
    assert load_city(tmp_path / "kept").facts["sources"] == city.facts["sources"]


# --- rows and words ----------------------------------------------------------------------------


def test_a_row_counts_ids_and_names_the_first() -> None:
    many = [f"w{number}" for number in range(9)]
    row = reading("a", "streets", read=12, used=3, left_out={"far": many, "private": 0}, named={"cut": ["x"]})  # fmt: skip
    assert row["left_out"] == {"far": 9}
    assert row["named"] == {"far": many[:NAMED]}, "a reason without a thing names none"
    (note,) = fault_notes([row])
    assert note["en"].endswith("(w0, w1, w2, w3, w4 …).")
    assert note["zh"].endswith("（w0、w1、w2、w3、w4 …）。")


@pytest.mark.parametrize("part", ["left_out", "doubt"])
def test_every_reason_can_be_said(part: str) -> None:
    for reason in section(part):
        counts = {"left_out": {}, "doubted": {}} | {part.replace("doubt", "doubted"): {reason: 2}}
        row: Reading = {"source": "a", "kind": "homes", "read": 3, "used": 1, "named": {}, **counts}  # type: ignore[typeddict-item]
        (line,) = source_lines([row])
        (why,) = [*left_out(row), *doubted(row)]
        assert str(why.what.zh) in line["zh"]
        assert str(why.what.en) in line["en"]
        assert fault_notes([row]) == [] or why.what.en in fault_notes([row])[0]["en"]
