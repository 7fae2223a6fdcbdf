"""The district's own ledgers as plain tables: ``City.books`` holds those that the study names.

Texts are "" where unknown, numbers NaN. ``zone``: zone_id in the level that the part of the study
names. ``services``: ids of the pack's services joined by ``AND``.

signals: index id; date (YYYY-MM-DD), round, origin, kind, theme, services (texts), located
(``RUNGS``), x, y (metres, of those located by a point), compound (as ``Residences.frame`` has it),
zone.
visits: zone, round (texts), visits (float).
teams: index id; name, zone, venue_id (texts), x, y (metres) (where it works: a venue of
``Facilities.frame``, else a point; "" and NaN unknown), group ("persons", one of ``GROUPS``, or ""
where nobody counts it), staff, fte (float, NaN unknown).
bodies: index id; name, tier, functions (texts, joined by ``AND``), most (int), x, y (metres, NaN);
keep, forbid: zones that it must and must not be paired with, joined by ``AND``.
pairs: body (id of bodies), zone.
projects: index id; name, body, zone, theme, services, status (texts).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gusu_geo.tables import Bools

BOOKS = ("signals", "visits", "teams", "bodies", "pairs", "projects")
AND = "、"  # between the parts of a list
RUNGS = ("point", "compound", "community", "none")  # of the ladder by which a signal is located


def joined(parts: object) -> str:
    """Parts of a list as one text."""
    return AND.join(map(str, parts)) if isinstance(parts, list | tuple) else str(parts)


def parts_of(cell: str) -> tuple[str, ...]:
    """The parts of a text of ``joined``.

    >>> parts_of("health、reading"), parts_of("")
    (('health', 'reading'), ())
    """
    return tuple(part for part in cell.split(AND) if part)


def on_visits(signals: pd.DataFrame, visits: pd.DataFrame) -> Bools:
    """(S,) whether there were visits in the signal's zone in its round; a visit without a round is
    of all."""
    seen = set(zip(visits["zone"], visits["round"], strict=True))
    rounds = zip(signals["zone"], signals["round"], strict=True)
    return np.array([(zone, own) in seen or (zone, "") in seen for zone, own in rounds], bool)
