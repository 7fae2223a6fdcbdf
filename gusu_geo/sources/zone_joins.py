"""Homes and venues joined to zones by what ledgers say: their community and subdistrict, by name.

What a ledger says goes before the place of the point. Names that fit no zone, or two, are listed
and join nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.sources.homes import ZONE_TEXTS, Homes
from gusu_geo.sources.registry import Registry
from gusu_geo.sources.venue_ledgers import BELONGS
from gusu_geo.sources.zone_names import ZoneNames, finder, plain_name
from gusu_geo.sources.zones import ReadZones
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.tiers import tier_of
from gusu_geo.tables import Facilities, Note, Residences
from gusu_geo.tables.ledger_facts import TierReading, ZoneJoin
from gusu_geo.words import Text, note, text

NAMED = 12  # names in a note


@dataclass(frozen=True, eq=False)
class Joined:
    """Homes and venues with the ids of the zones that ledgers name: columns ``<tier>_id``, ""
    unknown, and of venues ``tier``; facts for ``check``, None without tiers; notes."""

    residences: Residences
    facilities: Facilities
    facts: TierReading | None = None
    notes: list[Note] = field(default_factory=list)


def join_zones(
    pack: RulePack,
    zones: ReadZones,
    homes: Homes,
    facilities: Facilities,
    compounds: gpd.GeoDataFrame,
) -> Joined:
    """Homes and venues with the zones that their ledgers name; without tiers in zones and pack they
    stay as they are."""
    frame, venues = homes.residences.frame, facilities.frame
    if not zones.names and not any(service.tier for service in pack.services):
        plain = replace(homes.residences, frame=_without(frame, ZONE_TEXTS))
        return Joined(plain, replace(facilities, frame=_without(venues, BELONGS)))
    by_name = dict(zones.names)
    if "compound" not in by_name:
        by_name["compound"] = _compound_names(frame, compounds)
    said = _said_of_homes(frame, homes.registry)
    if "compound" in zones.names:
        said["compound"] = frame["compound_name"].tolist()
    joins: list[ZoneJoin] = []
    new_homes = _joined(_without(frame, ZONE_TEXTS), said, by_name, "homes", joins)
    said = {key: venues[key].tolist() for key in BELONGS if key != "tier" and key in venues}
    new_venues = _joined(_without(venues, BELONGS), said, by_name, "venues", joins)
    words = venues["tier"] if "tier" in venues else pd.Series("", venues.index)
    new_venues["tier"] = [tier_of(word) for word in words]
    strange = sorted({str(word) for word in words if word and not tier_of(word)})
    facts: TierReading = {"joins": joins, "unknown_words": strange}
    return Joined(
        replace(homes.residences, frame=new_homes),
        replace(facilities, frame=new_venues),
        facts,
        [*_notes(joins), *_word_notes(strange)],
    )


def _without(frame: gpd.GeoDataFrame, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """The frame without the texts of ledgers; the compound of a home is an id of its own."""
    return frame.drop(columns=[key for key in columns if key in frame]).copy()


def _compound_names(frame: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> ZoneNames:
    """Compounds as zones: those drawn, and those of homes, by both of their names."""
    ids = compounds["compound_id"].astype(str).tolist()
    names = compounds["name"].astype(str).tolist()
    if "compound" in frame:
        own = frame.loc[frame["compound"] != "", ["compound", "compound_name"]].drop_duplicates()
        ids += own["compound"].astype(str).tolist()
        names += own["compound_name"].astype(str).tolist()
    return ZoneNames(ids, names)


def _said_of_homes(frame: gpd.GeoDataFrame, registry: Registry | None) -> dict[str, list[str]]:
    """What ledgers say of each home: its own row, else its compound's row in the registry."""
    said = {key: frame[key].tolist() for key in ZONE_TEXTS if key in frame}
    if registry is None or said:
        return said
    units = registry.compounds
    keys = [key for key in ZONE_TEXTS if (units[key] != "").any()]
    return {key: frame["compound"].map(units[key]).fillna("").tolist() for key in keys}


def _joined(
    frame: gpd.GeoDataFrame,
    said: dict[str, list[str]],
    names: dict[str, ZoneNames],
    kind: str,
    joins: list[ZoneJoin],
) -> gpd.GeoDataFrame:
    """The frame with a column of zone ids for each tier that is said; joins: gets what became of
    the names. kind: key of section [kind] of the words."""
    upper = _found("subdistrict", said, names, kind, joins, [""] * len(frame))
    found = {"subdistrict": upper} if "subdistrict" in said else {}
    for tier, under in (("community", upper), ("compound", [""] * len(frame))):
        if tier in said:
            found[tier] = _found(tier, said, names, kind, joins, under)
    for tier, ids in found.items():
        if tier in names:
            frame[f"{tier}_id"] = np.array(ids, object)
    return frame


def _found(
    tier: str,
    said: dict[str, list[str]],
    names: dict[str, ZoneNames],
    kind: str,
    joins: list[ZoneJoin],
    under: list[str],
) -> list[str]:
    """The zone id of each row in a tier, "" unknown; under: the parent that the row names."""
    if tier not in said or tier not in names:
        return under if tier == "subdistrict" else [""] * len(under)
    if not any(map(plain_name, said[tier])):  # an empty column
        return [""] * len(under)
    told: dict[str, set[str]] = {}
    find: Callable[[object, str], str] = finder(names[tier], told)
    pairs = list(zip(said[tier], under, strict=True))
    each = {pair: find(*pair) for pair in dict.fromkeys(pairs)}
    parents = names[tier].parents
    other = [n for (n, up), key in each.items() if key and up and parents.get(key, up) != up]
    joins.append(
        {
            "kind": kind,
            "tier": tier,
            "names": len({plain_name(name) for name in said[tier] if name}),
            "rows": sum(1 for pair in pairs if each[pair]),
            "unmatched": sorted(told.get("unmatched", ())),
            "ambiguous": sorted(told.get("ambiguous", ())),
            "contradicting": sorted(set(other)),
        }
    )
    return [each[pair] for pair in pairs]


def _notes(joins: Sequence[ZoneJoin]) -> list[Note]:
    found = []
    for join in joins:
        facts = {"kind": text(f"kind.{join['kind']}"), "tier": text(f"tier.{join['tier']}")}
        if join["unmatched"]:
            found.append(note("zone_unmatched", **facts, **_shown(join["unmatched"])))
        if join["ambiguous"]:
            found.append(note("zone_ambiguous", **facts, **_shown(join["ambiguous"])))
        if join["contradicting"]:
            found.append(note("zone_contradicting", **facts, **_shown(join["contradicting"])))
    return found


def _word_notes(words: Sequence[str]) -> list[Note]:
    return [note("tier_words_unknown", **_shown(words))] if words else []


def _shown(names: Sequence[str]) -> dict[str, int | Text]:
    more = " …" if len(names) > NAMED else ""
    listed = text("fact.listed", names=tuple(names[:NAMED]), more=more)
    return {"count": len(names), "names": listed}
