"""A scenario applied to a study's ground: changes of the walk, the rule, venues and streets.

Points are linked to the unchanged streets first, then transferred to the changed ones, so that a
change never moves a door that it does not name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from pydantic import ValidationError

from gusu_geo.assessment.walkable_city import CityLinks, Ground
from gusu_geo.errors import InputError, complaint, nearest_name
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.scenarios.locate import Finder, PlaceEntry
from gusu_geo.scenarios.network_edits import (
    EditedNetwork,
    NewLink,
    Spot,
    edit_network,
    gate_nodes,
    place_on,
)
from gusu_geo.scenarios.scenario_file import (
    SCHEMA,
    AddLink,
    AddVenue,
    MoveVenue,
    OpenGate,
    Place,
    Scenario,
    SetRule,
    SetWalk,
)
from gusu_geo.scenarios.venue_edits import VenueEdits, edit_venues
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.study.catalog import PROFILES
from gusu_geo.study.params import Part, Study, Walk
from gusu_geo.study.study_file import one_profile, with_profile
from gusu_geo.tables import NodeFlag
from gusu_geo.walking.linkage import Linked
from gusu_geo.words import text

P = TypeVar("P", bound=Part)

SLACK_CM, SLACK_SHARE = 200, 0.02  # a link may be this much shorter than the straight line
LISTED = 20  # a message suggests gates only if there are at most this many


@dataclass(frozen=True, eq=False)
class Changed:
    """A ground with a scenario applied.

    ground: with the scenario's walk, rule, venues and streets; its facilities keep their order,
    the added ones last; rows of closed venues stay, without a door. streets, venues: how to
    transfer links. marks: one row for each change that has a place, in metres.
    """

    scenario: Scenario
    ground: Ground
    streets: EditedNetwork
    venues: VenueEdits
    marks: gpd.GeoDataFrame

    def links(self, before: CityLinks) -> CityLinks:
        """The links on the changed ground, from those on the unchanged ground for the same walk."""
        entered = before.entered
        return CityLinks(
            homes=Linked(before.homes.ids, self.streets.extend(before.homes.links)),
            venues=self._venues(before.venues),
            entered=None if entered is None else self._venues(entered),
        )

    def _venues(self, before: Linked) -> Linked:
        venues = self.venues
        kept = before.only(~venues.replaced).links if venues.replaced.any() else before.links
        rows = kept.joined(venues.doors) if len(venues.doors.edge_ix) else kept
        return Linked(venues.facilities.frame.index, self.streets.extend(rows))


def apply_scenario(ground: Ground, scenario: Scenario) -> Changed:
    """The ground with all changes, in order; ``ground`` itself is not modified.

    Raises InputError: another study; an invalid walk or rule; unknown venue, service, gate or
    edge; a place without a street near; a link shorter than the straight line.
    """
    if scenario.study != ground.study.name:
        raise InputError(
            text("error.scenario_other_study"),
            where=f"{scenario.where}: study",
            got=scenario.study,
            fix=text("error.this_study", name=ground.study.name),
        )
    study = _study(ground.study, scenario)
    here = replace(ground, study=study)
    finder = Finder(here, scenario.network)
    venues = edit_venues(here, scenario, finder)
    links = _links(finder, scenario)
    gates = _gates(ground.network, scenario)
    streets = edit_network(ground.network, links=list(links.values()), gates=list(gates.values()))
    city = replace(ground.city, facilities=venues.facilities)
    return Changed(
        scenario=scenario,
        ground=replace(here, city=city, network=streets.network),
        streets=streets,
        venues=venues,
        marks=_marks(ground.network, scenario, venues, links, gates),
    )


def settled(ground: Ground, scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data for the map: every place found on the streets of ``ground``, with
    ``leg_cm`` to a door, so that the map computes the same times. Raises InputError."""
    net = ground.network
    finder = Finder(replace(ground, study=_study(ground.study, scenario)), scenario.network)
    to_degrees = transformer(net.crs, WGS84)
    changes = scenario.as_data()

    def place(one: Place, spot: Spot) -> dict[str, Any]:
        at = one.at or to_degrees.transform(*place_on(net, spot))
        return {"at": [round(degrees, 7) for degrees in at], "on": list(spot)}

    links = _links(finder, scenario)
    for i, change in enumerate(scenario.changes):
        if isinstance(change, (AddVenue, MoveVenue)):
            door = finder.doors([PlaceEntry(change, scenario.spot(i))])
            spot = Spot(int(door.edge_ix[0]), int(door.offset_cm[0]))
            changes[i] |= {**place(change, spot), "leg_cm": int(door.leg_cm[0])}
        elif isinstance(change, AddLink):
            ends = {"from": (change.start, links[i].start), "to": (change.end, links[i].end)}
            changes[i] |= {key: place(*end) for key, end in ends.items()}
            changes[i]["length_cm"] = links[i].length_cm
    return {
        "schema": SCHEMA,
        "study": scenario.study,
        "network": net.digest,
        "changes": changes,
        "comments": scenario.comments_as_data(),
    }


