"""How long siting takes, on instances kept as files: the ground below a study changes.

    python benchmarks/siting.py [NAME ...]            measure every instance, or these
    python benchmarks/siting.py --make STUDY M FILE   keep a study's, candidates M metres apart

CPU seconds are of the whole solve: reductions, prices, starting plan, proof, fewest sites. "city"
is no file: 61,000 homes and 5,300 candidates in 12 quarters, invented from a seed. Peak memory is
that of the process, with Python and the instance.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from gusu_geo.siting.demand import demand_of
from gusu_geo.siting.solver import Effort, solve
from gusu_geo.siting.task import task_of
from gusu_geo.siting.terms import Terms
from gusu_geo.siting.walkers import walkers_of

FOLDER = Path(__file__).parent / "siting"
# Instance, sites, CPU seconds that are wanted and the gap that is allowed then.
CASES = (
    ("monaco", 1, 2, 0.0),
    ("monaco", 12, 10, 0.0),
    ("monaco-8-minutes", 5, 60, 0.0),
    ("las-palmas-250", 1, 2, 0.0),
    ("las-palmas-250", 10, 25, 0.0005),
    ("las-palmas-250", 20, 60, 0.01),
    ("city", 5, 120, 0.25),
)


def make(study: str, spacing_m: float, path: Path, minutes: float = 0.0) -> None:
    """Keep what ``solve`` is given, equal homes merged."""
    from gusu_geo.pipeline.assess import assess_ground
    from gusu_geo.pipeline.prepare import candidates_of, prepare
    from gusu_geo.study.study_file import open_study

    chosen = open_study(study)
    places = tuple(each.model_copy(update={"spacing_m": spacing_m}) for each in chosen.candidates)
    rule = chosen.rule.model_copy(update={"minutes": minutes}) if minutes else chosen.rule
    ground = prepare(chosen.model_copy(update={"candidates": places, "rule": rule}))
    outcome = assess_ground(ground)

    task = task_of(
        walkers_of(ground, outcome.judgement),
        ground.city.residences, candidates_of(ground), outcome.access, outcome.verdict,
        linking=ground.linking, effort=Effort(1),
    )  # fmt: skip
    save(path, task.persons, task.need, task.cover, task.rooms.allowed)


def save(path: Path, persons: Any, need: Any, cover: Any, allowed: Any) -> None:
    demand, _ = demand_of(persons, need, cover, allowed, len(allowed), None)
    np.savez_compressed(
        path, persons=demand.persons, group=demand.group.astype(np.int32),
        service=demand.service.astype(np.int8), need=demand.need.astype(np.int8),
        indptr=demand.cover.indptr.astype(np.int32),
        indices=demand.cover.indices.astype(np.int16), shape=allowed.shape,
    )  # fmt: skip


def load(path: Path) -> dict[str, Any]:
    """The arguments of ``solve``."""
    with np.load(path) as kept:
        part = {key: kept[key] for key in kept.files}
    candidates, services = part["shape"].tolist()
    need = np.zeros((len(part["persons"]), services), np.int64)
    need[part["group"], part["service"]] = part["need"]
    element = np.repeat(np.arange(len(part["group"])), np.diff(part["indptr"]))
    cover = []
    for k in range(services):
        at = part["service"][element] == k
        row, column = part["group"][element[at]], part["indices"][at].astype(np.int32)
        ones = np.ones(len(row), np.int32)
        cover.append(sparse.csr_array((ones, (row, column)), shape=(len(need), candidates)))
    terms = replace(Terms.none(candidates, services), alike=np.ones(candidates, bool))
    allowed = np.ones((candidates, services), bool)
    return {
        "persons": part["persons"], "need": need, "cover": cover, "allowed": allowed,
        "terms": terms,
    }  # fmt: skip


def city(homes: int = 61_000, candidates: int = 5_300, services: int = 10) -> dict[str, Any]:
    """The arguments of ``solve`` for homes and candidates around the centres of quarters, within
    1,200 m of each other in reach; a quarter of all needs are open: 30 million entries."""
    rng = np.random.default_rng(1)
    centre = rng.uniform(0, 10_000, (12, 2))
    home, site = (
        centre[rng.integers(0, 12, count)] + rng.normal(0, spread, (count, 2))
        for count, spread in ((homes, 1500), (candidates, 1700))
    )
    need = (rng.random((homes, services)) < 0.25).astype(np.int64)
    near = cKDTree(home).sparse_distance_matrix(cKDTree(site), 1200, output_type="coo_matrix")
    ones = np.ones(near.nnz, np.int32)
    cover = sparse.csr_array((ones, (near.row, near.col)), shape=(homes, candidates))
    return {
        "persons": rng.integers(1, 9, homes).astype(float), "need": need,
        "cover": [cover] * services, "allowed": np.ones((candidates, services), bool),
    }  # fmt: skip


def measure(names: list[str]) -> None:
    heads = ("sites", 6), ("persons", 10), ("bound", 10), ("gap", 8), ("CPU s", 8), ("wanted", 8)
    heads = *heads, ("MB", 7)
    print(f"{'instance':<18}" + "".join(f"{head:>{width}}" for head, width in heads))
    for name, sites, wanted_s, gap in CASES:
        if names and name not in names:
            continue
        task = city() if name == "city" else load(FOLDER / f"{name}.npz")
        began = time.process_time()
        found = solve(**task, effort=Effort(sites, 3))
        cpu_s = time.process_time() - began
        share = 1 - found.objective_persons / max(found.bound_persons, 1e-9)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        missed = "" if cpu_s <= wanted_s and share <= gap + 1e-9 else "  missed"
        print(
            f"{name:<18}{sites:>6}{found.objective_persons:>10,.0f}{found.bound_persons:>10,.0f}"
            f"{share:>8.2%}{cpu_s:>8.1f}{wanted_s:>8}{peak_mb:>7,.0f}{missed}  {found.status},"
            f" {found.opened.sum()} sites, {found.offers.sum()} services, fewest {found.fewest}",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(sys.argv[2], float(sys.argv[3]), Path(sys.argv[4]), *map(float, sys.argv[5:]))
    else:
        measure(sys.argv[1:])
