"""The content of ``summary.json``, typed: the key figures of a run.

Persons are rounded to hundredths, shares to millionths; a share is None where no persons live.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from gusu_geo.assessment.capacity_facts import CapacityFacts
from gusu_geo.assessment.pairing_facts import PairingFacts
from gusu_geo.assessment.signal_facts import SignalFacts
from gusu_geo.assessment.summary_parts import Bounds as Bounds
from gusu_geo.assessment.summary_parts import CalendarFacts as CalendarFacts
from gusu_geo.assessment.summary_parts import ComplaintRow as ComplaintRow
from gusu_geo.assessment.summary_parts import Complaints as Complaints
from gusu_geo.assessment.summary_parts import HoursFacts as HoursFacts
from gusu_geo.assessment.summary_parts import LongerRow as LongerRow
from gusu_geo.assessment.summary_parts import MomentRow as MomentRow
from gusu_geo.assessment.summary_parts import NextPoint as NextPoint
from gusu_geo.assessment.summary_parts import RuleFacts as RuleFacts
from gusu_geo.assessment.summary_parts import SurveyState as SurveyState
from gusu_geo.assessment.summary_parts import WalkFacts as WalkFacts
from gusu_geo.assessment.tier_facts import TierFacts
from gusu_geo.streets.network import NetworkHealth
from gusu_geo.tables import Both, LedgerAccount, MixedGround, Note, PersonsFact, Reading


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
    """One service of the rule; state: "known", or "no_data" where the data name no venue.
    asked_persons: where rules of their own do not ask for it; then ``share`` is of these."""

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
    asked_persons: NotRequired[float]


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


class OwnRule(TypedDict):
    """A rule of their own for some homes; number 0: the pack's, for all others. where: by key, what
    a home must be one of; minutes, min_count: one per service asked for."""

    number: int
    name: Both
    where: dict[str, list[str]]
    profile: str
    speed_mps: float
    services: list[str]
    minutes: list[float]
    min_count: list[int]
    residences: int
    persons: float


class Range(TypedDict):
    """Persons who pass, and their share; low: the unknown counted as failing, high: as passing."""

    passed_persons: float
    unknown_persons: float
    low: float | None
    high: float | None


class RingTypeRow(TypedDict):
    """Homes of one ring and type ("" unknown), judged by their own rule and by the pack's."""

    ring: str
    type: str
    residences: int
    persons: float
    own: Range
    common: Range


class OwnRules(TypedDict):
    """Rules of their own beside the pack's; blank: homes whose type or ring is unknown, which rules
    by it do not judge; rows add up to ``all``."""

    rules: list[OwnRule]
    blank: dict[str, Share]
    rows: list[RingTypeRow]
    all: RingTypeRow


class AttributeRow(TypedDict):
    """Homes with one value of an attribute, "" where it is unknown; sums as of ``Totals``, None
    where they are too small to be shown (``suppression``)."""

    attribute: str
    value: str
    residences: int | None
    persons: float | None
    passed_persons: float | None
    passed_known_persons: float | None
    unknown_persons: float | None
    share: float | None
    missing: dict[str, float | None]
    unknown: dict[str, float | None]


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
    """``summary.json``; run_id: the same in every file of a run, decided by input and code;
    invented: the study means no real place; answer: the result in one sentence; hours: None unless
    the study asks for moments; survey: of detours, service areas, missing links; next: None where
    no point is suggested. The last three parts only where the study has what they tell of."""

    schema: int
    run_id: str
    study: str
    invented: bool
    title: Both
    version: str
    answer: Both
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
    survey: SurveyState
    detour: DetourFacts | None
    zones: list[ZoneRow]
    tiers: TierFacts | None
    sensitivity: list[SensitivityRow]
    evidence: list[EvidenceRow]
    hours: HoursFacts | None
    next: NextPoint | None
    notes: list[Note]
    unlinked_venues: list[UnlinkedVenue]
    facts: ReadFacts
    sources: list[Reading]
    digests: Digests
    versions: dict[str, str]
    own_rules: NotRequired[OwnRules]
    attributes: NotRequired[list[AttributeRow]]
    complaints: NotRequired[Complaints]
    signals: NotRequired[SignalFacts]
    capacity: NotRequired[CapacityFacts]
    pairing: NotRequired[PairingFacts]


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
    invented: bool
    services: list[ServiceChecked]
    residences: ResidenceCounts
    network: NetworkHealth
    data: DataFacts
    notes: list[Note]
    facts: ReadFacts
    sources: list[Reading]
    ledgers: list[LedgerAccount]
    tiers: TierFacts | None
    mend: list[Mend]
