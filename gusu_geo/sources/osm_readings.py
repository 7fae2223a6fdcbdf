"""What became of the objects of an OSM file, in units of a planner: streets, buildings, doors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm.nodes import at_openings
from gusu_geo.sources.osm.walk_policy import PolicyReason
from gusu_geo.sources.readings import Why, reading
from gusu_geo.tables import Reading, StreetWays


def file_readings(extract: OsmExtract) -> list[Reading]:
    """The file itself, where it is edited, has several boxes or a wrong one; else nothing."""
    name, edits, rows = extract.path.name, extract.edits, []
    if edits.repeated or edits.dropped or edits.new:
        left_out: Why = {"repeated": edits.repeated, "deleted": edits.dropped}
        used = edits.objects - edits.repeated - len(edits.dropped)
        rows.append(
            reading(
                name,
                "objects",
                read=edits.objects,
                used=used,
                left_out=left_out,
                doubted={"new": edits.new},
            )
        )
    wrong, boxes = extract.counts.get("boxes_wrong", 0), len(edits.boxes)
    if wrong or boxes > 1:
        believed = boxes - wrong
        rows.append(
            reading(name, "boxes", read=boxes, used=believed, left_out={"box_wrong": wrong})
        )
    return rows


def street_reading(extract: OsmExtract, clipped: StreetWays) -> Reading:
    """Ways with ``highway`` and ferries; clipped: those within reach."""
    count = Counter(extract.counts)
    found, used = (len(np.unique(each.way_ids)) for each in (extract.streets, clipped))
    left_out: Why = {
        **{f"street_{reason}": _both(count, reason) for reason in PolicyReason if reason != "kept"},
        "ferry_cut": count["ferries_cut"],
        "without_place": count["ways_lost"],
        "far": extract.named.get("streets_far", ()),
        "beyond_reach": found - used,
    }
    kept = _both(count, PolicyReason.KEPT) + count["plaza_rings_kept"]
    return reading(
        extract.path.name,
        "streets",
        read=kept
        + sum(_both(count, r) for r in PolicyReason if r != "kept")
        + count["ferries_cut"],
        used=used,
        left_out=left_out,
        doubted={"cut": count["ways_cut"]},
    )


def _both(count: Counter[str], reason: str) -> int:
    return count[f"highways_{reason}"] + count[f"ferries_{reason}"]


def building_reading(
    extract: OsmExtract, *, homes: int, assumed: int, dropped: dict[str, int]
) -> Reading:
    """Buildings of a study whose homes are buildings; dropped: those inside the area, by reason."""
    count = Counter(extract.counts)
    inside = homes + sum(dropped.values())
    broken, far = count["buildings_broken"], extract.named.get("buildings_far", ())
    return reading(
        extract.path.name,
        "buildings",
        read=count["buildings"] + broken + len(far),
        used=homes,
        left_out={
            "outside_area": count["buildings"] - inside,
            **dropped,
            "broken": broken,
            "far": far,
        },
        doubted={"assumed": assumed},
    )


def place_reading(extract: OsmExtract, left: Mapping[str, int]) -> Reading:
    """Places that may be venues; left: those left out within the study, by reason. ``used`` is
    known only when records of one place are merged."""
    count = Counter(extract.counts)
    faults = {
        "broken": count["places_broken"],
        "open_line": count["places_open_line"],
        "unplaced": count["places_unplaced"],
    }
    far = extract.named.get("places_far", ())
    read = len(extract.places) + sum(faults.values()) + len(far)
    named = {"unplaced": extract.named.get("unplaced", ())}
    left_out: Why = {**left, **faults, "far": far}
    return reading(extract.path.name, "places", read=read, used=0, left_out=left_out, named=named)


def door_reading(extract: OsmExtract, area: StudyArea, gates: frozenset[str]) -> Reading:
    """Entrances and gates; gates: ids of those taken as gates of the study."""
    doors, missing = extract.doors, Counter(extract.counts)["doors_unplaced"]
    near = area.reaches(doors[["lon", "lat"]].to_numpy(float))
    touches = (
        doors["on_street"].to_numpy(bool)
        | doors["on_wall"].to_numpy(bool)
        | at_openings(doors, extract.openings)
        | doors.index.isin(gates)
    )
    return reading(
        extract.path.name,
        "doors",
        read=len(doors) + missing,
        used=int((near & touches).sum()),
        left_out={
            "beyond_reach": int((~near).sum()),
            "touches_nothing": int((near & ~touches).sum()),
            "unplaced": missing,
        },
        named={"unplaced": extract.named.get("unplaced", ())},
    )


def ground_reading(extract: OsmExtract, within: int) -> Reading:
    """Water, green, tracks, walls; within: how many of them reach into the study."""
    count = Counter(extract.counts)
    broken = count["surfaces_broken"] + count["lines_broken"]
    far = [key for each in ("surfaces", "lines") for key in extract.named.get(f"{each}_far", ())]
    return reading(
        extract.path.name,
        "ground",
        read=count["surroundings"] + broken + len(far) + count["off_surface"],
        used=within,
        left_out={
            "beyond_reach": count["surroundings"] - within,
            "off_surface": count["off_surface"],
            "broken": broken,
            "far": far,
        },
        doubted={"line_cut": count["lines_cut"]},
    )
