"""What is left out for speed changes nothing: streets read alone, buildings that stay in C++."""

from __future__ import annotations

import gc
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from osm_scenes import document, node, relation, way

from gusu_geo.sources.duplicates import _places
from gusu_geo.sources.osm.areas import PLACE_KEYS
from gusu_geo.sources.osm.scan import Scanned, scan_file
from gusu_geo.sources.osm.street_scan import ScannedStreets, scan_streets
from gusu_geo.tidying import NEW_OBJECTS, seldom_tidied

MISSING = 990
WAY_TAGS = (
    *("", "highway=path", "highway=residential", "highway=motorway", "route=ferry"),
    *("highway=footway; footway=crossing", "highway=pedestrian; area=yes", "barrier=wall"),
    *("building=yes", "building=yes; addr:street=平江路", "building=no", "building=yes; area=no"),
    *("building=public", "building=yes; highway=corridor", "building=yes; shop=bakery", "area=no"),
)
NODE_TAGS = ("", "highway=crossing", "barrier=gate; locked=yes", "entrance=yes", "shop=books")
SQUARES = ([1, 2, 12, 11, 1], [4, 5, 15, 14, 4], [1, 2, 3, 13], [5, 6, 7], [21, 22, MISSING, 21])
WAYS = st.lists(st.tuples(st.sampled_from(SQUARES), st.sampled_from(WAY_TAGS)), max_size=9)
NODES = st.dictionaries(st.sampled_from((1, 2, 5, 12)), st.sampled_from(NODE_TAGS))
PLAZAS = ("type=multipolygon; highway=pedestrian", "type=multipolygon; barrier=wall", "type=site")


def both(*objects: str) -> tuple[Scanned, ScannedStreets]:
    with TemporaryDirectory() as name:
        path = Path(name, "scene.osm")
        path.write_text(document(*objects), encoding="utf-8")
        whole = scan_file(Path(name), path, [], [], list(PLACE_KEYS))
        return whole, scan_streets(Path(name), path, [], [])


@settings(max_examples=120)
@given(ways=WAYS, nodes=NODES, plaza=st.sampled_from(PLAZAS))
def test_streets_alone_are_the_streets_of_the_whole(
    ways: list[tuple[list[int], str]], nodes: dict[int, str], plaza: str
) -> None:
    lines = [way(number, refs, tags) for number, (refs, tags) in enumerate(ways, 1)]
    told = [node(number, tags) for number, tags in nodes.items()]
    whole, alone = both(*told, *lines, relation(1, "1:outer 2:inner", plaza))
    for each in fields(whole.streets):
        one, two = (getattr(found.streets, each.name) for found in (whole, alone))
        assert one.dtype == two.dtype and one.tolist() == two.tolist(), each.name
    same = ("street_refs", "street_refs_missing")
    assert [whole.tally[key] for key in same] == [alone.tally[key] for key in same]


@settings(max_examples=120)
@given(ways=WAYS, plaza=st.sampled_from(PLAZAS))
def test_every_building_is_found_and_every_way_counted(
    ways: list[tuple[list[int], str]], plaza: str
) -> None:
    """By the rule of OpenStreetMap alone: a closed way of building=*, unless it says area=no."""
    lines = [way(number, refs, tags) for number, (refs, tags) in enumerate(ways, 1)]
    whole, _ = both(*lines, relation(1, "1:outer", plaza))
    built, broken = [], 0
    for number, (refs, text) in enumerate(ways, 1):
        tags = dict(pair.split("=") for pair in text.split("; ") if pair)
        closed = refs[0] == refs[-1] and tags.get("area") != "no"
        if closed and tags.get("building", "no") != "no":
            broken += MISSING in refs
            built += [(1, number, tags)] if MISSING not in refs else []
    found = [
        (kind, number, whole.objects.tags[kind, number])
        for (kind, number), roles in sorted(whole.objects.roles.items())
        if "buildings" in roles
    ]
    assert found == built
    assert whole.tally["buildings_broken"] == broken
    assert whole.tally["ways"] == len(ways)


def test_places_are_numbered_as_their_first_objects_stand() -> None:
    draw = np.random.default_rng(7)
    for _ in range(200):
        count = int(draw.integers(1, 20))
        pairs = draw.integers(0, count, (int(draw.integers(0, 20)), 2))
        graph = nx.Graph(pairs.tolist())
        graph.add_nodes_from(range(count))
        groups = sorted(nx.connected_components(graph), key=min)
        expected = [next(at for at, group in enumerate(groups) if n in group) for n in range(count)]
        assert _places(count, pairs).tolist() == expected


def test_the_caller_keeps_their_own_tidying() -> None:
    before = gc.get_threshold()
    try:
        with seldom_tidied():
            assert gc.get_threshold()[0] == NEW_OBJECTS
        assert gc.get_threshold() == before
        for own in (0, 2 * NEW_OBJECTS):  # off, and less often yet
            gc.set_threshold(own)
            with seldom_tidied():
                assert gc.get_threshold()[0] == own
    finally:
        gc.set_threshold(*before)
