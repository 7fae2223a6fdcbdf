"""Results as text for a terminal, in Chinese or English."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from gusu_geo.assessment.summary import Summary

if TYPE_CHECKING:
    pass

WORDS = {
    "zh": {
        "passed": "全部达标", "passed_known": "有数据的服务全部达标", "unknown": "无法判断",
        "one_stop": "一站式达标", "failed": "有缺项", "persons": "人", "homes": "住宅",
        "service": "服务", "venues": "设施", "covered": "覆盖", "missing": "缺少（人）",
        "state": "状态", "no_data": "无数据", "known": "有数据", "estimate": "人口为估算值",
        "map": "地图", "tables": "表格", "minutes": "分钟", "nearest": "最近设施",
        "slack": "余量", "way": "步行路径", "pass": "达标", "fail": "缺",
        "optimal": "已证明最优", "time limit": "到时限为止", "nothing to gain": "无可增益",
        "too_far": "附近没有道路", "island": "道路与路网不连通", "water": "须越过水面",
        "wall": "隔着围墙而未见出入口", "railway": "隔着铁路", "motorway": "隔着高速公路",
        "beyond": "超出搜索范围", "gate_unknown": "无法判断：围墙内有设施，未见出入口",
        "unlinked": "未接入路网", "sites": "新增站点", "gain": "新增达标（人）", "status": "状态",
        "bound": "上界", "gap": "差距", "network": "路网", "speed": "步行速度",
        "cannot_tell": "尚不能判定", "without_data": "项服务无数据",
        "before": "改动前", "after": "改动后", "gained": "新增", "lost": "失去",
        "came_in": "转入", "fell_out": "转出", "changes": "项改动", "changed": "处住宅有变化",
    },
    "en": {
        "passed": "all services", "passed_known": "all services with data", "unknown": "unknown",
        "one_stop": "one-stop", "failed": "something missing", "persons": "persons",
        "homes": "homes", "service": "service", "venues": "venues", "covered": "covered",
        "missing": "missing (persons)", "state": "state", "no_data": "no data", "known": "known",
        "estimate": "persons are an estimate", "map": "map", "tables": "tables",
        "minutes": "minutes", "nearest": "nearest venue", "slack": "slack", "way": "way walked",
        "pass": "pass", "fail": "missing", "beyond": "beyond the search", "unlinked": "not linked",
        "sites": "new sites", "gain": "persons gained", "status": "status", "bound": "bound",
        "gap": "gap", "network": "network", "speed": "walking speed",
        "cannot_tell": "cannot tell yet", "without_data": "services without data",
        "too_far": "no street within reach", "island": "streets cut off", "water": "across water",
        "wall": "behind a wall, fence or hedge without a known gate",
        "railway": "across a railway", "motorway": "across a motorway",
        "gate_unknown": "unknown: a venue behind a wall without a known gate",
        "before": "before", "after": "after", "gained": "gained", "lost": "lost",
        "came_in": "came in", "fell_out": "fell out", "changes": "changes",
        "changed": "homes change",
    },
}  # fmt: skip


def show_summary(summary: Mapping[str, Any], folder: Path, map_path: Path, *, lang: str) -> None:
    """Key figures, coverage by service, notes, and where the files lie."""
    from gusu_geo.report.summary import undetermined

    word, out = WORDS[lang], _out()
    walk, rule = summary["walk"], summary["rule"]
    out.print(f"{_title(summary, lang)}  ·  {rule['pack']} {rule['version']}  ·  "
              f"{word['speed']} {walk['speed_mps']:g} m/s", style="bold")  # fmt: skip
    figures = Table(box=None, show_header=False, pad_edge=False)
    for key in ("passed", "passed_known", "failed", "unknown", "one_stop"):
        row = summary[key]
        if key in ("passed", "one_stop") and undetermined(cast("Summary", summary)):
            blank = sum(service["state"] == "no_data" for service in summary["services"])
            why = f"{blank} {word['without_data']}" if blank else ""
            figures.add_row(word[key], "—", word["cannot_tell"], why)
            continue
        figures.add_row(word[key], _share(row["share"]), f"{row['persons']:,.0f} {word['persons']}",
                        f"{row['residences']:,} {word['homes']}")  # fmt: skip
    out.print(figures)
    table = Table(*(word[k] for k in ("service", "venues", "covered", "missing", "state")))
    for row in sorted(summary["services"], key=lambda r: (r["share"] is None, r["share"] or 0)):
        known = row["state"] == "known"
        table.add_row(
            row[lang],
            str(row["venues"]),
            _share(row["share"]) if known else "—",
            f"{row['missing_persons']:,.0f}" if known else "—",
            word[row["state"]],
        )
    out.print(table)
    if summary["data"]["persons"].get("estimate"):
        method = summary["data"]["persons"]["method"][lang]
        out.print(f"※ {word['estimate']}: {method}", markup=False, soft_wrap=True)
    _notes(out, summary["notes"], lang)
    out.print(f"{word['tables']}: {folder}\n{word['map']}: {map_path}", soft_wrap=True)


def show_plan(plan: dict[str, Any], names: dict[str, dict[str, str]], *, lang: str) -> None:
    """The chosen sites with what each one gains, and how good the plan is."""
    word, out = WORDS[lang], _out()
    table = Table("#", word["sites"], "lon, lat", word["service"], word["gain"])
    for number, chosen in enumerate(plan["chosen"], start=1):
        lon, lat = chosen["lonlat"]
        table.add_row(
            str(number),
            _plain(chosen["name"] or chosen["candidate_id"]),
            f"{lon:.5f}, {lat:.5f}",
            ", ".join(_plain(names[service][lang]) for service in chosen["services"]),
            f"{chosen['gained_persons']:,.0f}",
        )
    out.print(table)
    facts = {
        word["status"]: word.get(plan["status"], plan["status"]),
        word["gain"]: f"{plan['objective_persons']:,.0f}",
        word["bound"]: f"{plan['bound_persons']:,.0f}",
        word["gap"]: f"{plan['gap']:.2%}",
    }
    out.print("  ·  ".join(f"{key}: {value}" for key, value in facts.items()))
    _notes(out, plan["notes"], lang)


def show_comparison(
    told: dict[str, Any], folder: Path | None, map_path: Path | None, *, lang: str
) -> None:
    """Key figures and services before and after a scenario, persons who gain and who lose."""
    word, out = WORDS[lang], _out()
    name = told["scenario"]["title"] or told["scenario"]["name"]
    out.print(f"{_title(told, lang)}  ·  {_plain(name)}  ·  "
              f"{len(told['scenario']['changes'])} {word['changes']}  ·  "
              f"{told['residences']['changed']:,} {word['changed']}", style="bold")  # fmt: skip
    times = [word[key] for key in ("before", "after")]
    figures = Table(word["persons"], *times, word["came_in"], word["fell_out"], word["homes"])
    services = Table(word["service"], word["venues"], *times, word["gained"], word["lost"])
    parts = [told[when] for when in ("before", "after", "change")]
    for before, after, change in zip(*(part["totals"] for part in parts), strict=True):
        homes = f"+{change['gained_residences']:,} -{change['lost_residences']:,}"
        figures.add_row(word[before["reading"]], *_moved(before, after, change), homes)
    for before, after, change in zip(*(part["services"] for part in parts), strict=True):
        venues = f"{before['venues']} > {after['venues']}"
        services.add_row(_plain(before[lang]), venues, *_moved(before, after, change))
    out.print(figures)
    out.print(services)
    if told["data"]["persons"].get("estimate"):
        method = told["data"]["persons"]["method"][lang]
        out.print(f"※ {word['estimate']}: {method}", markup=False, soft_wrap=True)
    paths = f"{word['tables']}: {folder}\n{word['map']}: {map_path}"
    out.print(paths, markup=False, soft_wrap=True)


def _moved(before: dict[str, Any], after: dict[str, Any], change: dict[str, Any]) -> list[str]:
    """Four cells: persons and share before and after, persons who came in and fell out."""
    cells = [f"{row['persons']:,.0f} {_share(row['share'])}" for row in (before, after)]
    return [*cells, f"+{change['gained_persons']:,.0f}", f"-{change['lost_persons']:,.0f}"]


def show_proof(proof: Mapping[str, Any], *, lang: str) -> None:
    """Ten services of one residence, slowest first."""
    word, out = WORDS[lang], _out()
    out.print(
        f"{proof['residence_id']} {proof['name']}  ·  {word[proof['state']]}",
        style="bold",
        markup=False,
    )
    if not proof["linked"]:
        out.print(f"{word['unlinked']}: {word.get(proof['reason'], proof['reason'])}")
    table = Table(*(word[k] for k in ("service", "state", "minutes", "slack", "nearest", "way")))
    for row in proof["services"]:
        key = (
            "no_data" if row["no_data"] else "gate_unknown" if row["gate_unknown"] else row["state"]
        )
        state = word[key]
        time = word["beyond"] if row["counted_s"] is None else f"{row['counted_s'] / 60:.1f}"
        # Whole seconds, never on the kind side: the map's card says "82 s too far" for 81.4.
        slack = "" if row["slack_s"] is None else f"{math.floor(row['slack_s']):+d} s"
        venue, way = row["venue"], row["way"]
        name = (
            ""
            if venue is None
            else f"{venue['name'] or venue['facility_id']} [{venue['evidence']}]"
        )
        walk = "" if way is None else f"{way['metres']:.0f} m  {' > '.join(way['streets'])}"
        table.add_row(row[lang], state, time, slack, *(_plain(text) for text in (name, walk)))
    out.print(table)


def show_check(report: Mapping[str, Any], *, lang: str) -> None:
    """Services and their data, homes, streets, and what to mend."""
    word, out = WORDS[lang], _out()
    table = Table(*(word[k] for k in ("service", "venues", "state")))
    for row in report["services"]:
        table.add_row(row[lang], str(row["venues"]), word[row["state"]])
    out.print(table)
    homes = report["residences"]
    out.print(
        f"{word['homes']}: {homes['total']:,}  ·  {word['unlinked']}: {homes['unlinked'] or 0}"
    )
    out.print(
        f"{word['network']}: " + "  ·  ".join(f"{k} {v}" for k, v in report["network"].items())
    )
    _notes(out, report["notes"], lang)


def listing() -> dict[str, Any]:
    """Built-in studies, rule packs and profiles as plain data."""
    from gusu_geo.study.catalog import PROFILES, list_packs
    from gusu_geo.study.study_file import builtin_studies, open_study

    return {
        "studies": [
            {"name": name, **open_study(path).title.model_dump()}
            for name, path in builtin_studies().items()
        ],
        "packs": [
            {"id": p.id, "version": p.version, "zh": p.title_zh, "en": p.title_en,
             "services": list(p.service_ids), "note": {"zh": p.note_zh, "en": p.note_en}}
            for p in list_packs().values()
        ],
        "profiles": [
            {"id": p.id, "zh": p.zh, "en": p.en, "speed_mps": p.speed_mps}
            for p in PROFILES.values()
        ],
    }  # fmt: skip


def show_listing(listed: dict[str, Any]) -> None:
    """Three small tables."""
    out = _out()
    for key, columns in (
        ("studies", ("name", "zh", "en")),
        ("packs", ("id", "version", "zh", "en")),
        ("profiles", ("id", "zh", "en", "speed_mps")),
    ):
        table = Table(*columns, title=key, title_justify="left")
        for row in listed[key]:
            table.add_row(*(_plain(row[column]) for column in columns))
        out.print(table)
    for pack in listed["packs"]:
        note = pack["note"]
        out.print(f"{pack['id']}: {note['zh']} / {note['en']}", markup=False, soft_wrap=True)


def _notes(out: Console, notes: Sequence[Mapping[str, str]], lang: str) -> None:
    for note in notes:
        out.print(f"※ {note[lang]}", markup=False, soft_wrap=True)


def _out() -> Console:
    return Console(highlight=False)


def _title(summary: Mapping[str, Any], lang: str) -> str:
    return _plain(summary["title"][lang] or summary["study"])


def _share(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _plain(value: object) -> str:
    """Text from the data, never taken for markup."""
    from rich.markup import escape

    return escape(str(value))
