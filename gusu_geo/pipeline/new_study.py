"""A new study to begin with: a commented study file, a ledger workbook and an OSM file, which run
as they are, and a workbook of the district's own ledgers to be switched on; or a copy of a built-in
study with everything it names."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from gusu_geo.errors import InputError, OutputError, StudyError, nearest_name
from gusu_geo.pipeline.workplace import LOCK, remove, workplace
from gusu_geo.report.district_book import district_book
from gusu_geo.report.starter_book import PACKS, example_service, starter_book
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.study_file import builtin_studies, open_study
from gusu_geo.study.template import study_template
from gusu_geo.words import language, text

PACK = "everyday-ten"
EXAMPLE = "monaco"  # the built-in study whose OSM file is copied
STUDY, LEDGER, DATA = "study.toml", "ledgers/venues.xlsx", "data"
DISTRICT = "ledgers/district.xlsx"  # signals, teams, bodies: of parts that are switched off
SOURCES = "SOURCES.md"  # where the data are from, and their licence
LETTERS_MAX = 40  # of the study's name, taken from the folder


def new_study(
    folder: str | Path,
    *,
    pack: str | None = None,
    lang: str | None = None,
    like: str = "",
) -> list[Path]:
    """Write a study into a folder that is new or empty; the paths of its files, the study first.

    pack: None: ``PACK``. lang: "zh" or "en", of comments and sheets; None: the language in force.
    like: the built-in study to copy, with its own pack and comments. Whole or not at all.
    Raises InputError: something stands there already, or the folder cannot be written; StudyError:
    no such pack or built-in study, or another pack than that of the study to copy.
    """
    if like:
        _refuse_other_pack(like, pack)
    pack = pack or PACK
    if pack not in PACKS and not like:
        raise StudyError(text("error.no_example"), got=pack, fix=nearest_name(pack, PACKS))
    place, lang = Path(folder), lang or language()
    try:
        _refuse_taken(place)
        whole = place.resolve()
        # In the nearest folder that is there: on the same disk, so that moving cannot fail halfway.
        above = next(each for each in (whole, *whole.parents) if each.is_dir())
        with workplace(above) as work:
            if like:
                _copy(work, name=_name_of(whole), original=builtin_studies()[like])
            else:
                _build(work, name=_name_of(whole), pack=pack, lang=lang)
            names = _files_of(work)
            whole.mkdir(parents=True, exist_ok=True)
            _move(work, whole)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        fix = text("error.other_folder")
        raise OutputError(
            text("error.cannot_write", reason=reason), where=place, fix=fix
        ) from error
    return [place / name for name in names]


def _refuse_other_pack(like: str, pack: str | None) -> None:
    """Raises StudyError: no such built-in study, or its rules are written for another pack: which
    services have tiers, what rules of their own ask for."""
    if like not in builtin_studies():
        fix = nearest_name(like, builtin_studies())
        raise StudyError(text("error.no_builtin"), got=like, fix=fix)
    own = open_study(builtin_studies()[like]).rule.pack
    if pack not in (None, own):
        what, fix = text("error.copy_pack", study=like, pack=own), text("error.copy_pack_fix")
        raise StudyError(what, where="--pack", got=pack, fix=fix)


def _refuse_taken(place: Path) -> None:
    """Raises InputError: a file, or a folder that holds something. OSError: it cannot be read."""
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise InputError(text("error.no_folder"), where=place, fix=text("error.other_folder"))
    first = next((path.name for path in sorted(place.iterdir())), None)
    if first is not None:
        fix = text("error.other_folder")
        raise InputError(text("error.folder_taken"), where=place, got=first, fix=fix)


def _name_of(folder: Path) -> str:
    """A name for the study: that of the folder, of the letters that a name may have."""
    plain = re.sub(r"[^\w.-]+", "-", folder.name).strip("-.")[:LETTERS_MAX]
    return plain or "study"


def _build(work: Path, *, name: str, pack: str, lang: str) -> None:
    """All files, in a folder that nobody sees yet."""
    example = open_study(builtin_studies()[EXAMPLE])
    osm = example.path(example.network.osm)
    for folder in (DATA, Path(LEDGER).parent):
        (work / folder).mkdir()
    for path in (osm, osm.with_name(SOURCES)):
        shutil.copyfile(path, work / DATA / path.name)
    (work / LEDGER).write_bytes(starter_book(load_pack(pack), lang))
    (work / DISTRICT).write_bytes(district_book(lang))
    words = study_template(lang, name=name, pack=pack, service=example_service(pack))
    (work / STUDY).write_text(words, encoding="utf-8")


def _copy(work: Path, *, name: str, original: Path) -> None:
    """The study file with its paths made those of the copy, and every file that it names: OSM file
    and heights into ``DATA``, ledgers beside each other."""
    words = original.read_text(encoding="utf-8")
    document = tomllib.loads(words)
    network = document.get("network", {})
    for named in dict.fromkeys(_texts_in(document)):
        source = original.parent / named
        if not source.is_file():
            continue
        place = DATA if named in (network.get("osm"), network.get("dem")) else Path(LEDGER).parent
        copied = f"{place}/{source.name}"
        (work / place).mkdir(exist_ok=True)
        shutil.copyfile(source, work / copied)
        words = words.replace(f'"{named}"', f'"{copied}"')
        notice = source.with_name(SOURCES)
        if notice.is_file():
            shutil.copyfile(notice, work / place / SOURCES)
    words = re.sub(r"^#:schema .*\n", "", words)  # it is not beside the copy
    words = re.sub(r'^name = "[^"]*"', lambda _: f'name = "{name}"', words, count=1, flags=re.M)
    (work / STUDY).write_text(words, encoding="utf-8")


def _texts_in(part: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for member in part.values() if isinstance(part, dict) else part:
            yield from _texts_in(member)


def _files_of(work: Path) -> list[str]:
    """What was built, the study first, then ledgers and data."""
    found = [path for path in work.rglob("*") if path.is_file() and path.name != LOCK]
    names = sorted(path.relative_to(work).as_posix() for path in found)
    return sorted(names, key=lambda each: (each != STUDY, each.startswith(f"{DATA}/")))


def _move(work: Path, whole: Path) -> None:
    """Move the parts into place, the study file last; on a failure none of them stays."""
    parts = sorted(path for path in work.iterdir() if path.name != LOCK)
    moved: list[Path] = []
    try:
        for path in sorted(parts, key=lambda each: each.name == STUDY):
            if os.path.lexists(whole / path.name):  # somebody else was faster
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            moved.append(path.rename(whole / path.name))
    except OSError:
        for path in moved:
            with suppress(OSError):
                remove(path)
        raise
