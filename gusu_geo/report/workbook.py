"""The workbook: the summary, services, zones, the homes that miss most, the venues, and the missing
links.

Every text of the data is written as text, never as a formula, number or link. The same outcome
gives the same bytes: the only date in the file is the date of the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.summary import ServiceRow, ZoneRow
from gusu_geo.assessment.zones import by_compound, totals
from gusu_geo.report.district_sheets import district_sheets
from gusu_geo.report.labels import bilingual, capital, label, phrase
from gusu_geo.report.link_sheet import links_sheet
from gusu_geo.report.own_sheets import own_sheets
from gusu_geo.report.sheets import GAP, UNKNOWN_CELL, Book, Column, each, no_data_cell
from gusu_geo.report.tier_sheets import tier_sheets
from gusu_geo.report.workbook_hours import hours_sheets
from gusu_geo.report.workbook_summary import (
    merges_sheet,
    reason_word,
    sources_sheet,
    stand_ins,
    summary_sheet,
)
from gusu_geo.tables import TOLD_OF_COMPOUNDS, Both, Floats, Ints
from gusu_geo.walking.linkage import Reason
from gusu_geo.words import COMMA, text

WORST = 500  # homes listed
MOST_MISSED = 3  # services named of a compound


def write_workbook(outcome: Outcome, path: Path) -> None:
    """Write the workbook of a judged study. Raises OSError when the file cannot be written."""
    stream = BytesIO()
    book = Book(stream, outcome)
    summary_sheet(book, outcome)
    _services_sheet(book, outcome)
    _zones_sheet(book, outcome)
    _compounds_sheet(book, outcome)
    tier_sheets(book, outcome)
    _worst_sheet(book, outcome)
    _facilities_sheet(book, outcome)
    links_sheet(book, outcome)
    own_sheets(book, outcome)
    district_sheets(book, outcome.summary)
    hours_sheets(book, outcome.summary)
    sources_sheet(book, outcome.summary)
    if merges := outcome.city.facts.get("merges"):
        names = {row["id"]: bilingual(row) for row in outcome.summary["services"]}
        merges_sheet(book, merges, names)
    book.file.close()
    Path(path).write_bytes(stream.getvalue())


def _services_sheet(book: Book, outcome: Outcome) -> None:
    rows = outcome.summary["services"]
    known = [dict(row) if row["state"] == "known" else {} for row in rows]
    columns = [
        Column("head.id", each(rows, "id"), width=16),
        Column("head.service", [bilingual(row) for row in rows], width=38),
        Column("head.venues", each(rows, "venues"), "count", 9),
        Column("head.state", [phrase(f"state.{row['state']}") for row in rows], "mark", 18),
        Column("head.limit", each(rows, "minutes"), "minutes"),
        Column("head.min_count", each(rows, "min_count"), "count"),
        Column("head.in_time_persons", each(known, "covered_persons"), "persons", 14),
        Column("head.covered", each(known, "share"), "share", 20),
        Column("head.missing_persons", each(known, "missing_persons"), "persons", 14),
        Column("head.unknown_persons", each(rows, "unknown_persons"), "persons", 14),
    ]
    name, hint = label("workbook.sheet_services"), phrase("workbook.hint_services")
    sheet, first = book.table(name, columns, hint=hint, fixed=2)
    bar = {"type": "data_bar", "data_bar_2010": True, "bar_solid": True, "bar_color": "#9FC5DD",
           "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}  # fmt: skip
    sheet.conditional_format(first, 7, first + len(rows) - 1, 7, bar)


def _zones_sheet(book: Book, outcome: Outcome) -> None:
    rows = outcome.summary["zones"]
    levels = [*each(rows, "level"), label("head.all")]
    level = Column("head.level", levels, width=11)
    _sums_sheet(book, outcome, rows, "workbook.sheet_zones", first=[level])


def _compounds_sheet(book: Book, outcome: Outcome) -> None:
    """Homes summed by compound, and those in none; no sheet where no home lies in a compound."""
    rows = by_compound(outcome.city.residences, outcome.verdict)
    services = [s for s in outcome.summary["services"] if s["state"] == "known"]
    worst = []
    for row in rows:
        most = sorted(services, key=lambda s: -row["missing"][s["id"]])[:MOST_MISSED]
        worst.append(COMMA["zh"].join(s["zh"] for s in most if row["missing"][s["id"]] > 0))
    told = [*(outcome.city.facts.get("registered", {}).get(row["id"], {}) for row in rows), {}]
    last = [
        Column(f"column.{key}", [one.get(key) for one in told], width=16)
        for key in TOLD_OF_COMPOUNDS
        if any(key in one for one in told)
    ]
    last.append(Column("head.most_missed", [*worst, ""], width=36))
    if rows:
        _sums_sheet(book, outcome, rows, "workbook.sheet_compounds", last=last)


def _sums_sheet(
    book: Book,
    outcome: Outcome,
    rows: Sequence[ZoneRow],
    title: str,
    *,
    first: Sequence[Column] = (),
    last: Sequence[Column] = (),
) -> None:
    """Rows of zones or compounds, and the total that they add up to; first, last: columns beside
    the sums."""
    services = outcome.summary["services"]
    persons = outcome.city.residences.frame["persons"].to_numpy(float)
    total = capital(text("head.total"))
    district = {"id": "", "name_zh": total["zh"], "name_en": total["en"]}
    never = stand_ins(outcome.summary, "passed_persons", "share")
    whole = district | dict(totals(persons, outcome.verdict))
    lines = [dict(row) | never for row in rows] + [whole | never]
    columns = [
        *first,
        Column("head.id", each(lines, "id"), width=13),
        Column("head.name", [zone_name(line) for line in lines], width=26),
        Column("head.homes", each(lines, "residences"), "count", 11),
        Column("head.persons", each(lines, "persons"), "persons", 11),
        Column("reading.passed", each(lines, "passed_persons"), "persons", 12),
        Column("head.covered", each(lines, "share"), "share", 10),
        Column("reading.passed_known", each(lines, "passed_known_persons"), "persons", 13),
        Column("reading.unknown", each(lines, "unknown_persons"), "persons", 11),
        *(
            Column(text("head.service_missing", service=dict(s)),
                   [_missing(line, s) for line in lines], "persons", 13)
            for s in services
        ),
        *last,
    ]  # fmt: skip
    hint = bilingual(text("workbook.hint_zones", blank=no_data_cell()))
    sheet, top = book.table(label(title), columns, hint=hint, fixed=len(first) + 2, sums=1)
    scale = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "max_type": "max",
             "min_color": "#FFFFFF", "max_color": GAP}  # fmt: skip
    left, right = len(first) + 8, len(columns) - len(last) - 1
    sheet.conditional_format(top, left, top + max(len(rows), 1) - 1, right, scale)


def _missing(line: Mapping[str, Any], service: ServiceRow) -> str | float:
    """Persons of a zone who miss the service, or the word for why that is not known."""
    if service["state"] == "no_data":
        return no_data_cell()
    unknown = line["unknown"][service["id"]]
    if line["persons"] > 0 and unknown >= line["persons"]:
        return UNKNOWN_CELL
    return float(line["missing"][service["id"]])


def _worst_sheet(book: Book, outcome: Outcome) -> None:
    access, verdict, services = outcome.access, outcome.verdict, outcome.summary["services"]
    homes = outcome.city.residences.frame.loc[access.residence_ids]
    order, found = _worst(outcome)
    late = verdict.state == State.FAIL
    names = np.array([s["zh"] for s in services], object)
    columns = [
        Column("head.id", [str(i) for i in access.residence_ids[order]], width=14),
        Column("head.name", [_text(name) for name in homes["name"].iloc[order]], width=18),
        *_zone_columns(outcome, order),
        Column("head.persons", homes["persons"].to_numpy(float)[order].tolist(), "persons", 10),
        Column("head.missing", verdict.missing_count[order].tolist(), "count", 9),
        Column("head.unknown", verdict.unknown_count[order].tolist(), "count", 9),
        *(
            Column({"zh": s["zh"], "en": s["en"]}, _minutes(outcome, order, k), "minutes", 10.5,
                   late=late[order, k].tolist())
            for k, s in enumerate(services)
        ),
        Column("head.missing_services",
               [COMMA["zh"].join(names[late[i]]) for i in order], width=36),
        Column("head.home_linked",
               [reason_word(Reason(r)) for r in access.reason[order]], width=14),
    ]  # fmt: skip
    hint = bilingual(text("workbook.hint_worst", minutes=access.cutoff_s / 60))
    name, hint = label("workbook.sheet_worst"), f"{len(order):,} / {found:,} · {hint}"
    book.table(name, columns, hint=hint, fixed=2)


def _worst(outcome: Outcome) -> tuple[Ints, int]:
    """The homes by persons times missing, as the map lists them, then by missing and id; and how
    many miss anything. Homes that are not linked come last: what they miss is unknown."""
    access, verdict = outcome.access, outcome.verdict
    persons = outcome.city.residences.frame.loc[access.residence_ids, "persons"].to_numpy(float)
    ids, missing = access.residence_ids.astype(str).to_numpy(str), verdict.missing_count
    order = np.lexsort((ids, -missing, -persons * missing))
    order = order[(verdict.missing_count[order] > 0) | ~access.is_linked[order]]
    return order[:WORST], len(order)


def _minutes(outcome: Outcome, order: Ints, service: int) -> list[Any]:
    """Minutes to the venue that counts; None beyond the cutoff, a word where it is unknown."""
    access = outcome.access
    if outcome.verdict.service_state[service] == "no_data":
        return [no_data_cell()] * len(order)
    beyond = [None if linked else UNKNOWN_CELL for linked in access.is_linked[order]]
    unasked = outcome.verdict.state[order, service] == State.NOT_ASKED
    beyond = [phrase("state.not_asked") if no else b for no, b in zip(unasked, beyond, strict=True)]
    times = access.counted_cs[order, service].tolist()
    return [other if cs == INF_CS else cs / 6000 for cs, other in zip(times, beyond, strict=True)]


def _zone_columns(outcome: Outcome, order: Ints) -> list[Column]:
    names = {(row["level"], row["id"]): zone_name(row) for row in outcome.summary["zones"]}
    zone_of = outcome.zone_of.loc[outcome.access.residence_ids].iloc[order]
    return [
        Column(text("head.zone_level", level=level),
               [names.get((str(level), str(z)), "") for z in zone_of[level]], width=16)
        for level in zone_of
    ]  # fmt: skip


def _facilities_sheet(book: Book, outcome: Outcome) -> None:
    access = outcome.access
    frame = outcome.city.facilities.frame.loc[access.facility_ids].to_crs(4326)
    title = {s["id"]: bilingual(s) for s in outcome.summary["services"]}
    columns = [
        Column("head.id", [str(i) for i in frame.index], width=26),
        Column("head.service", [title[s] for s in frame["service"]], width=38),
        Column("head.name", [_text(name) for name in frame["name"]], width=34),
        Column("head.evidence", frame["evidence"].tolist(), "mark", 10),
        *_tier_columns(outcome, frame.get("tier", ())),
        Column("head.lon", frame.geometry.x.tolist(), "degrees", 12),
        Column("head.lat", frame.geometry.y.tolist(), "degrees", 12),
        Column("head.hours", [_text(hours) for hours in frame["hours"]], width=26),
        *_sharing(frame),
        Column("head.nearest_persons", _persons_nearest(outcome), "persons", 16),
    ]
    name, hint = label("workbook.sheet_venues"), phrase("workbook.hint_venues")
    book.table(name, columns, hint=hint, fixed=1)


def _tier_columns(outcome: Outcome, tiers: Iterable[str]) -> list[Column]:
    """The tier of each venue; none where nothing has tiers."""
    if outcome.tiered is None:
        return []
    return [Column("head.tier", [phrase(f"tier.{tier or 'unknown'}") for tier in tiers], width=18)]


def _sharing(frame: pd.DataFrame) -> list[Column]:
    """Who opens a place to residents, and when; no columns where no ledger says so."""
    heads = {"shared_hours": text("head.shared_hours"), "host": text("head.host")}
    return [
        Column(head, [_text(words) for words in frame[key]], width=22)
        for key, head in heads.items()
        if key in frame and frame[key].any()
    ]


def _persons_nearest(outcome: Outcome) -> Floats:
    """(F,) persons for whom this is the nearest venue of its service, within the cutoff."""
    access = outcome.access
    persons = outcome.city.residences.frame.loc[access.residence_ids, "persons"].to_numpy(float)
    r, k = np.nonzero(access.nearest_ix >= 0)
    sums: Floats = np.zeros(len(access.facility_ids))
    np.add.at(sums, access.nearest_ix[r, k], persons[r])
    return sums


def zone_name(row: Mapping[Any, Any]) -> str:
    """The name in both languages, in place of a missing one the name as it is, else the id."""
    own = str(row.get("name") or "")
    names: Both = {"zh": row["name_zh"] or own, "en": row["name_en"] or own}
    return bilingual(names) or str(row["id"])


def _text(value: Any) -> str | None:
    """Text of a frame's cell; None where there is none."""
    return None if value is None or value is pd.NA or value != value else str(value) or None
