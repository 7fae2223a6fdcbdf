"""Sums over the homes of one district, from its ordinary outputs, exact whatever they are split by.

A total of districts is no sum of rounded sums: each district hands on what its homes add up to as
numbers whose sum is exact, and only the total of all is rounded.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pyogrio

from gusu_geo.assessment.summary import Summary
from gusu_geo.pipeline.output_sets import OutputSet
from gusu_geo.tables import Bools, Floats

SUMS = ("persons", "passed", "passed_known", "lacking_any", "unknown", "reached", "lacking")
OF_SERVICES = ("asked", "covered", "missing", "unknown")


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


@dataclass(frozen=True, eq=False)
class Homes:
    """Homes of one district as its files have them. ids (R,); persons (R,), unrounded; state (R,):
    all services together; linked (R,); from_osm (R,); states (R, K): by service; services (K,)."""

    ids: Any
    persons: Floats
    state: Any
    linked: Bools
    from_osm: Bools
    services: list[str]
    states: Any


def sums_of(homes: Homes, known: Collection[str]) -> Sums:
    """What homes add up to; known: ids of the services that have data in their district."""
    persons, states = homes.persons, homes.states
    with_data = states[:, [service in known for service in homes.services]]
    passing = with_data == "pass"
    met = (passing | (with_data == "not_asked")).all(axis=1) & passing.any(axis=1)
    found = Sums.nothing()
    found.add("persons", persons, np.ones(len(persons), bool))
    found.add("passed", persons, homes.state == "pass")
    found.add("passed_known", persons, met & homes.linked)
    found.add("lacking_any", persons, (states == "fail").any(axis=1))
    found.add("unknown", persons, homes.state == "unknown")
    for column in range(with_data.shape[1]):
        found.add("reached", persons, passing[:, column])
    for k, service in enumerate(homes.services):
        state = states[:, k]
        found.add("lacking", persons, state == "fail")
        found.services[service] = sums = {key: ExactSum() for key in OF_SERVICES}
        sums["asked"].add(persons[state != "not_asked"])
        sums["covered"].add(persons[state == "pass"])
        sums["missing"].add(persons[state == "fail"])
        sums["unknown"].add(persons[state == "unknown"])
    return found


def read_homes(outputs: OutputSet) -> Homes:
    """The homes of a district. Raises ValueError: its files name other homes than one another."""
    frame = pyogrio.read_dataframe(
        outputs.folder / "results.gpkg",
        layer="residences",
        columns=["residence_id", "persons", "kind", "state", "linked"],
        read_geometry=False,
    )
    ids = frame["residence_id"].to_numpy(object).astype(str)
    services, states = _states(outputs, ids)
    return Homes(
        ids=ids,
        persons=frame["persons"].to_numpy(float),
        state=frame["state"].to_numpy(object),
        linked=frame["linked"].to_numpy(bool),
        from_osm=(frame["kind"] != "ledger").to_numpy(bool),
        services=services,
        states=states,
    )


def _states(outputs: OutputSet, ids: Any) -> tuple[list[str], Any]:
    """Services (K,), and states (R, K) as texts, in the order of the ids."""
    table = pq.read_table(
        outputs.folder / "access.parquet", columns=["residence_id", "service", "state"]
    )
    count = len(table) // max(len(ids), 1)
    named = np.array(table["residence_id"].to_pylist(), str)
    if count * len(ids) != len(table) or (named != np.repeat(ids, count)).any():
        raise ValueError("access.parquet and results.gpkg name different homes")
    services = [str(service) for service in table["service"].slice(0, count).to_pylist()]
    return services, np.array(table["state"].to_pylist(), object).reshape(len(ids), count)
