"""The four tiers of venues and zones, 1 + 8 + 169 + N, and the words that name them.

Standard library only, for rule packs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

from gusu_geo.words import folded

# From the top: 区, 街道, 社区, 小区 (the district's 1 + 8 + 169 + N; GB 50180-2018 has four too).
TIERS = ("district", "subdistrict", "community", "compound")
TierName = Literal[
    "区", "街道", "社区", "小区", "district", "subdistrict", "community", "compound"
]  # as study files and rule packs write them
VenueTier = Literal[TierName, "unknown", "不明"]  # of a venue that a scenario adds
TIER_NAMES: tuple[str, ...] = get_args(TierName)
_WORDS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("区", "区级", "district"), "district")
    | dict.fromkeys(("街道", "街道级", "subdistrict"), "subdistrict")
    | dict.fromkeys(("社区", "社区级", "community"), "community")
    | dict.fromkeys(("小区", "小区级", "小区内", "compound"), "compound")
)


def tier_of(word: object) -> str:
    """The tier that a word means, "" for none.

    >>> tier_of("街道级"), tier_of(" 小区内 "), tier_of("市级")
    ('subdistrict', 'compound', '')
    """
    return _WORDS.get(folded(word).replace(" ", ""), "")


def tiers_of(words: Sequence[str]) -> tuple[str, ...]:
    """The tiers of known words, from the top, each once."""
    meant = {tier_of(word) for word in words}
    return tuple(tier for tier in TIERS if tier in meant)


def above(tier: str) -> tuple[str, ...]:
    """The tier and those above it.

    >>> above("subdistrict")
    ('district', 'subdistrict')
    """
    return TIERS[: TIERS.index(tier) + 1]
