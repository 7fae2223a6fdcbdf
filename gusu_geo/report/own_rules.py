"""What the reports say of rules of their own: which there are, whom they judge, and with what
result beside the pack's rule."""

from __future__ import annotations

from gusu_geo.assessment.breakdown import by_ring_and_type
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.own_rules import COMMON
from gusu_geo.assessment.own_rules import OwnRule as Judging
from gusu_geo.assessment.summary import OwnRule, OwnRules, Summary
from gusu_geo.report.shares import share_of
from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.ledger import MARKS
from gusu_geo.study.params import Study
from gusu_geo.tables import Both, Floats, Note
from gusu_geo.words import COMMA, Text, both, note, rounded, text

SIDES = ("own", "common")  # own rule and that of the pack, always side by side


def own_rules_facts(judgement: Judgement, persons: Floats) -> OwnRules | None:
    """The part ``own_rules`` of a summary; None where all homes are judged by the pack's rule."""
    own, common, homes = judgement.own, judgement.common, judgement.city.residences
    if own is None or common is None:
        return None
    rows, every = by_ring_and_type(homes, judgement.verdict, common)
    marks = {key for override in judgement.study.rule.override for key in override.where.keys}
    blank = {
        key: share_of((homes.frame[key] == "").to_numpy(bool), persons)
        for key in MARKS
        if key in marks
    }
    rules = []
    for number, one in enumerate(own.rules):
        held = share_of(own.homes(number), persons)
        rules.append(_rule(number, one, held["residences"], held["persons"]))
    return {"rules": rules, "blank": blank, "rows": rows, "all": every}


def _rule(number: int, one: Judging, residences: int, persons: float) -> OwnRule:
    where, walk = one.where, one.walk
    return {
        "number": number,
        "name": rule_name(number, one),
        "where": {} if where is None else {key: list(where.words(key)) for key in where.keys},
        "profile": walk.profile if walk.speed_mps is None else "custom",
        "speed_mps": walk.speed(),
        "services": list(one.rule.services),
        "minutes": [round(limit_s / 60, 4) for limit_s in one.rule.threshold_s],
        "min_count": [service.min_count for service in one.rule.pack.services],
        "residences": residences,
        "persons": persons,
    }


def rule_name(number: int, one: Judging) -> Both:
    """What a rule is called: whom it is for."""
    if number == COMMON or one.where is None:
        return both("fact.common_rule")
    where = one.where
    parts = tuple(
        text("fact.where", key=text(f"column.{key}"), words=tuple(where.words(key)))
        for key in where.keys
    )
    return both("fact.own_rule", number=number, where=parts)


def rule_terms(rule: OwnRule, services: dict[str, Both]) -> Text:
    """What a rule asks for, in one line; services: names by id, of all services of the pack."""
    profile = PROFILES.get(rule["profile"])
    walker = {"zh": profile.zh, "en": profile.en} if profile else both("fact.own_walk")
    terms: list[Text] = [
        text("fact.walks", walker=walker, speed_mps=rule["speed_mps"]),
        text("fact.minutes_each", minutes=_numbers(rule["minutes"])),
    ]
    if len(rule["services"]) < len(services):
        names = tuple(services[key] for key in rule["services"])
        terms.append(text("fact.asks_for", services=names))
    if max(rule["min_count"]) > 1:
        terms.append(text("fact.venues_each", counts=_numbers(rule["min_count"])))
    return text("fact.terms", terms=tuple(terms))


def _numbers(each: list[float] | list[int]) -> str:
    """One number where all are the same."""
    whole = [f"{value:g}" for value in each]
    return whole[0] if len(set(whole)) == 1 else COMMA["en"].join(whole)


def own_rules_notes(study: Study, facts: OwnRules | None) -> list[Note]:
    """What readers must know: whose type nobody knows, a profile that replaced those of rules of
    their own."""
    notes = []
    if study.profile_for_all:
        profile = PROFILES[study.profile_for_all]
        notes.append(note("profile_for_all", profile={"zh": profile.zh, "en": profile.en}))
    for key, held in (facts["blank"] if facts else {}).items():
        if held["residences"]:
            what = text(f"column.{key}")
            count, persons = held["residences"], rounded(held["persons"])
            notes.append(note("mark_unknown", what=what, count=count, persons=persons))
    return notes


def names_of_services(summary: Summary) -> dict[str, Both]:
    """Names of all services of the pack by id."""
    return {row["id"]: {"zh": row["zh"], "en": row["en"]} for row in summary["services"]}
