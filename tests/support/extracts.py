"""Hand-drawn OSM extracts in metres around one place, so that every expectation is plain arithmetic.

paper = Paper()
paper.building("w1", box(0, 0, 10, 10), building="house")
paper.place("n1", (5, 5), amenity="library")
study = paper.study(persons_total=1000)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from gusu_geo.geometry import local_crs
from gusu_geo.sources.area import StudyArea, study_area
from gusu_geo.sources.homes import Homes, read_homes
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm.grounds import ground_of
from gusu_geo.study.catalog import RulePack, Service
from gusu_geo.study.params import Study
from gusu_geo.tables import StreetWays, no_shapes

LON, LAT = 120.6, 31.3
HALF_M = 1000.0  # of the study area, a square around the origin
_TO_DEGREES = Transformer.from_crs(local_crs(LON, LAT), "EPSG:4326", always_xy=True)


def degrees(shape: Any) -> Any:
    """A geometry drawn in metres as it stands in a file."""
    return shapely.transform(shape, lambda xy: np.column_stack(_TO_DEGREES.transform(*xy.T)))


def lonlat(x: float, y: float) -> tuple[float, float]:
    lon, lat = _TO_DEGREES.transform(x, y)
    return float(lon), float(lat)


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(x, y, x + width, y + height)


class Paper:
    """An extract on paper: 3 km x 3 km of data, the study area is the inner 2 km x 2 km."""

    def __init__(self, data_half_m: float = 1500.0) -> None:
        self.data_half_m = data_half_m
        self.shapes: dict[str, dict[str, tuple[dict[str, str], Any]]] = {
            kind: {} for kind in "pbcsg"
        }
        self.doors: list[tuple[str, float, float, str]] = []
        self.borders: list[tuple[str, str, str, str, int, Any]] = []
        self.around: list[tuple[str, Any, float]] = []
        self.ways: list[list[tuple[float, float]]] = []
        self.way_flags: list[int] = []
        self.gates: dict[str, tuple[float, float, str, str, bool, bool]] = {}

    def place(self, osm_id: str, shape: Any, **tags: str) -> Paper:
        return self._add("p", osm_id, shape, tags)

    def ground(self, osm_id: str, shape: Any, **tags: str) -> Paper:
        return self._add("g", osm_id, shape, tags)

    def building(self, osm_id: str, shape: Any, **tags: str) -> Paper:
        return self._add("b", osm_id, shape, {"building": "yes", **tags})

    def _add(self, kind: str, osm_id: str, shape: Any, tags: dict[str, str]) -> Paper:
        drawn = shapely.Point(shape) if isinstance(shape, tuple) else shape
        spelt = {key.replace("__", ":"): value for key, value in tags.items()}
        self.shapes[kind][osm_id] = (spelt, degrees(drawn))
        return self

    def door(self, osm_id: str, x: float, y: float, kind: str = "entrance") -> Paper:
        self.doors.append((osm_id, *lonlat(x, y), kind))
        return self

    def border(self, osm_id: str, shape: Any, level: int, *names: str) -> Paper:
        name, zh, en = (*names, "", "", "")[:3]
        self.borders.append((osm_id, name, zh, en, level, degrees(shape)))
        return self

    def surround(self, kind: str, shape: Any, width_m: float = 0.0) -> Paper:
        self.around.append((kind, degrees(shape), width_m))
        return self

    def street(self, *xy: tuple[float, float], flags: int = 0) -> Paper:
        self.ways.append(list(xy))
        self.way_flags.append(flags)
        return self

    def compound(self, osm_id: str, shape: Any, **tags: str) -> Paper:
        return self._add("c", osm_id, shape, {"landuse": "residential", **tags})

    def plaza(self, osm_id: str, shape: Any, **tags: str) -> Paper:
        return self._add("s", osm_id, shape, {"highway": "pedestrian", "area": "yes", **tags})

    def gate(
        self,
        osm_id: str,
        x: float,
        y: float,
        kind: str = "gate",
        access: str = "public",
        on: str = "street",
    ) -> Paper:
        """on: "street", "wall" or "" for neither."""
        self.gates[osm_id] = (*lonlat(x, y), kind, access, on == "street", on == "wall")
        return self

    def extract(self, path: str = "paper.osm.pbf", **counts: int) -> OsmExtract:
        edge = degrees(shapely.box(*(-self.data_half_m,) * 2, *(self.data_half_m,) * 2))
        columns = ["id", "name", "name_zh", "name_en", "admin_level", "geometry"]
        admin = pd.DataFrame(self.borders, columns=columns).set_index("id").rename_axis(None)
        return OsmExtract(
            path=Path(path),
            sha256="",
            date="",
            boxes=(tuple(shapely.bounds(edge).tolist()),),
            streets=self._streets(),
            places=self._frame("p"),
            buildings=self._frame("b"),
            compounds=self._frame("c"),
            plazas=self._frame("s"),
            doors=self._doors(),
            openings=pd.DataFrame(self.doors, columns=["osm_id", "lon", "lat", "kind"]),
            admin=gpd.GeoDataFrame(admin, geometry="geometry", crs="EPSG:4326"),
            surroundings=gpd.GeoDataFrame(
                {
                    "kind": [kind for kind, _, _ in self.around],
                    "width_m": np.array([width for _, _, width in self.around], float),
                },
                geometry=[shape for _, shape, _ in self.around],
                crs="EPSG:4326",
            ),
            barriers=pd.DataFrame(
                {"lon": [], "lat": [], "kind": [], "on_street": np.array([], bool)}
            ),
            counts=dict(counts),
            grounds=self._grounds(),
        )

    def _grounds(self) -> gpd.GeoDataFrame:
        """As the reader does: every area whose tags name a use, whatever else it is."""
        every = pd.concat([self._frame(kind) for kind in "pbcg"])
        areas = shapely.get_dimensions(every.geometry.to_numpy()) == 2
        return every[
            areas & np.array([ground_of(tags) is not None for tags in every["tags"]], bool)
        ]

    def _frame(self, kind: str) -> gpd.GeoDataFrame:
        drawn = self.shapes[kind]
        tags = np.empty(len(drawn), object)
        tags[:] = [tags for tags, _ in drawn.values()]
        index = pd.Index(list(drawn), dtype=object)
        shapes = [shape for _, shape in drawn.values()]
        return gpd.GeoDataFrame({"tags": tags}, index=index, geometry=shapes, crs="EPSG:4326")

    def _streets(self) -> StreetWays:
        flat = [lonlat(*xy) for way in self.ways for xy in way]
        count, sizes = len(flat), [len(way) for way in self.ways]
        return StreetWays(
            node_ids=np.arange(count) + 100,
            lonlat=np.array(flat, float).reshape(-1, 2),
            node_flags=np.zeros(count, np.int16),
            way_ptr=np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))),
            way_nodes=np.arange(count),
            way_ids=np.arange(len(sizes)) + 1,
            highway=np.array(["residential"] * len(sizes), str),
            name=np.array([""] * len(sizes), object),
            flags=np.array(self.way_flags, np.int16),
        )

    def _doors(self) -> pd.DataFrame:
        columns = ["lon", "lat", "kind", "access", "on_street", "on_wall"]
        rows = pd.DataFrame(list(self.gates.values()), columns=columns, index=list(self.gates))
        return rows.astype({"lon": float, "lat": float, "on_street": bool, "on_wall": bool})

    def area(self, study: Study | None = None) -> StudyArea:
        return study_area(study or self.study(), self.extract())

    @staticmethod
    def study(
        *, buffer_m: float = 400.0, area: Any = None, root: Path = Path(), **parts: Any
    ) -> Study:
        """A study of the inner square. Keywords: parts of a study, or keys of residences."""
        square = degrees(shapely.box(-HALF_M, -HALF_M, HALF_M, HALF_M))
        place = area or {"bbox": shapely.bounds(square).tolist()}
        top = {key: parts.pop(key) for key in ("facilities", "zones") if key in parts}
        return Study.model_validate(
            {
                "name": "paper",
                "root": root,
                "area": {**place, "buffer_m": buffer_m},
                "network": {"osm": "paper.osm.pbf"},
                "residences": parts,
                **top,
            }
        )


def pack_of(*services: Service) -> RulePack:
    return RulePack("paper", "1", "纸", "Paper", "", "", "", 15.0, services)


def homes_of(paper: Paper, **residences: object) -> Homes:
    study = paper.study(**residences)
    area = paper.area(study)
    compounds = no_shapes(area.crs, "compound_id", "name", "source")
    return read_homes(
        study, paper.extract(), area, compounds, no_shapes(area.crs, "access", "source")
    )


def persons_of(homes: Homes) -> dict[str, float]:
    return {key: round(value, 3) for key, value in homes.residences.frame["persons"].items()}
