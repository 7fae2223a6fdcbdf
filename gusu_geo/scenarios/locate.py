"""Places of a scenario found on the streets of a study: doors of venues, ends of links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import InputError
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.scenarios.network_edits import Spot, place_on
from gusu_geo.scenarios.scenario_file import Place
from gusu_geo.tables import Bools, Entrances, Floats, Rung, WayFlag
from gusu_geo.walking.doors import doors_of
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.linkage import Linkage, Linking, Reason
from gusu_geo.words import text

SAME_PLACE_M = 2.0  # greatest distance between "at" and "on" of one place
WHY = {
    Reason.TOO_FAR: text("error.why_too_far"),
    Reason.ISLAND: text("error.why_island"),
    Reason.WATER: text("error.why_water"),
    Reason.WALL: text("error.why_wall"),
    Reason.RAILWAY: text("error.why_railway"),
    Reason.MOTORWAY: text("error.why_motorway"),
}


class PlaceEntry(NamedTuple):
    """A place, and its position in the scenario file."""

    place: Place
    where: str


@dataclass(frozen=True, eq=False)
class Finder:
    """Finds places: by ``on`` if ``network`` is the digest of the ground's network, else by ``at``.

    Raises InputError: ``on`` is on no street or does not match ``at``, or no street is near enough
    to ``at``.
    """

    ground: Ground
    network: str | None

    @property
    def exact(self) -> bool:
        """Whether the streets are those that the scenario's ``on`` values refer to."""
        return self.network == self.ground.network.digest

    def doors(self, wanted: Sequence[PlaceEntry]) -> Linkage:
        """The places linked as venues are; one row each, owner_ix: position in ``wanted``."""
        closed = Impedance.of(self.ground.network, self.ground.study.walk).closed
        return self._linked(wanted, self.ground.linking, closed)

    def spots(self, wanted: Sequence[PlaceEntry]) -> list[Spot]:
        """The nearest place on a street for each; barriers are ignored, as ends of links need no
        door."""
        net, study = self.ground.network, self.ground.study
        anywhere = Linking(study.network.snap_max_m, island_max_m=0.0)
        links = self._linked(wanted, anywhere, Impedance.of(net, study.walk).closed)
        spots = [
            Spot(*spot)
            for spot in zip(links.edge_ix.tolist(), links.offset_cm.tolist(), strict=True)
        ]
        rides = net.flagged(WayFlag.LIFT, WayFlag.FERRY)
        for spot, one in zip(spots, wanted, strict=True):
            if rides[spot.edge_ix]:
                raise InputError(text("error.link_on_ride"), where=one.where)
        return spots

    def xy(self, entry: PlaceEntry) -> Floats:
        """x, y of the place in metres."""
        place = entry.place
        if place.at is None:
            return place_on(self.ground.network, self._exact(entry))
        xy = np.array(transformer(WGS84, self.ground.network.crs).transform(*place.at))
        if not np.isfinite(xy).all():
            raise InputError(text("error.not_on_map"), where=f"{entry.where}.at", got=place.at)
        return xy

    def _linked(self, wanted: Sequence[PlaceEntry], linking: Linking, closed: Bools) -> Linkage:
        exact = [self.exact and one.place.on is not None for one in wanted]
        here = [i for i, yes in enumerate(exact) if yes]
        there = [i for i, yes in enumerate(exact) if not yes]
        rows = self._on_street([self._exact(wanted[i]) for i in here])
        if there:
            points = self._points([wanted[i] for i in there])
            found = doors_of(self.ground.network, points, linking, closed=closed).nearest_rows()
            for i, reason in zip(there, found.reason.tolist(), strict=True):
                if reason != Reason.LINKED:
                    raise self._not_linked(wanted[i], Reason(reason))
            rows = rows.joined(found)
        in_order = rows.rows(np.argsort([*here, *there]))
        return replace(in_order, owner_ix=np.arange(len(wanted)))

    def _points(self, wanted: Sequence[PlaceEntry]) -> Entrances:
        return Entrances.of_points(np.array([self.xy(one) for one in wanted]).reshape(-1, 2))

    def _on_street(self, spots: Sequence[Spot]) -> Linkage:
        count = len(spots)
        xy = np.array([place_on(self.ground.network, spot) for spot in spots]).reshape(-1, 2)
        return Linkage(
            owner_ix=np.arange(count),
            edge_ix=np.array([spot.edge_ix for spot in spots], np.int32),
            offset_cm=np.array([spot.offset_cm for spot in spots], np.int32),
            span_cm=np.zeros(count, np.int32),
            leg_cm=np.zeros(count, np.int32),
            reason=np.full(count, int(Reason.LINKED), np.int8),
            rung=np.full(count, int(Rung.CENTROID), np.int8),
            door_xy=xy,
            foot_xy=xy,
        )

    def _exact(self, entry: PlaceEntry) -> Spot:
        """The checked place of ``on``."""
        net, where = self.ground.network, f"{entry.where}.on"
        on = entry.place.on
        if on is None or not self.exact:
            raise InputError(
                text("error.on_other_streets"),
                where=entry.where,
                got=self.network,
                fix=text("error.give_at", digest=net.digest),
            )
        spot = Spot(*on)
        if spot.edge_ix >= net.edges:
            fix = text("error.edges_count", edges=net.edges)
            raise InputError(text("error.no_edge"), where=where, got=spot.edge_ix, fix=fix)
        if spot.offset_cm > net.length_cm[spot.edge_ix]:
            fix = text("error.edge_length", length=int(net.length_cm[spot.edge_ix]))
            raise InputError(text("error.beyond_edge"), where=where, got=spot.offset_cm, fix=fix)
        if entry.place.at is not None:
            apart = float(np.hypot(*(self.xy(entry) - place_on(net, spot))))
            if apart > SAME_PLACE_M:
                what = text("error.at_on_apart", apart=apart, same_place_m=SAME_PLACE_M)
                fix = text("error.leave_one_or_mend")
                raise InputError(what, where=entry.where, fix=fix)
        return spot

    def _not_linked(self, entry: PlaceEntry, reason: Reason) -> InputError:
        reach_m = self.ground.study.network.snap_max_m
        return InputError(
            text("error.why_reach", why=WHY[reason], reach_m=reach_m),
            where=f"{entry.where}.at",
            got=entry.place.at,
            fix=text("error.place_check"),
        )
