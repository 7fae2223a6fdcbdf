"""Gated compounds: streets pass the outline only at gates.

A compound counts as walled where its gates are known. Gate data have gaps, so a part of a compound
that no known gate serves stays open (docs/compounds.md). Walks run from homes to venues: a
residents' gate is passed outward only.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from enum import StrEnum
from typing import Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gusu_geo.errors import InputError, nearest_name
from gusu_geo.geometry import Shapes
from gusu_geo.streets.compound_cuts import Crossings, Pass, cut_streets, unlock
from gusu_geo.streets.outlines import SAME_M, Inside, streets_inside
from gusu_geo.tables import GATE_KINDS, Bools, Floats, Ints, StreetWays, WayFlag
from gusu_geo.words import text

REACH_M = {"osm": 10.0, "ledger": 25.0}  # from a gate to where a street crosses the outline
UP_THE_STREET_M = 60.0  # to a gate inside, on the same street: outlines are drawn to the kerb
WALL_INSET_M = 1.0  # the wall stands inside of the outline: streets along it are outside
OPENING_M = 3.0  # around an open way through, either side
PUBLIC = ("residential", "unclassified", "tertiary", "secondary", "primary", "trunk", "road")
PUBLIC_CLASSES = tuple(f"{name}{link}" for name in PUBLIC for link in ("", "_link"))


class CompoundStatus(StrEnum):
    """How a compound is treated."""

    GATED = "gated"
    CROSSED = "crossed_by_public_street"  # gated, but public streets run through ungated
    UNKNOWN = "no_gate_known"  # walkable everywhere
    OPENED = "opened"  # gated, and the study opens all gates


class Gated(NamedTuple):
    """Streets behind gates.

    streets: cut at the outlines. compounds: one row per compound, in order: ``compound_id``,
    ``name``, ``source``, ``gates_public``, ``gates_residents``, ``gates_locked`` (near the
    outline, or up a street that crosses it), ``gates_unplaced`` (of these, without a street
    crossing the outline in reach), ``closed_crossings``, ``public_streets`` (crossings without a
    gate that stay open), ``open_parts`` (pieces of street inside that no gate serves), ``status``,
    geometry.
    walls: the outlines of gated compounds as lines with openings: ``kind`` "wall", ``width_m``,
    ``compound_id``, geometry; not opened at residents' gates, where streets lead through. Under
    either policy those of the known gates. gaps: the lines that these openings take out.
    """

    streets: StreetWays
    compounds: gpd.GeoDataFrame
    walls: gpd.GeoDataFrame
    gaps: Shapes


class _Gates(NamedTuple):
    """Gates (G,): points, greatest distance to a crossing in metres, ``Pass``, position of the
    compound that the gate is said to belong to (-1: nobody says)."""

    points: Shapes
    reach_m: Floats
    access: Ints
    of: Ints

    def may_belong(self, gate: Ints, compound: Ints) -> Bools:
        """(n,) whether each gate may be one of the compound beside it."""
        return np.asarray((self.of[gate] < 0) | (self.of[gate] == compound), bool)


class _Placed(NamedTuple):
    """Gates of compounds (n,): gate, compound (positions); whether a street crosses there."""

    gate: Ints
    compound: Ints
    placed: Bools


def gate_streets(
    streets: StreetWays,
    compounds: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    *,
    crs: CRS,
    policy: Literal["known", "open"] = "known",
) -> Gated:
    """Streets that lead into compounds by their gates only.

    compounds, gates: as in ``City``, projected to the metric ``crs`` when in another; a gate with a
    ``compound_id`` belongs to that compound alone, not to one across the street. policy:
    "known" closes crossings without a gate where the compound's gates are known; "open" opens
    these and locked gates too, by ways of their own (OPENING): else all is as with "known". Raises
    InputError: unknown access or policy, invalid outline.
    """
    _check(compounds, gates, policy)
    compounds, gates = compounds.to_crs(crs), gates.to_crs(crs)
    outlines = np.asarray(compounds.geometry.to_numpy(), object)
    points = np.asarray(gates.geometry.to_numpy(), object)
    reach_m = np.array([REACH_M.get(source, REACH_M["osm"]) for source in gates["source"]], float)
    access = np.array([Pass[value.upper()] for value in gates["access"]], np.int64)
    at_id = {str(key): at for at, key in enumerate(compounds["compound_id"])}
    said = gates["compound_id"] if "compound_id" in gates else [""] * len(gates)
    of = np.array([at_id.get(str(key), -1) for key in said], np.int64)
    gates_at = _Gates(points, reach_m, access, of)
    inside = streets_inside(streets, outlines, _possibly_gated(outlines, gates_at), crs)
    xy = inside.xy
    crossings = _crossings(inside)
    placed, gate = _place(inside, crossings, outlines, gates_at)
    crossings = _judge(crossings, gate)
    walls, gaps = _walls(compounds, crossings, xy, crs)
    opened = policy == "open"
    cut = cut_streets(inside, crossings, crs, opened=opened)
    if opened:
        cut = unlock(cut, crs)
        crossings = replace(crossings, open=np.ones(len(crossings.gate), bool))
    return Gated(cut, _report(compounds, crossings, placed, access, policy), walls, gaps)


def _check(compounds: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, policy: str) -> None:
    if policy not in ("known", "open"):
        hint = nearest_name(policy, ["known", "open"])
        raise InputError(text("error.policy_unknown", hint=hint), got=policy)
    wrong = [value for value in gates["access"] if value not in GATE_KINDS]
    if wrong:
        hint = nearest_name(str(wrong[0]), GATE_KINDS)
        raise InputError(text("error.access_unknown", hint=hint), got=wrong[0])
    bad = (compounds.geometry.isna() | ~compounds.geometry.is_valid).to_numpy()
    if bad.any():
        raise InputError(
            text("error.compound_outline", name=compounds["compound_id"].iloc[int(np.argmax(bad))]),
            fix=text("error.mend_outline"),
        )


def _possibly_gated(outlines: Shapes, gates: _Gates) -> Ints:
    """Positions of compounds near a gate that is not locked."""
    far = np.maximum(gates.reach_m, UP_THE_STREET_M)
    gate, near = shapely.STRtree(shapely.boundary(outlines)).query(
        gates.points, predicate="dwithin", distance=far
    )
    may = gates.may_belong(gate, near) & (gates.access[gate] > Pass.LOCKED)
    return np.unique(near[may])


def _crossings(inside: Inside) -> Crossings:
    """Vertices where streets inside of a compound meet streets outside of it."""
    size = max(1, len(inside.xy))
    key = np.concatenate([inside.compound * size + inside.ends[:, end] for end in (0, 1)])
    places, first, count_in = np.unique(key, return_index=True, return_counts=True)
    vertex, compound = places % size, places // size
    degree = np.bincount(inside.all_ends.ravel(), minlength=size)
    cross = count_in < degree[vertex]
    public = np.isin(inside.streets.highway, PUBLIC_CLASSES)
    public &= (inside.streets.flags & WayFlag.PRIVATE) == 0
    wide = np.tile(public[inside.way], 2)
    wide_in = np.bincount(np.searchsorted(places, key), wide, minlength=len(places))
    wide_all = np.bincount(
        inside.all_ends.ravel(), np.repeat(public[inside.all_way], 2), minlength=size
    )
    through = (wide_in > 0) & (wide_all[vertex] > wide_in)
    none = np.zeros(int(cross.sum()), np.int64)
    return Crossings(
        vertex=vertex[cross],
        compound=compound[cross],
        part=np.tile(inside.part, 2)[first][cross],
        gate=none + int(Pass.UNKNOWN),
        public=through[cross],
        served=none > 0,
        open=none > 0,
    )


def _place(
    inside: Inside, crossings: Crossings, outlines: Shapes, gates: _Gates
) -> tuple[_Placed, Ints]:
    """Assigns each gate to the nearest crossing of each outline in its reach; and ``Pass`` (X,).

    A gate without a crossing in reach that stands inside an outline is assigned to a crossing
    within ``UP_THE_STREET_M`` on the same street.
    """
    places = np.asarray(shapely.points(inside.xy[crossings.vertex]), object).reshape(-1)
    far = np.maximum(gates.reach_m, UP_THE_STREET_M)
    gate, cross = shapely.STRtree(places).query(gates.points, predicate="dwithin", distance=far)
    may = gates.may_belong(gate, crossings.compound[cross])
    gate, cross = gate[may], cross[may]
    metres = shapely.distance(gates.points[gate], places[cross])
    at = crossings.compound[cross]
    near = metres <= gates.reach_m[gate]
    behind = shapely.contains(outlines[at], gates.points[gate])
    lone = ~np.isin(gate, gate[near])
    near |= lone & behind & _on_one_street(inside, gates.points[gate], crossings.vertex[cross])
    gate, cross, at, metres = gate[near], cross[near], at[near], metres[near]
    order = np.lexsort((cross, np.rint(metres * 1000), at, gate))
    pairs = np.column_stack((gate, at))[order]
    placed, first = np.unique(pairs, axis=0, return_index=True)
    passed = crossings.gate.copy()
    np.maximum.at(passed, cross[order][first], gates.access[placed[:, 0]])
    gate, at = shapely.STRtree(shapely.boundary(outlines)).query(
        gates.points, predicate="dwithin", distance=gates.reach_m
    )
    may = gates.may_belong(gate, at)
    gate, at = gate[may], at[may]
    count = len(outlines)
    keys = np.union1d(gate * count + at, placed[:, 0] * count + placed[:, 1])
    known = np.isin(keys, placed[:, 0] * count + placed[:, 1])
    return _Placed(keys // count, keys % count, known), passed


def _on_one_street(inside: Inside, points: Shapes, vertex: Ints) -> Bools:
    """(n,) whether a way that passes the point has the vertex too."""
    ends, way_ids = inside.all_ends.ravel(), inside.streets.way_ids[np.repeat(inside.all_way, 2)]
    if len(ends) == 0 or len(points) == 0:
        return np.zeros(len(points), bool)
    from scipy.spatial import cKDTree

    metres, nearest = cKDTree(inside.xy[ends]).query(shapely.get_coordinates(points))
    of_vertex = defaultdict(set)
    for end, way in zip(ends.tolist(), way_ids.tolist(), strict=True):
        of_vertex[end].add(way)
    shared = [
        not of_vertex[a].isdisjoint(of_vertex[b])
        for a, b in zip(ends[nearest].tolist(), vertex.tolist(), strict=True)
    ]
    return np.array(shared, bool) & (metres <= SAME_M)


def _judge(crossings: Crossings, gate: Ints) -> Crossings:
    """Who passes: by the gate; without a gate, public streets and unserved parts are open. Where no
    gate lets anybody into a compound, its locked ones close nothing either."""
    parts = int(crossings.part.max(initial=-1)) + 1
    served = np.zeros(parts, bool)
    served[crossings.part[gate > Pass.LOCKED]] = True
    served = served[crossings.part]
    ungated = (gate == Pass.UNKNOWN) & (crossings.public | ~served)
    gated = np.isin(crossings.compound, crossings.compound[gate > Pass.LOCKED])
    free = (gate == Pass.PUBLIC) | ungated | ~gated
    return replace(crossings, gate=gate, served=served, open=free)


def _report(
    compounds: gpd.GeoDataFrame,
    crossings: Crossings,
    placed: _Placed,
    access: Ints,
    policy: str,
) -> gpd.GeoDataFrame:
    """One row per compound, see ``Gated``."""
    rows = len(compounds)

    def count(of: Ints, where: Bools) -> Ints:
        return np.bincount(of[where], minlength=rows)

    kind = access[placed.gate]
    at, unknown = crossings.compound, crossings.gate == Pass.UNKNOWN
    passed = ~unknown & (crossings.gate > Pass.LOCKED)
    gated = count(at, passed) > 0
    public = count(at, crossings.served & unknown & crossings.public)
    unserved = np.unique(np.column_stack((at, crossings.part))[~crossings.served], axis=0)
    status = np.where(public > 0, CompoundStatus.CROSSED.value, CompoundStatus.GATED.value)
    if policy == "open":
        status = np.full(rows, CompoundStatus.OPENED.value)
    status = np.where(gated, status, CompoundStatus.UNKNOWN.value).astype(object)
    frame = compounds[["compound_id", "name", "source"]].assign(
        gates_public=count(placed.compound, kind == Pass.PUBLIC),
        gates_residents=count(placed.compound, kind == Pass.RESIDENTS),
        gates_locked=count(placed.compound, kind == Pass.LOCKED),
        gates_unplaced=count(placed.compound, ~placed.placed),
        closed_crossings=count(at, ~crossings.open & ~passed),
        public_streets=np.where(gated, public, 0),
        open_parts=np.where(gated, np.bincount(unserved[:, 0], minlength=rows), 0),
        status=pd.Series(status, compounds.index, object),
    )
    return gpd.GeoDataFrame(frame, geometry=compounds.geometry, crs=compounds.crs)


def _walls(
    compounds: gpd.GeoDataFrame, crossings: Crossings, xy: Floats, crs: CRS
) -> tuple[gpd.GeoDataFrame, Shapes]:
    """Outlines of gated compounds, with gaps where everybody may pass; and these gaps."""
    gated = np.unique(crossings.compound[crossings.gate > Pass.LOCKED])
    outlines = np.asarray(compounds.geometry.to_numpy(), object)[gated]
    lines = shapely.boundary(shapely.buffer(outlines, -WALL_INSET_M, join_style="mitre"))
    at = crossings.compound[crossings.open]
    places = np.asarray(shapely.points(xy[crossings.vertex[crossings.open]]), object)
    discs = np.asarray(shapely.buffer(places, OPENING_M), object).reshape(-1)
    holes = np.empty(len(gated), object)
    holes[:] = [shapely.union_all(discs[at == each]) for each in gated.tolist()]
    gaps = shapely.get_parts(shapely.intersection(lines, holes))
    lines = shapely.difference(lines, holes)
    full = ~shapely.is_empty(lines)
    ids = compounds["compound_id"].to_numpy(object)[gated][full]
    columns = {"kind": np.full(len(ids), "wall", object), "width_m": 0.0, "compound_id": ids}
    walls = gpd.GeoDataFrame(columns, index=range(len(ids)), geometry=lines[full], crs=crs)
    return walls, np.asarray(gaps[shapely.get_dimensions(gaps) == 1], object)
