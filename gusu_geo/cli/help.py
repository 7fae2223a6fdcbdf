"""Help in the user's language: texts and headings from section [help] of the words file.

Commands and options have no help in code; it is looked up by their name just before they run.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from typer.core import TyperCommand, TyperGroup

from gusu_geo.words import LANGUAGES, speak, text

INDENT, SPACING, WIDEST_NAME = 2, 2, 30
NEVER_FIRST = frozenset("，。；：、？！）”》")  # must not begin a line


class Command(TyperCommand):
    """A command with help in the current language."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Usage: gusu-geo run [OPTIONS] ..."""
        _write_usage(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments and options."""
        _write_params(self, ctx, formatter)


class Group(TyperGroup):
    """All commands. Messages before a study is read are in the language of ``--lang``, else of the
    locale."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Usage: gusu-geo [OPTIONS] COMMAND [ARGS]..."""
        _write_usage(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Options and commands."""
        _write_params(self, ctx, formatter)
        rows = [(name, self.commands[name].help or "") for name in self.list_commands(ctx)]
        _write_rows(formatter, _say("commands"), rows)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> Any:
        """Run a command."""
        speak(requested_language(sys.argv[1:] if args is None else args))
        localise(self)
        return super().main(args, *rest, **named)


def requested_language(args: Sequence[str]) -> str | None:
    """The language named by ``--lang``; None if it is missing or unknown.

    >>> requested_language(["run", "--lang", "zh"]), requested_language(["run", "--lang=en"])
    ('zh', 'en')
    """
    requested = None
    for arg, following in zip_longest(args, args[1:], fillvalue=""):
        if arg == "--":
            break
        name, _, value = arg.partition("=")
        if name == "--lang":
            requested = value or following
    return requested if requested in LANGUAGES else None


def localise(command: Any) -> None:
    """Set the help of a command, its parameters and its subcommands in the current language."""
    subcommands = getattr(command, "commands", {})
    command.help = _say("program") if subcommands else _say(f"command_{command.name}")
    for param in command.params:
        param.help = _say(f"option_{param.name}")
    for subcommand in subcommands.values():
        localise(subcommand)


def _write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    marks = {"[OPTIONS]": _say("options_mark"), "COMMAND [ARGS]...": _say("commands_mark")}
    pieces = [marks.get(piece, piece) for piece in command.collect_usage_pieces(ctx)]
    formatter.write(_say("usage") + " ".join([ctx.command_path, *pieces]) + "\n")


def _write_params(command: Any, ctx: Any, formatter: Any) -> None:
    """Arguments, then options, wrapped to the terminal's width."""
    rows: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
    for param in command.get_params(ctx):
        if param.name == "help":
            param.help = _say("option_help")
        record = param.get_help_record(ctx)
        if record is not None:
            rows[param.param_type_name].append((record[0], _in_words(record[1])))
    _write_rows(formatter, _say("arguments"), rows["argument"])
    _write_rows(formatter, _say("options"), rows["option"])


def _in_words(content: str) -> str:
    """A help text with its marks [default: ...] and [required] in the current language."""
    content = content.replace("[default: ", f"[{_say('default')}")
    return content.replace("[required]", f"[{_say('required')}]")


def _write_rows(formatter: Any, heading: str, rows: list[tuple[str, str]]) -> None:
    """Names and texts in two columns."""
    if not rows:
        return
    formatter.write(f"\n{heading}\n")
    widest = max((len(name) for name, _ in rows if len(name) <= WIDEST_NAME), default=0)
    first = INDENT + widest + SPACING
    for name, content in rows:
        lines = list(wrapped(content, max(formatter.width - first, 20))) or [""]
        start = f"{'':{INDENT}}{name}"
        if len(name) > widest:
            formatter.write(f"{start}\n")
            start = ""
        formatter.write(f"{start:{first}}{lines[0]}".rstrip() + "\n")
        for line in lines[1:]:
            formatter.write(f"{'':{first}}{line}\n")


def wrapped(content: str, width: int) -> Iterator[str]:
    """Lines of at most ``width`` columns; a Chinese character takes two and may end a line.

    >>> list(wrapped("逐处评价住处", 8))
    ['逐处评价', '住处']
    """
    line, used = "", 0
    for part in _parts(content):
        wide = sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in part)
        if line and used + wide > width and part[0] not in NEVER_FIRST:
            yield line.rstrip()
            line, used = "", 0
            if part == " ":
                continue
        line, used = line + part, used + wide
    if line.strip():
        yield line.rstrip()


def _parts(content: str) -> Iterable[str]:
    """Units that are not broken: words, single spaces, single wide characters."""
    word = ""
    for letter in content:
        if letter == " " or unicodedata.east_asian_width(letter) in "WF":
            if word:
                yield word
            yield letter
            word = ""
        else:
            word += letter
    if word:
        yield word


def _say(key: str) -> str:
    return str(text(f"help.{key}"))
