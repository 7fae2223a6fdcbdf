"""Where points touch streets: the edge, how far along it, the leg off the street, and why not."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from gusu_geo.tables import Bools, Floats, Int8s, Int32s, Ints, Rung


class Reason(IntEnum):
    """Why a point is not linked."""

    LINKED = 0
    TOO_FAR = 1  # no street within snap_max_m
    ISLAND = 2  # only streets that are cut off from the rest
    WATER = 3  # only streets across water
    WALL = 4  # only streets behind a wall, fence or hedge
    RAILWAY = 5  # only streets across a railway
    MOTORWAY = 6  # only streets across a motorway


@dataclass(frozen=True)
class Linkage:
    """Where points touch streets. One row per entrance point (P,).

    owner_ix: row of the owner; edge_ix: -1 = not linked; offset_cm: along the edge from u;
    leg_cm: off-street, straight; reason: ``Reason``; rung: ``Rung``; door_xy, foot_xy (P,2): the
    leg from the point or its outline to the street (the point itself where not linked).
    """

    owner_ix: Ints
    edge_ix: Int32s
    offset_cm: Int32s
    leg_cm: Int32s
    reason: Int8s
    rung: Int8s
    door_xy: Floats
    foot_xy: Floats

    def rows(self, pick: npt.NDArray[np.generic]) -> Linkage:
        """The chosen points."""
        return Linkage(*(getattr(self, part.name)[pick] for part in fields(self)))

    def joined(self, *others: Linkage) -> Linkage:
        """These points, then those of the others."""
        parts = {}
        for part in fields(self):
            columns = [getattr(links, part.name) for links in (self, *others)]
            parts[part.name] = np.concatenate(columns)
            parts[part.name].setflags(write=False)
        return Linkage(**parts)

    def with_rows(self, rows: Ints, other: Linkage) -> Linkage:
        """The same points, those of ``rows`` linked as in ``other`` (one row for each)."""
        parts = {}
        for part in fields(self):
            parts[part.name] = getattr(self, part.name).copy()
            parts[part.name][rows] = getattr(other, part.name)
            parts[part.name].setflags(write=False)
        return Linkage(**parts)

    def owner_rung(self, owners: int) -> Int8s:
        """(owners,) best ``Rung`` of the linked entrances, -1 where none is linked."""
        best = np.full(owners, len(Rung), np.int8)
        linked = self.edge_ix >= 0
        np.minimum.at(best, self.owner_ix[linked], self.rung[linked])
        best[best == len(Rung)] = -1
        return best

    def owner_reason(self, owners: int) -> Int8s:
        """(owners,) LINKED where any entrance is, else the gravest reason; TOO_FAR for none."""
        worst = np.full(owners, int(Reason.TOO_FAR), np.int8)
        np.maximum.at(worst, self.owner_ix, self.reason)
        worst[self.owner_ix[self.edge_ix >= 0]] = int(Reason.LINKED)
        return worst


@dataclass(frozen=True)
class Linked:
    """Owners (ids) with their linked entrance points."""

    ids: pd.Index
    links: Linkage

    def only(self, owners: Bools) -> Linked:
        """The same ids with the entrance points of the chosen ``owners`` (mask) alone."""
        return Linked(self.ids, self.links.rows(owners[self.links.owner_ix]))
