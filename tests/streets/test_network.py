"""Building, keeping and exchanging networks."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import shapely
from pyproj import Geod
from scenes import CRS_M, Scene

import gusu_geo as gg
from gusu_geo.errors import NetworkError
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.streets.network_files import from_networkx, load_network, save_network, to_networkx
from gusu_geo.tables import WayFlag


def town() -> WalkNetwork:
    """A block with a parallel street, a loop, steps, a one-way escalator, an island and a name."""
    scene = (
        Scene()
        .way("a m b", a=(0, 0), m=(50, 10), b=(100, 0))
        .way("a b")
        .way("b c", c=(100, 80), flags=WayFlag.STEPS)
        .way("c l1 l2 c", l1=(150, 80), l2=(120, 130))
        .way("c a", flags=WayFlag.FORWARD_ONLY)
        .way("x y", x=(500, 500), y=(560, 500))
    )
    return scene.network()


def test_chains_run_between_junctions_and_keep_their_bends() -> None:
    net = town()
    assert (net.nodes, net.edges) == (5, 6)  # a b c x y; m, l1, l2 are bends
    lengths = sorted((net.length_cm / 100).tolist())
    bend, loop = 2 * np.hypot(50, 10), 50 + np.hypot(30, 50) + np.hypot(20, 50)
    assert lengths == pytest.approx(sorted([bend, 100, 80, loop, np.hypot(100, 80), 60]), abs=0.006)


def test_arcs_run_both_ways_and_name_their_edge() -> None:
    net = town()
    assert len(net.arc_node) == 2 * net.edges
    for node in range(net.nodes):
        for arc in range(net.arc_ptr[node], net.arc_ptr[node + 1]):
            edge = net.arc_edge[arc]
            ends = (net.edge_u[edge], net.edge_v[edge])
            assert (node, net.arc_node[arc]) == (ends[::-1] if net.arc_rev[arc] else ends)


def test_polylines_start_and_end_at_their_nodes() -> None:
    net = town()
    assert np.allclose(net.vertex_xy[net.vertex_ptr[:-1]], net.node_xy[net.edge_u])
    assert np.allclose(net.vertex_xy[net.vertex_ptr[1:] - 1], net.node_xy[net.edge_v])


def test_components_are_labelled_by_length_and_reported() -> None:
    net = town()
    health = net.health()
    assert health["components"] == 2
    assert health["largest_share"] == pytest.approx(1 - 60 / (net.length_cm.sum() / 100), abs=1e-5)
    island = np.isclose(net.node_xy[:, 1], 500)
    assert (net.component[island] == 1).all()
    assert (net.component[~island] == 0).all()


def test_relabelling_and_reordering_change_nothing() -> None:
    scene = Scene().way("a b", a=(0, 0), b=(100, 0)).way("b c", c=(100, 90)).way("c a")
    other = Scene().way("zb zc", zb=(100, 0), zc=(100, 90)).way("zc ya", ya=(0, 0)).way("ya zb")
    one, two = scene.network(), other.network()
    assert np.array_equal(one.node_xy, two.node_xy)
    key = lambda net: sorted(  # noqa: E731
        zip(
            np.minimum(net.edge_u, net.edge_v),
            np.maximum(net.edge_u, net.edge_v),
            net.length_cm,
            strict=True,
        )
    )
    assert key(one) == key(two)


def test_arrays_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        town().length_cm[0] = 1


def test_saved_network_comes_back_the_same(tmp_path: Path) -> None:
    net = town()
    save_network(net, tmp_path / "town.npz")
    again = load_network(tmp_path / "town.npz")
    assert again.digest == net.digest
    assert list(again.name) == list(net.name)
    assert gg.read_network(tmp_path / "town.npz").digest == net.digest


@pytest.mark.parametrize("damage", ["cut", "text", "flip"])
def test_damaged_network_file_is_one_clear_error(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "town.npz"
    save_network(town(), path)
    data = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "text":
        path.write_text("not a network")
    else:
        place = data.find(np.float64(town().node_xy[0, 0]).tobytes())
        data[place] ^= 0xFF
        path.write_bytes(data)
    with pytest.raises(NetworkError, match=r"town\.npz"):
        load_network(path)


@pytest.mark.parametrize("part", ["xy", "ids", "flags", "slope_pm", "names", "highway"])
def test_a_network_file_with_a_part_that_is_no_array(tmp_path: Path, part: str) -> None:
    """numpy hands over the bytes as they are."""
    path = tmp_path / "town.npz"
    save_network(town(), path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[f"{part}.npy"] = b"x" + members[f"{part}.npy"]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(NetworkError, match=r"town\.npz.*Build it again"):
        load_network(path)


@pytest.mark.parametrize(
    "change",
    [
        {"u": np.array([99], np.int32)},
        {"u": np.array([0.5])},
        {"sizes": np.array([10**12])},
        {"xy": np.zeros((1, 3))},
        {"xy": np.array([["a", "b"]])},
        {"name_ix": np.array([5])},
        {"names": np.frombuffer(b"[[1]]", np.uint8)},
        {"names": np.frombuffer(b"[" * 100_000, np.uint8)},
        {"head": np.frombuffer(b"[]", np.uint8)},
        {"head": np.frombuffer(b'{"format": 2, "crs": "nonsense", "digest": 1}', np.uint8)},
        {"slope_pm": np.zeros(1)},
        {"highway": np.array([1])},
        {"length_cm": np.array([], np.int32)},
        {"xy": np.array(5.0)},
        {"u": np.array([[0, 1]])},
        {"slope_pm": np.array("x")},
        {},
    ],
)
def test_a_network_file_of_wrong_arrays_is_one_clear_error(
    tmp_path: Path, change: dict[str, np.ndarray[Any, Any]]
) -> None:
    """Their digest cannot even be computed; of an archive without arrays nothing can."""
    path = tmp_path / "town.npz"
    save_network(town(), path)
    with np.load(path) as archive:
        parts = dict(archive)
    np.savez(path, **({**parts, **change} if change else {"x": np.zeros(1)}))
    with pytest.raises(NetworkError, match=r"town\.npz.*Build it again") as caught:
        load_network(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"geometry": shapely.Point(0, 0)}, "no line"),
        ({"geometry": shapely.Polygon([(0, 0), (1, 0), (1, 1)])}, "no line"),
        ({"geometry": shapely.LineString()}, "no line"),
        ({"geometry": "LINESTRING (0 0, 1 1)"}, "no line"),
        ({"flags": "many"}, "flags of 1-2"),
        ({"flags": 10**9}, "flags of 1-2"),
        ({"length": 1e300}, "no usable length"),
        ({"length": "far"}, "no usable length"),
    ],
)
def test_an_edge_that_cannot_be_used_is_named(facts: dict[str, Any], words: str) -> None:
    graph = nx.Graph(crs="EPSG:4326")
    graph.add_node(1, x=7.42, y=43.74)
    graph.add_node(2, x=7.43, y=43.74)
    graph.add_edge(1, 2, **facts)
    with pytest.raises(NetworkError, match=words):
        gg.read_network(graph)


def test_a_graph_off_the_earth_or_in_no_system_is_one_clear_error() -> None:
    for crs, y in (("EPSG:4326", 4000.0), ("nonsense", 43.74), ("EPSG:5703", 43.74)):
        graph = nx.Graph(crs=crs)
        graph.add_node(1, x=7.42, y=y)
        graph.add_node(2, x=7.43, y=y)
        graph.add_edge(1, 2)
        with pytest.raises(NetworkError):
            gg.read_network(graph)


def test_networkx_round_trip_keeps_streets_and_one_way() -> None:
    net = town()
    graph = to_networkx(net)
    again = from_networkx(graph)
    assert (again.nodes, again.edges) == (net.nodes, net.edges)
    assert sorted(again.length_cm) == sorted(net.length_cm)
    assert sorted(again.edge_flags) == sorted(net.edge_flags)
    assert np.allclose(again.node_xy, net.node_xy)


def test_osmnx_style_graph_in_degrees_with_twins_and_parallels() -> None:
    """Two parallel streets a-b, each as two directed twins, plus a loop: three edges remain."""
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_node(7, x=120.60, y=31.30)
    graph.add_node(9, x=120.61, y=31.30)
    bent = shapely.LineString([(120.60, 31.30), (120.605, 31.302), (120.61, 31.30)])
    graph.add_edge(7, 9, osmid=1, length=951.5)
    graph.add_edge(9, 7, osmid=1, length=951.5)
    graph.add_edge(7, 9, osmid=2, length=1060.0, geometry=bent, highway="steps")
    graph.add_edge(9, 7, osmid=2, length=1060.0, geometry=bent.reverse(), highway="steps")
    ring = shapely.LineString(
        [(120.60, 31.30), (120.60, 31.301), (120.599, 31.30), (120.60, 31.30)]
    )
    graph.add_edge(7, 7, osmid=3, length=350.0, geometry=ring)
    graph.add_edge(7, 7, osmid=3, length=350.0, geometry=ring.reverse())
    net = gg.read_network(graph)
    assert net.edges == 3
    assert sorted(net.length_cm) == [35_000, 95_150, 106_000]
    assert net.flagged(WayFlag.STEPS).sum() == 1
    # 0.001 degrees here are 110.9 m north and 95.2 m east: 110.9 + 95.2 + 146.1 round the ring
    assert shapely.length(net.edge_lines).min() == pytest.approx(352.2, abs=0.5)


def test_graphml_written_by_osmnx_is_read(tmp_path: Path) -> None:
    import osmnx

    net = town()
    osmnx.save_graphml(to_networkx(net), tmp_path / "town.graphml")
    again = gg.read_network(tmp_path / "town.graphml")
    assert (again.nodes, again.edges) == (net.nodes, net.edges)
    assert sorted(again.length_cm) == sorted(net.length_cm)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g: g.nodes[1].pop("x"), "node 1 has no coordinates"),
        (lambda g: g.nodes[1].update(x=float("nan")), "node 1 has no coordinates"),
        (lambda g: g[0][1][0].update(length=float("nan")), "edge 0-1 has no usable length"),
        (lambda g: g[0][1][0].update(length=-3.0), "edge 0-1 has no usable length"),
        (lambda g: g.remove_edges_from(list(g.edges)), "no edges"),
    ],
)
def test_bad_graphs_are_one_clear_error(change: object, message: str) -> None:
    graph = nx.MultiDiGraph(crs=CRS_M.to_wkt())
    graph.add_node(0, x=0.0, y=0.0)
    graph.add_node(1, x=100.0, y=0.0)
    graph.add_edge(0, 1, length=100.0)
    change(graph)  # type: ignore[operator]
    with pytest.raises(NetworkError, match=message):
        from_networkx(graph)


def test_missing_graphml_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"none\.graphml"):
        gg.read_network(tmp_path / "none.graphml")


# --- where a projection holds -------------------------------------------------------------------


def street(*lonlat: tuple[float, float]) -> nx.Graph:
    graph = nx.Graph(crs="EPSG:4326")
    for number, (x, y) in enumerate(lonlat):
        graph.add_node(number, x=x, y=y)
    nx.add_path(graph, range(len(lonlat)))
    return graph


@pytest.mark.parametrize("lat", [-16.8, 66.0])
def test_streets_on_both_sides_of_180_degrees_keep_their_length(tmp_path: Path, lat: float) -> None:
    """Taveuni and Chukotka: the mean of 179.985 and -179.995 is not near 0."""
    ends = [(179.985, lat), (180.0, lat)], [(-180.0, lat), (-179.995, lat)]
    true_m = sum(abs(Geod(ellps="WGS84").inv(*a, *b)[2]) for a, b in ends)
    graph = nx.disjoint_union_all([street(*pair) for pair in ends])
    graph.graph["crs"] = "EPSG:4326"
    assert from_networkx(graph).length_cm.sum() / 100 == pytest.approx(true_m, rel=1e-5)
    nodes = [point for pair in ends for point in pair]
    written = "".join(f'<node id="{i}" lon="{x}" lat="{y}"/>' for i, (x, y) in enumerate(nodes, 1))
    tag = '<tag k="highway" v="path"/>'
    ways = f'<way id="1"><nd ref="1"/><nd ref="2"/>{tag}</way><way id="2"><nd ref="3"/><nd ref="4"/>{tag}</way>'
    path = tmp_path / "a.osm"
    path.write_text(f"<osm version='0.6'>{written}{ways}</osm>")
    assert gg.read_network(path).length_cm.sum() / 100 == pytest.approx(true_m, rel=1e-5)


def test_streets_too_wide_for_one_projection_are_refused() -> None:
    with pytest.raises(NetworkError, match=r"km east or west of their middle.*200 km"):
        from_networkx(street((0.0, 0.0), (4.0, 0.0)))
    assert from_networkx(street((0.0, 60.0), (4.0, 60.0))).edges == 1, "narrower in the north"
