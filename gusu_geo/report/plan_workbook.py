"""The workbook of a plan: the answer and its key figures, the sites, and what they change.

Every text of the data is written as text; the only date in the file is the date of the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.answer import percent
from gusu_geo.report.labels import bilingual, capital, heads, is_counted, label, phrase
from gusu_geo.report.plan_figures import figures_of, proof_of
from gusu_geo.report.plan_sheets import Names, section_sheets
from gusu_geo.report.sheets import (
    UNKNOWN_CELL,
    Book,
    Column,
    both_lines,
    each,
    no_data_cell,
    source_mark,
)
from gusu_geo.report.workbook import zone_name
from gusu_geo.siting.plan_document import PlanDocument
from gusu_geo.tables import Bools
from gusu_geo.words import COMMA, Both, Text, text

NAMED = 5  # sites named in the answer


def write_plan_book(
    plan: PlanDocument,
    homes: gpd.GeoDataFrame,
    outcome: Outcome,
    path: Path,
    *,
    places: Mapping[str, str],
    passed: Bools,
) -> None:
    """Write the workbook of a plan as ``plan.json`` has it; homes: as ``gained_frame`` has them;
    places: names of all candidates by their ids, "" for none; passed (R,): homes that have all
    that the plan is for before it.

    Raises OSError: the file cannot be written.
    """
    stream = BytesIO()
    book = Book(stream, outcome, plan["run_id"])
    names = Names.of(outcome, places)
    _plan_sheet(book, plan, outcome, names)
    _sites_sheet(book, plan, names)
    _services_sheet(book, plan, outcome, names)
    _zones_sheet(book, plan, outcome, passed)
    _homes_sheet(book, homes, outcome, names)
    section_sheets(book, plan, names)
    book.file.close()
    path.write_bytes(stream.getvalue())


def asked(plan: PlanDocument, names: Names) -> Text:
    """What was asked for, in words."""
    parts = []
    if plan["asked_services"] is not None:
        only = tuple(names.services[one] for one in plan["asked_services"])
        parts.append(text("plan.only_for", services=only))
    if plan["sites"] is not None:
        parts.append(text("plan.at_most_sites", count=plan["sites"]))
    if plan["budget"] is not None:
        parts.append(text("plan.at_most_money", budget=plan["budget"]))
    if plan["target"] is not None:
        parts.append(text("plan.target", share=plan["target"]))
    if plan["services_per_site"] is None:
        parts.append(text("plan.any_services"))
    else:
        parts.append(text("plan.at_most_services", count=plan["services_per_site"]))
    if plan["certain"]:
        parts.append(text("plan.certain"))
    if "asked" in plan and plan["asked"]["weight"]:
        parts.append(text("plan.with_signals", share=plan["asked"]["weight"]))
    if "room" in plan and plan["room"]["asked"]:
        parts.append(text("plan.with_room"))
    return text("console.listed", names=tuple(parts))


def _what(plan: PlanDocument) -> str:
    """What persons have who count: all services with data, or those that the plan is for."""
    return "reading.passed_known" if plan["asked_services"] is None else "plan.passed_asked"


def _answer(plan: PlanDocument, names: Names, *, counted: bool) -> Both:
    """The plan in one sentence."""
    before, after = (percent(plan[when]["share"]) for when in ("before", "after"))
    sites = [names.site(row["candidate_id"]) for row in plan["chosen"]]
    more = [f"+{len(sites) - NAMED}"] if len(sites) > NAMED else []
    every = plan["asked_services"] is None
    said = text(
        "plan.answer" if every else "plan.answer_asked",
        asked=asked(plan, names),
        count=len(sites),
        sites=(*sites[:NAMED], *more),
        gained=heads(plan["gained_persons"][1], counted=counted),
        before=before,
        after=after,
        proof=proof_of(plan, counted=counted),
    )
    if not sites:
        none = "plan.answer_none" if every else "plan.answer_none_asked"
        said = text(none, asked=asked(plan, names), before=before)
    return capital(said)


def _plan_sheet(book: Book, plan: PlanDocument, outcome: Outcome, names: Names) -> None:
    summary = outcome.summary
    sheet = book.sheet(label("plan.sheet_plan"))
    title = bilingual(summary["title"]) or summary["study"]
    answer = _answer(plan, names, counted=is_counted(summary["data"]))
    book.head(sheet, f"{title} · {label('plan.sheet_plan')}", answer)
    before, after = plan["before"], plan["after"]
    more = None if before["share"] is None or after["share"] is None else (
        after["share"] - before["share"]
    )  # fmt: skip
    rows = [label("plan.before"), label("plan.after"), label("plan.difference")]
    persons = [part["passed_known_persons"] for part in (before, after)]
    row = book.part(sheet, 5, [
        Column(_what(plan), rows),
        Column("head.persons", [*persons, persons[1] - persons[0]], "persons"),
        Column("head.share", [before["share"], after["share"], more], "share"),
    ])  # fmt: skip
    figures = figures_of(plan)
    row = book.part(sheet, row + 1, [
        Column("head.key_figures", [label(key) for key in figures]),
        Column("head.persons", list(figures.values()), "persons"),
    ])  # fmt: skip
    book.facts(sheet, row + 1, label("workbook.about"), _facts(plan, outcome, names))
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(0, 2)


def _facts(plan: PlanDocument, outcome: Outcome, names: Names) -> list[tuple[str, str]]:
    """Name and text of what a reader must know before quoting the plan."""
    summary, status = outcome.summary, plan["status"].replace(" ", "_")
    gap = UNKNOWN_CELL if plan["gap"] is None else f"{plan['gap']:.2%}"
    known = text("workbook.yes") if plan["fewest"] else text("workbook.no")
    facts = [
        (label("plan.question"), both_lines(capital(asked(plan, names)))),
        (
            label("plan.status"),
            f"{phrase(f'console.status_{status}')} · {phrase('plan.gap')} {gap}",
        ),
        (label("plan.fewest"), bilingual(known)),
        (label("plan.candidates"), _candidates(plan)),
    ]
    if "asked" in plan:
        facts.append((label("plan.signals_weight"), f"{plan['asked']['weight']:g}"))
    if plan["cost"] is not None:
        facts.append((label("plan.cost"), f"{plan['cost']:,.2f}"))
    if plan["least"] is not None:
        unit = phrase("plan.size_sites" if plan["budget"] is None else "plan.size_money")
        facts.append((label("plan.least"), f"{plan['least']:,g} · {unit}"))
    if plan["unreachable_services"]:
        short = (
            f"{names.service(r['id'])} {r['persons']:,.0f}" for r in plan["unreachable_services"]
        )
        facts.append((label("plan.unreachable"), COMMA["zh"].join(short)))
    if plan["excluded_services"]:
        blank = COMMA["zh"].join(map(names.service, plan["excluded_services"]))
        facts.append((label("workbook.without_data"), f"{blank}\n{phrase('workbook.absent')}"))
    licence = f"{summary['data']['licence']} (ODbL)"
    facts += [
        *((bilingual(capital(text("workbook.note", number=n))), both_lines(note))
          for n, note in enumerate(plan["notes"], start=1)),
        (label("workbook.licence"), source_mark(True) if plan["invented"] else licence),
        (label("workbook.software"), f"gusu_geo {summary['version']}"),
        (label("workbook.run_id"), plan["run_id"] or UNKNOWN_CELL),
        (label("plan.based_on"), plan["based_on"] or UNKNOWN_CELL),
    ]  # fmt: skip
    return facts


def _candidates(plan: PlanDocument) -> str:
    """How many there are, and how many were left out."""
    parts = [f"{plan['candidates']:,}"]
    if plan["spacing_m"] is not None:
        parts.append(bilingual(text("plan.spacing", spacing_m=plan["spacing_m"])))
    out = {
        "plan.refused": plan["refused_candidates"],
        "plan.uncosted": plan["uncosted_candidates"],
        "plan.unlinked": len(plan["unlinked_candidate_ids"]),
    }
    return " · ".join([*parts, *(f"{phrase(key)} {n:,}" for key, n in out.items() if n)])


def _sites_sheet(book: Book, plan: PlanDocument, names: Names) -> None:
    rows = plan["chosen"]
    total, count = label("head.total"), len(rows)
    losses = {
        row["candidate_id"]: row["lost_persons"] for row in (plan["why"] or {"sites": []})["sites"]
    }
    alone = [losses.get(row["candidate_id"]) for row in rows]
    votes = [phrase(f"plan.vote_{row['vote']}") if row["vote"] else "" for row in rows]
    gains = [row["gained_persons"] for row in rows]
    columns = [
        Column("head.number", [*range(1, count + 1), None], "count", 8),
        Column("head.name", [*(names.site(row["candidate_id"]) for row in rows), total], width=30),
        Column("head.id", [*each(rows, "candidate_id"), ""], width=12),
        Column("head.service", [*(names.listed(row["services"]) for row in rows), ""], width=50,
               wrap=True),
        Column("head.gain", [*gains, plan["gained_persons"][1]], "persons", 14),
        *([Column("plan.loss_alone", [*alone, None], "persons", 14)] if losses else []),
        Column("plan.cost", [*each(rows, "cost"), plan["cost"]], "amount", 14),
        Column("plan.vote", [*votes, ""], width=30),
        Column("plan.available", [*each(rows, "available"), ""], width=18),
        Column("plan.heritage", [*each(rows, "heritage"), ""], width=22),
        Column("plan.must", [*(phrase("workbook.yes") if row["must"] else "" for row in rows), ""],
               "mark", 9),
        Column("head.lon", [*(row["lonlat"][0] for row in rows), None], "degrees", 12),
        Column("head.lat", [*(row["lonlat"][1] for row in rows), None], "degrees", 12),
    ]  # fmt: skip
    known = [one for one in columns[5:] if any(value not in (None, "") for value in one.values)]
    hint = phrase("plan.hint_sites")
    book.table(label("plan.sheet_sites"), columns[:5] + known, hint=hint, fixed=2, sums=1)


def _services_sheet(book: Book, plan: PlanDocument, outcome: Outcome, names: Names) -> None:
    changes = {row["id"]: row for row in plan["services"]}
    only = plan["asked_services"]
    ids = [s["id"] for s in outcome.summary["services"] if only is None or s["id"] in only]
    persons: list[Any] = outcome.city.residences.frame["persons"].tolist()
    total = sum(persons)
    found: list[Mapping[str, Any]] = [changes.get(one, {}) for one in ids]
    values = {
        key: [row[key] if row else no_data_cell() for row in found]
        for key in ("before_persons", "after_persons")
    }
    more = [row["after_persons"] - row["before_persons"] if row else None for row in found]
    columns = [
        Column("head.service", [names.service(one) for one in ids], width=40),
        *(Column(_at("head.in_time_persons", when), values[f"{when}_persons"], "persons", 16)
          for when in ("before", "after")),
        Column("plan.difference", more, "persons", 14),
        *(Column(_at("head.covered", when), _shares(values[f"{when}_persons"], total), "share", 14)
          for when in ("before", "after")),
    ]  # fmt: skip
    hint = phrase("plan.hint_services")
    book.table(label("workbook.sheet_services"), columns, hint=hint, fixed=1)


def _at(what: str, when: str) -> Text:
    then = text("plan.before" if when == "before" else "plan.after")
    return text("workbook.at", what=text(what), when=then)


def _shares(persons: Sequence[Any], total: float) -> list[Any]:
    """Of all persons; a word stays one."""
    return [
        value if isinstance(value, str) else value / total if total else None for value in persons
    ]


def _zones_sheet(book: Book, plan: PlanDocument, outcome: Outcome, passed: Bools) -> None:
    """Every zone before and after; no sheet without zones."""
    rows = outcome.summary["zones"]
    if not rows:
        return
    homes = outcome.city.residences.frame
    gained = homes.index.astype(str).isin(plan["gained_residence_ids"])
    before, plus = (_in_zones(outcome, some) for some in (passed, gained))
    after = [one + other for one, other in zip(before, plus, strict=True)]
    of = [row["persons"] for row in rows]
    columns = [
        Column("head.level", each(rows, "level"), width=11),
        Column("head.zone", [zone_name(row) for row in rows], width=28),
        Column("head.id", each(rows, "id"), width=14),
        Column("head.persons", of, "persons"),
        Column(_at(_what(plan), "before"), before, "persons", 16),
        Column(_at(_what(plan), "after"), after, "persons", 16),
        Column("head.gain", plus, "persons", 14),
        *(Column(_at("head.share", when), _parts(part, of), "share", 14)
          for when, part in (("before", before), ("after", after))),
    ]  # fmt: skip
    hint = phrase("plan.hint_zones")
    book.table(label("workbook.sheet_zones"), columns, hint=hint, fixed=2)


def _parts(some: Sequence[float], of: Sequence[float]) -> list[float | None]:
    """Shares, None of nothing."""
    return [value / whole if whole else None for value, whole in zip(some, of, strict=True)]


def _in_zones(outcome: Outcome, homes: Bools) -> list[float]:
    """Persons of these homes in each zone of the summary."""
    persons = np.where(homes, outcome.city.residences.frame["persons"].to_numpy(float), 0.0)
    found: dict[tuple[str, str], float] = {}
    for level, zones in outcome.zone_of.items():
        names, ix = np.unique(zones.to_numpy(str), return_inverse=True)
        sums = np.bincount(ix, persons, minlength=len(names)).tolist()
        found |= {(str(level), str(name)): one for name, one in zip(names, sums, strict=True)}
    return [found.get((row["level"], row["id"]), 0.0) for row in outcome.summary["zones"]]


def _homes_sheet(book: Book, homes: gpd.GeoDataFrame, outcome: Outcome, names: Names) -> None:
    if len(homes) == 0:
        return
    zones = {(row["level"], row["id"]): zone_name(row) for row in outcome.summary["zones"]}
    of_zone = [
        Column(
            text("head.zone_level", level=level),
            [zones.get((str(level), str(zone)), "") for zone in homes[f"zone_{level}"]],
            width=16,
        )
        for level in outcome.zone_of
    ]
    services = [names.listed(row.split(", ")) for row in homes["services"]]
    sites = [names.sites(row.split(", ")) for row in homes["sites"]]
    today = [phrase("head.missing" if sure else "head.unknown") for sure in homes["sure"]]
    for row in np.flatnonzero(homes.get("full", np.zeros(len(homes), bool))):
        today[row] = phrase("plan.today_full")
    columns = [
        Column("head.id", [str(one) for one in homes["residence_id"]], width=14),
        Column("head.name", [str(name) for name in homes["name"]], width=26),
        *of_zone,
        Column("head.persons", homes["persons"].tolist(), "persons", 10),
        Column("plan.today", today, "mark", 16),
        Column("head.service", services, width=46),
        Column("plan.by_sites", sites, width=36),
    ]
    hint = phrase("plan.hint_homes")
    book.table(label("plan.sheet_homes"), columns, hint=hint, fixed=2)
