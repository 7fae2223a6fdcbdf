"""The Study and its parts: frozen, validated, read from TOML. All parameters are defined here; what
each means stands in the words file, section ``study_key``, for editors and docs/study-file.md."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

from pydantic import (
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from gusu_geo.errors import nearest_name, shortened
from gusu_geo.foreign import foreign
from gusu_geo.study._fields import MAX_MINUTES as MAX_MINUTES
from gusu_geo.study.area import Area as Area
from gusu_geo.study.area import OsmAdmin as OsmAdmin
from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.district import CapacityParams as CapacityParams
from gusu_geo.study.district import PairingParams as PairingParams
from gusu_geo.study.district import SignalParams as SignalParams
from gusu_geo.study.hours import HoursParams as HoursParams
from gusu_geo.study.ledger import Attributed as Attributed
from gusu_geo.study.ledger import Columns as Columns
from gusu_geo.study.ledger import CrsName as CrsName
from gusu_geo.study.ledger import Ledger as Ledger
from gusu_geo.study.ledger import LocalGrid as LocalGrid
from gusu_geo.study.ledger import OutlineFile as OutlineFile
from gusu_geo.study.ledger import TransverseMercator as TransverseMercator
from gusu_geo.study.overrides import Override, refuse_ties
from gusu_geo.study.part import Part as Part
from gusu_geo.study.region import RegionParams as RegionParams
from gusu_geo.study.siting import SitingParams as SitingParams
from gusu_geo.study.tiers import TIER_NAMES
from gusu_geo.study.zone_source import ZoneOrigin as ZoneOrigin
from gusu_geo.study.zone_source import ZoneSource as ZoneSource
from gusu_geo.words import text

MIN_SPEED_MPS, MAX_SPEED_MPS = 0.1, 5.0  # crawling and running; beyond, the unit is wrong
SNAP_MAX_M = 100.0
ISLAND_MAX_M = 5_000.0  # less street than this, cut off from the rest, is a gap in the data
NAME_MAX_BYTES = 200  # of a study: files are named after it, and most systems end at 255


class Title(Part):
    """A name in both languages."""

    zh: str = ""
    en: str = ""


class WalkPolicy(Part):
    """Overrides of the walk policy (docs/walk-policy.md): highway values to add or leave out."""

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class NetworkParams(Part):
    """Where streets come from and how points reach them."""

    osm: Path
    gates: Literal["known", "open"] = "known"
    garden_walls: Literal["assume", "unknown"] = "assume"
    dem: Path | None = None
    snap_max_m: float = Field(default=SNAP_MAX_M, gt=0, le=2_000)
    island_max_m: float = Field(default=ISLAND_MAX_M, ge=0)
    policy: WalkPolicy = WalkPolicy()


class Walk(Part):
    """How people walk: every default is a policy choice, printed on every output. speed_mps,
    steps_factor and wheels are those of the profile unless given here.

    >>> Walk(profile="elder").speed(), Walk(speed_mps=1.1).speed()
    (0.8, 1.1)
    """

    profile: str = "standard"
    speed_mps: float | None = None
    steps_factor: float | None = Field(default=None, ge=1, le=10)
    wheels: bool | None = None
    slope: Literal["tobler", "off"] = "tobler"
    crossing_s: float = Field(default=5.0, ge=0, le=600)
    signal_s: float = Field(default=20.0, ge=0, le=600)
    lifts: Literal["open", "closed"] = "open"
    lift_s: float = Field(default=60.0, ge=0, le=3600)
    ferries: Literal["open", "closed"] = "closed"
    ferry_s: float = Field(default=600.0, ge=0, le=3600)
    ferry_mps: float = Field(default=3.0, ge=0.5, le=30)
    private: Literal["ends", "open", "closed"] = "ends"

    @field_validator("profile")
    @classmethod
    def _known_profile(cls, value: str) -> str:
        if value not in PROFILES:
            raise ValueError(
                text("error.profile_unknown", name=value, hint=nearest_name(value, PROFILES))
            )
        return value

    @field_validator("speed_mps")
    @classmethod
    def _walkable_speed(cls, value: float | None) -> float | None:
        if value is not None and not MIN_SPEED_MPS <= value <= MAX_SPEED_MPS:
            raise ValueError(text("error.speed_range", max_speed_mps=MAX_SPEED_MPS))
        return value

    def speed(self) -> float:
        """Walking speed in m/s: the only reader of ``speed_mps`` and of the profile's speed."""
        return PROFILES[self.profile].speed_mps if self.speed_mps is None else self.speed_mps

    def on_steps(self) -> float:
        """How many times longer a metre of steps takes than a metre of street."""
        return (
            PROFILES[self.profile].steps_factor if self.steps_factor is None else self.steps_factor
        )

    def on_wheels(self) -> bool:
        """Whether steps without a ramp are barred."""
        return PROFILES[self.profile].wheels if self.wheels is None else self.wheels


