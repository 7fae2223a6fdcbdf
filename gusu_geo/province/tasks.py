"""What is done in the process of a task, by name: plain functions of paths, as texts, and numbers.

Each may be done again, on another machine, and gives the same: what is whole on the disk stays.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from gusu_geo.foreign import foreign
from gusu_geo.province.parts import Done, Failed
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study
from gusu_geo.words import speak


def cut_districts(
    source: str, targets: Mapping[str, str], studies: Mapping[str, str], ids: Mapping[str, str]
) -> list[Failed]:
    """See ``cuts.cut_districts``."""
    from gusu_geo.province import cuts

    return cuts.cut_districts(source, targets, studies, ids)


def read_facts(study: str, out: str) -> None:
    """Read the sources of a district, and keep what it tells of the region beside its cache.
    Raises InputError."""
    from gusu_geo.province.facts import facts_of
    from gusu_geo.province.warmth import warm

    warm()
    facts_of(study, out)


def run_district(
    key: str, study: str, out: str, *, lang: str = "en", force: bool = False, survey: bool = True
) -> Done:
    """The outputs of ``gusu-geo run`` of a study file, unless they are there. lang: of the map and
    of messages. Raises InputError."""
    from gusu_geo.pipeline.run import run
    from gusu_geo.province.warmth import warm

    opened = open_study(study)
    speak(lang)
    found = "" if force else standing(opened, out, survey=survey)
    if found:
        return Done(key, found, skipped=True)
    warm()
    result = run(opened, out=out, lang=lang, force=force, survey=survey)
    return Done(key, result.summary["run_id"])


def standing(study: Study, out: str | Path, *, survey: bool) -> str:
    """The run id of the outputs on the disk, where they are whole and those that a run would write,
    else "". survey: those without one do not count. Raises InputError."""
    from gusu_geo.assessment.judgement import rule_of
    from gusu_geo.pipeline.digests import digest_of, part_id, result_id
    from gusu_geo.pipeline.output_sets import result_set
    from gusu_geo.pipeline.raw_data import with_raw_data

    there = result_set(study, out).run_id()
    if not there:
        return ""
    study = with_raw_data(study, out)
    whole = result_id(study, digest_of(study, rule_of(study).pack))
    wanted = (whole,) if survey else (whole, part_id(whole, "left_out"))
    return there if there in wanted else ""


def try_to_write(folder: str) -> None:
    """Raises OutputError: nothing can be written into the folder from here."""
    path = Path(folder) / f".gusu-geo-try-{uuid4().hex}"
    with foreign("output", folder):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        path.unlink()
