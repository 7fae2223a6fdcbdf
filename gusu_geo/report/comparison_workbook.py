"""The workbook of a comparison: summary with the list of changes, services, zones, changed homes.

Every text of the data is written as text; the only date in the file is the date of the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gusu_geo.report.comparison import WHEN, Comparison
from gusu_geo.report.sheets import (
    NO_DATA_CELL,
    SECTION_CELL,
    Book,
    Column,
    both,
    caption,
    plain,
)
from gusu_geo.report.summary import rule_facts

TIMES = {"before": ("改动前", "before"), "after": ("改动后", "after")}
READINGS = {
    "passed": "全部达标 All services in time",
    "passed_known": "有数据的服务全部达标 All services with data",
    "failed": "有缺项 Something missing",
    "unknown": "无法判定 Unknown",
    "one_stop": "一站式达标 One-stop",
}
STATES = {"pass": "达标 pass", "fail": "缺 missing", "unknown": "无法判定 unknown"}
KINDS = {
    "add_venue": "新增设施 Add a venue",
    "move_venue": "迁移设施 Move a venue",
    "close_venue": "关闭设施 Close a venue",
    "open_gate": "打开大门 Open a gate",
    "add_link": "新增通道 Add a link",
    "set_walk": "步行参数 Walk",
    "set_rule": "规则参数 Rule",
}
SUMMARY_HINT = (
    "转入、转出 = 改动后新进入或不再属于该行的住户"
    " · came in, fell out = homes that a row holds after the changes and did not before, and back"
)
HINT = (
    "新增 gained = 改动后达标而改动前未达标 in time after but not before"
    " · 失去 lost = 改动前达标而改动后不达标 in time before but not after"
)


def write_comparison_book(comparison: Comparison, path: Path) -> None:
    """Write the workbook. Raises OSError when the file cannot be written."""
    stream = BytesIO()
    book = Book(stream, comparison.before)
    book.caption = _caption(comparison)
    _summary_sheet(book, comparison)
    _services_sheet(book, comparison)
    _zones_sheet(book, comparison)
    _homes_sheet(book, comparison)
    book.file.close()
    path.write_bytes(stream.getvalue())


def _caption(comparison: Comparison) -> str:
    """The scenario, then rule, speed and date, and what of these is another afterwards."""
    told = comparison.before.summary
    after = told | {"rule": rule_facts(comparison.after.rule), "walk": comparison.walks[1]}
    parts = caption(told).split(" · ")
    other = [part for part in caption(after).split(" · ") if part not in parts]
    then = f"{TIMES['after'][0]} {TIMES['after'][1]}: {' · '.join(other)}" if other else ""
    name = comparison.scenario.title or comparison.scenario.name
    return " · ".join(filter(None, (plain(name), *parts, then)))


def _summary_sheet(book: Book, comparison: Comparison) -> None:
    frame = comparison.summary
    columns = [
        Column("结果", "Result", [READINGS[key] for key in frame.index], width=44),
        *_before_after(frame, "persons", ("人口", "Persons"), "count"),
        *_before_after(frame, "share", ("占比", "Share"), "share"),
        *_before_after(frame, "residences", ("住宅", "Homes"), "count"),
        *_moved(frame, words=(("转入", "Came in:"), ("转出", "Fell out:"))),
    ]
    sheet, first = book.table("总览 Summary", columns, hint=SUMMARY_HINT, fixed=1)
    row = first + len(frame) + 1
    sheet.write_string(row, 0, "改动 Changes", book.form(**SECTION_CELL))
    for change in comparison.scenario.as_data():
        row += 1
        kind = change.pop("do")
        sheet.write_string(row, 0, KINDS[kind], book.form())
        words = " · ".join(f"{key}: {_words(value)}" for key, value in change.items())
        sheet.write_string(row, 1, plain(words), book.form())


def _services_sheet(book: Book, comparison: Comparison) -> None:
    frame = comparison.services
    known = [state == "known" for state in frame["state"]]
    titles = [both({"zh": zh, "en": en}) for zh, en in zip(frame["zh"], frame["en"], strict=True)]
    columns = [
        Column("服务", "Service", titles, width=40),
        *_before_after(frame, "venues", ("设施", "Venues"), "count"),
        *_before_after(frame, "persons", ("达标人口", "Persons in time"), "count"),
        *_before_after(frame, "share", ("占比", "Share"), "share", known=known),
        *_before_after(frame, "missing_persons", ("缺少人口", "Persons missing it"), "count"),
        *_moved(frame),
    ]
    book.table("服务 Services", columns, hint=HINT, fixed=1)


def _zones_sheet(book: Book, comparison: Comparison) -> None:
    frame = pd.DataFrame(comparison.zones.drop(columns="geometry"))
    if len(frame) == 0:
        return
    names = [
        both({"zh": row["name_zh"], "en": row["name_en"]}) or str(row["name"] or row["id"])
        for row in frame.to_dict("records")
    ]
    columns = [
        Column("层级", "Level", [str(level) for level in frame["level"]]),
        Column("分区", "Zone", names, width=30),
        Column("编号", "ID", [str(zone) for zone in frame["id"]], width=16),
        Column("人口", "Persons", _values(frame["persons"]), "count"),
        *_before_after(frame, "passed_persons", ("全部达标", "All services"), "count"),
        *_before_after(frame, "share", ("占比", "Share"), "share"),
        *_moved(frame, keys=("persons",)),
    ]
    book.table("分区 Zones", columns, hint=HINT, fixed=2)


def _homes_sheet(book: Book, comparison: Comparison) -> None:
    rows = np.flatnonzero(comparison.changed)
    frame = pd.DataFrame(comparison.residences.drop(columns="geometry")).iloc[rows]
    title = {s.id: both({"zh": s.zh, "en": s.en}) for s in comparison.before.rule.pack.services}
    columns = [
        Column("编号", "ID", [str(home) for home in frame.index], width=16),
        Column("名称", "Name", [str(name) for name in frame["name"]], width=28),
        Column("人口", "Persons", _values(frame["persons"]), "count"),
        *(
            Column(f"结果{TIMES[when][0]}", f"State {TIMES[when][1]}",
                   [STATES[state] for state in frame[f"state_{when}"]], width=20)
            for when in WHEN
        ),
        *(
            Column(zh, en, ["、".join(title[s] for s in services.split(",") if s)
                            for services in frame[en.split()[0].lower()]], width=44)
            for zh, en in (("新增服务", "Gained services"), ("失去服务", "Lost services"))
        ),
    ]  # fmt: skip
    for service, name in title.items():
        columns += [
            Column(f"{name} {TIMES[when][0]}", f"min {TIMES[when][1]}",
                   _values(frame[f"{service}_min_{when}"]), "minutes", 14)
            for when in WHEN
        ]  # fmt: skip
    book.table("变化的住宅 Changed homes", columns, hint=HINT, fixed=2)


def _before_after(
    frame: pd.DataFrame, key: str, head: tuple[str, str], form: str, *, known: Sequence[bool] = ()
) -> list[Column]:
    """Two columns; a word instead of a number where the data name no venue."""
    columns = []
    for when in WHEN:
        values = _values(frame[f"{key}_{when}"])
        if known:
            values = [v if yes else NO_DATA_CELL for v, yes in zip(values, known, strict=True)]
        zh, en = TIMES[when]
        columns.append(Column(f"{head[0]}{zh}", f"{head[1]} {en}", values, form, 14))
    return columns


GAINS = (("新增", "Gained"), ("失去", "Lost"))


def _moved(
    frame: pd.DataFrame,
    *,
    keys: Sequence[str] = ("persons", "residences"),
    words: Sequence[tuple[str, str]] = GAINS,
) -> list[Column]:
    """Who came in and who fell out, in persons and homes."""
    heads = {"persons": ("人口", "persons"), "residences": ("住宅", "homes")}
    return [
        Column(f"{zh}{heads[key][0]}", f"{en} {heads[key][1]}",
               _values(frame[f"{name}_{key}"]), "count", 14)
        for name, (zh, en) in zip(("gained", "lost"), words, strict=True)
        for key in keys
    ]  # fmt: skip


def _values(column: pd.Series[Any]) -> list[Any]:
    """Numbers, None where there is none."""
    return [None if value != value else value for value in column.tolist()]


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(part)}" for key, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
