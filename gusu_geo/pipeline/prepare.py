"""The ground of a study: its city, its streets, and what no straight leg crosses.

Built once from what was read; who walks on it comes later (``Walk``), so that one ground serves
every profile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from gusu_geo.assessment.rule import Rule, Verdict, judge, load_rule
from gusu_geo.errors import SourceError
from gusu_geo.pipeline import files as outputs
from gusu_geo.pipeline.cache import cached_city
from gusu_geo.siting.planning import sample_candidates
from gusu_geo.sources.candidates import read_candidates
from gusu_geo.streets.barriers import BarrierKind, Barriers
from gusu_geo.streets.compounds import CompoundStatus, gate_streets
from gusu_geo.streets.network import WalkNetwork, build_network
from gusu_geo.streets.plazas import cross_plazas
from gusu_geo.streets.slopes import read_dem, slopes_of
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import NetworkParams, Study, Walk
from gusu_geo.study.study_file import open_study
from gusu_geo.tables import Candidates, City, Entrances
from gusu_geo.walking.access import AccessTable, measure
from gusu_geo.walking.linkage import Linked, Reason
from gusu_geo.walking.snapping import islands, snap
from gusu_geo.walking.trips import Trips

Progress = Callable[[str], None]
NAMED = 12  # compounds named in a note


@dataclass(frozen=True)
class Ground:
    """What does not depend on who walks: the city, its streets and barriers.

    compounds: what became of each, see ``compounds.Gated``. heights: name of the raster that
    slopes were taken from, "" for none. notes: what a reader must know of all this.
    """

    study: Study
    pack: RulePack
    city: City
    network: WalkNetwork
    barriers: Barriers
    compounds: gpd.GeoDataFrame
    heights: str
    notes: tuple[dict[str, str], ...]

    def trips(self, walk: Walk | None = None) -> Trips:
        """How people get about who walk as ``walk`` says, else as the study says."""
        return Trips.of(self.network, walk or self.study.walk)


def prepare(
    study: str | Path | Study,
    *,
    out: str | Path = ".",
    force: bool = False,
    progress: Progress | None = None,
) -> Ground:
    """Read the sources (or what is kept of them) and build the network."""
    study = open_study(study)
    pack = rule_of(study).pack
    tell(progress, "read")
    city = cached_city(study, pack, folder=outputs.folder_of(study, out), force=force)
    if len(city.residences.frame) == 0:
        raise SourceError("there are no residences in the area.", where=study.name)
    tell(progress, "network")
    params = study.network
    gated = gate_streets(
        city.streets, city.compounds, city.gates, crs=city.crs, policy=params.gates
    )
    barriers = _barriers(city, gated.walls, params)
    walls = gpd.GeoDataFrame(
        geometry=barriers.shapes[barriers.kind == BarrierKind.WALL], crs=city.crs
    )
    streets = cross_plazas(gated.streets, city.plazas, crs=city.crs, walls=walls)
    network = build_network(streets, city.crs)
    notes = _compound_notes(gated.compounds)
    if params.dem is not None:
        network, note = _with_heights(network, study.path(params.dem))
        notes += note
    return Ground(
        study=study,
        pack=pack,
        city=city,
        network=network,
        barriers=barriers,
        compounds=gated.compounds,
        heights="" if params.dem is None else params.dem.name,
        notes=tuple(notes),
    )


def _with_heights(network: WalkNetwork, dem: Path) -> tuple[WalkNetwork, list[dict[str, str]]]:
    """The network with slopes, and a note where some streets lie outside the raster."""
    slopes = slopes_of(network, read_dem(dem))
    notes = []
    if slopes.unknown_share > 0:
        share = f"{100 * slopes.unknown_share:.1f}"
        zh = f"{share}% 的道路不在高程数据 {dem.name} 范围内，按平路计。"
        en = f"{share} % of the streets lie outside the heights of {dem.name}: taken as level."
        notes.append({"code": "heights_missing", "zh": zh, "en": en})
    return network.with_slopes(slopes.slope_pm), notes


def _compound_notes(compounds: gpd.GeoDataFrame) -> list[dict[str, str]]:
    """Compounds of which nobody knows a gate are walkable everywhere, and that must be said."""
    unknown = compounds[compounds["status"] == CompoundStatus.UNKNOWN]
    if len(unknown) == 0:
        return []
    named = [str(name) for name in unknown["name"] if name][:NAMED]
    more = " …" if len(unknown) > len(named) else ""
    counts = f"{len(unknown)} / {len(compounds)}"
    zh = f"{counts} 个小区没有已知大门，按处处可通行计：{'、'.join(named)}{more}。"
    en = (
        f"{counts} compounds without a known gate are taken as walkable everywhere: "
        f"{', '.join(named)}{more}."
    )
    return [{"code": "compounds_without_gate", "zh": zh, "en": en}]


def rule_of(study: Study) -> Rule:
    """The rule a study judges by. Raises StudyError as ``load_rule``."""
    params = study.rule
    return load_rule(params.pack, minutes=params.minutes, mode=params.mode, root=study.root)


@dataclass(frozen=True)
class CityLinks:
    """Where homes and venues touch the streets; entered: see ``through_walls``."""

    homes: Linked
    venues: Linked
    entered: Linked | None


def link_all(ground: Ground, trips: Trips) -> CityLinks:
    """Homes and venues linked for people who make these trips."""
    homes, venues = link_city(ground, trips)
    return CityLinks(homes, venues, through_walls(ground, trips, venues))


def link_fewer(ground: Ground, trips: Trips, before: CityLinks) -> CityLinks:
    """``link_all`` for people to whom more streets are closed than to those of ``before``.

    The nearest of all streets stays the nearest of fewer, so only those are linked anew whose
    street is closed now, or cut off, or who had none.
    """
    net, closed = ground.network, trips.pace.closed
    gone = closed | islands(net, ~closed, ground.study.network.island_max_m)
    options = snap_options(ground) | {"closed": closed}

    def again(one: Linked, points: Entrances) -> Linked:
        edge = one.links.edge_ix
        rows = np.flatnonzero((edge < 0) | gone[edge])
        return Linked(one.ids, one.links.with_rows(rows, snap(net, points.rows(rows), **options)))

    homes = again(before.homes, ground.city.residences.entrances)
    venues = again(before.venues, ground.city.facilities.entrances)
    return CityLinks(homes, venues, through_walls(ground, trips, venues))


def link_city(ground: Ground, trips: Trips) -> tuple[Linked, Linked]:
    """Residences and facilities with their links to the streets."""
    options = snap_options(ground) | {"closed": trips.pace.closed}
    homes, venues = (
        Linked(part.frame.index, snap(ground.network, part.entrances, **options))
        for part in (ground.city.residences, ground.city.facilities)
    )
    return homes, venues


def through_walls(ground: Ground, trips: Trips, venues: Linked) -> Linked | None:
    """The venues as if those behind a wall without a known gate could be entered through it.

    None where there are none: a venue must have an entrance, only nobody knows where.
    """
    owner = venues.links.owner_reason(len(venues.ids)) == Reason.WALL
    rows = np.flatnonzero(owner[venues.links.owner_ix])
    if len(rows) == 0:
        return None
    points, barriers = ground.city.facilities.entrances, ground.barriers
    other = barriers.kind != BarrierKind.WALL
    options = snap_options(ground) | {
        "closed": trips.pace.closed,
        "barriers": Barriers(barriers.shapes[other], barriers.kind[other], barriers.width_m[other]),
    }
    found = snap(ground.network, points.rows(rows), **options)
    return Linked(venues.ids, venues.links.with_rows(rows, found))


def snap_options(ground: Ground) -> dict[str, Any]:
    """How points of this study reach streets: the same for homes, venues and candidates."""
    params = ground.study.network
    return {
        "snap_max_m": params.snap_max_m,
        "island_max_m": params.island_max_m,
        "barriers": ground.barriers,
    }


def _barriers(city: City, outlines: gpd.GeoDataFrame, params: NetworkParams) -> Barriers:
    """What no straight leg crosses; with gates = "open" nobody asks where a wall has its gate."""
    around = city.surroundings
    if params.gates == "open":
        around, outlines = around[around["kind"] != "wall"], outlines.iloc[:0]
    return Barriers.of(around, city.gates, extra=outlines, crs=city.crs)


def access_of(ground: Ground, trips: Trips, homes: Linked, venues: Linked) -> AccessTable:
    """The access table of people who make these trips."""
    frame = ground.city.facilities.frame
    return measure(
        trips,
        homes,
        venues,
        service=frame["service"].tolist(),
        venue=frame["venue_id"].tolist(),
        min_count={service.id: service.min_count for service in ground.pack.services},
        cutoff_s=ground.study.rule.cutoff_minutes * 60,
    )


def judge_links(
    ground: Ground, trips: Trips, rule: Rule, links: CityLinks, *, known: Sequence[bool]
) -> tuple[AccessTable, Verdict]:
    """Times and verdicts of people who make these trips; known (K,): as in ``rule.judge``."""
    access = access_of(ground, trips, links.homes, links.venues)
    entered = links.entered
    possible = None if entered is None else access_of(ground, trips, links.homes, entered)
    return access, judge(access, rule, known=known, possible=possible)


def candidates_of(ground: Ground) -> Candidates:
    """Candidate sites: along the streets of the area, or the study's file of points."""
    params = ground.study.candidates
    if params.source != "streets":
        return read_candidates(ground.study, ground.pack, ground.city.crs)
    area = ground.city.area.geometry.iloc[0]
    return sample_candidates(ground.network, spacing_m=params.spacing_m, area=area)


def tell(progress: Progress | None, stage: str) -> None:
    """Say which stage begins, if anybody listens."""
    if progress is not None:
        progress(stage)
