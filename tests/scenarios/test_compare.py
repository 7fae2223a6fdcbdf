"""Before and after on Monaco: against networkx, against ``run``, and what is written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import oracle
import pyogrio
import pytest
from command import gusu_geo_here
from edit_oracle import changed_graph

import gusu_geo as gg
from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.walkable_city import Ground, link_all
from gusu_geo.errors import InputError, OutputError
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.report.comparison import Comparison
from gusu_geo.scenarios.apply import apply_scenario
from gusu_geo.scenarios.judged import judge_changed
from gusu_geo.scenarios.network_edits import NewLink, Spot
from gusu_geo.scenarios.scenario_file import parse_scenario
from gusu_geo.tables import NodeFlag

pytestmark = pytest.mark.city

FILES = {"compare.json", "compare.xlsx", "compare.gpkg"}
LIBRARY = {
    "do": "add_venue",
    "id": "new-1",
    "name": "=1+1",
    "services": ["library"],
    "at": [7.4265, 43.7405],
}


@pytest.fixture(scope="module")
def ground(city_of: Callable[[str], Ground]) -> Ground:
    return city_of("monaco")


COMMENTS = [
    {"text": "=2+2 [red]此处有台阶", "at": [7.42, 43.73], "by": "LZ"},
    {"text": "Shut at night", "at": [7.421, 43.731], "venue": "n6459866657", "when": "May"},
]


def scenario(*changes: dict[str, Any], **more: Any) -> str:
    head = {"schema": "gusu-geo-scenario/1", "study": "monaco"}
    return json.dumps(head | more | {"changes": changes})


def written(out: Path) -> dict[str, bytes]:
    """Everything but the cache."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and ".cache" not in path.parts
    }


