"""Public streets that only private ways join to the rest: a part of the private ground."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels import label_components
from gusu_geo.tables import Bools, Int32s, WayFlag

ENCLOSED_MAX_M = 5_000.0  # a longer piece is a quarter with streets of its own, no private ground
_NO_JOIN = int(WayFlag.PRIVATE | WayFlag.FERRY | WayFlag.OPENING)


def enclosed(
    u: Int32s, v: Int32s, length_cm: Int32s, flags: npt.NDArray[np.int16], nodes: int
) -> Bools:
    """(E,) public edges in pieces shorter than ``ENCLOSED_MAX_M`` that private ways alone join to
    other streets; u, v, length_cm, flags (E,): as in ``WalkNetwork``.

    A piece is public streets that are joined to each other, whoever walks and in whichever
    direction. The longest piece is never enclosed, nor is one that meets no private way, nor one
    that leads out of the ground that was read: a cut encloses nobody. A ferry joins nothing: few
    can count on it. Nor does a gate that only the study opens, so that opening gates takes no way
    from anybody.
    """
    public = (flags & _NO_JOIN) == 0
    beyond = public & ((flags & WayFlag.BEYOND) != 0)
    private = (flags & WayFlag.PRIVATE) != 0
    if not (private.any() and public.any()):
        return np.zeros(len(u), bool)
    label = label_components(u[public], v[public], nodes)
    metres = np.bincount(label[u[public]], length_cm[public], minlength=nodes) / 100
    metres[label[u[beyond]]] = np.inf
    small = metres < min(ENCLOSED_MAX_M, metres.max())
    met = np.zeros(nodes, bool)
    met[label[u[private]]] = met[label[v[private]]] = True
    return np.asarray(public & (small & met)[label[u]])
