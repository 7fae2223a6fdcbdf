"""What the card of a home says by tier: whether a venue of it is in time, where one must exist."""

from __future__ import annotations

from typing import Any

import numpy as np

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.webmap.grid import Arrays
from gusu_geo.study.tiers import TIERS
from gusu_geo.words import both


def tier_arrays(outcome: Outcome) -> Arrays:
    """tier_state (R, pairs): ``State`` of each home, in the order of ``tier_texts``."""
    pairs = _pairs(outcome)
    homes = len(outcome.verdict.residence_ids)
    state = np.empty((homes, len(pairs)), np.int8)
    if outcome.tiered is not None:
        for place, pair in enumerate(pairs):
            state[:, place] = outcome.tiered.state[pair]
    return {"tier_state": state}


def tier_texts(outcome: Outcome) -> dict[str, Any]:
    """Service and tier of each pair."""
    pairs = _pairs(outcome)
    return {
        "tiers": [{"service": service, "tier": both(f"tier.{tier}")} for service, tier in pairs]
    }


def _pairs(outcome: Outcome) -> list[tuple[str, str]]:
    """Services and the tiers at which each must exist, from the top."""
    if outcome.tiered is None:
        return []
    return [
        (service.id, tier)
        for tier in TIERS
        for service in outcome.rule.pack.services
        if tier in service.tier and (service.id, tier) in outcome.tiered.state
    ]
