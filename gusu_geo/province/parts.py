"""What the parts of a province tell each other: plain data that travels between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from gusu_geo.errors import InputError
from gusu_geo.words import Text, text


@dataclass(frozen=True)
class District:
    """One district. key: names its study and its files, unique in the province, such as
    "jiangsu-gusu"; name: as people call it; code: of the source, "" for none; outline: polygon in
    degrees, WGS 84, which shares no ground with another district; study: its own study file, None
    where it is made from the template."""

    key: str
    name: str
    code: str
    outline: shapely.Geometry
    study: Path | None = None


@dataclass(frozen=True)
class DistrictFacts:
    """What one district tells the region before anybody is judged, each once (not from the halo).

    levels: by kind of building, number of buildings by known number of levels; floor: exact sum of
    the floor area (m2) that persons are shared by, known levels only, by kind; services: by id,
    whether a source names venues, and whether one is linked to a street; on_border: ids of homes
    whose point lies on the outline itself.
    """

    key: str
    levels: Mapping[str, Mapping[float, int]]
    services: Mapping[str, tuple[bool, bool]]
    on_border: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """A district whose outputs are whole on the disk. run_id: as in its summary.json; skipped: they
    were there already; cpu_s, wall_s, peak_mb: of this task, 0 where skipped; worker: where."""

    key: str
    run_id: str
    skipped: bool = False
    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: float = 0.0
    worker: str = ""


@dataclass(frozen=True)
class Failed:
    """A district that has no result. stage: "cut", "facts" or "run"; message: what is wrong and how
    to mend it, in both languages; ours: the fault is not the user's (exit code 1)."""

    key: str
    stage: str
    message: Text
    ours: bool = False


def whole(error: InputError) -> Text:
    """The message of an InputError with all its parts, in both languages."""
    return text("cluster.message", what={lang: error.in_language(lang) for lang in ("zh", "en")})
