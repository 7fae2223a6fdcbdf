"""A planner's own study: a hand-drawn OSM file, ledgers, a rule pack, zones and candidates.

The town is one straight street of 2,000 m from west (x = 0) to east. Standard walk: 1 m/s.

    homes     h1 at 100, h2 at 1000, h3 at 1900 (10, 20 and 40 persons), h4 400 m off the street
    reading   venues at 150 and 950
    health    venue at 950; two are wanted within 20 minutes in the pack of one test
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from command import gusu_geo_here
from own_study import PACK, STUDY, folder, ledger, lonlat

import gusu_geo as gg
from gusu_geo.errors import InputError
from gusu_geo.pipeline import assess
from gusu_geo.pipeline.questions import check
from gusu_geo.report.proof_tables import show_proof

__all__ = ["folder"]  # the fixture of a hand-drawn study


def test_verdicts_persons_and_zones_are_those_worked_out_by_hand(folder: Path) -> None:
    result = gg.run(folder / "study.toml", out=folder, survey=False)
    seconds = result.access.nearest_s
    assert seconds.loc["h1"].tolist() == pytest.approx([50, 850], abs=0.05)
    assert seconds.loc["h2"].tolist() == pytest.approx([50, 50], abs=0.05)
    assert seconds.loc["h3"].tolist() == pytest.approx([950, 950], abs=0.05)
    states = result.residences["state"].to_dict()
    assert states == {"h1": "pass", "h2": "pass", "h3": "fail", "h4": "unknown"}
    assert result.residences.loc["h4", "reason"] == "too_far"
    assert result.summary["passed"]["persons"] == 30
    assert result.summary["unknown"]["persons"] == 80
    zones = {row["id"]: row for row in result.summary["zones"]}
    assert zones["west"]["passed_persons"] == 30
    assert zones["east"]["missing"] == {"reading": 40, "health": 40}
    assert result.summary["services"][0]["venues"] == 2
    assert not result.summary["data"]["persons"]["estimate"]


def test_the_plan_takes_the_candidate_that_may_offer_what_is_missing(folder: Path) -> None:
    drawn = (folder / "street.osm").read_text(encoding="utf-8")
    named = drawn.replace("<tag k=", '<tag k="name" v="直街"/><tag k=', 1)
    (folder / "street.osm").write_text(named, encoding="utf-8")
    plan = gg.site(folder / "study.toml", sites=1, out=folder).to_dict()
    # h3 lacks both; x may only offer reading, y both
    assert [(c["candidate_id"], sorted(c["services"])) for c in plan["chosen"]] == [
        ("y", ["health", "reading"])
    ]
    assert plan["objective_persons"] == plan["bound_persons"] == 40
    assert plan["chosen"][0]["name"] == "公房"
    why = plan["why"]
    # All who live on the street have everything then; h4, which no street is near, lives on none.
    street = {"kind": "street", "name": "直街", "persons": 70, "gained_persons": 40}
    assert (why["complete"], why["sites"][0]["complete"]) == ([street], [street])
    assert (why["sites"][0]["lost_persons"], why["sites"][0]["by_zone"]) == (40, {"east": 40})
    assert [(row["candidate_id"], row["reason"]) for row in why["next"]] == [("x", "nobody")]


def test_one_stop_asks_for_one_venue_with_everything(folder: Path) -> None:
    text = STUDY.replace('pack = "pack.toml"', 'pack = "pack.toml"\nmode = "one_stop"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    result = gg.run(folder / "study.toml", out=folder, survey=False)
    # b and c are two rows of one place: only if the ledger says so could they be one venue
    assert result.summary["one_stop"]["persons"] <= result.summary["passed_known"]["persons"]


def test_two_venues_wanted_and_a_service_with_minutes_of_its_own(folder: Path) -> None:
    text = PACK.replace(
        'osm = ["amenity=library"]', 'osm = ["amenity=library"]\nmin_count = 2\nminutes = 10'
    )
    (folder / "pack.toml").write_text(text, encoding="utf-8")
    result = gg.run(folder / "study.toml", out=folder, survey=False)
    # the second library is 850 m from h1 and 850 m from h2: beyond 10 minutes
    states = result.residences["state"].to_dict()
    assert states == {"h1": "fail", "h2": "fail", "h3": "fail", "h4": "unknown"}
    assert result.summary["services"][0]["minutes"] == 10


def test_without_the_word_complete_an_unlisted_service_is_no_data(folder: Path) -> None:
    table = pd.read_csv(folder / "venues.csv", encoding="utf-8-sig")
    table[table["功能"] != "健康"].to_csv(folder / "venues.csv", index=False, encoding="utf-8-sig")
    complete = gg.run(folder / "study.toml", out=folder, survey=False).summary
    assert [row["state"] for row in complete["services"]] == ["known", "known"]
    assert complete["services"][1]["share"] == 0
    text = STUDY.replace("complete = true", "complete = false")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    open_ended = gg.run(folder / "study.toml", out=folder, survey=False).summary
    assert [row["state"] for row in open_ended["services"]] == ["known", "no_data"]
    assert open_ended["services"][1]["share"] is None


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("study.toml", '"venues.csv"', '"venus.csv"', "venus.csv"),
        (
            "study.toml",
            'lon = "经度", lat = "纬度" }\n[residences]',
            'lon = "经", lat = "纬度" }\n[residences]',
            "经",
        ),
        ("study.toml", 'crs = "wgs84"', 'crs = "suzhou"', "suzhou"),
        ("study.toml", '"area.geojson"', '"homes.csv"', "homes.csv"),
        ("study.toml", '"venues.csv"', '"/"', "/: is a folder"),
        ("study.toml", '"idle.csv"', '"/"', "/: is a folder"),
        ("venues.csv", "阅读", "悦读", "悦读"),
        ("homes.csv", "h2,", "h1,", "h1"),
        ("homes.csv", ",40,", ",-40,", "row 4: persons is below 0"),
        ("homes.csv", ",40,", ",many,", "many"),
        ("idle.csv", "reading、health", "reading、helth", "helth"),
        ("pack.toml", "minutes = 15", "minutes = 0", "minutes"),
        ("pack.toml", 'id = "health"', 'id = "reading"', "reading"),
        ("pack.toml", "amenity=clinic", "amenity clinic", "amenity clinic"),
    ],
)
def test_a_fault_in_any_file_is_one_clear_message(
    folder: Path, name: str, old: str, new: str, message: str
) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as error:
        gg.run(folder / "study.toml", out=folder, survey=False)
        gg.site(folder / "study.toml", sites=1, out=folder)
    assert message in str(error.value)
    assert not (folder / "maps" / "own.html").exists()


def test_candidates_have_a_row_among_the_sources_of_every_command(folder: Path) -> None:
    idle = {"x": (1400, 0), "far": (2100, 0)}  # the area ends at 2,050
    ledger(folder / "idle.csv", idle, 名称=["架空层", "公房"], 功能=["reading", ""])
    ran = gg.run(folder / "study.toml", out=folder, survey=False)
    row = {"source": "idle.csv", "kind": "candidates", "read": 2, "used": 2, "left_out": {}}
    row |= {"doubted": {"outside": 1}, "named": {"outside": ["far"]}}
    assert ran.summary["sources"][-1] == row
    assert check(folder / "study.toml", out=folder)["sources"] == ran.summary["sources"]
    (folder / "idle.csv").write_bytes((folder / "idle.csv").read_bytes().replace(b"far", b"fer"))
    again = gg.run(folder / "study.toml", out=folder, survey=False)
    assert again.summary["run_id"] != ran.summary["run_id"], "another input, another set of files"


def test_check_shows_a_source_in_one_table(folder: Path) -> None:
    """Streets come before homes, ground after them: rows of one file need not follow each other."""
    checked = gusu_geo_here(
        "check", folder / "study.toml", "--out", folder, "--lang", "en", "--quiet"
    )
    titles = [line for line in checked.stdout.splitlines() if line.startswith("source: ")]
    assert sorted(titles) == sorted(set(titles))
    assert "source: street.osm" in {title.strip() for title in titles}


def test_a_question_about_one_home_links_and_judges_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for every profile: the answer shows one."""
    calls: list[str] = []

    def counted(name: str) -> None:
        real = getattr(assess, name)

        def call(*args: object, **options: object) -> object:
            calls.append(name)
            return real(*args, **options)

        monkeypatch.setattr(assess, name, call)

    for name in ("link_all", "relinked", "judge_links"):
        counted(name)
    gg.explain(folder / "study.toml", "h1", out=folder)
    assert calls == ["link_all", "judge_links"]
    check(folder / "study.toml", out=folder)
    assert calls == ["link_all", "judge_links"] * 2


