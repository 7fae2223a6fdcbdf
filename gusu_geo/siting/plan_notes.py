"""What readers of a plan must know, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gusu_geo.assessment.rule import Rule, Verdict
from gusu_geo.siting.room import bound_by
from gusu_geo.siting.wanted import known_of
from gusu_geo.study.catalog import names_of
from gusu_geo.tables import Bools, Note
from gusu_geo.words import note

if TYPE_CHECKING:
    from gusu_geo.siting.solver import Solution  # loads HiGHS
    from gusu_geo.siting.task import Task


def excluded_services(verdict: Verdict, asked: Sequence[str] | None = None) -> tuple[str, ...]:
    """Services left out of the plan, of those asked for (None: all): without a venue in the data,
    or without a linked one."""
    states = zip(verdict.services, verdict.service_state, strict=True)
    without = (service for service, state in states if state != "known")
    return tuple(service for service in without if asked is None or service in asked)


def plan_notes(
    rules: Sequence[Rule],
    verdict: Verdict,
    found: Solution,
    counts: Mapping[str, int],
    asked: Sequence[str] | None = None,
) -> tuple[Note, ...]:
    """Notes for readers of the plan, in both languages; counts: of candidates that are left out
    ("unlinked", "walled", "uncosted", "refused") and of sites without a vote ("unvoted"); asked:
    services, None: all."""
    rule = verdict.rule
    names = {service.id: service for service in rule.pack.services}
    excluded = [names[service] for service in excluded_services(verdict, asked)]
    wanted = [service for each in rules for service in each.pack.services if service.min_count > 2]
    wanted = [service for service in wanted if asked is None or service.id in asked]
    many = [names[key] for key in dict.fromkeys(service.id for service in wanted)]
    notes = []
    if asked is not None:
        notes.append(note("siting-services", services=names_of([names[key] for key in asked])))
    if excluded:
        notes.append(note("siting-no-data", services=names_of(excluded)))
    if found.status == "time limit":
        notes.append(note("siting-time-limit"))
    elif found.status == "work limit":
        notes.append(note("siting-work-limit"))
    elif found.status == "fast":
        notes.append(note("siting-fast"))
    if rule.mode == "one_stop":
        notes.append(note("siting-union"))
    if many:
        notes.append(note("siting-careful", services=names_of(many)))
    left_out = [
        note("siting-unlinked", count=counts["unlinked"]),
        note("siting-walled", count=counts["walled"]),
        note("siting-uncosted", count=counts["uncosted"]),
        note("siting-refused", count=counts["refused"]),
        note("siting-unvoted", count=counts["unvoted"]),
    ]
    notes += [one for one in left_out if counts[one["code"].removeprefix("siting-")]]
    return tuple(notes)


def ask_notes(task: Task) -> tuple[Note, ...]:
    """Notes on what the district's ledgers ask."""
    pack, crowded = task.verdict.rule.pack, task.asks.crowded
    notes, share = [], task.asks.weight(task.effort.signals)
    if share:
        notes.append(note("siting-signals", share=share))
    if crowded is not None and crowded.asked:
        notes.append(note("siting-room"))
        bound, unbound = bound_by(crowded, task.wanted & known_of(task.verdict))

        def names(some: Bools) -> tuple[dict[str, str], ...]:
            return names_of([one for one, has in zip(pack.services, some, strict=True) if has])

        if bound.any():
            notes.append(note("siting-room-bound", services=names(bound)))
        if unbound.any():
            notes.append(note("siting-room-unbound", services=names(unbound)))
        if not (bound | unbound).any():
            notes.append(note("siting-room-none"))
    return tuple(notes)
