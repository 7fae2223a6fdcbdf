"""What the page holds of the district's own systems; nothing where a study has none.

Signals, capacities and pairs stand in the summary; this adds what the map needs beside them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import Summary
from gusu_geo.report.funnel_curves import funnel_curves
from gusu_geo.report.webmap.grid import Arrays

# Part of the summary -> how the keys of its words begin.
PARTS = {"signals": "signal_", "capacity": "room_", "pairing": "pair_", "complaints": "funnel_"}
STYLE = "district.css"
PM_MAX = 2**31 - 1


def district_parts(summary: Summary) -> list[str]:
    """Those of ``PARTS`` that a study has."""
    return [part for part in PARTS if part in summary]


def is_shown(key: str, parts: list[str]) -> bool:
    """Whether the page of a study with these parts has the text ``key``."""
    owner = next(
        (part for part, start in PARTS.items() if key.startswith(start) or key == f"head_{part}"),
        None,
    )
    return owner is None or owner in parts


def district_arrays(outcome: Outcome) -> Arrays:
    """home_room (R, K): ``Room``; home_room_pm (R, K): thousandths of what 1,000 persons have, -1
    unknown. Empty without capacities."""
    staffed = outcome.district.capacity
    if staffed is None:
        return {}
    known = np.isfinite(staffed.access)
    scaled = np.minimum(np.where(known, staffed.access, 0.0) * 1000, PM_MAX)
    return {
        "home_room": staffed.full,
        "home_room_pm": np.where(known, np.rint(scaled), -1).astype(np.int64),
    }


def district_texts(outcome: Outcome) -> dict[str, Any]:
    """The limits of the funnel of complaints."""
    held = outcome.summary.get("complaints")
    return {} if held is None else {"funnel": funnel_curves(held["rows"])}
