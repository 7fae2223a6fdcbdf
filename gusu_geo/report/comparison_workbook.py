"""The workbook of a comparison: summary with the list of changes, services, zones, compounds,
changed homes, comments.

Every text of the data is written as text; the only date in the file is the date of the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gusu_geo.report.comparison import WHEN, Comparison
from gusu_geo.report.labels import READING_OF, bilingual, label, phrase
from gusu_geo.report.sheets import SECTION_CELL, Book, Column, caption, no_data_cell, plain
from gusu_geo.report.summary import rule_facts
from gusu_geo.report.tier_sheets import tier_name
from gusu_geo.report.workbook import zone_name
from gusu_geo.words import COMMA, Both, Text, text

MOVES = ("gained", "lost")  # prefixes of columns in the tables of a comparison


def write_comparison_book(comparison: Comparison, path: Path) -> None:
    """Write the workbook. Raises OSError when the file cannot be written."""
    stream = BytesIO()
    book = Book(stream, comparison.before, comparison.run_id)
    book.caption = _caption(comparison)
    _summary_sheet(book, comparison)
    _services_sheet(book, comparison)
    _tiers_sheet(book, comparison)
    _zones_sheet(book, comparison)
    _sums_sheet(book, comparison.compounds, "workbook.sheet_compounds")
    _homes_sheet(book, comparison)
    _comments_sheet(book, comparison)
    book.file.close()
    path.write_bytes(stream.getvalue())


def _caption(comparison: Comparison) -> str:
    """The scenario, then rule, speed and date, and those of them that differ afterwards."""
    before = comparison.before.summary
    changed: Any = {"rule": rule_facts(comparison.after.rule), "walk": comparison.walks[1]}
    parts = caption(before)
    other = [part for part in caption(before | changed) if part not in parts]
    then = f"{phrase('compare.after')}: {' · '.join(other)}" if other else ""
    name = comparison.scenario.title or comparison.scenario.name
    return " · ".join(filter(None, (plain(name), *parts, then)))


def _summary_sheet(book: Book, comparison: Comparison) -> None:
    frame = comparison.summary
    columns = [
        Column("head.result", [label(f"reading.{key}") for key in frame.index], width=44),
        *_before_after(frame, "persons", text("head.persons")),
        *_before_after(frame, "share", text("head.share"), form="share"),
        *_before_after(frame, "residences", text("head.homes")),
        *_moved(frame, words=(text("compare.came_in"), text("compare.fell_out"))),
    ]
    name, hint = label("workbook.sheet_summary"), phrase("workbook.hint_summary")
    sheet, first = book.table(name, columns, hint=hint, fixed=1)
    row = first + len(frame) + 1
    sheet.write_string(row, 0, label("head.changes"), book.form(**SECTION_CELL))
    for change in comparison.scenario.as_data():
        row += 1
        kind = change.pop("do")
        sheet.write_string(row, 0, label(f"change.{kind}"), book.form())
        facts = " · ".join(f"{key}: {_joined(value)}" for key, value in change.items())
        sheet.write_string(row, 1, plain(facts), book.form())
    sheet.write_string(row + 2, 0, label("workbook.run_id"), book.form())
    sheet.write_string(row + 2, 1, book.run_id, book.form())


def _services_sheet(book: Book, comparison: Comparison) -> None:
    frame = comparison.services
    known = [state == "known" for state in frame["state"]]
    titles = [
        bilingual({"zh": zh, "en": en}) for zh, en in zip(frame["zh"], frame["en"], strict=True)
    ]
    columns = [
        Column("head.service", titles, width=40),
        *_before_after(frame, "venues", text("head.venues")),
        *_before_after(frame, "persons", text("head.in_time_persons")),
        *_before_after(frame, "share", text("head.covered"), form="share", known=known),
        *_before_after(frame, "missing_persons", text("head.missing_persons")),
        *_moved(frame),
    ]
    name, hint = label("workbook.sheet_services"), phrase("workbook.hint_changes")
    book.table(name, columns, hint=hint, fixed=1)


def _tiers_sheet(book: Book, comparison: Comparison) -> None:
    """By tier and service; none where nothing has tiers."""
    frame = comparison.tiers
    if len(frame) == 0:
        return
    services = {
        s.id: bilingual({"zh": s.zh, "en": s.en}) for s in comparison.before.rule.pack.services
    }
    columns = [
        Column("head.tier", [tier_name(tier) for tier in frame["tier"]], width=18),
        Column("head.service", [services[one] for one in frame["service"]], width=38),
        *_before_after(frame, "low_persons", text("head.low_persons")),
        *_before_after(frame, "high_persons", text("head.high_persons")),
        *_before_after(frame, "low", text("head.low_share"), form="share"),
        *_before_after(frame, "high", text("head.high_share"), form="share"),
        *_moved(frame, keys=("persons",)),
        *_before_after(frame, "zones_present", text("head.tier_present")),
        *_before_after(frame, "zones_missing", text("head.tier_missing")),
        *_before_after(frame, "zones_unknown", text("head.tier_unknown")),
    ]
    name, hint = label("workbook.sheet_tiers"), phrase("workbook.hint_tiers")
    book.table(name, columns, hint=hint, fixed=2)


def _zones_sheet(book: Book, comparison: Comparison) -> None:
    frame = pd.DataFrame(comparison.zones.drop(columns="geometry"))
    levels = Column("head.level", [str(level) for level in frame["level"]])
    _sums_sheet(book, frame, "workbook.sheet_zones", [levels])


def _sums_sheet(book: Book, frame: pd.DataFrame, title: str, first: Sequence[Column] = ()) -> None:
    """Zones or compounds, none without rows; first: columns before theirs."""
    if len(frame) == 0:
        return
    columns = [
        *first,
        Column("head.zone", [zone_name(row) for row in frame.to_dict("records")], width=30),
        Column("head.id", [str(zone) for zone in frame["id"]], width=16),
        Column("head.persons", _values(frame["persons"]), "persons"),
        *_before_after(frame, "passed_persons", text("reading.passed")),
        *_before_after(frame, "share", text("head.covered"), form="share"),
        *_moved(frame, keys=("persons",)),
    ]
    book.table(label(title), columns, hint=phrase("workbook.hint_changes"), fixed=len(first) + 1)


def _homes_sheet(book: Book, comparison: Comparison) -> None:
    rows = np.flatnonzero(comparison.changed)
    frame = pd.DataFrame(comparison.residences.drop(columns="geometry")).iloc[rows]
    services: dict[str, Both] = {
        s.id: {"zh": s.zh, "en": s.en} for s in comparison.before.rule.pack.services
    }
    columns = [
        Column("head.id", [str(home) for home in frame.index], width=16),
        Column("head.name", [str(name) for name in frame["name"]], width=28),
        Column("head.persons", _values(frame["persons"]), "persons"),
        *(
            Column(text("workbook.at", what=text("head.state"), when=text(f"compare.{when}")),
                   [phrase(f"reading.{READING_OF[state]}") for state in frame[f"state_{when}"]],
                   width=34)
            for when in WHEN
        ),
        *(
            Column(text("workbook.services_moved", how=text(f"compare.{moved}")),
                   [_titles(ids, services) for ids in frame[moved]], width=44)
            for moved in MOVES
        ),
    ]  # fmt: skip
    for service, title in services.items():
        columns += [
            Column(text("workbook.minutes_at", service=title, when=text(f"compare.{when}")),
                   _values(frame[f"{service}_min_{when}"]), "minutes", 14)
            for when in WHEN
        ]  # fmt: skip
    name, hint = label("workbook.sheet_changed"), phrase("workbook.hint_changes")
    book.table(name, columns, hint=hint, fixed=2)


def _comments_sheet(book: Book, comparison: Comparison) -> None:
    """What reviewers say, as they number it on the map; none without comments."""
    frame = comparison.comments
    if len(frame) == 0:
        return
    columns = [
        Column("head.number", frame["number"].tolist(), "count", 8),
        Column("head.comment", frame["text"].tolist(), width=70),
        Column("head.comment_by", frame["by"].tolist(), width=14),
        Column("head.comment_when", frame["when"].tolist(), width=18),
        Column("head.comment_home", frame["home"].tolist(), width=16),
        Column("head.comment_venue", frame["venue"].tolist(), width=16),
        Column("head.lon", frame.geometry.x.tolist(), "degrees", 12),
        Column("head.lat", frame.geometry.y.tolist(), "degrees", 12),
    ]
    hint = phrase("workbook.hint_comments")
    book.table(label("workbook.sheet_comments"), columns, hint=hint, fixed=1)


def _titles(ids: str, services: Mapping[str, Both]) -> str:
    """Names of services given by id, with commas."""
    return COMMA["zh"].join(bilingual(services[one]) for one in ids.split(",") if one)


def _before_after(
    frame: pd.DataFrame, key: str, what: Text, *, form: str = "", known: Sequence[bool] = ()
) -> list[Column]:
    """Two columns; a word instead of a number where the data name no venue."""
    columns = []
    for when in WHEN:
        values = _values(frame[f"{key}_{when}"])
        if known:
            values = [v if yes else no_data_cell() for v, yes in zip(values, known, strict=True)]
        head = text("workbook.at", what=what, when=text(f"compare.{when}"))
        columns.append(Column(head, values, form or _form(key), 14))
    return columns


def _moved(
    frame: pd.DataFrame,
    *,
    keys: Sequence[str] = ("persons", "residences"),
    words: tuple[Text, Text] | None = None,
) -> list[Column]:
    """Persons and homes counted only after, and counted only before the changes."""
    words = words or (text("compare.gained"), text("compare.lost"))
    what = {"persons": text("head.persons"), "residences": text("head.homes")}
    return [
        Column(text("workbook.moved", how=how, what=what[key]),
               _values(frame[f"{name}_{key}"]), _form(key), 14)
        for name, how in zip(MOVES, words, strict=True)
        for key in keys
    ]  # fmt: skip


def _form(key: str) -> str:
    return "persons" if key.endswith("persons") else "count"


def _values(column: pd.Series[Any]) -> list[Any]:
    """Numbers, None where there is none."""
    return [None if value is None or value != value else value for value in column.tolist()]


def _joined(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_joined(part)}" for key, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
