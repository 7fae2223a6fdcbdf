"""The JSON schema of ``summary.json``, made from the types of ``assessment.summary``.

``make schemas`` writes it beside this file; ``python -m gusu_geo.report.schema`` prints it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic import TypeAdapter

from gusu_geo.assessment.summary import Summary


def summary_schema() -> dict[str, Any]:
    """The schema of ``summary.json``: every key, its type, and what it means.

    >>> "passed_known" in summary_schema()["required"]
    True
    """
    made = TypeAdapter(Summary).json_schema()
    parts = (made, *made["$defs"].values())
    for part in parts:
        part["additionalProperties"] = False
        for key in part["properties"].values():
            key.pop("title", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(summary_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
