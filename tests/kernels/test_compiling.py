"""Compiled code: never older than its source, kept where it can be written, and needed nowhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import gusu_geo
from gusu_geo._kernels.compiling import PREFIX, _first_writable, digest_of, kept_in

PACKAGE = Path(gusu_geo.__file__).parent
CALLER = """
from numba.core import config
import kernels.compiling as compiling
compiling.HERE = compiling.Path(__file__).parent
from kernels.called import one
@compiling.njit(cache=True, nogil=True)
def twice(x):
    return one(x) * 2
print(twice(1), config.CACHE_DIR)
"""
CALLED = """
import kernels.compiling as compiling
compiling.HERE = compiling.Path(__file__).parent
@compiling.njit(cache=True, nogil=True)
def one(x):
    return x + {number}
"""


@pytest.fixture
def kernels(tmp_path: Path) -> Path:
    """A package of two kernels; one is compiled into the other, in another file."""
    folder = tmp_path / "kernels"
    folder.mkdir()
    (folder / "__init__.py").touch()
    shutil.copy(PACKAGE / "_kernels" / "compiling.py", folder)
    (folder / "caller.py").write_text(CALLER)
    (folder / "called.py").write_text(CALLED.format(number=1))
    return folder


def answer(kernels: Path, **environ: str) -> str:
    """What the caller prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "import kernels.caller"],
        cwd=kernels.parent, env={"PATH": os.environ["PATH"], **environ}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.strip()


def change(kernels: Path) -> None:
    """The called file changes, also in the second in which it was written."""
    (kernels / "called.py").write_text(CALLED.format(number=100))


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.nbi"))


@pytest.mark.parametrize("where", ["given", "beside", "home", "nowhere"])
def test_what_is_compiled_is_never_older_than_its_sources(kernels: Path, where: str) -> None:
    home = kernels.parent / "home"
    home.mkdir()
    environ = {"HOME": str(home)}
    if where == "given":
        environ["NUMBA_CACHE_DIR"] = str(kernels.parent / "given")
    if where in ("home", "nowhere"):  # no folder: nobody, not even root, can write below it
        (kernels / "__pycache__").write_text("a file")
    if where == "nowhere":
        environ["HOME"] = os.devnull
    expected = environ.get("NUMBA_CACHE_DIR", "")
    assert answer(kernels, **environ) == f"4 {expected}".strip()
    folder = {"given": kernels.parent / "given", "beside": kernels, "home": home}.get(where)
    if folder is not None:
        assert len(kept(folder)) == 2
    change(kernels)
    assert answer(kernels, **environ) == f"202 {expected}".strip()
    if folder is None:
        assert kept(kernels.parent) == []


def test_no_home_at_all(kernels: Path) -> None:
    (kernels / "__pycache__").write_text("a file")
    assert answer(kernels) == "4"


def test_code_beside_the_sources_is_swept_and_that_of_others_is_not(tmp_path: Path) -> None:
    package, shared = tmp_path / "package", tmp_path / "shared"
    package.mkdir()
    source = package / "one.py"
    source.write_text("one = 1")
    given = {"NUMBA_CACHE_DIR": str(shared)}
    for environ, place in (({}, package / "__pycache__"), (given, shared)):
        source.write_text("one = 1")
        _first_writable.cache_clear()
        first = kept_in(package, environ)
        assert first == place / (PREFIX + digest_of(package)) and first.is_dir()
        (place / "caller.f-1.nbi").write_bytes(b"compiled by 0.1.0")
        (place / "caller.cpython-311.pyc").write_bytes(b"of Python")
        source.write_text("one = 2")
        _first_writable.cache_clear()
        second = kept_in(package, environ)
        left = {path.name for path in place.iterdir()}
        assert second is not None and second != first
        assert {second.name, "caller.cpython-311.pyc"} <= left
        assert (first.name in left) == ("caller.f-1.nbi" in left) == (place == shared)


def test_a_change_of_sources_is_another_folder(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("one = 1")
    before = digest_of(tmp_path)
    assert digest_of(tmp_path) == before
    (tmp_path / "one.py").write_text("one = 2")
    changed = digest_of(tmp_path)
    (tmp_path / "one.py").rename(tmp_path / "two.py")
    assert len({before, changed, digest_of(tmp_path)}) == 3


def test_every_kernel_is_compiled_by_this_decorator() -> None:
    for path in (PACKAGE / "_kernels").glob("*.py"):
        if path.name != "compiling.py":
            assert not re.search(r"(from|import) numba", path.read_text()), path.name
    others = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "_kernels"]
    assert not [path for path in others if re.search(r"(from|import) numba", path.read_text())]
