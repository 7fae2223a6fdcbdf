"""What is measured where: tasks, engines, cities and our targets. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

from case import CALLED, CANDIDATES, ORIGINS, POLYGONS, SERVICES, SITES, STREAMED

VERTEX, CONTRACTED, CITY = "every vertex", "contracted", "city"
OURS = "gusu_geo"
LEFT_OUT = "left out"  # task of a row that tells who did not answer, and why
MILLION = 500_000  # nodes from which the targets for a million count
SMALL = 400_000  # nodes up to which an engine is waited for that takes minutes on a million


@dataclass(frozen=True)
class Task:
    """``units``: how many questions; ``trial``: as many as show how slow an engine is, 0: a model
    is solved from nothing each time, and once is dear enough; ``compared``: what is set side by
    side where answers cannot be equal; ``least``: fewer would be no fair sample, however slow an
    engine is; ``quick``: as few are enough for the quick form."""

    title: str
    units: int
    trial: int = 1
    compared: str = ""
    least: int = 1
    quick: int = 1


TASKS = {
    "nearest": Task(f"nearest venue for every node, {SERVICES} services", SERVICES),
    "called": Task(
        f"nearest as a whole call: {CALLED:,} points linked, {SERVICES} services",
        *(CALLED, CALLED),
        least=CALLED,
        quick=CALLED,
    ),
    "reach": Task(f"reach sets of {ORIGINS:,} origins", ORIGINS, 5, least=50, quick=10),
    "coverage": Task(
        f"coverage, {CANDIDATES} candidates x residences", CANDIDATES, 5, least=25, quick=10
    ),
    "polygons": Task(f"{POLYGONS} isochrone polygons", POLYGONS, 2, "area", 25, 5),
    "reading": Task("reading the extract into a walking network", 1, 1, "street length"),
    "stream": Task(f"nodes within the limit, {STREAMED:,} origins streamed", STREAMED, 100),
    "siting": Task(f"siting: {SITES} of {CANDIDATES} candidates, 2,000 demand points (MCLP)", 1, 0),
    "fewest": Task(f"fewest of {CANDIDATES} candidates for all who can be served (LSCP)", 1, 0),
}
SEARCHES = ("nearest", "reach", "coverage")


@dataclass(frozen=True)
class Engine:
    """``setup``: module and function; ``package``: as pip knows it; ``tasks``: what it can do;
    ``largest``: nodes beyond which it is left out."""

    setup: str
    package: str
    tasks: tuple[str, ...]
    largest: int = 10_000_000


ENGINES = {
    OURS: Engine("ours:ours", "gusu-geo", tuple(TASKS)),
    "gusu_geo, barriers": Engine("ours:ours_with_barriers", "gusu-geo", ("polygons",)),
    "scipy": Engine("rivals:scipy_csgraph", "scipy", (*SEARCHES, "stream")),
    "networkx": Engine("rivals:networkx", "networkx", SEARCHES),
    "osmnx recipe": Engine("recipes:osmnx_recipe", "osmnx", ("reach", "polygons"), SMALL),
    "pandana": Engine("rivals:pandana", "pandana", SEARCHES),
    "pgRouting": Engine("rivals_sql:pgrouting", "psycopg", SEARCHES, SMALL),
    "scipy + shapely": Engine("rivals_points:scipy_shapely", "shapely", ("called",)),
    "networkit": Engine("rivals_nearest:networkit", "networkit", ("nearest",)),
    "igraph": Engine("rivals_nearest:igraph", "igraph", ("nearest",)),
    "rustworkx": Engine("rivals_nearest:rustworkx", "rustworkx", ("nearest",)),
    "routingkit-cch": Engine("rivals:routingkit_cch", "routingkit-cch", ("coverage",), SMALL),
    "cityseer": Engine("rivals:cityseer", "cityseer", ("reach",), SMALL),
    "scipy, concave hull": Engine("recipes:concave_hull", "shapely", ("polygons",)),
    "pyrosm": Engine("recipes:pyrosm", "pyrosm", ("reading",)),
    "spopt + CBC": Engine("recipes:spopt_cbc", "spopt", ("siting", "fewest")),
    "ortools SCIP": Engine("recipes:ortools_scip", "ortools", ("siting",)),
}

NOT_TO_BE_HAD = {
    "graphways": "listed by PyPI, but no file of it can be installed",
    "Valhalla, OSRM": "their wheels need Python 3.12",
    "r5py": "fetches a Java archive when imported",
}

# City: kind of its graph: tasks. The targets belong to "every vertex" and "city".
FULL: dict[str, dict[str, tuple[str, ...]]] = {
    "Monaco": {
        VERTEX: (*SEARCHES, "polygons"),
        CONTRACTED: SEARCHES,
        CITY: ("called", "reading", "siting", "fewest"),
    },
    "Las Palmas": {
        VERTEX: SEARCHES,
        CONTRACTED: SEARCHES,
        CITY: ("called", "reading", "siting", "fewest"),
    },
    "Porto": {
        VERTEX: (*SEARCHES, "polygons"),
        CONTRACTED: SEARCHES,
        CITY: ("called", "reading", "stream"),
    },
    "stitched 10": {VERTEX: SEARCHES},  # a million vertices
}
# City: kinds of its graph. Contracted is beside the targets, and not worth a minute of every run.
QUICK = {"Monaco": (VERTEX, CITY)}
QUICK_BUDGET_S, BUDGET_S = 1.0, 2.0  # CPU s of an engine for one task
GROWTH = (2, 4, 8, 17)  # Monaco n x n, from about 15,000 nodes to about a million
GROWTH_SLOPE = 1.1
GROWTH_ENGINES = (OURS, "scipy")
HOMES = (1_000, 10_000, 100_000)  # of a whole call of ``nearest``
HOMES_CITY = "Porto"
STREAM_MB = 2000


def target(task: str, engine: str, kind: str, nodes: int) -> float | None:
    """How many times our CPU seconds the engine should take."""
    large = nodes >= MILLION
    if kind == CONTRACTED:
        return None
    return {
        ("nearest", "networkx"): 60,
        ("nearest", "scipy"): 5 if large else 3,
        ("nearest", "pandana"): 40,
        ("called", "scipy + shapely"): 3,
        ("reach", "osmnx recipe"): 500,
        ("reach", "networkx"): 35,
        ("reach", "pandana"): 12,
        ("reach", "scipy"): 10 if large else 3,
        ("coverage", "scipy"): 5,
        ("coverage", "routingkit-cch"): 20,
        ("polygons", "osmnx recipe"): 80,
        ("siting", "spopt + CBC"): 4,
        ("fewest", "spopt + CBC"): 20,
    }.get((task, engine))
