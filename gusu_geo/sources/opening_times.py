"""Opening hours of any source as one string in OpenStreetMap's notation; ``None``: unreadable.

Public holidays stay "PH"; working days of the calendar (工作日), for which the notation has no
selector, are written as ``Mo-Fr ... open "工作日"`` (``tables.WORKDAY``). Dates of a calendar are
not known here: ``assessment.calendar`` brings them. docs/hours.md lists the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gusu_geo.sources.hours_clauses import ALL_DAYS, Clause, Said, Spans, clauses_of
from gusu_geo.sources.hours_words import (
    HOLIDAY,
    LOOSE,
    NAMED,
    SCHOOL,
    WEEK,
    WORKDAYS,
    Item,
    items_of,
    plain,
)
from gusu_geo.tables import WORKDAY

SURE = {"summer": "Jun-Aug", "winter": "Dec-Feb"}  # of a season without months
BETWEEN = "Mar-May,Sep-Nov"
_LETTERS = re.compile(r"[A-Za-z]")
_NAMES = re.compile(r"\b(?:mo|tu|we|th|fr|sa|su|ph|sh|off|closed|open|unknown)\b", re.IGNORECASE)
_SPELLED = {day.lower(): day for day in WEEK} | {"ph": "PH", "sh": "SH"}
_SPELLED |= {word: word for word in ("off", "closed", "open", "unknown")}
_SHORT_HOUR = re.compile(r"(?<![\d:])(\d):(?=\d\d)")


def osm_hours(words: str, *, ledger: bool = True) -> str | None:
    """The hours in OpenStreetMap's notation; "" for no words; None where nobody can read them.

    ledger: in a ledger "9:00-12:00; 14:00-17:00" are both open; on the map the second replaces the
    first.

    >>> osm_hours("每天 8:30—21:00"), osm_hours("周一至周五 9:00-17:00，节假日休息")
    ('Mo-Su 08:30-21:00', 'Mo-Fr 09:00-17:00; PH off')
    >>> osm_hours("工作日 9:00-17:00"), osm_hours("看情况")
    ('Mo-Fr 09:00-17:00 open "工作日"; PH off', None)
    """
    from opening_hours import validate  # loaded only where hours are read

    words = words.encode("utf-8", "replace").decode("utf-8")
    if not words.strip():
        return ""
    tidy = _tidy(words)
    as_osm = tidy if validate(tidy) else None
    if as_osm is not None and (not ledger or _LETTERS.search(tidy) or tidy == "24/7"):
        return as_osm
    items = items_of(plain(words))
    found = None if not items else _written(items)
    if found is None and as_osm is not None and "+" in as_osm:  # an open end has no other form
        return as_osm
    return found if found is not None and validate(found) else None


def _tidy(words: str) -> str:
    """What is meant as OpenStreetMap's notation, in one spelling; comments stay as they are."""
    parts = words.split('"')
    for at in range(0, len(parts), 2):
        part = plain(parts[at])
        part = _NAMES.sub(lambda name: _SPELLED[name[0].lower()], part)
        part = _SHORT_HOUR.sub(r"0\1:", re.sub(r"\s*-\s*", "-", part))
        lead, tail = (" " if at else ""), (" " if at + 1 < len(parts) else "")
        part = re.sub(r"\s*;\s*", "; ", part).strip()
        parts[at] = f"{lead}{part}{tail}" if part else ""
    return '"'.join(parts).rstrip("; ")


def _written(items: Sequence[Item]) -> str | None:
    """Words as one string; None where they do not fit together."""
    said = clauses_of(items)
    if said is None:
        return None
    if said.never:
        return "off"
    seasons = list(dict.fromkeys(clause.season for clause in said.opens if clause.season))
    if not seasons:
        return _string(_rules(said, said.opens, ""), said)
    common = [clause for clause in said.opens if clause.season is None]
    rules: list[str] = []
    by_name = {s.name: [c for c in said.opens if c.season == s] for s in seasons}
    if len(by_name) < len(seasons) or common:
        return None
    for season in seasons:
        months = season.months or SURE.get(season.name, "")
        rules += _rules(said, by_name[season.name], f"{months} ")
    if not all(season.months for season in seasons):
        rules = ["Mo-Su unknown", *rules, *_between(said, by_name)]
    elif len(seasons) == 1:
        rules = ["Mo-Su unknown", *rules]
    return _string(rules, said)


def _rules(said: Said, clauses: Iterable[Clause], months: str) -> list[str]:
    """The rules of a part of the year, holidays last: a later rule replaces an earlier one."""
    rules: list[str] = []
    holidays: list[str] = []
    merged: dict[frozenset[str], Spans] = {}
    for clause in clauses:
        days = ALL_DAYS if clause.days is None else clause.days
        merged[days] = tuple(dict.fromkeys((*merged.get(days, ()), *clause.spans)))
    named = frozenset().union(*merged)
    for days, spans in merged.items():
        if WORKDAYS in days:
            rules += _timed(said, f"{months}Mo-Fr", spans, f'open "{WORKDAY}"')
        week = [day for day in WEEK if day in days]
        if week and not (WORKDAYS in days and week == list(WEEK[:5])):
            rules += _timed(said, f"{months}{_short(week)}", spans)
        if LOOSE in days and not named & {"Sa", "Su"}:
            rules += _timed(said, f"{months}Sa-Su", spans, 'unknown "节假日"')
        if SCHOOL in days:
            rules += _timed(said, f"{months}SH", spans)
        if days & {HOLIDAY, LOOSE}:
            holidays += _timed(said, f"{months}PH", spans)
        if NAMED in days:
            holidays += _timed(said, f"{months}PH", spans, 'unknown "部分节日"')
    no_days = any(clause.days is None for clause in clauses)
    if no_days and LOOSE in said.closes and not said.closes & {"Sa", "Su"}:
        rules += [r for spans in merged.values()
                  for r in _timed(said, f"{months}Sa-Su", spans, 'unknown "节假日"')]  # fmt: skip
    return rules + _on_holidays(said, merged, months, holidays)


