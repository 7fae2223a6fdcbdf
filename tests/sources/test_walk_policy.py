"""Each row of the walk policy, judged from tags alone. Expectations: the brief and the OSM wiki."""

from __future__ import annotations

import pytest
from conftest import ROOT

from gusu_geo.errors import StudyError
from gusu_geo.sources.osm.walk_policy import (
    CLASSES,
    Barrier,
    PolicyReason,
    as_markdown,
    classes,
    is_gate,
    judge_barrier,
    judge_crossing,
    judge_node,
    judge_way,
)
from gusu_geo.sources.osm.walk_table import TABLE
from gusu_geo.tables import NodeFlag, WayFlag

STEPS, PRIVATE, TUNNEL, BRIDGE = WayFlag.STEPS, WayFlag.PRIVATE, WayFlag.TUNNEL, WayFlag.BRIDGE
KINDS = WayFlag.ON_FOOT | WayFlag.NO_WHEELS | WayFlag.LIFT  # tested on their own
AREA, FORWARD, BACKWARD = WayFlag.AREA, WayFlag.FORWARD_ONLY, WayFlag.BACKWARD_ONLY

WALKED = [
    "footway",
    "path",
    "steps",
    "pedestrian",
    "living_street",
    "residential",
    "unclassified",
    "tertiary",
    "tertiary_link",
    "secondary",
    "secondary_link",
    "primary",
    "primary_link",
    "service",
    "track",
    "bridleway",
    "corridor",
    "elevator",
    "platform",
    "road",
    "trunk",
    "trunk_link",
]
NOT_WALKED = [
    "cycleway",
    "motorway",
    "motorway_link",
    "construction",
    "proposed",
    "raceway",
    "busway",
    "bus_guideway",
    "abandoned",
    "razed",
    "bus_stop",
    "nonsense",
]


def tags(text: str) -> dict[str, str]:
    """Tags from "a=b c=d"."""
    return dict(pair.split("=", 1) for pair in text.split() if pair)


@pytest.mark.parametrize("highway", WALKED)
def test_plain_class_is_walked(highway: str) -> None:
    verdict = judge_way({"highway": highway})
    assert verdict.kept
    assert verdict.flags & ~KINDS == (STEPS if highway == "steps" else 0)


@pytest.mark.parametrize("highway", NOT_WALKED)
def test_plain_class_is_left_out(highway: str) -> None:
    assert not judge_way({"highway": highway}).kept


def test_way_without_highway_is_left_out() -> None:
    assert judge_way(tags("man_made=pier foot=yes")).reason is PolicyReason.CLASS
    assert judge_way(tags("railway=rail")).reason is PolicyReason.CLASS


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("route=ferry", True),
        ("route=ferry foot=yes motor_vehicle=no", True),
        ("route=ferry access=no foot=designated", True),
        ("route=ferry foot=no", False),
        ("route=ferry access=no", False),
        ("route=bus", False),
    ],
)
def test_ferries_take_people_unless_they_say_no(text: str, kept: bool) -> None:
    verdict = judge_way(tags(text))
    assert verdict.kept is kept
    assert verdict.flags == (WayFlag.FERRY if kept else 0)
    assert not judge_way(tags(text), classes(drop=["ferry"])).kept


def test_a_ferry_on_a_road_is_a_ferry() -> None:
    assert judge_way(tags("route=ferry highway=service")).flags == WayFlag.FERRY


@pytest.mark.parametrize(
    "highway",
    ["footway", "path", "steps", "pedestrian", "corridor", "platform", "bridleway"],
)
def test_ways_made_for_walkers(highway: str) -> None:
    assert judge_way({"highway": highway}).flags & WayFlag.ON_FOOT
    assert judge_way(tags("highway=cycleway foot=yes")).flags == WayFlag.ON_FOOT


@pytest.mark.parametrize(
    "highway", ["residential", "living_street", "service", "track", "primary", "elevator"]
)
def test_ways_with_traffic_are_not(highway: str) -> None:
    assert not judge_way({"highway": highway}).flags & WayFlag.ON_FOOT


def test_a_lift_drawn_as_a_way() -> None:
    assert judge_way(tags("highway=elevator wheelchair=yes")).flags == WayFlag.LIFT


