"""Reads all sources of a study into a ``City``, in one local metric system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.geometry import polygonal
from gusu_geo.sources.area import (
    StudyArea,
    clip_streets,
    clip_surroundings,
    study_area,
    with_shapes,
)
from gusu_geo.sources.books import Known
from gusu_geo.sources.city_readings import ReadCity, accounts_of, readings_of, rejected_rows
from gusu_geo.sources.compounds import read_compounds, read_gates, with_gates
from gusu_geo.sources.district import read_books
from gusu_geo.sources.evidence import building_evidence, street_evidence
from gusu_geo.sources.homes import Homes, read_homes
from gusu_geo.sources.idle_places import read_idle_places
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.marks import complaints_of, with_marks
from gusu_geo.sources.osm.extract import OsmExtract, read_osm
from gusu_geo.sources.plazas import ROOFS, read_plazas
from gusu_geo.sources.readings import fault_notes
from gusu_geo.sources.scenery import read_scenery
from gusu_geo.sources.venues import Venues, read_venues
from gusu_geo.sources.zone_joins import join_zones
from gusu_geo.sources.zones import read_zones
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import Study
from gusu_geo.tables import (
    GATE_KINDS,
    Bools,
    City,
    CityFacts,
    Note,
)
from gusu_geo.words import note

Progress = Callable[[str], None]  # gets the name of each part as it begins: "osm", "area", ...


def read_city(study: Study, pack: RulePack, *, progress: Progress | None = None) -> City:
    """Read all sources of a study.

    progress: called with "osm", "area", "homes", "venues". Raises SourceError, StudyError: invalid
    file or study, area outside the data, no homes in the area. Streets are checked later, by
    ``build_network``.
    """
    report = progress or _no_report
    report("osm")
    policy = study.network.policy
    extract = read_osm(path_of(study, study.osm, "network.osm"), add=policy.add, drop=policy.drop)
    if study.region is not None and study.region.data is not None:
        extract = replace(extract, boxes=(study.region.data,))  # they do not end where it was cut
    report("area")
    area = study_area(study, extract)
    zones = read_zones(study, extract, area)
    compounds = read_compounds(study, extract, area, street_evidence(extract))
    evidence = building_evidence(extract)
    gates = read_gates(study, extract, area, compounds, evidence)
    report("homes")
    homes = read_homes(study, extract, area, compounds, gates, evidence)
    complaints = complaints_of(homes, compounds, area)
    report("venues")
    venues = read_venues(study, pack, extract, area, gates, evidence)
    idle, idle_read = read_idle_places(extract, pack, area)
    joined = join_zones(pack, zones, homes, venues.facilities, compounds)
    homes = with_marks(replace(homes, residences=joined.residences), zones, compounds, study)
    books = read_books(
        Known(
            *(study, pack, area, zones, compounds, homes, homes.residences),
            *(joined.facilities, evidence),
        )
    )
    surroundings = clip_surroundings(extract.surroundings, area)
    plazas = read_plazas(extract, area, surroundings)
    streets = clip_streets(extract.streets, area)
    read = ReadCity(study, extract, area, zones, compounds, gates, homes, venues)
    sources = [*readings_of(read, streets, len(surroundings)), *books.sources]
    notes = [*_cut_notes(extract), *area.notes(), *zones.notes, *homes.notes]
    notes += [*venues.notes, *joined.notes, *books.notes, *fault_notes(sources)]
    return City(
        crs=area.crs,
        streets=with_gates(streets, gates, area),
        residences=homes.residences,
        facilities=joined.facilities,
        zones=zones.zones,
        area=area.frame(),
        surroundings=_with_buildings(surroundings, extract, area, homes),
        compounds=compounds,
        gates=gates,
        plazas=plazas,
        facts=_facts(extract, area, homes, venues)
        | _compound_facts(compounds, gates, homes)
        | {
            "plazas": len(plazas),
            "sources": sources,
            "rejected": [*rejected_rows(read), *books.rejected],
            "ledgers": [*accounts_of(read), *books.accounts],
            "merges": venues.merges,
            "idle": idle_read,
            **({"complaints": complaints} if complaints else {}),
            **_part(homes, extract),
            **({} if joined.facts is None else {"tiers": joined.facts}),
            "notes": notes,
        },
        scenery=read_scenery(extract, area),
        idle=idle,
        neighbours=homes.neighbours,
        books=books.tables,
    )


def _part(homes: Homes, extract: OsmExtract) -> CityFacts:
    """What a part of a region adds to the facts of it."""
    if homes.part is None:
        return {}
    west, south, east, north = shapely.bounds(extract.extent).tolist()
    return {"part": {**homes.part, "data": [west, south, east, north]}}


def _with_buildings(
    surroundings: gpd.GeoDataFrame, extract: OsmExtract, area: StudyArea, homes: Homes
) -> gpd.GeoDataFrame:
    """The surroundings, with what bars as a building and buildings on mixed ground."""
    houses = polygonal(area.houses_of(extract)[_walled_buildings(extract)])
    houses = houses[shapely.intersects(area.reach, houses) & (shapely.area(houses) > 0)]
    return with_shapes(with_shapes(surroundings, "building", houses), "mixed", homes.left_out)


def _compound_facts(
    compounds: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, homes: Homes
) -> CityFacts:
    """Compounds and gates, counted, and what the registry says of compounds."""
    return {
        "compounds": len(compounds),
        "registered": homes.registry.facts() if homes.registry else {},
        "gates": {kind: int((gates["access"] == kind).sum()) for kind in GATE_KINDS},
    }


def _walled_buildings(extract: OsmExtract) -> Bools:
    """The buildings (B,) that nobody walks through: not roofs, and not what lies underground."""
    solid = [
        tags["building"] not in ROOFS and tags.get("location") != "underground"
        for tags in extract.buildings["tags"]
    ]
    return np.array(solid, bool)


def _no_report(part: str) -> None:
    """Used when the caller wants no progress reports."""
    del part


def _facts(extract: OsmExtract, area: StudyArea, homes: Homes, venues: Venues) -> CityFacts:
    """Counts, dates and methods as plain JSON."""
    return {
        "osm_file": extract.path.name,
        "osm_sha256": extract.sha256,
        "osm_date": extract.date,
        "area_km2": round(area.frame().area.iloc[0] / 1e6, 4),
        "buffer_m": area.buffer_m,
        "margin_m": round(area.margin_m, 1),
        "data_share": round(area.share, 6),
        "counts": dict(extract.counts),
        "dropped": {"homes": homes.dropped, "venues": venues.dropped},
        "barriers": _barriers(extract, area, on_street=True),
        "dangling_barriers": sum(_barriers(extract, area, on_street=False).values()),
        "persons": homes.persons,
        "mixed_ground": homes.mixed_ground,
        "services": venues.services,
        "known": venues.known,
    }


def _cut_notes(extract: OsmExtract) -> list[Note]:
    """A note on a file without relations: cut off between two blocks, it reads without error."""
    if extract.counts["relations"]:
        return []
    return [note("no_relations")]


def _barriers(extract: OsmExtract, area: StudyArea, *, on_street: bool) -> dict[str, int]:
    """Number of barriers within reach by kind, either on streets or joined to none (dangling)."""
    barriers = extract.barriers[extract.barriers["on_street"].to_numpy(bool) == on_street]
    near = area.reaches(barriers[["lon", "lat"]].to_numpy(float))
    return dict(sorted(Counter(barriers["kind"].to_numpy()[near].tolist()).items()))
