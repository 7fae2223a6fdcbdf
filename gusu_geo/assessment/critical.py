"""Single points of failure: the venues whose closing leaves most persons without something they
have.

A home needs a venue for a service if it reaches no more venues of that service in time than its
rule wants, and this is one of them. All services of a venue close together. Counted exactly, for
any number of wanted venues: ``compare`` of closing a venue breaks the same homes. Everything is
read as ``Verdict.passed_known`` reads it: all services with data, from any mix of venues (also
where the rule asks for one-stop venues), and never by a door that is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.own_rules import OwnRules
from gusu_geo.assessment.reach_sets import LinksFor, any_of, reach_sets, wanted_of
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.tables import Bools, Floats, Ints


@dataclass(frozen=True)
class Closing:
    """A venue, by its first facility (row), and what its closing breaks. services: positions of
    those that persons would lack; lost_persons: who have all services, and would not."""

    row: int
    services: tuple[int, ...]
    lost_persons: float


@dataclass(frozen=True, eq=False)
class Reached:
    """Who reaches which venue in time: K services of F facilities of N venues, and R homes.

    venue (F,): code of each facility's venue, in order of the ids; service (F,): position in the
    rule; sure (F, R): as ``ReachSets``; wanted (R, K): venues that the home's rule wants, 0 not
    asked; known (K,): whether the service has data.
    """

    venue: Ints
    service: Ints
    sure: csr_array
    wanted: Ints
    known: Bools

    def passed(self, offered: Bools, known: Sequence[bool] | Bools | None = None) -> Bools:
        """(R,) who has all services with data from the facilities ``offered`` (F,) alone; known:
        in place of the table's."""
        asked = self.wanted * np.asarray(self.known if known is None else known, bool)
        found = asked.any(axis=1)
        for k in np.flatnonzero(asked.any(axis=0)).tolist():
            found &= _count(self._venues(k, offered)) >= asked[:, k]
        return np.asarray(found, bool)

    def closings(self, offered: Bools, persons: Floats) -> list[Closing]:
        """Every venue whose closing breaks anybody, most persons first, then by id. persons (R,);
        offered (F,): facilities that are there."""
        asked = self.wanted * self.known
        passed = self.passed(offered)
        broken: list[tuple[int, csr_array]] = []
        for k in np.flatnonzero(asked.any(axis=0)).tolist():
            near = self._venues(k, offered)
            needed = passed & (asked[:, k] > 0) & (_count(near) == asked[:, k])
            near.data = near.data * needed[near.indices]
            near.eliminate_zeros()
            broken.append((k, near))
        if not broken:
            return []
        any_lost = csr_array(sum((lost for _, lost in broken[1:]), broken[0][1]))
        any_lost.data = np.minimum(any_lost.data, 1)
        total = np.asarray(any_lost @ persons)
        venues, first = np.unique(self.venue, return_index=True)
        row, lacks = dict(zip(venues.tolist(), first.tolist(), strict=True)), dict[int, list[int]]()
        for k, lost in broken:
            for venue in np.flatnonzero(np.diff(lost.indptr)).tolist():
                lacks.setdefault(venue, []).append(k)
        order = np.argsort(-total, kind="stable").tolist()
        return [
            Closing(row[venue], tuple(lacks[venue]), float(total[venue]))
            for venue in order
            if total[venue] > 0
        ]

    def _venues(self, k: int, offered: Bools) -> csr_array:
        """(N, R) who reaches which venue of a service; a venue counts once."""
        rows = np.where(offered & (self.service == k), self.venue, -1)
        return any_of(self.sure, rows, int(self.venue.max(initial=-1)) + 1)


def reached_venues(
    ground: Ground,
    judgement: Judgement,
    *,
    rules: OwnRules | None = None,
    links_for: LinksFor | None = None,
) -> Reached:
    """The venues of the judgement's city that each home reaches in time, by its own rule; one
    search for each. rules, links_for: see ``reach_sets``."""
    frame = judgement.city.facilities.frame
    place = {service: k for k, service in enumerate(judgement.rule.services)}
    venue, _ = pd.factorize(frame["venue_id"].astype(str), sort=True)
    return Reached(
        venue=np.asarray(venue, np.int64),
        service=np.array([place.get(service, -1) for service in frame["service"]], np.int64),
        sure=reach_sets(ground, judgement, rules=rules, links_for=links_for).sure,
        wanted=wanted_of(judgement),
        known=np.asarray(judgement.known, bool),
    )


def _count(near: csr_array) -> Ints:
    """(R,) venues in reach."""
    return np.asarray(near.sum(axis=0), np.int64)
