"""Candidate sites from a ledger of idle spaces (闲置用房台账)."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from shapely import Geometry

from gusu_geo.errors import SourceError, shortened
from gusu_geo.sources.idle_rooms import terms_of
from gusu_geo.sources.ledgers.account import ledger_account
from gusu_geo.sources.ledgers.evidence import NO_EVIDENCE, Evidence
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.points import LEDGER, LedgerFacts, read_points
from gusu_geo.sources.readings import reading
from gusu_geo.sources.services import services_in
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import CandidateParams, Study
from gusu_geo.tables import Candidates, Entrances, LedgerAccount, Reading, RejectedRow
from gusu_geo.words import text


def read_candidates(
    study: Study,
    params: CandidateParams,
    pack: RulePack,
    crs: CRS,
    evidence: Evidence | None = None,
) -> Candidates:
    """Rows of the file ``params.source`` as candidates in ``crs``; ``attrs`` of their frame
    hold its ``LedgerFacts``.

    The service column lists the services that a space may hold; an empty cell, or no such
    column, allows all. Cost, area, vote and limits: see ``idle_rooms``. Raises SourceError:
    invalid file, repeated id, unknown service, negative cost or area.
    """
    where = f"candidates {shortened(params.source)}"
    ledger = read_points(
        path_of(study, params.source, where),
        params,
        where=where,
        services=lambda cell, row: services_in(cell, pack, row) if cell.strip() else (),
        evidence=evidence or NO_EVIDENCE,
    )
    points = ledger.frame.to_crs(crs)
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
    told, doubted = terms_of(points, params.cost, where)
    frame[list(told)] = told
    facts = ledger.facts()
    frame.attrs = {LEDGER: facts._replace(doubted={**facts.doubted, **doubted})}
    return Candidates(frame, Entrances.of_points(shapely.get_coordinates(frame.geometry)))


def candidate_account(
    source: str | Path, candidates: Candidates
) -> tuple[LedgerAccount, list[RejectedRow]]:
    """How the file of candidates was understood, and its rejected rows."""
    facts = LedgerFacts(*candidates.frame.attrs[LEDGER])
    return ledger_account(Path(source).name, "candidates", facts), facts.rejected


def candidate_reading(source: str | Path, candidates: Candidates, area: Geometry) -> Reading:
    """What became of the rows of a file: all are used, those outside of the area are doubted."""
    frame = candidates.frame
    ledger = LedgerFacts(*frame.attrs[LEDGER])
    inside = shapely.intersects(area, frame.geometry.to_numpy())
    return reading(
        Path(source).name,
        "candidates",
        read=ledger.read,
        used=len(frame),
        left_out=ledger.left_out,
        doubted={**ledger.doubted, "outside": frame.index[~inside].tolist()},
    )
