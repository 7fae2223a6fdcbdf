"""Candidate sites from a ledger of idle spaces (闲置用房台账)."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from shapely import Geometry

from gusu_geo.errors import SourceError, shortened
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.parts import DOUBTS, doubts_of
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.readings import reading
from gusu_geo.sources.services import services_in
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import Study
from gusu_geo.tables import Candidates, Entrances, Reading
from gusu_geo.words import text


def read_candidates(study: Study, pack: RulePack, crs: CRS) -> Candidates:
    """Rows of ``study.candidates.source`` as candidates in ``crs``; ``attrs`` of their frame: see
    ``parts.doubts_of``.

    The service column lists the services that a space may hold; an empty cell, or no such
    column, allows all. Raises SourceError: invalid file, repeated id, unknown service.
    """
    params = study.candidates
    where = f"candidates {shortened(params.source)}"
    points = read_points(
        path_of(study, params.source, "candidates"),
        crs=params.crs,
        columns=params.columns,
        where=where,
        services=lambda cell, row: services_in(cell, pack, row) if cell.strip() else (),
    ).to_crs(crs)
    if not points.index.is_unique:
        twice = points.index[points.index.duplicated()][0]
        raise SourceError(text("error.id_twice"), where=where, got=twice)
    blank = pd.Series("", points.index)
    services = list(map(tuple, points.get("service", [()] * len(points))))
    names = points.get("name", blank)
    frame = gpd.GeoDataFrame(
        {"name": names.astype(str), "services": services},
        index=points.index.astype(str),
        geometry=points.geometry,
        crs=crs,
    )
    frame.attrs = {DOUBTS: doubts_of(points)}
    return Candidates(frame, Entrances.of_points(shapely.get_coordinates(frame.geometry)))


def candidate_reading(source: str | Path, candidates: Candidates, area: Geometry) -> Reading:
    """What became of the rows of a file: all are used, those outside of the area are doubted."""
    frame = candidates.frame
    inside = shapely.intersects(area, frame.geometry.to_numpy())
    return reading(
        Path(source).name,
        "candidates",
        read=len(frame),
        used=len(frame),
        doubted={**doubts_of(frame), "outside": frame.index[~inside].tolist()},
    )
