"""A study judged after the changes of a scenario."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gusu_geo.assessment.judgement import Judgement, judge_links, rule_of
from gusu_geo.assessment.walkable_city import CityLinks, Ground, link_all
from gusu_geo.scenarios.apply import Changed
from gusu_geo.study.params import Walk
from gusu_geo.walking.impedance import Impedance


def judge_changed(changed: Changed, ground: Ground, before: Judgement) -> Judgement:
    """The judgement after the changes; ``ground`` and ``before``: without them."""
    after = changed.ground

    def links_for(walk: Walk) -> CityLinks:
        return changed.links(_doors(ground, walk, before))

    links, rule = links_for(after.study.walk), rule_of(after.study)
    return judge_links(after, after.trips(), rule, links, known=before.known, relink=links_for)


def _doors(ground: Ground, walk: Walk, before: Judgement) -> CityLinks:
    """Links on the unchanged streets, for this walk."""
    net = ground.network
    closed, then = (Impedance.of(net, one).closed for one in (ground.study.walk, walk))
    if np.array_equal(closed, then):
        return before.links
    study = ground.study.model_copy(update={"walk": walk})
    return link_all(replace(ground, study=study), ground.trips(walk))
