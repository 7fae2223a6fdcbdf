"""What a spoiled input says, by readers of our own that share nothing with those of the product."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import math
import re
import sqlite3
import struct
import tempfile
import unicodedata
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pyproj import CRS

from fuzzing.seeds import Files

Row = tuple[str, float, float, float]  # id, persons, lon, lat
CELLS = ([], ["v"], ["is", "t"])  # what stands in a cell
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Unclear(Exception):
    """This reader cannot say what the input says."""


# --- ledgers -----------------------------------------------------------------------------------


def plain(value: object) -> str:
    """A cell as the study writes it: 7.0 is 7."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def number(value: object) -> float:
    found = float(unicodedata.normalize("NFKC", plain(value)).strip())
    if not math.isfinite(found):
        raise ValueError(value)
    return found


def csv_rows(files: Files) -> list[Row]:
    """Header in row 1, blank rows left out; the columns of the study."""
    (content,) = files.values()
    try:
        wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        words = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        words = content.decode("gb18030")
    rows = list(csv.reader(io.StringIO(words, newline="")))
    body = [row for row in rows[1:] if any(cell.strip() for cell in row)]
    body = [row for row in body if row != rows[0]]  # a header again
    head = [unicodedata.normalize("NFKC", cell).strip() for cell in rows[0]]
    if any(head.count(name) != 1 for name in ("编号", "人数", "经度", "纬度")):
        raise Unclear
    at = [head.index(name) for name in ("编号", "人数", "经度", "纬度")]
    return [
        (plain(row[at[0]]), *(number(row[ix]) for ix in at[1:]))  # type: ignore[misc]
        for row in body
    ]


def xlsx_rows(files: Files) -> list[Row]:
    """The one sheet, as its XML says; cells without a place follow each other."""
    (content,) = files.values()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if "worksheets" in name]
        if sheets != ["xl/worksheets/sheet1.xml"]:
            raise Unclear
        root = ElementTree.fromstring(archive.read(sheets[0]))
    rows = []
    for line in root.iter(f"{SHEET}row"):
        cells: dict[str, object] = {}
        for place, cell in zip("ABCDEFGH", line.iter(f"{SHEET}c"), strict=False):
            if cell.get("r", place)[:1] != place or set(cell.attrib) - {"r", "t"}:
                raise Unclear
            if [part.tag.removeprefix(SHEET) for part in cell.iter()][1:] not in CELLS:
                raise Unclear  # no cell of any sheet: what counts in it is not said
            kind, value = cell.get("t", "n"), cell.findtext(f"{SHEET}v")
            if kind == "inlineStr":
                value = "".join(cell.itertext())
            elif kind != "n" or (value is not None and not re.fullmatch(r"-?[0-9.]+", value)):
                raise Unclear
            cells[place] = value if kind == "inlineStr" or value is None else float(value)
        rows.append([cells.get(place) for place in "ABCD"])
    if not rows or rows[0] != ["编号", "人数", "经度", "纬度"]:
        raise Unclear
    body = [row for row in rows[1:] if any(plain(cell) for cell in row) and row != rows[0]]
    return [(plain(row[0]), *map(number, row[1:])) for row in body]  # type: ignore[misc]


def geojson_rows(files: Files) -> list[Row]:
    """The features of a collection, in order."""
    (content,) = files.values()
    document = json.loads(content.decode("utf-8-sig"))
    if document.get("type") != "FeatureCollection" or "crs" not in document:
        raise Unclear
    rows = []
    for feature in document["features"]:
        member = {key.lower(): value for key, value in feature.items()}  # as GDAL does
        facts = member["properties"]
        shape = {key.lower(): value for key, value in member["geometry"].items()}
        if shape["type"] != "Point":
            raise ValueError(shape["type"])
        lon, lat = shape["coordinates"][:2]
        if isinstance(facts["编号"], dict | list | bool):
            raise Unclear  # written as JSON, with other spaces
        rows.append((plain(facts["编号"]), number(facts["人数"]), float(lon), float(lat)))
    return rows


def gpkg_rows(files: Files) -> list[Row]:
    """The rows of the table, their points taken from the blobs."""
    (content,) = files.values()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        path.write_bytes(content)
        book = sqlite3.connect(path)
        try:
            book.text_factory = lambda raw: raw.decode("utf-8", "replace")
            rows = book.execute("SELECT 编号, 人数, geom FROM homes ORDER BY fid").fetchall()
            (srs,) = book.execute("SELECT srs_id FROM gpkg_geometry_columns").fetchone()
        finally:
            book.close()
    if srs != 4326:
        raise Unclear
    return [(plain(key), number(persons), *_blob_point(blob)) for key, persons, blob in rows]


