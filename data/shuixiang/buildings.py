"""Houses of the old core and buildings of the compounds, and the ways between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from shuixiang.canvas import Canvas, Point, box
from shuixiang.compounds import COMPOUNDS, FORMS, INSET_M, Compound, Form
from shuixiang.streets import ALLEYS, BRIDGES, Street, in_water

LANE_M = 3.0  # from the middle of a lane to the houses
HOUSE_M = 7.0  # front of a house of the core
BESIDE_M = 8.0  # between buildings of a row
DRIVE_M = 5.0  # from the middle of the way through a compound to its buildings
EDGE_M = 6.0  # from the wall to the buildings
BACKS_Y = -11.2  # of the houses whose backs stand in the river, which begins at -11
CORE_PEOPLE = 2.1  # in a hundred square metres of floor of the old houses
PERSONS = 30_000  # of the whole town
PERSONS_IN_A_HOUSEHOLD = 2.6

Rectangle = tuple[float, float, float, float]  # west, south, east, north


class Home(NamedTuple):
    """A building that people live in. number: of the building or house."""

    compound: str
    number: str
    place: Rectangle
    levels: int

    @property
    def floor_m2(self) -> float:
        """Footprint times levels."""
        west, south, east, north = self.place
        return (east - west) * (north - south) * self.levels


@dataclass
class Built:
    """What was set: homes, ways inside of compounds, gates by place with their tags."""

    homes: list[Home] = field(default_factory=list)
    ways: list[Street] = field(default_factory=list)
    gates: dict[Point, dict[str, str]] = field(default_factory=dict)
    gate_rows: list[tuple[str, str, Point, str]] = field(default_factory=list)
    gardens: list[Rectangle] = field(default_factory=list)

    def persons(self) -> dict[str, int]:
        """Residents by compound: by floor area and type, whole numbers that add up."""
        weight: dict[str, float] = {}
        people = {
            each.name: FORMS[each.form].people if each.form else CORE_PEOPLE for each in COMPOUNDS
        }
        for home in self.homes:
            weight[home.compound] = (
                weight.get(home.compound, 0) + home.floor_m2 * people[home.compound]
            )
        return shared_out(PERSONS, weight)


def shared_out(total: int, weight: dict[str, float]) -> dict[str, int]:
    """Whole numbers that add up to the total, in proportion; the largest remainders are rounded up.

    >>> shared_out(10, {"a": 1, "b": 1, "c": 1})
    {'a': 4, 'b': 3, 'c': 3}
    """
    whole = sum(weight.values())
    exact = {key: total * part / whole for key, part in weight.items()}
    found = {key: int(value) for key, value in exact.items()}
    rest = sorted(exact, key=lambda key: -round(exact[key] - found[key], 9))
    for key in rest[: total - sum(found.values())]:
        found[key] += 1
    return found


def households_of(persons: int) -> int:
    """How many households so many persons are.

    >>> households_of(452)
    174
    """
    return round(persons / PERSONS_IN_A_HOUSEHOLD)


def build(lots: Sequence[Point]) -> Built:
    """All homes. lots: places of the core that belong to public houses."""
    built = Built()
    _core(built, lots)
    for compound in COMPOUNDS:
        if compound.form:
            _compound(built, compound, FORMS[compound.form])
    return built


def draw_homes(canvas: Canvas, built: Built) -> None:
    """Homes and outlines of compounds."""
    for compound in COMPOUNDS:
        tags = {"landuse": "residential", "name": compound.name}
        ring = box(*outline_of(compound))
        corners = [place for place in built.gates if _on_edge(place, outline_of(compound))]
        canvas.way(_with(ring, corners), tags)
    forms = {each.name: each.form for each in COMPOUNDS}
    for home in built.homes:
        form = forms[home.compound]
        kind = FORMS[form].building if form else "house"
        tags = {"building": kind, "building:levels": str(home.levels)}
        canvas.way(box(*home.place), tags | {"addr:housenumber": home.number})
    for garden in built.gardens:
        canvas.way(box(*garden), {"landuse": "grass"})


def outline_of(compound: Compound) -> Rectangle:
    """The wall of a compound; lanes of the core are bounded by the lanes themselves."""
    west, south, east, north = compound.box
    inset = INSET_M if compound.form else 0.0
    return west + inset, south + inset, east - inset, north - inset


def _on_edge(place: Point, edge: Rectangle) -> bool:
    (x, y), (west, south, east, north) = place, edge
    on_x = x in (west, east) and south <= y <= north
    return on_x or (y in (south, north) and west <= x <= east)


def _with(ring: list[Point], corners: Iterable[Point]) -> list[Point]:
    """The ring of a rectangle with further vertices on its sides."""
    found = [ring[0]]
    extra = list(corners)
    for a, b in pairwise(ring):
        on = [c for c in extra if c not in (a, b) and _on_edge(c, _hull(a, b))]
        found += sorted(on, key=lambda c: abs(c[0] - a[0]) + abs(c[1] - a[1]))
        found.append(b)
    return found


def _hull(a: Point, b: Point) -> Rectangle:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])


def _compound(built: Built, compound: Compound, form: Form) -> None:
    """Rows of buildings, a way through the middle, a lane between every two rows, and the gates."""
    west, south, east, north = outline_of(compound)
    middle = (west + east) / 2
    pitch = form.depth + form.gap
    rows = int((north - south - 2 * EDGE_M + form.gap) // pitch)
    low = (south + north - rows * pitch + form.gap) / 2
    side = int((east - middle - DRIVE_M - EDGE_M + BESIDE_M) // (form.width + BESIDE_M))
    reach = DRIVE_M + side * (form.width + BESIDE_M) - BESIDE_M
    number = 0
    for row in range(rows):
        y = low + row * pitch
        starts = [middle - DRIVE_M - form.width - k * (form.width + BESIDE_M) for k in range(side)]
        starts = starts[::-1] + [
            middle + DRIVE_M + k * (form.width + BESIDE_M) for k in range(side)
        ]
        for k, x in enumerate(starts):
            place = (x, y, x + form.width, y + form.depth)
            if _is_garden(compound, row, k, rows, len(starts)):
                built.gardens.append(place)
                continue
            number += 1
            levels = form.levels + (
                _noise(compound.name, number) % 3 * 4 if form.levels > 11 else 0
            )
            built.homes.append(Home(compound.name, str(number), place, levels))
    lanes = [low + row * pitch - form.gap / 2 for row in range(1, rows)]
    built.ways += [Street((middle - reach, y), (middle + reach, y), "service") for y in lanes]
    _ways_out(built, compound, middle, lanes, reach)


def _ways_out(
    built: Built, compound: Compound, middle: float, lanes: list[float], reach: float
) -> None:
    """The way through the middle to the gates in the south and north, and lanes to those at the
    sides."""
    west, south, east, north = outline_of(compound)
    street = compound.box
    gates = compound.gates
    down = street[1] if not gates or "south" in gates else lanes[0]
    up = street[3] if not gates or "north" in gates else lanes[-1]
    built.ways.append(Street((middle, down), (middle, up), "service"))
    lane = lanes[len(lanes) // 2]
    if "west" in gates:
        built.ways.append(Street((street[0], lane), (middle - reach, lane), "service"))
    if "east" in gates:
        built.ways.append(Street((middle + reach, lane), (street[2], lane), "service"))
    places = {
        "south": (middle, south),
        "north": (middle, north),
        "west": (west, lane),
        "east": (east, lane),
    }
    for side, access in gates.items():
        built.gates[places[side]] = {"barrier": "gate"}
        built.gate_rows.append((compound.name, side, places[side], access))


def _is_garden(compound: Compound, row: int, k: int, rows: int, count: int) -> bool:
    """Whether a place in the rows stays green: one in a dozen, never of the first two rows, which
    tests count on."""
    return rows > 2 and row >= 2 and _noise(compound.name, row * count + k) % 9 == 0


def _core(built: Built, lots: Sequence[Point]) -> None:
    """Terraces along the lanes, round the courts of the blocks; and houses on the water."""
    lanes = [each for each in COMPOUNDS if not each.form]
    skips = [x for _, (x, y), _ in BRIDGES if y == -26]
    found: list[tuple[Rectangle, str]] = []
    for strip, (south, north) in (
        ("north", (14, 130)), ("north", (130, 244)), ("south", (-120, -26)), ("south", (-240, -120)),
    ):  # fmt: skip
        for west, east in _blocks(strip):
            found += _block((west, south, east, north))
    for x in _steps(-487, 397):  # houses that stand with their backs in the river
        if all(abs(x + HOUSE_M / 2 - skip) > 10 for skip in skips):
            found.append(((x, -23, x + HOUSE_M, BACKS_Y), "water"))
    count: dict[str, int] = {}
    for place, side in found:
        dry = place if side != "water" else (*place[:3], BACKS_Y - 3)
        if any(_holds(place, lot) for lot in lots) or _wet(dry):
            continue
        inner = ((place[0] + place[2]) / 2, (place[1] + place[3]) / 2)
        home = next((each.name for each in lanes if _holds(each.box, inner)), "")
        if home:
            count[home] = count.get(home, 0) + 1
            built.homes.append(Home(home, str(count[home]), place, 2))


def _blocks(strip: str) -> list[tuple[float, float]]:
    """West and east of the blocks of a strip, between lanes."""
    xs = sorted([-490, 400, *ALLEYS[strip][2], *((-72, -48) if strip == "north" else (46, 74))])
    gap = (-72, -48) if strip == "north" else (46, 74)
    return [(a, b) for a, b in pairwise(xs) if (a, b) != gap]


def _block(block: Rectangle) -> list[tuple[Rectangle, str]]:
    """Houses round a block. Fronts stand on the lane; depths differ from house to house."""
    west, south, east, north = (
        block[0] + LANE_M, block[1] + LANE_M, block[2] - LANE_M, block[3] - LANE_M,
    )  # fmt: skip
    found: list[tuple[Rectangle, str]] = []
    for x in _steps(west, east):
        depth = 9 + _noise("s", int(x), int(south)) % 4
        found.append(((x, south, x + HOUSE_M, south + depth), "south"))
        depth = 9 + _noise("n", int(x), int(north)) % 4
        found.append(((x, north - depth, x + HOUSE_M, north), "north"))
    for y in _steps(south + 14, north - 13):
        if _noise("court", int(west), int(y)) % 8:
            depth = 8 + _noise("w", int(west), int(y)) % 4
            found.append(((west, y, west + depth, y + HOUSE_M), "west"))
        if east - west > 30 and _noise("court", int(east), int(y)) % 8:
            depth = 8 + _noise("e", int(east), int(y)) % 4
            found.append(((east - depth, y, east, y + HOUSE_M), "east"))
    return found


def _steps(low: float, high: float) -> list[float]:
    return [low + HOUSE_M * k for k in range(int((high - low) // HOUSE_M))]


def _wet(place: Rectangle) -> bool:
    west, south, east, north = place
    return any(
        in_water(corner) for corner in ((west, south), (east, south), (west, north), (east, north))
    )


def _holds(place: Rectangle, point: Point) -> bool:
    west, south, east, north = place
    return west <= point[0] <= east and south <= point[1] <= north


def _noise(*words: object) -> int:
    """A number that looks like chance and is the same on every machine."""
    value = 2166136261
    for letter in "/".join(map(str, words)):
        value = (value ^ ord(letter)) * 16777619 % 2**32
    return value >> 8
