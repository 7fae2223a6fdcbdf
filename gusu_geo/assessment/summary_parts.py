"""Parts of the summary: rule and walk; where a study has them, results at moments, complaints.

Persons are rounded to hundredths, shares to millionths; a share is None where no persons live.
"""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from gusu_geo.tables import Both

SurveyState = Literal["done", "pending", "left_out"]


class RuleFacts(TypedDict):
    """The rule applied; minutes: one number if all services share it, else one per service."""

    pack: str
    version: str
    title: Both
    minutes: float | list[float]
    mode: str
    note: Both
    source: str


class WalkFacts(TypedDict):
    """The walking model; heights: name of the raster, "" for none; model: described in words."""

    profile: str
    speed_mps: float
    steps_factor: float
    wheels: bool
    slope: str
    heights: str
    crossing_s: float
    signal_s: float
    lifts: str
    lift_s: float
    ferries: str
    private: str
    gates: str
    snap_max_m: float
    model: Both


class Bounds(TypedDict):
    """Persons who surely have a service, and who may have it; the same as shares of those whose
    rule asks for it, None where nobody's does."""

    low_persons: float
    high_persons: float
    low: float | None
    high: float | None


class MomentRow(TypedDict):
    """The result for who arrives at a moment and stays; day: "ordinary", "off" (public holiday),
    "make_up" (a weekend that is worked), "unknown" beyond the calendar, "" without one; open,
    closed, unknown: places; services: in the order of the summary's; all: as the rule reads it."""

    at: str
    day: str
    open: int
    closed: int
    unknown: int
    services: list[Bounds]
    all: Bounds
    all_known: Bounds


class LongerRow(TypedDict):
    """A venue that is surely closed, were it open: when: an asked moment, or a weekday ("Su") at
    the hours (of day) that it keeps on others; gained: persons who come to have one of its services
    (low: who surely had it not), all_known: who come to have all services with data."""

    venue_id: str
    name: str
    host: str
    services: list[str]
    opening_hours: str
    when: str
    hours: list[int]
    gained_low: float
    gained_high: float
    all_known_low: float
    all_known_high: float


class CalendarFacts(TypedDict):
    """Where public holidays come from, for which years, and the days off ("off") and make-up
    workdays ("make_up") of the years asked for, as dates."""

    source: str
    years: list[int]
    dates: dict[str, str]


class OpenVenues(TypedDict):
    """Places by whether their hours are known at any asked moment."""

    known: int
    unknown: int


class HoursFacts(TypedDict):
    """The result at the moments of ``[hours]``; calendar: None where there is none; week_of: its
    Monday, None without a week; longer: the first of ``longer_all`` changes, the best first."""

    stay_minutes: int
    calendar: CalendarFacts | None
    venues: OpenVenues
    at: list[MomentRow]
    week_of: str | None
    week: list[MomentRow]
    longer: list[LongerRow]
    longer_all: int


class ComplaintRow(TypedDict):
    """A compound; expected: its households times the rate of its zone; ratio: complaints over
    expected (standardised ratio) with its exact 95 % interval, None where none are expected;
    p_more, p_less: probability of so many or more, so many or fewer, by chance. outside: "black"
    above and "red" below the 99.8 % limits, "high" and "low" outside the 95 % limits alone. Limits
    as counts, for a funnel: red up to ``red_to`` and black from ``black_from``, low up to
    ``low_to`` and high from ``high_from``; no lower one (None) where even no complaint is within
    chance. None too: too small to be shown (``suppression``)."""

    id: str
    name: str
    zone: str
    complaints: int | None
    households: float | None
    per_100: float | None
    expected: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    red_to: int | None
    low_to: int | None
    high_from: int | None
    black_from: int | None
    p_more: float | None
    p_less: float | None
    outside: str


class Complaints(TypedDict):
    """Complaints of compounds; standard: level of zones whose rates are expected, "" that of all;
    unknown: ids of compounds without complaints or households."""

    standard: str
    unknown: list[str]
    rows: list[ComplaintRow]


class NextPoint(TypedDict):
    """The best single new point: persons who would come to have all services with data, no plan of
    one point gains more than ``bound_persons``; shares of all persons before and after. Without a
    gain: no candidate, and lonlat None."""

    candidate_id: str
    name: str
    lonlat: list[float] | None
    services: list[str]
    gained_persons: float
    bound_persons: float
    before_share: float | None
    after_share: float | None
