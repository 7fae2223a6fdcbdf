"""What a run leaves behind: written aside first, then moved into place together."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import State
from gusu_geo.errors import OutputError
from gusu_geo.pipeline.cache import in_use, remove
from gusu_geo.report.workbook import write_workbook
from gusu_geo.study.params import Study
from gusu_geo.tables import Rung
from gusu_geo.walking.access import seconds
from gusu_geo.walking.linkage import Reason

STATE_TEXT = np.array([state.name.lower() for state in State], object)
REASON_TEXT = np.array(["" if r is Reason.LINKED else r.name.lower() for r in Reason], object)
DOOR_TEXT = np.array([*(rung.name.lower() for rung in Rung), ""], object)  # "" where not linked
MAP = "map.html"
PLAN = "plan.json"
FULL_BYTES = 1_000_000  # less free than this after a failed write: the disk is full
WRITE_FAULTS = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EIO,
    errno.EISDIR,
    errno.ENOTDIR,
    errno.ENAMETOOLONG,
}


def folder_of(study: Study, out: str | Path) -> Path:
    """Where a study's tables go."""
    return Path(out) / "data" / "processed" / study.name


@contextmanager
def staging(study: Study, out: str | Path) -> Iterator[Path]:
    """A folder to write into before anything is moved; gone afterwards, whatever happens.

    Raises OutputError when the output folder cannot be made or written, or the disk is full.
    """
    folder, maps = folder_of(study, out), Path(out) / "maps"
    stage = folder / f".stage-{os.getpid()}"
    try:
        for place in (maps, folder):
            place.mkdir(parents=True, exist_ok=True)
            if not os.access(place, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        for old in folder.glob(".stage-*"):  # of killed runs
            if not in_use(old):
                remove(old)
        stage.mkdir()
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        yield stage
    except OSError as error:
        if error.errno not in WRITE_FAULTS:
            raise
        raise _cannot_write(folder, error) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _cannot_write(folder: Path, error: OSError) -> OutputError:
    if error.errno == errno.ENOSPC:
        fix = "Free some space and run again; the previous outputs are untouched."
        return OutputError("the disk is full.", where=folder, fix=fix)
    reason = os.strerror(error.errno or 0)
    return OutputError(
        f"cannot be written ({reason}).",
        where=error.filename or folder,
        fix="Choose another folder with --out.",
    )


def write_all(outcome: Outcome, stage: Path, page: str) -> None:
    """Every output of a run, into ``stage``; page: the map."""
    (stage / "summary.json").write_text(as_json(outcome.summary), encoding="utf-8")
    access_frame(outcome).to_parquet(stage / "access.parquet", index=False)
    _write_layers(outcome, stage / "results.gpkg")
    write_workbook(outcome, stage / "workbook.xlsx")
    (stage / MAP).write_text(page, encoding="utf-8")


def publish(study: Study, stage: Path) -> tuple[Path, Path]:
    """Move everything from ``stage`` into place; returns the folder and the map's path."""
    folder = stage.parent
    target = map_path(study.name, folder)
    planned = (stage / PLAN).exists()
    move_all(stage, folder, target)
    if not planned:
        (folder / PLAN).unlink(missing_ok=True)  # a plan of an earlier result
    return folder, target


def map_path(name: str, folder: Path) -> Path:
    """Where the map called ``name`` goes, beside the ``folder`` of its study's tables."""
    return folder.parents[2] / "maps" / f"{name}.html"


def move_all(stage: Path, folder: Path, target: Path) -> None:
    """Tables from ``stage`` into ``folder``, the map to ``target``.

    What could fail is done or looked at before the first file is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    moves = [(path, folder / path.name) for path in sorted(stage.iterdir()) if path.name != MAP]
    try:
        for place in (*(place for _, place in moves), target):
            if place.is_dir():
                raise IsADirectoryError(errno.EISDIR, "a folder is in the way", str(place))
        shutil.copyfile(stage / MAP, beside)  # maps/ may lie on another disk
        for path, place in [*moves, (beside, target)]:
            path.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def as_json(document: dict[str, Any]) -> str:
    """Readable JSON; a number that is none is our fault and fails here."""
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def access_frame(outcome: Outcome) -> pd.DataFrame:
    """Residence x service, long: residence_id, service, nearest_s, nearest_id, state, slack_s."""
    access, verdict = outcome.access, outcome.verdict
    count = len(access.services)
    ids = np.array([*access.facility_ids, None], object)
    return pd.DataFrame(
        {
            "residence_id": np.repeat(access.residence_ids.to_numpy(object), count),
            "service": np.tile(np.array(access.services, object), len(access.residence_ids)),
            "nearest_s": seconds(access.nearest_cs).ravel(),
            "nearest_id": ids[access.nearest_ix.ravel()],
            "state": STATE_TEXT[verdict.state.ravel()],
            "slack_s": verdict.slack_s.ravel(),
        }
    )


def residence_frame(outcome: Outcome) -> gpd.GeoDataFrame:
    """One row per residence, EPSG:4326: persons, zones, state, what is missing, minutes."""
    homes, access, verdict = outcome.city.residences.frame, outcome.access, outcome.verdict
    services = np.array(verdict.services, object)
    frame = homes[["name", "persons", "kind", homes.geometry.name]].to_crs(4326)
    for level in outcome.zone_of:
        frame[f"zone_{level}"] = outcome.zone_of[level].to_numpy(object)
    frame["persons_estimate"] = bool(outcome.summary["data"]["persons"]["estimate"])
    frame["linked"] = access.is_linked
    frame["reason"] = REASON_TEXT[access.reason]
    frame["door"] = DOOR_TEXT[outcome.links.owner_rung(len(frame))]
    frame["state"] = STATE_TEXT[verdict.residence_state]
    frame["one_stop"] = STATE_TEXT[verdict.one_stop_state]
    frame["missing_count"] = verdict.missing_count
    frame["missing"] = [",".join(services[row]) for row in verdict.state == State.FAIL]
    frame["unknown"] = [",".join(services[row]) for row in verdict.state == State.UNKNOWN]
    if outcome.detour is not None:
        told = outcome.detour.frame
        frame[["detour_ratio", "beyond_share"]] = told[["detour_ratio", "beyond_share"]]
    minutes = np.round(seconds(access.counted_cs) / 60, 2)
    for k, service in enumerate(verdict.services):
        frame[f"{service}_min"] = np.where(np.isinf(minutes[:, k]), np.nan, minutes[:, k])
    return frame.rename_axis("residence_id")


def zone_frame(outcome: Outcome) -> gpd.GeoDataFrame:
    """One row per zone, EPSG:4326, with its totals; the rest row has no polygon and is left out."""
    zones = outcome.city.zones.frame
    rows = pd.DataFrame(
        [
            {key: value for key, value in row.items() if not isinstance(value, dict)}
            | {f"missing_{service}": persons for service, persons in row["missing"].items()}
            for row in outcome.summary["zones"]
        ]
    )
    if len(zones) == 0:
        return zones.to_crs(4326)
    shapes = zones[["level", "zone_id", zones.geometry.name]].to_crs(4326)
    shapes["persons_estimate"] = bool(outcome.summary["data"]["persons"]["estimate"])
    rows = rows.drop(columns=["name_zh", "name_en"]).rename(columns={"id": "zone_id"})
    return shapes.merge(rows, on=["level", "zone_id"], how="left")


def facility_frame(outcome: Outcome) -> gpd.GeoDataFrame:
    """Facilities, EPSG:4326."""
    return outcome.city.facilities.frame.to_crs(4326).rename_axis("facility_id")


def gap_frame(outcome: Outcome) -> gpd.GeoDataFrame:
    """One row per residence and missing service, EPSG:4326: how far away the nearest one is."""
    verdict, access = outcome.verdict, outcome.access
    r, k = np.nonzero(verdict.state == State.FAIL)
    homes = outcome.city.residences.frame.to_crs(4326)
    slack = verdict.slack_s[r, k]
    near = access.nearest_ix[r, k]
    ids = np.array([*access.facility_ids, None], object)
    return gpd.GeoDataFrame(
        {
            "residence_id": verdict.residence_ids.to_numpy(object)[r],
            "service": np.array(verdict.services, object)[k],
            "persons": homes["persons"].to_numpy(float)[r],
            "too_far_s": np.where(np.isinf(slack), np.nan, -slack),
            "nearest_id": ids[near],
        },
        geometry=homes.geometry.to_numpy()[r],
        crs=4326,
    )


def _write_layers(outcome: Outcome, path: Path) -> None:
    layers = {
        "residences": residence_frame(outcome).reset_index(),
        "zones": zone_frame(outcome),
        "facilities": facility_frame(outcome).reset_index(),
        "gaps": gap_frame(outcome),
        **{
            name: frame.to_crs(4326).reset_index()
            for name, frame in outcome.layers.items()
            if len(frame)
        },
    }
    write_layers(layers, path, osm_date=outcome.summary["data"]["osm_date"])


def write_layers(layers: dict[str, gpd.GeoDataFrame], path: Path, *, osm_date: str) -> None:
    """GeoPackage with the time stamp of the data, so that a second run changes no byte."""
    stamp = (osm_date or "1970-01-01T00:00:00Z")[:19] + "Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp.replace("ZZ", "Z")})
    try:
        for name, frame in layers.items():
            frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    except RuntimeError as error:  # GDAL tells of a full disk in many words, under many names
        if "full" in str(error) or shutil.disk_usage(path.parent).free < FULL_BYTES:
            raise OSError(errno.ENOSPC, f"cannot write {path.name}") from error
        raise
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
