"""Links and gates on finished streets: what is laid where, and every time against networkx."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import oracle
import pandas as pd
import pytest
from edit_oracle import changed_graph, edge_at
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_towns import WALKS, Points, hilly, random_town
from scenes import Scene, entrances

from gusu_geo._kernels import INF_CS
from gusu_geo.scenarios.network_edits import EditedNetwork, NewLink, Spot, edit_network, gate_nodes
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import NodeFlag, WayFlag
from gusu_geo.walking.access import measure
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.linkage import Linkage, Linked, Linking
from gusu_geo.walking.snapping import snap
from gusu_geo.walking.trips import Trips

RIDES = WayFlag.LIFT | WayFlag.FERRY


def two_streets() -> WalkNetwork:
    """a-b along y = 0 and c-d along y = 100, 600 m each, joined by the way a-c of 100 m."""
    scene = Scene()
    scene.way("a b", flags=int(WayFlag.STEPS), a=(0, 0), b=(600, 0))
    scene.way("c d", flags=int(WayFlag.PRIVATE), c=(0, 100), d=(600, 100))
    scene.way("a c")
    return scene.network()


def test_nothing_to_do_is_the_same_network() -> None:
    net = two_streets()
    edited = edit_network(net)
    links = snap(net, entrances({"h": [(100, 5)]}))
    assert edited.network is net and edited.extend(links) is links


def test_old_rows_stay_and_new_ones_come_after_them() -> None:
    net = two_streets()
    one, other = edge_at(net, 400, 0), edge_at(net, 300, 100)
    new = edit_network(net, links=[NewLink(one, other, 15_000)]).network
    assert (new.nodes, new.edges) == (net.nodes + 2, net.edges + 5)
    for field in fields(net):
        old = getattr(net, field.name)
        if isinstance(old, np.ndarray) and field.name not in (
            "arc_ptr", "arc_node", "arc_edge", "arc_rev", "component",
        ):  # fmt: skip
            assert np.array_equal(getattr(new, field.name)[: len(old)], old), field.name
            assert not getattr(new, field.name).flags.writeable
    parts = slice(net.edges, net.edges + 4)
    whole = np.repeat(
        [one.edge_ix, other.edge_ix] if one < other else [other.edge_ix, one.edge_ix], 2
    )
    for name in ("edge_flags", "way_id", "highway", "name", "slope_pm"):
        assert np.array_equal(getattr(new, name)[parts], getattr(net, name)[whole]), name
    for edge in (one.edge_ix, other.edge_ix):
        mine = np.flatnonzero(whole == edge) + net.edges
        assert new.length_cm[mine].sum() == net.length_cm[edge] == 60_000
        assert new.edge_u[mine[0]] == net.edge_u[edge] and new.edge_v[mine[1]] == net.edge_v[edge]
        assert new.edge_v[mine[0]] == new.edge_u[mine[1]] >= net.nodes
    link = new.edges - 1
    assert (new.length_cm[link], new.edge_flags[link]) == (15_000, WayFlag.BRIDGE)
    assert new.slope_pm[link].tolist() == [1000, 1000]
    for edge in range(net.edges, new.edges):  # lines end at their nodes
        line = new.edge_lines[edge].coords
        assert np.allclose(line[0], new.node_xy[new.edge_u[edge]], atol=1e-6)
        assert np.allclose(line[-1], new.node_xy[new.edge_v[edge]], atol=1e-6)
    assert (new.node_flags[net.nodes :] == 0).all()
    assert new.digest != net.digest and (new.component == 0).all()
    assert new.arc_ptr[-1] == 2 * new.edges


def test_stops_on_one_street_are_shared_and_its_ends_are_its_own() -> None:
    """Three links to x = 100, 100 and 350 of a street, and one to its very end: three parts."""
    net = two_streets()
    edge, _ = edge_at(net, 100, 0)
    flipped = net.node_xy[net.edge_u[edge], 0] > 0
    spot = lambda x: Spot(edge, 60_000 - 100 * x if flipped else 100 * x)  # noqa: E731
    to = [edge_at(net, 0, 100) for _ in range(4)]
    at = [spot(x) for x in (100, 100, 350, 600)]
    edited = edit_network(net, links=[NewLink(a, b, 9_900) for a, b in zip(at, to, strict=True)])
    new = edited.network
    assert new.nodes == net.nodes + 2
    assert sorted(new.length_cm[net.edges : net.edges + 3].tolist()) == [10_000, 25_000, 25_000]
    assert new.edges == net.edges + 3 + 4
    ends = np.column_stack([new.edge_u, new.edge_v])[-4:]
    assert ends[0].tolist() == ends[1].tolist()
    assert set(ends[3]) <= set(range(net.nodes))


def test_doors_on_a_cut_street_have_one_row_more_on_their_part() -> None:
    net = two_streets()
    edge, _ = edge_at(net, 100, 0)
    cuts = [NewLink(Spot(edge, cm), edge_at(net, 0, 100), 20_000) for cm in (10_000, 35_000)]
    edited = edit_network(net, links=cuts)
    cm = np.array([0, 9_999, 10_000, 10_001, 35_000, 60_000], np.int32)
    count = len(cm)
    rows = np.zeros(count, np.int8)
    links = Linkage(
        np.arange(count) // 2, np.full(count, edge, np.int32), cm, np.zeros(count, np.int32),
        np.arange(count, dtype=np.int32), rows, rows + 2, np.zeros((count, 2)), np.ones((count, 2)),
    )  # fmt: skip
    more = edited.extend(links)
    for field in fields(links):
        assert np.array_equal(getattr(more, field.name)[:count], getattr(links, field.name))
        if field.name not in ("edge_ix", "offset_cm"):  # same owner, leg, reason, rung, door
            assert np.array_equal(getattr(more, field.name)[count:], getattr(links, field.name))
    first = edited.first_part[edge]
    assert (more.edge_ix[count:] - first).tolist() == [0, 0, 0, 1, 1, 2]
    assert more.offset_cm[count:].tolist() == [0, 9_999, 10_000, 1, 25_000, 25_000]
    other = replace(links, edge_ix=np.full(count, -1, np.int32))
    assert edited.extend(other) is other


def test_a_stretch_has_a_row_on_every_part_that_holds_some_of_it() -> None:
    net = two_streets()
    edge, _ = edge_at(net, 100, 0)
    cuts = [NewLink(Spot(edge, cm), edge_at(net, 0, 100), 20_000) for cm in (10_000, 35_000)]
    edited = edit_network(net, links=cuts)
    one = np.zeros(1, np.int32)
    links = Linkage(
        np.zeros(1, np.int64), one + edge, one + 9_000, one + 30_000, one + 500,
        one.astype(np.int8), one.astype(np.int8), np.zeros((1, 2)), np.zeros((1, 2)),
    )  # fmt: skip
    more = edited.extend(links)
    assert (more.edge_ix[1:] - edited.first_part[edge]).tolist() == [0, 1, 2]
    assert more.offset_cm[1:].tolist() == [9_000, 0, 0]
    assert more.span_cm[1:].tolist() == [1_000, 25_000, 4_000]


@pytest.mark.parametrize(
    ("flags", "expected"), [((0, 0, 0, 0), 0), ((0, 2, 0, 0), 3), ((2, 2, 0, 0), 5), ((2,) * 4, 6)]
)
def test_a_gate_joins_every_two_sides(flags: tuple[int, ...], expected: int) -> None:
    """Four ways end at g: six steps; private are those with a private way on either side."""
    scene = Scene(closed="g")
    ends = {"n": (0, 100), "e": (100, 0), "s": (0, -100), "w": (-100, 0)}
    for (name, xy), way in zip(ends.items(), flags, strict=True):
        scene.way(f"{name} g", flags=way, g=(0, 0), **{name: xy})
    net = scene.network()
    gate = int(net.osm_node[(net.node_flags & NodeFlag.CLOSED) != 0][0])
    assert len(gate_nodes(net, gate)) == 4
    new = edit_network(net, gates=[gate, gate]).network
    assert (new.nodes, new.edges) == (net.nodes, net.edges + 6)
    steps = slice(net.edges, None)
    assert (new.length_cm[steps] == 0).all()
    assert ((new.edge_flags[steps] & WayFlag.BRIDGE) != 0).all()
    assert int(((new.edge_flags[steps] & WayFlag.PRIVATE) != 0).sum()) == expected
    with pytest.raises(ValueError, match="no closed gate"):
        edit_network(net, gates=[gate + 1])


def test_places_on_no_street_are_refused() -> None:
    net = two_streets()
    good = Spot(0, 0)
    for bad in (Spot(net.edges, 0), Spot(-1, 0), Spot(0, int(net.length_cm[0]) + 1), Spot(0, -1)):
        with pytest.raises(ValueError, match="no street has the place"):
            edit_network(net, links=[NewLink(good, bad, 100)])


def drawn_edits(net: WalkNetwork, seed: int) -> tuple[list[NewLink], list[int]]:
    """A few links between streets, some at their ends, some twice, and some gates."""
    rng = np.random.default_rng(seed)
    streets = np.flatnonzero(((net.edge_flags & RIDES) == 0) & (net.length_cm > 0))
    if len(streets) == 0:
        return [], []
    spots = []
    for edge in rng.choice(streets, 5):
        share = rng.choice([0.0, 1.0, 0.25, rng.random()])
        spots.append(Spot(int(edge), int(share * net.length_cm[edge])))
    links = [
        NewLink(*(spots[i] for i in rng.integers(0, len(spots), 2)), int(rng.integers(0, 20_000)))
        for _ in range(int(rng.integers(0, 4)))
    ]
    closed = np.unique(net.osm_node[(net.node_flags & NodeFlag.CLOSED) != 0])
    return links, [int(gate) for gate in closed if rng.random() < 0.7]


def times(edited: EditedNetwork, base: dict[str, Linkage], walk: Walk) -> np.ndarray:
    homes, venues = (edited.extend(base[name]) for name in ("home", "facility"))
    count = int(base["facility"].owner_ix.max()) + 1
    return measure(
        Trips.of(edited.network, walk),
        Linked(pd.RangeIndex(int(base["home"].owner_ix.max()) + 1), homes),
        Linked(pd.RangeIndex(count), venues),
        service=["s"] * count, venue=[str(i) for i in range(count)], min_count={"s": 1},
        cutoff_s=1800.0,
    ).nearest_cs[:, 0]  # fmt: skip


def linked(net: WalkNetwork, walk: Walk, homes: Points, venues: Points) -> dict[str, Linkage]:
    closed = Impedance.of(net, walk).closed
    return {
        name: snap(net, entrances(points), Linking(island_max_m=0), closed=closed)
        for name, points in (("home", homes), ("facility", venues))
    }


def told_by_place(net: WalkNetwork, spot: Spot) -> bool:
    """Whether the oracle, which finds stops by where they are drawn, means the same place: on a
    street that runs back over itself one place is two."""
    line, length_cm = net.edge_lines[spot.edge_ix], int(net.length_cm[spot.edge_ix])
    share = spot.offset_cm / max(length_cm, 1)
    drawn = line.project(line.interpolate(share, normalized=True), normalized=True)
    return abs(drawn - share) * length_cm < 1


@settings(max_examples=45)
@given(seed=st.integers(0, 10**9), walk=WALKS)
def test_times_equal_networkx_and_never_become_longer(seed: int, walk: Walk) -> None:
    scene, homes, venues = random_town(seed)
    net = hilly(scene.network(), seed)
    links, gates = drawn_edits(net, seed)
    assume(all(told_by_place(net, spot) for link in links for spot in (link.start, link.end)))
    base = linked(net, walk, homes, venues)
    before = times(edit_network(net), base, walk)
    after = times(edit_network(net, links=links, gates=gates), base, walk)
    assert (after <= before).all()
    groups = {
        "home": (base["home"], entrances(homes)),
        "facility": (base["facility"], entrances(venues)),
    }
    graph = changed_graph(net, walk, groups, links, gates)
    wanted = oracle.nearest(graph, list(range(len(venues))), len(homes), 1802.0)
    got = np.where(after == INF_CS, np.inf, after / 100)
    clear = np.abs(wanted - 1800) > 1
    assert np.array_equal(np.isfinite(got[clear]), wanted[clear] <= 1800)
    both = np.isfinite(got) & np.isfinite(wanted)
    assert np.abs(got[both] - wanted[both]).max(initial=0) < 0.5


@settings(max_examples=40)
@given(seed=st.integers(0, 10**9), walk=WALKS)
def test_cutting_a_street_alone_changes_no_time(seed: int, walk: Walk) -> None:
    """A link from a place to itself leads nowhere, but the street is cut there."""
    scene, homes, venues = random_town(seed)
    net = hilly(scene.network(), seed)
    links, _ = drawn_edits(net, seed)
    base = linked(net, walk, homes, venues)
    cut = edit_network(net, links=[NewLink(link.start, link.start, 0) for link in links])
    before, after = times(edit_network(net), base, walk), times(cut, base, walk)
    reached = before < INF_CS
    assert np.abs(after[reached].astype(int) - before[reached]).max(initial=0) <= 3
    assert np.array_equal(after < INF_CS, reached)
