"""Before and after: what a scenario changes for homes, zones and services, as tables.

"gained" counts what passes after the changes and did not before, "lost" what passed before and does
not after; of homes and of services of a home alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gusu_geo.assessment.judgement import Judgement
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import State, Verdict
from gusu_geo.assessment.summary import WalkFacts, ZoneRow
from gusu_geo.assessment.tiers import Tiered
from gusu_geo.assessment.zones import by_compound, roll_up
from gusu_geo.report.own_rules import own_rules_facts
from gusu_geo.report.summary import rule_facts, share_of
from gusu_geo.report.tables import STATE_TEXT
from gusu_geo.report.tier_changes import tier_changes
from gusu_geo.report.walk_facts import walk_facts
from gusu_geo.report.webmap.render import in_notebook
from gusu_geo.scenarios.scenario_file import Scenario
from gusu_geo.tables import Bools, Floats
from gusu_geo.walking.access import seconds

SCHEMA = "gusu-geo-compare/1"
WHEN = ("before", "after")
ZONE_HEAD = ("level", "id", "name", "name_zh", "name_en", "residences", "persons")


@dataclass(frozen=True, eq=False)
class Comparison:
    """A study before and after a scenario.

    closed (F,): facilities that a change closed; they keep their row, but have no door.
    marks: one row for each change that has a place (metres). folder: where the tables were written.
    map_path: the map that opens with the scenario. run_id: of these files. tiered: what is said by
    tier before and after, None where the study has no tiers.
    """

    scenario: Scenario
    before: Outcome
    after: Judgement
    closed: Bools
    marks: gpd.GeoDataFrame
    folder: Path | None = field(default=None, compare=False)
    map_path: Path | None = field(default=None, compare=False)
    run_id: str = field(default="", compare=False)
    tiered: tuple[Tiered, Tiered] | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        study, changed = self.before.study.name, int(self.changed.sum())
        return f"<Comparison of {study}, {self.scenario.name}: {changed:,} homes change>"

    def _repr_html_(self) -> str:
        if self.map_path is None:
            return str(self.summary.to_html())
        return in_notebook(self.map_path.read_text(encoding="utf-8"), self.run_id)

    @cached_property
    def residences(self) -> gpd.GeoDataFrame:
        """One row per residence, EPSG:4326: state and minutes before and after; ``gained`` and
        ``lost``: ids of services, with commas."""
        homes, verdict = self.before.city.residences.frame, self.before.verdict
        frame = homes[["name", "persons", homes.geometry.name]].to_crs(4326)
        services = np.array(verdict.services, object)
        passed = [side.verdict.state == State.PASS for side in (self.before, self.after)]
        for when, side in self._sides():
            frame[f"state_{when}"] = STATE_TEXT[side.verdict.residence_state]
        frame["gained"] = [",".join(services[row]) for row in passed[1] & ~passed[0]]
        frame["lost"] = [",".join(services[row]) for row in passed[0] & ~passed[1]]
        for k, service in enumerate(verdict.services):
            for when, side in self._sides():
                minutes = np.round(seconds(side.access.counted_cs[:, k]) / 60, 2)
                frame[f"{service}_min_{when}"] = np.where(np.isinf(minutes), np.nan, minutes)
        return frame.rename_axis("residence_id")

    @cached_property
    def changed(self) -> Bools:
        """(R,) residences that gain or lose a service, or whose state changes."""
        states = [side.verdict.residence_state for _, side in self._sides()]
        cells = [side.verdict.state for _, side in self._sides()]
        return np.asarray((states[0] != states[1]) | (cells[0] != cells[1]).any(axis=1))

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Index: passed, passed_known, failed, unknown, one_stop. Residences, persons and shares
        before and after, and who came in (gained) and fell out (lost)."""
        before, after = (_holds(side.verdict) for _, side in self._sides())
        rows = {key: self._row(before[key], after[key]) for key in before}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("reading")

    @cached_property
    def services(self) -> pd.DataFrame:
        """Index: service id. Venues, and persons in time, missing it and unknown, before and
        after; no share where the data name no venue."""
        offered = [
            side.city.facilities.frame["service"].to_numpy(object) for _, side in self._sides()
        ]
        offered[1] = offered[1][~self.closed]
        states = [side.verdict.state for _, side in self._sides()]
        rows = {}
        for k, service in enumerate(self.before.rule.pack.services):
            known = self.before.verdict.service_state[k]
            row: dict[str, Any] = {"zh": service.zh, "en": service.en, "state": known}
            for when, there in zip(WHEN, offered, strict=True):
                row[f"venues_{when}"] = int(np.sum(there == service.id))
            asked = states[0][:, k] != State.NOT_ASKED
            then, now = (state[:, k] == State.PASS for state in states)
            row |= self._row(then, now, among=asked)
            if known == "no_data":
                row |= {"share_before": None, "share_after": None}
            for name, state in (("missing", State.FAIL), ("unknown", State.UNKNOWN)):
                for when, each in zip(WHEN, states, strict=True):
                    held = share_of(each[:, k] == state, self._persons)
                    row[f"{name}_persons_{when}"] = held["persons"]
            rows[service.id] = row
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("service")

    @cached_property
    def tiers(self) -> pd.DataFrame:
        """A row for each tier and service, see ``tier_changes``; none where the study has no
        tiers."""
        return tier_changes(self.tiered, self._persons)

    @cached_property
    def zones(self) -> gpd.GeoDataFrame:
        """One row per zone, EPSG:4326: persons with all services before and after, gained and
        lost, and persons missing each service. The row of homes outside every
        zone of a level has no polygon."""
        city, zone_of = self.before.city, self.before.zone_of
        before, after = (
            roll_up(city.zones, zone_of, self._persons, side.verdict) for _, side in self._sides()
        )
        shapes = {
            (str(zone.level), str(zone.zone_id)): zone.geometry
            for zone in city.zones.frame.to_crs(4326).itertuples()
        }
        rows, drawn = [], []
        for one, two in zip(before, after, strict=True):
            inside = zone_of[one["level"]].to_numpy(object) == one["id"]
            rows.append(self._sums(one, two, inside))
            drawn.append(shapes.get((one["level"], str(one["id"]))))
        frame = pd.DataFrame(rows, columns=None if rows else list(ZONE_HEAD))
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(drawn, crs=4326), crs=4326)

    @cached_property
    def compounds(self) -> pd.DataFrame:
        """One row per compound with homes, and one of the homes in none (id ""), with the columns
        of ``zones``; those first in which most persons lack a service before. Without compounds: no
        row."""
        homes = self.before.city.residences
        before, after = (by_compound(homes, side.verdict) for _, side in self._sides())
        later = {row["id"]: row for row in after}
        rows = []
        for one in before:
            inside = homes.frame["compound"].to_numpy(object) == one["id"]
            rows.append(self._sums(one, later[one["id"]], inside))
        return pd.DataFrame(rows, columns=None if rows else list(ZONE_HEAD))

    def _sums(self, before: ZoneRow, after: ZoneRow, inside: Bools) -> dict[str, Any]:
        """A row of ``zones`` or ``compounds``; inside (R,): which homes it sums."""
        every: dict[str, Any] = dict(before)
        row = {key: every[key] for key in ZONE_HEAD}
        for key in ("passed_persons", "unknown_persons", "share"):
            row |= {f"{key}_before": every[key], f"{key}_after": dict(after)[key]}
        for name, mask in self._came_and_went.items():
            row[f"{name}_persons"] = math.fsum(self._persons[inside & mask])
        for service in before["missing"]:
            row[f"missing_{service}_before"] = before["missing"][service]
            row[f"missing_{service}_after"] = after["missing"][service]
        return row

    @cached_property
    def _came_and_went(self) -> dict[str, Bools]:
        return _moves(*(_holds(side.verdict)["passed"] for _, side in self._sides()))

    @cached_property
    def comments(self) -> gpd.GeoDataFrame:
        """One row per comment of the scenario, EPSG:4326: number from 1, text, by, when, home and
        venue ("" where nothing is given)."""
        rows = self.scenario.comments_as_data()
        columns: dict[str, list[Any]] = {"number": list(range(1, len(rows) + 1))}
        for key in ("text", "by", "when", "home", "venue"):
            columns[key] = [row.get(key, "") for row in rows]
        at = np.array([row["at"] for row in rows], float).reshape(-1, 2)
        return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*at.T), crs=4326)

    def to_dict(self) -> dict[str, Any]:
        """``compare.json`` as plain data."""
        summary, scenario = self.before.summary, self.scenario
        tables = {
            "totals": _in_parts(self.summary),
            "services": _in_parts(self.services),
            "zones": _in_parts(pd.DataFrame(self.zones.drop(columns="geometry")), index=False),
            "compounds": _in_parts(self.compounds, index=False),
        }
        if self.tiered is not None:
            tables["tiers"] = _in_parts(self.tiers, index=False)
        parts: dict[str, dict[str, Any]] = {"before": {}, "after": {}, "change": {}}
        for (when, side), walk in zip(self._sides(), self.walks, strict=True):
            parts[when] = {"rule": rule_facts(side.rule), "walk": walk}
            own = own_rules_facts(side, self._persons)
            parts[when] |= {} if own is None else {"own_rules": own}
            parts[when]["network"] = side.network.digest
        for when, part in parts.items():
            part |= {name: table[when] for name, table in tables.items()}
        return {
            "schema": SCHEMA,
            "run_id": self.run_id,
            "based_on": summary["run_id"],
            **{key: summary[key] for key in ("study", "invented", "title", "version", "data")},
            "scenario": {
                "name": scenario.name,
                "title": scenario.title,
                "changes": scenario.as_data(),
                "comments": scenario.comments_as_data(),
            },
            "residences": {"total": len(self.changed), "changed": int(self.changed.sum())},
            **parts,
        }

    @cached_property
    def walks(self) -> tuple[WalkFacts, WalkFacts]:
        """How people walk before and after, see ``walk_facts.walk_facts``."""
        before = self.before.summary["walk"]
        return before, walk_facts(self.after.study, heights=before["heights"])

    @cached_property
    def _persons(self) -> Floats:
        return np.asarray(self.before.city.residences.frame["persons"], float)

    def _sides(self) -> tuple[tuple[str, Judgement], ...]:
        return (WHEN[0], self.before.judgement), (WHEN[1], self.after)

    def _row(self, before: Bools, after: Bools, among: Bools | None = None) -> dict[str, Any]:
        """Residences, persons and share in two masks, and of those in one of them only; among: of
        whom the shares are, default: all."""
        masks = {"before": before, "after": after, **_moves(before, after)}
        here = np.ones(len(before), bool) if among is None else among
        shares = {name: share_of(mask[here], self._persons[here]) for name, mask in masks.items()}
        row = {
            f"{key}_{when}": shares[when][key]
            for key in ("residences", "persons", "share")
            for when in WHEN
        }
        return row | {
            f"{name}_{key}": shares[name][key]
            for name in ("gained", "lost")
            for key in ("residences", "persons")
        }


