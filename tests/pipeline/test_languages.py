"""Chinese and English of the command line: --lang, else [study] lang, else the locale."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from own_study import folder, lonlat
from typer.main import get_command

import gusu_geo as gg
from gusu_geo._kernels import compiling
from gusu_geo.cli import app, main
from gusu_geo.words import speak

__all__ = ["folder"]  # a fixture

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"\b[a-z]+ [a-z]+ [a-z]+ [a-z]+\b")  # English, and no name of anything
ZH, EN = "zh_CN.UTF-8", "C.UTF-8"
COMMANDS = ("run", "site", "isochrone", "explain", "compare", "check", "studies")


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def lang(self) -> str:
        """The language of progress and faults."""
        return "zh" if CHINESE.search(self.err) else "en"


Ask = Callable[..., Said]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """The command line with these arguments under a locale."""

    # Whether something must be compiled first is a matter of the machine: said once, or never.
    monkeypatch.setattr(compiling, "when_compiling", lambda tell: None)

    def run(*args: object, locale: str) -> Said:
        monkeypatch.setenv("LC_ALL", locale)
        monkeypatch.setenv("COLUMNS", "160")
        monkeypatch.setattr(sys, "argv", ["gusu-geo", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Said(int(str(ended.value.code)), told.out, told.err)

    return run


@pytest.fixture
def own(folder: Path) -> Path:
    """A study on one straight street, its scenario beside it."""
    changes = [{"do": "set_walk", "speed_mps": 0.5}]
    scenario = {"schema": "gusu-geo-scenario/1", "study": "own", "changes": changes}
    (folder / "slow.json").write_text(json.dumps(scenario), encoding="utf-8")
    return folder / "study.toml"


def arguments(command: str, study: Path) -> list[str]:
    more = {
        "site": ["--sites", "1"],
        "isochrone": ["--at", ",".join(map(str, lonlat(1000))), "--minutes", "5"],
        "explain": ["h4"],
        "compare": [str(study.with_name("slow.json"))],
    }
    if command == "studies":
        return [command]
    return [command, str(study), *more.get(command, []), "--out", str(study.parent)]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_as_the_locale_or_as_it_is_asked(
    command: str, own: Path, ask: Ask
) -> None:
    args = arguments(command, own)
    if command == "site":
        ask(*args, locale=EN)  # the first one writes the result, too
    english, chinese = ask(*args, locale=EN), ask(*args, locale=ZH)
    assert (english.code, chinese.code) == (0, 0)
    told = {"en": english.out + english.err, "zh": chinese.out + chinese.err}
    if command != "studies":  # which shows names in both languages
        names = r"架空层|公房|甲|乙|“(?:编号|名称|功能|人数|经度|纬度)”"  # rows and headers
        assert not CHINESE.search(re.sub(names, "", told["en"]))
    if command != "isochrone":
        assert CHINESE.search(chinese.out)
    assert CHINESE.search(told["zh"]) and not SENTENCE.search(told["zh"])
    assert all(CHINESE.search(line) for line in chinese.err.splitlines())
    asked = ask(*args, "--lang", "zh", locale=EN), ask(*args, "--lang=en", locale=ZH)
    assert [said.out + said.err for said in asked] == [told["zh"], told["en"]]


def test_the_language_of_the_study_stands_between(own: Path, ask: Ask) -> None:
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace('name = "own"\n', 'name = "own"\nlang = "zh"\n'), encoding="utf-8")
    out = ["--out", str(own.parent)]
    assert ask("check", own, *out, locale=EN).lang == "zh"
    assert ask("check", own, *out, "--lang", "en", locale=ZH).lang == "en"
    fault = ask("explain", own, "h9", *out, locale=EN)
    assert fault.code == 2 and "没有这个住处" in fault.err
    page = own.parent / "maps" / "own.html"
    speak("en")  # as the locale would
    for lang, first in (("", 'lang="zh-CN"'), ("en", 'lang="en"')):
        gg.run(own, out=own.parent, lang=lang, survey=False)
        assert first in page.read_text(encoding="utf-8")[:400]
    own.write_text(text.replace('name = "own"\n', 'name = "own"\nlang = "fr"\n'), encoding="utf-8")
    assert "lang: Input should be 'zh' or 'en'. Got 'fr'." in ask("check", own, locale=EN).err
    assert "lang：应为 'zh' 或 'en'。实为 'fr'。" in ask("check", own, locale=ZH).err


def test_check_prints_tables_and_no_python(own: Path, ask: Ask) -> None:
    osm = own.with_name("street.osm")  # with a gate halfway
    gate = '<node id="3" lon="{}" lat="{}"><tag k="barrier" v="gate"/></node><way'.format(
        *lonlat(1000)
    )
    drawn = osm.read_text(encoding="utf-8").replace("<way", gate)
    osm.write_text(drawn.replace('<nd ref="2"/>', '<nd ref="3"/><nd ref="2"/>'), encoding="utf-8")
    said = ask("check", own, "--out", own.parent, locale=EN)
    assert not re.search(r"[{}\[\]]|': |None", said.out) and "gate 1 " in said.out
    for label in ("junctions and ends", "street (km)", "homes", "where walks begin", "OSM file"):
        assert label in said.out
    row = next(line for line in said.out.splitlines() if "not linked" in line)
    assert "no street within reach 1" in row


FAULTS = (
    (("rn",), "No such command: 'rn'. Did you mean 'run'?", "没有命令 'rn'。是否想写 'run'？"),
    (("run", "--langg", "zh"), "No such option: --langg.", "没有选项 --langg。"),
    (("run", "--lang", "fr"), "--lang: 'fr' is not one of 'zh', 'en'.", "'fr' 不在 'zh'、'en' 之中"),
    (("isochrone", "monaco"), "Missing option --at.", "缺少选项 --at。"),
    (("explain", "monaco"), "Missing argument home.", "缺少参数 home。"),
    (("site", "--sites", "x"), "--sites: Input should be a valid integer", "--sites 的值无效：应为整数"),
    (("run", "a", "b", "c"), "Unexpected arguments: b c.", "多余的参数：b c。"),
    (("run", "--out"), "Option --out needs a value.", "选项 --out 须有值。"),
    (("run", "--json=1"), "Option --json takes no value.", "选项 --json 不带值。"),
    (("run", "monacco"), "no such study file or built-in study.", "没有这个研究文件或内置研究。"),
    (("run", "--profile", "eldr"), "Did you mean 'elder'?", "是否想写 'elder'？"),
    (("isochrone", "monaco", "--at", "7"), "--at must be 2 numbers", "--at 应为以逗号分隔的 2 个数"),
)  # fmt: skip


@pytest.mark.parametrize(("args", "english", "chinese"), FAULTS)
def test_what_is_typed_wrong_is_one_line_in_the_language(
    args: tuple[str, ...], english: str, chinese: str, ask: Ask
) -> None:
    for locale, message in ((EN, english), (ZH, chinese)):
        said = ask(*args, locale=locale)
        assert said.code == 2 and said.out == ""
        assert message in said.err and len(said.err.splitlines()) == 1
    assert not SENTENCE.search(re.sub(r"'[^']*'", "", said.err))


def test_a_fault_of_the_study_names_its_place_in_chinese(own: Path, ask: Ask) -> None:
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace("[residences]", "[walk]\nspeed_mps = 99\n[residences]"), "utf-8")
    said = ask("run", own, locale=ZH)
    assert "walk.speed_mps：速度应以米/秒为单位，大于 0 且不超过 5.0。实为 99。" in said.err
    assert ask("run", own, "--lang", "en", locale=ZH).lang == "en"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_in_the_language_and_names_every_option(command: str, ask: Ask) -> None:
    args = [command] if command else []
    group = get_command(app)
    shown = group.commands[command] if command else group  # type: ignore[attr-defined]
    for locale, heading in ((EN, "Usage: "), (ZH, "用法：")):
        said = ask(*args, "-h", locale=locale)
        assert said == ask(*args, "--help", locale=locale)
        assert said.code == 0 and said.out.startswith(heading)
        for param in shown.params:
            assert all(option in said.out for option in param.opts)
    assert not SENTENCE.search(said.out)
    assert len(said.out.splitlines()) > 5
    if command:
        assert ask(command, "--help", "--lang", "en", locale=ZH).out.startswith("Usage: ")


def test_version_and_no_argument(ask: Ask) -> None:
    assert ask("--version", locale=EN) == (0, f"gusu-geo {gg.__version__}\n", "")
    nothing = ask(locale=ZH)
    assert nothing.code == 2 and nothing.err.startswith("用法：")


def test_our_own_fault_and_a_stop_are_said_in_the_language(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gusu_geo.report import console

    def broken() -> None:
        raise KeyError("x")

    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(console, "listing", broken)
    said = ask("studies", locale=ZH)
    assert said.code == 1 and "这是 gusu-geo 的故障" in said.err and "KeyError" in said.err
    monkeypatch.setattr(console, "listing", stopped)
    said = ask("studies", locale=ZH)
    assert (said.code, said.err.strip()) == (130, "gusu-geo：已停止；原有成果不受影响。")
