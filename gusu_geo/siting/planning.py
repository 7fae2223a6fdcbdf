"""Where new venues would give the most people every service: a task, solved and told."""

from __future__ import annotations

import math
import time

from gusu_geo.errors import StudyError
from gusu_geo.siting.infeasible import refuse
from gusu_geo.siting.plan import SitingPlan, passed_share
from gusu_geo.siting.plan_notes import ask_notes, excluded_services, plan_notes
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task
from gusu_geo.siting.told import barred_places, changes_of, chosen_of, cost_of, stuck_of
from gusu_geo.tables import Vote
from gusu_geo.walking.linkage import Reason
from gusu_geo.words import text


def plan_sites(task: Task, found: Solution | None = None) -> SitingPlan:
    """The best plan for a task; found: its solution, if it is there.

    Raises StudyError: no plan keeps to all wishes, or none was found before the search was stopped;
    no candidate may be used.
    """
    started = time.monotonic()
    found = found or task.solve()
    persons, verdict, effort, passed = task.persons, task.verdict, task.effort, task.passed
    stuck = stuck_of(task)
    if not found.feasible or (task.aims.bound_by and found.stopped and not found.opened.any()):
        refuse(task, found, stuck)
    if not task.rooms.allowed.any():
        fix = text("error.widen_candidates")
        raise StudyError(text("error.no_usable", places=barred_places(task)), fix=fix)
    chosen = chosen_of(task, found)
    proven = found.bound_persons < math.inf
    gap = found.bound_persons - found.objective_persons
    unlinked = tuple(str(name) for name in task.places.ids[~task.linked])
    walled = int((task.unlinked_for == Reason.WALL).sum())
    counts = {
        "unlinked": len(unlinked) - walled,
        "walled": walled,
        "uncosted": int(task.rooms.uncosted.sum()),
        "refused": int(task.rooms.refused.sum()),
        "unvoted": sum(site.vote == Vote.OPEN for site in chosen),
    }
    return SitingPlan(
        chosen=chosen,
        objective_persons=found.objective_persons,
        bound_persons=found.bound_persons if proven else None,
        gap=None if not proven else gap / found.bound_persons if gap > 0 else 0.0,
        status=found.status,
        sites=effort.sites,
        services_per_site=effort.services_per_site,
        spacing_m=task.candidates.frame.attrs.get("spacing_m"),
        candidates=int(task.linked.sum()),
        before=passed_share(passed, persons),
        after=passed_share(passed | found.completed, persons),
        services=changes_of(task, found),
        gained_residence_ids=tuple(map(str, task.residences.frame.index[found.completed])),
        unreachable_persons=math.fsum(persons[found.unreachable]),
        unlinked_persons=math.fsum(persons[~task.access.is_linked]),
        excluded_services=excluded_services(verdict, effort.services),
        unlinked_candidate_ids=unlinked,
        notes=(
            *plan_notes(
                [part.rule for part in task.parts], verdict, found, counts, effort.services
            ),
            *ask_notes(task),
        ),
        run_time_s=time.monotonic() - started,
        gained_persons=(
            math.fsum(persons[found.completed & task.sure]),
            math.fsum(persons[found.completed]),
        ),
        certain=effort.certain,
        fewest=found.fewest,
        budget=effort.budget,
        cost=cost_of([site.cost for site in chosen], task.rooms, found),
        target=effort.target,
        least=found.least,
        unreachable_services=stuck,
        uncosted_candidates=counts["uncosted"],
        refused_candidates=counts["refused"],
        asked_services=effort.services,
        question=effort.question,
    )
