"""How Chinese names are typed: pinyin and its initials, for the search box of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")

OF_HOUSES = {ord("幢"): "zhuàng"}  # counts houses; the dictionary knows the banner first


def spelled(names: Sequence[str]) -> list[str]:
    """For each name initials and full pinyin ("pjl pingjianglu"), "" where nothing is Chinese.

    An empty list where no name is. A character of several readings has its usual one.
    """
    if not any(map(HAN.search, names)):
        return []
    from pypinyin import Style, lazy_pinyin  # here: its import reads a dictionary

    _learn()

    def one(name: str) -> str:
        if not HAN.search(name):
            return ""
        styles = (Style.FIRST_LETTER, Style.NORMAL)
        parts = ("".join(lazy_pinyin(name, style=style)).lower() for style in styles)
        return " ".join(re.sub(r"\s+", "", part) for part in parts)

    kept = {name: one(name) for name in set(names)}
    return [kept[name] for name in names]


@cache
def _learn() -> None:
    """Once a process: with each new reading the library sorts all its words again."""
    from pypinyin import load_single_dict

    load_single_dict(OF_HOUSES)
