"""The content of ``summary.json``, typed: the key figures of a run.

Persons are rounded to hundredths, shares to millionths; a share is None where no persons live.
"""

from __future__ import annotations

from typing_extensions import TypedDict

from gusu_geo.streets.network import NetworkHealth
from gusu_geo.tables import Both, LedgerAccount, MixedGround, Note, PersonsFact, Reading


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


class DataFacts(TypedDict):
    """Sources of the data, and how far they extend beyond the border."""

    osm_file: str
    osm_sha256: str
    osm_date: str
    persons: PersonsFact
    margin_m: float | None
    licence: str


class ReportFacts(TypedDict):
    """What every published map must carry."""

    review_number: str
    internal: bool


class ResidenceCounts(TypedDict):
    """Number of homes, by how they are known (mixed: assumed, on commercial or retail ground);
    unlinked: by reason; rungs: by kind of door."""

    total: int
    linked: int
    persons: float
    tagged: int
    assumed: int
    mixed: int
    ledger: int
    unlinked: dict[str, int]
    rungs: dict[str, int]


class Share(TypedDict):
    """Homes and persons that meet a condition, and their share of all persons."""

    residences: int
    persons: float
    share: float | None


class MeanServices(TypedDict):
    """Services in time per person, of those with data; mean: None where no persons live, or no
    service has data."""

    mean: float | None
    known: int


class ServiceRow(TypedDict):
    """One service of the rule; state: "known", or "no_data" where the data name no venue."""

    id: str
    zh: str
    en: str
    venues: int
    state: str
    minutes: float
    min_count: int
    covered_persons: float
    share: float | None
    missing_persons: float
    unknown_persons: float


class DetourFacts(TypedDict):
    """Median detour ratio by persons, and the share of persons with at least the ratio ``high``."""

    median: float | None
    high: float
    high_share: float | None


class Totals(TypedDict):
    """Sums over some homes; missing, unknown: persons by service id."""

    residences: int
    persons: float
    passed_persons: float
    passed_known_persons: float
    unknown_persons: float
    share: float | None
    missing: dict[str, float]
    unknown: dict[str, float]


class ZoneRow(Totals):
    """One zone of a level; id "" holds the homes outside every zone of that level."""

    level: str
    id: str
    name: str
    name_zh: str
    name_en: str


class SensitivityRow(TypedDict):
    """The result for one walking profile."""

    profile: str
    speed_mps: float
    passed_persons: float
    share: float | None
    passed_known_persons: float
    passed_known_share: float | None


class EvidenceRow(TypedDict):
    """The result on venues of some grades of evidence: "A", "A+B" or "A+B+C".

    venues: places; no_data: ids of the services without a venue of these grades, of which nobody
    knows: while there are any, ``share`` is that of persons who surely have all, 0.
    """

    grades: str
    venues: int
    no_data: list[str]
    passed_persons: float
    share: float | None
    passed_known_persons: float
    passed_known_share: float | None


class Bounds(TypedDict):
    """Persons who surely have a service, and who may have it; the same as shares, None where no
    persons live."""

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


class UnlinkedVenue(TypedDict):
    """A venue that is not linked to a street, and why."""

    facility_id: str
    service: str
    name: str
    reason: str


class ReadFacts(TypedDict, total=False):
    """What the reader counted, and what it dropped, by reason."""

    counts: dict[str, int]
    dropped: dict[str, dict[str, int]]


class Digests(TypedDict):
    """Digests of the OSM file, the network and the access table."""

    sources: str
    network: str
    access: str


class Summary(TypedDict):
    """``summary.json``; run_id: the same in every file of a run, decided by input and code; hours:
    None unless the study asks for moments."""

    schema: int
    run_id: str
    study: str
    title: Both
    version: str
    rule: RuleFacts
    report: ReportFacts
    walk: WalkFacts
    data: DataFacts
    network: NetworkHealth
    residences: ResidenceCounts
    passed: Share
    passed_known: Share
    failed: Share
    unknown: Share
    one_stop: Share
    assumed: Share
    mixed_ground: MixedGround
    mean_services: MeanServices
    services: list[ServiceRow]
    detour: DetourFacts | None
    zones: list[ZoneRow]
    sensitivity: list[SensitivityRow]
    evidence: list[EvidenceRow]
    hours: HoursFacts | None
    notes: list[Note]
    unlinked_venues: list[UnlinkedVenue]
    facts: ReadFacts
    sources: list[Reading]
    digests: Digests
    versions: dict[str, str]


class ServiceChecked(TypedDict):
    """A service and its venues in the data."""

    id: str
    zh: str
    en: str
    venues: int
    state: str


class Mend(TypedDict):
    """Something to mend: where (a file, or a key of the study file), what, and how."""

    code: str
    where: str
    what: Both
    how: Both


class CheckReport(TypedDict):
    """What ``check`` finds: whether a study can be trusted; parts as in ``Summary``. ledgers: how
    each of the planner's files was understood; mend: what to mend first, in that order."""

    study: str
    services: list[ServiceChecked]
    residences: ResidenceCounts
    network: NetworkHealth
    data: DataFacts
    notes: list[Note]
    facts: ReadFacts
    sources: list[Reading]
    ledgers: list[LedgerAccount]
    mend: list[Mend]
