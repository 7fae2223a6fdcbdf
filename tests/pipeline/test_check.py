"""``check`` says how each ledger was understood, and what to mend first, in the reader's language."""

from __future__ import annotations

import json
from pathlib import Path

from command import gusu_geo_here
from own_study import STUDY, folder, lonlat

__all__ = ["folder"]  # the fixture of a hand-drawn study

DECLARED = 'source = "venues.csv"\ncrs = "wgs84"\nmax_rejected = 0\ncomplete = true\n'


def spoil(folder: Path) -> None:
    """A ledger as offices send it: in GBK, below a title, with a sum, an unknown word, a bad cell;
    its header names the system."""
    rows = [("甲", "阅读", *lonlat(150)), ("乙", "reading", *lonlat(950)), ("丙", "健康", *lonlat(950)),
            ("丁", "阅读、评书", *lonlat(300)), ("戊", "健康", "见附图", "")]  # fmt: skip
    lines = ["某街道点位一览", "", "名称,功能,经度_wgs84,纬度_wgs84"]
    lines += [",".join(map(str, row)) for row in rows] + ["合计,5"]
    (folder / "venues.csv").write_text("\n".join(lines), encoding="gb18030")
    named = (
        'columns = { id = "编号", name = "名称", service = "功能", lon = "经度", lat = "纬度" }\n'
    )
    study = STUDY.replace(DECLARED + named, 'source = "venues.csv"\n', 1)
    assert study != STUDY
    (folder / "study.toml").write_text(study, encoding="utf-8")


def test_ledgers_are_told_and_what_to_mend_is_last(folder: Path) -> None:
    spoil(folder)
    options = ("--out", folder, "--quiet")
    report = json.loads(gusu_geo_here("check", folder / "study.toml", "--json", *options).stdout)
    area, zones, homes, venues, idle = report["ledgers"]
    kinds = ["area", "zones", "homes", "venues", "candidates"]
    assert [row["kind"] for row in report["ledgers"]] == kinds
    assert (zones["file"], zones["read"], zones["accepted"]) == ("halves.geojson", 2, 2)
    assert zones["tables"][0]["columns"] == {"id": "code", "name": "name"}
    assert (area["read"], area["tables"][0]["known_by"]) == (1, "declared")
    (table,) = venues.pop("tables")
    assert venues == {
        "file": "venues.csv",
        "kind": "venues",
        "read": 6,
        "accepted": 4,
        "rejected": 1,
        "no_data": {"sum_row": 1},
        "unknown_words": [{"zh": "“评书” 1 行", "en": "“评书” in 1 rows"}],
    }
    scores = table.pop("scores")  # no building stands in that street
    assert (scores["tried"], scores["wgs84"], scores["gcj02"], scores["bd09"]) == (4, 0, 0, 0)
    assert table == {
        "sheet": "",
        "encoding": "gb18030",
        "header_row": 3,
        "rows": 5,
        "columns": {"name": "名称", "service": "功能", "lon": "经度_wgs84", "lat": "纬度_wgs84"},
        "systems": ["WGS 84"],
        "known_by": "header",
    }
    assert [row["tables"][0]["known_by"] for row in (homes, idle)] == ["declared"] * 2
    assert homes["tables"][0]["columns"]["persons"] == "人数"
    mend = {row["code"]: row for row in report["mend"]}
    assert list(mend)[:2] == ["rejected", "unknown_words"]
    assert "第 8 行" in mend["rejected"]["what"]["zh"]
    assert mend["unlinked"]["what"]["en"].startswith("1 of 4 homes")
    # The same again from the cache, as tables in Chinese.
    shown = gusu_geo_here("check", folder / "study.toml", "--lang", "zh", *options).stdout
    for line in (
        "台账：halves.geojson（分区）",
        "台账：venues.csv（点位）",
        "GB18030",
        "WGS 84（表头写明）",
        "合计、小计行 1",
    ):
        assert line in shown, line
    last = shown[shown.index("先改这些：") :].splitlines()
    assert last[1].startswith("1. venues.csv：1 行未能读取，首先是第 8 行")
    assert len(last) == 1 + len(report["mend"])
