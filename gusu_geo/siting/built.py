"""The city as if a plan were built: its sites are venues like any other, added last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.assessment.judgement import Judgement, relinked
from gusu_geo.assessment.walkable_city import CityLinks, Ground
from gusu_geo.siting.plan import ChosenSite
from gusu_geo.siting.task import Task
from gusu_geo.siting.walkers import place_doors
from gusu_geo.tables import Bools, Candidates, Entrances, Facilities, Ints
from gusu_geo.walking.linkage import Linked
from gusu_geo.walking.trips import Trips

EVIDENCE, HOURS = "A", "24/7"  # of new sites: they are sure to be there, and open
# Before their ids, so that no venue of the sources is one of them; pandas 2 ends texts at NUL.
MARK = "\x01"


@dataclass(frozen=True, eq=False)
class Built:
    """ground, today: without the plan; judgement: ``today`` with the city that has the sites, times
    and verdict unchanged; sites: of the plan; site_of (F,): the one that each facility belongs to,
    -1 for what is there today."""

    ground: Ground
    today: Judgement
    judgement: Judgement
    task: Task
    sites: tuple[ChosenSite, ...]
    site_of: Ints

    @property
    def there(self) -> Bools:
        """(F,) what is there today."""
        return np.asarray(self.site_of < 0, bool)

    def links_for(self, trips: Trips) -> CityLinks:
        """Homes, venues and new sites, linked to the streets that are open to these trips."""
        before = relinked(self.ground, trips, self.today.links)
        frame = self.judgement.city.facilities.frame
        first = int(self.there.sum())
        points = _entrances(self.task.candidates, _positions(self.task, self.sites), first)
        new = place_doors(trips, points, self.task.linking)
        homes, venues, entered = before.homes, before.venues, before.entered
        return CityLinks(
            homes=homes,
            venues=Linked(frame.index, venues.links.joined(new)),
            entered=None if entered is None else Linked(frame.index, entered.links),
        )


def built(ground: Ground, today: Judgement, task: Task, sites: Sequence[ChosenSite]) -> Built:
    """The city with these sites. ground, today: that the task was made for."""
    positions = _positions(task, sites)
    old = today.city.facilities
    texts = old.frame.drop(columns=old.frame.geometry.name)
    if "hours" not in texts:
        texts = texts.assign(hours="")
    rows = [(number, service) for number, site in enumerate(sites) for service in site.services]
    new = [
        dict.fromkeys(texts.columns, "")
        | ({"capacity": np.nan} if "capacity" in texts else {})
        | {
            "service": service,
            "venue_id": f"{MARK}{sites[number].candidate_id}",
            "name": sites[number].name,
            "evidence": EVIDENCE,
            "hours": HOURS,
        }
        for number, service in rows
    ]
    ids = [f"{row['venue_id']}:{row['service']}" for row in new]
    frame = old.frame
    if new:
        added = pd.DataFrame(new, pd.Index(ids, dtype=object)).astype(texts.dtypes)
        points = task.candidates.frame.geometry.to_numpy()[positions]
        frame = gpd.GeoDataFrame(
            pd.concat([texts, added]),
            geometry=np.concatenate([old.frame.geometry.to_numpy(), points]),
            crs=old.frame.crs,
        )
    doors = _entrances(task.candidates, positions, len(old.frame))
    city = replace(today.city, facilities=Facilities(frame, _joined(old.entrances, doors)))
    return Built(
        ground=ground,
        today=today,
        judgement=replace(today, city=city),
        task=task,
        sites=tuple(sites),
        site_of=np.array([-1] * len(old.frame) + [number for number, _ in rows], np.int64),
    )


def _positions(task: Task, sites: Sequence[ChosenSite]) -> Ints:
    """Of the candidates, one for each site and service."""
    at = task.candidates.frame.index.get_indexer([site.candidate_id for site in sites])
    return np.repeat(at, [len(site.services) for site in sites]).astype(np.int64)


def _entrances(candidates: Candidates, positions: Ints, first: int) -> Entrances:
    """Those of the candidates at ``positions``, owned by rows from ``first`` on."""
    points = candidates.entrances
    order = np.argsort(points.owner_ix, kind="stable")
    ends = np.searchsorted(points.owner_ix[order], [positions, positions + 1])
    rows = [order[a:b] for a, b in ends.T]
    owner = np.repeat(np.arange(first, first + len(rows)), [len(each) for each in rows])
    picked = points.rows(np.concatenate([np.zeros(0, np.int64), *rows]))
    return replace(picked, owner_ix=owner)


def _joined(old: Entrances, new: Entrances) -> Entrances:
    outline, ground = old.outline, old.ground
    if outline is not None or new.outline is not None:
        outline = np.concatenate([_outlines(old), _outlines(new)])
    if ground is not None or new.ground is not None:
        ground = np.concatenate([_open_ground(old), _open_ground(new)])
    return Entrances(
        owner_ix=np.concatenate([old.owner_ix, new.owner_ix]),
        xy=np.concatenate([old.xy, new.xy]),
        rung=np.concatenate([old.rung, new.rung]),
        outline=outline,
        ground=ground,
    )


def _outlines(points: Entrances) -> np.ndarray:
    return np.full(len(points.xy), None) if points.outline is None else points.outline


def _open_ground(points: Entrances) -> Bools:
    return np.zeros(len(points.xy), bool) if points.ground is None else points.ground
