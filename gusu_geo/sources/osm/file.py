"""Checks that an OSM file is of its named format and complete; reads its date and bounds."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from gusu_geo.errors import OutputError, SourceError
from gusu_geo.foreign import each, fault, foreign, plain_file
from gusu_geo.sources.osm.edited import Box, Edits, copy_edited, has_new, look_through
from gusu_geo.words import text

if TYPE_CHECKING:
    import osmium
    from osmium.osm.types import OSMEntity

FORMATS = {
    ".osm.pbf": "pbf",
    ".pbf": "pbf",
    ".osm.gz": "osm.gz",
    ".osm.bz2": "osm.bz2",
    ".osm": "osm",
}
_MAX_BLOB_HEADER = 64 * 1024  # the PBF format's own limit, in bytes
_MAX_BLOB = 32 * 1024 * 1024
_ROOM = 4  # the sorted copy may take this many times the size of the file
_UNPACKED_TIMES = 200  # OSM XML packs to a tenth; more was packed to fill the disk
_UNPACKED_FREE = 100_000_000  # bytes that any file may unpack to
_FIRST_YEAR = 2004  # of OpenStreetMap: an older time stamp was never set
_AGAIN = text("error.copy_again")
_GIVE = text("error.give_osm", kinds=" ".join(FORMATS))
_LOOKS = (
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
    (b"SQLite format 3", "sqlite"),
    (b"version https://git-lfs", "lfs"),
    (b"<!doctype html", "page"),
    (b"<html", "page"),
    (b"<?xml", "xml"),
    (b"<osm", "osm"),
    (b"{", "json"),
    (b"[", "json"),
)
_STARTS = {
    "osm.gz": ("gzip",),
    "osm.bz2": ("bzip2",),
    "osm": ("xml", "osm"),
}
_UNPACK: dict[str, Any] = {"osm.gz": gzip.open, "osm.bz2": bz2.open}
_CHUNK = 1 << 20
_WORDS = {"pbf": "OSM PBF", "osm": "OSM XML", "osm.gz": "gzip", "osm.bz2": "bzip2"}


@dataclass(frozen=True)
class OsmFile:
    """An existing file of the format in its name, complete as far as PBF blocks show.

    content, format: what osmium reads: the file itself or, of a packed one, its unpacked copy.
    date: of the header, ISO 8601 in UTC, "" when the header has none. edits: its boxes, and marks
    of editors and servers. sorted: the header states that nodes, ways and relations come in
    this order, each by id and only once.
    """

    path: Path
    content: Path
    format: str
    sha256: str
    date: str
    edits: Edits
    sorted: bool

    @classmethod
    def open(cls, path: Path, folder: Path) -> OsmFile:
        """Check the file and read its header; folder: for working copies. Raises SourceError."""
        import osmium

        file_format = _format(path)
        with foreign("file", path), path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        with path.open("rb") as stream:
            _check_start(path, file_format, stream.read(512))
            if file_format == "pbf":
                _check_blocks(path, stream)
        content = path
        if file_format in _UNPACK:
            content, file_format = _unpacked(path, file_format, folder), "osm"
        if file_format != "pbf":
            with foreign("osm", path), content.open("rb") as stream:
                edits = look_through(path, stream)
        with foreign("osm", path):
            header = osmium.FileProcessor(osmium.io.File(str(content), file_format)).header
        history = header.has_multiple_object_versions
        if file_format == "pbf":
            edits = Edits(_header_box(header), to_copy=history)
        stamps = ("osmosis_replication_timestamp", "timestamp")
        return cls(
            path=path,
            content=content,
            format=file_format,
            sha256=digest,
            date=next(filter(None, (_iso(header.get(key, "")) for key in stamps)), ""),
            edits=edits,
            sorted=header.get("sorting", "") == "Type_then_ID" and not history,
        )

    def source(self) -> osmium.io.File:
        """The file for osmium, its format given instead of guessed from the name."""
        import osmium

        return osmium.io.File(str(self.content), self.format)

    def in_order(self, folder: Path) -> tuple[osmium.io.File, Edits]:
        """The file, or a copy in the folder: objects sorted, the newest of each, none deleted.

        osmium builds areas from sorted files only; sorting takes a tenth of the reading time.
        Raises OutputError: no room for the copy.
        """
        copies = Path(tempfile.mkdtemp(dir=folder))
        source, edits = self.source() if self.sorted else self._sorted_copy(copies), self.edits
        with foreign("osm", self.path):
            changed = edits.to_copy or has_new(source)
        if not changed:
            return source, edits
        self._check_room(copies)
        copy = copies / "edited.osm.pbf"
        with foreign("osm", self.path):
            edits = copy_edited(source, copy, edits)
        return osmium_file(copy), edits

    def _check_room(self, folder: Path) -> None:
        """Raises OutputError: osmium would end the whole process when the disk is full."""
        if shutil.disk_usage(folder).free < _ROOM * self.content.stat().st_size:
            fix = text("error.make_room")
            raise OutputError(text("error.no_room"), where=folder.parent, fix=fix)

    def _sorted_copy(self, folder: Path) -> osmium.io.File:
        import osmium

        self._check_room(folder)
        with foreign("osm", self.path):
            content = self.content.read_bytes()
        copy = folder / "sorted.osh.pbf"  # by its name osmium writes which objects are deleted
        with foreign("osm", self.path):
            merger = osmium.MergeInputReader()
            merger.add_buffer(content, self.format)
            with osmium.SimpleWriter(str(copy)) as writer:
                merger.apply(writer)
        return osmium_file(copy)

    def newest(self) -> str:
        """Time of the newest object, ISO 8601 in UTC, "" when none has one. Reads the file."""
        import osmium

        with foreign("osm", self.path):
            stamps = (thing.timestamp for thing in osmium.FileProcessor(self.source()))  # type: ignore[union-attr]
            newest = max(stamps, default=datetime.fromtimestamp(0, UTC))
        return _iso(newest.isoformat())


def osmium_file(path: Path) -> osmium.io.File:
    """A PBF file of our own for osmium."""
    import osmium

    return osmium.io.File(str(path), "pbf")


def _header_box(header: osmium.io.Header) -> tuple[Box, ...]:
    box = header.box()
    if not box.valid():
        return ()
    west_south, east_north = box.bottom_left, box.top_right
    return ((west_south.lon, west_south.lat, east_north.lon, east_north.lat),)


def tags_of(thing: OSMEntity, path: Path) -> dict[str, str]:
    """The tags of an object. Raises SourceError: they are not UTF-8."""
    try:
        tags = thing.tags
        # Never asked beyond the last: the end, an exception of C++, takes longer than all tags.
        return dict(islice(tags, len(tags)))
    except Exception as error:  # as ``foreign``, which takes too long for each of a million
        raise fault("osm", error, path) from error


def _format(path: Path) -> str:
    plain_file(path, "osm")
    name = path.name.lower()
    ending = next((ending for ending in FORMATS if name.endswith(ending)), None)
    if ending is None:
        got = "".join(path.suffixes[-2:])
        raise SourceError(text("error.not_osm_name"), where=path, got=got, fix=_GIVE)
    if path.stat().st_size == 0:
        raise SourceError(text("error.osm_blank"), where=path, fix=_AGAIN)
    return FORMATS[ending]


def _unpacked(path: Path, file_format: str, folder: Path) -> Path:
    """A copy as plain OSM XML. osmium reads only the first of several packed streams, which make
    one file all the same (pigz, pbzip2, cat). Raises SourceError: damaged, packed to do harm."""
    copy = folder / "unpacked.osm"
    most = max(_UNPACKED_FREE, _UNPACKED_TIMES * path.stat().st_size)
    with foreign("osm", path):
        stream = _UNPACK[file_format](path, "rb")
    with stream, copy.open("wb") as whole:
        for chunk in each("osm", iter(partial(stream.read, _CHUNK), b""), path):
            whole.write(chunk)
            if whole.tell() > most:
                what = text("error.packed_to_harm", times=_UNPACKED_TIMES)
                raise SourceError(what, where=path, fix=_AGAIN)
    return copy


def _check_start(path: Path, file_format: str, start: bytes) -> None:
    """Raises SourceError: the first bytes do not fit the format in the name."""
    if file_format == "pbf":
        good = b"OSMHeader" in start[4:64]
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    known = (look for mark, look in _LOOKS if plain.startswith(mark.lower()))
    look = next(known, "unknown")
    if file_format != "pbf":
        good = look in _STARTS[file_format]
    elif not good and len(start) < 20 and look == "unknown":
        raise _cut(path, len(start))
    if not good:
        begins = text(f"error.look_{look}")
        what = text("error.not_format", format=_WORDS[file_format], look=begins)
        raise SourceError(what, where=path, fix=text("error.download_or_rename"))


def _check_blocks(path: Path, stream: BinaryIO) -> None:
    """Raises SourceError: a PBF block is invalid, or the last one does not end with the file.

    Blocks are not unpacked. A file cut exactly between two blocks passes: PBF has no end mark.
    """
    total, position = path.stat().st_size, 0
    while position < total:
        stream.seek(position)
        length = int.from_bytes(stream.read(4), "big")
        if position + 4 + length > total and length <= _MAX_BLOB_HEADER:
            raise _cut(path, total)
        size = _blob_size(stream.read(length)) if length <= _MAX_BLOB_HEADER else -1
        if not 0 <= size <= _MAX_BLOB:
            what = text("error.pbf_damaged", position=position)
            raise SourceError(what, where=path, fix=_AGAIN)
        position += 4 + length + size
        if position > total:
            raise _cut(path, total)


def _cut(path: Path, total: int) -> SourceError:
    what = text("error.pbf_cut", total=total)
    return SourceError(what, where=path, fix=_AGAIN)


def _blob_size(header: bytes) -> int:
    """``datasize`` (field 3) of a PBF BlobHeader message in bytes, -1 when there is none."""
    position, fields = 0, {}
    while position < len(header):
        key, position = _varint(header, position)
        value, position = _varint(header, position)
        fields[key] = value
        if key & 7 == 2:  # a text: the value was its length
            position += value
    return fields.get(3 << 3, -1)


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A protobuf integer and where the next one begins."""
    value = shift = 0
    while position < len(data):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return value, position


def _iso(text: str) -> str:
    """A time stamp as ISO 8601 in UTC, "" when invalid or from before OpenStreetMap."""
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return ""
    stamp = stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
    return stamp.strftime("%Y-%m-%dT%H:%M:%SZ") if stamp.year >= _FIRST_YEAR else ""
