"""What the documents say is run: examples as printed, commands that exist, files that are there."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import command
import pytest
from conftest import raw_data
from session import follow, same
from typer.main import get_command
from typer.testing import CliRunner

import gusu_geo as gg
from gusu_geo.cli import app
from gusu_geo.sources.opening_times import osm_hours
from gusu_geo.words import section

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh.md")
DOCS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md"))
OTHERS = ("CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md")
DOCUMENTS = [*READMES, *OTHERS, "data/raw/SOURCES.md", "benchmarks/README.md", *DOCS]
PACKAGE = ROOT / "gusu_geo"
FOLDERS = ("gusu_geo", "tests", "docs", "studies", "benchmarks", "notebooks", ".ci")
OF_OTHERS = {"tests/test_files/monaco.osm.pbf"}  # files of another project


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_monaco: Callable[[Path], Path]
) -> Path:
    """The folder one is in, with nothing but the data of the repository and the kept city."""
    with_monaco(tmp_path)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    shutil.copy(raw_data("monaco.osm.pbf"), tmp_path / "data" / "raw")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_example(name: str) -> dict[str, Any]:
    (example,) = re.findall(r"```python\n(.*?)```", read(name), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(example, name, "exec"), names)
    return names


def test_python_example_of_the_readme_runs_as_printed(clone: Path) -> None:
    names = run_example("README.md")
    assert (clone / "maps" / "monaco.html").is_file()
    assert len(names["shapes"]) == 3
    summary = names["result"].summary
    for name, lang in zip(READMES, ("en", "zh"), strict=True):
        text = " ".join(read(name).split())
        assert str(summary["passed"]) in text and summary["answer"][lang].rstrip(".。") in text


def test_both_readmes_show_the_same_example() -> None:
    """Comments are in the language of the reader; the code is one."""
    one, two = (re.findall(r"```python\n(.*?)```", read(name), re.DOTALL) for name in READMES)
    assert [ast.dump(ast.parse(code)) for code in one] == [ast.dump(ast.parse(c)) for c in two]


@pytest.mark.usefixtures("clone")
def test_python_example_of_linking_runs_as_printed() -> None:
    names = run_example("docs/linking.md")
    times = names["times"].nearest_s
    assert times.equals(names["same"].nearest_s) and times.equals(names["wider"].nearest_s)
    assert times["library"].notna().all()


@pytest.mark.usefixtures("clone")
def test_python_example_of_isochrones_runs_as_printed() -> None:
    names = run_example("docs/isochrones.md")
    assert names["shapes"].index.tolist() == [("armes", 5), ("armes", 10), ("armes", 15)]
    assert names["pieces"].index.unique().tolist() == ["armes"]
    assert names["share"].between(0, 0.01).all()


def test_command_of_isochrones_runs_as_printed(clone: Path) -> None:
    (command,) = re.findall(r"^gusu-geo (.*)$", read("docs/isochrones.md"), re.MULTILINE)
    assert CliRunner().invoke(app, shlex.split(command)).exit_code == 0
    shapes = json.loads((clone / "places.geojson").read_text(encoding="utf-8"))["features"]
    assert [shape["properties"]["minutes"] for shape in shapes] == [5, 10, 15]
    assert max(shape["properties"]["spill"] for shape in shapes) < 0.01


def test_scenario_runs_as_printed(clone: Path) -> None:
    (printed,) = re.findall(r"```json\n(.*?)```", read("docs/scenarios.md"), re.DOTALL)
    (clone / "library.json").write_text(printed, encoding="utf-8")
    (command,) = re.findall(r"^gusu-geo (.*)$", read("docs/scenarios.md"), re.MULTILINE)
    assert CliRunner().invoke(app, shlex.split(command)).exit_code == 0
    folder = clone / "data" / "processed" / "monaco" / "compare" / "library"
    told = json.loads((folder / "compare.json").read_text(encoding="utf-8"))
    names = run_example("docs/scenarios.md")
    assert len(names["better"]) > 0 and told == names["found"].to_dict()
    parts = set(
        re.findall(r"^\| `(\w+)` \| [^|]* \| [^|]* \|$", read("docs/scenarios.md"), re.MULTILINE)
    )
    assert parts - {"do"} == set(section("change"))


TUTORIALS = ("docs/tutorial.zh.md", "docs/tutorial.md")


@pytest.mark.city  # ``new`` copies the file of Monaco
@pytest.mark.parametrize("name", TUTORIALS)
def test_tutorial_leads_to_the_map_as_printed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it says to type, to fill in and to look at; files that it names are there then."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(command.COLUMNS, "COLUMNS", "100")
    assert [line.split()[1] for line in follow(read(name))] == [
        *("new", "check", "run", "explain", "site"),
    ]
    files = [
        word for word in in_backticks(name) if re.search(r"/.*\.\w+$", word) and " " not in word
    ]
    inside = Path(re.findall(r"gusu-geo new (\S+)", read(name))[0])
    assert len(files) > 6
    assert [x for x in files if not (Path(x).is_file() or (inside / x).is_file())] == []


def test_both_tutorials_take_the_same_steps() -> None:
    one, two = (re.findall(r"^(?:## \d+|<!-- \w+|```\w+)", read(x), re.M) for x in TUTORIALS)
    assert one == two and len(one) > 15


def test_what_the_tutorial_sets_up_with_is_what_make_makes() -> None:
    """Not run here: .ci/run does it in a fresh clone."""
    for name in TUTORIALS:
        (block,) = re.findall(r"```sh\n(.*?)```", read(name), re.DOTALL)
        assert block == 'make run\nexport PATH="$PWD/.venv/bin:$PATH"\n'
    assert "VENV := .venv\nBIN := $(VENV)/bin\n" in read("Makefile")
    assert re.search(r"^gusu-geo = ", read("pyproject.toml"), re.MULTILINE)


@pytest.mark.parametrize(
    ("shown", "fits"),
    [("a\nb\n", True), ("a\n…\n", True), ("…\nb\n", True), ("a\n", False), ("a\n…\nb\n", False),
     ("a\nc\n", False), (".\nb\n", False), ("…\nc\n", False)],
)  # fmt: skip
def test_a_shown_output_is_the_output_but_for_lines_left_out(shown: str, fits: bool) -> None:
    assert same(shown, "a  \nb\n") is fits


@pytest.mark.parametrize("name", ["docs/hours.md", "docs/hours.zh.md"])
def test_hours_are_read_as_printed(name: str) -> None:
    rows = re.findall(r"^\| `(.+)` \| `(.+)` \|$", read(name), re.MULTILINE)
    assert len(rows) > 15
    assert [osm_hours(words) for words, _ in rows] == [wanted for _, wanted in rows]


METHODS = (
    *("tiers", "rules", "hours", "fetching", "shuixiang"),
    *("signals", "capacity", "pairing"),
)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", METHODS)
def test_methods_say_the_same_in_both_languages(name: str) -> None:
    """Headings, tables, code (but for comments), paths and every figure."""
    one, two = read(f"docs/{name}.md"), read(f"docs/{name}.zh.md")
    assert f"({name}.zh.md)" in one and f"({name}.md)" in two
    for what in (headings_of, rows_of, fenced, in_code, links_of, figures_of):
        assert what(one) == what(two), what.__name__


def test_siting_says_the_same_in_both_languages() -> None:
    """Money apart, which English counts in yuan, and what the console prints in each."""
    one, two = read("docs/siting.md"), read("docs/siting.zh.md")
    for what in (headings_of, rows_of, links_of):
        assert what(one) == what(two), what.__name__
    assert in_code(one) - in_code(two) == {"gusu-geo site STUDY"} and in_code(two) <= in_code(one)
    apart = figures_of(one) ^ figures_of(two)
    assert {one for one in apart if not one.endswith("0,000")} == {"60", "86"}  # 10,000 yuan


def headings_of(text: str) -> list[int]:
    """Levels of the headings, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", FENCED.sub("", text), re.MULTILINE)]


