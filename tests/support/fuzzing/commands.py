"""Commands one after the other, each in a fork of one process that has loaded everything.

python commands.py    reads lines of JSON: [folder, limit in seconds, [argument, ...]]; answers each
                      with one: [exit code or minus the signal, CPU seconds, stdout, stderr]

To start Python and load the libraries takes longer than most commands on a tiny study.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from tempfile import TemporaryFile

import gusu_geo.sources.city
from gusu_geo.cli import main
from gusu_geo.pipeline import compare, prepare, run
from gusu_geo.report import console

__all__ = ["compare", "console", "gusu_geo", "prepare", "run"]  # loaded before the forks


def once(folder: str, limit_s: int, words: list[str]) -> list[object]:
    """Run a command in a fork; after so many seconds of computing the system ends it."""
    with TemporaryFile() as out, TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os.chdir(folder)
            resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 5))
            sys.argv = ["gusu-geo", *words]
            try:
                main()
            except SystemExit as done:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(done.code if isinstance(done.code, int) else 0)
            os._exit(99)
        _, status, used = os.wait4(child, 0)
        shown = []
        for stream in (out, err):
            stream.seek(0)
            shown.append(stream.read().decode("utf-8", "replace"))
        code = os.waitstatus_to_exitcode(status)
        return [code, used.ru_utime + used.ru_stime, *shown]


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(once(*json.loads(line)))}\n")
        sys.stdout.flush()
