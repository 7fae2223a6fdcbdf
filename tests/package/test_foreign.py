"""The boundary around parsers of others: what they raise is one clear InputError; what we raise is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import gusu_geo as gg
from gusu_geo.errors import InputError, SourceError, nearest_name
from gusu_geo.foreign import PARSERS, each, fault, foreign, plain_file
from gusu_geo.sources.ledgers.points import read_points
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.study_file import open_study
from gusu_geo.words import text


class Panic(BaseException):
    """As raised by parsers written in Rust."""


RAISED = [
    ValueError("two\nlines.\x1b[2J"),
    KeyError("x"),
    AssertionError(),
    RecursionError("maximum recursion depth exceeded"),
    MemoryError(),
    OSError(5, "Input/output error"),
    OSError("no number"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    Panic("index out of range"),
    type("GEOSException", (Exception,), {})("IllegalArgumentException: ring"),
]


@pytest.mark.parametrize("parser", PARSERS)
def test_whatever_a_parser_raises_is_one_message_with_place_and_mend(parser: str) -> None:
    for error in RAISED:
        with pytest.raises(InputError) as caught, foreign(parser, "town.file"):
            raise error
        assert caught.value.__cause__ is error
        assert caught.value.where == "town.file" and caught.value.fix
        for lang in ("zh", "en"):
            message = caught.value.in_language(lang)
            assert "town.file" in message and "\n" not in message and len(message) < 500


def test_a_message_is_one_line_that_only_shows_and_ends() -> None:
    """A header of a ledger may hold an escape sequence, a cell a book, a table 17,000 columns."""
    header = "\x1b]0;title\x07\u202ea\tb\nc"
    error = SourceError(
        text("error.no_column", name=header, key="b" * 70_000),
        where=f"{header}{'d' * 5000}.csv",
        fix=nearest_name("zzz", [f"column {ix:05}" for ix in range(17_000)]),
    )
    inner = SourceError(text("error.at_key", spot=header, what=error.what), got=error.what)
    for one in (error, inner):
        for lang in ("zh", "en"):
            words = one.in_language(lang)
            assert words.isprintable() and len(words) < 2500
            assert "a b c" in words
    assert "column 00029, …" in error.in_language("en")


def test_our_errors_and_the_users_break_pass_unchanged() -> None:
    for error in (SourceError(fault("file", OSError(5, ""), "x").what), KeyboardInterrupt(), SystemExit()):  # fmt: skip
        with pytest.raises(type(error)) as caught, foreign("osm", "town.osm"):
            raise error
        assert caught.value is error


def test_each_guards_the_iterator_and_not_the_loop() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("cut off")

    with pytest.raises(ValueError, match="ours"):
        for _ in each("osm", broken(), "town.osm"):
            raise ValueError("ours")
    seen = []
    with pytest.raises(SourceError, match=r"town\.osm: .*damaged \(cut off\)"):
        for number in each("osm", broken(), "town.osm"):
            seen.append(number)
    assert seen == [1]


def odd_paths(folder: Path) -> dict[str, Path]:
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    return {
        "loop": folder / "loop",
        "pipe": folder / "pipe",
        "folder": folder / "folder",
        "long": folder / ("a" * 5000),
        "nul": folder / "a\0b",
        "none": folder / "none" / "deeper",
        "memory": Path("/proc/self/mem"),
        "device": Path("/dev/null"),
    }


def test_odd_paths_are_refused_by_every_reader_and_none_waits(tmp_path: Path) -> None:
    """A pipe without a writer would wait for ever: nothing but plain files is opened."""
    readers = {
        ".toml": open_study,
        "": load_pack,
        ".json": gg.read_scenario,
        ".csv": read_points,
        ".geojson": read_polygons,
        ".npz": gg.read_network,
        ".graphml": gg.read_network,
        ".osm.pbf": gg.read_network,
    }
    for name, path in odd_paths(tmp_path).items():
        for ending, reader in readers.items():
            odd = path
            if ending and path.parent == tmp_path and name not in ("long", "nul"):
                odd = tmp_path / f"{name}{ending}"
                if not odd.is_symlink():
                    odd.symlink_to(path)
            with pytest.raises(InputError) as caught:
                reader(odd)
            assert "\n" not in str(caught.value), (name, ending)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.toml"
    path.write_text("")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        open_study(path)


def test_a_plain_file_behind_a_link_is_one(tmp_path: Path) -> None:
    (tmp_path / "here.csv").write_text("lon,lat\n7.4,43.7\n")
    (tmp_path / "link.csv").symlink_to("here.csv")
    assert plain_file(tmp_path / "link.csv", ".csv") == tmp_path / "link.csv"
    assert len(read_points(tmp_path / "link.csv").frame) == 1


@pytest.mark.parametrize(
    "line",
    [
        "x = " + "[" * 5000 + "]" * 5000,
        "x = " + "9" * 5000,
        "walk.speed_mps = 0x" + "f" * 5000,
        "walk.speed_mps." + ".".join("a" * 2000) + " = 1",
        "walk.speed_mps = 1979-05-27",
        "walk.speed_mps = " + "9" * 4000,
    ],
)
def test_toml_beyond_every_measure(tmp_path: Path, line: str) -> None:
    """Numbers that Python refuses to write down, and values too deep to be shown."""
    path = tmp_path / "study.toml"
    head = f'{line}\n[study]\nname = "a"\n[area]\nbbox = [7.4, 43.7, 7.5, 43.8]\n'
    path.write_text(f'{head}[network]\nosm = "a.osm"\n')
    with pytest.raises(gg.StudyError, match=r"study\.toml") as caught:
        open_study(path)
    assert len(str(caught.value)) < 700


def test_a_name_too_long_for_files_is_refused_with_the_study(tmp_path: Path) -> None:
    """80 rare ideographs are 320 bytes; a name of a file has 255."""
    path = tmp_path / "study.toml"
    rest = '[area]\nbbox = [7.4, 43.7, 7.5, 43.8]\n[network]\nosm = "a.osm"\n'
    path.write_text(f'[study]\nname = "{"𠀀" * 80}"\n{rest}', encoding="utf-8")
    with pytest.raises(gg.StudyError, match="name: must be at most 200 bytes"):
        open_study(path)
    path.write_text(f'[study]\nname = "{"苏" * 60}"\n{rest}', encoding="utf-8")
    assert open_study(path).name == "苏" * 60
