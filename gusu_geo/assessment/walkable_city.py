"""A study's walkable city: its streets and barriers, and its homes and venues linked to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.streets.open_barriers import OpenBarriers
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import Study, Walk
from gusu_geo.tables import Candidates, City, Entrances, Note
from gusu_geo.walking.doors import doors_of
from gusu_geo.walking.gardens import NEIGHBOURS_M
from gusu_geo.walking.linkage import Linkage, Linked, Linking, Reason
from gusu_geo.walking.snapping import islands, snap
from gusu_geo.walking.trips import Trips

if TYPE_CHECKING:  # whoever brings tables of her own loads no reader
    from gusu_geo.sources.holidays import DaysOff


@dataclass(frozen=True, eq=False)
class Ground:
    """What does not depend on the walking profile: the city, its streets and barriers.

    compounds: with the status of each, see ``compounds.Gated``. heights: name of the raster that
    slopes were taken from, "" for none. notes: what readers of the results must know. run_id: of
    the outputs, see ``pipeline.digests``; "" where nothing is written. candidates: those that the
    study lists in a file; None: along the streets. days_off: of the study's own calendar file.
    """

    study: Study
    pack: RulePack
    city: City
    network: WalkNetwork
    barriers: Barriers
    compounds: gpd.GeoDataFrame
    heights: str
    notes: tuple[Note, ...]
    run_id: str = ""
    candidates: Candidates | None = None
    days_off: DaysOff | None = None

    @cached_property
    def linking(self) -> Linking:
        """How points of this study reach streets: the same for homes, venues and candidates."""
        params, city, homes_xy = self.study.network, self.city, None
        if params.garden_walls == "assume":
            both = (city.residences, city.neighbours)
            shapes = [part.frame.geometry.to_numpy() for part in both if part is not None]
            homes_xy = shapely.get_coordinates(np.concatenate(shapes))
        return Linking(params.snap_max_m, params.island_max_m, self.barriers, homes_xy)

    def trips(self, walk: Walk | None = None) -> Trips:
        """The trip graph for the walking profile ``walk``, default: that of the study."""
        return Trips.of(self.network, walk or self.study.walk)


@dataclass(frozen=True, eq=False)
class CityLinks:
    """Links of homes and venues to the streets; entered: see ``through_walls``."""

    homes: Linked
    venues: Linked
    entered: Linked | None


def link_all(ground: Ground, trips: Trips) -> CityLinks:
    """Homes and venues linked to the streets that are open to these trips."""
    homes, venues = link_city(ground, trips)
    return CityLinks(homes, venues, through_walls(ground, trips, venues))


def link_fewer(ground: Ground, trips: Trips, before: CityLinks) -> CityLinks:
    """``link_all`` for trips to which at least the streets closed in ``before`` are closed.

    The nearest of all streets stays the nearest of fewer. So only homes and venues are linked again
    that had no street somewhere, or one of whose streets is now closed or cut off. With all gates
    opened, all are.
    """
    if isinstance(ground.barriers, OpenBarriers):
        return link_all(ground, trips)
    net, closed = ground.network, trips.pace.closed
    unusable = closed | islands(net, ~closed, ground.study.network.island_max_m)

    def again(
        one: Linked, points: Entrances, link: Callable[[Ground, Trips, Entrances], Linkage]
    ) -> Linked:
        edge = one.links.edge_ix
        owners = np.zeros(len(one.ids), bool)
        owners[one.links.owner_ix[(edge < 0) | unusable[edge]]] = True
        found = link(ground, trips, points.rows(owners[points.owner_ix]))
        return Linked(one.ids, one.links.of_owners(owners, found))

    homes = again(before.homes, ground.city.residences.entrances, _homes_linked)
    venues = again(before.venues, ground.city.facilities.entrances, linked_points)
    return CityLinks(homes, venues, through_walls(ground, trips, venues))


def link_city(ground: Ground, trips: Trips) -> tuple[Linked, Linked]:
    """Residences and facilities with their links to the streets."""
    homes, venues = ground.city.residences, ground.city.facilities
    return (
        Linked(homes.frame.index, _homes_linked(ground, trips, homes.entrances)),
        Linked(venues.frame.index, linked_points(ground, trips, venues.entrances)),
    )


def _homes_linked(ground: Ground, trips: Trips, points: Entrances) -> Linkage:
    """Links of homes: those beyond the border may stand behind the same garden walls, so they are
    linked too."""
    city, count = ground.city, len(ground.city.residences.frame)
    if city.neighbours is None or not len(city.neighbours.frame):
        return linked_points(ground, trips, points, homes=True)
    places = np.asarray(city.neighbours.frame.geometry.to_numpy(), object)
    near = shapely.dwithin(city.area.geometry.iloc[0], places, NEIGHBOURS_M)
    beyond = city.neighbours.entrances
    all_points = points.joined(beyond.rows(near[beyond.owner_ix]), count)
    links = linked_points(ground, trips, all_points, homes=True)
    return links.rows(np.flatnonzero(links.owner_ix < count))


def linked_points(
    ground: Ground, trips: Trips, points: Entrances, *, homes: bool = False
) -> Linkage:
    """Links of entrances, of homes or of venues."""
    closed = trips.pace.closed
    return doors_of(ground.network, points, ground.linking, closed=closed, homes=homes)


def through_walls(ground: Ground, trips: Trips, venues: Linked) -> Linked | None:
    """The venues as if walls without a known gate could be passed; None if no venue needs that.

    Such a venue must have an entrance, but it is unknown where.
    """
    behind = venues.links.owner_reason(len(venues.ids)) == Reason.WALL
    if not behind.any():
        return None
    points, barriers = ground.city.facilities.entrances, ground.barriers
    rows = behind[points.owner_ix]
    linking = replace(ground.linking, barriers=barriers.without_walls())
    found = snap(ground.network, points.rows(rows), linking, closed=trips.pace.closed)
    return Linked(venues.ids, venues.links.of_owners(behind, found))
