"""Signals in what is no internal draft: small counts, and what rests on them, are left out.

Zones are the parts of one sum, and so are the words of one column; see ``suppression``. Persons
stand in the tables of zones, so a rate or ratio of a hidden count is hidden with it. How far rates
are pulled towards each other tells how far the hidden ones are apart, so what is shown is shrunk
anew by what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gusu_geo.assessment.rates import NO_RATE, PER_PERSONS, shrink
from gusu_geo.assessment.signal_facts import Asked, SignalCell, SignalCluster, SignalFacts
from gusu_geo.assessment.suppression import parts_to_hide, small

ASKED = ("lacking_signals", "having_signals", "lacking_persons", "having_persons")
WORDS = ("located", "kinds", "origins", "rounds", "themes")


def public_signals(facts: SignalFacts) -> SignalFacts:
    """The section without small counts; what was given stays as it is."""
    cells = _public_cells(facts["cells"])
    hidden = {row["id"] for row in cells if row["signals"] is None}
    clusters = [_public_cluster(held, hidden) for held in facts["scan"]["clusters"]]
    asked: list[Asked] = []
    for service in dict.fromkeys(row["service"] for row in facts["asked"]):
        asked += _public_asked([row for row in facts["asked"] if row["service"] == service])
    found: SignalFacts = {
        **facts,
        "cells": cells,
        "scan": {**facts["scan"], "clusters": clusters},
        "asked": asked,
    }
    # Those of no zone are the rest of the total; then nothing that adds up to the total may stand.
    placeless = small((facts["total"] or 0) - (facts["used"] or 0))
    for key in WORDS:
        words = facts[key]  # type: ignore[literal-required]
        found[key] = _public_words(words, every=placeless)  # type: ignore[literal-required]
    if placeless or small(facts["total"]):
        found["total"] = None
    if small(facts["used"]):
        found["all"], found["used"], found["total"] = {**NO_RATE}, None, None
        found["all_per_visit"] = facts["all_per_visit"] and {**NO_RATE}
        found["scan"]["signals"] = None
    return found


def _public_words(counts: dict[str, int | None], *, every: bool) -> dict[str, int | None]:
    words = list(counts)
    few = parts_to_hide([counts[word] or 0 for word in words])
    return {word: None if every or at in few else counts[word] for at, word in enumerate(words)}


def _public_cells(given: Iterable[SignalCell]) -> list[SignalCell]:
    rows: list[SignalCell] = [{**row, "services": {**row["services"]}} for row in given]
    few = parts_to_hide([row["signals"] or 0 for row in rows])
    for at in few:
        row = rows[at]
        row["signals"] = row["relative"] = None
        row["per_1000"], row["shrunk"] = {**NO_RATE}, {**NO_RATE}
    if few:
        _shrink_shown(rows)
    for at in few | parts_to_hide([_visited(row) for row in rows]):
        rows[at]["per_visit"] = rows[at]["per_visit"] and {**NO_RATE}
    for key in rows[0]["services"] if rows else ():
        counts = [row["services"][key] or 0 for row in rows]
        for at in few | parts_to_hide([0 if at in few else n for at, n in enumerate(counts)]):
            rows[at]["services"][key] = None
    return rows


def _shrink_shown(rows: list[SignalCell]) -> None:
    """Rates pulled towards that of the shown zones."""
    shown = np.array([row["signals"] is not None for row in rows], bool)
    persons = np.array([row["persons"] for row in rows], float)
    count = np.array([row["signals"] or 0 for row in rows], np.int64)
    shrunk = shrink(count, np.where(shown, persons, np.nan))
    for at in np.flatnonzero(shown).tolist():
        rows[at]["shrunk"] = shrunk.shown(at, PER_PERSONS)
        rows[at]["relative"] = shrunk.relative(at)


def _visited(row: SignalCell) -> int:
    """Signals of rounds with visits, of which ``per_visit`` is the rate."""
    rate = row["per_visit"]["rate"] if row["per_visit"] else None
    return round(rate * (row["visits"] or 0.0) / 100) if rate else 0


def _public_cluster(held: SignalCluster, hidden: set[str]) -> SignalCluster:
    """Its zones stay, and how sure it is; its count would tell that of a hidden zone."""
    if hidden.isdisjoint(held["zones"]):
        return {**held}
    return {**held, "signals": None, "times": None, "llr": None}


def _public_asked(given: list[Asked]) -> list[Asked]:
    """Rows of one service: that of all, then its zones."""
    rows: list[Asked] = [{**row} for row in given]
    few: set[int] = set()
    for key in ASKED:
        values = [float(row[key] or 0) for row in rows]  # type: ignore[literal-required]
        few |= {0} if small(values[0]) else set()
        few |= {1 + at for at in parts_to_hide(values[1:])}
    for at in few:
        row = rows[at]
        row["lacking_signals"] = row["having_signals"] = None
        row["ratio"] = row["low"] = row["high"] = None
        for group in ("lacking_persons", "having_persons"):
            if small(row[group]):
                row[group] = None
    return rows
