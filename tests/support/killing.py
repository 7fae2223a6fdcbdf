"""Commands killed at a chosen moment: after so many of their files were moved into place.

A process of its own loads everything once; each command runs in a fork of it, which ends itself
with SIGKILL, so nothing of ours can tidy up.

python killing.py COMMANDS.json    [[moves, [argument, ...]], ...]; moves null: not killed, no fork
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

from gusu_geo.cli import main
from gusu_geo.pipeline import compare, run

__all__ = ["compare", "run"]  # loaded before the forks


def die_after(moves: int) -> None:
    """Kill this process as soon as that many files were moved; 0: before the first is."""
    real, done = Path.replace, [0]

    def replace(self: Path, target: Path) -> Path:
        moved = real(self, target) if moves else target
        done[0] += 1
        if done[0] >= moves:
            os.kill(os.getpid(), signal.SIGKILL)
        return moved

    Path.replace = replace  # type: ignore[method-assign]


if __name__ == "__main__":
    for moves, words in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        sys.argv = ["gusu-geo", *words]
        if moves is None:  # what the next ones need is compiled and loaded then
            with suppress(SystemExit), redirect_stdout(StringIO()):
                main()
            continue
        child = os.fork()
        if child == 0:
            die_after(moves)
            main()
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (moves, words)
