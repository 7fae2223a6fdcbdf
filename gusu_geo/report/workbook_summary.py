"""The first sheet of the workbook: key figures, walking profiles, and the basis of the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import Summary
from gusu_geo.report.answer import next_line
from gusu_geo.report.labels import bilingual, capital, heads, is_counted, label, limit, phrase
from gusu_geo.report.sheets import (
    UNKNOWN_CELL,
    Book,
    Column,
    both_lines,
    each,
    marks,
    source_mark,
)
from gusu_geo.report.source_lines import Reason as Why
from gusu_geo.report.source_lines import doubted, kind_of, left_out
from gusu_geo.report.summary import undetermined
from gusu_geo.study.catalog import PROFILES
from gusu_geo.tables import Merge, Reading
from gusu_geo.walking.linkage import Reason
from gusu_geo.words import COMMA, text


def summary_sheet(book: Book, outcome: Outcome) -> None:
    """Write the sheet."""
    summary = outcome.summary
    sheet = book.sheet(label("workbook.sheet_summary"))
    book.head(sheet, bilingual(summary["title"]) or summary["study"], summary["answer"])
    after = book.part(sheet, 5, _key_figures(summary))
    after = book.part(sheet, after + 1, _sensitivity(summary))
    if summary["evidence"]:
        after = book.part(sheet, after + 1, _evidence(summary))
    book.facts(sheet, after + 1, label("workbook.about"), _facts(summary))
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(0, 2)


def sources_sheet(book: Book, summary: Summary) -> None:
    """Write the sheet of sources: a row for what was read and used, and one for each reason."""
    rows: list[tuple[Reading, str, Why | None, int]] = []
    for row in summary["sources"]:
        rows += [(row, "head.read", None, row["read"]), (row, "head.used", None, row["used"])]
        rows += [(row, "head.left_out", why, why.number) for why in left_out(row)]
        rows += [(row, "head.doubted", why, why.number) for why in doubted(row)]
    columns = [
        Column("head.source", [row["source"] for row, *_ in rows], width=30),
        Column("head.kind", [bilingual(kind_of(row)) for row, *_ in rows], width=34),
        Column("head.state", [phrase(fate) for _, fate, *_ in rows], width=24),
        Column(
            "head.reason", [bilingual(why.what) if why else "" for *_, why, _ in rows], width=60
        ),
        Column("head.count", [count for *_, count in rows], "count", 10),
        Column("head.ids", [", ".join(why.names) if why else "" for *_, why, _ in rows], width=40),
    ]
    hint = phrase("workbook.hint_sources")
    book.table(label("workbook.sheet_sources"), columns, hint=hint, fixed=2)


def _key_figures(summary: Summary) -> list[Column]:
    readings = ("passed", "passed_known", "failed", "unknown", "one_stop")
    names = [*(label(f"reading.{key}") for key in readings), label("head.all")]
    names.append(label("head.assumed_homes"))
    homes = summary["residences"]
    never = stand_ins(summary, "persons", "share", "residences")
    rows: list[dict[str, Any]] = [
        dict(summary["passed"]) | never,
        dict(summary["passed_known"]),
        dict(summary["failed"]),
        dict(summary["unknown"]),
        dict(summary["one_stop"]) | never,
        {"persons": homes["persons"], "residences": homes["total"]},
        dict(summary["assumed"]),
    ]
    return [
        Column("head.key_figures", names),
        Column("head.persons", each(rows, "persons"), "persons"),
        Column("head.share", each(rows, "share"), "share"),
        Column("head.homes", each(rows, "residences"), "count"),
    ]


def stand_ins(summary: Summary, *keys: str) -> dict[str, str]:
    """What stands in for figures that are not known yet."""
    return dict.fromkeys(keys, UNKNOWN_CELL) if undetermined(summary) else {}


def _sensitivity(summary: Summary) -> list[Column]:
    never = stand_ins(summary, "passed_persons", "share")
    rows = [dict(row) | never for row in summary["sensitivity"]]
    profiles = [PROFILES.get(row["profile"]) for row in summary["sensitivity"]]
    names = [f"{p.zh} {p.en}" if p else "—" for p in profiles]
    return [
        Column("head.by_profile", names),
        Column("head.speed_mps", each(rows, "speed_mps"), "speed"),
        Column("reading.passed", each(rows, "passed_persons"), "persons"),
        Column("head.share", each(rows, "share"), "share"),
        Column("reading.passed_known", each(rows, "passed_known_persons"), "persons"),
        Column("head.share", each(rows, "passed_known_share"), "share"),
    ]


def _evidence(summary: Summary) -> list[Column]:
    """The result at A, A+B and A+B+C; no share is known while a service has no venue there."""
    wanted = len(summary["services"])
    all_of = dict.fromkeys(("passed_persons", "share"), UNKNOWN_CELL)
    of_known = {"passed_known_persons": UNKNOWN_CELL}
    rows = [
        dict(row)
        | (all_of if row["no_data"] else {})
        | (of_known if len(row["no_data"]) == wanted else {})
        for row in summary["evidence"]
    ]
    known = [wanted - len(row["no_data"]) for row in summary["evidence"]]
    return [
        Column("head.by_evidence", each(rows, "grades")),
        Column("head.venues", each(rows, "venues"), "count"),
        Column("head.services_with_data", known, "count"),
        Column("reading.passed", each(rows, "passed_persons"), "persons"),
        Column("head.share", each(rows, "share"), "share"),
        Column("reading.passed_known", each(rows, "passed_known_persons"), "persons"),
    ]


def merges_sheet(book: Book, merges: Sequence[Merge], services: Mapping[str, str]) -> None:
    """Write the sheet of merged records; services: names of the services by id."""
    columns = [
        Column("head.record", each(merges, "id"), width=26),
        Column("head.name", each(merges, "name"), width=30),
        Column("head.source", each(merges, "source"), width=24),
        Column("head.stands", each(merges, "stands"), width=26),
        Column("head.name", each(merges, "stands_name"), width=30),
        Column("head.source", each(merges, "stands_source"), width=24),
        Column("head.distance_m", each(merges, "distance_m"), "metres", 10),
        Column(
            "head.still_for",
            [COMMA["zh"].join(services[key] for key in row["services"]) for row in merges],
            width=36,
        ),
    ]
    book.table(
        label("workbook.sheet_merges"), columns, hint=phrase("workbook.hint_merges"), fixed=1
    )


def _next_point(summary: Summary) -> list[tuple[str, str]]:
    line = next_line(summary)
    return [(label("workbook.next"), f"{line.zh}\n{line.en}")] if line else []


def _facts(summary: Summary) -> list[tuple[str, str]]:
    """Label and text of everything that a reader must know before quoting a number."""
    rule, data, report = summary["rule"], summary["data"], summary["report"]
    blank = COMMA["zh"].join(bilingual(s) for s in summary["services"] if s["state"] == "no_data")
    absent = f"{blank}\n{phrase('workbook.absent')}" if blank else phrase("workbook.none")
    mode, minutes = rule["mode"], bilingual(limit(rule["minutes"]))
    licence = source_mark(True) if summary["invented"] else f"{data['licence']} (ODbL)"
    mark = marks(internal=report["internal"], invented=summary["invented"])
    return [
        (label("workbook.rule_pack"),
         f"{bilingual(rule['title'])} · {rule['pack']} {rule['version']}"),
        *_next_point(summary),
        (label("workbook.rule_note"), both_lines(rule["note"])),
        (label("workbook.rule_source"), rule["source"]),
        (label("workbook.reading"), f"{phrase(f'mode.{mode}')} · {minutes}"),
        (label("workbook.walking"), _walking(summary)),
        (label("head.mean_services"), _mean(summary)),
        *_homes(summary),
        *_persons(summary),
        (label("workbook.without_data"), absent),
        (label("head.data_osm_file"), f"{data['osm_file']} · SHA-256 {data['osm_sha256']}"),
        (label("head.data_osm_date"), data["osm_date"] or phrase("head.data_undated")),
        (label("head.network"), _network(summary)),
        *((bilingual(capital(text("workbook.note", number=n))), both_lines(note))
          for n, note in enumerate(summary["notes"], start=1)),
        (label("workbook.licence"), licence),
        (label("workbook.review_number"), report["review_number"] or phrase("workbook.no_review")),
        *([(label("workbook.use"), mark)] if mark else []),
        (label("workbook.software"), f"gusu_geo {summary['version']}"),
        (label("workbook.run_id"), summary["run_id"] or UNKNOWN_CELL),
    ]  # fmt: skip


def _walking(summary: Summary) -> str:
    walk = summary["walk"]
    profile = PROFILES.get(walk["profile"])
    pace = f"{profile.zh} {profile.en}" if profile else phrase("workbook.custom")
    speed = bilingual(text("fact.speed", speed_mps=walk["speed_mps"]))
    return f"{pace} · {speed}\n{both_lines(walk['model'])}"


def _homes(summary: Summary) -> list[tuple[str, str]]:
    """How many are linked, where their walks begin, and how they are known to be homes."""
    homes, snap_max_m = summary["residences"], summary["walk"]["snap_max_m"]
    linked = f"{homes['linked']:,} / {homes['total']:,} (≤ {snap_max_m:g} m)"
    why = [
        f"{reason_word(Reason[name.upper()])} {count:,}"
        for name, count in homes["unlinked"].items()
    ]
    rungs = [f"{phrase(f'rung.{name}')} {count:,}" for name, count in homes["rungs"].items()]
    kinds = {
        "head.home_tagged": homes["tagged"],
        "head.home_assumed": homes["assumed"],
        "head.home_mixed": homes["mixed"],
        "head.home_ledger": homes["ledger"],
    }
    return [
        (label("head.home_linked"), " · ".join([linked, *why])),
        (label("head.home_rungs"), " · ".join(rungs)),
        (label("head.homes"), " · ".join(f"{phrase(key)} {n:,}" for key, n in kinds.items())),
        *_left_out(summary),
    ]


def _left_out(summary: Summary) -> list[tuple[str, str]]:
    """Buildings that are no homes, by reason, the most frequent first."""
    dropped = summary["facts"].get("dropped", {}).get("homes", {})
    order = sorted(dropped, key=lambda reason: (-dropped[reason], reason))
    counts = " · ".join(f"{phrase(f'left_out.{reason}')} {dropped[reason]:,}" for reason in order)
    return [(label("workbook.no_homes"), counts)] if counts else []


def _mean(summary: Summary) -> str:
    """Services in time per person, and of how many."""
    mean = summary["mean_services"]
    if mean["mean"] is None:
        return UNKNOWN_CELL
    blank = sum(service["state"] == "no_data" for service in summary["services"])
    shown = bilingual(text("console.mean_of", **mean))
    return f"{shown} · {bilingual(text('console.without_data', count=blank))}" if blank else shown


def _persons(summary: Summary) -> list[tuple[str, str]]:
    persons = summary["data"]["persons"]
    estimate = f"{phrase('workbook.estimate')} · " if persons["estimate"] else ""
    method = bilingual(persons["method"])
    total = heads(persons["total"], counted=is_counted(summary["data"]))
    return [
        (label("head.persons"), f"{estimate}{total} · {method}"),
        (label("workbook.persons_source"), persons["source"] or UNKNOWN_CELL),
    ]


def _network(summary: Summary) -> str:
    net = summary["network"]
    facts = {
        "head.net_km": f"{net['km']:,.1f}",
        "head.net_nodes": f"{net['nodes']:,}",
        "head.net_edges": f"{net['edges']:,}",
        "head.net_largest_share": f"{net['largest_share']:.1%}",
        "head.net_steps": f"{net['steps']:,}",
        "head.net_private_km": f"{net['private_km']:g}",
    }
    return " · ".join(f"{phrase(key)} {value}" for key, value in facts.items())


def reason_word(reason: Reason) -> str:
    """Whether something is linked to streets, and why not."""
    return phrase(f"reason.{reason.name.lower()}")
