"""Towns for tests of the review map: one with a what-if, and one whose every text is hostile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from outcomes import rejudged

from gusu_geo.assessment.outcome import Outcome

# Words of our own code, which the page compares and never shows, and its own texts.
CODES = {"lang", "mode", "state", "between", "private", "strings"}


def one_of_each(outcome: Outcome) -> Outcome:
    """The same where one venue of each kind is enough: only then the page offers its what-if."""
    pack = outcome.rule.pack
    services = tuple(replace(service, min_count=1) for service in pack.services)
    rule = replace(outcome.rule, pack=replace(pack, services=services))
    return rejudged(outcome, verdict=replace(outcome.verdict, rule=rule))


def spoiled(texts: Any, payload: str) -> Any:
    """The texts of a page with ``payload`` after every one of them, ids too.

    Equal texts stay equal, so whatever refers to an id still does; empty ones stay empty.
    """
    if isinstance(texts, dict):
        found = {
            key: text if key in CODES else spoiled(text, payload) for key, text in texts.items()
        }
        if "missing" in texts:  # by service id
            found["missing"] = {key + payload: count for key, count in texts["missing"].items()}
        return found
    if isinstance(texts, (list, tuple)):
        return [spoiled(text, payload) for text in texts]
    return texts + payload if isinstance(texts, str) and texts else texts


def entries(texts: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its place, such as ("homes.names", "..."), codes left out."""
    if isinstance(texts, dict):
        for key, text in texts.items():
            if key not in CODES:
                yield from entries(text, f"{path}.{key}".strip("."))
    elif isinstance(texts, list):
        for text in texts:
            yield from entries(text, path)
    elif isinstance(texts, str) and texts:
        yield path, texts
