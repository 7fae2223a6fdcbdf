"""Files that belong together know each other, stand beside those of other runs, and outlive kills."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pytest
from command import gusu_geo_here
from own_study import STUDY, drawn, lonlat

import gusu_geo as gg
from gusu_geo.pipeline.output_sets import comparison_set, outputs_beside, plan_set, result_set
from gusu_geo.pipeline.questions import check
from gusu_geo.pipeline.workplace import in_use, workplace
from gusu_geo.study.study_file import open_study, with_profile

KILLING = Path(__file__).parents[1] / "support" / "killing.py"
SLOWER = STUDY + "[walk]\nspeed_mps = 0.5\n"
TABLES = ("summary.json", "access.parquet", "results.gpkg", "workbook.xlsx")
RESULT = (*(f"data/processed/own/{name}" for name in TABLES), "maps/own.html")
ASKED = "data/processed/own/plan/1-site"
PLAN = (
    *(f"{ASKED}/{name}" for name in ("plan.json", "plan.xlsx", "plan.gpkg", "scenario.json")),
    "maps/own+plan-1-site.html",
)
SHUT = "data/processed/own/compare/shut"
COMPARED = (*(f"{SHUT}/compare.{end}" for end in ("json", "xlsx", "gpkg")), "maps/own-shut.html")
COMMANDS = {"run": [], "site": ["--sites", "1"], "compare": ["shut.json"]}


def told(command: str, folder: Path, *more: str) -> str:
    """What a command says on stderr."""
    words = [str(folder / word) if word.endswith(".json") else word for word in COMMANDS[command]]
    quiet = (*words, *more, "--out", folder, "--quiet")
    result = gusu_geo_here(command, folder / "study.toml", *quiet)
    assert result.returncode == 0, result.stderr
    return result.stderr


def kept(folder: Path) -> dict[str, bytes]:
    """Bytes of every file below data/ and maps/, but for the cache."""
    files = [*folder.glob("data/**/*"), *folder.glob("maps/**/*")]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files
        if path.is_file() and "city-" not in path.parent.name
    }


def everything(folder: Path) -> dict[str, bytes]:
    for command in (*COMMANDS, "run"):  # the map of a run shows the plan beside it
        assert told(command, folder) == ""
    return kept(folder)


@pytest.fixture(scope="module")
def alone(both: tuple[Path, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The map of a run at the new speed without a plan beside it."""
    folder = shutil.copytree(both[0], tmp_path_factory.mktemp("alone") / "out")
    without_plan(folder)
    told("run", folder)
    return (folder / RESULT[-1]).read_bytes()


