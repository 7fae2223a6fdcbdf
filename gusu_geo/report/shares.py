"""Homes and persons in a mask, as every table has them."""

from __future__ import annotations

import math

from gusu_geo.assessment.summary import Share
from gusu_geo.tables import Bools, Floats


def share_of(mask: Bools, persons: Floats) -> Share:
    """Residences and persons in a mask, and their share of all persons, None of nobody."""
    total = math.fsum(persons)
    inside = math.fsum(persons[mask])
    return {
        "residences": int(mask.sum()),
        "persons": round(inside, 2),
        "share": round(inside / total, 6) if total else None,
    }
