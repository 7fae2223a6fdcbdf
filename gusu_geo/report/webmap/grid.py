"""From metres of a study to the whole units in which the page keeps coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from gusu_geo.geometry import transformer
from gusu_geo.tables import Floats, Ints

UNIT_M = 0.2  # of Web Mercator, so 0.15 to 0.2 m on the ground: finer than OSM is surveyed

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Grid:
    """Metres of one system to whole units of Web Mercator, counted from (west_m, south_m)."""

    transform: Transformer
    west_m: float
    south_m: float

    @classmethod
    def of(cls, crs: CRS, area: npt.NDArray[np.object_]) -> Grid:
        """The grid that starts at the south-west corner of the area."""
        transform = transformer(crs, "EPSG:3857")
        x, y = transform.transform(*shapely.get_coordinates(area).T)
        return cls(transform, float(np.floor(x.min())), float(np.floor(y.min())))

    def cells(self, xy: Floats) -> Ints:
        """(n,2) whole units of points (n,2) in metres."""
        if len(xy) == 0:
            return np.zeros((0, 2), np.int64)
        x, y = self.transform.transform(*xy.T)
        offset = np.column_stack([x - self.west_m, y - self.south_m])
        return np.rint(offset / UNIT_M).astype(np.int64)

    def stretch(self, xy: Floats) -> Floats:
        """(n,) metres of Web Mercator per metre at points (n,2)."""
        if len(xy) == 0:
            return np.zeros(0)
        x, y = self.transform.transform(*xy.T)
        east, north = self.transform.transform(*(xy + np.array([1.0, 0.0])).T)
        return np.asarray(np.hypot(east - x, north - y), np.float64)

    def points(self, name: str, xy: Floats) -> Arrays:
        """``name_x`` and ``name_y`` (n,)."""
        cells = self.cells(xy)
        return {f"{name}_x": cells[:, 0], f"{name}_y": cells[:, 1]}

    def lines(self, name: str, xy: Floats, line_ix: Ints, count: int) -> Arrays:
        """``name_sizes`` (count,) and the vertices, without those equal to the one before."""
        cells = self.cells(xy)
        again = (np.diff(cells, axis=0) == 0).all(axis=1) & (np.diff(line_ix) == 0)
        keep = np.concatenate([[True], ~again]) if len(cells) else np.zeros(0, bool)
        cells, line_ix = cells[keep], line_ix[keep]
        return {
            f"{name}_sizes": np.bincount(line_ix, minlength=count),
            f"{name}_x": cells[:, 0],
            f"{name}_y": cells[:, 1],
        }

    def polygons(self, name: str, shapes: npt.NDArray[np.object_]) -> Arrays:
        """``name_rings`` (n,) rings of each shape (0 for None), then the rings as lines."""
        # Shells run one way round, holes the other: overlapping shapes then fill without gaps.
        parts, owner = shapely.get_parts(shapely.normalize(shapes), return_index=True)
        flat = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
        rings, part_ix = shapely.get_rings(parts[flat], return_index=True)
        xy, ring_ix = shapely.get_coordinates(rings, return_index=True)
        return {
            f"{name}_rings": np.bincount(owner[flat][part_ix], minlength=len(shapes)),
            **self.lines(name, xy, ring_ix, len(rings)),
        }
