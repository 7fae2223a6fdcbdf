"""OSM files are read in a child process: it dies alone, says why, and never outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import osmium
import pytest
from child_jobs import bug, die, full, leave, refuse, spin, wait
from conftest import ROOT, raw_data
from osm_scenes import document, way
from test_osm_files import MONACO, SCENE, same

from gusu_geo.errors import InputError, OutputError, SourceError, StudyError
from gusu_geo.sources.osm import child
from gusu_geo.sources.osm.child import here, in_child
from gusu_geo.sources.osm.extract import read_osm
from gusu_geo.sources.osm.handover import Box, fault_as_json, fault_of, pack, unpack
from gusu_geo.words import text

CRASH = Path(__file__).with_name(
    "crash.osm.pbf"
)  # block lengths are right, one blob's content is not


@pytest.fixture(autouse=True)
def a_real_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Children are started, and leave nothing behind in the folder of temporary files."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(child, "can_start", lambda: True)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    yield
    assert list(scratch.iterdir()) == []


def test_a_file_that_crashes_the_reader_is_one_clear_message() -> None:
    with pytest.raises(SourceError, match=r"crash\.osm\.pbf: .*cut off or damaged.*again"):
        read_osm(CRASH)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_child_that_dies(number: int, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.pbf: .*damaged: the reader broke down") as caught:
        in_child(die, tmp_path / "a.pbf", number=int(number))
    assert caught.value.where == str(tmp_path / "a.pbf") and caught.value.fix


def test_a_child_that_was_ended_from_outside_says_nothing_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"ended from outside.*memory.*Close other programs"):
        in_child(die, tmp_path, number=int(signal.SIGKILL))


@pytest.mark.parametrize("code", [0, 3])
def test_a_child_without_an_answer(code: int, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the reader broke down"):
        in_child(leave, tmp_path, code=code)


def test_a_bug_of_ours_stays_a_bug(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        in_child(bug, tmp_path)


def test_our_errors_cross_in_the_readers_language(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        in_child(refuse, tmp_path / "a.pbf")
    assert caught.value.in_language("en").endswith("Known: a, b. Got 'x\\x1b'. Add at least one.")
    assert "可用：a、b。" in caught.value.in_language("zh")
    with pytest.raises(OutputError, match=r"no room.*TMPDIR"):
        in_child(full, tmp_path)


def test_a_reader_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LEAST_S", 2)
    with pytest.raises(SourceError, match="not read within 2 seconds"):
        in_child(spin, tmp_path / "a.osm")
    monkeypatch.setattr(child, "LEAST_S", 5)
    monkeypatch.setattr(child, "WAIT_TIMES", 1)
    with pytest.raises(SourceError, match="not read within 5 seconds"):
        in_child(wait, tmp_path)
    assert_gone(int((tmp_path / "pid").read_text()))


def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    """Killed without a chance to say so; the child removes the working folder too."""
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]; from pathlib import Path;"
        "from child_jobs import wait; from gusu_geo.sources.osm.child import in_child;"
        "in_child(wait, Path(sys.argv[1]))"
    )
    paths = [str(ROOT), str(ROOT / "tests/support")]
    env = {**os.environ, "TMPDIR": str(tmp_path / "scratch")}
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), *paths], env=env)
    pid = tmp_path / "pid"
    until = time.monotonic() + 60
    while not (pid.exists() and pid.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    assert_gone(int(pid.read_text()))
    while list((tmp_path / "scratch").iterdir()) and time.monotonic() < until:
        time.sleep(0.05)


def assert_gone(pid: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if "\tZ" in Path(f"/proc/{pid}/status").read_text().replace(" ", ""):
            return  # ended; nobody has asked for its exit code
        time.sleep(0.05)
    raise AssertionError(f"process {pid} still runs")


def test_a_script_without_guard_in_a_folder_that_is_gone(tmp_path: Path) -> None:
    """No PYTHONPATH, no main guard, modules of the folder that would shadow those of Python."""
    (tmp_path / "a.osm").write_text(document(way(7, [1, 2], "highway=path")))
    for name in ("json.py", "numpy.py", "osmium.py"):
        (tmp_path / name).write_text("raise SystemExit('shadowed')")
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        "import os, sys; sys.path.remove(''); sys.path.append(sys.argv[1]); import gusu_geo as gg;"
        "print(gg.read_network(sys.argv[2]).edges);"
        "os.chdir(sys.argv[3]); os.rmdir(sys.argv[3]); print(gg.read_network(sys.argv[2]).edges)"
    )
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    args = [sys.executable, "-c", code, str(ROOT), str(tmp_path / "a.osm"), str(gone)]
    done = subprocess.run(args, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("1\n1\n", "")


def test_no_folder_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    (tmp_path / "a.osm").write_text(document(way(7, [1, 2], "highway=path")))
    with pytest.raises(OutputError, match=r"nowhere.*no room.*TMPDIR"):
        read_osm(tmp_path / "a.osm")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))


def test_marks_and_slips_cross_from_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this process reads, to the last: deleted, new, repeated, far away, off the globe, two
    boxes, all that is told of a file."""
    extra = [
        '<node id="-1" lon="0.05" lat="0.05"/><node id="900" lon="100" lat="50"/>',
        '<node id="901" lon="200" lat="0"><tag k="shop" v="books"/></node>',
        way(81, [1, 2], "highway=path").replace(" version", ' action="delete" version'),
        way(82, [3, 4], "highway=path") + way(82, [3, 4], "highway=path"),
        way(83, [5, 900], "highway=path"),
    ]
    head = '<bounds minlon="0" minlat="0" maxlon="1" maxlat="1"/>'
    head += '<bounds minlon="50" minlat="50" maxlon="60" maxlat="60"/>'
    path = tmp_path / "scene.osm"
    path.write_text(document(*SCENE, *extra, head=head), encoding="utf-8")
    elsewhere = read_osm(path)
    monkeypatch.setattr(child, "can_start", lambda: False)
    own = read_osm(path)
    assert same(elsewhere, own)
    for name in ("boxes", "edits", "named", "counts", "admin_incomplete"):
        assert getattr(elsewhere, name) == getattr(own, name), name
    edits = elsewhere.edits
    assert (edits.dropped, edits.new, edits.repeated) == (("w81",), 1, 1)
    assert edits.marked == {("w", 81)} and len(edits.boxes) == 2
    assert elsewhere.named["streets_far"] == ("w83",)
    assert elsewhere.named["unplaced"] == ("n901",)
    assert elsewhere.counts["boxes_wrong"] == 1


