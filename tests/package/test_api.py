"""The public surface: what is exported, that it is documented, and that importing it is cheap."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import geopandas as gpd
import networkx
import pytest
import shapely
from outcomes import make_outcome

import gusu_geo as gg

PUBLIC = [
    "AccessTable",
    "Barriers",
    "BarriersLike",
    "Catchments",
    "Comparison",
    "DetourRing",
    "Direction",
    "Effort",
    "Explanation",
    "GusuGeoError",
    "InputError",
    "Judgement",
    "LinkSearch",
    "Linking",
    "LinkingOptions",
    "Mode",
    "NetworkError",
    "Outcome",
    "OutputError",
    "Progress",
    "Result",
    "Rule",
    "RulePack",
    "Scenario",
    "ServiceAreas",
    "SitingPlan",
    "SourceError",
    "State",
    "Study",
    "StudyError",
    "Summary",
    "Verdict",
    "Walk",
    "WalkNetwork",
    "compare",
    "coverage",
    "coverage_blocks",
    "detour_ratios",
    "explain",
    "floating_catchments",
    "isochrones",
    "judge",
    "load_rule",
    "missing_links",
    "nearest",
    "open_study",
    "reached_streets",
    "read_network",
    "read_scenario",
    "run",
    "save_network",
    "service_areas",
    "site",
    "to_networkx",
]
ALIASES = {"BarriersLike", "Direction", "Mode", "Progress"}  # names for several types


def test_exported_names_are_these() -> None:
    assert sorted(gg.__all__) == sorted(PUBLIC)
    for name in set(PUBLIC) - ALIASES:
        assert getattr(gg, name).__doc__, f"{name} has no docstring"
        assert getattr(gg, name).__module__.startswith("gusu_geo.")


def test_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(gg, "isochrone_polygons_of_the_moon")
    assert set(PUBLIC) <= set(dir(gg))


def test_import_pulls_no_heavy_library() -> None:
    code = "import sys, gusu_geo; print([m for m in ('numpy','pandas','geopandas','numba','folium','osmnx','highspy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import sys\nfrom gusu_geo import cli\n"
        "try:\n cli.app(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy','pandas','geopandas','numba','pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


OTHERS = {"Any", "ArrayLike", "Callable", "DataFrame", "False", "GeoDataFrame", "GeoSeries", "Graph", "Iterator", "Point",
          "MultiDiGraph", "None", "Path", "Sequence", "Series", "True", "Unpack"}  # fmt: skip


def test_every_type_in_a_public_signature_is_public() -> None:
    named = set()
    for name in PUBLIC:
        thing = getattr(gg, name)
        if inspect.isfunction(thing):
            signature = inspect.signature(thing)
            parts = [p.annotation for p in signature.parameters.values()]
            for text in map(str, [*parts, signature.return_annotation]):
                named |= set(re.findall(r"\b[A-Z]\w+", text))
    assert "LinkingOptions" in named
    assert named - OTHERS <= set(PUBLIC)


def street() -> gg.WalkNetwork:
    """One street of 800 m."""
    graph = networkx.MultiDiGraph(crs="EPSG:4326")
    graph.add_node(1, x=7.42, y=43.74)
    graph.add_node(2, x=7.43, y=43.74)
    graph.add_edge(1, 2, highway="residential", length=800.0)
    return gg.read_network(graph)


def things() -> dict[str, object]:
    """One of each public thing that holds arrays or frames."""
    net = street()
    homes = gpd.GeoDataFrame(geometry=[shapely.Point(7.421, 43.74)], index=["a"], crs=4326)
    venues = gpd.GeoDataFrame(
        {"service": ["s"]}, geometry=[shapely.Point(7.428, 43.74)], index=["x"], crs=4326
    )
    outcome = make_outcome()
    return {
        "network": net,
        "access": gg.nearest(net, homes, venues),
        "areas": gg.service_areas(net, venues),
        "linking": gg.Linking(barriers=gg.Barriers.of(homes.to_crs(net.crs).geometry.buffer(1))),
        "verdict": outcome.verdict,
        "judgement": outcome.judgement,
        "outcome": outcome,
        "rule": outcome.rule,
        "pack": outcome.rule.pack,
        "study": gg.open_study("monaco"),
        "effort": gg.Effort(2),
    }


def test_things_can_be_compared_hashed_and_shown_in_one_line() -> None:
    one, two = things(), things()
    for name, thing in one.items():
        assert thing == thing, name
        assert (thing == two[name]) in (True, False), name
        assert isinstance(hash(thing), int), name
        assert "\n" not in repr(thing) and len(repr(thing)) < 120, repr(thing)
    assert one["network"] == two["network"] and hash(one["network"]) == hash(two["network"])
    assert one["access"] != two["access"]  # the same thing, or another
    assert gg.Linking(snap_max_m=50) == gg.Linking(snap_max_m=50) != gg.Linking()


def test_every_function_that_links_takes_all_of_linking() -> None:
    """Two networks of 3 km, apart: the home by the smaller one is linked when islands may be."""
    graph = networkx.MultiDiGraph(crs="EPSG:4326")
    for i, xy in enumerate([(7.40, 43.74), (7.45, 43.74), (7.40, 43.80), (7.43, 43.80)]):
        graph.add_node(i, x=xy[0], y=xy[1])
    graph.add_edge(0, 1, highway="residential", length=4000.0)
    graph.add_edge(2, 3, highway="residential", length=2400.0)
    net = gg.read_network(graph)
    home = gpd.GeoDataFrame(geometry=[shapely.Point(7.405, 43.80)], index=["h"], crs=4326)
    venue = gpd.GeoDataFrame(
        {"service": ["s"]}, geometry=[shapely.Point(7.408, 43.80)], index=["v"], crs=4326
    )
    assert not gg.nearest(net, home, venue).linked["h"]
    for options in ({"island_max_m": 0}, {"linking": gg.Linking(island_max_m=0)}):
        assert gg.nearest(net, home, venue, **options).linked["h"]
        assert gg.coverage(net, home, venue, **options).nnz == 1
        assert len(next(gg.coverage_blocks(net, home, venue, **options))) == 1
        assert gg.isochrones(net, home, minutes=5, **options)["linked"].all()
        assert len(gg.reached_streets(net, home, minutes=5, **options)) > 0
        assert gg.detour_ratios(net, home, **options).loc["h", "reason"] != "island"
        assert not gg.service_areas(net, venue, **options).served.is_empty.all()
    with pytest.raises(TypeError, match="snap_max"):
        gg.nearest(net, home, venue, snap_max=50)  # type: ignore[call-arg]


READERS = ("osmium", "opening_hours")
WRITERS = ("folium", "xlsxwriter", "openpyxl", "matplotlib", "highspy")


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("gusu_geo.assessment.rule", READERS + WRITERS),
        ("gusu_geo.walking.access", READERS + WRITERS),
        ("gusu_geo.isochrone.isochrones", READERS + WRITERS),
        ("gusu_geo.pipeline.prepare", WRITERS),  # reading loads no writer
        ("gusu_geo.api", (*WRITERS, "scipy.spatial", "networkx")),
        ("gusu_geo.pipeline.run", ("folium", "highspy", "matplotlib", "networkx", "scipy.spatial")),
    ],
)
def test_a_room_loads_only_what_its_question_needs(module: str, absent: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([m for m in {absent!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
