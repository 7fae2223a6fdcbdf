"""Scenario files: changes to a study, read and checked (docs/scenarios.md).

Only the file itself is checked here; ``apply`` checks that its venues, gates and streets exist.
``file_schema`` is the same table for the map's page, which refuses the same files.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict

from gusu_geo.errors import InputError, complaint, nearest_name
from gusu_geo.foreign import foreign, read_text
from gusu_geo.scenarios.comments import Comment, refuse_personal
from gusu_geo.scenarios.parts import Name, Part, Whole, lonlat, whole
from gusu_geo.study.params import MAX_MINUTES, MAX_SPEED_MPS, MIN_SPEED_MPS
from gusu_geo.study.tiers import VenueTier
from gusu_geo.words import text

SCHEMA = "gusu-geo-scenario/2"  # what is written
FIRST = "gusu-geo-scenario/1"  # without comments; still read
SCHEMAS = (FIRST, SCHEMA)
FARTHEST_CM = 100_000_000  # 1,000 km: more means a wrong unit
MAX_UNITS = 5_000_000  # of UTF-16: a longer file is no scenario and would freeze the page


def _needs(count: str, *keys: str) -> JsonDict:
    """For the page: "some" or "one" of these keys must have a value."""
    return {f"needs_{count}": [*keys]}


class Place(Part):
    """A place on the ground. at: lon, lat (EPSG:4326); on: edge_ix and offset_cm from u, the exact
    place on a street of the scenario's ``network``."""

    model_config = ConfigDict(json_schema_extra=_needs("some", "at", "on"))

    at: tuple[float, float] | None = Field(default=None, json_schema_extra={"lonlat": True})
    on: tuple[Whole, Whole] | None = None

    @field_validator("at")
    @classmethod
    def _degrees(cls, at: tuple[float, float] | None) -> tuple[float, float] | None:
        return None if at is None else lonlat(at)

    @model_validator(mode="after")
    def _somewhere(self) -> Place:
        if self.at is None and self.on is None:
            raise ValueError(text("error.place_needs"))
        return self


class AddVenue(Place):
    """A new venue with one or more services. tier: of the venue; default: the one tier at which
    the rule wants each of its services, unknown where it wants none or several."""

    do: Literal["add_venue"]
    id: str = Field(min_length=1, max_length=200)
    name: Name = ""
    services: tuple[Name, ...] = Field(
        min_length=1, max_length=1000, json_schema_extra={"uniqueItems": True}
    )
    tier: VenueTier | None = None

    @field_validator("services")
    @classmethod
    def _once(cls, services: tuple[str, ...]) -> tuple[str, ...]:
        twice = [service for service in services if services.count(service) > 1]
        if twice:
            raise ValueError(text("error.names_twice", name=twice[0]))
        return services


class MoveVenue(Place):
    """A venue moves to another place, with all its services."""

    do: Literal["move_venue"]
    venue: Name


class CloseVenue(Part):
    """A venue closes, with all its services."""

    do: Literal["close_venue"]
    venue: Name


class OpenGate(Part):
    """A closed vertex of the streets opens; node: its OSM id."""

    do: Literal["open_gate"]
    node: Whole


class AddLink(Part):
    """A new level way between two places on streets; length_cm: default, the straight line."""

    do: Literal["add_link"]
    start: Place = Field(alias="from")
    end: Place = Field(alias="to")
    length_cm: Annotated[int, Field(ge=0, le=FARTHEST_CM), BeforeValidator(whole)] | None = None


class SetWalk(Part):
    """Another walking profile, or another speed for the study's own profile."""

    model_config = ConfigDict(json_schema_extra=_needs("one", "profile", "speed_mps"))

    do: Literal["set_walk"]
    profile: Name | None = None
    speed_mps: Annotated[float, Field(ge=MIN_SPEED_MPS, le=MAX_SPEED_MPS)] | None = None

    @model_validator(mode="after")
    def _one_of(self) -> SetWalk:
        if (self.profile is None) == (self.speed_mps is None):
            raise ValueError(text("error.profile_or_speed"))
        return self


