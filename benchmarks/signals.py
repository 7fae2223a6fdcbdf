"""The scan for clusters of signals: false alarms, what it finds, and how long it takes.

`python benchmarks/signals.py [--quick]` prints two tables. Towns have 169 cells at random places
whose persons differ as those of communities do. Noise is of two kinds: signals thrown by persons
alone, and signals of cells that report unevenly (rates by a gamma distribution, half as wide as
high), without any cluster. Beside our scan stand the same scan with a Poisson null, which takes
every difference between cells for a cluster, and Getis and Ord's Gi* of esda on the rates, with 8
neighbours: raw, and with false discoveries bounded (Benjamini & Hochberg).
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from gusu_geo.assessment.signals.scan import ALPHA, SHARE_MAX, _bar, _observed, _windows, scan

CELLS, SIGNALS, PLANTED = 169, 9_723, 5
CV = 0.5
BIG = (10_000, 1_000)  # signals, cells of the timing
WANTED_S, WANTED_ALARMS = 10.0, 0.09


@dataclass(frozen=True, eq=False)
class Town:
    """xy, persons, counts of the cells, and which of them were planted."""

    xy: np.ndarray
    persons: np.ndarray
    count: np.ndarray
    planted: frozenset[int]


@dataclass
class Tally:
    """Runs in which anything was flagged, cells flagged, runs in which the planted were found."""

    alarms: int = 0
    cells: int = 0
    found: int = 0
    runs: int = field(default=0)

    def add(self, flagged: set[int], planted: frozenset[int]) -> None:
        """One run; found: most of the planted cells are flagged."""
        self.runs += 1
        self.alarms += bool(flagged)
        self.cells += len(flagged)
        self.found += 2 * len(flagged & planted) > len(planted) > 0


@cache
def town(seed: int, signals: int, *, uneven: bool, times: float = 1.0) -> Town:
    """A town; times: the planted cells' rate over that of others, 1 for none."""
    chance = np.random.default_rng(seed)
    xy = chance.uniform(0, 9_000, (CELLS, 2))
    persons = chance.lognormal(8, 0.5, CELLS)
    near = np.argsort(np.hypot(*(xy - xy[chance.integers(CELLS)]).T))[:PLANTED]
    rate = chance.gamma(1 / CV**2, CV**2, CELLS) if uneven else np.ones(CELLS)
    rate[near] *= times
    count = chance.multinomial(signals, persons * rate / (persons * rate).sum())
    return Town(xy, persons, count, frozenset(near.tolist()) if times > 1 else frozenset())


def ours(at: Town, runs: int) -> set[int]:
    """Cells in clusters of our scan."""
    clusters = scan(at.xy, at.count, at.persons, runs=runs).clusters
    return {cell for each in clusters for cell in each.cells}


def poisson_null(at: Town, _: int) -> set[int]:
    """Cells in windows of two cells and more beyond what thrown signals give in 95 % of runs."""
    total = int(at.count.sum())
    expected = at.persons * total / at.persons.sum()
    most = SHARE_MAX * total * (1 + 1e-9)
    windows = _windows(at.xy, expected, most)
    bar = _bar(windows, expected, total, most)
    seen = _observed(windows, at.count.astype(float), expected, most)
    taken: set[int] = set()
    for centre, last in seen.ranked:
        held = set(windows.order[centre, : last + 1].tolist())
        if seen.llr[centre, last] <= bar:
            break
        if last and not taken & held:
            taken |= held
    return taken


@cache
def gi_star(at: Town, runs: int) -> tuple[np.ndarray, np.ndarray]:
    """One-sided p of a high Gi* of each cell, 1 of a low one: of permutations, and of a normal
    distribution with their mean and spread (999 have no p as small as false discoveries demand)."""
    from esda import G_Local
    from libpysal.weights import KNN

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        near = KNN.from_array(at.xy, k=8)
        near.transform = "B"
        rate = at.count / at.persons
        found = G_Local(rate, near, transform="B", star=True, permutations=runs, seed=1)
    high = found.z_sim > 0
    return np.where(high, found.p_sim, 1.0), np.where(high, found.p_z_sim, 1.0)


def raw(at: Town, runs: int) -> set[int]:
    """Cells with p of 5 % and less."""
    return set(np.flatnonzero(gi_star(at, runs)[0] <= ALPHA).tolist())


def bounded(at: Town, runs: int) -> set[int]:
    """Cells of which 5 % are false at most (Benjamini & Hochberg 1995)."""
    p = gi_star(at, runs)[1]
    order = np.argsort(p)
    passed = np.flatnonzero(p[order] <= ALPHA * np.arange(1, CELLS + 1) / CELLS)
    return set(order[: passed[-1] + 1].tolist()) if len(passed) else set()


METHODS: dict[str, Callable[[Town, int], set[int]]] = {
    "gusu_geo": ours,
    "scan, Poisson null": poisson_null,
    "Gi* (esda), raw": raw,
    "Gi* (esda), FDR": bounded,
}


def tallied(
    name: str, towns: int, runs: int, signals: int, *, uneven: bool, times: float = 1.0
) -> Tally:
    """One method on towns of seeds 0, 1, ..."""
    tally = Tally()
    for seed in range(towns):
        at = town(seed, signals, uneven=uneven, times=times)
        tally.add(METHODS[name](at, runs), at.planted)
    return tally


def timed() -> None:
    """One scan of the large size, in this process."""
    chance = np.random.default_rng(1)
    signals, cells = BIG
    persons = chance.lognormal(7, 0.6, cells)
    count = chance.multinomial(signals, persons / persons.sum())
    scan(chance.uniform(0, 10_000, (cells, 2)), count, persons)


def fresh_s() -> tuple[float, float]:
    """Wall and CPU seconds of a fresh process with compiled code kept from the one before."""
    began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, __file__, "--one"], check=True)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return time.perf_counter() - began, cpu


def main() -> None:
    """Prints the tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="40 towns, 199 permutations")
    asked.add_argument("--one", action="store_true", help="one scan of the timing, nothing else")
    given = asked.parse_args()
    if given.one:
        timed()
        return
    from report import machine_line  # loads what the timing does without

    towns, runs = (40, 199) if given.quick else (200, 999)
    print(f"{machine_line()}; {towns} towns, {runs} permutations\n")
    print(f"| {CELLS} cells | even noise, {SIGNALS:,}: runs with an alarm, cells flagged "
          f"| uneven noise, {SIGNALS:,} | {PLANTED} cells doubled, 270: found | 2,400 "
          "| 2,400, uneven |\n|---|---|---|---|---|---|")  # fmt: skip
    for name in METHODS:
        cells = []
        for uneven in (False, True):
            noise = tallied(name, towns, runs, SIGNALS, uneven=uneven)
            cells.append(f"{noise.alarms / towns:.1%}, {noise.cells / towns:.1f}")
        for signals, uneven in ((270, False), (2_400, False), (2_400, True)):
            planted = tallied(name, towns, runs, signals, uneven=uneven, times=2.0)
            cells.append(f"{planted.found / towns:.0%}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    fresh_s()  # compiles
    wall, cpu = zip(*(fresh_s() for _ in range(3)), strict=True)
    print(f"\n{BIG[0]:,} signals x {BIG[1]:,} cells x 999 permutations, fresh process: "
          f"{min(wall):.1f} to {max(wall):.1f} s, {min(cpu):.1f} CPU s (wanted: {WANTED_S:g} s); "
          f"alarms wanted: {WANTED_ALARMS:.0%} at most")  # fmt: skip


if __name__ == "__main__":
    main()
