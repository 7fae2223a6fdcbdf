"""The constants that the page's scripts share with Python, written as a script of the page.

None of them is written twice: ``make page`` runs this module, which writes
``page/engine/constants.js`` from the enums and limits below; a test compares the two.
"""

from __future__ import annotations

import json
import re
from enum import IntEnum
from pathlib import Path
from typing import Any, get_args

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.hours import HOURS, Open
from gusu_geo.assessment.rule import Mode, State
from gusu_geo.assessment.staffed import Room
from gusu_geo.assessment.zones import COMPOUND
from gusu_geo.report.webmap.content import EVIDENCE, StreetClass
from gusu_geo.report.webmap.labels import KINDS, STEPS
from gusu_geo.scenarios.comments import LONGEST_COMMENT
from gusu_geo.scenarios.scenario_file import MAX_UNITS, SCHEMA, SCHEMAS, file_schema
from gusu_geo.sources.ledgers.privacy import CHECK, IDENTITY, PHONE, WEIGHTS
from gusu_geo.streets.network import LEVEL_PM
from gusu_geo.study.params import Walk
from gusu_geo.study.tiers import TIERS, VenueTier, tier_of
from gusu_geo.tables import GATE_KINDS, GROUPS, NodeFlag, WayFlag
from gusu_geo.walking.impedance import CS_PER_S
from gusu_geo.walking.linkage import Reason

TARGET = Path(__file__).parent / "page" / "engine" / "constants.js"
ENUMS: tuple[type[IntEnum], ...] = (State, Reason, Room, Open, WayFlag, NodeFlag, StreetClass)
HEAD = (
    "/* Made by gusu_geo/report/webmap/constants.py: change the Python side, then run make page. */"
)


def script() -> str:
    """The whole text of ``constants.js``."""
    lines = [HEAD]
    for name, value in _values().items():
        lines.append(f"export const {name} = {json.dumps(value)};")
    for enum in ENUMS:
        members = ", ".join(f"{member.name}: {member.value}" for member in enum)
        lines.append(f"export const {enum.__name__} = Object.freeze({{ {members} }});")
    tables = {schema: _scenario_file(schema) for schema in SCHEMAS}
    kinds = [table["properties"]["changes"].pop("items")["kinds"] for table in tables.values()][-1]
    comment = tables[SCHEMA]["properties"]["comments"].pop("items")
    lines.append(
        "/** What each change of a scenario file may hold: the table by which compare reads it. */"
    )
    lines.append("export const SCENARIO_CHANGE = { kinds: {")
    lines += [f"  {kind}: {json.dumps(part)}," for kind, part in kinds.items()]
    lines.append("} };")
    lines.append("/** What a comment may hold. */")
    lines.append(f"export const SCENARIO_COMMENT = {json.dumps(comment)};")
    lines.append("/** What the file may hold beside its changes and comments, by its schema. */")
    lines.append(f"export const SCENARIO_FILES = {json.dumps(tables)};")
    lines.append("/** Telephones, and what may be an identity number: the check of ledgers. */")
    lines.append(f"export const PHONE = {_for_page(PHONE)};")
    lines.append(f"export const IDENTITY = {_for_page(IDENTITY)};")
    return "\n".join(lines) + "\n"


def _values() -> dict[str, Any]:
    return {
        "INF_CS": int(INF_CS),
        "CS_PER_MIN": 60 * CS_PER_S,
        "LEVEL_PM": LEVEL_PM,
        "HOURS": HOURS,
        "EVIDENCE": "".join(EVIDENCE),
        "COMPOUND": COMPOUND,
        "GATE_KINDS": list(GATE_KINDS),
        "GROUPS": list(GROUPS),
        "TIER_WORDS": {word: _tier(word) for word in get_args(VenueTier)},
        "LABEL_KINDS": list(KINDS),
        "LABEL_STEPS": STEPS,
        "MODES": list(get_args(Mode)),
        "PRIVATE_WAYS": list(get_args(Walk.model_fields["private"].annotation)),
        "SCENARIO_SCHEMA": SCHEMA,
        "LONGEST_COMMENT": LONGEST_COMMENT,
        "IDENTITY_WEIGHTS": list(WEIGHTS),
        "IDENTITY_CHECK": CHECK,
        "SCENARIO_UNITS": MAX_UNITS,
    }


def _tier(word: str) -> int:
    """Position of a tier, -1 unknown."""
    tier = tier_of(word)
    return TIERS.index(tier) if tier else -1


def _for_page(pattern: re.Pattern[str]) -> str:
    """A regular expression of JavaScript that finds the same; digits of every script are digits."""
    flags = "giu" if pattern.flags & re.IGNORECASE else "gu"
    return f"/{pattern.pattern.replace(chr(92) + 'd', chr(92) + 'p{Nd}')}/{flags}"


def _scenario_file(name: str) -> dict[str, Any]:
    """The schema of a scenario file with its parts in place and without words for people."""
    schema = file_schema(name)
    parts = schema.pop("$defs")

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(part) for part in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return plain(parts[node["$ref"].rsplit("/", 1)[1]])
        if "discriminator" in node:  # by its key, each kind once
            kinds = node["discriminator"]["mapping"].items()
            return {"kinds": {kind: plain({"$ref": part}) for kind, part in kinds}}
        words = ("title", "description", "default", "properties")
        found = {key: plain(value) for key, value in node.items() if key not in words}
        if "properties" in node:
            found["properties"] = {k: plain(value) for k, value in node["properties"].items()}
        return found

    whole: dict[str, Any] = plain(schema)
    return whole


def main() -> None:
    """Writes the script."""
    TARGET.write_text(script(), encoding="utf-8")


if __name__ == "__main__":
    main()
