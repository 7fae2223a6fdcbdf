"""Zones on the page, level by level; compounds that have homes are the last level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import ZoneRow
from gusu_geo.assessment.zones import COMPOUND, OUTSIDE, by_compound
from gusu_geo.report.webmap.grid import Arrays, Grid
from gusu_geo.report.webmap.pinyin import spelled
from gusu_geo.tables import Ints


@dataclass(frozen=True, eq=False)
class ZoneLevels:
    """compounds: their sums, as the summary has those of zones; homes in none with id "". zones:
    columns level, zone_id, name, and geometry in metres, None where nobody drew it. home_zone
    (R, levels): position in ``zones``, -1 outside."""

    compounds: list[ZoneRow]
    zones: pd.DataFrame
    home_zone: Ints

    @classmethod
    def of(cls, outcome: Outcome) -> ZoneLevels:
        """The zones of an outcome; a level of zones named as that of compounds goes before them."""
        frame = outcome.city.zones.frame
        held = pd.DataFrame(
            {
                "level": frame["level"].astype(str),
                "zone_id": frame["zone_id"].astype(str),
                "name": frame["name"],
                "geometry": frame.geometry.to_numpy(),
            }
        )
        zone_of = outcome.zone_of.loc[outcome.access.residence_ids]
        compounds = by_compound(outcome.city.residences, outcome.verdict)
        if COMPOUND in zone_of:
            compounds = []
        if compounds:
            homes = outcome.city.residences.frame.loc[outcome.access.residence_ids]
            zone_of = zone_of.assign(**{COMPOUND: homes["compound"]})
            held = pd.concat([held, _outlines(outcome, compounds)], ignore_index=True)
        place = {key: at for at, key in enumerate(zip(held["level"], held["zone_id"], strict=True))}
        columns = [
            [place.get((str(level), str(zone_id)), -1) for zone_id in zone_of[level]]
            for level in zone_of.columns
        ]
        where = np.array(columns, np.int64).reshape(len(columns), len(zone_of)).T
        return cls(compounds, held, where)

    def arrays(self, grid: Grid) -> Arrays:
        """Outlines, and the zones of each home."""
        shapes: npt.NDArray[np.object_] = self.zones["geometry"].to_numpy(object)
        return {**grid.polygons("zone", shapes), "home_zone": self.home_zone}

    def texts(self) -> dict[str, Any]:
        """Sums of compounds, and level, id and spelling of each zone."""
        names = self.zones["name"].fillna("").astype(str).tolist()
        pairs = zip(self.zones["level"], self.zones["zone_id"], strict=True)
        return {
            "compounds": self.compounds,
            "zones": [{"level": level, "id": zone_id} for level, zone_id in pairs],
            "zones_spelled": spelled(names),
        }


def _outlines(outcome: Outcome, rows: list[ZoneRow]) -> pd.DataFrame:
    """The compounds of the rows, as of ``ZoneLevels.zones``."""
    frame = outcome.city.compounds
    drawn = dict(zip(frame["compound_id"].astype(str), frame.geometry, strict=True))
    inside = [row for row in rows if row["id"] != OUTSIDE]
    return pd.DataFrame(
        {
            "level": COMPOUND,
            "zone_id": [row["id"] for row in inside],
            "name": [row["name"] for row in inside],
            "geometry": pd.Series([drawn.get(row["id"]) for row in inside], dtype=object),
        }
    )
