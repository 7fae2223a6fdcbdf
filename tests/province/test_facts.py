"""What follows for the region from what its districts say."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gusu_geo.province.facts import facts_in, region_of
from gusu_geo.province.studies import RegionFacts
from gusu_geo.sources.part_facts import as_float, exact_sum, packed, unpacked

SIZES = st.floats(1e-3, 1e7)
HOMES = st.lists(
    st.tuples(
        st.sampled_from(["apartments", "yes", "villa"]),
        st.one_of(st.none(), st.sampled_from([1.0, 2.0, 3.0, 6.0])),
        SIZES,
    ),
    max_size=14,
)


def said(key: str, homes: list[tuple[str, float | None, float]], **more: Any) -> dict[str, Any]:
    """What a district says, its first home near the border."""
    kinds = sorted({kind for kind, _, _ in homes[1:]})
    inner = {kind: [home[1:] for home in homes[1:] if home[0] == kind] for kind in kinds}
    levels = {
        kind: {repr(n): [level for level, _ in of].count(n) for n, _ in of if n is not None}
        for kind, of in inner.items()
    }
    floor = {kind: str(exact_sum(n * m2 for n, m2 in of if n)) for kind, of in inner.items()}
    unknown = {
        kind: packed(np.array([m2 for n, m2 in of if n is None])) for kind, of in inner.items()
    }
    part = {
        "levels": levels, "floor": floor, "unknown": unknown, "registered": "0",
        "border": [["shared", *home, None] for home in homes[:1]], "data": [0, 0, 1, 1],
    }  # fmt: skip
    rest = {"services": [], "complete": [], "far": {}, "unlinked": {}}
    return {"key": key, "part": part, **rest, **more}


def told(*documents: dict[str, Any]) -> RegionFacts:
    return region_of([facts_in(each) for each in documents], total=100.0)


@given(homes=HOMES, shared=st.tuples(st.just("yes"), st.sampled_from([None, 9.0]), SIZES))
def test_medians_and_floor_are_those_of_all_homes_at_once(
    homes: list[tuple[str, float | None, float]], shared: tuple[str, float | None, float]
) -> None:
    half = len(homes) // 2
    found = told(said("b", [shared, *homes[:half]]), said("a", [shared, *homes[half:]]))
    every = [shared, *homes]
    medians = {}
    for kind in {kind for kind, _, _ in every}:
        known = sorted(level for k, level, _ in every if k == kind and level is not None)
        if len(known) >= 5:
            middle = len(known) // 2
            medians[kind] = (known[middle] + known[~middle]) / 2
    assert found.levels == medians
    usual = {"apartments": 6.0, "yes": 2.0, "villa": 2.0, **medians}
    areas = [m2 * (usual[kind] if level is None else level) for kind, level, m2 in every]
    assert found.floor_m2 == float(sum(map(Fraction, areas)))
    assert found.elsewhere == {"b": ("shared",)}
    own = region_of([facts_in(said("a", every))], total=100.0, own=True)
    assert own.levels is None and own.floor_m2 is None


def test_a_service_has_data_if_one_of_its_venues_is_linked_anywhere() -> None:
    def of(key: str, **services: Any) -> dict[str, Any]:
        rows = {name: row[:2] for name, row in services.items()}
        far = {name: row[2] for name, row in services.items() if row[2:]}
        unlinked = {name: row[3] for name, row in services.items() if row[3:]}
        return said(key, [], services=list(rows.items()), far=far, unlinked=unlinked,
                    complete=["all"])  # fmt: skip

    found = told(
        of("a", food=(True, True), far=(True, False, ["v1"], []), cut=(True, False, ["v2"], []),
           none=(False, False), all=(False, False), lost=(True, False, [], ["v3"])),
        of("b", food=(False, False), far=(False, False), cut=(True, False, [], ["v2"]),
           none=(False, False), all=(False, False), lost=(False, False)),
    )  # fmt: skip
    assert found.services == {
        "food": True, "far": True, "none": False, "all": True, "lost": False,
        "cut": False,  # linked only where the halo of a ends, not in b, which it lies in
    }  # fmt: skip
    assert found.named == ("food", "far", "cut", "lost")


@given(values=st.lists(st.floats(0, allow_infinity=False), max_size=20))
def test_sums_are_exact(values: list[float]) -> None:
    total = sum(map(Fraction, values))
    if total < Fraction(2) ** 1023:
        assert as_float(exact_sum(values)) == float(total)
    assert unpacked(packed(np.array(values))).tolist() == values
