"""A province: its districts cut, read, judged on many processes or machines, and added up.

Whatever stops it, what is whole on the disk stays, and the same command does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gusu_geo.errors import InputError
from gusu_geo.pipeline.output_sets import named_set
from gusu_geo.pipeline.workplace import PREFIX, sweep
from gusu_geo.province.cluster import Where
from gusu_geo.province.conduct import Conductor
from gusu_geo.province.cuts import cut_ids, missing, sizes
from gusu_geo.province.districts import find_districts
from gusu_geo.province.facts import kept_facts, region_of
from gusu_geo.province.pace import Standing
from gusu_geo.province.parts import District, Done, Failed
from gusu_geo.province.province_file import Province, open_province
from gusu_geo.province.studies import Folders, RegionFacts, write_studies
from gusu_geo.province.tasks import standing
from gusu_geo.province.totals import Head, add_up
from gusu_geo.report.province_document import ProvinceDocument
from gusu_geo.study.study_file import open_study
from gusu_geo.words import Text, language, text

AT_ONCE = 8  # files that are looked at on the disk


@dataclass(frozen=True)
class ProvinceResult:
    """What all districts say, where the files are, and which districts have none, and why."""

    document: ProvinceDocument
    folder: Path
    map_path: Path
    failed: Sequence[Failed] = ()


@dataclass(frozen=True)
class Asked:
    """How districts are judged. lang: of maps, "" for that of each study; force: sources are read
    again; survey: see ``pipeline.run``."""

    out: Path
    lang: str = ""
    force: bool = False
    survey: bool = True


@dataclass
class _Work:
    """The districts that are still on their way, and those that have failed."""

    province: Province
    folders: Folders
    asked: Asked
    conductor: Conductor
    districts: list[District]
    failed: list[Failed] = field(default_factory=list)

    def drop(self, failed: Sequence[Failed]) -> None:
        """These have no result, the others go on."""
        self.failed += failed
        lost = {one.key for one in failed}
        self.districts = [one for one in self.districts if one.key not in lost]

    def paths(self, of: Callable[[str], Path]) -> dict[str, Path]:
        """A file of each district by key."""
        return {one.key: of(one.key) for one in self.districts}


def run_province(
    province: str | Path | Province,
    *,
    out: str | Path = ".",
    where: Where | None = None,
    lang: str = "",
    force: bool = False,
    survey: bool = True,
    tell: Callable[[Standing], None] = lambda _: None,
    say: Callable[[Text], None] = lambda _: None,
) -> ProvinceResult:
    """Judge all districts of a PROVINCE.toml and add them up.

    Each district is an ordinary study, whose file is written into
    ``out/data/processed/<province>/studies/``; its outputs are those of ``run``, beside. What is
    there already for the same data and settings is not done again. where: the workers, default:
    those of the file. A district that fails stops no other one; it is named in the result.
    Raises InputError: province file, districts or the file of the region; no workers; a folder that
    cannot be written.
    """
    if not isinstance(province, Province):
        province = open_province(province)
    asked = Asked(Path(out).resolve(), lang, force, survey)
    every = find_districts(province)
    districts = every.districts
    folders = Folders.of(province, asked.out)
    where = where or where_of(province)
    with Conductor(folders.whole, where, tell, say) as conductor:
        work = _Work(province, folders, asked, conductor, list(districts))
        _cut(work)
        facts = _facts(work)
        done = _run(work, facts)
    lost = {one.key: one for one in work.failed}
    plain = [replace(one, study=None) for one in districts]  # their files are named after keys
    shared = persons_total_of(province) is not None
    head = Head(
        province.name,
        _title(province),
        province.osm.name,
        lang or language_of(province),
        shared=shared,
        partial=every.partial,
    )
    document = add_up(head, plain, done, lost.values(), asked.out)
    outputs = named_set(province.name, asked.out)
    for one in plain:  # a killed worker may outlive the sweeping of the one in its place
        sweep(named_set(one.key, asked.out).folder, f"{PREFIX}*")
    ordered = sorted(lost.values(), key=lambda one: one.key)
    return ProvinceResult(document, outputs.folder, outputs.map_path, ordered)


def where_of(province: Province, scheduler: str = "", workers: int | None = None) -> Where:
    """The workers that a province asks for; scheduler, workers: those of the command instead."""
    given, usual = province.scheduler, Where()
    return Where(
        scheduler=scheduler,
        workers=workers or given.workers or 0,
        memory_gb=given.memory_gb or usual.memory_gb,
        retries=given.retries,
    )


def language_of(province: Province) -> str:
    """The language of the study that districts are made from, "" where it names none."""
    own = province.districts.studies
    return province.study(province.path(own[0]) if own else None).lang or ""


def persons_total_of(province: Province) -> float | None:
    """Persons of the region that all districts share in, None where there is no such number."""
    own = province.districts.studies is not None
    return None if own else province.study().residences.persons_total


def _cut(work: _Work) -> None:
    """The OSM file of every district."""
    write_studies(work.province, work.districts, work.asked.out)
    studies, targets = work.paths(work.folders.study), work.paths(work.folders.osm)
    ids = cut_ids(work.province.osm, studies)
    keys = list(ids) if work.asked.force else missing(list(ids), targets, ids)
    if not keys:
        return
    given = {
        "source": str(work.province.osm),
        "targets": {key: str(targets[key]) for key in keys},
        "studies": {key: str(studies[key]) for key in keys},
        "ids": {key: ids[key] for key in keys},
    }
    work.drop(work.conductor.alone("cut", "cut_districts", given, len(keys)))


def _facts(work: _Work) -> RegionFacts | None:
    """What the districts tell of the region; None where none tells anything."""
    studies, out = work.paths(work.folders.study), work.asked.out
    found = _looked(studies, lambda path: kept_facts(path, out))
    there = {key: Done(key, "", skipped=True) for key, one in found.items() if one is not None}
    given = {
        key: {"study": str(path), "out": str(out)}
        for key, path in studies.items()
        if key not in there
    }
    weights = sizes(work.paths(work.folders.osm))
    _, failed = work.conductor.stage("facts", "read_facts", given, weights, there)
    work.drop(failed)
    left = {one.key: studies[one.key] for one in work.districts if one.key not in there}
    found |= _looked(left, lambda path: kept_facts(path, out))
    gone = [one.key for one in work.districts if found[one.key] is None]
    work.drop([Failed(key, "facts", text("cluster.facts_gone")) for key in gone])
    if not work.districts:
        return None
    if work.failed:
        work.conductor.say(text("cluster.facts_lack", count=len(work.failed)))
    parts = [found[one.key] for one in work.districts]
    own = work.province.districts.studies is not None
    return region_of(parts, total=persons_total_of(work.province), own=own)


def _run(work: _Work, facts: RegionFacts | None) -> list[Done]:
    """Every district judged."""
    if facts is None:
        return []
    asked = work.asked
    write_studies(work.province, work.districts, asked.out, facts)
    studies = work.paths(work.folders.study)
    there: Mapping[str, Done | Failed] = {}
    if not asked.force:
        found = _looked(
            studies, lambda path: standing(open_study(path), asked.out, survey=asked.survey)
        )
        there = {key: Done(key, run_id, skipped=True) for key, run_id in found.items() if run_id}
    given = {
        key: {
            "key": key,
            "study": str(path),
            "out": str(asked.out),
            "lang": asked.lang or open_study(path).lang or language(),
            "force": asked.force,
            "survey": asked.survey,
        }
        for key, path in studies.items()
        if key not in there
    }
    weights = sizes(work.paths(work.folders.osm))
    done, failed = work.conductor.stage("run", "run_district", given, weights, there)
    work.drop(failed)
    return [done[key] for key in sorted(done)]


def _looked(studies: Mapping[str, Path], look: Callable[[Path], Any]) -> dict[str, Any]:
    """What is on the disk of every district; nothing where it cannot be told: its task tells."""

    def quietly(key: str) -> Any:
        try:
            return look(studies[key])
        except InputError:
            return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(studies, pool.map(quietly, studies), strict=True))


def _title(province: Province) -> Any:
    zh, en = province.title.zh, province.title.en
    return {"zh": zh or en or province.name, "en": en or zh or province.name}
