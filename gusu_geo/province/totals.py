"""What all districts of a province say together: one set of files, written and moved as one.

    province.json, workbook.xlsx, districts.gpkg                     data/processed/<province>/
    residences/district=<key>/part.parquet, access/..., zones/...    beside them
    <province>.html                                                  maps/

All hold the run id of the set. It is decided by the districts' own ids, by what failed and why, and
by the code: the same districts give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gusu_geo.errors import OutputError
from gusu_geo.pipeline.digests import sum_id
from gusu_geo.pipeline.files import Stage, publish, staging_in, write_dated
from gusu_geo.pipeline.output_sets import (
    PART_BY,
    PARTED,
    PROVINCE_FILES,
    OutputSet,
    named_set,
    province_set,
    result_set,
)
from gusu_geo.province.figures import Gathered, Judged, document_of
from gusu_geo.province.figures import Head as Head
from gusu_geo.province.partitions import schemas_of, write_parts
from gusu_geo.province.parts import District, Done, Failed
from gusu_geo.province.sums import read_homes, read_summary, sums_of
from gusu_geo.report.province_document import ProvinceDocument
from gusu_geo.report.province_tables import district_frame
from gusu_geo.report.province_workbook import write_province_book
from gusu_geo.report.webmap.overview import render_overview
from gusu_geo.study.study_file import open_study
from gusu_geo.words import language, text

SUMMARY = "summary.json"
Codes = npt.NDArray[np.uint64]


def add_up(
    head: Head,
    districts: Sequence[District],
    done: Iterable[Done],
    failed: Iterable[Failed],
    out: str | Path,
) -> ProvinceDocument:
    """Add the districts up from their ordinary outputs under ``out``, write the set of the
    province, and return what ``province.json`` holds.

    A total is the sum over the homes of all districts that are done: ``math.fsum`` of their
    unrounded persons, rounded once (``totals.persons`` and all figures of ``totals``). Figures of a
    district are those of its ``summary.json``, each rounded to hundredths for itself: of n
    districts they add up to the total within n x 0.005 persons. ``residences/`` holds the unrounded
    persons, whose exact sum rounds to the total, whoever adds them.

    A district that is neither done nor failed, or whose files do not belong together or are not
    those of ``done``, counts as failed: it is named, and its persons are in no total.
    Raises OutputError: the folder cannot be written, the disk is full, or the outputs of a study
    lie where those of the province belong.
    """
    home = named_set(head.name, out)
    if (home.folder / SUMMARY).exists():
        raise OutputError(
            text("error.province_is_study", name=head.name),
            where=home.folder,
            fix=text("error.rename_province"),
        )
    found = gathered(districts, done, failed, out)
    document = document_of(head, found)
    outlines = [(one.key, shapely.to_wkb(one.outline, hex=True)) for one in found.districts]
    document["run_id"] = sum_id(document, outlines)
    keys = sorted(found.judged)
    outputs = province_set(head.name, keys, out)
    with staging_in(outputs.folder, outputs.map_path.parent, head.name) as stage:
        _write(stage, head, found, document)
        publish(outputs.folder, (stage, outputs), gone=_gone(outputs))
    return document


def gathered(
    districts: Sequence[District],
    done: Iterable[Done],
    failed: Iterable[Failed],
    out: str | Path,
) -> Gathered:
    """What is known of every district, in the order of keys; one district's homes are held at a
    time."""
    ids = {one.key: one.run_id for one in done}
    lost = {one.key: one for one in failed}
    found = Gathered(sorted(districts, key=lambda one: one.key))
    seen: list[Codes] = []
    for district in found.districts:
        if district.key not in ids:
            why = Failed(district.key, "run", text("province.not_reached"))
            found.failed[district.key] = lost.get(district.key, why)
            continue
        outputs = outputs_of(district, out)
        whole = outputs.run_id()
        if not whole or whole != ids[district.key]:
            message = text("province.torn", folder=outputs.folder.name)
            found.failed[district.key] = Failed(district.key, "totals", message)
            continue
        summary, homes = read_summary(outputs), read_homes(outputs)
        known = {row["id"] for row in summary["services"] if row["state"] == "known"}
        found.judged[district.key] = Judged(outputs, summary, sums_of(homes, known))
        # No two homes of OSM are the same; rows of ledgers are numbered in each.
        seen.append(pd.util.hash_array(homes.ids[homes.from_osm].astype(object)))
    return replace(found, twice=_twice(found, seen))


def outputs_of(district: District, out: str | Path) -> OutputSet:
    """The files of ``run`` for a district. Raises StudyError: its own study file is faulty."""
    if district.study is None:
        return named_set(district.key, out)
    return result_set(open_study(district.study), out)


def _twice(found: Gathered, seen: Sequence[Codes]) -> list[str]:
    """Ids of homes that several districts count, read again only where there are any."""
    values, counts = np.unique(np.concatenate([np.zeros(0, np.uint64), *seen]), return_counts=True)
    double = values[counts > 1]
    ids: set[str] = set()
    for one, codes in zip(found.judged.values(), seen, strict=True):
        if np.isin(codes, double).any():
            homes = read_homes(one.outputs)
            ids.update(homes.ids[homes.from_osm][np.isin(codes, double)].tolist())
    return sorted(ids)


def _write(stage: Stage, head: Head, found: Gathered, document: ProvinceDocument) -> None:
    """Write every file of the set into ``stage``."""
    json_name, book, layers = PROVINCE_FILES
    run_id = document["run_id"]
    stage.write_json(json_name, document)
    shapes = gpd.GeoSeries([one.outline for one in found.districts], crs=4326)
    write_dated(
        [("districts", district_frame(document, shapes))],
        stage.tables / layers,
        dated=document["data"]["osm_date"],
        invented=document["invented"],
        run_id=run_id,
    )
    write_province_book(document, stage.tables / book)
    schemas = schemas_of(one.outputs for one in found.judged.values())
    for key, one in found.judged.items():
        write_parts(stage.tables, key, one.outputs, schemas, run_id)
    lang = head.lang or language()
    stage.write_map(render_overview(document, list(shapes), lang=lang), run_id)


def _gone(outputs: OutputSet) -> list[Path]:
    """Parts of districts that are no longer done: a reader of the folder would count them."""
    kept = {path.parent for path in outputs.members}
    places = [path for table in PARTED for path in (outputs.folder / table).glob(f"{PART_BY}=*")]
    return sorted(set(places) - kept)
