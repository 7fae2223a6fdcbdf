"""A tiny judged town for report tests, with every time worked out by hand.

One street of 1,200 m from west to east, walked at 1 m/s. Home ``h<x>`` stands 20 m off it at x
metres, venues 10 m off it, so a walk takes |x - venue| + 30 s. Limit 600 s, cutoff 1,200 s:

reading   x = 0 and 1200   only h600 fails, by 30 s
health    x = 0            h600 and all east of it fail
play      x = 300 and 900  both are wanted (min_count 2): h400 to h800 pass
culture   no venue at all  unknown for everyone

``far`` has no street within reach and lies in no zone. Persons are powers of two.

With ``walled`` a second venue of health stands at x = 600 behind a wall without a known gate: h600
and all east of it would be in time, so nobody can tell. ``survey``: detours, links, gaps, made up.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from made_up_reasons import made_up_reasons
from scenes import CRS_M, Scene

from gusu_geo.assessment.detours import DetourRing, Detours
from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.outcome import Outcome, Survey
from gusu_geo.assessment.rule import Rule, judge
from gusu_geo.assessment.walkable_city import CityLinks
from gusu_geo.assessment.zones import assign, roll_up
from gusu_geo.report.plan_shown import PlanShown
from gusu_geo.report.summary import sensitivity_row, summarise
from gusu_geo.siting.plan import ChosenSite, SitingPlan
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.catalog import RulePack, Service
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import parse_study
from gusu_geo.tables import City, Entrances, Facilities, Residences, WayFlag, Zones, no_shapes
from gusu_geo.walking.access import AccessTable
from gusu_geo.walking.linkage import Linked
from gusu_geo.walking.snapping import snap

HOMES = {f"h{x}": (float(x), 20.0) for x in range(100, 1200, 100)} | {"far": (600.0, -400.0)}
VENUES = {
    "v-read-west": ("reading", 0.0),
    "v-read-east": ("reading", 1200.0),
    "v-health": ("health", 0.0),
    "v-play-1": ("play", 300.0),
    "v-play-2": ("play", 900.0),
}
PERSONS = dict(zip(HOMES, (2.0**i for i in range(len(HOMES))), strict=True))


def make_outcome(
    payload: str = "",
    *,
    mode: str = "union",
    walled: bool = False,
    survey: bool = False,
    single: bool = False,
    guessed: bool = False,
) -> Outcome:
    """The town; ``payload`` is appended to every text that comes from data or study. single: one
    venue of play is enough, as what-if on the page wants it. guessed: nobody counted the persons,
    h700 and all after it are assumed homes (4,032 persons), and three buildings on commercial
    ground are none (1,234.5 persons)."""
    scene = _scene(payload)
    net = scene.network()
    wanted = 1 if single else 2
    rule = Rule(_pack(payload, wanted), (600.0,) * 4, mode)  # type: ignore[arg-type]
    access = _access(scene, wanted)
    possible = _access(_scene(behind_wall=True), wanted) if walled else None
    known = (True, True, True, False)
    verdict = judge(access, rule, known=known, possible=possible)
    city = _city(payload, scene, net)
    if guessed:
        _guess(city)
    zone_of = assign(city.zones, city.residences)
    study = _study(payload)
    persons = city.residences.frame["persons"].to_numpy(float)
    homes, venues = (
        Linked(part.frame.index, snap(net, part.entrances))
        for part in (city.residences, city.facilities)
    )
    links = CityLinks(homes, venues, None)
    judgement = Judgement(study, city, net, links, access, verdict, known)
    summary = summarise(
        judgement,
        zones=roll_up(city.zones, zone_of, persons, verdict),
        sensitivity=[sensitivity_row("standard", 1.0, verdict, persons)],
    )
    summary["data"]["licence"] += payload
    seen = Survey(made_up_detours(access), made_up_layers(payload)) if survey else None
    return Outcome(judgement, zone_of, summary, survey=seen)


def _guess(city: City) -> None:
    city.residences.frame["kind"] = ["tagged"] * 6 + ["assumed"] * 6
    city.facts["persons"]["counted"] = False
    city.facts["mixed_ground"] = {"included": False, "buildings": 3, "persons": 1234.5}
    city.facts["dropped"] = {"homes": {"small": 2, "ground_mixed": 3}, "venues": {}}
    shops = [shapely.box(x, -90, x + 60, -50) for x in (800, 900, 1000)]
    for i, shop in enumerate(shops, start=len(city.surroundings)):
        city.surroundings.loc[i] = ["mixed", shop]


def rejudged(outcome: Outcome, **changes: Any) -> Outcome:
    """The outcome with other parts of its judgement; the summary stays."""
    return replace(outcome, judgement=replace(outcome.judgement, **changes))


def _scene(payload: str = "", *, behind_wall: bool = False) -> Scene:
    scene = Scene()
    scene.way("a b c", called=f"Long street{payload}", a=(0, 0), b=(600, 0), c=(1200, 0))
    scene.way("b d", flags=int(WayFlag.STEPS), d=(600, -140))
    for name, xy in HOMES.items():
        scene.home(name, *xy)
    for name, (service, x) in VENUES.items():
        scene.venue(name, x, 10, service=service)
    if behind_wall:
        scene.venue("v-health-walled", 600, 10, service="health")
    scene.water = [shapely.box(-150, -300, 1350, -150)]
    return scene


def _access(scene: Scene, wanted: int) -> AccessTable:
    counts = {"reading": 1, "health": 1, "play": wanted, "culture": 1}
    return scene.measure(cutoff_s=1200.0, counts=counts)


def _pack(payload: str, wanted: int) -> RulePack:
    titles = {
        "reading": ("先锋书架", "Reading corner"),
        "health": ("健康诊疗", "Health and basic care"),
        "play": ("儿童游乐", "Children's play"),
        "culture": ("文化创意", "Culture and creativity"),
    }
    services = tuple(
        Service(key, zh + payload, en + payload, min_count=wanted if key == "play" else 1)
        for key, (zh, en) in titles.items()
    )
    texts = (
        f"测试规则{payload}",
        f"Test rule{payload}",
        f"仅供测试{payload}",
        f"For tests{payload}",
    )
    return RulePack("test-pack", "1.2", *texts, f"made up{payload}", 10.0, services)


def _city(payload: str, scene: Scene, net: WalkNetwork) -> City:
    homes = scene.linked(net, scene.homes).ids
    points = [shapely.Point(*xy) for xy in HOMES.values()]
    feet = [p.buffer(12, cap_style="square") if i < 10 else None for i, p in enumerate(points)]
    residences = gpd.GeoDataFrame(
        {
            "name": [f"小区 {home}{payload}" for home in homes],
            "persons": [PERSONS[home] for home in homes],
            "kind": "tagged",
            "levels": 3.0,
            "levels_known": True,
            "footprint": pd.Series(feet, index=homes, dtype=object),
        },
        index=homes, geometry=gpd.GeoSeries(points, index=homes), crs=CRS_M,
    )  # fmt: skip
    places = np.array([(x, 10.0) for _, x in VENUES.values()])
    facilities = gpd.GeoDataFrame(
        {
            "service": [service for service, _ in VENUES.values()],
            "venue_id": list(VENUES),
            "name": [f"点位 {key}{payload}" for key in VENUES],
            "hours": "",
            "evidence": ["A", "B", "C", "C", "C"],
        },
        index=list(VENUES), geometry=gpd.points_from_xy(*places.T), crs=CRS_M,
    )  # fmt: skip
    return City(
        crs=CRS_M,
        streets=scene.streets(),
        residences=Residences(residences, _entrances(points)),
        facilities=Facilities(facilities, _entrances(facilities.geometry)),
        zones=_zones(payload),
        area=gpd.GeoDataFrame(geometry=[shapely.box(-200, -500, 1400, 500)], crs=CRS_M),
        surroundings=_surroundings(scene),
        compounds=no_shapes(CRS_M, "compound_id", "name", "source"),
        gates=no_shapes(CRS_M, "access", "source"),
        plazas=no_shapes(CRS_M),
        facts={
            "osm_file": "test.osm",
            "osm_sha256": "0" * 64,
            "osm_date": "2025-03-01T10:00:00Z",
            "persons": {
                "estimate": True,
                "total": sum(PERSONS.values()),
                "source": f"made up{payload}",
                "method": {"zh": f"虚构{payload}", "en": f"invented{payload}"},
            },
            "sources": [
                {
                    "source": f"test.osm{payload}",
                    "kind": "streets",
                    "read": 1203,
                    "used": 1200,
                    "left_out": {"street_dropped_access": 1, "far": 2},
                    "doubted": {"cut": 4},
                    "named": {"far": [f"w8{payload}", "w9"]},
                }
            ],
            "notes": [{"code": "n", "zh": f"提示{payload}", "en": f"A note{payload}"}],
        },
        scenery=_scenery(payload),
    )


def _entrances(points: object) -> Entrances:
    return Entrances.of_points(shapely.get_coordinates(np.array(list(points), object)))  # type: ignore[call-overload]


def _zones(payload: str) -> Zones:
    frame = {
        "level": "ward",
        "zone_id": ["w", "e"],
        "name": [f"West{payload}", f"East{payload}"],
        "name_zh": [f"西区{payload}", f"东区{payload}"],
        "name_en": [f"West ward{payload}", f"East ward{payload}"],
    }
    boxes = [shapely.box(-100, -200, 650, 400), shapely.box(650, -200, 1300, 400)]
    return Zones(gpd.GeoDataFrame(frame, geometry=boxes, crs=CRS_M))


def _scenery(payload: str) -> gpd.GeoDataFrame:
    """Sea in the south, a park, a station, a stream and a street in another language."""
    rows = [
        ("sea", "", "", "", 0.0, shapely.box(-900, -900, 2100, -450)),
        ("land", "", "", "", 0.0, shapely.box(-900, -450, 2100, 900)),
        ("park", f"公园{payload}", "", f"Park{payload}", 120.0, shapely.Point(350, 200)),
        ("station", f"Central{payload}", f"总站{payload}", "", 0.0, shapely.Point(900, 260)),
        ("stream", f"小河{payload}", "", "", 0.0, shapely.LineString([(-150, 350), (1300, 420)])),
        ("street", f"Long street{payload}", f"长街{payload}", "", 0.0, None),
    ]
    columns = ["kind", "name", "name_zh", "name_en", "size_m", "geometry"]
    frame = pd.DataFrame(rows, columns=columns).astype({"name": object})
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS_M)


def _surroundings(scene: Scene) -> gpd.GeoDataFrame:
    kinds = ["water", "green", "waterway", "railway", "wall"]
    shapes = [
        scene.water[0],
        shapely.box(200, 100, 400, 250).difference(shapely.box(250, 150, 300, 200)),
        shapely.LineString([(-150, 350), (1300, 420)]),
        shapely.LineString([(-150, 450), (1300, 450)]),
        shapely.LineString([(0, 300), (100, 300)]),
    ]
    return gpd.GeoDataFrame({"kind": kinds}, geometry=shapes, crs=CRS_M)


def _study(payload: str) -> Study:
    document = {
        "study": {"name": "tiny", "title": {"zh": f"小镇{payload}", "en": f"Tiny town{payload}"}},
        "area": {"bbox": [120.5, 31.2, 120.7, 31.4]},
        "network": {"osm": "test.osm"},
        "report": {"review_number": payload[:80]},
    }
    return parse_study(document, root=Path())


def made_up_plan(payload: str = "", **shown: Any) -> PlanShown:
    """Two new venues that 700 persons gain by, 500 by the first; shown: how."""
    sites = [("c1", 700.0, ("health",), 500.0), ("c2", 400.0, ("health", "play"), 200.0)]
    chosen = tuple(
        ChosenSite(key, f"闲置房 {key}{payload}", (x, -30.0), (120.6, 31.3), services, gained)
        for key, x, services, gained in sites
    )
    plan = SitingPlan(
        chosen=chosen,
        objective_persons=700.0,
        bound_persons=750.0,
        gap=50 / 750,
        status="time limit",
        sites=2,
        services_per_site=3,
        spacing_m=None,
        candidates=3,
        before={"passed_known_persons": 1000.0, "share": 0.25},
        after={"passed_known_persons": 1700.0, "share": 0.425},
        services=(),
        gained_residence_ids=(),
        unreachable_persons=0.0,
        unlinked_persons=0.0,
        excluded_services=(),
        unlinked_candidate_ids=(),
        notes=(),
        run_time_s=0.0,
        gained_persons=(700.0, 700.0),
        why=made_up_reasons(payload),
    )
    return PlanShown(plan, **shown)


def made_up_detours(access: AccessTable) -> Detours:
    """Ratios on either side of every class's edge; none for ``far``. h1000 is half cut off."""
    ratio_pm = [1000, 1299, 1300, 1499, 1500, 1799, 1800, 2499, 2500, 4000, 1250, -1]
    beyond_pm = [0, 0, 0, 0, 0, 0, 0, 0, 0, 500, 0, -1]
    arrays = (np.array(values, np.int32) for values in (ratio_pm, beyond_pm))
    return Detours(access.residence_ids, *arrays, access.reason, DetourRing())


