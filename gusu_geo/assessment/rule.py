"""The verdict: which residence reaches which service in time, and what is unknown.

``within`` is the only comparison with a threshold: a walk that takes exactly the threshold is in
time. It compares whole centiseconds, so the tables and the page agree to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Literal, TypeVar, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from gusu_geo._kernels import INF_CS
from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.study.catalog import RulePack, load_pack
from gusu_geo.tables import Bools, Floats, Int8s, Int32s, Ints
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.words import text

_T = TypeVar("_T", bound=np.generic)

Mode = Literal["union", "one_stop"]


class State(IntEnum):
    """Verdict on one residence and one service."""

    FAIL = 0
    PASS = 1
    UNKNOWN = 2
    NOT_ASKED = 3  # of a service that the home's own rule does not want; no home as a whole has it


@dataclass(frozen=True)
class Rule:
    """A rule pack, its thresholds and its mode.

    threshold_s (K,): seconds within which each service must be reached, above 0.
    mode: "union" asks for every service from any mix of venues, "one_stop" for one venue
    that offers them all within the smallest threshold.
    Raises StudyError: thresholds that do not fit the pack, unknown mode.
    """

    pack: RulePack
    threshold_s: tuple[float, ...]
    mode: Mode = "union"

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise StudyError(
                text("error.mode_unknown"),
                got=self.mode,
                fix=nearest_name(str(self.mode), get_args(Mode)),
            )
        if not self.pack.services:
            raise StudyError(text("error.pack_empty", id=self.pack.id), fix=text("error.add_one"))
        if len(self.threshold_s) != len(self.pack.services):
            raise StudyError(
                text("error.thresholds_count", count=len(self.pack.services)),
                got=len(self.threshold_s),
            )
        for service, threshold_s in zip(self.services, self.threshold_s, strict=True):
            if not (math.isfinite(threshold_s) and 0 < threshold_s < INF_CS / 100):
                raise StudyError(
                    text("error.threshold_positive", service=service),
                    got=threshold_s,
                    fix=text("error.give_minutes"),
                )

    def __repr__(self) -> str:
        minutes = sorted({threshold_s / 60 for threshold_s in self.threshold_s})
        limits = ", ".join(f"{limit:g}" for limit in minutes)
        return f"<Rule {self.pack.id} {self.pack.version}: {limits} min, {self.mode}>"

    @property
    def services(self) -> tuple[str, ...]:
        """Ids of the services (K,)."""
        return self.pack.service_ids

    @property
    def threshold_cs(self) -> Ints:
        """Thresholds (K,) in whole centiseconds, the unit in which they are compared."""
        return np.array([cutoff_to_cs(threshold_s) for threshold_s in self.threshold_s], np.int64)


@dataclass(frozen=True, eq=False)
class Verdict:
    """The judgement of R residences on K services. All arrays are read-only.

    rule: the rule applied. state (R,K) and residence_state (R,): ``State``; the latter depends on
    the rule's mode.
    slack_s (R,K): threshold minus counted time in seconds, -inf beyond the cutoff, NaN where not
    asked.
    missing_count, unknown_count (R,): number of services that FAIL, that are UNKNOWN.
    one_stop_state (R,): ``State`` of the one-stop reading, in either mode.
    service_state (K,): "known", or "no_data" where the data name no venue at all.
    passed_known (R,): linked, and every service that has data passes, from any mix of venues;
    False if no service has data.
    """

    residence_ids: pd.Index
    rule: Rule
    state: Int8s
    slack_s: Floats
    residence_state: Int8s
    missing_count: Ints
    unknown_count: Ints
    one_stop_state: Int8s
    service_state: tuple[str, ...]
    passed_known: Bools

    def __repr__(self) -> str:
        homes, services = self.state.shape
        passed = int((self.residence_state == State.PASS).sum())
        counts = f"{passed:,} of {homes:,} homes, {services} services"
        return f"<Verdict by {self.rule.pack.id}: {counts}>"

    @property
    def services(self) -> tuple[str, ...]:
        """Ids of the services (K,)."""
        return self.rule.services


def load_rule(
    name: str | Path, *, minutes: float | None = None, mode: Mode = "union", root: Path = Path()
) -> Rule:
    """The rule of a pack: built-in name, or a file as seen from ``root``.

    ``minutes`` replaces the pack's default, but never the minutes a service sets for itself.
    Raises StudyError: as ``load_pack``, or ``minutes`` that are not above 0.

    >>> load_rule("gusu-1510", minutes=10).threshold_s[0]
    600.0
    """
    pack = load_pack(name, root)
    if minutes is not None and not (math.isfinite(minutes) and minutes > 0):
        raise StudyError(
            text("error.minutes_positive"), got=minutes, fix=text("error.give_minutes")
        )
    default = pack.minutes if minutes is None else minutes
    own = (service.minutes for service in pack.services)
    return Rule(pack, tuple(60.0 * (default if m is None else m) for m in own), mode)


def judge(
    access: AccessTable,
    rule: Rule,
    *,
    known: Sequence[bool] | None = None,
    possible: AccessTable | None = None,
) -> Verdict:
    """Judge every residence of ``access`` by ``rule``.

    known (K,): False where the data name no venue of a service anywhere. Such a service is UNKNOWN
    instead of FAIL, because absence from a map is not absence on the ground; it is PASS where a
    venue is in time after all (one that a scenario adds). Default: all known. A residence that is
    not linked to the streets is UNKNOWN for all services. possible: the table as it would be if
    venues with unknown entrances could be entered; what only this table meets is UNKNOWN, because
    a gate missing from the map is not a missing service.
    The table's services may be in any order; a service that it lacks has no data.
    Raises StudyError: a service the rule does not know; a threshold beyond the table's cutoff.
    """
    _check_fit(access, rule)
    has_data = _has_data(known, rule.services) & np.isin(rule.services, access.services)
    access = _aligned(access, rule.services)
    threshold_cs = rule.threshold_cs
    met = within(access.counted_cs, threshold_cs)
    possible_cells, possible_one_stop = _possibly_met(possible, rule)
    unknown = ~access.is_linked[:, None] | (~met & (~has_data[None, :] | possible_cells))
    state = _three_states(met, unknown)

    # A one-stop venue also meets the union, except with min_count above 1, where one venue may be
    # too few. So the union must be met as well: one-stop never exceeds union.
    one_stop_met = within(access.one_stop_cs, threshold_cs.min()) & met.all(axis=1)
    # Where a service fails for certain, no venue in time can have them all.
    missing = (state == State.FAIL).sum(axis=1)
    open_question = (missing == 0) & ~one_stop_met & ((not has_data.all()) | possible_one_stop)
    one_stop_state = _three_states(one_stop_met, ~access.is_linked | open_question)

    unknown_count = (state == State.UNKNOWN).sum(axis=1)
    # One service that fails for certain decides the union, even if others are unknown.
    union_state = _three_states(missing + unknown_count == 0, (missing == 0) & (unknown_count > 0))
    all_known = met[:, has_data].all(axis=1)
    return Verdict(
        residence_ids=access.residence_ids,
        rule=rule,
        state=_frozen(state),
        slack_s=_frozen(_slack_s(access.counted_cs, threshold_cs)),
        residence_state=_frozen(one_stop_state if rule.mode == "one_stop" else union_state),
        missing_count=_frozen(missing),
        unknown_count=_frozen(unknown_count),
        one_stop_state=_frozen(one_stop_state),
        service_state=tuple("known" if yes else "no_data" for yes in has_data),
        passed_known=_frozen(all_known & access.is_linked & bool(has_data.any())),
    )


def _possibly_met(possible: AccessTable | None, rule: Rule) -> tuple[Bools, Bools]:
    """What is met if unknown entrances exist: (R,K), and one-stop (R,)."""
    if possible is None:
        return np.zeros((1, 1), bool), np.zeros(1, bool)
    table = _aligned(possible, rule.services)
    met = within(table.counted_cs, rule.threshold_cs)
    return met, within(table.one_stop_cs, rule.threshold_cs.min()) & met.all(axis=1)


def within(time_cs: Int32s, threshold_cs: Ints | np.int64) -> Bools:
    """Whether in time, inclusive: the only comparison of times with thresholds."""
    met: Bools = time_cs <= threshold_cs
    return met


def _three_states(met: Bools, unknown: Bools) -> Int8s:
    return np.where(unknown, State.UNKNOWN, np.where(met, State.PASS, State.FAIL)).astype(np.int8)


def _slack_s(counted_cs: Int32s, threshold_cs: Ints) -> Floats:
    slack_s = (threshold_cs - counted_cs.astype(np.int64)) / 100.0
    slack_s[counted_cs == INF_CS] = -np.inf
    return slack_s


def _has_data(known: Sequence[bool] | None, services: tuple[str, ...]) -> Bools:
    if known is None:
        return np.ones(len(services), bool)
    if len(known) != len(services):
        raise StudyError(text("error.known_count", count=len(services)), got=len(known))
    return np.asarray(known, bool)


def _check_fit(access: AccessTable, rule: Rule) -> None:
    """Raises StudyError: a service the rule does not know, a threshold beyond the cutoff."""
    want = rule.services
    for service in access.services:
        if service not in want:
            raise StudyError(
                text("error.access_service_unknown", id=rule.pack.id),
                got=service,
                fix=nearest_name(service, want),
            )
    limit_cs = cutoff_to_cs(access.cutoff_s)
    for service, threshold_s, threshold_cs in zip(
        want, rule.threshold_s, rule.threshold_cs, strict=True
    ):
        if threshold_cs > limit_cs:
            raise StudyError(
                text(
                    "error.search_too_short",
                    service=service,
                    threshold_s=threshold_s,
                    cutoff_s=access.cutoff_s,
                ),
                fix=text("error.raise_cutoff", minutes=threshold_s / 60),
            )


def _aligned(access: AccessTable, services: tuple[str, ...]) -> AccessTable:
    """The table with exactly these services, in this order; missing ones are beyond the cutoff."""
    if access.services == services:
        return access
    have = {service: k for k, service in enumerate(access.services)}
    column = np.array([have.get(service, -1) for service in services])
    rows = len(access.residence_ids)
    beyond, none = np.full((rows, 1), INF_CS, np.int32), np.full((rows, 1), -1, np.int32)
    whole = bool((column >= 0).all())
    return replace(
        access,
        services=services,
        nearest_cs=np.hstack([access.nearest_cs, beyond])[:, column],
        nearest_ix=np.hstack([access.nearest_ix, none])[:, column],
        counted_cs=np.hstack([access.counted_cs, beyond])[:, column],
        one_stop_cs=access.one_stop_cs if whole else beyond[:, 0],
        one_stop_ix=access.one_stop_ix if whole else none[:, 0],
    )


def _frozen(array: npt.NDArray[_T]) -> npt.NDArray[_T]:
    array.setflags(write=False)
    return array
