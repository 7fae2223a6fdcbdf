"""Times from many origins to many targets within a threshold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gusu_geo._kernels import INF_CS, Chunk, Direct, Owners, owner_sets, quickest
from gusu_geo._kernels.blocks import THREADS
from gusu_geo.tables import Int32s, Ints
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.walking.linkage import Linked
from gusu_geo.walking.search import Ends, goals, same_edge, sources, starts
from gusu_geo.walking.trips import Trips

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def coverage(trips: Trips, origins: Linked, targets: Linked, *, threshold_s: float) -> csr_array:
    """Times from origins to the targets they reach within ``threshold_s`` (inclusive).

    Returns a sparse matrix, origins x targets, of centiseconds. A stored entry means reached; a
    time of zero is stored as an explicit zero.
    """
    from scipy.sparse import csr_array

    chunks = list(coverage_blocks(trips, origins, targets, threshold_s=threshold_s))
    ptr = np.concatenate([[0], *(np.diff(chunk.ptr) for chunk in chunks)]).cumsum()
    none = np.zeros(0, np.int32)
    ix = np.concatenate([none, *(chunk.ix for chunk in chunks)])
    cs = np.concatenate([none, *(chunk.cs for chunk in chunks)])
    shape = len(targets.ids), len(origins.ids)
    return csr_array((cs, ix, ptr), shape=shape).T.tocsr()


def coverage_blocks(
    trips: Trips,
    origins: Linked,
    targets: Linked,
    *,
    threshold_s: float,
    arrivals: Ends | None = None,
) -> Iterator[Chunk]:
    """``coverage`` as a stream of chunks: for its targets ``first`` to ``last`` (excluded), each
    has the positions ``ix`` of the origins that reach them and the times ``cs``, in CSR by ``ptr``.

    One search per target, in threads; the result does not depend on the number of threads. Memory
    is bounded for any number of targets, if chunks are not kept. arrivals: times to the rows of the
    targets, where they are not those of visitors (``goals``).
    """
    home, goal = origins.links, targets.links
    ends = starts(trips, home)
    node, cs, owner = quickest(ends.node.ravel(), ends.cs.ravel(), np.repeat(home.owner_ix, 2))
    pairs = same_edge(trips.pace, home, goal)
    target = goal.owner_ix[pairs.b_ix]
    by = np.argsort(target, kind="stable")
    return owner_sets(
        trips.packed(towards=True),
        sources(arrivals or goals(trips, goal), goal.owner_ix, len(targets.ids)),
        Owners.of(trips.nodes, node, owner, cs, len(origins.ids)),
        Direct(
            np.searchsorted(target[by], np.arange(len(targets.ids) + 1)),
            home.owner_ix[pairs.a_ix[by]].astype(np.int32),
            int32_cs(pairs.cs[by]),
        ),
        cutoff_to_cs(threshold_s),
        threads=THREADS,
    )


def int32_cs(cs: Ints) -> Int32s:
    """As int32; times of more than 248 days become INF_CS."""
    return np.minimum(cs, INF_CS).astype(np.int32)


def nth_nearest(
    trips: Trips,
    residences: Linked,
    facilities: Linked,
    venue_of: npt.NDArray[np.object_],
    count: int,
    cutoff_s: float,
) -> Int32s:
    """(R,) time to the ``count``-th nearest different venue; INF_CS beyond the cutoff."""
    venues, code = np.unique(venue_of.astype(str), return_inverse=True)
    links = facilities.links
    by_venue = replace(links, owner_ix=code[links.owner_ix])
    matrix = coverage(trips, residences, Linked(pd.Index(venues), by_venue), threshold_s=cutoff_s)
    time = np.full(len(residences.ids), INF_CS, np.int32)
    have = np.flatnonzero(np.diff(matrix.indptr) >= count)
    row = np.repeat(np.arange(len(time)), np.diff(matrix.indptr))
    by_time = matrix.data[np.lexsort((matrix.data, row))]
    time[have] = by_time[matrix.indptr[have] + count - 1]
    return time