def _on_holidays(
    said: Said, merged: dict[frozenset[str], Spans], months: str, holidays: list[str]
) -> list[str]:
    """What holds on public holidays where the words say it, or working days leave it open."""
    if holidays or said.closes & {HOLIDAY, LOOSE}:
        return holidays
    if said.usual:
        return [
            rule
            for days, spans in merged.items()
            if (week := [day for day in WEEK if day in days])
            for rule in _timed(said, f"{months}PH" if len(week) > 6 or said.closes
                               else f"{months}PH {_short(week)}", spans)
        ]  # fmt: skip
    weekend = [spans for days, spans in merged.items() if days & {"Sa", "Su"}]
    if any(WORKDAYS in days for days in merged):
        unsure = 'unknown "节假日"'
        return [r for spans in weekend for r in _timed(said, f"{months}PH", spans, unsure)] or [
            f"{months}PH off"
        ]
    return []


def _between(said: Said, by_name: dict[str, list[Clause]]) -> list[str]:
    """Rules for the months of which nobody knows the season: open where both seasons are."""
    summer, winter = by_name.get("summer", []), by_name.get("winter", [])
    if not summer or [c.days for c in summer] != [c.days for c in winter]:
        return []
    both = []
    for one, other in zip(summer, winter, strict=True):
        common = tuple(
            (max(a, c), min(b, d))
            for a, b in one.spans
            for c, d in other.spans
            if max(a, c) < min(b, d)
        )
        if common:
            both.append(Clause(one.days, common))
    rules = _rules(said, both, f"{BETWEEN} ")
    edges = Said(last=None)
    for one, other in zip(summer, winter, strict=True):
        week = [day for day in WEEK if day in (one.days or ALL_DAYS)] or list(WEEK[:5])
        either = _union((*one.spans, *other.spans))
        at = next((i for i, rule in enumerate(rules) if "off" not in rule), None)
        if at is not None:
            extra = _timed(edges, f"{BETWEEN} {_short(week)}", either, 'unknown "换季"')
            rules[at] = f"{extra[0]}, {rules[at]}"
    return rules


def _timed(said: Said, days: str, spans: Spans, modifier: str = "") -> list[str]:
    """A rule; what lies after the last entry is unknown."""
    if said.appointment:
        modifier = 'unknown "预约"'
    sure: Spans = spans
    late: Spans = ()
    if said.last is not None:
        cut = said.last
        sure = tuple((a, min(b, cut)) for a, b in spans if a < cut)
        late = tuple((max(a, cut), b) for a, b in spans if b > cut)
    rule = f"{days} {_clock(sure)} {modifier}".rstrip() if sure else ""
    if late:
        rule = ", ".join(filter(None, (rule, f'{days} {_clock(late)} unknown "停止入场"')))
    return [rule] if rule else []


def _union(spans: Iterable[tuple[int, int]]) -> Spans:
    """Spans in order, those that touch made one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _clock(spans: Spans) -> str:
    return ",".join("-".join(f"{m // 60:02d}:{m % 60:02d}" for m in span) for span in spans)


def _short(week: Sequence[str]) -> str:
    """Days as ranges: Mo-Fr, "Mo,We", Sa-Su."""
    runs: list[list[str]] = []
    for day in week:
        if runs and WEEK.index(day) == WEEK.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _without_times(said: Said) -> list[str]:
    """Days of which only is known that they may be open; all where none is named."""
    reason = ' "预约"' if said.appointment else ""
    week = [day for day in WEEK if day in said.only]
    found = [f"{_short(week)} unknown{reason}"] if week else []
    if WORKDAYS in said.only:
        found += [
            f'Mo-Fr unknown "{WORKDAY}"',
            *([] if said.only & {HOLIDAY, LOOSE} else ["PH off"]),
        ]
    found += ["PH unknown"] if said.only & {HOLIDAY, LOOSE, NAMED} else []
    found += ["SH unknown"] if SCHOOL in said.only else []
    return found or [f"Mo-Su unknown{reason}"]


def _string(rules: Sequence[str], said: Said) -> str:
    """All rules with the closings, public holidays last."""
    closed, found = said.closes, list(rules)
    if not found:
        found = _without_times(said)
    elif found == ["Mo-Su 00:00-24:00"] and not closed:
        return "24/7"
    holidays = [rule for rule in found if re.search(r"(?:^| )PH\b", rule)]
    found = [rule for rule in found if rule not in holidays]
    if week := [day for day in WEEK if day in closed]:
        found.append(f"{_short(week)} off")
    found += [f"{key} off" for key in (SCHOOL,) if key in closed]
    if WORKDAYS in closed:
        found.append(f'Mo-Fr off "{WORKDAY}"')
    if NAMED in closed:
        found.append('PH unknown "部分节日休息"')
    found += holidays
    if closed & {HOLIDAY, LOOSE}:
        found.append("PH off")
    return "; ".join(found)
