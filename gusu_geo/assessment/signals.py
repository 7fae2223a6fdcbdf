"""Section ``signals``: what residents report, where, and whether gaps are asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gusu_geo.assessment.signal_facts import SignalFacts
from gusu_geo.tables import Floats


def weights_of(facts: SignalFacts, zone_of: pd.DataFrame, a: float) -> Floats:
    """Weights (R,) of homes for siting: 1 + a (relative - 1), where ``relative`` is the shrunk rate
    of the home's zone over that of all; 1 where that is unknown. a: from 0 (all 1) to 1.

    facts: whole, not as shown in public; zone_of: of each home, one column per level.
    """
    relative = {row["id"]: row["relative"] for row in facts["cells"]}
    known = {zone: value for zone, value in relative.items() if value is not None}
    zones = zone_of[facts["level"]].astype(str)
    times = np.array([known.get(zone, 1.0) for zone in zones], float)
    weights: Floats = 1.0 + a * (times - 1.0)
    return weights
