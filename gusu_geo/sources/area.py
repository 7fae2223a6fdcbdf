"""The study area and its local metric system; clips streets and surroundings to it.

Three shapes, all in metres: ``outline`` (homes inside it are judged), ``reach`` (outline plus
buffer: streets and venues in it count) and the extent of the data, which may be smaller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gusu_geo.errors import StudyError
from gusu_geo.geometry import (
    HALF_WIDTH_MAX_KM,
    KM_PER_DEGREE,
    WGS84,
    Shapes,
    local_crs,
    transformer,
    valid,
)
from gusu_geo.sources.evidence import street_evidence
from gusu_geo.sources.ledgers.account import outline_account
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.parts import doubts_of
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.osm.boundaries import boundaries, whole_boundaries
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.readings import reading
from gusu_geo.study.params import OsmAdmin, Study
from gusu_geo.tables import (
    Bools,
    Floats,
    LedgerAccount,
    NodeFlag,
    Note,
    Reading,
    StreetWays,
    WayFlag,
)
from gusu_geo.words import Text, folded, note, text

STRAIGHT_DEGREES = 0.01  # longer lines in degrees are curved in metres: add vertices
NEAR_DEGREES = 1.0  # of the data around a study, more than any buffer
SPAN_MAX_KM = 200.0  # widest study: beyond it lengths are off by more than 1e-4
LISTED_MAX = 30  # names in one error message
WHOLE = 0.999  # a share above it counts as all: borders are no more exact


@dataclass(frozen=True)
class StudyArea:
    """The area of a study. Geometries in metres of ``crs``.

    outline: homes inside it are judged; reach: outline buffered by buffer_m; margin_m: least
    distance from the outline to the edge of the data, 0 where they touch or cross;
    share: part of the area that the data cover, above 0, at most 1; gap_m: length of the straight
    lines that close an outline with missing pieces; read: what became of its polygons, None for a
    box; account: how its file was understood; asked_m: buffer of the study that a part was made of.
    """

    crs: CRS
    outline: shapely.Geometry
    reach: shapely.Geometry
    buffer_m: float
    margin_m: float
    share: float
    gap_m: float = 0.0
    read: Reading | None = None
    account: LedgerAccount | None = None
    _houses: dict[OsmExtract, Shapes] = field(default_factory=dict, repr=False, compare=False)
    asked_m: float = np.inf

    def to_metres(self, geometries: Any) -> Shapes:
        """Geometries in degrees, WGS 84, as an array in metres of ``crs``."""
        return _projected(np.asarray(geometries, object), self.crs)

    def houses_of(self, extract: OsmExtract) -> Shapes:
        """The buildings of the extract in metres, valid; kept, as homes and barriers are both made
        of them: not to be changed."""
        if extract not in self._houses:
            self._houses[extract] = valid(self.to_metres(extract.buildings.geometry))
            self._houses[extract].setflags(write=False)
        return self._houses[extract]

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
        """Notes on a mended border, and on data that end inside the area or near its border."""
        found = []
        if self.gap_m:
            found.append(note("boundary_mended", gap_m=self.gap_m))
        if self.share < WHOLE:
            found.append(note("area_beyond_data", percent=100 * self.share))
        wanted_m = min(self.buffer_m, self.asked_m)
        if self.margin_m < wanted_m:
            found.append(note("data_end_near_border", margin_m=self.margin_m, buffer_m=wanted_m))
        return found


def study_area(study: Study, extract: OsmExtract) -> StudyArea:
    """The area of the study in its local metric system.

    Raises StudyError: no such boundary in the file (the message lists those it has), several of
    that name, area wider than ``SPAN_MAX_KM``, area and data do not overlap; SourceError:
    invalid boundary file.
    """
    degrees, gap_m, read, account = asked_area(study, extract)
    refuse_too_large(degrees)
    data = extract.extent
    if not shapely.intersects(degrees, data):
        raise StudyError(
            text("error.area_outside"),
            where=extract.path.name,
            got=text("error.two_boxes", area=_corners(degrees), data=_corners(data)),
            fix=text("error.check_area"),
        )
    west, south, east, north = shapely.bounds(degrees)
    crs = _metres_of(study, (west, south, east, north))
    # Far from the study metres mean nothing; data that reach that far reach far enough.
    out = NEAR_DEGREES
    data = shapely.intersection(data, shapely.box(west - out, south - out, east + out, north + out))
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
        read=read,
        account=account,
        asked_m=(study.region and study.region.buffer_m) or np.inf,
    )


def clip_streets(streets: StreetWays, area: StudyArea) -> StreetWays:
    """The ways with a vertex within reach, uncut, and the vertices they use; those beyond reach are
    marked ``NodeFlag.BEYOND``.

    A ferry is kept only if both its ends lie within reach.
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
        node_flags=np.where(
            near[used], streets.node_flags[used], streets.node_flags[used] | NodeFlag.BEYOND
        ).astype(np.int16),
        way_ptr=np.concatenate(([0], np.cumsum(np.diff(streets.way_ptr)[keep]))),
        way_nodes=way_nodes.astype(streets.way_nodes.dtype),
        way_ids=streets.way_ids[keep],
        highway=streets.highway[keep],
        name=streets.name[keep],
        flags=streets.flags[keep],
    )


