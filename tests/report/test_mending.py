"""What to mend first: what spoils most results comes first, five things at most, each with how."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gusu_geo.report.check_tables import _show_mending
from gusu_geo.report.console import Terminal
from gusu_geo.report.mending import to_mend
from gusu_geo.words import note, speak

TODAY = date(2026, 11, 30)


def summary(**other: Any) -> Any:
    """A study without a fault."""
    homes = {"total": 100, "linked": 100, "unlinked": {}}
    data = {"osm_file": "town.osm.pbf", "osm_date": "2026-01-01T00:00:00Z"}
    parts = ("sources", "services", "notes", "unlinked_venues")
    return {"residences": homes, "data": data, **{part: [] for part in parts}, **other}


def account(**other: Any) -> Any:
    table = {"known_by": "declared", "scores": None}
    return {"file": "a.csv", "kind": "venues", "unknown_words": [], "tables": [table], **other}


def rejected(file: str, row: int, part: str = "") -> Any:
    reason = {"zh": "没有坐标", "en": "no coordinate"}
    return {"file": file, "part": part, "row": row, "reason": reason}


SCORES = {"wgs84": 1, "gcj02": 90, "bd09": 3, "tried": 95}
DOUBTED = [{"source": "a.csv", "kind": "venues", "doubted": {"system_doubtful": 1}}]
BLANK = [{"id": "play", "zh": "游乐", "en": "Play", "state": "no_data"}]
UNLINKED = {"total": 100, "linked": 90, "unlinked": {"too_far": 3, "wall": 7}}


def test_a_sound_study_has_nothing_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert to_mend(summary(), {"ledgers": [account()]}, [], today=TODAY) == []
    speak("zh")
    _show_mending(Terminal(), [])
    assert capsys.readouterr().out == "没有要改的。\n"


def test_the_order_is_by_what_spoils_most_and_five_are_enough(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [{"zh": f"“词{k}”", "en": f"“w{k}”"} for k in range(7)]
    table = {"known_by": "assumed", "scores": SCORES}
    facts: Any = {
        "ledgers": [account(unknown_words=words, tables=[table])],
        "rejected": [rejected("b.csv", 3), rejected("a.csv", 7, "一"), rejected("a.csv", 9)],
    }
    old = {"osm_file": "town.osm.pbf", "osm_date": "2020-01-01"}
    bad = summary(sources=DOUBTED, services=BLANK, residences=UNLINKED, data=old)
    found = to_mend(bad, facts, [note("no_relations")], today=TODAY)
    codes = ["system_doubtful", "no_data", "rejected", "rejected", "unknown_words"]
    assert [row["code"] for row in found] == codes
    assert [row["where"] for row in found] == ["a.csv", "facilities", "a.csv", "b.csv", "a.csv"]
    assert "90 as GCJ-02" in found[0]["what"]["en"]
    assert found[2]["what"]["en"] == "2 rows could not be read, first 一, row 7: no coordinate."
    assert found[4]["what"]["zh"].endswith("“词4” …。")
    speak("zh")
    _show_mending(Terminal(), found)
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "先改这些："
    assert [line[:2] for line in lines] == ["1.", "2.", "3.", "4.", "5."]
    assert lines[3] == (
        "4. b.csv：1 行未能读取，首先是第 3 行：没有坐标。请改正这些单元格；"
        "gusu-geo run 把它们逐格列在 rejected.xlsx。"
    )


def one(facts: Any = None, notes: Any = (), **other: Any) -> Any:
    (found,) = to_mend(summary(**other), facts or {}, list(notes), today=TODAY)
    return found


def test_what_is_left_out_of_the_first_five() -> None:
    table = {"known_by": "assumed", "scores": None}
    assert one({"ledgers": [account(tables=[table])]})["code"] == "system_assumed"
    table = {"known_by": "declared", "scores": SCORES}
    zones = account(file="zones.geojson", kind="zones", tables=[table])
    shapes = one({"ledgers": [zones]}, sources=[{**DOUBTED[0], "source": "zones.geojson"}])
    assert (shapes["where"], shapes["code"]) == ("zones.geojson", "system_doubtful")
    assert shapes["what"]["en"].startswith("the declared system fits the streets less than another")
    assert "90 as GCJ-02" in shapes["what"]["en"]
    walled = one(residences=UNLINKED)
    assert "10 of 100 homes" in walled["what"]["en"] and "compounds.gates" in walled["how"]["en"]
    far = {"total": 100, "linked": 90, "unlinked": {"too_far": 10}}
    assert "compounds.gates" not in one(residences=far)["how"]["en"]
    venues = [{"facility_id": "x:play", "name": "", "reason": "wall"}]
    assert "1 venues touch no street" in one(unlinked_venues=venues)["what"]["en"]
    margin = one(notes=[note("data_end_near_border", margin_m=3.0, buffer_m=1800.0)])
    assert (margin["where"], margin["how"]["en"]) == ("network.osm", "Take a larger extract.")


@pytest.mark.parametrize(
    ("day", "code"), [("", "undated"), ("2024-11-30T00:00:00Z", ""), ("2024-11-29", "old")]
)
def test_data_are_old_after_two_years(day: str, code: str) -> None:
    data = {"osm_file": "town.osm.pbf", "osm_date": day}
    found = to_mend(summary(data=data), {}, [], today=TODAY)
    assert [row["code"] for row in found] == ([code] if code else [])
