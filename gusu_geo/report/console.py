"""Results as text for a terminal, in the language in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text as Styled

from gusu_geo.errors import plain
from gusu_geo.report.answer import next_line
from gusu_geo.report.labels import heads, is_counted, of_persons
from gusu_geo.words import Both, Note, Text, language, text

if TYPE_CHECKING:
    from gusu_geo.assessment.summary import (
        DataFacts,
        HoursFacts,
        ServiceChecked,
        ServiceRow,
        Summary,
    )
    from gusu_geo.report.explanation import ServiceProof

NOTHING = "—"
SAID_ELSEWHERE = ("invented", "survey_pending")  # above, and when the files are written


class Terminal(Console):
    """Standard output without markup, codes of emoji, highlighting or control characters."""

    def __init__(self) -> None:
        super().__init__(highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **how: Any) -> Styled:
        """Every text that rich shows, in tables, titles and lines, comes through here."""
        return super().render_str(plain(text), **how)


def show_summary(summary: Summary, folder: Path, map_path: Path) -> None:
    """Key figures, coverage by service, notes, and where the files lie."""
    from gusu_geo.report.summary_tables import by_evidence, key_figures

    out, rule = Terminal(), summary["rule"]
    speed = text("fact.speed", speed_mps=summary["walk"]["speed_mps"])
    out.print(line_of(_title(summary), f"{rule['pack']} {rule['version']}", speed), style="bold")
    tell_invented(out, summary)
    out.print(summary["answer"]["zh" if language() == "zh" else "en"], soft_wrap=True)
    out.print(key_figures(summary))
    counted = is_counted(summary["data"])
    missing = str(of_persons(text("head.missing_persons"), counted=counted))
    table = Table(*labels("service", "venues", "covered"), missing, *labels("state"))
    for row in sorted(summary["services"], key=lambda r: (r["share"] is None, r["share"] or 0)):
        known = row["state"] == "known"
        table.add_row(
            name_of(row),
            str(row["venues"]),
            share_of(row["share"]) if known else NOTHING,
            heads(row["missing_persons"], counted=counted) if known else NOTHING,
            state_word(row["state"]),
        )
    out.print(table)
    if summary["evidence"]:
        out.print(by_evidence(summary, counted))
    if "own_rules" in summary:
        from gusu_geo.report.own_tables import show_own_rules

        show_own_rules(out, summary)
    if summary["tiers"] is not None:
        from gusu_geo.report.tier_tables import show_tiers

        show_tiers(out, summary["tiers"], _names_by_id(summary["services"]), counted=counted)
    if summary["hours"]:
        _hours(out, summary["hours"], counted)
    if "attributes" in summary or "complaints" in summary:
        from gusu_geo.report.breakdown_lines import breakdown_lines

        for line in breakdown_lines(summary):
            out.print(str(line), soft_wrap=True)
    if any(key in summary for key in ("signals", "capacity", "pairing")):
        from gusu_geo.report.district_lines import district_lines

        for line in district_lines(summary):
            out.print(str(line), soft_wrap=True)
    point = next_line(summary)
    if point is not None:
        out.print(str(point), soft_wrap=True)
    _estimate(out, summary["data"])
    show_notes(out, (note for note in summary["notes"] if note["code"] not in SAID_ELSEWHERE))
    show_files(folder, map_path)


def _hours(out: Terminal, facts: HoursFacts, counted: bool) -> None:
    """The result at the asked moments, and who should open longer."""
    from gusu_geo.report.hours_lines import hours_lines, moments_table

    if facts["at"]:
        out.print(moments_table(facts))
    for line in hours_lines(facts, counted=counted):
        out.print(str(line), soft_wrap=True)


def _names_by_id(services: Iterable[ServiceRow]) -> dict[str, str]:
    return {row["id"]: name_of(row) for row in services}


def show_comparison(
    compared: Mapping[str, Any], folder: Path | None, map_path: Path | None
) -> None:
    """Key figures and services before and after, persons newly and no longer in time."""
    out, scenario = Terminal(), compared["scenario"]
    tell_invented(out, compared)
    changes = text("console.changes", count=len(scenario["changes"]))
    changed = text("console.changed", count=compared["residences"]["changed"])
    name = str(scenario["title"] or scenario["name"])
    out.print(line_of(_title(compared), name, changes, changed), style="bold")
    moves = labels("before", "after", "came_in", "fell_out", section="compare")
    counted = is_counted(compared["data"])
    persons = str(of_persons(text("head.persons"), counted=counted))
    figures = Table(persons, *moves, *labels("homes"))
    moves = labels("before", "after", "gained", "lost", section="compare")
    services = Table(*labels("service", "venues"), *moves)
    parts = [compared[when] for when in ("before", "after", "change")]
    for before, after, change in zip(*(part["totals"] for part in parts), strict=True):
        homes = f"+{change['gained_residences']:,} -{change['lost_residences']:,}"
        reading = str(text(f"reading.{before['reading']}"))
        figures.add_row(reading, *_moved(before, after, change, counted), homes)
    for before, after, change in zip(*(part["services"] for part in parts), strict=True):
        venues = f"{before['venues']} > {after['venues']}"
        moved = _moved(before, after, change, counted)
        services.add_row(before[language()], venues, *moved)
    out.print(figures)
    out.print(services)
    if "tiers" in parts[0]:
        from gusu_geo.report.tier_tables import show_tier_changes

        show_tier_changes(out, parts, counted=counted)
    if scenario["comments"]:
        _comments(out, scenario["comments"])
    _estimate(out, compared["data"])
    show_files(folder, map_path)


def _comments(out: Terminal, comments: Sequence[Mapping[str, Any]]) -> None:
    """What reviewers say, as they number it on the map."""
    said, *others = labels("comment", "comment_by", "comment_when", "comment_on")
    table = Table("#", Column(said, overflow="fold"), *others)  # Chinese has no spaces to break at
    for number, one in enumerate(comments, start=1):
        place = one.get("home") or one.get("venue") or "{:.5f}, {:.5f}".format(*one["at"])
        table.add_row(str(number), one["text"], one.get("by", ""), one.get("when", ""), place)
    out.print(table)


def _moved(
    before: Mapping[str, Any], after: Mapping[str, Any], change: Mapping[str, Any], counted: bool
) -> list[str]:
    """Four cells: persons and share before and after, persons newly and no longer in time."""
    came, went = change["gained_persons"], change["lost_persons"]
    cells = [
        f"{heads(row['persons'], counted=counted)} {share_of(row['share'])}"
        for row in (before, after)
    ]
    return [*cells, f"+{heads(came, counted=counted)}", f"-{heads(went, counted=counted)}"]


def listing() -> dict[str, Any]:
    """Built-in studies, rule packs and profiles as plain data."""
    from gusu_geo.study.catalog import PROFILES, list_packs
    from gusu_geo.study.study_file import builtin_studies, open_study

    return {
        "studies": [
            {"name": name, **open_study(path).title.model_dump()}
            for name, path in builtin_studies().items()
        ],
        "packs": [
            {"id": p.id, "version": p.version, "zh": p.title_zh, "en": p.title_en,
             "services": list(p.service_ids), "note": {"zh": p.note_zh, "en": p.note_en}}
            for p in list_packs().values()
        ],
        "profiles": [
            {"id": p.id, "zh": p.zh, "en": p.en, "speed_mps": p.speed_mps}
            for p in PROFILES.values()
        ],
    }  # fmt: skip


def show_listing(listed: Mapping[str, Any]) -> None:
    """Three small tables."""
    out = Terminal()
    for key, columns in (
        ("studies", ("name", "zh", "en")),
        ("packs", ("id", "version", "zh", "en")),
        ("profiles", ("id", "zh", "en", "speed_mps")),
    ):
        heads = labels(*columns)
        table = Table(*heads, title=labels(key)[0], title_justify="left")
        for row in listed[key]:
            table.add_row(*(str(row[column]) for column in columns))
        out.print(table)
    for pack in listed["packs"]:
        line = text("console.pack_note", pack=pack["id"], note=pack["note"])
        out.print(str(line), soft_wrap=True)


def _estimate(out: Terminal, data: DataFacts) -> None:
    if data["persons"]["estimate"] or not is_counted(data):
        line = text("console.estimate", method=data["persons"]["method"])
        out.print(f"※ {line}", soft_wrap=True)


def tell_invented(out: Terminal, row: Mapping[str, Any]) -> None:
    """The first line where nothing is real; row: a document with the mark."""
    if row["invented"]:
        out.print(f"※ {text('note.invented')}", style="bold", soft_wrap=True)


def show_notes(out: Terminal, notes: Iterable[Note]) -> None:
    """One line for each note."""
    for note in notes:
        out.print(f"※ {name_of(note)}", soft_wrap=True)


def show_files(folder: Path | None, map_path: Path | None) -> None:
    """Where tables and map were written."""
    out = Terminal()
    for line in (text("console.tables", path=folder), text("console.map", path=map_path)):
        out.print(str(line), soft_wrap=True)


def show_new(paths: Sequence[Path]) -> None:
    """The files of a new study, its study file first, and what to do next."""
    out = Terminal()
    lines = [text("console.new_files", path=path) for path in paths]
    for line in (*lines, text("console.new_next", path=paths[0])):
        out.print(str(line), soft_wrap=True)


def show_fetched(got: Mapping[str, Any], out: Path, study: str) -> None:
    """What was fetched and where it lies, whose data it is, and what to do next."""
    screen = Terminal()
    date = got["data_date"] or text("fetch.no_date")
    size_mb = got["bytes"] / 1e6
    for line in (
        text(
            "fetch.done", path=out / got["file"], size_mb=size_mb, date=date, source=got["source"]
        ),
        text("fetch.objects", **got["objects"]),
        text("fetch.licence", licence=got["licence"]),
    ):
        screen.print(str(line), soft_wrap=True)
    show_notes(screen, got["notes"])
    place = "" if out == Path() else f" --out {out}"
    screen.print(str(text("fetch.next_command", study=study, place=place)), soft_wrap=True)


def labels(*keys: str, section: str = "head") -> list[str]:
    """Words of a section of the words file in the language in force."""
    return [str(text(f"{section}.{key}")) for key in keys]


def state_word(state: str) -> str:
    """What a state is called."""
    return str(text(f"state.{state}"))


def line_of(*parts: str | Text) -> str:
    """Facts in one line."""
    return "  ·  ".join(map(str, parts))


def _title(summary: Mapping[str, Any]) -> str:
    title: str = summary["title"][language()] or summary["study"]
    return title


def name_of(row: Both | ServiceRow | ServiceChecked | ServiceProof) -> str:
    """A name or note in the language in force."""
    return row["zh"] if language() == "zh" else row["en"]


def share_of(share: float | None) -> str:
    """A share in percent, a dash for none."""
    return NOTHING if share is None else f"{share:.1%}"
