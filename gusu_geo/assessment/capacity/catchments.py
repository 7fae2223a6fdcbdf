"""Floating catchments: supply for each person who competes for it, from walking times.

With e(i,j) how much home i counts at venue j, P persons of homes and S supply of venues:

    demand(j) = sum over i of e(i,j) P(i)
    access(i) = sum over j of e(i,j) S(j) / demand(j)

2SFCA (Luo & Wang 2003, Environment and Planning B 30: 865-884, doi:10.1068/b29120): e = 1 within
the last step. E2SFCA (Luo & Qi 2009, Health & Place 15: 1100-1107,
doi:10.1016/j.healthplace.2009.06.002): e = w, the weight of the step that the time falls into;
steps are inclusive. 3SFCA (Wan, Zou & Sternberg 2012, International Journal of Geographical
Information Science 26: 1073-1089, doi:10.1080/13658816.2011.624987): e = w g, where
g(i,j) = w(i,j) / sum over m of w(i,m) shares each home out among the venues that it reaches.

Under all three the sum of P(i) access(i) is the supply of the venues that anybody reaches, and
more capacity at a venue lowers nobody's access. One more venue lowers nobody's under 2SFCA and
E2SFCA; under 3SFCA it may: whoever now also counts at the new venue counts less at the old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt

from gusu_geo.errors import InputError, nearest_name
from gusu_geo.tables import Floats
from gusu_geo.words import text

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Method = Literal["2sfca", "e2sfca", "3sfca"]
STEPS_S = (300.0, 600.0, 900.0)
WEIGHTS = (1.0, 0.68, 0.22)


@dataclass(frozen=True, eq=False)
class Catchments:
    """access (R,): supply for each person who competes for it; 0 where no venue is in reach. demand
    (F,): persons who compete for each venue, weighted. ratio (F,): supply for each of them; inf
    where nobody competes for a venue that has any. NaN: it rests on something unknown."""

    access: Floats
    demand: Floats
    ratio: Floats


def floating_catchments(
    times: csr_array,
    demand: npt.ArrayLike,
    supply: npt.ArrayLike,
    *,
    method: str = "e2sfca",
    steps: Sequence[float] = STEPS_S,
    weights: Sequence[float] = WEIGHTS,
) -> Catchments:
    """Supply for each person who competes for it, by floating catchments.

    times (R, F): as ``coverage`` gives them, homes x venues; a stored entry means reached, also
    where it is 0. demand (R,): persons; supply (F,): capacity; NaN where unknown, 0 or more. steps:
    in the unit of the times, rising, inclusive: beyond the last nobody is counted; weights: of each
    step, above 0 (2SFCA takes none).
    Raises InputError: an unknown method, other lengths, a number below 0, steps that do not rise.

    >>> from scipy.sparse import csr_array
    >>> seconds = csr_array([[300, 0], [600, 300], [0, 840]])
    >>> found = floating_catchments(seconds, [100, 200, 300], [10, 20], method="2sfca")
    >>> found.access.round(5).tolist()
    [0.03333, 0.07333, 0.04]
    """
    persons = _amounts("demand", demand, times.shape[0])
    capacity = _amounts("supply", supply, times.shape[1])
    counts = counted(times, method, steps, weights)
    competing = competing_for(counts, persons)
    ratio = ratios(capacity, competing)
    return Catchments(np.asarray(counts @ ratio), competing, ratio)


def counted(
    times: csr_array, method: str, steps: Sequence[float], weights: Sequence[float]
) -> csr_array:
    """(R, F) how much each home counts at each venue, e(i,j): above 0 where stored.

    Raises InputError: see ``floating_catchments``.
    """
    from scipy.sparse import csr_array

    of_step = _of_step(method, steps, weights)
    at = np.searchsorted(np.asarray(steps, float), times.data)  # a time of a step is within it
    near = at < len(steps)
    row = np.repeat(np.arange(times.shape[0]), np.diff(times.indptr))[near]
    count = of_step[at[near]]
    if method == "3sfca":
        whole = np.bincount(row, weights=count, minlength=times.shape[0])
        count = count * (count / whole[row])
    return csr_array((count, (row, times.indices[near])), shape=times.shape)


def competing_for(counts: csr_array, demand: Floats) -> Floats:
    """(F,) persons who compete for each venue, weighted; NaN where it rests on an unknown
    number."""
    return np.asarray(counts.T @ demand, float)


def ratios(supply: Floats, competing: Floats) -> Floats:
    """(F,) supply for each person who competes, see ``Catchments.ratio``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = supply / competing
    ratio[(supply == 0) & ~np.isnan(competing)] = 0.0
    return ratio


def _of_step(method: str, steps: Sequence[float], weights: Sequence[float]) -> Floats:
    """The weight of each step."""
    if method not in get_args(Method):
        fix = nearest_name(str(method), get_args(Method))
        raise InputError(text("error.method_unknown"), got=method, fix=fix)
    if not len(steps) or not all(a < b for a, b in zip((0.0, *steps), steps, strict=False)):
        what = text("error.sentence", what=text("error.steps_rise"))
        raise InputError(what, got=", ".join(map(str, steps)))
    if method == "2sfca":
        return np.ones(len(steps))
    if len(weights) != len(steps) or not all(weight > 0 for weight in weights):
        what = text("error.sentence", what=text("error.weights_fall", count=len(steps)))
        raise InputError(what, got=", ".join(map(str, weights)))
    return np.asarray(weights, float)


def _amounts(name: str, values: npt.ArrayLike, count: int) -> Floats:
    """Numbers of 0 or more, NaN where unknown."""
    found = np.asarray(values, float)
    if found.shape != (count,):
        raise InputError(text("error.amounts_count", name=name, count=count), got=found.shape)
    bad = np.flatnonzero((found < 0) | np.isinf(found))
    if len(bad):
        raise InputError(text("error.amounts_below", name=name), got=float(found[bad[0]]))
    return found
