"""The verdict by grade of evidence: official ledgers alone (A), then names (B), then tags (C) too.

The same search and the same rule as for the result itself, on the venues of these grades.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gusu_geo.assessment.judgement import Judgement, judge_links
from gusu_geo.assessment.rule import Verdict
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.tables import GRADES, Bools
from gusu_geo.walking.linkage import Reason


class Graded(NamedTuple):
    """The verdict on the venues (places) of these grades of evidence, such as "A+B"."""

    grades: str
    venues: int
    verdict: Verdict


def judge_grades(ground: Ground, judgement: Judgement) -> list[Graded]:
    """A, A+B and A+B+C, each by a search of its own where its venues differ; nothing where all
    venues are of one grade.

    A service without a venue of these grades is without data there, never missing.
    """
    frame = ground.city.facilities.frame
    evidence = frame["evidence"].to_numpy(str)
    if len(np.unique(evidence)) < 2:
        return []
    trips, rows = ground.trips(), []
    done = {len(frame): judgement.verdict}  # by number of facilities: each grade only adds some
    for last, grade in enumerate(GRADES, start=1):
        counted = evidence <= grade
        size = int(counted.sum())
        if size not in done:
            offered = np.where(counted, frame["service"].to_numpy(object), "").tolist()
            known = known_by(judgement, counted)
            judged = judge_links(
                ground, trips, judgement.rule, judgement.links, known=known, offered=offered
            )
            done[size] = judged.verdict
        venues = int(frame["venue_id"][counted].nunique())
        rows.append(Graded("+".join(GRADES[:last]), venues, done[size]))
    return rows


def known_by(judgement: Judgement, counted: Bools) -> list[bool]:
    """(K,) whether a linked venue that counts (F,) offers the service. What no source names at all
    stays as it is: a complete source says that there is none."""
    service = judgement.city.facilities.frame["service"].to_numpy(object)
    linked = judgement.links.venues.links.owner_reason(len(service)) == int(Reason.LINKED)
    named, here = set(service), set(service[counted & linked])
    return [
        key in here or (known and key not in named)
        for key, known in zip(judgement.rule.services, judgement.known, strict=True)
    ]
