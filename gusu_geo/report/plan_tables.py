"""A plan as tables: candidates and why each was left out, homes that gain, and who serves them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.geometry import WGS84
from gusu_geo.siting.plan import SitingPlan
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task
from gusu_geo.tables import Ints

LEDGER = ("cost", "area_m2", "vote", "available", "heritage")  # columns that candidates may have


def plan_layers(
    plan: SitingPlan, task: Task, found: Solution, outcome: Outcome
) -> dict[str, gpd.GeoDataFrame]:
    """Layers of ``plan.gpkg``, EPSG:4326; those without rows are left out.

    sites: as ``SitingPlan.sites_frame``; candidates: all of them with their ``state``; residences:
    homes that come to have everything; links: straight lines from each to the new sites that it
    needs.
    """
    links = served(task, found)
    layers = {
        "sites": plan.sites_frame.reset_index(),
        "candidates": candidate_frame(task, found),
        "residences": gained_frame(task, found, links, outcome),
        "links": link_frame(task, links),
    }
    return {name: frame for name, frame in layers.items() if len(frame)}


def candidate_frame(task: Task, found: Solution) -> gpd.GeoDataFrame:
    """Every candidate, EPSG:4326: what the ledger says of it, services that it may offer ("" any),
    and its state: "taken", "not_taken", or why it was left out: "never" (by the study), "refused"
    (by a vote), "unlinked" (no street near), "uncosted"."""
    frame = task.candidates.frame
    state = np.full(len(frame), "not_taken", object)
    causes = {
        "uncosted": task.rooms.uncosted,
        "unlinked": ~task.linked,
        "refused": task.rooms.refused,
        "never": frame.index.isin(list(task.wishes.never)),
        "taken": found.opened,
    }
    for name, rows in causes.items():
        state[rows] = name
    columns = [name for name in LEDGER if name in frame]
    made = frame[["name", *columns, frame.geometry.name]].to_crs(WGS84)
    made.insert(1, "state", state)
    made.insert(2, "services", [", ".join(services) for services in frame["services"]])
    if "vote" in made:
        made["vote"] = made["vote"].map(str)
    return made.rename_axis("candidate_id").reset_index()


def served(task: Task, found: Solution) -> pd.DataFrame:
    """Which sites the homes need that come to have everything: home_ix, candidate_ix, service_ix,
    seconds; of each missing service as many sites as the home lacks, the nearest first."""
    homes, parts = np.flatnonzero(found.completed), []
    for k, cover in enumerate(task.cover):
        sites = np.flatnonzero(found.offers[:, k])
        near = cover[homes][:, sites].tocoo()
        row, column = near.coords
        order = np.lexsort((column, near.data, row))
        row, column, cs = row[order], column[order], near.data[order]
        taken = _rank(row) < task.need[homes[row], k]
        parts.append(
            pd.DataFrame(
                {
                    "home_ix": homes[row[taken]],
                    "candidate_ix": sites[column[taken]],
                    "service_ix": k,
                    "seconds": cs[taken] / 100.0,
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["home_ix", "service_ix", "seconds"], ignore_index=True, kind="stable")


def _rank(row: Ints) -> Ints:
    """The place of each entry among those of its row; rows are sorted."""
    first = np.flatnonzero(np.r_[True, row[1:] != row[:-1]]) if len(row) else np.zeros(0, np.int64)
    return np.arange(len(row)) - np.repeat(first, np.diff(np.r_[first, len(row)]))


def gained_frame(
    task: Task, found: Solution, links: pd.DataFrame, outcome: Outcome
) -> gpd.GeoDataFrame:
    """Homes that come to have everything, EPSG:4326: persons, zones, the services that they get,
    from which sites; sure: something is surely missing today, not only unknown; full, where room
    counts: nothing but room is."""
    rows = np.flatnonzero(found.completed)
    homes = task.residences.frame
    made = homes[["name", "persons", homes.geometry.name]].iloc[rows].to_crs(WGS84)
    for level in outcome.zone_of:
        made[f"zone_{level}"] = outcome.zone_of[level].to_numpy(object)[rows]
    services, ids = np.array(task.services, object), task.candidates.frame.index.to_numpy(object)
    by_home = links.groupby("home_ix", sort=False)
    got = by_home["service_ix"].agg(lambda ks: ", ".join(services[ks.unique()]))
    sites = by_home["candidate_ix"].agg(lambda cs: ", ".join(map(str, ids[cs.unique()])))
    made["services"] = got.reindex(rows, fill_value="").to_numpy(object)
    made["sites"] = sites.reindex(rows, fill_value="").to_numpy(object)
    made["sure"] = task.sure[rows]
    if task.room.any():
        made["full"] = ~((task.need > 0) & ~task.room)[rows].any(axis=1)
    return made.rename_axis("residence_id").reset_index()


def link_frame(task: Task, links: pd.DataFrame) -> gpd.GeoDataFrame:
    """A straight line, EPSG:4326, for each home and new site that it needs: services, minutes on
    foot."""
    pairs = links.groupby(["home_ix", "candidate_ix"], sort=True)
    services = np.array(task.services, object)
    table = pairs.agg(services=("service_ix", lambda ks: ", ".join(services[sorted(ks)])),
                      seconds=("seconds", "min")).reset_index()  # fmt: skip
    home, site = table["home_ix"].to_numpy(int), table["candidate_ix"].to_numpy(int)
    homes, places = task.residences.frame, task.candidates.frame
    ends = [shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()[rows]))
            for frame, rows in ((homes, home), (places, site))]  # fmt: skip
    return gpd.GeoDataFrame(
        {
            "residence_id": homes.index.to_numpy(object)[home],
            "candidate_id": places.index.to_numpy(object)[site],
            "services": table["services"].to_numpy(object),
            "minutes": (table["seconds"] / 60).round(2).to_numpy(),
            "persons": homes["persons"].to_numpy(float)[home],
        },
        geometry=shapely.linestrings(np.stack(ends, axis=1)),
        crs=places.crs,
    ).to_crs(WGS84)
