"""The Python API for analysts with their own tables: frames in, tables out."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo._kernels import Chunk
from gusu_geo.assessment import missing_links as link_gaps
from gusu_geo.assessment.link_gains import People, walkers_alike
from gusu_geo.assessment.missing_links import LinkSearch
from gusu_geo.errors import InputError, NetworkError, of_kind
from gusu_geo.geometry import centred_crs
from gusu_geo.isochrone.service_areas import area_in
from gusu_geo.sources.osm.extract import read_streets
from gusu_geo.streets.network import WalkNetwork, build_network
from gusu_geo.streets.network_files import from_networkx, load_network, read_graphml
from gusu_geo.study.params import Walk
from gusu_geo.walking import access
from gusu_geo.walking import coverage as coverages
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.linkage import LinkingOptions, linking_of
from gusu_geo.walking.points import linked_points, persons_of, points_frame, services_of, venues_of
from gusu_geo.walking.trips import Trips
from gusu_geo.words import text

MAX_SECONDS = 7200

if TYPE_CHECKING:
    import networkx as nx
    from scipy.sparse import csr_array


def read_network(source: str | Path | nx.Graph[Any]) -> WalkNetwork:
    """The walking network of an OSM file (.osm.pbf, .osm, .osm.gz, .osm.bz2), an osmnx .graphml,
    a file written by ``save_network``, or a networkx/osmnx graph.

    Raises SourceError or NetworkError: no such file, damaged, or without walkable streets.

    >>> import networkx as nx
    >>> street = nx.Graph(crs="EPSG:4326")
    >>> street.add_node("west", x=7.42, y=43.74)
    >>> street.add_node("east", x=7.43, y=43.74)
    >>> street.add_edge("west", "east", length=800.0)
    >>> read_network(street).length_cm.tolist()
    [80000]
    """
    if not isinstance(source, str | Path):
        if not hasattr(source, "number_of_edges"):  # no graph; networkx is not loaded to ask
            raise InputError(text("error.source_wanted"), got=type(source).__name__)
        return from_networkx(source)
    path = Path(source)
    if path.suffix == ".graphml":
        return read_graphml(path)
    if path.suffix == ".npz":
        return load_network(path)
    streets = read_streets(path)
    if len(streets.way_ids) == 0:
        raise NetworkError(text("error.no_streets"), where=path)
    return build_network(streets, centred_crs(streets.lonlat))


def nearest(
    net: WalkNetwork,
    residences: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    walk: Walk | None = None,
    cutoff_s: float = 1800.0,
    **linking: Unpack[LinkingOptions],
) -> AccessTable:
    """Walking time from every residence to the nearest facility of every service.

    residences: points in any CRS, index = id. facilities: the same plus a column ``service`` and,
    if one venue offers several services, ``venue_id`` (a row without one is a venue of its own).
    Services are sorted in the result.
    linking: a ``Linking`` as ``linking=``, or any of its parts by name: ``snap_max_m``,
    ``island_max_m``, ``barriers``.
    Raises InputError: no or an empty frame, no CRS, a missing or bad point, no ``service`` (the row
    is named), a missing or repeated id, cutoff_s not above 0 or above ``MAX_SECONDS``.

    >>> import networkx as nx
    >>> street = nx.Graph(crs="EPSG:4326")
    >>> street.add_node("west", x=7.42, y=43.74)
    >>> street.add_node("east", x=7.43, y=43.74)
    >>> street.add_edge("west", "east", length=800.0)
    >>> places = gpd.points_from_xy([7.42, 7.43], [43.74, 43.74], crs="EPSG:4326")
    >>> homes = gpd.GeoDataFrame(index=["west", "east"], geometry=places)
    >>> library = homes.iloc[[0]].assign(service="library")
    >>> nearest(read_network(street), homes, library).nearest_s["library"].to_dict()
    {'west': 0.0, 'east': 800.0}
    """
    _seconds_ok("cutoff_s", cutoff_s)
    facilities = points_frame(facilities, "facilities")
    services, venue = services_of(facilities), venues_of(facilities)
    trips, how = Trips.of(net, walk), linking_of(linking)
    return access.measure(
        trips,
        linked_points(trips, residences, how),
        linked_points(trips, facilities, how),
        service=services,
        venue=venue,
        min_count=dict.fromkeys(sorted(set(services)), 1),
        cutoff_s=cutoff_s,
    )


def coverage(
    net: WalkNetwork,
    residences: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    *,
    threshold_s: float = 900.0,
    walk: Walk | None = None,
    **linking: Unpack[LinkingOptions],
) -> csr_array:
    """Seconds from residences to the candidates within ``threshold_s``: sparse, residences x
    candidates. A stored entry means covered; a time of zero is an explicit zero.

    Raises InputError: no or an empty frame, no CRS, a missing or bad point, a missing or repeated
    id, a bad threshold.
    """
    _seconds_ok("threshold_s", threshold_s)
    trips, how = Trips.of(net, walk), linking_of(linking)
    matrix = coverages.coverage(
        trips,
        linked_points(trips, residences, how),
        linked_points(trips, candidates, how),
        threshold_s=threshold_s,
    )
    matrix.data = matrix.data / 100.0
    return matrix


def coverage_blocks(
    net: WalkNetwork,
    residences: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    *,
    threshold_s: float = 900.0,
    walk: Walk | None = None,
    **linking: Unpack[LinkingOptions],
) -> Iterator[pd.DataFrame]:
    """``coverage`` as a stream, for any number of candidates: frames of ``candidate_id``,
    ``residence_id`` and ``seconds``; candidates keep their order, each is in one frame only.

    Only a few frames are in memory at a time. Raises InputError as ``coverage``, before the first
    frame.
    """
    _seconds_ok("threshold_s", threshold_s)
    trips, how = Trips.of(net, walk), linking_of(linking)
    homes = linked_points(trips, residences, how)
    goals = linked_points(trips, candidates, how)

    def frame(chunk: Chunk) -> pd.DataFrame:
        ids = candidates.index[chunk.first : chunk.last].repeat(np.diff(chunk.ptr))
        columns = {"candidate_id": ids, "residence_id": residences.index[chunk.ix]}
        return pd.DataFrame(columns | {"seconds": chunk.cs / 100.0})

    return map(frame, coverages.coverage_blocks(trips, homes, goals, threshold_s=threshold_s))


def missing_links(
    net: WalkNetwork,
    *,
    residences: gpd.GeoDataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
    threshold_s: float = 900.0,
    area: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    walk: Walk | None = None,
    search: LinkSearch | None = None,
    **linking: Unpack[LinkingOptions],
) -> gpd.GeoDataFrame:
    """Pairs of streets close in a straight line but far on foot, in the network's CRS: those first
    that would bring most persons all services in time, else the worst first.

    residences: points in any CRS, with a column ``persons`` (default: one each); links near many
    persons rank higher. facilities: as in ``nearest``; with them ``gained_persons`` come to have
    every service within ``threshold_s`` if the link is made, by ``walk``. area: polygons in any CRS
    that must contain one end. linking: as in ``nearest``; its barriers explain the gaps. Index =
    rank; columns as ``assessment.missing_links``.
    Raises InputError: no CRS, a missing or bad point, a missing or repeated id, persons not finite
    or below 0, facilities without residences, a bad threshold.
    """
    of_kind("net", net, WalkNetwork)
    _seconds_ok("threshold_s", threshold_s)
    how = linking_of(linking)
    people = None
    if residences is not None:
        residences = points_frame(residences, "residences")
        trips = Trips.of(net, walk)
        homes = linked_points(trips, residences, how)
        people = People(homes, persons_of(residences), snap_max_m=how.snap_max_m)
        if facilities is not None:
            facilities = points_frame(facilities, "facilities")
            service, venues = services_of(facilities), linked_points(trips, facilities, how)
            alike = walkers_alike(
                trips, walk or Walk(), homes, venues, service, threshold_s=threshold_s
            )
            people = people._replace(walkers=[alike], why_none="")
    elif facilities is not None:
        fix = text("error.give_residences", name="residences")
        raise InputError(text("error.facilities_alone"), fix=fix)
    return link_gaps.missing_links(
        net,
        walk=walk,
        barriers=how.blocking(net),
        area=None if area is None else area_in(area, net),
        people=people,
        search=search,
    )


def _seconds_ok(name: str, value: float) -> None:
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not (number and 0 < value <= MAX_SECONDS):
        raise InputError(text("error.seconds_range", name=name, max_seconds=MAX_SECONDS), got=value)
