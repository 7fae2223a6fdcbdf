"""Reads all sources of a study into a ``City``, in one local metric system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

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
from gusu_geo.sources.compounds import FROM_OSM, read_compounds, read_gates, with_gates
from gusu_geo.sources.evidence import building_evidence, street_evidence
from gusu_geo.sources.homes import FROM_BUILDINGS, Homes, read_homes
from gusu_geo.sources.idle_places import read_idle_places
from gusu_geo.sources.ledgers.account import ACCOUNTS, ledger_account
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.parts import ROWS, doubts_of
from gusu_geo.sources.ledgers.points import LEDGER, LedgerFacts
from gusu_geo.sources.marks import complaints_of, with_marks
from gusu_geo.sources.osm.extract import OsmExtract, read_osm
from gusu_geo.sources.osm_readings import (
    building_reading,
    door_reading,
    file_readings,
    ground_reading,
    street_reading,
)
from gusu_geo.sources.plazas import ROOFS, read_plazas
from gusu_geo.sources.readings import fault_notes, reading
from gusu_geo.sources.scenery import read_scenery
from gusu_geo.sources.venues import Venues, read_venues
from gusu_geo.sources.zone_joins import join_zones
from gusu_geo.sources.zones import ReadZones, read_zones
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import Study
from gusu_geo.tables import (
    GATE_KINDS,
    Bools,
    City,
    CityFacts,
    LedgerAccount,
    Note,
    Reading,
    RejectedRow,
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
    surroundings = clip_surroundings(extract.surroundings, area)
    plazas = read_plazas(extract, area, surroundings)
    streets = clip_streets(extract.streets, area)
    sources = [
        *file_readings(extract),
        *([area.read] if area.read else []),
        *zones.sources,
        street_reading(extract, streets),
        _home_reading(study, extract, homes),
        *_registry_readings(homes),
        *venues.sources,
        *_compound_readings(study, extract, area, compounds, gates),
        ground_reading(extract, len(surroundings)),
    ]
    notes = [*_cut_notes(extract), *area.notes(), *zones.notes, *homes.notes]
    notes += [*venues.notes, *joined.notes, *fault_notes(sources)]
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
            "rejected": _rejected(homes, venues, gates),
            "ledgers": _accounts(study, area, zones, homes, venues, compounds, gates),
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


def _rejected(homes: Homes, venues: Venues, gates: gpd.GeoDataFrame) -> list[RejectedRow]:
    """The rows of all ledgers that could not be read."""
    return [
        *homes.rejected,
        *_registry_rejected(homes),
        *venues.rejected,
        *_gate_facts(gates).rejected,
    ]


def _accounts(
    study: Study,
    area: StudyArea,
    zones: ReadZones,
    homes: Homes,
    venues: Venues,
    compounds: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
) -> list[LedgerAccount]:
    """How each file of the planner was understood."""
    return [
        *([area.account] if area.account else []),
        *zones.accounts,
        *homes.accounts,
        *_registry_accounts(homes),
        *venues.accounts,
        *compounds.attrs[ACCOUNTS],
        *_gate_accounts(study, gates),
    ]


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


def _home_reading(study: Study, extract: OsmExtract, homes: Homes) -> Reading:
    kind, count = homes.residences.frame["kind"], len(homes.residences.frame)
    if study.residences.source == FROM_BUILDINGS:
        count = int((kind != "ledger").sum())  # others are compounds of the registry
        assumed = int(kind.isin(["assumed", "mixed"]).sum())
        return building_reading(extract, homes=count, assumed=assumed, dropped=homes.dropped)
    name, left_out = Path(study.residences.source).name, homes.dropped
    read = count + sum(left_out.values())
    doubted = homes.doubted
    return reading(name, "homes", read=read, used=count, left_out=left_out, doubted=doubted)


def _registry_readings(homes: Homes) -> list[Reading]:
    """What became of the registry: its compounds and, if given, their buildings."""
    if homes.registry is None:
        return []
    books = {
        "registered": homes.registry.book,
        "registered_buildings": homes.registry.building_book,
    }
    return [
        reading(
            book.name,
            kind,
            read=book.read,
            used=book.read - sum(book.left_out.values()),
            left_out=book.left_out,
            doubted=book.doubted,
        )
        for kind, book in books.items()
        if book is not None
    ]


def _registry_accounts(homes: Homes) -> list[LedgerAccount]:
    """How the ledgers of the registry were understood."""
    if homes.registry is None:
        return []
    return [
        book.account(kind)
        for kind, book in (
            ("registered", homes.registry.book),
            ("registered_buildings", homes.registry.building_book),
        )
        if book is not None
    ]


def _registry_rejected(homes: Homes) -> list[RejectedRow]:
    if homes.registry is None:
        return []
    others = homes.registry.building_book
    return [*homes.registry.book.rejected, *(others.rejected if others else [])]


def _compound_readings(
    study: Study,
    extract: OsmExtract,
    area: StudyArea,
    compounds: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
) -> list[Reading]:
    """Compounds, doors of OpenStreetMap, and gates of a ledger."""
    params, surveyed = study.compounds, gates["source"] == "ledger"
    name, broken, far = extract.path.name, 0, 0
    if params.source == FROM_OSM:
        broken, far = (extract.counts.get(f"compounds_{why}", 0) for why in ("broken", "far"))
    else:
        name = Path(params.source).name
    rows = compounds.attrs[ROWS]
    left_out = {"beyond_reach": rows - len(compounds), "broken": broken, "far": far}
    found = [
        reading(
            name,
            "compounds",
            read=rows + broken + far,
            used=len(compounds),
            left_out=left_out,
            doubted=doubts_of(compounds),
        ),
        door_reading(extract, area, frozenset(gates.index[~surveyed])),
    ]
    if params.gates is not None:
        ledger, used = _gate_facts(gates), int(surveyed.sum())
        beyond = ledger.read - used - sum(ledger.left_out.values())
        found.append(
            reading(
                Path(params.gates.source).name,
                "gates",
                read=ledger.read,
                used=used,
                left_out={**ledger.left_out, "beyond_reach": beyond},
                doubted=ledger.doubted,
            )
        )
    return found


def _gate_facts(gates: gpd.GeoDataFrame) -> LedgerFacts:
    """What became of the rows of a ledger of gates."""
    return LedgerFacts(*gates.attrs.get(LEDGER, (0, {}, {}, [])))


def _gate_accounts(study: Study, gates: gpd.GeoDataFrame) -> list[LedgerAccount]:
    """How a ledger of gates was understood."""
    params = study.compounds.gates
    if params is None:
        return []
    return [ledger_account(Path(params.source).name, "gates", _gate_facts(gates))]


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
