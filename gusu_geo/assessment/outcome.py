"""One run of a study: judgement, summary and survey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from gusu_geo.assessment.detours import Detours
from gusu_geo.assessment.district import NO_DISTRICT, District
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.moments import MomentTable
from gusu_geo.assessment.rule import Rule, Verdict
from gusu_geo.assessment.summary import Summary
from gusu_geo.assessment.tiers import Tiered
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Study
from gusu_geo.tables import City
from gusu_geo.walking.access import AccessTable


@dataclass(frozen=True, eq=False)
class Survey:
    """What a run shows in addition to the verdict: detours by residence, and layers in metres by
    name (missing links, service areas, uncovered ground)."""

    detours: Detours
    layers: Mapping[str, gpd.GeoDataFrame]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Everything a report may use: a judgement, its summary and its survey.

    zone_of: index residence id, one column of zone ids per level. compounds: in metres, with the
    status of each, see ``compounds.Gated``. survey: None if not requested; tiered: None where
    neither zones nor services have tiers; moments: None unless the study asks for any; district:
    what the district's own ledgers say.
    """

    judgement: Judgement
    zone_of: pd.DataFrame
    summary: Summary
    compounds: gpd.GeoDataFrame | None = None
    survey: Survey | None = None
    tiered: Tiered | None = None
    moments: MomentTable | None = None
    district: District = NO_DISTRICT

    def __repr__(self) -> str:
        return f"<Outcome of {self.study.name}: {len(self.zone_of):,} homes>"

    @property
    def study(self) -> Study:
        """The study that was judged."""
        return self.judgement.study

    @property
    def rule(self) -> Rule:
        """The rule that the study was judged by."""
        return self.judgement.rule

    @property
    def city(self) -> City:
        """The data read from the sources."""
        return self.judgement.city

    @property
    def network(self) -> WalkNetwork:
        """The streets."""
        return self.judgement.network

    @property
    def access(self) -> AccessTable:
        """Times and nearest venues."""
        return self.judgement.access

    @property
    def verdict(self) -> Verdict:
        """Which residence reaches which service in time."""
        return self.judgement.verdict

    @property
    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Frames written to results.gpkg unchanged, by name, in metres."""
        own = {} if self.compounds is None else {"compounds": self.compounds}
        return own | ({} if self.survey is None else dict(self.survey.layers))
