"""Key figures of a plan: plain persons, but for sums of weights, which are called so."""

from __future__ import annotations

from typing import Any

from gusu_geo.report.labels import heads
from gusu_geo.report.sheets import UNKNOWN_CELL
from gusu_geo.siting.plan_document import PlanDocument, weighted
from gusu_geo.words import Text, text


def proof_of(plan: PlanDocument, *, counted: bool) -> Text:
    """How far the plan is proven."""
    if plan["bound_persons"] is None:
        return text("plan.proof_none")
    if weighted(plan):
        if not plan["gap"]:
            return text("plan.proof_weighted_best")
        worth = heads(plan["objective_persons"], counted=counted)
        bound = heads(plan["bound_persons"], counted=counted)
        return text("plan.proof_weighted", persons=worth, bound=bound)
    if not plan["gap"]:
        return text("fact.proven_best")
    return text("plan.proof_bound", persons=heads(plan["bound_persons"], counted=counted))


def figures_of(plan: PlanDocument) -> dict[str, Any]:
    """Figures by the key of their name."""
    sure, gained = plan["gained_persons"]
    bound = UNKNOWN_CELL if plan["bound_persons"] is None else plan["bound_persons"]
    figures: dict[str, Any] = {"head.gain": gained, "plan.sure": sure}
    if "room" in plan and plan["room"]["asked"]:
        room = plan["room"]
        figures |= {"plan.lacked_venue": room["venue_persons"]}
        figures |= {"plan.lacked_room": room["room_persons"]}
        figures |= {"plan.full_today": room["full_persons"]}
    if weighted(plan):
        figures |= {"plan.weighted_sum": plan["objective_persons"], "plan.weighted_bound": bound}
    else:
        figures["plan.bound"] = bound
    figures["plan.unreachable"] = plan["unreachable_persons"]
    figures["plan.unlinked_persons"] = plan["unlinked_persons"]
    return figures
