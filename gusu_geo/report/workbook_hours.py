"""Sheets of the workbook on opening hours: the asked moments, the week, who should open longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gusu_geo.assessment.summary import HoursFacts, LongerRow, MomentRow, ServiceRow, Summary
from gusu_geo.report.labels import bilingual, label
from gusu_geo.report.sheets import Book, Column, each, no_data_cell
from gusu_geo.words import COMMA, Both, Text, text


def hours_sheets(book: Book, summary: Summary) -> None:
    """Write them; none where the study asks for no moment."""
    facts = summary["hours"]
    if facts is None:
        return
    hint = bilingual(hours_basis(facts))
    if facts["at"]:
        _moments(book, summary, facts["at"], "workbook.sheet_moments", hint)
    if facts["week"]:
        _moments(book, summary, facts["week"], "workbook.sheet_week", hint)
    _longer(book, summary, facts)


def hours_basis(facts: HoursFacts) -> Text:
    """What must stand beside the figures: how long a visit is, and whose calendar counts."""
    calendar = facts["calendar"]
    source = text("fact.no_calendar") if calendar is None else calendar["source"]
    return text("fact.hours_basis", minutes=facts["stay_minutes"], calendar=source)


def weekday(row: MomentRow) -> Text:
    """The day of a moment: Monday to Sunday."""
    from datetime import date

    return text(f"weekday.{date.fromisoformat(row['at'][:10]).weekday()}")


def day_kind(row: MomentRow) -> str:
    """What the calendar says of the day of a moment; "" without a calendar."""
    return bilingual(text(f"day_kind.{row['day']}")) if row["day"] else ""


def _moments(
    book: Book, summary: Summary, rows: Sequence[MomentRow], title: str, hint: str
) -> None:
    columns = [
        Column("head.moment", each(rows, "at"), width=17),
        Column("head.weekday", [bilingual(weekday(row)) for row in rows], width=10),
        Column("head.day_kind", [day_kind(row) for row in rows], width=18),
        Column("head.places_open", each(rows, "open"), "count", 9),
        Column("head.places_closed", each(rows, "closed"), "count", 9),
        Column("head.places_unknown", each(rows, "unknown"), "count", 9),
        *_bounds("reading.passed", [row["all"] for row in rows]),
        *_bounds("reading.passed_known", [row["all_known"] for row in rows]),
        *(
            column
            for k, service in enumerate(summary["services"])
            for column in _service(service, [row["services"][k] for row in rows])
        ),
    ]
    sheet, first = book.table(label(title), columns, hint=hint, fixed=3)
    scale = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "max_type": "num",
             "max_value": 1, "min_color": "#FFFFFF", "max_color": "#9FC5DD"}  # fmt: skip
    last = first + len(rows) - 1
    for c, column in enumerate(columns):
        if column.form == "share":
            sheet.conditional_format(first, c, last, c, scale)


def _bounds(what: str, rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Persons and shares of a reading, at least and at most."""
    least, most = _ends(text(what))
    return [
        Column(least, each(rows, "low_persons"), "persons", 13),
        Column(most, each(rows, "high_persons"), "persons", 13),
        Column(least, each(rows, "low"), "share", 10),
        Column(most, each(rows, "high"), "share", 10),
    ]


def _ends(what: Text | Both) -> tuple[Text, Text]:
    """The heads of both ends of a figure."""
    return text("fact.at_least", what=what), text("fact.at_most", what=what)


def _service(service: ServiceRow, rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Shares of a service, at least and at most; where the data name no venue, that word."""
    blank = [no_data_cell()] * len(rows) if service["state"] == "no_data" else None
    heads = _ends({"zh": service["zh"], "en": service["en"]})
    return [
        Column(head, blank or each(rows, key), "share", 11)
        for head, key in zip(heads, ("low", "high"), strict=True)
    ]


def _longer(book: Book, summary: Summary, facts: HoursFacts) -> None:
    rows = facts["longer"]
    names = {service["id"]: bilingual(service) for service in summary["services"]}
    newly, newly_all = (_ends(text(key)) for key in ("head.newly", "head.newly_all"))
    columns = [
        Column("head.name", [row["name"] or row["venue_id"] for row in rows], width=34),
        Column("head.host", each(rows, "host"), width=18),
        Column("head.service",
               [COMMA["zh"].join(names.get(s, s) for s in row["services"]) for row in rows],
               width=38),
        Column("head.hours", each(rows, "opening_hours"), width=30),
        Column("head.if_open", [bilingual(when_of(row)) for row in rows], width=32),
        Column(newly[0], each(rows, "gained_low"), "persons", 14),
        Column(newly[1], each(rows, "gained_high"), "persons", 14),
        Column(newly_all[0], each(rows, "all_known_low"), "persons", 16),
        Column(newly_all[1], each(rows, "all_known_high"), "persons", 16),
        Column("head.id", each(rows, "venue_id"), width=26),
    ]  # fmt: skip
    counts = {"shown": len(rows), "all": facts["longer_all"]}
    hint = bilingual(text("workbook.hint_longer", **counts))
    book.table(label("workbook.sheet_longer"), columns, hint=hint, fixed=1)


def when_of(row: LongerRow) -> Text:
    """The moment, or the day of the week and its hours, at which a venue would be open."""
    if not row["hours"]:
        return text("fact.open_at", moment=row["when"])
    day = text(f"weekday.{WEEKDAYS.index(row['when'])}")
    return text("fact.open_on", day=day, hours=_spans(row["hours"]))


WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def _spans(hours: Sequence[int]) -> str:
    """Full hours of arrival, those in a row from the first to the last: 9:00-11:00."""
    runs: list[list[int]] = []
    for hour in sorted(hours):
        if runs and hour == runs[-1][1] + 1:
            runs[-1][1] = hour
        else:
            runs.append([hour, hour])
    return ", ".join(f"{a}:00" if a == b else f"{a}:00-{b}:00" for a, b in runs)
