"""The judgement of a study: which residence reaches which service in time, as a frozen object.

Where homes have rules of their own, all are judged by each rule as by any other, and each keeps its
row of the one that is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.own_rules import COMMON, OwnRule, OwnRules, check_services, own_rules
from gusu_geo.assessment.rule import Rule, State, Verdict, judge, load_rule
from gusu_geo.assessment.walkable_city import CityLinks, Ground, link_all, link_fewer
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.catalog import with_tiers
from gusu_geo.study.params import RegionParams, Study, Walk
from gusu_geo.tables import City
from gusu_geo.walking.access import AccessTable, measure
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.linkage import Linked, Reason
from gusu_geo.walking.trips import Trips

if TYPE_CHECKING:  # whoever brings tables of her own loads no reader
    from gusu_geo.sources.holidays import DaysOff


@dataclass(frozen=True, eq=False)
class Judgement:
    """Every residence of a study judged on every service.

    links: of homes and venues to the streets; known (K,): whether the data have linked venues of
    each of the rule's services, as passed to ``rule.judge``. own, common: where homes have rules of
    their own, these, and the verdict on all by the pack's; then ``access`` and ``verdict`` have
    each home as its own rule judges it, and the links are those of the study's walk. possible: see
    ``rule.judge``. days_off: of the study's own calendar.
    """

    study: Study
    city: City
    network: WalkNetwork
    links: CityLinks
    access: AccessTable
    verdict: Verdict
    known: tuple[bool, ...]
    own: OwnRules | None = None
    common: Verdict | None = None
    possible: AccessTable | None = None
    days_off: DaysOff | None = None

    @property
    def rule(self) -> Rule:
        """The rule that the study was judged by; the pack's, where homes have rules of their
        own."""
        return self.verdict.rule

    def __repr__(self) -> str:
        homes, services = self.verdict.state.shape
        return f"<Judgement of {self.study.name}: {homes:,} homes, {services} services>"


def rule_of(study: Study) -> Rule:
    """The rule a study judges by.

    Raises StudyError as ``load_rule``; or tiers, norms or a rule of their own name a service that
    the pack does not have.
    """
    params = study.rule
    rule = load_rule(params.pack, minutes=params.minutes, mode=params.mode, root=study.root)
    check_services(params, rule.pack)
    if study.capacity is not None:
        study.capacity.check_norms(rule.services)
    if not params.tiers and params.nested is None:
        return rule
    return replace(rule, pack=with_tiers(rule.pack, params.tier_words(), params.nested))


Relink = Callable[[Walk], CityLinks]  # links for a walk to which other streets may be closed


def judge_links(
    ground: Ground,
    trips: Trips,
    rule: Rule,
    links: CityLinks,
    *,
    known: Sequence[bool],
    offered: Sequence[str] | None = None,
    relink: Relink | None = None,
) -> Judgement:
    """Times and verdicts for these trips, and by each home's own rule where the study has any.

    known (K,): as in ``rule.judge``; offered: as in ``access_of``; relink: links for other
    profiles, default: ``relinked``.
    """
    own = own_rules(ground.study, ground.city, rule)
    judgement = judge_alike(ground, trips, rule, links, known=known, offered=offered)
    if own is None:
        return judgement
    parts, tables = [judgement], {_search_of(own.rules[COMMON]): judgement}
    for one in own.rules[1:]:
        same = tables.get(_search_of(one))
        part = judged_by(ground, judgement, one, offered=offered, relink=relink, measured=same)
        tables.setdefault(_search_of(one), part)
        parts.append(part)
    return _each_by_its_own(judgement, own, parts)


def judge_alike(
    ground: Ground,
    trips: Trips | None,
    rule: Rule,
    links: CityLinks,
    *,
    known: Sequence[bool],
    offered: Sequence[str] | None = None,
    measured: Judgement | None = None,
) -> Judgement:
    """Times and verdicts by one rule for all homes. measured: a judgement with the same times; then
    no trips are needed."""
    entered, possible = links.entered, None
    if measured is not None:
        access, possible = measured.access, measured.possible
    else:
        trips = trips or ground.trips()
        access = access_of(ground, trips, links.homes, links.venues, offered)
        if entered is not None:
            possible = access_of(ground, trips, links.homes, entered, offered)
    return Judgement(
        study=ground.study,
        city=ground.city,
        network=ground.network,
        links=links,
        access=access,
        verdict=judge(access, rule, known=known, possible=possible),
        known=tuple(known),
        possible=possible,
        days_off=ground.days_off,
    )


def judged_by(
    ground: Ground,
    judgement: Judgement,
    one: OwnRule,
    *,
    offered: Sequence[str] | None = None,
    relink: Relink | None = None,
    measured: Judgement | None = None,
) -> Judgement:
    """All homes judged by one of the study's rules, on its own services alone.

    judgement: that of the study, for its links; the other arguments: see ``judge_links``.
    """
    here, known = ground_of(ground, one), [judgement.known[k] for k in one.asked]
    if measured is not None:
        return judge_alike(here, None, one.rule, measured.links, known=known, measured=measured)
    trips = here.trips()
    links = relink(one.walk) if relink else relinked(ground, trips, judgement.links)
    return judge_alike(here, trips, one.rule, links, known=known, offered=offered)


def rules_of(judgement: Judgement) -> OwnRules:
    """The rules of the homes; where the study has none of their own, the pack's for all."""
    if judgement.own is not None:
        return judgement.own
    whole = np.arange(len(judgement.rule.services))
    common = OwnRule(None, judgement.rule, judgement.study.walk, whole, np.ones(len(whole), bool))
    return OwnRules((common,), np.zeros(len(judgement.access.residence_ids), np.int64))


