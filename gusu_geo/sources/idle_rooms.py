"""What a ledger of idle rooms says besides the place: cost, area, vote, availability, heritage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gusu_geo.errors import SourceError, shortened
from gusu_geo.sources.ledgers.cells import SHOWN_LETTERS, numbers_in
from gusu_geo.tables import CandidateKind, Candidates, Entrances, Vote
from gusu_geo.words import folded, text

NOTHING = frozenset(("", "无", "否", "-", "—", "/", "none", "no"))
_OPEN = ("未表决", "待表决", "未投票", "表决中", "公示中", "open", "pending")
_REFUSED = ("未通过", "不通过", "没通过", "否决", "不同意", "refused", "rejected")
_PASSED = ("不需表决", "无需表决", "免表决", "通过", "同意", "passed", "approved", "yes")


def terms_of(
    rows: pd.DataFrame, cost: float | None, where: str
) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """cost, area_m2 (NaN unknown), vote, available, heritage and street of each row, and the ids of
    rows of which a cell could not be understood, by reason. cost: of rows without one.

    Raises SourceError: a cost or an area below 0.
    """
    doubted: dict[str, list[str]] = {}
    told = pd.DataFrame(index=rows.index.astype(str))
    for key in ("cost", "area_m2"):
        told[key] = _numbers(rows, key, doubted, where)
    if cost is not None:
        told["cost"] = told["cost"].fillna(cost)
    blank = pd.Series("", rows.index)
    told["vote"] = [vote_of(cell) for cell in rows.get("vote", blank)]
    unread = [
        str(name)
        for name, cell, vote in zip(rows.index, rows.get("vote", blank), told["vote"], strict=True)
        if vote == Vote.UNKNOWN and folded(cell) not in NOTHING
    ]
    if unread:
        doubted["vote_unread"] = unread
    for key in ("available", "heritage"):
        cells = rows.get(key, blank).astype(str).str.strip()
        told[key] = ["" if folded(cell) in NOTHING else cell for cell in cells]
    told["street"] = False
    told["kind"] = CandidateKind.LEDGER.value
    return told, doubted


def vote_of(cell: object) -> Vote:
    """How the owners voted.

    >>> [vote_of(cell).value for cell in ("已通过", "未表决", "未通过", "", "业主同意")]
    ['passed', 'open', 'refused', '', 'passed']
    """
    words = folded(cell)
    for vote, names in ((Vote.OPEN, _OPEN), (Vote.REFUSED, _REFUSED), (Vote.PASSED, _PASSED)):
        if any(name in words for name in names):
            return vote
    return Vote.UNKNOWN


def with_cost(places: Candidates, cost: float | None) -> Candidates:
    """Samples of streets, or places of OpenStreetMap, with what one of them costs."""
    told: dict[str, object] = {"cost": np.nan if cost is None else cost}
    if "kind" not in places.frame:
        told |= {"street": True, "kind": CandidateKind.STREET.value}
    frame = places.frame.assign(**told)
    frame.attrs = dict(places.frame.attrs)
    return Candidates(frame, places.entrances)


def joined(parts: Sequence[Candidates]) -> Candidates:
    """Candidates of several sources as one table. Raises SourceError: an id of two of them."""
    if len(parts) == 1:
        return parts[0]
    frame = pd.concat([part.frame for part in parts])
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()][0]
        raise SourceError(text("error.id_twice"), where="candidates", got=twice)
    for key in ("vote", "available", "heritage", "kind"):
        if key in frame:
            frame[key] = frame[key].fillna("")
    frame.attrs = {}
    for part in parts:
        frame.attrs |= {
            key: part.frame.attrs[key] for key in ("spacing_m",) if key in part.frame.attrs
        }
    first = np.cumsum([0, *(len(part.frame) for part in parts)])
    doors = [part.entrances for part in parts]
    owner = np.concatenate([door.owner_ix + at for door, at in zip(doors, first[:-1], strict=True)])
    xy = np.concatenate([door.xy for door in doors])
    return Candidates(frame, Entrances(owner, xy, np.concatenate([door.rung for door in doors])))


def _numbers(
    rows: pd.DataFrame, key: str, doubted: dict[str, list[str]], where: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A column of numbers, NaN where there is none. Raises SourceError: below 0."""
    cells = rows.get(key, pd.Series("", rows.index)).astype(str).to_numpy(object)
    values = np.asarray(numbers_in(cells), float)
    values[~np.isfinite(values)] = np.nan
    below = np.flatnonzero(values < 0)
    if len(below):
        name = shortened(str(rows.index[below[0]]), SHOWN_LETTERS)
        raise SourceError(
            text(f"error.negative_{key}", name=name), where=where, got=cells[below[0]]
        )
    unread = [
        str(name)
        for name, cell, value in zip(rows.index, cells, values, strict=True)
        if np.isnan(value) and folded(cell) not in NOTHING
    ]
    if unread:
        doubted[f"{key}_unread"] = unread
    return values
