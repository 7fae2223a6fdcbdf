"""What the district's own ledgers ask of a plan: the weight of signals, and room in venues."""

from __future__ import annotations

import numpy as np

from gusu_geo.assessment.capacity.team_loads import counted_heads
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.signals.section import weights_of
from gusu_geo.assessment.staffed import Room
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.siting.asks import Asks, Crowded
from gusu_geo.words import text


def asks_of(ground: Ground, outcome: Outcome) -> Asks:
    """By the study's [signals], [capacity] and capacities of new venues.

    Raises StudyError: capacities of new venues without [capacity], or of an unknown service.
    """
    signals, params = outcome.district.signals, ground.study.signals
    crowded = _crowded(ground, outcome)
    if signals is None or params is None:
        return Asks(crowded=crowded)
    facts = signals
    return Asks(lambda a: weights_of(facts, outcome.zone_of, a), params.siting_weight, crowded)


def _crowded(ground: Ground, outcome: Outcome) -> Crowded | None:
    """Room in venues, None where nothing asks for it."""
    params, given = ground.study.capacity, ground.study.siting.service_capacity
    services = outcome.verdict.services
    for name in given:
        if name not in services:
            fix = nearest_name(name, services)
            raise StudyError(text("error.siting_service"), got=name, fix=fix)
    if params is None and given:
        raise StudyError(text("error.capacity_of_new"), fix=text("error.add_capacity"))
    staffed = outcome.district.capacity
    if params is None or staffed is None or not (params.siting or given):
        return None
    homes = outcome.city.residences.frame
    norms = [params.norms.get(service) for service in services]
    groups = [norm.of if norm else "persons" for norm in norms]
    plain = params.method == "2sfca"
    return Crowded(
        full=np.asarray(staffed.full == Room.FULL, bool),
        access=staffed.access,
        demand=np.column_stack([counted_heads(homes, group) for group in groups]),
        norm=np.array([norm.per_1000 if norm else np.nan for norm in norms], float),
        capacity=np.array([given.get(service, np.nan) for service in services], float),
        steps_s=params.steps,
        weights=(1.0,) * len(params.steps) if plain else params.weights,
        method=params.method,
        asked=params.siting,
    )
