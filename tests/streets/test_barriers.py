"""What blocks: kinds, gates, touching, pictures. Every expectation is read off a drawing."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scenes import CRS_M

from gusu_geo.errors import InputError
from gusu_geo.geometry import straight_lines, straight_pieces
from gusu_geo.streets.barriers import TOUCH_M, BarrierKind, Barriers
from gusu_geo.streets.openings import GATE_HALF_M

Shape = shapely.Geometry


def frame(*rows: tuple[str, Shape], **columns: list[float]) -> gpd.GeoDataFrame:
    kinds, shapes = [kind for kind, _ in rows], [shape for _, shape in rows]
    return gpd.GeoDataFrame({"kind": kinds, **columns}, geometry=shapes, crs=CRS_M)


def gates(*rows: tuple[str, float, float]) -> gpd.GeoDataFrame:
    points = [shapely.Point(x, y) for _, x, y in rows]
    return gpd.GeoDataFrame({"access": [row[0] for row in rows]}, geometry=points, crs=CRS_M)


def line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(xy)


def crossed(barriers: Barriers, *xy: tuple[float, float]) -> int:
    return int(barriers.crossed(np.array([xy], float).reshape(1, 4))[0])


WALL = line((0, 0), (100, 0))


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("water", BarrierKind.WATER),
        ("coast", BarrierKind.WATER),
        ("waterway", BarrierKind.WATERWAY),
        ("railway", BarrierKind.RAILWAY),
        ("motorway", BarrierKind.MOTORWAY),
        ("wall", BarrierKind.WALL),
        ("green", 0),
        ("stream", 0),
    ],
)
def test_what_blocks_and_what_is_only_drawn(kind: str, found: int) -> None:
    assert crossed(Barriers.of(frame((kind, WALL))), (50, -5), (50, 5)) == found


def test_of_several_the_hardest_to_move_is_told() -> None:
    rows = frame(("wall", WALL), ("water", shapely.box(0, 2, 100, 3)), ("railway", WALL))
    assert crossed(Barriers.of(rows), (50, -5), (50, 5)) == BarrierKind.WATER
    assert crossed(Barriers.of(rows), (50, -5), (50, 1)) == BarrierKind.RAILWAY


def test_a_line_at_an_end_of_the_leg_is_touched_not_crossed() -> None:
    barriers = Barriers.of(frame(("wall", WALL)))
    assert crossed(barriers, (50, 0), (50, 5)) == 0
    assert crossed(barriers, (50, -5), (50, 0)) == 0
    assert crossed(barriers, (50, -TOUCH_M + 0.01), (50, 5)) == 0
    assert crossed(barriers, (50, -TOUCH_M - 0.01), (50, 5)) == BarrierKind.WALL
    assert crossed(barriers, (50, -0.25), (50, 0.25)) == BarrierKind.WALL
    assert crossed(barriers, (50, 0), (50, 0)) == 0  # a house on the wall, on the street


def test_the_edge_of_water_is_touched_and_its_corner_may_be_cut() -> None:
    pond = Barriers.of(frame(("water", shapely.box(0, 0, 10, 10))))
    assert crossed(pond, (5, -5), (5, 0)) == 0
    assert crossed(pond, (-5, 5.3), (5, -4.7)) == 0  # 0.42 m over the corner
    assert crossed(pond, (-5, 6), (6, -5)) == BarrierKind.WATER  # 1.41 m


def test_an_island_in_the_water_is_dry() -> None:
    lake = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60))
    barriers = Barriers.of(frame(("water", lake)))
    assert crossed(barriers, (45, 50), (55, 50)) == 0
    assert crossed(barriers, (45, 50), (35, 50)) == BarrierKind.WATER


@pytest.mark.parametrize("access", ["public", "residents"])
def test_a_gate_opens_its_wall_two_metres_either_side(access: str) -> None:
    barriers = Barriers.of(frame(("wall", WALL)), gates((access, 50, 0.3)))
    for x, found in ((50, 0), (48.2, 0), (51.8, 0), (47.8, 5), (52.2, 5)):
        assert crossed(barriers, (x, -5), (x, 5)) == found
    gap = np.sqrt(GATE_HALF_M**2 - 0.3**2)
    assert sum(s.length for s in barriers.shapes) == pytest.approx(100 - 2 * gap, abs=0.03)


def test_locked_gates_and_gates_beside_the_wall_open_nothing() -> None:
    barriers = Barriers.of(frame(("wall", WALL)), gates(("locked", 50, 0), ("public", 20, 0.6)))
    assert crossed(barriers, (50, -5), (50, 5)) == BarrierKind.WALL
    assert crossed(barriers, (20, -5), (20, 5)) == BarrierKind.WALL


def test_a_gate_opens_walls_only() -> None:
    rows = frame(("railway", WALL), ("wall", line((0, 1), (100, 1))))
    barriers = Barriers.of(rows, gates(("public", 50, 0.5)))
    assert crossed(barriers, (50, -5), (50, 5)) == BarrierKind.RAILWAY
    assert crossed(barriers, (50, 0.2), (50, 5)) == 0


def test_everything_becomes_simple_lines_and_polygons() -> None:
    many = shapely.GeometryCollection(
        [shapely.MultiLineString([[(0, 0), (1, 0)], [(2, 0), (3, 0)]]), shapely.Point(9, 9)]
    )
    two = shapely.MultiPolygon([shapely.box(0, 1, 1, 2), shapely.box(2, 1, 3, 2)])
    bow = shapely.Polygon([(0, 10), (2, 12), (2, 10), (0, 12)])  # crosses itself: two triangles
    barriers = Barriers.of(frame(("wall", many), ("water", two), ("water", bow)))
    assert [s.geom_type for s in barriers.shapes] == ["LineString"] * 2 + ["Polygon"] * 4
    assert barriers.kind.tolist() == [5, 5, 1, 1, 1, 1]


def test_straight_pieces_are_those_of_lines_and_all_rings() -> None:
    hole = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    pieces, owner = straight_pieces(np.array([line((0, 0), (1, 0), (1, 1)), hole], object))
    assert owner.tolist() == [0] * 2 + [1] * 8
    length = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    assert length.sum() == pytest.approx(2 + 40 + 8)
    assert straight_lines(pieces)[1].coords[:] == [(1, 0), (1, 1)]


def test_width_may_be_absent_or_unknown() -> None:
    assert Barriers.of(frame(("wall", WALL))).width_m.tolist() == [0.0]
    rows = frame(("wall", WALL), ("railway", WALL), ("motorway", WALL), width_m=[np.nan, -3, 9])
    assert Barriers.of(rows).width_m.tolist() == [0.0, 0.0, 9.0]


def test_a_series_is_water_in_any_system() -> None:
    pond = gpd.GeoSeries([shapely.box(0, 0, 10, 10)], crs=CRS_M)
    barriers = Barriers.of(pond.to_crs(4326), crs=CRS_M)
    assert barriers.kind.tolist() == [BarrierKind.WATER]
    assert shapely.bounds(barriers.shapes[0]) == pytest.approx([0, 0, 10, 10], abs=1e-6)


def test_extra_frames_block_and_are_opened_alike() -> None:
    extra = frame(("wall", line((0, 3), (100, 3)))).to_crs(4326)
    barriers = Barriers.of(frame(("green", WALL)), gates(("public", 50, 3)), extra=extra)
    assert crossed(barriers, (40, -5), (40, 5)) == BarrierKind.WALL
    assert crossed(barriers, (50, -5), (50, 5)) == 0


def test_nothing_blocks_nobody() -> None:
    empty = Barriers.of(frame(), gates(("public", 0, 0)))
    assert len(empty) == 0
    assert crossed(empty, (0, 0), (9, 9)) == 0
    assert len(Barriers.of(frame(("wall", WALL))).crossed(np.zeros((0, 4)))) == 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (frame(("walls", WALL)), r"unknown kind.*'wall'.*'walls'.*water, coast, waterway"),
        (frame(("wall", WALL)).drop(columns="kind"), "no column kind"),
        (frame(("wall", WALL)).set_crs(None, allow_override=True), "no CRS.*set_crs"),
        (frame(("wall", WALL)).to_crs(4326), "in metres.*EPSG:4326"),
        (frame(("wall", WALL), ("wall", None)), "barrier 1 has no geometry"),
        (frame(("wall", shapely.LineString())), "barrier 0 has no geometry"),
    ],
)
def test_bad_barriers_say_how_to_mend_them(rows: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Barriers.of(rows)


def test_bad_gates_say_how_to_mend_them() -> None:
    wall = frame(("wall", WALL))
    bare = gates(("public", 0, 0))
    with pytest.raises(InputError, match="gates have no CRS"):
        Barriers.of(wall, bare.set_crs(None, allow_override=True))
    with pytest.raises(InputError, match=r"no column access.*public, residents"):
        Barriers.of(wall, bare.drop(columns="access"))


def test_without_walls_nothing_of_a_wall_drawn_as_an_area_is_left() -> None:
    shapes = [shapely.box(10, 0, 14, 10), shapely.box(30, 0, 34, 10), shapely.box(50, 0, 54, 10)]
    frame = gpd.GeoDataFrame(
        {"kind": ["wall", "water", "building"]}, geometry=shapes, crs="EPSG:32650"
    )
    barriers = Barriers.of(frame)
    legs = np.array([[5.0, 5, 20, 5], [25, 5, 40, 5], [45, 5, 60, 5]])
    bare = barriers.without_walls()
    assert barriers.crossed(legs).tolist() == [BarrierKind.WALL, BarrierKind.WATER, 0]
    assert bare.crossed(legs).tolist() == [0, BarrierKind.WATER, 0]
    assert bare.hidden(legs).tolist() == barriers.hidden(legs).tolist() == [False, False, True]
