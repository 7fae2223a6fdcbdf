"""The district's own ledgers: each is read by a module of its own, against what else is known of
the city."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.homes import Homes
from gusu_geo.sources.ledgers.evidence import Evidence
from gusu_geo.sources.ledgers.rows import Rows
from gusu_geo.sources.readings import reading
from gusu_geo.sources.zone_names import ZoneNames
from gusu_geo.sources.zones import ReadZones
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import Study
from gusu_geo.tables import Facilities, LedgerAccount, Note, Reading, RejectedRow, Residences
from gusu_geo.words import text


@dataclass(frozen=True, eq=False)
class Known:
    """What the district's ledgers are read against; residences, venues: with the zones that other
    ledgers name."""

    study: Study
    pack: RulePack
    area: StudyArea
    zones: ReadZones
    compounds: gpd.GeoDataFrame
    homes: Homes
    residences: Residences
    venues: Facilities
    evidence: Evidence

    def level(self, named: str, where: str) -> str:
        """The level of zones that a ledger speaks of: the named one, else that of communities, else
        the last. Raises StudyError: no such level, no zones at all."""
        frame = self.zones.zones.frame
        levels = list(dict.fromkeys(frame["level"].astype(str)))
        if named in levels:
            return named
        if not levels:
            raise StudyError(text("error.no_zones"), where=where, fix=text("error.zones_needed"))
        if named:
            fix = nearest_name(named, levels)
            raise StudyError(text("error.level_unknown"), where=where, got=named, fix=fix)
        tiers = frame.drop_duplicates("level") if "tier" in frame else frame.iloc[:0]
        own = [str(row["level"]) for _, row in tiers.iterrows() if row["tier"] == "community"]
        return own[0] if own else levels[-1]

    def names(self, level: str) -> ZoneNames:
        """The zones of a level by what ledgers call them."""
        frame = self.zones.zones.frame
        part = frame[frame["level"].astype(str) == level]
        tier = str(part["tier"].iloc[0]) if "tier" in part else ""
        if tier in self.zones.names:
            return self.zones.names[tier]
        ids = part["zone_id"].astype(str).tolist()
        return ZoneNames(ids, *(part[key].tolist() for key in ("name", "name_zh", "name_en")))


@dataclass(eq=False)
class Books:
    """The tables by name (``tables.books``), and what became of the rows of each."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    sources: list[Reading] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    accounts: list[LedgerAccount] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def add(self, name: str, table: pd.DataFrame, rows: Rows) -> None:
        """A table of the rows that were used. rows: settled; its ``left_out`` and ``doubted`` tell
        of the others. name: also the key of section [kind] of the words."""
        self.tables[name] = table
        facts = rows.facts()
        used = facts.read - sum(facts.left_out.values())
        self.sources.append(
            reading(
                rows.name,
                name,
                read=facts.read,
                used=used,
                left_out=facts.left_out,
                doubted=facts.doubted,
            )
        )
        self.rejected += rows.rejected
        self.accounts.append(rows.account(name))