def made_up_layers(payload: str = "") -> dict[str, gpd.GeoDataFrame]:
    """Missing links with everything that can stand between, and uncovered ground.

    Of health all ground east of x = 630; of play a box with a hole of 40 x 40 m, one of 5 x 5 m and
    a speck of 5 x 5 m; reading covers everything, of culture nobody knows.
    """
    kinds = ["wall", "water", "waterway", "railway", "motorway", "gate", "private", "unknown"]
    x = [300.0, *(100.0 * i for i in range(2, 13))]
    links = gpd.GeoDataFrame(
        {
            "air_m": 50.4,
            "walk_m": [1234.4 - 10 * i if i != 1 else 3000.0 for i in range(12)],
            "cut_off": [i == 1 for i in range(12)],
            "persons": [1024.0, 0.0, *range(10, 0, -1)],
            "gained_persons": [512.0, *[0.0] * 10, np.nan],
            "gained_service_persons": [640.0, 96.0, *[0.0] * 9, np.nan],
            "door_persons": [32.0, *[0.0] * 11],
            "gains_missing": [*[""] * 11, "several_gates"],
            "between": [kinds[i % 8] for i in range(12)],
            "levels": [i == 1 for i in range(12)],
            "name_a": [f"Wall Street{payload}", *[""] * 11],
            "name_b": [f"Gate Lane{payload}", *[""] * 11],
        },
        index=pd.RangeIndex(1, 13, name="rank"),
        geometry=[shapely.LineString([(at, -40), (at, -90)]) for at in x], crs=CRS_M,
    )  # fmt: skip
    play = shapely.box(100, -90, 300, -40)
    for hole in (shapely.box(150, -85, 190, -45), shapely.box(250, -60, 255, -55)):
        play = play.difference(hole)
    ground = [
        shapely.MultiPolygon([play, shapely.box(900, -60, 905, -55)]),
        shapely.MultiPolygon(),
        shapely.MultiPolygon([shapely.box(630, -60, 1300, 60)]),
    ]
    index = pd.Index(["play", "reading", "health"], name="service")
    bare = gpd.GeoDataFrame({"minutes": 10.0}, index=index, geometry=ground, crs=CRS_M)
    return {"missing_links": links, "uncovered": bare}
