"""How many persons the homes hold, by what method, and who says so."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TypedDict

import geopandas as gpd
import numpy as np

from gusu_geo.sources.registered_homes import Settled
from gusu_geo.study.params import RegionParams, ResidenceParams
from gusu_geo.tables import Both, Floats, Note, PersonsFact
from gusu_geo.words import both, note, text


class _How(TypedDict):
    estimate: bool
    counted: bool
    region: RegionParams | None


def fact_of_buildings(
    params: ResidenceParams,
    frame: gpd.GeoDataFrame,
    settled: Settled | None,
    region: RegionParams | None = None,
) -> PersonsFact:
    """The persons of homes in buildings, those of a registry included."""
    heads = frame["persons"].to_numpy(float)
    method, source = by_floor_area(params, region), "OpenStreetMap"
    how: _How = {"estimate": True, "counted": False, "region": region}
    if settled is None or params.compounds is None:
        return persons_fact(params, heads, method, source=source, **how)
    every = np.concatenate((heads, settled.alone["persons"].to_numpy(float)))
    source = f"{Path(params.compounds.source).name}, {source}"
    method = both("fact.by_registry", others=method)
    fact = persons_fact(params, every, method, source=source, **how)
    # The total is that of the homes: where all are registered, the study's own may differ.
    counted = bool(settled.registered.all()) or params.persons_total is not None
    return {**fact, "total": math.fsum(every), "counted": counted}


def persons_fact(
    params: ResidenceParams,
    persons: Floats,
    method: Both,
    *,
    source: str,
    estimate: bool,
    counted: bool,
    region: RegionParams | None = None,
) -> PersonsFact:
    """``source``: used when the study names none; ``counted``: whether the homes' own numbers
    were counted, where the study gives no total; that of a region is no total of its parts."""
    given = params.persons_total is not None
    part = region is not None and region.floor_m2 is not None
    total = params.persons_total
    if total is None or part:
        total = math.fsum(persons)
    return {
        "estimate": estimate,
        "counted": counted or given,
        "total": total,
        "source": params.persons_source or source,
        "method": method,
    }


def by_floor_area(params: ResidenceParams, region: RegionParams | None = None) -> Both:
    """How persons follow from floor area."""
    if params.persons_total is None:
        how = text("fact.per_m2", m2_per_person=params.m2_per_person)
    elif region is not None and region.floor_m2 is not None:
        how = text("fact.shared_out_region", total=params.persons_total)
    else:
        how = text("fact.shared_out", total=params.persons_total)
    return both("fact.by_floor_area", how=how)


def by_ledger(params: ResidenceParams, counted: bool) -> Both:
    """How persons follow from a ledger."""
    how = text("fact.by_ledger" if counted else "fact.by_row")
    if params.persons_total is not None:
        how = text("fact.scaled", how=how, total=params.persons_total)
    return both("fact.sentence", what=how)


def unit_note(params: ResidenceParams) -> Note:
    """The note on a ledger of homes without a column of persons."""
    return note("homes_without_persons", source=Path(params.source).name)
