"""Install the rivals one by one: what cannot be had is left out, and said.

    python benchmarks/rivals_install.py

Run by ``make bench`` in ``.bench`` where ``pip install .[bench]`` fails as a whole.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def main() -> None:
    """Each package of the extra ``bench`` by itself."""
    wanted = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["optional-dependencies"]["bench"]
    for package in wanted:
        command = [sys.executable, "-m", "pip", "install", "--quiet", package]
        if subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode:
            print(f"not to be had here, left out: {package}", flush=True)


if __name__ == "__main__":
    main()
