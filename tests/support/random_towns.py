"""Random towns with every kind of street, and walks of every kind."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from scenes import Scene

from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.params import Walk
from gusu_geo.tables import NodeFlag, WayFlag

FOOT = WayFlag.ON_FOOT
Points = dict[str, list[tuple[float, float]]]


def random_town(seed: int) -> tuple[Scene, Points, Points]:
    """A scrambled grid with missing, bent, doubled, looped, one-way and zero-length streets, private
    ways, steps, ferries, lifts, crossings, lights and closed gates."""
    rng = np.random.default_rng(seed)
    scene, size = Scene(), int(rng.integers(2, 6))
    for i in range(size):
        for j in range(size):
            shift = rng.uniform(-25, 25, 2)
            scene.place[f"{i}.{j}"] = (100 * i + shift[0], 100 * j + shift[1])
            scene.nodes[f"{i}.{j}"] = int(rng.choice(PLACES))
    names = list(scene.place)
    for i in range(size):
        for j in range(size):
            for other in (f"{i + 1}.{j}", f"{i}.{j + 1}"):
                if other in scene.place and rng.random() < 0.8:
                    scene.way(f"{i}.{j} {other}", flags=int(rng.choice(FLAGS)))
    for extra in range(int(rng.integers(1, 5))):
        a, b = rng.choice(names, 2)
        bend = f"bend{extra}"
        scene.place[bend] = tuple(rng.uniform(0, 100 * size, 2))
        scene.way(f"{a} {bend} {b}", flags=int(rng.choice(FLAGS)))
    scene.place["twin"] = scene.place["0.0"]
    scene.way("0.0 twin")  # no length
    spots = lambda n: [tuple(rng.uniform(-40, 100 * size, 2)) for _ in range(n)]  # noqa: E731
    homes = {f"h{i}": spots(int(rng.integers(1, 3))) for i in range(8)}
    venues = {f"v{i}": spots(int(rng.integers(1, 3))) for i in range(4)}
    return scene, homes, venues


def hilly(net: WalkNetwork, seed: int) -> WalkNetwork:
    """The network with slopes of any kind, each direction on its own."""
    return net.with_slopes(np.random.default_rng(seed).integers(800, 3000, (net.edges, 2)))


WALKS = st.builds(
    Walk,
    speed_mps=st.just(0.9),
    private=st.sampled_from(["ends", "open", "closed"]),
    wheels=st.booleans(),
    slope=st.sampled_from(["tobler", "off"]),
    lifts=st.sampled_from(["open", "closed"]),
    ferries=st.sampled_from(["open", "closed"]),
    crossing_s=st.sampled_from([0.0, 7.5]),
)


FLAGS = (
    *(0, 0, FOOT, FOOT, WayFlag.PRIVATE, WayFlag.PRIVATE | FOOT),
    *(WayFlag.STEPS | FOOT, WayFlag.STEPS | FOOT | WayFlag.NO_WHEELS),
    *(WayFlag.FORWARD_ONLY, WayFlag.BACKWARD_ONLY, WayFlag.FERRY, WayFlag.LIFT),
)

PLACES = (0, 0, 0, 0, NodeFlag.CROSSING, NodeFlag.SIGNALS, NodeFlag.LIFT, NodeFlag.CLOSED)
