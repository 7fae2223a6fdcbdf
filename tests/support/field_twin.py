"""Slow plain twins of the kernels behind isochrones, and small random yards to try both on.

Written from what each kernel promises: every start on an edge by itself, every street and every
barrier for every pixel, one polygon for every cell. Rates are powers of two, so that times and
places on an edge come out without rounding.
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
import shapely
from hypothesis import strategies as st

from gusu_geo._kernels import INF_CS
from gusu_geo._kernels.contours import Chords
from gusu_geo._kernels.fields import TILE, Blocks, Field, Grid, StreetPieces, bucket
from gusu_geo._kernels.rings import Rings
from gusu_geo._kernels.stretches import Sources, Ways

INF = int(INF_CS)
RATES = [0.5, 1.0, 2.0, np.inf]  # centiseconds a centimetre
EPS = 1e-6  # metres, or a share of a leg: closer than this is too close to call
XY = tuple[float, float]


class Search(NamedTuple):
    """What a search left behind: times of trip nodes, the streets, the starts on them."""

    cs: np.ndarray
    ways: Ways
    sources: Sources
    cutoff_cs: int


class Yard(NamedTuple):
    """A search, the polylines of its edges, and the field of what lies around."""

    search: Search
    vertex_ptr: np.ndarray
    vertex_xy: np.ndarray
    vertex_m: np.ndarray
    field: Field


def _ways(draw: st.DrawFn, nodes: int, lengths: list[int], uv: np.ndarray, off_cs: float) -> Ways:
    """Edges with waits, barred directions and, of some nodes, a second copy."""
    edges = len(lengths)
    copies = draw(st.lists(st.integers(0, nodes - 1), max_size=2, unique=True))
    copy = {node: nodes + k for k, node in enumerate(copies)}
    other = np.array([[copy.get(n, n) for n in pair] for pair in uv.tolist()]).reshape(-1, 2)
    touch = [sorted({e for e in range(edges) if n in uv[e]}) for n in range(nodes)]
    per_edge = {"min_size": edges, "max_size": edges}
    wait = st.lists(st.sampled_from([0, 0, 0, 3, INF]), min_size=2 * edges, max_size=2 * edges)
    return Ways(
        net_node=np.array([*range(nodes), *copies], np.int32),
        arc_ptr=np.cumsum([0, *map(len, touch)]),
        arc_edge=np.array([e for row in touch for e in row], np.int32),
        ends=np.stack([uv, other], axis=2).astype(np.int32),
        wait_cs=np.array(draw(wait), np.int32).reshape(-1, 2),
        length_cm=np.array(lengths, np.int32),
        ahead=np.array(draw(st.lists(st.sampled_from(RATES), **per_edge)), float),
        back=np.array(draw(st.lists(st.sampled_from(RATES), **per_edge)), float),
        off_cs=off_cs,
    )


@st.composite
def searches(
    draw: st.DrawFn,
    uv: np.ndarray | None = None,
    lengths: list[int] | None = None,
    *,
    most: int = 50,
) -> Search:
    """A search with any times at all: no kernel here asks that they fit each other."""
    nodes = draw(st.integers(1, 4)) if uv is None else int(uv.max()) + 1
    if uv is None or lengths is None:
        node = st.integers(0, nodes - 1)
        pairs = draw(st.lists(st.tuples(node, node), min_size=1, max_size=5))
        uv = np.array(pairs)
        count = len(pairs)
        lengths = draw(st.lists(st.integers(0, 40), min_size=count, max_size=count))
    ways = _ways(draw, nodes, lengths, uv, float(draw(st.sampled_from([50, 100]))))
    trip_nodes = len(ways.net_node)
    late = st.one_of(st.integers(0, most // 2), st.integers(0, most), st.just(INF))
    cs = draw(st.lists(late, min_size=trip_nodes, max_size=trip_nodes))
    starts = []
    for _ in range(draw(st.integers(0, 3))):
        e = draw(st.integers(0, len(lengths) - 1))
        starts.append((e, draw(st.integers(0, lengths[e])), draw(st.integers(0, most))))
    sources = np.array(sorted(starts), np.int64).reshape(-1, 3).T.copy()
    cutoff_cs = draw(st.integers(0, most))
    return Search(np.array(cs, np.int32), ways, Sources(*sources), cutoff_cs)


@st.composite
def yards(draw: st.DrawFn) -> Yard:
    """Up to ten streets and three walls in a square of 210 m, over nine tiles."""
    spot = st.tuples(*[st.integers(-6, 8).map(lambda n: 10.0 * n)] * 2)
    places = draw(st.lists(spot, min_size=2, max_size=5, unique=True))
    pair = st.lists(st.integers(0, len(places) - 1), min_size=2, max_size=2, unique=True)
    pairs = draw(st.lists(pair, min_size=1, max_size=6))
    bends = [draw(st.lists(spot, max_size=1)) for _ in pairs]
    if draw(st.booleans()):  # round a block, so that there are holes
        first, (x, y), side = len(places), draw(spot), draw(st.sampled_from([50.0, 90.0]))
        places += [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
        pairs += [[first, first + 1], [first + 1, first + 2], [first + 2, first + 3]]
        pairs += [[first, first + 3]]
        bends += [[]] * 4
    lines = [[places[a], *bend, places[b]] for (a, b), bend in zip(pairs, bends, strict=True)]
    steps_m = [[0.0, *(float(np.hypot(*np.subtract(q, p))) for p, q in pairwise(r))] for r in lines]
    drawn_m = np.array([sum(steps) for steps in steps_m])
    lengths = [max(int(100 * m), 1) * draw(st.sampled_from([1, 2])) for m in drawn_m]
    uv = np.array(pairs)
    used = np.unique(uv)
    search = draw(searches(np.searchsorted(used, uv), lengths, most=20_000))
    xy = [(*p, *q) for line in lines for p, q in pairwise(line)]
    edge = [e for e, line in enumerate(lines) for _ in line[1:]]
    before_m = np.concatenate([np.cumsum(steps)[:-1] for steps in steps_m])
    scale = np.array(lengths)[edge] / 100 / np.maximum(drawn_m, 0.01)[edge]
    streets = StreetPieces(np.array(xy), np.array(edge, np.int32), before_m * scale, scale)
    bent = st.tuples(*[st.integers(-70, 130).map(lambda n: n + 0.3)] * 4)
    walls = draw(st.lists(bent, max_size=3))
    touch_m = draw(st.lists(st.sampled_from([0.1, 0.5]), min_size=len(walls), max_size=len(walls)))
    blocks = Blocks(np.array(walls, float).reshape(-1, 4), np.array(touch_m, float))
    return Yard(
        search,
        np.cumsum([0, *map(len, lines)]),
        np.array([p for line in lines for p in line]),
        np.concatenate([np.cumsum(steps) for steps in steps_m]),
        field_of(streets, blocks, draw(st.sampled_from([12.0, 30.0]))),
    )


def field_of(streets: StreetPieces, blocks: Blocks, reach_m: float) -> Field:
    """The field, with a slot for each of its 3 x 3 tiles and nothing filled."""
    grid = Grid(-160.0, -160.0, 5.0, 3, 3)
    margin_m, tiles = reach_m + grid.cell_m, grid.columns * grid.rows
    return Field(
        grid, streets, bucket(streets.xy, grid, margin_m), blocks,
        bucket(blocks.xy, grid, margin_m), reach_m, np.arange(tiles, dtype=np.int32),
        np.zeros((tiles, TILE, TILE), np.int32), *np.zeros((2, tiles, TILE, TILE), np.float32),
    )  # fmt: skip


# -- Streets -----------------------------------------------------------------------------------


def plain_onto(search: Search, e: int, side: int) -> float:
    """When one walks onto an edge at its end: the earlier copy, and the wait."""
    cs, wait = search.cs[search.ways.ends[e, side]].min(), search.ways.wait_cs[e, side]
    return np.inf if INF in (cs, wait) else float(cs) + float(wait)


def plain_starts(search: Search, e: int) -> list[tuple[float, float, int]]:
    """Place, time and way (1 away from u, -1 away from v) of all who set out along an edge."""
    ways, sources = search.ways, search.sources
    length = float(ways.length_cm[e])
    starts = [(0.0, plain_onto(search, e, 0), 1), (length, plain_onto(search, e, 1), -1)]
    for edge, at_cm, cs in zip(*sources, strict=True):
        if edge == e:
            starts += [(float(at_cm), float(cs), 1), (float(at_cm), float(cs), -1)]
    return [s for s in starts if s[1] < np.inf and plain_rate(search, e, s[2]) < np.inf]


def plain_rate(search: Search, e: int, way: int) -> float:
    return float(search.ways.ahead[e] if way == 1 else search.ways.back[e])


def plain_walked(search: Search) -> list[int]:
    """Edges with a start on them, or walked onto within the cutoff."""
    ends = [(0.0, 1, 0), (0.0, -1, 1)]
    return [
        e
        for e in range(len(search.ways.length_cm))
        if e in search.sources.edge
        or any(
            plain_rate(search, e, way) < np.inf and plain_onto(search, e, side) <= search.cutoff_cs
            for _, way, side in ends
        )
    ]


def plain_time(search: Search, e: int, cm: float) -> float:
    """Least time at a place, over all who set out towards it."""
    ways = [(t + (cm - at) * way * plain_rate(search, e, way), (cm - at) * way)
            for at, t, way in plain_starts(search, e)]  # fmt: skip
    return min((t for t, forward in ways if forward >= 0), default=np.inf)


def plain_reached(search: Search, e: int, cutoff_cs: float) -> list[tuple[float, float]]:
    """What is reached of an edge: runs that do not meet, from and to."""
    runs = []
    for at, t, way in plain_starts(search, e):
        if t <= cutoff_cs:
            far = at + way * (cutoff_cs - t) / plain_rate(search, e, way)
            far = min(max(far, 0.0), float(search.ways.length_cm[e]))
            runs.append((min(at, far), max(at, far)))
    return merged(runs)


def merged(runs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Runs with those that meet put together; those of no length count for nothing."""
    out: list[tuple[float, float]] = []
    for low, high in sorted(r for r in runs if r[1] > r[0]):
        if out and low <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return out


