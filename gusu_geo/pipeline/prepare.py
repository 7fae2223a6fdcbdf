"""Prepare the ground of a study: its city, its streets and its barriers.

It does not depend on how people walk (``Walk``), so one ground serves every walking profile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd

from gusu_geo.assessment.hours_facts import hours_notes
from gusu_geo.assessment.judgement import rule_of
from gusu_geo.assessment.timetable import timetable_of
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import SourceError
from gusu_geo.pipeline.cache import cached_city
from gusu_geo.pipeline.digests import digest_of, result_id
from gusu_geo.pipeline.output_sets import data_folder
from gusu_geo.pipeline.raw_data import with_raw_data
from gusu_geo.siting.candidates import at_one_door, sample_candidates
from gusu_geo.sources.candidates import candidate_account, candidate_reading, read_candidates
from gusu_geo.sources.evidence import surveyed_evidence
from gusu_geo.sources.holidays import DaysOff, read_days_off
from gusu_geo.sources.idle_rooms import joined, with_cost
from gusu_geo.sources.readings import fault_notes, reading
from gusu_geo.streets.barriers import BarrierKind, Barriers
from gusu_geo.streets.compounds import CompoundStatus, Gated, gate_streets
from gusu_geo.streets.network import WalkNetwork, build_network
from gusu_geo.streets.open_barriers import OpenBarriers
from gusu_geo.streets.plazas import cross_plazas
from gusu_geo.study.catalog import RulePack
from gusu_geo.study.params import NO_FILE, NetworkParams, Study
from gusu_geo.study.study_file import open_study
from gusu_geo.tables import Candidates, City, Note, Reading
from gusu_geo.tidying import seldom_tidied
from gusu_geo.walking.impedance import Impedance
from gusu_geo.words import note, text

if TYPE_CHECKING:
    from gusu_geo.streets.slopes import Slopes

Progress = Callable[[str], None]
NAMED = 12  # most compounds named in a note


@seldom_tidied()
def prepare(
    study: str | Path | Study,
    *,
    out: str | Path = ".",
    force: bool = False,
    progress: Progress | None = None,
) -> Ground:
    """Read the sources, or their cache, and build the network."""
    study = with_raw_data(open_study(study), out)
    pack = rule_of(study).pack
    days_off = None
    if study.hours.calendar is not None:  # before the sources, which take longer
        days_off = read_days_off(study.path(study.hours.calendar), "hours")
    report_stage(progress, "read")
    key = digest_of(study, pack)
    city = cached_city(study, pack, folder=data_folder(study, out), key=key, force=force)
    if len(city.residences.frame) == 0:
        raise SourceError(text("error.no_residences"), where=study.name)
    report_stage(progress, "network")
    return ground_on(study, pack, city, run_id=result_id(study, key), days_off=days_off)


def ground_on(
    study: Study,
    pack: RulePack,
    city: City,
    *,
    run_id: str = "",
    days_off: DaysOff | None = None,
) -> Ground:
    """The ground of a study whose sources are read; days_off: of its own calendar."""
    params = study.network
    gated = gate_streets(
        city.streets, city.compounds, city.gates, crs=city.crs, policy=params.gates
    )
    barriers = _barriers(city, gated, params)
    # Also where all gates are opened: other ways across would cut streets elsewhere.
    known = barriers.closed if isinstance(barriers, OpenBarriers) else barriers
    walls = gpd.GeoDataFrame(geometry=known.shapes[known.kind == BarrierKind.WALL], crs=city.crs)
    streets = cross_plazas(gated.streets, city.plazas, crs=city.crs, walls=walls)
    network = build_network(streets, city.crs)
    notes, more = _compound_notes(gated.compounds), list[Reading]()
    rooms = list[Candidates]()
    listed = [each for each in study.candidates if each.source not in NO_FILE]
    evidence = surveyed_evidence(city.surroundings) if listed else None
    for each in listed:
        rooms.append(read_candidates(study, each, pack, city.crs, evidence))
        more.append(candidate_reading(each.source, rooms[-1], city.area.geometry.iloc[0]))
        city = _with_candidates(city, each.source, rooms[-1])
    if any(each.source == "osm" for each in study.candidates):
        more.append(city.facts["idle"])
    notes += fault_notes(more)
    if params.dem is not None:
        network, slopes = _with_heights(network, study.path(params.dem))
        notes += _height_notes(slopes, params.dem.name)
        more.append(_height_reading(slopes, params.dem.name))
    if study.hours.asked:
        notes += hours_notes(timetable_of(study, city, days_off))
    return Ground(
        study=study,
        pack=pack,
        city=_with_sources(city, more),
        network=network,
        barriers=barriers,
        compounds=gated.compounds,
        heights="" if params.dem is None else params.dem.name,
        notes=tuple(notes),
        run_id=run_id,
        candidates=joined(rooms) if rooms else None,
        days_off=days_off,
    )


def _with_sources(city: City, more: list[Reading]) -> City:
    """The city with further rows in the ledger of the reader: sources that no cache keeps."""
    if not more:
        return city
    return replace(city, facts={**city.facts, "sources": [*city.facts.get("sources", []), *more]})


def _with_candidates(city: City, source: str | Path, candidates: Candidates) -> City:
    """The city with what became of the file of candidates, which no cache keeps."""
    account, rejected = candidate_account(source, candidates)
    facts = city.facts.copy()
    facts["ledgers"] = [*city.facts.get("ledgers", []), account]
    facts["rejected"] = [*city.facts.get("rejected", []), *rejected]
    return replace(city, facts=facts)


def _with_heights(network: WalkNetwork, dem: Path) -> tuple[WalkNetwork, Slopes]:
    """The network with slopes, and what they were made of."""
    from gusu_geo.streets.slopes import read_dem, slopes_of  # most studies have no heights

    slopes = slopes_of(network, read_dem(dem))
    return network.with_slopes(slopes.slope_pm), slopes


def _height_notes(slopes: Slopes, name: str) -> list[Note]:
    """A note where some streets lie outside the raster."""
    if slopes.unknown_share == 0:
        return []
    return [note("heights_missing", percent=100 * slopes.unknown_share, name=name)]


def _height_reading(slopes: Slopes, name: str) -> Reading:
    """What became of the pieces of street whose rise was asked for."""
    return reading(
        name,
        "heights",
        read=slopes.pieces,
        used=slopes.pieces - slopes.unknown,
        left_out={"no_height": slopes.unknown},
        doubted={"steep": slopes.steep},
    )


def _compound_notes(compounds: gpd.GeoDataFrame) -> list[Note]:
    """A note that compounds without a known gate can be entered anywhere."""
    unknown = compounds[compounds["status"] == CompoundStatus.UNKNOWN]
    if len(unknown) == 0:
        return []
    named = tuple(str(name) for name in unknown["name"] if name)[:NAMED]
    more = " …" if len(unknown) > len(named) else ""
    counts = {"unknown": len(unknown), "all": len(compounds)}
    return [note("compounds_without_gate", **counts, names=named, more=more)]


def _barriers(city: City, gated: Gated, params: NetworkParams) -> Barriers:
    """Barriers that legs must not cross; without walls if gates = "open"."""
    closed = Barriers.of(
        city.surroundings, city.gates, extra=gated.walls, gaps=gated.gaps, crs=city.crs
    )
    return OpenBarriers.opened(closed) if params.gates == "open" else closed


def candidates_of(ground: Ground) -> Candidates:
    """Candidate sites: those of the study's files, along the streets of the area, and empty and
    public buildings in it."""
    found = [] if ground.candidates is None else [ground.candidates]
    area = ground.city.area.geometry.iloc[0]
    for params in ground.study.candidates:
        if params.source == "streets":
            places = sample_candidates(ground.network, spacing_m=params.spacing_m, area=area)
            found.append(with_cost(places, params.cost))
        elif params.source == "osm" and ground.city.idle is not None:
            closed = Impedance.of(ground.network, ground.study.walk).closed
            places = at_one_door(
                ground.city.idle, ground.network, linking=ground.linking, closed=closed
            )
            found.append(with_cost(places, params.cost))
    return joined(found)


def report_stage(progress: Progress | None, stage: str) -> None:
    """Report the stage that begins to ``progress``, if given."""
    if progress is not None:
        progress(stage)


STAGES = ("read", "network", "link", "search", "judge", "draw", "survey", "write")
