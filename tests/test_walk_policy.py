"""Each row of the walk policy, judged from tags alone. Expectations: the brief and the OSM wiki."""

from __future__ import annotations

import pytest
from conftest import ROOT

from gusu_geo.errors import StudyError
from gusu_geo.sources.walk_policy import (
    CLASSES,
    TABLE,
    Barrier,
    Reason,
    as_markdown,
    classes,
    is_gate,
    judge_barrier,
    judge_way,
)
from gusu_geo.tables import WayFlag

STEPS, PRIVATE, TUNNEL, BRIDGE = WayFlag.STEPS, WayFlag.PRIVATE, WayFlag.TUNNEL, WayFlag.BRIDGE
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
    return dict(pair.split("=", 1) for pair in text.split())


@pytest.mark.parametrize("highway", WALKED)
def test_plain_class_is_walked(highway: str) -> None:
    verdict = judge_way({"highway": highway})
    assert verdict.kept
    assert verdict.flags == (STEPS if highway == "steps" else 0)


@pytest.mark.parametrize("highway", NOT_WALKED)
def test_plain_class_is_left_out(highway: str) -> None:
    assert not judge_way({"highway": highway}).kept


def test_way_without_highway_is_left_out() -> None:
    assert judge_way(tags("route=ferry foot=yes")).reason is Reason.CLASS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("highway=cycleway foot=yes", Reason.KEPT),
        ("highway=cycleway foot=designated", Reason.KEPT),
        ("highway=cycleway foot=permissive", Reason.KEPT),
        ("highway=cycleway foot=private", Reason.NO_FOOT),
        ("highway=cycleway access=yes", Reason.NO_FOOT),
        ("highway=motorway foot=yes", Reason.KEPT),
        ("highway=motorway_link foot=designated", Reason.KEPT),
        ("highway=motorway foot=permissive", Reason.NO_FOOT),
        ("highway=trunk motorroad=yes", Reason.ACCESS),
        ("highway=trunk motorroad=no", Reason.KEPT),
        ("highway=trunk motorroad=yes foot=yes", Reason.KEPT),
        ("highway=primary motorroad=yes", Reason.ACCESS),
        ("highway=residential foot=no", Reason.ACCESS),
        ("highway=residential foot=use_sidepath", Reason.ACCESS),
        ("highway=residential access=yes foot=no", Reason.ACCESS),
        ("highway=footway access=no", Reason.ACCESS),
        ("highway=footway access=no foot=yes", Reason.KEPT),
        ("highway=footway access=no foot=designated", Reason.KEPT),
        ("highway=footway access=no foot=permissive", Reason.KEPT),
        ("highway=footway access=no foot=destination", Reason.KEPT),
        ("highway=footway access=no foot=private", Reason.KEPT),
        ("highway=footway access=no foot=unknown", Reason.ACCESS),
        ("highway=residential vehicle=no", Reason.KEPT),
        ("highway=residential access=unheard_of", Reason.KEPT),
        ("highway=construction foot=yes", Reason.CLASS),
        ("highway=service service=driveway", Reason.KEPT),
        ("highway=service service=parking_aisle", Reason.KEPT),
        ("highway=corridor indoor=yes level=1", Reason.KEPT),
    ],
)
def test_permission(text: str, reason: Reason) -> None:
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
    assert verdict.flags == flags


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
    assert judge_way(tags("highway=busway access=no"), mine).reason is Reason.ACCESS
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
