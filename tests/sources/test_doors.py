"""The entrance ladder: surveyed gate, door of the map, outline, point."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from extracts import Paper, box, lonlat, pack_of

from gusu_geo.sources.doors import GATE_NEAR_M, by_surveyed_gates
from gusu_geo.sources.homes import read_homes
from gusu_geo.sources.venues import read_venues
from gusu_geo.study.catalog import Service
from gusu_geo.tables import Entrances, Rung, no_shapes

PACK = pack_of(Service("read", "阅读", "Reading", (("amenity=library",),), ("图书馆",), ()))


def gates(*rows: tuple[str, str, float, float]) -> gpd.GeoDataFrame:
    """source, access, x, y"""
    columns = {"source": [row[0] for row in rows], "access": [row[1] for row in rows]}
    points = [shapely.Point(row[2:]) for row in rows]
    return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:32650")


def one_owner(rung: Rung, outline: shapely.Geometry | None = None) -> Entrances:
    points = Entrances.of_points(np.array([[50.0, 50.0]]), rung)
    return Entrances(points.owner_ix, points.xy, points.rung, np.array([outline], object))


GROUND = box(0, 0, 100, 100)


@pytest.mark.parametrize("rung", [Rung.ENTRANCE, Rung.EDGE, Rung.CENTROID])
def test_surveyed_gates_come_before_all_else(rung: Rung) -> None:
    known = gates(("ledger", "public", 0, 40), ("ledger", "public", 109, 60))
    found = by_surveyed_gates(
        one_owner(rung, GROUND), np.array([GROUND], object), known, access=("public",)
    )
    assert found.rung.tolist() == [Rung.GATE, Rung.GATE]
    assert found.owner_ix.tolist() == [0, 0]
    assert sorted(found.xy.tolist()) == [[0, 40], [109, 60]]
    assert found.outline is not None
    assert found.outline.tolist() == [None, None]


@pytest.mark.parametrize(
    "row",
    [
        ("osm", "public", 0, 40),  # the map's gates are in its openings
        ("ledger", "locked", 0, 40),
        ("ledger", "residents", 0, 40),  # nobody comes to a library by them
        ("ledger", "public", -GATE_NEAR_M - 1, 40),
        ("ledger", "public", 50, 50),  # deep inside: of something else
    ],
)
def test_other_gates_change_nothing(row: tuple[str, str, float, float]) -> None:
    before = one_owner(Rung.EDGE, GROUND)
    found = by_surveyed_gates(before, np.array([GROUND], object), gates(row), access=("public",))
    assert found.rung.tolist() == [Rung.EDGE]
    assert found.xy.tolist() == before.xy.tolist()
    assert found.outline is not None
    assert found.outline[0] is GROUND


def test_owners_stay_in_order_and_those_without_grounds_as_they_are() -> None:
    points = Entrances.of_points(np.array([[500.0, 0], [50, 50], [900, 0]]))
    grounds = np.array([None, GROUND, None], object)
    found = by_surveyed_gates(
        points, grounds, gates(("ledger", "public", 0, 1)), access=("public",)
    )
    assert found.owner_ix.tolist() == [0, 1, 2]
    assert found.rung.tolist() == [Rung.CENTROID, Rung.GATE, Rung.CENTROID]
    assert found.xy.tolist() == [[500, 0], [0, 1], [900, 0]]


def test_a_compound_of_a_ledger_is_left_by_its_surveyed_gates(tmp_path: Path) -> None:
    rows = ["id,name,persons,lon,lat"]
    for key, x, y in (("in", 50, 50), ("out", 500, 50), ("court", 250, 50)):
        lon, lat = lonlat(x, y)
        rows.append(f"{key},{key},100,{lon:.9f},{lat:.9f}")
    (tmp_path / "homes.csv").write_text("\n".join(rows), encoding="utf-8")
    paper = Paper()
    study = paper.study(root=tmp_path, source="homes.csv")
    area = paper.area(study)
    shapes = [box(-100, -100, 400, 300), GROUND, box(200, 0, 100, 100)]  # the first holds all
    compounds = gpd.GeoDataFrame(
        {"compound_id": list("abc"), "name": "", "source": "ledger"}, geometry=shapes, crs=area.crs
    )
    known = gates(("ledger", "residents", 0, 40), ("ledger", "locked", 200, 50))
    known = known.set_crs(area.crs, allow_override=True)
    homes = read_homes(study, paper.extract(), area, compounds, known).residences
    entrances = homes.entrances
    assert homes.frame.index.tolist() == ["in", "out", "court"]
    assert entrances.rung.tolist() == [Rung.GATE, Rung.CENTROID, Rung.CENTROID]
    np.testing.assert_allclose(entrances.xy, [(0, 40), (500, 50), (250, 50)], atol=1e-3)


def test_a_library_is_entered_by_its_surveyed_gate() -> None:
    paper = Paper().place("w1", GROUND, amenity="library").place("w2", box(300, 0, 9, 9))
    paper.place("n3", (500, 0), amenity="library").place("w2", box(300, 0, 9, 9), amenity="library")
    paper.door("w1", 0, 90)
    study = paper.study()
    area = paper.area(study)
    known = gates(("ledger", "public", 100, 50)).set_crs(area.crs, allow_override=True)

    def rungs(known: gpd.GeoDataFrame) -> list[int]:
        venues = read_venues(study, PACK, paper.extract(), area, known)
        assert venues.facilities.frame["venue_id"].tolist() == ["n3", "w1", "w2"]
        return venues.facilities.entrances.rung.tolist()

    none = no_shapes(area.crs, "access", "source")
    assert rungs(none) == [Rung.CENTROID, Rung.ENTRANCE, Rung.EDGE]
    assert rungs(known) == [Rung.CENTROID, Rung.GATE, Rung.EDGE]