# -- Fields ------------------------------------------------------------------------------------


def tile_box(grid: Grid, tile: int) -> tuple[float, float, float, float]:
    side = grid.cell_m * TILE
    x, y = grid.x0 + tile % grid.columns * side, grid.y0 + tile // grid.columns * side
    return x, y, x + side, y + side


def plain_sight(at: XY, street: np.ndarray, blocks: Blocks) -> bool | None:
    """Whether a place sees the nearest point of a street; None: too close to call."""
    line = shapely.LineString([street[:2], street[2:]])
    along = line.project(shapely.Point(at))
    back = min(1.0, line.length / 2)  # a metre inside
    to = line.interpolate(min(max(along, back), line.length - back))
    sure = True
    for xy, touch_m in zip(blocks.xy, blocks.touch_m, strict=True):
        leg = np.array([to.x - at[0], to.y - at[1]])
        wall, offset = xy[2:] - xy[:2], xy[:2] - at
        matrix = np.column_stack([leg, -wall])
        if abs(np.linalg.det(matrix)) < EPS:
            sure = sure and float(np.hypot(*leg)) > EPS
            continue
        on_leg, on_wall = np.linalg.solve(matrix, offset)
        left_m = (1 - on_leg) * np.hypot(*leg) - touch_m
        deep = min(on_leg, 1 - on_leg, on_wall, 1 - on_wall, left_m)
        if deep > EPS:
            return False
        sure = sure and deep < -EPS
    return True if sure else None


