"""Texts that workbooks and figures share, and texts that show both languages side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gusu_geo.words import Both, Text, rounded, text

if TYPE_CHECKING:
    from gusu_geo.assessment.summary import ServiceRow, Summary

# State of a home -> key in section [reading].
READING_OF = {"pass": "passed", "fail": "failed", "unknown": "unknown"}


def bilingual(words: Both | ServiceRow | Text) -> str:
    """Chinese and English, once where they are the same.

    >>> bilingual({"zh": "图书馆", "en": "Library"})
    '图书馆 Library'
    """
    pair = [words.zh, words.en] if isinstance(words, Text) else [words["zh"], words["en"]]
    return " ".join(dict.fromkeys(filter(None, pair)))


def phrase(key: str) -> str:
    """A text of the words file in both languages, as it stands there."""
    return bilingual(text(key))


def label(key: str) -> str:
    """As ``phrase``, the English with a capital: the name of a sheet, row or fact."""
    return bilingual(capital(text(key)))


def capital(words: Text) -> Both:
    """Both languages, the English with a capital."""
    return {"zh": words.zh, "en": words.en[:1].upper() + words.en[1:]}


def is_counted(data: Mapping[str, Any]) -> bool:
    """Whether somebody counted the total of persons; data: that part of a summary."""
    return bool(data["persons"].get("counted", True))


def heads(persons: float, *, counted: bool) -> str:
    """Persons as a text; to three digits where the total is an estimate.

    >>> heads(38_741.6, counted=True), heads(38_741.6, counted=False)
    ('38,742', '~38,700')
    """
    return f"{persons:,.0f}" if counted else f"~{rounded(persons):,}"


def of_persons(what: Text, *, counted: bool) -> Text:
    """The head of a column of persons."""
    return what if counted else text("fact.estimated", what=what)


def basis(summary: Summary) -> list[Text]:
    """What must stand beside every number: limit, speed, date of the data, estimate."""
    data = summary["data"]
    dated = text("fact.data_date", date=data["osm_date"][:10])
    return [
        limit(summary["rule"]["minutes"]),
        text("fact.speed", speed_mps=summary["walk"]["speed_mps"]),
        dated if data["osm_date"] else text("fact.data_undated"),
        *_own_rules(summary),
        *_estimate(summary),
    ]


def _own_rules(summary: Summary) -> list[Text]:
    """That the limit and the speed are not those of all homes."""
    count = len(summary["own_rules"]["rules"]) - 1 if "own_rules" in summary else 0
    return [text("fact.by_own_rules", count=count)] if count else []


def _estimate(summary: Summary) -> list[Text]:
    if not is_counted(summary["data"]):
        return [text("fact.persons_uncounted")]
    return [text("fact.persons_estimate")] if summary["data"]["persons"]["estimate"] else []


def limit(minutes: float | list[float]) -> Text:
    """The time limit; a span where services differ."""
    if isinstance(minutes, list):
        return text("fact.limits", least=min(minutes), most=max(minutes))
    return text("fact.limit", minutes=minutes)