def ground_of(ground: Ground, one: OwnRule) -> Ground:
    """The ground for one of the study's rules: its walk, its services, and no other rules."""
    rule = ground.study.rule.model_copy(update={"override": ()})
    study = ground.study.model_copy(update={"walk": one.walk, "rule": rule})
    return replace(ground, study=study, pack=one.rule.pack)


def relinked(ground: Ground, trips: Trips, before: CityLinks) -> CityLinks:
    """Links for other trips. before: those for the trips of the study; points are linked again only
    if other streets are closed."""
    closed, here = Impedance.of(ground.network, ground.study.walk).closed, trips.pace.closed
    if np.array_equal(here, closed):
        return before
    if (here >= closed).all():
        return link_fewer(ground, trips, before)
    return link_all(ground, trips)


def _search_of(one: OwnRule) -> tuple[Any, ...]:
    """What decides the times that a rule compares."""
    wanted = tuple((service.id, service.min_count) for service in one.rule.pack.services)
    return one.walk.model_dump_json(), wanted


def _each_by_its_own(common: Judgement, own: OwnRules, parts: Sequence[Judgement]) -> Judgement:
    """The judgement with each home's row of its own rule; services that it does not ask for are
    "not asked", beyond the cutoff, without a venue."""
    access, verdict = common.access, common.verdict
    shape = verdict.state.shape
    times: dict[str, Any] = {
        "nearest_cs": np.full(shape, INF_CS, np.int32),
        "nearest_ix": np.full(shape, -1, np.int32),
        "counted_cs": np.full(shape, INF_CS, np.int32),
        "one_stop_cs": np.empty(shape[0], np.int32),
        "one_stop_ix": np.empty(shape[0], np.int32),
        "is_linked": np.empty(shape[0], bool),
        "reason": np.empty(shape[0], np.int8),
    }
    states: dict[str, Any] = {
        "state": np.full(shape, State.NOT_ASKED, np.int8),
        "slack_s": np.full(shape, np.nan),
        "residence_state": np.empty(shape[0], np.int8),
        "missing_count": np.zeros(shape[0], np.int64),
        "unknown_count": np.zeros(shape[0], np.int64),
        "one_stop_state": np.empty(shape[0], np.int8),
        "passed_known": np.zeros(shape[0], bool),
    }
    for number, (one, part) in enumerate(zip(own.rules, parts, strict=True)):
        here = own.homes(number)
        for arrays, source in ((times, part.access), (states, part.verdict)):
            for name, whole in arrays.items():
                place = np.ix_(here, one.asked) if whole.ndim == 2 else here
                whole[place] = getattr(source, name)[here]
    for array in (*times.values(), *states.values()):
        array.setflags(write=False)
    return replace(
        common,
        access=replace(access, **times),
        verdict=replace(verdict, **states),
        own=own,
        common=verdict,
    )


def access_of(
    ground: Ground,
    trips: Trips,
    homes: Linked,
    venues: Linked,
    offered: Sequence[str] | None = None,
) -> AccessTable:
    """The access table for these trips; offered (F,): the service of each facility, "" where
    it does not count; default: all count."""
    frame = ground.city.facilities.frame
    return measure(
        trips,
        homes,
        venues,
        service=frame["service"].tolist() if offered is None else offered,
        venue=frame["venue_id"].tolist(),
        min_count={service.id: service.min_count for service in ground.pack.services},
        cutoff_s=ground.study.rule.cutoff_minutes * 60,
    )


def services_with_data(
    city: City, venues: Linked, rule: Rule, region: RegionParams | None = None
) -> tuple[bool, ...]:
    """(K,) whether each service has data: the sources name venues of it (or are complete), and if
    they name any, at least one is linked to the streets.

    If no venue is linked the service counts as without data: the map lacks the way to it. region:
    that the study is a part of: what it has data of, its parts have.
    """
    if region is not None and region.known:
        return tuple(region.services.get(s, False) for s in rule.services)
    service = city.facilities.frame["service"].to_numpy(object)
    linked = venues.links.owner_reason(len(service)) == int(Reason.LINKED)
    unreachable = set(service) - set(service[linked])
    return tuple(city.facts["known"][s] and s not in unreachable for s in rule.services)