def rows_of(text: str) -> list[int]:
    """Cells of each row of a table, in order."""
    return [line.count("|") for line in text.splitlines() if line.startswith("|")]


def fenced(text: str) -> list[tuple[str, str]]:
    """Blocks of code without comments."""
    return [
        (kind, "\n".join(line.partition(" #")[0].rstrip() for line in code.splitlines()))
        for kind, code in FENCED.findall(text)
    ]


def in_code(text: str) -> set[str]:
    """Words in backticks without Chinese, which one of the two explains in words."""
    words = re.findall(r"`([^`\n]+)`", FENCED.sub("", text))
    return {word for word in words if word.isascii()}


def links_of(text: str) -> list[str]:
    """Where links lead, the language left out."""
    links = re.findall(r"\]\(([^)]+)\)", text)
    return sorted(link.replace(".zh.md", ".md") for link in links)


def figures_of(text: str) -> set[str]:
    """Numbers outside of code; a million is a hundred times ten thousand."""
    plain = re.sub(r"`[^`\n]+`", "", FENCED.sub("", text))
    plain = re.sub(r"([\d.]+) million", lambda said: f"{100 * float(said[1]):g}", plain)
    return set(re.findall(r"\d+(?:[.,:]\d+)*", plain))


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_readme_exists_and_none_is_missing(name: str) -> None:
    named = set(re.findall(r"^\| `gusu-geo (\w+)", read(name), re.MULTILINE))
    assert named == set(get_command(app).commands)  # type: ignore[attr-defined]


