"""Tiny whole inputs of every kind, each a part of one study that runs."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import osmium
import rasterio
import shapely
from osm_scenes import tag_lines
from own_study import STUDY, drawn, lonlat

import gusu_geo as gg
from gusu_geo.pipeline.cache import PARTS, SEAL, save_city
from gusu_geo.sources.city import read_city
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.study_file import open_study

Files = dict[str, bytes]
COLUMNS = 'columns = { id = "编号", persons = "人数", lon = "经度", lat = "纬度" }'
CACHE = "city-0123456789abcdef"


@dataclass(frozen=True)
class Kind:
    """A kind of input: its files, the first as the study names it, and how often it is tried."""

    files: tuple[str, ...]
    share: int
    changes: tuple[tuple[str, str], ...] = ()  # in the study file, so that it names the file


def _osm(name: str, share: int) -> Kind:
    return Kind((name,), share, (('"street.osm"', f'"{name}"'),))


def _homes(name: str, share: int, *more: str) -> Kind:
    shapes = name.rpartition(".")[2] not in ("csv", "xlsx")
    columns = 'columns = { id = "编号", persons = "人数" }' if shapes else COLUMNS
    return Kind((name, *more), share, (('"homes.csv"', f'"{name}"'), (COLUMNS, columns)))


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "pbf": _osm("town.osm.pbf", 1500),
        "osm": _osm("town.osm", 1300),
        "gz": _osm("town.osm.gz", 450),
        "bz2": _osm("town.osm.bz2", 450),
        "csv": _homes("homes.csv", 1000),
        "xlsx": _homes("homes.xlsx", 800),
        "geojson": _homes("homes.geojson", 700),
        "gpkg": _homes("homes.gpkg", 600),
        "shp": _homes("homes.shp", 600, "homes.shx", "homes.dbf", "homes.prj", "homes.cpg"),
        "parquet": _homes("homes.parquet", 500),
        "polygons": Kind(("halves.geojson",), 400),
        "study": Kind(("study.toml",), 600),
        "pack": Kind(("pack.toml",), 400),
        "profile": Kind(("profile.txt",), 50),
        "scenario": Kind(("scenario.json",), 500),
        "cache": Kind((*PARTS, SEAL), 300),
        "network": Kind(("town.npz",), 300),
        "graphml": Kind(("town.graphml",), 150),
        "dem": Kind(
            ("heights.tif",),
            200,
            (('osm = "street.osm"', 'osm = "street.osm"\ndem = "heights.tif"'),),
        ),
    }
)

SCENARIO = {
    "schema": "gusu-geo-scenario/1",
    "study": "own",
    "title": "试 test",
    "changes": [
        {
            "do": "add_venue",
            "id": "new",
            "name": "新",
            "services": ["health"],
            "at": list(lonlat(400)),
        },
        {"do": "close_venue", "venue": "b"},
        {"do": "add_link", "from": {"at": list(lonlat(300))}, "to": {"at": list(lonlat(900))}},
        {"do": "set_rule", "minutes": 10.0},
        {"do": "set_walk", "speed_mps": 1.1},
    ],
}


def town() -> str:
    """A small town as OSM XML around the straight street: every kind of object once."""
    spots = [(x, y) for x in range(0, 2001, 250) for y in (-200, 0, 200)]
    number = {spot: ix for ix, spot in enumerate(spots, 1)}
    marks = {
        (250, 0): "barrier=gate; access=private",
        (500, 0): "highway=crossing; crossing=traffic_signals",
        (500, 200): "amenity=clinic; name=卫生站",
        (750, 200): "entrance=main",
        (1000, -200): "amenity=library; opening_hours=Mo-Fr 09:00-17:00",
    }
    lines = []
    for (x, y), ix in number.items():
        lon, lat = lonlat(x, y)
        stamp = 'version="1" timestamp="2024-01-01T00:00:00Z"'
        tags = tag_lines(marks.get((x, y), ""))
        lines.append(f'<node id="{ix}" lon="{lon:.7f}" lat="{lat:.7f}" {stamp}>{tags}</node>')
    ways = {
        5: ([(x, 0) for x in range(0, 2001, 250)], "highway=footway; name=平江路"),
        6: ([(500, -200), (500, 0), (500, 200)], "highway=residential; maxspeed=30"),
        7: ([(1000, -200), (1000, 0), (1000, 200)], "highway=steps; incline=5%"),
        8: ([(0, 200), (250, 200), (250, -200), (0, 200)], "building=apartments; building:levels=6"),
        9: ([(750, 200), (1000, 200), (1250, 200), (750, 0), (750, 200)], "landuse=residential; name=小区"),
        10: ([(1250, -200), (1500, -200), (1750, -200)], "barrier=fence"),
        11: ([(1250, 200), (1500, 200), (1500, -200), (1250, 200)], ""),
        12: ([(1500, 200), (1750, 200), (2000, 200)], "waterway=canal; width=8 m"),
        13: ([(0, -200), (2000, -200), (2000, 200), (0, 200), (0, -200)], ""),
    }  # fmt: skip
    for key, (places, tags) in ways.items():
        refs = "".join(f'<nd ref="{number[place]}"/>' for place in places)
        lines.append(f'<way id="{key}" version="2">{refs}{tag_lines(tags)}</way>')
    relations = {
        20: ("11", "type=multipolygon; leisure=park"),
        21: ("13", "type=boundary; boundary=administrative; admin_level=8; name=区"),
    }
    for key, (member, tags) in relations.items():
        part = f'<member type="way" ref="{member}" role="outer"/>'
        lines.append(f'<relation id="{key}" version="1">{part}{tag_lines(tags)}</relation>')
    west, south, east, north = *lonlat(-100, -600), *lonlat(2100, 600)
    box = f'<bounds minlon="{west}" minlat="{south}" maxlon="{east}" maxlat="{north}"/>'
    body = "\n".join((box, *lines))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n{body}\n</osm>\n'


def study_folder(folder: Path) -> Path:
    """The study of ``own_study`` in the folder, on the streets of the town."""
    drawn(folder)
    (folder / "street.osm").write_text(town(), encoding="utf-8")
    return folder


def study_text(kind: str) -> str:
    """The study file that names the input of a kind."""
    words = STUDY
    for old, new in KINDS[kind].changes:
        words = words.replace(old, new)
    return words


def seeds(folder: Path, kinds: Iterable[str] = KINDS) -> dict[str, Files]:
    """The files of these kinds, by kind and name; folder: an empty one, filled with the study."""
    study_folder(folder)
    found: dict[str, Files] = {}
    for key in kinds:
        WRITERS.get(key, _nothing)(folder)
        place = folder / CACHE if key == "cache" else folder
        found[key] = {name: (place / name).read_bytes() for name in KINDS[key].files}
    return found


def _nothing(folder: Path) -> None:
    """The study has the file."""


def _write_osm(folder: Path) -> None:
    plain = town().encode()
    (folder / "town.osm").write_bytes(plain)
    (folder / "town.osm.gz").write_bytes(gzip.compress(plain, mtime=0))
    (folder / "town.osm.bz2").write_bytes(bz2.compress(plain))


def _write_words(folder: Path) -> None:
    words = json.dumps(SCENARIO, ensure_ascii=False, indent=1)
    (folder / "scenario.json").write_text(words, encoding="utf-8")
    (folder / "profile.txt").write_text("elder")


def _write_network(folder: Path) -> None:
    gg.save_network(gg.read_network(folder / "street.osm"), folder / "town.npz")


def _write_cache(folder: Path) -> None:
    study = open_study(folder / "study.toml")
    save_city(read_city(study, load_pack(study.rule.pack, study.root)), folder / CACHE)


def _write_pbf(folder: Path) -> None:
    header = osmium.io.Header()
    header.set("generator", "fuzzing")
    header.set("osmosis_replication_timestamp", "2024-05-01T00:00:00Z")
    with osmium.SimpleWriter(str(folder / "town.osm.pbf"), header=header) as writer:
        for thing in osmium.FileProcessor(str(folder / "street.osm")):
            writer.add(thing)


def _write_homes(folder: Path) -> None:
    rows = [line.split(",") for line in (folder / "homes.csv").read_text("utf-8-sig").splitlines()]
    head, *body = rows
    _write_workbook(folder / "homes.xlsx", rows)
    lon, lat = (head.index(name) for name in ("经度", "纬度"))
    table = {
        "编号": [row[head.index("编号")] for row in body],
        "人数": [int(row[head.index("人数")]) for row in body],
    }
    at = shapely.points([(float(row[lon]), float(row[lat])) for row in body])
    frame = gpd.GeoDataFrame(table, geometry=at, crs=4326)
    frame.to_file(folder / "homes.geojson")
    # without the index of shapes, whose triggers SQLite alone cannot run
    frame.to_file(folder / "homes.gpkg", layer="homes", SPATIAL_INDEX="NO")
    with sqlite3.connect(folder / "homes.gpkg") as book:
        book.execute("UPDATE gpkg_contents SET last_change = '2024-01-01T00:00:00.000Z'")
    book.close()
    frame.to_file(folder / "homes.shp", encoding="utf-8")
    frame.to_parquet(folder / "homes.parquet")


def _write_workbook(path: Path, rows: list[list[str]]) -> None:
    """A workbook of one sheet, written by hand: the same bytes every day."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = []
        for column, word in zip("ABCDEFGH", row, strict=False):
            at = f'r="{column}{number}"'
            if number > 1 and column != "A":
                cells.append(f"<c {at}><v>{word}</v></c>")
            else:
                cells.append(f'<c {at} t="inlineStr"><is><t>{word}</t></is></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="homes" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    path.write_bytes(zipped({name: word.encode() for name, word in members.items()}))


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip file of the members; the same bytes every day."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _write_graphml(folder: Path) -> None:
    places = [lonlat(0), lonlat(500), lonlat(500, 300)]
    nodes = "".join(
        f'<node id="{ix}"><data key="d0">{lon}</data><data key="d1">{lat}</data></node>'
        for ix, (lon, lat) in enumerate(places)
    )
    edges = "".join(
        f'<edge source="{ix}" target="{ix + 1}" id="0"><data key="d2">{ix + 7}</data>'
        f'<data key="d3">{500.0 - 200 * ix}</data><data key="d4">footway</data></edge>'
        for ix in range(2)
    )
    keys = "".join(
        f'<key id="d{ix}" for="{owner}" attr.name="{name}" attr.type="string"/>'
        for ix, (owner, name) in enumerate(
            [("node", "x"), ("node", "y"), ("edge", "osmid"), ("edge", "length"), ("edge", "highway"), ("graph", "crs")]
        )
    )  # fmt: skip
    graph = f'<graph edgedefault="directed"><data key="d5">epsg:4326</data>{nodes}{edges}</graph>'
    name = "http://graphml.graphdrawing.org/xmlns"
    (folder / "town.graphml").write_text(f'<graphml xmlns="{name}">{keys}{graph}</graphml>')


def _write_heights(folder: Path) -> None:
    west, north = lonlat(-300, 500)
    rows, columns = np.mgrid[0:24, 0:60]
    heights = (3.0 + 0.5 * columns + 0.25 * rows).astype(np.float32)
    place = rasterio.transform.from_origin(west, north, 0.0005, 0.0005)
    with rasterio.open(
        folder / "heights.tif", "w", driver="GTiff", width=60, height=24, count=1,
        dtype="float32", crs="EPSG:4326", transform=place, nodata=-9999, compress="deflate",
    ) as raster:  # fmt: skip
        raster.write(heights, 1)


WRITERS: Mapping[str, Callable[[Path], None]] = MappingProxyType(
    dict.fromkeys(("osm", "gz", "bz2"), _write_osm)
    | dict.fromkeys(("xlsx", "geojson", "gpkg", "shp", "parquet"), _write_homes)
    | dict.fromkeys(("scenario", "profile"), _write_words)
    | {
        "pbf": _write_pbf,
        "network": _write_network,
        "cache": _write_cache,
        "graphml": _write_graphml,
        "dem": _write_heights,
    }
)
