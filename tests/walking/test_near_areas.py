"""What is found with boxes and corners is what all distances say."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import Scene

from gusu_geo.sources.home_buildings import TWIN_SHARE, _mapped_twice
from gusu_geo.walking.contacts import _in_order
from gusu_geo.walking.legs import SAME_M, Targets, nearest_feet
from gusu_geo.walking.outlines import Samples

seeds = st.integers(0, 1_000_000)


def streets(rng: np.random.Generator, count: int) -> Scene:
    """Straight streets of some 100 m, anywhere in 400 m."""
    scene = Scene()
    for i in range(count):
        start = rng.uniform(0, 400, 2)
        ends = {f"u{i}": start, f"v{i}": start + rng.normal(0, 70, 2)}
        scene.way(f"u{i} v{i}", **{name: tuple(xy.tolist()) for name, xy in ends.items()})
    return scene


def bent(rng: np.random.Generator) -> shapely.Geometry:
    """An area that may bend round a street: a line 8 m wide on both sides."""
    walk = np.cumsum(rng.normal(0, 40, (int(rng.integers(2, 6)), 2)), axis=0)
    return shapely.buffer(shapely.LineString(rng.uniform(0, 400, 2) + walk), 8.0, quad_segs=2)


@given(seeds)
@settings(max_examples=6)
def test_the_nearest_street_of_an_area_wherever_its_place_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    net = streets(rng, 30).network()
    areas = np.array([bent(rng) for _ in range(12)], object)
    found = Targets.of(net, np.ones(net.edges, bool), 60.0)
    # As of homes beside the plots that are asked for: other streets are nearer to them.
    places = shapely.get_coordinates(shapely.centroid(rng.choice(net.edge_lines, 12)))
    feet = nearest_feet(found, areas, places)
    metres = shapely.distance(areas[:, None], net.edge_lines[None])
    least = metres.min(axis=1)
    assert ((feet.edge >= 0) == (np.rint(least * 100) <= 6000)).all()
    linked = np.flatnonzero(feet.edge >= 0)
    assert (metres[linked, feet.edge[linked]] <= least[linked] + 2 * SAME_M).all()


@given(seeds)
@settings(max_examples=20)
def test_samples_are_in_order_though_sums_are_rounded(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ring = rng.integers(0, 4, 60)
    at_m = rng.choice([0.0, 0.1, 0.1 + 1e-17, 5.0, np.nextafter(5.0, 9.0), 1e-13, 7e6], 60)
    no = np.zeros((60, 4))
    order = _in_order(Samples(ring, ring, at_m, no[:, :2], no))
    wanted = sorted(range(60), key=lambda i: (ring[i], at_m[i], i))
    assert order.tolist() == wanted


@given(seeds)
@settings(max_examples=20)
def test_twins_are_those_that_all_pairs_tell(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.integers(0, 3, (25, 2)) * 20.0 + rng.choice([0.0, 0.3, 1.5], (25, 2))
    wide = rng.choice([0.0, 10.0, 10.5, 20.0], (25, 2))
    shapes = np.asarray(shapely.box(*low.T, *(low + wide).T), object)
    size, common = shapely.area(shapes), shapely.area(
        shapely.intersection(shapes[:, None], shapes[None])
    )  # fmt: skip
    alike = np.minimum.outer(size, size) >= TWIN_SHARE * np.maximum.outer(size, size)
    share = common >= TWIN_SHARE * (size[:, None] + size[None] - common)
    twin = alike & share & shapely.intersects(shapes[:, None], shapes[None])
    # All are assumed homes without levels, so of two the one with the lower id stays.
    ids = np.array([f"w{i:02}" for i in range(25)], object)
    wanted = np.tril(twin, -1).any(axis=1)
    kind = np.full(25, "assumed", object)
    assert _mapped_twice(shapes, kind, np.full(25, np.nan), ids).tolist() == wanted.tolist()
