"""A study judged after the changes of a scenario."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gusu_geo.assessment.outcome import Judged, Outcome
from gusu_geo.assessment.walkable_city import CityLinks, Ground, judge_links, link_all, rule_of
from gusu_geo.scenarios.apply import Changed
from gusu_geo.study.params import Study
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.linkage import Linked


def judge_changed(changed: Changed, ground: Ground, before: Outcome) -> Judged:
    """The study after the changes; ``ground`` and ``before`` are what it was without them."""
    after = changed.ground
    rule = rule_of(after.study)
    trips = after.trips()
    links = changed.links(_doors(ground, after.study, before))
    access, verdict = judge_links(after, trips, rule, links, known=before.known)
    return Judged(
        study=after.study, rule=rule, city=after.city, network=after.network, access=access,
        verdict=verdict, links=links.homes.links, venue_links=links.venues.links,
        known=before.known, closed=changed.venues.closed,
        entered_links=None if links.entered is None else links.entered.links,
    )  # fmt: skip


def _doors(ground: Ground, study: Study, before: Outcome) -> CityLinks:
    """Doors on the streets as they are, for people who walk as ``study`` says."""
    net = ground.network
    closed, then = (Impedance.of(net, one.walk).closed for one in (ground.study, study))
    if not np.array_equal(closed, then):
        return link_all(replace(ground, study=study), ground.trips(study.walk))
    homes, venues = before.access.residence_ids, before.access.facility_ids
    entered = before.entered_links
    return CityLinks(
        Linked(homes, before.links),
        Linked(venues, before.venue_links),
        None if entered is None else Linked(venues, entered),
    )
