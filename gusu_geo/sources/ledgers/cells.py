"""What stands in a cell: text, a number, degrees, or a place, as offices write them."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gusu_geo.tables import Floats

# "约300人", "1,200户", "1.2万": words around a count, none of which changes it but 万.
_COUNT = re.compile(
    r"(?:约|大约|近|共|合计)?\s*(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<many>万)?"
    r"\s*(?:余|多)?\s*(?:人|口|名|户|个|间|套|㎡|m2|平方米|平米|米|m|元)?\s*(?:左右)?"
)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_SIDE = r"(?:东经|西经|北纬|南纬|[EWNS])"
_DEGREES = re.compile(
    rf"(?P<before>{_SIDE})?\s*:?\s*(?P<sign>[+-])?(?P<degrees>\d+(?:\.\d+)?)\s*(?:[°度º]|:(?=\d))?\s*"
    rf"(?:(?P<minutes>\d+(?:\.\d+)?)\s*(?:[′'’分]|:(?=\d)|(?<=\d)(?=$))\s*)?"
    rf"(?:(?P<seconds>\d+(?:\.\d+)?)\s*(?:″|′′|''|’’|[\"”秒])?)?\s*(?P<after>{_SIDE})?"
)
_WRAPPED = re.compile(r"(?:POINT\s*Z?\s*)?[\[({【]\s*(.*?)\s*[\])}】]", re.IGNORECASE)
_LABELS = re.compile(r"(?:经度|纬度|lng|lon|lat|longitude|latitude|[xy])\s*[:=]\s*", re.IGNORECASE)
_EAST_WEST, _NORTH_SOUTH = frozenset("东西EW"), frozenset("北南NS")


SHOWN_LETTERS = 60  # of a cell in a message
EXACT_MAX = 2**53  # whole numbers beyond it are rounded in sheets and in JSON


class Degree(NamedTuple):
    """An angle; axis: "lon" or "lat" where the cell says it (东经, N), else ""."""

    value: float
    axis: str


def text_of(value: object) -> str:
    """A cell as text: "" for missing, "7" for 7.0 (sheets store whole numbers so); "?" for half a
    character, which no file of ours could hold."""
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        if value.is_integer() and abs(value) <= EXACT_MAX:
            value = int(value)
    words = str(value).strip()
    return words if words.isascii() else words.encode("utf-8", "replace").decode("utf-8")


def plain_text(value: object) -> str:
    """A cell as text, full-width digits and letters made half-width: "１２０．５" is 120.5."""
    words = text_of(value)
    return words if words.isascii() else unicodedata.normalize("NFKC", words).strip()


def number_in(value: object) -> float:
    """The number that a cell holds; NaN where it holds none, or more than one.

    >>> number_in("约1,200人"), number_in("1.2万"), number_in("待核实")
    (1200.0, 12000.0, nan)
    """
    words = plain_text(value)
    if _PLAIN.fullmatch(words):
        return float(words)
    found = _COUNT.fullmatch(words)
    if not found:
        return math.nan
    return float(found["number"].replace(",", "")) * (10_000 if found["many"] else 1)


def numbers_in(values: Any) -> Floats:
    """(P,) the numbers of cells; NaN where there is none."""
    cells = np.asarray(values, object)
    numbers = np.full(len(cells), np.nan)
    quick = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(float)
    plain = np.isfinite(quick)
    numbers[plain] = quick[plain]
    for position in np.flatnonzero(~plain):
        numbers[position] = number_in(cells[position])
    return numbers


def degree_in(value: object) -> Degree | None:
    """The angle that a cell holds in decimal degrees or in degrees, minutes, seconds.

    >>> degree_in("东经118°47′25.8″")
    Degree(value=118.7905, axis='lon')
    >>> degree_in("32.04N")
    Degree(value=32.04, axis='lat')
    """
    words = plain_text(value)
    if _PLAIN.fullmatch(words):
        return Degree(float(words), "")
    found = _DEGREES.fullmatch(words)
    if not found or (found["before"] and found["after"]):
        return None
    minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
    whole = float(found["degrees"])
    broken = (found["minutes"] or found["seconds"]) and not whole.is_integer()
    if minutes >= 60 or seconds >= 60 or broken or (found["seconds"] and not found["minutes"]):
        return None
    side = (found["before"] or found["after"] or "").upper()[:1]
    below = found["sign"] == "-" or side in ("西", "南", "W", "S")
    axis = "lon" if side in _EAST_WEST else "lat" if side in _NORTH_SOUTH else ""
    angle = whole + minutes / 60 + seconds / 3600
    return Degree(-angle if below else angle, axis if side else "")


def degrees_in(values: Any) -> tuple[Floats, list[str]]:
    """(P,) angles or coordinates of cells, NaN where there is none, and the axes that they name."""
    cells = np.asarray(values, object)
    numbers = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(float).copy()
    axes = [""] * len(cells)
    for position in np.flatnonzero(~np.isfinite(numbers)):
        found = degree_in(cells[position])
        numbers[position] = number_in(cells[position]) if found is None else found.value
        axes[position] = "" if found is None else found.axis
    return numbers, axes


def pair_in(value: object) -> tuple[float, float] | None:
    """Longitude and latitude of a cell that holds both; latitude first only where the cell says so
    or nothing else is possible.

    >>> pair_in("118.79，32.04"), pair_in("N32.04 E118.79"), pair_in("(32.04, 118.79)")
    ((118.79, 32.04), (118.79, 32.04), (118.79, 32.04))
    """
    words = plain_text(value)
    wrapped = _WRAPPED.fullmatch(words)
    words = _LABELS.sub("", wrapped[1] if wrapped else words)
    for separators in (r"\s*[,，;；/|、\n]\s*", r"\s+"):
        parts = [part for part in re.split(separators, words) if part]
        if len(parts) == 2:
            one, two = degree_in(parts[0]), degree_in(parts[1])
            if one and two:
                turned = one.axis == "lat" or two.axis == "lon"
                turned |= abs(two.value) > 90 >= abs(one.value)
                return (two.value, one.value) if turned else (one.value, two.value)
    return None
