"""Walking time from every residence to the nearest venue of every service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gusu_geo._kernels import (
    INF_CS,
    Places,
    Seeds,
    Straight,
    nearest_of_owners,
    quickest,
)
from gusu_geo._kernels.blocks import THREADS
from gusu_geo.tables import Bools, Int8s, Int32s
from gusu_geo.walking.coverage import int32_cs, nth_nearest
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.walking.linkage import Linked, Reason
from gusu_geo.walking.search import goals, same_edge, starts
from gusu_geo.walking.trips import Trips


@dataclass(frozen=True, eq=False)
class AccessTable:
    """Residences (R) x services (K), in whole centiseconds; INF_CS = beyond the cutoff.

    nearest_cs (R,K), nearest_ix (R,K): position in ``facility_ids``, -1 none.
    counted_cs (R,K): time to the ``min_count``-th nearest venue, which the rule judges.
    one_stop_cs (R,), one_stop_ix (R,): nearest venue that has every service.
    is_linked (R,), reason (R,): ``Reason`` of the unlinked.
    """

    residence_ids: pd.Index
    services: tuple[str, ...]
    facility_ids: pd.Index
    nearest_cs: Int32s
    nearest_ix: Int32s
    counted_cs: Int32s
    one_stop_cs: Int32s
    one_stop_ix: Int32s
    is_linked: Bools
    reason: Int8s
    cutoff_s: float

    def __repr__(self) -> str:
        homes, services = self.nearest_cs.shape
        return f"<AccessTable: {homes:,} homes, {services} services, within {self.cutoff_s:g} s>"

    def _repr_html_(self) -> str:
        return str(self.nearest_s._repr_html_())  # type: ignore[operator]

    @property
    def nearest_s(self) -> pd.DataFrame:
        """Seconds, residences x services; ``inf`` beyond the cutoff."""
        return pd.DataFrame(
            seconds(self.nearest_cs), index=self.residence_ids, columns=list(self.services)
        )

    @property
    def nearest_id(self) -> pd.DataFrame:
        """Facility ids, residences x services; None beyond the cutoff."""
        names = np.array([*self.facility_ids, None], object)
        return pd.DataFrame(
            names[self.nearest_ix],
            index=self.residence_ids,
            columns=list(self.services),
            dtype=object,
        )

    @property
    def linked(self) -> pd.Series:
        """Whether each residence is linked to the network."""
        return pd.Series(self.is_linked, index=self.residence_ids, name="linked")


def seconds(cs: Int32s) -> npt.NDArray[np.float64]:
    """Centiseconds as seconds; INF_CS becomes ``inf``."""
    return np.where(cs == INF_CS, np.inf, cs / 100.0)


def measure(
    trips: Trips,
    residences: Linked,
    facilities: Linked,
    *,
    service: Sequence[str],
    venue: Sequence[str],
    min_count: Mapping[str, int],
    cutoff_s: float,
) -> AccessTable:
    """The access table: one bounded search per service, and one for one-stop venues.

    service (F,), venue (F,): service and venue id of each facility; min_count: the services in
    order, each with the number of different venues that the rule requires.
    Raises ValueError: a count below 1.
    """
    services = tuple(min_count)
    _check_counts(min_count)
    service_of, venue_of = np.asarray(service, object), np.asarray(venue, object)
    cs, ix = (np.empty((len(residences.ids), len(services)), np.int32, "F") for _ in range(2))
    masks = [np.asarray(service_of == name, bool) for name in services]
    complete = _one_stop_venues(masks, venue_of)
    query = _NearestQuery.of(trips, residences, facilities, cutoff_s)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(query.nearest, [*masks, complete]))
    for k in range(len(services)):
        cs[:, k], ix[:, k] = found[k]
    counted = cs if max(min_count.values(), default=1) == 1 else cs.copy("F")
    for k, count in enumerate(min_count.values()):
        if count > 1:
            counted[:, k] = nth_nearest(
                trips, residences, facilities.only(masks[k]), venue_of, count, cutoff_s
            )
    reason = residences.links.owner_reason(len(residences.ids))
    for array in (cs, ix, counted, reason, *found[-1]):
        array.setflags(write=False)
    return AccessTable(
        residence_ids=residences.ids,
        services=services,
        facility_ids=facilities.ids,
        nearest_cs=cs,
        nearest_ix=ix,
        counted_cs=counted,
        one_stop_cs=found[-1][0],
        one_stop_ix=found[-1][1],
        is_linked=reason == int(Reason.LINKED),
        reason=reason,
        cutoff_s=cutoff_s,
    )


def _check_counts(min_count: Mapping[str, int]) -> None:
    for name, count in min_count.items():
        if count < 1:
            raise ValueError(f"min_count of {name!r} must be at least 1, got {count}")


def _one_stop_venues(masks: Sequence[Bools], venue: npt.NDArray[np.object_]) -> Bools:
    """(F,) true for facilities of venues with every service; masks: one (F,) per service."""
    code, names = pd.factorize(venue)
    complete = np.full(len(names), len(masks) > 0)
    for mask in masks:
        complete &= np.bincount(code[mask], minlength=len(names)) > 0
    return np.asarray(complete[code])


@dataclass(frozen=True, eq=False)
class _NearestQuery:
    """The search for the nearest facility: the parts that all services share."""

    trips: Trips
    places: Places
    owners: int
    seeds: Seeds
    straight: Straight
    cutoff_s: float

    @classmethod
    def of(
        cls, trips: Trips, residences: Linked, facilities: Linked, cutoff_s: float
    ) -> _NearestQuery:
        """Compute all legs, and all pairs of residence and facility on the same edge.

        Of the many doors of one side of a house only the quickest way to each node is kept.
        """
        home, facility = residences.links, facilities.links
        out, in_ = starts(trips, home), goals(trips, facility)
        pairs = same_edge(trips.pace, home, facility)
        owner, facility_ix = np.repeat(home.owner_ix, 2), np.repeat(facility.owner_ix, 2)
        ident, cs, whose = quickest(
            facility.owner_ix[pairs.b_ix],
            int32_cs(pairs.cs),
            home.owner_ix[pairs.a_ix],
        )
        trips.packed(towards=True)  # built once, before threads use it
        return cls(
            trips=trips,
            places=Places(*quickest(out.node.ravel(), out.cs.ravel(), owner)),
            owners=len(residences.ids),
            seeds=Seeds(*quickest(in_.node.ravel(), in_.cs.ravel(), facility_ix)),
            straight=Straight(whose, cs, ident),
            cutoff_s=cutoff_s,
        )

    def nearest(self, facilities: Bools) -> tuple[Int32s, Int32s]:
        """Time to (R,) and position of (R,) the nearest of ``facilities`` (mask); of equally
        near ones the first."""
        if not facilities.any():  # usual for one-stop venues
            return np.full(self.owners, INF_CS, np.int32), np.full(self.owners, -1, np.int32)
        starting, direct = (
            np.flatnonzero(facilities.take(ways.ident)) for ways in (self.seeds, self.straight)
        )
        return nearest_of_owners(
            self.trips.packed(towards=True),
            Seeds(*(part.take(starting) for part in self.seeds)),
            self.places,
            Straight(*(part.take(direct) for part in self.straight)),
            self.owners,
            cutoff_to_cs(self.cutoff_s),
        )