class Seen(NamedTuple):
    """A street from a place: metres away, metres along its edge, and whether it is in sight."""

    apart_m: float
    along_m: float
    sight: bool | None


def plain_seen(at: XY, streets: StreetPieces, blocks: Blocks, s: int) -> Seen:
    line = shapely.LineString(streets.xy[s].reshape(2, 2))
    along_m = streets.along_m[s] + line.project(shapely.Point(at)) * streets.scale[s]
    return Seen(line.distance(shapely.Point(at)), along_m, plain_sight(at, streets.xy[s], blocks))


def plain_nearest_streets(at: XY, field: Field) -> tuple[dict[int, Seen], bool]:
    """The streets that may be the nearest in sight within reach, and whether none may be."""
    out: dict[int, Seen] = {}
    streets = range(len(field.streets.edge))
    seen = [(s, plain_seen(at, field.streets, field.blocks, s)) for s in streets]
    best = field.reach_m
    for s, told in sorted(seen, key=lambda pair: pair[1].apart_m):
        if told.apart_m > best + EPS:
            break
        if told.sight is not False:
            out[s] = told
        if told.sight and told.apart_m < field.reach_m - EPS:
            best = min(best, told.apart_m)
    return out, best == field.reach_m


def plain_off_m(apart_m: float) -> float:
    """Metres that count as walked off a street: none within 3 m, all from 6 m on."""
    return apart_m if apart_m >= 6.0 else float(np.interp(apart_m, [3.0, 6.0], [0.0, 6.0]))


