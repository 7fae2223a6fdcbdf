"""The judgement of a study: which residence reaches which service in time, as a frozen object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gusu_geo.assessment.rule import Rule, Verdict, judge, load_rule
from gusu_geo.assessment.walkable_city import CityLinks, Ground
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Study
from gusu_geo.tables import City
from gusu_geo.walking.access import AccessTable, measure
from gusu_geo.walking.linkage import Linked, Reason
from gusu_geo.walking.trips import Trips

if TYPE_CHECKING:  # whoever brings tables of her own loads no reader
    from gusu_geo.sources.holidays import DaysOff


@dataclass(frozen=True, eq=False)
class Judgement:
    """Every residence of a study judged on every service.

    links: of homes and venues to the streets; known (K,): whether the data have linked venues of
    each of the rule's services, as passed to ``rule.judge``; days_off: of the study's own calendar.
    """

    study: Study
    city: City
    network: WalkNetwork
    links: CityLinks
    access: AccessTable
    verdict: Verdict
    known: tuple[bool, ...]
    days_off: DaysOff | None = None

    @property
    def rule(self) -> Rule:
        """The rule that the study was judged by."""
        return self.verdict.rule

    def __repr__(self) -> str:
        homes, services = self.verdict.state.shape
        return f"<Judgement of {self.study.name}: {homes:,} homes, {services} services>"


def rule_of(study: Study) -> Rule:
    """The rule a study judges by. Raises StudyError as ``load_rule``."""
    params = study.rule
    return load_rule(params.pack, minutes=params.minutes, mode=params.mode, root=study.root)


def judge_links(
    ground: Ground,
    trips: Trips,
    rule: Rule,
    links: CityLinks,
    *,
    known: Sequence[bool],
    offered: Sequence[str] | None = None,
) -> Judgement:
    """Times and verdicts for these trips; known (K,): as in ``rule.judge``; offered: as in
    ``access_of``."""
    access = access_of(ground, trips, links.homes, links.venues, offered)
    entered = links.entered
    possible = None if entered is None else access_of(ground, trips, links.homes, entered, offered)
    return Judgement(
        study=ground.study,
        city=ground.city,
        network=ground.network,
        links=links,
        access=access,
        verdict=judge(access, rule, known=known, possible=possible),
        known=tuple(known),
        days_off=ground.days_off,
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


def services_with_data(city: City, venues: Linked, rule: Rule) -> tuple[bool, ...]:
    """(K,) whether each service has data: the sources name venues of it (or are complete), and if
    they name any, at least one is linked to the streets.

    If no venue is linked the service counts as without data: the map lacks the way to it.
    """
    service = city.facilities.frame["service"].to_numpy(object)
    linked = venues.links.owner_reason(len(service)) == int(Reason.LINKED)
    unreachable = set(service) - set(service[linked])
    return tuple(city.facts["known"][s] and s not in unreachable for s in rule.services)