def _study(study: Study, scenario: Scenario) -> Study:
    """The study with the walk, minutes and mode that were set last."""
    walk, rule = study.walk, study.rule
    for i, change in enumerate(scenario.changes):
        if isinstance(change, SetWalk) and change.profile is not None:
            if change.profile not in PROFILES:
                where, fix = scenario.spot(i, "profile"), nearest_name(change.profile, PROFILES)
                raise InputError(text("error.no_profile"), where=where, got=change.profile, fix=fix)
            walk = with_profile(study, change.profile).walk
        elif isinstance(change, SetWalk):
            given = study.walk.model_dump() | {"speed_mps": change.speed_mps}
            walk = _valid(Walk, given, scenario.spot(i))
        elif isinstance(change, SetRule):
            given = rule.model_dump() | change.model_dump(exclude={"do"}, exclude_none=True)
            rule = _valid(type(rule), given, scenario.spot(i))
            limit = rule.cutoff_minutes
            if change.minutes is not None and change.minutes > limit:
                raise InputError(
                    text("error.search_stops", limit=limit),
                    where=scenario.spot(i, "minutes"),
                    got=change.minutes,
                    fix=text("error.less_or_cutoff"),
                )
    if any(isinstance(change, SetWalk) for change in scenario.changes):
        rule = one_profile(rule)  # as --profile: all walk so
    return study.model_copy(update={"walk": walk, "rule": rule})


def _valid(kind: type[P], values: dict[str, object], where: str) -> P:
    """A validated part of a study. Raises InputError: its first fault."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        spot = ".".join(map(str, (where, *fault["loc"])))
        what = text("error.sentence", what=complaint(fault))
        raise InputError(what, where=spot, got=fault["input"]) from None


def _links(finder: Finder, scenario: Scenario) -> dict[int, NewLink]:
    """New links by the number of their change."""
    net = finder.ground.network
    wanted = {i: c for i, c in enumerate(scenario.changes) if isinstance(c, AddLink)}
    spots = finder.spots(
        [
            PlaceEntry(place, scenario.spot(i, key))
            for i, change in wanted.items()
            for key, place in (("from", change.start), ("to", change.end))
        ]
    )
    found = {}
    for (i, change), start, end in zip(wanted.items(), spots[::2], spots[1::2], strict=True):
        straight_cm = 100 * float(np.hypot(*(place_on(net, end) - place_on(net, start))))
        length_cm = change.length_cm
        if length_cm is None:
            length_cm = int(np.floor(straight_cm + 0.5))
        elif length_cm < straight_cm * (1 - SLACK_SHARE) - SLACK_CM:
            raise InputError(
                text("error.link_too_short"),
                where=scenario.spot(i, "length_cm"),
                got=length_cm,
                fix=text("error.leave_length", straight_cm=straight_cm),
            )
        found[i] = NewLink(start, end, length_cm)
    return found


def _gates(net: WalkNetwork, scenario: Scenario) -> dict[int, int]:
    """OSM nodes of gates to open, by the number of their change."""
    gates = {i: c.node for i, c in enumerate(scenario.changes) if isinstance(c, OpenGate)}
    shut = net.osm_node[(net.node_flags & NodeFlag.CLOSED) != 0]
    ids, sides = np.unique(shut, return_counts=True)
    between = ids[sides > 1]  # a gate with one street only joins nothing
    for i, node in gates.items():
        if node not in between:
            few = 0 < len(between) <= LISTED
            raise InputError(
                text("error.no_such_gate"),
                where=scenario.spot(i, "node"),
                got=node,
                fix=nearest_name(str(node), map(str, between))
                if few
                else text("error.many_gates", count=len(between)),
            )
    return gates


def _marks(
    net: WalkNetwork,
    scenario: Scenario,
    venues: VenueEdits,
    links: dict[int, NewLink],
    gates: dict[int, int],
) -> gpd.GeoDataFrame:
    """The changes for a map: points, and lines for new links and moved venues."""
    drawn: dict[int, tuple[str, shapely.Geometry]] = dict(venues.marks)
    for i, link in links.items():
        ends = [place_on(net, link.start), place_on(net, link.end)]
        drawn[i] = (f"{link.length_cm / 100:.2f} m", shapely.LineString(ends))
    for i, node in gates.items():
        drawn[i] = (str(node), shapely.Point(net.node_xy[gate_nodes(net, node)[0]]))
    rows = sorted(drawn.items())
    columns = {
        "change": [i for i, _ in rows],
        "do": [scenario.changes[i].do for i, _ in rows],
        "what": [what for _, (what, _) in rows],
    }
    shapes = [shape for _, (_, shape) in rows]
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=net.crs), crs=net.crs)
