"""What the page holds by tier: whether a venue of it is in time of each home, where one must exist,
and the tier of each venue, by which the page judges again."""

from __future__ import annotations

from typing import Any

import numpy as np

from gusu_geo.assessment.establishment import tiers_of_venues
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.webmap.grid import Arrays
from gusu_geo.study.catalog import Service
from gusu_geo.study.tiers import TIERS, above
from gusu_geo.words import both


def tier_arrays(outcome: Outcome) -> Arrays:
    """tier_state (R, pairs): ``State`` of each home, in the order of ``tier_texts``; venue_tier
    (F,): position in ``TIERS``, -1 unknown."""
    pairs = _pairs(outcome)
    homes = len(outcome.verdict.residence_ids)
    state = np.empty((homes, len(pairs)), np.int8)
    if outcome.tiered is not None:
        for place, (service, tier) in enumerate(pairs):
            state[:, place] = outcome.tiered.state[service.id, tier]
    venues = outcome.city.facilities.frame.loc[outcome.access.facility_ids]
    position = {tier: place for place, tier in enumerate(TIERS)}
    tiers = [position.get(tier, -1) for tier in tiers_of_venues(venues)]
    return {"tier_state": state, "venue_tier": np.array(tiers, np.int64)}


def tier_texts(outcome: Outcome) -> dict[str, Any]:
    """Service and tier of each pair, and the tiers whose venues will do; names of all tiers."""
    pairs = [
        {
            "service": service.id,
            "tier": both(f"tier.{tier}"),
            "of": TIERS.index(tier),
            "accepts": [TIERS.index(one) for one in (above(tier) if service.nested else (tier,))],
        }
        for service, tier in _pairs(outcome)
    ]
    return {"tiers": pairs, "tier_names": [both(f"tier.{tier}") for tier in TIERS]}


def _pairs(outcome: Outcome) -> list[tuple[Service, str]]:
    """Services and the tiers at which each must exist, from the top."""
    if outcome.tiered is None:
        return []
    return [
        (service, tier)
        for tier in TIERS
        for service in outcome.rule.pack.services
        if tier in service.tier and (service.id, tier) in outcome.tiered.state
    ]
