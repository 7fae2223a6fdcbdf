"""What is reported of a solution: its sites in order, what they change, and what stays unmet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gusu_geo.assessment.rule import State
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.siting.demand import in_reach, supply
from gusu_geo.siting.plan import ChosenSite, ServiceChange, Unreached
from gusu_geo.siting.ranking import ranked
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task
from gusu_geo.siting.wanted import known_of
from gusu_geo.siting.wishes import Offered
from gusu_geo.tables import Bools
from gusu_geo.words import Text, text


def chosen_of(task: Task, found: Solution) -> tuple[ChosenSite, ...]:
    """The sites, each next one gaining most; of equal ones the first candidate."""
    frame = task.candidates.frame
    to_degrees = transformer(task.parts[0].trips.net.crs, WGS84)
    rows = np.flatnonzero(found.completed)  # no others are completed by fewer sites
    order = ranked(task.persons[rows], task.need[rows], [m[rows] for m in task.cover], found.offers)
    bare = np.flatnonzero(found.opened & ~found.offers.any(axis=1))  # had to be opened
    order += [(int(c), order[-1][1] if order else 0.0) for c in bare]
    chosen, before = [], 0.0
    for c, total in order:
        point = frame.geometry.iloc[c]
        lon, lat = to_degrees.transform(point.x, point.y)
        chosen.append(
            ChosenSite(
                candidate_id=str(frame.index[c]),
                name=str(frame["name"].iloc[c]),
                xy=(float(point.x), float(point.y)),
                lonlat=(float(lon), float(lat)),
                services=tuple(task.services[k] for k in np.flatnonzero(found.offers[c])),
                gained_persons=total - before,
                must=bool(task.rooms.terms.must[c]),
                **_told(frame, c),
            )
        )
        before = total
    return tuple(chosen)


def _told(frame: pd.DataFrame, c: int) -> dict[str, Any]:
    """What its source says of a site."""
    cost = float(frame["cost"].iloc[c]) if "cost" in frame else math.nan
    told: dict[str, Any] = {"cost": None if math.isnan(cost) else cost}
    for key in ("vote", "available", "heritage", "kind"):
        told[key] = str(frame[key].iloc[c]) if key in frame else ""
    return told


def changes_of(task: Task, found: Solution) -> tuple[ServiceChange, ...]:
    """Persons within reach of each service that has data and is asked for, before and after."""
    verdict, persons = task.verdict, task.persons
    before = (verdict.state == State.PASS) & ~task.room
    after = before | ((task.need > 0) & (supply(task.cover, found.offers) >= task.need))
    return tuple(
        ServiceChange(service, math.fsum(persons[before[:, k]]), math.fsum(persons[after[:, k]]))
        for k, service in enumerate(verdict.services)
        if verdict.service_state[k] == "known" and task.wanted[k]
    )


def cost_of(costs: Sequence[float | None], rooms: Offered, found: Solution) -> float | None:
    """What the plan costs; None where a site's cost is unknown."""
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs) or not costs:
        return None
    return math.fsum([*known, *rooms.terms.service_cost[found.offers].tolist()])


def short_of(task: Task) -> Bools:
    """(R,) homes that lack more venues of a service than candidates are in reach."""
    short = np.zeros(len(task.persons), bool)
    for k in range(len(task.services)):
        short |= in_reach(task.cover[k], task.rooms.allowed[:, k]) < task.need[:, k]
    return short


def stuck_of(task: Task, homes: Bools | None = None) -> tuple[Unreached, ...]:
    """Services of which some homes lack more venues than candidates are in reach, with their
    persons; most first. homes (R,): only of these."""
    found = []
    for k, service in enumerate(task.services):
        usable, cover = task.rooms.allowed[:, k], task.cover[k]
        short = in_reach(cover, usable) < task.need[:, k]
        if homes is not None:
            short &= homes
        if short.any():
            barred = short & (in_reach(cover, np.ones(len(usable), bool)) >= task.need[:, k])
            sums = (math.fsum(task.persons[rows]) for rows in (short, barred))
            found.append(Unreached(service, *sums))
    return tuple(sorted(found, key=lambda row: -row.persons))


def causes_of(
    task: Task, found: Solution, stuck: Sequence[Unreached], homes: Bools | None = None
) -> Text:
    """Why demand cannot be met: who is out of reach, of which services, and what bars them; stuck,
    homes: as of ``stuck_of``."""
    names = {each.id: each for each in task.verdict.rule.pack.services}
    persons, short = task.persons, short_of(task)
    if homes is not None:
        persons = np.where(homes, persons, 0.0)
    unlinked = math.fsum(persons[~task.access.is_linked])
    crowded = math.fsum(persons[found.unreachable & ~short])
    told = [row.told({"zh": names[row.service].zh, "en": names[row.service].en}) for row in stuck]
    parts = [text("siting_cause.services", services=tuple(told))] if told else []
    if any(row.barred_persons for row in stuck):
        parts.append(text("siting_cause.places", places=barred_places(task)))
    if crowded:
        parts.append(text("siting_cause.crowded", persons=crowded))
    if unlinked:
        parts.append(text("siting_cause.unlinked", persons=unlinked))
    total = math.fsum([math.fsum(persons[found.unreachable]), unlinked])
    whole = text("siting_cause.total", persons=total)
    for part in parts:
        whole = text("siting_cause.and", first=whole, then=part)
    return whole


def barred_places(task: Task) -> tuple[Text, ...]:
    """Why candidates may not be used, and how many."""
    rooms, never = task.rooms, task.candidates.frame.index.isin(list(task.wishes.never))
    usable = task.linked & ~rooms.refused & ~rooms.uncosted & ~never
    closed = ~rooms.allowed[:, task.wanted & known_of(task.verdict)]
    places = {
        "refused": rooms.refused,
        "uncosted": rooms.uncosted,
        "never": never,
        "unlinked": ~task.linked,
        "narrow": usable & closed.any(axis=1),
    }
    some = ((key, int(rows.sum())) for key, rows in places.items() if rows.any())
    return tuple(text(f"siting_barred.{key}", count=count) for key, count in some)
