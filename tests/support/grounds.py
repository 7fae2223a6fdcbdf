"""A drawn scene as the ground of a study, so that whole scenarios can be worked out by hand.

Everybody walks at 1 m/s; persons are powers of two in the order of the homes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scenes import CRS_M, Scene, entrances

from gusu_geo.assessment.judgement import rule_of
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.report.comparison import Comparison
from gusu_geo.scenarios.apply import apply_scenario
from gusu_geo.scenarios.judged import judge_changed, judge_tiers_of_both
from gusu_geo.scenarios.scenario_file import parse_scenario
from gusu_geo.study.study_file import parse_study
from gusu_geo.tables import City, Facilities, Residences, Zones, no_shapes

PACK = """[pack]
id = "p"
version = "1"
source = "me"
minutes = 15
title = { zh = "题", en = "t" }
note = { zh = "注", en = "n" }
"""


def ground_of(
    scene: Scene, folder: Path, *, services: str = "s", minutes: float = 15, **rule: Any
) -> Ground:
    """The scene; ``services``: of the pack, with spaces; venues of others must not be."""
    rows = "".join(
        f'[[services]]\nid = "{s}"\nzh = "服务{s}"\nen = "service {s}"\n' for s in services.split()
    )
    (folder / "pack.toml").write_text(PACK + rows, encoding="utf-8")
    document = {
        "study": {"name": "drawn"},
        "area": {"bbox": [120.5, 31.2, 120.7, 31.4]},
        "network": {"osm": "drawn.osm", "island_max_m": 0},
        "rule": {"pack": "pack.toml", "minutes": minutes, **rule},
    }
    study = parse_study(document, root=folder)
    return Ground(
        study=study,
        pack=rule_of(study).pack,
        city=_city(scene, services.split()),
        network=scene.network(),
        barriers=scene.barriers(),
        compounds=no_shapes(CRS_M, "compound_id"),
        heights="",
        notes=(),
    )


def at(x: float, y: float) -> list[float]:
    """lon, lat of a place in metres."""
    lon, lat = transformer(CRS_M, WGS84).transform(x, y)
    return [lon, lat]


def document(*changes: dict[str, Any], **more: Any) -> str:
    """A scenario file."""
    head = {"schema": "gusu-geo-scenario/1", "study": "drawn", **more}
    return json.dumps(head | {"changes": list(changes)})


def compared(ground: Ground, *changes: dict[str, Any], **more: Any) -> Comparison:
    """The ground before and after the changes."""
    scenario = parse_scenario(document(*changes, **more))
    changed = apply_scenario(ground, scenario)
    before = outcome_of(ground, judge_ground(ground))
    after = judge_changed(changed, ground, before.judgement)
    tiered = judge_tiers_of_both(changed, ground, before.judgement, after, before.zone_of)
    closed, marks = changed.venues.closed, changed.marks
    return Comparison(scenario, before, after, closed, marks, tiered=tiered)


def seconds(side: Any, home: str = "h", service: str = "s") -> float:
    """Time to the nearest venue, before or after."""
    return float(side.access.nearest_s.loc[home, service])


def states(side: Any, service: str = "s") -> list[str]:
    """pass, fail or unknown of every home."""
    k = side.verdict.services.index(service)
    return [("fail", "pass", "unknown")[state] for state in side.verdict.state[:, k]]


def _city(scene: Scene, services: list[str]) -> City:
    homes = list(scene.homes)
    persons = 2.0 ** np.arange(len(homes))
    residences = _points({name: xy[0] for name, xy in scene.homes.items()})
    residences = residences.assign(name=homes, persons=persons, kind="tagged", footprint=None)
    venues = _points({name: xy[0] for name, (_, _, xy) in scene.venues.items()})
    offered = [service for service, _, _ in scene.venues.values()]
    venues = venues.assign(
        service=pd.Series(offered, index=venues.index, dtype=object),
        venue_id=[of for _, of, _ in scene.venues.values()],
        name=[f"Venue {name}" for name in scene.venues], hours="", evidence="C",
    )  # fmt: skip
    boxes = [shapely.box(-1e4, -1e4, 450, 1e4), shapely.box(450, -1e4, 1e4, 1e4)]
    names = ["west", "east"]
    zones = {"level": "ward", "zone_id": names, "name": names, "name_zh": "", "name_en": names}
    estimate = {"estimate": False, "total": float(persons.sum()), "source": "", "method": {}}
    return City(
        crs=CRS_M,
        streets=scene.streets(),
        residences=Residences(residences, entrances(scene.homes)),
        facilities=Facilities(venues, entrances({k: xy for k, (_, _, xy) in scene.venues.items()})),
        zones=Zones(gpd.GeoDataFrame(zones, geometry=boxes, crs=CRS_M)),
        area=gpd.GeoDataFrame(geometry=[shapely.box(-1e4, -1e4, 1e4, 1e4)], crs=CRS_M),
        surroundings=no_shapes(CRS_M, "kind"),
        compounds=no_shapes(CRS_M, "compound_id", "name", "source"),
        gates=no_shapes(CRS_M, "access", "source"),
        plazas=no_shapes(CRS_M),
        facts={"known": {s: s in offered for s in services}, "persons": estimate, "notes": []},
    )


def _points(places: dict[str, tuple[float, float]]) -> gpd.GeoDataFrame:
    xy = np.array(list(places.values()), float).reshape(-1, 2)
    points = gpd.points_from_xy(*xy.T)
    return gpd.GeoDataFrame(geometry=points, index=pd.Index(list(places), dtype=object), crs=CRS_M)
