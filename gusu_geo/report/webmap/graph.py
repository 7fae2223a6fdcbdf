"""What the page walks on: the streets as a graph, doors of homes and venues, walking profiles.

The page computes in the same whole centimetres and centiseconds as ``walking``, so its times are
those of the tables; ``page/engine`` is the reader.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gusu_geo.assessment.hours import Open
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.timetable import Timetable, hours_of, timetable_of
from gusu_geo.report.webmap.grid import Arrays, Grid
from gusu_geo.streets.network import LEVEL_PM
from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.params import Study, Walk
from gusu_geo.study.study_file import with_profile
from gusu_geo.tables import Bools, Ints, NodeFlag
from gusu_geo.walking.impedance import CS_PER_S, Impedance
from gusu_geo.walking.linkage import Linkage, Reason
from gusu_geo.walking.snapping import MIDWAY, islands
from gusu_geo.words import Both, both


def graph_arrays(outcome: Outcome, grid: Grid) -> Arrays:
    """Edges (E,) and nodes (N,) as in ``WalkNetwork``, doors, closed gates.

    edge_door (E,): whether a new venue may be put there. home_door_*, venue_door_*: the linked rows
    of ``Linkage``; venue_door_walled: doors behind a wall, in use only if the wall
    had a gate.
    """
    net = outcome.network
    level = bool((net.slope_pm == LEVEL_PM).all())
    _, gate_sizes, gates = _closed_gates(outcome)
    return {
        "edge_u": net.edge_u,
        "edge_span": net.edge_v - net.edge_u,
        "edge_cm": net.length_cm,
        "edge_flags": net.edge_flags,
        "edge_door": _open_to_venues(outcome),
        "slope_pm": _NONE if level else net.slope_pm,
        "node_flags": net.node_flags,
        **_doors("home_door", outcome.judgement.links.homes.links),
        **_venue_doors(outcome),
        **_hours(outcome),
        "gate_node": gates,
        "gate_sizes": gate_sizes,
        **grid.points("gate", net.node_xy[gates]),
    }


def walker(walk: Walk, name: str = "", title: Both | None = None) -> dict[str, Any]:
    """How people walk, for the page; title: what they are called, default: a walk of their own."""
    return _numbers(walk, name, title or both("fact.own_walk"))


def graph_texts(outcome: Outcome) -> dict[str, Any]:
    """Digest of the network, ids of closed gates, walking profiles, the study's own first, and the
    week of the opening hours."""
    pack, timetable = outcome.rule.pack, _timetable(outcome)
    return {
        "network": outcome.network.digest,
        "gates": _closed_gates(outcome)[0].tolist(),
        "walks": _walks(outcome),
        "known": list(outcome.judgement.known),
        # The slider does not change minutes that a service sets for itself.
        "own_minutes": [service.minutes is not None for service in pack.services],
        "single": all(service.min_count == 1 for service in pack.services),
        "week": {
            "monday": timetable.monday.isoformat(),
            "stay_min": timetable.clock.stay_min,
            "holidays": timetable.clock.calendar is not None,
        },
    }


_NONE: Ints = np.zeros(0, np.int64)


def _doors(name: str, links: Linkage) -> Arrays:
    on = links.edge_ix >= 0
    return {
        f"{name}_owner": links.owner_ix[on],
        f"{name}_edge": links.edge_ix[on],
        f"{name}_cm": links.offset_cm[on],
        f"{name}_span": links.span_cm[on],
        f"{name}_leg": links.leg_cm[on],
    }


def _venue_doors(outcome: Outcome) -> Arrays:
    """Doors of venues, then the doors behind walls that only an unknown gate would open."""
    found = outcome.judgement.links
    links, entered = found.venues.links, None if found.entered is None else found.entered.links
    known = _doors("venue_door", links)
    count = len(known["venue_door_owner"])
    if entered is None:
        return known | {"venue_door_walled": np.zeros(count, bool)}
    facilities = len(outcome.city.facilities.frame)
    behind_wall = links.owner_reason(facilities) == Reason.WALL
    more = _doors("venue_door", entered)
    walled = behind_wall[more["venue_door_owner"]]
    all_doors = {name: np.concatenate([known[name], more[name][walled]]) for name in known}
    return all_doors | {"venue_door_walled": np.arange(len(all_doors["venue_door_owner"])) >= count}


def _timetable(outcome: Outcome) -> Timetable:
    """That of the tables: the slider shows the same week."""
    return timetable_of(outcome.study, outcome.city, outcome.judgement.days_off)


def _hours(outcome: Outcome) -> Arrays:
    """hours (P, 168): opening hours by hour of the week, one row per distinct text;
    venue_week (F,): row of each venue, -1 unknown."""
    texts = hours_of(outcome.city)
    different = sorted(set(texts))
    weeks = _timetable(outcome).week_states(different)
    found = zip(different, weeks, strict=True)
    known = {text: hours for text, hours in found if (hours != Open.UNKNOWN).any()}
    place = {text: i for i, text in enumerate(known)}
    return {
        "hours": np.concatenate([np.zeros(0, np.int8), *known.values()]),
        "venue_week": np.array([place.get(text, -1) for text in texts], np.int64),
    }


def _open_to_venues(outcome: Outcome) -> Bools:
    """(E,) public streets that doors can be on, in pieces of network large enough to start from."""
    net, study = outcome.network, outcome.study
    pace = Impedance.of(net, study.walk)
    cut_off = islands(net, ~pace.closed, study.network.island_max_m)
    return np.asarray(~pace.closed & ~pace.inside & ~net.flagged(*MIDWAY) & ~cut_off)


def _closed_gates(outcome: Outcome) -> tuple[Ints, Ints, Ints]:
    """Closed vertices where streets end on several sides: OSM ids (G,), how many nodes each
    has (G,), and these nodes, gate by gate."""
    net = outcome.network
    shut = np.flatnonzero((net.node_flags & NodeFlag.CLOSED) != 0)
    ids, at, sizes = np.unique(net.osm_node[shut], return_inverse=True, return_counts=True)
    several = sizes > 1
    nodes = shut[np.argsort(at, kind="stable")]
    return ids[several], sizes[several], nodes[np.repeat(several, sizes)]


def _walks(outcome: Outcome) -> list[dict[str, Any]]:
    """The study's own walk, then every profile that closes the same streets. A profile that closes
    others would move the doors to other streets: that needs a run of its own."""
    study, net = outcome.study, outcome.network
    closed = Impedance.of(net, study.walk).closed
    several = any(override.profile is not None for override in study.rule.override)
    own = walker(study.walk, title=both("fact.own_walks") if several else None)
    others = []
    for name, profile in PROFILES.items():
        walk = with_profile(study, name).walk
        if np.array_equal(Impedance.of(net, walk).closed, closed):
            others.append(_numbers(walk, name, {"zh": profile.zh, "en": profile.en}))
    same = next((one for one in others if _same(one, own)), None)
    if same is not None and _is_plain(study) and not several:  # else it would replace the others
        own |= {key: same[key] for key in ("id", "zh", "en")}
        others = [one for one in others if one is not same]
    return [own, *others]


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one[key] == other[key] for key in one if key not in ("id", "zh", "en"))


def _is_plain(study: Study) -> bool:
    return study.walk.speed_mps is None and study.walk.steps_factor is None


def _numbers(walk: Walk, name: str, title: Both) -> dict[str, Any]:
    """The whole numbers of ``Impedance``: per mille, mm/s, half waits in centiseconds."""
    half = {
        key: round(getattr(walk, f"{key}_s") * CS_PER_S / 2)
        for key in ("crossing", "signal", "lift", "ferry")
    }
    return {
        "id": name,
        **title,
        "speed_mmps": round(walk.speed() * 1000),
        "steps_pm": round(LEVEL_PM * walk.on_steps()),
        "ferry_pm": round(LEVEL_PM * walk.speed() / walk.ferry_mps),
        "ferry_mps": walk.ferry_mps,
        "wheels": walk.on_wheels(),
        "slope": walk.slope == "tobler",
        "lifts": walk.lifts == "open",
        "ferries": walk.ferries == "open",
        "private": walk.private,
        "half_cs": half,
    }
