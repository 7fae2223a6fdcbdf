"""Straight pieces of the streets near places drawn as areas, cut at their outlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from gusu_geo.geometry import Shapes, started, straight_lines, straight_pieces
from gusu_geo.tables import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Streets:
    """Lines (n,) that may be linked to, the edge (n,) of each, its length (n,) in centimetres,
    and a tree of the lines. Of equally near ones the first counts."""

    lines: Shapes
    edge: Ints
    length_cm: Ints
    tree: shapely.STRtree


class Places(NamedTuple):
    """Areas (n,): outline, how far streets are looked for (n,), and whether it is open ground (n,)
    and not a building."""

    outline: Shapes
    reach_m: Floats
    ground: Bools


class Pieces(NamedTuple):
    """Straight pieces of street near places, by place: place (s,), line (s,) among ``Streets``, xy
    (s,4), offsets of both ends along the edge."""

    place: Ints
    line: Ints
    xy: Floats
    from_cm: Floats
    to_cm: Floats

    def rows(self, pick: Ints | Bools) -> Pieces:
        """The chosen pieces."""
        return Pieces._make(part[pick] for part in self)

    def parts(self, of: Ints, shapes: Shapes) -> Pieces:
        """The pieces ``of`` reduced to the lines and points on them (shapes), taken apart."""
        for _ in range(2):
            shapes, owner = shapely.get_parts(shapes, return_index=True)
            of = of[owner]
        full = ~shapely.is_empty(shapes)
        shapes, of = shapes[full], of[full]
        xy, part = shapely.get_coordinates(shapes, return_index=True)
        first = np.searchsorted(part, np.arange(len(shapes)))
        last = np.searchsorted(part, np.arange(len(shapes)), "right") - 1
        mine = self.rows(of)
        ends = np.column_stack((xy[first], xy[last]))
        way = mine.xy[:, 2:] - mine.xy[:, :2]
        square = np.maximum((way**2).sum(axis=1), 1e-12)
        share = [
            np.clip(((ends[:, k : k + 2] - mine.xy[:, :2]) * way).sum(axis=1) / square, 0, 1)
            for k in (0, 2)
        ]
        step = mine.to_cm - mine.from_cm
        return mine._replace(
            xy=ends, from_cm=mine.from_cm + share[0] * step, to_cm=mine.from_cm + share[1] * step
        )


def pieces_near(streets: Streets, places: Places) -> Pieces:
    """Straight pieces of all streets in reach of each place, by place."""
    box, out = shapely.bounds(places.outline).reshape(-1, 4), places.reach_m[:, None] + 1.0
    windows = shapely.box(*(box + out * [-1, -1, 1, 1]).T)
    place, line = streets.tree.query(windows)  # a little more than what is in reach
    order = np.lexsort((line, place))
    place, line = place[order], line[order]
    lines, at = np.unique(line, return_inverse=True)
    xy, owner = straight_pieces(streets.lines[lines])
    metres = np.hypot(*(xy[:, 2:] - xy[:, :2]).T)
    along = started(metres, owner)
    first = np.searchsorted(owner, np.arange(len(lines) + 1))
    drawn = np.bincount(owner, metres, minlength=len(lines))
    scale = np.divide(streets.length_cm[lines], drawn, out=np.zeros(len(lines)), where=drawn > 0)[
        owner
    ]
    count = np.diff(first)[at]
    pair = np.repeat(np.arange(len(at)), count)
    piece = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[at][pair]
    owner_box, beyond = box[place[pair]], out[place[pair]]
    a, b = xy[piece, :2], xy[piece, 2:]
    close = (np.maximum(a, b) >= owner_box[:, :2] - beyond).all(axis=1)
    close &= (np.minimum(a, b) <= owner_box[:, 2:] + beyond).all(axis=1)
    piece, owned = piece[close], place[pair[close]]
    return Pieces(
        owned,
        lines[owner[piece]],
        xy[piece],
        along[piece] * scale[piece],
        (along[piece] + metres[piece]) * scale[piece],
    )


def divided(near: Pieces, places: Places) -> tuple[Pieces, Pieces]:
    """The pieces outside the places, cut at their outlines, and those inside or on them."""
    box = shapely.bounds(places.outline)[near.place].reshape(-1, 4)
    a, b = near.xy[:, :2], near.xy[:, 2:]
    close = (np.maximum(a, b) >= box[:, :2]).all(axis=1)
    close &= (np.minimum(a, b) <= box[:, 2:]).all(axis=1)
    maybe = np.flatnonzero(close)
    lines, areas = straight_lines(near.xy[maybe]), places.outline[near.place[maybe]]
    meets = shapely.intersects(lines, areas)
    cut, lines, areas = maybe[meets], lines[meets], areas[meets]
    inside = near.parts(cut, shapely.intersection(lines, areas))
    rest = near.parts(cut, shapely.difference(lines, areas))
    whole = np.setdiff1d(np.arange(len(near.place)), cut)
    outside = Pieces(*(np.concatenate(pair) for pair in zip(near.rows(whole), rest, strict=True)))
    return outside.rows(np.lexsort((outside.from_cm, outside.line, outside.place))), inside
