"""How well a body fits a community: what the community lacks, and what the body is there for.

Of community c and service k: need[c,k] = persons whose home lacks k (low: surely; high: also the
unknown). Of body b: covers[b,k] = one of its functions is about k (``Service.served_by``).

    fit[b,c] = 100 x sum over k of covers[b,k] x need[c,k] / persons[c]

In words: of every 100 residents, how many lack what the body is there for, services added up; so
one point of ``switching`` or ``per_km`` weighs as much as one of 100 residents who lacks a service.
By residents and not by persons alone, because a pair is one body for one community, whatever its
size. With ``signals`` = a above 0, what a community lacks counts 1 + a (r - 1) times, r being its
shrunk rate of signals over the district's (as in siting; none is known: once); by default signals
are shown beside and do not count: whoever is visited more reports more. What a pair is worth is its
fit less ``per_km`` a kilometre (straight, to the mean place of the residents; where either place is
unknown nothing is taken off) and less ``switching`` unless it is a pair of today.

Whoever fits nobody, and whoever nobody fits, does not count for the least fit, which would be
nought for all: bodies without a known function, communities that lack nothing that any body is
there for. Kept pairs do not count either, nobody chooses them. All of them count in the sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gusu_geo.assessment.pairing.model import PairingModel, in_units
from gusu_geo.assessment.rule import State, Verdict
from gusu_geo.assessment.signal_facts import SignalCell
from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.study.catalog import Service
from gusu_geo.study.district import PairingParams
from gusu_geo.tables import Bools, City, Floats, Ints
from gusu_geo.tables.books import parts_of
from gusu_geo.words import text


@dataclass(frozen=True, eq=False)
class Communities:
    """The communities (C,) by id, and what they lack. persons (C,); low, high (C,K) persons; xy
    (C,2) metres, the mean place of the residents, NaN unknown."""

    level: str
    ids: list[str]
    names: list[str]
    persons: Floats
    low: Floats
    high: Floats
    xy: Floats


@dataclass(frozen=True, eq=False)
class Sides:
    """Bodies (B,), sorted by id, and communities; covers (B,K); metres (B,C), NaN unknown; today,
    keep, forbid (B,C)."""

    bodies: pd.DataFrame
    communities: Communities
    covers: Bools
    metres: Floats
    today: Bools | None
    keep: Bools
    forbid: Bools


def level_of(city: City, named: str) -> str:
    """The level of zones that are paired: the named one, else that of communities, else the last.

    Raises StudyError: there is none.
    """
    frame = city.zones.frame
    levels = list(dict.fromkeys(frame["level"].astype(str)))
    if named in levels:
        return named
    if named or not levels:
        fix = nearest_name(named, levels) if levels else text("error.zones_needed")
        raise StudyError(text("error.level_unknown"), where="pairing.level", got=named, fix=fix)
    own = frame["level"][frame["tier"] == "community"] if "tier" in frame else frame["level"][:0]
    return str(own.iloc[0]) if len(own) else levels[-1]


def communities_of(city: City, verdict: Verdict, zone_of: pd.DataFrame, level: str) -> Communities:
    """What every zone of a level lacks; zone_of: of each home."""
    frame = city.zones.frame
    part = frame[frame["level"].astype(str) == level]
    part = part.assign(zone_id=part["zone_id"].astype(str)).sort_values("zone_id")
    homes = city.residences.frame
    persons = homes["persons"].to_numpy(float)
    xy = shapely.get_coordinates(homes.geometry.to_numpy())
    fails, unknown = verdict.state == State.FAIL, verdict.state == State.UNKNOWN
    member = zone_of[level].to_numpy(object)
    rows = {zone: np.flatnonzero(member == zone) for zone in part["zone_id"]}
    count, places = [], []
    low, high = [], []
    for rows_of in rows.values():
        heads = persons[rows_of]
        total = math.fsum(heads)
        count.append(total)
        low.append(_sums(heads, fails[rows_of]))
        high.append(_sums(heads, (fails | unknown)[rows_of]))
        weights = heads if total else np.ones(len(rows_of))
        whole = math.fsum(weights)
        places.append(
            [
                math.fsum(weights * xy[rows_of, axis]) / whole if whole else math.nan
                for axis in (0, 1)
            ]
        )
    shape = (len(part), fails.shape[1])
    return Communities(
        level,
        part["zone_id"].tolist(),
        part["name"].astype(str).tolist(),
        np.array(count, float),
        np.array(low, float).reshape(shape),
        np.array(high, float).reshape(shape),
        np.array(places, float).reshape(-1, 2),
    )


def _sums(heads: Floats, holds: Bools) -> list[float]:
    return [math.fsum(heads[column]) for column in holds.T]


def sides_of(city: City, services: Sequence[Service], communities: Communities) -> Sides:
    """Bodies and communities, and what stands between them. The city has a table of bodies."""
    bodies = city.books["bodies"]
    bodies = bodies.loc[sorted(bodies.index)]
    covers = [
        [any(service.served_by(word) for word in parts_of(functions)) for service in services]
        for functions in bodies["functions"]
    ]
    between = bodies[["x", "y"]].to_numpy(float)[:, None] - communities.xy[None]
    pairs = city.books.get("pairs")
    held = None if pairs is None else list(zip(pairs["body"], pairs["zone"], strict=True))
    named = {
        key: [(body, zone) for body, cell in bodies[key].items() for zone in parts_of(cell)]
        for key in ("keep", "forbid")
    }
    shape = (len(bodies), len(communities.ids))
    return Sides(
        bodies,
        communities,
        np.array(covers, bool).reshape(len(bodies), len(services)),
        np.hypot(between[..., 0], between[..., 1]),
        None if held is None else _marked(held, bodies, communities, shape),
        _marked(named["keep"], bodies, communities, shape),
        _marked(named["forbid"], bodies, communities, shape),
    )


def _marked(
    pairs: Sequence[tuple[object, str]],
    bodies: pd.DataFrame,
    communities: Communities,
    shape: tuple[int, int],
) -> Bools:
    marks = np.zeros(shape, bool)
    rows = {key: at for at, key in enumerate(bodies.index)}
    columns = {key: at for at, key in enumerate(communities.ids)}
    for body, zone in pairs:
        if body in rows and zone in columns:
            marks[rows[body], columns[zone]] = True
    return marks


def weights_of(communities: Communities, cells: Sequence[SignalCell] | None, a: float) -> Floats:
    """(C,1) how many times what each community lacks counts, by its signals."""
    relative = {} if cells is None else {cell["id"]: cell["relative"] for cell in cells}
    known = [relative.get(zone) for zone in communities.ids]
    return np.array([[1.0 if r is None else 1 + a * (r - 1)] for r in known]).reshape(-1, 1)


def fit_units(sides: Sides, need: Floats) -> Ints:
    """(B,C) fit in units, for what the communities lack (C,K).

    >>> import pandas as pd
    >>> two = Communities("", ["A", "B"], ["A", "B"], np.array([200.0, 0]), *np.zeros((3, 2, 2)))
    >>> covers = np.array([[True, False], [True, True]])
    >>> sides = Sides(pd.DataFrame(), two, covers, *[np.zeros((2, 2))] * 4)
    >>> fit_units(sides, np.array([[50.0, 20.0], [0, 0]])).tolist()
    [[250000, 0], [350000, 0]]
    """
    persons = sides.communities.persons[:, None]
    share = np.divide(100 * need, persons, out=np.zeros_like(need), where=persons > 0)
    found: Ints = sides.covers.astype(np.int64) @ in_units(share).T
    return found


def model_of(sides: Sides, need: Floats, params: PairingParams) -> PairingModel:
    """What is asked for, where the communities lack this."""
    fit = fit_units(sides, need)
    kilometres = np.nan_to_num(sides.metres, nan=0.0) / 1000
    worth = fit - in_units(params.per_km * kilometres)
    today = np.zeros(fit.shape, bool) if sides.today is None else sides.today
    if sides.today is not None:
        worth = worth - np.where(today, 0, in_units(np.array(params.switching)))
    bodies, zones = fit.shape
    allowed = ~sides.forbid
    able: Bools = np.where(allowed, fit, 0) > 0
    return PairingModel(
        fit=fit,
        worth=worth,
        today=today,
        allowed=allowed,
        kept=sides.keep,
        counts=np.logical_and.outer(able.any(axis=1), able.any(axis=0)),
        body_low=np.ones(bodies, np.int64),
        body_high=np.minimum(sides.bodies["most"].to_numpy(np.int64), zones),
        zone_low=np.full(zones, params.min, np.int64),
        zone_high=np.full(zones, min(params.max, bodies), np.int64),
    )
