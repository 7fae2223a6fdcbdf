"""Telephones, identity numbers and names of persons in a ledger: found before anything is carried.

A ledger that holds them is refused, unless its source says ``privacy = "drop"`` (such a column is
left out as a whole) or ``"mask"`` (numbers become ***; columns of names are left out).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

import pandas as pd

from gusu_geo.errors import SourceError
from gusu_geo.sources.ledgers.cells import plain_text
from gusu_geo.words import folded, text

MASK = "***"
Privacy = Literal["refuse", "drop", "mask"]
# What may be one, full-width digits included: Arrow runs it on a million cells in half a second.
_DIGIT, _GAP = "[0-9０-９]", "[ \u3000－-]?"
_MAYBE = (
    f"{_DIGIT}{{3}}{_GAP}{_DIGIT}{{4}}{_GAP}{_DIGIT}{{4}}"
    f"|[0０]{_DIGIT}{{2,3}}[)）]?{_GAP}{_DIGIT}{{7}}"
)
_PHONE = re.compile(
    r"(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"
    r"|(?<![\d.])\(?0\d{2,3}\)?[ -]?\d{7,8}(?!\d)"
)
_IDENTITY = re.compile(r"(?<![\dA-Za-z.])\d{17}[\dXx](?![\dA-Za-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "phone": ("联系电话", "电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "phone",
              "mobile", "tel", "telephone"),
    "identity": ("身份证", "身份证号", "身份证号码", "证件号", "证件号码", "公民身份号码",
                 "id_card"),
    "person": ("联系人", "姓名", "户主", "户主姓名", "负责人", "业主", "业主姓名", "居民姓名",
               "法人", "法定代表人", "老人姓名", "contact", "contact_person"),
}  # fmt: skip
_KIND_OF = {folded(name): kind for kind, names in _HEADERS.items() for name in names}


def personal_columns(cells: pd.DataFrame, spared: Iterable[str] = ()) -> dict[str, str]:
    """Kind ("phone", "identity" or "person") of each column that holds personal data; spared:
    headers of coordinates, whose long numbers are none."""
    found: dict[str, str] = {}
    for place, header in enumerate(map(str, cells.columns)):
        column = cells.iloc[:, place]
        kind = _KIND_OF.get(re.sub(r"\(.*\)$|[*\s]", "", folded(header)), "")
        if kind and (column != "").any():
            found[header] = kind
        elif header not in spared and header not in found:
            maybe = column[column.str.contains(_MAYBE, regex=True)]
            kinds = (_kind_in(plain_text(cell)) for cell in maybe)
            first = next((kind for kind in kinds if kind), "")
            if first:
                found[header] = first
    return found


def without_personal(
    cells: pd.DataFrame, found: Mapping[str, str], privacy: Privacy, spot: str
) -> pd.DataFrame:
    """The cells without personal data. Raises SourceError that names the columns: ``refuse``."""
    if not found:
        return cells
    if privacy == "refuse":
        raise SourceError(
            text("error.personal_data", columns=tuple(found)),
            where=spot,
            fix=text("error.drop_or_mask"),
        )
    named = [_KIND_OF.get(folded(header), "") for header in cells.columns]
    gone = [
        header in found and (privacy == "drop" or kind == "person")
        for header, kind in zip(map(str, cells.columns), named, strict=True)
    ]
    kept = cells.loc[:, [not away for away in gone]].copy()
    for place, header in enumerate(map(str, kept.columns)):
        if header in found:
            column = kept.iloc[:, place]
            kept.isetitem(place, column.map(masked).to_numpy(object))
    return kept


def masked(cell: str) -> str:
    """A cell with *** for each telephone and identity number.

    >>> masked("站长 138 0013 8000，地址 3 号")
    '站长 ***，地址 3 号'
    """
    for words in (cell, plain_text(cell)):
        if _kind_in(words):
            words = _IDENTITY.sub(lambda hit: MASK if _is_identity(hit[0]) else hit[0], words)
            return _PHONE.sub(MASK, words)
    return cell


def _kind_in(cell: str) -> str:
    if any(_is_identity(number) for number in _IDENTITY.findall(cell)):
        return "identity"
    return "phone" if _PHONE.search(cell) else ""


def _is_identity(number: str) -> bool:
    """Whether the last digit checks the others (GB 11643) and a date of birth stands inside."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECK[total % 11] == number[17].upper()
