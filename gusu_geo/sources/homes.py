"""Homes of a study and how many people live in each: from buildings or from a ledger.

Maps have the size of buildings but not their residents, so persons are estimated from floor area:
footprint x levels, scaled to a published total or divided by floor area per person.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError
from gusu_geo.geometry import Shapes
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.doors import by_surveyed_gates, entrances_of
from gusu_geo.sources.home_buildings import filled_levels, home_buildings
from gusu_geo.sources.home_names import home_names
from gusu_geo.sources.ledgers.account import ledger_account
from gusu_geo.sources.ledgers.evidence import NO_EVIDENCE, Evidence
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.part_facts import part_of_buildings, part_of_ledger
from gusu_geo.sources.persons_fact import by_ledger, fact_of_buildings, persons_fact, unit_note
from gusu_geo.sources.registered_homes import Settled, lone_homes, settle_buildings, with_registered
from gusu_geo.sources.registry import Registry, read_registry, smallest_outline
from gusu_geo.study.ledger import is_mark
from gusu_geo.study.params import RegionParams, ResidenceParams, Study
from gusu_geo.tables import (
    GROUPS,
    Entrances,
    Floats,
    LedgerAccount,
    MixedGround,
    Note,
    PersonsFact,
    RegionPart,
    RejectedRow,
    Residences,
)
from gusu_geo.words import note, rounded, text

FROM_BUILDINGS = "osm-buildings"
COLUMNS = ("name", "address", "persons", "kind", "levels", "levels_known", "footprint")
IN_COMPOUND = ["compound", "compound_name"]
ZONE_TEXTS = ("community", "subdistrict")  # what a ledger says of where a home belongs


@dataclass(frozen=True, eq=False)
class Homes:
    """Residences; ``persons`` as in summary.json; dropped: counts by reason; notes.

    mixed_ground: buildings on commercial or retail ground; left_out: their footprints (metres)
    where they do not count as homes; doubted, rejected: of a ledger, see ``Points``; accounts: how
    the ledger was understood; registry: what became of its rows; neighbours: see ``City``; part:
    see ``CityFacts``.
    """

    residences: Residences
    persons: PersonsFact
    dropped: dict[str, int]
    mixed_ground: MixedGround
    left_out: Shapes
    notes: list[Note] = field(default_factory=list)
    doubted: dict[str, list[str]] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)
    accounts: list[LedgerAccount] = field(default_factory=list)
    registry: Registry | None = None
    neighbours: Residences | None = None
    part: RegionPart | None = None


def read_homes(
    study: Study,
    extract: OsmExtract,
    area: StudyArea,
    compounds: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    evidence: Evidence = NO_EVIDENCE,
) -> Homes:
    """The homes whose point lies inside the study area, with persons.

    A home of a ledger stands for a whole compound: where a ledger lists the compound's gates,
    walks start at these. Raises SourceError: no homes in the area, no persons, invalid ledger.
    """
    if study.residences.source == FROM_BUILDINGS:
        homes, settled = _of_buildings(study, extract, area, compounds, evidence)
        if settled is None or not len(settled.alone):
            return homes
        frame = lone_homes(settled, area.crs)
        doors = Entrances.of_points(shapely.get_coordinates(frame.geometry.to_numpy()))
        lone = _at_gates(Residences(frame, doors), compounds, gates)
        return replace(homes, residences=_together(homes.residences, lone))
    homes = _of_ledger(study, area, evidence)
    homes.residences.frame[IN_COMPOUND] = _compounds_of(homes.residences.frame, compounds)
    others = homes.neighbours and _at_gates(homes.neighbours, compounds, gates)
    residences = _at_gates(homes.residences, compounds, gates)
    return replace(homes, residences=residences, neighbours=others)


def share_out(
    floor_m2: Floats,
    *,
    total: float | None,
    m2_per_person: float,
    where: str | None = None,
    of_m2: float | None = None,
) -> Floats:
    """Persons (R,) by floor area (R,): shares of ``total``, or floor area / m2_per_person.

    of_m2: what ``total`` is shared by, default: all of the floor area, whose sum is exact, so that
    the parts of a region have the persons of the whole.
    Raises SourceError naming ``where``: the floor area is 0 everywhere.

    >>> share_out(np.array([200.0, 800.0]), total=1000.0, m2_per_person=40.0)
    array([200., 800.])
    """
    if not floor_m2.sum() > 0:
        raise SourceError(
            text("error.nobody_lives"),
            where=where,
            fix=text("error.check_persons"),
        )
    if total is None:
        return floor_m2 / m2_per_person
    persons: Floats = floor_m2 * (total / (of_m2 or math.fsum(floor_m2)))
    return persons


def _of_buildings(
    study: Study,
    extract: OsmExtract,
    area: StudyArea,
    compounds: gpd.GeoDataFrame,
    evidence: Evidence,
) -> tuple[Homes, Settled | None]:
    """Homes that are buildings; and, of a study with a registry, who lives in its compounds."""
    params, region = study.residences, study.region
    elsewhere = region.elsewhere if region else ()
    found, dropped, beyond = home_buildings(params, extract, area, elsewhere)
    mixed = found["kind"].to_numpy() == "mixed"
    included = params.mixed_ground == "include"
    beyond = beyond[included | (beyond["kind"].to_numpy() != "mixed")]
    frame = found[included | ~mixed].copy()
    if mixed.any() and not included:
        dropped = dict(sorted((dropped | {"ground_mixed": int(mixed.sum())}).items()))
    if frame.empty:
        raise SourceError(
            text("error.no_homes", count=len(extract.buildings)),
            where=extract.path.name,
            fix=text("error.widen_homes"),
        )
    frame["levels_known"] = frame["levels"].notna()
    frame[IN_COMPOUND] = _compounds_of(frame, compounds)
    registry, settled, notes = None, None, list[Note]()
    if params.compounds is None:
        frame["persons"] = _persons_of(frame, params, extract, region)
    else:
        registry = read_registry(study, area, compounds, evidence)
        settled = settle_buildings(registry, study, extract, area, frame, compounds)
        notes += with_registered(frame, settled, params, region)
    frame["name"] = home_names(frame, extract, area)
    part = None if region is None else part_of_buildings(frame, settled, area, compounds)
    frame["levels"] = filled_levels(frame, region)
    ground: MixedGround = {"included": included, "buildings": int(mixed.sum()), "persons": 0.0}
    if mixed.any():  # as many as "include" would give them
        ground["persons"] = round(math.fsum(_persons_of(found, params, extract, region)[mixed]), 2)
    entrances, others = (_doors_of(part, extract, area) for part in (frame, beyond))
    columns = [*COLUMNS, *IN_COMPOUND]
    columns += [str(name) for name in frame if name in GROUPS or is_mark(name)]
    left_out = found["footprint"].to_numpy(object)[mixed & (not included)]
    homes = Homes(
        Residences(frame[[*columns, "geometry"]], entrances),
        fact_of_buildings(params, frame, settled, region),
        dropped,
        ground,
        left_out,
        [*notes, *_mixed_notes(ground)],
        registry=registry,
        neighbours=Residences(beyond[["geometry"]], others),
        part=part,
    )
    return homes, settled


def _doors_of(homes: gpd.GeoDataFrame, extract: OsmExtract, area: StudyArea) -> Entrances:
    """The doors of buildings."""
    doors = extract.openings[extract.openings["kind"] == "entrance"]
    xy = shapely.get_coordinates(homes.geometry.to_numpy()).reshape(-1, 2)
    outlines = homes["footprint"].to_numpy(object)
    return entrances_of(homes.index, xy, doors, area, outlines=outlines)


def _compounds_of(frame: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> pd.DataFrame:
    """Id and name of the smallest compound that holds each home, "" for none."""
    points = np.asarray(frame.geometry.to_numpy(), object)
    at = smallest_outline(points, np.asarray(compounds.geometry.to_numpy(), object))
    columns = {
        own: np.array([*compounds[theirs].astype(str), ""], object)[at]
        for own, theirs in zip(IN_COMPOUND, ("compound_id", "name"), strict=True)
    }
    return pd.DataFrame(columns, index=frame.index, dtype=object)


def _together(first: Residences, then: Residences) -> Residences:
    """Homes of both, those of ``first`` before."""
    entrances = first.entrances.joined(then.entrances, len(first.frame))
    frame = pd.concat([first.frame, then.frame])
    frame["levels_known"] = frame["levels_known"].astype(bool)
    return Residences(gpd.GeoDataFrame(frame, crs=first.frame.crs), entrances)


def _persons_of(
    frame: gpd.GeoDataFrame,
    params: ResidenceParams,
    extract: OsmExtract,
    region: RegionParams | None,
) -> Floats:
    """Persons (R,) of homes with ``footprint_m2`` and ``levels``, NaN where they are unknown."""
    return share_out(
        frame["footprint_m2"].to_numpy(float) * filled_levels(frame, region),
        total=params.persons_total,
        m2_per_person=params.m2_per_person,
        where=extract.path.name,
        of_m2=region.floor_m2 if region else None,
    )


def _mixed_notes(ground: MixedGround) -> list[Note]:
    """What was done with buildings on commercial and retail ground."""
    if not ground["buildings"]:
        return []
    code = "mixed_ground_in" if ground["included"] else "mixed_ground_out"
    return [note(code, count=ground["buildings"], persons=rounded(ground["persons"]))]


def _of_ledger(study: Study, area: StudyArea, evidence: Evidence) -> Homes:
    params = study.residences
    path = path_of(study, params.source, "residences")
    ledger = read_points(path, params, where="residences", evidence=evidence)
    points = ledger.frame
    xy = area.to_xy(shapely.get_coordinates(points.geometry.to_numpy()))
    shapes = np.asarray(shapely.points(xy), object)
    inside = shapely.intersects(area.outline, shapes)
    if study.region is not None:
        inside &= ~points.index.astype(str).isin(study.region.elsewhere)
    if not inside.any():
        raise SourceError(
            text("error.homes_elsewhere", count=len(points)),
            where=params.source,
            fix=text("error.check_homes_crs"),
        )
    notes = []
    if "persons" in points:
        weight = points["persons"].to_numpy(float)[inside]
    else:
        weight = np.ones(int(inside.sum()))
        notes.append(unit_note(params))
    persons = share_out(
        weight,
        total=params.persons_total,
        m2_per_person=1.0,
        where=f"residences {params.source}",
        of_m2=study.region.floor_m2 if study.region else None,
    )
    here = gpd.GeoSeries(shapes[inside], crs=area.crs)
    frame = _rows_of_ledger(points[inside], here, weight, persons)
    fact = persons_fact(
        params,
        persons,
        by_ledger(params, "persons" in points),
        source=study.path(params.source).name,
        estimate="persons" not in points or params.persons_total is not None,
        counted="persons" in points,
        region=study.region,
    )
    residences = Residences(frame, Entrances.of_points(xy[inside]))
    dropped = {**ledger.left_out, "outside_area": int((~inside).sum())}
    nothing: MixedGround = {"included": False, "buildings": 0, "persons": 0.0}
    none_out = np.zeros(0, object)
    told = ledger.doubted, ledger.rejected, [ledger_account(path.name, "homes", ledger.facts())]
    beyond = ~inside & shapely.intersects(area.reach, shapes)
    others = gpd.GeoDataFrame(geometry=shapes[beyond], crs=area.crs)
    neighbours = Residences(others, Entrances.of_points(xy[beyond]))
    part = None if study.region is None else part_of_ledger(frame, weight, area)
    more: dict[str, Any] = {"neighbours": neighbours, "part": part}
    return Homes(residences, fact, dropped, nothing, none_out, notes, *told, **more)


def _rows_of_ledger(
    points: gpd.GeoDataFrame, shapes: gpd.GeoSeries, weight: Floats, persons: Floats
) -> gpd.GeoDataFrame:
    """Homes (R,) of a ledger in the columns of ``Residences``; weight: what persons were shared out
    by."""
    count = len(persons)
    frame = gpd.GeoDataFrame(
        {
            "name": points["name"].to_numpy() if "name" in points else [""] * count,
            "address": [""] * count,  # readers of ledgers keep none
            "persons": persons,
            "kind": ["ledger"] * count,
            "levels": np.full(count, np.nan),
            "levels_known": np.zeros(count, bool),
            "footprint": np.full(count, None, object),
        },
        index=pd.Index(points.index.astype(str), dtype=object),
        geometry=shapes.to_numpy(),
        crs=shapes.crs,
    )
    texts = [*points.columns[[is_mark(name) for name in points]], *ZONE_TEXTS]
    for key in texts:
        if key in points:
            frame[key] = points[key].to_numpy(object)
    for group in GROUPS:
        if group in points:  # a total scales all groups alike
            share = points[group].to_numpy(float) / np.where(weight > 0, weight, 1.0)
            frame[group] = share * persons
    return frame


def _at_gates(
    residences: Residences, compounds: gpd.GeoDataFrame, gates: gpd.GeoDataFrame
) -> Residences:
    """Residences; walks from a home in a compound with surveyed gates start at these gates.

    In several compounds, the smallest counts.
    """
    outlines = np.asarray(compounds.geometry.to_numpy(), object)
    points = np.asarray(residences.frame.geometry.to_numpy(), object)
    at = smallest_outline(points, outlines)
    grounds = np.full(len(points), None, object)
    grounds[at >= 0] = outlines[at[at >= 0]]
    access = ("public", "residents")
    entrances = by_surveyed_gates(residences.entrances, grounds, gates, access=access)
    return replace(residences, entrances=entrances)
