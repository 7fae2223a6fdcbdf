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
from gusu_geo.assessment.rule import Mode
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
    "province/districts.py",
    "report/find_home.py",
    "report/webmap/pinyin.py",
    "sources/compounds.py",
    "sources/dates.py",
    "sources/bodies.py",
    "sources/building_names.py",
    "sources/holidays.py",
    "sources/hours_words.py",
    "sources/idle_rooms.py",
    "sources/ledgers/capacities.py",
    "sources/ledgers/cells.py",
    "sources/ledgers/columns.py",
    "sources/ledgers/coordinates.py",
    "sources/ledgers/headers.py",
    "sources/ledgers/polygon_marks.py",
    "sources/ledgers/privacy.py",
    "sources/opening_times.py",
    "sources/registered_homes.py",
    "sources/signals.py",
    "sources/teams.py",
    "sources/zone_ledgers.py",
    "sources/zone_names.py",
    "study/ledger.py",
    "study/tiers.py",
    "tables/__init__.py",
}
FAULTS = ("InputError", "StudyError", "SourceError", "NetworkError", "OutputError")
# Functions that take keys, and what they put before them.
MAKERS = {"text": "", "both": "", "note": "note."}
SHOWERS = {"phrase": "", "label": "", "Column": "", "labels": "head.", "state_word": "state.", "_say": "help."}  # fmt: skip
WHOLE_SECTIONS = (
    "map",
    "fault",
    "stage",
    "study_key",
    "province_key",
)  # their keys have owners of their own, tested below


