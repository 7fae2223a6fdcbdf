"""Scenario files: what is read, and one clear message for everything that is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from grounds import document

import gusu_geo as gg
from gusu_geo.errors import InputError
from gusu_geo.scenarios.scenario_file import SCHEMA, AddLink, Scenario, SetWalk, parse_scenario

GOOD: list[dict[str, Any]] = [
    {
        "do": "add_venue",
        "id": "new-1",
        "name": "Café 新",
        "services": ["a", "b"],
        "at": [7.4, 43.7],
    },
    {"do": "move_venue", "venue": "n1", "at": [7.4, 43.7], "on": [3, 120]},
    {"do": "close_venue", "venue": "n1"},
    {"do": "open_gate", "node": 123456},
    {"do": "add_link", "from": {"at": [7.4, 43.7]}, "to": {"on": [3, 4]}, "length_cm": 2340},
    {"do": "set_walk", "speed_mps": 1},
    {"do": "set_rule", "minutes": 10, "mode": "one_stop"},
]


def test_a_scenario_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "bridge.json"
    path.write_text(document(*GOOD, network="abc", title="桥"), encoding="utf-8")
    read = gg.read_scenario(path)
    assert (read.study, read.network, read.title, read.name) == ("drawn", "abc", "桥", "bridge")
    assert read.as_data() == GOOD
    walk, link = read.changes[5], read.changes[4]
    assert isinstance(walk, SetWalk) and walk.speed_mps == 1.0
    assert isinstance(link, AddLink) and link.end.on == (3, 4) and link.start.at == (7.4, 43.7)
    again = document(*read.as_data(), network="abc", title="桥")
    assert parse_scenario(again, name="bridge", where=str(path)) == read


def test_comments_are_read_as_they_stand_and_kept_apart_from_changes() -> None:
    said = [
        {
            "text": "这里应有人行横道",
            "at": [7.4, 43.7],
            "home": "w1",
            "by": "LZ",
            "when": "2026-11",
        },
        {"text": "Gate is shut at night", "at": [7.41, 43.71]},
    ]
    whole = json.loads(document(*GOOD)) | {"schema": SCHEMA, "comments": said}
    read = parse_scenario(json.dumps(whole))
    assert read.comments_as_data() == said
    assert read.as_data() == GOOD


def test_empty_and_marked_files(tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    path.write_text("\ufeff" + document(), encoding="utf-8")
    assert gg.read_scenario(path) == Scenario("drawn", name="none", where=str(path))


def changed(number: int, **keys: Any) -> list[dict[str, Any]]:
    """The good changes, one of them with other keys; None leaves a key out."""
    row = {key: value for key, value in (GOOD[number] | keys).items() if value is not None}
    return [*GOOD[:number], row, *GOOD[number + 1 :]]


def with_comment(**keys: Any) -> dict[str, Any]:
    row = {"text": "门常闭", "at": [7.4, 43.7]} | keys
    comment = {key: value for key, value in row.items() if value is not None}
    return {"schema": SCHEMA, "study": "x", "changes": [], "comments": [comment]}


FAULTS: list[tuple[Any, str]] = [
    ([], r"is not a scenario"),
    ({"study": "drawn"}, r'is not a scenario.*"schema": "gusu-geo-scenario/2"'),
    ({"schema": "gusu-geo-scenario/3"}, r"schema: unknown schema. Got 'gusu-geo-scenario/3'. .*reads gusu-geo-scenario/1, gusu-geo-scenario/2"),
    ({"schema": "gusu-geo-scenario/1", "study": "x", "changes": [], "comments": []}, r"unknown key 'comments'"),
    (with_comment(txt="x"), r"comments\[0\]: unknown key 'txt'. Did you mean 'text'"),
    (with_comment(text=None), r"comments\[0\]: key 'text' is missing"),
    (with_comment(text="x" * 501), r"comments\[0\].text: .*500"),
    (with_comment(at=[200, 0]), r"comments\[0\].at: must be \[lon, lat\]"),
    (with_comment(text="请拨 138-0013-8000"), r"comments\[0\].text: a comment holds a telephone .*Leave the number out"),
    (with_comment(by="11010519491231002X"), r"comments\[0\].by: a comment holds"),
    ({"schema": "gusu-geo-scenario/1", "changes": []}, r"key 'study' is missing"),
    ({"schema": "gusu-geo-scenario/1", "study": "x"}, r"key 'changes' is missing"),
    ({"schema": "gusu-geo-scenario/1", "study": 3, "changes": []}, r"study: .*text. Got 3"),
    ({"schema": "gusu-geo-scenario/1", "study": "x", "changes": {}}, r"changes: .*a list"),
    ({"schema": "gusu-geo-scenario/1", "study": "x", "changes": [], "titel": ""},
     r"unknown key 'titel'. Did you mean 'title'"),
    ([*GOOD[:2], 3], r"changes\[2\]: .*a table. Got 3"),
    (changed(0, do="add_venu"), r"changes\[0\].do: unknown change. Got 'add_venu'. Did you mean 'add_venue'"),
    (changed(0, do=None), r"changes\[0\]: key 'do' is missing. Known: add_link"),
    (changed(0, do=["x"]), r"changes\[0\].do: unknown change"),
    (changed(0, id=None), r"changes\[0\]: key 'id' is missing"),
    (changed(0, id=None, idd="x"), r"changes\[0\]: unknown key 'idd'. Did you mean 'id'"),
    (changed(0, services=[]), r"changes\[0\].services: .*1 or more"),
    (changed(0, services="a"), r"changes\[0\].services: .*a list. Got 'a'"),
    (changed(0, services=["a", "a"]), r"changes\[0\].services: names 'a' twice"),
    (changed(0, services=["a", 1]), r"changes\[0\].services\[1\]: .*text. Got 1"),
    (changed(0, at=None), r'changes\[0\]: a place needs "at" or "on"'),
    (changed(0, at=[43.7, 743.7]), r"changes\[0\].at: must be \[lon, lat\] in degrees. Got"),
    (changed(0, at=[7.4]), r"changes\[0\].at: has too few values. Got \[7.4\]"),
    (changed(0, at=[7.4, 43.7, 5]), r"changes\[0\].at: .*at most 2"),
    (changed(0, at=[7.4, "43.7"]), r"changes\[0\].at\[1\]: .*number. Got '43.7'"),
    (changed(0, at=[7.4, True]), r"changes\[0\].at\[1\]: .*number. Got True"),
    (changed(0, at=[7.4, float("nan")]), r"changes\[0\].at\[1\]: .*finite number. Got nan"),
    (changed(5, speed_mps=float("inf")), r"changes\[5\].speed_mps: .*finite number. Got inf"),
    (changed(1, on=[3, -1]), r"changes\[1\].on\[1\]: .*greater than or equal to 0. Got -1"),
    (changed(1, on=[3, 1.5]), r"changes\[1\].on\[1\]: .*integer. Got 1.5"),
    (changed(2, venue=7), r"changes\[2\].venue: .*text. Got 7"),
    (changed(2, at=[0, 0]), r"changes\[2\]: unknown key 'at'"),
    (changed(3, node="5"), r"changes\[3\].node: .*integer. Got '5'"),
    (changed(4, to=None), r"changes\[4\]: key 'to' is missing"),
    (changed(4, to={"att": [0, 0]}), r"changes\[4\].to: unknown key 'att'. Did you mean 'at'"),
    (changed(4, to={}), r'changes\[4\].to: a place needs "at" or "on"'),
    (changed(4, length_cm=-1), r"changes\[4\].length_cm: .*Got -1"),
    (changed(4, length_cm=10**12), r"changes\[4\].length_cm: .*Got 1000000000000"),
    (changed(5, speed_mps=None), r'changes\[5\]: exactly one of "profile" and "speed_mps"'),
    (changed(5, profile="elder"), r'changes\[5\]: exactly one of "profile" and "speed_mps"'),
    (changed(6, minutes=None, mode=None), r'changes\[6\]: "minutes" or "mode" must be given'),
    (changed(6, mode="any"), r"changes\[6\].mode: .*'union' or 'one_stop'. Got 'any'"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), FAULTS)
def test_one_clear_message_that_names_the_place(content: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "faulty.json"
    whole = content if not content or isinstance(content, dict) else None
    path.write_text(document(*content) if whole is None else json.dumps(whole), encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        gg.read_scenario(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not valid JSON"),
        (b'{"schema": ', "is not valid JSON"),
        ('{"study": "\u4e2d"}'.encode("gb18030"), "is not UTF-8"),
        (b"[" * 100_000, "is not valid JSON"),
        (b'{"schema": ' + b"9" * 5000 + b"}", "is not valid JSON"),
        (b'{"schema": "gusu-geo-scenario/1", "study": "\\ud800", "changes": []}', "faulty.json: "),
        (None, "is a folder, not a file"),
    ],
)
def test_files_that_are_no_scenario(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "faulty.json"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        gg.read_scenario(path)
    with pytest.raises(InputError, match="no such file"):
        gg.read_scenario(tmp_path / "absent.json")
