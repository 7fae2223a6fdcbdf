"""The rival pipeline: what an analyst writes with osmnx, networkx and folium for our question.

Which homes reach the ten everyday services within 15 minutes on foot, on a map:

    python benchmarks/rival_pipeline.py monaco --out FOLDER
    python benchmarks/rival_pipeline.py south --out FOLDER      (of Las Palmas; or las_palmas)

It does not use gusu_geo. Homes and venues are told by their tags, walks start and end at the
nearest junction, 900 m along the streets are in reach, all streets alike. It knows no doors, walls,
steps, unknowns, persons, opening hours or wards, and writes no workbook. ``rival_verdicts.py`` sets
its answers beside ours. osmnx reads XML alone: it gets the part of the extract that is needed.
"""

from __future__ import annotations

import argparse
import pickle
import time
from pathlib import Path
from typing import Any, NamedTuple

import folium
import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import osmnx as ox
import pandas as pd
import shapely

ROOT = Path(__file__).resolve().parent.parent
REACH_M = 900  # 15 minutes at 1 m/s
NEARBY = 0.012  # degrees around the area, about 1.2 km

SERVICES: dict[str, list[tuple[str, ...]]] = {
    "play": [("leisure=playground",), ("leisure=indoor_play",), ("amenity=toy_library",)],
    "park_lounge": [
        ("leisure=park",),
        ("leisure=outdoor_seating",),
        *[("leisure=garden", f"access={word}") for word in ("yes", "public", "permissive")],
        *[("leisure=garden", f"garden:type={word}") for word in ("community", "botanical")],
    ],
    "library": [("amenity=library",)],
    "culture": [
        *[(f"amenity={word}",) for word in ("arts_centre", "theatre", "cinema")],
        ("community_centre=cultural_centre",),
        *[(f"tourism={word}",) for word in ("museum", "gallery")],
    ],
    "sport": [
        *[
            (f"leisure={word}",)
            for word in (
                *("sports_centre", "sports_hall", "pitch", "track"),
                *("fitness_centre", "fitness_station"),
            )
        ],
        *[
            ("leisure=swimming_pool", f"access={word}")
            for word in ("yes", "public", "permissive", "customers")
        ],
    ],
    "health": [
        *[(f"amenity={word}",) for word in ("clinic", "doctors", "hospital")],
        *[(f"healthcare={word}",) for word in ("centre", "clinic", "doctor", "hospital")],
    ],
    "pharmacy": [("amenity=pharmacy",), ("healthcare=pharmacy",)],
    "food": [
        *[
            (f"shop={word}",)
            for word in (
                *("supermarket", "convenience", "greengrocer", "bakery", "butcher"),
                *("seafood", "food", "deli", "dairy", "farm"),
            )
        ],
        ("amenity=marketplace",),
    ],
    "school": [("amenity=school",), ("amenity=kindergarten",)],
    "community": [
        (f"amenity={word}",)
        for word in (
            *("community_centre", "social_centre", "social_facility", "townhall"),
            "post_office",
        )
    ],
}
DWELLINGS = (
    *("apartments", "residential", "house", "detached", "semidetached_house", "terrace"),
    *("dormitory", "villa", "bungalow", "farm", "yes"),
)
OTHER_USE = ("amenity", "shop", "office", "tourism", "leisure", "healthcare", "man_made", "power")
NO_STREET = (
    *("abandoned", "bus_guideway", "construction", "cycleway", "motorway", "motorway_link"),
    *("planned", "platform", "proposed", "raceway", "razed", "rest_area", "services"),
)  # osmnx's network_type="walk", as far as an extract can be asked the same
FEATURES = ("building", "amenity", "leisure", "tourism", "healthcare", "shop", "community_centre")


class Place(NamedTuple):
    """Extract, study of ours that asks the same, and west, south, east, north (None: all of it)."""

    extract: Path
    study: Path
    box: tuple[float, float, float, float] | None


STUDIES = ROOT / "tests" / "studies"
PLACES = {
    "monaco": Place(
        ROOT / "data" / "raw" / "monaco.osm.pbf", ROOT / "studies" / "monaco.toml", None
    ),
    "south": Place(
        ROOT.parent / "shared" / "data" / "las_palmas_2023.osm.pbf",
        STUDIES / "vegueta.toml",
        (-15.470, 28.094, -15.405, 28.113),
    ),
    "las_palmas": Place(
        ROOT.parent / "shared" / "data" / "las_palmas_2023.osm.pbf",
        STUDIES / "las_palmas.toml",
        None,
    ),
}


class Answers(NamedTuple):
    """graph: projected streets; homes and venues (column service): index = id as "w123", points,
    column node; metres: homes x services, infinite beyond the reach."""

    graph: nx.MultiDiGraph[Any]
    homes: gpd.GeoDataFrame
    venues: gpd.GeoDataFrame
    metres: pd.DataFrame


def cut(place: Place, folder: Path) -> tuple[Path, Path]:
    """Two XML files for osmnx: walkable ways, and tagged things; with the nodes they need."""
    west, south, east, north = place.box or (-180.0, -90.0, 180.0, 90.0)
    near = shapely.box(west, south, east, north).buffer(NEARBY, join_style="mitre").bounds
    streets, things = folder / "streets.osm", folder / "things.osm"
    for path, keep in ((streets, _walkable), (things, _described)):
        seen: set[int] = set()
        wanted = osmium.BackReferenceWriter(str(path), str(place.extract), overwrite=True)
        with wanted as writer:
            for thing in osmium.FileProcessor(str(place.extract)).with_locations():
                if _inside(thing, near, seen) and keep(thing):
                    writer.add(thing)
    return streets, things