def anchors(path: Path) -> set[str]:
    """What a link may name behind its #: the headings, as GitHub spells them."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    links = [x for x in re.findall(r"\]\(([^)]+)\)", read(name)) if not x.startswith("http")]
    for link in links:
        file, _, anchor = link.partition("#")
        target = (ROOT / name).parent / file if file else ROOT / name
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def in_backticks(name: str) -> list[str]:
    """The code in the lines of a document; blocks of code are run by other tests."""
    prose = re.sub(r"```.*?```", "", read(name), flags=re.DOTALL)
    return re.findall(r"`([^`\n]+)`", prose)


def test_a_move_of_a_module_is_noticed() -> None:
    assert is_python("walking.impedance.Impedance") and is_python("gusu_geo.study.schema")
    assert not is_python("travel.Impedance") and not is_python("walking.travel")
    assert is_file("assessment/rule.py") and is_file("gusu_geo/report/webmap/page/")
    assert not is_file("gusu_geo/rule.py") and not is_file("link_gaps.py")


def is_file(word: str) -> bool:
    """Whether a path, from the root or from any folder of ours, is there."""
    near = [ROOT / word, PACKAGE / word]
    return any(path.exists() for path in near) or any(
        path.as_posix().endswith(f"/{word}")
        for folder in FOLDERS
        for path in (ROOT / folder).rglob(word.rsplit("/", 1)[-1])
    )


def is_python(word: str) -> bool:
    """Whether a dotted name is a module of the package, or something in one."""
    parts = word.removeprefix("gusu_geo.").split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(["gusu_geo", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_named_in_backticks_are_there(name: str) -> None:
    ours = rf"(?<![\w./<-])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]+"
    scripts = r"(?<![\w./*-])[\w./]+\.(?:py|js)(?!\w)"
    for code in in_backticks(name):
        named = re.findall(ours, code) + re.findall(scripts, code)
        assert [x for x in named if x not in OF_OTHERS and not is_file(x)] == [], code


@pytest.mark.parametrize("name", DOCUMENTS)
def test_modules_and_names_in_backticks_exist(name: str) -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    modules = packages | {path.stem for path in PACKAGE.glob("*.py")}
    for code in in_backticks(name):
        for word in re.findall(r"(?<![\w./-])[A-Za-z_]\w*(?:\.\w+)+(?![\w/])", code):
            first, *rest = word.split(".")
            if rest[-1] in ("py", "toml", "md", "json"):
                continue  # a file: see above
            if first == "gg":
                assert rest[0] in gg.__all__, word
            elif first in modules | {"gusu_geo"} or any(part[0].isupper() for part in rest):
                assert is_python(word), word


def test_files_in_the_table_of_packages_stand_in_their_package() -> None:
    rows = re.findall(
        r"^\| `([\w/]+)`[^|]* \| [^|]+\? \| ([^|]+) \|$", read("CONTRIBUTING.md"), re.M
    )
    assert len(rows) > 15
    for package, where in rows:
        for file in re.findall(r"`(\w+\.(?:py|toml))`", where):
            folder = PACKAGE / package if (PACKAGE / package).is_dir() else PACKAGE
            assert (folder / file).is_file(), (package, file)


def test_make_targets_that_documents_name_exist() -> None:
    makefile = read("Makefile")
    named = re.findall(r"^make (\w+)", read("README.md"), re.MULTILINE)
    for target in [*named, *re.findall(r"`make ([\w-]+)", read("CONTRIBUTING.md"))]:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_a_stranger_finds_every_package_in_the_table_of_the_house() -> None:
    rooms = re.findall(
        r"^\| (`[^|]+`) \| [^|]+\? \| [^|]+ \|$", read("CONTRIBUTING.md"), re.MULTILINE
    )
    named = {name for cell in rooms for name in re.findall(r"`([\w/]+)`", cell)}
    folder = ROOT / "gusu_geo"
    there = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    there |= {path.parent.relative_to(folder).as_posix() for path in folder.rglob("__init__.py")}
    assert there - {"."} - named == set()


def test_no_decision_is_longer_than_twelve_lines() -> None:
    for part in read("DECISIONS.md").split("\n## ")[1:]:
        assert len(part.strip().splitlines()) <= 12, part.splitlines()[0]
