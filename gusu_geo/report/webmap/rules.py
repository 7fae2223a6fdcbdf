"""Rules of their own on the page: which one judges each home, and what the page needs to judge by
them again; nothing where all homes have the pack's rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.own_rules import OwnRule, OwnRules
from gusu_geo.report.own_rules import names_of_services, rule_terms
from gusu_geo.report.webmap.graph import walker
from gusu_geo.report.webmap.grid import Arrays
from gusu_geo.walking.impedance import Impedance

NOT_ASKED = -1  # in place of a limit


def rule_arrays(outcome: Outcome) -> Arrays:
    """home_rule (R,): position of each home's rule in ``rules``."""
    own = outcome.judgement.own
    return {} if own is None else {"home_rule": own.of_home}


def rule_texts(outcome: Outcome) -> dict[str, Any]:
    """The rules, the pack's first; whatif_off: why the page cannot judge again, "" if it can."""
    own = outcome.judgement.own
    if own is None:
        return {}
    services, told = names_of_services(outcome.summary), outcome.summary["own_rules"]["rules"]
    rules = []
    for fact, one in zip(told, own.rules, strict=True):
        terms = rule_terms(fact, services)
        rules.append(
            {
                "name": fact["name"],
                "terms": {"zh": terms.zh, "en": terms.en},
                "walk": None if one.walk == outcome.study.walk else walker(one.walk),
                **_limits(one, len(services)),
            }
        )
    return {"rules": rules, "whatif_off": _off(outcome, own)}


def _limits(one: OwnRule, count: int) -> dict[str, list[Any]]:
    """By service (K): the limit, whether it is the rule's own, and how many venues it wants."""
    limits, sets, wanted = np.full(count, NOT_ASKED), np.zeros(count, bool), np.ones(count, int)
    limits[one.asked] = one.rule.threshold_cs
    sets[one.asked] = one.sets_minutes
    wanted[one.asked] = [service.min_count for service in one.rule.pack.services]
    return {"limits": limits.tolist(), "sets": sets.tolist(), "min_count": wanted.tolist()}


def _off(outcome: Outcome, own: OwnRules) -> str:
    """The page finds the nearest venue alone, and keeps the doors of the study's own walk."""
    if any(service.min_count > 1 for one in own.rules for service in one.rule.pack.services):
        return "several"
    net = outcome.network
    closed = Impedance.of(net, outcome.study.walk).closed
    same = (np.array_equal(Impedance.of(net, one.walk).closed, closed) for one in own.rules)
    return "" if all(same) else "streets"
