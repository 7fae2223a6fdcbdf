"""What plain Chinese hours say, clause by clause: days with times, or days that are closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gusu_geo.sources.hours_words import (
    HOLIDAY,
    LOOSE,
    NAMED,
    REST,
    WEEK,
    WORKDAYS,
    Item,
    Season,
)

Spans = tuple[tuple[int, int], ...]
ALL_DAYS = frozenset(WEEK)
CLOSINGS = ("closed", "except", "usual")  # words that end what is said of days


@dataclass
class Clause:
    """Days (None: not said) with their spans; no spans: closed."""

    days: frozenset[str] | None
    spans: Spans
    season: Season | None = None


@dataclass
class Said:
    """What the words say, clause by clause. usual: open on public holidays as on any day; only:
    days without times; never: closed at all times; last: no one is let in from this minute on."""

    clauses: list[Clause] = field(default_factory=list)
    usual: bool = False
    appointment: bool = False
    never: bool = False
    only: frozenset[str] = frozenset()
    last: int | None = None

    @property
    def opens(self) -> list[Clause]:
        """Those with times."""
        return [clause for clause in self.clauses if clause.spans]

    @property
    def closes(self) -> frozenset[str]:
        """Days that are closed."""
        return frozenset().union(*(c.days or () for c in self.clauses if not c.spans))


def clauses_of(items: Sequence[Item]) -> Said | None:
    """What the words say together; None where they do not fit together."""
    reader = _Reader(backwards=_times_first(items))
    for item, after in zip(items, [*items[1:], Item("")], strict=True):
        if item.kind == "days":
            reader.days_named(item, after.kind)
        elif item.kind == "span":
            reader.span_named(item.span)
        elif item.kind == "season":
            reader.season_named(item.season)
        elif item.kind == "appointment":
            reader.said.appointment = True
        elif item.kind == "last":
            reader.said.last = item.span[0]
        elif not reader.closing(item.kind, after.kind):
            return None
    return reader.done()


class _Reader:
    """Words on their way to clauses: days and spans that no clause holds yet."""

    def __init__(self, *, backwards: bool) -> None:
        """backwards: days follow their times."""
        self.said = Said()
        self.spans: list[tuple[int, int]] = []
        self.days: frozenset[str] | None = None
        self.outer: frozenset[str] | None = None  # before "(节假日除外)": the times after mean them
        self.season: Season | None = None
        self.seasons: list[Season | None] = []
        self.closed_in_season = False
        self.puzzling = False
        self.backwards = backwards

    def flush(self) -> None:
        """A clause of the spans so far; without days of their own they go with those before."""
        if not self.spans:
            return
        opens, days = self.said.opens, self.days
        if days is None and opens:
            days = opens[-1].days
        self.said.clauses.append(Clause(days, tuple(self.spans), self.season))
        self.days = None
        self.spans.clear()

    def span_named(self, span: tuple[int, int]) -> None:
        """Times; what was closed within a season before them may be closed in it alone."""
        self.spans.append(span)
        self.puzzling = self.puzzling or self.closed_in_season

    def days_named(self, item: Item, after: str) -> None:
        """Days; after: the kind of the next word, which may close them."""
        ends = after in CLOSINGS
        together = item.linked if after == "except" else item.joined
        named = _resolved(item.days, self.said)
        if self.backwards and not ends:
            self.days = named
            self.flush()
            self.days = None
            return
        self.flush()
        if ends and not (together and self.days is not None and not self.outer):
            self.outer, self.days = self.days, named
        else:
            self.days = named if self.days is None else self.days | named

    def season_named(self, season: Season | None) -> None:
        """A season; days before it go on to hold."""
        kept = self.days
        self.flush()
        self.season, self.days = season, kept
        self.seasons.append(season)

    def closing(self, kind: str, after: str) -> bool:
        """One of ``CLOSINGS``; after: the kind of the next word; whether it makes sense here."""
        days = None if self.spans else self.days
        self.flush()
        if self.season is not None:
            self.closed_in_season = True
            if days is None:  # "5月1日至10月7日休息"
                return False
        if kind == "except" and after == "closed":  # "周一 (法定节假日除外) 闭馆"
            good = self.outer is not None and bool(days and days & {HOLIDAY, LOOSE})
            self.said.usual = good
        else:
            good = _closing(self.said, kind, days)
        self.days, self.outer = self.outer, None
        return good

    def done(self) -> Said | None:
        """All that was said; None where words are left over."""
        self.flush()
        said = self.said
        if self.puzzling or set(self.seasons) - {clause.season for clause in said.opens}:
            return None
        if self.days is not None and not said.opens:
            said.only = self.days  # "工作日": which days, but not when
        elif self.days is not None and said.opens[-1].days != self.days:
            return None
        return said if said.clauses or said.never or said.appointment or said.only else None


def _times_first(items: Sequence[Item]) -> bool:
    """Whether days follow their times: "9:00-17:00 (周一至周五)"."""
    kinds = [
        item.kind
        for item, after in zip(items, [*items[1:], Item("")], strict=True)
        if item.kind in ("days", "span") and after.kind not in CLOSINGS
    ]
    return bool(kinds) and kinds[0] == "span" and kinds[-1] == "days"


def _resolved(days: frozenset[str], said: Said) -> frozenset[str]:
    """The rest of the days: those that no clause names."""
    if REST not in days:
        return days
    named = frozenset().union(*(clause.days or ALL_DAYS for clause in said.clauses))
    return frozenset(("Sa", "Su", HOLIDAY)) if WORKDAYS in named else ALL_DAYS - named


def _closing(said: Said, kind: str, days: frozenset[str] | None) -> bool:
    """Note "closed", "except" or "usual" for these days; whether that makes sense."""
    if kind == "usual":
        if days is None or days == ALL_DAYS:
            said.usual = said.usual or days is None or bool(said.opens)
        elif days & {HOLIDAY, LOOSE, NAMED}:
            said.usual = True
        elif said.opens:
            said.clauses.append(Clause(days, said.opens[-1].spans, said.opens[-1].season))
        else:
            return False
        return True
    if days is None:
        said.never = kind == "closed" and not said.clauses
        return said.never
    last_closed = bool(said.clauses) and not said.clauses[-1].spans
    if kind == "except" and last_closed and days & {HOLIDAY, LOOSE}:
        said.usual = True  # "周一闭馆 (法定节假日除外)": open on holidays, Mondays too
        return True
    said.clauses.append(Clause(days, ()))
    return True
