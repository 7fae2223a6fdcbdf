"""A study's walkable city: its streets and barriers, homes and venues linked, times, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from gusu_geo.assessment.rule import Rule, Verdict, judge, load_rule
from gusu_geo.streets.barriers import BarrierKind, Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import Study, Walk
from gusu_geo.tables import City, Entrances
from gusu_geo.walking.access import AccessTable, measure
from gusu_geo.walking.linkage import Linked, Reason
from gusu_geo.walking.snapping import islands, snap
from gusu_geo.walking.trips import Trips


@dataclass(frozen=True)
class Ground:
    """What does not depend on who walks: the city, its streets and barriers.

    compounds: what became of each, see ``compounds.Gated``. heights: name of the raster that
    slopes were taken from, "" for none. notes: what a reader must know of all this.
    """

    study: Study
    pack: RulePack
    city: City
    network: WalkNetwork
    barriers: Barriers
    compounds: gpd.GeoDataFrame
    heights: str
    notes: tuple[dict[str, str], ...]

    def trips(self, walk: Walk | None = None) -> Trips:
        """How people get about who walk as ``walk`` says, else as the study says."""
        return Trips.of(self.network, walk or self.study.walk)


def rule_of(study: Study) -> Rule:
    """The rule a study judges by. Raises StudyError as ``load_rule``."""
    params = study.rule
    return load_rule(params.pack, minutes=params.minutes, mode=params.mode, root=study.root)


@dataclass(frozen=True)
class CityLinks:
    """Where homes and venues touch the streets; entered: see ``through_walls``."""

    homes: Linked
    venues: Linked
    entered: Linked | None


def link_all(ground: Ground, trips: Trips) -> CityLinks:
    """Homes and venues linked for people who make these trips."""
    homes, venues = link_city(ground, trips)
    return CityLinks(homes, venues, through_walls(ground, trips, venues))


def link_fewer(ground: Ground, trips: Trips, before: CityLinks) -> CityLinks:
    """``link_all`` for people to whom more streets are closed than to those of ``before``.

    The nearest of all streets stays the nearest of fewer, so only those are linked anew whose
    street is closed now, or cut off, or who had none.
    """
    net, closed = ground.network, trips.pace.closed
    gone = closed | islands(net, ~closed, ground.study.network.island_max_m)
    options = snap_options(ground) | {"closed": closed}

    def again(one: Linked, points: Entrances) -> Linked:
        edge = one.links.edge_ix
        rows = np.flatnonzero((edge < 0) | gone[edge])
        return Linked(one.ids, one.links.with_rows(rows, snap(net, points.rows(rows), **options)))

    homes = again(before.homes, ground.city.residences.entrances)
    venues = again(before.venues, ground.city.facilities.entrances)
    return CityLinks(homes, venues, through_walls(ground, trips, venues))


def link_city(ground: Ground, trips: Trips) -> tuple[Linked, Linked]:
    """Residences and facilities with their links to the streets."""
    options = snap_options(ground) | {"closed": trips.pace.closed}
    homes, venues = (
        Linked(part.frame.index, snap(ground.network, part.entrances, **options))
        for part in (ground.city.residences, ground.city.facilities)
    )
    return homes, venues


def through_walls(ground: Ground, trips: Trips, venues: Linked) -> Linked | None:
    """The venues as if those behind a wall without a known gate could be entered through it.

    None where there are none: a venue must have an entrance, only nobody knows where.
    """
    owner = venues.links.owner_reason(len(venues.ids)) == Reason.WALL
    rows = np.flatnonzero(owner[venues.links.owner_ix])
    if len(rows) == 0:
        return None
    points, barriers = ground.city.facilities.entrances, ground.barriers
    other = barriers.kind != BarrierKind.WALL
    options = snap_options(ground) | {
        "closed": trips.pace.closed,
        "barriers": Barriers(barriers.shapes[other], barriers.kind[other], barriers.width_m[other]),
    }
    found = snap(ground.network, points.rows(rows), **options)
    return Linked(venues.ids, venues.links.with_rows(rows, found))


def snap_options(ground: Ground) -> dict[str, Any]:
    """How points of this study reach streets: the same for homes, venues and candidates."""
    params = ground.study.network
    return {
        "snap_max_m": params.snap_max_m,
        "island_max_m": params.island_max_m,
        "barriers": ground.barriers,
    }


def access_of(ground: Ground, trips: Trips, homes: Linked, venues: Linked) -> AccessTable:
    """The access table of people who make these trips."""
    frame = ground.city.facilities.frame
    return measure(
        trips,
        homes,
        venues,
        service=frame["service"].tolist(),
        venue=frame["venue_id"].tolist(),
        min_count={service.id: service.min_count for service in ground.pack.services},
        cutoff_s=ground.study.rule.cutoff_minutes * 60,
    )


def judge_links(
    ground: Ground, trips: Trips, rule: Rule, links: CityLinks, *, known: Sequence[bool]
) -> tuple[AccessTable, Verdict]:
    """Times and verdicts of people who make these trips; known (K,): as in ``rule.judge``."""
    access = access_of(ground, trips, links.homes, links.venues)
    entered = links.entered
    possible = None if entered is None else access_of(ground, trips, links.homes, entered)
    return access, judge(access, rule, known=known, possible=possible)
