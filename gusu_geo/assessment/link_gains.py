"""What each missing link would give: persons who come to have all services, persons x services.

With a link between places a and b, which takes w, the walk from home h to the nearest venue of
service k takes

    t'(h,k) = min(t(h,k), t(h,a) + w + t(a,k), t(h,b) + w + t(b,k))

so one search towards every end, and one per service from its venues, judge all links at once, each
by itself. All times are the whole centiseconds of a judgement of the changed streets: an end is a
node there, so t(h,a) + t(a,k) counts too (parts of a street round otherwise than the whole).
An opened gate is the same with the copies of its vertex as ends (``link_stops``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gusu_geo.assessment.link_stops import Stops, Walkers, places, stops_of
from gusu_geo.assessment.openings import NO_GATE, Openings
from gusu_geo.assessment.rule import within
from gusu_geo.geometry import Shapes, ends_of
from gusu_geo.streets.barriers import Barriers
from gusu_geo.study.params import SNAP_MAX_M, Walk
from gusu_geo.tables import Bools, Floats, Ints
from gusu_geo.walking.access import measure
from gusu_geo.walking.coverage import coverage_blocks
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.walking.linkage import Linked, Reason
from gusu_geo.walking.search import arrive, goals, reach, same_edge
from gusu_geo.walking.trips import Trips

WHY_NONE = ("no_homes", "no_venues", "one_stop", "min_count", "several_gates")


def walkers_alike(
    trips: Trips,
    walk: Walk,
    homes: Linked,
    venues: Linked,
    service: Sequence[str],
    *,
    threshold_s: float,
) -> Walkers:
    """All homes, who want a venue of every service within ``threshold_s``; service (F,). Services
    without a linked venue are without data."""
    names = sorted(set(service))
    each = np.array(service, object)
    times = measure(
        trips, homes, venues, service=service, venue=[str(row) for row in range(len(each))],
        min_count=dict.fromkeys(names, 1), cutoff_s=threshold_s,
    )  # fmt: skip
    linked = venues.links.owner_reason(len(each)) == Reason.LINKED
    offers = np.array([each == name for name in names], bool)
    limits = np.full(len(names), cutoff_to_cs(threshold_s), np.int64)
    return Walkers(
        trips=trips,
        walk=walk,
        homes=homes,
        venues=venues,
        here=np.ones(len(homes.ids), bool),
        offers=offers,
        threshold_cs=limits,
        met=within(times.nearest_cs, limits),
        known=(offers & linked).any(axis=1),
    )


class People(NamedTuple):
    """For whom links are ranked: homes with persons (R,), and how they are judged.

    why_none: one of ``WHY_NONE`` where gains cannot be worked out so ("" where they can): the times
    to more than one venue, or to one that has all services, follow from no nearest venue.
    snap_max_m: longest leg from a door to a street.
    """

    homes: Linked
    persons: Floats
    walkers: Sequence[Walkers] = ()
    why_none: str = "no_venues"
    snap_max_m: float = SNAP_MAX_M


class Gains(NamedTuple):
    """Of each link (n,): persons who come to have all services with data; persons times services
    newly in time; both NaN where not worked out, and then why, see ``WHY_NONE``; door_persons: of
    homes behind walls to which it would be the first street within reach, counted in neither."""

    persons: Floats
    service_persons: Floats
    why_none: npt.NDArray[np.object_]
    door_persons: Floats

    def columns(self) -> dict[str, npt.NDArray[np.generic]]:
        """As columns of the table."""
        return {
            "gained_persons": self.persons,
            "gained_service_persons": self.service_persons,
            "door_persons": self.door_persons,
            "gains_missing": self.why_none,
        }


def gains_of(
    openings: Openings, lines: Shapes, people: People | None, barriers: Barriers | None
) -> Gains:
    """The gains of each link by itself, each home judged by its own rule; lines: of the links."""
    count = len(lines)
    unknown = np.full(count, np.nan)
    if people is None:
        return Gains(unknown, unknown, np.full(count, "no_homes", object), unknown)
    doors = doors_given(lines, people, barriers)
    if people.why_none:
        return Gains(unknown, unknown, np.full(count, people.why_none, object), doors)
    whole, parts = np.zeros(count), np.zeros(count)
    for group in people.walkers:
        home, row, services, complete = _newly_met(openings, group)
        persons = people.persons[home]
        whole += np.bincount(row[complete], persons[complete], count)
        parts += np.bincount(row, persons * services, count)
    several = openings.gate < NO_GATE
    whole, parts = (np.where(several, np.nan, np.round(one, 2)) for one in (whole, parts))
    return Gains(whole, parts, np.where(several, "several_gates", "").astype(object), doors)


def doors_given(lines: Shapes, people: People, barriers: Barriers | None) -> Floats:
    """(n,) persons of homes that walls keep from every street, with a straight leg to the link that
    nothing bars."""
    count, links = len(lines), people.homes.links
    walled = links.owner_reason(len(people.persons)) == Reason.WALL
    doors = np.flatnonzero(walled[links.owner_ix])
    points: Shapes = np.asarray(shapely.points(links.door_xy[doors]), object).reshape(-1)
    row, near = shapely.STRtree(points).query(
        lines, predicate="dwithin", distance=people.snap_max_m
    )
    legs: Shapes = np.asarray(shapely.shortest_line(points[near], lines[row]), object).reshape(-1)
    if barriers is not None and len(barriers):
        clear = barriers.crossed(ends_of(legs)) == 0
        row, near = row[clear], near[clear]
    pairs = np.unique(np.column_stack([row, links.owner_ix[doors[near]]]), axis=0)
    sums = np.bincount(pairs[:, 0], people.persons[pairs[:, 1]], count)
    return np.round(sums.astype(float), 2)  # of no pairs numpy counts whole numbers


def _newly_met(openings: Openings, group: Walkers) -> tuple[Ints, Ints, Ints, Bools]:
    """Pairs of home and link with anything newly in time: home, link, number of services, and
    whether the home then has all that have data."""
    stops = stops_of(openings, group)
    left = (group.threshold_cs - _times_on(stops, group))[stops.head] - stops.cs[:, None]
    useful = (left >= 0).any(axis=1)
    order = np.flatnonzero(useful)[np.argsort(stops.tail[useful], kind="stable")]
    links = stops.links
    tails, at = np.unique(stops.tail[order], return_inverse=True)
    homes = len(group.homes.ids)
    lacking = group.here & ~group.met.all(axis=1)
    keys: list[list[Ints]] = [[np.zeros(0, np.int64)] for _ in group.threshold_cs]
    chunks = coverage_blocks(
        group.trips,
        group.homes.only(lacking),
        Linked(pd.RangeIndex(len(tails)), places(links.edge_ix[tails], links.offset_cm[tails])),
        threshold_s=max(int(left.max(initial=0)), 0) / 100,
        arrivals=stops.arriving.rows(tails),
    )
    for chunk in chunks:
        mine = slice(*np.searchsorted(at, (chunk.first, chunk.last)))
        source, step = at[mine] - chunk.first, order[mine]
        size = np.diff(chunk.ptr)[source]
        entry = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size - chunk.ptr[source], size)
        step = np.repeat(step, size)
        home, time = chunk.ix[entry].astype(np.int64), chunk.cs[entry]
        for k, found in enumerate(keys):
            new = np.flatnonzero(within(time, left[step, k]))
            new = new[~group.met[home[new], k]]
            found.append(np.unique(stops.row[step[new]] * homes + home[new]))
    each = [np.unique(np.concatenate(found)) for found in keys]
    return _counted(each, group)


def _counted(each: Sequence[Ints], group: Walkers) -> tuple[Ints, Ints, Ints, Bools]:
    """As ``_newly_met``, from the pairs of each service: link times homes, plus home."""
    pairs, place = np.unique(np.concatenate(each), return_inverse=True)
    known = np.repeat(group.known, [len(one) for one in each])
    services = np.bincount(place, minlength=len(pairs))
    with_data = np.bincount(place[known], minlength=len(pairs))
    row, home = np.divmod(pairs, len(group.homes.ids))
    lacked = (~group.met & group.known).sum(axis=1)[home]
    return home, row, services, (lacked > 0) & (with_data == lacked)


def _times_on(stops: Stops, group: Walkers) -> Ints:
    """(P,K) time from each place to the nearest venue of each service; INF_CS beyond."""
    trips, links = group.trips, group.venues.links
    ends, straight = goals(trips, links), same_edge(group.trips.pace, stops.links, links)
    found = np.empty((len(stops.leaving.node), len(group.threshold_cs)), np.int64)
    for k, limit_cs in enumerate(group.threshold_cs.tolist()):
        offers = group.offers[k][links.owner_ix]
        to = reach(trips, ends.rows(offers), np.zeros(int(offers.sum()), np.int32),
                   cutoff_s=limit_cs / 100, towards=True)  # fmt: skip
        found[:, k] = arrive(to, stops.leaving)[0]
        near = offers[straight.b_ix]
        np.minimum.at(found[:, k], straight.a_ix[near], straight.cs[near])
    return found
