"""What an OSM file proves of coordinates that nobody declared."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from gusu_geo.sources.ledgers.evidence import Evidence
from gusu_geo.sources.osm.extract import OsmExtract


def building_evidence(extract: OsmExtract) -> Evidence:
    """Places of people stand in buildings."""
    return Evidence(extract.buildings.geometry.to_numpy())


def street_evidence(extract: OsmExtract) -> Evidence:
    """Borders of zones and compounds run along streets."""
    streets = extract.streets
    sizes = np.diff(streets.way_ptr)
    whole = np.repeat(sizes > 1, sizes)
    owner = np.repeat(np.arange(len(sizes)), sizes)[whole]
    _, owner = np.unique(owner, return_inverse=True)
    return Evidence(shapely.linestrings(streets.lonlat[streets.way_nodes[whole]], indices=owner))


def surveyed_evidence(surroundings: gpd.GeoDataFrame) -> Evidence:
    """The same as ``building_evidence``, from the surroundings of a city that was read."""
    houses = surroundings[surroundings["kind"] == "building"]
    return Evidence(houses.geometry.to_crs(4326).to_numpy())
