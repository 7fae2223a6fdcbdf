"""Doors of points: where they are linked to streets, in every reading that counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gusu_geo.streets.network import WalkNetwork
from gusu_geo.streets.open_barriers import OpenBarriers
from gusu_geo.tables import Bools, Entrances, WayFlag
from gusu_geo.walking.gardens import through_garden_walls
from gusu_geo.walking.linkage import Linkage, Linking
from gusu_geo.walking.snapping import snap


def doors_of(
    net: WalkNetwork,
    points: Entrances,
    linking: Linking,
    *,
    closed: Bools | None = None,
    homes: bool = False,
) -> Linkage:
    """``snap``, and ``through_garden_walls`` if the linking assumes gates there. Where all gates
    are opened, also the doors that owners have while they are closed.

    homes: the points are doors of homes, which share a plot; others do not count as such.
    The nearest street may be a dead end behind an opened wall, so an owner keeps the doors of the
    closed reading and gets more; every trip takes the best. Then rows are in order of the owners,
    not of ``points``.
    """
    barriers = linking.barriers
    if not isinstance(barriers, OpenBarriers):
        return _known(net, points, linking, closed, homes=homes)
    shut = net.flagged(WayFlag.OPENING)
    shut = shut if closed is None else closed | shut
    known = _known(net, points, replace(linking, barriers=barriers.closed), shut, homes=homes)
    more = snap(net, points, linking, closed=closed)
    kept = known.rows(np.flatnonzero(known.edge_ix >= 0))
    both = kept.joined(more.rows(np.flatnonzero(~_among(more, kept))))
    return both.rows(np.argsort(both.owner_ix, kind="stable"))


def _known(
    net: WalkNetwork,
    points: Entrances,
    linking: Linking,
    closed: Bools | None,
    *,
    homes: bool,
) -> Linkage:
    """Doors as the walls stand."""
    if linking.homes_xy is None:
        return snap(net, points, linking, closed=closed)
    # Door by door, so that one more door never takes the gate away that is assumed for another.
    each = replace(points, owner_ix=np.arange(len(points.xy)))
    links = snap(net, each, linking, closed=closed)
    shut = np.zeros(net.edges, bool) if closed is None else closed
    links = through_garden_walls(net, each, links, linking, homes=homes, closed=shut)
    return replace(links, owner_ix=points.owner_ix[links.owner_ix])


def _among(some: Linkage, others: Linkage) -> Bools:
    """(P,) whether the same door is among ``others``."""
    keys = [
        np.column_stack(
            [links.owner_ix, links.edge_ix, links.offset_cm, links.span_cm, links.leg_cm]
        )
        for links in (some, others)
    ]
    rows, number = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    number = number.reshape(-1)
    found = np.zeros(len(rows), bool)
    found[number[len(keys[0]) :]] = True
    return np.asarray(found[number[: len(keys[0])]])
