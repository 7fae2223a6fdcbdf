"""Complaints per household of compounds, held against what chance alone would give.

Expected is a compound's households times the rate of its zone (indirect standardisation); limits
are those of a funnel plot (Spiegelhalter 2005, Statistics in Medicine 24: 1185-1202,
doi:10.1002/sim.1970) with exact Poisson tails, one-sided: each limit is passed by chance in 2.5 %,
or in 0.1 %. Only what lies outside the 99.8 % limits is named: with hundreds of compounds, some
rank first by chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import shapely

from gusu_geo.assessment.rates import garwood
from gusu_geo.assessment.summary import ComplaintRow, Complaints
from gusu_geo.assessment.zones import OUTSIDE, zones_of_points
from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.study.params import Study
from gusu_geo.tables import City
from gusu_geo.words import text

TAIL_95, TAIL_998 = 0.025, 0.001  # beyond each of two limits


def complaints(study: Study, city: City) -> Complaints | None:
    """The compounds with their complaints, those farthest above what is expected first; None where
    no source has complaints. Raises StudyError: ``compounds.standard`` is no level of the zones."""
    given = city.facts.get("complaints", [])
    level = _level(study, city)
    if not given:
        return None
    zone_of = [OUTSIDE] * len(given)
    if level:
        part = city.zones.frame[city.zones.frame["level"].astype(str) == level]
        points = shapely.points([(float(row["x"] or 0), float(row["y"] or 0)) for row in given])
        zone_of = zones_of_points(points, part).tolist()
    rows = funnel(given, zone_of)
    unknown = [str(row["id"]) for row in given if not _usable(row)]
    return {"standard": level, "unknown": unknown, "rows": rows}


def funnel(
    given: Sequence[Mapping[str, str | float | None]], zone_of: Sequence[str]
) -> list[ComplaintRow]:
    """Each compound with the complaints expected of it, its one-sided probabilities and whether it
    lies outside the limits.

    given: id, name, complaints and households (None unknown: left out); zone_of: whose rate is
    expected, "" that of all compounds outside the zones.
    """
    usable = [(row, zone) for row, zone in zip(given, zone_of, strict=True) if _usable(row)]
    rates = {}
    for zone in {zone for _, zone in usable}:
        here = [row for row, where in usable if where == zone]
        heads = math.fsum(_number(row, "households") for row in here)
        rates[zone] = math.fsum(_number(row, "complaints") for row in here) / heads
    rows: list[tuple[float, int, str, ComplaintRow]] = []
    for row, zone in usable:
        count, households = round(_number(row, "complaints")), _number(row, "households")
        expected = households * rates[zone]
        more, less = tails(count, expected)
        ends = garwood(count)
        red_to, black_from = limits(expected, TAIL_998)
        low_to, high_from = limits(expected, TAIL_95)
        made = ComplaintRow(
            id=str(row["id"]),
            name=str(row["name"]),
            zone=zone,
            complaints=count,
            households=households,
            per_100=round(100 * count / households, 4),
            expected=round(expected, 4),
            ratio=_over(count, expected),
            ratio_low=_over(ends[0], expected),
            ratio_high=_over(ends[1], expected),
            red_to=red_to,
            low_to=low_to,
            high_from=high_from,
            black_from=black_from,
            p_more=round(more, 6),
            p_less=round(less, 6),
            outside=_outside(more, less),
        )
        rows.append((round(more, 6), -count, made["id"], made))
    return [made for *_, made in sorted(rows, key=lambda each: each[:3])]


def tails(count: int, expected: float) -> tuple[float, float]:
    """Probability of so many or more, and of so many or fewer, where ``expected`` are (Poisson).

    >>> more, _ = tails(6, 3.0)
    >>> round(more, 4)
    0.0839
    """
    from scipy.special import gammainc, gammaincc  # most studies have no complaints

    more = float(gammainc(count, expected)) if count else 1.0
    return more, float(gammaincc(count + 1, expected))


def limits(expected: float, tail: float) -> tuple[int | None, int]:
    """The greatest count whose probability of so few, and the least whose probability of so many,
    is ``tail`` at most: the ends of the funnel. No lower end (None) where even none is likelier.

    >>> limits(3.0, TAIL_998), limits(7.0, TAIL_998), limits(3.0, TAIL_95)
    ((None, 11), (0, 17), (None, 8))
    """
    high = math.floor(expected)
    while tails(high, expected)[0] > tail:
        high += 1
    low = math.floor(expected)
    while low >= 0 and tails(low, expected)[1] > tail:
        low -= 1
    return (low if low >= 0 else None), high


def _outside(more: float, less: float) -> str:
    """ "black", "red": above and below the 99.8 % limits; "high", "low": the 95 % limits alone."""
    if more <= TAIL_998:
        return "black"
    if less <= TAIL_998:
        return "red"
    return "high" if more <= TAIL_95 else "low" if less <= TAIL_95 else ""


def _over(count: float, expected: float) -> float | None:
    """Over what is expected; None where nothing is."""
    return round(count / expected, 4) if expected else None


def _usable(row: Mapping[str, str | float | None]) -> bool:
    """Whether complaints and households are known, and anybody lives there."""
    count, heads = row["complaints"], row["households"]
    return count is not None and heads is not None and float(heads) > 0


def _number(row: Mapping[str, str | float | None], key: str) -> float:
    return float(row[key] or 0.0)


def _level(study: Study, city: City) -> str:
    """The level whose zones have a rate of their own: as the study says, else its first; "" without
    zones."""
    levels = list(dict.fromkeys(city.zones.frame["level"].astype(str)))
    wanted = study.compounds.standard
    if wanted and wanted not in levels:
        raise StudyError(
            text("error.standard_level"),
            where="compounds.standard",
            got=wanted,
            fix=nearest_name(wanted, levels),
        )
    return wanted or (levels[0] if levels else "")
