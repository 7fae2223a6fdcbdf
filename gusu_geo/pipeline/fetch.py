"""Get the OSM data of a study: asked of Overpass, or cut from an extract that is there."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import TypedDict

from gusu_geo.errors import StudyError
from gusu_geo.fetching.cut import cut
from gusu_geo.fetching.merge import Written, merge
from gusu_geo.fetching.overpass import Answer, fetch_tiles
from gusu_geo.fetching.region import Region, region_of
from gusu_geo.fetching.servers import Asking
from gusu_geo.foreign import plain_file
from gusu_geo.pipeline.files import cannot_write
from gusu_geo.pipeline.raw_data import raw_path
from gusu_geo.pipeline.workplace import workplace
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study
from gusu_geo.words import Note, Text, note, text

LICENCE = "© OpenStreetMap contributors, ODbL 1.0, https://www.openstreetmap.org/copyright"
ANSWERS = "overpass"  # the folder beside the file that keeps answers


class Objects(TypedDict):
    """How many objects a file holds."""

    nodes: int
    ways: int
    relations: int


class Fetched(TypedDict):
    """What was fetched: the file by its place under ``out``, with its content; no path of this
    machine. tiles: asked now and kept from before, both 0 for a cut."""

    study: str
    file: str
    bytes: int
    sha256: str
    objects: Objects
    data_date: str
    box: list[float]
    buffer_m: float
    source: str
    tiles_asked: int
    tiles_kept: int
    licence: str
    notes: list[Note]


@dataclass(frozen=True)
class _Got:
    """Where the data came from, and what was written."""

    written: Written
    source: str
    answers: Sequence[Answer] = ()


def fetch(
    study: str | Path | Study,
    *,
    out: str | Path = ".",
    pbf: str | Path | None = None,
    asking: Asking | None = None,
    force: bool = False,
    tell: Callable[[Text], None] | None = None,
) -> Fetched:
    """Write the OSM data of the study's area and buffer to ``out/data/raw/``, where ``run`` looks
    first.

    pbf: an extract to cut from; without it Overpass is asked, as ``asking`` says, and its answers
    are kept in ``out/data/raw/overpass/``, so that a fetch that was stopped goes on where it was.
    force: ask again for what was kept. tell: gets a message for each step. The file appears at the
    end, whole; a fetch that fails leaves an earlier one as it is.
    Raises InputError or a subclass: study, extract, addresses, folder, or no server answers.
    """
    study, tell, asking = open_study(study), tell or _silent, (asking or Asking()).checked()
    region, target = region_of(study), raw_path(study, out)
    if pbf is not None:
        plain_file(Path(pbf), "osm")
        _refuse_itself(Path(pbf), target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(target.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with workplace(target.parent) as work:
            part = work / "new.osm.pbf"
            if pbf is None:
                got = _asked(region, asking, target.parent / ANSWERS, part, force=force, tell=tell)
            else:
                tell(text("fetch.cutting", file=Path(pbf).name))
                got = _Got(cut(Path(pbf), region, part), Path(pbf).name)
            facts = _facts(study, out, region, got, part)
            part.replace(target)
    except OSError as error:
        raise cannot_write(target.parent, error) from error
    return facts


def _asked(
    region: Region,
    asking: Asking,
    folder: Path,
    target: Path,
    *,
    force: bool,
    tell: Callable[[Text], None],
) -> _Got:
    folder.mkdir(exist_ok=True)
    answers = fetch_tiles(region, asking, folder=folder, work=target.parent, force=force, tell=tell)
    tell(text("fetch.merging"))
    return _Got(merge(answers, region.reach, target), "Overpass", answers)


def _facts(study: Study, out: str | Path, region: Region, got: _Got, part: Path) -> Fetched:
    with part.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    asked = sum(answer.asked for answer in got.answers)
    return {
        "study": study.name,
        "file": raw_path(study, out).relative_to(out).as_posix(),
        "bytes": part.stat().st_size,
        "sha256": digest,
        "objects": {
            "nodes": got.written.nodes,
            "ways": got.written.ways,
            "relations": got.written.relations,
        },
        "data_date": got.written.date,
        "box": list(region.reach),
        "buffer_m": study.area.buffer_m,
        "source": got.source,
        "tiles_asked": asked,
        "tiles_kept": len(got.answers) - asked,
        "licence": LICENCE,
        "notes": _notes(got.answers),
    }


def _notes(answers: Sequence[Answer]) -> list[Note]:
    """A note where answers were given on different days."""
    days = sorted(answer.base[:10] for answer in answers if answer.base)
    if not days or days[0] == days[-1]:
        return []
    return [note("answers_of_days", first=days[0], last=days[-1])]


def _refuse_itself(pbf: Path, target: Path) -> None:
    """Raises StudyError: the extract is the very file that is to be written."""
    if target.exists() and pbf.samefile(target):
        raise StudyError(text("error.cut_itself"), where=pbf, fix=text("error.cut_other"))


def _silent(message: Text) -> None:
    """Used when the caller wants no messages."""
    del message
