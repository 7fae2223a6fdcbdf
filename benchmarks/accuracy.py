"""Our times and verdicts beside those of two other engines, home by home: docs/accuracy.md.

    python benchmarks/accuracy.py [--only CITY] [--write | --page]

networkx answers on the graph of tests/support/oracle.py, pandana on that of hand_graph.py, with our
doors and with doors by brute force (hand_doors.py). Figures are kept in accuracy.json; ``--write``
also puts them into the page, ``--page`` does only that. Needs the extra ``bench``; 7 CPU minutes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import accuracy_page
import hand_doors
import hand_graph
import numpy as np
import shapely
from accuracy_engines import networkx_times, pandana_times, usual_times
from cities import ROOT
from hand_doors import Doors
from hand_graph import Graph
from hand_sight import Bools, Floats

import gusu_geo as gg
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.tables import Rung
from gusu_geo.walking.linkage import Linkage

STUDIES = {
    "Monaco": ROOT / "studies" / "monaco.toml",
    "Las Palmas": ROOT / "tests" / "studies" / "las_palmas.toml",
    "Las Palmas, south": ROOT / "tests" / "studies" / "vegueta.toml",
    "Nanjing": ROOT / "tests" / "studies" / "nanjing.toml",
    "Beijing": ROOT / "tests" / "studies" / "beijing.toml",
}
BY_NETWORKX = ("Las Palmas",)  # pandana's search of nearest places does not end on so many
FIGURES = Path(__file__).with_name("accuracy.json")
CLOSE_S = 1.0  # times this near are the same; verdicts this near to the threshold may differ
NARROW = 4  # points a metre apart: buildings are looked at every three metres
LEG_M = 3.0  # what docs/linking.md admits at buildings

Figures = dict[str, Any]


class Case(NamedTuple):
    """A judged city: its ground, our times (R,K) in seconds (inf: beyond the cutoff), doors of
    homes and venues as linked by us, and the service of each facility (F,)."""

    ground: Ground
    judged: gg.Judgement
    ours: Floats
    homes: Doors
    venues: Doors
    service: Any

    @property
    def sizes(self) -> tuple[int, int]:
        city = self.ground.city
        return len(city.residences.frame), len(city.facilities.frame)


def our_doors(links: Linkage) -> Doors:
    """Our links; a stretch of street is a door every metre."""
    rows = np.flatnonzero(links.edge_ix >= 0)
    span = links.span_cm[rows].astype(np.int64)
    count = -(-span // 100) + 1
    row = np.repeat(np.arange(len(rows)), count)
    pick, k = rows[row], np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    cm = links.offset_cm[pick] + np.minimum(100 * k, span[row])
    edge, ones = links.edge_ix[pick].astype(np.int64), np.ones(len(pick), np.int64)
    return Doors(links.owner_ix[pick], edge, cm / 100, links.leg_cm[pick] / 100, ones)


def compare(case: Case, theirs: Floats, ours: Floats | None = None) -> Figures:
    """How far times and verdicts lie apart, cell by cell (home x service)."""
    ours = case.ours if ours is None else ours
    limit, most = np.array(case.judged.rule.threshold_s), case.judged.access.cutoff_s
    here = np.isfinite(ours) & np.isfinite(theirs)
    off = np.abs(ours[here] - theirs[here])
    wrong = (ours <= limit) != (theirs <= limit)
    one = (ours <= most) != (theirs <= most)
    near = one & (np.abs(np.minimum(ours, theirs) - most) <= CLOSE_S)
    return {
        "compared": int(here.sum()),
        "median_s": round(float(np.median(off)), 2),
        "p99_s": round(float(np.quantile(off, 0.99)), 2),
        "max_s": round(float(off.max()), 2),
        "one_only": int(one.sum() - near.sum()),
        "verdicts": int(wrong.sum()),
        "beyond": int((wrong & (np.abs(theirs - limit) > CLOSE_S)).sum()),
        "they_pass": int((wrong & (theirs <= limit)).sum()),
        "longer_max_s": round(float((theirs[here] - ours[here]).max()), 2),
        "longer": int((theirs[here] > ours[here] + CLOSE_S).sum()),
        "shorter": int((theirs[here] < ours[here] - CLOSE_S).sum()),
    }


def missed(found: Doors, ours: Doors) -> tuple[Bools, Bools]:
    """Doors of brute force that spare more than ``LEG_M`` beside our nearest door of the place on
    the same street, if there is one: of views of at most ``NARROW`` points of the outline, and of
    wider ones. A view is a row of such doors without a gap of 3 m."""
    keys = [np.column_stack((doors.owner, doors.edge)) for doors in (found, ours)]
    number = np.unique(np.concatenate(keys), axis=0, return_inverse=True)[1].reshape(-1)
    mine, known = number[: len(found.owner)], number[len(found.owner) :]
    spare = np.full(len(mine), np.inf)
    order = np.argsort(known, kind="stable")
    first, last = (np.searchsorted(known[order], mine, side) for side in ("left", "right"))
    for row in np.flatnonzero(last > first).tolist():
        near = order[first[row] : last[row]]
        way = np.abs(ours.along_m[near] - found.along_m[row]) + ours.leg_m[near]
        spare[row] = way.min() - found.leg_m[row]
    gone = np.flatnonzero(spare > LEG_M)
    gone = gone[np.lexsort((found.along_m[gone], mine[gone]))]
    new = np.diff(mine[gone], prepend=-1) != 0
    new |= np.diff(found.along_m[gone], prepend=-np.inf) > 3.0
    view = np.cumsum(new) - 1
    points = np.bincount(view, found.points[gone])[view] if len(gone) else np.zeros(0)
    narrow, wide = np.zeros(len(mine), bool), np.zeros(len(mine), bool)
    narrow[gone], wide[gone] = points <= NARROW, points > NARROW
    return narrow, wide


def classes(case: Case, by_hand: tuple[Doors, Doors], times: Floats, same: Floats) -> Figures:
    """Why times with doors by brute force are more than a second off ours: each cell belongs to
    the first class whose doors, taken away, change its time."""
    cost = hand_graph.costs(case.ground.network, case.ground.study.walk)
    masks = [missed(*pair) for pair in zip(by_hand, (case.homes, case.venues), strict=True)]
    most, left = case.judged.access.cutoff_s, times
    open_, search = off(times, case.ours, most), off(same, case.ours, most)
    named: Figures = {"search": _cells(case, times, open_ & search)}
    open_ &= ~search
    for name, which in (("narrow", 0), ("wide", 1)):
        gone = [mask[0] if which == 0 else mask[0] | mask[1] for mask in masks]
        rest = [doors.rows(~mask) for doors, mask in zip(by_hand, gone, strict=True)]
        now = pandana_times(case, graph(case, cost, *rest))
        named[name] = _cells(case, times, open_ & off(now, left, most))
        open_, left = open_ & ~off(now, left, most), now
    named["along"] = _cells(case, times, open_)
    return named


def off(one: Floats, two: Floats, most_s: float) -> Bools:
    """Where two times are more than a second apart; beyond the cutoff all are the same."""
    return np.asarray(np.abs(np.minimum(one, most_s) - np.minimum(two, most_s)) > CLOSE_S)


def _cells(case: Case, times: Floats, cells: Bools) -> Figures:
    limit = np.array(case.judged.rule.threshold_s)
    wrong = cells & ((case.ours <= limit) != (times <= limit))
    here = cells & np.isfinite(times) & np.isfinite(case.ours)
    metres = np.abs(times[here] - case.ours[here])
    return {
        "cells": int(cells.sum()),
        "median_s": round(float(np.median(metres)), 1) if len(metres) else 0.0,
        "max_s": round(float(metres.max(initial=0)), 1),
        "verdicts": int(wrong.sum()),
    }


def graph(case: Case, cost: hand_graph.Costs, homes: Doors, venues: Doors) -> Graph:
    walk = case.ground.study.walk
    return hand_graph.graph_of(
        case.ground.network, cost, homes, venues, speed=walk.speed(), sizes=case.sizes
    )


def usual_doors(case: Case) -> list[Doors]:
    """The nearest place of any street to each point, whatever stands between."""
    net, city = case.ground.network, case.ground.city
    pieces = hand_doors.linkable(net, np.zeros(net.edges, bool), 0.0)
    tree = shapely.STRtree(pieces.lines())
    doors = []
    for part in (city.residences, city.facilities):
        points = part.frame.geometry.to_numpy()
        row = tree.query_nearest(points, all_matches=False)[1]
        _, leg_m, along_m = hand_doors.feet(pieces, row, shapely.get_coordinates(points))
        each = np.arange(len(points))
        doors.append(Doors(each, pieces.edge[row], along_m, leg_m, np.ones_like(each)))
    return doors


def assumed_doors(found: Doors, links: Linkage, entrances: Any) -> tuple[Doors, int]:
    """The doors by brute force, with those that we assume in garden walls and of school grounds
    without any other, and how many places these are: where nobody drew a door, none can be found.
    """
    drawn = np.isin(links.rung, np.unique(entrances.rung))
    drawn &= (links.rung != Rung.ASSUMED) | np.isin(links.owner_ix, found.owner)
    walled = links.rows(np.flatnonzero(~drawn & (links.edge_ix >= 0)))
    return found.joined(our_doors(walled)), len(np.unique(walled.owner_ix))


def judge(path: Path, out: Path) -> tuple[Case, gg.Summary]:
    """A city as the command judges it."""
    outcome = gg.run(path, out=out).outcome
    ground, judged = prepare(path, out=out), outcome.judgement
    ours = np.column_stack([judged.access.nearest_s[name] for name in judged.rule.services])
    doors = (our_doors(links.links) for links in (judged.links.homes, judged.links.venues))
    service = ground.city.facilities.frame["service"].to_numpy(object)
    return Case(ground, judged, ours, *doors, service), outcome.summary


def measure(name: str, out: Path) -> Figures:
    """All figures of one city; of those of ``BY_NETWORKX`` the first row alone."""
    case, summary = judge(STUDIES[name], out)
    figures: Figures = {
        "homes": int(case.judged.access.is_linked.sum()),
        "services": int(sum(case.judged.known)),
        "doors": {"ours": [len(case.homes.owner), len(case.venues.owner)]},
        "engines": {"networkx": compare(case, oracle_s := networkx_times(case))},
        "limits": accuracy_page.limits(summary, case.judged),
    }
    if name not in BY_NETWORKX:
        by_pandana(case, oracle_s, figures)
    return figures


def by_pandana(case: Case, oracle_s: Floats, figures: Figures) -> None:
    """Fill in what pandana answers: our doors, doors by brute force, and the usual way."""
    net, city, links = case.ground.network, case.ground.city, case.judged.links
    cost = hand_graph.costs(net, case.ground.study.walk)
    by_hand, taken = [], 0
    for linked, part in ((links.homes, city.residences), (links.venues, city.facilities)):
        found = hand_doors.find_doors(case.ground, cost.closed, part.entrances)
        found, places = assumed_doors(found, linked.links, part.entrances)
        by_hand.append(found)
        taken += places
    same = pandana_times(case, graph(case, cost, case.homes, case.venues))
    hand = pandana_times(case, graph(case, cost, *by_hand))
    plain = hand_graph.plain_costs(net, case.ground.study.walk)
    alike = pandana_times(case, graph(case, plain, case.homes, case.venues))
    one_door = pandana_times(case, graph(case, plain, *usual_doors(case)))
    figures["doors"] |= {"by_hand": [len(found.owner) for found in by_hand], "assumed": taken}
    figures["engines"] |= {
        "pandana": compare(case, same),
        "each_other": compare(case, same, oracle_s),
        "by_hand": compare(case, hand),
    }
    figures["classes"] = classes(case, (by_hand[0], by_hand[1]), hand, same)
    figures["usual"] = {
        "plain": compare(case, alike),
        "one_door": compare(case, one_door),
        "nodes": compare(case, usual_times(case)),
    }


def main() -> None:
    form = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--only", action="append", default=[], choices=STUDIES)
    parser.add_argument("--page", action="store_true", help="write the page of the figures kept")
    parser.add_argument("--write", action="store_true", help="write docs/accuracy.md")
    options = parser.parse_args()
    kept = json.loads(FIGURES.read_text("utf-8")) if FIGURES.is_file() else {}
    with tempfile.TemporaryDirectory() as folder:
        for name in [] if options.page else options.only or STUDIES:
            kept[name] = measure(name, Path(folder))
            print(name, json.dumps(kept[name]["engines"], indent=1), flush=True)
            ordered = {city: kept[city] for city in STUDIES if city in kept}
            FIGURES.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if options.write or options.page:
        accuracy_page.write(json.loads(FIGURES.read_text("utf-8")))


if __name__ == "__main__":
    main()
