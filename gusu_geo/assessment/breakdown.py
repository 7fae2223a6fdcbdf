"""Results broken down by ring and type of community, own rule beside the pack's, and by attribute.

Rows of a table add up to all homes; what nobody knows ("") is a row of its own, the last.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import cast

import numpy as np
import pandas as pd

from gusu_geo.assessment.rule import State, Verdict
from gusu_geo.assessment.summary import AttributeRow, Range, RingTypeRow
from gusu_geo.assessment.zones import totals_of
from gusu_geo.study.ledger import ATTRIBUTE, MARKS
from gusu_geo.tables import Bools, Floats, Ints, Residences


def by_ring_and_type(
    residences: Residences, own: Verdict, common: Verdict
) -> tuple[list[RingTypeRow], RingTypeRow]:
    """Persons by ring and type, passed by their own rule and by the pack's; and all of them.

    own, common: verdicts on the same homes, in the order of ``residences``.
    """
    homes = residences.frame
    persons = homes["persons"].to_numpy(float)
    blank = np.full(len(homes), "", object)
    ring, kind = (homes[mark].to_numpy(object) if mark in homes else blank for mark in MARKS)
    keys = pd.MultiIndex.from_arrays([ring, kind])
    pairs = sorted(set(keys), key=lambda pair: tuple((word == "", word) for word in pair))
    verdicts = (own, common)
    rows = [
        _row(one, other, np.asarray((ring == one) & (kind == other)), persons, verdicts)
        for one, other in pairs
    ]
    return rows, _row("", "", np.ones(len(homes), bool), persons, verdicts)


def _row(
    ring: str, kind: str, here: Bools, persons: Floats, verdicts: tuple[Verdict, Verdict]
) -> RingTypeRow:
    own, common = (_range(verdict.residence_state, here, persons) for verdict in verdicts)
    return {
        "ring": ring,
        "type": kind,
        "residences": int(here.sum()),
        "persons": round(math.fsum(persons[here]), 2),
        "own": own,
        "common": common,
    }


def _range(state: np.ndarray, here: Bools, persons: Floats) -> Range:
    """The unknown counted as failing (low) and as passing (high)."""
    total = math.fsum(persons[here])
    passed = math.fsum(persons[here & (state == State.PASS)])
    unknown = math.fsum(persons[here & (state == State.UNKNOWN)])
    return {
        "passed_persons": round(passed, 2),
        "unknown_persons": round(unknown, 2),
        "low": round(passed / total, 6) if total else None,
        "high": round(min(passed + unknown, total) / total, 6) if total else None,
    }


def by_attribute(residences: Residences, verdict: Verdict) -> list[AttributeRow]:
    """One row per attribute and value, as of ``roll_up``; attributes in the order of the study."""
    homes = residences.frame
    persons = homes["persons"].to_numpy(float)
    rows: list[AttributeRow] = []
    for column in homes:
        if not str(column).startswith(ATTRIBUTE):
            continue
        name = str(column).removeprefix(ATTRIBUTE)
        for value, members in _groups(homes[column]):
            sums = totals_of(persons, verdict, members)
            row = {"attribute": name, "value": value, **sums}
            rows.append(cast(AttributeRow, row))
    return rows


def _groups(values: pd.Series) -> Iterator[tuple[str, Ints]]:
    """Each value with the positions of its homes, by text, "" last."""
    given = values.to_numpy(object)
    for value in sorted(set(given), key=lambda word: (word == "", word)):
        yield str(value), np.flatnonzero(given == value)
