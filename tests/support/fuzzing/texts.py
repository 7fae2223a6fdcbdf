"""Changes of XML, JSON, TOML and tables that know their structure."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
import tomllib
from random import Random
from typing import Any
from xml.etree import ElementTree

from fuzzing.octets import LONG, any_octets, odd_number, odd_word

DEEP = 5000
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_QUOTED = re.compile(rb'"[^"\n]*"')


def numbers_in(draw: Random, content: bytes) -> bytes:
    """A number of the text becomes an odd one."""
    return _replaced(draw, content, _NUMBER, odd_number(draw))


def words_in(draw: Random, content: bytes) -> bytes:
    """A quoted text becomes an odd one, raw: its control characters and quotes act."""
    return _replaced(draw, content, _QUOTED, f'"{odd_word(draw)}"')


def _replaced(draw: Random, content: bytes, what: re.Pattern[bytes], word: str) -> bytes:
    found = list(what.finditer(content))
    if not found:
        return any_octets(draw, content)
    hit = draw.choice(found)
    return content[: hit.start()] + word.encode() + content[hit.end() :]


def lines_in(draw: Random, content: bytes) -> bytes:
    """A line is lost, doubled, moved, or ended otherwise."""
    lines = content.splitlines(keepends=True)
    at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    how = draw.randrange(5)
    if how == 0:
        del lines[at]
    elif how == 1:
        lines.insert(other, lines[at])
    elif how == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif how == 3:
        lines[at:at] = [b"\n"] * draw.choice((1, 3, 3000))
    else:
        return content.replace(b"\n", draw.choice((b"\r", b"\r\n", b"\n\n", b"\x0b")))
    return b"".join(lines)


def encoded(draw: Random, content: bytes) -> bytes:
    """The text in another encoding, with or without a mark of it."""
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return any_octets(draw, content)
    name = draw.choice(("utf-16", "utf-16-le", "utf-32", "gb18030", "big5", "shift-jis", "latin-1", "utf-8-sig", "utf-7"))  # fmt: skip
    return words.encode(name, "replace")


# --- XML ---------------------------------------------------------------------------------------

ATTRIBUTES = (
    *("id", "ref", "lat", "lon", "version", "timestamp", "changeset", "uid", "user", "visible"),
    *("action", "k", "v", "type", "role", "r", "t", "s", "key", "source", "target", "encoding"),
)
VALUES = (
    *("node", "way", "relation", "area", "false", "true", "delete", "modify", "create", "n", "b", "e"),
    *("s", "str", "2024-13-45T00:00:00Z", "1969-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "no", "yes"),
    *("d", "inlineStr", "A1", "XFE1", "A0", "ZZZ9", "A2000000000", "5", "20", "21", "-5", "1"),
    *("multipolygon", "boundary", "outer", "inner", "highway", "building", "layer", "name"),
)  # fmt: skip


def xml_tree(draw: Random, content: bytes) -> bytes:
    """One to three changes of elements and attributes."""
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError):
        return any_octets(draw, content)
    for _ in range(draw.choice((1, 1, 2, 3))):
        _change_element(draw, root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _change_element(draw: Random, root: ElementTree.Element) -> None:
    elements = [element for element in root.iter() if element is not root]
    if not elements:
        return
    element = draw.choice(elements)
    parent = next(each for each in root.iter() if element in list(each))
    how = draw.randrange(11)
    if how == 0 and element.attrib:
        del element.attrib[draw.choice(list(element.attrib))]
    elif how <= 3:
        key = draw.choice(list(element.attrib) or ATTRIBUTES)
        element.set(key, _valid_xml(draw.choice((odd_number, odd_number, odd_word))(draw)))
    elif how == 4:
        element.set(draw.choice(ATTRIBUTES), draw.choice(VALUES))
    elif how == 5:
        parent.remove(element)
    elif how == 6:
        twin = copy.deepcopy(element)
        twin.set("version", draw.choice(("0", "3", "1")))
        parent.insert(draw.randrange(len(parent) + 1), twin)
    elif how == 7:
        draw.choice(elements[: len(elements) // 2 + 1]).append(copy.deepcopy(element))
    elif how == 8:
        element.tag = draw.choice(("node", "way", "relation", "nd", "tag", "member", "x", "bounds", "remark", "osm", "delete", "action"))  # fmt: skip
    elif how == 9:
        element.text = _valid_xml(odd_word(draw))
    else:
        members = [element for element in elements if len(element)]
        parts = list(draw.choice(members or elements))
        if parts:
            part = copy.deepcopy(draw.choice(parts))
            most = 100_000 // sum(1 for _ in root.iter())  # twice in a row, it would never end
            draw.choice(elements).extend([part] * min(draw.choice((2, 60, 2500)), max(most, 2)))


def _valid_xml(word: str) -> str:
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "\u200b", word)


def xml_prolog(draw: Random, content: bytes) -> bytes:
    """Entities, encodings, instructions and depth: what a reader of XML must bear."""
    body = content[content.find(b"?>") + 2 :] if content.startswith(b"<?xml") else content
    bomb = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    external = '<!DOCTYPE osm [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    head = draw.choice(
        (
            f'<!DOCTYPE osm [<!ENTITY a0 "x">{bomb}]>',
            external,
            '<!DOCTYPE osm SYSTEM "http://127.0.0.1:9/x.dtd">',
            '<?xml version="1.1"?>',
            '<?xml version="1.0" encoding="utf-16"?>',
            '<?xml version="1.0" encoding="no-such"?>',
            '<?xml version="1.0" encoding="gb18030"?>',
            '<?xml version="1.0"?><?xml version="1.0"?>',
            "<!--" + "-" * 9,
            "<a>" * DEEP,
        )
    )
    entity = draw.choice((b"&x;", b"&a11;", b"&#27;", b"&#0;", b"&#x10FFFF;", b"&nbsp;", b"<![CDATA[x]]>"))  # fmt: skip
    found = list(_QUOTED.finditer(body))
    if found and draw.random() < 0.8:
        at = draw.choice(found).end() - 1
        body = body[:at] + entity + body[at:]
    return head.encode() + body


# --- JSON --------------------------------------------------------------------------------------


def _deep(draw: Random) -> Any:
    value: Any = []
    for _ in range(draw.choice((3, 60, 200))):
        value = [value]
    return value


def _odd_value(draw: Random) -> Any:
    plain = (None, True, False, 0, -1, 1, 2**53, 2**63, 10**400, 0.5, 1e308, float("nan"))
    more = (float("inf"), [], {}, [[]], "", "0", [1], [1, 2, 3], {"x": 1}, [None], -90.5, 181.0)
    how = draw.randrange(8)
    if how == 0:
        return _deep(draw)
    return odd_word(draw) if how <= 2 else draw.choice((*plain, *more))


def _spots(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every (container, key) below a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        found.append((value, key))
        if isinstance(inner, dict | list):
            _spots(inner, found)
    return found


def _change_document(draw: Random, document: Any) -> None:
    """One change of a document of dicts and lists."""
    spots = _spots(document, [])
    if not spots:
        return
    owner, key = draw.choice(spots)
    how = draw.randrange(8)
    if how == 0:
        del owner[key]
    elif how <= 3:
        owner[key] = _odd_value(draw)
    elif how == 4 and isinstance(owner, dict):
        owner[draw.choice((f"{key}s", key[:-1], key.upper(), "x", "", odd_word(draw)))] = owner.pop(
            key
        )
    elif how == 5 and isinstance(owner, dict):
        other_owner, other = draw.choice(spots)
        owner[draw.choice(("x", str(other), "id", "type"))] = copy.deepcopy(other_owner[other])
    elif how == 6 and isinstance(owner, list):
        owner.insert(key, copy.deepcopy(owner[key]))
    else:
        other_owner, other = draw.choice(spots)
        one, two = copy.deepcopy(owner[key]), copy.deepcopy(other_owner[other])
        owner[key], other_owner[other] = two, one


def json_tree(draw: Random, content: bytes) -> bytes:
    """One to three changes of keys and values; now and then a key stands twice."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return any_octets(draw, content)
    for _ in range(draw.choice((1, 1, 2, 3))):
        _change_document(draw, document)
    try:
        whole = json.dumps(document, ensure_ascii=draw.random() < 0.3)
    except (ValueError, RecursionError):
        return content
    if draw.random() < 0.1 and (keys := re.findall(r'"\w+": [^,{\[]+,', whole)):
        whole = whole.replace(one := draw.choice(keys), f"{one} {one}", 1)
    return whole.encode("utf-8", "surrogatepass")


