"""Sea, land and names: what an OSM file says of them, in scenes whose answers are drawn by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from osm_scenes import node, read, way

from gusu_geo.sources.scenery import sea_and_land

DATA = shapely.box(0, 0, 1000, 1000)
WEST_TO_EAST = [(-50, 400), (1050, 400)]  # land on the left: in the north


def split(*coast: list[tuple[float, float]]) -> tuple[float, float]:
    """Shares of sea and land of the square."""
    lines = np.array([shapely.LineString(line) for line in coast], object)
    sea, land = sea_and_land(lines, DATA)
    return round(sea.area / 1e6, 3), round(land.area / 1e6, 3)


@pytest.mark.parametrize(
    ("coast", "wanted"),
    [
        ([], (0.0, 1.0)),  # no coast, no sea
        ([WEST_TO_EAST], (0.4, 0.6)),
        ([WEST_TO_EAST[::-1]], (0.6, 0.4)),
        ([[(-50, 400), (500, 400)], [(500, 400), (1050, 400)]], (0.4, 0.6)),  # of two ways
        ([[(200, 200), (800, 200), (800, 800), (200, 800), (200, 200)]], (0.64, 0.36)),  # an island
        ([[(-50, 400), (600, 400)]], (0.24, 0.36)),  # it ends at 600: nothing is said beyond
        ([[(-50, 400), (300, 400)], [(600, 400), (1050, 400)]], (0.28, 0.42)),  # a gap
        ([[(-50, 400), (500, 400)], [(1050, 400), (500, 400)]], (0.0, 0.0)),  # half drawn backwards
    ],
)
def test_the_land_is_on_the_left_of_the_coast_and_what_nobody_says_is_neither(
    coast: list[list[tuple[float, float]]], wanted: tuple[float, float]
) -> None:
    assert split(*coast) == wanted


def test_a_coast_that_bends_back_where_it_ends_makes_no_sea_of_the_unknown() -> None:
    """Whichever way its last metres turn, nothing of the east becomes sea or land."""
    for end in ([(605, 405), (600, 410), (595, 405)], [(605, 395)], [(602, 400), (602, 420)]):
        sea, land = split([(-50, 400), (600, 400), *end])
        assert sea <= 0.25 and land <= 0.37, end


def test_names_by_kind_and_in_other_languages(tmp_path: Path) -> None:
    square = [12, 14, 34, 32, 12]
    extract = read(
        tmp_path,
        node(1, "place=suburb; name=Old town; name:zh=老城"),
        node(2, "railway=station; name:en=Central"),
        node(3, "shop=bakery; name=Bread"),
        node(4, "tourism=museum"),
        way(7, [5, 6], "highway=residential; name=平江路; name:zh=平江路; name:en=Pingjiang"),
        way(8, square, "leisure=park; name=  Green   park "),
        way(9, [51, 52], "waterway=river; name=Blue"),
        way(10, [61, 62], "waterway=river; name=Hidden; tunnel=yes"),
    )
    rows = {tuple(row) for row in extract.names.drop(columns="geometry").to_numpy().tolist()}
    assert rows == {
        ("quarter", "Old town", "老城", ""),
        ("station", "Central", "", ""),
        ("park", "Green park", "", ""),
        ("waterway", "Blue", "", ""),
        ("street", "平江路", "", "Pingjiang"),
    }
    kinds = dict(zip(extract.names["kind"], extract.names.geometry, strict=True))
    assert kinds["park"].area > 0 and kinds["waterway"].length > 0
    assert kinds["station"].coords[0] == (0.01, 0.0) and kinds["street"] is None
