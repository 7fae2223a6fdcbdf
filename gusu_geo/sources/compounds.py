"""Housing compounds (小区) and their gates, from OpenStreetMap and from ledgers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.errors import SourceError, shortened
from gusu_geo.geometry import Shapes, polygonal, valid
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.ledgers.account import ACCOUNTS, outline_account
from gusu_geo.sources.ledgers.columns import headers_in, refuse_same_ids, text_column
from gusu_geo.sources.ledgers.evidence import NO_EVIDENCE, Evidence
from gusu_geo.sources.ledgers.faults import first_of
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.parts import DOUBTS, ROWS, doubts_of
from gusu_geo.sources.ledgers.points import LEDGER, read_points
from gusu_geo.sources.ledgers.polygon_marks import (
    COUNT_HEADERS,
    MARK_HEADERS,
    MARKS_OF,
    Marks,
    counts_unread,
    marks_of_polygons,
)
from gusu_geo.sources.ledgers.polygons import read_polygons
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm.streets import name_of
from gusu_geo.sources.registry import OWN_IDS
from gusu_geo.study.ledger import ATTRIBUTE
from gusu_geo.study.params import GateSource, Study
from gusu_geo.tables import LedgerAccount, NodeFlag, StreetWays
from gusu_geo.words import folded, text

FROM_OSM, FROM_LEDGER = "osm", "ledger"
ON_OUTLINE_M = 0.5  # a door farther than this from a compound's outline is not on it
SAME_GATE_M = 10.0  # gates of the ledger and of OSM this near are the same gate
IDS, NAMES = ("compound_id", "id", "编号", "代码"), ("name", "名称", "小区名称")
SHOWN = 5
ACCESS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("", "public", "all", "everybody", "open", "yes"), "public")
    | dict.fromkeys(("公共", "公众", "公用", "所有人", "开放", "对外开放", "常开"), "public")
    | dict.fromkeys(("residents", "resident", "private", "permit"), "residents")
    | dict.fromkeys(("居民", "业主", "住户", "内部", "刷卡", "门禁", "仅居民"), "residents")
    | dict.fromkeys(("locked", "closed", "no", "封闭", "关闭", "锁", "上锁", "锁闭"), "locked")
)


def read_compounds(
    study: Study, extract: OsmExtract, area: StudyArea, evidence: Evidence = NO_EVIDENCE
) -> gpd.GeoDataFrame:
    """Compounds that touch the reach, uncut: columns compound_id, name, source, geometry (metres).

    Raises SourceError: invalid ledger, blank or repeated id; StudyError: its coordinate system.
    """
    accounts: list[LedgerAccount] = []
    marks: Marks = {}
    if study.compounds.source == FROM_OSM:
        tags = extract.compounds["tags"]
        names = [name_of(each) for each in tags]
        ids, source = pd.Series(extract.compounds.index, dtype=object), FROM_OSM
        own_ids = True
        degrees = extract.compounds.geometry
    else:
        file, where = study.compounds.source, "compounds"
        spot = f"{where}: {shortened(file)}"
        params, path = study.compounds, path_of(study, file, where)
        frame = read_polygons(
            path,
            crs=params.crs,
            layer=params.layer,
            privacy=params.privacy,
            where=where,
            evidence=evidence,
        )
        named, more = params.columns, params.attributes
        usual = {"id": IDS, "name": NAMES, **MARK_HEADERS, **COUNT_HEADERS}
        headers = headers_in(frame, usual, where, named) | {ATTRIBUTE + name: name for name in more}
        accounts = [outline_account(path.name, "compounds", frame, headers)]
        given = text_column(frame, named, "id", IDS, where)
        rows = [str(row) for row in range(1, len(frame) + 1)]
        ids, source = pd.Series(rows if given is None else given, dtype=object), FROM_LEDGER
        own_ids = given is not None
        refuse_same_ids(ids, spot, "compound")
        names = text_column(frame, named, "name", NAMES, where) or ids.tolist()
        marks = marks_of_polygons(frame, ids.tolist(), named, more, spot)
        degrees = frame.geometry
    shapes = polygonal(valid(area.to_metres(degrees)))
    near = shapely.intersects(area.reach, shapes)
    columns = {"compound_id": ids.to_numpy(object), "name": np.array(names, object)}
    found = pd.DataFrame(columns).assign(source=source)[near].reset_index(drop=True)
    kept = gpd.GeoDataFrame(found, geometry=shapes[near], crs=area.crs)
    doubts = doubts_of(degrees) | counts_unread(marks)
    told = {ROWS: len(shapes), DOUBTS: doubts, ACCOUNTS: accounts, MARKS_OF: marks}
    kept.attrs = {**told, OWN_IDS: own_ids}
    return kept


def read_gates(
    study: Study,
    extract: OsmExtract,
    area: StudyArea,
    compounds: gpd.GeoDataFrame,
    evidence: Evidence = NO_EVIDENCE,
) -> gpd.GeoDataFrame:
    """Gates within reach: index OSM id or ledger id, columns access, source, compound_id (of the
    compound that the ledger names, "" for none), geometry (metres).

    From OSM: gate nodes on a street, a wall or the outline of a compound; entrances on a wall or
    an outline (an entrance only on a street is a house door). A gate of the ledger replaces those
    of OSM within ``SAME_GATE_M``. Raises SourceError: invalid ledger; all rows with an unknown
    access word in one message.
    """
    doors = extract.doors[area.reaches(extract.doors[["lon", "lat"]].to_numpy(float))]
    points = area.to_xy(doors[["lon", "lat"]].to_numpy(float))
    places = np.asarray(shapely.points(points), object).reshape(-1)
    outlines = shapely.STRtree(shapely.boundary(compounds.geometry.to_numpy()))
    kept = doors["on_wall"].to_numpy(bool) | (
        doors["on_street"].to_numpy(bool) & (doors["kind"] == "gate").to_numpy(bool)
    )
    kept[outlines.query(places, predicate="dwithin", distance=ON_OUTLINE_M)[0]] = True
    access = doors["access"].to_numpy(object)[kept]
    columns = {"access": access, "source": FROM_OSM, "compound_id": ""}
    osm = gpd.GeoDataFrame(columns, index=doors.index[kept], geometry=places[kept], crs=area.crs)
    if study.compounds.gates is None:
        return osm
    ledger = _ledger_gates(study, study.compounds.gates, area, compounds, evidence)
    surveyed = shapely.STRtree(ledger.geometry.to_numpy())
    near = surveyed.query(osm.geometry.to_numpy(), predicate="dwithin", distance=SAME_GATE_M)[0]
    rest = osm[~np.isin(np.arange(len(osm)), near)]
    both = pd.concat([rest, ledger]) if len(rest) else ledger
    kept = gpd.GeoDataFrame(both, geometry="geometry", crs=area.crs)
    kept.attrs = ledger.attrs
    return kept


def with_gates(streets: StreetWays, gates: gpd.GeoDataFrame, area: StudyArea) -> StreetWays:
    """Streets whose gate nodes take the access of the ledger instead of OSM's.

    A gate node takes it (public, residents, locked) from the nearest gate of the ledger within
    ``SAME_GATE_M``.
    """
    surveyed = gates[gates["source"] == FROM_LEDGER]
    nodes = np.flatnonzero((streets.node_flags & NodeFlag.GATE) != 0)
    if surveyed.empty or not len(nodes):
        return streets
    places = np.asarray(shapely.points(area.to_xy(streets.lonlat[nodes])), object).reshape(-1)
    tree = shapely.STRtree(surveyed.geometry.to_numpy())
    node, gate = tree.query_nearest(places, max_distance=SAME_GATE_M, all_matches=False)
    flags = streets.node_flags.copy()
    bits = {"public": 0, "residents": int(NodeFlag.RESIDENTS), "locked": int(NodeFlag.CLOSED)}
    at = nodes[node]
    flags[at] &= ~np.int16(NodeFlag.RESIDENTS | NodeFlag.CLOSED)
    flags[at] |= np.array([bits[each] for each in surveyed["access"].iloc[gate]], np.int16)
    return replace(streets, node_flags=flags)


def _ledger_gates(
    study: Study,
    source: GateSource,
    area: StudyArea,
    compounds: gpd.GeoDataFrame,
    evidence: Evidence,
) -> gpd.GeoDataFrame:
    where = "compounds.gates"
    path = path_of(study, source.source, where)
    ledger = read_points(path, source, where=where, evidence=evidence)
    points = ledger.frame
    words = points["access"] if "access" in points else pd.Series("", points.index)
    plain = [folded(word) for word in words]
    bad = [(key, word) for key, word in zip(points.index, plain, strict=True) if word not in ACCESS]
    if bad:
        named = [text("error.gate_word", id=key, word=word) for key, word in bad]
        raise SourceError(
            text("error.gates_unclear", count=len(bad), gates=first_of(named, SHOWN)),
            where=f"{where}: {shortened(source.source)}",
            fix=text("error.gate_words"),
        )
    places = np.asarray(
        shapely.points(area.to_xy(shapely.get_coordinates(points.geometry))), object
    )
    near = shapely.intersects(area.reach, places)
    columns = {
        "access": np.array([ACCESS[word] for word in plain], object)[near],
        "compound_id": _compound_ids(points.get("compound"), len(points), compounds)[near],
    }
    frame = pd.DataFrame(columns, index=points.index[near].astype(str)).assign(source=FROM_LEDGER)
    kept = gpd.GeoDataFrame(frame.rename_axis(None), geometry=places[near], crs=area.crs)
    kept.attrs = {LEDGER: ledger.facts()}
    return kept


def _compound_ids(said: pd.Series | None, count: int, compounds: gpd.GeoDataFrame) -> Shapes:
    """(G,) id of the compound that each row names, by id or by a name that only one has; "" for
    none."""
    found = np.full(count, "", object)
    if said is None:
        return found
    ids = [str(key) for key in compounds["compound_id"]]
    names = pd.Series([_plain(name) for name in compounds["name"]], index=ids, dtype=object)
    once = names[~names.duplicated(keep=False) & (names != "")]
    by_name = {name: key for key, name in once.items()} | {_plain(key): key for key in ids}
    found[:] = [str(by_name.get(_plain(cell), "")) for cell in said]
    return found


def _plain(name: object) -> str:
    """A name for comparison: spaces do not count."""
    return folded(name).replace(" ", "")
