"""What opening hours may mean on one day: each reading is a text that depends on no calendar.

Days are told by weekday alone, so a text is rewritten for a window of two days, the day and the one
before it, whose nights run into it: "PH" becomes the weekdays in the window that are holidays. A
day that is not ordinary may keep the hours of its weekday, of another, or none; so hours by weekday
are read in each of these ways there, unless the text itself settles it (PH, 工作日).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

from gusu_geo.assessment.calendar import Calendar, DayKind
from gusu_geo.tables import WORKDAY

WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su)\b(?:\[[^\]]*\])?"
_DAYS = rf"{_DAY}(?:\s*[-,]\s*{_DAY})*"
_HOLIDAY = r"\b[PS]H\b(?:\s*[-+]\s*\d+\s*days?)?"
# Holidays that fall on certain days, "PH Mo-Fr", else holidays alone or beside days, "Sa,PH"; the
# library takes both for the second. Else days alone.
_SELECTOR = re.compile(
    rf"(?P<on>{_HOLIDAY}(?:\s*,\s*{_HOLIDAY})*)\s+(?P<days>{_DAYS})"
    rf"|(?P<of>{_DAYS})\s+(?P<those>{_HOLIDAY}(?:\s*,\s*{_HOLIDAY})*)"
    rf"|(?P<only>{_HOLIDAY})|(?P<plain>{_DAYS})"
)
SUN = re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b", re.IGNORECASE)
_MOMENT = r"(?:\d?\d:\d\d|\b(?:sunrise|sunset|dawn|dusk)\b|\([^)]*\))"
_OPEN_END = re.compile(rf"(?P<start>{_MOMENT})(?P<end>\s*-\s*{_MOMENT})?\+(?!\d)", re.IGNORECASE)
_OFF = re.compile(r"\b(?:off|closed)\b", re.IGNORECASE)
_MARK = re.compile(rf'\s*(?:\bopen\s*)?"{WORKDAY}"')
_SHIFTED = re.compile(r"\bPH\b\s*[-+]")
_PH, _SH = re.compile(r"\bPH\b(?!\s*[-+])"), re.compile(r"\bSH\b")


@dataclass(frozen=True)
class _Rule:
    """One rule of a text: words without the mark of working days; off: it closes; marked."""

    words: str
    off: bool
    marked: bool
    joint: str  # what stands before it: "", "; " or " || "


@dataclass(frozen=True)
class _Reading:
    """Assumptions. kinds: of the days of the window by weekday, None: no calendar; holidays:
    uncertain kinds of holidays that are taken to hold; late: open ends are long; opens, closes:
    whether rules by weekday hold on days that are not ordinary, "plain" or "never"; only: the one
    selector of days that holds there, whatever its weekdays, -1 for none."""

    kinds: dict[str, DayKind] | None
    holidays: frozenset[str]
    late: bool
    opens: str = "plain"
    closes: str = "plain"
    only: int = -1
    never: str = field(default="Mo[1]", compare=False)


def readings(text: str, day: date, calendar: Calendar | None) -> Iterator[str]:
    """The text under each assumption about what nobody knows on this day."""
    rules = _rules(text)
    bare = " ".join(re.sub(r'"[^"]*"', "", rule.words) for rule in rules)
    unsure = [kind for kind, found in _unsure(bare, calendar) if found]
    ends = [False, True] if _OPEN_END.search(bare) else [False]
    never = "Mo[1]" if day.day > 8 else "Mo[3]"  # no day of the window
    seen = set()
    for kinds in _windows(day, calendar):
        for *held, late in product(*[[False, True]] * len(unsure), ends):
            holidays = frozenset(k for k, yes in zip(unsure, held, strict=True) if yes)
            for opens, closes, only in _ways(rules, bare, kinds):
                how = _Reading(kinds, holidays, late, opens, closes, only, never)
                found = _written(rules, how)
                if found not in seen:
                    seen.add(found)
                    yield found


def _unsure(bare: str, calendar: Calendar | None) -> Iterator[tuple[str, bool]]:
    """Kinds of holidays of which nobody knows when they are, and whether the text names them."""
    yield "SH", bool(_SH.search(bare))
    yield "PH", bool(_PH.search(bare)) and calendar is None
    yield "shifted", bool(_SHIFTED.search(bare))


def _windows(day: date, calendar: Calendar | None) -> Iterator[dict[str, DayKind] | None]:
    """What the day and the one before it are; each possibility beyond the calendar."""
    if calendar is None:
        yield None
        return
    days = (day - timedelta(days=1), day)
    kinds = {WEEK[each.weekday()]: calendar.kind(each) for each in days}
    if DayKind.UNKNOWN not in kinds.values():
        yield kinds
        return
    for kind in (DayKind.ORDINARY, DayKind.OFF, DayKind.MAKE_UP):
        yield {name: kind if known is DayKind.UNKNOWN else known for name, known in kinds.items()}


def _ways(
    rules: list[_Rule], bare: str, kinds: dict[str, DayKind] | None
) -> Iterator[tuple[str, str, int]]:
    """How rules by weekday may hold on days that are not ordinary: opening ones, closing ones, and
    the one selector that alone holds."""
    found = set(kinds.values()) if kinds else set()
    marked = any(rule.marked for rule in rules)
    if not found & {DayKind.OFF, DayKind.MAKE_UP}:
        yield "plain", "plain", -1
        return
    if marked and DayKind.OFF not in found:
        yield "never", "never", -1  # 工作日 says it
        return
    yield "plain", "plain", -1
    yield "never", "plain", -1
    if DayKind.MAKE_UP not in found and (marked or _PH.search(bare)):
        return
    yield "plain", "never", -1
    for position in range(sum(len(_limited(rule)) for rule in rules)):
        yield "never", "never", position


def _limited(rule: _Rule) -> list[str]:
    """Selectors of an opening rule that name some days of the week, not all."""
    if rule.off or rule.marked:
        return []
    found = (each["plain"] for each in _SELECTOR.finditer(rule.words) if each["plain"])
    return [days for days in found if len(_named(days)) < len(WEEK)]


def _named(days: str) -> set[str]:
    """The days of a list: "Fr-Su,Tu"; every name once, whatever its number in the month."""
    found: set[str] = set()
    for part in re.sub(r"\[[^\]]*\]", "", days).split(","):
        first, *last = (WEEK.index(name.strip()) for name in part.split("-") if name.strip())
        end = last[0] if last else first
        found |= {WEEK[(first + n) % 7] for n in range((end - first) % 7 + 1)}
    return found


def _rules(text: str) -> list[_Rule]:
    """The rules of a text, split outside of comments. Where all of them close, nothing is said of
    the other days."""
    found: list[_Rule] = []
    joint, words = "", ""
    for piece in re.split(r'("[^"]*"|;|\|\|)', text):
        if piece in (";", "||"):
            found += _rule(words, joint)
            joint, words = ("; " if piece == ";" else " || "), ""
        else:
            words += piece
    found += _rule(words, joint)
    if all(rule.off for rule in found) and not any(
        _OFF.sub("", rule.words).strip() == "" for rule in found
    ):
        return [_Rule("Mo-Su unknown", False, False, ""), *(
            _Rule(rule.words, rule.off, rule.marked, rule.joint or "; ") for rule in found
        )]  # fmt: skip
    return found


def _rule(words: str, joint: str) -> list[_Rule]:
    bare = _MARK.sub(" ", words).strip()
    plain = re.sub(r'"[^"]*"', "", bare)
    marked = bare != words.strip()
    return [_Rule(bare, bool(_OFF.search(plain)), marked, joint)] if bare else []


def _written(rules: list[_Rule], how: _Reading) -> str:
    position = 0
    parts = []
    for rule in rules:
        mine = len(_limited(rule))
        only = how.only - position if 0 <= how.only - position < mine else -1
        position += mine
        pieces = rule.words.split('"')
        for at in range(0, len(pieces), 2):  # every second one is a comment
            pieces[at] = _ends(_selectors(pieces[at], rule, how, only), late=how.late)
        parts.append(rule.joint + '"'.join(pieces))
    return "".join(parts)


def _selectors(words: str, rule: _Rule, how: _Reading, only: int) -> str:
    """The words with all selectors of days as weekdays that fit the window."""
    seen = -1

    def days(found: re.Match[str]) -> str:
        nonlocal seen
        if found["plain"]:
            limited = len(_named(found[0])) < len(WEEK)
            seen += limited and not rule.off and not rule.marked
            return _weekdays(found[0], rule, how, alone=limited and seen == only and only >= 0)
        holidays = found["on"] or found["those"] or found["only"]
        among = _named(found["days"] or found["of"]) if found["days"] or found["of"] else set(WEEK)
        return _holidays(holidays, found["days"] or found["of"] or "Mo-Su", among, how)

    return _SELECTOR.sub(days, words)


def _holidays(holidays: str, days: str, among: set[str], how: _Reading) -> str:
    kinds = {"SH"} if _SH.search(holidays) else set()
    kinds |= {"shifted"} if _SHIFTED.search(holidays) else set()
    known = _PH.search(holidays) is not None
    if how.kinds is None and known:
        kinds.add("PH")
    if kinds & how.holidays:
        return days
    off = [] if how.kinds is None or not known else [
        name for name, kind in how.kinds.items() if kind is DayKind.OFF and name in among
    ]  # fmt: skip
    return ",".join(off) or how.never


def _weekdays(days: str, rule: _Rule, how: _Reading, *, alone: bool) -> str:
    """A list of weekdays as it holds in the window."""
    if how.kinds is None:
        return days
    named = _named(days)
    special = {name for name, kind in how.kinds.items() if kind is not DayKind.ORDINARY}
    if rule.marked:
        return (
            ",".join(
                name
                for name, kind in how.kinds.items()
                if kind is DayKind.MAKE_UP or (kind is DayKind.ORDINARY and name in named)
            )
            or how.never
        )
    way = how.closes if rule.off else how.opens
    if not special or len(named) == len(WEEK) or (way == "plain" and not alone):
        return days
    held = special if alone else set()
    if "[" in days and not special >= set(how.kinds):
        return days if not held else ",".join(sorted(held | (named - special)))
    return ",".join(sorted((named - special) | held)) or how.never


def _ends(words: str, *, late: bool) -> str:
    def end(found: re.Match[str]) -> str:
        if late:
            return f"{found['start']}-29:00"  # five in the morning
        return f"{found['start']}{found['end']}" if found["end"] else "00:00-00:01"

    return _OPEN_END.sub(end, words)
