"""Finds, reads and checks study files; the first error is raised with its key and a fix."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gusu_geo.errors import StudyError, complaint, nearest_name
from gusu_geo.foreign import foreign
from gusu_geo.study.catalog import read_toml
from gusu_geo.study.params import Part, RuleParams, Study, Walk
from gusu_geo.words import text


def open_study(study: str | Path | Study) -> Study:
    """The study of a TOML file or the built-in of that name.

    Raises StudyError: no such study, not TOML, unknown key (nearest named), bad value.

    >>> open_study("monaco").rule.minutes
    15.0
    """
    if isinstance(study, Study):
        return study
    path = Path(study)
    if path.suffix != ".toml" and not os.path.isfile(path):  # noqa: PTH113 (raises for no name)
        path = builtin_studies().get(str(study), path)
    if not os.path.exists(path):  # noqa: PTH110
        known = nearest_name(str(study), builtin_studies())
        raise StudyError(text("error.no_study"), got=str(study), fix=known)
    document = read_toml(path)
    with foreign("path", path):
        root = path.resolve().parent
    return parse_study(document, root=root, where=str(path))


def with_profile(study: Study, profile: str) -> Study:
    """The study with another profile: its speed, steps factor and wheels, for all homes, those with
    rules of their own too. Its outputs stand beside those of the study, under names of their own
    (``Study.label``).

    Raises StudyError: unknown profile (nearest named).
    """
    try:
        walk = walk_with(study.walk, profile)
    except ValidationError as error:
        raise first_fault(error, "--profile") from None
    rule = one_profile(study.rule)
    other = study.model_copy(update={"walk": walk, "rule": rule})
    if walk != study.walk or rule != study.rule:
        other._other_profile = profile
        other._profiles_replaced = rule != study.rule
    return other


def walk_with(walk: Walk, profile: str) -> Walk:
    """The walk with another profile. Raises ValidationError: unknown profile."""
    own = dict.fromkeys(("speed_mps", "steps_factor", "wheels"))
    return Walk.model_validate({**walk.model_dump(), **own, "profile": profile})


def one_profile(rule: RuleParams) -> RuleParams:
    """The rule without profiles of their own; a rule of its own stays, even if it rules nothing
    more."""
    kept = tuple(each.model_copy(update={"profile": None}) for each in rule.override)
    return rule.model_copy(update={"override": kept}) if kept != rule.override else rule


def parse_study(document: dict[str, Any], *, root: Path, where: str = "study") -> Study:
    """A Study from the TOML document; ``where`` names the file in errors."""
    document = dict(document)
    head = document.pop("study", None)
    if not isinstance(head, dict):
        raise StudyError(text("error.no_study_table"), where=where)
    clash = set(head) & (set(Study.model_fields) - set(_HEAD)) | (set(document) & {*_HEAD, "root"})
    if clash:
        raise StudyError(text("error.wrong_table", key=sorted(clash)[0]), where=where)
    try:
        return Study.model_validate({**head, **document, "root": root})
    except ValidationError as error:
        raise first_fault(error, where, tables=document) from None


def builtin_studies() -> dict[str, Path]:
    """Built-in study files by name: inside the installed package, or next to it in a checkout."""
    package = Path(str(resources.files("gusu_geo")))
    folders = (package.parent / "studies", package / "studies")
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def first_fault(
    error: ValidationError,
    where: str,
    tables: Mapping[str, Any] | None = None,
    model: type[Part] = Study,
) -> StudyError:
    """pydantic's first complaint as one message that names the key and the nearest known one;
    tables: the document, where a single table may stand for a list of one; model: what the file
    was read as."""
    faults = error.errors()
    # A misspelt key is also a missing one, but the misspelling is the better message.
    fault = next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])
    keys = [str(part) for part in fault["loc"] if part not in _UNION_LABELS]
    if tables is not None and keys[1:2] == ["0"] and isinstance(tables.get(keys[0]), dict):
        del keys[1]
    spot = ".".join(keys)
    if fault["type"] == "extra_forbidden":
        owner = _part_at(keys[:-1], model)
        known = [key for key in owner.model_fields if key != "root"] if owner else []
        return StudyError(
            text("error.unknown_key", key=spot), where=where, fix=nearest_name(keys[-1], known)
        )
    if fault["type"] == "missing" and keys[-1].isdigit():
        spot = ".".join(keys[:-1])
        return StudyError(
            text("error.spot_too_few", spot=spot), where=where, got=list(fault["input"])
        )
    if fault["type"] == "missing":
        return StudyError(text("error.key_missing", key=spot), where=where)
    what = text("error.at_key", spot=spot, what=complaint(fault))
    return StudyError(what, where=where, got=fault.get("input"))


_HEAD = ("name", "title", "lang", "invented")  # keys of [study]
_UNION_LABELS = (
    "ZoneOrigin",
    "path",
    "str",
    "tuple[str, ...]",
)  # pydantic names the member of a union it tried


def _part_at(keys: list[str], top: type[Part]) -> type[Part] | None:
    """The model that owns the table at ``keys`` of a file."""
    model: type[Part] | None = top
    for key in keys:
        if key.isdigit() or model is None:
            continue
        field = model.model_fields.get(key)
        model = _model_in(field.annotation) if field else None
    return model


def _model_in(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found:
            return found
    return None
