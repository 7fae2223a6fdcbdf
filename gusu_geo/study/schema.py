"""The JSON schema of a study file, for editors: made from the models, so it never says otherwise.

``make schemas`` writes it beside this file; ``python -m gusu_geo.study.schema`` prints it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.params import MAX_MINUTES, MAX_SPEED_MPS, MIN_SPEED_MPS, Study
from gusu_geo.words import both


def study_schema() -> dict[str, Any]:
    """The schema of the TOML document that ``parse_study`` reads.

    It knows keys, types, bounds and words. What takes two keys at once to judge (a total of
    persons needs its source) is left to ``gusu-geo check``.

    >>> study_schema()["required"]
    ['study', 'area', 'network']
    """
    made = Study.model_json_schema()
    parts: dict[str, Any] = made["$defs"]
    keys: dict[str, Any] = made["properties"]
    del keys["root"]  # the folder of the file, never written in it
    _say_what_validators_check(parts)
    for table in (made, *parts.values()):
        table["description"] = table["description"].split("\n\n>>> ")[0]
        for key in table["properties"].values():
            _as_toml(key)
    named = {key: keys.pop(key) for key in list(keys) if _in_head(key, keys[key])}
    head = {
        "description": "How the study is called: files of the results begin with its name.",
        "type": "object",
        "additionalProperties": False,
        "properties": named,
        "required": [key for key in made["required"] if key in named],
    }
    words = both("help.study_schema")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A study of gusu_geo",
        "description": f"{words['en']} {words['zh']}",
        "type": "object",
        "additionalProperties": False,
        "properties": {"study": head, **keys},
        "required": ["study", *(key for key in made["required"] if key in keys)],
        "$defs": parts,
    }


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(study_schema(), indent=1, ensure_ascii=False) + "\n"


def _say_what_validators_check(parts: dict[str, Any]) -> None:
    """Rules that stand in validators of the models, which their schema cannot see."""
    walk, rule = parts["Walk"]["properties"], parts["RuleParams"]["properties"]
    walk["profile"]["enum"] = sorted(PROFILES)
    _bound(walk["speed_mps"], minimum=MIN_SPEED_MPS, maximum=MAX_SPEED_MPS)
    for key in ("minutes", "cutoff_minutes"):
        _bound(rule[key], exclusiveMinimum=0, maximum=MAX_MINUTES)
    parts["Area"]["oneOf"] = [{"required": [key]} for key in ("osm_admin", "boundary", "bbox")]


def _bound(key: dict[str, Any], **bounds: float) -> None:
    number = next((kind for kind in key.get("anyOf", ()) if kind["type"] == "number"), key)
    number.update(bounds)


def _in_head(name: str, key: dict[str, Any]) -> bool:
    """Whether the key stands in the [study] table: what is no table of its own, and the title."""
    return name == "title" or not key.keys() & {"$ref", "items"}


def _as_toml(key: dict[str, Any]) -> None:
    """TOML has no null, and tables tell their defaults key by key."""
    kinds = [kind for kind in key.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) == 1:
        del key["anyOf"]
        key.update(kinds[0])
    if not isinstance(key.get("default"), str | int | float):
        key.pop("default", None)
    if "prefixItems" in key:  # four numbers: editors know the older word for it
        key["items"] = key.pop("prefixItems")[0]
    key.pop("title", None)


if __name__ == "__main__":
    sys.stdout.write(schema_text())
