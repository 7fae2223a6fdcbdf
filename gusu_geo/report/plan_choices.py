"""What a planner may choose from, for a terminal: smaller and larger plans, and alternatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Column, Table

from gusu_geo.report.console import NOTHING, Terminal, labels, share_of
from gusu_geo.report.labels import heads, of_persons
from gusu_geo.siting.plan_document import weighted
from gusu_geo.words import text


def show_choices(out: Terminal, plan: Mapping[str, Any], *, counted: bool) -> None:
    """The curves by sites and money, and the alternative plans, where they were asked for."""
    pareto, others = plan["pareto"], plan["alternatives"]
    if pareto is not None:
        _curve(out, plan, "sites", counted)
        _none(out, pareto["no_plan_sites"], "sites")
        if pareto["money"] is not None:
            _curve(out, plan, "money", counted)
            _none(out, pareto["no_plan_money"], "money")
    if others:
        _alternatives(out, plan, others, counted)
    elif others is not None:
        out.print(str(text("console.no_alternative")), soft_wrap=True)


def _curve(out: Terminal, plan: Mapping[str, Any], kind: str, counted: bool) -> None:
    """A line for each size, with the knee marked. Bounds are of what is maximised."""
    rows, other = plan["pareto"][kind], weighted(plan)
    if not rows:
        return
    gain = str(of_persons(text("head.gain"), counted=counted))
    priced = any(row["cost"] is not None for row in rows)
    size = labels("money", "sites", section="plan_choice")[:: 1 if kind == "money" else -1]
    size = size if priced else size[:1]
    opened = [row["status"] not in ("optimal", "nothing to gain") for row in rows]
    told = any(opened) and any(row["bound_persons"] is not None for row in rows)
    words = labels("more", "share", "bound", "bound_weighted", section="plan_choice")
    heading = [*words[:2], *([words[3 if other else 2]] if told else [])]
    right = [Column(head, justify="right") for head in (*size, gain, *heading)]
    table = Table(*right, "", title=str(text(f"plan_choice.by_{kind}")), title_justify="left")
    before = 0.0
    for row, open_ in zip(rows, opened, strict=True):
        gained = row["gained_persons" if other else "objective_persons"]
        bound = row["bound_persons"]
        above = NOTHING if bound is None or not open_ else heads(bound, counted=counted)
        cost = NOTHING if row["cost"] is None else f"{row['cost']:,.2f}"
        count = f"{len(row['candidate_ids']) if kind == 'money' else row['limit']:,}"
        sizes = [cost, count] if kind == "money" else [count, cost]
        table.add_row(
            *sizes[: len(size)],
            heads(gained, counted=counted),
            heads(gained - before, counted=counted) if gained > before else NOTHING,
            share_of(row["share"]),
            *([above] if told else []),
            str(text("plan_choice.knee")) if row["knee"] else "",
        )
        before = gained
    out.print(table)


def _none(out: Terminal, limit: float | None, kind: str) -> None:
    if limit is not None:
        out.print(str(text(f"plan_choice.none_{kind}", limit=limit)), soft_wrap=True)


def _alternatives(
    out: Terminal, plan: Mapping[str, Any], others: Sequence[Mapping[str, Any]], counted: bool
) -> None:
    """A line for each alternative: its sites, what it gains, and what it shares with the plan."""
    gain = str(of_persons(text("head.gain"), counted=counted))
    gained = "gained_persons" if weighted(plan) else "objective_persons"
    cost = any(other["cost"] is not None for other in others)
    heading = [gain, *labels("of_plan", "shared", section="plan_choice")]
    heading += [str(text("plan_choice.money"))] if cost else []
    right = [Column(head, justify="right") for head in heading]
    sites = Column(labels("sites")[0], overflow="fold")
    title = str(text("plan_choice.alternatives"))
    table = Table("#", sites, *right, title=title, title_justify="left")
    for number, other in enumerate(others, start=1):
        names = [_site(site) for site in other["chosen"]]
        shared = str(other["shared"])
        if not other["proven"]:
            shared = str(text("plan_choice.not_proven", count=shared))
        row = [
            heads(other[gained], counted=counted),
            share_of(other["objective_persons"] / plan["objective_persons"]),
            shared,
        ]
        if cost:
            row.append(NOTHING if other["cost"] is None else f"{other['cost']:,.2f}")
        table.add_row(str(number), str(text("console.listed", names=tuple(names))), *row)
    out.print(table)


def _site(site: Mapping[str, Any]) -> str:
    """Name and id of a site, marked if it stands where the plan has one."""
    known = " ".join(dict.fromkeys(filter(None, (site["name"], site["candidate_id"]))))
    return str(text("plan_choice.same", name=known)) if site["same_as"] else known
