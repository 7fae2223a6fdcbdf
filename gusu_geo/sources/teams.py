"""Teams of a ledger: who they are, where they work, and whom they serve.

A row works at a point of its own, else at the venue that it names, else at a venue of the community
tier that belongs to its community (a red station before others); else nobody knows where, and it
counts nowhere.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from gusu_geo.sources.books import Books, Known
from gusu_geo.sources.ledgers.columns import GUESSES
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.rows import PLACE, Rows, read_rows
from gusu_geo.sources.zone_names import OUTSIDE, plain_name
from gusu_geo.words import folded

WHERE = "capacity.teams"
TIER, FIRST = "community", "red_station"
COLUMNS = {
    "id": GUESSES["id"],
    "team": ("队伍", "队伍名称", "team"),
    "community": GUESSES["community"],
    "staff": ("人数", "队员人数", "staff"),
    "fte": ("折算全职", "折算全职人数", "全职当量", "fte"),
    "group": ("对象", "服务对象", "group"),
    "name": ("阵地", "阵地名称", "点位", "点位名称", "name"),
    **PLACE,
}
_GROUPS = {
    "persons": ("", "全体", "全体居民", "居民", "群众", "所有居民", "all", "persons", "residents"),
    "elders": ("老年人", "老人", "长者", "elders", "elderly"),
    "children": ("儿童", "孩子", "未成年人", "children"),
}
_GROUP_OF = {word: group for group, words in _GROUPS.items() for word in words}


def group_of(word: object) -> str:
    """The group that a word means; a blank cell means everybody, "" a group that is not counted.

    >>> group_of("老年人"), group_of(""), group_of("新就业群体")
    ('elders', 'persons', '')
    """
    return _GROUP_OF.get(folded(word).replace(" ", ""), "")


def read_teams(known: Known, books: Books) -> None:
    """Add the table ``teams`` of the study's ledger, see ``tables.books``; numbers that a row does
    not give are NaN. Raises SourceError, StudyError: as ``read_rows``; no zones."""
    capacity = known.study.capacity
    source = capacity.teams if capacity is not None else None
    if source is None:
        return
    path = path_of(known.study, source.source, WHERE)
    rows = read_rows(path, source, WHERE, COLUMNS, ("team",))
    staff, fte = (rows.numbers(key, blank=True) for key in ("staff", "fte"))
    for at, cell in rows.each("team"):
        if not cell:
            rows.fault(at, "team", "cell_blank")
    zones = _zones(known, rows)
    lonlat = rows.lonlat(source, known.evidence)
    xy = np.full((len(lonlat), 2), np.nan)
    placed = ~np.isnan(lonlat[:, 0])
    xy[placed] = known.area.to_xy(lonlat[placed])
    venues = _venues(known, rows, zones, placed)
    groups = [group_of(cell) for _, cell in rows.each("group")]
    ids = rows.ids()
    used = rows.settled()
    cells = rows.cells["group"].tolist()
    rows.doubt("team_group", sorted({cells[at] for at in used if not groups[at]}))
    rows.doubt("team_nowhere", [ids[at] for at in used if not (placed[at] or venues[at])])
    rows.doubt("team_fte", [ids[at] for at in used if np.isnan(fte[at])])
    table = pd.DataFrame(
        {
            "name": rows.cells["team"].to_numpy(object),
            "zone": np.array(zones, object),
            "venue_id": np.array(venues, object),
            "x": xy[:, 0],
            "y": xy[:, 1],
            "group": np.array(groups, object),
            "staff": staff,
            "fte": fte,
        },
        index=pd.Index(ids, dtype=object, name="id"),
    ).iloc[used]
    books.add("teams", table, rows)


def _zones(known: Known, rows: Rows) -> list[str]:
    """The zone of each row, "" where it names none; a fault where the name is of none, or of
    several."""
    if not any(cell for _, cell in rows.each("community")):
        return [""] * len(rows.cells)
    names = known.names(known.level("", WHERE))
    found = []
    for at, cell in rows.each("community"):
        match = names.find_or_beyond(cell) if cell else None
        found.append(match.zone_id if match is not None else "")
        if match is not None and match.why == OUTSIDE:
            rows.leave(at, OUTSIDE)
        elif match is not None and match.why:
            rows.fault(at, "community", f"community_{match.why}")
    return found


def _venues(known: Known, rows: Rows, zones: list[str], placed: np.ndarray) -> list[str]:
    """The venue where each row works, "" where it has a point of its own or nothing says; a fault
    where it names a venue that is not there, or several of that name."""
    frame = known.venues.frame
    by_name: dict[str, set[str]] = {}
    for venue, *names in frame[["venue_id", "name", "name_zh", "name_en"]].itertuples(index=False):
        for each in (venue, *names):
            by_name.setdefault(plain_name(each), set()).add(str(venue))
    own = _of_communities(known)
    found = []
    for at, cell in rows.each("name"):
        venue = ""
        if not placed[at] and cell:
            meant = by_name.get(plain_name(cell), set())
            venue = next(iter(meant)) if len(meant) == 1 else ""
            if not venue:
                rows.fault(at, "name", "venue_ambiguous" if meant else "venue_unknown")
        elif not placed[at]:
            venue = own.get(zones[at], "")
        found.append(venue)
    return found


def _of_communities(known: Known) -> dict[str, str]:
    """By zone, its venue of the community tier: of the zone that the venue's ledger names, else of
    that it lies in; red stations first, then by id."""
    frame = known.venues.frame
    if "tier" not in frame or not len(known.zones.zones.frame):
        return {}
    venues = frame[(frame["tier"] == TIER).to_numpy(bool)]
    zone = _lying_in(known, np.asarray(venues.geometry.to_numpy(), object))
    if "community_id" in venues:
        said = venues["community_id"].fillna("").astype(str).tolist()
        zone = [own or place for own, place in zip(said, zone, strict=True)]
    offers = (venues["service"] != FIRST).tolist()
    order = sorted(zip(offers, venues["venue_id"].astype(str), zone, strict=True), reverse=True)
    return {place: venue for _, venue, place in order if place}


def _lying_in(known: Known, points: np.ndarray) -> list[str]:
    """The zone of each point, the first by id; "" outside all, and where nobody drew them."""
    frame = known.zones.zones.frame
    part = frame[frame["level"].astype(str) == known.level("", WHERE)]
    part = part.assign(zone_id=part["zone_id"].astype(str)).sort_values("zone_id")
    found = [""] * len(points)
    at, zone = shapely.STRtree(part.geometry.to_numpy()).query(points, predicate="intersects")
    ids: list[str] = part["zone_id"].tolist()
    for point, place in sorted(zip(at.tolist(), zone.tolist(), strict=True), reverse=True):
        found[point] = ids[place]
    return found
