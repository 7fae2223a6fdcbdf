"""Holds what GDAL reads of a GeoJSON file against the file itself.

GDAL reads what is no JSON (commas missing, a file cut off) as far as it gets, leaves out every
member of a collection that it takes for no feature, and reads true in a column of numbers as 1, all
without a word.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from gusu_geo.errors import SourceError
from gusu_geo.foreign import foreign
from gusu_geo.sources.ledgers.faults import raise_faults
from gusu_geo.words import text


class _Object(NamedTuple):
    """What is kept of an object of the file, so that a large one takes little memory."""

    kind: Any
    features: Any


def feature_count(path: Path, spot: str) -> int | None:
    """How many features the collection in the file holds; None if it is no collection.

    Raises SourceError: not JSON, a member of the collection is no feature, a column has numbers
    and true or false.
    """
    seen = _Seen()
    with foreign(path.suffix.lower(), path, where=spot):
        document = json.loads(path.read_bytes(), object_pairs_hook=seen.kept)
    if mixed := sorted(seen.yes_no & seen.numbers):
        fix = text("error.mend_rows")
        raise SourceError(text("error.yes_and_numbers", names=tuple(mixed)), where=spot, fix=fix)
    if not isinstance(document, _Object) or not isinstance(document.features, list):
        return None
    # The files of Esri have features without a type.
    kinds = ("Feature",) if document.kind == "FeatureCollection" else ("Feature", None)
    raise_faults(
        {
            row: text("error.no_feature")
            for row, each in enumerate(document.features, start=1)
            if not isinstance(each, _Object) or each.kind not in kinds
        },
        spot,
    )
    return len(document.features)


def refuse_lost(rows: int, count: int | None, spot: str) -> None:
    """Raises SourceError: the file holds another number of features than were read."""
    if count is not None and rows != count:
        raise SourceError(
            text("error.features_lost", count=count, rows=rows),
            where=spot,
            fix=text("error.complete_and_kind"),
        )


@dataclass
class _Seen:
    """Keys with a value that is true or false, and with one that is a number."""

    yes_no: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)

    def kept(self, pairs: list[tuple[str, Any]]) -> _Object:
        """What is kept of an object."""
        for key, value in pairs:
            if isinstance(value, bool):
                self.yes_no.add(key)
            elif isinstance(value, int | float):
                self.numbers.add(key)
        found = dict(pairs)
        return _Object(found.get("type"), found.get("features"))