def clip_surroundings(surroundings: gpd.GeoDataFrame, area: StudyArea) -> gpd.GeoDataFrame:
    """Surroundings (drawn on the map or blocking the way) cut to the reach: columns ``kind``,
    ``width_m`` (of lines; 0 = unknown), geometry (metres)."""
    shapes = valid(area.to_metres(surroundings.geometry))
    near = shapely.intersects(area.reach, shapes)
    rows, shapes = surroundings.loc[near, ["kind", "width_m"]], shapes[near]
    crossing = ~shapely.covers(area.reach, shapes)
    shapes[crossing] = shapely.intersection(shapes[crossing], area.reach)
    full = ~shapely.is_empty(shapes)
    rows = rows[full].reset_index(drop=True)
    return gpd.GeoDataFrame(rows, geometry=shapes[full], crs=area.crs)


def with_shapes(surroundings: gpd.GeoDataFrame, kind: str, shapes: Shapes) -> gpd.GeoDataFrame:
    """The surroundings and further shapes (metres) of one kind."""
    if len(shapes) == 0:
        return surroundings
    columns = {"kind": np.full(len(shapes), kind, object), "width_m": np.zeros(len(shapes))}
    more = gpd.GeoDataFrame(columns, geometry=shapes, crs=surroundings.crs)
    both = pd.concat([surroundings, more], ignore_index=True) if len(surroundings) else more
    return gpd.GeoDataFrame(both)


def refuse_too_large(degrees: shapely.Geometry) -> None:
    """Raises StudyError: wider or higher than ``SPAN_MAX_KM``."""
    west, south, east, north = shapely.bounds(degrees)
    lat = 0.0 if south < 0 < north else min(abs(south), abs(north))  # where it is widest
    width_km = (east - west) * KM_PER_DEGREE * np.cos(np.radians(lat))
    height_km = (north - south) * KM_PER_DEGREE
    if max(width_km, height_km) > SPAN_MAX_KM:
        raise StudyError(
            text("error.area_too_large", width_km=width_km, height_km=height_km),
            where="area",
            got=_corners(degrees),
            fix=text("error.area_split", span_max_km=SPAN_MAX_KM),
        )


def _metres_of(study: Study, degrees: tuple[float, float, float, float]) -> CRS:
    """The metric system of an area (west, south, east, north): round the centre that the study
    names, which parts of one region share, else its own. Raises StudyError: far from it."""
    west, south, east, north = degrees
    given = study.area.centre
    if given is None:
        return local_crs((west + east) / 2, (south + north) / 2)
    off = max(abs((side - given[0] + 180) % 360 - 180) for side in (west, east))
    off_km = off * KM_PER_DEGREE * float(np.cos(np.radians((south + north) / 2)))
    if off_km > HALF_WIDTH_MAX_KM:
        raise StudyError(
            text("error.centre_far", off_km=off_km),
            where="area.centre",
            got=given,
            fix=text("error.centre_nearer", most_km=HALF_WIDTH_MAX_KM),
        )
    return local_crs(*given)