def test_times_of_changed_monaco_equal_networkx(ground: Ground) -> None:
    """Three links between far places, a gate, venues added, moved and closed; every home."""
    net, rng = ground.network, np.random.default_rng(3)
    edges = rng.choice(np.flatnonzero(net.edge_flags == 0), 6, replace=False).tolist()
    spots = [Spot(edge, int(net.length_cm[edge]) * k // 5) for k, edge in enumerate(edges)]
    links = [NewLink(a, b, 300_000) for a, b in zip(spots[::2], spots[1::2], strict=True)]
    gates = np.unique(net.osm_node[(net.node_flags & NodeFlag.CLOSED) != 0]).tolist()
    venues = ground.city.facilities.frame["venue_id"].unique().tolist()
    changes = [
        *({"do": "add_link", "from": {"on": [*x.start]}, "to": {"on": [*x.end]}, "length_cm": x.length_cm} for x in links),
        *({"do": "open_gate", "node": gate} for gate in gates),
        *({"do": "close_venue", "venue": venue} for venue in venues[::9]),
        *({"do": "move_venue", "venue": v, "on": [*s]} for v, s in zip(venues[1::9], spots, strict=False)),
        LIBRARY,
        {"do": "set_walk", "speed_mps": 0.9},
    ]  # fmt: skip
    changed = apply_scenario(ground, parse_scenario(scenario(*changes, network=net.digest)))
    walk, city = changed.ground.study.walk, changed.ground.city
    here = link_all(ground, ground.trips(walk))
    doors = here.venues.only(~changed.venues.replaced).links.joined(changed.venues.doors)
    groups = {
        "home": (here.homes.links, city.residences.entrances),
        "facility": (doors, city.facilities.entrances),
    }
    graph = changed_graph(net, walk, groups, links, gates)
    before = judge_ground(ground)
    after = judge_changed(changed, ground, before)
    offered = city.facilities.frame["service"].to_numpy(object)
    better = 0
    for k, service in enumerate(after.access.services):
        wanted = oracle.nearest(
            graph, np.flatnonzero(offered == service).tolist(), len(here.homes.ids), 1802.0
        )
        cs = after.access.nearest_cs[:, k]
        got = np.where(cs == INF_CS, np.inf, cs / 100)
        clear = np.abs(wanted - 1800) > 1
        assert np.array_equal(np.isfinite(got[clear]), wanted[clear] <= 1800)
        both = np.isfinite(got) & np.isfinite(wanted)
        assert np.abs(got[both] - wanted[both]).max() < 1.0
        better += int((got < before.access.nearest_cs[:, k] / 100 - 1).sum())
    assert better > 50  # the links are walked


def test_an_empty_scenario_changes_nothing(ground: Ground) -> None:
    changed = apply_scenario(ground, parse_scenario(scenario()))
    before = judge_ground(ground)
    after = judge_changed(changed, ground, before)
    parts = [
        (s.access, s.verdict, s.links.homes.links, s.links.venues.links) for s in (before, after)
    ]
    for side, (was, now) in enumerate(zip(*parts, strict=True)):
        one, two = vars(was), vars(now)
        for key, value in one.items():
            if isinstance(value, np.ndarray):
                assert np.array_equal(value, two[key]), (side, key)
    assert (
        after.network is before.network
        and after.city.facilities.frame is before.city.facilities.frame
    )
    whole = outcome_of(ground, before)
    closed = changed.venues.closed
    told = Comparison(changed.scenario, whole, after, closed, changed.marks).to_dict()
    assert told["residences"]["changed"] == 0
    for table in ("totals", "services", "zones"):
        assert told["before"][table] == told["after"][table]
        moved = [
            v
            for row in told["change"][table]
            for k, v in row.items()
            if k.startswith(("gained_", "lost_"))
        ]
        assert len(moved) > 0 and set(moved) == {0}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, with_monaco: Callable[[Path], Path]) -> Path:
    """A folder with a comparison of Monaco: a library added, one closed, a footbridge."""
    out = with_monaco(tmp_path_factory.mktemp("compare"))
    bridge = {"do": "add_link", "from": {"at": [7.4190, 43.7310]}, "to": {"at": [7.4215, 43.7320]}}
    changes = [LIBRARY, {"do": "close_venue", "venue": "n6459866657"}, bridge]
    second = {"schema": "gusu-geo-scenario/2", "comments": COMMENTS}
    content = scenario(*changes, title='=HYPERLINK("x")', **second)
    (out / "plan b.json").write_text(content, encoding="utf-8")
    asked = ("monaco", out / "plan b.json", "--out", out, "--json", "--quiet")
    result = gusu_geo_here("compare", *asked)
    assert (result.returncode, result.stderr) == (0, "")
    (out / "stdout.json").write_text(result.stdout, encoding="utf-8")
    return out


def folder_of(out: Path) -> Path:
    return out / "data" / "processed" / "monaco" / "compare" / "plan b"


def test_a_map_opens_with_the_scenario(done: Path) -> None:
    page = (done / "maps" / "monaco-plan b.html").read_text(encoding="utf-8")
    texts = json.loads(page.split('id="gusu-texts">')[1].split("</script>")[0])
    told = [change["do"] for change in texts["scenario"]["changes"]]
    assert told == ["add_venue", "close_venue", "add_link"]
    assert texts["scenario"]["network"] == texts["network"]
    assert texts["scenario"]["comments"] == COMMENTS


def test_files_agree_with_each_other_and_with_a_run(done: Path, ground: Ground) -> None:
    folder = folder_of(done)
    assert {path.name for path in folder.iterdir()} == FILES
    told = json.loads((folder / "compare.json").read_text(encoding="utf-8"))
    assert told == json.loads((done / "stdout.json").read_text(encoding="utf-8"))
    summary = outcome_of(ground, judge_ground(ground)).summary
    for row in told["before"]["totals"]:
        assert {k: row[k] for k in ("persons", "residences", "share")} == summary[row["reading"]]
    for row, service in zip(told["before"]["services"], summary["services"], strict=True):
        assert row["service"] == service["id"]
        assert (row["persons"], row["missing_persons"]) == (
            service["covered_persons"], service["missing_persons"],
        )  # fmt: skip
    for mine, zone in zip(told["before"]["zones"], summary["zones"], strict=True):
        assert (mine["id"], mine["passed_persons"]) == (zone["id"], zone["passed_persons"])
    for before, after, change in zip(
        *(told[when]["totals"] for when in ("before", "after", "change")), strict=True
    ):
        moved = change["gained_persons"] - change["lost_persons"]
        assert after["persons"] - before["persons"] == pytest.approx(moved, abs=0.05)
    homes = pyogrio.read_dataframe(folder / "compare.gpkg", layer="residences")
    gained = homes[(homes["state_before"] != "pass") & (homes["state_after"] == "pass")]
    passed = told["change"]["totals"][0]
    assert (len(gained), round(gained["persons"].sum(), 2)) == (
        passed["gained_residences"], passed["gained_persons"],
    )  # fmt: skip
    assert len(gained) > 0 and homes["gained"].fillna("").str.contains("library").sum() > 0
    assert homes.crs.to_epsg() == 4326 and {"library_min_before", "library_min_after"} <= set(homes)
    assert told["scenario"]["comments"] == COMMENTS
    comments = pyogrio.read_dataframe(folder / "compare.gpkg", layer="comments")
    assert comments["text"].tolist() == [one["text"] for one in COMMENTS]
    assert [list(point.coords[0]) for point in comments.geometry] == [x["at"] for x in COMMENTS]
    changes = pyogrio.read_dataframe(folder / "compare.gpkg", layer="changes")
    assert changes["do"].tolist() == ["add_venue", "close_venue", "add_link"]
    assert changes.geometry.geom_type.tolist() == ["Point", "Point", "LineString"]
    zones = pyogrio.read_dataframe(folder / "compare.gpkg", layer="zones")
    assert zones["gained_persons"].sum() == pytest.approx(passed["gained_persons"], abs=0.05)


def test_workbook_holds_texts_as_texts(done: Path) -> None:
    book = openpyxl.load_workbook(folder_of(done) / "compare.xlsx")
    assert book.sheetnames == [
        "总览 Summary",
        "功能 Services",
        "分区 Zones",
        "小区 Compounds",
        "变化的住处 Changed homes",
        "批注 Comments",
    ]
    said = [row[:6] for row in book["批注 Comments"].iter_rows(min_row=5, values_only=True)]
    assert said[0][:3] == (1, COMMENTS[0]["text"], "LZ")
    assert said[1] == (2, "Shut at night", "", "May", "", "n6459866657")
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    texts = [str(cell.value) for cell in cells]
    assert any('=HYPERLINK("x")' in text for text in texts)
    assert any("=1+1" in text for text in texts)
    homes = json.loads((folder_of(done) / "compare.json").read_text("utf-8"))["residences"]
    assert book.worksheets[4].max_row == 4 + homes["changed"]


def test_a_second_run_changes_no_byte_and_a_failing_one_leaves_all(
    done: Path, tmp_path: Path
) -> None:
    shutil.copytree(done, tmp_path / "again")
    out = tmp_path / "again"
    before = written(out)
    gg.compare("monaco", out / "plan b.json", out=out)
    assert written(out) == before
    (out / "plan b.json").write_text(scenario({"do": "close_venue", "venue": "n0"}))
    with pytest.raises(InputError, match=r"plan b\.json: changes\[0\]\.venue: no such venue"):
        gg.compare("monaco", out / "plan b.json", out=out)
    before["plan b.json"] = (out / "plan b.json").read_bytes()
    assert written(out) == before
    (out / "plan b.json").write_text(scenario())
    (folder_of(out) / "compare.xlsx").unlink()
    (folder_of(out) / "compare.xlsx").mkdir()
    with pytest.raises(OutputError):
        gg.compare("monaco", out / "plan b.json", out=out)
    del before[str((folder_of(out) / "compare.xlsx").relative_to(out))]
    before["plan b.json"] = (out / "plan b.json").read_bytes()
    assert written(out) == before


def test_results_as_frames(
    ground: Ground, tmp_path: Path, with_monaco: Callable[[Path], Path]
) -> None:
    with_monaco(tmp_path)
    path = tmp_path / "x.json"
    path.write_text(scenario(LIBRARY), encoding="utf-8")
    found = gg.compare("monaco", gg.read_scenario(path), out=tmp_path)
    assert found.residences.crs.to_epsg() == found.zones.crs.to_epsg() == 4326
    assert found.residences.index.equals(ground.city.residences.frame.index)
    assert (found.after.access.nearest_cs <= found.before.access.nearest_cs).all()
    better = (found.before.verdict.state == State.FAIL) & (found.after.verdict.state == State.PASS)
    assert better.any() and set(found.residences["gained"]) == {"", "library"}
    assert found.services.loc["library", ["venues_before", "venues_after"]].tolist() == [2, 3]
    assert (found.summary["lost_persons"] == 0)["passed"]


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("改动前", "图书馆")), ("en", ("before", "no longer"))]
)
def test_console_in_both_languages(lang: str, words: tuple[str, str], done: Path) -> None:
    result = gusu_geo_here(
        "compare",
        "monaco",
        done / "plan b.json",
        "--out",
        done,
        "--lang",
        lang,
        "--profile",
        "elder",
    )
    assert result.returncode == 0 and all(word in result.stdout for word in words)
    assert "=2+2 [red]此处有台阶" in result.stdout and "n6459866657" in result.stdout
    assert (
        '=HYPERLINK("x")' in result.stdout
        and {"zh": "写出成果", "en": "write"}[lang] in result.stderr
    )


def test_faults_of_the_input_are_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"schema": "gusu-geo-scenario/9"}', encoding="utf-8")
    for args in (("s.json",), ("none.json",)):
        result = gusu_geo_here("compare", "monaco", tmp_path / args[0], "--out", tmp_path)
        assert result.returncode == 2 and len(result.stderr.splitlines()) == 1
    assert set(written(tmp_path)) == {"s.json"}
    (tmp_path / "...json").write_text(scenario(), encoding="utf-8")
    with pytest.raises(InputError, match="no folder can be named after this"):
        gg.compare("monaco", tmp_path / "...json", out=tmp_path)
