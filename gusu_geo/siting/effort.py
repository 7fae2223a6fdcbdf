"""What a plan may use, and how long its search may take: in work, or by the clock."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, fields
from decimal import Decimal
from numbers import Integral, Real

from gusu_geo.errors import StudyError
from gusu_geo.words import Text, text

WORK = 60.0  # about a minute on a quiet machine of 2026
SITES = 3  # of a plan without any limit
SERVICES = 3  # most of one site, unless asked otherwise
MANY = 999_999  # more than any study has candidates, or any rule services


@dataclass(frozen=True)
class Effort:
    """How much may be built, and how long to search.

    sites: most new venues; None: as many as the money or the target asks for. services_per_site:
    most services of one, None for no limit (3: the embedded service facilities guide asks for at
    least 3 functions in a complex).
    time_limit_s: seconds after which the best plan so far is returned, with its proven bound; None:
    no clock, so that a busy machine finds the same plan. work: the same limit in steps that are
    counted, some one per second. budget: most money (10,000 yuan). target: share of all persons,
    0 to 1, who must have everything, by the fewest sites, or with a budget for the least money.
    certain: count only persons who surely lack something today. fast: no bound, no proof. services:
    ids or names of those the plan is for; no other one is counted or offered; None: all. signals:
    weight of what residents report, 0 to 1; None: that of the study.
    Raises StudyError: sites or services_per_site no whole number from 1 to ``MANY``; time_limit_s
    or work not above 0; budget below 0; target not in 0 to 1; neither sites nor budget nor target;
    services no list of names; signals not in 0 to 1.
    """

    sites: int | None = None
    services_per_site: int | None = SERVICES
    time_limit_s: float | None = None
    work: float = WORK
    budget: float | None = None
    target: float | None = None
    certain: bool = False
    fast: bool = False
    services: tuple[str, ...] | None = None
    signals: float | None = None

    def __repr__(self) -> str:
        """What is asked, without what was left as it is."""
        own = ((each.name, getattr(self, each.name), each.default) for each in fields(self))
        told = (f"{name}={value!r}" for name, value, usual in own if value != usual)
        return f"Effort({', '.join(told)})"

    def __post_init__(self) -> None:
        if self.sites is None and self.budget is None and self.target is None:
            raise StudyError(text("error.no_limit_of_plan"))
        if self.sites is not None and not _from_one(self.sites):
            raise StudyError(text("error.sites_positive"), got=self.sites)
        if self.services_per_site is not None and not _from_one(self.services_per_site):
            raise StudyError(text("error.services_per_site"), got=self.services_per_site)
        for count, key in ((self.sites, "sites"), (self.services_per_site, "services")):
            if count is not None and count > MANY:
                raise StudyError(
                    text(f"error.{key}_many", most=MANY), got=count, fix=text(f"error.{key}_fewer")
                )
        time_limit = math.inf if self.time_limit_s is None else self.time_limit_s
        _check(_number(time_limit) and time_limit > 0, "error.time_limit_positive", time_limit)
        _check(_number(self.work) and 0 < self.work < math.inf, "error.work_positive", self.work)
        if self.budget is not None:
            good = _number(self.budget) and 0 <= self.budget < math.inf
            _check(good, "error.budget_range", self.budget)
        if self.target is not None:
            _check(_number(self.target) and 0 < self.target <= 1, "error.target_range", self.target)
        if self.signals is not None:
            good = _number(self.signals) and 0 <= self.signals <= 1
            _check(good, "error.signals_range", self.signals)
        if self.services is not None:
            some = isinstance(self.services, (tuple, list)) and len(self.services) > 0
            good = some and all(isinstance(name, str) for name in self.services)
            _check(good, "error.services_named", self.services)

    def check_counts(self, candidates: int, services: int) -> None:
        """Raises StudyError: more sites than candidates, or more services of a site than the rule
        has. What is usual is never refused: nobody may have typed it."""
        if self.sites is not None and self.sites > max(candidates, SITES):
            fix = text("error.give_sites", count=candidates)
            raise StudyError(text("error.sites_beyond", count=candidates), got=self.sites, fix=fix)
        limit = self.services_per_site
        if limit is not None and limit > max(services, SERVICES):
            fix = text("error.services_fewer")
            raise StudyError(text("error.services_beyond", count=services), got=limit, fix=fix)

    @property
    def question(self) -> str:
        """A short name of what is asked, for folders: only what differs from the default, and no
        limit of work or time. services: by id, as in the effort of a task.

        >>> Effort(3).question, Effort(budget=60, services_per_site=2, certain=True).question
        ('3-sites', 'budget-60-certain-2-services')
        >>> Effort(1, target=0.975, services_per_site=None, fast=True).question
        '1-site-target-97.5-any-services-fast'
        """
        parts = []
        if self.sites is not None:
            parts.append(_counted(int(self.sites), "site"))
        if self.budget is not None:
            parts.append(f"budget-{_short(self.budget)}")
        if self.target is not None:
            parts.append(f"target-{_short(100 * Decimal(repr(float(self.target))))}")
        if self.services is not None:
            parts.append("for-" + "-and-".join(sorted(set(self.services))))
        if self.certain:
            parts.append("certain")
        if self.signals is not None:
            parts.append(f"signals-{_short(self.signals)}")
        if self.services_per_site is None:
            parts.append("any-services")
        elif self.services_per_site != SERVICES:
            parts.append(_counted(int(self.services_per_site), "service"))
        if self.fast:
            parts.append("fast")
        return "-".join(parts)


def _check(good: bool, key: str, got: object) -> None:
    if not good:
        message: Text = text(key)
        raise StudyError(message, got=got)


def _counted(count: int, what: str) -> str:
    return f"{count}-{what}{'s' * (count != 1)}"


def _short(value: float | Decimal) -> str:
    """A number as a part of a name, no two alike."""
    return repr(float(value)).removesuffix(".0").replace("+", "")


def _number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _from_one(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


class Meter:
    """Work that is left, and the clock if one was asked for. Work is counted in steps of known
    size, never in time, so that a busy machine stops at the same place."""

    def __init__(self, work: float, time_limit_s: float | None = None) -> None:
        forever = time_limit_s is None or time_limit_s > 1e9
        self.ends = math.inf if forever else time.monotonic() + float(time_limit_s or 0)
        self.left = float(work)
        self.clocked = False  # whether the clock stopped anything
        self._whole: Meter | None = None

    def spend(self, work: float) -> None:
        """Counts work that was done."""
        self.left -= work
        if self._whole is not None:
            self._whole.spend(work)

    def stop_by_clock(self) -> None:
        """Notes that the clock stopped the search."""
        self.clocked = True
        if self._whole is not None:
            self._whole.stop_by_clock()

    @property
    def left_s(self) -> float:
        """Seconds until the clock stops the search."""
        return self.ends - time.monotonic()

    @property
    def over(self) -> bool:
        """Whether to stop."""
        if self.left > 0 and self.left_s <= 0:
            self.stop_by_clock()
        return self.left <= 0 or self.left_s <= 0

    def part(self, share: float, share_of_time: float | None = None) -> Meter:
        """A meter with a share of the work and the time that are left; what it spends is spent
        here, too. share_of_time: where it is another one."""
        part = Meter(self.left * share)
        if self.ends < math.inf:
            timed = share if share_of_time is None else share_of_time
            part.ends = time.monotonic() + max(self.left_s, 0.0) * timed
        part._whole = self
        return part
