"""Hands the objects of a file out to the files of the regions that get them."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gusu_geo.errors import InputError, OutputError
from gusu_geo.fetching.links import CHUNK, Links, out_of_order
from gusu_geo.fetching.merge import METADATA, header_of
from gusu_geo.fetching.sets import Numbers
from gusu_geo.fetching.shares import Shares
from gusu_geo.foreign import each, fault, foreign
from gusu_geo.sources.osm.file import OsmFile
from gusu_geo.study.area import Box
from gusu_geo.tables import Ints
from gusu_geo.words import text

BUFFER = 1 << 20  # bytes that a writer collects
_FULLER = 1.5  # bytes of an object, against the file's: smaller files pack less well
_FULL = (errno.ENOSPC, errno.EDQUOT)


def check_room(file: OsmFile, links: Links, counts: Ints, folder: Path) -> None:
    """Raises OutputError: osmium would end the whole process when the disk is full."""
    objects = max(links.nodes + links.ways + links.relations, 1)
    needed = file.content.stat().st_size * _FULLER * counts.sum() / objects
    with foreign("output", folder):
        free = shutil.disk_usage(folder).free
    if free < needed:
        raise OutputError(text("error.disk_full"), where=folder)


def write(
    file: OsmFile, shares: Shares, targets: Mapping[int, Path], boxes: Sequence[Box | None]
) -> None:
    """Write the regions into the targets, in the order of the file; boxes: what they cover.

    Raises SourceError: not in order; OutputError: a target cannot be written, or no longer.
    """
    import osmium

    writers: dict[int, Any] = {}
    with foreign("osm", file.path):
        things: Any = osmium.FileProcessor(file.source())
    try:
        for k, target in targets.items():
            form = osmium.io.File(str(target), METADATA)
            header = header_of(boxes[k], file.date, ordered=file.sorted)
            writers[k] = osmium.SimpleWriter(form, BUFFER, header, overwrite=True)
        _share_out(file, each("osm", things, file.path), shares, writers)
        for writer in writers.values():
            writer.close()
    except (RuntimeError, OSError) as error:
        for writer in writers.values():  # osmium ends the process where a broken writer ends
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))  # so it never does
        raise _cannot_write(targets, error) from error


def _cannot_write(targets: Mapping[int, Path], error: Exception) -> InputError:
    """What the system says of the first target that cannot grow: osmium does not tell."""
    for target in targets.values():
        try:
            with target.open("ab") as out:
                out.write(bytes(BUFFER))
                out.flush()
                os.fsync(out.fileno())
        except OSError as reason:
            if reason.errno in _FULL:
                return OutputError(text("error.disk_full"), where=target.parent)
            return fault("output", reason, target.parent)
    return fault("output", error, next(iter(targets.values())).parent)


def _share_out(
    file: OsmFile, things: Iterator[Any], shares: Shares, writers: Mapping[int, Any]
) -> None:
    """Hand every object of the file to the writers of its regions."""
    from osmium.osm import Node, Relation, Way

    members = shares.sets.members().tolist()
    for kind, numbers, name in (
        (Node, shares.nodes, "add_node"),
        (Way, shares.ways, "add_way"),
        (Relation, shares.relations, "add_relation"),
    ):
        add = {k: getattr(writer, name) for k, writer in writers.items()}
        adds = [tuple(add[k] for k in add if row[k]) for row in members]
        for block in _blocks(numbers):
            for number, thing in zip(block, things, strict=False):
                if thing.__class__ is not kind:
                    raise out_of_order(file.path)
                for hand in adds[number]:
                    hand(thing)
    if next(things, None) is not None:
        raise out_of_order(file.path)


def _blocks(numbers: Numbers) -> Iterator[list[int]]:
    for at in range(0, len(numbers), CHUNK):
        yield numbers[at : at + CHUNK].tolist()
