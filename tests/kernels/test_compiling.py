"""Compiled code: never older than its source, kept where it can be written, and needed nowhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

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
import gc
assert gc.isenabled()  # again, after it was compiled
"""
CALLED = """
import kernels.compiling as compiling
compiling.HERE = compiling.Path(__file__).parent
@compiling.njit(cache=True, nogil=True)
def one(x):
    return x + {number}
"""


def package(place: Path) -> Path:
    """A package of two kernels; one is compiled into the other, in another file."""
    folder = place / "kernels"
    folder.mkdir(parents=True)
    (place / "user").mkdir()
    (folder / "__init__.py").touch()
    shutil.copy(PACKAGE / "_kernels" / "compiling.py", folder)
    (folder / "caller.py").write_text(CALLER)
    (folder / "called.py").write_text(CALLED.format(number=1))
    return folder


ANEW = """
import json, os, sys
for folder, environ in json.loads(sys.argv[1]):
    os.environ.clear()
    os.environ.update(environ)
    sys.path.insert(0, folder)
    for name in [name for name in sys.modules if name.startswith("kernels")]:
        del sys.modules[name]
    import kernels.caller
    sys.path.remove(folder)
"""


def answers(*asked: tuple[Path, dict[str, str]]) -> list[str]:
    """What the caller of each package prints in its environment; one after the other in one
    process, each time from modules read anew: numba takes a second to import."""
    plain = [(str(kernels.parent), environ) for kernels, environ in asked]
    done = subprocess.run(
        [sys.executable, "-c", ANEW, json.dumps(plain)],
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.splitlines()


def change(kernels: Path) -> None:
    """The called file changes, also in the second in which it was written."""
    (kernels / "called.py").write_text(CALLED.format(number=100))


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.nbi"))


def test_what_is_compiled_is_never_older_than_its_sources(tmp_path: Path) -> None:
    given, beside, home, nowhere, homeless = every = [
        package(tmp_path / name) for name in ("given", "beside", "home", "nowhere", "homeless")
    ]
    for kernels in (home, nowhere, homeless):  # no folder: nobody, not even root, can write below
        (kernels / "__pycache__").write_text("a file")
    environ = {kernels: {"HOME": str(kernels.parent / "user")} for kernels in every[:3]}
    environ[given]["NUMBA_CACHE_DIR"] = str(given.parent / "there")
    environ |= {nowhere: {"HOME": os.devnull}, homeless: {}}
    told = [environ[kernels].get("NUMBA_CACHE_DIR", "") for kernels in every]
    asked = [(kernels, environ[kernels]) for kernels in every]
    assert answers(*asked) == [f"4 {folder}" for folder in told]
    folders = {given: given.parent / "there", beside: beside, home: home.parent / "user"}
    assert all(len(kept(folder)) == 2 for folder in folders.values())
    for kernels in every:
        change(kernels)
    assert answers(*asked) == [f"202 {folder}" for folder in told]
    for kernels in (nowhere, homeless):
        assert kept(kernels.parent) == []


def test_the_first_to_compile_says_so_once_and_readers_say_nothing(tmp_path: Path) -> None:
    kernels = package(tmp_path / "told")
    telling = "compiling.when_compiling(lambda: print('compiles'))\nfrom kernels.called"
    (kernels / "caller.py").write_text(CALLER.replace("from kernels.called", telling))
    asked = kernels, {"NUMBA_CACHE_DIR": str(tmp_path)}
    assert answers(asked, asked) == ["compiles", f"4 {tmp_path}", f"4 {tmp_path}"]


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
        if path.name not in {"compiling.py", "ahead.py"}:
            assert not re.search(r"(from|import) numba", path.read_text()), path.name
    others = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "_kernels"]
    assert not [path for path in others if re.search(r"(from|import) numba", path.read_text())]
