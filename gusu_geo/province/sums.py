"""Sums over the homes of one district, from its ordinary outputs, exact whatever they are split by.

A total of districts is no sum of rounded sums: each district hands on what its homes add up to as
numbers whose sum is exact, and only the total of all is rounded.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio

from gusu_geo.assessment.summary import Summary
from gusu_geo.pipeline.output_sets import OutputSet
from gusu_geo.tables import Bools, Floats

SUMS = ("persons", "passed", "passed_known", "lacking_any", "unknown", "reached", "lacking")
OF_SERVICES = ("asked", "covered", "missing", "unknown")
HOMES = "residences"  # the layer of results.gpkg


@dataclass
class ExactSum:
    """A sum of numbers that neither their order nor any split of them changes.

    >>> one, other = ExactSum(), ExactSum()
    >>> one.add([1e16, 1.0]); other.add([1.0, -1e16]); one.join(other); one.value
    2.0
    """

    parts: list[float] = field(default_factory=list)  # their sum is exact

    def add(self, values: Iterable[float]) -> None:
        """Add numbers. Raises ValueError, OverflowError: one of them is not finite."""
        given: list[float] = [float(value) for value in values]
        found: list[float] = []
        while rest := math.fsum([*given, *(-part for part in found)]):
            if not math.isfinite(rest):
                raise ValueError("a sum needs finite numbers")
            found.append(rest)  # what is left is at most half a unit in its last place
        self.parts += found

    def join(self, other: ExactSum) -> None:
        """Add what another sum holds."""
        self.parts += other.parts

    @property
    def value(self) -> float:
        """The number nearest to the sum: ``math.fsum`` of everything that was added."""
        return math.fsum(self.parts)


@dataclass
class Sums:
    """Sums of persons and counts of homes by name (``SUMS``), and by service (``OF_SERVICES``)."""

    persons: dict[str, ExactSum]
    homes: dict[str, int]
    services: dict[str, dict[str, ExactSum]]

    @classmethod
    def nothing(cls) -> Sums:
        """Sums of no homes."""
        return cls({key: ExactSum() for key in SUMS}, dict.fromkeys(SUMS, 0), {})

    def join(self, other: Sums) -> None:
        """Add the homes of another district."""
        for key in SUMS:
            self.persons[key].join(other.persons[key])
            self.homes[key] += other.homes[key]
        for service, sums in other.services.items():
            own = self.services.setdefault(service, {key: ExactSum() for key in OF_SERVICES})
            for key in OF_SERVICES:
                own[key].join(sums[key])

    def add(self, key: str, persons: Floats, mask: Bools) -> None:
        """Add the homes of a mask."""
        self.persons[key].add(persons[mask])
        self.homes[key] += int(mask.sum())


def read_summary(outputs: OutputSet) -> Summary:
    """``summary.json`` of a district. Raises OSError, ValueError: none, or it is no JSON."""
    found: Summary = json.loads(outputs.members[0].read_text(encoding="utf-8"))
    return found


def sums_of(outputs: OutputSet, summary: Summary) -> Sums:
    """The sums of one district, from the unrounded homes of its files.

    Raises ValueError: the files name other homes than one another.
    """
    ids, homes = _homes(outputs)
    persons = homes["persons"]
    services, states = _states(outputs, ids)
    known = {row["id"] for row in summary["services"] if row["state"] == "known"}
    with_data = states[:, [service in known for service in services]]
    found = Sums.nothing()
    everybody = np.ones(len(persons), bool)
    passing = with_data == "pass"
    met = (passing | (with_data == "not_asked")).all(axis=1) & passing.any(axis=1)
    found.add("persons", persons, everybody)
    found.add("passed", persons, homes["state"] == "pass")
    found.add("passed_known", persons, met & homes["linked"])
    found.add("lacking_any", persons, (states == "fail").any(axis=1))
    found.add("unknown", persons, homes["state"] == "unknown")
    for column in range(with_data.shape[1]):
        found.add("reached", persons, passing[:, column])
    for k, service in enumerate(services):
        state = states[:, k]
        found.add("lacking", persons, state == "fail")
        found.services[service] = sums = {key: ExactSum() for key in OF_SERVICES}
        sums["asked"].add(persons[state != "not_asked"])
        sums["covered"].add(persons[state == "pass"])
        sums["missing"].add(persons[state == "fail"])
        sums["unknown"].add(persons[state == "unknown"])
    return found


def _homes(outputs: OutputSet) -> tuple[Any, dict[str, Any]]:
    """Ids (R,) of the homes, and their columns persons, state, linked."""
    columns = ["residence_id", "persons", "state", "linked"]
    frame = pyogrio.read_dataframe(
        outputs.folder / "results.gpkg", layer=HOMES, columns=columns, read_geometry=False
    )
    homes = {
        "persons": frame["persons"].to_numpy(float),
        "state": frame["state"].to_numpy(object),
        "linked": frame["linked"].to_numpy(bool),
    }
    return frame["residence_id"].to_numpy(object).astype(str), homes


def _states(outputs: OutputSet, ids: Any) -> tuple[list[str], Any]:
    """Services (K,), and states (R, K) as texts, in the order of the ids."""
    table = pq.read_table(
        outputs.folder / "access.parquet", columns=["residence_id", "service", "state"]
    )
    if not len(ids):
        return [], np.zeros((0, 0), object)
    count = len(table) // len(ids)
    rows = np.array(table["residence_id"].to_pylist()[::count], str) if count else ids[:0]
    if count * len(ids) != len(table) or (rows != ids).any():
        raise ValueError("access.parquet and results.gpkg name different homes")
    services = [str(service) for service in table["service"].slice(0, count).to_pylist()]
    states = np.array(table["state"].to_pylist(), object).reshape(len(ids), count)
    return services, states


def osm_homes(outputs: OutputSet) -> pd.Series:
    """Ids of the homes that come from OSM: no two of a region are the same. (Rows of ledgers are
    numbered in each.)"""
    frame = pyogrio.read_dataframe(
        outputs.folder / "results.gpkg",
        layer=HOMES,
        columns=["residence_id"],
        where="kind <> 'ledger'",
        read_geometry=False,
    )
    found: pd.Series = frame["residence_id"].astype(object)
    return found