@pytest.fixture(scope="module")
def verdict(
    both: tuple[Path, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """The files of the same run before its survey."""
    folder = shutil.copytree(both[0], tmp_path_factory.mktemp("verdict") / "out")
    without_plan(folder)
    seen: list[dict[str, bytes]] = []
    study = open_study(folder / "study.toml")
    gg.run(study, out=folder, tell=lambda _: seen.append(kept(folder)))
    return {name: seen[0][name] for name in RESULT}


def without_plan(folder: Path) -> None:
    for name in PLAN:
        (folder / name).unlink()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A folder with all outputs at the study's speed, its study file since slowed down, and what a
    fresh folder holds at the new speed."""
    folder = drawn(tmp_path_factory.mktemp("both"))
    close = {"do": "close_venue", "venue": "venues-1:a"}
    scenario = {"schema": "gusu-geo-scenario/1", "study": "own", "changes": [close]}
    (folder / "shut.json").write_text(json.dumps(scenario), encoding="utf-8")
    fresh = shutil.copytree(folder, tmp_path_factory.mktemp("fresh") / "fresh")
    assert set(everything(folder)) == {*RESULT, *PLAN, *COMPARED}
    for each in (folder, fresh):
        (each / "study.toml").write_text(SLOWER, encoding="utf-8")
    return folder, everything(fresh)


@pytest.fixture
def folder(both: tuple[Path, dict[str, bytes]], tmp_path: Path) -> Path:
    """A copy of the folder of old outputs."""
    return shutil.copytree(both[0], tmp_path / "out")


def ids(folder: Path, names: tuple[str, ...]) -> set[str]:
    """The run ids in some files, each read with a library that knows nothing of us."""
    found = set()
    for name in names:
        path = folder / name
        match path.suffix:
            case ".json" if path.name == "scenario.json":
                found.add(json.loads(path.read_text("utf-8"))["title"].split()[-1])
            case ".json":
                found.add(json.loads(path.read_text("utf-8"))["run_id"])
            case ".parquet":
                attributes = pq.read_schema(path).metadata[b"PANDAS_ATTRS"]
                found.add(json.loads(attributes)["run_id"])
            case ".gpkg":
                found |= {
                    pyogrio.read_info(path, layer=name)["layer_metadata"]["run_id"]
                    for name, _ in pyogrio.list_layers(path)
                }
            case ".xlsx":
                book = openpyxl.load_workbook(path)
                own = book.custom_doc_props["run_id"].value
                assert own in {cell.value for row in book.worksheets[0] for cell in row}
                found.add(own)
            case ".html":
                page = path.read_text("utf-8")
                found.add(
                    re.findall('<meta name="gusu-geo-run" content="([0-9a-f]{16})">', page)[0]
                )
    return found


@pytest.mark.filterwarnings("ignore:.*xtension is not supported")  # of openpyxl
def test_one_run_id_in_every_file_of_a_set(folder: Path) -> None:
    before = kept(folder)
    (result,), (plan,), (compared,) = (ids(folder, names) for names in (RESULT, PLAN, COMPARED))
    assert len({result, plan, compared}) == 3 and all(
        len(i) == 16 for i in (result, plan, compared)
    )
    for name in (PLAN[0], COMPARED[0]):
        assert json.loads((folder / name).read_text("utf-8"))["based_on"] == result
    assert kept(folder) == before, "reading leaves no file behind"


@pytest.mark.filterwarnings("ignore:.*xtension is not supported")
def test_the_id_follows_the_input_not_the_clock_or_the_language(
    folder: Path, both: tuple[Path, dict[str, bytes]], alone: bytes
) -> None:
    fresh = both[1] | {RESULT[-1]: alone}
    without_plan(folder)
    old = ids(folder, RESULT)
    told("run", folder, "--lang", "zh", "--force")
    new = ids(folder, RESULT)
    assert new != old
    here = kept(folder)
    assert [name for name in RESULT if here[name] != fresh[name]] == ["maps/own.html"]
    told("run", folder)
    assert all(kept(folder)[name] == fresh[name] for name in RESULT)


@pytest.mark.parametrize("name", RESULT)
@pytest.mark.parametrize("harm", ["old", "missing", "damaged"])
def test_a_torn_set_is_recognised(
    folder: Path, both: tuple[Path, dict[str, bytes]], name: str, harm: str
) -> None:
    fresh, path = both[1], folder / name
    old = path.read_bytes()
    for each in (*RESULT, *PLAN, *COMPARED):
        (folder / each).write_bytes(fresh[each])
    assert beside(folder) == []
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(old if harm == "old" else b"PK" + old[:200])
    assert beside(folder) == ["outputs_torn"]


@pytest.mark.parametrize("mends", ["run", "site"])
def test_a_torn_set_is_told_by_every_reader_and_mended_by_a_run(
    folder: Path, both: tuple[Path, dict[str, bytes]], mends: str
) -> None:
    fresh, study = both[1], folder / "study.toml"
    for each in (*RESULT[1:], *PLAN, *COMPARED):
        (folder / each).write_bytes(fresh[each])
    explain = gusu_geo_here("explain", study, "h1", "--out", folder, "--json").stderr
    at = ("--at", ",".join(map(str, lonlat(1000))))
    drawn = gusu_geo_here("isochrone", study, *at, "--out", folder, "--quiet").stderr
    for said in (explain, drawn, told("compare", folder)):
        assert "different runs: data/processed/own." in said.splitlines()[0]
    notes = check(study, out=folder)["notes"]
    assert [note["code"] for note in notes if "outputs" in note["code"]] == ["outputs_torn"]
    assert told(mends, folder) == ""
    assert kept(folder) == fresh


def beside(folder: Path) -> list[str]:
    """Codes of what a reader of the outputs must know."""
    return [note["code"] for note in outputs_beside(open_study(folder / "study.toml"), folder)]


def test_a_torn_plan_or_comparison_is_told_and_mended(
    folder: Path, both: tuple[Path, dict[str, bytes]]
) -> None:
    fresh = both[1]
    for name in PLAN:
        old = (folder / name).read_bytes()
        assert beside(folder) == []
        (folder / name).write_bytes(fresh[name])
        assert beside(folder) == ["outputs_torn"], name
        (folder / name).write_bytes(old)
    (folder / PLAN[4]).write_bytes(fresh[PLAN[4]])
    (folder / COMPARED[1]).unlink()
    assert (
        f"runs: {ASKED}, {SHUT}."
        in gusu_geo_here("explain", folder / "study.toml", "h1", "--out", folder).stderr
    )
    assert everything_but_told(folder) == fresh


def everything_but_told(folder: Path) -> dict[str, bytes]:
    for command in (*COMMANDS, "run"):
        told(command, folder)
    return kept(folder)


def test_a_run_leaves_plans_and_comparisons_and_says_which_are_old(folder: Path) -> None:
    before = kept(folder)
    (message,) = told("run", folder).splitlines()
    assert f"other data or settings than the result beside them: {ASKED}, {SHUT}." in message
    after = kept(folder)
    assert all(after[name] == before[name] for name in (*PLAN, *COMPARED))
    assert all(after[name] != before[name] for name in RESULT)
    assert ASKED not in told("site", folder)
    assert told("compare", folder) == told("run", folder) == ""


def test_plans_of_several_questions_stand_beside_each_other(
    folder: Path, both: tuple[Path, dict[str, bytes]]
) -> None:
    """The map of a run shows that which was asked for last; one that is torn is passed over."""
    for name, data in both[1].items():
        (folder / name).write_bytes(data)
    before = kept(folder)
    assert told("site", folder, "--sites", "2", "--certain", "--fast") == ""
    after = kept(folder)
    assert {name: after.pop(name) for name in before} == before
    other = {name.replace("1-site", "2-sites-certain-fast") for name in PLAN}
    assert set(after) == other

    def shown() -> str:
        told("run", folder)
        page = (folder / RESULT[-1]).read_text("utf-8")
        return re.findall(r'"status": ?"([a-z ]+)"', page)[0]

    assert shown() == "fast"
    told("site", folder)
    assert shown() == "optimal"
    assert kept(folder) == before | after  # the first plan is what it was, and the run's map, too
    (folder / PLAN[1]).unlink()
    assert shown() == "fast"
    (folder / "data/processed/own/plan.json").write_text("{}")  # of an earlier version: left alone
    (folder / "data/processed/own/plan/notes.txt").write_text("")
    assert beside(folder) == ["outputs_torn"]


def test_a_profile_stands_beside_the_standard_result(folder: Path) -> None:
    before = kept(folder)
    for command in COMMANDS:
        assert told(command, folder, "--profile", "elder") == ""
    after = kept(folder)
    assert {name: after.pop(name) for name in before} == before
    assert set(after) == {name.replace("own", "own+elder") for name in (*RESULT, *PLAN, *COMPARED)}
    tables = "data/processed/own+elder/summary.json"
    summary = json.loads(after[tables])
    assert (summary["study"], summary["walk"]["profile"]) == ("own", "elder")
    # a torn set of a profile is told by a command on the standard result, too
    (folder / "data/processed/own+elder/results.gpkg").unlink()
    assert "runs: data/processed/own+elder." in told("run", folder)


def test_the_profile_of_the_study_itself_is_the_standard_result(tmp_path: Path) -> None:
    study = open_study(drawn(tmp_path) / "study.toml")
    assert with_profile(study, "standard").label == study.label == "own"
    assert with_profile(study, "child").label == "own+child"
    assert study.label == "own"


def test_no_two_sets_have_a_file_in_common(tmp_path: Path) -> None:
    """Studies may be called like a profile, a scenario or a plan of another."""
    study = open_study(drawn(tmp_path) / "study.toml")
    names = ("own", "own-elder", "own-plan", "own.elder", "own-plan-1-site")
    studies = [study.model_copy(update={"name": name}) for name in names]
    studies += [with_profile(each, "elder") for each in studies]
    sets = [result_set(each, tmp_path) for each in studies]
    sets += [plan_set(each, tmp_path, name) for each in studies for name in ("1-site", "2-sites")]
    sets += [comparison_set(each, tmp_path, name) for each in studies for name in ("b", "x-b")]
    paths = [path for each in sets for path in each.members]
    assert len(paths) == len(set(paths))


# A run moves its verdict, then the whole.
MOVES = [("run", 0), ("run", 2), ("run", 7), ("site", 4), ("site", 10), ("compare", 3)]


def test_kills_leave_old_outputs_new_ones_or_a_told_mixture(
    both: tuple[Path, dict[str, bytes]],
    alone: bytes,
    verdict: dict[str, bytes],
    tmp_path: Path,
) -> None:
    source = both[0]
    warm = shutil.copytree(source, tmp_path / "warm")
    places, orders = [], [[None, ["site", str(warm / "study.toml"), "--out", str(warm), "--quiet"]]]
    for command, moves in MOVES:
        place = shutil.copytree(source, tmp_path / f"{command}{moves}")
        if command == "run":
            without_plan(place)
        words = [str(place / word) if "." in word else word for word in COMMANDS[command]]
        study = str(place / "study.toml")
        orders.append([moves, [command, study, *words, "--out", str(place), "--quiet"]])
        places.append(place)
    (tmp_path / "orders.json").write_text(json.dumps(orders), encoding="utf-8")
    subprocess.run([sys.executable, KILLING, tmp_path / "orders.json"], check=True)
    sets = {"run": RESULT, "site": (*PLAN, *RESULT), "compare": COMPARED}
    for (command, moves), place in zip(MOVES, places, strict=True):
        old, fresh = kept(source), dict(both[1])
        if command == "run":
            old, fresh[RESULT[-1]] = {k: v for k, v in old.items() if k not in PLAN}, alone
        litter = {name for name in kept(place) if ".gusu-geo-" in name}
        assert litter, "a killed process tidied up"
        here = {name: data for name, data in kept(place).items() if name not in litter}
        moved = [(name, fresh[name]) for name in sets[command]]
        if command == "run":
            moved = [*verdict.items(), *moved]
        assert here == old | dict(moved[:moves]), (command, moves)
        torn = "outputs_torn" in beside(place)
        assert torn == (moves % len(sets[command]) != 0), (command, moves)
        told(command, place)
        mended = old | {name: fresh[name] for name in sets[command]}
        assert kept(place) == mended, "not whole, or not clean"


def test_litter_of_killed_runs_goes_and_nothing_else(folder: Path) -> None:
    mine = ["maps/.own.html.bak", "maps/.other.html.77", "data/processed/own/.stage-notes/x"]
    left = ["maps/.own.html.77", "maps/.own-shut.html.78", "data/processed/own/.stage-79/x",
            "maps/.gusu-geo-dead/.lock", "data/processed/own/.cache/city-1.part-80/x",
            "data/processed/own/.cache/.gusu-geo-dead/city-1/x"]  # fmt: skip
    for name in (*mine, *left):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    with workplace(folder / "maps") as living:
        (living / "x").write_text("")
        told("run", folder)
        assert (living / "x").is_file()
    assert [name for name in (*mine, *left) if (folder / name).exists()] == mine
    assert not (folder / left[2]).parent.exists() and not (folder / left[3]).parent.exists()


def test_a_folder_is_in_use_as_long_as_its_process_lives(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from gusu_geo.pipeline.workplace import workplace\n"
        "with workplace(Path(sys.argv[1])) as place: print(place, flush=True); time.sleep(600)"
    )
    args = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(args, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        place = Path(process.stdout.readline().strip())
        with workplace(tmp_path):
            assert in_use(place) and place.is_dir()
        process.kill()
    assert not in_use(place)
    with workplace(tmp_path) as own:
        assert list(tmp_path.iterdir()) == [own]
    assert not list(tmp_path.iterdir())


def test_a_notebook_shows_no_map_of_another_run(folder: Path) -> None:
    result = gg.run(folder / "study.toml", out=folder)
    assert "<iframe" in result._repr_html_()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    gg.run(folder / "study.toml", out=folder)
    assert "<iframe" not in result._repr_html_() and "another run" in result._repr_html_()
