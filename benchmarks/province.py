"""A province at size: time on two workers beside one process, memory, halos, cutting, growth.

    python benchmarks/province.py [--quick] [--large FILE COPIES] [--json FILE] [--readme]

The places: Las Palmas in 6 tiles, Porto in 4 (its map has streets only, so small houses are drawn
along them), Monaco and the drawn town in 2 each, the corners of Nanjing and Beijing: 16 districts,
each in its own system of metres. They are judged on two workers, then one by one in one process;
every file must be the same. How it grows: 4, 8, 12 and 16 districts, quarters of copies of Monaco.
What halos cost: Las Palmas as one district beside its tiles. From what a district costs by homes
and map follows a reckoning for Jiangsu and China. Eight minutes; --quick: 12 small districts, two
copies, no reckoning, two minutes; --large: a file that ``cut.py --keep FILE --copies COPIES`` made
is cut into 100 districts, too; --tables FILE: only the tables, of the figures that were kept.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import psutil
import shapely
from cities import FILES, ROOT, SHARED
from cut import districts, stitch, with_houses
from province_reckoning import table
from readme import put
from report import machine_line

import gusu_geo as gg
from gusu_geo.fetching.cut import cut_all
from gusu_geo.fetching.region import region_of
from gusu_geo.pipeline.output_sets import named_set
from gusu_geo.province.cluster import Where
from gusu_geo.province.parts import Done
from gusu_geo.province.run import run_province
from gusu_geo.study.study_file import open_study

WORKERS = 2
COPIES, QUICK_COPIES = (1, 2, 3, 4), (1, 2)
APART_DEGREES = 0.3  # between copies, more than a city and two halos
LOOK_S = 0.1
MB = 1e6
Box = tuple[float, float, float, float]
LAS_PALMAS: Box = (-15.48, 28.04, -15.38, 28.19)
MONACO: Box = (7.405, 43.722, 7.445, 43.755)
LARGE_CUTS = 100
DRAWN = ROOT / "data" / "raw" / "shuixiang.osm.gz"
PLACES: dict[str, tuple[Path, Box, int, int]] = {  # file, box, tiles from west to east, to north
    "Las Palmas": (FILES["Las Palmas"], LAS_PALMAS, 2, 3),
    "Porto": (FILES["Porto"], (-8.66, 41.13, -8.56, 41.19), 2, 2),
    "Monaco": (FILES["Monaco"], MONACO, 2, 1),
    "Nanjing": (SHARED / "nanjing_old_city_2021.osm.pbf", (118.762, 32.035, 118.797, 32.052), 1, 1),
    "Beijing": (SHARED / "beijing_tsinghua_2017.osm.pbf", (116.308, 39.99, 116.332, 40.012), 1, 1),
    "Shuixiang": (DRAWN, (120.10, 31.193, 120.16, 31.247), 2, 1),
}
QUICK_PLACES = PLACES | {"Monaco": (FILES["Monaco"], MONACO, 4, 2)}
QUICK_WITHOUT = ("Las Palmas", "Porto")
STUDY = """
[study]
name = "template"
[area]
bbox = [0, 0, 1, 1]
buffer_m = 1800
[network]
osm = "region.osm.pbf"
[rule]
pack = "gusu-1510"
minutes = 15
[[facilities]]
source = "osm"
[residences]
source = "osm-buildings"
unclassified = "include"
m2_per_person = 40
[candidates]
source = "streets"
spacing_m = 150
"""
PROVINCE = """
template = "template.toml"
crs = "{crs}"
[province]
name = "{name}"
[region]
osm = "region.osm.pbf"
[districts]
outlines = "districts.geojson"
crs = "wgs84"
"""
Row = dict[str, Any]


def tiles(box: Box, wide: int, high: int) -> Iterator[Box]:
    """The box, divided."""
    xs = np.linspace(box[0], box[2], wide + 1).round(7).tolist()
    ys = np.linspace(box[1], box[3], high + 1).round(7).tolist()
    for i in range(wide):
        for j in range(high):
            yield xs[i], ys[j], xs[i + 1], ys[j + 1]


def write_province(folder: Path, name: str, boxes: dict[str, Box], crs: str) -> Path:
    """PROVINCE.toml, its template and its districts; the file of the region comes beside."""
    named = {"id": list(boxes), "name": list(boxes)}
    outlines = [shapely.box(*box) for box in boxes.values()]
    gpd.GeoDataFrame(named, geometry=outlines, crs=4326).to_file(folder / "districts.geojson")
    (folder / "template.toml").write_text(STUDY, encoding="utf-8")
    path = folder / "province.toml"
    path.write_text(PROVINCE.format(name=name, crs=crs), encoding="utf-8")
    return path


def places(folder: Path, quick: bool) -> Path:
    """The region of all places, or of the small ones."""
    asked = {key: at for key, at in QUICK_PLACES.items() if key not in QUICK_WITHOUT}
    there = {key: at for key, at in (asked if quick else PLACES).items() if at[0].is_file()}
    parts = [place[0] for place in there.values()]
    if "Porto" in there:
        number = list(there).index("Porto")
        parts[number] = folder / "porto.osm.pbf"
        with_houses(PLACES["Porto"][0], PLACES["Porto"][1], parts[number])
    stitch(folder / "region.osm.pbf", [(part, 0.0) for part in parts])
    boxes = {
        f"{name} {number}": box
        for name, (_, whole, wide, high) in there.items()
        for number, box in enumerate(tiles(whole, wide, high), 1)
    }
    return write_province(folder, "places", boxes, "own")


def copies(folder: Path, name: str, whole: Box, count: int, wide: int) -> Path:
    """The region of so many copies of a city, wide x wide districts each."""
    east = [APART_DEGREES * number for number in range(count)]
    stitch(folder / "region.osm.pbf", [(FILES[name], each) for each in east])
    boxes = {
        f"{number}-{tile}": part
        for number, each in enumerate(east)
        for tile, part in enumerate(tiles(np.add(whole, (each, 0, each, 0)).tolist(), wide, wide))
    }
    return write_province(folder, "copies", boxes, "one")


@dataclass
class Watch:
    """What a process and all that it starts take: CPU seconds, and for each worker, with those that
    it starts, the most memory at a time, in MB."""

    process: subprocess.Popen[str]
    cpu_s: dict[int, float] = field(default_factory=dict)
    peak_mb: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Until it ends."""
        while self.process.poll() is None:
            try:
                me = psutil.Process(self.process.pid)
                for each in (me, *me.children(recursive=True)):
                    self._see(each)
            except psutil.Error:
                pass  # one has just ended
            time.sleep(LOOK_S)

    def _see(self, each: Any) -> None:
        times = each.cpu_times()
        self.cpu_s[each.pid] = times.user + times.system
        if each.pid != self.process.pid and "spawn_main" in " ".join(each.cmdline()):
            family = (each, *each.children(recursive=True))
            held = sum(one.memory_info().rss for one in family) / MB
            self.peak_mb[each.pid] = max(held, self.peak_mb.get(each.pid, 0.0))


