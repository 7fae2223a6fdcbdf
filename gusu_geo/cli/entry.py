"""The entry point: errors become one message and an exit code: 0 done, 1 a fault of the program,
2 a fault of the input, 130 interrupted."""

from __future__ import annotations

import sys
import traceback
from io import TextIOWrapper

import typer

from gusu_geo.cli.commands import app
from gusu_geo.cli.usage import USAGE_ERROR, usage_fault
from gusu_geo.errors import InputError
from gusu_geo.report.terminal import say, say_lines, tame_others
from gusu_geo.tidying import few_heaps, seldom_tidied
from gusu_geo.words import Text, text

INTERRUPTED = 130


def main() -> None:
    """Run the command line and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names that a console cannot show must not fail
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    tame_others()
    few_heaps()
    try:
        with seldom_tidied():  # while modules are loaded, too
            code = app(standalone_mode=False)
    except InputError as error:
        _end(2, str(error))
    except USAGE_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            say_lines(str(error))
            raise SystemExit(2) from None
        _end(2, usage_fault(error))
    except typer.Abort:
        _end(INTERRUPTED, text("usage.stopped"))
    except Exception:
        say_lines(traceback.format_exc())
        _end(1, text("usage.our_fault"))
    if code == INTERRUPTED:  # typer turns Ctrl-C into this
        _end(INTERRUPTED, text("usage.stopped"))
    raise SystemExit(code if isinstance(code, int) else 0)


def _end(code: int, what: Text | str) -> None:
    say(text("usage.error", what=what))
    raise SystemExit(code) from None
