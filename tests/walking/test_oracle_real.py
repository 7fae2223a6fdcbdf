"""Every residence x service of real cities against networkx in floating point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import oracle
import pytest

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.judgement import access_of
from gusu_geo.assessment.walkable_city import Ground, link_city


@pytest.mark.parametrize("name", ["monaco", "nanjing", "beijing", "vegueta"])
def test_times_and_verdicts_equal_networkx(name: str, city_of: Callable[[str], Ground]) -> None:
    ground = city_of(name)
    walk, city = ground.study.walk, ground.city
    homes, venues = link_city(ground, ground.trips())
    table = access_of(ground, ground.trips(), homes, venues)
    links = {
        "home": (homes.links, city.residences.entrances),
        "facility": (venues.links, city.facilities.entrances),
    }
    graph = oracle.walk_graph(ground.network, walk, links)
    offered = city.facilities.frame["service"].to_numpy(object)
    threshold_s = 900.0
    compared = 0
    few = 5 if len(homes.ids) > 5_000 else 1  # networkx needs two seconds for a service there
    for k, service in list(enumerate(table.services))[::few]:
        wanted = oracle.nearest(
            graph, np.flatnonzero(offered == service).tolist(), len(homes.ids), table.cutoff_s + 2
        )
        got = np.where(table.nearest_cs[:, k] == INF_CS, np.inf, table.nearest_cs[:, k] / 100)
        # within a second of the cutoff either side may stop first
        clear = np.abs(wanted - table.cutoff_s) > 1
        assert np.array_equal(np.isfinite(got[clear]), wanted[clear] <= table.cutoff_s)
        both = np.isfinite(got) & np.isfinite(wanted)
        assert np.abs(got[both] - wanted[both]).max(initial=0) < 1.0
        sure = np.abs(wanted - threshold_s) > 1
        assert np.array_equal((got <= threshold_s)[sure], (wanted <= threshold_s)[sure])
        compared += int(both.sum())
    assert compared > len(homes.ids)
