"""The tables of docs/accuracy.md, made of the figures of accuracy.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from readme import put

import gusu_geo as gg

PAGE = Path(__file__).resolve().parent.parent / "docs" / "accuracy.md"
NEAR_S = 45.0  # 5 % of 15 minutes

Figures = dict[str, Any]  # of one city, as accuracy.py measures them

ENGINES = {
    "networkx": "networkx, our doors",
    "pandana": "pandana, our doors",
    "each_other": "pandana beside networkx",
    "by_hand": "pandana, doors by brute force",
}
CLASSES = {
    "search": "search: pandana with our doors is off too",
    "narrow": "narrow views: at most 3 m of the outline see the street",
    "wide": "wider views",
    "along": "along: the same streets",
}
PARTS_OF = ("Las Palmas, south",)  # of a city that is there, too: its pairs count once
USUAL = {
    "plain": "our doors; no waits, steps as streets, private ways open",
    "one_door": "also one door each: from the point to the nearest street",
    "nodes": "the usual way",
}

CHINESE = (
    "精度：{cities} 个城市、{pairs:,} 对“住处 × 功能”，逐一与独立引擎 networkx 对照；"
    "另一独立引擎 pandana 对照其中 {both_pairs:,} 对（拉斯帕尔马斯只算南城）。"
    "门的位置相同时，时间最多相差 {max_s:.2f} 秒，"
    "阈值前后 1 秒以外的结论差异 {beyond} 处。"
    "在与 pandana 对照的范围内，门也由另一套代码逐米查找时，有 {hand} 个结论不同，"
    "其中 {they_pass} 个逐米查找为按时可达而本工具为否，原因见下。"
    "按常见做法（住处和点位都移到最近的路口），有 {usual:,} 个（{usual_share:.1%}）不同。"
    "最后一节是已知局限：推定住处、未接入的住处、无数据的功能、"
    "按建筑面积估算的人口、步行速度、坡度。表格由脚本生成。"
)
ENGLISH = """
- {cities} cities, {pairs:,} pairs of home and service beside networkx; {both_pairs:,} beside
  pandana, too (of Las Palmas the south alone), to which the last two points refer.
- **With the same doors** times differ by at most {max_s:.2f} s. Verdicts that differ beyond 1 s:
  **{beyond}**.
- **With doors found by brute force** {hand} verdicts differ; {they_pass} of them are in time by
  brute force and not with us. {shorter:,} walks are more than 1 s shorter there, {longer:,} longer,
  by at most {longer_s:.1f} s.
