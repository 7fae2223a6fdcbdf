"""Telephones, identity numbers and names of persons in a ledger: found before anything is carried.

A ledger that holds them is refused, unless its source says ``privacy = "drop"`` (such a column is
left out as a whole) or ``"mask"`` (numbers become ***; columns of names are left out).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

import pandas as pd

from gusu_geo.errors import SourceError
from gusu_geo.sources.ledgers.cells import plain_text
from gusu_geo.study.ledger import Privacy
from gusu_geo.words import folded, text

MASK = "***"
# What may be one, full-width digits included: Arrow runs it on a million cells in half a second.
_DIGIT, _GAP = "[0-9０-９]", "[ \u3000－.．)）-]{0,2}"
_MAYBE = (
    f"{_DIGIT}{{3}}{_GAP}{_DIGIT}{{4}}{_GAP}{_DIGIT}{{4}}"
    f"|[0０8８]{_DIGIT}{{1,4}}{_GAP}{_DIGIT}{{2,4}}{_GAP}{_DIGIT}{{4}}"
    "|电话|座机|手机|[Tt][Ee][Ll]|[Pp][Hh][Oo][Nn][Ee]"
)
# The map's page checks comments by the same two patterns (report/webmap/constants.py).
PHONE = re.compile(
    r"(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}[ -]?|\.\d{4}\.)\d{4}(?!\d)"
    r"|(?<![\d.])(?:\+?86[ -]|\(?0)[1-9]\d{1,2}(?:\) ?|[ -]?)\d{3,4}[ -]?\d{4}(?!\d)"
    r"|(?:(?<=电话)|(?<=座机)|(?<=手机)|(?<=tel)|(?<=phone))[:.]? ?\d{3,4}[ -]?\d{4}(?!\d)",
    re.IGNORECASE,
)
IDENTITY = re.compile(r"(?<![\dA-Za-z.])\d{17}[\dXx](?![\dA-Za-z])")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
# The ends of headers: 站点负责人, 党支部书记姓名, 联系人电话, 手机号码2.
_ENDS: Mapping[str, re.Pattern[str]] = {
    "phone": re.compile(
        r"(?:电话|手机|座机|联系方式|微信|qq|邮箱|邮件|e-?mail)(?:号|号码)?\d?$"
        r"|(?<![a-z])(?:phone|mobile|tel|telephone|cell)(?:[ _](?:number|no\.?))?$"
    ),
    "identity": re.compile(
        r"(?:身份证|证件|公民身份)(?:号|号码)?\d?$"
        r"|(?<![a-z])(?:id[ _]?card|identity)(?:[ _](?:number|no\.?))?$"
    ),
    "person": re.compile(
        r"(?:联系人|联络人|联络员|姓名|户主|楼长|组长|负责人|业主|法人|法定代表人|网格员|书记|主任|站长|经办人"
        r"|填表人|填报人|审核人)(?:姓名|名字)?\d?$"
        r"|(?<![a-z])(?:contact|contact[ _]person|owner)$"
    ),
}


def personal_columns(cells: pd.DataFrame, spared: Iterable[str] = ()) -> dict[str, str]:
    """Kind ("phone", "identity" or "person") of each column that holds personal data; spared:
    headers of coordinates, whose long numbers are none."""
    found: dict[str, str] = {}
    for place, header in enumerate(map(str, cells.columns)):
        column = cells.iloc[:, place]
        kind = _kind_of(header)
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
    named = [_kind_of(header) for header in cells.columns]
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


def _kind_of(header: object) -> str:
    """What a header says that its column holds, "" for nothing personal. Of several words the last
    counts: 联系人 is a person, 联系人电话 a telephone, 联系人数 a count.

    >>> _kind_of("党支部书记（必填）*"), _kind_of("联系人电话 2"), _kind_of("联系人数")
    ('person', 'phone', '')
    """
    plain = re.sub(r"\(.*\)$", "", folded(header).strip(" *")).strip(" *:")
    bare = plain if plain.isascii() else plain.replace(" ", "")
    for kind, ends in _ENDS.items():
        if ends.search(bare):
            return kind
    return ""


def masked(cell: str) -> str:
    """A cell with *** for each telephone and identity number.

    >>> masked("站长 138 0013 8000，地址 3 号")
    '站长 ***，地址 3 号'
    """
    for words in (cell, plain_text(cell)):
        if _kind_in(words):
            words = IDENTITY.sub(lambda hit: MASK if _is_identity(hit[0]) else hit[0], words)
            hidden = PHONE.sub(MASK, words)
            return masked(hidden) if _kind_in(plain_text(hidden)) else hidden
    return cell


def personal_in(words: str) -> str:
    """ "phone" or "identity", whichever number stands in a text; "" for neither.

    >>> personal_in("站长 138 0013 8000"), personal_in("北门常闭，1380 号楼旁")
    ('phone', '')
    """
    return _kind_in(words) or _kind_in(plain_text(words))


def _kind_in(cell: str) -> str:
    if any(_is_identity(number) for number in IDENTITY.findall(cell)):
        return "identity"
    return "phone" if PHONE.search(cell) else ""


def _is_identity(number: str) -> bool:
    """Whether the last digit checks the others (GB 11643) and a date of birth stands inside."""
    if not number.isascii():
        return False  # full-width digits are made plain first; other scripts write no such number
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
    return CHECK[total % 11] == number[17].upper()
