"""The ledger workbook of a new study: example venues, drop-down lists, and notes on each column."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from gusu_geo.report.rejected import EPOCH
from gusu_geo.report.sheets import plain
from gusu_geo.study.catalog import RulePack
from gusu_geo.words import text

COLUMNS = (
    ("id", 10), ("name", 32), ("service", 22), ("lon", 13), ("lat", 13), ("hours", 28),
    ("capacity", 10), ("unit", 12), ("remark", 28),
)  # fmt: skip
FORMS = {"lon": "degrees", "lat": "degrees", "capacity": "whole"}  # of columns; others: text
NOTES = (
    "start", "rows", "services", "words", "crs", "degrees", "hours", "personal", "formats",
    "rejected",
)  # fmt: skip
SEATS = ("V1", 60)  # made up: the capacity of a venue, the others' is unknown
FILLED_ROWS = 2_000  # rows that have the lists; more may follow
# Places of Monaco as OpenStreetMap has them. The services by pack: each is what the place is there.
PLACES = (
    ("V1", "Bibliothèque Louis Notari", ("library", "reading"), 7.420684, 43.734911, ""),
    ("V2", "Larvotto playground", ("play", "child_play"), 7.432501, 43.744771, ""),
    ("V3", "Jardin Japonais", ("park_lounge", "lounge"), 7.430922, 43.742416,
     "Apr 1-Oct 31 09:00-18:45; Nov 1-Mar 31 09:00-17:45"),
    ("V4", "Théâtre Princesse Grace", ("culture", "culture"), 7.426034, 43.737651, ""),
    ("V5", "Centre d'Imagerie Médicale de Monaco", ("health", "health"), 7.415692, 43.730102,
     "Mo-Fr 07:00-19:00; Sa 08:00-12:00"),
)  # fmt: skip
PACKS = ("everyday-ten", "gusu-1510")  # that the places have services of


def starter_book(pack: RulePack, lang: str) -> bytes:
    """The workbook in one language, the same bytes on every day; pack: one of ``PACKS``."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": EPOCH})
    looks = {
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4"}),
        "text": book.add_format({"num_format": "@"}),  # ids of digits keep them all
        "degrees": book.add_format({"num_format": "0.000000"}),
        "whole": book.add_format({"num_format": "0"}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    names = [service.zh if lang == "zh" else service.en for service in pack.services]
    _venues(book, pack, names, lang, looks)
    _notes(book, lang, looks, example_service(pack.id))
    _lists(book, names, lang, looks)
    book.close()
    return stream.getvalue()


def example_service(pack: str) -> str:
    """Id of a service of the pack, for examples: books."""
    return PLACES[0][2][PACKS.index(pack)]


def sheet_name(key: str, lang: str) -> str:
    """The name of the sheet ``key`` ("venues", "notes" or "lists")."""
    return text(f"starter.sheet_{key}").in_language(lang)


def _venues(
    book: Any, pack: RulePack, names: Sequence[str], lang: str, looks: dict[str, Any]
) -> None:
    sheet = book.add_worksheet(sheet_name("venues", lang))
    places = {key: column for column, (key, _) in enumerate(COLUMNS)}
    for key, width in COLUMNS:
        form = looks[FORMS.get(key, "text")]
        sheet.set_column(places[key], places[key], width, form)
        sheet.write_string(0, places[key], _head(key, lang), looks["head"])
    at, ids = PACKS.index(pack.id), pack.service_ids
    for row, (id_, name, services, lon, lat, hours) in enumerate(PLACES, start=1):
        service = names[ids.index(services[at])]
        remark = text("starter.example").in_language(lang)
        shown = {"id": id_, "name": name, "service": service, "hours": hours, "remark": remark}
        for key, value in shown.items():
            sheet.write_string(row, places[key], plain(value), looks["text"])
        sheet.write_number(row, places["lon"], lon, looks["degrees"])
        sheet.write_number(row, places["lat"], lat, looks["degrees"])
        if id_ == SEATS[0]:
            sheet.write_number(row, places["capacity"], SEATS[1], looks["whole"])
            seats = text("starter.cell_seats").in_language(lang)
            sheet.write_string(row, places["unit"], seats, looks["text"])
    lists = sheet_name("lists", lang)
    source = f"='{lists}'!$A$2:$A${len(names) + 1}"
    # Only a warning: several services in one cell are right, and no list holds them.
    _checked(sheet, places["service"], "service", lang, {"validate": "list", "source": source})
    for key, most in (("lon", 180), ("lat", 90)):
        rule = {"validate": "decimal", "criteria": "between", "minimum": -most, "maximum": most}
        _checked(sheet, places[key], key, lang, rule)
    sheet.freeze_panes(1, 0)


def _checked(sheet: Any, column: int, key: str, lang: str, rule: dict[str, Any]) -> None:
    """The rule for a column, with a hint beside the cell."""
    hint = {
        "error_type": "warning",
        "ignore_blank": True,
        "input_title": _head(key, lang),
        "input_message": text(f"starter.hint_{key}").in_language(lang),
        "error_title": _head(key, lang),
        "error_message": text(f"starter.hint_{key}").in_language(lang),
    }
    sheet.data_validation(1, column, FILLED_ROWS, column, rule | hint)


def _notes(book: Any, lang: str, looks: dict[str, Any], service: str) -> None:
    """What each column holds, then what else must be known; service: id of an example."""
    sheet = book.add_worksheet(sheet_name("notes", lang))
    sheet.set_column(0, 0, 16, looks["wrapped"])
    sheet.set_column(1, 1, 90, looks["wrapped"])
    lines = [(_head(key, lang), f"starter.column_{key}") for key, _ in COLUMNS]
    lines += [
        (text(f"starter.topic_{key}").in_language(lang), f"starter.note_{key}") for key in NOTES
    ]
    for row, (name, key) in enumerate(lines):
        sheet.write_string(row, 0, name, looks["wrapped"])
        sheet.write_string(row, 1, text(key, service=service).in_language(lang), looks["wrapped"])


def _lists(book: Any, names: Sequence[str], lang: str, looks: dict[str, Any]) -> None:
    """The services that the drop-down list offers."""
    sheet = book.add_worksheet(sheet_name("lists", lang))
    sheet.set_column(0, 0, 28)
    sheet.write_string(0, 0, _head("service", lang), looks["head"])
    for row, name in enumerate(names, start=1):
        sheet.write_string(row, 0, plain(name))


def _head(key: str, lang: str) -> str:
    return text(f"starter.head_{key}").in_language(lang)