@pytest.mark.parametrize(
    ("text", "barred"),
    [
        ("highway=steps", True),
        ("highway=steps ramp=no", True),
        ("highway=steps ramp=separate", True),
        ("highway=steps ramp=yes", False),
        ("highway=steps ramp:wheelchair=yes", False),
        ("highway=steps ramp:stroller=yes", False),
        ("highway=steps ramp=yes ramp:wheelchair=no", True),
        ("highway=steps ramp=yes wheelchair=no", True),
        ("highway=steps ramp:bicycle=yes", True),
        ("highway=steps wheelchair=limited", False),
        ("highway=steps conveying=yes", True),
        ("highway=footway", False),
        ("highway=footway wheelchair=no", True),
        ("highway=residential wheelchair=no", True),
        ("highway=footway wheelchair=limited", False),
        ("highway=footway ramp=no", False),
    ],
)
def test_wheels(text: str, barred: bool) -> None:
    assert bool(judge_way(tags(text)).flags & WayFlag.NO_WHEELS) is barred


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("highway=cycleway foot=yes", PolicyReason.KEPT),
        ("highway=cycleway foot=designated", PolicyReason.KEPT),
        ("highway=cycleway foot=permissive", PolicyReason.KEPT),
        ("highway=cycleway foot=private", PolicyReason.NO_FOOT),
        ("highway=cycleway access=yes", PolicyReason.NO_FOOT),
        ("highway=motorway foot=yes", PolicyReason.KEPT),
        ("highway=motorway_link foot=designated", PolicyReason.KEPT),
        ("highway=motorway foot=permissive", PolicyReason.NO_FOOT),
        ("highway=trunk motorroad=yes", PolicyReason.ACCESS),
        ("highway=trunk motorroad=no", PolicyReason.KEPT),
        ("highway=trunk motorroad=yes foot=yes", PolicyReason.KEPT),
        ("highway=primary motorroad=yes", PolicyReason.ACCESS),
        ("highway=residential foot=no", PolicyReason.ACCESS),
        ("highway=residential foot=use_sidepath", PolicyReason.ACCESS),
        ("highway=residential access=yes foot=no", PolicyReason.ACCESS),
        ("highway=footway access=no", PolicyReason.ACCESS),
        ("highway=footway access=no foot=yes", PolicyReason.KEPT),
        ("highway=footway access=no foot=designated", PolicyReason.KEPT),
        ("highway=footway access=no foot=permissive", PolicyReason.KEPT),
        ("highway=footway access=no foot=destination", PolicyReason.KEPT),
        ("highway=footway access=no foot=private", PolicyReason.KEPT),
        ("highway=footway access=no foot=unknown", PolicyReason.ACCESS),
        ("highway=residential vehicle=no", PolicyReason.KEPT),
        ("highway=residential access=unheard_of", PolicyReason.KEPT),
        ("highway=construction foot=yes", PolicyReason.CLASS),
        ("highway=service service=driveway", PolicyReason.KEPT),
        ("highway=service service=parking_aisle", PolicyReason.KEPT),
        ("highway=corridor indoor=yes level=1", PolicyReason.KEPT),
    ],
)
def test_permission(text: str, reason: PolicyReason) -> None:
    assert judge_way(tags(text)).reason is reason


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        *((f"highway=service access={value}", PRIVATE) for value in
          ("private", "customers", "residents", "permit", "delivery")),
        *((f"highway=service foot={value}", PRIVATE) for value in
          ("private", "customers", "residents", "permit", "delivery")),
        ("highway=service access=private foot=yes", 0),
        ("highway=service access=no foot=residents", PRIVATE),
        ("highway=service access=destination", 0),
        ("highway=footway tunnel=yes", TUNNEL),
        ("highway=footway tunnel=no", 0),
        ("highway=footway tunnel=building_passage", 0),
        ("highway=footway tunnel=covered", 0),
        ("highway=footway covered=yes", 0),
        ("highway=corridor location=underground", TUNNEL),
        ("highway=footway bridge=yes", BRIDGE),
        ("highway=footway bridge=viaduct", BRIDGE),
        ("highway=footway bridge=no", 0),
        ("highway=pedestrian area=yes", AREA),
        ("highway=footway area=no", 0),
        ("highway=steps conveying=forward", STEPS | FORWARD),
        ("highway=steps conveying=backward", STEPS | BACKWARD),
        ("highway=steps conveying=yes", STEPS),
        ("highway=footway conveying=reversible", 0),
        ("highway=footway oneway:foot=yes", FORWARD),
        ("highway=footway oneway:foot=-1", BACKWARD),
        ("highway=footway oneway:foot=no", 0),
        ("highway=residential oneway=yes", 0),
        ("highway=footway conveying=forward oneway:foot=-1", 0),
        ("highway=steps access=private bridge=yes", STEPS | PRIVATE | BRIDGE),
    ],
)  # fmt: skip
def test_flags(text: str, flags: int) -> None:
    verdict = judge_way(tags(text))
    assert verdict.kept
    assert verdict.flags & ~KINDS == flags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("barrier=gate", Barrier.OPEN),
        ("barrier=gate locked=yes", Barrier.CLOSED),
        ("barrier=gate locked=no", Barrier.OPEN),
        ("barrier=gate foot=no", Barrier.CLOSED),
        ("barrier=gate access=no", Barrier.CLOSED),
        ("barrier=gate access=no foot=yes", Barrier.OPEN),
        ("barrier=gate locked=yes foot=yes", Barrier.OPEN),
        ("barrier=gate access=private", Barrier.PRIVATE),
        ("barrier=gate access=no foot=private", Barrier.PRIVATE),
        ("barrier=gate access=private foot=yes", Barrier.OPEN),
        ("barrier=swing_gate access=no", Barrier.CLOSED),
        ("barrier=turnstile locked=yes", Barrier.CLOSED),
        ("barrier=kissing_gate", Barrier.OPEN),
        *((f"barrier={kind} access=no locked=yes", Barrier.OPEN) for kind in
          ("kerb", "bollard", "lift_gate", "block", "cycle_barrier", "stile", "unheard_of")),
        *((f"barrier={kind} foot=no", Barrier.CLOSED) for kind in
          ("kerb", "bollard", "lift_gate", "block", "cycle_barrier", "stile", "unheard_of")),
        ("barrier=lift_gate foot=private", Barrier.PRIVATE),
        ("barrier=wall", Barrier.CLOSED),
        ("barrier=fence", Barrier.CLOSED),
        ("barrier=fence foot=yes", Barrier.OPEN),
        ("barrier=no foot=no", Barrier.OPEN),
        ("highway=crossing", Barrier.OPEN),
    ],
)  # fmt: skip
def test_barrier_nodes(text: str, expected: Barrier) -> None:
    assert judge_barrier(tags(text)) is expected


