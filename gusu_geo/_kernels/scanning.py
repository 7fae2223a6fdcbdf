"""Windows of neighbouring cells with more events than their share: the likeliest of each run.

A run gives every cell a count and an expected number. The work is one pass along the neighbours of
every cell; a logarithm is taken only where a bound on it says that a window may beat the best.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import log
from typing import Any

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.blocks import THREADS
from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.search import Int32s

BLOCK_RUNS = 32  # handed to a thread at a time
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@njit(cache=True, nogil=True)
def likeliest_block(
    order: Int32s,
    whole: Bools,
    counts: Floats,
    expected: Floats,
    most: float,
    first: int,
    last: int,
    into: Floats,
) -> None:
    """Fill ``into`` from ``first`` to ``last`` with the greatest log likelihood ratio of each run.

    order (N,L): cells by distance from each cell, itself first; whole (N,L): a window may end
    here, being all within some distance; counts, expected (runs,N): sums alike; most: expected
    number that a window holds at most. 0 where no window has more than its share.
    """
    for run in range(first, last):
        count, share = counts[run], expected[run]
        total = 0.0
        for cell in range(len(count)):
            total += count[cell]
        best = 0.0
        for centre in range(order.shape[0]):
            seen, mean = 0.0, 0.0
            for at in range(order.shape[1]):
                cell = order[centre, at]
                seen += count[cell]
                mean += share[cell]
                if mean > most:
                    break
                more = seen - mean
                if more <= 0.0 or not whole[centre, at]:
                    continue
                # The ratio is at most chi-square: no logarithm where even that is no more.
                rest = total - mean
                if more * more * total <= best * mean * rest:
                    continue
                ratio = seen * log(seen / mean)
                if total > seen:
                    ratio += (total - seen) * log((total - seen) / rest)
                if ratio > best:
                    best = ratio
        into[run] = best


def likeliest(
    order: Int32s,
    whole: Bools,
    counts: Floats,
    expected: Floats,
    most: float,
    *,
    threads: int = THREADS,
) -> Floats:
    """(runs,) as of ``likeliest_block``; it does not depend on the number of threads."""
    runs = len(counts)
    found = np.zeros(runs)
    kernel: Callable[..., Any] = likeliest_block

    def work(first: int) -> None:
        last = min(first + BLOCK_RUNS, runs)
        kernel(order, whole, counts, expected, float(most), first, last, found)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(0, runs, BLOCK_RUNS)))
    return found
