"""Both stages: the highest least fit by bisection, then the most worth above it."""

from __future__ import annotations

import numpy as np

from gusu_geo.assessment.pairing.flow import best_pairs, exists
from gusu_geo.assessment.pairing.model import Pairing, PairingModel
from gusu_geo.tables import Bools, Ints


def paired(model: PairingModel, *, least: int | None = None) -> Pairing | None:
    """The best pairs; least: the least fit that is asked for, default: the highest possible.

    Among pairings of the same worth it is one with the fewest changes of today's pairs. None: no
    pairs are within the bounds.
    """
    if least is None and not within(model, None):
        return None
    least = highest_least(model) if least is None else least
    chosen = most_worth(model, least)
    if chosen is None:
        return None
    return Pairing(model, chosen, least)


def within(model: PairingModel, least: int | None) -> bool:
    """Whether pairs with this least fit exist within the bounds."""
    body_low, body_high, zone_low, zone_high = model.rest()
    if (body_high < 0).any() or (zone_high < 0).any():
        return False
    return exists(model.above(least), (body_low, body_high), (zone_low, zone_high))


def highest_least(model: PairingModel) -> int | None:
    """Stage 1: the highest least fit, by bisection over the different fits (the bottleneck
    transportation problem; Garfinkel & Rao 1971). None where no pair counts."""
    levels = np.unique(model.fit[model.above(None) & model.counts])
    low, high = -1, len(levels) - 1  # position -1: nothing is asked for
    while low < high:
        middle = (low + high + 1) // 2
        if within(model, int(levels[middle])):
            low = middle
        else:
            high = middle - 1
    return int(levels[low]) if low >= 0 else None


def weights(model: PairingModel) -> tuple[Ints, int]:
    """(B,C) worth with a pair of today as the smallest part: what decides between equals; and how
    many parts make a unit."""
    parts = 2 * (min(int(model.body_high.sum()), int(model.zone_high.sum())) + 1)
    return model.worth * parts + model.today, parts


def most_worth(model: PairingModel, least: int | None) -> Bools | None:
    """Stage 2: (B,C) the pairs worth most above the least fit; None: there are none."""
    body_low, body_high, zone_low, zone_high = model.rest()
    if (body_high < 0).any() or (zone_high < 0).any():
        return None
    free = best_pairs(
        weights(model)[0], model.above(least), (body_low, body_high), (zone_low, zone_high)
    )
    return None if free is None else free | model.kept