- **The usual way** (nearest node, lengths alone) gives {usual:,} other verdicts, {usual_share:.1%}.
"""


def limits(summary: gg.Summary, judged: gg.Judgement) -> Figures:
    """What the figures of a city cannot show, in figures."""
    homes, data = summary["residences"], summary["data"]
    known = {row["profile"]: row["passed_known_share"] for row in summary["sensitivity"]}
    times = judged.access.nearest_s.to_numpy()[judged.access.is_linked][:, np.array(judged.known)]
    within = np.abs(times - np.array(judged.rule.threshold_s)[np.array(judged.known)]) <= NEAR_S
    return {
        "date": data["osm_date"][:10],
        "margin_m": data["margin_m"],
        "homes": homes["total"],
        "assumed_homes": summary["assumed"]["share"],
        "mixed_persons": summary["mixed_ground"]["persons"],
        "unknown": summary["unknown"]["share"],
        "unlinked": homes["unlinked"],
        "assumed_doors": homes["rungs"].get("assumed", 0),
        "counted": data["persons"].get("counted", False),
        "persons": data["persons"]["total"],
        "no_data": sum(row["state"] == "no_data" for row in summary["services"]),
        "services": len(summary["services"]),
        "venues_unlinked": len(summary["unlinked_venues"]),
        "speeds": {name: known[name] for name in ("standard", "adult", "elder")},
        "heights": summary["walk"]["heights"],
        "cut_off_km": summary["network"]["cut_off_km"],
        "km": summary["network"]["km"],
        "near": round(float(within.mean()), 4),
    }


def write(cities: dict[str, Figures], page: Path = PAGE) -> None:
    """Put all tables into the page. The same figures make the same bytes."""
    for part, make in PARTS.items():
        put(part, make(cities), page)


def table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def totals(cities: dict[str, Figures]) -> dict[str, Any]:
    """What both languages say of all cities together."""
    rows = [city["engines"] for city in cities.values()]
    ours = [row[name] for row in rows for name in ("networkx", "pandana") if name in row]
    hand = [row["by_hand"] for row in rows if "by_hand" in row]
    whole = [city for name, city in cities.items() if name not in PARTS_OF]
    both = with_pandana(cities).values()
    usual_ = sum(city["usual"]["nodes"]["verdicts"] for city in both)
    return {
        "cities": len(whole),
        "pairs": sum(map(_pairs, whole)),
        "both_pairs": (both_pairs := sum(map(_pairs, both))),
        "max_s": max(row["max_s"] for row in ours),
        "beyond": sum(row["beyond"] for row in ours),
        "hand": sum(row["verdicts"] for row in hand),
        "they_pass": sum(row["they_pass"] for row in hand),
        "shorter": sum(row["shorter"] for row in hand),
        "longer": sum(row["longer"] for row in hand),
        "longer_s": max(row["longer_max_s"] for row in hand),
        "usual": usual_,
        "usual_share": usual_ / both_pairs,
    }


def _pairs(city: Figures) -> int:
    return int(city["homes"] * city["services"])


def with_pandana(cities: dict[str, Figures]) -> dict[str, Figures]:
    """Those of the cities that pandana answered, too."""
    return {name: city for name, city in cities.items() if "usual" in city}


def chinese(cities: dict[str, Figures]) -> str:
    return CHINESE.format(**totals(cities))


def english(cities: dict[str, Figures]) -> str:
    return ENGLISH.format(**totals(cities))


def agreement(cities: dict[str, Figures]) -> str:
    sizes = []
    for name, city in cities.items():
        own, none = city["doors"], ("", "")
        doors = [own.get(key, none)[k] for k in (0, 1) for key in ("ours", "by_hand")]
        counts = [f"{many:,}" if many != "" else "" for many in (*doors, own.get("assumed", ""))]
        sizes.append([name, f"{city['homes']:,}", city["services"], *counts])
    head = ["city", "homes linked", "services with data", "doors of homes, ours", "by brute force"]
    head += ["doors of venues, ours", "by brute force", "places with a door taken over from us"]
    rows = []
    for key, name in ENGINES.items():
        for town, city in cities.items():
            if key not in city["engines"]:
                continue
            row = city["engines"][key]
            seconds = [f"{row[part]:.2f}" for part in ("median_s", "p99_s", "max_s")]
            counts = [f"{row[part]:,}" for part in ("one_only", "verdicts", "beyond")]
            rows.append([name, town, f"{row['compared']:,}", *seconds, *counts])
    titles = ["row", "city", "compared", "median s", "p99 s", "max s"]
    titles += ["one has none", "verdicts differ", "beyond 1 s"]
    return f"{table(head, sizes)}\n\n{table(titles, rows)}"


def classes(cities: dict[str, Figures]) -> str:
    def cell(found: Figures) -> str:
        if not found["cells"]:
            return "0"
        seconds = f"median {found['median_s']:.1f} s, max {found['max_s']:.1f} s"
        return f"{found['cells']:,} ({seconds}; {found['verdicts']:,})"

    cities = with_pandana(cities)
    rows = [
        [name, *(cell(city["classes"][key]) for city in cities.values())]
        for key, name in CLASSES.items()
    ]
    return table(["pairs more than 1 s off (how much; other verdicts)", *cities], rows)


def usual(cities: dict[str, Figures]) -> str:
    rows = []
    for key, name in USUAL.items():
        for town, city in with_pandana(cities).items():
            row, pairs = city["usual"][key], _pairs(city)
            seconds = [f"{row[part]:,.0f}" for part in ("median_s", "p99_s", "max_s")]
            share = f"{row['verdicts']:,} ({row['verdicts'] / pairs:.1%})"
            rows.append([name, town, share, f"{row['they_pass']:,}", *seconds])
    titles = ["row", "city", "verdicts differ", "of them in time there, not with us"]
    return table([*titles, "median s", "p99 s", "max s"], rows)


def known_limits(cities: dict[str, Figures]) -> str:
    own = [city["limits"] for city in cities.values()]
    rows = [[name, *map(show, own)] for name, show in LIMITS.items()]
    return table(["", *cities], rows)


def _persons(own: Figures) -> str:
    if own["counted"]:
        return f"{own['persons']:,.0f}, the total counted"
    return f"~{round(own['persons'], -2):,.0f}, floor area / 40 m²"


def _unlinked(own: Figures) -> str:
    why = [f"{many:,} {reason.replace('_', ' ')}" for reason, many in own["unlinked"].items()]
    return ", ".join(why) or "0"


def _speed(name: str) -> Callable[[Figures], str]:
    return lambda own: f"{own['speeds'][name]:.1%}"


LIMITS: dict[str, Callable[[Figures], str]] = {
    "date of the map": lambda own: own["date"] or "not in the file",
    "data beyond the border (1,800 m asked for)": lambda own: f"{own['margin_m']:,.0f} m",
    "persons": _persons,
    "persons in assumed homes": lambda own: f"{own['assumed_homes']:.1%}",
    "persons on mixed ground, left out": lambda own: f"{own['mixed_persons']:,.0f}",
    "persons in homes whose verdict is unknown": lambda own: f"{own['unknown']:.1%}",
    "homes not linked, why": _unlinked,
    "homes with a door that nobody drew": lambda own: f"{own['assumed_doors'] / own['homes']:.1%}",
    "venues not linked": lambda own: f"{own['venues_unlinked']:,}",
    "services without data": lambda own: f"{own['no_data']} of {own['services']}",
    "pairs within 45 s of 15 minutes": lambda own: f"{own['near']:.1%}",
    "persons with all services that have data, at 1.0 m/s": _speed("standard"),
    "at 1.2 m/s (adult)": _speed("adult"),
    "at 0.8 m/s (elder)": _speed("elder"),
    "heights": lambda own: own["heights"] or "none: level",
    "streets cut off from the rest": lambda own: f"{own['cut_off_km'] / own['km']:.1%}",
}
PARTS: dict[str, Callable[[dict[str, Figures]], str]] = {
    "zh": chinese,
    "sum": english,
    "agreement": agreement,
    "classes": classes,
    "usual": usual,
    "limits": known_limits,
}
