"""How long it takes to cut regions out of a large extract, and how much memory.

    python benchmarks/cut.py [--copies 10] [--districts 1 4 16 100] [--keep FILE]

Stitches the large file out of copies of two real extracts, each with ids and places of its own:
ten copies make 66 MB, 47 make 313 MB. Cuts Las Palmas out of its extract and out of the large file
(both cuts must hold the same number of objects), then so many districts out of the large file: the
quarters of its cities, each with 2 km around. Prints computing time and peak memory. Nothing else
is asserted.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import osmium
from cities import SHARED

from gusu_geo.fetching.region import Region

NAMES = ("las_palmas_2023.osm.pbf", "porto_2015.osm.pbf")  # the first is what is cut out
IDS = 14 * 10**9  # more than any id of OpenStreetMap
APART_DEGREES = 0.6
HOUSES_APART, HOUSE_DEGREES = 3, 0.0001  # every third node of streets, some ten metres
STUDY = """
[study]
name = "palmas"
[area]
bbox = [-15.45, 28.10, -15.40, 28.15]
buffer_m = 1800
[network]
osm = "none.osm.pbf"
"""
CITIES = ((-15.48, 28.04, -15.38, 28.19), (-8.70, 41.13, -8.54, 41.19))
HALO_DEGREES = 0.02
DISTRICTS = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from cut import districts
from gusu_geo.fetching.cut import cut_all
source, folder = Path(sys.argv[2]), Path(sys.argv[3])
regions = districts(int(sys.argv[4]), int(sys.argv[5]))
targets = [folder / f"{number}.osm.pbf" for number in range(len(regions))]
done = cut_all(source, regions, targets)
objects = sum(each.nodes + each.ways + each.relations for each in done)
used = resource.getrusage(resource.RUSAGE_CHILDREN)  # of the process that reads
cpu_s, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
size, written = source.stat().st_size / 1e6, sum(t.stat().st_size for t in targets) / 1e6
print(f"{len(done):4d} districts: {cpu_s:6.1f} s, {cpu_s / size:.2f} s for a MB of the file, "
      f"{peak:5.0f} MB at most; {objects / 1e6:.1f} million objects, {written:.0f} MB written")
"""
MEASURED = """
import sys
from gusu_geo.pipeline.fetch import fetch
print(fetch(sys.argv[1], out=sys.argv[2], pbf=sys.argv[3])["objects"])
"""


def stitch(target: Path, parts: Sequence[tuple[Path, float]]) -> None:
    """All parts, each moved so many degrees to the east, in one file, in order."""
    header = osmium.io.Header()
    header.set("sorting", "Type_then_ID")
    with osmium.SimpleWriter(str(target), header=header) as writer:
        for kind in (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION):
            for number, (path, east) in enumerate(parts):
                for thing in osmium.FileProcessor(str(path), kind):
                    writer.add(moved(thing, number * IDS, east))


def moved(thing: osmium.osm.OSMEntity, ids: int, east: float) -> osmium.osm.OSMEntity:
    changed: dict[str, object] = {"id": thing.id + ids}
    if thing.is_node():
        changed["location"] = (thing.location.lon + east, thing.location.lat)
    elif thing.is_way():
        changed["nodes"] = [node.ref + ids for node in thing.nodes]
    else:
        changed["members"] = [(m.type, m.ref + ids, m.role) for m in thing.members]
    return thing.replace(**changed)


def with_houses(source: Path, box: tuple[float, float, float, float], target: Path) -> None:
    """A copy of the file whose streets within the box have small houses along them."""
    spots = {}
    for way in osmium.FileProcessor(str(source), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if way.is_way() and way.tags.get("highway") in ("residential", "living_street"):
            for node in list(way.nodes)[::HOUSES_APART]:
                place = node.location
                if box[0] < place.lon < box[2] and box[1] < place.lat < box[3]:
                    spots[node.ref] = (place.lon, place.lat)
    ring, first = np.array([(1, 1), (2, 1), (2, 2), (1, 2)]) * HOUSE_DEGREES, IDS - 10**8
    corners = (np.array(list(spots.values()))[:, None] + ring).reshape(-1, 2).tolist()
    with osmium.SimpleWriter(str(target)) as writer:
        for kind in (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION):
            for thing in osmium.FileProcessor(str(source), kind):
                writer.add(thing)
            if kind == osmium.osm.NODE:
                for number, corner in enumerate(corners):
                    node = osmium.osm.mutable.Node(id=first + number, location=corner)
                    writer.add_node(node)
            if kind == osmium.osm.WAY:
                for number in range(len(spots)):
                    of = [first + 4 * number + n for n in (0, 1, 2, 3, 0)]
                    tags = {"building": "house"}
                    writer.add_way(osmium.osm.mutable.Way(id=first + number, nodes=of, tags=tags))


def cut(path: Path, folder: Path) -> str:
    """Cut in a process of its own; what it holds. Prints a line."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-c", MEASURED, folder / "palmas.toml", folder / "out", path]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size, peak = path.stat().st_size / 1e6, after.ru_maxrss / 1024
    print(f"{size:6.1f} MB: {cpu_s:6.1f} s, {peak:5.0f} MB at most; {done.stdout.strip()}")
    return done.stdout


def districts(copies: int, count: int) -> list[Region]:
    """So many quarters of the cities, spread over the copies."""
    quarters = []
    for copy in range(copies):
        for west, south, east, north in CITIES:
            wide, high = (east - west) / 2, (north - south) / 2
            for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
                x, y = west + i * wide + copy * APART_DEGREES, south + j * high
                quarters.append((x, y, x + wide, y + high))
    if count > len(quarters):
        raise SystemExit(f"{copies} copies make {len(quarters)} districts at most")
    chosen = [quarters[number * len(quarters) // count] for number in range(count)]
    return [
        Region(tuple(area), tuple(np.add(area, HALO_DEGREES * np.array((-1, -1, 1, 1))).tolist()))
        for area in np.round(chosen, 7).tolist()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--districts", type=int, nargs="*", default=[1, 4, 16])
    parser.add_argument(
        "--keep", type=Path, help="keep the stitched file here, or take it from here"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "palmas.toml").write_text(STUDY, encoding="utf-8")
        large = options.keep or folder / "large.osm.pbf"
        if not large.exists():
            copies = range(options.copies)
            stitch(large, [(SHARED / name, n * APART_DEGREES) for n in copies for name in NAMES])
        alone = cut(SHARED / NAMES[0], folder)
        if cut(large, folder) != alone:
            raise SystemExit("the cuts differ")
        for count in options.districts:
            words = [sys.executable, "-c", DISTRICTS, Path(__file__).parent, large, folder]
            subprocess.run([*words, str(options.copies), str(count)], check=True)


if __name__ == "__main__":
    main()
