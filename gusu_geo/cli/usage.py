"""Messages for usage errors of the command line, in the current language."""

from __future__ import annotations

import re
from typing import Any

import typer

from gusu_geo.errors import complaint
from gusu_geo.words import Text, text

USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]  # typer brings its own copy of click


def usage_fault(error: Any) -> Text | str:
    """What is wrong, and the command with help on it."""
    what = _what(error)
    if error.ctx is None:
        return what
    return text("usage.see_help", what=what, command=error.ctx.command_path)


def _what(error: Any) -> Text | str:
    kind, message = type(error).__name__, str(error.format_message())
    if kind == "NoSuchOption":
        return _with_hint(text("usage.no_option", name=error.option_name), error.possibilities)
    if kind == "MissingParameter":
        typed = _name(error.param)
        if error.param.param_type_name == "argument":
            return text("usage.missing_argument", name=typed)
        return text("usage.missing_option", name=typed)
    if kind == "BadParameter" and error.param is not None:
        return text("usage.bad_value", name=_name(error.param), why=_why(error))
    if kind == "BadOptionUsage":
        if "not take" in message:
            return text("usage.takes_no_value", name=error.option_name)
        return text("usage.needs_value", name=error.option_name)
    if found := re.match(r"No such command '(.+?)'\.(.*)", message):
        names = re.findall(r"'([^']+)'", found[2])
        return _with_hint(text("usage.no_command", name=found[1]), names)
    if found := re.search(r"unexpected extra arguments? *(?:\(s\) )?\((.+)\)", message):
        return text("usage.extra_arguments", names=found[1])
    if message.startswith("Missing command"):
        return text("usage.missing_command")
    return message


def _why(error: Any) -> Text | str:
    """Why a value is bad, in pydantic's words if it checked the value."""
    faults = getattr(error.__cause__, "errors", None)
    why = complaint(faults()[0]) if faults is not None else str(error.message)
    if isinstance(why, str) and (found := re.match(r"(.+) is not one of (.+?)\.*$", why)):
        return text("usage.not_one_of", got=found[1], names=tuple(found[2].split(", ")))
    return why.rstrip(".") if isinstance(why, str) else why


def _name(param: Any) -> str:
    """The parameter as typed on the command line."""
    return str(param.name if param.param_type_name == "argument" else param.opts[-1])


def _with_hint(what: Text, names: Any) -> Text:
    if not names:
        return what
    return text("usage.with_hint", what=what, hint=text("error.did_you_mean", name=names[0]))
