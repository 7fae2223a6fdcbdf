"""The registry of compounds (小区) and their buildings: rows of ledgers, joined to outlines.

A row belongs to an outline by its id, else by its name, else because its point lies inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError
from gusu_geo.geometry import Shapes
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.ledgers.account import ledger_account
from gusu_geo.sources.ledgers.cells import numbers_in
from gusu_geo.sources.ledgers.columns import REGISTERED, column_word
from gusu_geo.sources.ledgers.evidence import NO_EVIDENCE, Evidence
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.points import LedgerFacts, Points, read_points
from gusu_geo.sources.ledgers.polygon_marks import COUNTS, UNREAD, count_in, counts_unread
from gusu_geo.sources.ledgers.rejected import Fault, Faults, rejected_rows
from gusu_geo.study.ledger import is_mark
from gusu_geo.study.params import RegistrySource, Study
from gusu_geo.tables import GROUPS, Ints, LedgerAccount, RejectedRow
from gusu_geo.words import Text, folded, text

OWN_IDS = "own_ids"  # in ``attrs`` of compounds: the ids are the source's, no row numbers
SAME_NAME_M = 200.0  # a point farther from the outline of its name belongs to another compound
OUTSIDE = ""  # compound of rows of buildings whose compound lies outside the area
JOIN = "、"  # between names of compounds that share an outline


@dataclass(eq=False)
class Book:
    """What becomes of the rows of one ledger: ids by reason, and rows that are rejected."""

    name: str
    read: int
    left_out: dict[str, int] = field(default_factory=dict)
    doubted: dict[str, list[str]] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)
    facts: LedgerFacts | None = None  # of the ledger itself

    def account(self, kind: str) -> LedgerAccount:
        """How the ledger was understood; kind: key of section [kind] of the words."""
        assert self.facts is not None  # every book of a ledger has them
        left_out = self.facts.left_out | {"rejected": len(self.rejected)}
        return ledger_account(self.name, kind, self.facts._replace(left_out=left_out))

    def doubt(self, reason: str, keys: Sequence[str]) -> None:
        """Rows that are used and may be wrong."""
        if len(keys):
            self.doubted[reason] = [*self.doubted.get(reason, []), *keys]

    def leave(self, reason: str, count: int) -> None:
        """Rows that are not used."""
        if count:
            self.left_out[reason] = self.left_out.get(reason, 0) + count

    def reject(self, place: tuple[str, int], what: Text, column: str, value: str) -> None:
        """A row that says what cannot be."""
        part, row = place
        fault = Fault(what, column, value, text("error.mend_registry"))
        self.rejected += rejected_rows(self.name, part, Faults({row: fault}))
        self.leave("rejected", 1)


@dataclass(frozen=True, eq=False)
class Registry:
    """Compounds of the registry, and rows of buildings.

    compounds: index compound id; columns name, persons, community, subdistrict (text, "" unknown),
    those of ``GROUPS`` that the ledger has, outline (position in ``City.compounds``, -1 without),
    point (metres, or None), rows (ids in the ledger). buildings: columns compound (its id), name,
    persons, point, place (sheet, row), and ring, type and attributes that its ledger has.
    """

    compounds: pd.DataFrame
    buildings: pd.DataFrame
    book: Book
    building_book: Book | None = None

    def facts(self) -> dict[str, dict[str, str | float]]:
        """By compound what else the ledger says of it: households, community, branch, committee;
        what it does not say is left out."""
        told = self.compounds.filter(items=["households", "community", *REGISTERED])
        facts: dict[str, dict[str, str | float]] = {}
        for unit, row in told.to_dict("index").items():
            known = {str(key): value for key, value in row.items() if value}
            count = count_in(known.pop("households", ""))
            facts[str(unit)] = known if count is None else {"households": count, **known}
        return facts

    @property
    def groups(self) -> list[str]:
        """Those of ``GROUPS`` that are counted."""
        return [group for group in GROUPS if group in self.compounds]


def smallest_outline(points: Shapes, outlines: Shapes) -> Ints:
    """(R,) position of the smallest outline that holds each point, -1 for none."""
    order = np.argsort(-shapely.area(outlines), kind="stable")
    point, at = shapely.STRtree(outlines[order]).query(points, predicate="intersects")
    last = np.lexsort((at, point))  # the last written is the smallest
    found = np.full(len(points), -1, np.int64)
    found[point[last]] = order[at[last]]
    return found


def read_registry(
    study: Study, area: StudyArea, compounds: gpd.GeoDataFrame, evidence: Evidence = NO_EVIDENCE
) -> Registry:
    """The registry that ``residences.compounds`` and ``residences.buildings`` name.

    Compounds that lie outside the area are left out. Raises SourceError: invalid ledger, no
    persons.
    """
    source = study.residences.compounds
    assert source is not None  # whoever calls has looked
    ledger, book = _read(study, source, "residences.compounds", evidence)
    rows = _rows(ledger, area)
    rows["outline"], how = _outlines(rows, compounds, has_ids="id" in ledger.headers)
    outlines = np.asarray(compounds.geometry.to_numpy(), object)
    near = np.zeros(len(rows), bool)  # may have residents in the area
    for row, (at, point) in enumerate(zip(rows["outline"], rows["point"], strict=True)):
        shape = outlines[at] if at >= 0 else point
        near[row] = shape is None or shapely.intersects(area.outline, shape)
        if shape is None:
            header = ledger.headers.get("name", ledger.headers.get("id", ""))
            value = rows["name"].iloc[row] or rows.index[row]
            book.reject(ledger.row_at(int(row)), text("error.compound_nowhere"), header, value)
            near[row] = False
    nowhere = book.left_out.get("rejected", 0) - ledger.left_out.get("rejected", 0)
    book.leave("outside_area", int((~near).sum()) - nowhere)
    every, rows, how = rows, rows[near], how[near]
    book.doubt("by_place", rows.index[how == "place"].tolist())
    book.doubt("no_outline", rows.index[how == ""].tolist())
    units = _units(rows, compounds)
    counts = {str(key): dict(row) for key, row in units.filter(items=COUNTS).iterrows()}
    book.doubt(UNREAD, counts_unread(counts).get(UNREAD, []))
    for names in units["rows"]:
        if len(names) > 1:
            book.doubt("same_outline", list(names))
    registry = Registry(units, _no_buildings(), book)
    if study.residences.buildings is None:
        return registry
    unit_of = {key: unit for unit, keys in units["rows"].items() for key in keys}
    units_of = [str(unit_of.get(key, OUTSIDE)) for key in every.index]
    pairs = list(zip(map(_plain, every["name"]), units_of, strict=True))
    if "id" in ledger.headers:
        pairs += zip(map(_plain, every.index), units_of, strict=True)
    return _with_buildings(study, area, registry, _once(pairs), outlines, evidence)


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The compound by name or id; a name of several compounds names none."""
    found: dict[str, set[str]] = {}
    for name, unit in pairs:
        found.setdefault(name, set()).add(unit)
    return {name: next(iter(units)) for name, units in found.items() if name and len(units) == 1}