GAP, LIGHT = NodeFlag.CROSSING, NodeFlag.SIGNALS


@pytest.mark.parametrize(
    ("text", "flag", "at_least"),
    [
        ("highway=crossing", GAP, GAP),
        ("highway=crossing crossing=zebra", GAP, 0),
        ("highway=crossing crossing=unmarked", GAP, 0),
        ("highway=crossing crossing=traffic_signals", LIGHT, 0),
        ("highway=crossing crossing:signals=yes", LIGHT, 0),
        ("highway=crossing crossing:signals=no", GAP, 0),
        ("highway=crossing crossing=no", 0, 0),
        ("crossing=marked", GAP, 0),
        ("crossing=no", 0, 0),
        ("railway=crossing", GAP, GAP),
        ("railway=level_crossing", GAP, GAP),
        ("railway=switch", 0, 0),
        ("highway=traffic_signals", 0, LIGHT),  # a light for vehicles, until people cross there
        ("highway=traffic_signals crossing=traffic_signals", LIGHT, 0),
        ("highway=traffic_signals crossing=zebra", LIGHT, 0),
        ("highway=traffic_signals crossing=no", 0, 0),
        ("highway=bus_stop", 0, 0),
        ("highway=elevator", NodeFlag.LIFT, 0),
        ("barrier=gate", NodeFlag.GATE, 0),
        ("barrier=gate access=private", NodeFlag.GATE | NodeFlag.RESIDENTS, 0),
        ("barrier=gate access=permit", NodeFlag.GATE | NodeFlag.RESIDENTS, 0),
        ("barrier=gate foot=residents", NodeFlag.GATE | NodeFlag.RESIDENTS, 0),
        ("barrier=gate locked=yes", NodeFlag.GATE | NodeFlag.CLOSED, 0),
        ("barrier=lift_gate access=private", NodeFlag.GATE, 0),  # for vehicles
        ("barrier=lift_gate foot=private", NodeFlag.GATE | NodeFlag.RESIDENTS, 0),
        ("barrier=bollard foot=private", 0, 0),
        ("barrier=wall", NodeFlag.CLOSED, 0),
        ("barrier=gate highway=crossing", NodeFlag.GATE | GAP, GAP),
        ("", 0, 0),
    ],
)
def test_node_flags(text: str, flag: int, at_least: int) -> None:
    verdict = judge_node(tags(text))
    assert (verdict.flags, verdict.at_least) == (flag, at_least)


