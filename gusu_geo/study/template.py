"""The commented study file that a planner begins with, in Chinese or English."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "templates"


def study_template(lang: str, *, name: str, pack: str, service: str) -> str:
    """The text of the study file; name: of the study; pack: a built-in rule pack; service: id of
    one of its services, for an example.

    >>> words = study_template("en", name="own", pack="gusu-1510", service="reading")
    >>> 'pack = "gusu-1510"' in words
    True
    """
    words = (_FOLDER / f"{lang}.toml").read_text(encoding="utf-8")
    for mark, value in (("@NAME@", name), ("@PACK@", pack), ("@SERVICE@", service)):
        words = words.replace(mark, value)
    return words
