"""Venues added, moved and closed by a scenario: the facilities and doors after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import InputError, nearest_name
from gusu_geo.scenarios.locate import Finder, PlaceEntry
from gusu_geo.scenarios.scenario_file import AddVenue, CloseVenue, MoveVenue, Scenario
from gusu_geo.study.catalog import Service
from gusu_geo.study.tiers import tier_of
from gusu_geo.tables import Bools, Entrances, Facilities, Floats, Ints
from gusu_geo.walking.linkage import Linkage
from gusu_geo.words import Text, text

EVIDENCE = "A"  # evidence level of added venues
Mark = tuple[str, shapely.Geometry]


@dataclass(frozen=True, eq=False)
class VenueEdits:
    """Facilities (F) after the changes, the added ones last.

    replaced (F0,): old facilities that were closed or moved, so that their old doors are dropped;
    closed (F,); doors: new ones, linked to the unchanged streets. marks: by number of the change,
    the venue and its geometry in metres.
    """

    facilities: Facilities
    replaced: Bools
    closed: Bools
    doors: Linkage
    marks: dict[int, Mark]


def edit_venues(ground: Ground, scenario: Scenario, finder: Finder) -> VenueEdits:
    """The venues of ``ground`` after the changes of the scenario, in order.

    Raises InputError: unknown venue or service, an id in use, a venue already closed, a place
    without a street near.
    """
    state = _State(ground, scenario, finder)
    for number, change in enumerate(scenario.changes):
        if isinstance(change, AddVenue):
            state.add(number, change)
        elif isinstance(change, MoveVenue):
            state.move(number, change)
        elif isinstance(change, CloseVenue):
            state.close(number, change)
    return state.done()


class _State:
    """Venues while changes are applied. rows: by venue; put: new place by venue; closed: number of
    the closing change by venue."""

    def __init__(self, ground: Ground, scenario: Scenario, finder: Finder) -> None:
        self.old, self.scenario, self.finder = ground.city.facilities, scenario, finder
        self.services = {service.id: service for service in ground.pack.services}
        ids = self.old.frame["venue_id"].astype(str).to_numpy()
        self.rows: dict[str, list[int]] = {}
        for row, venue in enumerate(ids.tolist()):
            self.rows.setdefault(venue, []).append(row)
        self.added: list[tuple[AddVenue, str]] = []  # one row for each service
        self.put: dict[str, PlaceEntry] = {}
        self.closed: dict[str, int] = {}
        self.marks: dict[int, Mark] = {}

    def add(self, number: int, change: AddVenue) -> None:
        for k, service in enumerate(change.services):
            if service not in self.services:
                raise InputError(
                    text("error.not_in_pack"),
                    where=self.scenario.spot(number, f"services[{k}]"),
                    got=service,
                    fix=nearest_name(service, self.services),
                )
        new = [f"{change.id}:{service}" for service in change.services]
        if change.id in self.rows or not self.old.frame.index.intersection(new).empty:
            where = self.scenario.spot(number, "id")
            raise InputError(
                text("error.venue_id_taken"),
                where=where,
                got=change.id,
                fix=text("error.choose_another"),
            )
        first = len(self.old.frame) + len(self.added)
        self.rows[change.id] = list(range(first, first + len(new)))
        self.added += [(change, service) for service in change.services]
        self._place(number, change.id, PlaceEntry(change, self.scenario.spot(number)))

    def move(self, number: int, change: MoveVenue) -> None:
        self._check_open(number, change.venue)
        self._place(number, change.venue, PlaceEntry(change, self.scenario.spot(number)))

    def close(self, number: int, change: CloseVenue) -> None:
        self._check_open(number, change.venue)
        self.marks[number] = (change.venue, shapely.Point(self._at(change.venue)))
        self.closed[change.venue] = number

    def done(self) -> VenueEdits:
        """The facilities with all changes."""
        put = {venue: entry for venue, entry in self.put.items() if venue not in self.closed}
        found = self.finder.doors(list(put.values()))
        rows = [self.rows[venue] for venue in put]
        door = np.repeat(np.arange(len(rows)), list(map(len, rows)))
        owner = np.array([row for each in rows for row in each], np.int64)
        doors = replace(found.rows(door), owner_ix=owner)
        count = len(self.old.frame)
        replaced, closed = np.zeros(count, bool), np.zeros(count + len(self.added), bool)
        replaced[owner[owner < count]] = True
        closed[self._rows_of(self.closed)] = True
        replaced |= closed[:count]
        frame = self._frame(doors)
        entrances = _entrances(self.old.entrances, replaced, doors)
        return VenueEdits(Facilities(frame, entrances), replaced, closed, doors, self.marks)

    def _place(self, number: int, venue: str, entry: PlaceEntry) -> None:
        to = self.finder.xy(entry)
        moves = venue in self.put or self.rows[venue][0] < len(self.old.frame)
        line = shapely.LineString([self._at(venue), to]) if moves else shapely.Point(to)
        self.marks[number] = (venue, line)
        self.put[venue] = entry

    def _at(self, venue: str) -> Floats:
        """The present place of a venue, in metres."""
        if venue in self.put:
            return self.finder.xy(self.put[venue])
        point = self.old.frame.geometry.iloc[self.rows[venue][0]]
        return np.array([point.x, point.y])

    def _check_open(self, number: int, venue: str) -> None:
        where = self.scenario.spot(number, "venue")
        if venue not in self.rows:
            raise InputError(
                text("error.no_venue"), where=where, got=venue, fix=_hint(venue, self.rows)
            )
        if venue in self.closed:
            what = text("error.venue_closed", number=self.closed[venue])
            raise InputError(what, where=where, got=venue, fix=text("error.leave_one"))

    def _rows_of(self, venues: Iterable[str]) -> Ints:
        return np.array([row for venue in venues for row in self.rows[venue]], np.int64)

    def _frame(self, doors: Linkage) -> gpd.GeoDataFrame:
        """The old rows, moved ones at their new place, then the added rows."""
        old = self.old.frame
        if not self.added and len(doors.owner_ix) == 0:
            return old
        shapes = np.concatenate([old.geometry.to_numpy(), np.full(len(self.added), None, object)])
        shapes[doors.owner_ix] = shapely.points(doors.door_xy)
        for row, (change, _) in enumerate(self.added, start=len(old)):
            if shapes[row] is None:  # added, then closed
                shapes[row] = shapely.Point(self._at(change.id))
        texts = old.drop(columns=old.geometry.name)
        tiers = [_tier_of(change, self.services[service]) for change, service in self.added]
        if any(tiers) and "tier" not in texts:
            texts["tier"] = ""
        new = [
            dict.fromkeys(texts.columns, "")
            | ({"capacity": np.nan} if "capacity" in texts else {})
            | {"service": service, "venue_id": change.id, "name": change.name, "evidence": EVIDENCE}
            | ({"tier": tier} if "tier" in texts else {})
            for (change, service), tier in zip(self.added, tiers, strict=True)
        ]
        ids = pd.Index([f"{change.id}:{service}" for change, service in self.added], dtype=object)
        both = pd.concat([texts, pd.DataFrame(new, ids).astype(texts.dtypes)]) if new else texts
        return gpd.GeoDataFrame(both, geometry=shapes, crs=old.crs)


def _tier_of(change: AddVenue, service: Service) -> str:
    """The tier of a service of an added venue: as the scenario says, else the one at which the rule
    wants the service; "" unknown."""
    if change.tier is not None:
        return tier_of(change.tier)
    return service.tier[0] if len(service.tier) == 1 else ""


def _entrances(old: Entrances, replaced: Bools, doors: Linkage) -> Entrances:
    """Entrances of the old rows that were not replaced, then the new doors."""
    kept = old.rows(np.flatnonzero(~replaced[old.owner_ix]))
    none = np.full(len(doors.rung), None, object)
    return Entrances(
        owner_ix=np.concatenate([kept.owner_ix, doors.owner_ix]),
        xy=np.concatenate([kept.xy, doors.door_xy]),
        rung=np.concatenate([kept.rung, doors.rung]),
        outline=None if kept.outline is None else np.concatenate([kept.outline, none]),
        ground=None if kept.ground is None else np.concatenate([kept.ground, none.astype(bool)]),
    )


def _hint(venue: str, known: Sequence[str] | dict[str, list[int]]) -> Text:
    """Suggests the nearest id; there are too many ids to list."""
    hint = nearest_name(venue, known)
    return hint if hint.key == "error.did_you_mean" else text("error.ids_in_results")
