"""The ledger of the reader: for every source what was read, used, left out and doubted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gusu_geo.tables import Note, Reading
from gusu_geo.words import note, text

NAMED = 5  # ids shown of one reason; the counts are whole
Why = Mapping[str, int | Sequence[str]]  # by reason a count, or the ids themselves
# Faults of a file that its owner can mend: told as notes too, whatever their number.
TOLD = frozenset(
    (
        *("border_incomplete", "box_wrong", "deleted", "far", "new", "other_sheets", "repaired"),
        *("ring_closed", "unplaced", "rejected", "no_such_zone", "hidden_sheets", "axes_swapped"),
        *("system_untested", "system_doubtful", "private_drop", "private_mask"),
        *("place_unknown", "zone_other", "free_text"),
        *("visits_apart", "capacity_shared", "capacity_unread"),
        *("team_group", "team_nowhere", "team_fte"),
    )
)


def reading(
    source: str,
    kind: str,
    *,
    read: int,
    used: int,
    left_out: Why | None = None,
    doubted: Why | None = None,
    named: Mapping[str, Sequence[str]] | None = None,
) -> Reading:
    """One row of the ledger; reasons without a thing are left away.

    left_out, doubted: counts, or the ids of what they count; named: ids of further reasons.

    >>> row = reading("a.csv", "homes", read=3, used=2, left_out={"outside_area": ["h3"]})
    >>> row["left_out"], row["named"]
    ({'outside_area': 1}, {'outside_area': ['h3']})
    """
    why = {"left_out": dict(left_out or {}), "doubted": dict(doubted or {})}
    counts: dict[str, dict[str, int]] = {}
    ids: dict[str, list[str]] = {key: list(value) for key, value in (named or {}).items()}
    for part, reasons in why.items():
        sizes = {key: n if isinstance(n, int) else len(n) for key, n in reasons.items()}
        counts[part] = {key: size for key, size in sizes.items() if size}
        ids |= {key: list(n) for key, n in reasons.items() if not isinstance(n, int)}
    told = counts["left_out"].keys() | counts["doubted"].keys()
    return {
        "source": source,
        "kind": kind,
        "read": read,
        "used": used,
        "left_out": counts["left_out"],
        "doubted": counts["doubted"],
        "named": {key: value[:NAMED] for key, value in ids.items() if value and key in told},
    }


def fault_notes(sources: Iterable[Reading]) -> list[Note]:
    """A note for each fault that the owner of a file can mend."""
    notes = []
    for row in sources:
        faults = [(key, text(f"left_out.{key}"), n) for key, n in row["left_out"].items()]
        faults += [(key, text(f"doubt.{key}"), n) for key, n in row["doubted"].items()]
        for key, what, count in faults:
            if key in TOLD:
                source, kind = row["source"], text(f"kind.{row['kind']}")
                names = _names(row["named"].get(key, []), count)
                facts = {"source": source, "kind": kind, "what": what, "names": names}
                notes.append(note("source_fault", count=count, **facts))
    return notes


def _names(names: list[str], count: int) -> object:
    if not names:
        return ""
    more = " …" if count > len(names) else ""
    return text("fact.in_brackets", names=tuple(names), more=more)
