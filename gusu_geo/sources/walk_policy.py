"""Where people walk: every choice in one table, and the two functions that apply it.

``TABLE`` is data: the functions below read it, and ``docs/walk-policy.md`` is ``as_markdown()``.
Tags are judged the way a walker meets them: may I (class, foot, access), and what is it like
(steps, tunnel, one way). Values that no row names are taken as they are for most walkers:
an unknown ``highway`` is left out, an unknown ``access`` or ``barrier`` does not stop anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.tables import WayFlag


class Effect(StrEnum):
    """What a row of the table does, in the words of the document."""

    WALK = "walkable"
    WITH_FOOT = "walkable only with foot permission"
    WITH_FOOT_STRICT = "walkable only with foot=yes or foot=designated"
    OUT = "left out"
    OUT_UNLESS_FOOT = "left out unless foot permits"
    PERMIT = "foot permission"
    PRIVATE = "kept, marked PRIVATE"
    STEPS = "kept, marked STEPS"
    TUNNEL = "kept, marked TUNNEL"
    BRIDGE = "kept, marked BRIDGE"
    AREA = "outline kept, marked AREA"
    FORWARD = "walked in drawing order only (FORWARD_ONLY)"
    BACKWARD = "walked against drawing order only (BACKWARD_ONLY)"
    WALL = "closed unless foot permits"
    GATE = "closed when locked=yes, foot=no or access=no without foot permission"
    BESIDE = "open unless foot=no"


class Row(NamedTuple):
    """One choice. ``values``: any of them; ``("*",)`` = every value but those in ``but``."""

    on: str  # "class", "way" or "node": which step reads it
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
        "Made for people on foot, or open to them by rule.",
    ),
    _row(
        "class",
        "highway",
        "residential unclassified tertiary tertiary_link secondary secondary_link primary "
        "primary_link service track road",
        Effect.WALK,
        "Streets are walked unless a sign forbids it; pavements are seldom drawn as own ways. "
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
        "A cycle track is not a pavement; shared ones say so by foot=*.",
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
        "Not there yet, not there any more, or not for walking. So is every value that no row "
        "names, and every way without highway=* (ferries, railways, piers).",
    ),
    _row(
        "way",
        "foot",
        "yes designated permissive destination official",
        Effect.PERMIT,
        "The most specific tag for walkers: it overrides access=* and motorroad=*.",
    ),
    _row("way", "foot", "no use_sidepath", Effect.OUT, "Walkers are sent elsewhere."),
    _row("way", "access", "no", Effect.OUT_UNLESS_FOOT, "Closed to everybody not named."),
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
    _row(
        "way",
        "tunnel",
        "*",
        Effect.TUNNEL,
        "Nobody gets out midway. A passage through a house or under a roof is no tunnel.",
        but="no building_passage covered",
    ),
    _row("way", "location", "underground", Effect.TUNNEL, "The same, in metro stations."),
    _row("way", "bridge", "*", Effect.BRIDGE, "Nobody gets off midway.", but="no"),
    _row(
        "way",
        "area",
        "yes",
        Effect.AREA,
        "People walk round a plaza at least; crossing it is the network's affair. The same for "
        "the untagged rings, outer and inner, of plaza relations.",
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
        "A gate in the data is a way in, unless it says that it is shut. With access=private or "
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
        "*",
        Effect.BESIDE,
        "Kerbs, bollards, lift gates, blocks, cycle barriers, stiles and the like stop vehicles; "
        "access=no and locked=yes on them are meant for vehicles too.",
        but="no",
    ),
)

CLASSES: Mapping[str, Effect] = MappingProxyType(
    {value: row.effect for row in TABLE if row.on == "class" for value in row.values}
)
_FLAG = {
    Effect.PRIVATE: WayFlag.PRIVATE,
    Effect.STEPS: WayFlag.STEPS,
    Effect.TUNNEL: WayFlag.TUNNEL,
    Effect.BRIDGE: WayFlag.BRIDGE,
    Effect.AREA: WayFlag.AREA,
    Effect.FORWARD: WayFlag.FORWARD_ONLY,
    Effect.BACKWARD: WayFlag.BACKWARD_ONLY,
}
_WAY_ROWS = tuple(row for row in TABLE if row.on == "way")
_NODE_ROWS = tuple(row for row in TABLE if row.on == "node")
_STRICT = frozenset(("yes", "designated"))


class Reason(StrEnum):
    """Why a way with ``highway=*`` is kept or not: keys of ``OsmExtract.counts``."""

    KEPT = "kept"
    CLASS = "dropped_class"
    NO_FOOT = "dropped_no_foot_permission"
    ACCESS = "dropped_access"


class Barrier(StrEnum):
    """What a barrier node means to a walker."""

    OPEN = "open"
    PRIVATE = "private"
    CLOSED = "closed"


@dataclass(frozen=True)
class WayVerdict:
    """``flags``: bits of ``WayFlag``, 0 when the way is left out."""

    reason: Reason
    flags: int = 0

    @property
    def kept(self) -> bool:
        """Whether people walk here."""
        return self.reason is Reason.KEPT


def classes(*, add: Iterable[str] = (), drop: Iterable[str] = ()) -> Mapping[str, Effect]:
    """The effect of each highway value, with a study's own choices on top.

    ``add``: values that are walked like a residential street; ``drop``: values left out whatever
    their other tags say. Raises StudyError: a value in both, or one to drop that does not exist.
    """
    more, less = frozenset(add), frozenset(drop)
    both = sorted(more & less)
    if both:
        raise StudyError("a highway value is in both add and drop.", got=both[0])
    unknown = sorted(less - CLASSES.keys())
    if unknown:
        fix = nearest_name(unknown[0], CLASSES)
        raise StudyError("no such highway value to drop.", got=unknown[0], fix=fix)
    changed = dict.fromkeys(more, Effect.WALK) | dict.fromkeys(less, Effect.OUT)
    return MappingProxyType({**CLASSES, **changed})


def judge_way(tags: Mapping[str, str], known: Mapping[str, Effect] = CLASSES) -> WayVerdict:
    """Whether people walk along a way with these tags, and its flags.

    >>> judge_way({"highway": "cycleway"}).kept, judge_way({"highway": "steps"}).flags
    (False, 1)
    """
    highway = known.get(tags.get("highway", ""), Effect.OUT)
    if highway is Effect.OUT:
        return WayVerdict(Reason.CLASS)
    hits = {row.effect for row in _WAY_ROWS if row.key in tags and row.matches(tags[row.key])}
    foot = tags.get("foot")
    permitted = Effect.PERMIT in hits
    if highway is Effect.WITH_FOOT and not permitted:
        return WayVerdict(Reason.NO_FOOT)
    if highway is Effect.WITH_FOOT_STRICT and foot not in _STRICT:
        return WayVerdict(Reason.NO_FOOT)
    private_foot = _private("foot", foot)
    if Effect.OUT in hits:
        return WayVerdict(Reason.ACCESS)
    if Effect.OUT_UNLESS_FOOT in hits and not (permitted or private_foot):
        return WayVerdict(Reason.ACCESS)
    if permitted:  # foot=yes on access=private: walkers are free, only vehicles are not
        hits.discard(Effect.PRIVATE)
    if hits >= {Effect.FORWARD, Effect.BACKWARD}:  # tags that contradict each other say nothing
        hits -= {Effect.FORWARD, Effect.BACKWARD}
    return WayVerdict(Reason.KEPT, sum(_FLAG[effect] for effect in hits if effect in _FLAG))


def judge_barrier(tags: Mapping[str, str]) -> Barrier:
    """What a node with ``barrier=*`` means to somebody who walks along a way through it."""
    foot, access = tags.get("foot"), tags.get("access")
    permitted = any(row.matches(foot) for row in _WAY_ROWS if row.effect is Effect.PERMIT)
    effect = next((row.effect for row in _NODE_ROWS if row.matches(tags.get("barrier"))), None)
    if effect is None or permitted:
        return Barrier.OPEN
    shut = foot == "no"
    if effect is Effect.GATE:
        refused = access == "no" and not _private("foot", foot)
        shut = shut or tags.get("locked") == "yes" or refused
    if shut or effect is Effect.WALL:
        return Barrier.CLOSED
    if _private("foot", foot) or (effect is Effect.GATE and _private("access", access)):
        return Barrier.PRIVATE
    return Barrier.OPEN


def is_gate(tags: Mapping[str, str]) -> bool:
    """Whether a node is a place to go in by: a gate, a lift gate or a gap in a wall."""
    kind = tags.get("barrier")
    gates = (row for row in _NODE_ROWS if row.effect is Effect.GATE)
    return kind in ("entrance", "lift_gate", "stile") or any(row.matches(kind) for row in gates)


def as_markdown() -> str:
    """The text of docs/walk-policy.md."""
    head = {"class": "Which highways", "way": "Permission and kind", "node": "Barriers on the way"}
    lines = [
        "# Walk policy",
        "",
        "步行口径：人能走的路都算，明令禁止步行的不算；内部道路保留并标注，上锁的门视为不通。逐项理由见下表，研究文件可增减道路类别。",
        "",
        "Which OpenStreetMap objects people walk along, and why. Made from `TABLE` in",
        "`gusu_geo/sources/walk_policy.py`, and tested to equal it. A study changes the classes by",
        "`network.policy.add` and `network.policy.drop`; foot permission is any value of the row",
        "that says so.",
        "",
        "| step | tag | effect | why |",
        "|---|---|---|---|",
    ]
    for row in TABLE:
        values = " ".join(row.values) + (f" (not {', '.join(row.but)})" if row.but else "")
        lines.append(f"| {head[row.on]} | `{row.key}` = {values} | {row.effect} | {row.why} |")
    return "\n".join(lines).replace(" = *", " = any value") + "\n"


def _private(key: str, value: str | None) -> bool:
    rows = (row for row in _WAY_ROWS if row.effect is Effect.PRIVATE and row.key == key)
    return any(row.matches(value) for row in rows)
