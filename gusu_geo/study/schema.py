"""The JSON schema of a study file, for editors: generated from the models, so that both agree. What
keys mean stands in the words file (``study_key``), by class and field.

``make schemas`` writes it next to this file; ``python -m gusu_geo.study.schema`` prints it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from inspect import get_annotations
from typing import Any

from gusu_geo.study import params
from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.params import MAX_MINUTES, MAX_SPEED_MPS, MIN_SPEED_MPS, Part, Study
from gusu_geo.study.tiers import TIER_NAMES
from gusu_geo.words import text


def _parts(part: type[Part]) -> Iterator[type[Part]]:
    for one in part.__subclasses__():
        if one.__module__.startswith(params.__name__.rpartition(".")[0]):  # scenarios have others
            yield one
            yield from _parts(one)


MODELS: dict[str, type[Part]] = {one.__name__: one for one in _parts(Part)}


def study_schema() -> dict[str, Any]:
    """The schema of the TOML document that ``parse_study`` reads.

    It covers keys, types, bounds and allowed words. Rules on two keys at once (a total of persons
    needs its source) are checked by ``gusu-geo check`` only.

    >>> study_schema()["required"]
    ['study', 'area', 'network']
    """
    made = Study.model_json_schema()
    parts: dict[str, Any] = made["$defs"]
    keys: dict[str, Any] = made["properties"]
    del keys["root"]  # the folder of the file, never written in it
    _add_validator_rules(parts)
    for name, table in (("Study", made), *parts.items()):
        table["description"] = _in_both(name)
        for key, kind in table["properties"].items():
            _as_toml(kind)
            if "$ref" not in kind:  # a part says itself what it is
                kind["description"] = _in_both(key_of(MODELS[name], key))
    several = keys["candidates"]  # one table may stand for a list of one
    keys["candidates"] = {
        "description": several.pop("description"), "anyOf": [several["items"], several]
    }  # fmt: skip
    named = {key: keys.pop(key) for key in list(keys) if _in_head(key, keys[key])}
    head = {
        "description": made["description"],
        "type": "object",
        "additionalProperties": False,
        "properties": named,
        "required": [key for key in made["required"] if key in named],
    }
    words = text("console.study_schema")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A study of gusu_geo",
        "description": f"{words.en} {words.zh}",
        "type": "object",
        "additionalProperties": False,
        "properties": {"study": head, **keys},
        "required": ["study", *(key for key in made["required"] if key in keys)],
        "$defs": parts,
    }


def key_of(model: type[Part], key: str) -> str:
    """The key of ``study_key`` that says what a field means: of the class that defines it.

    >>> from gusu_geo.study.params import FacilitySource
    >>> key_of(FacilitySource, "evidence"), key_of(FacilitySource, "crs")
    ('FacilitySource.evidence', 'Ledger.crs')
    """
    owner = next(one for one in model.__mro__ if key in get_annotations(one))
    return f"{owner.__name__}.{key}"


def schema_text() -> str:
    """The schema as the text of its file."""
    return json.dumps(study_schema(), indent=1, ensure_ascii=False) + "\n"


def _in_both(key: str) -> str:
    """What a part or a key means, in both languages, for editors."""
    words = text(f"study_key.{key}")
    return f"{words.en} {words.zh}"


def _add_validator_rules(parts: dict[str, Any]) -> None:
    """Adds the rules of the models' validators, which pydantic leaves out of the schema."""
    walk, rule = parts["Walk"]["properties"], parts["RuleParams"]["properties"]
    walk["profile"]["enum"] = sorted(PROFILES)
    _bound(walk["speed_mps"], minimum=MIN_SPEED_MPS, maximum=MAX_SPEED_MPS)
    for key in ("minutes", "cutoff_minutes"):
        _bound(rule[key], exclusiveMinimum=0, maximum=MAX_MINUTES)
    one: dict[str, Any] = {"enum": list(TIER_NAMES)}
    rule["tiers"]["additionalProperties"] = {"anyOf": [one, {"type": "array", "items": one}]}
    parts["Area"]["oneOf"] = [{"required": [key]} for key in ("osm_admin", "boundary", "bbox")]


def _bound(key: dict[str, Any], **bounds: float) -> None:
    number = next((kind for kind in key.get("anyOf", ()) if kind["type"] == "number"), key)
    number.update(bounds)


def _in_head(name: str, key: dict[str, Any]) -> bool:
    """Whether the key belongs in the [study] table: plain values, and the title."""
    return name == "title" or not key.keys() & {"$ref", "items", "anyOf"}


def _as_toml(key: dict[str, Any]) -> None:
    """Adapts a key to TOML: no null, and no default for a table, whose keys have their own."""
    kinds = [kind for kind in key.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) == 1:
        del key["anyOf"]
        key.update(kinds[0])
    if not isinstance(key.get("default"), str | int | float):
        key.pop("default", None)
    if "prefixItems" in key:  # the four numbers of bbox: editors support the older keyword
        key["items"] = key.pop("prefixItems")[0]
    key.pop("title", None)


if __name__ == "__main__":
    sys.stdout.write(schema_text())
