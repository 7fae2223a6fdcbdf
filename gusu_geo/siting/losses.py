"""What each site of a plan does: whom it completes in its turn, and who needs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gusu_geo.siting.demand import Matrix
from gusu_geo.siting.ranking import Cells, served
from gusu_geo.tables import Bools, Ints

NEVER = np.iinfo(np.int64).max  # turn of homes that the plan does not complete


class Effects(NamedTuple):
    """Of a plan's sites S, in their order. cells: homes and services that each serves; turn (R,):
    the site by which a home comes to have everything, ``NEVER`` for none; lost: by site, cells of
    homes that would lack the service if this site alone were left out."""

    cells: list[Cells]
    turn: Ints
    lost: list[Cells]


def effects_of(need: Ints, cover: Sequence[Matrix], offers: Bools, order: Ints) -> Effects:
    """need (R,K), cover K x (R,C), offers (C,K) as in ``solver.solve``; order (S,): the sites."""
    cells = served(need, cover, offers, order)
    left, supply = need.copy(), np.zeros_like(need)
    turn = np.full(len(need), NEVER)
    for number, (row, service) in enumerate(cells):
        left[row, service] = np.maximum(left[row, service] - 1, 0)
        supply[row, service] += 1
        done = row[(left[row].sum(axis=1) == 0) & (turn[row] == NEVER)]
        turn[done] = number
    completed = turn != NEVER
    # Where several sites serve a cell, it is lost only if none of them is to spare.
    lost = [Cells(*(part[_bare(need, supply, completed, each)] for part in each)) for each in cells]
    return Effects(cells, turn, lost)


def _bare(need: Ints, supply: Ints, completed: Bools, cells: Cells) -> Bools:
    """Which cells of a site are those of completed homes and have no venue to spare."""
    row, service = cells
    return np.asarray(completed[row] & (supply[row, service] <= need[row, service]), bool)
