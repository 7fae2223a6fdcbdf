"""Which venue should open longer: who would come to have a service if this one venue were open.

One venue and one change at a time: what it surely closes at an asked moment is open then; or, over
the week, on one day also at the hours that it keeps on another. Gains are [low, high] persons: low
had it surely not before (FAIL), high not surely (FAIL or unknown); both surely have it after, each
by its own rule. Gains of several venues do not add up. Venues of unknown hours are not listed: ask
them first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gusu_geo.assessment.hours import HOURS, Open
from gusu_geo.assessment.moments import MomentTable
from gusu_geo.assessment.rule import State
from gusu_geo.tables import Bools, Floats, Ints

DAY_HOURS = 24
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@dataclass(frozen=True)
class Longer:
    """A venue open longer. when: position of an asked moment, or a weekday; hours: of that day;
    gained: persons who come to have at least one of those services; all_known: persons who come to
    have all services with data; each [low, high]."""

    venue: int
    when: int | str
    hours: tuple[int, ...]
    gained: tuple[float, float]
    all_known: tuple[float, float]


def longer_hours(table: MomentTable, persons: Floats) -> list[Longer]:
    """Every change that gains anybody, the most persons first (low, then high); persons (R,)."""
    asked = len(table.timetable.at)
    missed = _missed(table)
    rows = []
    for venue in range(len(table.venue_ids)):
        offered = _offered(table, venue)
        for when, moments in _changes(table, offered, asked):
            row = _gain(table, moments, missed, persons)
            if row is not None:
                hours = (
                    tuple((m - asked) % DAY_HOURS for m in moments) if isinstance(when, str) else ()
                )
                rows.append(Longer(venue, when, hours, *row))
    order = {day: n for n, day in enumerate(WEEKDAYS)}

    def rank(row: Longer) -> tuple[object, ...]:
        at = row.when if isinstance(row.when, int) else asked + order[row.when]
        low, high = row.gained
        return (-low, -high, -row.all_known[0], -row.all_known[1], at, row.venue)

    return sorted(rows, key=rank)


_Offered = Sequence[tuple[int, int]]  # positions of a service, and of the venue within it


def _offered(table: MomentTable, venue: int) -> _Offered:
    found = []
    for k, service in enumerate(table.services):
        row = int(np.searchsorted(service.venue, venue))
        if row < len(service.venue) and service.venue[row] == venue:
            found.append((k, row))
    return found


def _changes(
    table: MomentTable, offered: _Offered, asked: int
) -> Iterator[tuple[int | str, Mapping[int, _Offered]]]:
    """When services of the venue could be open and surely are not: the change, and by moment which
    services."""
    for m in range(asked):
        shut = [(k, row) for k, row in offered if table.services[k].open[row, m] == Open.CLOSED]
        if shut:
            yield m, {m: shut}
    if not table.timetable.week:
        return
    weeks = {}
    for k, row in offered:
        states = table.services[k].open[row, asked : asked + HOURS].reshape(7, DAY_HOURS)
        weeks[k, row] = (states == Open.CLOSED) & (states == Open.OPEN).any(axis=0)
    for day, name in enumerate(WEEKDAYS):
        found = {
            asked + DAY_HOURS * day + hour: [one for one in offered if weeks[one][day, hour]]
            for hour in range(DAY_HOURS)
        }
        found = {m: shut for m, shut in found.items() if shut}
        if found:
            yield name, found


def _missed(table: MomentTable) -> dict[tuple[int, ...], Ints]:
    """(R,) number of services with data that are not surely met, by what is open."""
    found: dict[tuple[int, ...], Ints] = {}
    for m in range(len(table.moments)):
        key = table.key(m)
        if key not in found:
            pairs = zip(table.services, table.known.tolist(), strict=True)
            states = (service.at(m) for service, known in pairs if known)
            parts = ((state == State.FAIL) | (state == State.UNKNOWN) for state in states)
            found[key] = sum(parts, np.zeros(len(table.linked), np.int64))
    return found


def _gain(
    table: MomentTable,
    moments: Mapping[int, _Offered],
    missed: dict[tuple[int, ...], Ints],
    persons: Floats,
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Persons who come to have a service, and all with data, at one of the moments at least."""
    near = {one: _homes(table, *one) for shut in moments.values() for one in shut}
    homes = np.unique(np.concatenate(list(near.values())))
    if len(homes) == 0:
        return None
    gains = np.zeros((4, len(homes)), bool)
    done = set()
    for m, shut in moments.items():
        key = table.key(m)
        if (key, tuple(shut)) not in done:
            done.add((key, tuple(shut)))
            reached = [(one[0], near[one]) for one in shut]
            gains |= _gain_at(table, reached, homes, m, missed[key])
    if not gains[1].any():
        return None
    own = persons[homes]
    low, high, all_low, all_high = (round(float(own[gain].sum()), 2) for gain in gains)
    return (low, high), (all_low, all_high)


def _homes(table: MomentTable, k: int, row: int) -> Ints:
    """Homes that surely reach a venue in time, in order."""
    reach = table.services[k].sure
    return np.sort(reach.indices[reach.indptr[row] : reach.indptr[row + 1]])


def _gain_at(
    table: MomentTable,
    reached: Sequence[tuple[int, Ints]],
    homes: Ints,
    moment: int,
    missed: Ints,
) -> Bools:
    """(4, H) whether a home gains a service for sure, perhaps; all services for sure, perhaps."""
    gains = np.zeros((4, len(homes)), bool)
    more = np.zeros(len(homes), np.int64)
    for k, near in reached:
        service = table.services[k]
        before = service.at(moment)[near]
        enough = service.enough[near, service.column[moment]]
        met = (before != State.PASS) & (enough == table.wanted[near, k] - 1)
        at = np.searchsorted(homes, near)
        gains[0, at] |= met & (before == State.FAIL)
        gains[1, at] |= met
        if table.known[k]:
            more[at] += met
    whole = (missed[homes] > 0) & (more == missed[homes])
    gains[2] = whole & (table.known_state[homes, moment] == State.FAIL)
    gains[3] = whole
    return gains
