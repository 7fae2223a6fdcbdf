"""Which rule judges which home: the pack's, or one of ``[[rule.override]]``.

Of the rules that fit a home the one with most conditions counts, then type before ring before
level of zones. A home whose type or ring nobody knows fits no rule that asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from gusu_geo.assessment.rule import Rule
from gusu_geo.assessment.zones import COMPOUND, OUTSIDE, assign
from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.study.catalog import RulePack, Service
from gusu_geo.study.ledger import MARKS
from gusu_geo.study.overrides import Override, Where
from gusu_geo.study.params import RuleParams, Study, Walk
from gusu_geo.study.study_file import walk_with
from gusu_geo.tables import Bools, City, Ints
from gusu_geo.words import folded, text

COMMON = 0  # position of the pack's rule


@dataclass(frozen=True, eq=False)
class OwnRule:
    """One rule. where: whom it is for, None for the pack's; rule: with the services asked for and
    no others; walk: how these people walk; asked (K,): positions of its services in the pack;
    sets_minutes (K',): whether the limit of each is its own, and not that of the study.
    """

    where: Where | None
    rule: Rule
    walk: Walk
    asked: Ints
    sets_minutes: Bools


@dataclass(frozen=True, eq=False)
class OwnRules:
    """The rules of a study, the pack's first, and the one of each home: of_home (R,)."""

    rules: tuple[OwnRule, ...]
    of_home: Ints

    def homes(self, number: int) -> Bools:
        """(R,) the homes of one rule."""
        return np.asarray(self.of_home == number)


def own_rules(study: Study, city: City, common: Rule) -> OwnRules | None:
    """The rules and who is judged by which; None where all are judged by the pack's.

    Raises StudyError: a type, ring or level that no home has, an unknown service, two rules that
    fit one home.
    """
    overrides = study.rule.override
    if not overrides:
        return None
    check_services(study.rule, common.pack)
    whole = np.arange(len(common.services))
    usual = np.array([service.minutes is not None for service in common.pack.services], bool)
    rules = [OwnRule(None, common, study.walk, whole, usual)]
    rules += [_own(study, common, override) for override in overrides]
    return OwnRules(tuple(rules), _of_home(city, overrides))


def check_services(params: RuleParams, pack: RulePack) -> None:
    """Raises StudyError: an override asks for a service that the pack does not have."""
    for number, override in enumerate(params.override, start=1):
        for service in override.services or ():
            if service not in pack.service_ids:
                raise StudyError(
                    text("error.override_service", number=number, id=pack.id),
                    where="rule.override",
                    got=service,
                    fix=nearest_name(service, pack.service_ids),
                )


def _own(study: Study, common: Rule, override: Override) -> OwnRule:
    """The rule of an override, made from the pack's."""
    pack, named = common.pack, override.services
    asked = [k for k, key in enumerate(pack.service_ids) if named is None or key in named]
    services, limits, own = [], [], []
    for k in asked:
        service, limit_s = pack.services[k], common.threshold_s[k]
        keeps = named is None and service.minutes is not None
        if override.minutes is not None and not keeps:
            limit_s = 60.0 * override.minutes
        services.append(_counted(service, override))
        limits.append(limit_s)
        own.append(override.minutes is not None or service.minutes is not None)
    rule = replace(common, pack=replace(pack, services=tuple(services)), threshold_s=tuple(limits))
    walk = study.walk if override.profile is None else walk_with(study.walk, override.profile)
    return OwnRule(override.where, rule, walk, np.array(asked, np.int64), np.array(own, bool))


def _counted(service: Service, override: Override) -> Service:
    """The service with the number of venues that the override wants; its own stays unless named."""
    keeps = override.services is None and service.min_count > 1
    if override.min_count is None or keeps:
        return service
    return replace(service, min_count=override.min_count)


def _of_home(city: City, overrides: Sequence[Override]) -> Ints:
    """(R,) the rule of each home. Raises StudyError: see ``own_rules``."""
    homes = city.residences.frame
    zone_of = assign(city.zones, city.residences)
    if COMPOUND not in zone_of and "compound" in homes:
        zone_of[COMPOUND] = homes["compound"]
    fits = [
        _fits(override.where, number, homes, zone_of)
        for number, override in enumerate(overrides, start=1)
    ]
    _refuse_ties(overrides, fits, homes.index)
    of_home = np.full(len(homes), COMMON, np.int64)
    # The last written goes first.
    for i in sorted(range(len(overrides)), key=lambda i: overrides[i].where.rank):
        of_home[fits[i]] = i + 1
    return of_home


def _refuse_ties(overrides: Sequence[Override], fits: Sequence[Bools], ids: pd.Index) -> None:
    """Raises StudyError: two overrides of equal rank fit one home. The study is read without those
    of a common word; a home may lie in zones of two levels all the same."""
    for i, j in combinations(range(len(overrides)), 2):
        both = fits[i] & fits[j]
        if overrides[i].where.rank == overrides[j].where.rank and both.any():
            keys = overrides[i].where.keys
            raise StudyError(
                text("error.override_tie", first=i + 1, second=j + 1, keys=keys),
                where="rule.override",
                got=str(ids[both][0]),
            )


def _fits(where: Where, number: int, homes: pd.DataFrame, zone_of: pd.DataFrame) -> Bools:
    """(R,) the homes that meet every condition."""
    found = np.ones(len(homes), bool)
    for key in where.keys:
        held = np.zeros(len(homes), bool)
        for word in where.words(key):
            here = (
                _in_level(zone_of, word, number)
                if key == "level"
                else _has_mark(homes, key, word, number)
            )
            held |= here
        found &= held
    return found


def _in_level(zone_of: pd.DataFrame, word: str, number: int) -> Bools:
    """(R,) whether a home lies in a zone of the level."""
    levels = {folded(level): level for level in zone_of}
    if folded(word) not in levels:
        _nowhere(number, "level", word, list(map(str, levels.values())))
    return np.asarray(zone_of[levels[folded(word)]] != OUTSIDE, bool)


def _has_mark(homes: pd.DataFrame, key: str, word: str, number: int) -> Bools:
    """(R,) whether a home has this type or ring."""
    if key not in homes or not (homes[key] != "").any():
        raise StudyError(
            text("error.override_no_marks", header=MARKS[key]), where=f"rule.override {number}"
        )
    values = homes[key].to_numpy(object)
    plain = {value: folded(value) for value in set(values)}
    held = np.array([plain[value] == folded(word) for value in values], bool)
    if not held.any():
        _nowhere(number, key, word, [value for value in plain if value])
    return held


def _nowhere(number: int, key: str, word: str, known: list[str]) -> None:
    raise StudyError(
        text("error.override_nowhere", number=number, key=key),
        where="rule.override",
        got=word,
        fix=nearest_name(word, known),
    )
