"""Places of a scenario found on the streets of a study: doors of venues, ends of links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from pyproj import Transformer

from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.errors import InputError
from gusu_geo.scenarios.network_edits import Spot, place_on
from gusu_geo.scenarios.scenario_file import Place
from gusu_geo.tables import Bools, Entrances, Floats, Rung, WayFlag
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.linkage import Linkage, Linking, Reason
from gusu_geo.walking.snapping import snap
from gusu_geo.words import text

SAME_PLACE_M = 2.0  # "at" and "on" of one place
WHY = {
    Reason.TOO_FAR: text("error.why_too_far"),
    Reason.ISLAND: text("error.why_island"),
    Reason.WATER: text("error.why_water"),
    Reason.WALL: text("error.why_wall"),
    Reason.RAILWAY: text("error.why_railway"),
    Reason.MOTORWAY: text("error.why_motorway"),
}


class PlaceEntry(NamedTuple):
    """A place, and where it stands in the scenario file."""

    place: Place
    where: str


@dataclass(frozen=True, eq=False)
class Finder:
    """How places are found: ``on`` counts where ``network`` is that of the ground, else ``at``.

    Raises InputError: a place that is on no street, that does not fit its ``at``, or that no
    street is near enough to.
    """

    ground: Ground
    network: str | None

    @property
    def exact(self) -> bool:
        """Whether the streets are those that ``on`` was written for."""
        return self.network == self.ground.network.digest

    @cached_property
    def _to_metres(self) -> Transformer:
        return Transformer.from_crs(4326, self.ground.network.crs, always_xy=True)

    def doors(self, asked: Sequence[PlaceEntry]) -> Linkage:
        """One row for each place, its owner the position in ``asked``: as venues are linked."""
        barred = Impedance.of(self.ground.network, self.ground.study.walk).closed
        return self._linked(asked, self.ground.linking, barred)

    def spots(self, asked: Sequence[PlaceEntry]) -> list[Spot]:
        """The place on a street nearest to each, whatever stands between: a link needs no door."""
        net, study = self.ground.network, self.ground.study
        anywhere = Linking(study.network.snap_max_m, island_max_m=0.0)
        links = self._linked(asked, anywhere, Impedance.of(net, study.walk).closed)
        spots = [
            Spot(*spot)
            for spot in zip(links.edge_ix.tolist(), links.offset_cm.tolist(), strict=True)
        ]
        rides = net.flagged(WayFlag.LIFT, WayFlag.FERRY)
        for spot, one in zip(spots, asked, strict=True):
            if rides[spot.edge_ix]:
                raise InputError(text("error.link_on_ride"), where=one.where)
        return spots

    def xy(self, asked: PlaceEntry) -> Floats:
        """Where the place is drawn, in metres."""
        place = asked.place
        if place.at is None:
            return place_on(self.ground.network, self._exact(asked))
        xy = np.array(self._to_metres.transform(*place.at))
        if not np.isfinite(xy).all():
            raise InputError(text("error.not_on_map"), where=f"{asked.where}.at", got=place.at)
        return xy

    def _linked(self, asked: Sequence[PlaceEntry], linking: Linking, closed: Bools) -> Linkage:
        exact = [self.exact and one.place.on is not None for one in asked]
        here = [i for i, yes in enumerate(exact) if yes]
        there = [i for i, yes in enumerate(exact) if not yes]
        rows = self._on_street([self._exact(asked[i]) for i in here])
        if there:
            points = self._points([asked[i] for i in there])
            found = snap(self.ground.network, points, linking, closed=closed)
            for i, reason in zip(there, found.reason.tolist(), strict=True):
                if reason != Reason.LINKED:
                    raise self._not_linked(asked[i], Reason(reason))
            rows = rows.joined(found)
        in_order = rows.rows(np.argsort([*here, *there]))
        return replace(in_order, owner_ix=np.arange(len(asked)))

    def _points(self, asked: Sequence[PlaceEntry]) -> Entrances:
        return Entrances.of_points(np.array([self.xy(one) for one in asked]).reshape(-1, 2))

    def _on_street(self, spots: Sequence[Spot]) -> Linkage:
        count = len(spots)
        xy = np.array([place_on(self.ground.network, spot) for spot in spots]).reshape(-1, 2)
        return Linkage(
            owner_ix=np.arange(count),
            edge_ix=np.array([spot.edge_ix for spot in spots], np.int32),
            offset_cm=np.array([spot.offset_cm for spot in spots], np.int32),
            leg_cm=np.zeros(count, np.int32),
            reason=np.full(count, int(Reason.LINKED), np.int8),
            rung=np.full(count, int(Rung.CENTROID), np.int8),
            door_xy=xy,
            foot_xy=xy,
        )

    def _exact(self, asked: PlaceEntry) -> Spot:
        """The place of ``on``, checked."""
        net, where = self.ground.network, f"{asked.where}.on"
        on = asked.place.on
        if on is None or not self.exact:
            raise InputError(
                text("error.on_other_streets"),
                where=asked.where,
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
        if asked.place.at is not None:
            apart = float(np.hypot(*(self.xy(asked) - place_on(net, spot))))
            if apart > SAME_PLACE_M:
                what = text("error.at_on_apart", apart=apart, same_place_m=SAME_PLACE_M)
                fix = text("error.leave_one_or_mend")
                raise InputError(what, where=asked.where, fix=fix)
        return spot

    def _not_linked(self, asked: PlaceEntry, reason: Reason) -> InputError:
        reach_m = self.ground.study.network.snap_max_m
        return InputError(
            text("error.why_reach", why=WHY[reason], reach_m=reach_m),
            where=f"{asked.where}.at",
            got=asked.place.at,
            fix=text("error.place_check"),
        )
