"""Rates of counted events with exact intervals, and rates pulled towards that of all.

All intervals are central 95 % ones. Where a rate cannot be formed it is None, never 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gusu_geo.assessment.signal_facts import Rate
from gusu_geo.tables import Floats, Ints

TAIL = 0.025  # beyond each end of a 95 % interval
DECIMALS = 4  # of rates
PER_PERSONS = 1000.0  # of signals
NO_RATE: Rate = {"rate": None, "low": None, "high": None}


def garwood(count: int, tail: float = TAIL) -> tuple[float, float]:
    """Exact limits for the mean of a Poisson count (Garwood 1936, Biometrika 28: 437-442,
    doi:10.1093/biomet/28.3-4.437): half the quantiles of chi-square with 2 count and 2 count + 2
    degrees of freedom.

    >>> [round(limit, 3) for limit in garwood(10)], [round(limit, 3) for limit in garwood(0)]
    ([4.795, 18.39], [0.0, 3.689])
    """
    from scipy.special import gammaincinv  # half of chi-square(2k) is a gamma variable of shape k

    low = float(gammaincinv(count, tail)) if count else 0.0
    return low, float(gammaincinv(count + 1, 1 - tail))


def rate_of(count: int, exposure: float | None, per: float) -> Rate:
    """Events per ``per`` units of exposure with Garwood's interval; None without exposure.

    >>> rate_of(10, 500, 1000)
    {'rate': 20.0, 'low': 9.5908, 'high': 36.7807}
    """
    if not exposure:
        return {**NO_RATE}
    low, high = garwood(count)
    return _rate(count / exposure, low / exposure, high / exposure, per)


@dataclass(frozen=True, eq=False)
class Shrunk:
    """Rates (Z,) pulled towards ``mean``, the rate of all, NaN without exposure; low, high (Z,):
    their interval; variance: between cells, beyond chance."""

    rate: Floats
    low: Floats
    high: Floats
    mean: float
    variance: float

    def shown(self, at: int, per: float) -> Rate:
        """One of them, per ``per`` units of exposure."""
        if math.isnan(self.rate[at]):
            return {**NO_RATE}
        return _rate(float(self.rate[at]), float(self.low[at]), float(self.high[at]), per)

    def relative(self, at: int) -> float | None:
        """One of them over the rate of all; None where either is unknown, or nobody reported."""
        if math.isnan(self.rate[at]) or not self.mean:
            return None
        return round(float(self.rate[at]) / self.mean, 6)


def shrink(count: Ints, exposure: Floats) -> Shrunk:
    """Global empirical Bayes rates by the method of moments (Marshall 1991, Applied Statistics 40:
    283-294, doi:10.2307/2347593).

    count, exposure (Z,); exposure 0 or NaN: unknown, and in no sum. With r = count / exposure,
    m = sum(count) / sum(exposure) and the mean exposure e:

        variance = max(0, sum(exposure (r - m)^2) / sum(exposure) - m / e)
        weight   = variance / (variance + m / exposure)
        rate     = m + weight (r - m)

    This is the mean of the gamma distribution that a gamma prior of mean m and this variance
    becomes after count events (Clayton & Kaldor 1987, Biometrics 43: 671-681,
    doi:10.2307/2532003); the interval is its central 95 %. It takes m and the variance as known.
    Where the variance is 0 no cell differs, and all have m with Garwood's interval for all counts.
    """
    there = np.asarray(exposure > 0)  # NaN compares false
    n, c = exposure[there], count[there].astype(float)
    total, persons = math.fsum(c), math.fsum(n)
    rate, low, high = (np.full(len(count), np.nan) for _ in range(3))
    if not persons:
        return Shrunk(rate, low, high, math.nan, math.nan)
    mean = total / persons
    spread = math.fsum(n * (c / n - mean) ** 2) / persons
    variance = max(0.0, spread - mean * len(n) / persons)
    if variance <= 1e-12 * spread:
        limits = garwood(round(total))
        rate[there], low[there], high[there] = mean, limits[0] / persons, limits[1] / persons
        return Shrunk(rate, low, high, mean, 0.0)
    from scipy.special import gammaincinv

    weight = variance / (variance + mean / n)
    rate[there] = mean + weight * (c / n - mean)
    shape, per = mean * mean / variance + c, mean / variance + n
    low[there] = gammaincinv(shape, TAIL) / per
    high[there] = gammaincinv(shape, 1 - TAIL) / per
    return Shrunk(rate, low, high, mean, variance)


def _rate(rate: float, low: float, high: float, per: float) -> Rate:
    return {
        "rate": round(rate * per, DECIMALS),
        "low": round(low * per, DECIMALS),
        "high": round(high * per, DECIMALS),
    }
