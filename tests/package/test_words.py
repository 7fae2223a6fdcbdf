"""The words file: every message has both halves, every key is used, and no text stands in code."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest
from pydantic import BaseModel, Field, ValidationError
from pydantic_core.core_schema import ErrorType

from gusu_geo import words
from gusu_geo.cli.commands import app
from gusu_geo.errors import InputError, complaint, nearest_name
from gusu_geo.words import both, language, note, section, sections, speak, text

PACKAGE = Path(words.__file__).parent
SOURCES = {p.relative_to(PACKAGE).as_posix(): ast.parse(p.read_text("utf-8")) for p in sorted(PACKAGE.rglob("*.py"))}  # fmt: skip
KEYS = {f"{name}.{key}": pair for name in sections() for key, pair in section(name).items()}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH_SENTENCE = re.compile(r"\b[a-z]+ [a-z]+ [a-z]+ [a-z]+\b")

# Words that are read in data, not shown to people.
DATA_WORDS = {
    "sources/compounds.py",
    "sources/home_buildings.py",
    "sources/ledgers/columns.py",
    "sources/ledgers/coordinates.py",
    "sources/zones.py",
}
# Their texts move in the second step.
STILL_TO_COME = {
    "report/comparison_workbook.py",
    "report/figures.py",
    "report/sheets.py",
    "report/summary.py",
    "report/walk_facts.py",
    "report/webmap/graph.py",
    "report/workbook.py",
    "report/workbook_summary.py",
}
FAULTS = ("InputError", "StudyError", "SourceError", "NetworkError", "OutputError")
MAKERS = {"text": "", "both": "", "note": "note."}
# Functions that put a section before what they are given.
HELPERS = {
    ("cli/help.py", "_say"): "help.",
    ("report/console.py", "labels"): "console.",
    ("report/console.py", "state_word"): "console.state_",
    ("report/check_tables.py", "labels"): "console.",
    ("report/check_tables.py", "state_word"): "console.state_",
}
WHOLE_SECTIONS = ("map", "fault", "stage")  # their keys have owners of their own, tested below


def placeholders(pattern: str) -> list[tuple[str, str, str]]:
    parts = Formatter().parse(pattern)
    return sorted({(name, form or "", kind or "") for _, name, form, kind in parts if name})


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def patterns(node: ast.expr, prefix: str) -> Iterator[str]:
    """Regular expressions of the keys that an expression may be."""
    if isinstance(node, ast.IfExp):
        yield from patterns(node.body, prefix)
        yield from patterns(node.orelse, prefix)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.escape(prefix + node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = (re.escape(p.value) if isinstance(p, ast.Constant) else r"[\w-]+" for p in node.values)  # fmt: skip
        yield re.escape(prefix) + "".join(parts)


def within_helpers(name: str, tree: ast.AST) -> set[int]:
    """What stands inside of the functions that put keys together."""
    own = {helper for file, helper in HELPERS if file == name}
    return {
        id(node)
        for definition in ast.walk(tree)
        if isinstance(definition, ast.FunctionDef)
        and (definition.name in own or name == "words.py")
        for node in ast.walk(definition)
    }


def used() -> set[str]:
    """All patterns of keys in the package, but those inside of the helpers themselves."""
    found: set[str] = set()
    for name, tree in SOURCES.items():
        own, inside = (
            {helper for file, helper in HELPERS if file == name},
            within_helpers(name, tree),
        )
        makers = MAKERS | {helper: HELPERS[name, helper] for helper in own}
        for call in calls(tree, *makers):
            if id(call) not in inside:
                prefix = makers[call.func.id]  # type: ignore[attr-defined]
                for arg in call.args:
                    found |= set(patterns(arg, prefix))
                if prefix.endswith("_"):
                    found.add(re.escape(prefix) + r"\w+")
        if name.startswith("report/c") and own:  # names handed on to labels()
            found |= {
                re.escape(f"console.{node.value}")
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    return found


@pytest.mark.parametrize("key", KEYS)
def test_both_halves_are_there_and_name_the_same_values(key: str) -> None:
    pair = KEYS[key]
    assert set(pair) == {"zh", "en"} and all(pair.values())
    if not key.startswith("map."):  # its values are texts already
        assert placeholders(pair["zh"]) == placeholders(pair["en"])
    else:
        names = [set(re.findall(r"\{(\w+)\}", pair[lang])) for lang in ("zh", "en")]
        assert names[0] == names[1]


def test_each_half_is_in_its_language() -> None:
    bare = re.compile(r"[{}\W\d_]|\{.*?\}")
    for key, pair in KEYS.items():
        if key in ("map.language", "map.review_number", "error.gate_words"):
            continue  # they show the other language
        assert not CHINESE.search(pair["en"]), key
        assert not ENGLISH_SENTENCE.search(pair["zh"]), key
        if not CHINESE.search(pair["zh"]):  # names of formats, and marks between values
            assert bare.sub("", re.sub(r"\{.*?\}|XML|OSM|JSON|gusu-geo", "", pair["zh"])) == "", key


def test_one_vocabulary() -> None:
    """Words that were said in two ways; see the table at the head of the file."""
    other = "住户(?!外)|住宅|设施|站点|达标|判定|服务(?!圈)|研究区|不足|候选点(?!位)"
    wrong = {key: pair["zh"] for key, pair in KEYS.items() if re.search(other, pair["zh"])}
    assert wrong.pop("error.too_few_values") and wrong.pop("error.spot_too_few")
    assert wrong == {}


def test_every_key_in_code_is_in_the_file_and_every_key_is_used() -> None:
    found = used()
    assert len(found) > 300
    sure = [p for p in found if "\\w" not in p and p.count(".") and not p.startswith("console")]
    missing = [p for p in sure if re.sub(r"\\(.)", r"\1", p) not in KEYS]
    assert missing == []
    whole = re.compile("|".join(f"(?:{p})" for p in found))
    idle = [k for k in KEYS if k.partition(".")[0] not in WHOLE_SECTIONS and not whole.fullmatch(k)]
    assert idle == []


def test_every_dynamic_key_is_there() -> None:
    from gusu_geo.pipeline import compare, prepare
    from gusu_geo.siting.solver import Status
    from gusu_geo.streets.network import WalkNetwork
    from gusu_geo.tables import Rung
    from gusu_geo.walking.linkage import Reason

    assert set(section("stage")) == {*prepare.STAGES, *compare.STAGES, "site"}
    assert set(section("fault")) - {"one_of"} <= set(get_args(ErrorType))
    console = set(section("console"))
    wanted = {
        "state": {"pass", "fail", "unknown", "known", "no_data", "gate_unknown"},
        "reason": {reason.name.lower() for reason in Reason if reason is not Reason.LINKED},
        "rung": {rung.name.lower() for rung in Rung},
        "status": {status.replace(" ", "_") for status in get_args(Status)},
    }
    for prefix, names in wanted.items():
        assert {
            k.removeprefix(f"{prefix}_") for k in console if k.startswith(f"{prefix}_")
        } == names
    assert WalkNetwork.health.__doc__


def test_every_call_names_the_values_of_its_message() -> None:
    wrong = []
    for name, tree in SOURCES.items():
        inside = within_helpers(name, tree)
        for call in calls(tree, *MAKERS):
            if id(call) in inside or any(word.arg is None for word in call.keywords):
                continue
            for pattern in patterns(call.args[0], MAKERS[call.func.id]):  # type: ignore[attr-defined]
                for key in (key for key in KEYS if re.fullmatch(pattern, key)):
                    given = {word.arg for word in call.keywords}
                    if given != {part[0] for part in placeholders(KEYS[key]["en"])}:
                        wrong.append(f"{name}:{call.lineno} {key}")
    assert wrong == []


def test_commands_and_options_have_help_and_no_help_is_left_over() -> None:
    from typer.main import get_command

    group: Any = get_command(app)
    params = [p.name for c in (group, *group.commands.values()) for p in c.params]
    names = {f"command_{name}" for name in group.commands} | {f"option_{name}" for name in params}
    told = {key for key in section("help") if key.startswith(("command_", "option_"))}
    assert told == names | {"option_help"}
    for name, command in group.commands.items():
        assert command.callback.__doc__ == section("help")[f"command_{name}"]["en"]


def test_no_error_is_raised_with_a_text_of_its_own() -> None:
    found = []
    for name, tree in SOURCES.items():
        for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
            literal = {
                target.id
                for node in ast.walk(function)
                if isinstance(node, ast.Assign) and spelled_out(node.value)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for call in calls(function, *FAULTS):
                told = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "fix")]
                for part in told:
                    if spelled_out(part) or (isinstance(part, ast.Name) and part.id in literal):
                        found.append(f"{name}:{call.lineno}")
    assert found == []


def spelled_out(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return spelled_out(node.body) or spelled_out(node.orelse)
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_no_chinese_text_stands_in_code() -> None:
    found = set()
    for name, tree in SOURCES.items():
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            told = isinstance(node, ast.Constant) and id(node) not in docstrings
            if told and CHINESE.search(str(node.value)):  # type: ignore[attr-defined]
                found.add(name)
    assert found == DATA_WORDS | STILL_TO_COME


def test_a_text_is_its_key_and_values() -> None:
    one = text("error.at_row", where="a.csv", row=3)
    assert (
        one == text("error.at_row", row=3, where="a.csv") != text("error.at_row", where="a", row=3)
    )
    assert pickle.loads(pickle.dumps(one)) == one
    assert (one.zh, one.en) == ("a.csv：第 3 行", "a.csv: row 3")
    assert both("error.row", row=1) == {"zh": "第 1 行", "en": "row 1"}
    assert note("siting-unlinked", count=2)["code"] == "siting-unlinked"
    with pytest.raises(KeyError):
        str(text("error.nothing_of_the_kind"))
    with pytest.raises(KeyError):
        str(text("error.at_row", row=3))


def test_lists_and_names_are_in_the_language_of_the_message() -> None:
    names = ({"zh": "图书馆", "en": "Library"}, text("error.row", row=2), "x")
    told = text("error.known", names=names)
    assert (told.zh, told.en) == ("可用：图书馆、第 2 行、x。", "Known: Library, row 2, x.")


def test_an_error_is_read_in_the_language_in_force() -> None:
    error = InputError(
        text("error.unknown_key", key="minuts"),
        where="a.toml",
        got=3,
        fix=nearest_name("minuts", ["minutes", "mode"]),
    )
    assert str(error) == "a.toml: unknown key 'minuts'. Got 3. Did you mean 'minutes'?"
    speak("zh")
    assert str(error) == "a.toml：未知的键 'minuts'。实为 3。是否想写 'minutes'？"
    assert error.in_language("en").startswith("a.toml: unknown")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.what == error.what


@pytest.mark.parametrize(
    ("env", "lang"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8", "LC_MESSAGES": "de"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_the_locale_decides_where_nobody_spoke(
    env: dict[str, str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert language() == lang
    speak("en")
    assert language() == "en"


def test_faults_that_pydantic_finds_are_told_in_chinese() -> None:
    class Part(BaseModel):
        many: tuple[int, ...] = Field(min_length=2)
        near: float = Field(gt=0)
        word: str

    with pytest.raises(ValidationError) as caught:
        Part.model_validate({"many": [1], "near": -1, "word": 3})
    told = [complaint(fault) for fault in caught.value.errors()]
    assert [one.zh for one in told if not isinstance(one, str)] == [
        "应有 2 项以上，此处为 1 项",
        "应大于 0.0",
        "应为文本",
    ]
    assert (
        complaint({"type": "one_never_heard_of", "msg": "As pydantic says"}) == "As pydantic says"
    )