@pytest.mark.parametrize(
    ("text", "crosses"),
    [
        ("highway=footway footway=crossing", GAP),
        ("highway=footway footway=crossing crossing=zebra", GAP),
        ("highway=footway footway=crossing crossing=traffic_signals", LIGHT),
        ("highway=footway footway=crossing crossing=no", 0),
        ("highway=path path=crossing crossing:signals=yes", LIGHT),
        ("highway=cycleway cycleway=crossing foot=yes", GAP),
        ("highway=residential cycleway=crossing", 0),  # a lane of a road
        ("highway=footway footway=sidewalk crossing=zebra", 0),
        ("highway=footway", 0),
    ],
)
def test_ways_drawn_across_a_road(text: str, crosses: int) -> None:
    assert judge_way(tags(text)).crosses == crosses


def test_no_two_kinds_of_crossing_at_once() -> None:
    kinds = ["zebra", "traffic_signals", "marked", "no", "toucan", "uncontrolled;traffic_signals"]
    for kind in kinds:
        for signals in ("yes", "no", "shared"):
            flag = judge_crossing({"crossing": kind, "crossing:signals": signals})
            assert flag in (0, GAP, LIGHT)


def test_gates_are_ways_in_and_bollards_are_not() -> None:
    assert all(
        is_gate({"barrier": kind}) for kind in ("gate", "lift_gate", "turnstile", "entrance")
    )
    assert not any(is_gate({"barrier": kind}) for kind in ("bollard", "wall", "kerb"))
    assert not is_gate({})


def test_a_study_adds_and_drops_classes() -> None:
    mine = classes(add=["busway"], drop=["steps", "cycleway"])
    assert judge_way({"highway": "busway"}, mine).kept
    assert not judge_way({"highway": "steps"}, mine).kept
    assert not judge_way(tags("highway=cycleway foot=yes"), mine).kept
    assert judge_way({"highway": "footway"}, mine).kept
    assert judge_way(tags("highway=busway access=no"), mine).reason is PolicyReason.ACCESS
    assert judge_way({"highway": "steps"}).kept, "the default table must not change"


def test_add_and_drop_errors_name_the_value() -> None:
    with pytest.raises(StudyError, match=r"both add and drop.*'steps'"):
        classes(add=["steps"], drop=["steps"])
    with pytest.raises(StudyError, match=r"'stepps'.*'steps'"):
        classes(drop=["stepps"])


def test_no_highway_value_stands_in_two_rows() -> None:
    values = [value for row in TABLE if row.on == "class" for value in row.values]
    assert len(values) == len(set(values)) == len(CLASSES)


def test_the_document_is_the_table() -> None:
    text = (ROOT / "docs" / "walk-policy.md").read_text(encoding="utf-8")
    assert text == as_markdown(), "write as_markdown() to docs/walk-policy.md"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.key}-{row.values[0]}")
def test_every_row_is_in_the_document_with_its_reason(row) -> None:  # type: ignore[no-untyped-def]
    lines = [line for line in as_markdown().splitlines() if row.why in line]
    assert len(row.why) > 8
    assert any(f"`{row.key}`" in line and str(row.effect) in line for line in lines)
