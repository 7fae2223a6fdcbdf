"""Where places drawn as areas are entered from the streets beside them.

Every point of the outline is a door, linked to its nearest street outside; streets that run
through the place are entered where they run. Neighbouring contacts on one street become a stretch
of it, so that a few rows stand for a door at every step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gusu_geo._kernels.contacts import SAME_M, merged, nearest_pieces
from gusu_geo.streets.barriers import Barriers
from gusu_geo.tables import Bools, Floats, Ints
from gusu_geo.walking.outlines import EDGE_M, Samples, rings_of
from gusu_geo.walking.street_pieces import Pieces, Places, Streets, divided, pieces_near

BESIDE_M = 25.0  # a street this much farther than the nearest one is not beside the place
FINE_M = 0.35  # samples are taken closer, down to this, where the street or the sight changes;
FINE_BUILDING_M = 3.0  # at buildings, of which there are many, down to this
ROUNDING_M = 1e-3  # more than rounding does: where a limit is met exactly, it is not passed
SLACK_CM = 50.0  # legs of one stretch differ by at most twice this: half a second


class Contacts(NamedTuple):
    """Stretches of street from which places are entered: place (m,), edge, start_cm, stop_cm,
    leg_cm, and one leg of each: from door_xy (m,2) to the place foot_cm (m,) along the edge."""

    place: Ints
    edge: Ints
    start_cm: Floats
    stop_cm: Floats
    leg_cm: Floats
    door_xy: Floats
    foot_cm: Floats

    def joined(self, other: Contacts) -> Contacts:
        """These, then those of the other."""
        return Contacts._make(np.concatenate(pair) for pair in zip(self, other, strict=True))

    def fewest(self, rank: Ints) -> Contacts:
        """The same doors in as few stretches as possible, by place and rank (E,) of the edge."""
        order = np.lexsort((self.leg_cm, self.start_cm, rank[self.edge], self.place))
        rows = Contacts._make(part[order] for part in self)
        new = (np.diff(rows.place, prepend=-1) != 0) | (np.diff(rows.edge, prepend=-1) != 0)
        few = merged(np.cumsum(new), rows.start_cm, rows.stop_cm, rows.leg_cm, SLACK_CM)
        kept = Contacts._make(part[few.member] for part in rows)
        return kept._replace(start_cm=few.start, stop_cm=few.stop, leg_cm=few.leg)


def contacts(streets: Streets, places: Places, barriers: Barriers | None) -> Contacts:
    """Where each place is entered: along the streets beside it, and along those inside.

    A street is beside the place if it is the nearest one outside for some point of the outline, at
    most ``BESIDE_M`` farther than the nearest of all, and neither a barrier nor a building stands
    between. Walls on the edge of open ground, or close inside, bar it too.
    """
    near = pieces_near(streets, places)
    outside, inside = divided(near, places)
    within = Contacts(
        inside.place,
        inside.line,
        np.minimum(inside.from_cm, inside.to_cm),
        np.maximum(inside.from_cm, inside.to_cm),
        np.zeros(len(inside.place)),
        inside.xy[:, :2],
        inside.from_cm,
    )
    found = within.joined(_Outlines(outside, places, barriers).contacts())
    return found._replace(edge=streets.edge[found.edge])


class _Seen(NamedTuple):
    """What is seen from each sample: straight piece of street (n,), line, offset along it, metres
    to it, its foot (n,2), whether one may enter from there, and whether a stretch is known to lead
    to the next sample."""

    piece: Ints
    line: Ints
    offset_cm: Floats
    metres: Floats
    foot: Floats
    free: Bools
    joined_on: Bools

    def rows(self, pick: Ints) -> _Seen:
        return _Seen._make(part[pick] for part in self)

    def inserted(self, at: Ints, other: _Seen) -> _Seen:
        return _Seen._make(np.insert(a, at, b, axis=0) for a, b in zip(self, other, strict=True))


class _Outlines:
    """Samples of the outlines of places, taken closer where something changes between two."""

    def __init__(self, pieces: Pieces, places: Places, barriers: Barriers | None) -> None:
        self.pieces, self.places, self.barriers = pieces, places, barriers
        self.ptr = np.searchsorted(pieces.place, np.arange(len(places.outline) + 1))
        self.rings = rings_of(places.outline)
        self.limit_m = places.reach_m

    def contacts(self) -> Contacts:
        """Stretches between neighbouring samples with one street, and single contacts."""
        samples = self.rings.samples(self._gates())
        seen = self._look(samples)
        # What is beside does not depend on gates, so that one more never takes a street away.
        gated = np.flatnonzero(seen.free)
        if self.barriers is not None:
            legs = np.column_stack((samples.xy[gated], seen.foot[gated]))
            gated = np.delete(gated, self.barriers.gaps_on(legs)[0])
        nearest = np.full(len(self.limit_m), np.inf)
        np.minimum.at(nearest, samples.place[gated], seen.metres[gated])
        self.limit_m = np.minimum(nearest + BESIDE_M, self.places.reach_m)
        fine = np.where(self.places.ground, FINE_M, FINE_BUILDING_M) + ROUNDING_M
        order = _in_order(samples)
        samples, seen = samples.rows(order), seen.rows(order)
        seen = self._limited(samples, seen)
        while True:
            one, two, gap = self._neighbours(samples)
            enough = fine[samples.place]
            same = self._same_stretch(seen, one, two, gap, enough)
            self._part(samples, seen, one, two, same)
            seen.joined_on[one[same]] = True  # for good: no sample comes between
            unclear = (seen.free[one] | seen.free[two]) & ~same & (gap > enough)
            if not unclear.any():
                break
            half = samples.at_m[one] + gap / 2
            middle = self.rings.at(samples.ring[one[unclear]], half[unclear])
            # A corner begins each ring, so what comes between two comes after the first of them.
            at = one[unclear] + 1
            samples, seen = samples.inserted(at, middle), seen.inserted(at, self._look(middle))
            seen = self._limited(samples, seen)
        return self._rows(samples, seen, one[same], two[same])

    def _gates(self) -> Floats:
        """(G,2) the known gates, which are looked at one by one."""
        return np.zeros((0, 2)) if self.barriers is None else self.barriers.openings.xy

    def _look(self, samples: Samples) -> _Seen:
        """The nearest street outside of each sample, and whether one may enter from there."""
        pieces = self.pieces
        # What lies sideways is told by no rounding: along the wall of a house it counts, on the
        # edge of open ground, which streets cross, it does not.
        aside = np.where(self.places.ground[samples.place], SAME_M, -SAME_M)
        feet = nearest_pieces(samples.xy, samples.out, samples.place, aside, self.ptr, pieces.xy)
        known = feet.piece >= 0
        at = np.where(known, feet.piece, 0)
        if not len(pieces.line):
            none = np.zeros(len(at))
            shut = none.astype(bool)
            return _Seen(at - 1, at - 1, none, feet.metres, samples.xy, shut, shut.copy())
        foot = pieces.xy[at, :2] + feet.share[:, None] * (pieces.xy[at, 2:] - pieces.xy[at, :2])
        foot[~known] = samples.xy[~known]
        offset = pieces.from_cm[at] + feet.share * (pieces.to_cm[at] - pieces.from_cm[at])
        free = known & (feet.metres <= self.limit_m[samples.place])
        free &= feet.metres <= self.places.reach_m[samples.place]
        self._bar(samples, foot, free)
        line = np.where(known, pieces.line[at], -1)
        return _Seen(feet.piece, line, offset, feet.metres, foot, free, np.zeros(len(at), bool))

    def _bar(self, samples: Samples, foot: Floats, free: Bools) -> None:
        """Takes away those behind barriers and buildings."""
        if self.barriers is None:
            return
        rows = np.flatnonzero(free)
        legs = np.column_stack((samples.xy[rows], foot[rows]))
        ground = self.places.ground[samples.place[rows]]
        # A leg along its own wall is taken to run inside it, whatever rounding says.
        built = np.flatnonzero(~ground)
        some = samples.rows(rows[built])
        in_ = (some.inner - some.xy) * (SAME_M / EDGE_M)
        legs[built, :2] += in_
        legs[built, 2:] += in_
        bars = np.flatnonzero(ground)
        deep = legs.copy() if len(bars) else legs
        deep[bars, :2] = samples.rows(rows[bars]).inner
        open_ = np.flatnonzero(self.barriers.crossed(deep) == 0)
        free[rows] = False
        free[rows[open_]] = ~self.barriers.hidden(legs[open_])

    def _limited(self, samples: Samples, seen: _Seen) -> _Seen:
        """None beyond the limit is free."""
        near = seen.metres <= self.limit_m[samples.place]
        return seen._replace(free=seen.free & near)

    def _neighbours(self, samples: Samples) -> tuple[Ints, Ints, Floats]:
        """Pairs of samples that follow each other along a ring, and the metres between."""
        count = len(samples.ring)
        one = np.arange(count)
        two = one + 1
        first = np.flatnonzero(np.diff(samples.ring, prepend=-1))
        last = np.append(first[1:], count) - 1 if count else first
        two[last] = first
        gap = samples.at_m[two] - samples.at_m[one]
        gap[last] += self.rings.length_m[samples.ring[last]]
        return one, two, gap

    def _same_stretch(self, seen: _Seen, one: Ints, two: Ints, gap: Floats, fine: Floats) -> Bools:
        """Whether the contacts between two neighbours lie between theirs: on one straight piece of
        street or, close together, on one street."""
        moved = np.abs(seen.offset_cm[one] - seen.offset_cm[two]) / 100
        straight = (seen.piece[one] == seen.piece[two]) | (gap <= fine)
        near = seen.free[one] & seen.free[two] & (seen.line[one] == seen.line[two])
        return np.asarray(near & straight & (moved <= 1.5 * gap + FINE_M))

    def _part(self, samples: Samples, seen: _Seen, one: Ints, two: Ints, same: Bools) -> None:
        """Takes apart neighbours with something between their legs, a wall's end for example."""
        if self.barriers is None:
            return
        rows = np.flatnonzero(same & ~seen.joined_on[one])
        legs = np.column_stack((samples.xy, seen.foot))
        same[rows] = ~self.barriers.between(legs[one[rows]], legs[two[rows]])

    def _rows(self, samples: Samples, seen: _Seen, one: Ints, two: Ints) -> Contacts:
        """Stretches from sample ``one`` to ``two``, split where legs change; single contacts."""
        alone = seen.free.copy()
        alone[one] = alone[two] = False
        single = np.flatnonzero(alone)
        one, two = np.concatenate((one, single)), np.concatenate((two, single))
        legs = 100 * (seen.metres[two] - seen.metres[one])
        parts = np.ceil((np.abs(legs) - 100 * ROUNDING_M) / (2 * SLACK_CM))
        count = np.maximum(parts.astype(np.int64), 1)
        row = np.repeat(np.arange(len(one)), count)
        k = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        low, high = k / count[row], (k + 1) / count[row]
        move = seen.offset_cm[two] - seen.offset_cm[one]
        ends = [seen.offset_cm[one][row] + share * move[row] for share in (low, high)]
        near = np.where(legs[row] < 0, high, low)
        step = samples.xy[two] - samples.xy[one]
        return Contacts(
            samples.place[one][row],
            seen.line[one][row],
            np.minimum(*ends),
            np.maximum(*ends),
            100 * seen.metres[one][row] + (low + high) / 2 * legs[row],
            samples.xy[one][row] + near[:, None] * step[row],
            seen.offset_cm[one][row] + near * move[row],
        )


def _in_order(samples: Samples) -> Ints:
    """The order along the rings; of equal places the first comes first."""
    # Groups of samples are in order already, which a sort of one column uses.
    ring, at_m = samples.ring, samples.at_m
    far = float(at_m.max(initial=0.0)) + 1.0
    order = np.argsort(ring * far + at_m, kind="stable")
    step, later = np.diff(at_m[order]), np.diff(order) > 0
    if np.all((np.diff(ring[order]) > 0) | (step > 0) | ((step == 0) & later)):
        return order
    return np.lexsort((at_m, ring))  # rounding made some equal
