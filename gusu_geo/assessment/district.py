"""What the district's own ledgers say beside the verdict: signals, capacity, pairs."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.pairing import pairing_facts
from gusu_geo.assessment.pairing_facts import PairingFacts
from gusu_geo.assessment.signal_facts import SignalFacts
from gusu_geo.assessment.staffed import Staffed
from gusu_geo.assessment.summary import Summary
from gusu_geo.assessment.walkable_city import Ground


@dataclass(frozen=True, eq=False)
class District:
    """What is said of each system; None where the study has no such ledger."""

    signals: SignalFacts | None = None
    capacity: Staffed | None = None
    pairing: PairingFacts | None = None

    def tell(self, summary: Summary) -> None:
        """Write the sections into the summary."""
        if self.signals is not None:
            summary["signals"] = self.signals
        if self.capacity is not None:
            summary["capacity"] = self.capacity.facts
        if self.pairing is not None:
            summary["pairing"] = self.pairing


NO_DISTRICT = District()


def district_of(ground: Ground, judgement: Judgement, zone_of: pd.DataFrame) -> District:
    """What the ledgers of the study say; zone_of: of each home, one column per level."""
    books = ground.city.books
    if not books and ground.study.capacity is None:
        return NO_DISTRICT
    params = ground.study.pairing
    pairing = None if params is None else pairing_facts(judgement, zone_of, params)
    return District(pairing=pairing)
