"""What districts tell of the region before anybody is judged, and what follows from all of it."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gusu_geo.assessment.judgement import rule_of
from gusu_geo.assessment.walkable_city import linked_points
from gusu_geo.pipeline.digests import digest_of
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.pipeline.raw_data import with_raw_data
from gusu_geo.pipeline.workplace import workplace
from gusu_geo.province.parts import DistrictFacts
from gusu_geo.province.studies import RegionFacts
from gusu_geo.sources.home_buildings import HOME_LEVELS, KNOWN_MIN
from gusu_geo.sources.part_facts import as_float, exact_sum, unpacked
from gusu_geo.study.area import Box
from gusu_geo.study.params import RegionParams, Study
from gusu_geo.study.study_file import open_study
from gusu_geo.walking.linkage import Reason

PROBES = 12  # venues of a service that are linked before all are
KEPT = "facts.json"  # beside the cache of the district's city


def facts_of(study_path: str | Path, out: str | Path) -> DistrictFacts:
    """What the district of a study file tells. Kept beside its cache: the same data and settings
    are read once. Raises InputError as ``prepare``."""
    study, digest, place = _asked(study_path, out)
    kept = _kept(place)
    if kept.get("digest") == digest:
        return facts_in(kept["facts"])
    facts = _read(study, out)
    with workplace(place.parent) as folder:
        whole = folder / KEPT
        whole.write_text(json.dumps({"digest": digest, "facts": facts}), encoding="utf-8")
        os.replace(whole, place)  # noqa: PTH105 (one call)
    return facts_in(facts)


def kept_facts(study_path: str | Path, out: str | Path) -> DistrictFacts | None:
    """The same if it was read before, else None. Raises InputError: study or its files."""
    _, digest, place = _asked(study_path, out)
    kept = _kept(place)
    return facts_in(kept["facts"]) if kept.get("digest") == digest else None


def _asked(study_path: str | Path, out: str | Path) -> tuple[Study, str, Path]:
    """The study without what it is told of the region, the digest of what it reads, and where its
    facts are kept."""
    study = open_study(Path(study_path)).model_copy(update={"region": RegionParams()})
    study = with_raw_data(study, out)
    place = Path(out) / "data" / "processed" / study.name / ".cache" / KEPT
    return study, digest_of(study, rule_of(study).pack), place


def facts_in(document: Mapping[str, Any]) -> DistrictFacts:
    """The facts of a district as JSON holds them."""
    part = document["part"]
    levels = {
        kind: {float(level): count for level, count in counts.items()}
        for kind, counts in part["levels"].items()
    }
    services = {key: (bool(named), bool(linked)) for key, (named, linked) in document["services"]}
    on_border = tuple(str(row[0]) for row in part["border"])
    return DistrictFacts(document["key"], levels, services, on_border, more=document)


def _kept(place: Path) -> dict[str, Any]:
    """What was kept, {} if nothing or damaged."""
    try:
        document: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _read(study: Study, out: str | Path) -> dict[str, Any]:
    """The facts of a district as plain JSON. far, unlinked: of services none of whose venues nearby
    is linked, the ids of linked ones farther away, where the cut may mislead, and of all others."""
    ground = prepare(study, out=out)
    frame, network = ground.city.facilities.frame, study.network
    service = frame["service"].to_numpy(object)
    outline = ground.city.area.geometry.iloc[0]
    away_m = shapely.distance(outline, frame.geometry.to_numpy().astype(object))
    sure = away_m <= study.area.buffer_m - 2 * network.snap_max_m - network.island_max_m
    trips = ground.trips()

    def linked(rows: Any) -> Any:
        """(F,) whether each of these venues is linked."""
        found = np.zeros(len(frame), bool)
        if rows.any():
            part = ground.city.facilities
            links = linked_points(ground, trips, part.entrances.rows(rows[part.entrances.owner_ix]))
            found[np.unique(links.owner_ix[links.reason == int(Reason.LINKED)])] = True
        return found & rows

    order = np.argsort(away_m, kind="stable")
    ahead = np.zeros(len(frame), bool)
    for key in set(service):
        ahead[order[(service == key)[order]][:PROBES]] = True
    near = linked(ahead & sure)
    lacking = set(service) - set(service[near])
    rest = np.isin(service, list(lacking))
    every = linked(rest)
    near |= every & sure
    facts = ground.city.facts
    services, far, unlinked = [], {}, {}
    for key, row in facts["services"].items():
        services.append([key, [row["venues"] > 0, bool((near & (service == key)).any())]])
        if key in lacking - set(service[near]):
            here = service == key
            far[key] = frame.index[here & every & ~sure].astype(str).tolist()
            unlinked[key] = frame.index[here & ~every & sure].astype(str).tolist()
    return {
        "key": study.name,
        "part": facts["part"],
        "services": services,
        "complete": [key for key, row in facts["services"].items() if row["complete"]],
        "far": far,
        "unlinked": unlinked,
    }


def region_of(
    found: Iterable[DistrictFacts], *, total: float | None, own: bool = False
) -> RegionFacts:
    """What all districts together say. total: persons of the region, that all share in; own: each
    district is a study of its own, and its persons are its own affair."""
    facts = sorted(found, key=lambda one: one.key)
    parts = [one.more["part"] for one in facts]
    levels = _medians(facts, parts)
    elsewhere, border = _border(facts, parts)
    services, named = _services(facts)
    shared = total is not None and not own
    floor = _floor(parts, border, levels) if shared else 0
    registered = sum(int(part["registered"]) for part in parts) if shared else 0
    registered += exact_sum(row[4] for row in border if shared and row[4] is not None)
    return RegionFacts(
        levels=None if own else levels,
        services=services,
        named=named,
        floor_m2=as_float(floor) if floor else None,
        registered=as_float(registered) if registered else None,
        data=_data(parts),
        elsewhere=elsewhere,
    )


def _medians(facts: Sequence[DistrictFacts], parts: Sequence[Any]) -> dict[str, float]:
    """The median of known levels of each kind of which enough are known, as of one study."""
    counts: dict[str, Counter[float]] = {}
    for one in facts:
        for kind, levels in one.levels.items():
            counts.setdefault(kind, Counter()).update(levels)
    seen: set[str] = set()
    for row in (row for part in parts for row in part["border"]):
        if row[0] not in seen and row[2] is not None:
            counts.setdefault(row[1], Counter())[row[2]] += 1
        seen.add(row[0])
    medians = {}
    for kind, of_kind in sorted(counts.items()):
        if kind and of_kind.total() >= KNOWN_MIN:
            values = sorted(of_kind)
            numbers = np.repeat(values, [of_kind[level] for level in values])
            medians[kind] = float(np.median(numbers))
    return medians


def _border(
    facts: Sequence[DistrictFacts], parts: Sequence[Any]
) -> tuple[dict[str, tuple[str, ...]], list[list[Any]]]:
    """By district the homes near its border that an earlier one judges; and all homes near borders,
    each once."""
    taken: set[str] = set()
    elsewhere: dict[str, tuple[str, ...]] = {}
    rows = []
    for one, part in zip(facts, parts, strict=True):
        again = tuple(str(row[0]) for row in part["border"] if row[0] in taken)
        if again:
            elsewhere[one.key] = again
        rows += [row for row in part["border"] if row[0] not in taken]
        taken.update(row[0] for row in part["border"])
    return elsewhere, rows


def _floor(parts: Sequence[Any], border: list[list[Any]], levels: Mapping[str, float]) -> int:
    """The exact sum of the floor area that a total of persons is shared by."""
    filled = {**HOME_LEVELS, **levels}
    total = 0
    for part in parts:
        total += sum(map(int, part["floor"].values()))
        for kind, footprints in part["unknown"].items():
            total += exact_sum(unpacked(footprints) * filled.get(kind, 1.0))
    shares = [row for row in border if row[4] is None]
    areas = [
        size * (filled.get(kind) if level is None else level) for _, kind, level, size, _ in shares
    ]
    return total + exact_sum(areas)


def _services(facts: Sequence[DistrictFacts]) -> tuple[dict[str, bool], tuple[str, ...]]:
    """Of which services the region has data, and of which it has venues."""
    keys = dict.fromkeys(key for one in facts for key in one.services)
    named = {key for one in facts for key, (has, _) in one.services.items() if has}
    linked = {key for one in facts for key, (_, yes) in one.services.items() if yes}
    complete = {key for one in facts for key in one.more["complete"]}
    for key in named - linked:  # only what lies beyond every district could be linked
        near = {each for one in facts for each in one.more["unlinked"].get(key, ())}
        far = {each for one in facts for each in one.more["far"].get(key, ())}
        if far - near:
            linked.add(key)
    data = {key: key in linked or (key in complete and key not in named) for key in keys}
    return data, tuple(key for key in keys if key in named)


def _data(parts: Sequence[Any]) -> Box | None:
    """What the data of all districts cover."""
    boxes = np.array([part["data"] for part in parts], float).reshape(-1, 4)
    if not len(boxes):
        return None
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    return west, south, east, north
