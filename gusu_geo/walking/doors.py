"""Doors of points: where they are linked to streets, in every reading that counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gusu_geo.streets.network import WalkNetwork
from gusu_geo.streets.open_barriers import OpenBarriers
from gusu_geo.tables import Bools, Entrances, WayFlag
from gusu_geo.walking.linkage import Linkage, Linking
from gusu_geo.walking.snapping import snap


def doors_of(
    net: WalkNetwork, points: Entrances, linking: Linking, *, closed: Bools | None = None
) -> Linkage:
    """``snap``; where all gates are opened, also the doors that owners have while they are closed.

    The nearest street may be a dead end behind an opened wall, so an owner keeps the doors of the
    closed reading and gets more; every trip takes the best. Then rows are in order of the owners,
    not of ``points``.
    """
    barriers = linking.barriers
    if not isinstance(barriers, OpenBarriers):
        return snap(net, points, linking, closed=closed)
    shut = net.flagged(WayFlag.OPENING)
    shut = shut if closed is None else closed | shut
    known = snap(net, points, replace(linking, barriers=barriers.closed), closed=shut)
    more = snap(net, points, linking, closed=closed)
    kept = known.rows(np.flatnonzero(known.edge_ix >= 0))
    both = kept.joined(more.rows(np.flatnonzero(~_among(more, kept))))
    return both.rows(np.argsort(both.owner_ix, kind="stable"))


def _among(some: Linkage, others: Linkage) -> Bools:
    """(P,) whether the same door is among ``others``."""
    keys = [
        np.column_stack([links.owner_ix, links.edge_ix, links.offset_cm, links.leg_cm])
        for links in (some, others)
    ]
    rows, number = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    number = number.reshape(-1)
    found = np.zeros(len(rows), bool)
    found[number[len(keys[0]) :]] = True
    return np.asarray(found[number[: len(keys[0])]])