def watched(part: str, *words: object) -> Row:
    """What a part of this script prints, done in a process of its own, and what it took."""
    begun = time.monotonic()
    line = [sys.executable, __file__, "--part", part, *map(str, words)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        watch = Watch(process)
        looking = threading.Thread(target=watch.look)
        looking.start()
        said, _ = process.communicate()
        looking.join()
    if process.returncode:
        raise SystemExit(f"{part} failed")
    row: Row = json.loads(said.splitlines()[-1])
    return row | {
        "wall_s": time.monotonic() - begun,
        "cpu_s": sum(watch.cpu_s.values()),
        "worker_mb": max(watch.peak_mb.values(), default=0.0),
    }


def together(province: str, out: str) -> Row:
    """The command, on two workers: what each district took, by stage."""
    tasks: dict[str, Row] = {}

    def tell(now: Any) -> None:
        if isinstance(now.last, Done) and not now.last.skipped:
            mine = tasks.setdefault(now.last.key, {"cpu_s": 0.0, "wall_s": 0.0, "peak_mb": 0.0})
            for name in ("cpu_s", "wall_s"):
                mine[name] += getattr(now.last, name)
            mine["peak_mb"] = max(mine["peak_mb"], now.last.peak_mb)

    result = run_province(province, out=out, where=Where(workers=WORKERS), lang="en", tell=tell)
    rows = []
    for row in result.document["districts"]:
        if row["figures"] is None:
            raise SystemExit(f"{row['key']}: {row['failure']}")
        size = (result.folder / "osm" / f"{row['key']}.osm.pbf").stat().st_size / MB
        found = {"key": row["key"], "homes": row["figures"]["residences"], "mb": size}
        rows.append(found | tasks.get(row["key"], {}))
    return {"districts": rows, "folder": str(result.folder)}


def alone(province: str, folder: str, out: str) -> Row:
    """The same districts cut, then judged one by one in this process."""
    studies = sorted((Path(folder) / "studies").glob("*.toml"))
    regions = [region_of(open_study(path)) for path in studies]
    ends = [Path(out) / f"{path.stem}.osm.pbf" for path in studies]
    ends[0].parent.mkdir(parents=True)
    before = children_s()
    cut_all(Path(province).with_name("region.osm.pbf"), regions, ends)
    cut_s = children_s() - before
    for path in studies:
        gg.run(path, out=out, lang="en")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
    return {"keys": [path.stem for path in studies], "cut_s": cut_s, "peak_mb": peak}


def children_s() -> float:
    """CPU seconds of the processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def same(keys: Sequence[str], one: Path, other: Path) -> int:
    """How many files of the districts there are; they must be the same. Raises SystemExit."""
    paths = [path.relative_to(one) for key in keys for path in named_set(key, one).members]
    for path in paths:
        if (one / path).read_bytes() != (other / path).read_bytes():
            raise SystemExit(f"{path} differs from that of its district judged alone")
    return len(paths)


def cutting(source: str, copies: str) -> Row:
    """Cut a large file into many districts, in a child of this process."""
    regions = districts(int(copies), LARGE_CUTS)
    with tempfile.TemporaryDirectory() as place:
        cut_all(Path(source), regions, [Path(place) / f"{n}.osm.pbf" for n in range(len(regions))])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / MB
    return {"mb": Path(source).stat().st_size / MB, "peak_mb": peak, "cut_s": children_s()}


def trial(quick: bool, large: Sequence[str], kept: Path) -> dict[str, Any]:
    """Everything measured; kept: the file that has the figures after each part."""
    found: dict[str, Any] = {"machine": machine_line(), "workers": WORKERS, "growth": []}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)

        def done(part: str, city: str, box: Box, count: int, wide: int) -> Row:
            (place / part).mkdir()
            province = copies(place / part, city, box, count, wide)
            row = watched("together", province, place / f"{part}-out")
            row["mb"] = province.with_name("region.osm.pbf").stat().st_size / MB
            many = len(row["districts"])
            print(f"{part}: {many} districts, {row['cpu_s']:.1f} CPU s", flush=True)
            return row

        done("warm", "Monaco", MONACO, 1, 1)  # compiles
        (place / "places").mkdir()
        province = places(place / "places", quick)
        found["places"] = watched("together", province, place / "out")
        found["places"]["mb"] = province.with_name("region.osm.pbf").stat().st_size / MB
        found["again"] = watched("together", province, place / "out")
        found["alone"] = watched("alone", province, found["places"]["folder"], place / "alone")
        found["files"] = same(found["alone"]["keys"], place / "alone", place / "out")
        print(f"{len(found['alone']['keys'])} districts, {found['files']} files, all the same")
        for count in QUICK_COPIES if quick else COPIES:
            found["growth"].append(done(f"copies {count}", "Monaco", MONACO, count, 2))
            keep(found, kept)
        if not quick:
            found["whole"] = done("whole", "Las Palmas", LAS_PALMAS, 1, 1)
    if large:
        found["large"] = watched("cutting", *large)
    keep(found, kept)
    return found


def keep(found: dict[str, Any], kept: Path) -> None:
    """Write the figures."""
    kept.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Measure and print, or do one part in this process."""
    parts = {"together": together, "alone": alone, "cutting": cutting}
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps(parts[sys.argv[2]](*sys.argv[3:])))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, default=os.devnull)
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--large", metavar=("FILE", "COPIES"), nargs=2, default=())
    options = parser.parse_args()
    if options.tables:
        found = json.loads(options.tables.read_text("utf-8"))
    else:
        found = trial(options.quick, options.large, options.json)
    print(table(found))
    if options.readme:
        put("province", table(found))


if __name__ == "__main__":
    main()