def placeholders(pattern: str) -> list[tuple[str, str, str]]:
    parts = Formatter().parse(pattern)
    return sorted({(name, form or "", kind or "") for _, name, form, kind in parts if name})


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def pattern(node: ast.AST, prefix: str = "") -> str:
    """Regular expression of the keys that an expression may be, "" where it names none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(prefix + node.value)
    if isinstance(node, ast.JoinedStr):
        parts = (re.escape(p.value) if isinstance(p, ast.Constant) else r"[\w-]+" for p in node.values)  # fmt: skip
        return re.escape(prefix) + "".join(parts)
    return ""


def asked_for() -> Iterator[tuple[str, ast.Call, str]]:
    """File, call and pattern of every key that is given to one of the functions above."""
    for name, tree in SOURCES.items():
        for call in calls(tree, *MAKERS, *SHOWERS):
            prefix = (MAKERS | SHOWERS)[call.func.id]  # type: ignore[attr-defined]
            for word in call.keywords:
                if word.arg == "section" and isinstance(word.value, ast.Constant):
                    prefix = f"{word.value.value}."
            several = isinstance(call.func, ast.Name) and call.func.id in ("labels", "text")
            for arg in call.args if several else call.args[:1]:
                choices = (arg.body, arg.orelse) if isinstance(arg, ast.IfExp) else (arg,)
                for one in filter(None, (pattern(choice, prefix) for choice in choices)):
                    if re.match(rf"(?:{'|'.join(sections())})\\\.", one):
                        yield name, call, one


def mentioned() -> set[str]:
    """Patterns of all keys that stand in the package: in full, or where names are handed on."""
    found = {one for _, _, one in asked_for()}
    for name, tree in SOURCES.items():
        for node in ast.walk(tree):
            one = pattern(node)
            if re.match(rf"(?:{'|'.join(sections())})\\\.", one):
                found.add(one)
            elif (
                name in ("report/console.py", "report/check_tables.py", "report/tier_tables.py")
                and one
            ):
                found.add(rf"head\.{one}")
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
        if key in ("map.language", "map.review_number", "error.gate_words", "reference.other"):
            continue  # they show the other language
        assert not CHINESE.search(pair["en"]), key
        assert not ENGLISH_SENTENCE.search(pair["zh"]), key
        if not CHINESE.search(pair["zh"]):  # names of formats, and marks between values
            assert bare.sub("", re.sub(r"\{.*?\}|XML|OSM|JSON|gusu-geo", "", pair["zh"])) == "", key


def test_no_other_words_for_what_the_vocabulary_names() -> None:
    """Words that stood beside those of the table at the head of the file."""
    zh = (
        "住户(?!外)|住宅|设施|站点|达标|判定|服务(?!圈|中心|器)|研究区|不足|候选点(?!位)|缺项|缺少人口"
        "|限时|私有|出入口|通道|可达率|时限(?!：)"
    )
    en = r"\b(told|tells?|perhaps|lost|residences?|not in time|reckon\w*|nobody (knows|can tell))\b"
    allowed = {
        "error.too_few_values", "error.spot_too_few",  # 不足: too few
        "help.option_time_limit_s", "console.status_time_limit",  # of the solver, likewise:
            "error.none_found_time", "error.more_time",
        "error.widen_homes", "error.tables_differ",  # names of keys and arguments
    }  # fmt: skip
    wrong = {key for key, pair in KEYS.items() if re.search(zh, pair["zh"])}
    wrong |= {key for key, pair in KEYS.items() if re.search(en, pair["en"])}
    assert wrong == allowed


SAME = [
    ("state.pass", "map.pass"),
    ("state.fail", "map.fail", "map.missing_heading", "head.missing"),
    ("state.unknown", "map.unknown", "map.reason_0", "reading.unknown", "head.unknown"),
    ("state.no_data", "map.no_data"),
    ("reading.passed", "map.all_services"),
    ("reading.passed_known", "map.known_services"),
    ("mode.union", "map.mode_union"),
    ("mode.one_stop", "map.mode_one_stop"),
    ("change.add_venue", "map.tool_venue"),
    ("change.add_link", "map.tool_link"),
    ("change.open_gate", "map.tool_gate"),
    ("head.homes", "map.layer_homes"),
    ("head.persons", "map.persons"),
    ("head.venues", "map.venues", "workbook.sheet_venues"),
    ("head.name", "map.name"),
    ("head.level", "map.level"),
    ("head.comment", "map.tool_comment"),
    ("workbook.sheet_comments", "map.comments"),
    ("head.all", "map.all"),
    ("head.covered", "map.passed_share"),
    ("head.unknown_persons", "map.unknown_share"),
    ("head.key_figures", "map.key_figures"),
    ("head.sites", "map.plan"),
    ("head.home_unlinked", "map.unlinked_class"),
    ("workbook.reading", "map.set_mode"),
    ("workbook.walking", "map.walk_model"),
    ("workbook.about", "map.about"),
    ("workbook.sheet_zones", "map.zones"),
    ("figure.bars", "map.coverage"),
    ("fact.limit", "map.threshold"),
    ("fact.speed", "map.speed"),
    ("fact.data_date", "map.data_date"),
    ("fact.data_undated", "map.data_undated"),
    ("fact.internal", "map.internal"),
    ("console.cannot_tell", "map.cannot_tell"),
    ("console.without_data", "map.without_data"),
    ("console.persons_count", "map.person_count"),
    ("console.homes_count", "map.residence_count"),
]


@pytest.mark.parametrize("keys", SAME, ids=lambda keys: keys[0])
def test_one_thing_has_one_word(keys: tuple[str, ...]) -> None:
    """Capitals and the form of numbers may differ."""

    def words(key: str) -> tuple[str, str]:
        pair = [re.sub(r"\{.*?\}", "{}", KEYS[key][lang]).lower() for lang in ("zh", "en")]
        return pair[0], pair[1]

    assert {words(key) for key in keys} == {words(keys[0])}


def test_every_key_in_code_is_in_the_file_and_every_key_is_used() -> None:
    asked = {one for _, _, one in asked_for()}
    assert len(asked) > 400
    assert [one for one in asked if not any(re.fullmatch(one, key) for key in KEYS)] == []
    whole = re.compile("|".join(f"(?:{one})" for one in mentioned()))
    idle = [k for k in KEYS if k.partition(".")[0] not in WHOLE_SECTIONS and not whole.fullmatch(k)]
    assert idle == []


def test_every_dynamic_key_is_there() -> None:
    from gusu_geo.pipeline import compare, pairs, prepare
    from gusu_geo.report.comparison import WHEN
    from gusu_geo.report.comparison_workbook import MOVES
    from gusu_geo.scenarios.scenario_file import Change
    from gusu_geo.siting.solver import Status
    from gusu_geo.study.params import NetworkParams, Part, Study, Walk
    from gusu_geo.study.schema import MODELS, key_of
    from gusu_geo.tables import Rung
    from gusu_geo.walking.linkage import Reason

    def choices(model: type[BaseModel], name: str) -> set[str]:
        return {f"{name}_{value}" for value in get_args(model.model_fields[name].annotation)}

    parts = {name: one for name, one in MODELS.items() if one is not Part}
    keys = {key_of(one, key) for one in parts.values() for key in one.model_fields}
    assert set(section("study_key")) == {*parts, *keys} - {key_of(Study, "root")}
    changes = {get_args(kind.model_fields["do"].annotation)[0] for kind in get_args(Change)}
    walk = choices(Walk, "private") | choices(Walk, "lifts") | choices(Walk, "ferries")
    assert set(section("stage")) == {*prepare.STAGES, *compare.STAGES, *pairs.STAGES, "site"}
    assert set(section("fault")) - {"one_of"} <= set(get_args(ErrorType))
    assert set(section("state")) == {
        "pass",
        "fail",
        "unknown",
        "known",
        "no_data",
        "gate_unknown",
        "not_asked",
    }
    assert set(section("reason")) == {reason.name.lower() for reason in Reason}
    assert set(section("rung")) == {rung.name.lower() for rung in Rung}
    assert set(section("mode")) == set(get_args(Mode))
    assert set(section("change")) == changes
    assert set(section("compare")) == {*WHEN, *MOVES, "came_in", "fell_out"}
    assert walk | choices(NetworkParams, "gates") | choices(Walk, "slope") <= set(
        section("walk_model")
    )
    status = {f"status_{name.replace(' ', '_')}" for name in get_args(Status)}
    assert {key for key in section("console") if key.startswith("status_")} == status


def test_every_call_names_the_values_of_its_message() -> None:
    wrong = []
    for name, call, one in asked_for():
        if any(word.arg is None for word in call.keywords):
            continue
        is_maker = isinstance(call.func, ast.Name) and call.func.id in MAKERS
        given = {word.arg for word in call.keywords} if is_maker else set()
        for key in (key for key in KEYS if re.fullmatch(one, key)):
            if given != {part[0] for part in placeholders(KEYS[key]["en"])}:
                wrong.append(f"{name}:{call.lineno} {key}")
    assert wrong == []


def test_commands_and_options_have_help_and_no_help_is_left_over() -> None:
    from typer.main import get_command

    group: Any = get_command(app)
    params = [p.name for c in (group, *group.commands.values()) for p in c.params]
    names = {f"command_{name}" for name in group.commands} | {f"option_{name}" for name in params}
    written = {key for key in section("help") if key.startswith(("command_", "option_"))}
    assert written == names | {"option_help"}
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
                shown = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "fix")]
                for part in shown:
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
            shown = isinstance(node, ast.Constant) and id(node) not in docstrings
            if shown and CHINESE.search(str(node.value)):  # type: ignore[attr-defined]
                found.add(name)
    assert found == DATA_WORDS


def test_a_text_is_its_key_and_values() -> None:
    one = text("error.row_of_part", part="a", row=3)
    assert (
        one
        == text("error.row_of_part", row=3, part="a")
        != text("error.row_of_part", part="b", row=3)
    )
    assert pickle.loads(pickle.dumps(one)) == one
    assert (one.zh, one.en) == ("“a”第 3 行", "a, row 3")
    assert both("error.row", row=1) == {"zh": "第 1 行", "en": "row 1"}
    assert note("siting-unlinked", count=2)["code"] == "siting-unlinked"
    with pytest.raises(KeyError):
        str(text("error.nothing_of_the_kind"))
    with pytest.raises(KeyError):
        str(text("error.row_of_part", row=3))


def test_lists_and_names_are_in_the_language_of_the_message() -> None:
    names = ({"zh": "图书馆", "en": "Library"}, text("error.row", row=2), "x")
    known = text("error.known", names=names)
    assert (known.zh, known.en) == ("可用：图书馆、第 2 行、x。", "Known: Library, row 2, x.")


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


def test_faults_that_pydantic_finds_are_read_in_chinese() -> None:
    class Part(BaseModel):
        many: tuple[int, ...] = Field(min_length=2)
        near: float = Field(gt=0)
        word: str

    with pytest.raises(ValidationError) as caught:
        Part.model_validate({"many": [1], "near": -1, "word": 3})
    found = [complaint(fault) for fault in caught.value.errors()]
    assert [one.zh for one in found if not isinstance(one, str)] == [
        "应有 2 项以上，此处为 1 项",
        "应大于 0.0",
        "应为文本",
    ]
    assert (
        complaint({"type": "one_never_heard_of", "msg": "As pydantic says"}) == "As pydantic says"
    )
