"""Zones: one zone per residence and level, and sums that reconcile with the district."""

from __future__ import annotations

from fractions import Fraction

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box

from gusu_geo.assessment.rule import Rule, State, Verdict
from gusu_geo.assessment.zones import assign, roll_up, totals
from gusu_geo.errors import SourceError
from gusu_geo.study.catalog import RulePack, Service
from gusu_geo.tables import Entrances, Residences, Zones

CRS = "EPSG:4549"
FAIL, PASS, UNKNOWN = int(State.FAIL), int(State.PASS), int(State.UNKNOWN)


def zones_of(*rows: tuple[str, object, Polygon | MultiPolygon], crs: str = CRS) -> Zones:
    levels, ids, shapes = zip(*rows, strict=True) if rows else ((), (), ())
    names = [f"name {zone_id}" for zone_id in ids]
    frame = {"level": levels, "zone_id": ids, "name": names, "name_zh": names, "name_en": names}
    return Zones(gpd.GeoDataFrame(frame, geometry=list(shapes), crs=crs))


def homes(*xy: tuple[float, float], crs: str = CRS) -> Residences:
    points = np.array(xy, float).reshape(-1, 2)
    frame = gpd.GeoDataFrame(
        {"persons": 1.0},
        index=pd.Index([f"r{i}" for i in range(len(points))], dtype=object),
        geometry=[Point(p) for p in points],
        crs=crs,
    )
    return Residences(frame, Entrances.of_points(points))


def rule_of(services: int) -> Rule:
    """A rule of so many services, a, b, c ..."""
    named = tuple(Service(key, key, key) for key in "abcdefghij"[:services])
    return Rule(RulePack("test", "1", "", "", "", "", "", 15.0, named), (900.0,) * services)


def verdict_of(state: npt.ArrayLike) -> Verdict:
    """A union verdict with these service states."""
    cells = np.array(state, np.int8)
    if cells.ndim == 1:
        cells = cells[:, None]
    fails, unsure = (cells == FAIL).sum(axis=1), (cells == UNKNOWN).sum(axis=1)
    worst = np.where(fails > 0, FAIL, np.where(unsure > 0, UNKNOWN, PASS)).astype(np.int8)
    return Verdict(
        residence_ids=pd.Index([f"r{i}" for i in range(len(cells))], dtype=object),
        rule=rule_of(cells.shape[1]),
        state=cells,
        slack_s=np.zeros(cells.shape),
        residence_state=worst,
        missing_count=fails,
        unknown_count=unsure,
        one_stop_state=worst,
        service_state=("known",) * cells.shape[1],
        passed_known=(fails == 0),
    )


def test_inside_outside_and_two_levels() -> None:
    zones = zones_of(
        ("community", "c2", box(10, 0, 20, 10)),
        ("community", "c1", box(0, 0, 10, 10)),
        ("district", "d", box(0, 0, 20, 10)),
    )
    zone_of = assign(zones, homes((5, 5), (15, 5), (25, 5)))
    assert zone_of.columns.tolist() == ["community", "district"]
    assert zone_of.index.tolist() == ["r0", "r1", "r2"]
    assert zone_of["community"].tolist() == ["c1", "c2", ""]
    assert zone_of["district"].tolist() == ["d", "d", ""]


def test_shared_borders_and_overlaps_go_to_the_first_zone_id() -> None:
    """The order of rows must not matter; "10" comes before "9" as text."""
    shapes = [("z", 9, box(0, 0, 10, 10)), ("z", 10, box(10, 0, 20, 10))]
    points = homes((10, 5), (10, 10), (0, 0), (20, 10))
    for rows in (shapes, shapes[::-1]):
        assert assign(zones_of(*rows), points)["z"].tolist() == ["10", "10", "9", "10"]
    over = [("z", "b", box(0, 0, 10, 10)), ("z", "a", box(5, 0, 15, 10))]
    assert assign(zones_of(*over), homes((7, 5), (2, 5)))["z"].tolist() == ["a", "b"]


