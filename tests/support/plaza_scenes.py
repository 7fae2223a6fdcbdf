"""Scenes with plazas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scenes import CRS_M, Scene, seconds_of

from gusu_geo.streets.plazas import cross_plazas
from gusu_geo.tables import StreetWays, WayFlag


class Square(Scene):
    """A scene with plazas; ``plaza`` draws the outline as a street, as OpenStreetMap does."""

    def __init__(self) -> None:
        super().__init__()
        self.plazas: dict[str, tuple[shapely.Geometry, int]] = {}
        self.fences: list[shapely.Geometry] = []

    def plaza(self, path: str, *, free: shapely.Geometry | None = None, **places: object) -> Square:
        flags = int(places.pop("flags", 0))  # type: ignore[call-overload]
        number = 100 + len(self.ways)
        self.way(path, flags=WayFlag.AREA | flags, **places)  # type: ignore[arg-type]
        outline = shapely.Polygon([self.place[name] for name in path.split()])
        self.plazas[f"w{number}"] = (outline if free is None else free, flags)
        return self

    def streets(self) -> StreetWays:
        shapes = [shape for shape, _ in self.plazas.values()]
        frame = gpd.GeoDataFrame(
            {"flags": np.array([flags for _, flags in self.plazas.values()], np.int64)},
            index=pd.Index(list(self.plazas), dtype=object),
            geometry=shapes,
            crs=CRS_M,
        )
        walls = gpd.GeoDataFrame(geometry=self.fences, crs=CRS_M) if self.fences else None
        return cross_plazas(super().streets(), frame, crs=CRS_M, walls=walls)

    def seconds(self) -> float:
        return seconds_of(self.measure(island_max_m=0), "h")


CORNERS: Points = {"sw": (0, 0), "se": (100, 0), "ne": (100, 100), "nw": (0, 100)}


Points = dict[str, tuple[float, float]]
