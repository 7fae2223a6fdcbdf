"""One home explained, for a terminal: its services, and what would turn those that fail."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.table import Table

from gusu_geo.report.console import Terminal, labels, line_of, name_of, state_word
from gusu_geo.report.labels import READING_OF
from gusu_geo.words import Both, Text, language, text

if TYPE_CHECKING:
    from gusu_geo.report.explanation import Explanation, ServiceProof, Venue
    from gusu_geo.report.what_would_turn import Change


def show_proof(proof: Explanation) -> None:
    """Ten services of one home, slowest first, and the changes that would turn each failure."""
    out = Terminal()
    called, ident = _in_language(proof["called"]), proof["residence_id"]
    parts = list(dict.fromkeys([called, ident]))
    if proof["address"] and proof["address"] != called:
        parts.append(proof["address"])
    out.print(line_of(*parts, text(f"reading.{READING_OF[proof['state']]}")), style="bold")
    gate = proof["gate"]
    if gate is not None:
        lon, lat = gate["lonlat"]
        name = " ".join(filter(None, (gate["street"], gate["id"])))
        what = text(f"console.only_gate_{gate['access']}", compound=gate["compound"])
        out.print(str(text("console.at_place", what=what, name=name, lon=lon, lat=lat)))
    if not proof["linked"]:
        reason = text(f"reason.{proof['reason']}")
        out.print(str(text("console.unlinked_because", reason=reason)))
    table = Table(*labels("service", "state", "minutes", "slack", "nearest", "second", "way"))
    for row in proof["services"]:
        table.add_row(*map(str, _proof_cells(row)))
    out.print(table)
    if any(row["changes"] for row in proof["services"]):
        out.print(_turned(proof["services"]))


def _proof_cells(row: ServiceProof) -> Iterable[object]:
    """Service, state, minutes, slack, nearest venue with its hours, next venue, and way."""
    venue, way, slack_s, counted_s = row["venue"], row["way"], row["slack_s"], row["counted_s"]
    yield name_of(row)
    special = "no_data" if row["no_data"] else "gate_unknown" if row["gate_unknown"] else ""
    yield state_word(special or row["state"])
    yield text("console.beyond") if counted_s is None else f"{counted_s / 60:.1f}"
    # Whole seconds, rounded against the home: the map's card says "82 s too far" for 81.4.
    yield "" if slack_s is None else text("console.seconds", count=math.floor(slack_s))
    yield "" if venue is None else " ".join(filter(None, (_venue(venue), venue["hours"])))
    second = row["second"]
    if second is None:
        yield ""
    else:
        minutes = second["seconds"] / 60
        yield text("console.venue_at", venue=_venue(second), minutes=minutes)
    if way is None:
        yield ""
    else:
        yield text("console.metres", count=way["metres"], streets=" > ".join(way["streets"]))


def _venue(venue: Venue) -> str:
    return f"{_in_language(venue['called'])} [{venue['evidence']}]"


def _in_language(name: Both) -> str:
    return name["zh"] if language() == "zh" else name["en"]


def _turned(services: Iterable[ServiceProof]) -> Table:
    """Each change that alone would turn a failure, with what it takes."""
    table = Table(*labels("service", "turning", "value"), title=labels("turned_by")[0])
    table.title_justify = "left"
    for row in services:
        for i, change in enumerate(row["changes"]):
            value = text(f"console.turned_{change['kind']}", value=change["value"])
            table.add_row("" if i else name_of(row), str(_what(change)), str(value))
    return table


def _what(change: Change) -> Text:
    """What is changed; of a place its name, id and degrees."""
    what = text(f"console.turn_{change['kind']}")
    if change["lonlat"] is None:
        return what
    lon, lat = change["lonlat"]
    name = " ".join(filter(None, (change["name"], change["id"])))
    return text("console.at_place", what=what, name=name, lon=lon, lat=lat)
