"""What engines answer, and whether two answers are the same.

    nearest, stream, polygons, reading, siting: a list of arrays
    reach, coverage: Found

Distances are metres as float64 (infinite or left out beyond the limit) or whole centimetres as
int32 (the largest one: beyond the limit).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from case import LIMIT_M, Array, Case

TOLERANCE_M = 1.0  # a second at 1 m/s; one node of a count, one person of a plan


class Found(NamedTuple):
    """Pairs within the limit: positions of source and target, and the distance (NaN: not told)."""

    source: Array
    target: Array
    distance: Array


Answer = list[Array] | Found


def joined(parts: Iterable[tuple[Array, Array]]) -> Found:
    """One table from (targets, distances) of each source in turn."""
    found = list(parts)
    sources = np.repeat(np.arange(len(found)), [len(targets) for targets, _ in found])
    return Found(sources, *(np.concatenate(column) for column in zip(*found, strict=True)))


def to_residences(found: Found, case: Case) -> Found:
    """The pairs whose target is a residence, by position among the residences."""
    place = np.full(case.nodes, -1)
    place[case.residences] = np.arange(len(case.residences))
    keep = place[found.target] >= 0
    return Found(found.source[keep], place[found.target[keep]], found.distance[keep])


def save(answer: Answer, path: Path) -> None:
    parts = answer._asdict() if isinstance(answer, Found) else dict(_numbered(answer))
    with path.open("wb") as stream:
        np.savez(stream, **parts)


def load(path: Path) -> Answer:
    with np.load(path) as parts:
        arrays = {name: parts[name] for name in parts.files}
    if "source" in arrays:
        return Found(**arrays)
    return [arrays[name] for name, _ in _numbered(list(arrays.values()))]


def _numbered(arrays: list[Array]) -> list[tuple[str, Array]]:
    return [(f"a{place}", array) for place, array in enumerate(arrays)]


def part_of(answer: Answer, task: str, count: int) -> Answer:
    """The answer to the first units alone: services of ``nearest``, sources of the others."""
    if isinstance(answer, Found):
        keep = answer.source < count
        return Found(*(column[keep] for column in answer))
    return answer[:count] if task == "nearest" else [array[:count] for array in answer]


def differing(one: Answer, other: Answer) -> int:
    """How many answers differ by more than the tolerance.

    Within the tolerance of the limit, missing is no difference; a distance that is not told (NaN)
    is not compared; a pair told twice counts.
    """
    if isinstance(one, Found) and isinstance(other, Found):
        width = 1 + max((int(f.target.max()) for f in (one, other) if len(f.target)), default=0)
        keys = [f.source.astype(np.int64) * width + f.target for f in (one, other)]
        both = np.union1d(*keys)
        a, b = (np.full(len(both), np.inf) for _ in range(2))
        for values, key, found in zip((a, b), keys, (one, other), strict=True):
            values[np.searchsorted(both, key)] = metres(found.distance)
        repeated = sum(len(key) - len(np.unique(key)) for key in keys)
    elif isinstance(one, list) and isinstance(other, list):
        a, b = (np.concatenate([metres(np.asarray(x)) for x in many]) for many in (one, other))
        repeated = 0
    else:
        raise TypeError("answers to different tasks")
    told = ~(np.isnan(a) | np.isnan(b))
    missing = np.isinf(a) != np.isinf(b)
    near_limit = np.where(missing, np.minimum(a, b), 0) > LIMIT_M - TOLERANCE_M
    undetermined = np.isnan(a) & np.isinf(b) | np.isnan(b) & np.isinf(a)
    with np.errstate(invalid="ignore"):
        apart = told & ~missing & (np.abs(a - b) > TOLERANCE_M)
    return int((apart | (told & missing & ~near_limit) | undetermined).sum()) + repeated


def metres(distance: Array) -> Array:
    """Metres as float; our centimetres among them."""
    if distance.dtype != np.int32:
        return distance
    return np.where(distance == np.iinfo(np.int32).max, np.inf, distance / 100.0)


def multiple(mine: Answer, theirs: Answer) -> float:
    """Median of theirs as a multiple of ours, for answers that cannot be equal."""
    return float(np.median(np.concatenate(theirs) / np.maximum(np.concatenate(mine), 1e-9)))
