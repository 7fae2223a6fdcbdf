"""What the page holds of an outcome: arrays to pack and texts. Nothing is judged here."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.timetable import hours_of
from gusu_geo.geometry import inner_points
from gusu_geo.report.plan_shown import PlanShown
from gusu_geo.report.source_lines import source_lines
from gusu_geo.report.summary import ASSUMED, undetermined
from gusu_geo.report.webmap.district import (
    district_arrays,
    district_parts,
    district_texts,
    is_shown,
)
from gusu_geo.report.webmap.graph import graph_arrays, graph_texts
from gusu_geo.report.webmap.grid import UNIT_M, Arrays, Grid
from gusu_geo.report.webmap.labels import label_arrays, label_texts
from gusu_geo.report.webmap.pinyin import spelled
from gusu_geo.report.webmap.rules import rule_arrays, rule_texts
from gusu_geo.report.webmap.sites import candidate_counts, candidate_xy, site_texts, site_xy
from gusu_geo.report.webmap.survey import survey_arrays, survey_texts
from gusu_geo.report.webmap.tiers import tier_arrays, tier_texts
from gusu_geo.report.webmap.zone_levels import ZoneLevels
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.catalog import PROFILES
from gusu_geo.tables import GATE_KINDS, GROUPS, Ints, WayFlag
from gusu_geo.words import Both, both, section

EVIDENCE = ("A", "B", "C")
STREET_CLASSES = (  # wide and narrow ones; every other highway value is a path
    {"trunk", "primary", "secondary", "trunk_link", "primary_link", "secondary_link"},
    {
        "tertiary",
        "tertiary_link",
        "unclassified",
        "residential",
        "living_street",
        "service",
        "road",
    },
)


class StreetClass(IntEnum):
    """How a street is drawn."""

    WIDE = 0
    NARROW = 1
    PATH = 2
    STEPS = 3
    UNDRAWN = 4


PLAIN_M = 2.0  # tolerance of the streets on a lite page
AREAS = ("water", "green", "mixed")
LINES = ("coast", "waterway", "stream", "railway", "motorway", "wall")
GROUNDS = ("sea", "land")
GROUND_M = 1.0  # tolerance of water and green
HOUSE_M = 0.8  # tolerance of buildings that are no homes


def settled_arrays(
    outcome: Outcome,
    grid: Grid,
    zones: ZoneLevels,
    *,
    plan: PlanShown | None = None,
    lite: bool = False,
) -> Arrays:
    """What the page draws or shows, by name, before ``surveyed_arrays``: the same with a survey and
    without. ``packed.js`` reads both.

    zones: of the outcome. plan: proposed sites. lite: streets merged and simplified, homes as
    marks, no graph for what-if.
    """
    city, access, verdict = outcome.city, outcome.access, outcome.verdict
    homes = city.residences.frame.loc[access.residence_ids]
    venues = city.facilities.frame.loc[access.facility_ids]
    service_ix = pd.Index(outcome.rule.services).get_indexer(venues["service"])
    evidence_ix = pd.Index(EVIDENCE).get_indexer(venues["evidence"])
    return {
        **(_plain_streets(outcome, grid) if lite else _streets(outcome, grid)),
        **({} if lite else graph_arrays(outcome, grid)),
        **_surroundings(outcome, grid, lite=lite),
        **grid.polygons("area", city.area.geometry.to_numpy()),
        **zones.arrays(grid),
        **grid.points("home", shapely.get_coordinates(homes.geometry.to_numpy())),
        **grid.polygons("foot", _shapes(homes["footprint"], lite=lite)),
        "persons": homes["persons"].to_numpy(float),
        **{group: homes[group].to_numpy(float) for group in _counted(homes)},
        "home_assumed": homes["kind"].isin(ASSUMED).to_numpy(),
        "reason": access.reason,
        "state": verdict.state,
        "nearest_cs": access.nearest_cs,
        "nearest_ix": access.nearest_ix,
        "counted_cs": access.counted_cs,
        "one_stop_cs": access.one_stop_cs,
        "one_stop_ix": access.one_stop_ix,
        "one_stop_state": verdict.one_stop_state,
        "threshold_cs": outcome.rule.threshold_cs,
        **grid.points("venue", shapely.get_coordinates(venues.geometry.to_numpy())),
        "venue_service": service_ix,
        "venue_evidence": evidence_ix,
        **grid.points("site", site_xy(plan)),
        **grid.points("candidate", candidate_xy(plan)),
        **_compounds(outcome, grid),
        **label_arrays(outcome, grid),
    }


def surveyed_arrays(outcome: Outcome, grid: Grid, *, lite: bool = False) -> Arrays:
    """The other arrays of a page; lite: no uncovered ground."""
    return {
        **survey_arrays(outcome, grid, lite=lite),
        **tier_arrays(outcome),
        **rule_arrays(outcome),
        **district_arrays(outcome),
    }


def surveyed_texts(outcome: Outcome) -> dict[str, Any]:
    """Those of ``texts_of`` that a survey changes."""
    return {"summary": _summary(outcome), **survey_texts(outcome)}


def _counted(homes: pd.DataFrame) -> list[str]:
    """Groups that every home counts: with some unknown, sums over the map would be too small."""
    return [group for group in GROUPS if group in homes and homes[group].notna().all()]


def texts_of(
    outcome: Outcome, grid: Grid, zones: ZoneLevels, lang: str, plan: PlanShown | None = None
) -> dict[str, Any]:
    """Names and plain numbers for the page, in the order of the arrays."""
    city, access = outcome.city, outcome.access
    homes = city.residences.frame.loc[access.residence_ids]
    venues = city.facilities.frame.loc[access.facility_ids]
    profile = PROFILES.get(outcome.summary["walk"]["profile"])
    parts = district_parts(outcome.summary)
    return {
        "lang": lang,
        "strings": {key: pair for key, pair in strings().items() if is_shown(key, parts)},
        "grid": {"west_m": grid.west_m, "south_m": grid.south_m, "unit_m": UNIT_M},
        "cutoff_cs": round(access.cutoff_s * 100),
        "summary": _summary(outcome),
        "undetermined": undetermined(outcome.summary),
        "left_out": _left_out(outcome),
        "profile": {"zh": profile.zh, "en": profile.en} if profile else {"zh": "", "en": ""},
        "homes": {
            "ids": _texts(access.residence_ids),
            "names": _texts(homes["name"]),
            "spelled": spelled(_texts(homes["name"])),
        },
        "venues": {
            "ids": _texts(venues["venue_id"]),
            "names": _texts(venues["name"]),
            "spelled": spelled(_texts(venues["name"])),
            # "" unknown; not part of the verdict
            "hours": _texts(pd.Series(hours_of(city), city.facilities.frame.index)[venues.index]),
        },
        **zones.texts(),
        "outlines": _compound_names(outcome),
        "sources": source_lines(outcome.summary["sources"]),
        "plan": plan and plan.facts(),
        "sites": site_texts(outcome, plan),
        "candidates": candidate_counts(plan),
        **label_texts(outcome),
        **graph_texts(outcome),
        **rule_texts(outcome),
        **survey_texts(outcome),
        **tier_texts(outcome),
        **district_texts(outcome),
    }


def _summary(outcome: Outcome) -> dict[str, Any]:
    return {**outcome.summary, "tiers": None}  # of thousands of zones, and not shown here


def strings() -> dict[str, Both]:
    """All interface texts: key -> {"zh", "en"}."""
    return section("map")


def _streets(outcome: Outcome, grid: Grid) -> Arrays:
    """One line for each edge of the graph, in its order; some are not drawn."""
    net = outcome.network
    owner = np.repeat(np.arange(net.edges), np.diff(net.vertex_ptr))
    lines = grid.lines("street", net.vertex_xy, owner, net.edges)
    return {**lines, "street_class": _street_classes(net)}


def _plain_streets(outcome: Outcome, grid: Grid) -> Arrays:
    """Lines of each class joined where they meet, to ``PLAIN_M``."""
    net = outcome.network
    drawn = _street_classes(net)
    kinds = np.unique(drawn[drawn < StreetClass.UNDRAWN])
    merged = [
        shapely.line_merge(shapely.union_all(net.edge_lines[drawn == kind])) for kind in kinds
    ]
    parts, place = shapely.get_parts(shapely.simplify(merged, PLAIN_M), return_index=True)
    xy, owner = shapely.get_coordinates(parts, return_index=True)
    return {
        **grid.lines("street", xy, owner, len(parts)),
        "street_class": kinds[place],
    }


def _street_classes(net: WalkNetwork) -> Ints:
    """(E,) how each edge is drawn."""
    rank = np.full(net.edges, StreetClass.PATH)
    for place, names in enumerate(STREET_CLASSES):
        rank[np.isin(net.highway, sorted(names))] = place
    rank[net.flagged(WayFlag.STEPS)] = StreetClass.STEPS
    rank[net.flagged(WayFlag.ESTIMATED)] = (
        StreetClass.UNDRAWN
    )  # straight ways across a plaza are ours, not OSM's
    return rank


def _surroundings(outcome: Outcome, grid: Grid, *, lite: bool) -> Arrays:
    frame, scenery = outcome.city.surroundings, outcome.city.scenery
    found = grid.polygons("house", np.zeros(0, object) if lite else _houses(outcome))
    for kind in GROUNDS:
        rows = [] if scenery is None else scenery.geometry[scenery["kind"] == kind].tolist()
        found |= grid.polygons(kind, np.array(rows, object))
    for kind in AREAS:
        shapes = frame.geometry[frame["kind"] == kind].to_numpy()
        drawn = shapes if kind == "mixed" else shapely.simplify(shapes, GROUND_M)
        found |= grid.polygons(kind, np.asarray(drawn, object))
    for kind in LINES:
        shapes = shapely.get_parts(frame.geometry[frame["kind"] == kind].to_numpy())
        lines = shapes[shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING]
        xy, line_ix = shapely.get_coordinates(lines, return_index=True)
        found |= grid.lines(kind, xy, line_ix, len(lines))
    return found


def _houses(outcome: Outcome) -> npt.NDArray[np.object_]:
    """Buildings that are no homes, nor drawn as mixed ground."""
    frame, homes = outcome.city.surroundings, outcome.city.residences.frame
    shapes = frame.geometry[frame["kind"] == "building"].to_numpy()
    drawn = [shape for shape in homes["footprint"] if isinstance(shape, shapely.Geometry)]
    drawn += frame.geometry[frame["kind"] == "mixed"].tolist()
    inner = inner_points(shapes)
    taken = shapely.STRtree(np.array(drawn, object)).query(inner, predicate="intersects")[0]
    return np.asarray(shapely.simplify(np.delete(shapes, np.unique(taken)), HOUSE_M), object)


def _compounds(outcome: Outcome, grid: Grid) -> Arrays:
    """Outlines of gated compounds, and gates with who may pass (position in ``GATE_KINDS``)."""
    found = outcome.layers.get("compounds")
    shapes = np.zeros(0, object) if found is None else found.geometry.to_numpy()
    gates = outcome.city.gates
    return {
        **grid.polygons("compound", shapes),
        **grid.points("door", shapely.get_coordinates(gates.geometry.to_numpy())),
        "door_kind": pd.Index(GATE_KINDS).get_indexer(gates["access"]),
    }


def _compound_names(outcome: Outcome) -> dict[str, list[str]]:
    """Of the outlines of ``_compounds``, in their order."""
    found = outcome.layers.get("compounds")
    kept: dict[str, list[str]] = {"ids": [], "names": [], "spelled": []}
    if found is not None:
        names = _texts(found["name"].fillna("")) if "name" in found else [""] * len(found)
        kept |= {"ids": _texts(found["compound_id"]), "names": names, "spelled": spelled(names)}
    return kept


def _left_out(outcome: Outcome) -> list[dict[str, Any]]:
    """Reasons why buildings are no homes, with their number, the most frequent first."""
    dropped = outcome.summary["facts"].get("dropped", {}).get("homes", {})
    order = sorted(dropped, key=lambda reason: (-dropped[reason], reason))
    return [{**both(f"left_out.{reason}"), "count": dropped[reason]} for reason in order]


def _shapes(column: pd.Series[Any], *, lite: bool) -> npt.NDArray[np.object_]:
    """Geometries, None for what pandas holds as missing; lite: None for all."""
    given = [s if isinstance(s, shapely.Geometry) and not lite else None for s in column]
    return np.array(given, object)


def _texts(values: Any) -> list[str]:
    return ["" if value is None else str(value) for value in values]
