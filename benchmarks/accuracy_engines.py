"""The other engines of accuracy.py: networkx, pandana, and pandana as it is mostly used."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from cities import ROOT
from hand_graph import Graph
from hand_sight import Floats

sys.path.append(str(ROOT / "tests" / "support"))
import oracle

if TYPE_CHECKING:
    from accuracy import Case

MARGIN_S = 2.0  # others search so much farther than the cutoff


def pandana_times(case: Case, graph: Graph) -> Floats:
    """(R,K) seconds to the nearest venue of each service, by contraction hierarchies.

    Places are numbered on a line, so that pandana finds the very node of each. Nothing leads to a
    home: the quickest of its ways out is picked here, since with 20,000 homes of many doors
    pandana's contraction does not end.
    """
    import pandana

    where = pd.Series(np.arange(graph.nodes, dtype=float))
    row = np.full(graph.nodes, -1)
    row[graph.home] = np.arange(len(graph.home))
    tail, head, cs = graph.tail, graph.head, 100 * graph.seconds  # it cuts weights to thousandths
    out = row[tail] >= 0
    ends, on = (pd.Series(tail[~out]), pd.Series(head[~out])), pd.DataFrame({"cs": cs[~out]})
    with silent():
        net = pandana.Network(where, 0 * where, *ends, on, twoway=False)
    x, y = graph.venue.astype(float), np.zeros(len(graph.venue))
    at = _nearest(case, net, x, y, 0.01)
    found = np.full((len(graph.home), at.shape[1]), np.inf)
    np.minimum.at(found, row[tail[out]], at[head[out]] + graph.seconds[out, None])
    return np.where(found <= case.judged.access.cutoff_s + MARGIN_S, found, np.inf)


def usual_times(case: Case) -> Floats:
    """(R,K) seconds as pandana is mostly used: homes and venues are the nearest node each."""
    import pandana

    net, city = case.ground.network, case.ground.city
    x, y = (pd.Series(column) for column in net.node_xy.T)
    metres = pd.DataFrame({"metres": net.length_cm / 100})
    with silent():
        streets = pandana.Network(x, y, pd.Series(net.edge_u), pd.Series(net.edge_v), metres)
    homes, venues = (
        shapely.get_coordinates(part.frame.geometry.to_numpy())
        for part in (city.residences, city.facilities)
    )
    at = streets.get_node_ids(pd.Series(homes[:, 0]), pd.Series(homes[:, 1])).to_numpy()
    return _nearest(case, streets, *venues.T, 1 / case.ground.study.walk.speed())[at]


def _nearest(case: Case, net: Any, x: Floats, y: Floats, unit_s: float) -> Floats:
    """(N,K) seconds from every node to the nearest venue of each service."""
    limit = (case.judged.access.cutoff_s + MARGIN_S) / unit_s
    found = np.full((len(net.node_ids), len(case.judged.rule.services)), np.inf)
    for k, name in enumerate(case.judged.rule.services):
        mine = np.flatnonzero(case.service == name)
        if len(mine):
            with silent():
                net.set_pois(name, limit, 1, pd.Series(x[mine]), pd.Series(y[mine]))
                times = net.nearest_pois(limit, name, num_pois=1, max_distance=np.inf)
            found[:, k] = times[1].to_numpy() * unit_s
    return found


def networkx_times(case: Case) -> Floats:
    """(R,K) seconds by networkx, on the graph of the tests."""
    city, links = case.ground.city, case.judged.links
    graph = oracle.walk_graph(
        case.ground.network,
        case.ground.study.walk,
        {
            "home": (links.homes.links, city.residences.entrances),
            "facility": (links.venues.links, city.facilities.entrances),
        },
    )
    limit = case.judged.access.cutoff_s + MARGIN_S
    columns = [
        oracle.nearest(graph, np.flatnonzero(case.service == name).tolist(), case.sizes[0], limit)
        for name in case.judged.rule.services
    ]
    return np.column_stack(columns)


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Keeps compiled code from printing its progress."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
