"""The limits of a funnel plot as curves over what is expected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from typing_extensions import TypedDict

from gusu_geo.assessment.complaints import TAIL_95, TAIL_998
from gusu_geo.assessment.summary import ComplaintRow
from gusu_geo.tables import Floats

POINTS = 60


class FunnelCurves(TypedDict):
    """By ``expected``: seen over expected at both limits of 95 and of 99.8 %."""

    expected: list[float]
    low_95: list[float]
    high_95: list[float]
    low_998: list[float]
    high_998: list[float]


def funnel_curves(rows: Sequence[ComplaintRow]) -> FunnelCurves:
    """Curves that reach a little beyond the rows; without any rows empty."""
    shown = [row["expected"] for row in rows if row["expected"]]
    if not shown:
        return {"expected": [], "low_95": [], "high_95": [], "low_998": [], "high_998": []}
    # Dense where the funnel is steep.
    expected = np.linspace(np.sqrt(min(shown) * 0.9), np.sqrt(max(shown) * 1.05), POINTS) ** 2
    ends = {
        name: (limits(expected, tail) / expected).round(4)
        for name, tail in (("95", TAIL_95), ("998", TAIL_998))
    }
    return {
        "expected": expected.round(4).tolist(),
        "low_95": ends["95"][0].tolist(),
        "high_95": ends["95"][1].tolist(),
        "low_998": ends["998"][0].tolist(),
        "high_998": ends["998"][1].tolist(),
    }


def limits(expected: Floats, tail: float) -> Floats:
    """(2,n) counts beyond which one is outside, where ``tail`` is left beyond each.

    Poisson quantiles, interpolated (Spiegelhalter 2005, Statistics in Medicine 24: 1185-1202,
    appendix A.1.1, doi:10.1002/sim.1970), the upper one a count later, so that a count lies above
    the curve exactly if P(X >= count) <= tail, and below it if P(X <= count) <= tail. No lower
    limit below 0.

    >>> low, high = limits(np.array([3.0]), 0.001)[:, 0]  # expected 3: black from 11 up
    >>> bool(10 < high <= 11), bool(low == 0)
    (True, True)
    """
    from scipy.stats import poisson  # most studies have no complaints

    ends = []
    for share, later in ((tail, 0), (1 - tail, 1)):
        least = poisson.ppf(share, expected)
        over = (poisson.cdf(least, expected) - share) / poisson.pmf(least, expected)
        ends.append(np.maximum(least + later - over, 0))
    return np.asarray(ends, np.float64)
