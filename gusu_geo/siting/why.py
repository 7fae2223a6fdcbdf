"""Why these sites: what each one gains, what is lost without it, which places it completes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from gusu_geo.siting.losses import NEVER, effects_of
from gusu_geo.siting.next_sites import next_sites
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.sections import Complete, SiteWhy, Why
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task
from gusu_geo.tables import Floats, Ints

LISTED_PLACES = 20


@dataclass(frozen=True, eq=False)
class Places:
    """The compound or street of each home: home (R,) position in kind and name, -1 for none."""

    home: Ints
    kind: tuple[str, ...]
    name: tuple[str, ...]

    @classmethod
    def of(cls, keys: Iterable[tuple[str, str, str]]) -> Places:
        """keys: of each home kind, id and name; kind "" for none."""
        rows = list(keys)
        first = {key: number for number, key in enumerate(dict.fromkeys(k for k in rows if k[0]))}
        home = np.array([first.get(key, -1) for key in rows], np.int64)
        return cls(home, tuple(key[0] for key in first), tuple(key[2] for key in first))


def why_of(
    task: Task, found: Solution, plan: SitingPlan, places: Places, zone_names: Mapping[str, str]
) -> Why:
    """The section ``why`` of a plan; zone_names: by id, of the first level of ``task.zone_of``."""
    ids = task.candidates.frame.index
    order = ids.get_indexer([site.candidate_id for site in plan.chosen]).astype(np.int64)
    effects = effects_of(task.need, task.cover, found.offers, order)
    zone = _zones(task, zone_names)
    new = _newly(task, effects.turn, places)
    sites: list[SiteWhy] = []
    for number, site in enumerate(plan.chosen):
        cells = effects.lost[number]
        lost = np.unique(cells.row)
        here = [row for turn, row in new if turn == number]
        sites.append(
            {
                "candidate_id": site.candidate_id,
                "gained_persons": _persons(site.gained_persons),
                "lost_persons": _sum(task.persons[lost]),
                "by_service": {
                    task.services[k]: _sum(task.persons[cells.row[cells.service == k]])
                    for k in np.unique(cells.service)
                },
                "by_zone": _by_zone(task, zone, lost),
                "elders": _group(task, "elders", lost),
                "children": _group(task, "children", lost),
                "complete": here[:LISTED_PLACES],
                "complete_count": len(here),
            }
        )
    return {
        "sites": sites,
        "complete": [row for _, row in new[:LISTED_PLACES]],
        "complete_count": len(new),
        "next": next_sites(task, found, order, effects.cells),
    }


def _zones(task: Task, names: Mapping[str, str]) -> list[str]:
    """The name of the zone of each home (R,), its id where zones share a name; empty without."""
    if task.zone_of is None or not len(task.zone_of.columns):
        return []
    given = list(names.values())
    unlike = {key: name if given.count(name) == 1 else key for key, name in names.items()}
    return [unlike.get(str(key), str(key)) for key in task.zone_of.iloc[:, 0]]


def _by_zone(task: Task, zone: list[str], lost: Ints) -> dict[str, float]:
    """Persons of homes by zone, most first."""
    if not zone:
        return {}
    persons, homes = task.persons, dict[str, list[int]]()
    for r in lost.tolist():
        homes.setdefault(zone[r], []).append(r)
    sums = {name: _sum(persons[rows]) for name, rows in sorted(homes.items())}
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))


def _group(task: Task, name: str, homes: Ints) -> float | None:
    """Persons of a group in homes; None where the number is known of none of them."""
    frame = task.residences.frame
    if name not in frame:
        return None
    given = frame[name].to_numpy(float)[homes]
    return None if len(given) and np.isnan(given).all() else _sum(np.nan_to_num(given))


def _newly(task: Task, turn: Ints, places: Places) -> list[tuple[int, Complete]]:
    """The places that the plan completes, with the position of the last site that each needs; most
    persons gained first."""
    persons, before = task.persons, task.passed
    last = np.where(before, -1, turn)
    inside = places.home >= 0
    by_place = np.full(len(places.name), -1)
    np.maximum.at(by_place, places.home[inside], last[inside])
    found = list[tuple[int, Complete]]()
    for number in np.flatnonzero((by_place >= 0) & (by_place != NEVER)):
        homes = places.home == number
        gained = _sum(persons[homes & ~before])
        if not gained:  # nobody lives there
            continue
        row: Complete = {
            "kind": places.kind[number],
            "name": places.name[number],
            "persons": _sum(persons[homes]),
            "gained_persons": gained,
        }
        found.append((int(by_place[number]), row))
    return sorted(found, key=lambda pair: (-pair[1]["gained_persons"], pair[1]["name"]))


def _sum(values: Floats) -> float:
    return _persons(math.fsum(values))


def _persons(value: float) -> float:
    return round(value, 2)
