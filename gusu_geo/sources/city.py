"""Reads all sources of a study into a ``City``, in one local metric system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import geopandas as gpd
import numpy as np

from gusu_geo.sources.area import (
    StudyArea,
    buildings_within,
    clip_streets,
    clip_surroundings,
    study_area,
    with_shapes,
)
from gusu_geo.sources.compounds import read_compounds, read_gates, with_gates
from gusu_geo.sources.homes import Homes, read_homes
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.osm.extract import OsmExtract, read_osm
from gusu_geo.sources.plazas import ROOFS, read_plazas
from gusu_geo.sources.venues import Venues, read_venues
from gusu_geo.sources.zones import read_zones
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import Study
from gusu_geo.tables import GATE_KINDS, City, CityFacts, Note
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
    extract = read_osm(
        path_of(study, study.network.osm, "network.osm"), add=policy.add, drop=policy.drop
    )
    report("area")
    area = study_area(study, extract)
    zones, zone_notes = read_zones(study, extract, area)
    compounds = read_compounds(study, extract, area)
    gates = read_gates(study, extract, area, compounds)
    report("homes")
    homes = read_homes(study, extract, area, compounds, gates)
    report("venues")
    venues = read_venues(study, pack, extract, area, gates)
    surroundings = clip_surroundings(extract.surroundings, area)
    plazas = read_plazas(extract, area, surroundings)
    houses = buildings_within(_walled_buildings(extract), area)
    surroundings = with_shapes(surroundings, "building", houses)
    surroundings = with_shapes(surroundings, "mixed", homes.left_out)
    notes = [*_cut_notes(extract), *area.notes(), *zone_notes, *homes.notes, *venues.notes]
    return City(
        crs=area.crs,
        streets=with_gates(clip_streets(extract.streets, area), gates, area),
        residences=homes.residences,
        facilities=venues.facilities,
        zones=zones,
        area=area.frame(),
        surroundings=surroundings,
        compounds=compounds,
        gates=gates,
        plazas=plazas,
        facts={
            **_facts(extract, area, homes, venues),
            "compounds": len(compounds),
            "gates": {kind: int((gates["access"] == kind).sum()) for kind in GATE_KINDS},
            "plazas": len(plazas),
            "notes": notes,
        },
    )


def _walled_buildings(extract: OsmExtract) -> gpd.GeoSeries:
    """The buildings that nobody walks through: not roofs, and not what lies underground."""
    solid = [
        tags["building"] not in ROOFS and tags.get("location") != "underground"
        for tags in extract.buildings["tags"]
    ]
    return extract.buildings.geometry[np.array(solid, bool)]


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
