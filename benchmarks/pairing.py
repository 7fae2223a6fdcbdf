"""Pairs of a district made up at full size: 266 bodies, 169 communities.

    python benchmarks/pairing.py [--seeds 3]

Prints the CPU seconds of both stages, of the section of ``run``, and of ``pair`` with next best,
prices, blocking pairs and the curve; and how many communities are left without a body by the
assignment that has no lower bounds (each body to at most one, each community at most two, by fit
alone), and by greedy choice (the largest fit first). Nothing in the data is real.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from gusu_geo.assessment.pairing.exchanges import Exchanges
from gusu_geo.assessment.pairing.fit import Communities, Sides, model_of
from gusu_geo.assessment.pairing.flow import best_pairs
from gusu_geo.assessment.pairing.section import facts_of
from gusu_geo.assessment.pairing.stages import paired
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.district import BodySource, PairingParams

BODIES, CITY, COMMUNITIES, AREA_M = 266, 93, 169, 9_000.0


def made_up(seed: int) -> Sides:
    """Communities of 1,000 to 15,000 residents, who lack a quarter of the services; bodies with one
    to three functions; every tenth has none. Today's pairs: one community a body, at random."""
    rng = np.random.default_rng(seed)
    services = load_pack("gusu-1510").services
    persons = np.rint(rng.lognormal(8.4, 0.5, COMMUNITIES)).clip(1_000, 15_000)
    lacking = rng.beta(0.8, 2, (COMMUNITIES, len(services)))
    low = np.rint(lacking * persons[:, None])
    high = np.rint((lacking + (1 - lacking) * 0.1 * rng.random(lacking.shape)) * persons[:, None])
    covers = np.zeros((BODIES, len(services)), bool)
    for body in range(BODIES):
        count = int(rng.integers(1, 4)) if body % 10 else 0
        covers[body, rng.choice(len(services), count, replace=False)] = True
    places = rng.random((COMMUNITIES, 2)) * AREA_M
    own = rng.random((BODIES, 2)) * AREA_M
    today = np.zeros((BODIES, COMMUNITIES), bool)
    today[np.arange(BODIES), rng.integers(0, COMMUNITIES, BODIES)] = True
    ids = [f"{number:03}" for number in range(COMMUNITIES)]
    tiers = ["市" if body < CITY else "区" for body in range(BODIES)]
    names = [f"单位{body:03}" for body in range(BODIES)]
    functions = ["、".join(services[k].functions[0] for k in np.flatnonzero(row)) for row in covers]
    frame = pd.DataFrame({"name": names, "tier": tiers, "functions": functions, "most": 1})
    frame.index = pd.Index([f"b{body:03}" for body in range(BODIES)])
    between = own[:, None] - places[None]
    none = np.zeros(today.shape, bool)
    communities = Communities("社区", ids, ids, persons, low, high, places)
    metres = np.hypot(between[..., 0], between[..., 1])
    return Sides(frame, communities, covers, metres, today, none, none)


def bare_of_others(fit: np.ndarray) -> tuple[int, int]:
    """Communities without a body by assignment without lower bounds, and by greedy choice."""
    bodies, zones = fit.shape
    free = np.zeros(bodies, np.int64), np.ones(bodies, np.int64)
    none = np.zeros(zones, np.int64), np.full(zones, 2, np.int64)
    pairs = best_pairs(fit, fit > 0, free, none)
    assert pairs is not None
    taken, held = np.zeros(zones, int), np.zeros(bodies, bool)
    for at in np.argsort(-fit, axis=None, kind="stable"):
        body, zone = divmod(int(at), zones)
        if not held[body] and taken[zone] < 2 and fit[body, zone] > 0:
            held[body] = True
            taken[zone] += 1
    return int((~pairs.any(axis=0)).sum()), int((taken == 0).sum())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    params = PairingParams(bodies=BodySource(source="-"), switching=5, per_km=1)
    services = load_pack("gusu-1510").services
    for seed in range(parser.parse_args().seeds):
        sides = made_up(seed)
        begun = time.process_time()
        model = model_of(sides, sides.communities.low, params)
        best = paired(model)
        stages = time.process_time() - begun
        assert best is not None and Exchanges(best).proven
        begun = time.process_time()
        facts_of(sides, services, params)
        section = time.process_time() - begun
        begun = time.process_time()
        facts = facts_of(sides, services, params, full=True)
        full = time.process_time() - begun
        assigned, greedy = bare_of_others(model.fit)
        print(
            f"seed {seed}: two stages {stages:.2f} s, section of run {section:.2f} s, "
            f"pair {full:.2f} s; least {facts['least']:.1f}, value {facts['value']:.1f} "
            f"(today {facts['now_value']:.1f}, {len(facts['bare_now'])} bare), "
            f"{facts['changes']} new, {facts['uncertain']} uncertain, "
            f"{facts['blocking_count']} blocking; "
            f"bare by assignment {assigned}, by greedy {greedy}"
        )


if __name__ == "__main__":
    main()
