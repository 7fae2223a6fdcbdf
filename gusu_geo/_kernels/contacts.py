"""Where outlines meet streets: the nearest piece of street of each place, and stretches merged.

Plain twins: ``tests/support/contact_twin.py``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.nearest import as_floats, as_int64

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


SAME_M, SAME_M2 = 1e-3, 1e-6  # distances and their squares that only rounding tells apart


class Feet(NamedTuple):
    """Of each place: piece (n,), -1 where its owner has none; share (n,) of the way along it;
    metres (n,) to there."""

    piece: Int64s
    share: Floats
    metres: Floats


def nearest_pieces(
    xy: Floats, out: Floats, owner: Int64s, ahead_m: Floats, ptr: Int64s, piece: Floats
) -> Feet:
    """The nearest of the straight pieces of its owner for each place; of equal ones (but
    for rounding) the first.

    Only those count whose nearest point lies ahead in one of the two directions ``out`` (n,4) by
    more than ``ahead_m`` (n,), or at the place itself. xy (n,2), owner (n,); pieces (S,4) x0, y0,
    x1, y1 of owner o: ptr[o] to ptr[o + 1].
    """
    feet = Feet(np.full(len(xy), -1, np.int64), np.zeros(len(xy)), np.empty(len(xy)))
    places = as_floats(xy), as_floats(out), as_int64(owner), as_floats(ahead_m)
    _nearest_pieces(places, as_int64(ptr), as_floats(piece), feet[:])
    return feet


@njit(cache=True, nogil=True)
def _nearest_pieces(
    places: tuple[Floats, Floats, Int64s, Floats], ptr: Int64s, piece: Floats,
    feet: tuple[Int64s, Floats, Floats],
) -> None:  # fmt: skip
    """Fill ``feet``; places: xy, out, owner, ahead_m."""
    xy, out, owner, ahead_m = places
    best, at, apart = feet
    for i in range(len(xy)):
        x, y, nearest = xy[i, 0], xy[i, 1], np.inf
        one = ahead_m[i] * np.hypot(out[i, 0], out[i, 1])
        two = ahead_m[i] * np.hypot(out[i, 2], out[i, 3])
        for s in range(ptr[owner[i]], ptr[owner[i] + 1]):
            x0, y0 = piece[s, 0], piece[s, 1]
            dx, dy = piece[s, 2] - x0, piece[s, 3] - y0
            square = dx * dx + dy * dy
            share = 0.0
            if square > 0:
                share = min(max(((x - x0) * dx + (y - y0) * dy) / square, 0.0), 1.0)
            ax, ay = x0 + share * dx - x, y0 + share * dy - y
            gap = ax * ax + ay * ay
            ahead = ax * out[i, 0] + ay * out[i, 1] > one or ax * out[i, 2] + ay * out[i, 3] > two
            if gap < nearest - SAME_M2 and (ahead or gap <= SAME_M2):
                nearest, best[i], at[i] = gap, s, share
        apart[i] = np.sqrt(nearest)


class Merged(NamedTuple):
    """Stretches (m,): ``member`` is the row with the least leg of those merged; start, stop, leg
    in centimetres."""

    member: Int64s
    start: Floats
    stop: Floats
    leg: Floats


def merged(group: Int64s, start: Floats, stop: Floats, leg: Floats, slack: float) -> Merged:
    """Stretches (n,) of one group without those that another serves better, and as one where they
    touch and their legs differ by at most twice ``slack``, with the leg between.

    Sorted by group, then start. Another serves better if the way to it along the street takes at
    most half of what its shorter leg saves: so also up steps.
    """
    many = len(group)
    of, into = as_int64(group), np.empty((4, many))
    stretches = as_floats(start), as_floats(stop), as_floats(leg)
    keep, member = np.ones(many, np.bool_), np.empty(many, np.int64)
    _serving(of, stretches, keep)
    used = _merged(of, stretches, keep, float(slack), member, into)
    first, last, low, high = into[:, :used]
    return Merged(member[:used], first, last, (low + high) / 2)


@njit(cache=True, nogil=True)
def _serving(group: Int64s, stretches: tuple[Floats, Floats, Floats], keep: Bools) -> None:
    """Clear ``keep`` of stretches that another one serves better."""
    start, stop, leg = stretches
    begin, end = 0, 0
    for i in range(len(group)):
        if i == end:
            begin = i
            while end < len(group) and group[end] == group[i]:
                end += 1
        for j in range(begin, end):
            far = max(start[j] - start[i], stop[i] - stop[j], 0.0)
            saved = leg[i] - leg[j]
            if j != i and keep[j] and (2 * far < saved or (far == 0 and saved == 0)):
                keep[i] = False
                break


@njit(cache=True, nogil=True)
def _merged(
    group: Int64s, stretches: tuple[Floats, Floats, Floats], keep: Bools, slack: float,
    member: Int64s, into: Floats,
) -> int:  # fmt: skip
    """Fill ``member`` and ``into`` (start, stop, least and greatest leg); returns how many."""
    start, stop, leg = stretches
    used = 0
    for i in range(len(group)):
        if not keep[i]:
            continue
        k = used - 1
        if (
            used > 0
            and group[member[k]] == group[i]
            and start[i] <= into[1, k] + 1.0
            and max(into[3, k], leg[i]) - min(into[2, k], leg[i]) <= 2 * slack + 100 * SAME_M
        ):
            if leg[i] < into[2, k]:
                member[k] = i
            into[1, k] = max(into[1, k], stop[i])
            into[2, k], into[3, k] = min(into[2, k], leg[i]), max(into[3, k], leg[i])
            continue
        member[used], into[0, used], into[1, used] = i, start[i], stop[i]
        into[2, used], into[3, used] = leg[i], leg[i]
        used += 1
    return used