class SetRule(Part):
    """Another threshold, another mode, or both."""

    model_config = ConfigDict(json_schema_extra=_needs("some", "minutes", "mode"))

    do: Literal["set_rule"]
    minutes: Annotated[float, Field(gt=0, le=MAX_MINUTES)] | None = None
    mode: Literal["union", "one_stop"] | None = None

    @model_validator(mode="after")
    def _something(self) -> SetRule:
        if self.minutes is None and self.mode is None:
            raise ValueError(text("error.minutes_or_mode"))
        return self


Change = AddVenue | MoveVenue | CloseVenue | OpenGate | AddLink | SetWalk | SetRule
_KINDS: dict[str, type[Part]] = {
    "add_venue": AddVenue,
    "move_venue": MoveVenue,
    "close_venue": CloseVenue,
    "open_gate": OpenGate,
    "add_link": AddLink,
    "set_walk": SetWalk,
    "set_rule": SetRule,
}


class _First(Part):
    """The whole file, as of schema 1."""

    schema_: Literal["gusu-geo-scenario/1"] = Field(alias="schema")
    study: Name
    network: Name | None = None
    title: Name = ""
    changes: tuple[Annotated[Change, Field(discriminator="do")], ...] = Field(max_length=10_000)


class _Second(_First):
    """The whole file, as of schema 2: with comments."""

    schema_: Literal["gusu-geo-scenario/2"] = Field(alias="schema")  # type: ignore[assignment]
    comments: tuple[Comment, ...] = Field(default=(), max_length=1000)


_DOCUMENTS: dict[str, type[_First]] = {FIRST: _First, SCHEMA: _Second}


def file_schema(schema: str = SCHEMA) -> dict[str, Any]:
    """The table of what a file may hold, as JSON Schema with ``needs_some`` and ``needs_one``."""
    return _DOCUMENTS[schema].model_json_schema()


@dataclass(frozen=True)
class Scenario:
    """Changes to a study, in order.

    study: its name; network: digest of the network that ``on`` values refer to, or None; name:
    used in names of outputs; where: the file, for messages; comments: of reviewers, which change
    nothing.
    """

    study: str
    changes: tuple[Change, ...] = ()
    network: str | None = None
    title: str = ""
    name: str = "scenario"
    where: str = "scenario"
    comments: tuple[Comment, ...] = ()

    def __repr__(self) -> str:
        return f"<Scenario {self.name} of {self.study}: {len(self.changes)} changes>"

    def spot(self, number: int, key: str = "") -> str:
        """Position of a change in the file, for messages.

        >>> Scenario("monaco").spot(3, "venue")
        'scenario: changes[3].venue'
        """
        return f"{self.where}: changes[{number}]{'.' if key else ''}{key}"

    def as_data(self) -> list[dict[str, Any]]:
        """The changes as plain data, as in the file."""
        return [
            {"do": change.do}
            | change.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"do"})
            for change in self.changes
        ]

    def to_dict(self) -> dict[str, Any]:
        """The whole file as plain data."""
        whole: dict[str, Any] = {"schema": SCHEMA, "study": self.study, "title": self.title}
        whole |= {"network": self.network, "changes": self.as_data()}
        whole |= {"comments": self.comments_as_data()}
        return {key: value for key, value in whole.items() if key == "changes" or value}

    def comments_as_data(self) -> list[dict[str, Any]]:
        """The comments as plain data, as in the file; what is empty is left out."""
        rows = (comment.model_dump(mode="json", exclude_none=True) for comment in self.comments)
        return [{key: value for key, value in row.items() if value != ""} for row in rows]


def read_scenario(path: str | Path) -> Scenario:
    """The scenario of a JSON file.

    Raises InputError: no such file, not UTF-8 or JSON, another schema version, an unknown key or
    change (the nearest one is suggested), a missing key, a value of the wrong type or range.
    """
    path = Path(path)
    return parse_scenario(read_text(path, "json"), name=_name_of(path), where=str(path))


