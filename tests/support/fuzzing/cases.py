"""One spoiled input by its kind and number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from fuzzing import packed, texts
from fuzzing.octets import Change, any_octets, odd_word
from fuzzing.seeds import Files

XML = (texts.xml_tree, texts.xml_tree, texts.xml_tree, texts.xml_prolog, texts.numbers_in, texts.words_in, texts.lines_in, texts.encoded)  # fmt: skip
JSON = (texts.json_tree, texts.json_tree, texts.json_tree, texts.json_depth, texts.numbers_in, texts.words_in, texts.encoded)  # fmt: skip
TOML = (texts.toml_tree, texts.toml_tree, texts.toml_tree, texts.numbers_in, texts.words_in, texts.lines_in, texts.encoded)  # fmt: skip
TABLE = (texts.csv_cells, texts.csv_cells, texts.csv_cells, texts.numbers_in, texts.lines_in, texts.encoded)  # fmt: skip


def _word(draw: Random, content: bytes) -> bytes:
    return odd_word(draw).encode()


# Beside ``any_octets``, which every kind gets in a third of its cases.
CHANGES: Mapping[str, tuple[Change, ...]] = MappingProxyType(
    {
        "pbf": (packed.pbf_blocks,),
        "osm": XML,
        "gz": (packed.regzipped,),
        "bz2": (packed.rebzipped,),
        "csv": TABLE,
        "xlsx": (packed.reworked_book,),
        "geojson": JSON,
        "gpkg": (packed.gpkg_rows,),
        "shp": (packed.dbf_or_shp,),
        "parquet": (packed.parquet_table,),
        "polygons": JSON,
        "study": TOML,
        "pack": TOML,
        "profile": (_word,),
        "scenario": JSON,
        "cache": (any_octets,),
        "network": (packed.reworked_arrays,),
        "graphml": XML,
        "dem": (packed.tiff_entry,),
    }
)


@dataclass(frozen=True)
class Case:
    """A spoiled input. files: as they lie in the folder; how: the change; octets: whether it knew
    nothing of the format, so that check sums do not fit."""

    kind: str
    number: int
    files: Files
    how: str
    octets: bool


def case(seed: int, kind: str, number: int, whole: Files) -> Case:
    """The input of that number; whole: the seed's files of the kind."""
    draw = Random(f"{seed}/{kind}/{number}")
    files, names = dict(whole), list(whole)
    if len(names) > 1 and draw.random() < 0.12:
        one, two = draw.sample(names, 2)
        if draw.random() < 0.5:
            del files[one]
            return Case(kind, number, files, f"without {one}", octets=True)
        files[one], files[two] = files[two], files[one]
        return Case(kind, number, files, f"{one} and {two} swapped", octets=True)
    name = draw.choice(names)
    change = any_octets if draw.random() < 1 / 3 else draw.choice(CHANGES[kind])
    files[name] = change(draw, files[name])
    if draw.random() < 0.15:  # now and then two changes at once
        files[name] = any_octets(draw, files[name])
    label = f"{getattr(change, '__name__', 'change')} of {name}"
    return Case(kind, number, files, label, octets=change is any_octets)
