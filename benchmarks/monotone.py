"""Whether more of anything lengthens a walk on a real city.

`python benchmarks/monotone.py STUDY.toml` prints, for each addition, how many cells (home x
service) got longer and how many passes were lost.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace

import numpy as np

from gusu_geo.assessment.judgement import Judgement, judge_links
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground
from gusu_geo.pipeline.prepare import ground_on, prepare
from gusu_geo.scenarios.network_edits import edit_network


def told(name: str, was: Judgement, now: Judgement) -> None:
    """One line for one addition."""
    before, after = was.access.nearest_cs.astype(np.int64), now.access.nearest_cs.astype(np.int64)
    passed = was.verdict.state == State.PASS
    lost = passed & (now.verdict.state != State.PASS)
    print(f"{name}: {int((after > before).sum())} longer, {int((after < before).sum())} shorter, "
          f"{int(lost.sum())} of {int(passed.sum())} passes lost", flush=True)  # fmt: skip


def changed(ground: Ground, part: str, **values: object) -> Ground:
    """The ground with other keys in one part of its study."""
    own = getattr(ground.study, part).model_copy(update=values)
    return replace(ground, study=ground.study.model_copy(update={part: own}))


def main() -> None:
    """Compares the study as it is with one more of everything."""
    ground = prepare(sys.argv[1], out=tempfile.mkdtemp())
    judged = judge_ground(ground)
    opened = changed(ground, "network", gates="open").study
    told("all gates open", judged, judge_ground(ground_on(opened, ground.pack, ground.city)))
    minutes = (ground.study.rule.minutes or 15) + 1
    told("one more minute", judged, judge_ground(changed(ground, "rule", minutes=minutes)))
    shut = np.unique(ground.network.osm_node[(ground.network.node_flags & 1) != 0])
    linked = judged.links
    edited = edit_network(ground.network, gates=shut.tolist())
    links = replace(
        linked, homes=replace(linked.homes, links=edited.extend(linked.homes.links)),
        venues=replace(linked.venues, links=edited.extend(linked.venues.links)),
    )  # fmt: skip
    there = replace(ground, network=edited.network)
    told(f"{len(shut)} closed gates opened by a scenario", judged,
         judge_links(there, there.trips(), judged.rule, links, known=judged.known))  # fmt: skip


if __name__ == "__main__":
    main()
