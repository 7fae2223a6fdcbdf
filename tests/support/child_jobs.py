"""What children run in tests: it dies, fails or waits. Few imports, so that they start at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

from gusu_geo.errors import StudyError
from gusu_geo.words import text


def die(folder: Path, path: Path, number: int) -> int:
    (folder / "copy").write_text("left behind")
    os.kill(os.getpid(), number)
    return 0


def leave(folder: Path, path: Path, code: int) -> int:
    os._exit(code)


def bug(folder: Path, path: Path) -> int:
    return len(folder.name) // 0


def refuse(folder: Path, path: Path) -> int:
    raise StudyError(text("error.known", names=("a", "b")), where=path, got="x\x1b", fix=text("error.add_one"))  # fmt: skip


def full(folder: Path, path: Path) -> int:
    raise OSError(28, "No space left on device", str(folder))


def spin(folder: Path, path: Path) -> int:
    while True:
        pass


def wait(folder: Path, path: Path) -> int:
    (path / "pid").write_text(str(os.getpid()))
    time.sleep(60)
    return 0
