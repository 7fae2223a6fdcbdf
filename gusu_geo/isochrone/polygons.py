"""Polygons around reached streets: outlines from the field, without water, covering all pieces.

A place is inside if a straight leg, within reach, to the nearest street in sight ends on a piece
that was reached in time. Bridges and tunnels are on another level and cannot be left midway: only
a strip along them is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, repeat
from typing import NamedTuple, Protocol

import numpy as np
import shapely

from gusu_geo._kernels.blocks import THREADS
from gusu_geo._kernels.bulges import Bulges, bulges, uncovered
from gusu_geo._kernels.contours import Chords, chords, tiles_near
from gusu_geo._kernels.fields import Field, tiles_of
from gusu_geo._kernels.rings import full, link, rings, specks, touching
from gusu_geo._kernels.stretches import Pieces, Stretches
from gusu_geo.geometry import Shapes, straight_lines
from gusu_geo.isochrone.field import StreetField
from gusu_geo.isochrone.pieces import Drawing, reached_pieces
from gusu_geo.tables import Bools, Floats, Int32s, Ints, WayFlag

STRIP_M = 1.0  # either side of a piece that nothing else covers
DECK_M = 3.0  # either side of a bridge
FEW = 8  # lines asked one by one, before it is worth preparing an area for many
BLOCK = 64  # searches per block; their tiles are filled together
MAX_TILES = 16_384  # tiles kept from block to block: 128 MB


class Searches(Protocol):
    """Searches that can be drawn: each from the linked points ``rows`` together."""

    def search(self, rows: Ints, cutoff_cs: int) -> Stretches:
        """Everything reached within the cutoff."""


class Shape(NamedTuple):
    """What one search reaches within one cutoff: metres of street, and the polygon in metres."""

    street_m: float
    polygon: shapely.Geometry


class _Outline(NamedTuple):
    """Rings (R,) that touch a piece: xy (V,2), ring (V,) of each point, hole (R,), shell (R,).
    pieces: the reached pieces; bare_edge (n,), bare (n,4): edge and ends of their parts outside
    the rings; bumps: polygons by which the outlines of shorter times bulge out of this one."""

    xy: Floats
    ring: Ints
    hole: Bools
    shell: Ints
    pieces: Pieces
    bare_edge: Int32s
    bare: Floats
    bumps: Shapes


@dataclass(frozen=True)
class Painter:
    """Draws polygons on one network, for any number of searches."""

    drawing: Drawing
    field: StreetField

    @cached_property
    def _bridge(self) -> Bools:
        """(E,) bridges."""
        return self.drawing.net.flagged(WayFlag.BRIDGE)

    @cached_property
    def _estimated(self) -> Bools:
        """(E,) estimated ways, which are not drawn as streets on the map."""
        return self.drawing.net.flagged(WayFlag.ESTIMATED)

    def shapes(
        self,
        searcher: Searches,
        groups: Sequence[Ints],
        cutoffs_cs: Sequence[int],
        *,
        block: int = BLOCK,
    ) -> Iterator[list[Shape]]:
        """For each group of linked rows, one search; from it one shape per cutoff (ascending).

        block: searches held at a time.
        """
        limits = np.array(cutoffs_cs, float)
        margin_m = self.field.reach_m + 2 * self.field.grid.cell_m
        near = tiles_of(self.drawing.edge_box, self.field.grid, margin_m)
        with ThreadPoolExecutor(THREADS) as pool:
            for first in range(0, len(groups), block):
                some = groups[first : first + block]
                found = list(pool.map(lambda g: searcher.search(g, cutoffs_cs[-1]), some))
                tiles = [tiles_near(s, near, self.field.grid) for s in found]
                if self.field.filled > MAX_TILES:
                    self.field.forget()
                filled = self.field.holding(np.unique(np.concatenate(tiles)))
                jobs = zip(repeat(filled), found, tiles, repeat(limits))
                drawn = pool.map(lambda job: self._outlines(*job), jobs)
                flat = [outline for outlines in drawn for outline in outlines]
                yield from self._finished(pool, flat, len(limits))

    def _outlines(
        self, field: Field, found: Stretches, tiles: Ints, limits: Floats
    ) -> list[_Outline]:
        """The outlines of one search, one per cutoff."""
        c = chords(field, found, tiles, limits)
        if len(limits) > 1:
            order = np.argsort(c.cutoff, kind="stable")
            c = c._replace(
                cutoff=c.cutoff[order],
                cell=c.cell[order],
                start=c.start[order],
                end=c.end[order],
                xy=c.xy[order],
            )
        bounds = np.searchsorted(c.cutoff, np.arange(len(limits) + 1)).tolist()
        out: list[_Outline] = []
        cells, bumps = np.zeros(0, np.int64), np.zeros(0, object)
        for k, (first, stop) in enumerate(pairwise(bounds)):
            pieces = reached_pieces(found, int(limits[k]))
            outline, follow, bulge = self._outline(field, c, first, stop, pieces)
            if k > 0:
                open_ = ~full(c, k, cells, field.grid)
                cells, bumps = cells[open_], bumps[open_]
            out.append(outline._replace(bumps=bumps))
            if k + 1 < len(limits):
                new_cells, new_bumps = _bumps(c, first, follow, bulge)
                cells, bumps = np.append(cells, new_cells), np.append(bumps, new_bumps)
        return out

    def _outline(
        self, field: Field, c: Chords, first: int, stop: int, reached: Pieces
    ) -> tuple[_Outline, Int32s, Bulges]:
        """The outline of one cutoff, the next chord of each of its chords, and the bulges of the
        chords around ends of pieces; outlines of longer cutoffs must contain these too."""
        follow = link(c, first, stop)
        ptr, xy = self.drawing.coordinates(reached)
        bare = uncovered(c, first, stop, follow, field.grid, ptr, xy)
        bulge = bulges(c, first, stop, follow, bare)
        r, ring_of = rings(c, first, stop, follow, bulge)
        keep = touching(r, ring_of, bare.touched, ptr, xy) & ~specks(r, field)
        place = np.cumsum(keep) - 1
        sizes = np.diff(r.ptr)
        outline = _Outline(
            xy=r.xy[np.repeat(keep, sizes)],
            ring=np.repeat(place, sizes)[np.repeat(keep, sizes)],
            hole=r.area_m2[keep] < 0,
            shell=place[r.shell[keep]],
            pieces=reached,
            bare_edge=reached.edge[bare.line],
            bare=bare.ends,
            bumps=np.zeros(0, object),
        )
        return outline, follow, bulge

    def _finished(
        self, pool: ThreadPoolExecutor, outlines: list[_Outline], cutoffs: int
    ) -> Iterator[list[Shape]]:
        """Per search: polygons without water, with strips for pieces that lie outside them."""
        polygons = _polygons(outlines)
        wet_ix, water_ix = shapely.STRtree(self.field.water).query(polygons, predicate="intersects")
        wet = [self.field.water[water_ix[wet_ix == k]] for k in range(len(outlines))]

        def one(first: int) -> list[Shape]:
            mine = slice(first, first + cutoffs)
            return self._search(outlines[mine], polygons[mine], wet[mine])

        return pool.map(one, range(0, len(outlines), cutoffs))

    def _search(
        self, outlines: list[_Outline], polygons: Shapes, waters: list[Shapes]
    ) -> list[Shape]:
        """The shapes of one search. Longer times include the strips of shorter ones, so that they
        contain them."""
        strips = np.zeros(0, object)
        shapes: list[Shape] = []
        for outline, polygon, water in zip(outlines, polygons, waters, strict=True):
            bare = self._strips(outline.bare_edge, straight_lines(outline.bare))
            strips = np.concatenate([strips, bare, outline.bumps])
            if len(water):
                polygon, edge, lines = self._dried(polygon, water, outline.pieces)
                strips = np.append(strips, self._strips(edge, lines))
            if len(strips):
                polygon = shapely.union(polygon, shapely.union_all(strips))
            if shapes:  # borders of two cutoffs in one cell may cross by a fraction of a µm
                polygon = shapely.union(polygon, shapes[-1].polygon)
            shapes.append(Shape(self._street_m(outline.pieces), polygon))
        return shapes

    def _street_m(self, pieces: Pieces) -> float:
        """Metres of pieces on drawn streets, without estimated ways."""
        drawn = ~self._estimated[pieces.edge]
        return float((pieces.to_cm - pieces.from_cm)[drawn].sum() / 100)

    def _dried(
        self, polygon: shapely.Geometry, water: Shapes, pieces: Pieces
    ) -> tuple[shapely.Geometry, Int32s, Shapes]:
        """Those parts of the polygon without water that touch a piece; edge and line (n,) of the
        parts of pieces in water."""
        lines = self.drawing.lines(pieces)
        tree = shapely.STRtree(lines)
        dry = shapely.get_parts(shapely.difference(polygon, shapely.union_all(water)))
        part_ix, near = tree.query(dry)
        near_of = np.split(near, np.searchsorted(part_ix, np.arange(1, len(dry))))
        touched = [_touches(part, lines[near]) for part, near in zip(dry, near_of, strict=True)]
        wet_ix, line_ix = tree.query(water, predicate="intersects")
        inside = shapely.intersection(lines[line_ix], water[wet_ix])
        return _together(dry[touched]), pieces.edge[line_ix], inside

    def _strips(self, edge: Int32s, lines: Shapes) -> Shapes:
        """Strips along parts of edges, wider ones along bridges."""
        if len(lines) == 0:
            return lines
        strips = shapely.buffer(lines, STRIP_M, quad_segs=2)
        deck = lines[self._bridge[edge]]
        if len(deck) == 0:
            return np.asarray(strips, object)
        decks = shapely.buffer(deck, DECK_M, cap_style="flat", join_style="mitre")
        return np.concatenate([strips, decks])


def _touches(part: shapely.Geometry, lines: Shapes) -> bool:
    """Whether any of the lines meets the part; mostly the first does, and the rest is not asked."""
    if any(shapely.intersects(part, line) for line in lines[:FEW].tolist()):
        return True
    shapely.prepare(part)
    return bool(shapely.intersects(part, lines[FEW:]).any())


def _together(parts: Shapes) -> shapely.Geometry:
    """Polygons that do not overlap as one shape; other geometries are left out."""
    whole = [part for part in parts.tolist() if isinstance(part, shapely.Polygon)]
    return whole[0] if len(whole) == 1 else shapely.MultiPolygon(whole)


def _bumps(c: Chords, first: int, follow: Int32s, bulge: Bulges) -> tuple[Ints, Shapes]:
    """The cells with bulges, and the polygons between chord and bulge."""
    which = np.flatnonzero(np.diff(bulge.ptr))
    if len(which) == 0:
        return which, np.zeros(0, object)
    size = np.diff(bulge.ptr)[which] + 2
    last = np.cumsum(size) - 1
    xy = np.empty((last[-1] + 1, 2))
    inner = np.ones(len(xy), bool)
    inner[last] = inner[last - size + 1] = False
    xy[last - size + 1], xy[inner], xy[last] = c.xy[first + which], bulge.xy, c.xy[follow[which]]
    closed = shapely.linearrings(xy, indices=np.repeat(np.arange(len(which)), size))
    return c.cell[first + which], np.asarray(shapely.polygons(closed), object)


def _polygons(outlines: list[_Outline]) -> Shapes:
    """One polygon or multipolygon per outline, empty without rings."""
    ring_count = np.array([len(o.hole) for o in outlines])
    base = np.cumsum(ring_count) - ring_count
    out = np.full(len(outlines), shapely.Polygon(), object)
    if ring_count.sum() == 0:
        return out
    xy = np.concatenate([o.xy for o in outlines])
    ring = np.concatenate([o.ring + b for o, b in zip(outlines, base, strict=True)])
    hole = np.concatenate([o.hole for o in outlines])
    shell = np.concatenate([o.shell + b for o, b in zip(outlines, base, strict=True)])
    closed = np.asarray(shapely.linearrings(xy, indices=ring), object)
    order = np.lexsort((hole, shell))
    number = np.cumsum(~hole[order]) - 1  # each shell comes before its holes
    parts = np.asarray(shapely.polygons(closed[order], indices=number), object)
    owner = np.repeat(np.arange(len(outlines)), ring_count)[order][~hole[order]]
    count = np.bincount(owner, minlength=len(outlines))
    single = count[owner] == 1
    out[owner[single]] = parts[single]
    several = np.flatnonzero(count > 1)
    if len(several):
        place = np.searchsorted(several, owner[~single])
        out[several] = shapely.multipolygons(parts[~single], indices=place)
    return out
