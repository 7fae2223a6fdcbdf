"""What is done in parts or made once to save memory and time is the same as in one go and afresh;
memory that is freed goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import Scene, points_frame

import gusu_geo as gg
from gusu_geo.isochrone import service_areas
from gusu_geo.report.webmap.packing import encoded, pack
from gusu_geo.walking import snapping
from gusu_geo.walking.linkage import Linkage

corners = st.tuples(st.integers(0, 9), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))


def block_of_houses(houses: list[tuple[int, int, int, int]]) -> Scene:
    """Two streets 60 m apart, with a wall between some houses, and a park beyond."""
    scene = Scene().way("a b c d a", a=(0, 0), b=(500, 0), c=(500, 60), d=(0, 60))
    scene.ground("park", shapely.box(100, 70, 300, 120)).block("wall", (150, 30), (260, 34))
    for number, (at, low, wide, tall) in enumerate(houses):
        x, y = 50 * at, 8 * low
        scene.house(f"h{number}", x, y, x + 8 * wide, y + 6 * tall)
    return scene


@settings(max_examples=12)
@given(st.lists(corners, min_size=1, max_size=7), st.integers(1, 3))
def test_outlines_are_linked_the_same_in_blocks(
    houses: list[tuple[int, int, int, int]], block: int
) -> None:
    def links(size: int) -> Linkage:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(snapping, "BLOCK", size)
            scene = block_of_houses(houses)
            places = {**scene.homes, "park": scene.venues["park"][2]}
            return scene.linked(scene.network(), places, island_max_m=0).links

    one, other = links(100), links(block)
    assert len(one.owner_ix) > len(houses)  # some have several streets
    for part in fields(one):
        assert np.array_equal(getattr(one, part.name), getattr(other, part.name))


def test_service_areas_are_the_same_however_many_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = block_of_houses([(1, 1, 2, 2)]).way("d e", e=(0, 900))
    net = scene.network()
    venues = {f"v{n}": (100.0 * n, 0.0) for n in range(5)} | {"far": (0.0, 700.0)}
    frame = points_frame(net, venues, service=list("abcdae"))

    def drawn(together: int) -> list[list[bytes]]:
        monkeypatch.setattr(service_areas, "TOGETHER", together)
        found = gg.service_areas(net, frame, minutes=3, barriers=scene.barriers())
        return [shapely.to_wkb(part.geometry.to_numpy()).tolist() for part in found]

    assert drawn(1) == drawn(2) == drawn(100)


@settings(max_examples=20)
@given(st.lists(st.integers(-(2**31), 2**31 - 1)), st.lists(st.booleans()))
def test_arrays_encoded_before_pack_alike(whole: list[int], flags: list[bool]) -> None:
    arrays = {"whole": np.array(whole, np.int64), "flags": np.array(flags, bool)}
    before = {name: encoded(name, array) for name, array in arrays.items()}
    assert pack(before) == pack(arrays) == pack(arrays | {"whole": before["whole"]})


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory is in use")
def test_freed_memory_goes_back() -> None:
    """60 MB in pieces of a kilobyte, below one that stays: the C library keeps them by itself."""
    told = subprocess.run([sys.executable, "-c", FREED], capture_output=True, check=True, text=True)
    full, kept, given = map(int, told.stdout.split())
    assert full - given > 50_000_000
    assert platform.libc_ver()[0] != "glibc" or full - kept < 10_000_000  # else nothing is shown


FREED = """
from pathlib import Path
from gusu_geo.tidying import give_back
def used():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
pieces = [bytes(1000) for _ in range(60_000)]
full, last = used(), pieces[-1]
del pieces
kept = used()
give_back()
print(full, kept, used())
"""
