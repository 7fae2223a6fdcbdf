"""The ledger of the reader in words: shared by the table of ``check``, the workbook and the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gusu_geo.tables import Both, Reading
from gusu_geo.words import Text, both, text


class Reason(NamedTuple):
    """Why things were left out or doubted; names: the first ids, where they are known."""

    what: Text
    number: int
    names: tuple[str, ...]

    @property
    def line(self) -> Text:
        """In one line: the count, the reason, the ids."""
        more = " …" if self.number > len(self.names) else ""
        names = text("fact.in_brackets", names=self.names, more=more) if self.names else ""
        return text("fact.reason", what=self.what, count=self.number, names=names)


def left_out(row: Reading) -> list[Reason]:
    """Why things of a source were left out, the most frequent reason first."""
    return [_reason(row, text(f"left_out.{key}"), key, n) for key, n in _sorted(row["left_out"])]


def doubted(row: Reading) -> list[Reason]:
    """Why things of a source were used and yet may be wrong."""
    return [_reason(row, text(f"doubt.{key}"), key, n) for key, n in _sorted(row["doubted"])]


def _sorted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _reason(row: Reading, what: Text, key: str, number: int) -> Reason:
    return Reason(what, number, tuple(row["named"].get(key, ())))


def kind_of(row: Reading) -> Text:
    """What the things of a row are."""
    return text(f"kind.{row['kind']}")


def source_lines(rows: Iterable[Reading]) -> list[Both]:
    """One line for each row of the ledger, in both languages, for the map."""
    return [
        both(
            "fact.source_line",
            source=row["source"],
            kind=kind_of(row),
            read=row["read"],
            used=row["used"],
            left_out=_listed("fact.left_out", left_out(row)),
            doubted=_listed("fact.doubted", doubted(row)),
        )
        for row in rows
    ]


def _listed(key: str, reasons: list[Reason]) -> Text | str:
    return text(key, reasons=tuple(reason.line for reason in reasons)) if reasons else ""
