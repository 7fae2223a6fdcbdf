"""Sheets of the sections of a plan: one for each that ``plan.json`` has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.labels import bilingual, label, phrase
from gusu_geo.report.plan_ledgers import ledger_sheets
from gusu_geo.report.sheets import UNKNOWN_CELL, Book, Column, each
from gusu_geo.report.workbook import zone_name
from gusu_geo.siting.plan_document import PlanDocument, weighted
from gusu_geo.siting.sections import Alternative, Critical, Pareto, ParetoPoint, Survival, Why
from gusu_geo.words import COMMA, Both, section, sections


@dataclass(frozen=True, eq=False)
class Names:
    """What services, sites and zones of the first level are called, by id."""

    services: Mapping[str, Both]
    of_sites: Mapping[str, str]
    zones: Mapping[str, str]

    @classmethod
    def of(cls, outcome: Outcome, places: Mapping[str, str]) -> Names:
        """The names of a study; places: of its candidates, "" for none."""
        sites = {key: name for key, name in places.items() if name}
        level = next(iter(outcome.zone_of), "")
        zones = {z["id"]: zone_name(z) for z in outcome.summary["zones"] if z["level"] == level}
        services: dict[str, Both] = {
            s["id"]: {"zh": s["zh"], "en": s["en"]} for s in outcome.summary["services"]
        }
        return cls(services, sites, zones)

    def service(self, one: str) -> str:
        """In both languages."""
        return bilingual(self.services[one]) if one in self.services else one

    def listed(self, services: Iterable[str]) -> str:
        """Services with commas."""
        return COMMA["zh"].join(map(self.service, filter(None, services)))

    def site(self, one: str) -> str:
        """The name of a candidate, its id where it has none; streets give one name to many."""
        name = self.of_sites.get(one, "")
        return name if self._uses[name] == 1 else f"{name} {one}".strip()

    @cached_property
    def _uses(self) -> Counter[str]:
        return Counter(self.of_sites.values())

    def sites(self, ids: Iterable[str]) -> str:
        """Sites with commas."""
        return COMMA["zh"].join(map(self.site, filter(None, ids)))


def section_sheets(book: Book, plan: PlanDocument, names: Names) -> None:
    """Write a sheet for each section that is there and has rows."""
    if plan["why"] is not None:
        _why_sheet(book, plan["why"], names)
        _complete_sheet(book, plan["why"])
        _next_sheet(book, plan["why"], names)
    if plan["pareto"] is not None:
        _pareto_sheet(
            book, plan["pareto"], names, "plan.weighted_bound" if weighted(plan) else "plan.bound"
        )
    _alternatives_sheet(book, plan["alternatives"] or (), names)
    _critical_sheet(book, plan["critical"] or (), names)
    _survival_sheet(book, plan["survival"] or ())
    ledger_sheets(book, plan, names)


def _why_sheet(book: Book, why: Why, names: Names) -> None:
    rows = why["sites"]
    if not rows:
        return
    services = [key for key in names.services if any(row["by_service"].get(key) for row in rows)]
    columns = [
        Column("head.number", list(range(1, len(rows) + 1)), "count", 8),
        Column("head.name", [names.site(row["candidate_id"]) for row in rows], width=30),
        Column("head.gain", each(rows, "gained_persons"), "persons", 14),
        Column("plan.loss_alone", each(rows, "lost_persons"), "persons", 14),
        *_known("plan.elders", rows, "elders"),
        *_known("plan.children", rows, "children"),
        *(
            Column(names.services[key], [row["by_service"].get(key) for row in rows], "persons", 14)
            for key in services
        ),
        Column("plan.by_zone", [_by_zone(row["by_zone"], names) for row in rows], width=44,
               wrap=True),
        Column("plan.newly_complete",
               [COMMA["zh"].join(each(row["complete"], "name")) for row in rows], width=44,
               wrap=True),
    ]  # fmt: skip
    book.table(label("plan.sheet_why"), columns, hint=phrase("plan.hint_why"), fixed=2)


def _by_zone(persons: Mapping[str, float], names: Names) -> str:
    """Zones with their persons, most first."""
    order = sorted(persons.items(), key=lambda pair: (-pair[1], pair[0]))
    return COMMA["zh"].join(
        f"{names.zones.get(key, key) or UNKNOWN_CELL} {value:,.0f}" for key, value in order
    )


def _complete_sheet(book: Book, why: Why) -> None:
    """Compounds and streets by the site with which they become complete."""
    first: dict[tuple[str, str], int] = {}
    for number, row in enumerate(why["sites"], start=1):
        for one in row["complete"]:
            first.setdefault((one["kind"], one["name"]), number)
    rows = why["complete"]
    if not rows:
        return
    columns = [
        Column("head.kind", [phrase(f"plan.kind_{row['kind']}") for row in rows], width=18),
        Column("head.name", each(rows, "name"), width=40),
        Column("head.persons", each(rows, "persons"), "persons", 12),
        *_known("head.gain", rows, "gained_persons"),
        Column("head.number", [first.get((row["kind"], row["name"])) for row in rows], "count", 8),
    ]
    book.table(label("plan.sheet_complete"), columns, hint=phrase("plan.hint_complete"), fixed=2)


def _next_sheet(book: Book, why: Why, names: Names) -> None:
    rows = why["next"]
    if not rows:
        return
    columns = [
        Column("head.number", list(range(1, len(rows) + 1)), "count", 8),
        Column("head.name", [names.site(row["candidate_id"]) for row in rows], width=30),
        Column(
            "head.service", [names.listed(row["services"]) for row in rows], width=46, wrap=True
        ),
        Column("head.gain", each(rows, "gained_persons"), "persons", 14),
        *_known("plan.gain_alone", rows, "alone_persons"),
        Column("plan.cost", each(rows, "cost"), "amount", 12),
        Column("plan.instead_of", [names.sites([row["instead_of"]]) for row in rows], width=28),
        Column("head.reason", [_reason(row["reason"]) for row in rows], width=44, wrap=True),
        *_places(rows),
    ]
    book.table(label("plan.sheet_next"), columns, hint=phrase("plan.hint_next"), fixed=2)


def _reason(code: str) -> str:
    """Why a candidate was not taken, in words; a code without words as it is."""
    words = section("not_taken") if "not_taken" in sections() else {}
    return bilingual(words[code]) if code in words else code


def _pareto_sheet(book: Book, pareto: Pareto, names: Names, bound: str) -> None:
    """One row a size, by sites and then by money, with the curves beside the table; bound:
    key of what that is called."""
    kinds: list[tuple[str, Sequence[ParetoPoint]]] = [
        ("plan.size_sites", pareto["sites"]),
        ("plan.size_money", pareto["money"] or ()),
    ]
    rows = [(key, point) for key, points in kinds for point in points]
    if not rows:
        return
    points = [point for _, point in rows]
    columns = [
        Column("plan.size", [phrase(key) for key, _ in rows], width=24),
        Column("plan.limit", each(points, "limit"), "amount", 10),
        Column("plan.used", each(points, "used"), "amount", 10),
        Column("head.gain", each(points, "gained_persons"), "persons", 14),
        Column("head.share", each(points, "share"), "share", 10),
        Column(bound, each(points, "bound_persons"), "persons", 14),
        *_known("plan.cost", points, "cost", "amount"),
        Column("plan.knee", [phrase("plan.knee") if p["knee"] else "" for p in points], "mark", 12),
        Column("plan.status", [_status(p["status"]) for p in points], width=22),
        Column(
            "head.sites", [names.sites(p["candidate_ids"]) for p in points], width=60, wrap=True
        ),
    ]
    hint, title = phrase("plan.hint_pareto"), label("plan.sheet_pareto")
    sheet, first = book.table(title, columns, hint=hint, fixed=2)
    row = first
    for number, (key, part) in enumerate(kinds):
        if len(part) > 1:
            span = [title, row, 0, row + len(part) - 1, 0]
            _curve(book, sheet, span, phrase(key), first + len(rows) + 2 + 17 * number)
        row += len(part)


def _curve(book: Book, sheet: Any, span: list[Any], axis: str, row: int) -> None:
    """A picture of persons gained against size, below the table; span: sheet and rows."""
    name, top, _, last, _ = span
    chart = book.file.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    chart.add_series(
        {
            "name": label("head.gain"),
            "categories": [name, top, 2, last, 2],
            "values": [name, top, 3, last, 3],
        }
    )
    whole = {"major_unit": 1} if axis == phrase("plan.size_sites") else {}
    chart.set_x_axis({"name": axis, "min": 0, **whole})
    chart.set_y_axis({"name": label("head.gain"), "min": 0, "num_format": "#,##0"})
    chart.set_legend({"none": True})
    chart.set_size({"width": 720, "height": 320})
    sheet.insert_chart(row, 0, chart)


def _status(status: str) -> str:
    return phrase(f"console.status_{status.replace(' ', '_')}")


def _alternatives_sheet(book: Book, found: Sequence[Alternative], names: Names) -> None:
    """One row a site."""
    rows = [(n, one, site) for n, one in enumerate(found, start=1) for site in one["chosen"]]
    if not rows:
        return
    sites = [site for *_, site in rows]
    columns = [
        Column("plan.alternative", [n for n, *_ in rows], "count", 10),
        Column("head.gain", [one["gained_persons"] for _, one, _ in rows], "persons", 14),
        Column("plan.shared", [one["shared"] for _, one, _ in rows], "count", 14),
        Column("plan.cost", [one["cost"] for _, one, _ in rows], "amount", 12),
        Column("head.name", [names.site(site["candidate_id"]) for site in sites], width=30),
        Column(
            "head.service", [names.listed(site["services"]) for site in sites], width=46, wrap=True
        ),
        *_places(sites),
    ]
    hint = phrase("plan.hint_alternatives")
    book.table(label("plan.sheet_alternatives"), columns, hint=hint, fixed=1)


def _critical_sheet(book: Book, rows: Sequence[Critical], names: Names) -> None:
    if not rows:
        return
    when = [phrase("plan.today" if row["when"] == "today" else "plan.after") for row in rows]
    new = [phrase("workbook.yes") if row["new"] else "" for row in rows]
    columns = [
        Column("plan.when", when, width=14),
        Column("head.name", each(rows, "name"), width=34),
        Column("head.id", each(rows, "venue_id"), width=18),
        Column("head.service", [names.listed(row["services"]) for row in rows], width=46,
               wrap=True),
        Column("plan.lost_persons", each(rows, "lost_persons"), "persons", 14),
        Column("plan.new_venue", new, "mark", 9),
        *_places(rows),
    ]  # fmt: skip
    book.table(label("plan.sheet_critical"), columns, hint=phrase("plan.hint_critical"), fixed=2)


def _survival_sheet(book: Book, rows: Sequence[Survival]) -> None:
    if not rows:
        return
    columns = [
        Column("plan.assumption", [phrase(f"plan.if_{row['key']}") for row in rows], width=62),
        Column("plan.detail", each(rows, "detail"), width=18),
        Column("plan.before", each(rows, "before_persons"), "persons", 14),
        Column("plan.after", each(rows, "after_persons"), "persons", 14),
        Column("head.gain", each(rows, "gained_persons"), "persons", 14),
        Column("plan.share_of_gain", each(rows, "share"), "share", 14),
        *_known("head.services_with_data", rows, "services", "count"),
    ]
    book.table(label("plan.sheet_survival"), columns, hint=phrase("plan.hint_survival"), fixed=1)


def _known(
    head: str, rows: Sequence[Mapping[str, Any]], key: str, form: str = "persons"
) -> list[Column]:
    """A column of numbers, none where nothing is known."""
    values = each(rows, key)
    return [Column(head, values, form, 14)] if any(value is not None for value in values) else []


def _places(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Longitude and latitude."""
    return [
        Column("head.lon", [row["lonlat"][0] for row in rows], "degrees", 12),
        Column("head.lat", [row["lonlat"][1] for row in rows], "degrees", 12),
    ]
