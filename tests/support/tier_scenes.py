"""Subdistricts A (communities a1, a2) and B (b1) on one street of 1,800 m, walked at 1 m/s.

Homes: a1 at 0 m with 100 persons, a2 at 1,000 m with 200, b1 at 1,600 m with 300. Within 900 s the
community-tier venue at 0 m reaches a1 alone; the subdistrict-tier venue in A, at 800 m, reaches all.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from grounds import ground_of
from scenes import CRS_M, Scene

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.study.tiers import TIERS
from gusu_geo.tables import Facilities, Residences, Zones

HOMES = {"a1": (0, 100), "a2": (1000, 200), "b1": (1600, 300)}  # x, persons
VENUES = {"v-c": (0, "community"), "v-s": (800, "subdistrict")}  # x, tier
TREE = {
    "subdistrict": {"A": (-200, 1300), "B": (1300, 2000)},
    "community": {"a1": (-200, 500), "a2": (500, 1300), "b1": (1300, 2000)},
}
PARENTS = {"a1": "A", "a2": "A", "b1": "B"}
SERVICE = {"s": ["community", "subdistrict"]}


def tier_ground(
    folder: Path,
    venues: dict[str, tuple[float, str]] = VENUES,
    *,
    homes: dict[str, tuple[float, float]] = HOMES,
    tiers: dict[str, list[str]] = SERVICE,
    nested: bool = False,
    drawn: bool = True,
    tiered: bool = True,
) -> Ground:
    """The town; drawn: whether its communities have polygons, else homes join them by id; tiered:
    whether its zones say of which tier they are."""
    scene = Scene().way("a z", a=(-100, 0), z=(1700, 0))
    for name, (x, _) in homes.items():
        scene.home(name, x, 0)
    for name, (x, _) in venues.items():
        scene.venue(name, x, 0)
    ground = ground_of(scene, folder, tiers=tiers, nested=nested)
    city = ground.city
    people = city.residences.frame.assign(persons=[float(p) for _, p in homes.values()])
    people["compound"] = people["compound_name"] = ""
    if not drawn:
        people["community_id"] = np.array(list(homes), object)
    offers = city.facilities.frame.assign(tier=[tier for _, tier in venues.values()])
    method = {"zh": "手算", "en": "by hand"}
    total = float(people["persons"].sum())
    city = replace(
        city,
        facts={
            **city.facts,
            "persons": {**city.facts["persons"], "total": total, "method": method},
        },
        residences=Residences(people, city.residences.entrances),
        facilities=Facilities(offers, city.facilities.entrances),
        zones=tree_zones(drawn=drawn, tiered=tiered),
    )
    return replace(ground, city=city)


def tree_zones(*, drawn: bool = True, tiered: bool = True) -> Zones:
    rows = [
        (tier, zone_id, PARENTS.get(zone_id, ""), shapely.box(x0, -500, x1, 500))
        for tier in TIERS
        for zone_id, (x0, x1) in TREE.get(tier, {}).items()
    ]
    tiers, ids, parents, shapes = map(list, zip(*rows, strict=True))
    if not drawn:
        shapes = [None if t == "community" else s for t, s in zip(tiers, shapes, strict=True)]
    frame = {"level": tiers, "tier": tiers, "zone_id": ids, "parent": parents, "name": ids}
    none = {"name_zh": "", "name_en": ""}
    zones = gpd.GeoDataFrame({**frame, **none}, geometry=shapes, crs=CRS_M)
    return Zones(zones if tiered else zones.drop(columns=["tier", "parent"]))


def outcome_by_tier(ground: Ground) -> Outcome:
    return outcome_of(ground, judge_ground(ground), by_tier=True)
