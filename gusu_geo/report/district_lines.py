"""Signals, capacity and pairing in a few lines each, for terminals and the heads of sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gusu_geo.report.labels import heads, is_counted
from gusu_geo.report.own_rules import names_of_services
from gusu_geo.words import Both, Text, text

if TYPE_CHECKING:
    from gusu_geo.assessment.capacity_facts import ServiceCapacity
    from gusu_geo.assessment.signal_facts import Asked, Rate, SignalFacts
    from gusu_geo.assessment.summary import Summary

NAMED = 6  # names of a list; the workbook has all
NOTHING = "—"
RUNGS = ("point", "compound", "community", "none")


def district_lines(summary: Summary) -> Iterator[Text]:
    """What the terminal says of each section that the summary has."""
    if "signals" in summary:
        yield from signal_lines(summary)
    if "capacity" in summary:
        counted = is_counted(summary["data"])
        names = names_of_services(summary)
        rows = summary["capacity"]["services"]
        for row in rows:
            if row["known"] or row["norm"]:
                yield _capacity(row, names[row["service"]], counted=counted)
        blank = [row for row in rows if not row["known"] and not row["norm"]]
        if blank:
            yield text("console.capacity_blank", count=len(blank))
    if "pairing" in summary:
        yield from pairing_lines(summary)


def signal_lines(summary: Summary) -> Iterator[Text]:
    """How many and how located; clusters; single zones; which gaps are asked for."""
    facts, names = summary["signals"], names_of_services(summary)
    located = {rung: few(facts["located"].get(rung, 0)) for rung in RUNGS}
    total, rate = few(facts["total"]), interval(facts["all"])
    yield text("console.signals", total=total, used=few(facts["used"]), rate=rate, **located)
    if facts["all_per_visit"] is not None:
        yield text("console.signals_visits", rate=interval(facts["all_per_visit"]))
    yield from _clusters(facts)
    alone = {
        side: [cell["name"] or cell["id"] for cell in facts["cells"] if cell["alone"] == side]
        for side in ("high", "low")
    }
    if alone["high"] or alone["low"]:
        yield text("console.alone", high=_listed(alone["high"]), low=_listed(alone["low"]))
    whole = [row for row in facts["asked"] if not row["zone"]]
    if whole:
        parts = {kind: _asked(whole, kind, names) for kind in ("yes", "no", "open")}
        yield text("console.asked", **parts)


def _clusters(facts: SignalFacts) -> Iterator[Text]:
    scan = facts["scan"]
    if not scan["clusters"]:
        yield text(f"scan.{scan['state']}")
        if scan["power"] is not None:
            power = percent(scan["power"])
            yield text("console.scan_power", count=f"{scan['doubled']:g}", power=power)
    for number, row in enumerate(scan["clusters"][:NAMED], start=1):
        yield text(
            "console.cluster",
            number=number,
            names=_listed(row["names"]),
            signals=few(row["signals"]),
            times=NOTHING if row["times"] is None else f"{row['times']:.1f}",
            p=f"{row['p']:.3f}",
        )
    if scan["aside"]:
        names = {cell["id"]: cell["name"] or cell["id"] for cell in facts["cells"]}
        yield text("console.scan_aside", names=_listed([names[one] for one in scan["aside"]]))


def _asked(rows: Sequence[Asked], kind: str, names: dict[str, Both]) -> Text:
    """The services of one verdict; their ratios, but of those that are open none."""
    mine = [row for row in rows if row["asked"] == kind]
    word = text(f"asked.{kind}")
    if not mine:
        return text("console.asked_nothing", word=word)
    shown = [
        text(
            "console.asked_one",
            service=names[row["service"]],
            ratio=interval({"rate": row["ratio"], "low": row["low"], "high": row["high"]}),
        )
        if kind != "open"
        else names[row["service"]]
        for row in mine[:NAMED]
    ]
    more = " …" if len(mine) > NAMED else ""
    listed = text("fact.listed", names=tuple(shown), more=more)
    return text("console.asked_part", word=word, count=len(mine), names=listed)


def _capacity(row: ServiceCapacity, name: Both, *, counted: bool) -> Text:
    """One service: persons full, with room, unknown where there is a norm; else access alone."""
    found, norm = row["found"], row["norm"]
    if norm is None:
        return text(
            "console.capacity_no_norm",
            service=name,
            venues=row["venues"],
            known=row["known"],
            access=number(found["access"]),
            unit=row["unit"] and f" {row['unit']}",
        )
    return text(
        "console.capacity",
        service=name,
        venues=row["venues"],
        known=row["known"],
        full=_heads(found["full_persons"], counted=counted),
        room=_heads(found["room_persons"], counted=counted),
        none=_heads(found["none_persons"], counted=counted),
        unknown=_heads(found["unknown_persons"], counted=counted),
        norm=f"{norm['per_1000']:g}",
        group=""
        if norm["of"] == "persons"
        else text("console.norm_for", group=text(f"persons_of.{norm['of']}")),
        unit=row["unit"] and f" {row['unit']}",
        source=norm["source"],
    )


def pairing_lines(summary: Summary) -> Iterator[Text]:
    """The pairs in sum, beside those of today; communities that have none."""
    facts = summary["pairing"]
    yield text(
        "console.pairing",
        bodies=facts["bodies"],
        communities=facts["communities"],
        least=number(facts["least"]),
        value=number(facts["value"]),
        changes=facts["changes"],
        uncertain=facts["uncertain"],
    )
    if facts["now_value"] is not None:
        now = {"least": number(facts["now_least"]), "value": number(facts["now_value"])}
        yield text("console.pairing_now", **now)
    if facts["bare_now"]:
        names = {need["id"]: need["name"] or need["id"] for need in facts["needs"]}
        bare = [names.get(one, one) for one in facts["bare_now"]]
        yield text("console.pairing_bare", names=_listed(bare))


def _heads(persons: float | None, *, counted: bool) -> str:
    return few(None) if persons is None else heads(persons, counted=counted)


def few(count: int | None) -> str:
    """A count; a dash for what is not shown: it is small, or would tell one that is."""
    return NOTHING if count is None else f"{count:,}"


def interval(rate: Rate) -> Text | str:
    """A rate with its interval; a dash where it is unknown, its ends where they alone are known."""
    if rate["rate"] is None and rate["low"] is None:
        return NOTHING
    return text(
        "console.interval",
        middle=number(rate["rate"]),
        low=number(rate["low"]),
        high=number(float("inf") if rate["high"] is None else rate["high"]),
    )


def number(value: float | None) -> str:
    """Three digits that count; "∞" without an end, a dash for what is unknown.

    >>> number(3.0), number(0.0312), number(1234.5), number(None), number(float("inf"))
    ('3.0', '0.031', '1,234', '—', '∞')
    """
    if value is None:
        return NOTHING
    if value == float("inf"):
        return "∞"
    size = abs(value)
    if size >= 100 or value == 0:
        return f"{value:,.0f}"
    if size >= 10 or value == round(value, 1):
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.1 else f"{value:.2g}"


def percent(share: float | None) -> str:
    """A share in percent; a dash where there is none."""
    return NOTHING if share is None else f"{share:.1%}"


def _listed(names: Sequence[str]) -> Text | str:
    if not names:
        return text("console.none_listed")
    more = " …" if len(names) > NAMED else ""
    return text("fact.listed", names=tuple(names[:NAMED]), more=more)
