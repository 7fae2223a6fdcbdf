"""What would turn a service that fails at one home: each change is tried by searching and judging
again, and told only where the service then passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from typing_extensions import TypedDict

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.judgement import Judgement, judge_links
from gusu_geo.assessment.rule import State, judge
from gusu_geo.assessment.walkable_city import Ground, link_all
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.report.find_home import Homes
from gusu_geo.scenarios.network_edits import edit_network, gate_nodes
from gusu_geo.streets.compounds import CompoundStatus
from gusu_geo.study.params import Study
from gusu_geo.tables import Candidates, City, Int32s, Ints, NodeFlag, Residences
from gusu_geo.walking.access import AccessTable, measure
from gusu_geo.walking.doors import doors_of
from gusu_geo.walking.impedance import cutoff_to_cs
from gusu_geo.walking.linkage import Linkage, Linked
from gusu_geo.walking.routes import walked_times
from gusu_geo.walking.search import goals, reach, starts
from gusu_geo.walking.trips import Trips

QUICK_MPS = 2.0  # beyond it one runs: no speed above is told
SPEED_STEP_MMPS = 10  # speeds are told to the hundredth of m/s
GATES_TRIED = 3  # for each service, those that promise most
FASTEST = 1.5  # times the level speed: downhill, at most


class Change(TypedDict):
    """One change with which a service would be in time, nothing else changed.

    kind: "gate" (open this closed gate), "gates" (open all gates of all compounds), "candidate" (a
    new venue there), "speed" (walk so fast) or "limit" (allow so long). value: unit "min", the walk
    then, or the limit; "m/s", the speed.
    id: OSM node of the gate, or of the candidate; name: street near the gate, or of the candidate.
    """

    kind: str
    value: float
    unit: str
    id: str
    name: str
    lonlat: list[float] | None


@dataclass(frozen=True, eq=False)
class Turning:
    """The changes for one home (position ``r``).

    opened: the ground of a study and a city, built anew, for ``network.gates`` "open".
    """

    ground: Ground
    judgement: Judgement
    homes: Homes
    r: int
    candidates: Callable[[], Candidates]
    opened: Callable[[Study, City], Ground]

    def changes(self, k: int) -> list[Change]:
        """What would turn service ``k``; nothing unless it fails."""
        if k not in self.failing:
            return []
        gate = self._gate(k) or self._all_gates.get(k)
        tried = (gate, self._candidates.get(k), self._speed(k), self._limit(k))
        return [change for change in tried if change is not None]

    @cached_property
    def failing(self) -> list[int]:
        """Positions of the services that fail."""
        return np.flatnonzero(self.judgement.verdict.state[self.r] == State.FAIL).tolist()

    @cached_property
    def home(self) -> Linked:
        """The home alone, with its links."""
        ids, links = self.judgement.links.homes.ids, self.judgement.links.homes.links
        rows = links.rows(links.owner_ix == self.r)
        return Linked(ids[[self.r]], replace(rows, owner_ix=np.zeros_like(rows.owner_ix)))

    @cached_property
    def _trips(self) -> Trips:
        return self.ground.trips()

    @cached_property
    def _limit_s(self) -> float:
        """The longest limit of a service that fails."""
        return max(self.judgement.rule.threshold_s[k] for k in self.failing)

    def _measured(self, trips: Trips, more: Iterable[tuple[int, Linkage]] = ()) -> AccessTable:
        """Times of the home to the services that fail; ``more``: services and links of venues that
        are there too."""
        frame, services = self.ground.city.facilities.frame, self.ground.pack.services
        venues, offered = self.judgement.links.venues, frame["service"].tolist()
        places, ids, links = frame["venue_id"].tolist(), venues.ids, venues.links
        for k, spot in more:
            links = links.joined(replace(spot, owner_ix=np.full_like(spot.owner_ix, len(ids))))
            ids = ids.append(pd.Index([f"new {k}"], dtype=object))
            offered.append(services[k].id)
            places.append(f"\0{k}")  # as no other is called
        return measure(
            trips,
            self.home,
            Linked(ids, links),
            service=offered,
            venue=places,
            min_count={services[k].id: services[k].min_count for k in self.failing},
            cutoff_s=max(self.judgement.rule.threshold_s),
        )

    def _passes(self, table: AccessTable, k: int) -> bool:
        verdict = judge(table, self.judgement.rule, known=self.judgement.known)
        return bool(verdict.state[0, k] == State.PASS)

    def _limit(self, k: int) -> Change | None:
        """The limit in tenths of a minute, where the search found enough venues."""
        access, rule, r = self.judgement.access, self.judgement.rule, self.r
        counted = int(access.counted_cs[r, k])
        if counted == INF_CS:
            return None
        minutes = -(-counted // 600) / 10
        limits = list(rule.threshold_s)
        limits[k] = 60 * minutes
        if limits[k] > access.cutoff_s:
            return None
        row = {name: getattr(access, name)[r : r + 1] for name in _BY_HOME}
        longer = judge(
            replace(access, **row),
            replace(rule, threshold_s=tuple(limits)),
            known=self.judgement.known,
        )
        if longer.state[0, k] != State.PASS:
            return None
        return _change("limit", minutes, "min")

    def _speed(self, k: int) -> Change | None:
        """The least speed, by halving; none where even a quick walk is too slow."""
        now = self._trips.pace.speed_mmps
        low, high = now // SPEED_STEP_MMPS, round(QUICK_MPS * 1000) // SPEED_STEP_MMPS
        if low >= high or not self._at_speed(high, k):
            return None
        counted = int(self.judgement.access.counted_cs[self.r, k])
        limit = int(self.judgement.rule.threshold_cs[k])
        # Without waits the time is as 1 / speed, so the answer is this or the next.
        middle = -(-now * counted // (limit * SPEED_STEP_MMPS))
        while high - low > 1:
            middle = middle if low < middle < high else (low + high) // 2
            if self._at_speed(middle, k):
                high, middle = middle, middle - 1
            else:
                low, middle = middle, middle + 1
        return _change("speed", high * SPEED_STEP_MMPS / 1000, "m/s")

    def _at_speed(self, steps: int, k: int) -> bool:
        if steps not in self._tables:
            speed = {"speed_mps": steps * SPEED_STEP_MMPS / 1000}
            walk = self.ground.study.walk.model_copy(update=speed)
            self._tables[steps] = self._measured(self.ground.trips(walk))
        return self._passes(self._tables[steps], k)

    @cached_property
    def _tables(self) -> dict[int, AccessTable]:
        """Tables at other speeds, by hundredths of m/s."""
        return {}

    def _gate(self, k: int) -> Change | None:
        """The closed gate that, opened, brings the nearest venue in time."""
        net, rule, found = self.ground.network, self.judgement.rule, list[Change]()
        out, gates = self._to_gates
        if not gates:
            return None
        venues = self.judgement.links.venues.links
        frame = self.ground.city.facilities.frame
        mine = frame["service"].to_numpy(object)[venues.owner_ix] == rule.services[k]
        ends, limit_s = goals(self._trips, venues.rows(mine)), rule.threshold_s[k]
        one = np.zeros(len(ends.cs), np.int32)
        back = reach(self._trips, ends, one, cutoff_s=limit_s, towards=True)
        into = _by_net_node(self._trips, back.cs)
        times = {
            osm: min(out[a] + into[b] for a in nodes for b in nodes if a != b)
            for osm, nodes in gates.items()
        }
        near = sorted((cs, osm) for osm, cs in times.items() if cs <= cutoff_to_cs(limit_s))
        for _, osm in near[:GATES_TRIED]:
            opened = edit_network(net, gates=[osm]).network
            table = self._measured(Trips.of(opened, self.ground.study.walk))
            if self._passes(table, k):
                point = shapely.Point(net.node_xy[gate_nodes(net, osm)[0]])
                minutes = _minutes(table, rule.services[k])
                found.append(self._at_place("gate", minutes, str(osm), point))
        return min(found, key=lambda change: change["value"], default=None)

    @cached_property
    def _to_gates(self) -> tuple[Ints, dict[int, list[int]]]:
        """Time from the home to every node, and the nodes of each closed gate between streets that
        the home reaches, by OSM node."""
        net = self.ground.network
        shut = np.flatnonzero((net.node_flags & NodeFlag.CLOSED) != 0)
        if len(shut) == 0:
            return np.zeros(0, np.int64), {}
        ends = starts(self._trips, self.home.links)
        one = np.zeros(len(ends.cs), np.int32)
        found = reach(self._trips, ends, one, cutoff_s=self._limit_s)
        out = _by_net_node(self._trips, found.cs)
        gates: dict[int, list[int]] = {}
        for node in shut.tolist():
            gates.setdefault(int(net.osm_node[node]), []).append(node)
        near = {
            osm: nodes
            for osm, nodes in gates.items()
            if len(nodes) > 1 and min(out[nodes].tolist()) < INF_CS
        }
        return out, near

    @cached_property
    def _all_gates(self) -> dict[int, Change]:
        """By service: in time if all gates of compounds were open. Nothing is assumed of garden
        walls, which are told by the homes around: so fewer doors count, never more."""
        ground, home = self.ground, self.ground.city.residences
        shut = (CompoundStatus.GATED, CompoundStatus.CROSSED)
        status = ground.compounds["status"] if len(ground.compounds) else ()
        if not set(shut) & set(status):
            return {}
        policy = {"gates": "open", "garden_walls": "unknown"}
        network = ground.study.network.model_copy(update=policy)
        rows = home.entrances.rows(home.entrances.owner_ix == self.r)
        alone = replace(rows, owner_ix=np.zeros_like(rows.owner_ix))
        city = replace(ground.city, residences=Residences(home.frame.iloc[[self.r]], alone))
        there = self.opened(ground.study.model_copy(update={"network": network}), city)
        there = replace(there, pack=ground.pack)  # of a rule of its own, which asks for fewer
        trips, judged = there.trips(), self.judgement
        links = link_all(there, trips)
        again = judge_links(there, trips, judged.rule, links, known=judged.known)
        counted = again.access.counted_cs[0]
        return {
            k: _change("gates", _tenths(int(counted[k])), "min")
            for k in self.failing
            if again.verdict.state[0, k] == State.PASS
        }

    @cached_property
    def _candidates(self) -> dict[int, Change]:
        """By service: the nearest candidate place where a venue would be in time."""
        places, rule, frame = self.candidates(), self.judgement.rule, self.ground.city
        xy = shapely.get_coordinates(frame.residences.frame.geometry.iloc[self.r])[0]
        far_m = FASTEST * self._limit_s * self._trips.pace.speed_mmps / 1000
        near = np.hypot(*(places.entrances.xy - xy).T) <= far_m
        points = places.entrances.rows(near)
        linking, closed = self.ground.linking, self._trips.pace.closed
        links = doors_of(self.ground.network, points, linking, closed=closed).nearest_rows()
        goal = Linked(places.frame.index, links)
        times = walked_times(self._trips, self.home, goal, cutoff_s=self._limit_s)
        order = np.argsort(times, kind="stable")
        order = order[times[order] < INF_CS]
        offers = places.frame["services"].tolist()
        best: dict[int, int] = {}
        for k in self.failing:
            fits = [c for c in order.tolist() if not offers[c] or rule.services[k] in offers[c]]
            if fits:
                best[k] = fits[0]
        if not best:
            return {}
        more = [(k, links.rows(links.owner_ix == c)) for k, c in best.items()]
        table, told = self._measured(self._trips, more), {}
        for k, c in best.items():
            if self._passes(table, k):
                row, minutes = places.frame.iloc[c], _tenths(int(times[c]))
                point, name = places.frame.geometry.iloc[c], str(row["name"])
                ident = str(places.frame.index[c])
                told[k] = self._at_place("candidate", minutes, ident, point, name)
        return told

    def _at_place(
        self, kind: str, minutes: float, ident: str, point: shapely.Point, name: str = ""
    ) -> Change:
        to_degrees = transformer(self.ground.network.crs, WGS84)
        lonlat = np.round(to_degrees.transform(point.x, point.y), 7).tolist()
        name = name or self.homes.street_near(point)
        return {**_change(kind, minutes, "min"), "id": ident, "name": name, "lonlat": lonlat}


_BY_HOME = (
    "residence_ids",
    "nearest_cs",
    "nearest_ix",
    "counted_cs",
    "one_stop_cs",
    "one_stop_ix",
    "is_linked",
    "reason",
)


def _change(kind: str, value: float, unit: str) -> Change:
    return {"kind": kind, "value": value, "unit": unit, "id": "", "name": "", "lonlat": None}


def _by_net_node(trips: Trips, cs: Int32s) -> Ints:
    """(N,) least time of the copies of each node of the network."""
    least = np.full(trips.net.nodes, INF_CS, np.int64)
    np.minimum.at(least, trips.net_node, cs)
    return least


def _minutes(table: AccessTable, service: str) -> float:
    return _tenths(int(table.counted_cs[0, table.services.index(service)]))


def _tenths(cs: int) -> float:
    """Minutes, rounded up to the tenth: never on the kind side."""
    return -(-cs // 600) / 10