def _walkable(thing: Any) -> bool:
    tags = thing.tags
    return (
        thing.is_way()
        and "highway" in tags
        and tags["highway"] not in NO_STREET
        and tags.get("area") != "yes"
        and tags.get("foot") != "no"
        and "private" not in (tags.get("access"), tags.get("service"))
    )


def _described(thing: Any) -> bool:
    return any(key in thing.tags for key in FEATURES)


def _inside(thing: Any, box: tuple[float, ...], seen: set[int]) -> bool:
    """Whether a node or the first node of a way lies in the box, or all ways of a relation do;
    seen: the ways that did. Ways that the extract has cut are left out: osmnx refuses them."""
    if thing.is_relation():
        ways = [member.ref for member in thing.members if member.type == "w"]
        return bool(ways) and seen.issuperset(ways)
    spot = thing.location if thing.is_node() else thing.nodes[0].location
    inside = spot.valid() and box[0] <= spot.lon <= box[2] and box[1] <= spot.lat <= box[3]
    if inside and thing.is_way():
        inside = all(node.location.valid() for node in thing.nodes)
    if inside and thing.is_way():
        seen.add(thing.id)
    return bool(inside)


def read(place: Place, folder: Path) -> tuple[nx.MultiDiGraph[Any], gpd.GeoDataFrame]:
    """Streets and described things, both in metres."""
    ox.settings.useful_tags_way = ["highway", "name"]
    streets, things = cut(place, folder)
    graph = ox.project_graph(ox.graph_from_xml(streets, bidirectional=True))
    features = ox.features_from_xml(things, tags=dict.fromkeys(FEATURES, True))
    kinds = features.index.get_level_values(0).str[0]
    features.index = pd.Index(kinds + features.index.get_level_values(1).astype(str))
    return graph, features


def homes_of(features: gpd.GeoDataFrame, place: Place) -> gpd.GeoDataFrame:
    """Residential buildings, and those of building=yes that name no other use."""
    kind = features["building"]
    other = features.reindex(columns=OTHER_USE).notna().any(axis=1)
    homes = features[kind.isin(DWELLINGS) & ~(kind.eq("yes") & other)]
    homes = homes[homes.geom_type.isin(["Polygon", "MultiPolygon"])]
    if place.box is not None:
        homes = homes[homes.representative_point().within(shapely.box(*place.box))]
    return homes[["geometry"]]


def venues_of(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row for every service of every thing that is not private."""
    parts = []
    features = features[features.get("access", pd.Series(index=features.index)).ne("private")]
    for service, rules in SERVICES.items():
        found = np.zeros(len(features), bool)
        for rule in rules:
            pairs = [tag.split("=") for tag in rule]
            found |= np.all(
                [
                    features[key].eq(value) if key in features else np.zeros(len(features), bool)
                    for key, value in pairs
                ],
                axis=0,
            )
        parts.append(features.loc[found, ["geometry"]].assign(service=service))
    return gpd.GeoDataFrame(pd.concat(parts), crs=features.crs)


def answer(place: Place, folder: Path) -> Answers:
    graph, features = read(place, folder)
    crs = graph.graph["crs"]
    homes, venues = homes_of(features, place).to_crs(crs), venues_of(features).to_crs(crs)
    for frame in (homes, venues):
        frame.geometry = frame.representative_point()
        frame["node"] = ox.distance.nearest_nodes(graph, frame.geometry.x, frame.geometry.y)
    return Answers(graph, homes, venues, metres_to(graph, homes, venues))


def metres_to(
    graph: nx.MultiDiGraph[Any], homes: gpd.GeoDataFrame, venues: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Metres from each home's junction to the nearest venue's of each service."""
    found = {}
    for service in SERVICES:
        sources = set(venues.loc[venues["service"] == service, "node"])
        reached: dict[Any, float] = {}
        if sources:
            reached = nx.multi_source_dijkstra_path_length(
                graph, sources, cutoff=REACH_M, weight="length"
            )
        found[service] = homes["node"].map(reached).fillna(np.inf)
    return pd.DataFrame(found, index=homes.index)


def draw(answers: Answers, path: Path) -> None:
    """A dot for each home: green with all services, red without."""
    homes = answers.homes.to_crs(4326)
    middle = [homes.geometry.y.mean(), homes.geometry.x.mean()]
    page = folium.Map(middle, zoom_start=15, prefer_canvas=True)
    for (name, metres), spot in zip(answers.metres.iterrows(), homes.geometry, strict=True):
        missing = [str(service) for service, far in metres.items() if np.isinf(far)]
        folium.CircleMarker(
            [spot.y, spot.x],
            radius=3,
            color="#c0392b" if missing else "#27ae60",
            fill=True,
            tooltip=f"{name}: {', '.join(missing) or 'all services'}",
        ).add_to(page)
    page.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("place", choices=PLACES)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--keep", type=Path, help="also pickle all of it, for rival_verdicts.py")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    start = time.process_time()
    found = answer(PLACES[options.place], options.out)
    found.metres.to_csv(options.out / "metres.csv")
    draw(found, options.out / "map.html")
    served = int(np.isfinite(found.metres).all(axis=1).sum())
    print(f"{len(found.homes):,} homes, {served:,} reach all services")
    print(f"{time.process_time() - start:.1f} CPU s without imports")
    if options.keep:
        options.keep.write_bytes(pickle.dumps(tuple(found), protocol=5))


if __name__ == "__main__":
    main()