class RuleParams(Part):
    """Which rule pack judges, and its thresholds."""

    pack: str = "everyday-ten"
    minutes: float | None = None
    mode: Literal["union", "one_stop"] = "union"
    cutoff_minutes: float = 30.0
    override: tuple[Override, ...] = ()
    tiers: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    nested: bool | None = None

    @field_validator("override")
    @classmethod
    def _no_ties(cls, given: tuple[Override, ...]) -> tuple[Override, ...]:
        refuse_ties(given)
        return given

    @field_validator("minutes", "cutoff_minutes")
    @classmethod
    def _positive(cls, value: float | None) -> float | None:
        if value is not None and not (math.isfinite(value) and 0 < value <= MAX_MINUTES):
            raise ValueError(text("error.minutes_most", max_minutes=MAX_MINUTES))
        return value

    @field_validator("tiers")
    @classmethod
    def _known_tiers(cls, value: dict[str, str | tuple[str, ...]]) -> object:
        for words in value.values():
            for word in (words,) if isinstance(words, str) else words:
                if word not in TIER_NAMES:
                    raise ValueError(text("error.tier_not", word=word, names=TIER_NAMES[:4]))
        return value

    def __hash__(self) -> int:
        """As of any part; a table has no hash of its own."""
        parts = (value for key, value in self if key != "tiers")
        return hash((*parts, *sorted(self.tiers)))

    def tier_words(self) -> dict[str, tuple[str, ...]]:
        """``tiers`` with each value as a tuple."""
        return {
            key: (words,) if isinstance(words, str) else words for key, words in self.tiers.items()
        }


class FacilitySource(Ledger):
    """Venues of the OSM file or of a ledger."""

    source: str = "osm"
    evidence: Literal["A", "B", "C"] = "A"
    complete: bool = False
    words: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)

    def __hash__(self) -> int:
        """As of any part; a table has no hash of its own."""
        parts = (value for key, value in self if key != "words")
        return hash((*parts, *sorted(self.words)))


class RegistrySource(Ledger, Attributed):
    """A ledger of compounds or of their buildings, with persons; coordinates are optional."""

    source: str


class ResidenceParams(Ledger, Attributed):
    """Homes and persons: buildings of the OSM file, with or without a registry, or a ledger."""

    source: str = "osm-buildings"
    unclassified: Literal["include", "exclude"] = "include"
    mixed_ground: Literal["exclude", "include"] = "exclude"
    persons_total: float | None = Field(default=None, gt=0)
    persons_source: str = ""
    m2_per_person: float = Field(default=40.0, gt=0)
    compounds: RegistrySource | None = None
    buildings: RegistrySource | None = None

    @model_validator(mode="after")
    def _source_of_total(self) -> ResidenceParams:
        if self.persons_total is not None and not self.persons_source:
            raise ValueError(text("error.persons_source"))
        return self

    @model_validator(mode="after")
    def _registry_of_buildings(self) -> ResidenceParams:
        if self.buildings is not None and self.compounds is None:
            raise ValueError(text("error.registry_needs_compounds"))
        if self.compounds is not None and self.source != "osm-buildings":
            raise ValueError(text("error.registry_or_ledger"))
        return self


