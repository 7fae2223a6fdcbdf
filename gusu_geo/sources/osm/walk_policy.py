"""Where people walk and wait: applies the walk policy, ``walk_table.TABLE``, to OSM tags.

``docs/walk-policy.md`` is ``as_markdown()`` of the same table. Permission is judged first (class,
foot, access), then the kind of way (steps, tunnel, one way). Values without a row: an unknown
``highway`` is left out; an unknown ``access`` or ``barrier`` does not block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.sources.osm.walk_table import TABLE, Effect, Row
from gusu_geo.tables import NodeFlag, WayFlag
from gusu_geo.words import text

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
    Effect.NO_WHEELS: WayFlag.NO_WHEELS,
    Effect.ON_FOOT: WayFlag.ON_FOOT,
    Effect.LIFT: WayFlag.LIFT,
    Effect.FERRY: WayFlag.FERRY,
}


def _by_key(on: str) -> dict[str, tuple[Row, ...]]:
    rows = [row for row in TABLE if row.on == on]
    return {row.key: tuple(each for each in rows if each.key == row.key) for row in rows}


_WAY_ROWS, _POINT_ROWS = _by_key("way"), _by_key("point")
# No other tag of a way counts.
JUDGED_KEYS = frozenset(("highway", "route", *_WAY_ROWS, *_POINT_ROWS))
_BARRIER_ROWS = _by_key("node")["barrier"]
_AT_LEAST = {Effect.CROSSING: NodeFlag.CROSSING, Effect.LIGHT: NodeFlag.SIGNALS}
_STRICT = frozenset(("yes", "designated"))
_CROSSES = frozenset((Effect.CROSSES, Effect.ON_FOOT))


class PolicyReason(StrEnum):
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
    """``flags``: bits of ``WayFlag``, 0 when the way is left out. ``crosses``: the flag
    that a way drawn across a road gives to their shared vertices, CROSSING or SIGNALS, else 0."""

    reason: PolicyReason
    flags: int = 0
    crosses: int = 0

    @property
    def kept(self) -> bool:
        """Whether people walk here."""
        return self.reason is PolicyReason.KEPT


@dataclass(frozen=True)
class NodeVerdict:
    """``flags``: bits of ``NodeFlag``. ``at_least``: for nodes without crossing=*, the least flag
    (CROSSING or SIGNALS; they rise in this order) where a way drawn across the road meets them."""

    flags: int
    at_least: int = 0


def classes(*, add: Iterable[str] = (), drop: Iterable[str] = ()) -> Mapping[str, Effect]:
    """The effect of each highway value, with a study's own choices on top.

    ``add``: values that are walked like a residential street; ``drop``: values always left out,
    even with other tags that permit walking. Raises StudyError: a value in both, or one to
    drop that does not exist.

    >>> classes(drop=["track"])["track"].value
    'left out'
    """
    more, less = frozenset(add), frozenset(drop)
    both = sorted(more & less)
    if both:
        raise StudyError(text("error.both_add_drop"), got=both[0])
    unknown = sorted(less - CLASSES.keys())
    if unknown:
        fix = nearest_name(unknown[0], CLASSES)
        raise StudyError(text("error.no_highway_drop"), got=unknown[0], fix=fix)
    changed = dict.fromkeys(more, Effect.WALK) | dict.fromkeys(less, Effect.OUT)
    return MappingProxyType({**CLASSES, **changed})


def class_of(tags: Mapping[str, str]) -> str:
    """The value of ``highway``, else "ferry" for a ferry, else ""."""
    return tags.get("highway") or ("ferry" if tags.get("route") == "ferry" else "")


def judge_way(tags: Mapping[str, str], known: Mapping[str, Effect] = CLASSES) -> WayVerdict:
    """Whether people walk along a way with these tags, and its flags.

    >>> judge_way({"highway": "cycleway"}).kept, judge_way({"highway": "residential"}).flags
    (False, 0)
    """
    highway = known.get(class_of(tags), Effect.OUT)
    if highway is Effect.OUT:
        return WayVerdict(PolicyReason.CLASS)
    hits = _hits(tags, _WAY_ROWS)
    foot = tags.get("foot")
    permitted = Effect.PERMIT in hits
    if highway is Effect.WITH_FOOT and not permitted:
        return WayVerdict(PolicyReason.NO_FOOT)
    if highway is Effect.WITH_FOOT_STRICT and foot not in _STRICT:
        return WayVerdict(PolicyReason.NO_FOOT)
    private_foot = _private("foot", foot)
    if Effect.OUT in hits:
        return WayVerdict(PolicyReason.ACCESS)
    if Effect.OUT_UNLESS_FOOT in hits and not (permitted or private_foot):
        return WayVerdict(PolicyReason.ACCESS)
    if permitted:  # foot=yes on access=private: only vehicles are restricted
        hits.discard(Effect.PRIVATE)
    if hits >= {Effect.FORWARD, Effect.BACKWARD}:  # contradicting tags cancel out
        hits -= {Effect.FORWARD, Effect.BACKWARD}
    if Effect.STEPS in hits and Effect.RAMP not in hits:
        hits.add(Effect.NO_WHEELS)
    flags = sum(_FLAG[effect] for effect in hits if effect in _FLAG)
    return WayVerdict(PolicyReason.KEPT, flags, _crosses(tags) if hits >= _CROSSES else 0)


def judge_crossing(tags: Mapping[str, str]) -> int:
    """SIGNALS where walkers wait for a light, CROSSING where they wait for a gap, else 0."""
    return _crossing(_hits(tags, _POINT_ROWS))


def _crossing(hits: set[Effect]) -> int:
    if Effect.NO_CROSSING in hits or not hits & {Effect.CROSSING, Effect.SIGNALS}:
        return 0
    return int(NodeFlag.SIGNALS if hits & {Effect.SIGNALS, Effect.LIGHT} else NodeFlag.CROSSING)


def judge_node(tags: Mapping[str, str]) -> NodeVerdict:
    """What a node means to walkers by its own tags; CROSSING and SIGNALS never both."""
    flags = at_least = 0
    hits = _hits(tags, _POINT_ROWS)
    if hits:
        flags = _crossing(hits)
        if Effect.LIFT_POINT in hits:
            flags |= NodeFlag.LIFT
        if "crossing" not in tags and "crossing:signals" not in tags:
            at_least = max((_AT_LEAST.get(effect, 0) for effect in hits), default=0)
    if "barrier" in tags:
        barrier = judge_barrier(tags)
        if barrier is Barrier.CLOSED:
            flags |= NodeFlag.CLOSED
        if is_gate(tags):
            flags |= NodeFlag.GATE
            flags |= NodeFlag.RESIDENTS if barrier is Barrier.PRIVATE else 0
    return NodeVerdict(int(flags), int(at_least))


def judge_barrier(tags: Mapping[str, str]) -> Barrier:
    """What a node with ``barrier=*`` means to walkers on a way through it.

    >>> judge_barrier({"barrier": "gate", "locked": "yes"}).value
    'closed'
    """
    foot, access = tags.get("foot"), tags.get("access")
    permitted = any(row.matches(foot) for row in _WAY_ROWS["foot"] if row.effect is Effect.PERMIT)
    effect = _barrier_effect(tags)
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
    """Whether a node is a way in: a gate, a lift gate or a gap in a wall."""
    return _barrier_effect(tags) in (Effect.GATE, Effect.GAP)


def _barrier_effect(tags: Mapping[str, str]) -> Effect | None:
    kind = tags.get("barrier")
    return next((row.effect for row in _BARRIER_ROWS if row.matches(kind)), None)


def as_markdown() -> str:
    """The text of docs/walk-policy.md."""
    head = {
        "class": "Which highways",
        "way": "Permission and kind",
        "node": "Barriers on the way",
        "point": "Crossings and lifts",
    }
    lines = [
        "# Walk policy",
        "",
        text("fact.walk_policy").zh,
        "",
        "Which OpenStreetMap objects people walk along, and why. Made from `TABLE` in",
        "`gusu_geo/sources/osm/walk_table.py`, and tested to equal it. A study changes the",
        "classes by `network.policy.add` and `network.policy.drop`. Foot permission is any value",
        "of the row with that effect.",
        "",
        "| step | tag | effect | why |",
        "|---|---|---|---|",
    ]
    for row in TABLE:
        values = " ".join(row.values) + (f" (not {', '.join(row.but)})" if row.but else "")
        lines.append(f"| {head[row.on]} | `{row.key}` = {values} | {row.effect} | {row.why} |")
    return "\n".join(lines).replace(" = *", " = any value") + "\n"


def _private(key: str, value: str | None) -> bool:
    return any(row.matches(value) for row in _WAY_ROWS[key] if row.effect is Effect.PRIVATE)


def _crosses(tags: Mapping[str, str]) -> int:
    no = Effect.NO_CROSSING in _hits(tags, _POINT_ROWS)
    return 0 if no else judge_crossing(tags) or int(NodeFlag.CROSSING)


def _hits(tags: Mapping[str, str], rows: Mapping[str, tuple[Row, ...]]) -> set[Effect]:
    return {
        row.effect
        for key in rows.keys() & tags.keys()
        for row in rows[key]
        if row.matches(tags[key])
    }
