"""The JSON schemas of ``summary.json``, ``plan.json``, ``pairing.json`` and ``province.json``, made
from the types that they are.

``make schemas`` writes them beside this file; ``python -m gusu_geo.report.schema summary`` (or
``plan``, ``pairing``, ``province``) prints one.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic import TypeAdapter

from gusu_geo.assessment.summary import Summary
from gusu_geo.report.pairing_document import PairingDocument
from gusu_geo.report.province_document import ProvinceDocument
from gusu_geo.siting.plan_document import PlanDocument

KINDS: dict[str, type[Any]] = {
    "summary": Summary,
    "plan": PlanDocument,
    "pairing": PairingDocument,
    "province": ProvinceDocument,
}


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of one of these documents: every key, its type, and what it means.

    >>> "passed_known" in schema_of("summary")["required"]
    True
    """
    made = TypeAdapter(KINDS[kind]).json_schema()
    parts = (made, *made["$defs"].values())
    for part in parts:
        part["additionalProperties"] = False
        for key in part["properties"].values():
            key.pop("title", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def schema_text(kind: str) -> str:
    """The schema as its file holds it."""
    return json.dumps(schema_of(kind), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text(sys.argv[1]))
