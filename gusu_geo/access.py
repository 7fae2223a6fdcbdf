"""How long from every residence to the nearest venue of every service."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gusu_geo._kernels import INF_CS
from gusu_geo.snapping import Linkage, Reason
from gusu_geo.tables import Bools, Int8s, Int32s, Ints
from gusu_geo.travel import Trips, arrive, cutoff_to_cs, goals, reach, same_edge, starts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

THREADS = min(4, os.cpu_count() or 1)


@dataclass(frozen=True)
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
        """Whether each residence touches the network."""
        return pd.Series(self.is_linked, index=self.residence_ids, name="linked")


def seconds(cs: Int32s) -> npt.NDArray[np.float64]:
    """Centiseconds as seconds; INF_CS becomes ``inf``."""
    return np.where(cs == INF_CS, np.inf, cs / 100.0)


@dataclass(frozen=True)
class Linked:
    """Owners (ids) with their linked entrance points."""

    ids: pd.Index
    links: Linkage

    def only(self, owners: Bools) -> Linked:
        """The same ids with the entrance points of the chosen ``owners`` (mask) alone."""
        return Linked(self.ids, _rows(self.links, owners[self.links.owner_ix]))


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

    service (F,), venue (F,): what each facility offers and whose it is; min_count: the services
    in order, with how many different venues the rule wants.
    """
    services = tuple(min_count)
    service_of, venue_of = np.asarray(service, object), np.asarray(venue, object)
    shape = (len(residences.ids), len(services))
    cs, ix = np.full(shape, INF_CS, np.int32), np.full(shape, -1, np.int32)
    masks = [np.asarray(service_of == name, bool) for name in services]

    def one(mask: Bools) -> tuple[Int32s, Int32s]:
        targets = facilities.only(mask)
        return _nearest_one(trips, residences, targets, cutoff_s=cutoff_s)

    complete = _one_stop_venues(service_of, venue_of, services)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(one, [*masks, complete]))
    for k in range(len(services)):
        cs[:, k], ix[:, k] = found[k]
    counted = cs.copy()
    for k, (name, count) in enumerate(min_count.items()):
        if count > 1:
            counted[:, k] = _nth_nearest(
                trips, residences, facilities.only(masks[k]), venue_of, count, cutoff_s
            )
        _check_service(name, count)
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


def _check_service(name: str, count: int) -> None:
    if count < 1:
        raise ValueError(f"min_count of {name!r} must be at least 1, got {count}")


def _one_stop_venues(
    service: npt.NDArray[np.object_], venue: npt.NDArray[np.object_], services: Iterable[str]
) -> Bools:
    """(F,) true for facilities of venues that have every service."""
    frame = pd.DataFrame({"service": service, "venue": venue})
    wanted = set(services)
    have = frame[frame["service"].isin(wanted)].groupby("venue")["service"].nunique()
    return frame["venue"].isin(have.index[have == len(wanted)]).to_numpy(bool)


def _nearest_one(
    trips: Trips,
    residences: Linked,
    facilities: Linked,
    *,
    cutoff_s: float,
) -> tuple[Int32s, Int32s]:
    """(R,) time to, and (R,) position of, the nearest facility; of equal times the first one."""
    owners = len(residences.ids)
    time, who = np.full(owners, INF_CS, np.int32), np.full(owners, -1, np.int32)
    if not (facilities.links.edge_ix >= 0).any():
        return time, who
    owner = facilities.links.owner_ix.astype(np.int32)
    ends = goals(trips, facilities.links)
    found = reach(trips, ends, owner, cutoff_s=cutoff_s, towards=True)
    point_cs, point_who = arrive(found, starts(trips, residences.links))
    pairs = same_edge(trips.pace, residences.links, facilities.links)
    # One list of (residence, time, facility), the best row of each residence first.
    whose = np.concatenate([residences.links.owner_ix, residences.links.owner_ix[pairs.a_ix]])
    cs = np.concatenate([point_cs, pairs.cs])
    seed = np.concatenate([point_who, owner[pairs.b_ix]])
    keep = np.flatnonzero(cs <= cutoff_to_cs(cutoff_s))
    keep = keep[np.lexsort((seed[keep], cs[keep], whose[keep]))]
    first = keep[np.unique(whose[keep], return_index=True)[1]]
    time[whose[first]], who[whose[first]] = cs[first], seed[first]
    return time, who


