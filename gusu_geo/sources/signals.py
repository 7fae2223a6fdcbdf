"""Signals of residents (problems and suggestions), and visits: rows of ledgers, without free text.

A row is used as far as it can be placed (``signal_places``); what it says wrong sets it aside.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError, shortened
from gusu_geo.sources.dates import date_in
from gusu_geo.sources.ledgers.columns import GUESSES, column_word
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.row_sheets import Usual
from gusu_geo.sources.ledgers.rows import PLACE, Rows, read_rows
from gusu_geo.sources.signal_places import AMBIGUOUS, OUTSIDE, CompoundFinder, ZoneFinder
from gusu_geo.study.params import SignalParams
from gusu_geo.study.themes import Themes
from gusu_geo.tables import Bools, Floats
from gusu_geo.tables.books import RUNGS, joined
from gusu_geo.words import text

if TYPE_CHECKING:
    from gusu_geo.sources.books import Known
    from gusu_geo.study.district import VisitSource

_ZONE = {"community": GUESSES["community"], "subdistrict": GUESSES["subdistrict"]}
_ROUND = {"round": ("round", "轮次", "期次", "第几轮")}
SIGNALS: Usual = {
    "id": ("id", "编号", "诉求编号", "工单编号", "工单号", "序号"),
    "date": ("date", "日期", "反映日期", "受理日期", "登记日期", "反映时间", "受理时间", "登记时间",
             "时间"),
    **_ROUND,
    "origin": ("origin", "source", "来源", "诉求来源", "渠道"),
    "kind": ("kind", "性质", "诉求性质", "诉求类型"),
    "theme": ("theme", "主题", "诉求主题", "问题主题", "诉求类别", "问题类别"),
    **_ZONE,
    "compound": GUESSES["compound"],
    **PLACE,
}  # fmt: skip
VISITS: Usual = {
    **_ZONE,
    **_ROUND,
    "visits": ("visits", "走访人次", "走访人数", "接待人次"),
}
WORD_MAX = 20  # letters of a word for origin or kind: what is longer is free text
BLANK = frozenset(("无", "/", "-", "--", "—", "不详", "不明", "未知", "空", "n/a"))
_NUMBERED = re.compile(r"第?\s*([\d一二三四五六七八九十]+)\s*(?:轮次|轮|期|次|批)?")
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}


def read_signals(known: Known, params: SignalParams) -> tuple[pd.DataFrame, Rows]:
    """The table of signals, in the order of the ledger, and what became of its rows.

    Raises SourceError: invalid ledger, no column that says where, too many rejected rows;
    StudyError: no such level, an own word for a service that the pack does not have.
    """
    themes = Themes(known.pack, params.themes, "signals.themes")
    zones = ZoneFinder(known, known.level(params.level, "signals.level"))
    path = path_of(known.study, params.source, "signals.source")
    rows = read_rows(path, params, "signals", SIGNALS, ["theme"])
    if not any(rows.has(key) for key in ("community", "compound", "lon", "lonlat", "subdistrict")):
        raise SourceError(
            text("error.no_column_for", key=column_word("community")),
            where=rows.spot,
            fix=text("error.name_column", key="community"),
        )
    rows.cells = rows.cells.map(_said)
    lonlat = rows.lonlat(params, known.evidence)
    doubts: dict[str, list[int]] = {}
    placed = _placed(rows, known, zones, lonlat, doubts)
    days = _days(rows, params, doubts)
    said = _themed(rows, themes, doubts)
    table = pd.DataFrame(
        {
            "date": days,
            "round": [round_of(cell) for cell in rows.cells["round"]],
            "origin": _words(rows, "origin", doubts),
            "kind": _words(rows, "kind", doubts),
            **said,
            **placed,
        }
    ).set_axis(pd.Index(rows.ids(), dtype="str", name="id"), axis=0)
    used = rows.settled()
    kept = set(used.tolist())
    for why, places in doubts.items():
        rows.doubt(why, [str(table.index[at]) for at in places if at in kept])
    return table.iloc[used], rows


def read_visits(known: Known, source: VisitSource, level: str) -> tuple[pd.DataFrame, Rows]:
    """Visits by zone and round, sorted; several rows of one zone and round are added up. level:
    of the signals. Raises as ``read_signals``."""
    zones = ZoneFinder(known, known.level(level, "signals.level"))
    path = path_of(known.study, source.source, "signals.visits")
    rows = read_rows(path, source, "signals.visits", VISITS, ["visits"])
    if not rows.has("community") and not rows.has("subdistrict"):
        raise SourceError(
            text("error.no_column_for", key=column_word("community")),
            where=rows.spot,
            fix=text("error.name_column", key="community"),
        )
    rows.cells = rows.cells.map(_said)
    visits = rows.numbers("visits")
    found: list[str] = []
    names = zip(rows.cells["community"], rows.cells["subdistrict"], strict=True)
    for at, (community, subdistrict) in enumerate(names):
        match = zones.named(community, subdistrict)
        found.append(match.zone_id)
        if match.why == OUTSIDE:
            rows.leave(at, OUTSIDE)
        elif not match.zone_id:
            key, name = ("community", community) if community else ("subdistrict", subdistrict)
            key = key if rows.has(key) else "community"
            _unknown_place(rows, at, key, match.why, zones.nearest(name) if name else "")
    used = rows.settled()
    rounds = [round_of(cell) for cell in rows.cells["round"]]
    table = pd.DataFrame({"zone": found, "round": rounds, "visits": visits}).iloc[used]
    return table.groupby(["zone", "round"], sort=True)["visits"].sum().reset_index(), rows


def round_of(cell: str) -> str:
    """A round for comparison: its number, else its words.

    >>> round_of("第36轮"), round_of("三十六"), round_of("2026年3月")
    ('36', '36', '2026年3月')
    """
    said = _NUMBERED.fullmatch(cell)
    if not said:
        return cell
    if said[1].isdecimal():
        return str(int(said[1]))
    tens, ten, ones = said[1].rpartition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return cell
    return str((_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0))


def _said(cell: str) -> str:
    """A cell, "" where it says that there is nothing."""
    return "" if cell.casefold() in BLANK else cell


def _placed(
    rows: Rows, known: Known, zones: ZoneFinder, lonlat: Floats, doubts: dict[str, list[int]]
) -> dict[str, object]:
    """Columns located, x, y, compound and zone. Rows that lie outside the area are left out; those
    whose names nobody knows are set aside, or doubted where another rung places them."""
    count = len(rows.cells)
    compounds = CompoundFinder(known, zones)
    pointed: Bools = np.asarray(np.isfinite(lonlat).all(axis=1), bool)
    xy = np.full((count, 2), np.nan)
    xy[pointed] = known.area.to_xy(lonlat[pointed])
    points = np.asarray(shapely.points(xy[pointed]), object).reshape(-1)
    here = np.full(count, "", object)
    here[pointed] = zones.of_points(points)
    inside: Bools = np.zeros(count, bool)
    inside[pointed] = shapely.intersects(known.area.outline, points)
    located, compound, zone = ["none"] * count, [""] * count, [""] * count
    cells = (rows.cells[key].tolist() for key in ("community", "subdistrict", "compound"))
    for at, (community, subdistrict, name) in enumerate(zip(*cells, strict=True)):
        said = zones.named(community, subdistrict)
        unit = compounds.named(name, said.zone_id) if name else None
        place = str(here[at])
        if pointed[at]:
            located[at] = RUNGS[0]
            if not inside[at]:
                rows.leave(at, OUTSIDE)
        elif unit is not None and unit.why == OUTSIDE:
            rows.leave(at, OUTSIDE)
        elif unit is not None and unit.key:
            located[at], compound[at], place = RUNGS[1], unit.key, unit.zone
        elif said.zone_id or (unit is not None and unit.zone):
            located[at], place = RUNGS[2], said.zone_id or (unit.zone if unit else "")
        elif said.why == OUTSIDE:
            rows.leave(at, OUTSIDE)
        elif said.why:
            key = "community" if community else "subdistrict"
            _unknown_place(rows, at, key, said.why, zones.nearest(community or subdistrict))
        elif unit is not None and unit.why:
            _unknown_place(rows, at, "compound", unit.why, zones.nearest(name, compounds.names))
        zone[at] = said.zone_id or place
        if said.why or (unit is not None and unit.why):
            doubts.setdefault("place_unknown", []).append(at)
        if said.zone_id and place and said.zone_id != place:
            doubts.setdefault("zone_other", []).append(at)
        if located[at] != "none" and not zone[at]:
            doubts.setdefault("zone_unknown", []).append(at)
    return {"located": located, "x": xy[:, 0], "y": xy[:, 1], "compound": compound, "zone": zone}


def _unknown_place(rows: Rows, at: int, key: str, why: str, nearest: str) -> None:
    """Sets a row aside: nobody knows the place that it names, or it names none (why "")."""
    remedy = text("error.mend_place_near", name=nearest) if nearest else text("error.mend_place")
    words = {"": "place_blank", AMBIGUOUS: "place_twice"}
    rows.fault(at, key, words.get(why, "place_unknown"), remedy=remedy)


def _days(rows: Rows, params: SignalParams, doubts: dict[str, list[int]]) -> list[str]:
    """The day of each row, YYYY-MM-DD, "" where it says none: then it cannot be known whether it
    lies after ``until``. What is after it is set aside, by choice: it is no sign of a bad file."""
    until, remedy, later = params.until, text("error.mend_date"), text("error.until_later")
    read: dict[str, str] = {}
    found: list[str] = []
    for at, cell in rows.each("date"):
        if cell not in read:
            day = date_in(cell, serial=True)
            read[cell] = "" if day is None else day.isoformat()
        found.append(read[cell])
        if not cell:
            doubts.setdefault("no_date", []).append(at)
            if until is not None:
                rows.fault(at, "date", "date_blank", until=until.isoformat(), remedy=remedy)
        elif not read[cell]:
            rows.fault(at, "date", "cell_no_date", remedy=remedy)
        elif until is not None and read[cell] > until.isoformat():
            rows.fault(at, "date", "date_after", until=until.isoformat(), remedy=later, chosen=True)
    return found


def _themed(rows: Rows, themes: Themes, doubts: dict[str, list[int]]) -> dict[str, list[str]]:
    """Columns theme and services; unknown themes set a row aside, blank ones are none."""
    found: dict[str, list[str]] = {"theme": [], "services": []}
    for at, cell in rows.each("theme"):
        said = themes.read(cell)
        found["theme"].append(joined(said.themes))
        found["services"].append(joined(said.services))
        if not said.themes:
            doubts.setdefault("no_theme", []).append(at)
        for word in said.unknown[:1]:
            near, shown = themes.nearest(word), shortened(word, WORD_MAX)
            remedy = text("error.mend_theme", word=shown)
            if near:
                remedy = text("error.mend_theme_near", word=shown, name=near)
            rows.fault(at, "theme", "theme_unknown", theme=shown, remedy=remedy)
    return found


def _words(rows: Rows, key: str, doubts: dict[str, list[int]]) -> list[str]:
    """A column of words; what is longer is free text, which is never carried."""
    found = []
    for at, cell in rows.each(key):
        found.append(cell if len(cell) <= WORD_MAX else "")
        if len(cell) > WORD_MAX:
            doubts.setdefault("free_text", []).append(at)
    return found
