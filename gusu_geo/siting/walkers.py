"""Who walks by which rule, what each home lacks, and which candidates it reaches in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.own_rules import COMMON
from gusu_geo.assessment.rule import Rule, State, Verdict, judge
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.siting.demand import Matrix
from gusu_geo.tables import Bools, Candidates, Entrances, Ints, Residences
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.coverage import coverage
from gusu_geo.walking.doors import doors_of
from gusu_geo.walking.linkage import Linkage, Linked, Linking
from gusu_geo.walking.trips import Trips


@dataclass(frozen=True, eq=False)
class Walkers:
    """The homes (R,) of one rule, its walkers, and the positions of its services in the pack.

    linked: all residences, linked to the streets that are open to these trips, where that is done.
    """

    homes: Bools
    trips: Trips
    rule: Rule
    asked: Ints
    linked: Linked | None = None


def walkers_of(ground: Ground, judgement: Judgement) -> tuple[Walkers, ...]:
    """Who is judged by which rule, the pack's first."""
    own, trips, linked = judgement.own, ground.trips(), judgement.links.homes
    if own is None:
        return (everybody(trips, judgement.rule, len(linked.ids), linked),)
    by_walk = {own.rules[COMMON].walk: trips}
    for one in own.rules:
        if one.walk not in by_walk:
            by_walk[one.walk] = ground.trips(one.walk)
    return tuple(
        Walkers(
            own.homes(number),
            by_walk[one.walk],
            one.rule,
            one.asked,
            linked if by_walk[one.walk] is trips else None,
        )
        for number, one in enumerate(own.rules)
    )


def everybody(trips: Trips, rule: Rule, homes: int, linked: Linked | None = None) -> Walkers:
    """All homes by one rule."""
    return Walkers(np.ones(homes, bool), trips, rule, np.arange(len(rule.services)), linked)


def place_doors(trips: Trips, points: Entrances, linking: Linking) -> Linkage:
    """The one door of each place on the streets that are open to these trips, as a venue has it
    that a scenario adds there."""
    closed = trips.pace.closed
    return doors_of(trips.net, points, linking=linking, closed=closed).nearest_rows()


def _home_doors(trips: Trips, points: Entrances, linking: Linking) -> Linkage:
    return doors_of(trips.net, points, linking=linking, closed=trips.pace.closed, homes=True)


class Doors:
    """Homes and candidates linked to the streets that each rule's walkers may use."""

    def __init__(
        self, residences: Residences, candidates: Candidates, linking: Linking, first: Walkers,
        places: Linked,
    ) -> None:  # fmt: skip
        """places: the candidates as ``first`` reaches them."""
        self.count = len(candidates.frame)
        self._tables, self._linking = (residences, candidates), linking
        # Doors depend on the streets that are open, not on the speed.
        self._homes: dict[bytes, Linked] = {}
        self._places = {first.trips.pace.closed.tobytes(): places}

    def of(self, part: Walkers) -> tuple[Linked, Linked]:
        """All homes, and the candidates, for these walkers."""
        residences, candidates = self._tables
        closed = part.trips.pace.closed.tobytes()
        if closed not in self._places:
            links = place_doors(part.trips, candidates.entrances, self._linking)
            self._places[closed] = Linked(candidates.frame.index, links)
        if closed not in self._homes:
            self._homes[closed] = part.linked or Linked(
                residences.frame.index,
                _home_doors(part.trips, residences.entrances, self._linking),
            )
        return self._homes[closed], self._places[closed]


def cover_of(parts: Sequence[Walkers], need: Ints, doors: Doors) -> list[Matrix]:
    """K x (R,C) the candidates that each home which lacks something reaches in time by its rule."""
    lacking = np.asarray(need.any(axis=1), bool)
    shape = len(need), doors.count
    cover: list[Matrix] = [csr_array(shape, dtype=np.int32) for _ in range(need.shape[1])]
    for part in parts:
        homes, places = doors.of(part)
        here = homes.only(lacking & part.homes)
        within = {
            s: coverage(part.trips, here, places, threshold_s=s) for s in set(part.rule.threshold_s)
        }
        for k, threshold_s in zip(part.asked.tolist(), part.rule.threshold_s, strict=True):
            # Rows of other rules are empty: nothing is added up.
            alone = len(parts) == 1
            cover[k] = within[threshold_s] if alone else _stacked(cover[k], within[threshold_s])
    return cover


def _stacked(one: Matrix, other: Matrix) -> Matrix:
    """Entries of both; a time of zero stays an entry."""
    one, other = one.tocoo(), other.tocoo()
    row, col = (np.concatenate([getattr(m, axis) for m in (one, other)]) for axis in ("row", "col"))
    return csr_array((np.concatenate([one.data, other.data]), (row, col)), shape=one.shape)


def shortfall(access: AccessTable, verdict: Verdict, part: Walkers) -> Ints:
    """(R',K') new venues each residence of a rule lacks of its services; 0 for services without
    data and unlinked homes.

    The table has the nearest and the ``min_count``-th venue only. If three or more are required,
    those in between count as missing: a plan may offer more than needed, but never too little.
    """
    rows = access.rows(part.homes, part.asked)
    nearest = judge(replace(rows, counted_cs=rows.nearest_cs), part.rule).state == State.PASS
    wanted = np.array([service.min_count for service in part.rule.pack.services])
    # Venues with unknown entrances do not count: a plan must not rely on them.
    known = np.array([state == "known" for state in verdict.service_state])[part.asked]
    state = verdict.state[np.ix_(part.homes, part.asked)]
    lacking = (state != State.PASS) & known & rows.is_linked[:, None]
    return np.where(lacking, wanted - nearest, 0).astype(np.int64)
