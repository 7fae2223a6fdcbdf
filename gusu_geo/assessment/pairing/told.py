"""The pairs, the communities and the bodies as rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gusu_geo.assessment.pairing.exchanges import Exchanges
from gusu_geo.assessment.pairing.fit import Sides
from gusu_geo.assessment.pairing.model import Pairing, in_points
from gusu_geo.assessment.pairing.reasons import reasons_of
from gusu_geo.assessment.pairing_facts import BodyRow, CommunityNeed, PairRow
from gusu_geo.assessment.suppression import small
from gusu_geo.study.catalog import Service
from gusu_geo.study.district import PairingParams
from gusu_geo.tables import Floats
from gusu_geo.tables.books import parts_of


@dataclass(frozen=True, eq=False)
class Told:
    """What is known of the best pairs. high: where the unknown counts as lacking; projects: the
    table, None without a ledger; signals: counts by zone, likewise; public: no internal draft."""

    sides: Sides
    services: tuple[Service, ...]
    params: PairingParams
    best: Pairing
    high: Pairing
    projects: pd.DataFrame | None
    signals: dict[str, int | None] | None
    public: bool

    @cached_property
    def exchanges(self) -> Exchanges:
        """Of the best pairs."""
        return Exchanges(self.best)

    def pair_rows(self) -> list[PairRow]:
        """By body, then by community."""
        others = Exchanges(self.high)
        bodies, zones = np.nonzero(self.best.chosen)
        return [
            self._pair(body, zone, sure=others.loss_with(body, zone) == 0)
            for body, zone in zip(bodies.tolist(), zones.tolist(), strict=True)
        ]

    def _pair(self, body: int, zone: int, *, sure: bool) -> PairRow:
        sides, best = self.sides, self.best
        communities = sides.communities
        other = self.exchanges.next_best(body, zone)
        key, place = str(sides.bodies.index[body]), communities.ids[zone]
        projects = self._projects_of(key, place)
        metres = float(sides.metres[body, zone])
        return {
            "body": key,
            "name": str(sides.bodies["name"].iloc[body]),
            "tier": str(sides.bodies["tier"].iloc[body]),
            "zone": place,
            "zone_name": communities.names[zone],
            "fit": in_points(best.model.fit[body, zone]),
            "distance_m": round(metres, 1) if np.isfinite(metres) else None,
            "now": bool(best.model.today[body, zone]),
            "kept": bool(best.model.kept[body, zone]),
            "uncertain": not sure,
            "reasons": reasons_of(
                sides,
                self.services,
                body,
                zone,
                params=self.params,
                projects=projects,
                public=self.public,
            ),
            "next_zone": "" if other is None else communities.ids[other[0]],
            "next_name": "" if other is None else communities.names[other[0]],
            "loss": None if other is None else in_points(other[1]),
            "projects": projects,
        }

    def _projects_of(self, body: str, zone: str) -> list[str]:
        if self.projects is None:
            return []
        held = (self.projects["body"] == body) & (self.projects["zone"] == zone)
        return [str(name) for name in self.projects["name"][held]]

    def needs(self) -> list[CommunityNeed]:
        """By community."""
        return [self._need(zone) for zone in range(len(self.sides.communities.ids))]

    def _need(self, zone: int) -> CommunityNeed:
        sides = self.sides
        communities, chosen = sides.communities, self.best.chosen[:, zone]
        place = communities.ids[zone]
        lacks = {service.id for service, persons in self._by_service(zone) if persons > 0}
        met = {self.services[k].id for k in np.flatnonzero(sides.covers[chosen].any(axis=0))}
        themes, about, aside = self._themes_of(place, lacks)
        signals = None if self.signals is None else self.signals.get(place, 0)
        with_projects = self.projects is not None
        return {
            "id": place,
            "name": communities.names[zone],
            "persons": round(float(communities.persons[zone]), 2),
            "low": self._shown(communities.low[zone]),
            "high": self._shown(communities.high[zone]),
            "signals": None if self.public and small(signals) else signals,
            "bodies": int(chosen.sum()),
            "bodies_now": 0 if sides.today is None else int(sides.today[:, zone].sum()),
            "projects": themes,
            "unmet": self._in_order(lacks - met),
            "unserved": self._in_order(lacks - about) if with_projects else [],
            "aside": aside,
        }

    def _by_service(self, zone: int) -> list[tuple[Service, float]]:
        return list(zip(self.services, self.sides.communities.low[zone].tolist(), strict=True))

    def _shown(self, persons: Floats) -> dict[str, float | None]:
        return {
            service.id: None if self.public and small(count) else round(count, 2)
            for service, count in zip(self.services, persons.tolist(), strict=True)
        }

    def _in_order(self, ids: set[str]) -> list[str]:
        return [service.id for service in self.services if service.id in ids]

    def _themes_of(self, zone: str, lacks: set[str]) -> tuple[list[str], set[str], list[str]]:
        """Themes of the projects of a community, the services that they are about, and the themes
        that are about nothing it lacks."""
        if self.projects is None:
            return [], set(), []
        held = self.projects[self.projects["zone"] == zone]
        about: set[str] = set()
        aside = []
        for theme, services in zip(held["theme"], held["services"], strict=True):
            meant = set(parts_of(services))
            about |= meant
            if theme and not meant & lacks:
                aside.append(str(theme))
        themes = [str(theme) for theme in held["theme"] if theme]
        return list(dict.fromkeys(themes)), about, list(dict.fromkeys(aside))

    def bodies(self) -> list[BodyRow]:
        """By body."""
        sides, chosen = self.sides, self.best.chosen
        rows: list[BodyRow] = []
        for at, (key, body) in enumerate(sides.bodies.iterrows()):
            rows.append(
                {
                    "id": str(key),
                    "name": str(body["name"]),
                    "tier": str(body["tier"]),
                    "functions": list(parts_of(str(body["functions"]))),
                    "services": [self.services[k].id for k in np.flatnonzero(sides.covers[at])],
                    "most": int(body["most"]),
                    "pairs": int(chosen[at].sum()),
                    "pairs_now": 0 if sides.today is None else int(sides.today[at].sum()),
                }
            )
        return rows
