"""Whether an answer of Overpass is whole, checked while it arrives.

A server that ran out of time still says 200: the file ends with a <remark>, or in the middle, or is
a web page. An answer is kept only if it is well-formed OSM XML without any remark.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from gusu_geo.words import Text, text

PART_BYTES = 1 << 18
ANSWER_MAX_BYTES = 2 << 30  # no tile has as much; a server gone mad must not fill the disk


class NoAnswerError(Exception):
    """The answer is of no use; ``why``: for the user."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class Check:
    """Follows an answer part by part. base: date of the data that the server names."""

    base: str = ""
    depth: int = 0
    root: str = ""
    size: int = 0
    remark: list[str] | None = None
    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)

    def __post_init__(self) -> None:
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def feed(self, part: bytes, *, last: bool = False) -> None:
        """The next part. Raises NoAnswerError."""
        self.size += len(part)
        if self.size > ANSWER_MAX_BYTES:
            raise NoAnswerError(text("fetch.too_large"))
        try:
            self.parser.Parse(part, last)
        except expat.ExpatError:
            what = "fetch.cut_off" if self.root == "osm" else "fetch.no_osm"
            raise NoAnswerError(text(what)) from None

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        if self.depth == 1:
            self.root = name
            if name != "osm":  # a web page that says how busy the server is
                raise NoAnswerError(text("fetch.no_osm"))
        elif name == "meta" and self.depth == 2:
            self.base = attributes.get("osm_base", "")
        elif name == "remark" and self.depth == 2:
            self.remark = []
            self.parser.CharacterDataHandler = self.remark.append

    def _end(self, name: str) -> None:
        self.depth -= 1
        if name == "remark" and self.remark is not None:
            words = " ".join("".join(self.remark).split())
            raise NoAnswerError(text("fetch.remark", words=words))


def keep(parts: Iterable[bytes], path: Path) -> str:
    """Write an answer packed, and return the date of its data. Same answer, same bytes.

    Raises NoAnswerError: it is not whole; what is at ``path`` then is of no use.
    """
    check = Check()
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        for part in parts:
            check.feed(part)
            packed.write(part)
        check.feed(b"", last=True)
    return check.base


def kept(path: Path) -> str | None:
    """The date of the data of an answer that was kept; None: there is none, or it is damaged."""
    check = Check()
    try:
        with gzip.open(path, "rb") as packed:
            while part := packed.read(PART_BYTES):
                check.feed(part)
        check.feed(b"", last=True)
    except (OSError, EOFError, NoAnswerError):
        return None
    return check.base
