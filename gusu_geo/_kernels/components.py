"""Connected components."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import njit

Int32s = npt.NDArray[np.int32]


@njit(cache=True, nogil=True)
def label_components(edge_u: Int32s, edge_v: Int32s, nodes: int) -> Int32s:
    """Representative node of each node's component (N,), by union-find with path halving."""
    parent = np.arange(nodes).astype(np.int32)
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
    for node in range(nodes):
        root = node
        while parent[root] != root:
            root = parent[root]
        parent[node] = root
    return parent
