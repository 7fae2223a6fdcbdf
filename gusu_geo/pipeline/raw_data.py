"""Where the OSM file of a study lies: what was fetched for it comes first."""

from __future__ import annotations

import os
from pathlib import Path

from gusu_geo.errors import SourceError
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import builtin_studies
from gusu_geo.words import Text, text


def raw_folder(out: str | Path) -> Path:
    """The folder that data are fetched into."""
    return Path(out) / "data" / "raw"


def raw_path(study: Study, out: str | Path) -> Path:
    """What ``fetch`` writes for the study: named after it, as its results are."""
    return raw_folder(out) / f"{study.name}.osm.pbf"


def with_raw_data(study: Study, out: str | Path) -> Study:
    """The study that reads what was fetched into ``out``, if anything was.

    Raises SourceError: there is neither that nor the file of the study; says how to get it.
    """
    fetched = raw_path(study, out)
    if os.path.isfile(fetched):  # noqa: PTH113 (any name)
        return study.reading(fetched.resolve())
    if os.path.lexists(study.path(study.network.osm)):  # what it is, its reader says
        return study
    raise SourceError(
        text("error.no_osm_data"),
        where=study.network.osm.name,
        fix=text("error.fetch_it", study=_as_typed(study)),
    )


def _as_typed(study: Study) -> Text | str:
    """The study as commands name it: a built-in one by its name."""
    place = builtin_studies().get(study.name)
    built_in = place is not None and place.resolve().parent == study.root
    return study.name if built_in else text("error.study_file")
