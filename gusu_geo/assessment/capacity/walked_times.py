"""How long each home walks to each of some places, by the rule that is its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gusu_geo.assessment.judgement import Judgement, relinked, rules_of
from gusu_geo.assessment.walkable_city import CityLinks, Ground
from gusu_geo.study.params import Walk
from gusu_geo.tables import Bools, Ints
from gusu_geo.walking.coverage import coverage
from gusu_geo.walking.linkage import Linked
from gusu_geo.walking.trips import Trips

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Places = Callable[[Trips, CityLinks], Linked]  # linked to the streets that are open to these trips


def walked_times(
    ground: Ground, judgement: Judgement, places: Places, count: int, cutoff_s: float
) -> csr_array:
    """(R, count) centiseconds from homes to places within ``cutoff_s`` (inclusive); a stored entry
    means reached, also where it is 0. One search for each place and each way of walking."""
    from scipy.sparse import csr_array

    own = rules_of(judgement)
    walkers: dict[str, tuple[Walk, list[int]]] = {}
    for number, one in enumerate(own.rules):
        walkers.setdefault(one.walk.model_dump_json(), (one.walk, []))[1].append(number)
    parts = []
    for walk, numbers in walkers.values():
        here = np.isin(own.of_home, numbers)
        if not here.any():
            continue
        trips = ground.trips(walk)
        links = relinked(ground, trips, judgement.links)
        found = coverage(trips, links.homes.only(here), places(trips, links), threshold_s=cutoff_s)
        row = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
        parts.append((found.data, row, found.indices))
    none = (np.zeros(0, np.int32),) * 3
    data, row, column = (np.concatenate(each) for each in zip(none, *parts, strict=True))
    # Not by adding matrices: that would drop walks of no time.
    return csr_array((data, (row, column)), shape=(len(own.of_home), count))


def picked(linked: Linked, rows: Ints | Bools) -> Linked:
    """Some of the owners (different positions, or a mask), in this order."""
    chosen = np.arange(len(linked.ids))[rows]
    place = np.full(len(linked.ids), -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    owner = place[linked.links.owner_ix]
    kept = linked.links.rows(owner >= 0)
    return Linked(linked.ids[chosen], replace(kept, owner_ix=owner[owner >= 0]))
