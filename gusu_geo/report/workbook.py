"""The workbook: the summary, services, zones, the homes that lack most, and the venues.

Every text of the data is written as text, never as a formula, number or link. The same outcome
gives the same bytes: the only date in the file is the date of the data.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.zones import totals
from gusu_geo.report.sheets import (
    ABSENT,
    ACCENT,
    FORMS,
    GAP,
    HIGHEST_PT,
    INTERNAL,
    LINE,
    NO_DATA_CELL,
    SECTION_CELL,
    SOFT,
    UNDATED,
    UNKNOWN_CELL,
    Book,
    Column,
    both,
    limit,
    plain,
)
from gusu_geo.report.summary import untold
from gusu_geo.study.catalog import PROFILES
from gusu_geo.tables import Floats, Ints
from gusu_geo.walking.linkage import Reason

WORST = 500  # homes listed
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


def write_workbook(outcome: Outcome, path: Path) -> None:
    """Write the workbook of a judged study. Raises OSError when the file cannot be written."""
    stream = BytesIO()
    book = Book(stream, outcome)
    _summary_sheet(book, outcome)
    _services_sheet(book, outcome)
    _zones_sheet(book, outcome)
    _worst_sheet(book, outcome)
    _facilities_sheet(book, outcome)
    book.file.close()
    Path(path).write_bytes(stream.getvalue())


def _summary_sheet(book: Book, outcome: Outcome) -> None:
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


def _key_figures(summary: dict[str, Any]) -> list[Column]:
    names = {
        "passed": "全部达标 All services in time",
        "passed_known": "有数据的服务全部达标 All services with data",
        "failed": "有缺项 Something missing",
        "unknown": "无法判定 Unknown",
        "one_stop": "一站式达标 One-stop",
    }
    homes = summary["residences"]
    never = _open(summary, "persons", "share", "residences")
    rows = [summary[k] | (never if k in ("passed", "one_stop") else {}) for k in names]
    rows.append({"persons": homes["persons"], "residences": homes["total"]})
    return [
        Column("关键结果", "Key figures", [*names.values(), "全部 All"]),
        Column("人口", "Persons", _each(rows, "persons"), "count"),
        Column("占比", "Share", _each(rows, "share"), "share"),
        Column("住宅", "Residences", _each(rows, "residences"), "count"),
    ]


def _open(summary: dict[str, Any], *keys: str) -> dict[str, str]:
    """What stands in for figures that nobody can know yet."""
    return dict.fromkeys(keys, UNKNOWN_CELL) if untold(summary) else {}


def _sensitivity(summary: dict[str, Any]) -> list[Column]:
    rows = [r | _open(summary, "passed_persons", "share") for r in summary["sensitivity"]]
    profiles = [PROFILES.get(row["profile"]) for row in rows]
    names = [f"{p.zh} {p.en}" if p else "—" for p in profiles]
    return [
        Column("步行速度敏感性", "By walking profile", names),
        Column("米/秒", "m/s", _each(rows, "speed_mps"), "speed"),
        Column("全部达标人口", "Persons, all services", _each(rows, "passed_persons"), "count"),
        Column("占比", "Share", _each(rows, "share"), "share"),
        Column("有数据的达标", "Persons, with data", _each(rows, "passed_known_persons"), "count"),
        Column("占比", "Share", _each(rows, "passed_known_share"), "share"),
    ]  # fmt: skip


def _facts(summary: dict[str, Any]) -> list[tuple[str, str]]:
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


def _services_sheet(book: Book, outcome: Outcome) -> None:
    rows = outcome.summary["services"]
    known = [row if row["state"] == "known" else {} for row in rows]
    columns = [
        Column("编号", "ID", _each(rows, "id"), width=16),
        Column("服务", "Service", [both(row) for row in rows], width=38),
        Column("点位", "Venues", _each(rows, "venues"), "count", 9),
        Column("状态", "State", [STATES[row["state"]] for row in rows], "mark", 18),
        Column("限时（分钟）", "Limit (min)", _each(rows, "minutes"), "minutes"),
        Column("至少几处", "Venues wanted", _each(rows, "min_count"), "count"),
        Column("达标人口", "Persons in time", _each(known, "covered_persons"), "count", 14),
        Column("占比", "Share", _each(known, "share"), "share", 20),
        Column("缺少人口", "Persons missing it", _each(known, "missing_persons"), "count", 14),
        Column("无法判定人口", "Persons unknown", _each(rows, "unknown_persons"), "count", 14),
    ]
    sheet, first = book.table(
        "服务 Services", columns, fixed=2,
        hint="无数据：数据中没有这类点位，不等于没有服务，占比留空。"
        " No data: no such venue in the data, which is not no service; the share stays empty.",
    )  # fmt: skip
    bar = {"type": "data_bar", "data_bar_2010": True, "bar_solid": True, "bar_color": "#9FC5DD",
           "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}  # fmt: skip
    sheet.conditional_format(first, 7, first + len(rows) - 1, 7, bar)


def _zones_sheet(book: Book, outcome: Outcome) -> None:
    services = outcome.summary["services"]
    rows = outcome.summary["zones"]
    persons = outcome.city.residences.frame["persons"].to_numpy(float)
    district = {"level": "全区 All", "id": "", "name_zh": "合计", "name_en": "Total"}
    never = _open(outcome.summary, "passed_persons", "share")
    lines = [row | never for row in (*rows, district | totals(persons, outcome.verdict))]
    columns = [
        Column("层级", "Level", _each(lines, "level"), width=11),
        Column("编号", "ID", _each(lines, "id"), width=13),
        Column("名称", "Name", [_zone_name(line) for line in lines], width=26),
        Column("住宅", "Residences", _each(lines, "residences"), "count", 11),
        Column("人口", "Persons", _each(lines, "persons"), "count", 11),
        Column("全部达标", "All in time", _each(lines, "passed_persons"), "count", 11),
        Column("占比", "Share", _each(lines, "share"), "share", 9),
        Column("有数据的达标", "All with data", _each(lines, "passed_known_persons"), "count", 12),
        Column("无法判定", "Unknown", _each(lines, "unknown_persons"), "count", 11),
        *(
            Column(f"缺 {s['zh']}", s["en"], [_missing(line, s) for line in lines], "count", 13)
            for s in services
        ),
    ]
    sheet, first = book.table(
        "分区 Zones", columns, fixed=3, sums=1,
        hint="服务各列：缺少该服务的人口；无数据 = 数据中没有这类点位，— = 无法判定。"
        " Service columns: persons without it; 无数据 = no data, — = unknown.",
    )  # fmt: skip
    scale = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "max_type": "max",
             "min_color": "#FFFFFF", "max_color": GAP}  # fmt: skip
    sheet.conditional_format(first, 9, first + max(len(rows), 1) - 1, len(columns) - 1, scale)


def _missing(line: dict[str, Any], service: dict[str, Any]) -> str | float:
    """Persons of a zone without the service, or why nobody can tell."""
    if service["state"] == "no_data":
        return NO_DATA_CELL
    unknown = line["unknown"][service["id"]]
    if line["persons"] > 0 and unknown >= line["persons"]:
        return UNKNOWN_CELL
    return float(line["missing"][service["id"]])


def _worst_sheet(book: Book, outcome: Outcome) -> None:
    access, verdict, services = outcome.access, outcome.verdict, outcome.summary["services"]
    homes = outcome.city.residences.frame.loc[access.residence_ids]
    order, found = _worst(outcome)
    late = verdict.state == State.FAIL
    names = np.array([s["zh"] for s in services], object)
    columns = [
        Column("编号", "ID", [str(i) for i in access.residence_ids[order]], width=14),
        Column("名称", "Name", [_text(name) for name in homes["name"].iloc[order]], width=18),
        *_zone_columns(outcome, order),
        Column("人口", "Persons", homes["persons"].to_numpy(float)[order].tolist(), "count", 10),
        Column("缺项", "Missing", verdict.missing_count[order].tolist(), "count", 9),
        Column("无法判定", "Unknown", verdict.unknown_count[order].tolist(), "count", 9),
        *(
            Column(s["zh"], s["en"], _minutes(outcome, order, k), "minutes", 10.5,
                   late=late[order, k].tolist())
            for k, s in enumerate(services)
        ),
        Column("所缺服务", "What is missing", ["、".join(names[late[i]]) for i in order], width=36),
        Column("接入路网", "Linked", [REASONS[Reason(r)] for r in access.reason[order]], width=14),
    ]  # fmt: skip
    limit = f"{access.cutoff_s / 60:g}"
    book.table(
        "最差住宅 Worst residences", columns, fixed=2,
        hint=f"{len(order):,} / {found:,} · 分钟：底色 = 未达标，空白 = 超过 {limit}，— = 未知。"
        f" Minutes: tinted = not in time, empty = beyond {limit}, — = unknown.",
    )  # fmt: skip


def _worst(outcome: Outcome) -> tuple[Ints, int]:
    """The homes that miss most, then of most persons, then by id; and how many miss anything.
    Homes that are not linked come last: what they miss cannot be told."""
    access, verdict = outcome.access, outcome.verdict
    persons = outcome.city.residences.frame.loc[access.residence_ids, "persons"].to_numpy(float)
    ids = access.residence_ids.astype(str).to_numpy(str)
    order = np.lexsort((ids, -persons, -verdict.missing_count))
    order = order[(verdict.missing_count[order] > 0) | ~access.is_linked[order]]
    return order[:WORST], len(order)


def _minutes(outcome: Outcome, order: Ints, service: int) -> list[Any]:
    """Minutes to the venue that counts; None beyond the cutoff, a word where nobody knows."""
    access = outcome.access
    if outcome.verdict.service_state[service] == "no_data":
        return [NO_DATA_CELL] * len(order)
    beyond = [None if linked else UNKNOWN_CELL for linked in access.is_linked[order]]
    times = access.counted_cs[order, service].tolist()
    return [other if cs == INF_CS else cs / 6000 for cs, other in zip(times, beyond, strict=True)]


def _zone_columns(outcome: Outcome, order: Ints) -> list[Column]:
    names = {(row["level"], row["id"]): _zone_name(row) for row in outcome.summary["zones"]}
    zone_of = outcome.zone_of.loc[outcome.access.residence_ids].iloc[order]
    return [
        Column("分区", str(level), [names.get((str(level), str(z)), "") for z in zone_of[level]],
               width=16)
        for level in zone_of
    ]  # fmt: skip


def _facilities_sheet(book: Book, outcome: Outcome) -> None:
    access = outcome.access
    frame = outcome.city.facilities.frame.loc[access.facility_ids].to_crs(4326)
    title = {s["id"]: both(s) for s in outcome.summary["services"]}
    columns = [
        Column("编号", "ID", [str(i) for i in frame.index], width=26),
        Column("服务", "Service", [title[s] for s in frame["service"]], width=38),
        Column("名称", "Name", [_text(name) for name in frame["name"]], width=34),
        Column("依据", "Evidence", frame["evidence"].tolist(), "mark", 10),
        Column("经度", "Lon (WGS 84)", frame.geometry.x.tolist(), "degrees", 12),
        Column("纬度", "Lat (WGS 84)", frame.geometry.y.tolist(), "degrees", 12),
        Column("开放时间", "Hours", [_text(hours) for hours in frame["hours"]], width=26),
        Column("以此为最近的人口", "Persons nearest", _persons_nearest(outcome), "count", 16),
    ]
    book.table(
        "设施 Facilities", columns, fixed=1,
        hint="依据 evidence: A = 台账 ledger, B = 名称 name, C = 地图标签 map tag"
        " · 开放时间空白 = 未知 hours empty = unknown",
    )  # fmt: skip


def _persons_nearest(outcome: Outcome) -> Floats:
    """(F,) persons who have no nearer venue of that service, however far within the cutoff."""
    access = outcome.access
    persons = outcome.city.residences.frame.loc[access.residence_ids, "persons"].to_numpy(float)
    r, k = np.nonzero(access.nearest_ix >= 0)
    sums: Floats = np.zeros(len(access.facility_ids))
    np.add.at(sums, access.nearest_ix[r, k], persons[r])
    return sums


def _zone_name(row: dict[str, Any]) -> str:
    return both({"zh": row["name_zh"], "en": row["name_en"]}) or str(row["name"] or row["id"])


def _each(rows: Sequence[dict[str, Any]], key: str) -> list[Any]:
    return [row.get(key) for row in rows]


def _text(value: Any) -> str | None:
    """Text of a frame's cell; None where there is none."""
    return None if value is None or value is pd.NA or value != value else str(value) or None


def _lines(text: str, *, width: int) -> int:
    """Lines that wrapped text takes; a Chinese character is two wide."""
    return sum(
        1 + sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) // width
        for line in text.split("\n")
    )
