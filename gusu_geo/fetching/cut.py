"""Cuts regions out of a large OSM file, such as the districts of a province.

The file streams by three times, for however many regions: nodes, then ways and relations, then all
to be written. Which region gets an object is a number for each, in memory; ids lie in tables on
disk, and osmium's own sets of ids are not used: they have a bit for every id of OpenStreetMap,
1.5 GB for any file.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from gusu_geo.errors import InputError, SourceError
from gusu_geo.fetching.links import Links, links_of, out_of_order
from gusu_geo.fetching.merge import Written
from gusu_geo.fetching.region import Region
from gusu_geo.fetching.shares import Shares, shares_of
from gusu_geo.fetching.writing import check_room, write
from gusu_geo.foreign import foreign
from gusu_geo.sources.osm.child import in_child
from gusu_geo.sources.osm.file import OsmFile
from gusu_geo.sources.osm.handover import fault_as_json, fault_of
from gusu_geo.study.area import Box
from gusu_geo.tables import Ints
from gusu_geo.words import text

AT_ONCE = 128  # regions written in one stream: each takes some 3 MB and an open file
PART = ".part"  # ends the name of a file that is not whole yet


@dataclass(frozen=True)
class Outcome:
    """What became of a region: what was written, or the fault as JSON."""

    written: Written | None
    fault: str = ""


def cut(source: Path, region: Region, target: Path) -> Written:
    """Write the region of a PBF file into ``target``, as ``cut_all`` does.

    Raises SourceError: no PBF, damaged, not in order, or without data of the area; OutputError.
    """
    (done,) = cut_all(source, [region], [target])
    if isinstance(done, InputError):
        raise done
    return done


def cut_all(
    source: Path, regions: Sequence[Region], targets: Sequence[Path], *, at_once: int = AT_ONCE
) -> list[Written | InputError]:
    """Write each region of a PBF file into its target: every node in its reach, the ways with such
    a node, whole, and the relations with such a member; areas with all their ways
    (``comes_whole``). The same bytes whichever regions are cut together.

    at_once: regions written in one stream of the file. Answers what was written of each region, or
    its SourceError: the file has no data of its area. A target appears at the end, whole.
    Raises SourceError: no PBF, damaged, not in order; OutputError: no room, or not writable.
    """
    parts = [target.with_name(target.name + PART) for target in targets]
    jobs = [_packed(region, part) for region, part in zip(regions, parts, strict=True)]
    try:
        outcomes = in_child(cut_file, source, jobs=jobs, at_once=at_once)
        for outcome, part, target in zip(outcomes, parts, targets, strict=True):
            if outcome.written is not None:
                with foreign("output", target):
                    part.replace(target)
    finally:
        for part in parts:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return [outcome.written or fault_of(outcome.fault) for outcome in outcomes]


def cut_file(folder: Path, path: Path, jobs: list[dict[str, Any]], at_once: int) -> list[Outcome]:
    """``cut_all`` as it runs in a process of its own; the regions in their parts."""
    regions = [_region(job) for job in jobs]
    parts = [Path(job["target"]) for job in jobs]
    file = OsmFile.open(path, folder)
    if file.edits.to_copy:  # several versions of an object
        raise out_of_order(path)
    if not any(_touches(file, region) for region in regions):
        return [Outcome(None, fault_as_json(_elsewhere(file, region))) for region in regions]
    links = links_of(file, folder, sorted({region.level for region in regions}))
    outcomes: list[Outcome] = []
    for first in range(0, len(regions), at_once):
        some = slice(first, first + at_once)
        outcomes += _cut_some(file, links, regions[some], parts[some])
    return outcomes


def _cut_some(
    file: OsmFile, links: Links, regions: Sequence[Region], parts: Sequence[Path]
) -> list[Outcome]:
    """Cut regions in one stream."""
    shares = shares_of(links, regions)
    faults = [_fault(file, links, shares, k, region) for k, region in enumerate(regions)]
    counts = shares.counts()
    targets = {k: parts[k] for k, fault in enumerate(faults) if fault is None}
    if targets:
        check_room(file, links, counts[:, list(targets)], next(iter(targets.values())).parent)
        write(file, shares, targets, [_covered(file, region) for region in regions])
    return [
        Outcome(None, fault_as_json(fault))
        if fault is not None
        else Outcome(_written(counts[:, k], file.date))
        for k, fault in enumerate(faults)
    ]


def _written(counts: Ints, date: str) -> Written:
    nodes, ways, relations = counts.tolist()
    return Written(nodes, ways, relations, date)


def _fault(
    file: OsmFile, links: Links, shares: Shares, k: int, region: Region
) -> InputError | None:
    """Why region ``k`` cannot be cut, None if it can."""
    if not shares.inside[k] or not _touches(file, region):
        return _elsewhere(file, region)
    if not links.faults:
        return None
    mine = shares.sets.members()[:, k]
    return next((f for at, f in links.faults.items() if mine[shares.relations[at]]), None)


def _touches(file: OsmFile, region: Region) -> bool:
    """Whether the area lies where the file says that it has data."""
    whole = shapely.union_all([shapely.box(*box) for box in file.edits.boxes])
    return not file.edits.boxes or shapely.box(*region.area).intersects(whole)


def _covered(file: OsmFile, region: Region) -> Box | None:
    """The part of the reach that the file says it covers; None if it does not say."""
    if not file.edits.boxes:
        return None
    whole = shapely.union_all([shapely.box(*box) for box in file.edits.boxes])
    return _box(shapely.bounds(shapely.box(*region.reach).intersection(whole)).tolist())


def _packed(region: Region, part: Path) -> dict[str, Any]:
    """A region as JSON holds it."""
    shape = None if region.shape is None else shapely.to_wkb(region.shape, hex=True)
    return {
        "area": list(region.area),
        "reach": list(region.reach),
        "level": region.level,
        "shape": shape,
        "target": str(part),
    }


def _region(job: dict[str, Any]) -> Region:
    shape = None if job["shape"] is None else shapely.from_wkb(job["shape"])
    return Region(_box(job["area"]), _box(job["reach"]), job["level"], shape)


def _box(sides: list[float]) -> Box:
    west, south, east, north = sides
    return west, south, east, north


def _elsewhere(file: OsmFile, region: Region) -> SourceError:
    boxes = [", ".join(f"{side:.4f}" for side in box) for box in file.edits.boxes]
    area = ", ".join(f"{side:.4f}" for side in region.area)
    data = "; ".join(boxes) if boxes else text("fetch.no_box")
    return SourceError(
        text("error.pbf_elsewhere"),
        where=file.path,
        got=text("error.two_boxes", area=area, data=data),
        fix=text("error.other_extract"),
    )