def test_holes_and_parts() -> None:
    ring = Polygon(box(0, 0, 10, 10).exterior.coords, [box(4, 4, 6, 6).exterior.coords])
    zones = zones_of(("z", "m", MultiPolygon([ring, box(20, 0, 30, 10)])))
    points = homes((1, 1), (5, 5), (25, 5), (15, 5), (4, 5))
    assert assign(zones, points)["z"].tolist() == ["m", "", "m", "", "m"]


def test_no_zones_and_no_residences() -> None:
    assert assign(zones_of(), homes((1, 1))).shape == (1, 0)
    empty = assign(zones_of(("z", "a", box(0, 0, 1, 1))), homes())
    assert empty.shape == (0, 1)
    rows = roll_up(zones_of(("z", "a", box(0, 0, 1, 1))), empty, [], verdict_of(np.zeros((0, 2))))
    assert [(row["id"], row["persons"], row["share"]) for row in rows] == [("a", 0.0, None)]


def test_different_systems_and_double_ids_are_refused() -> None:
    with pytest.raises(SourceError, match="EPSG:4326 and EPSG:4549"):
        assign(zones_of(("z", "a", box(0, 0, 1, 1)), crs="EPSG:4326"), homes((1, 1)))
    twice = zones_of(("z", "a", box(0, 0, 1, 1)), ("z", "a", box(1, 0, 2, 1)))
    with pytest.raises(SourceError, match=r"unique within level 'z'.*'a'"):
        assign(twice, homes((1, 1)))


def test_rows_by_hand() -> None:
    """Persons are powers of two, so every sum names who is in it."""
    zones = zones_of(
        ("z", "b", box(10, 0, 20, 10)), ("z", "a", box(0, 0, 10, 10)), ("z", "c", box(90, 0, 99, 9))
    )
    zone_of = assign(zones, homes((1, 1), (2, 2), (3, 3), (15, 5), (50, 50)))
    verdict = verdict_of(
        [[PASS, PASS], [PASS, FAIL], [UNKNOWN, PASS], [FAIL, UNKNOWN], [UNKNOWN, UNKNOWN]]
    )
    rows = roll_up(zones, zone_of, [1, 2, 4, 8, 16], verdict)
    assert [row["id"] for row in rows] == ["a", "b", "c", ""]
    assert rows[0] == {
        "level": "z", "id": "a", "name": "name a", "name_zh": "name a", "name_en": "name a",
        "residences": 3, "persons": 7.0, "passed_persons": 1.0, "passed_known_persons": 5.0,
        "unknown_persons": 4.0, "share": 1 / 7,
        "missing": {"a": 0.0, "b": 2.0}, "unknown": {"a": 4.0, "b": 0.0},
    }  # fmt: skip
    assert rows[1]["missing"] == {"a": 8.0, "b": 0.0} and rows[1]["unknown"] == {"a": 0.0, "b": 8.0}
    assert rows[1]["share"] == 0.0 and rows[1]["unknown_persons"] == 0.0
    assert (rows[2]["residences"], rows[2]["persons"], rows[2]["share"]) == (0, 0.0, None)
    assert rows[3]["persons"] == rows[3]["unknown_persons"] == 16.0
    assert rows[3]["name_zh"] and rows[3]["name_en"]
    district = totals([1, 2, 4, 8, 16], verdict)
    assert district["persons"] == 31.0 and district["passed_persons"] == 1.0
    assert district["missing"] == {"a": 8.0, "b": 2.0}


def test_no_rest_row_when_nobody_is_outside() -> None:
    zones = zones_of(("z", "a", box(0, 0, 10, 10)))
    rows = roll_up(zones, assign(zones, homes((1, 1))), [3], verdict_of([[PASS]]))
    assert [row["id"] for row in rows] == ["a"]


def test_plain_types_for_json() -> None:
    zones = zones_of(("z", 7, box(0, 0, 10, 10)))
    (row,) = roll_up(zones, assign(zones, homes((1, 1))), [3], verdict_of([[PASS]]))
    assert {type(value) for value in row.values()} <= {str, int, float, dict}
    assert type(row["residences"]) is int and type(row["missing"]["a"]) is float


@pytest.mark.parametrize("bad", [float("nan"), -1.0, float("inf")])
def test_unusable_persons_are_refused(bad: float) -> None:
    with pytest.raises(SourceError, match="the first is 'r1'"):
        totals([1.0, bad], verdict_of([[PASS], [PASS]]))


