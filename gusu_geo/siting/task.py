"""A question of siting: tables as the arrays of ``siting.model``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gusu_geo.assessment.rule import State, Verdict
from gusu_geo.errors import StudyError
from gusu_geo.siting.asks import NO_ASKS, Asks
from gusu_geo.siting.demand import Matrix
from gusu_geo.siting.room import Served, bound_by, roomless, served_of, with_room
from gusu_geo.siting.solver import Effort, Solution, solve
from gusu_geo.siting.terms import Aims
from gusu_geo.siting.walkers import Doors, Walkers, cover_of, everybody, place_doors, shortfall
from gusu_geo.siting.wanted import known_of, passed_of, wanted_of
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

    parts: who walks by which rule, the pack's first; lacking (R,K): venues that each home lacks;
    cover K x (R,C): the candidates that it reaches in time; places: the candidates, linked as the
    first of ``parts`` reaches them. By ``effort`` and ``wishes``: wanted (K,), services that the
    plan is for; need (R,K), what is lacking of these; rooms, what is offered; aims, whom the plan
    is for; sure (R,): homes that surely lack something today; zones: names of those in ``aims``.
    """

    parts: tuple[Walkers, ...]
    residences: Residences
    candidates: Candidates
    access: AccessTable
    verdict: Verdict
    linking: Linking
    lacking: Ints
    cover: list[Matrix]
    places: Linked
    wishes: SitingParams
    zone_of: pd.DataFrame | None
    effort: Effort
    wanted: Bools
    need: Ints
    rooms: Offered
    aims: Aims
    sure: Bools
    zones: list[str]
    room: Bools
    asks: Asks = NO_ASKS
    served: Served | None = None

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
    def passed(self) -> Bools:
        """(R,) homes that have everything today: of the services with data that the plan is for."""
        have = passed_of(self.verdict, self.access.is_linked, self.wanted)
        return np.asarray(have & ~self.room[:, self.wanted].any(axis=1), bool)

    @property
    def linked(self) -> Bools:
        """(C,) whether a candidate is linked to the streets."""
        return np.asarray(self.unlinked_for == int(Reason.LINKED), bool)

    def asked(self, effort: Effort, wishes: SitingParams | None = None) -> Task:
        """The same homes and candidates, asked otherwise.

        Raises StudyError: wishes that contradict each other or the effort.
        """
        wishes = self.wishes if wishes is None else wishes
        asked = _asked(
            self.residences, self.candidates, self.access, self.verdict,
            lacking=self.lacking, linked=self.linked, zone_of=self.zone_of,
            effort=effort, wishes=wishes, room=self.room, asks=self.asks,
        )  # fmt: skip
        return replace(self, wishes=wishes, **asked)

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
    asks: Asks = NO_ASKS,
) -> Task:
    """Up to ``effort.sites`` new venues are asked for, so that the most persons have all services
    with data; existing ones count (``access`` and ``verdict`` of the same residences).

    The plan is for the union, also where the rule requires one-stop venues. trips: of all homes;
    where homes have rules of their own, as ``access`` and ``verdict`` have it, ``walkers_of`` the
    study, the pack's first. linking: that of the residences in ``access``. wishes: part [siting] of
    the study; zone_of: of each residence, as ``assessment.zones.assign`` gives it, where the wishes
    ask for zones; attribute "names": of the zones by id, for messages. asks: of ledgers.
    Raises StudyError: no candidate, none near a street, a candidate with a service that the rule
    does not know, tables of different residences; more sites than candidates, more services of a
    site than the rule has; wishes that contradict each other.
    """
    _check(residences, candidates, access, verdict)
    effort.check_counts(len(candidates.frame), len(verdict.services))
    parts = trips
    if isinstance(parts, Trips):
        parts = (everybody(parts, verdict.rule, len(access.residence_ids)),)
    lacking = np.zeros(verdict.state.shape, np.int64)
    for part in parts:
        lacking[np.ix_(part.homes, part.asked)] = shortfall(access, verdict, part)
    links = place_doors(parts[0].trips, candidates.entrances, linking)
    places = Linked(candidates.frame.index, links)
    linked = _linked(places, linking.snap_max_m)
    room = roomless(asks.crowded, verdict, access.is_linked)
    lacking = np.where(room, 1, lacking)
    asked = _asked(
        residences, candidates, access, verdict,
        lacking=lacking, linked=linked, zone_of=zone_of, effort=effort, wishes=wishes, room=room,
        asks=asks,
    )  # fmt: skip
    doors = Doors(residences, candidates, linking, parts[0], places)
    cover, served = cover_of(parts, lacking, doors), None
    if asks.crowded is not None:
        served = served_of(asks.crowded, parts, doors)
        bound, _ = bound_by(asks.crowded, known_of(verdict))
        cover = with_room(asks.crowded, served, bound, cover)
    return Task(
        tuple(parts), residences, candidates, access, verdict, linking, lacking, cover, places,
        wishes, zone_of, room=room, asks=asks, served=served, **asked,
    )  # fmt: skip


def _asked(
    residences: Residences, candidates: Candidates, access: AccessTable, verdict: Verdict, *,
    lacking: Ints, linked: Bools, zone_of: pd.DataFrame | None, effort: Effort,
    wishes: SitingParams, room: Bools, asks: Asks,
) -> dict[str, Any]:  # fmt: skip
    """The fields of a task that depend on effort and wishes."""
    wanted = wanted_of(verdict, effort.services)
    every = bool(wanted.all())
    services = tuple(np.array(verdict.services)[wanted].tolist())
    effort = replace(effort, services=None if every else services)
    need = lacking if every else lacking * wanted
    rooms = offered(candidates, verdict.services, linked, wishes, effort)
    passed = passed_of(verdict, access.is_linked, wanted) & ~room[:, wanted].any(axis=1)
    surely = (verdict.state == State.FAIL) | room
    sure = np.asarray(((need > 0) & surely).any(axis=1), bool)
    aims, zones = aims_of(residences, passed, sure, zone_of, wishes, effort, asks)
    rooms = rooms if every else replace(rooms, allowed=rooms.allowed & wanted)
    return {
        "effort": effort, "wanted": wanted, "need": need, "rooms": rooms, "aims": aims,
        "sure": sure, "zones": zones,
    }  # fmt: skip


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