class GateSource(Ledger):
    """A ledger of gates."""

    source: str


class CompoundParams(OutlineFile, Attributed):
    """Outlines of compounds, and their gates."""

    source: str = "osm"
    columns: Columns = Columns()
    gates: GateSource | None = None
    standard: str = ""


NO_FILE = ("streets", "osm")  # sources of candidates that are no file


class CandidateParams(Ledger):
    """Where candidate sites come from."""

    source: str = "streets"
    spacing_m: float = Field(default=150.0, ge=10)
    cost: float | None = Field(default=None, ge=0)


class ReportParams(Part):
    """Marks on every map and workbook."""

    review_number: str = Field(default="", max_length=80)
    internal: bool = True


class Study(Part):
    """One study: everything a run depends on. ``root``: folder that relative paths start from."""

    name: str = Field(pattern=r"^\w[\w.-]*$", max_length=80)
    title: Title = Title()
    invented: bool = False
    lang: Literal["zh", "en"] | None = None
    root: Path = Path()
    area: Area
    network: NetworkParams
    walk: Walk = Walk()
    rule: RuleParams = RuleParams()
    facilities: tuple[FacilitySource, ...] = Field(default=(FacilitySource(),), min_length=1)
    residences: ResidenceParams = ResidenceParams()
    compounds: CompoundParams = CompoundParams()
    zones: tuple[ZoneSource, ...] = ()
    candidates: tuple[CandidateParams, ...] = Field(default=(CandidateParams(),), min_length=1)
    siting: SitingParams = SitingParams()
    hours: HoursParams = HoursParams()
    report: ReportParams = ReportParams()
    region: RegionParams | None = None
    signals: SignalParams | None = None
    capacity: CapacityParams | None = None
    pairing: PairingParams | None = None
    _other_profile: str = PrivateAttr("")
    _profiles_replaced: bool = PrivateAttr(False)
    _fetched: Path | None = PrivateAttr(None)

    @field_validator("name")
    @classmethod
    def _name_of_files(cls, name: str) -> str:
        if len(name.encode("utf-8", "replace")) > NAME_MAX_BYTES:
            raise ValueError(text("error.name_too_long", most=NAME_MAX_BYTES))
        return name

    @field_validator("candidates", mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        """``[candidates]`` is one source, ``[[candidates]]`` one of several."""
        return (given,) if isinstance(given, dict | CandidateParams) else given

    def __repr__(self) -> str:
        return f"<Study {self.name}: {self.rule.pack}, {self.rule.minutes or 15:g} min>"

    @property
    def label(self) -> str:
        """What its output files are called: its name, and the profile if it is not its own."""
        return "+".join(filter(None, (self.name, self._other_profile)))

    @property
    def profile_for_all(self) -> str:
        """The profile that replaced those of rules of their own, "" for none."""
        return self._other_profile if self._profiles_replaced else ""

    @property
    def osm(self) -> Path:
        """The OSM file: what ``gusu-geo fetch`` has written, else ``network.osm``."""
        return self._fetched or self.network.osm

    def reading(self, fetched: Path) -> Study:
        """The study that reads an OSM file that was fetched for it. No setting changes: neither a
        digest nor an output depends on where that file lies."""
        other = self.model_copy()
        other._fetched = fetched
        return other

    def path(self, relative: str | Path) -> Path:
        """``relative`` as a path from ``root``. Raises StudyError: impossible file name, or links
        that lead in a circle."""
        with foreign("path", shortened(str(relative))):
            path = (self.root / relative).resolve()
            path.exists()
        return path
