"""A plan of new venues as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from rich.table import Column, Table

from gusu_geo.report.console import Terminal, labels, line_of, show_notes
from gusu_geo.report.labels import heads, of_persons
from gusu_geo.report.plan_ledgers import ledger_lines
from gusu_geo.report.plan_reasons import next_rows, reason_lines
from gusu_geo.siting.plan import Unreached
from gusu_geo.siting.plan_document import weighted
from gusu_geo.tables import CandidateKind
from gusu_geo.words import text

if TYPE_CHECKING:
    from gusu_geo.words import Both


def show_plan(plan: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> None:
    """The proposed sites with what each one gains, and how close the plan is to its bound."""
    out = Terminal()
    counted = all(note["code"] != "persons_uncounted" for note in plan["notes"])
    gain = str(of_persons(text("head.gain"), counted=counted))
    table = Table("#", *labels("sites"), "lon, lat", *labels("service"), gain)
    for number, chosen in enumerate(plan["chosen"], start=1):
        lon, lat = chosen["lonlat"]
        services = text("console.listed", names=tuple(names[s] for s in chosen["services"]))
        table.add_row(
            str(number),
            _site_name(chosen),
            f"{lon:.5f}, {lat:.5f}",
            str(services),
            heads(chosen["gained_persons"], counted=counted),
        )
    out.print(table)
    status = text(f"console.status_{plan['status'].replace(' ', '_')}")
    sure, gained = (heads(value, counted=counted) for value in plan["gained_persons"])
    said = [text("console.status", status=status), text("console.gained_persons", count=gained)]
    other = weighted(plan)
    if other:
        worth = heads(plan["objective_persons"], counted=counted)
        said.append(text("console.weighted_sum", count=worth))
    if plan["bound_persons"] is not None:
        bound = heads(plan["bound_persons"], counted=counted)
        most = text("console.bound", count=bound)
        if other:
            most = text("console.weighted_bound", count=bound)
        said += [most, text("console.gap", share=plan["gap"])]
    if plan["cost"] is not None:
        said.append(text("console.plan_cost", cost=plan["cost"]))
    if plan["least"] is not None:
        least = plan["least"]
        if plan["budget"] is None:
            said.append(text("console.least_sites", least=least))
        else:
            said.append(text("console.least_money", least=least))
    out.print(line_of(*said))
    if sure != gained:
        out.print(str(text("console.gained_between", sure=sure)))
    told = [
        *ledger_lines(plan, names, counted=counted),
        *reason_lines(plan, names, counted=counted),
    ]
    for line in told:
        out.print(str(line), soft_wrap=True)
    if rows := next_rows(plan, counted=counted):
        gains = (text("head.gain_beside"), text("head.gain_alone"))
        heads_of = (*labels("not_taken"), *map(str, gains), *labels("why_not"))
        others = Table(*(Column(head, overflow="fold") for head in heads_of))
        for row in rows:
            others.add_row(*row)
        out.print(others)
    if plan["target"] is not None and plan["unreachable_services"]:
        stuck = [Unreached(*row.values()) for row in plan["unreachable_services"]]
        causes = tuple(row.told(cast("Both", names[row.service])) for row in stuck)
        total = heads(plan["unreachable_persons"] + plan["unlinked_persons"], counted=counted)
        out.print(str(text("console.cannot_reach", total=total, services=causes)), soft_wrap=True)
    if plan["critical"] or plan["survival"]:
        from gusu_geo.report.plan_survival import show_robust

        show_robust(out, plan, names, counted=counted)
    if plan["pareto"] is not None or plan["alternatives"] is not None:
        from gusu_geo.report.plan_choices import show_choices

        show_choices(out, plan, counted=counted)
    show_notes(out, plan["notes"])


def _site_name(site: Mapping[str, Any]) -> str:
    """The name of a site, and what it is, if OpenStreetMap says so."""
    name = str(site["name"] or site["candidate_id"])
    if site["kind"] not in (CandidateKind.VACANT, CandidateKind.PUBLIC):
        return name
    kind = text(f"candidate_kind.{site['kind']}")
    return str(text("console.site_kind", name=name, kind=kind))
