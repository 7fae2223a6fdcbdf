"""Tagged nodes of an OSM file: entrances, gates and barriers; openings of outlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gusu_geo.sources.osm.areas import is_building
from gusu_geo.sources.osm.walk_policy import Barrier, is_gate, judge_barrier, judge_node
from gusu_geo.tables import Bools, Floats, Ints, NodeFlag

if TYPE_CHECKING:  # not loaded where a file is only read
    import geopandas as gpd
    import pandas as pd

Tags = Mapping[str, str]
_ACCESS = {Barrier.OPEN: "public", Barrier.PRIVATE: "residents", Barrier.CLOSED: "locked"}
_NO_WAY_IN = {"exit", "emergency", "no", "garage"}  # entrance=* that walkers do not enter by


class Door(NamedTuple):
    """An entrance or gate node. x, y in 1e-7 degrees; kind: "entrance" or "gate"; access:
    "public", "residents" or "locked"."""

    number: int
    x: int
    y: int
    kind: str
    access: str


@dataclass
class Nodes:
    """Tagged nodes as read: doors (entrances and gates, locked ones too), barriers, flags.

    flags: bits of ``NodeFlag`` by node id; at_least: see ``NodeVerdict``, by node id.
    """

    doors: list[Door] = field(default_factory=list)
    barriers: dict[int, tuple[int, int, str]] = field(default_factory=dict)  # x, y, kind by id
    flags: dict[int, int] = field(default_factory=dict)
    at_least: dict[int, int] = field(default_factory=dict)

    def add(self, number: int, place: tuple[int, int], tags: Tags) -> None:
        """Keep what the node means to walkers; ``place``: x, y in 1e-7 degrees."""
        if "barrier" in tags or "entrance" in tags:
            self._add_door(number, place, tags)
        if tags.get("barrier", "no") != "no":
            self._add_barrier(number, place, tags)
        verdict = judge_node(tags)
        if verdict.flags:
            self.flags[number] = verdict.flags
        if verdict.at_least:
            self.at_least[number] = verdict.at_least

    def crossed_by(self, crossings: Mapping[int, int]) -> dict[int, int]:
        """``flags`` plus those of crossings: vertices shared by a road and a way drawn across it.

        crossings: CROSSING or SIGNALS by node id, from the way. The kind in a node's own tags
        comes first; the way decides only where they give none.
        """
        flags, kinds = dict(self.flags), NodeFlag.CROSSING | NodeFlag.SIGNALS
        for number, flag in crossings.items():
            own = flags.get(number, 0)
            if number in self.at_least or not own & kinds:
                flags[number] = own & ~kinds | max(flag, self.at_least.get(number, 0))
        return flags

    def _add_door(self, number: int, place: tuple[int, int], tags: Tags) -> None:
        """Keeps the node as an entrance if walkers may enter there, else as a gate if it is one."""
        if _is_entrance(tags):
            self.doors.append(Door(number, *place, "entrance", _access(tags)))
        elif is_gate(tags):
            self.doors.append(Door(number, *place, "gate", _access(tags)))

    def _add_barrier(self, number: int, place: tuple[int, int], tags: Tags) -> None:
        """``kind`` is the value of barrier=*, with ":closed" or ":private" for walkers."""
        verdict = judge_barrier(tags)
        mark = "" if verdict is Barrier.OPEN else f":{verdict}"
        self.barriers[number] = (*place, tags["barrier"] + mark)


def is_door(tags: Tags) -> bool:
    """Whether a node is an entrance or a gate."""
    return _is_entrance(tags) or is_gate(tags)


def _is_entrance(tags: Tags) -> bool:
    return tags.get("entrance", "no") not in _NO_WAY_IN and tags.get("access") != "no"


def at_openings(doors: pd.DataFrame, openings: pd.DataFrame) -> Bools:
    """Which doors (as ``doors_frame``) are openings of an outline (as ``openings_frame``)."""
    here, among = (_key(frame[["lon", "lat"]].to_numpy(float)) for frame in (doors, openings))
    return _isin(here, among)


def barriers_frame(nodes: Nodes, street_nodes: Ints) -> pd.DataFrame:
    """Columns lon, lat (degrees), kind, on_street; in order of node id."""
    import pandas as pd

    numbers = sorted(nodes.barriers)
    rows = [nodes.barriers[number] for number in numbers]
    columns = {
        "lon": np.array([x for x, _, _ in rows], float) / 1e7,
        "lat": np.array([y for _, y, _ in rows], float) / 1e7,
        "kind": pd.Series([kind for _, _, kind in rows], dtype=object),
        "on_street": np.isin(np.array(numbers, np.int64), street_nodes),
    }
    return pd.DataFrame(columns)


def doors_frame(nodes: Nodes, street_nodes: Ints, walls: gpd.GeoSeries) -> pd.DataFrame:
    """All doors: index osm id, in order of node id; columns lon, lat (degrees), kind, access,
    on_street, on_wall: whether a street or a line of ``walls`` has a vertex there."""
    import pandas as pd

    doors = sorted(nodes.doors)
    numbers = np.array([door.number for door in doors], np.int64)
    fixed = np.array([(door.x, door.y) for door in doors], float).reshape(-1, 2)
    corners = shapely.get_coordinates(walls.to_numpy())
    columns = {
        "lon": fixed[:, 0] / 1e7,
        "lat": fixed[:, 1] / 1e7,
        "kind": pd.Series([door.kind for door in doors], dtype=object).to_numpy(),
        "access": pd.Series([door.access for door in doors], dtype=object).to_numpy(),
        "on_street": np.isin(numbers, street_nodes),
        "on_wall": _isin(_key(fixed / 1e7), _key(corners)),
    }
    return pd.DataFrame(columns, index=pd.Index([f"n{n}" for n in numbers], dtype=object))


def openings_frame(
    objects: gpd.GeoDataFrame, doors: pd.DataFrame, street_lonlat: Floats
) -> pd.DataFrame:
    """Where outlines are entered: columns osm_id, lon, lat (degrees), kind.

    objects: polygons of places and buildings. doors: as ``doors_frame``; locked gates are left
    out, locked entrances kept, as residents have a key. street_lonlat (M,2): walkable vertices
    that are not closed. A door or street is an opening of an outline that has a vertex at the
    same place (1e-7 degrees, a centimetre); not a street for buildings. Of several kinds at one
    place the first is kept: entrance, gate, street.
    """
    import pandas as pd

    corners, owner = shapely.get_coordinates(objects.geometry.to_numpy(), return_index=True)
    key = _key(corners)
    building = np.array([is_building(tags) for tags in objects["tags"]], bool)
    doors = doors[(doors["kind"] == "entrance") | (doors["access"] != "locked")]
    parts = []
    for rank, kind in enumerate(("entrance", "gate", "street")):
        places = doors.loc[doors["kind"] == kind, ["lon", "lat"]].to_numpy(float)
        hit = _isin(key, _key(street_lonlat if kind == "street" else places))
        if kind == "street":
            hit &= ~building[owner]
        parts.append(np.column_stack((owner[hit], key[hit], np.full(hit.sum(), rank))))
    rows = pd.DataFrame(np.concatenate(parts), columns=["owner", "key", "rank"])
    rows = rows.sort_values(["owner", "key", "rank"]).drop_duplicates(["owner", "key"])
    x, y = _unkey(rows["key"].to_numpy())
    columns = {
        "osm_id": pd.Series(objects.index.to_numpy()[rows["owner"].to_numpy()], dtype=object),
        "lon": x,
        "lat": y,
        "kind": pd.Series(
            np.array(["entrance", "gate", "street"], object)[rows["rank"].to_numpy()]
        ),
    }
    return pd.DataFrame(columns)


def _access(tags: Tags) -> str:
    """Who may pass a door, judged as if it were a gate: a value of ``_ACCESS``."""
    return _ACCESS[judge_barrier({"barrier": "gate", **tags})]


_STRIDE = 2**32  # a latitude in 1e-7 degrees, shifted to be positive, fits below it


def _key(lonlat: Floats) -> Ints:
    """One integer per place, exact to OSM's own 1e-7 degrees."""
    fixed = np.rint(np.asarray(lonlat, float) * 1e7).astype(np.int64)
    return np.asarray(fixed[:, 0] * _STRIDE + fixed[:, 1] + _STRIDE // 2)


def _unkey(key: Ints) -> tuple[Floats, Floats]:
    return key // _STRIDE / 1e7, (key % _STRIDE - _STRIDE // 2) / 1e7


def _isin(key: Ints, among: Ints) -> Bools:
    return np.asarray(np.isin(key, among))
