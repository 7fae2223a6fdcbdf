"""The content of ``province.json``, typed: what the districts of a region say together.

Persons are rounded to hundredths, shares to millionths; a share is None where no persons live.
Figures of a district are those of its ``summary.json``; totals are sums over the homes of all
districts, rounded once at the end, so districts' rounded figures add up to them within half a
hundredth each. What failed is in no total.
"""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from gusu_geo.assessment.summary import MeanServices, NextPoint, Share
from gusu_geo.assessment.summary_parts import SurveyState
from gusu_geo.tables import Both, Note


class DistrictService(TypedDict):
    """One service in one district, as in its summary; share: None without data; asked_persons: of
    whom the rule asks for it."""

    id: str
    state: str
    venues: int
    asked_persons: float
    covered_persons: float
    share: float | None
    missing_persons: float
    unknown_persons: float


class RegionService(DistrictService):
    """One service over the districts that are done; state: "known" where any of them has data;
    no_data: districts without; share: of the persons asked for, those unknown counted as without.
    """

    zh: str
    en: str
    no_data: int


class Basis(TypedDict):
    """What one district was judged by and on; persons_counted: whether anybody counted their
    total; own_rules: rules of their own beside the pack's; the digest is of the OSM file."""

    pack: str
    version: str
    minutes: float | list[float]
    mode: str
    profile: str
    speed_mps: float
    own_rules: int
    osm_file: str
    osm_sha256: str
    osm_date: str
    persons_source: str
    persons_estimate: bool
    persons_counted: bool
    licence: str


class Failure(TypedDict):
    """Why a district has no result: the stage it failed in ("cut", "facts", "run", or "totals"
    where its files do not belong together), and what is wrong; ours: no fault of the input."""

    stage: str
    message: Both
    ours: bool


class DistrictFigures(TypedDict):
    """The result of a district. residences: homes; lacking: persons x services that they surely
    lack; most_missed: services that most persons lack, the most first; undetermined: nobody knows
    the share of ``passed``, as a service has no data, or nobody could be judged; run_id: of its
    outputs; map: the file in ``maps/``; data: the folder beside this one."""

    run_id: str
    map: str
    data: str
    survey: SurveyState
    basis: Basis
    residences: int
    persons: float
    passed: Share
    passed_known: Share
    failed: Share
    unknown: Share
    undetermined: bool
    mean_services: MeanServices
    services: list[DistrictService]
    lacking: float
    most_missed: list[str]
    next: NextPoint | None


class DistrictRow(TypedDict):
    """One district: its figures, or why there are none; exactly one of the two is null. code: of
    the source, "" for none; lonlat: a point inside."""

    key: str
    name: Both
    code: str
    state: Literal["done", "failed"]
    lonlat: list[float]
    figures: DistrictFigures | None
    failure: Failure | None


class RegionTotals(TypedDict):
    """Sums over the homes of the districts that are done, each home once and unrounded; districts,
    done, failed: how many; undetermined: as of a district."""

    districts: int
    done: int
    failed: int
    residences: int
    persons: float
    passed: Share
    passed_known: Share
    lacking_any: Share
    unknown: Share
    undetermined: bool
    mean_services: MeanServices
    lacking: float
    services: list[RegionService]


class RegionData(TypedDict):
    """Of the data of all districts: the region's file, the first and the last date, "" unknown.
    persons_incomplete: the persons of the whole region were shared out over those of its districts
    that could be read: every number of persons is too high."""

    osm_file: str
    osm_date: str
    osm_date_last: str
    persons_estimate: bool
    persons_counted: bool
    persons_incomplete: bool
    licence: str


class ProvinceDocument(TypedDict):
    """``province.json``; run_id: the same in every file of the set, decided by the districts' own
    and the code; invented, internal: of any district; review_number: "" where districts differ;
    ranking: keys of districts done, where most persons x services are lacking first."""

    schema: int
    run_id: str
    province: str
    title: Both
    version: str
    invented: bool
    internal: bool
    review_number: str
    answer: Both
    data: RegionData
    totals: RegionTotals
    ranking: list[str]
    districts: list[DistrictRow]
    notes: list[Note]
