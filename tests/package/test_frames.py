"""Frames of analysts: every odd one is read truly, or refused with one clear message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import networkx
import numpy as np
import pandas as pd
import pytest
import shapely

import gusu_geo as gg
from gusu_geo._kernels import INF_CS
from gusu_geo.errors import InputError


def street() -> gg.WalkNetwork:
    """From west to east, 1,000 m."""
    graph = networkx.Graph(crs="EPSG:4326")
    graph.add_node("west", x=7.42, y=43.74)
    graph.add_node("east", x=7.43, y=43.74)
    graph.add_edge("west", "east", length=1000.0)
    return gg.read_network(graph)


NET = street()


def at(*metres: float, **columns: Any) -> gpd.GeoDataFrame:
    """Points so many metres along the street."""
    lon = [7.42 + 0.01 * m / 1000 for m in metres]
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lon, [43.74] * len(lon)), crs=4326)


HOME = at(0)
NOTHING = [np.nan, None, pd.NA, pd.NaT, "", "  "]


def one_stop(table: gg.AccessTable) -> float:
    found = int(table.one_stop_cs[0])
    return np.inf if found == INF_CS else found / 100


def one_stop_s(venue_id: Any) -> float:
    """Seconds to one venue with both services: a stands at 200 m, b at 600 m."""
    venues = at(200, 600, service=["a", "b"])
    if venue_id is not None:
        venues["venue_id"] = venue_id
    return one_stop(gg.nearest(NET, HOME, venues))


def test_rows_of_one_venue_id_are_one_venue() -> None:
    assert one_stop_s(["x", "x"]) == pytest.approx(200, abs=0.02)
    assert one_stop_s([7, 7]) == pytest.approx(200, abs=0.02)
    assert one_stop_s(pd.array([7, 7], "Int64")) == pytest.approx(200, abs=0.02)
    assert one_stop_s(pd.Categorical(["x", "x"])) == pytest.approx(200, abs=0.02)
    assert one_stop_s(["x", "y"]) == one_stop_s(None) == np.inf


@pytest.mark.parametrize("nothing", NOTHING)
def test_a_row_without_venue_id_is_a_venue_of_its_own(nothing: object) -> None:
    for ids in ([nothing, "x"], ["x", nothing], [nothing, nothing]):
        assert one_stop_s(pd.array(ids, object)) == np.inf
    assert one_stop_s(pd.array([None, None], "Int64")) == np.inf
    assert one_stop_s([np.nan, np.nan]) == np.inf
    assert one_stop_s(pd.array([nothing, "nan"], object)) == np.inf
    # 1 and "1" in the index are two rows.
    venues = at(200, 600, service=["a", "b"]).set_index(pd.Index([1, "1"], dtype=object))
    assert one_stop(gg.nearest(NET, HOME, venues)) == np.inf


@pytest.mark.parametrize(
    "ask", [lambda f: gg.nearest(NET, HOME, f), lambda f: gg.service_areas(NET, f)]
)
@pytest.mark.parametrize("nothing", [*NOTHING, ["a", "b"]])
def test_a_venue_without_service_is_named(ask: Callable[..., Any], nothing: object) -> None:
    venues = at(0, 10)
    venues["service"] = pd.Series(["a", nothing], dtype=object)
    venues.index = ["first", "second"]
    with pytest.raises(InputError, match="venue 'second' names no service"):
        ask(venues)
    with pytest.raises(InputError, match=r"a column 'service'. Got"):
        ask(at(0))
    twice = gpd.GeoDataFrame(
        pd.concat([at(0, service=["a"]), pd.Series(["b"], name="service")], axis=1)
    )
    with pytest.raises(InputError, match="two columns are named 'service'"):
        ask(twice)


def test_services_of_any_kind_of_column() -> None:
    for names in (["b", "a"], pd.Categorical(["b", "a"]), pd.array(["b", "a"], "string")):
        assert gg.nearest(NET, HOME, at(10, 20, service=names)).services == ("a", "b")
    assert gg.nearest(NET, HOME, at(10, 20, service=[2, 1])).services == ("1", "2")


@pytest.mark.parametrize("nothing", [np.nan, None, pd.NA, "many", -1, np.inf, "", [3]])
def test_persons_that_are_no_number_are_named(nothing: object) -> None:
    homes = at(0, 10, persons=pd.array([1, nothing], object))
    with pytest.raises(InputError, match=r"persons of row 1 must be from 0"):
        gg.missing_links(NET, residences=homes)
    with pytest.raises(InputError, match="persons of row 1"):
        gg.missing_links(NET, residences=at(0, 10, persons=pd.array([1, None], "Int64")))


VENUES = at(0, service=["a"])
QUESTIONS: list[Callable[..., Any]] = [
    lambda net, frame: gg.nearest(net, frame, VENUES),
    lambda net, frame: gg.nearest(net, HOME, frame),
    lambda net, frame: gg.coverage(net, frame, HOME),
    lambda net, frame: gg.coverage_blocks(net, HOME, frame),
    lambda net, frame: gg.detour_ratios(net, frame),
    lambda net, frame: gg.isochrones(net, frame, minutes=5),
    lambda net, frame: gg.reached_streets(net, frame, minutes=5),
    lambda net, frame: gg.service_areas(net, frame),
    lambda net, frame: gg.missing_links(net, residences=frame),
]
ODD: list[Any] = [
    (7.42, 43.74, 0.0),
    "7.42, 43.74",
    pd.DataFrame({"lon": [7.42], "lat": [43.74]}),
    gpd.GeoDataFrame({"service": ["a"]}),
    HOME.to_json(),
]


@pytest.mark.parametrize("ask", QUESTIONS)
def test_what_is_no_frame_of_points_is_one_clear_error(ask: Callable[..., Any]) -> None:
    for odd in ODD:
        with pytest.raises(InputError, match=r"GeoDataFrame with a geometry|GeoSeries of points"):
            ask(NET, odd)
    with pytest.raises(InputError, match=r"net must be of the class WalkNetwork. Got 'str'"):
        ask("net.osm", VENUES)


@pytest.mark.parametrize("ask", [ask for i, ask in enumerate(QUESTIONS) if i != 7])
def test_ids_are_there_and_once(ask: Callable[..., Any]) -> None:
    """The areas of services hold no ids."""
    two = at(0, 10, service=["a", "a"])
    with pytest.raises(InputError, match=r"must be unique. Got 'x'"):
        ask(NET, two.set_index(pd.Index(["x", "x"])))
    with pytest.raises(InputError, match=r"row 1 \(counted from 0\) has no id"):
        ask(NET, two.set_index(pd.Index(["x", None], dtype=object)))
    with pytest.raises(InputError, match=r"row 0 .* has no id"):
        ask(NET, two.set_index(pd.MultiIndex.from_tuples([("x", np.nan), ("x", 2.0)])))


def test_other_arguments_of_the_wrong_kind() -> None:
    square = shapely.box(7.42, 43.73, 7.43, 43.75)
    for wrong, message in [
        (lambda: gg.read_network(None), "must be the path of a file, or a networkx graph. Got 'NoneType'"),
        (lambda: gg.read_network(HOME), "must be the path of a file"),
        (lambda: gg.nearest(NET, HOME, VENUES, walk="elder"), "walk must be of the class Walk"),
        (lambda: gg.nearest(NET, HOME, VENUES, linking={"snap_max_m": 9}), "linking must be"),
        (lambda: gg.nearest(NET, HOME, VENUES, barriers=square), "barriers must be of the class"),
        (lambda: gg.nearest(NET, HOME, VENUES, cutoff_s="900"), "cutoff_s must be above 0"),
        (lambda: gg.nearest(NET, HOME, VENUES, cutoff_s=[900]), "cutoff_s must be above 0"),
        (lambda: gg.coverage(NET, HOME, HOME, threshold_s=None), "threshold_s must be above 0"),
        (lambda: gg.service_areas(NET, VENUES, area=square), "area must be of the class"),
        (lambda: gg.missing_links(NET, area=square), "area must be of the class"),
    ]:  # fmt: skip
        with pytest.raises(InputError) as caught:
            wrong()
        assert message in str(caught.value)
