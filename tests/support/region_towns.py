"""Random towns as OSM files, cut into districts by borders that run through everything."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
import osmium
import shapely

LON, LAT = 120.62, 31.31
M_LON, M_LAT = 95_100.0, 110_900.0
WIDE, TALL, STEP = 20, 10, 70.0
KINDS = ("apartments", "apartments", "yes", "house", "residential", "industrial")
SHOPS = ("supermarket", "library", "pharmacy")
TEMPLATE = """
[study]
name = "template"
[area]
bbox = [120.6, 31.3, 120.7, 31.4]
buffer_m = 200
[network]
osm = "town.osm.pbf"
snap_max_m = 40
island_max_m = 150
[walk]
crossing_s = 2
[rule]
pack = "pack.toml"
minutes = 2
cutoff_minutes = 3
[residences]
{homes}
"""
TOTAL = 'source = "osm-buildings"\npersons_total = 12345\npersons_source = "made up"'
PROVINCE = """
[province]
name = "land"
template = "template.toml"
halo_m = 446
[region]
osm = "town.osm.pbf"
[districts]
outlines = "districts.geojson"
crs = "wgs84"
"""
PACK = """
[pack]
id = "few"
version = "1"
title = {{ zh = "几项", en = "Few" }}
note = {{ zh = "测试", en = "A test" }}
source = "made up"
minutes = 2
{services}
"""
SERVICE = """
[[services]]
id = "{id}"
zh = "{id}"
en = "{id}"
osm = ["{tag}"]
"""
SERVICES = {
    "food": "shop=supermarket",
    "library": "shop=library",
    "pharmacy": "shop=pharmacy",
    "park": "leisure=park",
    "lonely": "amenity=theatre",  # in one corner
    "unlinked": "amenity=casino",  # far from every street
    "absent": "amenity=planetarium",
}


@dataclass
class Paper:
    """An OSM file as it is drawn, in metres."""

    nodes: dict[tuple[int, int], int] = field(default_factory=dict)  # 1e-7 degrees
    told: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: list[tuple[list[int], dict[str, str]]] = field(default_factory=list)

    def node(self, x: float, y: float, **tags: str) -> int:
        place = round((LON + x / M_LON) * 1e7), round((LAT + y / M_LAT) * 1e7)
        number = self.nodes.setdefault(place, len(self.nodes) + 1)
        self.told.setdefault(number, {}).update(tags)
        return number

    def way(self, *xy: tuple[float, float], **tags: str) -> None:
        self.ways.append(([self.node(*each) for each in xy], tags))

    def box(self, x: float, y: float, wide: float, tall: float, **tags: str) -> None:
        corners = ((x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall), (x, y))
        self.way(*corners, **tags)

    def write(self, path: Path) -> None:
        lines = ['<?xml version="1.0"?>\n<osm version="0.6">']
        for (lon, lat), number in sorted(self.nodes.items(), key=lambda each: each[1]):
            place = f'lon="{lon / 1e7:.7f}" lat="{lat / 1e7:.7f}"'
            lines.append(
                f'<node id="{number}" {place} version="1">{_tags(self.told[number])}</node>'
            )
        for number, (refs, tags) in enumerate(self.ways, start=1):
            inner = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            lines.append(f'<way id="{number}" version="1">{inner}{_tags(tags)}</way>')
        xml = path.with_name("town.osm")
        xml.write_text("".join((*lines, "</osm>")), encoding="utf-8")
        header = osmium.io.Header()
        header.set("sorting", "Type_then_ID")
        path.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(path), header=header) as writer:
            for thing in osmium.FileProcessor(str(xml)):
                writer.add(thing)


def _tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def draw(seed: int) -> Paper:
    """Streets in a grid with gaps, pieces of street cut off, houses of all kinds, some drawn twice,
    walled compounds, parks, and shops that are named twice, all over the ground."""
    rng = np.random.default_rng(seed)
    paper = Paper()
    at = {
        (i, j): (STEP * i + rng.uniform(-9, 9), STEP * j + rng.uniform(-9, 9))
        for i in range(WIDE)
        for j in range(TALL)
    }
    for i, j in at:
        for other in ((i + 1, j), (i, j + 1)):
            if other in at and rng.random() < 0.8:
                kind = str(rng.choice(["residential", "footway", "steps", "service"]))
                paper.way(at[i, j], at[other], highway=kind)
    for _ in range(30):  # crossings, gates
        i, j = int(rng.integers(WIDE)), int(rng.integers(TALL))
        paper.node(
            *at[i, j], **[{"highway": "crossing"}, {"barrier": "gate"}][int(rng.integers(2))]
        )
    for k in range(110):
        x, y = rng.uniform(0, STEP * WIDE), rng.uniform(0, STEP * TALL)
        tags = {"building": str(rng.choice(KINDS))}
        if rng.random() < 0.5:
            tags["building:levels"] = str(int(rng.integers(1, 9)))
        wide, tall = rng.uniform(8, 25, 2)
        paper.box(x, y, wide, tall, **tags)
        if rng.random() < 0.2:
            paper.box(x - 4, y - 4, wide + 8, tall + 8, barrier="wall")
        if rng.random() < 0.1:
            paper.box(x + 0.2, y, wide, tall, building="yes")
        if rng.random() < 0.1:
            paper.box(x - 20, y - 20, 90, 60, landuse="residential", name=f"Court {k}",
                      barrier=str(rng.choice(["wall", "fence"])))  # fmt: skip
    for k in range(50):
        x, y, shop = (
            rng.uniform(0, STEP * WIDE),
            rng.uniform(0, STEP * TALL),
            str(rng.choice(SHOPS)),
        )
        paper.node(x, y, shop=shop, name=f"Shop {k}")
        if rng.random() < 0.4:
            paper.node(x + rng.uniform(2, 50), y, shop=shop, name=f"Shop {k}")
        if rng.random() < 0.3:
            paper.box(x - 9, y - 9, 18, 18, shop=shop, building="retail")
        if rng.random() < 0.2:
            paper.box(x, y, 60, 40, leisure="park", name=f"Park {k}")
    for k in range(5):  # islands
        x, y = rng.uniform(0, STEP * WIDE), STEP * TALL + 60 + 20 * k
        paper.way((x, y), (x + 30 * (k + 1), y), highway="residential")
        paper.box(x, y + 3, 10, 10, building="house")
    paper.node(*at[0, 0], amenity="theatre", name="Old Stage")
    paper.node(-300, -300, amenity="casino")
    return paper


def borders(seed: int) -> dict[str, shapely.Geometry]:
    """Two to four districts that cover most of the town, met by slanted borders and in a T."""
    rng = np.random.default_rng(seed)
    wide, tall = STEP * WIDE, STEP * TALL + 200
    x, y, z = rng.uniform(0.3, 0.7) * wide, rng.uniform(0.3, 0.7, 2) * tall, rng.uniform(-150, 150)
    y1, y2 = y.tolist()
    top, bottom = (x + z, tall), (x - z, -40)
    share = [(each + 40) / (tall + 40) for each in (y1, y2)]
    t1, t2 = ((bottom[0] + s * (top[0] - bottom[0]), -40 + s * (tall + 40)) for s in share)
    count = int(rng.integers(2, 5))
    west = [(-40, -40), bottom, top, (-40, tall)]
    east = [bottom, (wide, -40), (wide, tall), top]
    found = {"west": west, "east": east}
    if count > 2:
        found = {"south-west": [(-40, -40), bottom, t1, (-40, y2)],
                 "north-west": [(-40, y2), t1, top, (-40, tall)], "east": east}  # fmt: skip
    if count > 3:
        del found["east"]
        found["south-east"] = [bottom, (wide, -40), (wide, y1), t2]
        found["north-east"] = [t2, (wide, y1), (wide, tall), top]
    return {
        name: shapely.Polygon([degrees(*each) for each in ring]) for name, ring in found.items()
    }


def degrees(x: float, y: float) -> tuple[float, float]:
    return LON + x / M_LON, LAT + y / M_LAT


def write_region(folder: Path, seed: int, homes: str = TOTAL) -> Path:
    """All files of a province; returns that which names the others."""
    draw(seed).write(folder / "town.osm.pbf")
    write_outlines(folder / "districts.geojson", borders(seed))
    services = "".join(SERVICE.format(id=key, tag=tag) for key, tag in SERVICES.items())
    (folder / "pack.toml").write_text(PACK.format(services=services), encoding="utf-8")
    (folder / "template.toml").write_text(TEMPLATE.format(homes=homes), encoding="utf-8")
    path = folder / "province.toml"
    path.write_text(PROVINCE, encoding="utf-8")
    return path


def write_outlines(path: Path, outlines: dict[str, Any], **more: list[str]) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"name": name} | {key: values[at] for key, values in more.items()},
            "geometry": shapely.geometry.mapping(shape),
        }
        for at, (name, shape) in enumerate(outlines.items())
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
