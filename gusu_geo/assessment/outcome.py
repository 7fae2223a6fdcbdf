"""Everything a report may draw on: one judged study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gusu_geo.assessment.rule import Rule, Verdict
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Study
from gusu_geo.tables import Bools, City
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.linkage import Linkage

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from gusu_geo.assessment.detours import Detours


@dataclass(frozen=True)
class Outcome:
    """One study from sources to verdict.

    zone_of: index residence id, one column of zone ids per level. summary: as summary.json.
    links: of residences; venue_links: of facilities; entered_links: of facilities as if those
    behind a wall without a known gate could be entered, None where there are none. known (K,):
    whether the data name venues of each of the rule's services, as the verdict was given it.
    layers: frames that go into results.gpkg as they are, by name, in metres.
    detour: how much longer ways on foot are than straight lines.
    """

    study: Study
    rule: Rule
    city: City
    network: WalkNetwork
    access: AccessTable
    verdict: Verdict
    zone_of: pd.DataFrame
    summary: dict[str, Any]
    links: Linkage
    venue_links: Linkage
    known: tuple[bool, ...]
    entered_links: Linkage | None = None
    detour: Detours | None = None
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A study judged after changes; fields as in ``Outcome``.

    closed (F,): facilities that a change closed; they keep their row, but have no door.
    """

    study: Study
    rule: Rule
    city: City
    network: WalkNetwork
    access: AccessTable
    verdict: Verdict
    links: Linkage
    venue_links: Linkage
    known: tuple[bool, ...]
    entered_links: Linkage | None
    closed: Bools
