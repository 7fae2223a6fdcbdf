"""The one boundary around code of others that reads files: all that it raises becomes InputError.

    with foreign("toml", path):
        document = tomllib.loads(content)

Only the call of the other's code stands inside: what our own code raises outside of it stays a
fault of ours. ``PARSERS`` is the one list of what is read, of which error it gives, and how a
reader mends it. Standard library only.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from gusu_geo.errors import (
    GusuGeoError,
    InputError,
    NetworkError,
    OutputError,
    SourceError,
    StudyError,
    shortened,
)
from gusu_geo.words import Text, text

T = TypeVar("T")
_OURS = (GusuGeoError, KeyboardInterrupt, SystemExit, GeneratorExit)


@dataclass(frozen=True)
class Parser:
    """What is said when a parser fails.

    error: the class raised; what, fix: keys of texts, ``what`` may name {kind} (the parser's key)
    and {error} (its own words); not_text: key of the text for bytes that are no UTF-8, and fix.
    """

    error: type[InputError]
    what: str
    fix: str
    not_text: tuple[str, str] | None = None


_UTF8 = ("error.not_utf8", "error.save_utf8")
_LEDGER = Parser(SourceError, "error.cannot_read_as", "error.complete_and_kind")

PARSERS: Mapping[str, Parser] = MappingProxyType(
    {
        "output": Parser(OutputError, "error.cannot_write_because", "error.name_file"),
        "toml": Parser(StudyError, "error.not_toml", "error.mend_syntax", _UTF8),
        "json": Parser(InputError, "error.not_json", "error.mend_syntax", _UTF8),
        "path": Parser(StudyError, "error.no_file_name", "error.check_path"),
        "file": Parser(SourceError, "error.cannot_read", "error.check_readable"),
        "osm": Parser(
            SourceError,
            "error.osm_damaged",
            "error.copy_again",
            ("error.osm_not_utf8", "error.copy_again"),
        ),
        **dict.fromkeys(
            (
                *(".csv", ".tsv", ".txt", ".xlsx", ".xls", ".et", ".ods"),
                *(".geojson", ".json", ".gpkg", ".shp", ".parquet"),
            ),
            _LEDGER,
        ),
        "epsg": Parser(StudyError, "error.unknown_epsg", "error.write_crs"),
        "shape": Parser(SourceError, "error.bad_shape", "error.mend_rows"),
        "crs": Parser(SourceError, "error.crs_unusable", "error.give_usable_crs"),
        "raster": Parser(SourceError, "error.no_raster", "error.give_raster"),
        "heights": Parser(SourceError, "error.cannot_read", "error.fetch_again"),
        "network": Parser(NetworkError, "error.network_not_whole", "error.build_again"),
        "graphml": Parser(NetworkError, "error.not_graphml", "error.complete_and_kind"),
        "graph": Parser(NetworkError, "error.graph_crs", "error.give_usable_crs"),
    }
)


@contextmanager
def foreign(
    parser: str, path: str | Path, *, where: str | Path | None = None, got: object = None
) -> Iterator[None]:
    """Whatever is raised inside, but our own errors, becomes the InputError of ``parser``.

    path: the file that is read; where: how its place is shown, default: the path; got: what was
    given, if it is no file.
    """
    try:
        yield
    except _OURS:
        raise
    except BaseException as error:  # panics of Rust are no Exception
        raise fault(parser, error, path if where is None else where, got) from error


def each(parser: str, things: Iterable[T], path: str | Path) -> Iterator[T]:
    """The things one by one; only what making the next one raises becomes an InputError."""
    with foreign(parser, path):
        yield from things


def fault(parser: str, error: BaseException, where: str | Path, got: object = None) -> InputError:
    """The InputError for what a parser raised while it read ``where``."""
    known = PARSERS[parser]
    words = _words(error)
    what, fix = text(known.what, kind=parser, error=words, strerror=words), text(known.fix)
    if isinstance(error, UnicodeDecodeError) and known.not_text is not None:
        what, fix = (text(key) for key in known.not_text)
    elif isinstance(error, OSError) and error.errno is not None and parser != "path":
        if known.error is OutputError:
            what = text("error.cannot_write_because", strerror=words)
        else:
            what = text("error.cannot_read_because", strerror=words)
            fix = text("error.check_readable")
    elif isinstance(error, MemoryError):
        what = text("error.beyond_memory")
    return known.error(what, where=where, got=got, fix=fix)


def plain_file(path: Path, parser: str, *, where: str | Path | None = None) -> Path:
    """The path, of a file that can be opened and ends: no folder, device or pipe.

    Raises the InputError of ``parser``: none there, or something else.
    """
    known, spot = PARSERS[parser], path if where is None else where
    with foreign("path", path, where=spot):
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            mode = 0
    if stat.S_ISREG(mode):
        return path
    if mode == 0:
        what = text("error.no_file")
    else:
        folder = stat.S_ISDIR(mode)
        what = text("error.folder_not_file" if folder else "error.special_file")
    raise known.error(what, where=spot, fix=text("error.check_the_path"))


def read_text(path: Path, parser: str) -> str:
    """The text of a file in UTF-8, without its byte order mark. Raises the InputError of
    ``parser``: no such file, no plain file, not readable, not UTF-8."""
    with foreign(parser, plain_file(path, parser)):
        return path.read_text(encoding="utf-8-sig")


def _words(error: BaseException) -> str | Text:
    """What the other's code says, in one line; the name of the error if it says nothing."""
    if isinstance(error, RecursionError):
        return text("error.too_deep")
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)  # without the path, which stands before it
    return shortened(" ".join(str(error).split()).rstrip(".")) or type(error).__name__
