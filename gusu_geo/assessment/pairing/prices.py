"""What bounds are worth, and who would rather have each other."""

from __future__ import annotations

import numpy as np

from gusu_geo.assessment.pairing.exchanges import Exchanges
from gusu_geo.assessment.pairing.fit import Sides
from gusu_geo.assessment.pairing.model import Pairing, PairingModel, in_points, in_units
from gusu_geo.assessment.pairing.stages import paired
from gusu_geo.assessment.pairing_facts import BlockingPair, BoundPrice
from gusu_geo.tables import Ints

LISTED = 200  # blocking pairs that are listed, the largest


def prices_of(exchanges: Exchanges, sides: Sides) -> list[BoundPrice]:
    """Both bounds of all communities at once, by solving again; then every bound by itself that is
    worth something, by the exact cost of one exchange."""
    pairing = exchanges.pairing
    model, communities = pairing.model, sides.communities
    found: list[BoundPrice] = []
    if model.zone_low.any():
        fewer = model.with_zones(np.maximum(model.zone_low - 1, 0), model.zone_high)
        found.append(_row("min", "", "", int(model.zone_low.max()), _gain(pairing, fewer)))
    tighter = model.with_zones(model.zone_low, model.zone_high - 1)
    possible = (tighter.zone_high >= tighter.zone_low).all()
    gain = _gain(pairing, tighter) if possible else None
    found.append(_row("max", "", "", int(model.zone_high.max()), gain))
    for at, (zone, name) in enumerate(zip(communities.ids, communities.names, strict=True)):
        price = exchanges.price_of_least(at)
        if price:
            found.append(_row("min", zone, name, int(model.zone_low[at]), price))
    for at, (zone, name) in enumerate(zip(communities.ids, communities.names, strict=True)):
        cost = exchanges.price_of_most(at)
        if cost:
            found.append(_row("max", zone, name, int(model.zone_high[at]), cost))
    for at, (key, body) in enumerate(sides.bodies["name"].items()):
        cost = exchanges.price_of_room(at)
        if cost:
            found.append(_row("most", str(key), str(body), int(model.body_high[at]), cost))
    return found


def _gain(pairing: Pairing, other: PairingModel) -> int | None:
    """What the value would gain in another model, at the same least fit."""
    again = paired(other, least=pairing.least)
    return None if again is None else again.value - pairing.value


def _row(kind: str, of: str, name: str, bound: int, price: int | None) -> BoundPrice:
    shown = None if price is None else in_points(price)
    return {"kind": kind, "of": of, "name": name, "bound": bound, "price": shown}


def blocking_of(pairing: Pairing, sides: Sides, per_km: float) -> tuple[list[BlockingPair], int]:
    """The blocking pairs that would gain most together, and how many there are."""
    model, chosen = pairing.model, pairing.chosen & ~pairing.model.kept
    kilometres = np.nan_to_num(sides.metres, nan=0.0) / 1000
    liked: Ints = model.fit - in_units(per_km * kilometres)
    most = np.iinfo(np.int64).max
    held = np.where(chosen, liked, most)
    own, theirs = held.min(axis=1, initial=most), held.min(axis=0, initial=most)
    free = model.above(None) & ~pairing.chosen
    blocking = free & (liked > own[:, None]) & (liked > theirs[None])
    bodies, zones = np.nonzero(blocking)
    gain_b, gain_z = liked[bodies, zones] - own[bodies], liked[bodies, zones] - theirs[zones]
    order = np.lexsort((zones, bodies, -(gain_b + gain_z)))[:LISTED]
    names = sides.bodies["name"]
    rows: list[BlockingPair] = [
        {
            "body": str(sides.bodies.index[bodies[at]]),
            "zone": sides.communities.ids[zones[at]],
            "name": str(names.iloc[bodies[at]]),
            "zone_name": sides.communities.names[zones[at]],
            "gain_body": in_points(gain_b[at]),
            "gain_zone": in_points(gain_z[at]),
        }
        for at in order.tolist()
    ]
    return rows, len(bodies)
