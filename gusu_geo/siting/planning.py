"""Where new venues would give the most people every service: a task, solved and told."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import pandas as pd

from gusu_geo.assessment.rule import Verdict
from gusu_geo.errors import StudyError
from gusu_geo.siting.infeasible import refuse
from gusu_geo.siting.plan import SitingPlan, passed_share
from gusu_geo.siting.plan_notes import excluded_services, plan_notes
from gusu_geo.siting.solver import Effort, Solution
from gusu_geo.siting.task import NO_WISHES, Task, task_of
from gusu_geo.siting.told import barred_places, changes_of, chosen_of, cost_of, stuck_of
from gusu_geo.siting.walkers import Walkers
from gusu_geo.study.siting import SitingParams
from gusu_geo.tables import Candidates, Residences, Vote
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.linkage import Linking, Reason
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text


def plan_sites(
    trips: Trips | Sequence[Walkers],
    residences: Residences,
    candidates: Candidates,
    access: AccessTable,
    verdict: Verdict,
    *,
    linking: Linking,
    effort: Effort,
    wishes: SitingParams = NO_WISHES,
    zone_of: pd.DataFrame | None = None,
) -> SitingPlan:
    """Up to ``effort.sites`` new venues, so that the most persons have all services with data.

    Existing venues count (``access`` and ``verdict`` of the same residences). The plan is for the
    union, also where the rule requires one-stop venues. trips: of all homes; where homes have rules
    of their own, as ``access`` and ``verdict`` have it, ``walkers_of`` the study, the pack's first.
    linking: that of the residences in ``access``. wishes: part [siting] of the study; zone_of: of
    each residence, as ``assessment.zones.assign`` gives it, where the wishes ask for zones.
    Raises StudyError: no candidate, none near a street, a candidate with a service that the rule
    does not know, tables of different residences; wishes that contradict each other or that no plan
    can meet.
    """
    started = time.monotonic()
    task = task_of(
        trips, residences, candidates, access, verdict,
        linking=linking, effort=effort, wishes=wishes, zone_of=zone_of,
    )  # fmt: skip
    return plan_of_task(task, task.solve(), started=started)


def plan_of_task(task: Task, found: Solution, *, started: float) -> SitingPlan:
    """The plan that solves a task; started: ``time.monotonic()`` when it was begun.

    Raises StudyError: no plan keeps to all wishes; no candidate may be used.
    """
    persons, verdict, effort, passed = task.persons, task.verdict, task.effort, task.passed
    stuck = stuck_of(task)
    if not found.feasible:
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
        "none-found": task.aims.bound_by and found.stopped and not found.opened.any(),
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
        notes=plan_notes(
            [part.rule for part in task.parts], verdict, found, counts, effort.services
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
