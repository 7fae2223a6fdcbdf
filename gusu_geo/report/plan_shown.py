"""A plan as the map shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.plan_document import weighted
from gusu_geo.siting.sections import SiteWhy
from gusu_geo.tables import Candidates
from gusu_geo.walking.linkage import Linking

PLACES_SHOWN = 5


@dataclass(frozen=True, eq=False)
class PlanShown:
    """A plan, and what a reader of the map must know of it.

    candidates: the places it was chosen from, and linking: how they reach streets, where they are
    at hand. suggested: nobody asked for
    it; it is the best single new point that ``run`` adds. old: made on other data or settings than
    the map's.
    """

    plan: SitingPlan
    candidates: Candidates | None = None
    linking: Linking | None = None
    suggested: bool = False
    old: bool = False

    def facts(self) -> dict[str, Any]:
        """Plain numbers of the plan, as in ``plan.json``, and how it came about; "weighted" where
        what was maximised is no plain persons."""
        whole: Mapping[str, Any] = self.plan.to_dict()
        kept = ["status", "objective_persons", "bound_persons", "gap", "gained_persons"]
        kept += ["before", "after", "asked_services"]
        origin = {"suggested": self.suggested, "old": self.old}
        more = {"weighted": True} if weighted(whole) else {}
        return origin | {key: whole[key] for key in kept} | more

    def sites(self) -> list[dict[str, Any]]:
        """Its sites, in the order of their gains."""
        keys = {"candidate_id": "id", "name": "name", "services": "services"}
        keys |= {"gained_persons": "gained_persons", "lonlat": "lonlat", "kind": "kind"}
        whole: Mapping[str, Any] = self.plan.to_dict()
        why = [_why(site) for site in whole["why"]["sites"]] if whole["why"] else []
        return [
            {short: site[key] for key, short in keys.items()} | {"why": why[i] if why else None}
            for i, site in enumerate(whole["chosen"])
        ]


def _why(site: SiteWhy) -> dict[str, Any]:
    """What the card of a site says of it."""
    shown = [
        {"name": place["name"], "gained_persons": place["gained_persons"]}
        for place in site["complete"][:PLACES_SHOWN]
    ]
    return {
        "lost_persons": site["lost_persons"],
        "complete": shown,
        "complete_count": site["complete_count"],
    }
