"""The order of the sites of a plan: each next one gains most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse

from gusu_geo.siting.demand import Matrix
from gusu_geo.tables import Bools, Floats, Ints


class Cells(NamedTuple):
    """What a site serves: rows (of homes, ascending) and services."""

    row: Ints
    service: Ints


def ranked(
    persons: Floats, need: Ints, cover: Sequence[Matrix], offers: Bools
) -> list[tuple[int, float]]:
    """Positions of the sites, each next one gaining most (of equal ones the first), with the
    persons gained by it and all before it.

    persons (R,), need (R,K), cover K x (R,C), offers (C,K) as in ``solver.solve``. Only the sites
    that share a home with the one just taken are counted again, so that any number is ranked.
    """
    sites = np.flatnonzero(offers.any(axis=1))
    cells = served(need, cover, offers, sites)
    beside = _sites_of_rows(cells, len(persons))
    lacking, done = need.copy(), np.zeros(len(persons), bool)
    gain = np.array([_gain(persons, lacking, cells[i]) for i in range(len(sites))])
    order = []
    for _ in range(len(sites)):
        i = int(np.argmax(gain))
        row, service = cells[i]
        lacking[row, service] = np.maximum(lacking[row, service] - 1, 0)
        done[row[lacking[row].sum(axis=1) == 0]] = True
        order.append((int(sites[i]), math.fsum(persons[done])))
        for j in np.unique(beside[row].indices):
            if gain[j] >= 0:
                gain[j] = _gain(persons, lacking, cells[j])
        gain[i] = -1.0
    return order


def _gain(persons: Floats, lacking: Ints, cells: Cells) -> float:
    """Persons who get the last they lack, to a millionth."""
    last = lacking[cells] == 1
    rows, count = np.unique(cells.row[last], return_counts=True)
    return round(math.fsum(persons[rows[count == lacking[rows].sum(axis=1)]]), 6)


def served(need: Ints, cover: Sequence[Matrix], offers: Bools, sites: Ints) -> list[Cells]:
    """For each site the cells in reach where it offers what is needed."""
    once = {id(matrix): sparse.csc_array(matrix) for matrix in cover}  # often one for all services
    columns = [once[id(matrix)] for matrix in cover]
    found = []
    for c in sites:
        rows, services = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for k in np.flatnonzero(offers[c]):
            near = columns[k].indices[columns[k].indptr[c] : columns[k].indptr[c + 1]]
            near = near[need[near, k] > 0]
            rows.append(near.astype(np.int64))
            services.append(np.full(len(near), k, np.int64))
        found.append(Cells(np.concatenate(rows), np.concatenate(services)))
    return found


def _sites_of_rows(cells: list[Cells], count: int) -> Matrix:
    """Sparse (R, sites): which sites serve each row."""
    row = np.concatenate([np.zeros(0, np.int64), *(part.row for part in cells)])
    site = np.repeat(np.arange(len(cells)), [len(part.row) for part in cells])
    shape = (count, max(len(cells), 1))
    return sparse.csr_array((np.ones(len(row)), (row, site)), shape=shape)
