"""Opening hours in plain Chinese, word by word: days, spans of time, seasons, closings.

Whoever finds a word that is not in this list knows nothing of the hours: nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
WORKDAYS, HOLIDAY, SCHOOL = "workdays", "PH", "SH"
LOOSE = "loose"  # 节假日: public holidays, and perhaps weekends
NAMED = "named"  # a certain holiday, such as 春节
REST = "rest"  # all days not named so far
DAY_MIN = 24 * 60
NIGHT_FROM_MIN, NIGHT_TO_MIN = 12 * 60, 6 * 60  # a span that ends earlier than it begins: a night

_TO = r"\s*(?:-+|至|到)\s*"
_AND = r"[、,和及与]|以及"
_LINK = r"[、和及与]|以及"  # between days that share what is said next; a comma may end a clause
_WEEK = r"(?:周|星期|礼拜)"
_ONE = r"(?:[一二三四五六日天]|[1-7](?!\d|[:点时.]))"
_DAYS = re.compile(
    rf"(?:每|逢)?{_WEEK}{_ONE}(?:{_TO}{_WEEK}?{_ONE}"
    rf"|\s*(?:{_AND})?\s*{_WEEK}{_ONE}|\s*(?:{_AND})?\s*[一二三四五六日天])*"
)
_DAY = re.compile(rf"(?P<to>{_TO})?(?:{_WEEK})?(?P<day>[一二三四五六日天1-7])")
_NUMBER = {letter: at for at, letter in enumerate("一二三四五六日")} | {"天": 6}
_NUMBER |= {str(at + 1): at for at in range(7)}

_MORNING = "凌晨|清晨|早晨|早上|上午|早"
_NOON, _EVENING = "中午|午间", "下午|午后|傍晚|晚上|晚间|夜间|晚"
_NEXT = "次日|翌日|第二天"


def _time(name: str) -> str:
    return (
        rf"(?P<next{name}>{_NEXT})?(?P<part{name}>{_MORNING}|{_NOON}|{_EVENING})?\s*"
        rf"(?P<hour{name}>\d{{1,2}})\s*"
        rf"(?P<clock{name}>[:.]\s*(?P<minute{name}>\d{{2}})(?!\d)"
        rf"|[点时]\s*(?:(?P<past{name}>\d{{1,2}})\s*分?|(?P<half{name}>半)|整|钟)?)?"
    )


_SPAN = re.compile(rf"{_time('1')}{_TO}{_time('2')}(?![\d月])")
_LAST = re.compile(
    rf"{_time('1')}\s*(?:后|以后|起)?\s*(?:停止|禁止|谢绝)(?:入场|入馆|进馆|进场|入园|入内|售票)"
)
_MONTHS = re.compile(
    rf"(?P<m1>\d{{1,2}})(?:月(?:(?P<d1>\d{{1,2}})[日号]|份|初)?)?{_TO}(?:次年|翌年)?"
    r"(?P<m2>\d{1,2})月(?:(?P<d2>\d{1,2})[日号]|份|底)?"
)
_SEASON = re.compile(r"(?P<summer>夏季|夏令时?|夏天)|(?P<winter>冬季|冬令时?|冬天)")
_EVERY = re.compile(r"每天|每日|天天|全年|一年四季|全周|一周七天")
_HOLIDAYS = {
    HOLIDAY: re.compile(
        r"(?:国家)?法定(?:节假日|假日|节日|假期)|国定(?:节假日|假日)|公[众共]假[日期]"
    ),
    LOOSE: re.compile(r"节、?假日|公休日|节日|假日"),
    NAMED: re.compile(
        r"(?:(?:元旦|春节|除夕|清明|劳动节|五一|端午|中秋|国庆)节?(?:、|和|及|,)?)+(?:假期|期间)?"
    ),
    SCHOOL: re.compile(r"寒、?暑假|寒假|暑假|暑期"),
    WORKDAYS: re.compile(r"(?<!非)工作日"),
    REST: re.compile(r"其余|其他|其它"),
}
_NO_WORKDAY = re.compile(r"非工作日|休息日")
_WEEKEND = re.compile(r"周末|双休日")
_MARKS = {
    "except": re.compile(r"除外"),
    "usual": re.compile(r"(?:照常|正常)(?:开放|营业)?|不休息?|无休|不打烊"),
    "closed": re.compile(
        r"(?:暂停|不)(?:对外)?(?:开放|营业)|闭馆|休馆|关闭|关门|停业|歇业|休息|闭园|放假"
    ),
    "appointment": re.compile(r"(?:需|须|请|凭)?(?:提前|电话|团体)*预约(?:开放|参观|制|后)?"),
}  # fmt: skip
_ALL_DAY = re.compile(r"全天候?|全日|7x24小时|24小时|24h", re.IGNORECASE)
_SAID = re.compile(  # words that say nothing of the time
    r"(?:开放|营业|服务|接待|办公|工作|作息)?时间(?:段)?|对外开放|免费开放|开放|营业|为|是|均|都|含|包括|的|日期|期间"
)
_SEPARATOR = re.compile(r"[\s,;、/|。()\[\]【】:]+|和|及|与|以及")
_ONE_SIGN = str.maketrans(
    dict.fromkeys("—–−~∼～―‐‑〜", "-") | {"∶": ":", "×": "x", "時": "时", "點": "点"}
)
_BUT_FOR = re.compile(r"除了?(?P<what>[^除外]{1,8}?)[之以]?外")


class Season(NamedTuple):
    """Part of a year: months as OpenStreetMap writes them, or "summer" and "winter" alone."""

    name: str
    months: str


class Item(NamedTuple):
    """A word: kind "days", "span", "season", "last" or a key of marks; joined: directly to the word
    before it, or by "and"; linked: by "and"; days, span (minutes), season: what it says."""

    kind: str
    joined: bool = False
    linked: bool = False
    days: frozenset[str] = frozenset()
    span: tuple[int, int] = (0, 0)
    season: Season | None = None


def plain(words: str) -> str:
    """Half-width, one kind of dash and colon; no doubled spaces.

    >>> plain("８：３０—２１：００"), plain("9:00～17:00 ；")
    ('8:30-21:00', '9:00-17:00 ;')
    """
    half = unicodedata.normalize("NFKC", words.translate(_ONE_SIGN)).translate(_ONE_SIGN)
    return " ".join(_BUT_FOR.sub(r"\g<what>除外 ", half).split())


def items_of(words: str) -> list[Item] | None:
    """The words of plain Chinese hours, in order; None where one is not known.

    >>> [item.kind for item in items_of("周一至周五 9:00-17:00, 节假日休息")]
    ['days', 'span', 'days', 'closed']
    """
    items: list[Item] = []
    at, gap = 0, ""
    while at < len(words):
        found = _item(words, at)
        if found is None:
            skipped = _SEPARATOR.match(words, at) or _SAID.match(words, at)
            if skipped is None:
                return None
            gap, at = gap + skipped[0], skipped.end()
            continue
        item, at = found
        joined = bool(items) and re.fullmatch(rf"\s*(?:{_LINK})?\s*", gap) is not None
        items.append(item._replace(joined=joined, linked=joined and bool(gap.strip())))
        gap = ""
    return items


def _item(words: str, at: int) -> tuple[Item, int] | None:
    """The word that begins at this place, and where it ends."""
    for reader in (_season, _marked, _days, _times):
        found = reader(words, at)
        if found is not None:
            return found
    return None


def _season(words: str, at: int) -> tuple[Item, int] | None:
    named = _SEASON.match(words, at)
    name = "" if named is None else "summer" if named["summer"] else "winter"
    start = at if named is None else named.end()
    bracket = re.compile(r"[\s(\[:]*").match(words, start)
    months = _MONTHS.match(words, start if bracket is None else bracket.end())
    if months is None:
        return (Item("season", season=Season(name, "")), start) if named else None
    ends = [int(months["m1"]), int(months["m2"])]
    days = [int(months["d1"] or 0), int(months["d2"] or 0)]
    if not all(1 <= month <= 12 for month in ends) or not all(day <= 31 for day in days):
        return None
    return Item("season", season=Season(name or "months", _osm_months(ends, days))), months.end()


_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _osm_months(months: list[int], days: list[int]) -> str:
    first, last = (_MONTH_NAMES[month - 1] for month in months)
    whole = days[0] <= 1 and days[1] in (0, _MONTH_DAYS[months[1] - 1], 28)
    if whole:
        return first if months[0] == months[1] else f"{first}-{last}"
    end = days[1] or _MONTH_DAYS[months[1] - 1]
    return f"{first} {days[0] or 1:02d}-{last} {end:02d}"


def _marked(words: str, at: int) -> tuple[Item, int] | None:
    for kind, pattern in _MARKS.items():
        if found := pattern.match(words, at):
            return Item(kind), found.end()
    return None


def _days(words: str, at: int) -> tuple[Item, int] | None:
    if found := _DAYS.match(words, at):
        return Item("days", days=frozenset(_weekdays(found[0]))), found.end()
    if found := _NO_WORKDAY.match(words, at):
        return Item("days", days=frozenset(("Sa", "Su", HOLIDAY))), found.end()
    if found := _WEEKEND.match(words, at):
        return Item("days", days=frozenset(("Sa", "Su"))), found.end()
    for key, pattern in _HOLIDAYS.items():
        if found := pattern.match(words, at):
            return Item("days", days=frozenset((key,))), found.end()
    if found := _EVERY.match(words, at):
        return Item("days", days=frozenset(WEEK)), found.end()
    return None


def _weekdays(words: str) -> Iterator[str]:
    """The days that "周一至周五、周日" names."""
    last = 0
    for found in _DAY.finditer(words.lstrip("每逢")):
        number = _NUMBER[found["day"]]
        if found["to"]:
            while last != number:
                last = (last + 1) % 7
                yield WEEK[last]
        last = number
        yield WEEK[number]


def _times(words: str, at: int) -> tuple[Item, int] | None:
    if found := _ALL_DAY.match(words, at):
        return Item("span", span=(0, DAY_MIN)), found.end()
    if found := _LAST.match(words, at):
        minute = _minute(found, "1", "")
        return None if minute is None else (Item("last", span=(minute, minute)), found.end())
    if found := _SPAN.match(words, at):
        span = _span(found)
        return None if span is None else (Item("span", span=span), found.end())
    return None


def _span(found: re.Match[str]) -> tuple[int, int] | None:
    """Minutes from midnight to both ends; None where they cannot be meant so."""
    if not (found["clock1"] or found["clock2"]):
        return None  # "1-5" may be anything
    start = _minute(found, "1", "")
    later = found["part1"] or ""
    end = _minute(found, "2", later if re.fullmatch(rf"{_NOON}|{_EVENING}", later) else "")
    if start is None or end is None:
        return None
    if end <= start and start >= NIGHT_FROM_MIN and end <= NIGHT_TO_MIN:
        end += DAY_MIN
    good = 0 <= start < DAY_MIN and start < end <= start + DAY_MIN
    return (start, end) if good else None


def _minute(found: re.Match[str], end: str, before: str) -> int | None:
    """Minutes from midnight; before: the part of the day that the first time named."""
    hour = int(found[f"hour{end}"])
    minute = int(found[f"minute{end}"] or found[f"past{end}"] or (30 if found[f"half{end}"] else 0))
    part = found[f"part{end}"] or (before if hour < 12 else "")
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return None
    if part and hour > 12 and re.fullmatch(_MORNING, part):
        return None
    evening = re.fullmatch(_EVENING, part) is not None
    if (evening and hour < 12) or (re.fullmatch(_NOON, part) and hour < 4):
        hour += 12
    elif hour == 12 and evening and "晚" in part:
        hour = 24
    elif hour == 12 and part == "凌晨":
        hour = 0
    return 60 * hour + minute + (DAY_MIN if found[f"next{end}"] else 0)
