"""Sites of a plan on the page: where each stands on the streets, so that the page can try it."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.plan_shown import PlanShown
from gusu_geo.tables import CandidateKind, Entrances, Floats
from gusu_geo.walking.doors import doors_of
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.linkage import Linking


def site_texts(outcome: Outcome, plan: PlanShown | None) -> list[dict[str, Any]]:
    """The sites, with ``on`` (edge, centimetres; None: no street is near) and ``leg_cm``, the leg
    off the street."""
    if plan is None or not plan.plan.chosen:
        return []
    net, study = outcome.network, outcome.study
    linking = plan.linking or Linking(study.network.snap_max_m, study.network.island_max_m)
    closed = Impedance.of(net, study.walk).closed
    points = Entrances.of_points(site_xy(plan))
    nearest = doors_of(net, points, linking, closed=closed).nearest_rows()
    return [
        site | {"on": None if edge < 0 else [edge, offset_cm], "leg_cm": leg_cm}
        for site, edge, offset_cm, leg_cm in zip(
            plan.sites(),
            nearest.edge_ix.tolist(),
            nearest.offset_cm.tolist(),
            nearest.leg_cm.tolist(),
            strict=True,
        )
    ]


def site_xy(plan: PlanShown | None) -> Floats:
    """(S,2) metres of the sites."""
    sites = () if plan is None else plan.plan.chosen
    return np.array([site.xy for site in sites], float).reshape(-1, 2)


def candidate_counts(plan: PlanShown | None) -> list[dict[str, Any]]:
    """How many places a plan chose from, by kind, in the order of ``CandidateKind``."""
    if plan is None or plan.candidates is None:
        return []
    frame = plan.candidates.frame
    kinds = list(frame["kind"]) if "kind" in frame else [""] * len(frame)
    known = [kind for kind in ("", *CandidateKind) if kind in kinds]
    return [{"kind": str(kind), "count": kinds.count(kind)} for kind in known]


def candidate_xy(plan: PlanShown | None) -> Floats:
    """(C,2) metres of the places that a plan chose from."""
    if plan is None or plan.candidates is None:
        return np.zeros((0, 2))
    return np.asarray(shapely.get_coordinates(plan.candidates.frame.geometry.to_numpy()))