def _blob_point(blob: bytes) -> tuple[float, float]:
    order = "<" if blob[3] & 1 else ">"
    box = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[blob[3] >> 1 & 7]
    wkb = blob[8 + box :]
    order = "<" if wkb[0] else ">"
    kind, lon, lat = struct.unpack(f"{order}Idd", wkb[1:21])
    if kind % 1000 != 1 or not (math.isfinite(lon) and math.isfinite(lat)):
        raise ValueError(kind)
    return lon, lat


def shp_rows(files: Files) -> list[Row]:
    """Records of the .dbf that are not deleted, and the points of the .shp where .shx says."""
    if len(files) < 5:
        raise Unclear
    shp, shx, dbf = (files[f"homes.{ending}"] for ending in ("shp", "shx", "dbf"))
    if files["homes.prj"] != CRS(4326).to_wkt("WKT1_ESRI").encode():
        raise Unclear
    count, head, size = struct.unpack("<IHH", dbf[4:12])
    fields, at = [], 1
    for start in range(32, head - 1, 32):
        name = dbf[start : start + 11].split(b"\0")[0].decode("utf-8")
        fields.append((name, at, at + dbf[start + 16]))
        at += dbf[start + 16]
    spans = {name: (begin, end) for name, begin, end in fields}
    points = []
    for at in range(100, len(shx) - 7, 8):
        start, words = struct.unpack(">II", shx[at : at + 8])
        same, kind, lon, lat = struct.unpack(">I", shp[2 * start + 4 : 2 * start + 8]) + struct.unpack("<Idd", shp[2 * start + 8 : 2 * start + 28])  # fmt: skip
        if kind != 1 or words != same:
            raise ValueError(kind)
        points.append((lon, lat))
    if len(points) != count:
        raise ValueError(count)
    rows = []
    for ix in range(count):
        record = dbf[head + ix * size : head + (ix + 1) * size]
        if record[:1] == b"*":
            continue
        key, persons = (
            record[slice(*spans[name])].decode("utf-8").split("\0")[0].strip()
            for name in ("编号", "人数")
        )
        rows.append((key, number(persons), *points[ix]))
    return rows


# --- OpenStreetMap -----------------------------------------------------------------------------


def unpacked(kind: str, content: bytes) -> bytes:
    """The plain XML of a packed file."""
    return {"gz": gzip.decompress, "bz2": bz2.decompress}.get(kind, bytes)(content)


class Osm:
    """What OSM XML says, counted plainly; objects by id, newest version, none deleted."""

    def __init__(self, content: bytes) -> None:
        root = ElementTree.fromstring(content)
        if root.tag != "osm":
            raise ValueError(root.tag)
        self.kinds: dict[str, dict[int, ElementTree.Element]] = {}
        for kind in ("node", "way", "relation"):
            newest: dict[int, tuple[int, ElementTree.Element]] = {}
            for element in root.findall(kind):
                key, version = int(element.get("id", "")), int(element.get("version") or "0")
                if key in newest and newest[key][0] == version:
                    raise Unclear  # which of the two counts is not said
                if key not in newest or newest[key][0] < version:
                    newest[key] = (version, element)
            self.kinds[kind] = {
                key: element
                for key, (_, element) in newest.items()
                if element.get("visible") != "false" and element.get("action") != "delete"
            }

    def tagged(self, kind: str, key: str) -> set[int]:
        """Ids of the objects with the key."""
        return {
            number
            for number, element in self.kinds[kind].items()
            if any(tag.get("k") == key for tag in element.findall("tag"))
        }

    def place(self, node: int) -> tuple[float, float]:
        element = self.kinds["node"][node]
        return float(element.get("lon", "nan")), float(element.get("lat", "nan"))


# --- documents ---------------------------------------------------------------------------------


def leaves(value: Any, spot: str = "") -> dict[str, Any]:
    """Every value of a document by its path; empty tables and lists are values too."""
    if isinstance(value, dict) and value:
        pairs: Any = value.items()
    elif isinstance(value, list | tuple) and value:
        pairs = enumerate(value)
    else:
        return {spot: value}
    found: dict[str, Any] = {}
    for key, inner in pairs:
        found |= leaves(inner, f"{spot}/{key}")
    return found


def unlike(said: Any, read: Any) -> list[str]:
    """Paths of a document whose value was not read as it stands there."""
    kept = leaves(read)
    return [
        f"{spot}: {value!r} became {kept.get(spot)!r}"
        for spot, value in leaves(said).items()
        if value not in (None, [], {}) and not _alike(value, kept.get(spot))
    ]


def _alike(said: Any, read: Any) -> bool:
    if isinstance(said, bool) or isinstance(read, bool):
        return said is read
    if isinstance(said, int | float):
        return isinstance(read, int | float) and said == read
    if isinstance(said, str):
        return str(read) == said or str(read) == said.strip() or Path(said) == read
    return bool(said == read)
