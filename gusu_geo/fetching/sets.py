"""Sets of regions, each kept once under a number: an object's number says which regions get it.

Millions of objects belong to few different sets, so a number for each object and a bit for every
region of each set are small, however many regions are cut at once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gusu_geo.tables import Bools

Numbers = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.uint64]
BITS = 64  # of a word


class Sets:
    """The sets met so far. rows (S, words): a bit for every region; set 0 is the empty one."""

    def __init__(self, regions: int) -> None:
        self.regions = regions
        self.words = max(-(-regions // BITS), 1)
        self.rows: Rows = np.zeros((1, self.words), np.uint64)
        self._number = {self.rows[0].tobytes(): 0}

    def numbers(self, rows: Rows) -> Numbers:
        """The number of each of the sets (n, words), new ones kept."""
        if not len(rows):
            return np.zeros(0, np.uint32)
        order = np.lexsort(rows.T)
        ordered = rows[order]
        first = np.ones(len(rows), bool)
        first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
        different = ordered[first]
        keys = [row.tobytes() for row in different]
        fresh = [ix for ix, key in enumerate(keys) if key not in self._number]
        for ix in fresh:
            self._number[keys[ix]] = len(self._number)
        if fresh:
            self.rows = np.concatenate((self.rows, different[fresh]))
        known = np.array([self._number[key] for key in keys], np.uint32)
        numbers = np.empty(len(rows), np.uint32)
        numbers[order] = known[np.cumsum(first) - 1]
        return numbers

    def row(self, members: Bools) -> Rows:
        """The set (words,) of the regions that are marked (regions,)."""
        padded = np.zeros(self.words * BITS, bool)
        padded[: self.regions] = members
        row: Rows = np.packbits(padded, bitorder="little").view("<u8").astype(np.uint64)
        return row

    def members(self) -> Bools:
        """Which regions each set has (S, regions)."""
        bits = np.unpackbits(self.rows.astype("<u8").view(np.uint8), axis=1, bitorder="little")
        return bits[:, : self.regions].astype(bool)


def joined(rows: Rows, group: npt.NDArray[np.int64], groups: int) -> Rows:
    """The union of the sets (n, words) of each group (groups, words); group (n,): ascending."""
    whole: Rows = np.zeros((groups, rows.shape[1]), np.uint64)
    if len(rows):
        first = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
        whole[group[first]] = np.bitwise_or.reduceat(rows, first, axis=0)
    return whole


def give(numbers: Numbers, at: npt.NDArray[np.int64], more: Numbers, sets: Sets) -> None:
    """Add to the sets of some objects, in place: to that of ``numbers[at[i]]`` the set
    ``more[i]``; the same object may come several times."""
    pairs = np.unique((at << 32) | more.astype(np.int64))  # at: below 2^31
    who, what = pairs >> 32, pairs & 0xFFFFFFFF
    first = np.r_[True, who[1:] != who[:-1]][: len(who)]
    one = who[first]
    rows = joined(sets.rows[what], np.cumsum(first) - 1, len(one))
    numbers[one] = sets.numbers(rows | sets.rows[numbers[one]])
