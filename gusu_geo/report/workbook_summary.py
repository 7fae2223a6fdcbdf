"""The first sheet of the workbook: key figures, sensitivity, and what they stand on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.summary import Summary
from gusu_geo.report.sheets import (
    ABSENT,
    ACCENT,
    FORMS,
    HIGHEST_PT,
    INTERNAL,
    LINE,
    SECTION_CELL,
    SOFT,
    UNDATED,
    UNKNOWN_CELL,
    Book,
    Column,
    both,
    each,
    limit,
    plain,
)
from gusu_geo.report.summary import undetermined
from gusu_geo.study.catalog import PROFILES
from gusu_geo.walking.linkage import Reason

NO_REVIEW = "—（公开前须送审 to be obtained before publication）"

REASONS = {
    Reason.LINKED: "是 yes",
    Reason.TOO_FAR: "附近没有道路 no street within reach",
    Reason.ISLAND: "道路与路网不连通 streets cut off",
    Reason.WATER: "须越过水面 across water",
    Reason.WALL: "隔着围墙未见出入口 behind a wall without a known gate",
    Reason.RAILWAY: "隔着铁路 across a railway",
    Reason.MOTORWAY: "隔着高速公路 across a motorway",
}

RUNGS = {
    "gate": "测绘大门 surveyed gate",
    "entrance": "地图上的入口 entrance on the map",
    "edge": "建筑外缘 edge of the building",
    "centroid": "中心点 point",
}

MODES = {"union": "组合式 union", "one_stop": "一站式 one-stop"}

STATES = {"known": "有数据 / known", "no_data": "无数据 / no data"}


def summary_sheet(book: Book, outcome: Outcome) -> None:
    """Write the sheet."""
    summary = outcome.summary
    sheet = book.sheet("总览 Summary")
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 5, 17)
    title = both(summary["title"]) or summary["study"]
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, plain(title), book.form(bold=True, font_size=18, font_color=ACCENT))
    sheet.write_string(1, 0, plain(book.caption), book.form(font_color=SOFT))
    if book.internal:
        sheet.write_string(2, 0, INTERNAL, book.form(font_color=SOFT))
    after = _small_table(book, sheet, 4, _key_figures(summary))
    after = _small_table(book, sheet, after + 1, _sensitivity(summary))
    sheet.merge_range(after + 1, 0, after + 1, 5, "口径与说明 About", book.form(**SECTION_CELL))
    label = book.form(valign="top", font_color=SOFT)
    text = book.form(valign="top", text_wrap=True)
    for row, (name, value) in enumerate(_facts(summary), start=after + 2):
        sheet.write_string(row, 0, name, label)
        sheet.merge_range(row, 1, row, 5, "", text)  # never with the text: it guesses formulas
        sheet.write_string(row, 1, plain(value), text)
        sheet.set_row(row, min(HIGHEST_PT, 14.5 * _lines(plain(value), width=92)))
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(0, 2)


def _small_table(book: Book, sheet: Any, row: int, columns: Sequence[Column]) -> int:
    """A table within the summary sheet; returns the row after it."""
    for c, column in enumerate(columns):
        head = book.form(**SECTION_CELL, align="right" if c else "left", text_wrap=True)
        sheet.write_string(row, c, f"{column.zh}\n{column.en}", head)
        for r, value in enumerate(column.values):
            look = {"bottom": 4, "bottom_color": LINE, **FORMS[column.form]}
            book.cell(sheet, row + 1 + r, c, value, look)
    sheet.set_row(row, 30)
    return row + 1 + len(columns[0].values)


def _key_figures(summary: Summary) -> list[Column]:
    names = [
        "全部达标 All services in time",
        "有数据的服务全部达标 All services with data",
        "有缺项 Something missing",
        "无法判定 Unknown",
        "一站式达标 One-stop",
        "全部 All",
    ]
    homes = summary["residences"]
    never = stand_ins(summary, "persons", "share", "residences")
    rows: list[dict[str, Any]] = [
        dict(summary["passed"]) | never,
        dict(summary["passed_known"]),
        dict(summary["failed"]),
        dict(summary["unknown"]),
        dict(summary["one_stop"]) | never,
        {"persons": homes["persons"], "residences": homes["total"]},
    ]
    return [
        Column("关键结果", "Key figures", names),
        Column("人口", "Persons", each(rows, "persons"), "count"),
        Column("占比", "Share", each(rows, "share"), "share"),
        Column("住宅", "Residences", each(rows, "residences"), "count"),
    ]


def stand_ins(summary: Summary, *keys: str) -> dict[str, str]:
    """What stands in for figures that nobody can know yet."""
    return dict.fromkeys(keys, UNKNOWN_CELL) if undetermined(summary) else {}


def _sensitivity(summary: Summary) -> list[Column]:
    never = stand_ins(summary, "passed_persons", "share")
    rows = [dict(row) | never for row in summary["sensitivity"]]
    profiles = [PROFILES.get(row["profile"]) for row in summary["sensitivity"]]
    names = [f"{p.zh} {p.en}" if p else "—" for p in profiles]
    return [
        Column("步行速度敏感性", "By walking profile", names),
        Column("米/秒", "m/s", each(rows, "speed_mps"), "speed"),
        Column("全部达标人口", "Persons, all services", each(rows, "passed_persons"), "count"),
        Column("占比", "Share", each(rows, "share"), "share"),
        Column("有数据的达标", "Persons, with data", each(rows, "passed_known_persons"), "count"),
        Column("占比", "Share", each(rows, "passed_known_share"), "share"),
    ]  # fmt: skip


def _facts(summary: Summary) -> list[tuple[str, str]]:
    """Label and text of everything that a reader must know before quoting a number."""
    rule, data, homes = summary["rule"], summary["data"], summary["residences"]
    walk, net, persons = summary["walk"], summary["network"], data["persons"]
    profile = PROFILES.get(walk["profile"])
    pace = f"{profile.zh} {profile.en}" if profile else "自定义 custom"
    estimate = "估算 ESTIMATE · " if persons["estimate"] else ""
    blank = "、".join(both(s) for s in summary["services"] if s["state"] == "no_data")
    unlinked = [
        f"{REASONS[Reason[name.upper()]]} {count:,}" for name, count in homes["unlinked"].items()
    ]
    return [
        ("规则 Rule pack", f"{both(rule['title'])} · {rule['pack']} {rule['version']}"),
        ("规则说明 Note", f"{rule['note']['zh']}\n{rule['note']['en']}"),
        ("规则来源 Source of the rule", rule["source"]),
        ("判定 Reading", f"{MODES[rule['mode']]} · ≤ {limit(rule['minutes'])}"),
        ("步行 Walking", f"{pace} · {walk['speed_mps']:g} 米/秒 m/s\n"
         f"{walk['model']['zh']}\n{walk['model']['en']}"),
        ("接入路网 Linked to streets", " · ".join(
            [f"{homes['linked']:,} / {homes['total']:,} (≤ {walk['snap_max_m']:g} m)", *unlinked])),
        ("住户出入口 Doors of residences", " · ".join(
            f"{RUNGS[name]} {count:,}" for name, count in homes["rungs"].items())),
        ("住宅 Residences", f"标注 tagged {homes['tagged']:,} · "
         f"推定 assumed {homes['assumed']:,} · 台账 ledger {homes['ledger']:,}"),
        ("人口 Persons", f"{estimate}{persons['total']:,.0f} · "
         f"{persons['method']['zh']} {persons['method']['en']}"),
        ("人口来源 Source of persons", persons["source"] or "—"),
        ("无数据的服务 Services without data", f"{blank}\n{ABSENT}" if blank else "无 none"),
        ("数据文件 Data file", f"{data['osm_file']} · SHA-256 {data['osm_sha256']}"),
        ("数据日期 Date of the data", data["osm_date"] or UNDATED),
        ("路网 Network", f"{net['km']:,.1f} km · 节点 nodes {net['nodes']:,} · "
         f"路段 edges {net['edges']:,} · 最大连通部分 largest part {net['largest_share']:.1%}"
         f" · 台阶 steps {net['steps']:,} · 私有 private {net['private_km']:g} km"),
        *((f"提示 Note {n}", f"{note['zh']}\n{note['en']}")
          for n, note in enumerate(summary["notes"], start=1)),
        ("许可 Licence", f"{data['licence']} (ODbL)"),
        ("审图号 Map-review number", summary["report"]["review_number"] or NO_REVIEW),
        *([("用途 Use", INTERNAL)] if summary["report"]["internal"] else []),
        ("软件 Software", f"gusu_geo {summary['version']}"),
    ]  # fmt: skip


def _lines(text: str, *, width: int) -> int:
    """Lines that wrapped text takes; a Chinese character is two wide."""
    return sum(
        1 + sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) // width
        for line in text.split("\n")
    )
