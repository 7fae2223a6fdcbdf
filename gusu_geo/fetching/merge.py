"""Answers of tiles become one OSM file: every object once, in order, the same bytes each time."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gusu_geo.errors import OutputError, SourceError
from gusu_geo.fetching.overpass import Answer
from gusu_geo.foreign import each, foreign
from gusu_geo.study.area import Box
from gusu_geo.words import text

if TYPE_CHECKING:
    import osmium

# What a reader needs of an object's history, and not who edited it.
METADATA = "pbf,add_metadata=version+timestamp"
UNPACKED_TIMES = 12  # XML to packed XML, and PBF is smaller: room for two copies


@dataclass(frozen=True)
class Written:
    """What an OSM file holds: how many objects of each kind, and of which date, "" if unknown."""

    nodes: int
    ways: int
    relations: int
    date: str


def merge(answers: Sequence[Answer], box: Box, target: Path) -> Written:
    """Write the answers as one PBF file; ``box``: what they cover, in degrees.

    Where tiles that were asked at different times differ, the newer answer counts; the date is that
    of the oldest. Raises SourceError: an answer is damaged, or all are empty; OutputError: no room.
    """
    import osmium

    needed = UNPACKED_TIMES * sum(answer.path.stat().st_size for answer in answers)
    if shutil.disk_usage(target.parent).free < needed:  # osmium would end the whole process
        raise OutputError(text("error.disk_full"), where=target.parent)
    newest_first = sorted(answers, key=lambda answer: answer.base, reverse=True)
    date = newest_first[-1].base
    loose = target.with_name("loose.osm.pbf")
    counts = _every_object_once(newest_first, loose)
    if not counts["n"]:
        raise SourceError(text("error.nothing_there"), fix=text("error.check_region"))
    with foreign("output", target):
        merger = osmium.MergeInputReader()
        merger.add_file(str(loose))
        with osmium.SimpleWriter(
            osmium.io.File(str(target), METADATA), header=header_of(box, date, ordered=True)
        ) as writer:
            merger.apply(writer, simplify=False)
    loose.unlink()
    return Written(counts["n"], counts["w"], counts["r"], date)


def header_of(box: Box | None, date: str, *, ordered: bool) -> osmium.io.Header:
    """The head of a file of ours; date: of the data, ISO 8601 in UTC."""
    import osmium

    header = osmium.io.Header()
    header.set("generator", "gusu-geo")
    if ordered:
        header.set("sorting", "Type_then_ID")
    if date:
        header.set("osmosis_replication_timestamp", date)
    if box is not None:
        header.add_box(osmium.osm.Box(*box))
    return header


def _every_object_once(answers: Sequence[Answer], target: Path) -> dict[str, int]:
    """Write all objects of the answers, those of earlier ones first; counts by kind."""
    import osmium

    seen: dict[str, set[int]] = {"n": set(), "w": set(), "r": set()}
    with (
        foreign("output", target),
        osmium.SimpleWriter(osmium.io.File(str(target), METADATA)) as out,
    ):
        for answer in answers:
            source = osmium.io.File(str(answer.path), "osm.gz")
            with foreign("osm", answer.path):
                things: Any = osmium.FileProcessor(source)
            for thing in each("osm", things, answer.path):
                known = seen[thing.type_str()]
                if thing.id not in known:
                    known.add(thing.id)
                    out.add(thing)
    return {kind: len(known) for kind, known in seen.items()}
