"""The workbook of a province: overview, districts, services by district, what failed, sources.

As in the other workbooks every text of the data is text, every number a number, and the same
document gives the same bytes. A district that failed stands in every list, without figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from gusu_geo.report.labels import bilingual, capital, label, limit, phrase
from gusu_geo.report.province_document import Basis, DistrictRow, DistrictService, ProvinceDocument
from gusu_geo.report.province_tables import listed, never, place_of, ranked
from gusu_geo.report.sheets import (
    GAP,
    UNKNOWN_CELL,
    Book,
    Column,
    Imprint,
    both_lines,
    each,
    marks,
    no_data_cell,
    source_mark,
)
from gusu_geo.study.catalog import PROFILES
from gusu_geo.words import Both, both, text


def write_province_book(document: ProvinceDocument, path: Path) -> None:
    """Write the workbook. Raises OSError when the file cannot be written."""
    stream = BytesIO()
    data = document["data"]
    imprint = Imprint(
        title=bilingual(document["title"]) or document["province"],
        licence=data["licence"],
        dated=data["osm_date"],
        caption=" · ".join(map(bilingual, _caption(document))),
        run_id=document["run_id"],
        counted=data["persons_counted"],
        internal=document["internal"],
        invented=document["invented"],
    )
    book = Book(stream, imprint)
    _overview(book, document)
    _districts(book, document)
    _services(book, document)
    _failed(book, document)
    _sources(book, document)
    book.file.close()
    Path(path).write_bytes(stream.getvalue())


def _caption(document: ProvinceDocument) -> list[Both]:
    """What every sheet says above its numbers."""
    data, totals = document["data"], document["totals"]
    first, last = data["osm_date"][:10], data["osm_date_last"][:10]
    found = [
        text("province.count", done=totals["done"], all=totals["districts"]),
        text("fact.data_date", date=first if first == last else f"{first} – {last}")
        if first
        else text("fact.data_undated"),
    ]
    if not data["persons_counted"]:
        found.append(text("fact.persons_uncounted"))
    elif data["persons_estimate"]:
        found.append(text("fact.persons_estimate"))
    shown = [Both(zh=one.zh, en=one.en) for one in found]
    mark = source_mark(document["invented"])
    return [*shown, Both(zh=mark, en=mark)]


def _overview(book: Book, document: ProvinceDocument) -> None:
    sheet = book.sheet(label("workbook.sheet_summary"))
    book.head(sheet, bilingual(document["title"]) or document["province"], document["answer"])
    after = book.part(sheet, 5, _key_figures(document))
    after = book.part(sheet, after + 1, _region_services(document))
    book.facts(sheet, after + 1, label("workbook.about"), _facts(document))
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(0, 2)


def _key_figures(document: ProvinceDocument) -> list[Column]:
    totals = document["totals"]
    blank = dict.fromkeys(("persons", "share", "residences"), UNKNOWN_CELL)
    rows: list[dict[str, Any]] = [
        dict(totals["passed"]) | (blank if totals["undetermined"] else {}),
        dict(totals["passed_known"]),
        dict(totals["lacking_any"]),
        dict(totals["unknown"]),
        {"persons": totals["persons"], "residences": totals["residences"]},
    ]
    names = [
        label("reading.passed"),
        label("reading.passed_known"),
        label("province.lacking_any"),
        label("reading.unknown"),
        label("province.all_done"),
    ]
    return [
        Column("head.key_figures", names),
        Column("head.persons", each(rows, "persons"), "persons"),
        Column("head.share", each(rows, "share"), "share"),
        Column("head.homes", each(rows, "residences"), "count"),
    ]


def _region_services(document: ProvinceDocument) -> list[Column]:
    rows = document["totals"]["services"]
    known = [dict(row) if row["state"] == "known" else {} for row in rows]
    return [
        Column("head.service", [bilingual({"zh": r["zh"], "en": r["en"]}) for r in rows]),
        Column("head.in_time_persons", each(known, "covered_persons"), "persons"),
        Column("head.covered", each(known, "share"), "share"),
        Column("head.missing_persons", each(known, "missing_persons"), "persons"),
        Column("head.unknown_persons", each(rows, "unknown_persons"), "persons"),
        Column("province.no_data_districts", each(rows, "no_data"), "count"),
    ]


def _districts(book: Book, document: ProvinceDocument) -> None:
    rows, names = ranked(document), _names(document)
    figures = [row["figures"] for row in rows]
    plain = [dict(one) if one else {} for one in figures]
    shares = {key: [_share(row, key) for row in rows] for key in ("passed", "passed_known")}
    points = [one["next"] if one else None for one in figures]
    lost = [one is None for one in figures]
    ranks = [None if gone else place for place, gone in enumerate(lost, start=1)]
    unknown = [one["unknown"]["persons"] if one else None for one in figures]
    most = [listed(one["most_missed"], names) if one else "" for one in figures]
    columns = [
        Column("province.rank", ranks, "count", 8),
        Column("province.district", [bilingual(row["name"]) for row in rows], width=26),
        Column("head.id", each(rows, "key"), width=26),
        Column("province.code", [row["code"] or None for row in rows], width=12),
        Column("head.state", [phrase(f"province.state_{row['state']}") for row in rows], "mark",
               14, late=lost),
        Column("head.homes", each(plain, "residences"), "count", 11),
        Column("head.persons", each(plain, "persons"), "persons", 12),
        Column("reading.passed", shares["passed"], "share", 12),
        Column("reading.passed_known", shares["passed_known"], "share", 13),
        Column("head.unknown_persons", unknown, "persons", 12),
        Column("province.lacking", each(plain, "lacking"), "persons", 14),
        Column("head.most_missed", most, width=36),
        Column("workbook.next", [place_of(point) for point in points], width=24),
        Column("province.next_services",
               [listed(point["services"], names) if point else None for point in points], width=30),
        Column("head.gain", [point and point["gained_persons"] for point in points], "persons", 12),
        Column("province.map", each(plain, "map"), width=30),
        Column("workbook.run_id", each(plain, "run_id"), width=20),
    ]  # fmt: skip
    hint = phrase("province.hint_districts")
    sheet, first = book.table(label("province.sheet_districts"), columns, hint=hint, fixed=2)
    bar = {"type": "data_bar", "data_bar_2010": True, "bar_solid": True, "min_type": "num",
           "bar_color": "#9FC5DD", "min_value": 0, "max_type": "num",
           "max_value": 1}  # fmt: skip
    sheet.conditional_format(first, 7, first + max(len(rows), 1) - 1, 8, bar)


def _share(row: DistrictRow, key: str) -> float | str | None:
    """A share of a district; a mark where nobody knows it, nothing where it failed."""
    figures = row["figures"]
    if figures is None:
        return None
    if key == "passed":
        return never(row, key).get(key) or figures["passed"]["share"]
    return figures["passed_known"]["share"]


def _services(book: Book, document: ProvinceDocument) -> None:
    rows = ranked(document)
    services = document["totals"]["services"]
    names = [*(bilingual(row["name"]) for row in rows), label("head.total")]
    persons = [*map(_persons, rows), document["totals"]["persons"]]
    columns = [
        Column("province.district", names, width=26),
        Column("head.persons", persons, "persons", 12),
    ]
    for service in services:
        words = {"zh": service["zh"], "en": service["en"]}
        found = [_of(row, service["id"]) for row in rows]
        columns += [
            Column(text("province.service_share", service=words),
                   [*map(_covered, [*found, service])], "share", 12),
            Column(text("head.service_missing", service=words),
                   [*map(_missing, [*found, service])], "persons", 13),
        ]  # fmt: skip
    hint = bilingual(text("province.hint_services", blank=no_data_cell()))
    sheet, first = book.table(label("workbook.sheet_services"), columns, hint=hint, fixed=1, sums=1)
    scale = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "max_type": "max",
             "min_color": "#FFFFFF", "max_color": GAP}  # fmt: skip
    for column in range(3, len(columns), 2):
        sheet.conditional_format(first, column, first + max(len(rows), 1) - 1, column, scale)


def _persons(row: DistrictRow) -> float | str:
    return row["figures"]["persons"] if row["figures"] else UNKNOWN_CELL


def _of(row: DistrictRow, service: str) -> DistrictService | None:
    """The service in a district; None where it failed, or its rule has no such service."""
    rows = row["figures"]["services"] if row["figures"] else []
    return next((one for one in rows if one["id"] == service), None)


def _covered(found: DistrictService | None) -> Any:
    if found is None:
        return UNKNOWN_CELL
    return no_data_cell() if found["state"] == "no_data" else found["share"]


def _missing(found: DistrictService | None) -> Any:
    if found is None:
        return UNKNOWN_CELL
    return no_data_cell() if found["state"] == "no_data" else found["missing_persons"]


def _failed(book: Book, document: ProvinceDocument) -> None:
    """Districts without a result; no sheet where there are none."""
    rows = [(row, row["failure"]) for row in document["districts"] if row["failure"]]
    if not rows:
        return
    stages = [phrase(f"province.stage_{why['stage']}") for _, why in rows]
    columns = [
        Column("province.district", [bilingual(row["name"]) for row, _ in rows], width=26),
        Column("head.id", [row["key"] for row, _ in rows], width=26),
        Column("province.stage", stages, width=22),
        Column("head.reason", [both_lines(why["message"]) for _, why in rows], width=110),
    ]
    hint = phrase("province.hint_failed")
    book.table(label("province.sheet_failed"), columns, hint=hint, fixed=1)


def _sources(book: Book, document: ProvinceDocument) -> None:
    rows = [row for row in document["districts"] if row["figures"]]
    basis: list[Basis] = [row["figures"]["basis"] for row in rows if row["figures"]]
    undated = phrase("head.data_undated")
    guessed = [
        phrase("workbook.yes" if one["persons_estimate"] else "workbook.no") for one in basis
    ]
    packs = [f"{one['pack']} {one['version']}" for one in basis]
    columns = [
        Column("province.district", [bilingual(row["name"]) for row in rows], width=26),
        Column("head.data_osm_file", each(basis, "osm_file"), width=30),
        Column("head.data_osm_date", [one["osm_date"] or undated for one in basis], width=22),
        Column("workbook.persons_source", each(basis, "persons_source"), width=40),
        Column("workbook.estimate", guessed, "mark", 10),
        Column("workbook.rule_pack", packs, width=22),
        Column("head.limit", [bilingual(limit(one["minutes"])) for one in basis], width=26),
        Column("workbook.reading", [phrase(f"mode.{one['mode']}") for one in basis], width=16),
        Column("head.profiles", [_walker(one["profile"]) for one in basis], width=22),
        Column("head.speed_mps", each(basis, "speed_mps"), "speed", 10),
        Column("workbook.licence", each(basis, "licence"), width=36),
        Column("province.sha256", each(basis, "osm_sha256"), width=66),
    ]
    hint = phrase("province.hint_sources")
    book.table(label("workbook.sheet_sources"), columns, hint=hint, fixed=1)


def _walker(profile: str) -> str:
    known = PROFILES.get(profile)
    return f"{known.zh} {known.en}" if known else phrase("workbook.custom")


def _names(document: ProvinceDocument) -> dict[str, str]:
    """Names of services by id, in both languages."""
    rows = document["totals"]["services"]
    return {row["id"]: bilingual({"zh": row["zh"], "en": row["en"]}) for row in rows}


def _facts(document: ProvinceDocument) -> Sequence[tuple[str, str]]:
    """What a reader must know before quoting a number."""
    data, totals = document["data"], document["totals"]
    mark = marks(internal=document["internal"], invented=document["invented"])
    lost = [bilingual(row["name"]) for row in document["districts"] if row["failure"]]
    return [
        (label("province.sheet_districts"),
         bilingual(text("province.count", done=totals["done"], all=totals["districts"]))),
        *([(label("province.sheet_failed"), "\n".join(lost))] if lost else []),
        (label("province.adds_up"), both_lines(both("province.adds_up_how"))),
        (label("head.data_osm_file"), data["osm_file"] or UNKNOWN_CELL),
        (label("head.data_osm_date"), data["osm_date"] or phrase("head.data_undated")),
        *((bilingual(capital(text("workbook.note", number=n))), both_lines(one))
          for n, one in enumerate(document["notes"], start=1)),
        (label("workbook.licence"), data["licence"]),
        (label("workbook.review_number"),
         document["review_number"] or phrase("workbook.no_review")),
        *([(label("workbook.use"), mark)] if mark else []),
        (label("workbook.software"), f"gusu_geo {document['version']}"),
        (label("workbook.run_id"), document["run_id"] or UNKNOWN_CELL),
    ]  # fmt: skip
