"""Missing links on drawn scenes: found where they are, with the metres they save, worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import CRS_M, Scene

from gusu_geo.assessment.link_gains import People
from gusu_geo.assessment.missing_links import LinkSearch, missing_links
from gusu_geo.assessment.street_points import StreetPoints, level_pace, street_points, ways_between
from gusu_geo.errors import InputError
from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import WayFlag
from gusu_geo.walking.search import starts
from gusu_geo.walking.trips import Trips

SEARCH = LinkSearch(piece_min_m=0.5, spacing_m=50.0)
# Street points of a quay of 1,000 m: at 25, 75, ... 975 m.


def found(scene: Scene, search: LinkSearch = SEARCH, **options: object) -> gpd.GeoDataFrame:
    blocks = [*scene.blocks, *(("water", shape) for shape in scene.water)]
    barriers = None
    if blocks:
        frame = gpd.GeoDataFrame(
            {"kind": [kind for kind, _ in blocks]}, geometry=[s for _, s in blocks], crs=CRS_M
        )
        barriers = Barriers.of(frame)
    return missing_links(scene.network(), barriers=barriers, search=search, **options)  # type: ignore[arg-type]


def quays(*, apart: float = 40.0, bridge: str = "b d") -> Scene:
    """Two quays of 1,000 m, a bridge (or what is asked for) at their eastern ends.

    a ----------------- b
    c ----------------- d       apart m farther north
    """
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0)).way("c d", c=(0, apart), d=(1000, apart))
    return scene.way(bridge) if bridge else scene


def canal(**options: object) -> Scene:
    scene = quays(**options)  # type: ignore[arg-type]
    scene.water = [shapely.box(-500, 10, 1500, 30)]
    return scene


def test_across_a_canal_the_farthest_pair_is_the_missing_link() -> None:
    links = found(canal())
    best = links.loc[1]
    # Both ends at x = 25: 975 m to the bridge, 40 m over it, 975 m back.
    assert best["walk_m"] == 975 + 40 + 975
    assert best["air_m"] == 40
    assert best["saved_m"] == 1950
    assert best["ratio"] == pytest.approx(1990 / 40, abs=0.01)
    assert best["between"] == "water"
    assert not best["cut_off"]
    assert shapely.get_coordinates(best.geometry).tolist() == pytest.approx(
        np.array([[25, 0], [25, 40]]), abs=0.01
    )
    assert (best["way_a"], best["way_b"]) == (100, 101)
    # One gap every 150 m while the way round is 500 m or more: 2 (1000 - x) + 40 >= 500.
    assert links.index.tolist() == list(range(1, len(links) + 1))
    assert links["walk_m"].min() >= 500
    assert (links["saved_m"].diff().dropna() <= 0).all()
    west = shapely.get_coordinates(links.geometry)[::2, 0]
    assert np.sort(west).tolist() == pytest.approx([25, 225, 425, 625], abs=0.01)


def test_a_second_bridge_closes_the_gap() -> None:
    scene = Scene().way("a m b", a=(0, 0), m=(500, 0), b=(1000, 0))
    scene.way("c n d", c=(0, 40), n=(500, 40), d=(1000, 40)).way("b d").way("a c").way("m n")
    scene.water = [shapely.box(-500, 10, 1500, 30)]
    # From the street point next to the middle between two bridges: 225 + 40 + 225 m, straight
    # across; and 225 + 40 + 275 m, slantwise, to the other side of the middle.
    assert found(scene)["walk_m"].max() <= 540
    assert len(found(scene, LinkSearch(walk_min_m=541, piece_min_m=0.5, spacing_m=50))) == 0


def test_banks_without_any_bridge_are_cut_off_and_count_with_the_cutoff() -> None:
    links = found(canal(bridge=""))
    assert links["cut_off"].all()
    assert (links["walk_m"] == SEARCH.cutoff_m).all()
    assert (links["between"] == "water").all()
    # The usual search takes pieces of less than 5 km for gaps in the data.
    assert len(found(canal(bridge=""), LinkSearch())) == 0


@pytest.mark.parametrize("kind", ["wall", "railway", "motorway", "waterway"])
def test_what_stands_between_is_told(kind: str) -> None:
    links = found(quays().block(kind, (-500, 20), (1500, 20)))
    assert set(links["between"]) == {kind}
    assert set(found(quays())["between"]) == {"unknown"}


def gated(*, shut: bool) -> Scene:
    """A wall between the streets, and in it a gate at x = 25 on a lane from one to the other."""
    scene = Scene(closed="g" if shut else "")
    scene.way("a p b", a=(0, 0), p=(25, 0), b=(1000, 0)).way(
        "c q d", c=(0, 40), q=(25, 40), d=(1000, 40)
    )
    scene.way("b d").way("p g q", g=(25, 20)).block("wall", (-500, 20), (24, 20))
    return scene.block("wall", (26, 20), (1500, 20))


def test_a_locked_gate_is_the_link_and_an_open_one_leaves_none_beside_it() -> None:
    shut = found(gated(shut=True))
    best = shut.loc[1]
    assert best["between"] == "gate"
    # From the lane's southern half at y = 10 to its northern at y = 30.
    assert best["air_m"] == 20
    assert best["walk_m"] == 10 + 975 + 40 + 975 + 10
    open_ = found(gated(shut=False))
    x = shapely.get_coordinates(open_.geometry)[:, 0]
    # Then everybody within reach of the gate has a way: x - 25 + 40 + x - 25 < 500.
    assert x.min() > 255
    assert "gate" not in set(open_["between"])


def test_a_locked_gate_is_no_free_crossing_however_short_the_lane() -> None:
    scene = Scene(closed="g").way("a p b", a=(0, 0), p=(25, 0), b=(1000, 0)).way("b d")
    scene.way("c q d", c=(0, 20), q=(25, 20), d=(1000, 20)).way("p g q", g=(25, 10))
    best = found(scene).loc[1]
    assert (best["between"], best["air_m"]) == ("gate", 10.0)


def test_two_sides_of_one_street_are_no_gap() -> None:
    net = quays().network()
    names = np.array(["Long street"] * net.edges, object)
    assert len(missing_links(net, search=SEARCH)) > 0
    assert len(missing_links(replace(net, name=names), search=SEARCH)) == 0
    wall = gpd.GeoDataFrame(
        {"kind": ["wall"]}, geometry=[shapely.LineString([(-500, 20), (1500, 20)])], crs=CRS_M
    )
    parted = missing_links(replace(net, name=names), search=SEARCH, barriers=Barriers.of(wall))
    assert set(parted["between"]) == {"wall"}


def test_a_private_lane_would_be_a_short_cut() -> None:
    scene = quays().way("a c", flags=int(WayFlag.PRIVATE))
    links = found(scene)
    assert links.loc[1, "between"] == "private"
    assert links.loc[1, "walk_m"] == 1990
    assert len(found(scene, walk=Walk(private="open"))) < len(links)
    assert "private" not in set(found(scene, walk=Walk(private="open"))["between"])


def test_sidewalk_and_road_side_by_side_are_no_gap_unless_a_wall_parts_them() -> None:
    assert len(found(quays(apart=10.0))) == 0
    walled = found(quays(apart=10.0).block("wall", (-500, 5), (1500, 5)))
    assert walled.loc[1, "walk_m"] == 975 + 10 + 975
    assert walled.loc[1, "between"] == "wall"


def test_who_can_cross_to_the_sidewalk_is_not_far_from_what_lies_behind_it() -> None:
    """A promenade, joined to nothing but the far end, 10 m beside a road with side streets."""
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0))  # promenade
    scene.way("c " + " ".join(f"r{x}" for x in range(100, 1000, 100)) + " d",
              c=(0, 10), d=(1000, 10), **{f"r{x}": (x, 10) for x in range(100, 1000, 100)})  # fmt: skip
    scene.way("b d")
    for x in range(100, 1000, 100):
        scene.way(f"r{x} s{x}", **{f"s{x}": (x, 90)})
    assert len(found(scene)) == 0


def test_a_street_between_is_nearer_than_what_lies_behind() -> None:
    """Three streets 40 m apart, joined at the east: links join neighbours, never the outer two."""
    scene = quays().way("e f", e=(0, 80), f=(1000, 80)).way("d f")
    links = found(scene, replace(SEARCH, apart_m=30.0))
    assert links["air_m"].max() < 80
    assert len(links) >= 2


def test_a_bridge_over_the_gap_marks_that_levels_may_differ() -> None:
    scene = quays().way("x y", flags=int(WayFlag.BRIDGE), x=(-100, 20), y=(60, 20))
    links = found(scene)
    marked = links[links["levels"]]
    assert len(marked) == 1
    assert shapely.get_coordinates(marked.geometry)[:, 0].tolist() == pytest.approx(
        [25, 25], abs=0.01
    )


def test_persons_near_either_end_weigh_and_count_once() -> None:
    scene = canal()
    scene.home("west", 25, 0).home("both", 100, 0, 100, 40).home("east", 700, 0).home("far", 25, 45)
    net = scene.network()
    homes = scene.linked(net, scene.homes, island_max_m=0.0)
    persons = np.array([1.0, 2.0, 1000.0, 4.0])
    links = found(scene, people=People(homes, persons))
    west = links[np.isclose(links.geometry.bounds["minx"], 25, atol=0.1)].iloc[0]
    assert west["persons"] == 7  # within 300 m of (25, 0) or (25, 40)
    score = links["saved_m"] * links["persons"]
    assert (score.diff().dropna() <= 0).all()
    assert links.loc[1, "persons"] >= 1000  # few metres saved for many are more


def test_only_links_with_an_end_in_the_area() -> None:
    links = found(canal(), area=shapely.box(300, -10, 400, 10))
    x = shapely.get_coordinates(links.geometry)[:, 0].reshape(-1, 2)
    assert len(links) == 1
    assert ((x >= 300) & (x <= 400)).any(axis=1).all()


def test_a_place_without_gaps_has_no_rows_but_all_columns() -> None:
    links = found(Scene().way("a b", a=(0, 0), b=(90, 0)))
    assert len(links) == 0
    assert {"air_m", "walk_m", "cut_off", "between", "persons", "way_a"} <= set(links.columns)
    assert links.crs == CRS_M


@pytest.mark.parametrize(
    "wrong", [{"air_max_m": 0.0}, {"ratio_min": math.nan}, {"cutoff_m": 400.0}, {"apart_m": -1.0}]
)
def test_a_search_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"above 0|cutoff_m must"):
        LinkSearch(**wrong)


def test_lengths_between_points_are_those_of_networkx() -> None:
    """Points on one street, on streets that meet and on streets that do not."""
    random = np.random.default_rng(1)
    scene, size = Scene(), 12
    at = {(i, j): (100 * i + float(random.integers(40)), 100 * j + float(random.integers(40)))
          for i in range(size) for j in range(size)}  # fmt: skip
    for i, j in at:
        for to in ((i + 1, j), (i, j + 1)):
            if to in at and random.random() < 0.7:
                ends = {f"n{i:02d}_{j:02d}": at[i, j], f"n{to[0]:02d}_{to[1]:02d}": at[to]}
                scene.way(" ".join(ends), **ends)
    net = scene.network()
    pace = level_pace(net)
    points = street_points(net, pace, 50.0, island_max_m=0.0)
    trips = Trips.paced(net, pace)
    a, b = random.integers(0, len(points.xy), (2, 20_000))
    near = np.flatnonzero(np.hypot(*(points.xy[a] - points.xy[b]).T) < 250)
    a, b = np.append(a[:2000], a[near]), np.append(b[:2000], b[near])
    cm = ways_between(trips, points, starts(trips, points.links), 900.0).between(a, b)
    ways = dict(
        nx.all_pairs_dijkstra_path_length(with_points(net, points), cutoff=90_000, weight="cm")
    )
    wanted = [
        ways["p", i].get(("p", j), 90_000) for i, j in zip(a.tolist(), b.tolist(), strict=True)
    ]
    assert cm.tolist() == wanted


def with_points(net: WalkNetwork, points: StreetPoints) -> nx.Graph:
    """Streets cut at every point, ("p", position)."""
    streets = nx.Graph()
    edge_ix, offset = points.links.edge_ix, points.links.offset_cm
    for edge in range(net.edges):
        mine = np.flatnonzero(edge_ix == edge)
        mine = mine[np.argsort(offset[mine])]
        stops = [("n", int(net.edge_u[edge])), *(("p", i) for i in mine.tolist())]
        stops.append(("n", int(net.edge_v[edge])))
        place = [0, *offset[mine].tolist(), int(net.length_cm[edge])]
        for k, cm in enumerate(np.diff(place).tolist()):
            cm = min(cm, streets.get_edge_data(stops[k], stops[k + 1], {"cm": cm})["cm"])
            streets.add_edge(stops[k], stops[k + 1], cm=cm)
    return streets


def test_streets_that_meet_far_away_are_also_joined_the_other_way() -> None:
    """Two streets of 1,000 m that meet in the east, with a wall between, and a lane of 260 m round
    their western ends."""
    scene = Scene().way("a m", a=(0, 0), m=(1000, 20)).way("c m", c=(0, 40))
    scene.way("a w c", w=(-128.45, 20)).way("a x", x=(0, -20)).way("c y", y=(0, 60))
    links = found(scene.block("wall", (-120, 20), (999, 20)), replace(SEARCH, apart_m=1.0))
    straight = links[
        np.ptp(shapely.get_coordinates(links.geometry)[:, 0].reshape(-1, 2), axis=1) < 0.1
    ]
    x = straight.geometry.bounds["minx"].to_numpy()
    # Round the lane, or over the place where the streets meet.
    street = math.hypot(1000, 20) / 1000
    wanted = np.minimum(2 * x * street + 2 * math.hypot(128.45, 20), 2 * (1000 - x) * street)
    assert len(straight) >= 10
    assert straight["walk_m"].to_numpy() == pytest.approx(wanted, abs=0.05)


@given(
    bridges=st.sets(st.integers(0, 10), min_size=1, max_size=4),
    apart=st.integers(16, 90),
    seed=st.integers(0, 99),
)
@settings(max_examples=25)
def test_neither_names_nor_order_matter_and_metres_are_those_of_the_nearest_bridge(
    bridges: set[int], apart: int, seed: int
) -> None:
    """Quays of 1,000 m with bridges at some hundreds: the way is over the better of two."""
    xs = sorted({0, 1000} | {100 * k for k in bridges})
    ways = []
    for y in (0, apart):
        ways.append([(x, y) for x in xs])
    ways += [[(100 * k, 0), (100 * k, apart)] for k in bridges]
    tables = []
    for shuffled in (False, True):
        random = np.random.default_rng(seed)
        order = random.permutation(len(ways)) if shuffled else np.arange(len(ways))
        places = sorted({place for way in ways for place in way})
        label = random.permutation(len(places)) if shuffled else np.arange(len(places))
        name = {place: f"n{label[i]:02d}" for i, place in enumerate(places)}
        scene = Scene()
        for i in order.tolist():
            way = ways[i][::-1] if shuffled and i % 2 else ways[i]
            scene.way(" ".join(name[p] for p in way), **{name[p]: p for p in way})
        tables.append(found(scene))
    first, second = tables
    assert first["walk_m"].tolist() == second["walk_m"].tolist()
    assert shapely.get_coordinates(first.geometry) == pytest.approx(
        shapely.get_coordinates(second.geometry), abs=0.01
    )
    for link in first.itertuples():
        (x0, y0), (x1, y1) = shapely.get_coordinates(link.geometry)
        if abs(y1 - y0) > apart - 1:  # from quay to quay
            way = min(abs(x0 - 100 * k) + apart + abs(x1 - 100 * k) for k in bridges)
            assert link.walk_m == pytest.approx(way, abs=0.02)
