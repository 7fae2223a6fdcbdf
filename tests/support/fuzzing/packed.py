"""Changes of packed and binary files that keep their frame whole: lengths and check sums fit."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fuzzing import texts
from fuzzing.octets import Change, any_octets, odd_number, odd_word
from fuzzing.seeds import zipped

BOMB = 12 << 20  # bytes that a packed file of some kB becomes


# --- streams and archives ----------------------------------------------------------------------


def repacked(pack: Callable[[bytes], bytes], unpack: Callable[[bytes], bytes]) -> Change:
    """A change of the content of a packed XML file; several streams, and a bomb."""

    def change(draw: Random, content: bytes) -> bytes:
        plain, how = unpack(content), draw.randrange(12)
        if how == 0:
            return content + pack(b"") + draw.choice((b"\x00" * 512, b"junk", content))
        if how == 1:
            at = draw.randrange(len(plain))
            return pack(plain[:at]) + pack(plain[at:])
        if how == 2:
            return pack(plain[:-7] + b" " * BOMB + plain[-7:])
        if how == 3:
            return pack(draw.choice((b"", b"\x00" * 99, content)))
        change = draw.choice((texts.xml_tree, texts.xml_tree, texts.xml_prolog, any_octets))
        return pack(change(draw, plain))

    return change


regzipped = repacked(lambda plain: gzip.compress(plain, 6, mtime=0), gzip.decompress)
rebzipped = repacked(lambda plain: bz2.compress(plain, 9), bz2.decompress)


def rezipped(*changes: Change) -> Change:
    """A change of the members of a zip file: of one's content, of their names, of all."""

    def change(draw: Random, content: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name, other = draw.choice(list(members)), draw.choice(list(members))
        how = draw.randrange(14)
        if how == 0:
            del members[name]
        elif how == 1:
            members[name], members[other] = members[other], members[name]
        elif how == 2:
            members[draw.choice((name.upper(), f"x/{name}", f"../{name}", odd_word(draw)[:200] or "x"))] = members.pop(name)  # fmt: skip
        elif how == 3:
            members[name] = b""
        elif how == 4:
            members[name] += b" " * BOMB
        elif how == 5:
            return zipped(members).replace(b"PK\x01\x02\x14\x00\x14\x00\x00", b"PK\x01\x02\x14\x00\x14\x00\x01")  # fmt: skip
        else:
            name = draw.choice((max(members, key=lambda key: len(members[key])), name))
            members[name] = draw.choice(changes)(draw, members[name])
        return zipped(members)

    return change


reworked_book = rezipped(texts.xml_tree, texts.xml_tree, texts.xml_prolog, texts.numbers_in, texts.words_in)  # fmt: skip


def npy_array(draw: Random, content: bytes) -> bytes:
    """An array of a numpy archive, with other values, kind or shape."""
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except ValueError:
        return any_octets(draw, content)
    flat, how = array.reshape(-1).copy(), draw.randrange(7)
    if how <= 2 and len(flat) and flat.dtype.kind in "iuf":
        limits = (0, -1, 1, 7) if flat.dtype.kind != "u" else (0, 1, 7, 255)
        odd = (float("nan"), float("inf"), 1e300, -5.5) if flat.dtype.kind == "f" else limits
        flat[draw.randrange(len(flat))] = draw.choice(odd)
        array = flat.reshape(array.shape)
    elif how == 3:
        array = array[: len(array) // 2] if array.ndim else array
    elif how == 4:
        array = np.concatenate([array, array]) if array.ndim else array
    elif how == 5:
        array = array.astype(draw.choice(("U9", "f4", "i1", "?", "c16", "S3"))) if array.dtype.kind != "U" else array.astype("S")  # fmt: skip
    else:
        array = draw.choice((array.reshape(1, -1), np.zeros(0), np.array(5), np.full(3, "x")))
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


reworked_arrays = rezipped(npy_array, npy_array, any_octets)


# --- protocol buffers --------------------------------------------------------------------------


def _varint(number: int) -> bytes:
    out = bytearray()
    number &= 2**64 - 1
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes((*out, number))


def _fields(message: bytes) -> list[tuple[int, int, Any]]:
    """(number, wire type, value) of a message. Raises ValueError: it is none."""
    found, at = [], 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(message) or shift > 63:
                raise ValueError
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            value: Any = varint()
        elif key & 7 == 2:
            size = varint()
            value = message[at : at + size]
            if len(value) < size:
                raise ValueError
            at += size
        else:
            raise ValueError
        found.append((key >> 3, key & 7, value))
    return found


def _message(fields: list[tuple[int, int, Any]]) -> bytes:
    parts = []
    for number, wire, value in fields:
        parts.append(_varint(number << 3 | wire))
        parts.append(_varint(value) if wire == 0 else _varint(len(value)) + value)
    return b"".join(parts)


ODD_VARINTS = (0, 1, 2, 7, 127, 128, 10**6, 2**31, 2**32 - 1, 2**62, 2**63, 2**64 - 1)


def _change_message(draw: Random, message: bytes, depth: int) -> bytes:
    """One change somewhere in a message or in those it holds."""
    try:
        fields = _fields(message)
    except ValueError:
        fields = []
    if not fields or depth > 5:
        return _change_packed(draw, message)
    at, how = draw.randrange(len(fields)), draw.randrange(10)
    number, wire, value = fields[at]
    if how == 0:
        del fields[at]
    elif how == 1:
        fields.insert(at, fields[draw.randrange(len(fields))])
    elif how == 2:
        fields[at] = (draw.choice((1, 2, 3, 4, 5, 8, 10, 17, 19, 20)), wire, value)
    elif wire == 0:
        fields[at] = (number, 0, draw.choice(ODD_VARINTS))
    elif how == 3:
        fields[at] = (number, 2, draw.choice((b"", value * 2, value[:-1], b"\xff" * 9)))
    else:
        fields[at] = (number, 2, _change_message(draw, value, depth + 1))
    return _message(fields)


def _change_packed(draw: Random, content: bytes) -> bytes:
    """A run of packed numbers: one is put in, taken out, or becomes huge."""
    if not content:
        return _varint(draw.choice(ODD_VARINTS))
    at, how = draw.randrange(len(content)), draw.randrange(4)
    if how == 0:
        return content[:at] + _varint(draw.choice(ODD_VARINTS)) + content[at:]
    if how == 1:
        return content[:at] + content[at + 1 :]
    if how == 2:
        return content[:at] + _varint(draw.choice(ODD_VARINTS)) + content[at + 1 :]
    return any_octets(draw, content)


def pbf_blocks(draw: Random, content: bytes) -> bytes:
    """The blocks of an OSM PBF file, one of them changed inside and packed again."""
    blocks, at = [], 0
    while at < len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        header = {n: v for n, _, v in _fields(content[at + 4 : at + 4 + size])}
        start = at + 4 + size
        blob = {n: v for n, _, v in _fields(content[start : start + header[3]])}
        blocks.append((header[1], zlib.decompress(blob[3])))
        at = start + header[3]
    which, how = draw.randrange(len(blocks)), draw.randrange(12)
    kind, plain = blocks[which]
    if how == 0:
        blocks.insert(draw.randrange(len(blocks) + 1), blocks[which])
    elif how == 1:
        blocks[which] = (draw.choice((b"OSMHeader", b"OSMData", b"Other")), plain)
    elif how == 2:
        blocks[which] = (kind, b"\x00" * (31 << 20))
    elif how == 3:
        del blocks[which]
    else:
        blocks[which] = (kind, _change_message(draw, plain, 0))
    out = []
    for kind, plain in blocks:
        size = draw.choice(ODD_VARINTS) if draw.random() < 0.03 else len(plain)
        fields = [(2, 0, size), (3, 2, zlib.compress(plain))]
        blob_ = _message([(1, 2, plain)] if draw.random() < 0.1 else fields)
        head = _message([(1, 2, kind), (3, 0, len(blob_))])
        out.append(struct.pack(">I", len(head)) + head + blob_)
    return b"".join(out)


# --- tables of shapes --------------------------------------------------------------------------


def gpkg_rows(draw: Random, content: bytes) -> bytes:
    """A GeoPackage after some statements that SQLite allows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "homes.gpkg"
        path.write_bytes(content)
        with sqlite3.connect(path) as book:
            for _ in range(draw.choice((1, 1, 2))):
                statement, values = _statement(draw)
                try:
                    book.execute(statement, values)
                except sqlite3.Error:
                    with suppress(sqlite3.Error):  # there may be no such table any more
                        book.execute("UPDATE homes SET geom = NULL WHERE fid = 1")
        book.close()
        return path.read_bytes()


def _statement(draw: Random) -> tuple[str, tuple[Any, ...]]:
    fid, column = draw.randint(1, 4), draw.choice(("编号", "人数", "geom"))
    number = draw.choice((None, b"\x00\xff", odd_word(draw), 1e308, -1, 2**62))
    point = struct.pack("<BIdd", 1, 1, *(draw.choice((120.6, 31.3, 1e308, float("nan"), 181.0)) for _ in "xy"))  # fmt: skip
    wkb = draw.choice(
        (point, point[:9], b"", b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 60, b"\x01\xff\xff\x00\x00",
         b"\x01\x02\x00\x00\x00\xff\xff\xff\x7f", b"\x01\x01\x00\x00\x00" + b"\x00" * 15 + b"\xf8\x7f")
    )  # fmt: skip
    head = draw.choice((b"GP\x00\x01", b"GP\x00\x11", b"GP\x00\x0f", b"XX\x00\x01")) + b"\xe6\x10\x00\x00"  # fmt: skip
    return draw.choice(
        (
            (f"UPDATE homes SET {column} = ? WHERE fid = ?", (number, fid)),
            ("UPDATE homes SET geom = ? WHERE fid = ?", (head + wkb, fid)),
            ("INSERT INTO homes (geom, 编号, 人数) VALUES (?, ?, ?)", (head + point, "h9", number)),
            ("DELETE FROM homes WHERE fid = ?", (fid,)),
            ("DELETE FROM gpkg_contents", ()),
            ("DELETE FROM gpkg_geometry_columns", ()),
            ("UPDATE gpkg_geometry_columns SET srs_id = ?", (draw.choice((0, -1, 4547, 3857, 999)),)),
            ("UPDATE gpkg_geometry_columns SET geometry_type_name = ?", (draw.choice(("POLYGON", "x")),)),
            ("UPDATE gpkg_spatial_ref_sys SET definition = ?", (draw.choice(("", "x", odd_word(draw))),)),
            ("UPDATE gpkg_contents SET table_name = ?", (draw.choice(("none", "x' y", "HOMES")),)),
            ("UPDATE gpkg_contents SET data_type = ?", (draw.choice(("attributes", "tiles", "x")),)),
            ("ALTER TABLE homes RENAME COLUMN 人数 TO \"\x1b[2J\"", ()),
            ("DROP TABLE homes", ()),
            ("ALTER TABLE homes ADD COLUMN \"人数 \" REAL", ()),
            ("UPDATE gpkg_ogr_contents SET feature_count = ?", (draw.choice((0, 2, 10**9, -1)),)),
        )
    )  # fmt: skip


def dbf_or_shp(draw: Random, content: bytes) -> bytes:
    """A number in the head of a member of a shapefile, or any octets."""
    if len(content) < 40 or draw.random() < 0.4:
        return any_octets(draw, content)
    spoiled = bytearray(content)
    at = draw.choice(
        (0, 4, 8, 10, 24, 28, 32, 36, 43, 48, *(range(100, min(len(content), 200), 4)))
    )
    at = min(at, len(content) - 4)
    order = draw.choice("<>")
    value = draw.choice((0, 1, 2, 3, 4, 5, 15, 100, 2**16, 2**31 - 1, 2**32 - 1))
    spoiled[at : at + 4] = struct.pack(f"{order}I", value)
    return bytes(spoiled)


def parquet_table(draw: Random, content: bytes) -> bytes:
    """A Parquet file of the same table with other columns or other words on its shapes."""
    table = pq.read_table(io.BytesIO(content))
    geo, how = json.loads(table.schema.metadata[b"geo"]), draw.randrange(6)
    name = draw.choice(table.column_names)
    at = table.column_names.index(name)
    if how == 0:
        wkb = [draw.choice((None, b"", b"\x01", b"\x01\x01\x00\x00\x00" + b"\xff" * 16, shape)) for shape in table["geometry"].to_pylist()]  # fmt: skip
        table = table.set_column(table.column_names.index("geometry"), "geometry", pa.array(wkb, pa.binary()))  # fmt: skip
    elif how == 1:
        table = table.remove_column(at)
    elif how == 2:
        odd: list[Any] = [[odd_word(draw)] * 4, [[1, 2]] * 4, [{"x": None}] * 4, [None] * 4, [float("nan")] * 4]  # fmt: skip
        table = table.set_column(at, name, pa.array(draw.choice(odd)))
    elif how == 3:
        names = [draw.choice((each, odd_word(draw))) for each in table.column_names]
        table = table.rename_columns(names)
    else:
        changed = texts.json_tree(draw, json.dumps(geo).encode())
        words = {
            **table.schema.metadata,
            b"geo": changed if how == 4 else odd_number(draw).encode(),
        }
        table = table.replace_schema_metadata(words)
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def tiff_entry(draw: Random, content: bytes) -> bytes:
    """One entry of the directory of a TIFF file: its tag, kind, count or value."""
    (start,) = struct.unpack("<I", content[4:8])
    (count,) = struct.unpack("<H", content[start : start + 2])
    at = start + 2 + 12 * draw.randrange(count)
    part, size = draw.choice(((0, 2), (2, 2), (4, 4), (8, 4)))
    value = draw.choice((0, 1, 2, 3, 5, 8, 16, 64, 255, 257, 32773, 65535)) if size == 2 else draw.choice((0, 1, 7, 100, 2**16, 2**31 - 1, 2**32 - 1))  # fmt: skip
    packed_value = struct.pack("<H" if size == 2 else "<I", value)
    return content[: at + part] + packed_value + content[at + part + size :]
