"""The walk policy as data: one row per choice, with its reason. ``walk_policy`` applies it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Effect(StrEnum):
    """What a row of the table does, in the words of the document."""

    WALK = "walkable"
    WITH_FOOT = "walkable only with foot permission"
    WITH_FOOT_STRICT = "walkable only with foot=yes or foot=designated"
    OUT = "left out"
    OUT_UNLESS_FOOT = "left out unless foot permits"
    PERMIT = "foot permission"
    PRIVATE = "kept, marked PRIVATE"
    STEPS = "kept, marked STEPS, and NO_WHEELS unless a ramp is tagged"
    RAMP = "steps that wheels may take"
    NO_WHEELS = "kept, marked NO_WHEELS"
    ON_FOOT = "kept, marked ON_FOOT"
    LIFT = "kept, marked LIFT"
    FERRY = "kept, marked FERRY"
    CROSSES = "marks the vertices it shares with a road CROSSING or SIGNALS, by its own crossing=*"
    TUNNEL = "kept, marked TUNNEL"
    BRIDGE = "kept, marked BRIDGE"
    AREA = "outline kept, marked AREA"
    FORWARD = "walked in drawing order only (FORWARD_ONLY)"
    BACKWARD = "walked against drawing order only (BACKWARD_ONLY)"
    WALL = "closed unless foot permits"
    GATE = "closed when locked=yes, foot=no or access=no without foot permission"
    GAP = "a way in, open unless foot=no"
    OBSTACLE = "open unless foot=no"
    CROSSING = "marked CROSSING"
    SIGNALS = "marked SIGNALS"
    LIGHT = "marked SIGNALS where people cross: with crossing=*, or on a way tagged as a crossing"
    NO_CROSSING = "no crossing"
    LIFT_POINT = "marked LIFT"


class Row(NamedTuple):
    """One choice. ``values``: any of them; ``("*",)`` = every value but those in ``but``."""

    on: str  # "class", "way", "node" (barriers) or "point" (crossings, lifts): which step reads it
    key: str
    values: tuple[str, ...]
    effect: Effect
    why: str
    but: tuple[str, ...] = ()

    def matches(self, value: str | None) -> bool:
        """Whether a tag value (None = no such tag) falls under this row."""
        if value is None or value in self.but:
            return False
        return value in self.values or self.values == ("*",)


def _row(on: str, key: str, values: str, effect: Effect, why: str, but: str = "") -> Row:
    return Row(on, key, tuple(values.split()), effect, why, tuple(but.split()))


TABLE: tuple[Row, ...] = (
    _row(
        "class",
        "highway",
        "footway path steps pedestrian living_street corridor platform elevator bridleway",
        Effect.WALK,
        "Made for walkers, or open to them by rule.",
    ),
    _row(
        "class",
        "highway",
        "residential unclassified tertiary tertiary_link secondary secondary_link primary "
        "primary_link service track road",
        Effect.WALK,
        "Streets are walked unless a sign forbids it; pavements are seldom drawn as separate ways. "
        "Driveways and parking aisles (service=*) lead to front doors.",
    ),
    _row(
        "class",
        "highway",
        "trunk trunk_link",
        Effect.WALK,
        "In Chinese cities trunk roads have pavements; motorroad=yes marks those without.",
    ),
    _row(
        "class",
        "highway",
        "cycleway",
        Effect.WITH_FOOT,
        "A cycle track is not a pavement; shared ones have foot=*.",
    ),
    _row(
        "class",
        "highway",
        "motorway motorway_link",
        Effect.WITH_FOOT_STRICT,
        "Forbidden on foot, but a few bridges carry a signed footpath.",
    ),
    _row(
        "class",
        "highway",
        "construction proposed planned raceway busway bus_guideway abandoned razed demolished "
        "dismantled removed disused escape emergency_bay rest_area services via_ferrata no",
        Effect.OUT,
        "Not built yet, no longer there, or not for walking. Also left out: every value without a "
        "row, and every way without highway=* (railways, piers) except ferries.",
    ),
    _row(
        "class",
        "route",
        "ferry",
        Effect.WALK,
        "A boat takes people on foot unless foot=no; walk.ferries decides whether it is taken. Its "
        "class is called ferry.",
    ),
    _row(
        "way",
        "foot",
        "yes designated permissive destination official",
        Effect.PERMIT,
        "The most specific tag for walkers: it overrides access=* and motorroad=*.",
    ),
    _row("way", "foot", "no use_sidepath", Effect.OUT, "Walkers must use another way."),
    _row(
        "way",
        "access",
        "no",
        Effect.OUT_UNLESS_FOOT,
        "Closed unless permitted.",
    ),
    _row(
        "way",
        "motorroad",
        "yes",
        Effect.OUT_UNLESS_FOOT,
        "An expressway by law, whatever its class.",
    ),
    _row(
        "way",
        "foot",
        "private customers residents permit delivery employees members",
        Effect.PRIVATE,
        "Compound lanes belong to the people who live there; walk.private decides, not the reader.",
    ),
    _row(
        "way",
        "access",
        "private customers residents permit delivery employees members agricultural forestry "
        "military",
        Effect.PRIVATE,
        "As above, when foot=* does not say otherwise.",
    ),
    _row("way", "highway", "steps", Effect.STEPS, "Slower, and closed to wheels."),
    _row("way", "ramp", "yes", Effect.RAMP, "ramp=separate is a way of its own."),
    _row("way", "ramp:wheelchair", "yes", Effect.RAMP, "A ramp for wheelchairs."),
    _row("way", "ramp:stroller", "yes", Effect.RAMP, "A ramp for prams; one mark serves both."),
    _row("way", "wheelchair", "yes designated limited", Effect.RAMP, "Surveyed: passable."),
    _row("way", "wheelchair", "no", Effect.NO_WHEELS, "Surveyed: not passable on wheels."),
    _row("way", "ramp:wheelchair", "no", Effect.NO_WHEELS, "The ramp is for bicycles."),
    _row(
        "way",
        "highway",
        "footway path steps pedestrian corridor platform bridleway cycleway",
        Effect.ON_FOOT,
        "Made for walkers: where such a way meets a road at a crossing, they wait.",
    ),
    _row("way", "highway", "elevator", Effect.LIFT, "Takes a fixed time, not one by length."),
    _row("way", "route", "ferry", Effect.FERRY, "A wait, then the speed of the boat."),
    *(
        _row(
            "way",
            key,
            "crossing",
            Effect.CROSSES,
            "Drawn across the road; tags of the vertex itself come first. Not with crossing=no.",
        )
        for key in ("footway", "path", "cycleway")
    ),
    _row(
        "way",
        "tunnel",
        "*",
        Effect.TUNNEL,
        "No exit midway. A passage through a house or under a roof is no tunnel.",
        but="no building_passage covered",
    ),
    _row("way", "location", "underground", Effect.TUNNEL, "The same, in metro stations."),
    _row("way", "bridge", "*", Effect.BRIDGE, "No exit midway.", but="no"),
    _row(
        "way",
        "area",
        "yes",
        Effect.AREA,
        "The outline of a plaza is walkable; straight ways across are added to the network later. "
        "The same for the untagged rings, outer and inner, of plaza relations.",
    ),
    _row("way", "conveying", "forward", Effect.FORWARD, "Escalators and moving walkways."),
    _row("way", "conveying", "backward", Effect.BACKWARD, "Escalators and moving walkways."),
    _row(
        "way",
        "oneway:foot",
        "yes 1 true",
        Effect.FORWARD,
        "Plain oneway=* is about vehicles and is not read.",
    ),
    _row("way", "oneway:foot", "-1 reverse", Effect.BACKWARD, "As above."),
    _row(
        "node",
        "barrier",
        "gate swing_gate sliding_gate sliding_beam wicket_gate kissing_gate hampshire_gate "
        "turnstile full-height_turnstile door",
        Effect.GATE,
        "A gate in the data is a way in, unless it is tagged as shut. With access=private or "
        "foot=private it lets residents pass and is marked.",
    ),
    _row(
        "node",
        "barrier",
        "wall fence hedge city_wall retaining_wall",
        Effect.WALL,
        "A wall across the way.",
    ),
    _row(
        "node",
        "barrier",
        "entrance lift_gate stile",
        Effect.GAP,
        "A gap in a wall, or what stops vehicles only: access=no and locked=yes on it are meant "
        "for vehicles.",
    ),
    _row(
        "node",
        "barrier",
        "*",
        Effect.OBSTACLE,
        "Kerbs, bollards, blocks, cycle barriers and similar stop vehicles; access=no and "
        "locked=yes on them are meant for vehicles too.",
        but="no",
    ),
    _row("point", "highway", "crossing", Effect.CROSSING, "Walkers wait for a gap in the traffic."),
    _row("point", "railway", "crossing level_crossing", Effect.CROSSING, "Or for a train to pass."),
    _row(
        "point",
        "crossing",
        "*",
        Effect.CROSSING,
        "Zebra, marked or not: walkers wait for a gap.",
        but="no traffic_signals pelican puffin toucan pegasus",
    ),
    _row(
        "point",
        "crossing",
        "traffic_signals pelican puffin toucan pegasus",
        Effect.SIGNALS,
        "Walkers wait for a light.",
    ),
    _row(
        "point",
        "crossing:signals",
        "yes shared separate",
        Effect.SIGNALS,
        "The same in the newer scheme of tags.",
    ),
    _row(
        "point",
        "crossing",
        "no",
        Effect.NO_CROSSING,
        "Tagged as no place to cross.",
    ),
    _row(
        "point",
        "highway",
        "traffic_signals",
        Effect.LIGHT,
        "A light for vehicles is drawn at the junction; walkers wait where they cross.",
    ),
    _row("point", "highway", "elevator", Effect.LIFT_POINT, "Most lifts are drawn as a point."),
)