def _nth_nearest(
    trips: Trips,
    residences: Linked,
    facilities: Linked,
    venue_of: npt.NDArray[np.object_],
    count: int,
    cutoff_s: float,
) -> Int32s:
    """(R,) time to the ``count``-th nearest different venue."""
    venues, code = np.unique(venue_of.astype(str), return_inverse=True)
    links = facilities.links
    by_venue = _rows(links, np.ones(len(links.owner_ix), bool), owner_ix=code[links.owner_ix])
    matrix = coverage(trips, residences, Linked(pd.Index(venues), by_venue), threshold_s=cutoff_s)
    time = np.full(len(residences.ids), INF_CS, np.int32)
    for row in range(len(residences.ids)):
        cs = matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]]
        if len(cs) >= count:
            time[row] = np.partition(cs, count - 1)[count - 1]
    return time


def coverage(trips: Trips, origins: Linked, targets: Linked, *, threshold_s: float) -> csr_array:
    """Which origins reach which targets within ``threshold_s`` (inclusive), and how fast.

    Returns a sparse matrix, origins x targets, of centiseconds; its pattern is the answer
    (a time of zero is stored as an explicit zero). One search per target, in threads; the result
    does not depend on their number.
    """
    from scipy.sparse import csr_array

    cutoff = cutoff_to_cs(threshold_s)
    origin_ends, target_ends = starts(trips, origins.links), goals(trips, targets.links)
    pairs = same_edge(trips.pace, origins.links, targets.links)
    pair_target = targets.links.owner_ix[pairs.b_ix]
    pair_order = np.argsort(pair_target, kind="stable")
    pair_ptr = np.searchsorted(pair_target[pair_order], np.arange(len(targets.ids) + 1))
    point_order = np.argsort(targets.links.owner_ix, kind="stable")
    point_ptr = np.searchsorted(
        targets.links.owner_ix[point_order], np.arange(len(targets.ids) + 1)
    )

    def column(target: int) -> tuple[Ints, Int32s]:
        points = point_order[point_ptr[target] : point_ptr[target + 1]]
        seeds = np.zeros(len(points), np.int32)
        ends = target_ends.rows(points)
        found = reach(trips, ends, seeds, cutoff_s=threshold_s, towards=True)
        best = np.full(len(origins.ids), INF_CS, np.int64)
        np.minimum.at(best, origins.links.owner_ix, arrive(found, origin_ends)[0])
        straight = pair_order[pair_ptr[target] : pair_ptr[target + 1]]
        np.minimum.at(best, origins.links.owner_ix[pairs.a_ix[straight]], pairs.cs[straight])
        rows = np.flatnonzero(best <= cutoff)
        return rows, best[rows].astype(np.int32)

    with ThreadPoolExecutor(THREADS) as pool:
        columns = list(pool.map(column, range(len(targets.ids))))
    sizes = [len(rows) for rows, _ in columns]
    col = np.repeat(np.arange(len(columns)), sizes)
    row = np.concatenate([rows for rows, _ in columns]) if columns else np.zeros(0, np.int64)
    data = np.concatenate([times for _, times in columns]) if columns else np.zeros(0, np.int32)
    order = np.lexsort((col, row))
    indptr = np.searchsorted(row[order], np.arange(len(origins.ids) + 1))
    return csr_array((data[order], col[order], indptr), shape=(len(origins.ids), len(columns)))


def _rows(links: Linkage, keep: Bools, *, owner_ix: Ints | None = None) -> Linkage:
    """The chosen rows of a linkage, with other owners if given."""
    owners = links.owner_ix if owner_ix is None else owner_ix
    return Linkage(
        owner_ix=owners[keep],
        edge_ix=links.edge_ix[keep],
        offset_cm=links.offset_cm[keep],
        leg_cm=links.leg_cm[keep],
        reason=links.reason[keep],
        rung=links.rung[keep],
        door_xy=links.door_xy[keep],
        foot_xy=links.foot_xy[keep],
    )
