"""Draws the town and its ledgers."""

from __future__ import annotations

from shuixiang.buildings import Built, build, draw_homes
from shuixiang.canvas import Canvas, Point, box
from shuixiang.grounds import draw_borders, draw_grounds, park_paths
from shuixiang.streets import draw_canals, draw_streets, streets
from shuixiang.venues import VENUES

HALL_M = 4.0  # from a venue of the old core to the walls of its house
CORE = (-490, -240, 400, 244)


def town() -> tuple[Canvas, Built]:
    """The whole town on its sheet, and what was built."""
    canvas = Canvas()
    built = build(lots())
    draw_borders(canvas)
    draw_grounds(canvas)
    draw_canals(canvas)
    draw_homes(canvas, built)
    joints: dict[Point, dict[str, str]] = {}
    for path in park_paths():
        joints |= {path[0]: {}, path[-1]: {}}
    draw_streets(canvas, [*streets(), *built.ways], joints | built.gates)
    for x, y in lots():
        hall = box(x - HALL_M, y - HALL_M, x + HALL_M, y + HALL_M)
        canvas.way(hall, {"building": "public"})
    return canvas, built


def lots() -> list[Point]:
    """Places of venues among the houses of the core."""
    west, south, east, north = CORE
    return [v.place for v in VENUES if west < v.place[0] < east and south < v.place[1] < north]
