"""The OSM file of each district, cut out of that of the region: once, while nothing changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from gusu_geo.errors import InputError
from gusu_geo.fetching.cut import cut_all
from gusu_geo.fetching.region import region_of
from gusu_geo.foreign import foreign, plain_file
from gusu_geo.pipeline.digests import PACKAGE, code_of
from gusu_geo.pipeline.workplace import workplace
from gusu_geo.province.parts import Failed, whole
from gusu_geo.study.study_file import open_study

CODE = ("fetching", "sources", "study")  # packages that decide what a cut holds
STAGE = "cut"


def cut_ids(source: Path, studies: Mapping[str, Path]) -> dict[str, str]:
    """What the cut of each district's study depends on, by key. Raises SourceError: the file of the
    region cannot be read."""
    of_file = _sha256(source)
    code = {name: of for name, of in code_of(PACKAGE).items() if name.split("/")[0] in CODE}
    ids = {}
    for key, path in studies.items():
        region = region_of(open_study(path))
        said = json.dumps([of_file, region.area, region.reach, region.level, code])
        ids[key] = hashlib.sha256(said.encode()).hexdigest()
    return ids


def stands(target: Path, cut_id: str) -> bool:
    """Whether the cut with this id is there, whole and unchanged."""
    try:
        told = json.loads(_stamp(target).read_text(encoding="utf-8"))
        return bool(told["id"] == cut_id and told["sha256"] == _sha256(target))
    except (OSError, ValueError, KeyError, TypeError, InputError):
        return False


def cut_districts(
    source: str, targets: Mapping[str, str], studies: Mapping[str, str], ids: Mapping[str, str]
) -> list[Failed]:
    """Cut the districts that are asked for, in few passes over the file of the region; those that
    it has no data of. Raises InputError: the file cannot be cut at all."""
    keys = sorted(targets)
    regions = [region_of(open_study(studies[key])) for key in keys]
    ends = [Path(targets[key]) for key in keys]
    with foreign("output", ends[0].parent):
        ends[0].parent.mkdir(parents=True, exist_ok=True)
    failed = []
    with workplace(ends[0].parent) as place:  # nobody else writes there, whoever is cut off
        parts = [place / end.name for end in ends]
        found = cut_all(Path(source), regions, parts)
        for key, part, end, one in zip(keys, parts, ends, found, strict=True):
            if isinstance(one, InputError):
                failed.append(Failed(key, STAGE, whole(one)))
                continue
            _publish(part, end, ids[key])
    return failed


def sizes(targets: Mapping[str, Path]) -> dict[str, float]:
    """Bytes of the cuts by key, 0 where there is none."""
    return {
        key: float(path.stat().st_size if path.is_file() else 0) for key, path in targets.items()
    }


def missing(keys: Sequence[str], targets: Mapping[str, Path], ids: Mapping[str, str]) -> list[str]:
    """The keys whose cut does not stand."""
    return [key for key in keys if not stands(targets[key], ids[key])]


def _publish(part: Path, target: Path, cut_id: str) -> None:
    """Move a cut into place, then say what it is: without that it is cut again."""
    stamp = part.with_name(f"{part.name}.json")
    stamp.write_text(json.dumps({"id": cut_id, "sha256": _sha256(part)}), encoding="utf-8")
    with foreign("output", target):
        _stamp(target).unlink(missing_ok=True)
        part.replace(target)
        stamp.replace(_stamp(target))


def _stamp(target: Path) -> Path:
    return target.with_name(f".{target.name}.json")


def _sha256(path: Path) -> str:
    with foreign("file", plain_file(path, "file")), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
