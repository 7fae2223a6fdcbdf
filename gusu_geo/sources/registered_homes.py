"""Residents of registered compounds, shared out over the homes inside the outline.

By footprint x levels, or as the rows of buildings say: the compound's own figure holds and scales
them; rows whose sum is far from it are rejected. A compound without outline or without homes is one
home at its point.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError
from gusu_geo.geometry import Shapes, inner_points
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.home_buildings import filled_levels, home_buildings
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.registry import Book, Registry, smallest_outline
from gusu_geo.study.ledger import is_mark
from gusu_geo.study.params import RegionParams, ResidenceParams, Study
from gusu_geo.tables import Bools, Floats, Ints, Note
from gusu_geo.words import folded, note, rounded, text

SAME_SUM = 0.02  # share by which the rows of buildings may differ from the compound, unsaid
FAR_SUM = 0.20  # from beyond this share on, the rows of buildings are rejected
HALF_A_PERSON = 0.5  # totals may differ by this: they are whole numbers
BUILDING_NEAR_M = 15.0  # a row of a building farther from every home than this is none of them
LONE = "compound:"  # the id of a home that is a compound begins so
NAMED = 12  # compounds named in a note
NUMBER_KEYS = ("addr:housenumber", "addr:unit", "ref", "name", "addr:housename")
_NUMBER_TAIL = re.compile(r"(?:幢|栋|号楼|号|楼|座)+$")


@dataclass(frozen=True, eq=False)
class Settled:
    """Persons of homes. persons, groups (R,): NaN where no registered compound holds the home; ids,
    names (R,) of the compound, "" likewise; alone: compounds that are one home at ``place``;
    marks (R,): ring, type and attributes of the rows of buildings, "" unknown; notes."""

    persons: Floats
    groups: dict[str, Floats]
    ids: Shapes
    names: Shapes
    alone: pd.DataFrame
    marks: dict[str, Shapes] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def first(self, count: int) -> Settled:
        """Of the first homes alone."""
        groups = {group: values[:count] for group, values in self.groups.items()}
        marks = {name: words[:count] for name, words in self.marks.items()}
        return replace(
            self,
            marks=marks,
            persons=self.persons[:count],
            groups=groups,
            ids=self.ids[:count],
            names=self.names[:count],
        )

    @property
    def registered(self) -> Bools:
        """(R,) whether a registered compound holds the home."""
        return np.isfinite(self.persons)


def settle_buildings(
    registry: Registry,
    study: Study,
    extract: OsmExtract,
    area: StudyArea,
    homes: gpd.GeoDataFrame,
    compounds: gpd.GeoDataFrame,
) -> Settled:
    """Persons of ``homes`` (the buildings of the area that count as homes) that live in registered
    compounds. Of a compound across the border its buildings beyond count too, and keep their
    share."""
    params, region = study.residences, study.region
    outlines = np.asarray(compounds.geometry.to_numpy(), object)
    used = registry.compounds["outline"].to_numpy(np.int64)
    used = used[used >= 0]
    whole = homes
    beyond = shapely.difference(shapely.union_all(outlines[used]), area.outline)
    if not shapely.is_empty(beyond):
        others, *_ = home_buildings(params, extract, replace(area, outline=beyond))
        counts = params.mixed_ground == "include"
        others = others[(others["kind"] != "mixed") | counts]
        others = others[~others.index.isin(homes.index)]
        whole = pd.concat([homes, others]) if len(others) else homes
    floor_m2 = whole["footprint_m2"].to_numpy(float) * filled_levels(whole, region)
    points = np.asarray(whole.geometry.to_numpy(), object)
    at = smallest_outline(points, outlines[used])
    within = np.where(at >= 0, used[at], -1) if len(used) else at
    inside = np.arange(len(whole)) < len(homes)
    settled = settle(registry, whole, floor_m2, within, outlines, inside).first(len(homes))
    if region is None or not region.elsewhere:
        return settled
    away = (LONE + settled.alone.index.astype(str)).isin(region.elsewhere)
    return replace(settled, alone=settled.alone[~away])


def settle(
    registry: Registry,
    homes: gpd.GeoDataFrame,
    floor_m2: Floats,
    within: Ints,
    outlines: Shapes,
    inside: Bools,
) -> Settled:
    """Share out the persons of each compound.

    homes (R,): columns tags, footprint; within (R,): position of the registered outline that holds
    each home, -1 none; outlines: of ``City.compounds``; inside (R,): in the study area. Compounds
    all of whose homes lie outside are told in the registry's book.
    """
    count, units = len(homes), registry.compounds
    persons = np.full(count, np.nan)
    groups = {group: np.full(count, np.nan) for group in registry.groups}
    ids, names = np.full(count, "", object), np.full(count, "", object)
    marks = {str(k): np.full(count, "", object) for k in registry.buildings if is_mark(k)}
    rows_of = {str(key): rows for key, rows in registry.buildings.groupby("compound", sort=False)}
    told: dict[str, list[str]] = {"registry_scaled": [], "registry_far": []}
    alone: list[str] = []
    for unit in units.index:
        row, rows = units.loc[unit], rows_of.get(unit)
        at = np.flatnonzero(within == row["outline"]) if row["outline"] >= 0 else within[:0]
        if not len(at):
            alone.append(unit)
        _tell_place(registry, row, rows, inside[at])
        if not len(at):
            continue
        share = floor_m2[at] / math.fsum(floor_m2[at])
        if rows is not None and inside[at].any():
            share, of_homes = _by_rows(registry, rows, row, homes.iloc[at], share, told)
            for name, words in of_homes.items():
                marks[name][at] = words
        persons[at] = row["persons"] * share
        for group, values in groups.items():
            values[at] = row[group] * share
        ids[at], names[at] = unit, row["name"]
    notes = [
        note(code, count=len(names_), names=(*names_[:NAMED], *("…",) * (len(names_) > NAMED)))
        for code, names_ in told.items()
        if names_
    ]
    lone = units.loc[alone]
    place = [
        point if point is not None else inner_points(outlines[[at]])[0]
        for point, at in zip(lone["point"], lone["outline"], strict=True)
    ]
    return Settled(persons, groups, ids, names, lone.assign(place=place), marks, notes)


def _tell_place(registry: Registry, unit: Any, rows: pd.DataFrame | None, inside: Bools) -> None:
    """Tells what is to be known of the homes of a compound. inside: for each whether it lies in the
    study area."""
    others, keys = registry.building_book, list(unit["rows"])
    why = ""
    if not len(inside) and unit["outline"] >= 0:
        registry.book.doubt("no_home_inside", keys)
        why = "no_home_inside"
    elif len(inside) and not inside.any():
        registry.book.leave("outside_area", len(keys))
        why = "outside_area"
    elif not inside.all():
        registry.book.doubt("part_outside", keys)
    if why and rows is not None and others is not None:
        others.leave(why, len(rows))


def _by_rows(
    registry: Registry,
    rows: pd.DataFrame,
    unit: Any,
    homes: gpd.GeoDataFrame,
    by_floor: Floats,
    told: dict[str, list[str]],
) -> tuple[Floats, dict[str, Shapes]]:
    """Share (H,) of the homes of one compound, as its rows of buildings say; by floor area where
    their sum is far from the compound. Persons of rows that name no home go, by floor area, to the
    homes that no row names, else to all. And what the rows say of the homes (H,), of several rows
    the first. told: gets the names of compounds by code of a note."""
    book, total = registry.building_book, math.fsum(rows["persons"])
    off, own = abs(total - unit["persons"]), float(unit["persons"])
    if book is None or off > FAR_SUM * own:
        _reject(book, rows, unit, total)
        told["registry_far"].append(unit["name"])
        return by_floor, {}
    if off > SAME_SUM * own:
        told["registry_scaled"].append(unit["name"])
    shapes = np.asarray(homes["footprint"].to_numpy(object), object)
    numbers = [_numbers_of(tags) for tags in homes["tags"]]
    heads, named, lost = np.zeros(len(homes)), np.zeros(len(homes), bool), 0.0
    marks = {str(name): np.full(len(homes), "", object) for name in rows if is_mark(name)}
    for at, (name, point, persons) in enumerate(
        zip(rows["name"], rows["point"], rows["persons"], strict=True)
    ):
        home = _home_of(str(name), point, shapes, numbers)
        if home < 0:
            lost += persons
            book.doubt("building_unfound", [f"{unit['name']} {name}"])
        else:
            heads[home] += persons
            named[home] = True
            for mark, words in marks.items():
                words[home] = words[home] or str(rows[mark].iloc[at])
    if total == 0:
        return by_floor, marks
    rest = by_floor if named.all() else np.where(named, 0.0, by_floor)
    shares: Floats = (heads + lost * rest / math.fsum(rest)) / total
    return shares, marks


def _reject(book: Book | None, rows: pd.DataFrame, unit: Any, total: float) -> None:
    """Rejects all rows of buildings of a compound whose figure they contradict."""
    figures = {"total": total, "persons": float(unit["persons"])}
    what = text("error.buildings_far", compound=unit["name"], **figures)
    for place, persons in zip(rows["place"], rows["persons"], strict=True):
        if book is not None:
            book.reject(place, what, "", f"{persons:g}")


def _home_of(name: str, point: Any, shapes: Shapes, numbers: list[set[str]]) -> int:
    """The home that a row of a building means: the nearest to its point, else the only one of its
    number; -1 for none."""
    if point is not None:
        distance = shapely.distance(shapes, point)
        nearest = int(np.argmin(distance))
        return nearest if distance[nearest] <= BUILDING_NEAR_M else -1
    plain = number_of(name)
    found = [home for home, own in enumerate(numbers) if plain and plain in own]
    return found[0] if len(found) == 1 else -1


def number_of(name: str) -> str:
    """The number of a building for comparison.

    >>> number_of("12 幢"), number_of("１２号楼"), number_of("A座")
    ('12', '12', 'a')
    """
    return _NUMBER_TAIL.sub("", folded(name).replace(" ", ""))


def _numbers_of(tags: dict[str, str]) -> set[str]:
    return {number_of(tags[key]) for key in NUMBER_KEYS if tags.get(key)} - {""}


def lone_homes(settled: Settled, crs: object) -> gpd.GeoDataFrame:
    """Compounds that are one home, as rows of ``Residences``."""
    lone, count = settled.alone, len(settled.alone)
    columns = {
        "name": lone["name"].to_numpy(object),
        "persons": lone["persons"].to_numpy(float),
        "kind": ["ledger"] * count,
        "levels": np.full(count, np.nan),
        "levels_known": np.zeros(count, bool),
        "footprint": np.full(count, None, object),
        "compound": lone.index.to_numpy(object),
        "compound_name": lone["name"].to_numpy(object),
        **{group: lone[group].to_numpy(float) for group in settled.groups},
    }
    index = pd.Index([f"{LONE}{key}" for key in lone.index], dtype=object)
    return gpd.GeoDataFrame(columns, index=index, geometry=lone["place"].to_numpy(object), crs=crs)


def with_registered(
    frame: gpd.GeoDataFrame,
    settled: Settled,
    params: ResidenceParams,
    region: RegionParams | None = None,
) -> list[Note]:
    """Adds persons and groups to ``frame``: of registered compounds as settled; of all others by
    floor area, their groups NaN. Raises SourceError: the registry has more than the total."""
    rest = ~settled.registered
    floor_m2 = frame["footprint_m2"].to_numpy(float) * filled_levels(frame, region)
    counted = math.fsum((*settled.persons[~rest], *settled.alone["persons"]))
    if region is not None and region.registered is not None:
        counted = region.registered
    total = params.persons_total
    left = None if total is None else total - counted
    source = "residences.compounds"
    if left is not None and left < -HALF_A_PERSON:
        raise SourceError(
            text("error.registry_over_total", counted=counted, total=total),
            where=source,
            fix=text("error.mend_total"),
        )
    persons = settled.persons.copy()
    of_m2 = (region and region.floor_m2) or math.fsum(floor_m2[rest])
    if left is None:
        persons[rest] = floor_m2[rest] / params.m2_per_person
    elif rest.any():
        persons[rest] = floor_m2[rest] * (max(left, 0.0) / of_m2)
    frame["persons"] = persons
    for group, values in settled.groups.items():
        frame[group] = values
    for mark, words in settled.marks.items():
        frame[mark] = words
    known = settled.ids != ""
    frame.loc[known, "compound"] = settled.ids[known]
    frame.loc[known, "compound_name"] = settled.names[known]
    shared = region is not None and region.floor_m2 is not None  # by homes elsewhere, too
    if left is not None and left > HALF_A_PERSON and not rest.any() and not shared:
        facts = {"counted": rounded(counted), "total": total}
        return [*settled.notes, note("registry_below_total", **facts)]
    return settled.notes
