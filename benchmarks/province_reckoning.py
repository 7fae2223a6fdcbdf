"""From what districts took to what Jiangsu and China would take; and the tables of province.py."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls

Found = dict[str, Any]
HOUR_S = 3600.0
HALO_KM = 7.36  # of the usual 30 minutes, see docs/province.md
PERSONS_PER_HOME = 20.0  # 378,027 persons in 18,941 residential buildings of Las Palmas
CHINESE = ("Nanjing", "Beijing")
TODAY, DRAWN = "map of today", "every building drawn"
CROWDED = 10.0  # at worst all data lie in districts of a tenth of the mean area, with more halo


@dataclass(frozen=True)
class Land:
    """Districts, ground in km2, persons in millions (end of 2023) and MB of its OpenStreetMap file:
    that of China is assumed, that of Jiangsu by its persons; replace them by those at hand."""

    name: str
    districts: int
    km2: float
    persons_m: float
    osm_mb: float

    def with_halo(self, share: float = 1.0) -> float:
        """How many times more map districts hold than they are, each a square of this share of the
        mean area."""
        side = math.sqrt(self.km2 / self.districts * share)
        return (1 + 2 * HALO_KM / side) ** 2


LANDS = (
    Land("Jiangsu", 95, 107_200, 85.3, 85.0),
    Land("China", 2_850, 9_600_000, 1_409.7, 1_400.0),
)


def slopes(found: Found, cost: str) -> tuple[float, float]:
    """Of the log-log line of growth: over all sizes, and the steepest between neighbours."""
    x = np.log([len(row["districts"]) for row in found["growth"]])
    y = np.log([row[cost] for row in found["growth"]])
    between = np.diff(y) / np.diff(x)
    return float(np.polyfit(x, y, 1)[0]), float(between.max())


def place_of(row: Found) -> str:
    return str(row["key"]).removeprefix("places-").rpartition("-")[0]


def fitted(rows: list[Found]) -> Any:
    """CPU s of a district: in any case, for a home, for a MB of its map; the relative error is
    least, and none is negative."""
    cells = np.array([(1.0, row["homes"], row["mb"]) for row in rows])
    costs = np.array([row["cpu_s"] for row in rows])
    return nnls(cells / costs[:, None], np.ones(len(rows)))[0]


def ratio(rows: list[Found], of: Any) -> float:
    """How many times more the rows took than is reckoned for them."""
    told = sum(float(of @ (1.0, row["homes"], row["mb"])) for row in rows)
    return float(sum(row["cpu_s"] for row in rows) / told)


def reckoned(found: Found) -> Found:
    """What was fitted, how far each place is from what the others say, and CPU hours of
    each land with the least and the most that the error allows."""
    rows = found["places"]["districts"]
    of = fitted(rows)
    off = {}
    for name in sorted({place_of(row) for row in rows}):
        mine = [row for row in rows if place_of(row) == name]
        off[name] = ratio(mine, fitted([row for row in rows if row not in mine]))
    beside = (found["places"]["cpu_s"] - sum(row["cpu_s"] for row in rows)) / len(rows)
    chinese = [row for row in rows if place_of(row) in CHINESE]
    dense = sum(row["homes"] for row in chinese) / sum(row["mb"] for row in chinese)
    whole = found["whole"]
    full = sum(row["homes"] for row in whole["districts"]) / whole["mb"]
    tail = max(0.0, slopes(found, "cpu_s")[1] - 1)  # what starting costs is no gain of size
    lands = []
    for land in LANDS:
        grown = (land.districts / len(rows)) ** tail
        for case in (TODAY, DRAWN):
            homes, mb = land.osm_mb * dense, land.osm_mb
            if case == DRAWN:
                homes = land.persons_m * 1e6 / PERSONS_PER_HOME
                mb = homes / full
            fixed = land.districts * (of[0] + beside) + homes * of[1]
            usual, most = (
                (fixed + mb * land.with_halo(share) * of[2]) / HOUR_S
                for share in (1.0, 1 / CROWDED)
            )
            lands.append(
                {
                    "land": land.name,
                    "case": case,
                    "districts": land.districts,
                    "homes": homes / land.districts,
                    "mb": mb * land.with_halo() / land.districts,
                    "hours": usual,
                    "least": usual * min(1.0, *off.values()),
                    "most": most * max(1.0, *off.values()) * grown,
                }
            )
    costs = dict(zip(("each", "home", "mb"), map(float, of), strict=True))
    return {"costs": costs | {"beside": beside}, "off": off, "lands": lands}


def rows_of(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---" for _ in heads], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def table(found: Found) -> str:
    """What was measured, in words and tables."""
    parts = [found["machine"], _ways(found), _places(found), _growth(found), _words(found)]
    if "whole" in found:
        parts += [_lands(found)]
    return "\n\n".join(part for part in parts if part)


def _ways(found: Found) -> str:
    many, rows = len(found["places"]["districts"]), []
    names = {
        "places": f"{found['workers']} workers",
        "alone": "one process, one by one",
        "again": "the same command again",
    }
    for key, name in names.items():
        row = found[key]
        held = row["worker_mb"] or row.get("peak_mb", 0.0)
        told = f"{held:,.0f}" if held else "not measured"
        cells = [f"{row['wall_s']:.0f}", f"{row['cpu_s']:.0f}", told]
        rows.append([name, *cells])
    heads = [f"{many} districts", "wall s", "CPU s", "most MB of a worker, or of the process"]
    return rows_of(heads, rows)


def _places(found: Found) -> str:
    rows = found["places"]["districts"]
    cells = []
    for name in dict.fromkeys(map(place_of, rows)):
        mine = [row for row in rows if place_of(row) == name]
        homes, mb, cpu_s = (sum(row[key] for row in mine) for key in ("homes", "mb", "cpu_s"))
        peak = max(row["peak_mb"] for row in mine)
        size = f"{mb / len(mine):.2f}"
        cells.append(
            [name, f"{len(mine)}", f"{homes:,}", size, f"{cpu_s / len(mine):.1f}", f"{peak:,.0f}"]
        )
    heads = ["place", "districts", "homes", "MB of a map", "CPU s of a district", "peak MB"]
    return rows_of(heads, cells)


def _growth(found: Found) -> str:
    rows = []
    for row in found["growth"]:
        many = len(row["districts"])
        cells = [f"{row['wall_s']:.0f}", f"{row['cpu_s']:.0f}", f"{row['cpu_s'] / many:.2f}"]
        rows.append([f"{many}", f"{row['mb']:.1f}", *cells])
    heads = ["districts of copies of Monaco", "MB", "wall s", "CPU s", "CPU s of a district"]
    return rows_of(heads, rows)


def _words(found: Found) -> str:
    """What the tables say: growth, scheduling, halos, cutting."""
    lines = []
    for cost, name in (("cpu_s", "computing time"), ("wall_s", "time")):
        slope, worst = slopes(found, cost)
        lines.append(
            f"- Slope of the log-log line, {name}: {slope:.2f} ({worst:.2f} at the steepest)."
        )
    many = [len(row["districts"]) for row in found["growth"]]
    took = np.array([row["cpu_s"] for row in found["growth"]])
    each, start = np.polyfit(many, took, 1)
    far = np.abs(np.polyval((each, start), many) / took - 1).max()
    lines.append(
        f"- The straight line: {start:.0f} CPU s to begin, and {each:.2f} for each district; no "
        f"point is farther from it than {far:.0%}."
    )
    places, alone = found["places"], found["alone"]
    tasks = sum(row["cpu_s"] for row in places["districts"])
    busy = sum(row["wall_s"] for row in places["districts"]) / found["workers"]
    cpu_s = places["cpu_s"] - tasks - alone["cut_s"]
    lines.append(
        f"- Beside its districts ({tasks:.0f} CPU s) the command took {cpu_s:.0f} CPU s for "
        f"scheduling, loading and adding up, {alone['cut_s']:.0f} for cutting; workers had work "
        f"for {busy / places['wall_s']:.0%} of the time."
    )
    if "whole" in found:
        mine = [row for row in places["districts"] if place_of(row) == "Las-Palmas"]
        whole = sum(row["cpu_s"] for row in found["whole"]["districts"])
        mb = sum(row["mb"] for row in mine)
        parts = sum(row["cpu_s"] for row in mine)
        lines.append(
            f"- Halo: Las Palmas as one district {whole:.0f} CPU s, as {len(mine)} tiles of some "
            f"5 km with 7.36 km around {parts:.0f} ({parts / whole:.1f} times; their maps together "
            f"are {mb / found['whole']['mb']:.1f} times its map)."
        )
    lines.append(
        f"- Cutting {len(places['districts'])} districts out of {places['mb']:.1f} MB: "
        f"{alone['cut_s'] / places['mb']:.2f} CPU s for a MB."
    )
    if large := found.get("large"):
        lines.append(
            f"- Cutting 100 districts out of {large['mb']:.0f} MB: {large['cut_s']:.0f} CPU s, "
            f"{large['cut_s'] / large['mb']:.2f} for a MB, {large['peak_mb']:.0f} MB at most."
        )
    lines.append(f"- All {found['files']} files are those of the districts judged one by one.")
    return "\n".join(lines)


def _lands(found: Found) -> str:
    told = reckoned(found)
    rows = []
    for row in told["lands"]:
        size = [f"{row['districts']:,}", f"{row['homes']:,.0f}", f"{row['mb']:.1f}"]
        span = f"{row['least']:.1f} to {row['most']:.1f}"
        rows.append([row["land"], row["case"], *size, f"{row['hours']:.1f}", span])
    heads = ["", "", "districts", "homes each", "MB each", "CPU hours", "with the error"]
    costs, off = told["costs"], told["off"]
    far = ", ".join(f"{name.replace('-', ' ')} {each:.2f}" for name, each in off.items())
    words = (
        f"Reckoned: {costs['each'] + costs['beside']:.1f} CPU s for a district, "
        f"{costs['home'] * 1000:.2f} for 1,000 homes, {costs['mb']:.1f} for a MB of its map with "
        f"halo. What each place took, as a multiple of what the others say: {far}."
    )
    return f"{rows_of(heads, rows)}\n\n{words}"
