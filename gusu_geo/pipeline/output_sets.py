"""Which output files belong together, and whether those on the disk do.

Every file of a set holds the run id of its set. Two sets with one id hold the same bytes (but for
the language and form of the map), so a mixture of them is whole; any other mixture is torn.
"""

from __future__ import annotations

import glob
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from gusu_geo.pipeline.digests import part_id
from gusu_geo.pipeline.workplace import alone
from gusu_geo.report.stamp import RUN_ID, RUN_MARK, stamp_of
from gusu_geo.study.params import Study
from gusu_geo.words import Note, note

MAP = "map.html"  # the map before it is moved
PLAN = "plan"
PLAN_FILES = ("plan.json", "plan.xlsx", "plan.gpkg", "scenario.json")
RESULT_FILES = ("summary.json", "access.parquet", "results.gpkg", "workbook.xlsx")
COMPARE_FILES = ("compare.json", "compare.xlsx", "compare.gpkg")
COMPARE = "compare"
PAIRING = "pairing"
PAIRING_FILES = ("pairing.json", "pairing.xlsx")
PROVINCE_FILES = ("province.json", "workbook.xlsx", "districts.gpkg")
PARTED = ("residences", "access", "zones")  # tables that are parted by district
PART_BY = "district"


@dataclass(frozen=True)
class OutputSet:
    """Files that belong together: tables ``names`` in ``folder``, and a map, if ``mapped``.

    The first of the tables is JSON; with ``based_on`` in it, the set was made from that result.
    """

    folder: Path
    names: tuple[str, ...]
    map_path: Path
    mapped: bool = True

    @property
    def tables(self) -> tuple[Path, ...]:
        """All files but the map."""
        return tuple(self.folder / name for name in self.names)

    @property
    def members(self) -> tuple[Path, ...]:
        """All files, the map last."""
        return (*self.tables, self.map_path) if self.mapped else self.tables

    @property
    def exists(self) -> bool:
        """Whether there is any of the files."""
        return any(path.is_file() for path in self.members)

    def run_id(self) -> str:
        """The run id that all files hold, "" if they differ or one is missing or damaged."""
        first, *others = map(run_id_in, self.members)
        return first if all(other == first for other in others) else ""

    def based_on(self) -> str:
        """The run id of the result that this was made from, "" where it is a result itself."""
        return str(_json(self.members[0]).get("based_on", ""))


def data_folder(study: Study, out: str | Path) -> Path:
    """The folder that the cache and all tables of a study lie in, whatever the profile."""
    return Path(out) / "data" / "processed" / study.name


def result_set(study: Study, out: str | Path) -> OutputSet:
    """The files of ``run``."""
    return _result(data_folder(study, out), study.label)


def named_set(label: str, out: str | Path) -> OutputSet:
    """The files of ``run`` for the study that is called so (``Study.label``)."""
    return _result(Path(out) / "data" / "processed" / label, label)


def province_set(name: str, keys: Sequence[str], out: str | Path) -> OutputSet:
    """The files of a province: its tables, a part of each table for every district that is done,
    by key, and the overview map."""
    parts = [part_of(table, key) for table in PARTED for key in keys]
    return replace(named_set(name, out), names=(*PROVINCE_FILES, *parts))


def part_of(table: str, key: str) -> str:
    """The file that holds a district's rows of a table, in the folder of the province."""
    return f"{table}/{PART_BY}={key}/part.parquet"


def plan_set(study: Study, out: str | Path, question: str) -> OutputSet:
    """The files of ``site``, by the name of the question (``Effort.question``)."""
    return _plan(result_set(study, out), question)


def plan_sets(study: Study, out: str | Path) -> list[OutputSet]:
    """The files of every plan of the study, that which was asked for last first: by the time at
    which ``plan.json`` was written, then by name."""
    found = [(each.members[0], each) for _, each in _plans(result_set(study, out))]
    written = [(path.stat().st_mtime_ns, each) for path, each in found if path.is_file()]
    return [each for _, each in sorted(written, key=lambda pair: -pair[0])]


def pairing_set(study: Study, out: str | Path) -> OutputSet:
    """The files of ``pair``, which has no map of its own."""
    return _pairing(result_set(study, out))


def comparison_set(study: Study, out: str | Path, name: str) -> OutputSet:
    """The files of ``compare``, by the name of the scenario."""
    return _comparison(result_set(study, out), name)


