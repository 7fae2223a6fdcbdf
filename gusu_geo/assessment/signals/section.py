"""Section ``signals``: what residents report, where, and whether gaps are asked for."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.assessment.complaints import TAIL_998, tails
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.nesting import compounds_of, ledger_level, level_above
from gusu_geo.assessment.rates import PER_PERSONS, Shrunk, rate_of, shrink
from gusu_geo.assessment.signal_facts import Scan, SignalCell, SignalFacts
from gusu_geo.assessment.signals.asked import Judged, asked_for
from gusu_geo.assessment.signals.scan import (
    DOUBLED_CELLS,
    POWER_MIN,
    RUNS,
    SHARE_MAX,
    Scanned,
    scan,
)
from gusu_geo.tables import Floats, Ints, Zones
from gusu_geo.tables.books import RUNGS, on_visits, parts_of

PER_VISITS = 100.0
DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, eq=False)
class Cells:
    """Zones (Z,) of one level by id: persons, and the middle of their homes weighted by them, NaN
    where nobody lives; signals, and of them those of rounds with visits there; visits, NaN where
    unknown."""

    ids: list[str]
    names: list[str]
    persons: Floats
    xy: Floats
    signals: Ints
    visited: Ints
    visits: Floats


def signal_facts(judgement: Judgement, zone_of: pd.DataFrame) -> SignalFacts | None:
    """What the ledger of signals says, nothing suppressed; None where the study has none.

    zone_of: of each home, one column per level.
    """
    city, params = judgement.city, judgement.study.signals
    signals = city.books.get("signals")
    if params is None or signals is None:
        return None
    level = ledger_level(params.level, city.zones.frame)
    homes = city.residences.frame.loc[judgement.verdict.residence_ids]
    zone_of = zone_of.loc[homes.index]
    visits = city.books.get("visits")
    if visits is not None and len(signals) and not on_visits(signals, visits).any():
        visits = None  # of other rounds: how many signals they brought is unknown, not 0
    cells = cells_of(city.zones, level, homes, zone_of, signals, visits)
    asked, left_out = asked_for(signals, _judged(judgement, level, homes, zone_of))
    by_visits = params.expected == "visits"
    count = cells.visited if by_visits else cells.signals
    weight = cells.visits if by_visits else cells.persons
    scanned = scan(cells.xy, count, weight)
    used = int(cells.signals.sum())
    known = ~np.isnan(cells.visits)
    heads, days = math.fsum(cells.persons), sorted(set(signals["date"]) - {""})
    met = round(math.fsum(cells.visits[known]), 2)
    return {
        "file": PurePath(params.source.replace("\\", "/")).name,
        "until": params.until.isoformat() if params.until else "",
        "level": level,
        "total": len(signals),
        "used": used,
        "days": [days[0], days[-1]] if days else [],
        "located": {rung: int((signals["located"] == rung).sum()) for rung in RUNGS},
        "kinds": _most_first(map(str, signals["kind"])),
        "origins": _most_first(map(str, signals["origin"])),
        "rounds": dict(sorted(_most_first(map(str, signals["round"])).items(), key=_natural)),
        "themes": _most_first(_words_of(signals["theme"])),
        "all": rate_of(used, heads, PER_PERSONS),
        "visits": None if visits is None else met,
        "all_per_visit": (
            None if visits is None else rate_of(int(cells.visited[known].sum()), met, PER_VISITS)
        ),
        "cells": _rows(cells, signals, judgement, scanned, (count, weight), visits is not None),
        "scan": _scan_facts(scanned, cells, params.expected),
        "asked": asked,
        "left_out": left_out,
        "weight": params.siting_weight,
    }


def weights_of(facts: SignalFacts, zone_of: pd.DataFrame, a: float) -> Floats:
    """Weights (R,) of homes for siting: 1 + a (relative - 1), where ``relative`` is the shrunk rate
    of the home's zone over that of all; 1 where that is unknown. a: from 0 (all 1) to 1.

    facts: whole, not as shown in public; zone_of: of each home, one column per level.
    """
    relative = {row["id"]: row["relative"] for row in facts["cells"]}
    known = {zone: value for zone, value in relative.items() if value is not None}
    zones = zone_of[facts["level"]].astype(str)
    times = np.array([known.get(zone, 1.0) for zone in zones], float)
    weights: Floats = 1.0 + a * (times - 1.0)
    return weights


def cells_of(
    zones: Zones,
    level: str,
    homes: gpd.GeoDataFrame,
    zone_of: pd.DataFrame,
    signals: pd.DataFrame,
    visits: pd.DataFrame | None,
) -> Cells:
    """The zones of a level with what is counted in them. Signals of a round without visits in their
    zone do not count beside visits; a visit without a round is of all."""
    names = zone_names(zones, level)
    at = {zone: place for place, zone in enumerate(names)}
    home_zone, persons = zone_of[level].astype(str), homes["persons"].to_numpy(float)
    place = np.array([at.get(zone, -1) for zone in home_zone], np.int64)
    heads = _sums(persons, place, len(at))
    middle = [
        _sums(persons * np.asarray(axis, float), place, len(at))
        for axis in (homes.geometry.x, homes.geometry.y)
    ]
    with np.errstate(invalid="ignore"):
        xy = np.column_stack(middle) / np.where(heads > 0, heads, np.nan)[:, None]
    own = np.array([at.get(str(zone), -1) for zone in signals["zone"]], np.int64)
    met = np.zeros(len(signals), bool) if visits is None else on_visits(signals, visits)
    return Cells(
        list(names),
        list(names.values()),
        heads,
        xy,
        np.bincount(own[own >= 0], minlength=len(at)),
        np.bincount(own[(own >= 0) & met], minlength=len(at)),
        _visits_of(visits, at),
    )


def zone_names(zones: Zones, level: str) -> dict[str, str]:
    """The zones of a level by id, sorted."""
    part = zones.frame[zones.frame["level"].astype(str) == level]
    given = dict(zip(part["zone_id"].astype(str), part["name"].astype(str), strict=True))
    return {zone: given[zone] for zone in sorted(given)}


def _judged(
    judgement: Judgement, level: str, homes: gpd.GeoDataFrame, zone_of: pd.DataFrame
) -> Judged:
    city, verdict = judgement.city, judgement.verdict
    upper = level_above(level, city.zones.frame)
    shape = homes.geometry.to_numpy(object)
    if "footprint" in homes:
        drawn = homes["footprint"].to_numpy(object)
        shape = np.where(pd.isna(drawn), shape, drawn)
    return Judged(
        services=verdict.services,
        state=verdict.state,
        persons=homes["persons"].to_numpy(float),
        shape=shape,
        compound=compounds_of(homes),
        zone=zone_of[upper].to_numpy(object) if upper else np.full(len(homes), "", object),
        zones=zone_names(city.zones, upper) if upper else {},
        outlines=city.compounds,
    )


def _visits_of(visits: pd.DataFrame | None, at: Mapping[str, int]) -> Floats:
    found = np.full(len(at), np.nan)
    if visits is not None:
        for zone, part in visits.groupby("zone"):
            if str(zone) in at:
                found[at[str(zone)]] = math.fsum(part["visits"].dropna())
    return found


def _sums(values: Floats, place: Ints, count: int) -> Floats:
    """Sums (count,) by place, which do not depend on the order of the homes."""
    held: list[list[float]] = [[] for _ in range(count)]
    for value, where in zip(values.tolist(), place.tolist(), strict=True):
        if where >= 0:
            held[where].append(value)
    return np.array([math.fsum(each) for each in held], float)


def _rows(
    cells: Cells,
    signals: pd.DataFrame,
    judgement: Judgement,
    scanned: Scanned,
    basis: tuple[Ints, Floats],
    with_visits: bool,
) -> list[SignalCell]:
    count, weight = basis
    shares = np.where(weight > 0, weight, 0.0)
    counted, whole = int(count[shares > 0].sum()), math.fsum(shares)
    services = _by_service(signals, judgement.verdict.services)
    shrunk: Shrunk = shrink(cells.signals, cells.persons)
    cluster = {at: k for k, held in enumerate(scanned.clusters, 1) for at in held.cells}
    rows: list[SignalCell] = []
    for at, zone in enumerate(cells.ids):
        expected = counted * float(shares[at]) / whole if shares[at] else None
        visits = None if math.isnan(cells.visits[at]) else float(cells.visits[at])
        rows.append(
            {
                "id": zone,
                "name": cells.names[at],
                "persons": round(float(cells.persons[at]), 2),
                "visits": visits,
                "signals": int(cells.signals[at]),
                "services": {key: held[zone] for key, held in services.items()},
                "per_1000": rate_of(int(cells.signals[at]), cells.persons[at], PER_PERSONS),
                "per_visit": (
                    rate_of(int(cells.visited[at]), visits, PER_VISITS) if with_visits else None
                ),
                "expected": None if expected is None else round(expected, 4),
                "shrunk": shrunk.shown(at, PER_PERSONS),
                "relative": shrunk.relative(at),
                "cluster": cluster.get(at, 0),
                "alone": _alone(int(count[at]), expected),
            }
        )
    return rows


def _by_service(signals: pd.DataFrame, services: Iterable[str]) -> dict[str, Counter[str]]:
    """By service the signals of each zone."""
    found: dict[str, Counter[str]] = {key: Counter() for key in services}
    for zone, cell in zip(signals["zone"], signals["services"], strict=True):
        for key in parts_of(cell):
            if key in found:
                found[key][str(zone)] += 1
    return found


def _alone(count: int, expected: float | None) -> str:
    """ "high", "low": outside the 99.8 % limits of Poisson, one of a thousand beyond each."""
    if expected is None:
        return ""
    more, fewer = tails(count, expected)
    return "high" if more <= TAIL_998 else "low" if fewer <= TAIL_998 else ""


def _scan_facts(scanned: Scanned, cells: Cells, by: str) -> Scan:
    return {
        "state": scanned.state,
        "by": by,
        "runs": RUNS,
        "share_max": SHARE_MAX,
        "power": None if scanned.power is None else round(scanned.power, 4),
        "power_min": POWER_MIN,
        "doubled": DOUBLED_CELLS,
        "aside": [cells.ids[at] for at in scanned.aside],
        "cells": scanned.cells,
        "signals": scanned.count,
        "clusters": [
            {
                "zones": [cells.ids[at] for at in held.cells],
                "names": [cells.names[at] for at in held.cells],
                "signals": held.count,
                "expected": round(held.expected, 4),
                "times": round(held.count / held.expected, 4),
                "llr": round(held.llr, 4),
                "p": round(held.p, 6),
            }
            for held in scanned.clusters
        ],
    }


def _words_of(cells: Iterable[str]) -> Iterator[str]:
    """The parts of each cell, "" of a blank one."""
    for cell in cells:
        yield from parts_of(cell) or ("",)


def _most_first(words: Iterable[str]) -> dict[str, int | None]:
    """Counts by word, the most frequent first, what is blank last."""
    counts = Counter(words)
    ranked = sorted(counts, key=lambda word: (word == "", -counts[word], word))
    return {word: counts[word] for word in ranked}


def _natural(item: tuple[str, int | None]) -> tuple[bool, list[str | int]]:
    """Round 9 before round 10, what is blank last."""
    word = item[0]
    return word == "", [int(p) if p.isdecimal() else p for p in DIGITS.split(word)]
