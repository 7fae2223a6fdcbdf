"""Names of streets on the page: one table of names, and for each drawn line its place in it.

``street_name`` stands beside ``street_sizes`` and ``street_class``, line by line, on full and on
lite pages alike: the search reads it, and so can whoever draws names.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gusu_geo.report.webmap.grid import Arrays
from gusu_geo.report.webmap.pinyin import spelled
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Ints

NAMELESS = -1


def street_name_ix(net: WalkNetwork) -> Ints:
    """(E,) position of each edge's name in the table; ``NAMELESS`` for none."""
    return _table(net)[1]


def street_name_arrays(of_lines: Ints) -> Arrays:
    """of_lines: position of the name of each drawn line, in the order of ``street_sizes``."""
    return {"street_name": of_lines}


def street_name_texts(net: WalkNetwork) -> dict[str, Any]:
    """The table of names, sorted, and how they are typed."""
    names = _table(net)[0]
    return {"streets": {"names": names, "spelled": spelled(names)}}


def _table(net: WalkNetwork) -> tuple[list[str], Ints]:
    plain: npt.NDArray[np.str_] = np.array([name.strip() for name in net.name.tolist()], str)
    names, place = np.unique(plain, return_inverse=True)
    first = int(len(names) > 0 and names[0] == "")  # sorts before every name
    return names[first:].tolist(), place.astype(np.int64) - first
