"""What signals and room in venues change in a plan, for a terminal and the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gusu_geo.report.labels import bilingual, heads, label, phrase
from gusu_geo.report.sheets import Book, Column, each
from gusu_geo.words import Text, language, text

if TYPE_CHECKING:
    from gusu_geo.report.plan_sheets import Names
    from gusu_geo.siting.plan_document import PlanDocument
    from gusu_geo.siting.sections import AskedPlan, AskedSite, RoomFacts, SiteLoad

LEFT_OUT = {
    "fast": text("console.asked_fast"),
    "time limit": text("console.asked_time_limit"),
    "not found": text("console.asked_not_found"),
}


def ledger_lines(
    plan: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], *, counted: bool
) -> list[Text]:
    """Lines on signals and room, where a plan has them; names: of services."""
    lines: list[Text] = []
    if "asked" in plan:
        lines += _asked(plan["asked"], counted=counted)
    if "room" in plan:
        lines += _room(plan, plan["room"], names, counted=counted)
    return lines


def _asked(asked: Mapping[str, Any], *, counted: bool) -> list[Text]:
    plans: Sequence[AskedPlan] = asked["plans"]
    lines = [text("console.signals_weigh", share=asked["weight"])]
    if asked["left_out"]:
        return [*lines, LEFT_OUT[asked["left_out"]]]
    for one in plans:
        sites = tuple(map(_site, one["chosen"])) or (text("console.asked_no_site"),)
        lines.append(
            text(
                "console.asked_plan",
                share=one["weight"],
                sites=text("console.listed", names=sites),
                gained=heads(one["gained_persons"], counted=counted),
                weighted=heads(one["weighted"], counted=counted),
                status=_status(one["status"]),
            )
        )
    if not any(_own(one) for one in plans):
        lines.append(text("console.asked_same"))
    return lines


def _own(plan: AskedPlan) -> list[AskedSite]:
    """The sites that the other plan does not open."""
    return [site for site in plan["chosen"] if not site["both"]]


def _site(site: AskedSite) -> str | Text:
    name = site["name"] or site["candidate_id"]
    return name if site["both"] else text("console.asked_own", name=name)


def _status(status: str) -> Text:
    return text(f"console.status_{status.replace(' ', '_')}")


def _room(
    plan: Mapping[str, Any], room: RoomFacts, names: Mapping[str, Mapping[str, str]], *,
    counted: bool,
) -> list[Text]:  # fmt: skip
    lines: list[Text] = []
    if room["asked"]:
        full, venue, only = (
            heads(persons, counted=counted)
            for persons in (room["full_persons"], room["venue_persons"], room["room_persons"])
        )
        lines.append(text("console.room_full", full=full))
        lines.append(text("console.room_gained", venue=venue, room=only))
    called = {site["candidate_id"]: site["name"] or site["candidate_id"] for site in plan["chosen"]}
    for row in room["loads"]:
        name, service = called[row["candidate_id"]], names[row["service"]][language()]
        ratio, norm = row["per_1000"], row["norm"]
        if row["full"] is None or ratio is None:
            continue
        if row["full"]:
            said = text("console.new_full", name=name, service=service, per_1000=ratio, norm=norm)
        else:
            said = text("console.new_room", name=name, service=service, per_1000=ratio, norm=norm)
        lines.append(said)
    return lines


def ledger_sheets(book: Book, plan: PlanDocument, names: Names) -> None:
    """A sheet for each of the two, where a plan has them and they have rows."""
    if "asked" in plan:
        _asked_sheet(book, plan["asked"]["plans"], names)
    if "room" in plan:
        _loads_sheet(book, plan["room"]["loads"], names)


def _asked_sheet(book: Book, plans: Sequence[AskedPlan], names: Names) -> None:
    """One row a site, by plan; a plan without sites has one row."""
    rows: list[tuple[AskedPlan, AskedSite | None]] = []
    for plan in plans:
        sites = plan["chosen"]
        rows += [(plan, site) for site in sites] if sites else [(plan, None)]
    if not rows:
        return
    both = [phrase("workbook.yes" if site["both"] else "workbook.no") if site else ""
            for _, site in rows]  # fmt: skip
    columns = [
        Column("plan.signals_weight", [plan["weight"] for plan, _ in rows], "amount", 12),
        Column("head.gain", [plan["gained_persons"] for plan, _ in rows], "persons", 14),
        Column("plan.at_half", [plan["weighted"] for plan, _ in rows], "persons", 16),
        Column("head.name", [names.site(site["candidate_id"]) if site else "" for _, site in rows],
               width=30),
        Column("head.service", [names.listed(site["services"]) if site else "" for _, site in rows],
               width=46, wrap=True),
        Column("plan.in_both", both, "mark", 14),
        Column("plan.status", [bilingual(_status(plan["status"])) for plan, _ in rows], width=22),
    ]  # fmt: skip
    book.table(label("plan.sheet_asked"), columns, hint=phrase("plan.hint_asked"), fixed=1)


def _loads_sheet(book: Book, rows: Sequence[SiteLoad], names: Names) -> None:
    if not rows:
        return
    full = ["" if row["full"] is None else phrase("workbook.yes" if row["full"] else "workbook.no")
            for row in rows]  # fmt: skip
    columns = [
        Column("head.name", [names.site(row["candidate_id"]) for row in rows], width=30),
        Column("head.service", [names.service(row["service"]) for row in rows], width=40),
        Column("plan.capacity", each(rows, "capacity"), "amount", 12),
        Column("plan.demand", each(rows, "demand"), "persons", 16),
        Column("plan.per_1000", each(rows, "per_1000"), "amount", 14),
        Column("plan.norm", each(rows, "norm"), "amount", 14),
        Column("plan.full_at_once", full, "mark", 14),
    ]
    book.table(label("plan.sheet_room"), columns, hint=phrase("plan.hint_room"), fixed=2)