@pytest.mark.parametrize(
    ("old", "new", "elsewhere"),
    [
        ("UTF-8", "gbk", True),  # from the child once: the others are read here
        ("UTF-8", "no-such", False),
        ('id="1"', 'id="99999999999999999999"', False),
    ],
)
def test_what_the_look_through_cannot_take_is_one_clear_message(
    tmp_path: Path, old: str, new: str, elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "can_start", lambda: elsewhere)
    path = tmp_path / "a.osm"
    whole = document(way(7, [1, 2], "highway=path"))
    assert whole.startswith("<?xml")
    path.write_text(whole.replace("?>", ' encoding="UTF-8"?>', 1).replace(old, new, 1))
    with pytest.raises(SourceError, match=r"a\.osm: cannot be read to its end"):
        read_osm(path)


def test_a_header_that_is_wrong_about_the_order_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A way before its nodes, and each object but once, says the header: sorted all the same."""
    monkeypatch.setattr(child, "can_start", lambda: False)
    plain, path = tmp_path / "a.osm", tmp_path / "a.osm.pbf"
    plain.write_text(document(*SCENE), encoding="utf-8")
    header = osmium.io.Header()
    header.set("sorting", "Type_then_ID")
    kinds = (osmium.osm.RELATION, osmium.osm.WAY, osmium.osm.NODE)
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for kind in kinds:
            for thing in osmium.FileProcessor(str(plain), kind):
                writer.add(thing)
    assert same(read_osm(path), read_osm(plain))


@pytest.mark.city
def test_the_child_reads_a_city_to_the_last_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = read_osm(raw_data(MONACO))
    monkeypatch.setattr(child, "can_start", lambda: False)
    own = read_osm(raw_data(MONACO))
    assert same(elsewhere, own)
    for name in ("path", "sha256", "date", "boxes", "edits", "named", "admin_incomplete"):
        assert getattr(elsewhere, name) == getattr(own, name)
    for name, array in vars(own.streets).items():
        assert getattr(elsewhere.streets, name).dtype == array.dtype, name


# --- the hand-over -------------------------------------------------------------------------


class Row(NamedTuple):
    number: int
    word: str


@dataclass(frozen=True)
class Part:
    words: list[str]
    at: tuple[float, float] | None


@dataclass(frozen=True)
class Whole:
    path: Path
    part: Part
    numbers: npt.NDArray[np.int16]
    names: npt.NDArray[np.object_]
    tally: Counter[str]
    rows: list[Row]
    tags: dict[tuple[int, int], dict[str, str]]
    by_kind: dict[str, list[tuple[int, float]]]
    seen: set[int]
    none: str | None = None


@pytest.mark.parametrize("empty", [True, False])
def test_every_kind_of_field_comes_back_as_it_was(tmp_path: Path, empty: bool) -> None:
    some = not empty
    names = np.array(["甲", "", "\x1b"][: 3 * some], object)
    value = Whole(
        path=Path("a/b.osm"),
        part=Part(["x", "", "桥"] * some, (1.5, -2.0) if some else None),
        numbers=np.arange(3 * some, dtype=np.int16),
        names=names,
        tally=Counter({"a": 2} if some else {}),
        rows=[Row(1, "a"), Row(2**62, "b")] * some,
        tags={(0, 5): {"name": "桥"}, (1, 2): {}} if some else {},
        by_kind={"k": [(1, 0.5)]} if some else {},
        seen={3, 4} if some else set(),
    )
    box = Box()
    packed = pack(value, Whole, box)
    box.save(tmp_path)
    again = unpack(packed, Whole, Box.load(tmp_path))
    for name in ("path", "part", "tally", "rows", "tags", "by_kind", "seen", "none"):
        assert getattr(again, name) == getattr(value, name), name
        assert type(getattr(again, name)) is type(getattr(value, name)), name
    assert all(isinstance(row, Row) for row in again.rows)
    assert again.numbers.dtype == np.int16 and np.array_equal(again.numbers, value.numbers)
    assert again.names.dtype == object and again.names.tolist() == names.tolist()


def test_errors_keep_their_class_and_texts() -> None:
    inner = text("error.no_column", name="人数", key="persons")
    error = SourceError(text("error.sentence", what=inner), where=inner, got=inner)
    again = fault_of(fault_as_json(error))
    assert type(again) is SourceError
    for lang in ("zh", "en"):
        assert again.in_language(lang) == error.in_language(lang)


def test_without_python_to_start_it_is_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    with pytest.raises(InputError):
        here(refuse, tmp_path)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        here(bug, tmp_path)