def json_depth(draw: Random, content: bytes) -> bytes:
    """Brackets without end, in a value or around all."""
    depth = draw.choice((100, DEEP, LONG))
    one, two = draw.choice((("[", "]"), ('{"a":', "}")))
    nest = one * depth + "1" + two * draw.choice((depth, 0))
    return _replaced(draw, content, _NUMBER, nest) if draw.random() < 0.7 else nest.encode()


# --- TOML --------------------------------------------------------------------------------------


def toml_tree(draw: Random, content: bytes) -> bytes:
    """One or two changes of keys and values, written as inline tables."""
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return any_octets(draw, content)
    for _ in range(draw.choice((1, 1, 2))):
        _change_document(draw, document)
    lines = [f"{json.dumps(str(key))} = {_toml(value)}" for key, value in document.items()]
    return "\n".join(lines).encode("utf-8", "replace")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(str(key))} = {_toml(each)}" for key, each in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**300 else "1" * 401
    if value is None:
        return "1979-05-27T07:32:00Z"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "")


# --- tables ------------------------------------------------------------------------------------


def csv_cells(draw: Random, content: bytes) -> bytes:
    """Cells, rows and columns changed; the table stays one that programs write."""
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return any_octets(draw, content)
    rows = list(csv.reader(io.StringIO(words, newline="")))
    for _ in range(draw.choice((1, 1, 2, 4))):
        _change_rows(draw, rows)
    stream = io.StringIO(newline="")
    quoting = draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    csv.writer(stream, delimiter=draw.choice(",,,,;\t"), quoting=quoting).writerows(rows)
    return stream.getvalue().encode(draw.choice(("utf-8-sig", "utf-8", "gb18030")), "replace")


def _change_rows(draw: Random, rows: list[list[str]]) -> None:
    row = draw.randrange(len(rows))
    cells = rows[row] or [""]
    cell, how = draw.randrange(len(cells)), draw.randrange(10)
    if how <= 3:
        cells[cell] = draw.choice((odd_number, odd_word))(draw)
    elif how == 4:
        cells.insert(cell, draw.choice(("", "x", "5")))
    elif how == 5:
        del cells[cell]
    elif how == 6:
        rows.insert(draw.randrange(len(rows) + 1), list(draw.choice(rows)))
    elif how == 7:
        rows.insert(row, draw.choice(([], [""] * 4, ["title"], [" ", "\t"])))
    elif how == 8:
        other = draw.randrange(len(cells))
        for line in rows if draw.random() < 0.5 else [cells]:
            if max(cell, other) < len(line):
                line[cell], line[other] = line[other], line[cell]
    else:
        cells += [""] * draw.choice((1, 3000, 17_000))
    rows[row] = cells if how not in (6, 7) else rows[row]
