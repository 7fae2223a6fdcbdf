"""Bodies of city and district paired with communities ("red whistle"), in two stages.

First the least fit of any pair is made as high as possible, so that no community is left with a
body that has nothing for it; then, above that, the sum of fit less distance and switching.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.pairing_bounds import refuse
from gusu_geo.assessment.pairing_curve import curve_of
from gusu_geo.assessment.pairing_facts import PairingFacts
from gusu_geo.assessment.pairing_fit import (
    Sides,
    communities_of,
    level_of,
    model_of,
    sides_of,
)
from gusu_geo.assessment.pairing_model import Pairing, in_points, in_units
from gusu_geo.assessment.pairing_prices import blocking_of, prices_of
from gusu_geo.assessment.pairing_stages import paired
from gusu_geo.assessment.pairing_told import Told
from gusu_geo.errors import StudyError
from gusu_geo.study.district import PairingParams
from gusu_geo.study.params import Study
from gusu_geo.tables import City, Floats
from gusu_geo.words import text


def pairing_facts(
    judgement: Judgement, zone_of: pd.DataFrame, params: PairingParams, *, full: bool = False
) -> PairingFacts:
    """The best pairs, and why; zone_of: of each home, one column per level; full: also what bounds
    are worth, who would rather have each other, and what fewer changes give.

    Raises StudyError: no such level, no bodies, or no pairs are within the bounds.
    """
    city, study = judgement.city, judgement.study
    services = judgement.rule.pack.services
    level = level_of(city, params.level)
    communities = communities_of(city, judgement.verdict, zone_of, level)
    sides = sides_of(city, services, communities)
    if not len(sides.bodies):
        raise StudyError(text("error.pairing_nobody"), where="pairing.bodies")
    best = _best(sides, communities.low, params)
    told = Told(
        sides,
        services,
        params,
        best,
        high=_best(sides, communities.high, params),
        projects=city.books.get("projects"),
        signals=_signals(city, study, level),
        public=not study.report.internal,
    )
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


def _signals(city: City, study: Study, level: str) -> dict[str, int] | None:
    """Signals by zone, if they are counted by the zones that are paired; None: they are not."""
    signals = city.books.get("signals")
    if signals is None or study.signals is None or level_of(city, study.signals.level) != level:
        return None
    return dict(Counter(map(str, signals["zone"])))


def _facts(told: Told) -> PairingFacts:
    sides, best, params = told.sides, told.best, told.params
    rows = told.pair_rows()
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
        "least": _least(best),
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


def _least(best: Pairing) -> float | None:
    """The least fit of the chosen pairs that count."""
    model = best.model
    fits = model.fit[best.chosen & model.counts & ~model.kept]
    return in_points(fits.min()) if len(fits) else None


def _of_today(told: Told) -> tuple[float | None, float | None]:
    """The least fit that counts of today's pairs, and what they are worth together."""
    today, model = told.sides.today, told.best.model
    if today is None or not today.any():
        return None, None
    kilometres = np.nan_to_num(told.sides.metres, nan=0.0) / 1000
    liked = model.fit - in_units(told.params.per_km * kilometres)
    fits = model.fit[today & model.counts]
    return in_points(fits.min()) if len(fits) else None, in_points(liked[today].sum())
