"""What the page shows beside the verdict: detours, missing links, uncovered ground."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gusu_geo.assessment.detours import CLASSES_PM
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.webmap.grid import Arrays, Grid

GAPS_SHOWN = 100  # missing links on the page; the tables hold all
SIMPLE_M = 1.0  # tolerance of the uncovered ground
SPECK_M2 = 100.0  # smaller spots and holes are left out


def survey_arrays(outcome: Outcome, grid: Grid, *, lite: bool = False) -> Arrays:
    """Detours by residence, missing links, uncovered ground by service; empty without a survey.

    lite: without uncovered ground.
    """
    return {
        **_detours(outcome),
        **_gaps(outcome, grid),
        **grid.polygons("bare", _uncovered(outcome, lite=lite)),
    }


def survey_texts(outcome: Outcome) -> dict[str, Any]:
    """The ring of the detours (None without a survey), what stands between missing links and why
    gains were not worked out, of one and of all ("" where they were)."""
    frame = _gap_frame(outcome)
    return {
        "detour": _ring(outcome),
        "gaps_why": _why(frame),
        "gaps": [
            {
                "between": gap.between,
                "why": gap.gains_missing,
                "names": [_street(gap.name_a), _street(gap.name_b)],
            }
            for gap in frame.itertuples()
        ],
    }


def _detours(outcome: Outcome) -> Arrays:
    """Per mille (R,), -1 where unknown; empty without a survey."""
    none = np.zeros(0, np.int64)
    found = None if outcome.survey is None else outcome.survey.detours
    return {
        "detour_pm": none if found is None else found.ratio_pm,
        "detour_beyond_pm": none if found is None else found.beyond_pm,
    }


def _ring(outcome: Outcome) -> dict[str, Any] | None:
    if outcome.survey is None:
        return None
    ring = outcome.survey.detours.ring
    return {
        "near_m": ring.near_m,
        "far_m": ring.far_m,
        "cutoff_m": ring.cutoff_m,
        "edges_pm": list(CLASSES_PM),
    }


def _gap_frame(outcome: Outcome) -> pd.DataFrame:
    """The first ``GAPS_SHOWN`` missing links, those that give most first."""
    found = outcome.layers.get("missing_links")
    return pd.DataFrame() if found is None else found.head(GAPS_SHOWN)


def _why(frame: pd.DataFrame) -> str:
    """Why no link shows persons who gain: of which kind the study is, or that there are none."""
    if len(frame) == 0:
        return ""
    kinds = set(frame["gains_missing"])
    if len(kinds) == 1 and kinds != {""}:
        return str(kinds.pop())
    return "" if (frame["gained_persons"] > 0).any() else "nobody"


def _gaps(outcome: Outcome, grid: Grid) -> Arrays:
    frame = _gap_frame(outcome)
    if len(frame) == 0:
        return {}
    ends = shapely.get_coordinates(frame.geometry.to_numpy()).reshape(-1, 2, 2)
    return {
        **grid.points("gap_a", ends[:, 0]),
        **grid.points("gap_b", ends[:, 1]),
        "gap_air_m": np.rint(frame["air_m"].to_numpy()).astype(np.int64),
        "gap_walk_m": np.rint(frame["walk_m"].to_numpy()).astype(np.int64),
        "gap_persons": frame["persons"].to_numpy(float),
        # -1: not worked out
        "gap_gained": frame["gained_persons"].fillna(-1).to_numpy(float),
        "gap_cells": frame["gained_service_persons"].fillna(-1).to_numpy(float),
        "gap_doors": frame["door_persons"].fillna(0).to_numpy(float),
        "gap_cut_off": frame["cut_off"].to_numpy(bool),
        "gap_levels": frame["levels"].to_numpy(bool),
    }


def _street(name: object) -> str:
    return "" if name is None else str(name)


def _uncovered(outcome: Outcome, *, lite: bool) -> npt.NDArray[np.object_]:
    """(K,) ground by service as it is drawn; None where it is unknown or empty."""
    found = outcome.layers.get("uncovered")
    if found is None or lite:
        return np.full(len(outcome.rule.services), None, object)
    shapes = found.geometry.reindex(list(outcome.rule.services))
    return np.array([_drawn(shape) for shape in shapes], object)


def _drawn(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """Simplified ring by ring: thirty times as fast as keeping rings from touching, which a picture
    does not need."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.area(parts) >= SPECK_M2]
    if len(parts) == 0:
        return None
    rings, part = shapely.get_rings(parts, return_index=True)
    shell = np.append(True, np.diff(part) > 0)
    seen = shell | (shapely.area(shapely.polygons(rings)) >= SPECK_M2)
    rings, part = rings[seen], part[seen]
    plain = shapely.simplify(rings, SIMPLE_M, preserve_topology=False)
    whole = shapely.get_num_coordinates(plain) >= 4
    drawn = np.asarray(shapely.polygons(np.where(whole, plain, rings), indices=part), object)
    return shapely.MultiPolygon(drawn.tolist())
