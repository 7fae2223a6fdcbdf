"""The data of a region from Overpass, tile by tile; each answer is kept as it came."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from gusu_geo.fetching.answers import kept
from gusu_geo.fetching.region import Region, tiles_of
from gusu_geo.fetching.servers import Asking, Servers, Tell
from gusu_geo.study.area import Box
from gusu_geo.words import text

# Everything in the box; ways come with all their nodes, outlines with all their ways. Without
# ``meta``: who edited what is nobody's business here.
QUERY = """\
[out:xml][timeout:{timeout_s}];
(
  node({box});
  way({box});
  relation({box});
)->.here;
(
  relation.here["type"="multipolygon"];
  relation.here["type"="boundary"]["boundary"!="administrative"];
  relation.here["type"="boundary"]["admin_level"~"{levels}"];
)->.outlines;
way(r.outlines)->.sides;
(way.here;.sides;)->.lines;
node(w.lines)->.corners;
(.here;.lines;.corners;);
out body;
"""


@dataclass(frozen=True)
class Answer:
    """The answer for one tile: OSM XML, packed; base: the date of its data, "" if not named;
    asked: whether it came just now, not from the disk."""

    path: Path
    base: str
    asked: bool


def query_of(tile: Box, level: int, timeout_s: int) -> str:
    """What Overpass is asked for one tile."""
    west, south, east, north = (f"{side:.7f}" for side in tile)
    box = ",".join((south, west, north, east))
    return QUERY.format(timeout_s=timeout_s, box=box, levels=_levels(level))


def fetch_tiles(
    region: Region, asking: Asking, *, folder: Path, work: Path, force: bool, tell: Tell
) -> list[Answer]:
    """The answers for all tiles, in the order of ``tiles_of``.

    folder: keeps them, under a name made of the question, so that a fetch that was killed goes on
    where it was; work: for answers that are not whole yet, on the same disk; force: ask again.
    Raises SourceError: no server answers. What came so far is kept.
    """
    servers, tiles, answers = Servers(asking, tell), tiles_of(region, asking.tile_km), []
    for number, tile in enumerate(tiles, 1):
        question = query_of(tile, region.level, asking.timeout_s)
        path = folder / f"{hashlib.sha256(question.encode()).hexdigest()[:16]}.osm.gz"
        base = None if force else kept(path)
        asked = base is None
        if base is None:
            part = work / path.name
            base = servers.ask(question, part)
            part.replace(path)
        answers.append(Answer(path, base, asked))
        said = "fetch.tile_asked" if asked else "fetch.tile_kept"
        tell(text(said, number=number, count=len(tiles), kb=path.stat().st_size / 1000))
    return answers


def _levels(level: int) -> str:
    """A regular expression of the admin levels from ``level`` up to 15."""
    return f"^([{level}-9]|1[0-5])$" if level < 10 else f"^1[{level - 10}-5]$"
