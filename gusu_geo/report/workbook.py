"""The workbook: the summary, services, zones, the homes that lack most, and the venues.

Every text of the data is written as text, never as a formula, number or link. The same outcome
gives the same bytes: the only date in the file is the date of the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.summary import ServiceRow
from gusu_geo.assessment.zones import totals
from gusu_geo.report.sheets import (
    GAP,
    NO_DATA_CELL,
    UNKNOWN_CELL,
    Book,
    Column,
    both,
    each,
)
from gusu_geo.report.workbook_summary import REASONS, STATES, stand_ins, summary_sheet
from gusu_geo.tables import Floats, Ints
from gusu_geo.walking.linkage import Reason

WORST = 500  # homes listed


def write_workbook(outcome: Outcome, path: Path) -> None:
    """Write the workbook of a judged study. Raises OSError when the file cannot be written."""
    stream = BytesIO()
    book = Book(stream, outcome)
    summary_sheet(book, outcome)
    _services_sheet(book, outcome)
    _zones_sheet(book, outcome)
    _worst_sheet(book, outcome)
    _facilities_sheet(book, outcome)
    book.file.close()
    Path(path).write_bytes(stream.getvalue())


def _services_sheet(book: Book, outcome: Outcome) -> None:
    rows = outcome.summary["services"]
    known = [dict(row) if row["state"] == "known" else {} for row in rows]
    columns = [
        Column("编号", "ID", each(rows, "id"), width=16),
        Column("服务", "Service", [both(row) for row in rows], width=38),
        Column("点位", "Venues", each(rows, "venues"), "count", 9),
        Column("状态", "State", [STATES[row["state"]] for row in rows], "mark", 18),
        Column("限时（分钟）", "Limit (min)", each(rows, "minutes"), "minutes"),
        Column("至少几处", "Venues wanted", each(rows, "min_count"), "count"),
        Column("达标人口", "Persons in time", each(known, "covered_persons"), "count", 14),
        Column("占比", "Share", each(known, "share"), "share", 20),
        Column("缺少人口", "Persons missing it", each(known, "missing_persons"), "count", 14),
        Column("无法判定人口", "Persons unknown", each(rows, "unknown_persons"), "count", 14),
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
    never = stand_ins(outcome.summary, "passed_persons", "share")
    whole = district | dict(totals(persons, outcome.verdict))
    lines = [dict(row) | never for row in rows] + [whole | never]
    columns = [
        Column("层级", "Level", each(lines, "level"), width=11),
        Column("编号", "ID", each(lines, "id"), width=13),
        Column("名称", "Name", [_zone_name(line) for line in lines], width=26),
        Column("住宅", "Residences", each(lines, "residences"), "count", 11),
        Column("人口", "Persons", each(lines, "persons"), "count", 11),
        Column("全部达标", "All in time", each(lines, "passed_persons"), "count", 11),
        Column("占比", "Share", each(lines, "share"), "share", 9),
        Column("有数据的达标", "All with data", each(lines, "passed_known_persons"), "count", 12),
        Column("无法判定", "Unknown", each(lines, "unknown_persons"), "count", 11),
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


def _missing(line: Mapping[str, Any], service: ServiceRow) -> str | float:
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


def _zone_name(row: Mapping[str, Any]) -> str:
    return both({"zh": row["name_zh"], "en": row["name_en"]}) or str(row["name"] or row["id"])


def _text(value: Any) -> str | None:
    """Text of a frame's cell; None where there is none."""
    return None if value is None or value is pd.NA or value != value else str(value) or None