def _name_of(path: Path) -> str:
    """The name of the file; of ``plan/<question>/scenario.json`` that of the plan, so that
    comparisons of several plans stand side by side."""
    *_, above, folder, _ = ("", "", *path.absolute().parts)
    of_plan = (above, path.name) == ("plan", "scenario.json")
    return f"plan-{folder}" if of_plan else path.stem


def parse_scenario(content: str, *, name: str = "scenario", where: str = "scenario") -> Scenario:
    """The scenario of JSON text; ``where`` names it in errors. Raises InputError."""
    if len(content.encode("utf-16-le", "surrogatepass")) > 2 * MAX_UNITS:
        what = text("error.scenario_too_large", millions=MAX_UNITS // 10**6)
        raise InputError(what, where=where)
    with foreign("json", where):
        document = json.loads(content)
    if not isinstance(document, dict) or "schema" not in document:
        fix = text("error.scenario_object", schema=SCHEMA)
        raise InputError(text("error.no_scenario"), where=where, fix=fix)
    kind = document["schema"]
    if not isinstance(kind, str) or kind not in _DOCUMENTS:
        fix = text("error.reads_schemas", schemas=SCHEMAS)
        raise InputError(
            text("error.unknown_schema"),
            where=f"{where}: schema",
            got=_short(kind),
            fix=fix,
        )
    try:
        read = _DOCUMENTS[kind].model_validate_json(content)
    except ValidationError as error:
        raise _first_fault(error, where, _DOCUMENTS[kind]) from None
    comments = read.comments if isinstance(read, _Second) else ()
    refuse_personal(comments, where)
    return Scenario(read.study, read.changes, read.network, read.title, name, where, comments)


def _first_fault(error: ValidationError, where: str, document: type[_First]) -> InputError:
    """pydantic's first fault as one message with its position and, for names, a suggestion."""
    faults = error.errors()
    # A misspelt key is reported as unknown and as missing: the unknown one explains more.
    fault = next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])
    loc, kind = list(fault["loc"]), fault["type"]
    owner: type[BaseModel] = Comment if loc[:1] == ["comments"] and len(loc) > 2 else document
    if loc[:1] == ["changes"] and len(loc) > 2:
        owner = _KINDS[str(loc.pop(2))]  # pydantic inserts the union member it tried
        if loc[2:3] in (["from"], ["to"]) and len(loc) > 3:
            owner = Place
    spot = _spot(loc[:-1] if kind in ("extra_forbidden", "missing") else loc)
    at = f"{where}: {spot}" if spot else where
    if kind == "extra_forbidden":
        key, keys = str(loc[-1]), [f.alias or name for name, f in owner.model_fields.items()]
        return InputError(text("error.unknown_key", key=key), where=at, fix=nearest_name(key, keys))
    if kind == "missing" and isinstance(loc[-1], int):
        return InputError(text("error.too_few_values"), where=at, got=_short(fault["input"]))
    if kind == "missing":
        return InputError(text("error.key_missing", key=loc[-1]), where=at)
    if kind == "union_tag_not_found":
        return InputError(text("error.do_missing"), where=at, fix=nearest_name("", _KINDS))
    if kind == "union_tag_invalid":
        tag = str(fault["ctx"]["tag"])
        return InputError(
            text("error.unknown_change"),
            where=f"{at}.do",
            got=_short(tag),
            fix=nearest_name(tag, _KINDS),
        )
    what = text("error.sentence", what=complaint(fault))
    return InputError(what, where=at, got=_short(fault["input"]))


def _spot(loc: list[int | str]) -> str:
    """A position as text, like ``changes[3].services[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".")


def _short(value: Any) -> Any:
    """The value, cut to 200 characters for a message."""
    return value if len(repr(value)) <= 200 else f"{repr(value)[:200]} …"
