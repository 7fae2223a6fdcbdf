"""The result in one sentence: how many have everything, what most lack, and what one point gives.

The page writes the same sentence from the same words, for whatever is tried on it.
"""

from __future__ import annotations

from gusu_geo.assessment.summary import ServiceRow, Summary
from gusu_geo.report.labels import heads, is_counted
from gusu_geo.words import Both, Text, both, text

BETWEEN = {"zh": "；", "en": "; "}
AT_THE_END = {"zh": "。", "en": "."}


def answer_of(summary: Summary) -> Both:
    """The sentence in both languages."""
    parts = [_passed(summary), *_gap(summary), *_next(summary)]
    zh, en = (BETWEEN[lang].join(part[lang] for part in parts) for lang in ("zh", "en"))
    return {"zh": zh + AT_THE_END["zh"], "en": en + AT_THE_END["en"]}


def percent(share: float | None) -> str:
    """A share as the page shows it: never 0 or 100 % of what is neither.

    >>> percent(0.3917), percent(0.0001), percent(0.9999), percent(1.0), percent(None)
    ('39.2 %', '< 0.1 %', '> 99.9 %', '100 %', '—')
    """
    if share is None:
        return "—"
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    if share < 0.0005:
        return "< 0.1 %"
    return "> 99.9 %" if share > 0.9995 else f"{100 * share:.1f} %"


def _known(summary: Summary) -> list[ServiceRow]:
    return [row for row in summary["services"] if row["state"] == "known"]


def _passed(summary: Summary) -> Both:
    known = len(_known(summary))
    if not known:
        return both("map.answer_unknown")
    share = percent(summary["passed_known"]["share"])
    if known < len(summary["services"]):
        return both("map.answer_known", share=share, count=known)
    return both("map.answer_all", share=share, count=known)


def _gap(summary: Summary) -> list[Both]:
    known = _known(summary)
    if not known:
        return []
    worst = max(known, key=lambda row: row["missing_persons"])
    if worst["missing_persons"] <= 0:
        return [both("map.answer_no_gap")]
    persons = heads(worst["missing_persons"], counted=is_counted(summary["data"]))
    return [both("map.answer_gap", service={"zh": worst["zh"], "en": worst["en"]}, persons=persons)]


def _next(summary: Summary) -> list[Both]:
    point = summary["next"]
    if point is None:
        return []
    if not point["candidate_id"]:
        return [both("map.answer_plan_none")]
    return [both("map.answer_plan_one", share=percent(point["after_share"]))]


def next_line(summary: Summary) -> Text | None:
    """The best single new point: where, with which services, and what it gives; None without."""
    point = summary["next"]
    if point is None or point["lonlat"] is None:
        return None
    counted = is_counted(summary["data"])
    names = {row["id"]: {"zh": row["zh"], "en": row["en"]} for row in summary["services"]}
    proof = text("fact.proven_best")
    if point["bound_persons"] > point["gained_persons"]:
        proof = text("fact.point_bound", persons=heads(point["bound_persons"], counted=counted))
    return text(
        "fact.next_point",
        place=point["name"] or point["candidate_id"],
        at="{:.5f}, {:.5f}".format(*point["lonlat"]),
        services=tuple(names[service] for service in point["services"]),
        persons=heads(point["gained_persons"], counted=counted),
        proof=proof,
    )
