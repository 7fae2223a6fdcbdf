"""The command line as a process of its own, or in this one, and what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from gusu_geo.cli import main
from gusu_geo.words import speak

COLUMNS = {"COLUMNS": "160"}


def gusu_geo(*args: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    code = "from gusu_geo.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **COLUMNS, **(env or {})},
    )


def gusu_geo_here(*args: object) -> subprocess.CompletedProcess[str]:
    """The same without a new interpreter, whose start costs more than most commands do."""
    words = ["gusu-geo", *map(str, args)]
    out, err, code = StringIO(), StringIO(), 0
    with (
        patch.object(sys, "argv", words),
        patch.dict(os.environ, COLUMNS),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as done:
            code = done.code if isinstance(done.code, int) else int(done.code is not None)
        finally:
            speak(None)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def outputs(out: Path) -> dict[str, bytes]:
    """Bytes of every output; the cache is not one."""
    files = [*out.glob("data/processed/monaco/*"), *out.glob("maps/*")]
    return {str(path.relative_to(out)): path.read_bytes() for path in files if path.is_file()}
