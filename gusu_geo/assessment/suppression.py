"""Small counts in tables that are no internal drafts (``report.internal = false``).

A count from 1 to 9 and what rests on it are left out (None); where that is one part of a sum alone,
the next smallest goes with it, or a subtraction would bring it back. Nought stays: it is of nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gusu_geo.assessment.summary import AttributeRow, ComplaintRow

LEAST_SHOWN = 10  # counts below are suppressed in anything marked public
SUMS = ("passed_persons", "passed_known_persons", "unknown_persons")


def small(count: float | None) -> bool:
    """Whether a count is of few.

    >>> [small(count) for count in (0, 0.2, 9, 9.99, 10, None)]
    [False, True, True, True, False, False]
    """
    return count is not None and 0 < count < LEAST_SHOWN


def parts_to_hide(counts: Sequence[float]) -> set[int]:
    """Positions of the parts of one sum that are not shown.

    >>> parts_to_hide([4, 60, 25]), parts_to_hide([4, 0, 7, 60]), parts_to_hide([12, 0])
    ({0, 2}, {0, 2}, set())
    """
    hidden = {at for at, count in enumerate(counts) if small(count)}
    rest = [at for at, count in enumerate(counts) if at not in hidden and count > 0]
    if len(hidden) == 1 and rest:
        hidden.add(min(rest, key=lambda at: counts[at]))
    return hidden


def public_attributes(rows: Sequence[AttributeRow]) -> list[AttributeRow]:
    """The rows without small counts; each attribute is a sum of its rows, column by column."""
    found: list[AttributeRow] = [
        {**row, "missing": {**row["missing"]}, "unknown": {**row["unknown"]}} for row in rows
    ]
    for name in dict.fromkeys(row["attribute"] for row in rows):
        part = [row for row in found if row["attribute"] == name]
        few = _few(part, "residences") | _few(part, "persons")
        for at, row in enumerate(part):
            if at in few:
                _blank(row)
        for key in SUMS:
            for at in _few(part, key):
                part[at][key] = None  # type: ignore[literal-required]
                if key == "passed_persons":
                    part[at]["share"] = None
        for held in ([row["missing"] for row in part], [row["unknown"] for row in part]):
            for service in held[0]:
                for at in parts_to_hide([each[service] or 0.0 for each in held]):
                    held[at][service] = None
    return found


def public_complaints(rows: Iterable[ComplaintRow]) -> list[ComplaintRow]:
    """The rows without small counts, those of a zone being one sum; what is left out stands last,
    by id, because its rank would tell."""
    found: list[ComplaintRow] = [{**row} for row in rows]
    for zone in {row["zone"] for row in found}:
        part = [row for row in found if row["zone"] == zone]
        of_few = parts_to_hide([row["households"] or 0.0 for row in part])
        for at in of_few | parts_to_hide([row["complaints"] or 0 for row in part]):
            row = part[at]
            row["complaints"] = row["per_100"] = row["expected"] = None
            row["ratio"] = row["ratio_low"] = row["ratio_high"] = None
            row["red_to"] = row["low_to"] = row["high_from"] = row["black_from"] = None
            row["p_more"] = row["p_less"] = None
            if at in of_few:
                row["households"] = None
    shown = [row for row in found if row["complaints"] is not None]
    hidden = [row for row in found if row["complaints"] is None]
    return [*shown, *sorted(hidden, key=lambda row: row["id"])]


def _few(rows: Sequence[AttributeRow], key: str) -> set[int]:
    return parts_to_hide([row[key] or 0.0 for row in rows])  # type: ignore[literal-required]


def _blank(row: AttributeRow) -> None:
    row["residences"] = row["persons"] = row["share"] = None
    for key in SUMS:
        row[key] = None  # type: ignore[literal-required]
    row["missing"], row["unknown"] = (dict.fromkeys(row[key]) for key in ("missing", "unknown"))
