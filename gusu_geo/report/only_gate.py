"""The gate of a compound that has a single one: whoever lives there leaves by it."""

from __future__ import annotations

import numpy as np
import shapely
from pyproj import Transformer
from typing_extensions import TypedDict

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.report.find_home import Homes

COUNTS = ("gates_public", "gates_residents", "gates_locked")


class Gate(TypedDict):
    """A gate: access "public", "residents" or "locked"; id: OSM id, or that of the ledger; street:
    the nearest with a name, "" where no street has one."""

    id: str
    compound: str
    access: str
    street: str
    lonlat: list[float]


def only_gate(ground: Ground, homes: Homes, r: int) -> Gate | None:
    """The gate of the smallest compound around home ``r``, if it has one alone that is known."""
    compounds, gates = ground.compounds, ground.city.gates
    if not set(COUNTS) <= set(compounds.columns) or not len(gates):
        return None
    outlines = np.asarray(compounds.geometry.to_numpy(), object)
    around = np.flatnonzero(
        shapely.intersects(outlines, ground.city.residences.frame.geometry.iloc[r])
    )
    if not len(around):
        return None
    at = int(around[np.argmin(shapely.area(outlines[around]))])
    if compounds[list(COUNTS)].iloc[at].sum() != 1:
        return None
    points = np.asarray(gates.geometry.to_numpy(), object)
    g = int(np.argmin(shapely.distance(shapely.boundary(outlines[at]), points)))
    to_degrees = Transformer.from_crs(ground.city.crs, 4326, always_xy=True)
    return {
        "id": str(gates.index[g]),
        "compound": str(compounds["name"].iloc[at]),
        "access": str(gates["access"].iloc[g]),
        "street": homes.street_near(points[g]),
        "lonlat": np.round(to_degrees.transform(points[g].x, points[g].y), 7).tolist(),
    }
