"""Slips of editors and servers: a node far from its neighbours, a box that is not the data's.

One node at 0, 0 or with a wrong digit stretches a street, a building or a wall over half a globe.
Some files carry the box of the world, or of the country that they were cut from.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gusu_geo.sources.osm.edited import Box
from gusu_geo.tables import Bools, Floats

FAR_M = 20_000.0  # no street, building or wall runs straight that far; ferries and borders may
GAP_DEGREES = 2.0  # a study spans less: data beyond such a gap are others
METRES_PER_DEGREE = 111_195.0  # of a great circle


def step_m(lonlat: Floats) -> Floats:
    """Length (M-1,) in metres of the steps between points (M,2) in degrees, across 180 too."""
    steps = np.diff(lonlat, axis=0)
    east = (steps[:, 0] + 180) % 360 - 180
    lat = (lonlat[1:, 1] + lonlat[:-1, 1]) / 2
    metres: Floats = np.hypot(east * np.cos(np.radians(lat)), steps[:, 1]) * METRES_PER_DEGREE
    return metres


def far_apart(shapes: Any) -> Bools:
    """Which shapes, in degrees, have a step above ``FAR_M`` between two of their vertices."""
    rings, owner = shapely.get_parts(shapes, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    far: Bools = np.zeros(len(shapes), bool)
    if len(lonlat):
        long = (step_m(lonlat) > FAR_M) & (ring[1:] == ring[:-1])
        far[owner[ring[1:][long]]] = True
    return far


def believed(boxes: tuple[Box, ...], points: Floats) -> tuple[tuple[Box, ...], int]:
    """What the data cover, as boxes, and how many boxes of the file were not believed.

    points (P,2): where the data lie, in degrees. A box is believed where data fill it: with no gap
    of ``GAP_DEGREES`` inside of it. Otherwise, and where most data lie outside of all boxes, the
    data are covered where they lie.
    """
    if not len(points):
        return boxes, 0
    found: list[Box] = []
    wrong, outside = 0, np.ones(len(points), bool)
    for box in boxes:
        west, south, east, north = box
        near = (points >= (west, south)) & (points <= (east, north))
        inside = near.all(axis=1)
        outside &= ~inside
        corners = np.array([(west, south), (east, north)])
        if len(clusters(np.concatenate((points[inside], corners)))) == 1:
            found.append(box)
        else:
            wrong += 1
            found += clusters(points[inside])
    if not boxes or outside.sum() > len(points) / 2:
        return tuple(clusters(points)), len(boxes)
    return tuple(found), wrong


def clusters(points: Floats) -> list[Box]:
    """Boxes around points (P,2) that no gap of ``GAP_DEGREES`` in lon or lat parts."""
    waiting, whole = [points] if len(points) else [], []
    while waiting:
        group = waiting.pop()
        for axis in (0, 1):
            ordered = group[np.argsort(group[:, axis], kind="stable")]
            cut = np.flatnonzero(np.diff(ordered[:, axis]) > GAP_DEGREES) + 1
            if len(cut):
                waiting += np.split(ordered, cut)
                break
        else:
            whole.append((*group.min(axis=0).tolist(), *group.max(axis=0).tolist()))
    return sorted(whole)
