"""The one way to the terminal: text from outside is shown and never acts.

File names, cells and tags may hold control characters, which move the cursor, set titles or hide
text, and square brackets, which rich reads as markup.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Mapping

from gusu_geo.errors import ACTS, plain


def say(message: object) -> None:
    """Write one line to stderr."""
    sys.stderr.write(f"{plain(message)}\n")


def say_lines(message: str) -> None:
    """Write several lines to stderr, such as help or the trace of a fault."""
    for line in message.splitlines():
        say(line)


def print_json(document: Mapping[str, object]) -> None:
    """Write JSON to stdout: what acts is escaped, as JSON allows in every text."""
    sys.stdout.write(safe_json(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)))
    sys.stdout.write("\n")


def safe_json(content: str) -> str:
    """JSON with the same content and no character that acts, but for its line ends."""
    return ACTS.sub(lambda m: m[0] if m[0] == "\n" else f"\\u{ord(m[0]):04x}", content)


def tame_others() -> None:
    """Warnings and log lines of the libraries go to stderr like our own."""
    warnings.formatwarning = _one_line
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_OneLine())


def _one_line(message: object, category: type[Warning], *_: object, **__: object) -> str:
    return f"{category.__name__}: {plain(message)}\n"


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return plain(super().format(record))
