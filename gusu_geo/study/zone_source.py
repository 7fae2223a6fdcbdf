"""Where a level of zones comes from."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from gusu_geo.study.ledger import Attributed, Columns, OutlineFile
from gusu_geo.study.part import Part
from gusu_geo.study.tiers import TierName, tier_of


class ZoneOrigin(Part):
    """Boundaries of the OSM file of one admin level."""

    osm_admin_level: int = Field(ge=1, le=15)
    names: tuple[str, ...] = ()


class ZoneSource(OutlineFile, Attributed):
    """One level of zones, from OSM boundaries, a polygon file, or a ledger of names and codes."""

    level: str
    source: ZoneOrigin | Path
    tier: TierName | None = None
    columns: Columns = Columns()
    ledger: Path | None = None
    aliases: Path | None = None
    sheet: str | None = None
    header_row: int | None = Field(default=None, ge=1)

    @property
    def tier_key(self) -> str:
        """The tier as ``study.tiers.TIERS`` names it, "" for none."""
        return tier_of(self.tier or "")