def _read(
    study: Study, source: RegistrySource, where: str, evidence: Evidence
) -> tuple[Points, Book]:
    path = path_of(study, source.source, where)
    again = where == "residences.buildings"  # numbers begin anew in every compound
    ledger = read_points(
        path, source, where=where, repeated_ids=again, evidence=evidence, also=REGISTERED
    )
    if "persons" not in ledger.frame:
        raise SourceError(
            text("error.no_column_for", key=column_word("persons")),
            where=f"{where}: {path}",
            fix=text("error.name_column", key="persons"),
        )
    name = Path(source.source).name
    return ledger, Book(
        name,
        ledger.read,
        dict(ledger.left_out),
        dict(ledger.doubted),
        list(ledger.rejected),
        ledger.facts(),
    )


def _rows(ledger: Points, area: StudyArea) -> pd.DataFrame:
    """The rows of a ledger; point: in metres, None where the ledger has no coordinates."""
    frame = ledger.frame
    lonlat = shapely.get_coordinates(frame.geometry.to_numpy())
    points = np.full(len(frame), None, object)
    known = np.isfinite(lonlat).all(axis=1)
    if known.any():
        points[known] = shapely.points(area.to_xy(lonlat[known]))
    rows = pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(point=points)
    rows.index = rows.index.astype(str)
    for key in ("compound", "community", "subdistrict"):
        rows[key] = rows.get(key, "")
    rows["name"] = rows.get("name", rows["compound"])
    return rows


def _plain(name: object) -> str:
    """A name for comparison: spaces do not count, "华侨路 26 号小区" is "华侨路26号小区"."""
    return folded(name).replace(" ", "")


def _outlines(
    rows: pd.DataFrame, compounds: gpd.GeoDataFrame, *, has_ids: bool
) -> tuple[Ints, Shapes]:
    """The outline of each row (-1: none), and by what it was found: "id", "name", "place", ""."""
    outlines = np.asarray(compounds.geometry.to_numpy(), object)
    own = has_ids and compounds.attrs.get(OWN_IDS, True)
    by_id = {str(key): at for at, key in enumerate(compounds["compound_id"])} if own else {}
    plain = pd.Series([_plain(name) for name in compounds["name"]], dtype=object)
    once = plain[~plain.duplicated(keep=False) & (plain != "")]
    by_name = {name: int(str(at)) for at, name in once.items()}
    placed = np.array([point is not None for point in rows["point"]], bool)
    inside = np.full(len(rows), -1, np.int64)
    if placed.any():
        inside[placed] = smallest_outline(rows["point"].to_numpy(object)[placed], outlines)
    found, how = np.full(len(rows), -1, np.int64), np.full(len(rows), "", object)
    for row, (key, name, point) in enumerate(
        zip(rows.index, rows["name"], rows["point"], strict=True)
    ):
        named = by_name.get(_plain(name), -1)
        if named >= 0 and point is not None and outlines[named].distance(point) > SAME_NAME_M:
            named = -1
        ways = (("id", by_id.get(key, -1)), ("name", named), ("place", int(inside[row])))
        for way, at in ways:
            if at >= 0:
                found[row], how[row] = at, way
                break
    return found, how


