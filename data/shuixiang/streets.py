"""Streets and canals of the town. Streets run along the axes of the sheet, so that a walk is the
sum of a few differences; where one crosses water there is a bridge, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from shuixiang.canvas import Canvas, Point, Ring


class Street(NamedTuple):
    """A straight street from a to b (x or y the same). humpback: steps where it crosses water."""

    a: Point
    b: Point
    highway: str
    name: str = ""
    humpback: bool = False


class Water(NamedTuple):
    """Where a street is a bridge: west, south, east, north."""

    west: float
    south: float
    east: float
    north: float


CANALS: tuple[tuple[str, float, Ring], ...] = (  # name, width, middle line
    ("市河", 22, [(-1400, -110), (-1000, -55), (-640, 0), (990, 0), (1180, 40), (1400, 150)]),
    ("西塘", 36, [(-620, -1400), (-520, -1010), (-520, 1010), (-570, 1400)]),
    ("东市河", 20, [(480, -1400), (420, -1010), (420, 1010), (380, 1400)]),
    ("后河", 12, [(-502, 260), (-430, 257), (-340, 263), (-240, 256), (-130, 263), (-60, 261),
                 (40, 257), (140, 263), (260, 257), (340, 262), (410, 260)]),
    ("小浜", 10, [(-60, 11), (-60, 257)]),
    ("南浜", 12, [(60, -11), (60, -1010), (20, -1400)]),
)  # fmt: skip

WATERS = (
    Water(-640, -13, 1000, 13),
    Water(-1000, -80, -900, -25),  # the bend of the river at the western ring
    Water(-540, -1010, -500, 1010),
    Water(409, -1010, 431, 1010),
    Water(-500, 247, 409, 273),
    Water(-67, 11, -53, 250),
    Water(52, -1010, 68, -11),
)

# Middle lines of streets. The lanes of the old core bound its blocks.
ALLEYS = {  # x of the alleys by strip: south, north, xs
    "north": (14, 244, (-430, -370, -300, -240, -180, -120, 0, 60, 120, 180, 240, 300, 360)),
    "south": (-240, -26, (-430, -370, -300, -240, -180, -120, -60, 0, 120, 180, 240, 300, 360)),
}
BRIDGES = (  # name, from, to: humpback bridges on foot
    ("望月桥", (-300, -26), (-300, 14)),
    ("太平桥", (180, -26), (180, 14)),
    ("聚秀桥", (-300, 244), (-300, 290)),
    ("安澜桥", (180, 244), (180, 290)),
    ("长虹桥", (-560, 14), (-490, 14)),
    ("迎晖桥", (400, 14), (450, 14)),
)


def streets() -> list[Street]:
    """All streets outside of compounds."""
    return [*_arterials(), *_core(), *_quarters(), *_humpbacks()]


def _arterials() -> list[Street]:
    rings = [
        Street((-970, 970), (970, 970), "secondary", "北环路"),
        Street((-970, -970), (970, -970), "secondary", "南环路"),
        Street((-970, -970), (-970, 970), "secondary", "西环路"),
        Street((970, -970), (970, 970), "secondary", "东环路"),
    ]
    across = [  # and on, out of the town
        Street((-1400, y), (1400, y), "tertiary", name)
        for y, name in ((640, "学士路"), (290, "后河路"), (-240, "南门路"))
    ]
    across += [  # ends at the canal on either side: the bridge that the south lacks
        Street((-1400, -600), (46, -600), "tertiary", "桑园路"),
        Street((74, -600), (1400, -600), "tertiary", "菱塘路"),
    ]
    along = [
        Street((x, low), (x, high), "tertiary", name)
        for x, low, high, name in (
            (-560, -970, 970, "塘西路"),
            (-490, -1400, 1400, "塘东路"),
            (450, -970, 970, "东河路"),
            (710, -1400, 1400, "迎晖大道"),
        )
    ]
    return rings + across + along


def _core() -> list[Street]:
    lanes = [
        Street((-490, 14), (400, 14), "pedestrian", "上塘街", True),
        Street((-490, 130), (400, 130), "living_street", "中市街", True),
        Street((-490, 244), (-72, 244), "footway", "后河沿"),
        Street((-48, 244), (400, 244), "footway", "后河沿"),
        Street((-490, -26), (400, -26), "pedestrian", "下塘街", True),
        Street((-490, -120), (400, -120), "living_street", "酱园街", True),
        Street((-72, 14), (-72, 244), "footway", "小浜西岸"),
        Street((-48, 14), (-48, 244), "footway", "小浜东岸"),
        Street((46, -240), (46, -26), "footway", "南浜西岸"),
        Street((74, -240), (74, -26), "footway", "南浜东岸"),
        Street((400, 14), (400, 970), "residential", "东河沿"),
        Street((400, -970), (400, -26), "residential", "东河沿"),
    ]
    for south, north, xs in ALLEYS.values():
        lanes += [Street((x, south), (x, north), "footway") for x in xs]
    return lanes


def _quarters() -> list[Street]:
    """Streets between compounds."""
    rows = [
        ((-560, -970), (805, 465, 30, -420)),
        ((-490, 400), (805, 465)),
        ((-490, 46), (-420, -785)),
        ((74, 400), (-420, -785)),
        ((450, 970), (805, 465, 150, 30, -30, -135, -420, -785)),
    ]
    found = [Street((min(ends), y), (max(ends), y), "residential") for ends, ys in rows for y in ys]
    columns = [
        ((290, 970), (-275, 170)), ((-970, -240), (-222, 46, 74)), ((30, 970), (-765,)),
        ((-600, -240), (-765,)),
    ]  # fmt: skip
    found += [Street((x, lo), (x, hi), "residential") for (lo, hi), xs in columns for x in xs]
    found.append(Street((-60, 290), (-60, 970), "tertiary", "文昌路"))
    return found


def _humpbacks() -> list[Street]:
    return [Street(a, b, "footway", name, True) for name, a, b in BRIDGES]


def draw_streets(
    canvas: Canvas, drawn: Iterable[Street], gates: dict[Point, dict[str, str]]
) -> None:
    """Every street as ways with a vertex wherever another meets it. gates: tags by place; each
    stands on a street."""
    rows = list(drawn)
    flat = [street for street in rows if street.a[1] == street.b[1]]
    steep = [street for street in rows if street.a[1] != street.b[1]]
    for at, crossing in ((0, steep), (1, flat)):
        for street in flat if at == 0 else steep:
            _draw(canvas, street, at, crossing, gates)
    for place, tags in gates.items():
        canvas.node(place, tags)


def _draw(
    canvas: Canvas, street: Street, at: int, crossing: list[Street], gates: Iterable[Point]
) -> None:
    """at: 0 for a street along x, 1 along y."""
    across = 1 - at
    level, low, high = street.a[across], street.a[at], street.b[at]
    cuts = {low, high}
    for other in crossing:
        if low <= other.a[at] <= high and other.a[across] <= level <= other.b[across]:
            cuts.add(other.a[at])
    cuts |= {place[at] for place in gates if place[across] == level and low <= place[at] <= high}
    decks = []
    for water in WATERS:
        if water[across] < level < water[across + 2]:
            deck = (max(water[at], low), min(water[at + 2], high))
            if deck[0] < deck[1] and deck not in decks:
                decks.append(deck)
    cuts |= {end for deck in decks for end in deck}
    places = sorted(cuts)
    runs: list[list[float]] = []
    for place, beyond in pairwise(places):
        on = any(lo <= place and beyond <= hi for lo, hi in decks)
        if runs and bool(runs[-1][0]) is on:
            runs[-1].append(beyond)
        else:
            runs.append([float(on), place, beyond])
    for on, *stops in runs:
        ways = [(stop, level) if at == 0 else (level, stop) for stop in stops]
        canvas.way(ways, _tags(street, bool(on)))


def _tags(street: Street, on_bridge: bool) -> dict[str, str]:
    tags = {"highway": street.highway} | ({"name": street.name} if street.name else {})
    if on_bridge:
        tags |= {"bridge": "yes", "layer": "1"}
        if street.humpback:
            tags["highway"] = "steps"
    return tags


def draw_canals(canvas: Canvas) -> None:
    """Each canal as an area of water and as a line."""
    for name, width, line in CANALS:
        tags = {"natural": "water", "water": "canal", "name": name}
        canvas.way(band(line, width / 2), tags)
        canvas.way(line, {"waterway": "canal", "name": name, "width": f"{width:g}"})


def band(line: Ring, half: float) -> Ring:
    """The closed outline of a strip along a line, mitred at its corners."""
    left, right = [], []
    for k, (x, y) in enumerate(line):
        ways = [_unit(line[j], line[j + 1]) for j in (k - 1, k) if 0 <= j < len(line) - 1]
        nx, ny = -sum(way[1] for way in ways), sum(way[0] for way in ways)
        # The mitre is longer than half the width by 1 / cos of half the turn.
        scale = half * len(ways) / (nx * nx + ny * ny)
        left.append((x + nx * scale, y + ny * scale))
        right.append((x - nx * scale, y - ny * scale))
    return [*left, *reversed(right), left[0]]


def _unit(a: Point, b: Point) -> Point:
    dx, dy = b[0] - a[0], b[1] - a[1]
    size = (dx * dx + dy * dy) ** 0.5
    return dx / size, dy / size


def in_water(place: Point) -> bool:
    """Whether a place of the core lies on a canal or its bank."""
    return any(
        water.west <= place[0] <= water.east and water.south <= place[1] <= water.north
        for water in WATERS
    )
