"""A study judged after the changes of a scenario."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gusu_geo.assessment.judgement import Judgement, judge_links, rule_of
from gusu_geo.assessment.walkable_city import CityLinks, Ground, link_all
from gusu_geo.scenarios.apply import Changed
from gusu_geo.study.params import Study
from gusu_geo.walking.impedance import Impedance


def judge_changed(changed: Changed, ground: Ground, before: Judgement) -> Judgement:
    """The judgement after the changes; ``ground`` and ``before``: without them."""
    after = changed.ground
    links = changed.links(_doors(ground, after.study, before))
    return judge_links(after, after.trips(), rule_of(after.study), links, known=before.known)


def _doors(ground: Ground, study: Study, before: Judgement) -> CityLinks:
    """Links on the unchanged streets, for the walking profile of ``study``."""
    net = ground.network
    closed, then = (Impedance.of(net, one.walk).closed for one in (ground.study, study))
    if np.array_equal(closed, then):
        return before.links
    return link_all(replace(ground, study=study), ground.trips(study.walk))