def _units(rows: pd.DataFrame, compounds: gpd.GeoDataFrame) -> pd.DataFrame:
    """One row for each outline, with the sum of its rows, and for each row without one."""
    taken = set(compounds["compound_id"].astype(str))
    alone = [f"registry:{key}" if key in taken else key for key in rows.index]
    outlined = (rows["outline"] >= 0).to_numpy()
    ids = np.array(alone, object)
    ids[outlined] = compounds["compound_id"].to_numpy(object)[rows["outline"][outlined]]
    keyed = rows.assign(rows=rows.index).set_axis(ids, axis=0)
    sums: dict[str, Any] = {key: _joined for key in REGISTERED if key in rows}
    sums |= {"persons": "sum"} | {group: "sum" for group in GROUPS if group in rows}
    sums |= {str(name): _first_word for name in rows if is_mark(name)}
    sums |= {name: _whole for name in COUNTS if name in rows}
    parts = keyed.groupby(level=0, sort=False)
    units = parts.agg(
        {**sums, "outline": "first", "point": _first_point, "rows": tuple, "name": _joined,
         "community": _agreed, "subdistrict": _agreed}
    )  # fmt: skip
    drawn = compounds.set_index("compound_id")["name"].to_dict()
    units["name"] = [name or str(drawn.get(unit, "")) for unit, name in units["name"].items()]
    return units


def _first_point(points: pd.Series) -> object:
    return next((point for point in points if point is not None), None)


def _first_word(words: pd.Series) -> str:
    return next((str(word) for word in words if word), "")


def _whole(cells: pd.Series) -> str:
    """The sum of counts as text; what is no number is kept, to be told."""
    numbers = numbers_in(cells)
    unread = [str(cell) for cell, number in zip(cells, numbers, strict=True) if not number >= 0]
    return unread[0] if unread else f"{numbers.sum():g}"


def _joined(names: pd.Series) -> str:
    return JOIN.join(dict.fromkeys(name for name in names if name))


def _agreed(names: pd.Series) -> str:
    """What all rows say that say anything, "" where they differ."""
    said = dict.fromkeys(name for name in names if name)
    return next(iter(said)) if len(said) == 1 else ""


def _no_buildings() -> pd.DataFrame:
    return pd.DataFrame(columns=["compound", "name", "persons", "point", "place"])


def _with_buildings(
    study: Study,
    area: StudyArea,
    registry: Registry,
    named: dict[str, str],
    outlines: Shapes,
    evidence: Evidence,
) -> Registry:
    """The registry with the rows of buildings that name one of its compounds, or lie in it."""
    source, units = study.residences.buildings, registry.compounds
    assert source is not None  # whoever calls has looked
    ledger, book = _read(study, source, "residences.buildings", evidence)
    rows = _rows(ledger, area)
    marks = [str(name) for name in rows if is_mark(name)]
    drawn = units[units["outline"] >= 0]
    shapes = outlines[drawn["outline"].to_numpy(np.int64)]
    found = []
    for key in range(len(rows)):
        row, place = rows.iloc[key], ledger.row_at(key)
        unit = named.get(_plain(row["compound"])) if row["compound"] else None
        if unit is None and not row["compound"] and row["point"] is not None:
            at = int(smallest_outline(np.array([row["point"]], object), shapes)[0])
            unit = drawn.index[at] if at >= 0 else None
        if unit is None:
            header = ledger.headers.get("compound", "")
            book.reject(place, text("error.building_nowhere"), header, str(row["compound"]))
            continue
        point, persons = row["point"], float(row["persons"])
        told = [row[mark] for mark in marks]
        found.append((unit, row["name"] or rows.index[key], persons, point, place, *told))
    frame = pd.DataFrame(found, columns=[*_no_buildings(), *marks])
    far = frame["compound"] == OUTSIDE
    book.leave("outside_area", int(far.sum()))
    frame = frame[~far]
    undrawn = frame["compound"].map(units["outline"]) < 0
    book.leave("no_outline", int(undrawn.sum()))  # their compound is one point
    return Registry(units, frame[~undrawn].reset_index(drop=True), registry.book, book)