def plain_pixel_cs(at: XY, yard: Yard) -> list[float]:
    """Times that a place may have: more than one where the nearest street is too close to call."""
    streets, none = plain_nearest_streets(at, yard.field)
    walked = plain_walked(yard.search)
    out = [np.inf] if none else []
    for s, told in streets.items():
        e = int(yard.field.streets.edge[s])
        cm = min(100.0 * told.along_m, float(yard.search.ways.length_cm[e]))
        cs = plain_time(yard.search, e, cm) if e in walked else np.inf
        out.append(cs + yard.search.ways.off_cs * plain_off_m(told.apart_m))
    return out


# -- Outlines ----------------------------------------------------------------------------------


def pixel(grid: Grid, i: int, j: int) -> XY:
    """Centre of a pixel, counted from the lower left of the grid."""
    return grid.x0 + (i + 0.5) * grid.cell_m, grid.y0 + (j + 0.5) * grid.cell_m


def pixels_near(streets: StreetPieces, grid: Grid, seed: int, count: int) -> list[tuple[int, int]]:
    """Random pixels around streets, where something happens."""
    rng = np.random.default_rng(seed)
    out = []
    for s, share in zip(rng.integers(0, len(streets.xy), count), rng.random(count), strict=True):
        (a, b), aside = streets.xy[s].reshape(2, 2), rng.uniform(-35, 35, 2)
        i, j = np.floor((a + share * (b - a) + aside - (grid.x0, grid.y0)) / grid.cell_m)
        out.append((int(i), int(j)))
    return out


def plain_cells(c: Chords, cutoff: int, grid: Grid) -> shapely.Geometry:
    """What is inside within a cutoff, put together cell by cell from corners and borders."""
    wide = grid.columns * TILE
    border: dict[int, XY] = {}
    for k in np.flatnonzero(c.cutoff == cutoff).tolist():
        border[int(c.start[k])] = tuple(c.xy[k])
    shapes = []
    for tile, j, i in product(np.flatnonzero(c.rank >= 0).tolist(), range(TILE), range(TILE)):
        case = int(c.case[cutoff, c.rank[tile], j, i])
        if case == 0:
            continue
        column, row = tile % grid.columns * TILE + i, tile // grid.columns * TILE + j
        number = row * wide + column
        # Corner, then the grid edge from it to the next corner, once round to the left.
        corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
        sides = [2 * number, 2 * (number + 1) + 1, 2 * (number + wide), 2 * number + 1]
        if case in (5, 10):  # two corners apart: a triangle each
            for k in (0, 2) if case == 5 else (1, 3):
                at = pixel(grid, column + corners[k][0], row + corners[k][1])
                shapes.append(shapely.Polygon([border[sides[k - 1]], at, border[sides[k]]]))
            continue
        ring = []
        for k, (di, dj) in enumerate(corners):
            here, then = case >> k & 1, case >> (k + 1) % 4 & 1
            ring += [pixel(grid, column + di, row + dj)] if here else []
            ring += [border[sides[k]]] if here != then else []
        shapes.append(shapely.Polygon(ring))
    return shapely.union_all(np.array(shapes, object))


def ring_polygons(r: Rings) -> list[shapely.Polygon]:
    """Each ring by itself, filled."""
    return [shapely.Polygon(r.xy[a:b]) for a, b in pairwise(r.ptr.tolist())]


def whole(r: Rings) -> shapely.Geometry:
    """The shells without their holes."""
    rounds, signs = ring_polygons(r), r.area_m2
    shells = [p for p, area in zip(rounds, signs, strict=True) if area > 0]
    holes = [p for p, area in zip(rounds, signs, strict=True) if area < 0]
    return shapely.difference(shapely.union_all(shells), shapely.union_all(holes))
