"""The commented study file that a planner begins with, in Chinese or English."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "templates"


def study_template(lang: str, *, name: str, pack: str) -> str:
    """The text of the study file; name: of the study; pack: a built-in rule pack.

    >>> 'pack = "gusu-1510"' in study_template("en", name="own", pack="gusu-1510")
    True
    """
    words = (_FOLDER / f"{lang}.toml").read_text(encoding="utf-8")
    return words.replace("@NAME@", name).replace("@PACK@", pack)
