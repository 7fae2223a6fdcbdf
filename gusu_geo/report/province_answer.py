"""The result of a province in one sentence: how many have everything, what most lack, and where."""

from __future__ import annotations

from gusu_geo.report.answer import AT_THE_END, BETWEEN, percent
from gusu_geo.report.labels import heads
from gusu_geo.report.province_document import ProvinceDocument
from gusu_geo.words import Both, both

NAMED = 3  # districts without a result named in it


def answer_of(document: ProvinceDocument) -> Both:
    """The sentence in both languages; what failed is named."""
    parts = [
        *_shares(document),
        *_passed(document),
        *_gap(document),
        *_worst(document),
        *_failed(document),
    ]
    zh, en = (BETWEEN[lang].join(part[lang] for part in parts) for lang in ("zh", "en"))
    return {"zh": zh + AT_THE_END["zh"], "en": en + AT_THE_END["en"]}


def _shares(document: ProvinceDocument) -> list[Both]:
    """First of all, where the persons of the whole were shared out over a part of it."""
    wrong = document["data"]["persons_incomplete"] and document["totals"]["done"]
    return [both("province.answer_shares")] if wrong else []


def _failed(document: ProvinceDocument) -> list[Both]:
    names = [row["name"] for row in document["districts"] if row["failure"]]
    more = "" if len(names) <= NAMED else f" … ({len(names)})"
    return [both("province.answer_failed", names=tuple(names[:NAMED]), more=more)] if names else []


def _passed(document: ProvinceDocument) -> list[Both]:
    totals = document["totals"]
    if not totals["done"]:
        return []
    known = sum(row["state"] == "known" for row in totals["services"])
    if not known:
        return [both("map.answer_unknown")]
    share = percent(totals["passed_known"]["share"])
    if totals["undetermined"]:
        return [both("map.answer_known", share=share, count=known)]
    return [both("map.answer_all", share=share, count=known)]


def _gap(document: ProvinceDocument) -> list[Both]:
    known = [row for row in document["totals"]["services"] if row["state"] == "known"]
    if not known:
        return []
    worst = max(known, key=lambda row: row["missing_persons"])
    if worst["missing_persons"] <= 0:
        return [both("map.answer_no_gap")]
    persons = heads(worst["missing_persons"], counted=document["data"]["persons_counted"])
    return [both("map.answer_gap", service={"zh": worst["zh"], "en": worst["en"]}, persons=persons)]


def _worst(document: ProvinceDocument) -> list[Both]:
    """The district where most persons x services are lacking."""
    if not document["ranking"] or not document["totals"]["lacking"]:
        return []
    first = document["ranking"][0]
    row = next(one for one in document["districts"] if one["key"] == first)
    return [both("province.answer_worst", district=row["name"])]
