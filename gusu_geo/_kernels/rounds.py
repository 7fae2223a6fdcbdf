"""Straight and walked distances from each home to the places around it, summed by home."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.search import Int64s

CM_PER_M = 100
Floats = npt.NDArray[np.float64]


class Doors(NamedTuple):
    """Doors (D,) of homes (H,): ptr (H+1,); x and y in metres; row_ix and cm (D,2): for both ends
    of the door's street, its row of the table and its distance from the door."""

    ptr: Int64s
    x: Floats
    y: Floats
    row_ix: Int64s
    cm: Int64s


class Spots(NamedTuple):
    """Places (P,): x and y in metres, and the street length that each represents."""

    x: Floats
    y: Floats
    street_cm: Int64s


class Direct(NamedTuple):
    """Places on a door's own street: ptr (D+1,), spot_ix and cm (pairs,)."""

    ptr: Int64s
    spot_ix: Int64s
    cm: Int64s


@njit(cache=True, nogil=True)
def rounds(
    doors: tuple[Int64s, Floats, Floats, Int64s, Int64s],
    spots: tuple[Floats, Floats, Int64s],
    direct: tuple[Int64s, Int64s, Int64s],
    table: Int64s,
    ring_cm: tuple[float, float, int],
    spare: tuple[Floats, Int64s],
    sums: Int64s,
) -> None:
    """Fill sums (H,4): walked x street, straight x street, street, street not reached; distances
    in centimetres, "street" is the ``street_cm`` of a spot.

    ring_cm: least and greatest straight distance from the nearest door at which spots count, and
    the cutoff of the walk, from which on a spot is not reached. table (rows, P): centimetres from
    ends of streets to spots. spare: room for two numbers of each spot.
    """
    ptr, x, y, row_ix, door_cm = doors
    spot_x, spot_y, street_cm = spots
    direct_ptr, direct_ix, direct_cm = direct
    near, far, cutoff = ring_cm
    away, walked = spare
    for home in range(len(ptr) - 1):
        for spot in range(len(spot_x)):
            away[spot], walked[spot] = np.inf, cutoff
        for door in range(ptr[home], ptr[home + 1]):
            for spot in range(len(spot_x)):
                # Not hypot: here several roots are taken at once, and nothing overflows.
                dx, dy = x[door] - spot_x[spot], y[door] - spot_y[spot]
                away[spot] = min(away[spot], math.sqrt(dx * dx + dy * dy))
            for end in range(2):
                row, on = row_ix[door, end], door_cm[door, end]
                for spot in range(len(spot_x)):
                    walked[spot] = min(walked[spot], table[row, spot] + on)
            for pair in range(direct_ptr[door], direct_ptr[door + 1]):
                spot = direct_ix[pair]
                walked[spot] = min(walked[spot], direct_cm[pair])
        for spot in range(len(spot_x)):
            straight = np.int64(np.rint(away[spot] * CM_PER_M))
            if near <= straight <= far:
                street = street_cm[spot]
                sums[home, 0] += street * max(walked[spot], straight)  # rounded edge by edge
                sums[home, 1] += street * straight
                sums[home, 2] += street
                sums[home, 3] += street if walked[spot] >= cutoff else 0


def rounds_of(
    doors: Doors, spots: Spots, direct: Direct, table: Int64s, ring_cm: tuple[float, float, int]
) -> Int64s:
    """``rounds`` of all homes as a new array (H,4)."""
    sums = np.zeros((len(doors.ptr) - 1, 4), np.int64)
    spare = np.empty(len(spots.x)), np.empty(len(spots.x), np.int64)
    rounds(doors[:], spots[:], direct[:], table, ring_cm, spare, sums)
    return sums
