"""A province on the terminal: its answer, where most is lacking, and where the files lie."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from gusu_geo.report.answer import percent
from gusu_geo.report.console import NOTHING, Terminal, name_of, show_files, show_notes
from gusu_geo.report.labels import heads
from gusu_geo.report.province_document import DistrictRow, ProvinceDocument
from gusu_geo.report.province_tables import ranked
from gusu_geo.words import COMMA, language, text

SHOWN = 20  # districts


def show_province(document: ProvinceDocument, folder: Path, map_path: Path) -> None:
    """The answer, the districts where most is lacking, notes, and where the files lie."""
    out = Terminal()
    out.print(document["title"]["zh" if language() == "zh" else "en"], style="bold")
    out.print(document["answer"]["zh" if language() == "zh" else "en"], soft_wrap=True)
    first = (text("province.district"), text("head.persons"))
    last = (text("cluster.known_share"), text("head.most_missed"))
    table = Table(*map(str, (*first, *last)))
    names = {row["id"]: str(name_of(row)) for row in document["totals"]["services"]}
    rows = ranked(document)
    for row in rows[:SHOWN]:
        table.add_row(*_cells(document, row, names))
    out.print(table)
    out.print(str(text("province.hint_districts")), style="dim", soft_wrap=True)
    if len(rows) > SHOWN:
        out.print(str(text("cluster.more_districts", count=len(rows) - SHOWN)), soft_wrap=True)
    show_notes(out, document["notes"])
    show_files(folder, map_path)


def _cells(document: ProvinceDocument, row: DistrictRow, names: dict[str, str]) -> list[str]:
    name, found = str(name_of(row["name"])), row["figures"]
    if found is None:
        return [name, NOTHING, str(text("province.state_failed")), ""]
    persons = heads(found["persons"], counted=document["data"]["persons_counted"])
    missed = COMMA[language()].join(names[key] for key in found["most_missed"])
    share = percent(found["passed_known"]["share"])
    return [name, str(persons), share, missed]
