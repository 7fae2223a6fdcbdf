"""Of several ways between an owner and a place only the quickest: what many doors come down to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gusu_geo._kernels.compiling import njit
from gusu_geo._kernels.nearest import as_int32
from gusu_geo._kernels.search import INF_CS, Columns, Int32s


def quickest(
    place: npt.NDArray[np.integer],
    cs: npt.NDArray[np.integer],
    owner: npt.NDArray[np.integer],
) -> Columns:
    """The ways (W,) without those of INF_CS, and of ways of one owner to one place the quickest.

    place (W,): from 0 on; owner (W,): all ways of one owner in a row, else some of the slower ones
    stay. Returns place, cs and owner of the ways left, in order of the first of each.
    """
    columns = as_int32(place), as_int32(cs), as_int32(owner)
    many = len(columns[0])
    into = np.empty(many, np.int32), np.empty(many, np.int32), np.empty(many, np.int32)
    last = np.full(int(columns[0].max(initial=-1)) + 1, -1, np.int32)
    used = _quickest(columns, last, into)
    return into[0][:used], into[1][:used], into[2][:used]


@njit(cache=True, nogil=True)
def _quickest(ways: Columns, last: Int32s, into: Columns) -> int:
    """Fill ``into``; last (places,) of -1: where the last way to each place was put."""
    place, cs, owner = ways
    out_place, out_cs, out_owner = into
    used = 0
    for way in range(len(place)):
        if cs[way] == INF_CS:
            continue
        at = last[place[way]]
        if at >= 0 and out_owner[at] == owner[way]:
            out_cs[at] = min(out_cs[at], cs[way])
        else:
            last[place[way]] = used
            out_place[used], out_cs[used], out_owner[used] = place[way], cs[way], owner[way]
            used += 1
    return used
