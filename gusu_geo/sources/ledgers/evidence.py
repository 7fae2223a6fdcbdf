"""In which system are coordinates that nobody declared? Buildings and streets answer, or nobody.

Each of WGS 84, GCJ-02 and BD-09 is tried; its score is how many places fall within 15 m of a
building (corners of outlines: of a street). One wins only if its lead is larger than chance would
give; see ``docs/sources.md`` for how often that was right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gusu_geo.errors import SourceError
from gusu_geo.geometry import WGS84, local_crs, transformer
from gusu_geo.sources.ledgers.coordinates import HYPOTHESES, WGS, System, to_degrees
from gusu_geo.sources.ledgers.shifted import in_china
from gusu_geo.tables import Floats
from gusu_geo.words import Text, text

NEAR_M = 15.0
SAMPLE = 5_000  # places looked at, evenly spread over the file


@dataclass(frozen=True)
class Scores:
    """Places near a building or street, of ``tried``, for each of ``HYPOTHESES``."""

    near: tuple[int, int, int]
    tried: int

    @property
    def best(self) -> System:
        """The system with most places near; WGS 84 where it is not beaten."""
        return HYPOTHESES[int(np.argmax(self.near))]  # the first of equals

    @property
    def winner(self) -> System | None:
        """The best, if its lead over the second is larger than chance would give."""
        second, first = sorted(self.near)[-2:]
        return self.best if first - second >= 2 * np.sqrt(first + second + 1) else None

    def shown(self) -> Text:
        """The three scores as a text."""
        wgs, gcj, bd = self.near
        return text("fact.scores", wgs=wgs, gcj=gcj, bd=bd, tried=self.tried)


class Evidence:
    """What the OSM file knows of a city: shapes (degrees, WGS 84) near which places are true."""

    def __init__(self, shapes: Any) -> None:
        self._shapes = np.asarray(shapes, object)
        self._tree: shapely.STRtree | None = None
        self._way: Any = None

    def scores(self, lonlat: Floats) -> Scores | None:
        """Scores of places (P,2) as they stand; None outside China, where nothing is shifted."""
        known = lonlat[(np.abs(lonlat) <= 360).all(axis=1)]  # others are degrees of nothing
        if not len(known) or in_china(known).mean() < 0.5:
            return None
        known = known[:: max(1, len(known) // SAMPLE)]
        near = [self._near(to_degrees(known, system, "")) for system in HYPOTHESES]
        return Scores((near[0], near[1], near[2]), len(known))

    def _near(self, lonlat: Floats) -> int:
        if not len(self._shapes):
            return 0
        if self._tree is None:
            lon, lat = shapely.get_coordinates(shapely.centroid(self._shapes[:1]))[0]
            self._way = transformer(WGS84, local_crs(lon, lat))
            self._tree = shapely.STRtree(shapely.transform(self._shapes, self._metres))
        points = shapely.points(self._metres(lonlat))
        place, _ = self._tree.query(points, predicate="dwithin", distance=NEAR_M)
        return len(np.unique(place))

    def _metres(self, lonlat: Floats) -> Floats:
        return np.column_stack(self._way.transform(lonlat[:, 0], lonlat[:, 1]))


NO_EVIDENCE = Evidence(())


def believed(scores: Scores | None, spot: str, *, strict: bool = False) -> list[str]:
    """What must be told of coordinates that nobody declared, and are taken as WGS 84: reasons.

    strict: WGS 84 must win, not only be unbeaten. Raises SourceError: another system wins, or is
    best, or (strict) none wins.
    """
    if scores is None:
        return []
    if scores.winner not in (None, WGS):
        raise SourceError(
            text("error.other_system", system=scores.best.name, scores=scores.shown()),
            where=spot,
            fix=text("error.declare_system", crs=_key(scores.best)),
        )
    if scores.best is not WGS or (strict and scores.winner is None):
        unclear = text("error.system_unclear", scores=scores.shown())
        what = unclear if any(scores.near) else text("error.system_undeclared")
        raise SourceError(what, where=spot, fix=text("error.declare_some_system"))
    return [] if scores.near[0] > max(scores.near[1:]) else ["system_untested"]


def contradicted(scores: Scores | None, declared: System) -> bool:
    """Whether another system than the declared one wins."""
    if scores is None or declared not in HYPOTHESES:
        return False
    return scores.winner not in (None, declared)


def _key(system: System) -> str:
    return system.name.lower().replace("-", "").replace(" ", "")