class _Asked(NamedTuple):
    """The area as a valid polygon in degrees, WGS 84, the metres added to close it, of how many
    polygons it was made, and how their file was understood."""

    shape: shapely.Geometry
    gap_m: float = 0.0
    read: Reading | None = None
    account: LedgerAccount | None = None


def asked_area(study: Study, extract: OsmExtract) -> _Asked:
    """The area of the study in degrees. Raises as ``study_area``."""
    area = study.area
    if area.osm_admin is not None:
        shape, gap_m = _boundary(area.osm_admin, extract)
        mended = [area.osm_admin.name] if gap_m else []
        name, doubted = extract.path.name, {"mended": mended}
        return _Asked(shape, gap_m, reading(name, "area", read=1, used=1, doubted=doubted))
    if area.boundary is not None:
        path = path_of(study, area.boundary, "area.boundary")
        polygons = read_polygons(
            path,
            crs=area.crs,
            layer=area.layer,
            privacy=area.privacy,
            where="area.boundary",
            evidence=street_evidence(extract),
        )
        count, doubted = len(polygons), doubts_of(polygons)
        read = reading(path.name, "area", read=count, used=count, doubted=doubted)
        account = outline_account(path.name, "area", polygons)
        return _Asked(shapely.union_all(polygons.geometry.to_numpy()), 0.0, read, account)
    return _Asked(shapely.box(*(area.bbox or ())))


def _boundary(wanted: OsmAdmin, extract: OsmExtract) -> tuple[shapely.Geometry, float]:
    """The boundary in degrees and the metres of straight line added to close it."""
    query = f"{wanted.name}, admin_level {wanted.admin_level}"
    for rows in (whole_boundaries, boundaries):  # the second reads the file again
        admin = rows(extract, wanted.admin_level)
        found = _within(admin[named(admin, wanted.name)], wanted.within)
        if len(found) > 1:
            raise StudyError(
                text("error.boundaries_alike", count=len(found), ids=tuple(found.index)),
                where=extract.path.name,
                got=query,
                fix=text("error.boundary_as_file"),
            )
        if len(found) == 1:
            return valid(found.geometry.to_numpy())[0], float(found["gap_m"].iloc[0])
    raise StudyError(
        text("error.no_boundary"),
        where=extract.path.name,
        got=query,
        fix=_listed(pd.concat([extract.admin, admin[admin["gap_m"] > 0]])),
    )


def _within(found: gpd.GeoDataFrame, box: tuple[float, float, float, float] | None) -> Any:
    """Those of which a point inside lies in the box, if one is given."""
    if box is None:
        return found
    inner = shapely.point_on_surface(found.geometry.to_numpy())
    return found[shapely.intersects(shapely.box(*box), inner)]


def named(admin: pd.DataFrame, name: str) -> Bools:
    """Which rows have the name: written exactly so, else the same but for Unicode form, width,
    case and spaces."""
    names = admin[["name", "name_zh", "name_en"]]
    exact = (names == name).any(axis=1).to_numpy(bool)
    alike = (names.map(folded) == folded(name)).any(axis=1).to_numpy(bool)
    return exact if exact.any() else alike


def _listed(admin: pd.DataFrame) -> Text:
    if admin.empty:
        return text("error.no_whole_boundary")
    rows = admin.sort_values(["admin_level", "name"])
    names = [
        f"{name} ({level})" for name, level in zip(rows["name"], rows["admin_level"], strict=True)
    ]
    shown, more = tuple(names[:LISTED_MAX]), len(names) - LISTED_MAX
    if more > 0:
        return text("error.boundaries_and_more", names=shown, more=more)
    return text("error.boundaries", names=shown)


def _projector(crs: CRS) -> Callable[[Floats], Floats]:
    way = transformer(WGS84, crs)
    return lambda lonlat: np.column_stack(way.transform(lonlat[:, 0], lonlat[:, 1]))


def _projected(shapes: Shapes, crs: CRS) -> Shapes:
    return np.asarray(shapely.transform(shapes, _projector(crs)), object)


def _corners(shape: shapely.Geometry) -> str:
    return ", ".join(f"{value:.4f}" for value in shapely.bounds(shape))
