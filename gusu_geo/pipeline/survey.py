"""What a run shows besides the verdict: detours, missing links, service areas, uncovered ground."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import geopandas as gpd
import numpy as np

from gusu_geo.assessment.detours import Detours, measure_detours
from gusu_geo.assessment.judgement import Judgement, relinked, rules_of
from gusu_geo.assessment.link_gains import People
from gusu_geo.assessment.link_stops import Walkers
from gusu_geo.assessment.missing_links import missing_links
from gusu_geo.assessment.outcome import Survey
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.isochrone.isochrones import painter_of
from gusu_geo.isochrone.service_areas import Drawer, ServiceAreas, ServiceVenues
from gusu_geo.tables import Ints
from gusu_geo.tidying import give_back
from gusu_geo.walking.linkage import Linked, Reason
from gusu_geo.walking.trips import Trips


def drawer_of(ground: Ground, trips: Trips) -> Drawer:
    """The drawer of service areas for the study's area; independent of linking."""
    painter = painter_of(trips, ground.linking)
    area = ground.city.area.geometry.iloc[0]
    return Drawer.of(trips, painter, area, ground.linking.island_max_m)


class Begun:
    """What of a survey needs no verdict, one after the other in the thread of ``pool``: the second
    core works while the first one links and judges."""

    def __init__(self, pool: ThreadPoolExecutor, ground: Ground) -> None:
        self._pool, self._ground = pool, ground
        self.drawer: Future[Drawer] = pool.submit(drawer_of, ground, ground.trips())
        self.detours: Future[Detours] | None = None

    def linked(self, judgement: Judgement) -> None:
        """The homes are linked."""
        self.detours = self._pool.submit(detours_of, self._ground, judgement.links.homes)


def survey(ground: Ground, judgement: Judgement, begun: Begun | None = None) -> Survey:
    """Detours, missing links and service areas; begun: of the same ground and judgement.

    The areas come last: they take the most memory, and keep all cores busy by themselves.
    """
    with ThreadPoolExecutor(2) as pool:
        begun = begun or Begun(pool, ground)
        found = pool.submit(gaps_of, ground, judgement)
        homes = judgement.links.homes
        detours = begun.detours or pool.submit(detours_of, ground, homes)
        gaps, drawer = found.result(), begun.drawer.result()
    give_back()
    drawn = service_areas_of(drawer, judgement)
    layers = {"missing_links": gaps, "service_areas": drawn.served, "uncovered": drawn.uncovered}
    return Survey(detours.result(), layers)


def detours_of(ground: Ground, homes: Linked) -> Detours:
    """Detour ratio of every home."""
    study = ground.study
    return measure_detours(
        ground.network, homes, walk=study.walk, island_max_m=study.network.island_max_m
    )


def gaps_of(ground: Ground, judgement: Judgement) -> gpd.GeoDataFrame:
    """Missing links with an end in the area, those that give most first; index = rank."""
    city = ground.city
    return missing_links(
        ground.network,
        walk=ground.study.walk,
        barriers=ground.barriers,
        area=city.area.geometry.iloc[0],
        people=people_of(ground, judgement),
    )


def people_of(ground: Ground, judgement: Judgement) -> People:
    """The homes, each as its own rule judges it."""
    own, frame = rules_of(judgement), ground.city.facilities.frame
    judged = [(one, here) for n, one in enumerate(own.rules) if (here := own.homes(n)).any()]
    several = any(s.min_count > 1 for one, _ in judged for s in one.rule.pack.services)
    why = "one_stop" if judgement.rule.mode == "one_stop" else "min_count" if several else ""
    passed = judgement.verdict.state == State.PASS
    service, known = frame["service"].to_numpy(object), np.array(judgement.known, bool)
    walkers = []
    for one, here in () if why else judged:
        trips = ground.trips(one.walk)
        links = relinked(ground, trips, judgement.links)
        walkers.append(
            Walkers(
                trips=trips,
                walk=one.walk,
                homes=links.homes,
                venues=links.venues,
                here=here,
                offers=np.array([service == key for key in one.rule.services], bool),
                threshold_cs=one.rule.threshold_cs,
                met=passed[:, one.asked],
                known=known[one.asked],
            )
        )
    persons = ground.city.residences.frame["persons"].to_numpy(float)
    snap_max_m = ground.linking.snap_max_m
    return People(judgement.links.homes, persons, walkers, why, snap_max_m)


def service_areas_of(drawer: Drawer, judgement: Judgement) -> ServiceAreas:
    """Service areas of every service with a linked venue.

    Other services have no row: without data it is unknown where they are missing.
    """
    rule, entered = judgement.rule, judgement.links.entered
    venues = judgement.links.venues
    frame = judgement.city.facilities.frame
    links = venues.links
    unlinked = links.owner_reason(len(frame)) != Reason.LINKED
    service, venue = (frame[column].to_numpy(object) for column in ("service", "venue_id"))
    wanted = {}
    for k, one in enumerate(rule.pack.services):
        owners = np.flatnonzero(service == one.id)
        if not unlinked[owners].all():
            possible = entered is not None and bool(unlinked[owners].any())
            by_venue = _grouped(owners, venue[owners])
            wanted[one.id] = ServiceVenues(
                by_venue, one.min_count, int(rule.threshold_cs[k]), possible
            )
    return drawer.areas(wanted, links, links if entered is None else entered.links)


def _grouped(owners: Ints, venue: np.ndarray) -> list[Ints]:
    """The owners of each venue."""
    _, at = np.unique(venue.astype(str), return_inverse=True)
    order = np.argsort(at, kind="stable")
    return np.split(owners[order], np.flatnonzero(np.diff(at[order])) + 1)
