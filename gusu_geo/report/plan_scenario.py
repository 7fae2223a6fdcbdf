"""A plan as a scenario, which ``compare`` and the map open."""

from __future__ import annotations

from collections.abc import Collection

from gusu_geo.report.stamp import RUN_MARK
from gusu_geo.scenarios.scenario_file import AddVenue, Scenario
from gusu_geo.siting.plan import SitingPlan

PREFIX = "new-"  # before the id of a candidate that a venue has already
LONGEST = 150  # characters of an id, with room for prefixes


def scenario_of(plan: SitingPlan, study: str, name: str, taken: Collection[str]) -> Scenario:
    """The sites of a plan as new venues of the study, at the very place, by the ids of their
    candidates; taken: ids of venues and of their rows.

    The title ends with the run id, by which the file knows the plan. A site without a service, that
    had to be opened, is no venue.
    """
    changes = tuple(
        AddVenue(
            do="add_venue",
            id=_free(site.candidate_id[:LONGEST], site.services, taken),
            name=site.name[:1000],
            services=site.services,
            at=site.lonlat,
        )
        for site in plan.chosen
        if site.services
    )
    return Scenario(study, changes, title=f"{name}{RUN_MARK}{plan.run_id}", name=name)


def _free(wanted: str, services: Collection[str], taken: Collection[str]) -> str:
    """An id that neither a venue has nor a row of one."""
    used = set(taken)
    while wanted in used or any(f"{wanted}:{service}" in used for service in services):
        wanted = f"{PREFIX}{wanted}"
    return wanted
