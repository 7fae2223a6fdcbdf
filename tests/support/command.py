"""The command line as a process of its own, and what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def gusu_geo(*args: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    code = "from gusu_geo.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "160", **(env or {})},
    )


def outputs(out: Path) -> dict[str, bytes]:
    """Bytes of every output; the cache is not one."""
    files = [*out.glob("data/processed/monaco/*"), *out.glob("maps/*")]
    return {str(path.relative_to(out)): path.read_bytes() for path in files if path.is_file()}