def _result(data: Path, label: str) -> OutputSet:
    maps = data.parents[2] / "maps"
    return OutputSet(data.with_name(label), RESULT_FILES, maps / f"{label}.html")


def _plan(result: OutputSet, question: str) -> OutputSet:
    page = result.map_path.with_name(f"{result.folder.name}+plan-{question}.html")
    return OutputSet(result.folder / PLAN / question, PLAN_FILES, page)


def _comparison(result: OutputSet, name: str) -> OutputSet:
    page = result.map_path.with_name(f"{result.folder.name}-{name}.html")
    return OutputSet(result.folder / COMPARE / name, COMPARE_FILES, page)


def _pairing(result: OutputSet) -> OutputSet:
    return OutputSet(result.folder / PAIRING, PAIRING_FILES, result.map_path, mapped=False)


def outputs_beside(study: Study, out: str | Path) -> list[Note]:
    """What a reader of a study's outputs must know, of all profiles, plans, comparisons and pairs:
    which are torn, and which were made from another result than the one beside them."""
    data = data_folder(study, out)
    torn: list[str] = []
    old: list[str] = []
    with alone(data):  # never between two files of a set that is being replaced
        for folder in (data, *sorted(data.parent.glob(f"{glob.escape(study.name)}+*"))):
            result = _result(data, folder.name)
            basis = result.run_id()
            if result.exists and not basis:
                torn.append(_shown(folder, out))
            for name, made in _made_from(result):
                own = made.run_id()
                if made.exists and not own:
                    torn.append(_shown(name, out))
                elif own and basis and basis not in _ids_of(made.based_on()):
                    old.append(_shown(name, out))
    notes = [note("outputs_torn", names=tuple(torn))] if torn else []
    return notes + ([note("outputs_old", names=tuple(old))] if old else [])


def _ids_of(result: str) -> tuple[str, ...]:
    """The run ids of a result, with and without its survey."""
    return result, part_id(result, "pending"), part_id(result, "left_out")


def _made_from(result: OutputSet) -> Iterator[tuple[Path, OutputSet]]:
    """The plans, the comparisons and the pairs beside a result, each with the path it is called
    by."""
    yield from _plans(result)
    yield result.folder / PAIRING, _pairing(result)
    for folder in sorted((result.folder / COMPARE).glob("*")):
        yield folder, _comparison(result, folder.name)


def _plans(result: OutputSet) -> Iterator[tuple[Path, OutputSet]]:
    for folder in sorted((result.folder / PLAN).glob("*")):
        yield folder, _plan(result, folder.name)


def _shown(path: Path, out: str | Path) -> str:
    return path.relative_to(out).as_posix()


def run_id_in(path: Path) -> str:
    """The run id in an output file, "" if there is none."""
    try:
        return str(_READERS[path.suffix](path) or "")
    except Exception:  # whatever a damaged file does to its reader
        return ""


def _json(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _of_json(path: Path) -> str:
    """Scenario files allow no key of ours: the run id of a plan ends the title of its scenario."""
    document = _json(path)
    title = str(document.get("title", ""))
    return str(document[RUN_ID]) if RUN_ID in document else title.rpartition(RUN_MARK)[2]


def _of_parquet(path: Path) -> str:
    return str(json.loads(pq.read_schema(path).metadata[b"PANDAS_ATTRS"])[RUN_ID])


def _of_geopackage(path: Path) -> str:
    with closing(
        sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    ) as db:
        found = [str(row) for row in db.execute("SELECT metadata FROM gpkg_metadata")]
    return _after(f'key="{RUN_ID}">', " ".join(found))


def _of_page(path: Path) -> str:
    with path.open(encoding="utf-8") as page:
        return stamp_of(page.read(1000))


def _of_workbook(path: Path) -> str:
    with zipfile.ZipFile(path) as book:
        return _after(f'name="{RUN_ID}"><vt:lpwstr>', book.read("docProps/custom.xml").decode())


def _after(mark: str, content: str) -> str:
    found = re.search(rf"{re.escape(mark)}(\w+)", content)
    return found[1] if found else ""


_READERS: dict[str, Callable[[Path], str]] = {
    ".json": _of_json,
    ".parquet": _of_parquet,
    ".gpkg": _of_geopackage,
    ".xlsx": _of_workbook,
    ".html": _of_page,
}
