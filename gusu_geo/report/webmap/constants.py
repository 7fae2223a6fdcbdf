"""The numbers and words that the page's scripts share with Python, as a script of the page.

Nothing of this is written twice: ``make page`` runs this module, which writes
``page/engine/constants.js`` from the enums and limits below; a test compares the two.
"""

from __future__ import annotations

import json
from enum import IntEnum
from pathlib import Path
from typing import Any, get_args

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.hours import HOURS, Open
from gusu_geo.assessment.rule import Mode, State
from gusu_geo.report.webmap.content import EVIDENCE, StreetClass
from gusu_geo.scenarios.scenario_file import FARTHEST_CM, SCHEMA, Change
from gusu_geo.streets.network import LEVEL_PM
from gusu_geo.study.params import MAX_SPEED_MPS, MIN_SPEED_MPS, Walk
from gusu_geo.tables import GATE_KINDS, GROUPS, NodeFlag, WayFlag
from gusu_geo.walking.impedance import CS_PER_S
from gusu_geo.walking.linkage import Reason

TARGET = Path(__file__).parent / "page" / "engine" / "constants.js"
ENUMS: tuple[type[IntEnum], ...] = (State, Reason, Open, WayFlag, NodeFlag, StreetClass)
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
    lines.append("/** What may stand in each kind of change of a scenario file. */")
    lines.append("export const SCENARIO_FIELDS = Object.freeze({")
    lines += [f"  {kind}: {json.dumps(fields)}," for kind, fields in _changes().items()]
    lines.append("});")
    return "\n".join(lines) + "\n"


def _values() -> dict[str, Any]:
    return {
        "INF_CS": int(INF_CS),
        "CS_PER_MIN": 60 * CS_PER_S,
        "LEVEL_PM": LEVEL_PM,
        "HOURS": HOURS,
        "EVIDENCE": "".join(EVIDENCE),
        "GATE_KINDS": list(GATE_KINDS),
        "GROUPS": list(GROUPS),
        "MODES": list(get_args(Mode)),
        "PRIVATE_WAYS": list(get_args(Walk.model_fields["private"].annotation)),
        "SCENARIO_SCHEMA": SCHEMA,
        "FARTHEST_CM": FARTHEST_CM,
        "MIN_SPEED_MPS": MIN_SPEED_MPS,
        "MAX_SPEED_MPS": MAX_SPEED_MPS,
    }


def _changes() -> dict[str, list[str]]:
    """Kind of change -> its keys, as a scenario file writes them. A map that ``compare`` wrote
    also says how far off the street a placed venue's door is (``leg_cm``)."""
    found = {}
    for change in get_args(Change):
        fields = change.model_fields
        (kind,) = get_args(fields["do"].annotation)
        keys = [field.alias or name for name, field in fields.items() if name != "do"]
        found[str(kind)] = [*keys, "leg_cm"] if "on" in keys else keys
    return found


def main() -> None:
    """Writes the script."""
    TARGET.write_text(script(), encoding="utf-8")


if __name__ == "__main__":
    main()
