"""A question of siting: tables as the arrays of ``siting.model``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gusu_geo.assessment.rule import Verdict
from gusu_geo.errors import StudyError
from gusu_geo.siting.demand import Matrix
from gusu_geo.siting.solver import Effort, Solution, solve
from gusu_geo.siting.terms import Aims
from gusu_geo.siting.walkers import Walkers, cover_of, everybody, place_doors, shortfall
from gusu_geo.siting.wishes import Offered, aims_of, offered
from gusu_geo.study.siting import SitingParams
from gusu_geo.tables import Bools, Candidates, Floats, Int8s, Ints, Residences
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.linkage import Linked, Linking, Reason
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text

NO_WISHES = SitingParams()


@dataclass(frozen=True, eq=False)
class Task:
    """What is asked, and what the answer depends on.

    parts: who walks by which rule, the pack's first; need (R,K): venues that each home lacks; cover
    K x (R,C): the candidates that it reaches in time; places: the candidates, linked as the first
    of ``parts`` reaches them. By ``effort`` and ``wishes``: rooms, what is offered; aims, whom the
    plan is for; sure (R,): homes that surely lack something today; zones: names of those in
    ``aims``.
    """

    parts: tuple[Walkers, ...]
    residences: Residences
    candidates: Candidates
    access: AccessTable
    verdict: Verdict
    linking: Linking
    need: Ints
    cover: list[Matrix]
    places: Linked
    wishes: SitingParams
    zone_of: pd.DataFrame | None
    effort: Effort
    rooms: Offered
    aims: Aims
    sure: Bools
    zones: list[str]

    @property
    def persons(self) -> Floats:
        """(R,) persons of each home."""
        return np.asarray(self.residences.frame["persons"], float)

    @property
    def services(self) -> tuple[str, ...]:
        """The K services."""
        return self.verdict.services

    @property
    def unlinked_for(self) -> Int8s:
        """(C,) ``Reason`` why a candidate is not linked to the streets."""
        return self.places.links.owner_reason(len(self.places.ids))

    @property
    def linked(self) -> Bools:
        """(C,) whether a candidate is linked to the streets."""
        return np.asarray(self.unlinked_for == int(Reason.LINKED), bool)

    def asked(self, effort: Effort, wishes: SitingParams | None = None) -> Task:
        """The same homes and candidates, asked otherwise.

        Raises StudyError: wishes that contradict each other or the effort.
        """
        wishes = self.wishes if wishes is None else wishes
        rooms = offered(self.candidates, self.services, self.linked, wishes, effort)
        aims, sure, zones = aims_of(
            self.residences, self.verdict, self.need, self.zone_of, wishes, effort
        )
        return replace(
            self, effort=effort, wishes=wishes, rooms=rooms, aims=aims, sure=sure, zones=zones
        )

    def solve(self) -> Solution:
        """The best sites and their services."""
        return solve(
            self.persons,
            self.need,
            self.cover,
            allowed=self.rooms.allowed,
            effort=self.effort,
            terms=self.rooms.terms,
            aims=self.aims,
        )


def task_of(
    trips: Trips | Sequence[Walkers],
    residences: Residences,
    candidates: Candidates,
    access: AccessTable,
    verdict: Verdict,
    *,
    linking: Linking,
    effort: Effort,
    wishes: SitingParams = NO_WISHES,
    zone_of: pd.DataFrame | None = None,
) -> Task:
    """The arrays of a question; parameters and errors as of ``planning.plan_sites``."""
    _check(residences, candidates, access, verdict)
    parts = trips
    if isinstance(parts, Trips):
        parts = (everybody(parts, verdict.rule, len(access.residence_ids)),)
    need = np.zeros(verdict.state.shape, np.int64)
    for part in parts:
        need[np.ix_(part.homes, part.asked)] = shortfall(access, verdict, part)
    links = place_doors(parts[0].trips, candidates.entrances, linking)
    places = Linked(candidates.frame.index, links)
    linked = _linked(places, linking.snap_max_m)
    rooms = offered(candidates, verdict.services, linked, wishes, effort)
    aims, sure, zones = aims_of(residences, verdict, need, zone_of, wishes, effort)
    cover = cover_of(parts, residences, candidates, need, linking, places)
    return Task(
        tuple(parts), residences, candidates, access, verdict, linking, need, cover, places,
        wishes, zone_of, effort, rooms, aims, sure, zones,
    )  # fmt: skip


def _linked(places: Linked, snap_max_m: float) -> Bools:
    """(C,) which candidates are linked. Raises StudyError: none is."""
    linked = places.links.owner_reason(len(places.ids)) == int(Reason.LINKED)
    if not linked.any():
        raise StudyError(
            text("error.no_candidate_near", snap_max_m=snap_max_m),
            fix=text("error.check_crs_or_snap"),
        )
    return np.asarray(linked, bool)


def _check(
    residences: Residences, candidates: Candidates, access: AccessTable, verdict: Verdict
) -> None:
    ids = residences.frame.index
    if not (ids.equals(access.residence_ids) and ids.equals(verdict.residence_ids)):
        raise StudyError(text("error.tables_differ"))
    if len(candidates.frame) == 0:
        raise StudyError(
            text("error.no_candidates"),
            fix=text("error.widen_candidates"),
        )
