"""Links of points to streets: edge, offset along it, off-street leg, or why there is no link."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any, TypeAlias, TypedDict

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gusu_geo.errors import InputError, of_kind
from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import ISLAND_MAX_M, SNAP_MAX_M
from gusu_geo.tables import Bools, Floats, Int8s, Int32s, Ints, Rung
from gusu_geo.words import text


class Reason(IntEnum):
    """Why a point is not linked."""

    LINKED = 0
    TOO_FAR = 1  # no street within snap_max_m
    ISLAND = 2  # only streets that are cut off from the rest
    WATER = 3  # only streets across water
    WALL = 4  # only streets behind a wall, fence or hedge
    RAILWAY = 5  # only streets across a railway
    MOTORWAY = 6  # only streets across a motorway


BarriersLike: TypeAlias = Barriers | gpd.GeoDataFrame | gpd.GeoSeries | None


@dataclass(frozen=True, eq=False)
class Linking:
    """How points are linked to streets.

    snap_max_m: longest straight leg to a street, metres, inclusive; island_max_m: pieces of
    network that are cut off from the rest and shorter than this are not linked to; barriers: legs
    must not cross them; in any CRS: a frame with a column ``kind`` (see ``Barriers.of``), or a
    series of water areas. homes_xy (R,2): all homes, if a gate is assumed in the wall round one
    plot (``walking.gardens``); None: nothing is assumed. Equal if the numbers are equal and
    barriers and homes are the same objects.
    Raises InputError: snap_max_m not above 0, island_max_m below 0.

    >>> Linking(island_max_m=0)
    Linking(snap_max_m=100.0, island_max_m=0, barriers=None)
    """

    snap_max_m: float = SNAP_MAX_M
    island_max_m: float = ISLAND_MAX_M
    barriers: BarriersLike = None
    homes_xy: Floats | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.snap_max_m) and self.snap_max_m > 0):
            raise InputError(text("error.snap_positive"), got=self.snap_max_m)
        if not self.island_max_m >= 0:
            raise InputError(text("error.island_positive"), got=self.island_max_m)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Linking) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        barriers = None if self.barriers is None else f"<{len(self.barriers)} barriers>"
        return (
            f"Linking(snap_max_m={self.snap_max_m}, island_max_m={self.island_max_m}, "
            f"barriers={barriers})"
        )

    def _key(self) -> tuple[float, float, int, int]:
        return self.snap_max_m, self.island_max_m, id(self.barriers), id(self.homes_xy)

    def blocking(self, net: WalkNetwork) -> Barriers | None:
        """The barriers in the CRS of the network. Raises InputError as ``Barriers.of``."""
        if self.barriers is None or isinstance(self.barriers, Barriers):
            return self.barriers
        of_kind("barriers", self.barriers, Barriers, gpd.GeoDataFrame, gpd.GeoSeries)
        return Barriers.of(self.barriers, crs=net.crs)

    def on(self, net: WalkNetwork) -> Linking:
        """The same with barriers in the CRS of the network, to convert them only once."""
        return replace(self, barriers=self.blocking(net))


class LinkingOptions(TypedDict, total=False):
    """A ``Linking``, or its parts by name: keywords of every function that links points."""

    linking: Linking
    snap_max_m: float
    island_max_m: float
    barriers: BarriersLike


def linking_of(options: LinkingOptions) -> Linking:
    """The linking described by the options. Raises TypeError: an unknown option.

    >>> linking_of({"linking": Linking(snap_max_m=50), "island_max_m": 0}).snap_max_m
    50
    """
    base = options.get("linking") or Linking()
    of_kind("linking", base, Linking)
    given: dict[str, Any] = {key: value for key, value in options.items() if key != "linking"}
    return replace(base, **given)


@dataclass(frozen=True, eq=False)
class Linkage:
    """Links of points to streets: one row or more per entrance point (P,).

    owner_ix: row of the owner; edge_ix: -1 = not linked; offset_cm: along the edge from u;
    span_cm: the street may be left anywhere on so many centimetres from there on, towards v;
    leg_cm: length of the leg off the street; reason: ``Reason``; rung: ``Rung``; door_xy, foot_xy
    (P,2): ends of one such leg, at the point or its outline and at the street (both are the point
    where not linked).
    """

    owner_ix: Ints
    edge_ix: Int32s
    offset_cm: Int32s
    span_cm: Int32s
    leg_cm: Int32s
    reason: Int8s
    rung: Int8s
    door_xy: Floats
    foot_xy: Floats

    def rows(self, pick: npt.NDArray[np.generic]) -> Linkage:
        """The chosen points."""
        parts = [getattr(self, part.name)[pick] for part in fields(self)]
        for part in parts:
            part.setflags(write=False)
        return Linkage(*parts)

    @property
    def end_cm(self) -> Int32s:
        """(P,) where the stretch that may be left ends: ``offset_cm`` + ``span_cm``."""
        return self.offset_cm + self.span_cm

    def joined(self, *others: Linkage) -> Linkage:
        """These points, then those of the others."""
        parts = {}
        for part in fields(self):
            columns = [getattr(links, part.name) for links in (self, *others)]
            parts[part.name] = np.concatenate(columns)
            parts[part.name].setflags(write=False)
        return Linkage(**parts)

    def of_owners(self, owners: Bools, other: Linkage) -> Linkage:
        """The same points, but for the chosen ``owners`` (mask) those of ``other``; by owner."""
        both = self.rows(~owners[self.owner_ix]).joined(other)
        return both.rows(np.argsort(both.owner_ix, kind="stable"))

    def nearest_rows(self) -> Linkage:
        """The one row of each owner with the shortest leg, by owner."""
        order = np.lexsort((self.leg_cm, self.edge_ix < 0, self.owner_ix))
        return self.rows(order[np.unique(self.owner_ix[order], return_index=True)[1]])

    def owner_rung(self, owners: int) -> Int8s:
        """(owners,) best ``Rung`` of the linked entrances, -1 where none is linked."""
        best = np.full(owners, len(Rung), np.int8)
        linked = self.edge_ix >= 0
        np.minimum.at(best, self.owner_ix[linked], self.rung[linked])
        best[best == len(Rung)] = -1
        return best

    def owner_reason(self, owners: int) -> Int8s:
        """(owners,) LINKED if any entrance is, else the highest ``Reason`` of its entrances;
        TOO_FAR without entrances."""
        worst = np.full(owners, int(Reason.TOO_FAR), np.int8)
        linked = self.edge_ix >= 0
        np.maximum.at(worst, self.owner_ix[~linked], self.reason[~linked])  # slow for many rows
        worst[self.owner_ix[linked]] = int(Reason.LINKED)
        return worst


@dataclass(frozen=True, eq=False)
class Linked:
    """Owners (ids) with their linked entrance points."""

    ids: pd.Index
    links: Linkage

    def only(self, owners: Bools) -> Linked:
        """The same ids, with the entrance points of the chosen ``owners`` (mask) only."""
        return Linked(self.ids, self.links.rows(owners[self.links.owner_ix]))
