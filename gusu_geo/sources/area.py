"""Where a study looks: its area, the local metric system, and everything cut to them.

Three shapes matter, all in metres: ``outline`` (homes are judged inside it), ``reach`` (outline
and buffer: streets and venues count there) and the edge of the data, which may come before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from gusu_geo.errors import StudyError
from gusu_geo.geometry import WGS84, Shapes, local_crs, valid
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.osm.boundaries import boundaries, whole_boundaries
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.study.params import OsmAdmin, Study
from gusu_geo.tables import Bools, Floats, Note, StreetWays, WayFlag

STRAIGHT_DEGREES = 0.01  # longer lines of degrees are bent in metres: cut them first
SPAN_MAX_KM = 200.0  # of one study: farther from its meridian, lengths are off by 1e-4
KM_PER_DEGREE = 111.2
LISTED_MAX = 30  # names in one error message
WHOLE = 0.999  # a share above it is the whole: borders are drawn no better


@dataclass(frozen=True)
class StudyArea:
    """Where a study looks. Geometries in metres of ``crs``.

    outline: homes are judged inside; reach: outline and buffer_m; margin_m: how far the data
    reach beyond the outline at least, 0 where it touches or crosses their edge;
    share: part of the outline that the data cover, above 0, at most 1; gap_m: straight line that
    closes an outline of which the data lack a piece.
    """

    crs: CRS
    outline: shapely.Geometry
    reach: shapely.Geometry
    buffer_m: float
    margin_m: float
    share: float
    gap_m: float = 0.0

    def to_metres(self, geometries: Any) -> Shapes:
        """Geometries in degrees, WGS 84, as an array in metres of ``crs``."""
        return _projected(np.asarray(geometries, object), self.crs)

    def to_xy(self, lonlat: Floats) -> Floats:
        """Points (P,2) in degrees, WGS 84, as (P,2) metres of ``crs``."""
        return _projector(self.crs)(lonlat)

    def reaches(self, lonlat: Floats) -> Bools:
        """Which points (P,2) in degrees lie within reach, border included."""
        xy = self.to_xy(lonlat)
        near: Bools = shapely.intersects_xy(self.reach, xy[:, 0], xy[:, 1])
        return near

    def frame(self) -> gpd.GeoDataFrame:
        """One row: the outline."""
        return gpd.GeoDataFrame(geometry=[self.outline], crs=self.crs)

    def notes(self) -> list[Note]:
        """What a reader must know about the edge of the data."""
        found = []
        if self.gap_m:
            found.append(
                note(
                    "boundary_mended",
                    f"数据缺少一段行政边界，以 {self.gap_m:.0f} 米直线补齐，附近的归属可能有误。",
                    f"The data lack a piece of the boundary; {self.gap_m:.0f} m of straight line "
                    "close it, so homes beside it may be counted in or out wrongly.",
                )
            )
        if self.share < WHOLE:
            percent = 100 * self.share
            found.append(
                note(
                    "area_beyond_data",
                    f"数据只覆盖研究区的 {percent:.1f}%，其余部分没有数据，不等于没有住户。",
                    f"The data cover {percent:.1f} % of the study area; the rest is without data, "
                    "which does not mean without homes.",
                )
            )
        if self.margin_m < self.buffer_m:
            found.append(
                note(
                    "data_end_near_border",
                    f"数据只到研究区边界外 {self.margin_m:.0f} 米（设定 {self.buffer_m:.0f} 米）："
                    "边界附近的住户可能有数据之外的设施可用，其缺口不能直接当作没有服务。",
                    f"The data end {self.margin_m:.0f} m beyond the border of the study area "
                    f"({self.buffer_m:.0f} m were asked for): homes near the border may have "
                    "venues beyond the data, so what they miss may only be missing here.",
                )
            )
        return found


def note(code: str, zh: str, en: str) -> Note:
    """One note of the results, in both languages."""
    return {"code": code, "zh": zh, "en": en}


def study_area(study: Study, extract: OsmExtract) -> StudyArea:
    """The area of the study in its local metric system.

    Raises StudyError: no such boundary in the file (those that are there are listed), the
    boundary named is ambiguous, the area is wider than ``SPAN_MAX_KM``, the area and the data
    do not meet; SourceError: boundary file.
    """
    degrees, gap_m = _degrees(study, extract)
    _refuse_too_large(degrees)
    data = shapely.box(*extract.bounds)
    if not shapely.intersects(degrees, data):
        raise StudyError(
            "the study area lies outside the OSM data.",
            where=extract.path.name,
            got=f"area {_corners(degrees)}, data {_corners(data)} (west, south, east, north)",
            fix="Check the area, or take an extract that covers it.",
        )
    west, south, east, north = shapely.bounds(degrees)
    crs = local_crs((west + east) / 2, (south + north) / 2)
    straight = shapely.segmentize(np.array([degrees, data], object), STRAIGHT_DEGREES)
    outline, edge = _projected(straight, crs)
    shapely.prepare(outline)
    covered = shapely.area(shapely.intersection(outline, edge)) / shapely.area(outline)
    margin = shapely.distance(outline, shapely.boundary(edge))
    reach = shapely.buffer(outline, study.area.buffer_m)
    shapely.prepare(reach)
    return StudyArea(
        crs=crs,
        outline=outline,
        reach=reach,
        buffer_m=study.area.buffer_m,
        margin_m=float(margin) if shapely.covers(edge, outline) else 0.0,
        share=float(min(covered, 1.0)),
        gap_m=gap_m,
    )


def clip_streets(streets: StreetWays, area: StudyArea) -> StreetWays:
    """The ways with a vertex within reach, whole, and the vertices they use.

    A ferry must land within reach at both ends: the one to another island leads nowhere here.
    """
    near = area.reaches(streets.lonlat)
    way_of = np.repeat(np.arange(len(streets.way_ids)), np.diff(streets.way_ptr))
    keep = np.zeros(len(streets.way_ids), bool)
    keep[way_of[near[streets.way_nodes]]] = True
    ends = streets.way_nodes[streets.way_ptr[:-1]], streets.way_nodes[streets.way_ptr[1:] - 1]
    keep &= ((streets.flags & WayFlag.FERRY) == 0) | (near[ends[0]] & near[ends[1]])
    nodes = streets.way_nodes[keep[way_of]]
    used, way_nodes = np.unique(nodes, return_inverse=True)
    return StreetWays(
        node_ids=streets.node_ids[used],
        lonlat=streets.lonlat[used],
        node_flags=streets.node_flags[used],
        way_ptr=np.concatenate(([0], np.cumsum(np.diff(streets.way_ptr)[keep]))),
        way_nodes=way_nodes.astype(streets.way_nodes.dtype),
        way_ids=streets.way_ids[keep],
        highway=streets.highway[keep],
        name=streets.name[keep],
        flags=streets.flags[keep],
    )


def clip_surroundings(surroundings: gpd.GeoDataFrame, area: StudyArea) -> gpd.GeoDataFrame:
    """What is drawn or blocks the way, cut to the reach: columns ``kind``, ``width_m`` (of lines,
    0 not known), geometry (metres)."""
    shapes = valid(area.to_metres(surroundings.geometry))
    near = shapely.intersects(area.reach, shapes)
    rows, shapes = surroundings.loc[near, ["kind", "width_m"]], shapes[near]
    crossing = ~shapely.covers(area.reach, shapes)
    shapes[crossing] = shapely.intersection(shapes[crossing], area.reach)
    full = ~shapely.is_empty(shapes)
    rows = rows[full].reset_index(drop=True)
    return gpd.GeoDataFrame(rows, geometry=shapes[full], crs=area.crs)


def _refuse_too_large(degrees: shapely.Geometry) -> None:
    west, south, east, north = shapely.bounds(degrees)
    lat = 0.0 if south < 0 < north else min(abs(south), abs(north))  # where it is widest
    width_km = (east - west) * KM_PER_DEGREE * np.cos(np.radians(lat))
    height_km = (north - south) * KM_PER_DEGREE
    if max(width_km, height_km) > SPAN_MAX_KM:
        raise StudyError(
            f"the study area is too large for one study: {width_km:,.0f} km by "
            f"{height_km:,.0f} km.",
            where="area",
            got=_corners(degrees),
            fix=f"Make it at most {SPAN_MAX_KM:g} km across, or split it into several studies.",
        )


def _degrees(study: Study, extract: OsmExtract) -> tuple[shapely.Geometry, float]:
    """The area as a valid polygon in degrees, WGS 84, and the metres added to close it."""
    area = study.area
    if area.osm_admin is not None:
        return _boundary(area.osm_admin, extract)
    if area.boundary is not None:
        polygons = read_polygons(
            path_of(study, area.boundary, "area.boundary"), where="area.boundary"
        )
        return shapely.union_all(polygons.geometry.to_numpy()), 0.0
    return shapely.box(*(area.bbox or ())), 0.0


def _boundary(wanted: OsmAdmin, extract: OsmExtract) -> tuple[shapely.Geometry, float]:
    """The boundary in degrees and the metres of straight line that close it."""
    asked = f"{wanted.name}, admin_level {wanted.admin_level}"
    for rows in (whole_boundaries, boundaries):  # the second reads the file again
        admin = rows(extract, wanted.admin_level)
        found = admin[(admin[["name", "name_zh", "name_en"]] == wanted.name).any(axis=1)]
        if len(found) > 1:
            raise StudyError(
                f"{len(found)} boundaries have this name and level: {', '.join(found.index)}.",
                where=extract.path.name,
                got=asked,
                fix="Give the area as a boundary file.",
            )
        if len(found) == 1:
            return valid(found.geometry.to_numpy())[0], float(found["gap_m"].iloc[0])
    raise StudyError(
        "no such administrative boundary, or too much of it is missing.",
        where=extract.path.name,
        got=asked,
        fix=_listed(pd.concat([extract.admin, admin[admin["gap_m"] > 0]])),
    )


def _listed(admin: pd.DataFrame) -> str:
    if admin.empty:
        return "The file holds no whole boundary: give the area as bbox or as a boundary file."
    rows = admin.sort_values(["admin_level", "name"])
    names = [
        f"{name} ({level})" for name, level in zip(rows["name"], rows["admin_level"], strict=True)
    ]
    rest = f" and {len(names) - LISTED_MAX} more" if len(names) > LISTED_MAX else ""
    return f"Boundaries in the file, with levels: {', '.join(names[:LISTED_MAX])}{rest}."


def _projector(crs: CRS) -> Callable[[Floats], Floats]:
    transformer = Transformer.from_crs(WGS84, crs, always_xy=True)
    return lambda lonlat: np.column_stack(transformer.transform(lonlat[:, 0], lonlat[:, 1]))


def _projected(shapes: Shapes, crs: CRS) -> Shapes:
    moved: Shapes = shapely.transform(shapes, _projector(crs))
    return moved


def _corners(shape: shapely.Geometry) -> str:
    return ", ".join(f"{value:.4f}" for value in shapely.bounds(shape))
