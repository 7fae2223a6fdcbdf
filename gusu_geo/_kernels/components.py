"""Connected components."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.nearest import as_int32

Int32s = npt.NDArray[np.int32]


def label_components(edge_u: Int32s, edge_v: Int32s, nodes: int) -> Int32s:
    """Representative node of each node's component (N,), by union-find with path halving."""
    parent = np.arange(nodes, dtype=np.int32)
    _join(as_int32(edge_u), as_int32(edge_v), parent)
    return parent


@njit(cache=True, nogil=True)
def _join(edge_u: Int32s, edge_v: Int32s, parent: Int32s) -> None:
    """Make each of ``parent`` (N,), at first the node itself, the first node of its component."""
    for edge in range(len(edge_u)):
        a, b = edge_u[edge], edge_v[edge]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    for node in range(len(parent)):
        root = parent[node]
        while parent[root] != root:
            root = parent[root]
        parent[node] = root
