"""What became of the rows and things of every source of a city, and how each file was read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.compounds import FROM_OSM
from gusu_geo.sources.homes import FROM_BUILDINGS, Homes
from gusu_geo.sources.ledgers.account import ACCOUNTS, ledger_account
from gusu_geo.sources.ledgers.parts import ROWS, doubts_of
from gusu_geo.sources.ledgers.points import LEDGER, LedgerFacts
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm_readings import (
    building_reading,
    door_reading,
    file_readings,
    ground_reading,
    street_reading,
)
from gusu_geo.sources.readings import reading
from gusu_geo.sources.venues import Venues
from gusu_geo.sources.zones import ReadZones
from gusu_geo.study.params import Study
from gusu_geo.tables import LedgerAccount, Reading, RejectedRow, StreetWays


@dataclass(frozen=True, eq=False)
class ReadCity:
    """What was read of a study, source by source."""

    study: Study
    extract: OsmExtract
    area: StudyArea
    zones: ReadZones
    compounds: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    homes: Homes
    venues: Venues


def readings_of(read: ReadCity, streets: StreetWays, surroundings: int) -> list[Reading]:
    """What became of the things of every source; streets: within reach; surroundings: how many are
    drawn."""
    study, extract, area, homes = read.study, read.extract, read.area, read.homes
    return [
        *file_readings(extract),
        *([area.read] if area.read else []),
        *read.zones.sources,
        street_reading(extract, streets),
        _home_reading(study, extract, homes),
        *_registry_readings(homes),
        *read.venues.sources,
        *_compound_readings(study, extract, area, read.compounds, read.gates),
        ground_reading(extract, surroundings),
    ]


def rejected_rows(read: ReadCity) -> list[RejectedRow]:
    """The rows of all ledgers that could not be read."""
    return [
        *read.homes.rejected,
        *_registry_rejected(read.homes),
        *read.venues.rejected,
        *_gate_facts(read.gates).rejected,
    ]


def accounts_of(read: ReadCity) -> list[LedgerAccount]:
    """How each file of the planner was understood."""
    return [
        *([read.area.account] if read.area.account else []),
        *read.zones.accounts,
        *read.homes.accounts,
        *_registry_accounts(read.homes),
        *read.venues.accounts,
        *read.compounds.attrs[ACCOUNTS],
        *_gate_accounts(read.study, read.gates),
    ]


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
