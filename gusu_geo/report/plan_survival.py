"""Tables for a terminal: the venues that must not close, and what is left of a plan's gain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table

from gusu_geo.report.console import labels, share_of
from gusu_geo.report.labels import heads, of_persons
from gusu_geo.words import language, text

if TYPE_CHECKING:
    from gusu_geo.report.console import Terminal

SHOWN, SERVICES = 5, 3  # venues of each list, services of each venue; plan.json has all
PERSONS = ("before_persons", "after_persons", "gained_persons")
WHEN = {"today": text("survival.today"), "with the plan": text("survival.planned")}
ASSUMED = {
    "slower": text("survival.slower"),
    "faster": text("survival.faster"),
    "elder": text("survival.elder"),
    "evidence_a": text("survival.evidence_a"),
}


def show_robust(
    out: Terminal,
    plan: Mapping[str, Any],
    names: Mapping[str, Mapping[str, str]],
    *,
    counted: bool,
) -> None:
    """The sections "critical" and "survival" of ``plan.json``, where they are there. names: of the
    services, by id and language; counted: whether somebody counted the persons."""
    if plan["critical"]:
        out.print(_critical(plan, names, counted))
    if plan["survival"]:
        out.print(_survival(plan, counted))


def _critical(
    plan: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], counted: bool
) -> Table:
    lost = str(of_persons(text("survival.lost"), counted=counted))
    when, venue, lacking, title = labels("when", "venue", "lacking", "critical", section="survival")
    whole = Column(lacking, overflow="fold")  # a Chinese list has no spaces to break it at
    table = Table(when, Column(venue, overflow="fold"), whole, lost)
    table.title, table.title_justify = title, "left"
    for key, word in WHEN.items():
        rows = [row for row in plan["critical"] if row["when"] == key][:SHOWN]
        for number, row in enumerate(rows):
            name = row["name"] or row["venue_id"]
            services = tuple(names[service][language()] for service in row["services"])
            listed = text("console.listed", names=services)
            if len(services) > SERVICES:
                first = services[:SERVICES]
                listed = text("survival.listed_of", names=first, count=len(services))
            table.add_row(
                "" if number else str(word),
                str(text("survival.new", name=name)) if row["new"] else name,
                str(listed),
                heads(row["lost_persons"], counted=counted),
                end_section=number == len(rows) - 1,
            )
    return table


def _survival(plan: Mapping[str, Any], counted: bool) -> Table:
    before, after, gain = (
        str(of_persons(head, counted=counted))
        for head in (text("survival.before"), text("survival.after"), text("head.gain"))
    )
    share = str(text("survival.share"))
    heading = (*labels("assumed", section="survival"), before, after, gain, share)
    table = Table(*(Column(head, overflow="fold") for head in heading))
    table.title, table.title_justify = str(text("survival.survival")), "left"
    for row in plan["survival"]:
        table.add_row(
            _assumed(row, len(plan["services"])),
            *(heads(row[key], counted=counted) for key in PERSONS),
            share_of(row["share"]),
        )
    return table


def _assumed(row: Mapping[str, Any], services: int) -> str:
    """What is assumed; services: how many have data as the plan was made."""
    if row["key"] == "moment":
        said = text("survival.moment", when=row["detail"])
    elif row["key"] == "moment_unknown_open":
        said = text("survival.moment_unknown_open", when=row["detail"])
    else:
        said = ASSUMED[row["key"]]
    if row["services"] < services:
        said = text("survival.fewer_services", said=said, count=row["services"])
    return str(said)
