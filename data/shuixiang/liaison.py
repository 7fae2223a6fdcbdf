"""What residents of the town said, on liaison days and by 12345, how many of them were visited, and
how many complained about the property offices.

Every number is planned here: so many signals of a theme from so many compounds, with steps of the
golden ratio in the place of chance. What is planned to be seen:

- three neighbours in the west (工人新村, 荷塘, 上塘) report twice what their persons would: water in
  the streets and noise of the works;
- where a clinic is far, many ask for one; sharing is asked for where it is near, not where it lacks;
- 菱塘社区 reports much because it is visited much.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from shuixiang.buildings import Built, Home, households_of
from shuixiang.canvas import Point
from shuixiang.compounds import COMPOUNDS, OLD
from shuixiang.grounds import COMMUNITIES, zone_at

DAY, LINE = "社情民意联系日", "12345"
PROBLEM, WISH = "问题", "建议"
# Rounds of three liaison days, on second Sundays.
ROUNDS: dict[str, tuple[date, ...]] = {
    "第一轮": (date(2025, 12, 14), date(2026, 1, 11), date(2026, 2, 8)),
    "第二轮": (date(2026, 3, 8), date(2026, 4, 12), date(2026, 5, 10)),
    "第三轮": (date(2026, 6, 14), date(2026, 7, 12), date(2026, 8, 9)),
    "第四轮": (date(2026, 9, 13), date(2026, 10, 11), date(2026, 11, 8)),
}
# How a signal is located: by point, compound, community or not at all; in twenty 8, 6, 4, 2.
RUNGS = "pcpmpcpcpnpcmpcmpcmn"
GOLDEN = 0.6180339887498949
WEST = ("工人新村社区", "荷塘社区", "上塘社区")
# No clinic within 15 minutes, or 10 of elders: every home of them.
FAR_FROM_CLINICS = (
    "学士新村二区", "学士新村三区", "邮电宿舍", "北园小区", "东方名邸", "枕河雅苑", "桃源居", "香榭里",
    "南湖新村",
)  # fmt: skip
# No shared room or tools within the time: all or most homes of them.
FAR_FROM_SHARING = (
    "星辰公寓", "绿洲花园", "明月湾", "和润家园", "东城丽景", "滨河华庭", "清漪园", "荷塘新苑", "湖畔名居",
    "荷塘二村", "工人一村", "工人二村", "塘西公寓", "文昌新村一区", "文昌新村二区", "文昌新村三区",
    "塘东一村", "塘东二村", "北园新村", "北园小区", "南湖新村", "菱塘新苑二区", "菱塘新苑三区", "枕河雅苑",
    "桃源居", "东方名邸",
)  # fmt: skip
VISITED_MUCH = "菱塘社区"
COMPLAINED, UNCOUNTED = "南门商住楼", "塘西公寓"


class Batch(NamedTuple):
    """So many signals of a theme from these compounds, by their persons."""

    theme: str
    many: int
    compounds: tuple[str, ...]
    kind: str = PROBLEM


def _of(*communities: str) -> tuple[str, ...]:
    return tuple(c.name for c in COMPOUNDS if community_of(middle(c.box)) in communities)


def middle(place: tuple[float, float, float, float]) -> Point:
    """The middle of a rectangle."""
    west, south, east, north = place
    return (west + east) / 2, (south + north) / 2


def community_of(place: Point) -> str:
    """The community that holds a place."""
    return zone_at(place, COMMUNITIES).name


ALL = tuple(compound.name for compound in COMPOUNDS)
NEAR_CLINICS = tuple(name for name in ALL if name not in FAR_FROM_CLINICS)
NEAR_SHARING = tuple(name for name in ALL if name not in FAR_FROM_SHARING)
BATCHES = (
    Batch("停车难", 64, ALL),
    Batch("环境卫生", 42, ALL),
    Batch("电动车充电", 36, ALL),
    Batch("物业管理", 30, ALL, WISH),
    Batch("加装电梯", 18, tuple(c.name for c in COMPOUNDS if c.kind == OLD), WISH),
    Batch("积水内涝", 48, _of(*WEST)),
    Batch("厂区噪声", 22, _of("工人新村社区", "荷塘社区")),
    Batch("楼道照明", 26, _of(VISITED_MUCH)),
    Batch("看病就医", 36, FAR_FROM_CLINICS),
    Batch("看病就医", 24, NEAR_CLINICS),
    Batch("物品借用", 4, FAR_FROM_SHARING, WISH),
    Batch("物品借用", 30, NEAR_SHARING, WISH),
    Batch("技能培训", 24, ALL, WISH),
    Batch("老年活动", 28, ALL, WISH),
    Batch("儿童游乐", 20, ALL, WISH),
    Batch("文化活动", 16, ALL, WISH),
    Batch("图书阅览", 14, ALL, WISH),
)
# Slips of the pen: theme, community, day, what is wrong with them.
SLIPS = (
    ("待分类", "东河社区", date(2026, 3, 8)),
    ("其他", "迎晖社区", date(2026, 6, 14)),
    ("环境卫生", "湖滨社区", date(2026, 5, 10)),
    ("停车难", "塘南社区", date(2026, 8, 9)),
    ("电动车充电", "桑园社区", date(2026, 12, 13)),
    ("物业管理", "学士社区", date(2026, 12, 20)),
)


class Signal(NamedTuple):
    """One signal. place: None unless it is located by a point; compound, community: "" unless they
    are known."""

    day: date
    round: str
    origin: str
    kind: str
    theme: str
    community: str
    compound: str
    place: Point | None


def signals(built: Built) -> list[Signal]:
    """All of them by date, the slips among them."""
    persons = built.persons()
    homes: dict[str, list[Home]] = {}
    for home in built.homes:
        homes.setdefault(home.compound, []).append(home)
    found: list[Signal] = []
    for number, batch in enumerate(BATCHES):
        for k, compound in enumerate(_shared(batch, persons)):
            at = len(found)
            origin = LINE if at % 5 in (1, 3) else DAY
            day, round_ = _day(at, number, origin)
            home = homes[compound][int((k * GOLDEN + 0.37) % 1 * len(homes[compound]))]
            rung = RUNGS[(at * 7 + number) % len(RUNGS)]
            known = rung in "pcm"
            found.append(
                Signal(
                    day, round_, origin, batch.kind, batch.theme,
                    community_of(middle(home.place)) if known else "",
                    compound if rung in "pc" else "",
                    middle(home.place) if rung == "p" else None,
                )
            )  # fmt: skip
    for theme, community, day in SLIPS:
        found.append(Signal(day, _round(day), DAY, PROBLEM, theme, community, "", None))
    return sorted(found, key=lambda each: each.day)


def _shared(batch: Batch, persons: dict[str, int]) -> Iterator[str]:
    """The compound of each signal of a batch, by persons."""
    total = sum(persons[name] for name in batch.compounds)
    for k in range(batch.many):
        left = (k * GOLDEN + 0.5) % 1 * total
        for name in batch.compounds:
            left -= persons[name]
            if left < 0:
                yield name
                break


def _day(at: int, number: int, origin: str) -> tuple[date, str]:
    """A liaison day; or some day of the three months before it, of 12345."""
    days = [(day, name) for name, of in ROUNDS.items() for day in of]
    day, name = days[(at * 5 + number) % len(days)]
    return (day - timedelta(days=1 + at * 11 % 27), name) if origin == LINE else (day, name)


def _round(day: date) -> str:
    """The round of a day that is written down beside it."""
    return next((name for name, of in ROUNDS.items() if day <= of[-1]), list(ROUNDS)[-1])


def visits(built: Built) -> list[tuple[str, str, int]]:
    """Community, round and persons visited; a row takes back too many, one is of no community."""
    persons: dict[str, int] = dict.fromkeys((zone.name for zone in COMMUNITIES), 0)
    of = {compound.name: community_of(middle(compound.box)) for compound in COMPOUNDS}
    for name, count in built.persons().items():
        persons[of[name]] += count
    rows = []
    for k, round_ in enumerate(ROUNDS):
        for name, count in persons.items():
            per_200 = 3 if name == VISITED_MUCH else 1
            rows.append((name, round_, max(4, (count * per_200 + 100) // 200) + k % 2))
    return [*rows, ("东河社区", "第三轮", -6), ("湖滨社区", "第四轮", 9)]


def complaints_of(built: Built) -> dict[str, int | str]:
    """Complaints about the property office by compound in a year: 3 in a hundred households, by
    chance some more or fewer; of one compound three times as many, and of one nobody knows."""
    found: dict[str, int | str] = {}
    for k, (name, persons) in enumerate(built.persons().items()):
        wanted = 0.03 * households_of(persons) * (0.7 + 0.6 * (k * GOLDEN % 1))
        found[name] = int(wanted + 0.5)
    return found | {COMPLAINED: 17, UNCOUNTED: ""}