def test_inputs_about_different_residences_are_refused() -> None:
    zones = zones_of(("z", "a", box(0, 0, 10, 10)))
    zone_of = assign(zones, homes((1, 1), (2, 2)))
    verdict = verdict_of([[PASS], [FAIL]])
    with pytest.raises(SourceError, match="zone_of and the verdict"):
        roll_up(zones, zone_of.iloc[::-1], [1, 2], verdict)
    with pytest.raises(SourceError, match="persons and the verdict"):
        roll_up(zones, zone_of, pd.Series([1, 2], index=["r1", "r0"]), verdict)
    with pytest.raises(SourceError, match="one number per home, 2 here"):
        roll_up(zones, zone_of, [1.0], verdict)
    with pytest.raises(SourceError, match="unknown z"):
        roll_up(zones, zone_of.replace("a", "q"), [1, 2], verdict)


@st.composite
def cities(draw: st.DrawFn) -> tuple[Zones, Residences, list[float], Verdict]:
    """Overlapping and gapped boxes on a small lattice: points often lie on borders."""
    spot = st.integers(0, 6)
    boxes = draw(st.lists(st.tuples(spot, spot, st.integers(1, 4)), min_size=1, max_size=6))
    levels = [draw(st.sampled_from(["ward", "district"])) for _ in boxes]
    shapes = [
        (level, f"z{i}", box(x, y, x + size, y + size))
        for i, (level, (x, y, size)) in enumerate(zip(levels, boxes, strict=True))
    ]
    points = draw(st.lists(st.tuples(spot, spot), max_size=12))
    persons = [draw(st.floats(0, 1e6, allow_subnormal=False)) for _ in points]
    cell = st.sampled_from([FAIL, PASS, UNKNOWN])
    states = [[draw(cell), draw(cell)] for _ in points]
    verdict = verdict_of(np.array(states, np.int8).reshape(-1, 2))
    return zones_of(*shapes), homes(*points), persons, verdict


@settings(max_examples=80)
@given(cities())
def test_zones_reconcile_with_the_district(
    city: tuple[Zones, Residences, list[float], Verdict],
) -> None:
    zones, residences, persons, verdict = city
    zone_of = assign(zones, residences)
    rows, district = roll_up(zones, zone_of, persons, verdict), totals(persons, verdict)
    assert district["persons"] == pytest.approx(float(sum(map(Fraction, persons))), abs=1e-6)
    for level in zones.frame["level"].unique():
        part = [row for row in rows if row["level"] == level]
        assert sum(row["residences"] for row in part) == len(persons)
        for key in ("persons", "passed_persons", "passed_known_persons", "unknown_persons"):
            total = sum(Fraction(row[key]) for row in part)
            assert abs(total - Fraction(district[key])) <= Fraction(1, 10**6)
        for key in ("missing", "unknown"):
            for service in verdict.services:
                total = sum(Fraction(row[key][service]) for row in part)
                assert abs(total - Fraction(district[key][service])) <= Fraction(1, 10**6)
        # A slow plain twin of the point-in-polygon search.
        frame = zones.frame[zones.frame["level"] == level].sort_values("zone_id")
        for home, point in residences.frame.geometry.items():
            covering = [z for z, shape in zip(frame["zone_id"], frame.geometry, strict=True)
                        if shape.covers(point)]  # fmt: skip
            assert zone_of.loc[home, level] == (covering[0] if covering else "")
    for row in rows:
        assert row["share"] is None or 0 <= row["share"] <= 1


def test_the_order_of_residences_changes_no_sum() -> None:
    """0.1 + 0.2 + ... summed naively differs by order in the last digit; fsum does not."""
    rng = np.random.default_rng(7)
    persons = rng.uniform(0, 1e5, 2_000)
    zones = zones_of(("z", "a", box(0, 0, 10, 10)))
    verdict = verdict_of(np.full((2_000, 1), PASS))
    zone_of = assign(zones, homes(*[(5.0, 5.0)] * 2_000))
    forth, back = (
        roll_up(zones, zone_of, p, verdict)[0]["persons"] for p in (persons, persons[::-1])
    )
    assert forth == back == float(sum(map(Fraction, persons.tolist())))
