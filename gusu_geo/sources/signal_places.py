"""Where a signal is: by its point, else its compound, else its community, else nowhere.

The zone of a signal is the one that its row names, else that of its place: residents bring what
they bring to their own community, visits are counted by it, and homes and venues are joined to
zones in the same order. What a row calls a place and nobody knows does no harm where another rung
places it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from gusu_geo.geometry import Shapes
from gusu_geo.sources.registry import JOIN
from gusu_geo.sources.zone_names import OUTSIDE as OUTSIDE
from gusu_geo.sources.zone_names import Match, ZoneNames, plain_name
from gusu_geo.study.tiers import TIERS
from gusu_geo.words import folded

if TYPE_CHECKING:
    from gusu_geo.sources.books import Known

ALIKE = 0.6  # names this alike are worth a suggestion; none is ever taken for the other
ASKED_MAX = 50  # unknown names for which a nearest one is looked up: comparing takes time
AMBIGUOUS = "ambiguous"


class ZoneFinder:
    """The zones of one level by what rows call them, or a community inside them, and by points."""

    def __init__(self, known: Known, level: str) -> None:
        frame = known.zones.zones.frame
        self._tiers = list(dict.fromkeys(frame["tier"])) if "tier" in frame else []
        self._frame = frame[frame["level"].astype(str) == level].sort_values(
            "zone_id", key=lambda ids: ids.astype(str)
        )
        self._names = known.names(level)
        self.tier = str(self._frame["tier"].iloc[0]) if self._tiers else ""
        self._subdistricts = known.zones.names.get("subdistrict")
        below = "community" in known.zones.names and self.tier in TIERS[:2]
        self._communities = known.zones.names["community"] if below else None
        self._up = _parents(frame) if below else {}
        self._ids = np.array([*self._frame["zone_id"].astype(str), ""], object)
        self._tree = shapely.STRtree(self._frame.geometry.to_numpy())
        self._found: dict[tuple[str, str], Match] = {}
        self._asked: dict[str, str] = {}

    def named(self, community: str, subdistrict: str = "") -> Match:
        """The zone that a row names, "" with ``why``, which is "" where it names none."""
        key = (community, subdistrict)
        if key not in self._found:
            self._found[key] = self._find(*key)
        return self._found[key]

    def of_points(self, points: Shapes) -> list[str]:
        """The zone that covers each point, of several the first by id; "" for none."""
        first = np.full(len(points), len(self._frame))
        point, zone = self._tree.query(points, predicate="intersects")
        np.minimum.at(first, point, zone)
        found: list[str] = self._ids[first].tolist()
        return found

    def of_homes(self, homes: pd.DataFrame) -> list[str]:
        """The zone of each home: as a ledger names it, else by its point."""
        own = f"{self.tier}_id"
        here = self.of_points(homes["geometry"].to_numpy())
        said = homes[own].astype(str).tolist() if own in homes else [""] * len(here)
        return [a or b for a, b in zip(said, here, strict=True)]

    def nearest(self, name: str, others: Iterable[str] = ()) -> str:
        """The known name most like this one, "" for none: a suggestion, never applied."""
        if name not in self._asked and len(self._asked) < ASKED_MAX:
            known = {folded(one): one for one in (*self._frame["name"].astype(str), *others)}
            close = difflib.get_close_matches(folded(name), sorted(known), n=1, cutoff=ALIKE)
            self._asked[name] = known[close[0]] if close else ""
        return self._asked.get(name, "")

    def _find(self, community: str, subdistrict: str) -> Match:
        if self._communities is None:
            under = self._under(subdistrict)
            if not plain_name(community):
                return Match("")
            return self._names.find_or_beyond(community, under)
        match = Match("")
        if plain_name(community):
            match = self._communities.find_or_beyond(community, self._under(subdistrict))
            if not match.why:
                up = self._climbed(match.zone_id)
                return Match(up, "" if up else "unmatched")
        if plain_name(subdistrict) and self.tier == "subdistrict":
            return self._names.find_or_beyond(subdistrict)
        return match

    def _under(self, subdistrict: str) -> str:
        known = self._subdistricts is not None and plain_name(subdistrict)
        return self._subdistricts.find(subdistrict).zone_id if known and self._subdistricts else ""

    def _climbed(self, zone_id: str) -> str:
        """The zone of this level that a community lies in, "" unknown."""
        held = [tier for tier in TIERS if tier in self._tiers]
        at = held.index("community")
        while zone_id and held[at] != self.tier:
            zone_id, at = self._up.get((held[at], zone_id), ""), at - 1
        return zone_id


def _parents(frame: pd.DataFrame) -> dict[tuple[str, str], str]:
    columns = (frame["tier"], frame["zone_id"].astype(str), frame["parent"])
    return {(tier, key): str(up) for tier, key, up in zip(*columns, strict=True)}


class Compound(NamedTuple):
    """A compound that a row names. key: as homes have it, "" without homes; zone: of its homes,
    else of its outline; why: "" or why it is none, as of ``Match``, or ``OUTSIDE``."""

    key: str
    zone: str
    why: str = ""


class CompoundFinder:
    """Compounds by what rows call them: ids and names of the registry, the outlines, the homes."""

    def __init__(self, known: Known, zones: ZoneFinder) -> None:
        homes = known.residences.frame
        self._zone: dict[str, str] = {}
        self._homes: set[str] = set()
        pairs: list[tuple[str, str]] = []
        if "compound" in homes:
            lived = homes[(homes["compound"] != "").to_numpy(bool)]
            self._zone = _zone_of_most(lived, zones.of_homes(lived))
            self._homes = set(self._zone)
            pairs += zip(lived["compound"].tolist(), lived["compound_name"].tolist(), strict=True)
        if known.homes.registry is not None:
            units = known.homes.registry.compounds
            for unit, rows, name in zip(units.index, units["rows"], units["name"], strict=True):
                pairs += [(str(unit), each) for each in (*rows, *str(name).split(JOIN))]
        drawn = known.compounds
        ids, names = drawn["compound_id"].astype(str).tolist(), drawn["name"].tolist()
        pairs += zip(ids, names, strict=True)
        inner = shapely.point_on_surface(drawn.geometry.to_numpy())
        inside = shapely.intersects(known.area.outline, inner)
        for key, zone, here in zip(ids, zones.of_points(inner), inside.tolist(), strict=True):
            if key not in self._zone:
                self._zone[key] = zone if here else OUTSIDE
        pairs += [(key, key) for key in self._zone]
        pairs = sorted({(str(key), str(name)) for key, name in pairs if name})
        self.names = [name for _, name in pairs]
        by_id = [key for key, _ in pairs]
        self._names = ZoneNames(by_id, self.names, parents=self._zone)
        self._found: dict[tuple[str, str], Compound] = {}

    def named(self, name: str, zone: str) -> Compound:
        """The compound that a row names; zone: that it names, to tell compounds of one name
        apart."""
        key = (name, zone)
        if key not in self._found:
            match = self._names.find(name, zone)
            where = self._zone.get(match.zone_id, "")
            why = OUTSIDE if where == OUTSIDE else match.why
            own = match.zone_id if match.zone_id in self._homes else ""
            self._found[key] = Compound(own, "" if why else where, why)
        return self._found[key]


def _zone_of_most(homes: pd.DataFrame, zones: list[str]) -> dict[str, str]:
    """By compound the zone in which most of its persons live; of equals the first by id."""
    persons: dict[tuple[str, str], list[float]] = {}
    columns = (homes["compound"], zones, homes["persons"])
    for compound, zone, count in zip(*columns, strict=True):
        persons.setdefault((str(compound), zone), []).append(float(count))
    best: dict[str, tuple[bool, float, str]] = {}
    for (compound, zone), counts in sorted(persons.items()):
        rank = (bool(zone), math.fsum(counts), zone)
        if compound not in best or rank[:2] > best[compound][:2]:
            best[compound] = rank
    return {compound: zone for compound, (_, _, zone) in best.items()}