def test_every_command_works_on_a_study_of_ones_own(folder: Path) -> None:
    study, out = folder / "study.toml", ("--out", folder)
    proof = json.loads(gusu_geo_here("explain", study, "h3", *out, "--json").stdout)
    assert [row["way"]["metres"] for row in proof["services"]] == pytest.approx([950, 950], abs=0.2)
    assert "缺口" in gusu_geo_here("explain", study, "h3", *out, "--lang", "zh").stdout
    assert "missing" in gusu_geo_here("explain", study, "h3", *out, "--lang", "en").stdout
    assert "附近没有道路" in gusu_geo_here("explain", study, "h4", *out, "--lang", "zh").stdout
    at = ",".join(map(str, lonlat(1000)))
    shape = gusu_geo_here("isochrone", study, "--at", at, "--minutes", "5", *out, "--quiet").stdout
    assert json.loads(shape)["features"][0]["properties"]["street_m"] == pytest.approx(600, abs=0.2)
    assert "阅读" in gusu_geo_here("check", study, *out, "--quiet", "--lang", "zh").stdout
    plan = gusu_geo_here("site", study, "--sites", 1, *out, "--quiet", "--lang", "zh").stdout
    assert "阅读" in plan and "公房" in plan


def test_explain_takes_a_name_and_says_what_would_turn_a_failure(folder: Path) -> None:
    table = pd.read_csv(folder / "homes.csv", encoding="utf-8-sig")
    table["名称"] = ["平江新村", "平江新村", "桂花公寓", "塔楼"]
    table.to_csv(folder / "homes.csv", index=False, encoding="utf-8-sig")
    study, out = folder / "study.toml", ("--out", folder)
    proof = json.loads(gusu_geo_here("explain", study, "guihua", *out, "--json").stdout)
    assert proof["residence_id"] == "h3" and proof["called"]["en"] == "桂花公寓"
    # 950 m in 900 s: 1.056 m/s; 950 s: 15.83 min; y is 50 m away
    for row in proof["services"]:
        found = [(c["kind"], c["value"], c["unit"], c["id"]) for c in row["changes"]]
        assert found == [
            ("candidate", 0.9, "min", "y"),
            ("speed", 1.06, "m/s", ""),
            ("limit", 15.9, "min", ""),
        ]
    assert proof == gg.explain(study, "h3", out=folder)
    shown = gusu_geo_here("explain", study, "ghgy", *out, "--lang", "zh").stdout
    assert "1.06 米/秒" in shown and "公房 y" in shown
    several = gusu_geo_here("explain", study, "pjxc", *out, "--lang", "en")
    assert several.returncode == 2
    assert "2 homes fit" in several.stderr and "h1 (平江新村), h2 (平江新村)" in several.stderr


@pytest.mark.parametrize(("slack_s", "text"), [(-81.4, "-82 s"), (152.7, "+152 s"), (0.0, "+0 s")])
def test_the_terminal_never_rounds_on_the_kind_side(
    folder: Path, capsys: pytest.CaptureFixture[str], slack_s: float, text: str
) -> None:
    gg.run(folder / "study.toml", out=folder, survey=False)
    proof = gg.explain(folder / "study.toml", "h1", out=folder)
    proof["services"][0]["slack_s"] = slack_s
    show_proof(proof)
    assert text in capsys.readouterr().out


def test_summary_is_plain_json(folder: Path) -> None:
    result = gg.run(folder / "study.toml", out=folder)
    assert json.loads(json.dumps(result.summary, allow_nan=False)) == result.summary