def _holds(verdict: Verdict) -> dict[str, Bools]:
    """For each key figure of the summary the homes (R,) that it counts."""
    return {
        "passed": verdict.residence_state == State.PASS,
        "passed_known": verdict.passed_known,
        "failed": verdict.residence_state == State.FAIL,
        "unknown": verdict.residence_state == State.UNKNOWN,
        "one_stop": verdict.one_stop_state == State.PASS,
    }


def _moves(before: Bools, after: Bools) -> dict[str, Bools]:
    """Homes (R,) that a figure counts only after ("gained") or only before ("lost")."""
    return {"gained": after & ~before, "lost": before & ~after}


def _in_parts(frame: pd.DataFrame, *, index: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Splits each row of a table into its columns before, after, and of change."""
    parts: dict[str, list[dict[str, Any]]] = {"before": [], "after": [], "change": []}
    for row in (frame.reset_index() if index else frame).to_dict("records"):
        head: dict[str, Any] = {}
        split: dict[str, dict[str, Any]] = {when: {} for when in parts}
        for key, value in row.items():
            plain = None if value != value else value
            stem, _, when = str(key).rpartition("_")
            if when in ("before", "after"):
                split[when][stem] = plain
            elif str(key).startswith(("gained_", "lost_")):
                split["change"][str(key)] = plain
            else:
                head[str(key)] = plain
        for when, rows in parts.items():
            rows.append(head | split[when])
    return parts
