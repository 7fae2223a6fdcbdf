"""The rival pipeline beside ``gusu-geo run``: time, memory, which homes are judged otherwise, why.

    python benchmarks/rival_verdicts.py [monaco] [south] [las_palmas] [--readme]

Both run once as commands, ours cold, without its survey (which the rival lacks), but with all else
that it makes. Why is found by replacing one thing after the other in the rival: a verdict belongs
to the first replacement after which it is ours. A rival that computes for more than 300 s is ended,
and the table says so. All three: 2 CPU minutes. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import readme
import report
from growth import apart
from rival_pipeline import PLACES, REACH_M, SERVICES, Answers, metres_to
from run_times import Spent, TooSlow, last_line, measure

PIPELINE = Path(__file__).with_name("rival_pipeline.py")
KEPT = "rival.pickle"
CLOSE_S = 60.0
TITLES = {"monaco": "Monaco", "south": "Las Palmas, south", "las_palmas": "Las Palmas"}

Row = dict[str, Any]


def compared(name: str) -> Row:
    """One place: what both spend, and how their verdicts differ."""
    place = PLACES[name]
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        ours = measure(["run", str(place.study), "--no-survey", "--quiet", "--out", str(folder)])
        row: Row = {"place": TITLES[name], "ours": ours}
        kept = folder / KEPT
        rival = [str(PIPELINE), name, "--out", str(folder / "rival"), "--keep", str(kept)]
        try:
            row["theirs"] = measure(rival)
        except (TooSlow, SystemExit) as error:
            return {**row, "left_out": last_line(error)}
        return {**row, **apart(_differences, folder)}  # this process stays small


def _differences(folder: Path) -> Row:
    tables = next((folder / "data" / "processed").iterdir())
    homes = gpd.read_file(tables / "results.gpkg", layer="residences").set_index("residence_id")
    venues = gpd.read_file(tables / "results.gpkg", layer="facilities")
    worst_s = pd.read_parquet(tables / "access.parquet").groupby("residence_id")["nearest_s"].max()
    rival = Answers(*pickle.loads((folder / KEPT).read_bytes()))
    return differences(rival, homes, venues, worst_s)


def differences(
    rival: Answers, homes: gpd.GeoDataFrame, venues: gpd.GeoDataFrame, worst_s: pd.Series
) -> Row:
    """Counts of homes; worst_s: of our slowest service by home."""
    both = homes.index.intersection(rival.homes.index)
    state = homes.loc[both, "state"]
    judged = state.index[state != "unknown"]
    mine = (state[judged] == "pass").to_numpy()
    steps = {"rival": _served(rival.metres, judged)}
    points = venues.to_crs(rival.graph.graph["crs"])
    points["node"] = _nearest_nodes(rival.graph, points)
    steps["venues"] = _served(metres_to(rival.graph, rival.homes, points), judged)
    steps["legs"] = _served(_with_legs(rival, points), judged)
    wrong = steps["rival"] != mine
    close = (worst_s[judged] - REACH_M).abs().to_numpy() <= CLOSE_S
    by_venue = wrong & (steps["venues"] == mine)
    by_leg = wrong & ~by_venue & (steps["legs"] == mine)
    rest = wrong & ~by_venue & ~by_leg
    return {
        "both": len(both),
        "only_ours": len(homes) - len(both),
        "only_theirs": len(rival.homes) - len(both),
        "unknown": len(both) - len(judged),
        "too_good": int((wrong & steps["rival"]).sum()),
        "too_bad": int((wrong & mine).sum()),
        "by_venue": int(by_venue.sum()),
        "by_leg": int(by_leg.sum()),
        "close": int((rest & close).sum()),
        "rest": int((rest & ~close).sum()),
    }


def _served(metres: pd.DataFrame, homes: pd.Index) -> Any:
    return np.isfinite(metres.loc[homes, [*SERVICES]]).all(axis=1).to_numpy()


def _nearest_nodes(graph: nx.MultiDiGraph[Any], points: gpd.GeoDataFrame) -> Any:
    import osmnx as ox

    return ox.distance.nearest_nodes(graph, points.geometry.x, points.geometry.y)


def _with_legs(rival: Answers, venues: gpd.GeoDataFrame) -> pd.DataFrame:
    """As ``metres_to``, the straight way from a door to its junction walked at both ends: a node
    more for each venue, from which one can only leave."""
    graph = rival.graph.copy()
    ends = venues.copy()
    ends["node"] = [f"venue {place}" for place in range(len(venues))]
    edges = zip(ends["node"], venues["node"], _legs(rival.graph, venues), strict=True)
    graph.add_weighted_edges_from(edges, weight="length")
    metres = metres_to(graph, rival.homes, ends).add(_legs(rival.graph, rival.homes), axis=0)
    return metres.where(metres <= REACH_M, np.inf)


def _legs(graph: nx.MultiDiGraph[Any], points: gpd.GeoDataFrame) -> Any:
    spots = np.array([[graph.nodes[node]["x"], graph.nodes[node]["y"]] for node in points["node"]])
    return np.hypot(points.geometry.x - spots[:, 0], points.geometry.y - spots[:, 1]).to_numpy()


LINES: dict[str, Callable[[Spent], float]] = {
    "CPU s": lambda spent: spent.cpu_s,
    "seconds": lambda spent: spent.wall_s,
}
COUNTS: dict[str, Callable[[Row], int]] = {
    "homes that both judge": lambda row: row["both"] - row["unknown"],
    "unknown to us, judged by the rival": lambda row: row["unknown"],
    "homes of the rival alone: other use, too small, drawn twice, outside": (
        lambda row: row["only_theirs"]
    ),
    "homes of ours alone": lambda row: row["only_ours"],
    "**another verdict**": lambda row: row["too_good"] + row["too_bad"],
    "of these: all services, and we say no": lambda row: row["too_good"],
    "of these: not all services, and we say yes": lambda row: row["too_bad"],
    "why: venues told otherwise": lambda row: row["by_venue"],
    "why: the way between door and junction is not walked": lambda row: row["by_leg"],
    "why: doors, walls, gates, steps, waits at crossings, less than a minute from the limit": (
        lambda row: row["close"]
    ),
    "why: the same, farther from the limit": lambda row: row["rest"],
}


def markdown(machine: str, rows: list[Row]) -> str:
    """The table of README.md: a column for each place, empty cells where the rival was left out."""
    heads = " | ".join(row["place"] for row in rows)
    lines = [f"| rival pipeline (osmnx + networkx + folium) beside ours | {heads} |"]
    lines.append("|---" * (len(rows) + 1) + "|")
    for what, of in LINES.items():
        cells = [_beside(row, of) for row in rows]
        lines.append(f"| {what}, ours / rival | {' | '.join(cells)} |")
    peaks = [f"{_peak(row['ours'])} / {_peak(row.get('theirs'))}" for row in rows]
    lines.append(f"| peak MB, ours / rival | {' | '.join(peaks)} |")
    for what, count in COUNTS.items():
        cells = [f"{count(row):,}" if "both" in row else "" for row in rows]
        lines.append(f"| {what} | {' | '.join(cells)} |")
    late = [f"- {row['place']}: rival {row['left_out']}" for row in rows if "left_out" in row]
    return "\n\n".join([machine, "\n".join(lines), *late])


def _beside(row: Row, of: Callable[[Spent], float]) -> str:
    ours = of(row["ours"])
    if "theirs" not in row:
        return f"{ours:.1f} / left out"
    theirs = of(row["theirs"])
    return f"{ours:.1f} / {theirs:.1f} ({theirs / ours:.1f} x)"


def _peak(spent: Spent | None) -> str:
    return readme.peak(spent.peak_mb, spent.child_mb) if spent else "left out"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("places", nargs="*", metavar="place", help=", ".join(PLACES))
    parser.add_argument("--readme", action="store_true", help="also into the table of README.md")
    options = parser.parse_args()
    names = [name for name in options.places or PLACES if PLACES[name].extract.is_file()]
    rows = []
    for name in names:
        try:
            rows.append(compared(name))
        except (TooSlow, SystemExit) as error:
            print(f"{TITLES[name]}: left out: {last_line(error)}", flush=True)
    text = markdown(report.machine_line(), rows)
    print(text)
    if options.readme:
        readme.put("rival", text)


if __name__ == "__main__":
    main()
