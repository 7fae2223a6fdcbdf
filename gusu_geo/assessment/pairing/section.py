"""Bodies of city and district paired with communities ("red whistle"), in two stages.

First the least fit of any pair is made as high as possible, so that no community is left with a
body that has nothing for it; then, above that, the sum of fit less distance and switching.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.pairing.bounds import refuse
from gusu_geo.assessment.pairing.curve import curve_of
from gusu_geo.assessment.pairing.fit import (
    Sides,
    communities_of,
    level_of,
    model_of,
    sides_of,
    weights_of,
)
from gusu_geo.assessment.pairing.model import Pairing, in_points, in_units, least_of
from gusu_geo.assessment.pairing.prices import blocking_of, prices_of
from gusu_geo.assessment.pairing.stages import paired
from gusu_geo.assessment.pairing.told import Told
from gusu_geo.assessment.pairing_facts import PairingFacts
from gusu_geo.assessment.signal_facts import SignalCell
from gusu_geo.errors import StudyError
from gusu_geo.study.catalog import Service
from gusu_geo.study.district import PairingParams
from gusu_geo.tables import Floats
from gusu_geo.words import text


def pairing_facts(
    judgement: Judgement,
    zone_of: pd.DataFrame,
    params: PairingParams,
    cells: list[SignalCell] | None = None,
    *,
    full: bool = False,
) -> PairingFacts:
    """The best pairs, and why; zone_of: of each home, one column per level; cells: signals by
    community, None where they are not counted so; full: also what bounds are worth, who would
    rather have each other, and what fewer changes give.

    Raises StudyError: no such level, no bodies, or no pairs are within the bounds.
    """
    city, services = judgement.city, judgement.rule.pack.services
    level = level_of(city, params.level)
    sides = sides_of(city, services, communities_of(city, judgement.verdict, zone_of, level))
    if not len(sides.bodies):
        raise StudyError(text("error.pairing_nobody"), where="pairing.bodies")
    return facts_of(
        sides,
        services,
        params,
        projects=city.books.get("projects"),
        cells=cells,
        public=not judgement.study.report.internal,
        full=full,
    )


def facts_of(
    sides: Sides,
    services: tuple[Service, ...],
    params: PairingParams,
    *,
    projects: pd.DataFrame | None = None,
    cells: list[SignalCell] | None = None,
    public: bool = False,
    full: bool = False,
) -> PairingFacts:
    """The same for bodies and communities; see ``Told``."""
    weight = weights_of(sides.communities, cells, params.signals)
    best = _best(sides, sides.communities.low * weight, params)
    high = _best(sides, sides.communities.high * weight, params)
    signals = None if cells is None else {cell["id"]: cell["signals"] for cell in cells}
    told = Told(sides, services, params, best, high, projects, signals, public)
    facts = _facts(told)
    if full:
        facts["prices"] = prices_of(told.exchanges, sides)
        facts["blocking"], facts["blocking_count"] = blocking_of(best, sides, params.per_km)
        facts["curve"] = [] if sides.today is None else curve_of(best)
    return facts


def _best(sides: Sides, need: Floats, params: PairingParams) -> Pairing:
    model = model_of(sides, need, params)
    best = paired(model)
    if best is None:
        raise refuse(model, sides)
    return best


def _facts(told: Told) -> PairingFacts:
    sides, best, params = told.sides, told.best, told.params
    rows, least = told.pair_rows(), least_of(best.model, best.chosen)
    zones = sides.communities.ids
    now_least, now_value = _of_today(told)
    today = sides.today
    bare = [] if today is None else [zones[at] for at in np.flatnonzero(~today.any(axis=0))]
    stays = int((best.chosen & best.model.today).sum())
    return {
        "level": sides.communities.level,
        "bodies": len(sides.bodies),
        "communities": len(zones),
        "min": params.min,
        "max": params.max,
        "switching": params.switching,
        "per_km": params.per_km,
        "signals": params.signals,
        "least": None if least is None else in_points(least),
        "value": in_points(best.value),
        "now_least": now_least,
        "now_value": now_value,
        "kept": stays,
        "changes": best.changes,
        "proven": told.exchanges.proven,
        "bare_now": bare,
        "without_functions": [
            str(key)
            for key, covers in zip(sides.bodies.index, sides.covers, strict=True)
            if not covers.any()
        ],
        "pairs": rows,
        "needs": told.needs(),
        "listed": told.bodies(),
        "uncertain": sum(row["uncertain"] for row in rows),
    }


def _of_today(told: Told) -> tuple[float | None, float | None]:
    """The least fit that counts of today's pairs, and what they are worth together."""
    today, model = told.sides.today, told.best.model
    if today is None or not today.any():
        return None, None
    kilometres = np.nan_to_num(told.sides.metres, nan=0.0) / 1000
    liked = model.fit - in_units(told.params.per_km * kilometres)
    fits = model.fit[today & model.counts]
    return in_points(fits.min()) if len(fits) else None, in_points(liked[today].sum())
