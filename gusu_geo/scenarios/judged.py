"""A study judged after the changes of a scenario."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from gusu_geo.assessment.establishment import tiers_asked
from gusu_geo.assessment.judgement import Judgement, Relink, judge_links, rule_of
from gusu_geo.assessment.tiers import Tiered, judge_tiers
from gusu_geo.assessment.walkable_city import CityLinks, Ground, link_all
from gusu_geo.scenarios.apply import Changed
from gusu_geo.study.params import Walk
from gusu_geo.tables import City
from gusu_geo.walking.impedance import Impedance


def judge_changed(changed: Changed, ground: Ground, before: Judgement) -> Judgement:
    """The judgement after the changes; ``ground`` and ``before``: without them."""
    after, links_for = changed.ground, _relink(changed, ground, before)
    links, rule = links_for(after.study.walk), rule_of(after.study)
    return judge_links(after, after.trips(), rule, links, known=before.known, relink=links_for)


def judge_tiers_of_both(
    changed: Changed, ground: Ground, before: Judgement, after: Judgement, zone_of: pd.DataFrame
) -> tuple[Tiered, Tiered] | None:
    """What is said by tier before and after the changes, of the same services and tiers; None where
    the study has no tiers. The other arguments: see ``judge_changed``, ``judge_tiers``."""
    city = _without_closed(changed)
    there, then = replace(changed.ground, city=city), replace(after, city=city)
    keys = {*tiers_asked(before), *tiers_asked(then)}
    first = judge_tiers(ground, before, zone_of, keys=keys)
    if first is None:
        return None
    relink = _relink(changed, ground, before)
    second = judge_tiers(there, then, zone_of, keys=keys, relink=relink)
    return None if second is None else (first, second)


def _without_closed(changed: Changed) -> City:
    """The city after the changes; venues that they closed keep their row and offer nothing."""
    city, closed = changed.ground.city, changed.venues.closed
    frame = city.facilities.frame
    offered = frame.assign(service=np.where(closed, "", frame["service"]).astype(object))
    return replace(city, facilities=replace(city.facilities, frame=offered))


def _relink(changed: Changed, ground: Ground, before: Judgement) -> Relink:
    def links_for(walk: Walk) -> CityLinks:
        return changed.links(_doors(ground, walk, before))

    return links_for


def _doors(ground: Ground, walk: Walk, before: Judgement) -> CityLinks:
    """Links on the unchanged streets, for this walk."""
    net = ground.network
    closed, then = (Impedance.of(net, one).closed for one in (ground.study.walk, walk))
    if np.array_equal(closed, then):
        return before.links
    study = ground.study.model_copy(update={"walk": walk})
    return link_all(replace(ground, study=study), ground.trips(walk))
