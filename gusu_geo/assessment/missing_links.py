"""Missing links: streets close in a straight line but far on foot, and the obstacle between them.

Street points every ``spacing_m``; pairs within ``air_max_m``; lengths walked on public streets,
the same both ways. A pair is a missing link if the way is at least ``walk_min_m`` and at least
``ratio_min`` times the air line. Each link is judged by itself: savings of several links do not
add up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo._kernels import INF_CS, Direct, Owners, label_components, owner_sets
from gusu_geo._kernels.pairs import Close, PairWays
from gusu_geo._kernels.rounds import CM_PER_M
from gusu_geo.assessment.between import (
    BETWEEN,
    CAR_STREETS,
    GATE,
    PRIVATE,
    PointPairs,
    air_lines,
    crossed_kind,
    gates_open,
    meets,
    privates_open,
    street_pace,
)
from gusu_geo.assessment.link_gains import Gains, People, gains_of
from gusu_geo.assessment.openings import Openings, as_changes, openings_of
from gusu_geo.assessment.street_points import (
    StreetPoints,
    joined,
    level_pace,
    split_at,
    street_points,
    ways_between,
)
from gusu_geo.errors import InputError
from gusu_geo.geometry import ends_of
from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import ISLAND_MAX_M, Walk
from gusu_geo.tables import Bools, Floats, Int8s, Ints, WayFlag
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.walking.linkage import Linked
from gusu_geo.walking.search import Ends, goals, same_edge, sources, starts
from gusu_geo.walking.snapping import MIDWAY, islands
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text

ROUND_M = 100.0  # crossings between neighbouring streets that save less are ignored


@dataclass(frozen=True)
class LinkSearch:
    """What counts as a missing link, and how far to search.

    air_max_m: longest air line; walk_min_m, ratio_min: shortest way on foot, in metres and as a
    multiple of the air line; cutoff_m: longest way that is followed; apart_m: a link with both
    ends this near to those of a better one is the same gap; near_m: persons within this walk of
    either end count; spacing_m: distance between street points; open_max_m: streets at most this
    far apart with no known obstacle between are sidewalk and road, crossed anywhere; piece_min_m:
    a shorter piece of network that is cut off from the rest is a gap in the data, unless opening a
    gate or a private way joins it.
    """

    air_max_m: float = 100.0
    walk_min_m: float = 500.0
    ratio_min: float = 5.0
    cutoff_m: float = 3000.0
    apart_m: float = 150.0
    near_m: float = 300.0
    spacing_m: float = 45.0
    open_max_m: float = 15.0
    piece_min_m: float = ISLAND_MAX_M

    def __post_init__(self) -> None:
        """Raises InputError: a number that is not finite or not above 0, a cutoff too short."""
        for name, value in vars(self).items():
            if not (np.isfinite(value) and value > 0):
                raise InputError(text("error.number_above_zero", name=name), got=value)
        if self.cutoff_m < max(self.walk_min_m, self.ratio_min * self.air_max_m):
            raise InputError(text("error.cutoff_too_near"), got=self.cutoff_m)


def missing_links(
    net: WalkNetwork,
    *,
    walk: Walk | None = None,
    barriers: Barriers | None = None,
    area: shapely.Geometry | None = None,
    people: People | None = None,
    search: LinkSearch | None = None,
) -> gpd.GeoDataFrame:
    """Pairs of streets close in a straight line but far on foot, the worst first, in the
    network's CRS.

    area: polygon in metres that must contain one end; people: with a door within ``near_m`` on foot
    of either end they count once as near, and by how they are judged follows what a link would
    give them (``link_gains``); without people only metres decide the rank.

    Index = rank from 1. Columns: air_m; walk_m (``cutoff_m`` where ``cut_off``: no way within
    it); ratio; saved_m = walk_m - air_m; persons; gained_persons, gained_service_persons,
    door_persons, gains_missing: see ``link_gains.Gains``; between: "water", "waterway", "railway",
    "motorway", "wall" (what the air line crosses), "gate" or "private" (opening these is enough to
    close the gap), "unknown"; levels: the air line meets a bridge or tunnel, so its ends may lie at
    different heights; change: the link as a change of a scenario (JSON); edge_a, edge_b, way_a,
    way_b, name_a, name_b. Geometry = the air line.
    Rank: gained_persons, gained_service_persons (unknown as 0), saved_m x persons, saved_m; of
    equal ones the western first.
    """
    search = search or LinkSearch()
    gaps = _Gaps.of(net, walk or Walk(), search)
    pairs = gaps.near_by_air(area, gaps.walked(gaps.trips, gaps.short_m()), search.walk_min_m)
    gaps = gaps.with_crossings(barriers)
    pairs = gaps.in_view(gaps.far(pairs))
    between = gaps.between(pairs, barriers)
    real = gaps.real(pairs, between)
    pairs, between = gaps.measured(pairs.rows(real)), between[real]
    kept = gaps.apart(pairs)
    pairs, between = pairs.rows(kept), between[kept]
    near = np.zeros(len(kept))
    if people is not None:
        near = gaps.persons_near(pairs, people.homes, people.persons)
    openings = openings_of(gaps.trips, gaps.walk, gaps.points, gaps.ends, pairs, between)
    gains = gains_of(openings, air_lines(gaps.points, pairs), people, barriers)
    return gaps.ranked(pairs, between, near, openings, gains)


class _Gaps(NamedTuple):
    """Street points, and the ways between them."""

    walk: Walk
    search: LinkSearch
    points: StreetPoints
    trips: Trips
    ends: Ends

    @classmethod
    def of(cls, net: WalkNetwork, walk: Walk, search: LinkSearch) -> _Gaps:
        """Points on all streets that can be a goal on foot: not those for cars only."""
        pace = street_pace(net, walk)
        points = street_points(net, pace, search.spacing_m, island_max_m=0.0)
        points = points.rows(~np.isin(net.highway[points.links.edge_ix], CAR_STREETS))
        trips = Trips.paced(net, pace)
        return cls(walk, search, points, trips, starts(trips, points.links))

    def with_crossings(self, barriers: Barriers | None) -> _Gaps:
        """The same with crossings added between parallel streets without a known obstacle:
        sidewalk and road, two carriageways."""
        side = self._replace(search=replace(self.search, air_max_m=self.search.open_max_m))
        # Where the way is short already, a crossing changes little; where opening a gate or a
        # private way makes it short, that is the obstacle.
        pairs = side.near_by_air(None, self.walked(self.trips, ROUND_M), ROUND_M)
        for trips in (gates_open(self.trips), privates_open(self.trips, self.walk)):
            way_cm = self.walked(trips, ROUND_M).between(pairs.a, pairs.b)
            pairs = pairs.rows(way_cm >= ROUND_M * CM_PER_M)
        if barriers is not None and len(barriers):
            pairs = pairs.rows(barriers.crossed(ends_of(air_lines(self.points, pairs))) == 0)
        stops, at = np.unique(np.concatenate([pairs.a, pairs.b]), return_inverse=True)
        trips, ends = split_at(self.trips, self.points, stops)
        node = self.trips.nodes + at.reshape(2, -1)
        return self._replace(trips=joined(trips, node[0], node[1], pairs.air_cm), ends=ends)

    def near_by_air(
        self, area: shapely.Geometry | None, walked: PairWays, least_m: float
    ) -> PointPairs:
        """All pairs within ``air_max_m`` that are at least ``least_m`` apart on foot, the western
        point (then the southern) first. Works in blocks, since few of the near pairs remain."""
        xy, edge = self.points.xy, self.points.links.edge_ix
        order = np.lexsort((edge, *self.places(np.arange(len(xy)))))
        inside = np.ones(len(xy), bool)
        if area is not None:
            shapely.prepare(area)
            inside = np.asarray(shapely.contains_xy(area, xy))
        none = np.zeros(0, np.int64)
        parts = [(none, none, none)]
        for near in Close(xy[order], self.search.air_max_m).blocks():
            a, b = (order[side] for side in near)
            either = inside[a] | inside[b]
            a, b = a[either], b[either]
            walk_cm = walked.between(a, b)
            far = walk_cm >= least_m * CM_PER_M
            parts.append((a[far], b[far], walk_cm[far]))
        a, b, walk_cm = (np.concatenate(column) for column in zip(*parts, strict=True))
        air_cm = np.rint(np.hypot(*(xy[a] - xy[b]).T) * CM_PER_M).astype(np.int64)
        return PointPairs(a, b, air_cm, walk_cm)

    def places(self, pick: Ints) -> Ints:
        """(2, n) whole centimetres of points, y before x: ``lexsort`` keys from west to east."""
        return np.rint(self.points.xy[pick, ::-1].T * CM_PER_M).astype(np.int64)

    def least(self, pairs: PointPairs) -> Floats:
        """(pairs,) centimetres on foot from which on a pair is a missing link."""
        ratio = self.search.ratio_min * pairs.air_cm
        return np.asarray(np.maximum(self.search.walk_min_m * CM_PER_M, ratio))

    def far(self, pairs: PointPairs) -> PointPairs:
        """The pairs with a way of at least ``least``; ways are followed no farther than it."""
        walk_cm = self.walked(self.trips, self.short_m()).between(pairs.a, pairs.b)
        return pairs._replace(walk_cm=walk_cm).rows(walk_cm >= self.least(pairs))

    def measured(self, pairs: PointPairs) -> PointPairs:
        """The pairs with the whole length of their ways, up to ``cutoff_m``."""
        ways = self.walked(self.trips, self.search.cutoff_m)
        walk_cm = np.full(len(pairs.a), ways.cutoff)
        # Between pieces of network there is no way, and to find none takes longest.
        arcs = self.trips.out
        piece = label_components(arcs.tail, arcs.head, self.trips.nodes)[self.ends.node[:, 0]]
        same = np.flatnonzero(piece[pairs.a] == piece[pairs.b])
        walk_cm[same] = ways.between(pairs.a[same], pairs.b[same])
        return pairs._replace(walk_cm=walk_cm)

    def short_m(self) -> float:
        """How far ways must be followed to decide whether a pair is a missing link."""
        return max(self.search.walk_min_m, self.search.ratio_min * self.search.air_max_m)

    def walked(self, trips: Trips, cutoff_m: float) -> PairWays:
        """Centimetres on foot between points, at most the cutoff."""
        return ways_between(trips, self.points, self.ends, cutoff_m)

    def in_view(self, pairs: PointPairs) -> PointPairs:
        """The pairs without a public street between; others have a gap nearer by."""
        net = self.trips.net
        streets = ~self.trips.pace.closed & ~net.flagged(*MIDWAY)
        streets &= ~np.isin(net.highway, CAR_STREETS)
        return pairs.rows(~meets(self.trips.net, self.points, pairs, np.flatnonzero(streets)))

    def between(self, pairs: PointPairs, barriers: Barriers | None) -> Int8s:
        """(pairs,) code of the obstacle, see ``between.BETWEEN``."""
        kind = crossed_kind(self.trips.net, self.points, pairs, barriers)
        opened = (PRIVATE, privates_open(self.trips, self.walk)), (GATE, gates_open(self.trips))
        for code, trips in opened:
            way_cm = self.walked(trips, self.short_m()).between(pairs.a, pairs.b)
            kind[way_cm < self.least(pairs)] = code
        return kind

    def real(self, pairs: PointPairs, between: Int8s) -> Bools:
        """(pairs,) false where the gap is more likely an error of the map than a real one."""
        net, edge = self.trips.net, self.points.links.edge_ix
        a, b = edge[pairs.a], edge[pairs.b]
        piece = islands(net, ~self.trips.pace.closed, self.search.piece_min_m)
        mended = np.isin(between, (GATE, PRIVATE)) | ~(piece[a] | piece[b])
        sides = (net.name[a] == net.name[b]) & (net.name[a] != "")  # of one street
        return np.asarray(mended & ((between > 0) | ~sides), bool)

    def apart(self, pairs: PointPairs) -> Ints:
        """Positions of one pair per gap, best first; pairs with both ends near those of a better
        one are left out."""
        from scipy.spatial import cKDTree

        west, east = self.places(pairs.a), self.places(pairs.b)
        # Excess over the required ratio: prefers links straight across to oblique ones.
        excess = pairs.walk_cm - self.search.ratio_min * pairs.air_cm
        # Ties by location, so that the result does not depend on how streets are numbered.
        order = np.lexsort((*east, *west, -excess))
        ends = np.stack([west.T, east.T], axis=1).astype(float)
        apart_cm = self.search.apart_m * CM_PER_M
        tree = cKDTree(ends.mean(axis=1))
        free, kept = np.ones(len(ends), bool), []
        for i in order.tolist():
            if not free[i]:
                continue
            kept.append(i)
            near = np.array(tree.query_ball_point(tree.data[i], apart_cm + 1), np.int64)
            for mine in (ends[i], ends[i, ::-1]):
                away = np.hypot(*(ends[near] - mine).transpose(2, 0, 1))
                free[near[(away <= apart_cm).all(axis=1)]] = False
        return np.array(kept, np.int64)

    def persons_near(self, pairs: PointPairs, homes: Linked, persons: Floats) -> Floats:
        """(pairs,) persons with a door within ``near_m`` on foot of either end, counted once."""
        trips = Trips.paced(self.trips.net, level_pace(self.trips.net, self.walk))
        links = self.points.rows(np.concatenate([pairs.a, pairs.b])).links
        pair_ix = np.tile(np.arange(len(pairs.a)), 2)
        door, owner = goals(trips, homes.links), homes.links.owner_ix
        straight = same_edge(trips.pace, links, homes.links)
        by = np.argsort(pair_ix[straight.a_ix], kind="stable")
        found = owner_sets(
            trips.packed(towards=False),
            sources(starts(trips, links), pair_ix, len(pairs.a)),
            Owners.of(
                trips.nodes, door.node.ravel(), np.repeat(owner, 2), door.cs.ravel(), len(homes.ids)
            ),
            Direct(
                np.searchsorted(pair_ix[straight.a_ix[by]], np.arange(len(pairs.a) + 1)),
                owner[straight.b_ix[by]].astype(np.int32),
                np.minimum(straight.cs[by], INF_CS).astype(np.int32),
            ),
            cutoff_to_cs(self.search.near_m),
        )
        near = np.zeros(len(pairs.a))
        for chunk in found:
            for at, homes_ix in enumerate(np.split(chunk.ix, chunk.ptr[1:-1]), chunk.first):
                near[at] = persons[np.sort(homes_ix)].sum()
        return near

    def ranked(
        self,
        pairs: PointPairs,
        between: Int8s,
        persons: Floats,
        openings: Openings,
        gains: Gains,
    ) -> gpd.GeoDataFrame:
        """The table, worst first."""
        net, edge = self.trips.net, self.points.links.edge_ix
        a, b = edge[pairs.a], edge[pairs.b]
        saved = pairs.walk_cm - pairs.air_cm
        levels = np.flatnonzero(net.flagged(WayFlag.BRIDGE, WayFlag.TUNNEL))
        frame = gpd.GeoDataFrame(
            {
                "air_m": pairs.air_cm / CM_PER_M,
                "walk_m": pairs.walk_cm / CM_PER_M,
                "cut_off": pairs.walk_cm >= self.search.cutoff_m * CM_PER_M,
                "ratio": np.round(pairs.walk_cm / np.maximum(pairs.air_cm, 1), 2),
                "saved_m": saved / CM_PER_M,
                "persons": persons,
                **gains.columns(),
                "between": np.array([BETWEEN[code] for code in between.tolist()], object),
                "levels": meets(net, self.points, pairs, levels),
                "change": as_changes(net, openings),
                "edge_a": a,
                "edge_b": b,
                "way_a": net.way_id[a],
                "way_b": net.way_id[b],
                "name_a": net.name[a],
                "name_b": net.name[b],
            },
            geometry=air_lines(self.points, pairs),
            crs=net.crs,
        )
        places = (*self.places(pairs.b), *self.places(pairs.a))
        gained = (np.nan_to_num(-one) for one in (gains.service_persons, gains.persons))
        order = np.lexsort((*places, -saved, -np.round(saved * persons), *gained))
        frame = frame.iloc[order]
        frame.index = pd.RangeIndex(1, len(frame) + 1, name="rank")
        return frame
