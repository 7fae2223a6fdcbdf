"""What the district's own ledgers say beside the verdict: signals, capacity, pairs."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gusu_geo.assessment.capacity.section import staffed_of
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.pairing.fit import level_of
from gusu_geo.assessment.pairing.section import pairing_facts
from gusu_geo.assessment.pairing_facts import PairingFacts
from gusu_geo.assessment.signal_facts import SignalFacts
from gusu_geo.assessment.signals.section import signal_facts
from gusu_geo.assessment.signals.suppression import public_signals
from gusu_geo.assessment.staffed import Staffed
from gusu_geo.assessment.summary import Summary
from gusu_geo.assessment.suppression import LEAST_SHOWN
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import StudyError
from gusu_geo.study.district import PairingParams
from gusu_geo.words import note, text


@dataclass(frozen=True, eq=False)
class District:
    """What is said of each system; None where the study has no such ledger. signals: whole, as
    siting weighs by them; what may be shown stands in the summary."""

    signals: SignalFacts | None = None
    capacity: Staffed | None = None
    pairing: PairingFacts | None = None

    def tell(self, summary: Summary) -> None:
        """Write the sections into the summary."""
        if self.signals is not None:
            _tell_signals(self.signals, summary)
        if self.capacity is not None:
            summary["capacity"] = self.capacity.facts
            own = [each for each in self.capacity.notes if each not in summary["notes"]]
            summary["notes"] = [*summary["notes"], *own]
        if self.pairing is not None:
            summary["pairing"] = self.pairing


NO_DISTRICT = District()


def district_of(ground: Ground, judgement: Judgement, zone_of: pd.DataFrame) -> District:
    """What the ledgers of the study say; zone_of: of each home, one column per level."""
    books = ground.city.books
    if not books and ground.study.capacity is None:
        return NO_DISTRICT
    signals, params = signal_facts(judgement, zone_of), ground.study.pairing
    pairing = None if params is None else pairs_of(judgement, zone_of, params, signals)
    return District(signals, staffed_of(ground, judgement, zone_of), pairing)


def pairs_of(
    judgement: Judgement,
    zone_of: pd.DataFrame,
    params: PairingParams,
    signals: SignalFacts | None,
    *,
    full: bool = False,
) -> PairingFacts:
    """The pairs of bodies and communities; signals: of the study, whole. What is no internal draft
    shows, and goes by, those alone that its table of signals shows. Raises StudyError: as
    ``pairing_facts``, or pairs are to go by signals that are not counted by community."""
    same = signals is not None and signals["level"] == level_of(judgement.city, params.level)
    if params.signals and not same:
        raise StudyError(
            text("error.pairing_no_signals"),
            where="pairing.signals",
            got=params.signals,
            fix=text("error.pairing_give_signals"),
        )
    cells = None
    if signals is not None and same:
        internal = judgement.study.report.internal
        cells = (signals if internal else public_signals(signals))["cells"]
    return pairing_facts(judgement, zone_of, params, cells, full=full)


def _tell_signals(facts: SignalFacts, summary: Summary) -> None:
    """The section; without small counts where the result is no internal draft, and a note that says
    so."""
    internal = summary["report"]["internal"]
    summary["signals"] = facts if internal else public_signals(facts)
    if not internal and all(each["code"] != "small_counts" for each in summary["notes"]):
        summary["notes"] = [*summary["notes"], note("small_counts", least=LEAST_SHOWN)]
