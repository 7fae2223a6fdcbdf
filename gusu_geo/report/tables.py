"""Tables of a run: residences, zones, facilities, gaps (EPSG:4326) and times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.zones import by_compound
from gusu_geo.report.labels import bilingual
from gusu_geo.study.ledger import ATTRIBUTE, MARKS, is_mark
from gusu_geo.tables import Int8s, Rung
from gusu_geo.walking.access import seconds
from gusu_geo.walking.linkage import Reason

STATE_TEXT = np.array([state.name.lower() for state in State], object)

ROOM_TEXT = np.array(["unknown", "room", "full", "none"], object)  # by ``Room``
REASON_TEXT = np.array(["" if r is Reason.LINKED else r.name.lower() for r in Reason], object)

DOOR_TEXT = np.array([*(rung.name.lower() for rung in Rung), ""], object)  # "" where not linked


def access_frame(outcome: Outcome) -> pd.DataFrame:
    """Residence x service, long: residence_id, service, nearest_s, nearest_id, state, slack_s;
    where the study asks for capacity, per_1000 (NaN unknown, inf: nobody competes) and full."""
    access, verdict = outcome.access, outcome.verdict
    count = len(access.services)
    ids = np.array([*access.facility_ids, None], object)
    staffed = outcome.district.capacity
    room: dict[str, Any] = {}
    if staffed is not None:
        room = {"per_1000": staffed.access.ravel(), "full": ROOM_TEXT[staffed.full.ravel()]}
    frame = pd.DataFrame(
        {
            "residence_id": np.repeat(access.residence_ids.to_numpy(object), count),
            "service": np.tile(np.array(access.services, object), len(access.residence_ids)),
            "nearest_s": seconds(access.nearest_cs).ravel(),
            "nearest_id": ids[access.nearest_ix.ravel()],
            "state": STATE_TEXT[verdict.state.ravel()],
            "slack_s": verdict.slack_s.ravel(),
        }
    )
    return frame.assign(**room)


def residence_frame(outcome: Outcome) -> gpd.GeoDataFrame:
    """One row per residence, EPSG:4326: persons, zones, state, what is missing, state at each asked
    moment, minutes; of services with a norm of capacity, whether what is in reach is full."""
    homes, access, verdict = outcome.city.residences.frame, outcome.access, outcome.verdict
    services = np.array(verdict.services, object)
    frame = homes[["name", "persons", "kind", homes.geometry.name]].to_crs(4326)
    for column in ("compound", "compound_name"):
        if column in homes:
            frame[column] = homes[column].to_numpy(object)
    for mark in filter(is_mark, homes):
        if outcome.judgement.own is not None or mark not in MARKS:
            frame[str(mark).replace(ATTRIBUTE, "attribute_")] = homes[mark].to_numpy(object)
    if outcome.judgement.own is not None:
        rules = outcome.summary["own_rules"]["rules"]
        frame["rule"] = outcome.judgement.own.of_home
        names = np.array([bilingual(rule["name"]) for rule in rules], object)
        frame["rule_name"] = names[outcome.judgement.own.of_home]
    for level in outcome.zone_of:
        frame[f"zone_{level}"] = outcome.zone_of[level].to_numpy(object)
    frame["persons_estimate"] = bool(outcome.summary["data"]["persons"]["estimate"])
    frame["linked"] = access.is_linked
    frame["reason"] = REASON_TEXT[access.reason]
    frame["door"] = DOOR_TEXT[outcome.judgement.links.homes.links.owner_rung(len(frame))]
    frame["state"] = STATE_TEXT[verdict.residence_state]
    frame["one_stop"] = STATE_TEXT[verdict.one_stop_state]
    frame["missing_count"] = verdict.missing_count
    frame["missing"] = [",".join(services[row]) for row in verdict.state == State.FAIL]
    frame["unknown"] = [",".join(services[row]) for row in verdict.state == State.UNKNOWN]
    if outcome.survey is not None:
        detours = outcome.survey.detours.frame
        frame[["detour_ratio", "beyond_share"]] = detours[["detour_ratio", "beyond_share"]]
    if outcome.moments is not None:
        for m, moment in enumerate(outcome.moments.timetable.at):
            frame[f"at_{moment:%Y%m%d_%H%M}"] = STATE_TEXT[outcome.moments.passed[:, m]]
    minutes = np.round(seconds(access.counted_cs) / 60, 2)
    for k, service in enumerate(verdict.services):
        frame[f"{service}_min"] = np.where(np.isinf(minutes[:, k]), np.nan, minutes[:, k])
    for (service, tier), state in _by_tier(outcome).items():
        frame[f"{service}_{tier}"] = STATE_TEXT[state]
    staffed = outcome.district.capacity
    if staffed is not None:
        for k, row in enumerate(staffed.facts["services"]):
            if row["norm"] is not None:
                frame[f"full_{row['service']}"] = ROOM_TEXT[staffed.full[:, k]]
    return frame.rename_axis("residence_id")


def _by_tier(outcome: Outcome) -> Mapping[tuple[str, str], Int8s]:
    """States of homes by service and tier; none where nothing has tiers."""
    return {} if outcome.tiered is None else outcome.tiered.state


def _own_venues(outcome: Outcome, tier: str, ids: Iterable[object]) -> dict[str, list[str | None]]:
    """Whether zones of a tier have a venue of their own: a column for each service that must."""
    if outcome.tiered is None:
        return {}
    found = {service: own for (service, of), own in outcome.tiered.own.items() if of == tier}
    return {f"own_{key}": [own.get(str(zone)) for zone in ids] for key, own in found.items()}


def zone_frame(outcome: Outcome) -> gpd.GeoDataFrame:
    """One row per zone, EPSG:4326, with its totals; homes outside every zone are left out."""
    zones = outcome.city.zones.frame
    rows = pd.DataFrame(
        [
            {key: value for key, value in row.items() if not isinstance(value, dict)}
            | {f"missing_{service}": persons for service, persons in row["missing"].items()}
            for row in outcome.summary["zones"]
        ]
    )
    if len(zones) == 0:
        return zones.to_crs(4326)
    tiers = [key for key in ("tier", "parent") if key in zones]
    shapes = zones[["level", "zone_id", *tiers, zones.geometry.name]].to_crs(4326)
    for tier, part in shapes.groupby("tier") if tiers else ():
        for column, values in _own_venues(outcome, str(tier), part["zone_id"]).items():
            shapes.loc[part.index, column] = values
    shapes["persons_estimate"] = bool(outcome.summary["data"]["persons"]["estimate"])
    rows = rows.drop(columns=["name_zh", "name_en"]).rename(columns={"id": "zone_id"})
    return shapes.merge(rows, on=["level", "zone_id"], how="left")


def compound_frame(outcome: Outcome) -> gpd.GeoDataFrame | None:
    """Outlines of compounds, EPSG:4326, with the totals of their homes; None without compounds."""
    if outcome.compounds is None or len(outcome.compounds) == 0:
        return None
    rows = by_compound(outcome.city.residences, outcome.verdict)
    registered = outcome.city.facts.get("registered", {})
    plain: list[dict[str, Any]] = [
        {"compound_id": row["id"], "registered_name": row["name"], **registered.get(row["id"], {})}
        | {key: value for key, value in row.items() if isinstance(value, int | float | None)}
        | {f"missing_{service}": persons for service, persons in row["missing"].items()}
        for row in rows
    ]
    shapes = outcome.compounds.to_crs(4326)
    shapes = shapes.assign(**_own_venues(outcome, "compound", shapes["compound_id"]))
    if not plain:
        return shapes
    shapes["persons_estimate"] = bool(outcome.summary["data"]["persons"]["estimate"])
    return shapes.merge(pd.DataFrame(plain), on="compound_id", how="left")


def facility_frame(outcome: Outcome) -> gpd.GeoDataFrame:
    """Facilities, EPSG:4326, with the kind of ``door`` they are entered by; "" where not linked."""
    frame = outcome.city.facilities.frame.to_crs(4326).rename_axis("facility_id")
    frame["door"] = DOOR_TEXT[outcome.judgement.links.venues.links.owner_rung(len(frame))]
    return frame


def gap_frame(outcome: Outcome) -> gpd.GeoDataFrame:
    """One row per residence and missing service, EPSG:4326: how far away the nearest one is."""
    verdict, access = outcome.verdict, outcome.access
    r, k = np.nonzero(verdict.state == State.FAIL)
    homes = outcome.city.residences.frame.to_crs(4326)
    slack = verdict.slack_s[r, k]
    near = access.nearest_ix[r, k]
    ids = np.array([*access.facility_ids, None], object)
    return gpd.GeoDataFrame(
        {
            "residence_id": verdict.residence_ids.to_numpy(object)[r],
            "service": np.array(verdict.services, object)[k],
            "persons": homes["persons"].to_numpy(float)[r],
            "too_far_s": np.where(np.isinf(slack), np.nan, -slack),
            "nearest_id": ids[near],
        },
        geometry=homes.geometry.to_numpy()[r],
        crs=4326,
    )
