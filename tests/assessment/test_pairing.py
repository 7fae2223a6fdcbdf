"""Pairs of bodies and communities: by hand, by trying everything, by another solver."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.assessment.pairing.curve import curve_of
from gusu_geo.assessment.pairing.exchanges import Exchanges
from gusu_geo.assessment.pairing.fit import Communities, Sides
from gusu_geo.assessment.pairing.flow import exists, placed
from gusu_geo.assessment.pairing.model import UNITS, Pairing, PairingModel, least_of
from gusu_geo.assessment.pairing.section import facts_of
from gusu_geo.assessment.pairing.stages import paired
from gusu_geo.assessment.pairing_facts import PairingFacts
from gusu_geo.study.catalog import Service
from gusu_geo.study.district import BodySource, PairingParams
from gusu_geo.tables import Bools

NONE = None
HAND = [[5, 1], [4, 3], [1, 2]]  # three bodies, communities A and B


def model_of(
    fit: Any, zone_low: Any = 1, zone_high: Any = 2, *, most: Any = 1, **more: Any
) -> PairingModel:
    """Fit in units; each body at least one community."""
    fit = np.asarray(fit, np.int64)
    none = np.zeros(fit.shape, bool)
    parts: dict[str, Any] = {"worth": fit, "today": none, "allowed": ~none, "kept": none}
    parts |= {"counts": ~none, "body_low": np.ones(len(fit), np.int64)} | more
    bounds = {"body_high": (most, len(fit)), "zone_low": (zone_low, len(fit[0]))}
    bounds |= {"zone_high": (zone_high, len(fit[0]))}
    filled = {key: np.broadcast_to(each, n).astype(np.int64) for key, (each, n) in bounds.items()}
    return PairingModel(fit=fit, **parts, **filled)


def found(model: PairingModel, least: int | None = NONE) -> Pairing:
    best = paired(model, least=least)
    assert best is not None
    return best


def test_three_bodies_two_communities_by_hand() -> None:
    best = found(model_of(HAND))
    assert (best.least, best.value) == (2, 11)  # bodies 1 and 2 with A, 3 with B
    assert best.chosen.tolist() == [[True, False], [True, False], [False, True]]
    tighter = found(model_of(HAND, [1, 2]))
    assert (tighter.least, tighter.value) == (2, 10)  # body 2 goes to B
    assert Exchanges(tighter).price_of_least(1) == 1
    # The other way round: at most one body for A costs the same exchange.
    assert Exchanges(best).price_of_most(0) == -1


def test_next_best_and_blocking_by_hand() -> None:
    best = found(model_of(HAND))
    exchanges = Exchanges(best)
    assert exchanges.next_best(1, 0) == (1, 1)  # body 2 with B in place of A: 4 - 3
    # Body 1 with B is worth 1, less than the least fit of 2: not possible. Nor body 3 with A.
    assert exchanges.next_best(0, 0) is None and exchanges.next_best(2, 1) is None
    # Without a least fit body 1 could have B: 1 + 4 + 1 with body 3 in A as well, or 1 + 4 + 2.
    assert Exchanges(found(model_of(HAND), least=-9)).next_best(0, 0) == (1, 4)


def test_between_equals_the_pairs_of_today_stay() -> None:
    for today in ([[True, False], [False, True]], [[False, True], [True, False]]):
        best = found(model_of([[3, 2], [3, 2]], 1, 1, today=np.array(today)))
        assert best.chosen.tolist() == today and best.changes == 0


def feasible(model: PairingModel) -> list[Bools]:
    """Every choice within the bounds."""
    shape = model.fit.shape
    every = (
        np.array(b, bool).reshape(shape) for b in itertools.product((0, 1), repeat=model.fit.size)
    )
    return [
        x for x in every
        if not (x & ~model.allowed).any() and not (model.kept & ~x).any()
        and (model.body_low <= x.sum(1)).all() and (x.sum(1) <= model.body_high).all()
        and (model.zone_low <= x.sum(0)).all() and (x.sum(0) <= model.zone_high).all()
    ]  # fmt: skip


def by_force(model: PairingModel) -> tuple[int, int, int] | None:
    """Least fit, value and pairs of today of the best of all choices. A choice in which nothing
    counts is as good as the highest fit of all."""
    levels = model.fit[model.allowed & ~model.kept & model.counts]
    top = int(levels.max()) if len(levels) else 0
    keys = []
    for x in feasible(model):
        least = least_of(model, x)
        key = top if least is None else min(least, top)
        keys.append((key, int(model.worth[x].sum()), int((x & model.today).sum())))
    return max(keys, default=None)


def value_by_force(model: PairingModel, least: int | None) -> int | None:
    values = [
        int(model.worth[x].sum()) for x in feasible(model)
        if least is None or not (x & ~model.kept & model.counts & (model.fit < least)).any()
    ]  # fmt: skip
    return max(values, default=None)


@st.composite
def models(draw: st.DrawFn) -> PairingModel:
    bodies, zones = draw(st.integers(1, 4)), draw(st.integers(1, 3))

    def matrix(values: st.SearchStrategy[Any]) -> np.ndarray[Any, Any]:
        flat = draw(st.lists(values, min_size=bodies * zones, max_size=bodies * zones))
        return np.array(flat).reshape(bodies, zones)

    def some(low: int, high: int, count: int) -> np.ndarray[Any, Any]:
        return np.array(draw(st.lists(st.integers(low, high), min_size=count, max_size=count)))

    fit = matrix(st.integers(0, 6))
    often, seldom = st.sampled_from([True] * 7 + [False]), st.sampled_from([True] + [False] * 9)
    allowed = matrix(often)
    low = some(0, 2, zones)
    return model_of(
        fit, low, low + some(0, 2, zones), most=some(1, 2, bodies),
        worth=fit - matrix(st.integers(0, 4)), today=matrix(st.booleans()), allowed=allowed,
        kept=allowed & matrix(seldom), counts=matrix(often),
    )  # fmt: skip


@given(models())
@settings(max_examples=50)
def test_both_stages_are_those_of_trying_everything(model: PairingModel) -> None:
    best, force = paired(model), by_force(model)
    assert (best is None) == (force is None)
    if best is None or force is None:
        return
    today = int((best.chosen & model.today).sum())
    assert (best.least if best.least is not None else 0, best.value, today) == force
    assert Exchanges(best).proven


@given(models())
@settings(max_examples=30)
def test_losses_and_prices_are_those_of_solving_again(model: PairingModel) -> None:
    best = paired(model)
    if best is None:
        return
    exchanges, least = Exchanges(best), best.least
    one = np.zeros(model.fit.shape, bool)
    for body, zone in np.argwhere(model.above(least) | model.kept).tolist():
        forced = one.copy()
        forced[body, zone] = True
        if not best.chosen[body, zone]:
            value = value_by_force(
                replace(model, kept=model.kept | forced, counts=model.counts & ~forced), least
            )
            assert exchanges.loss_with(body, zone) == (
                None if value is None else best.value - value
            )
        elif not model.kept[body, zone]:
            without = replace(model, allowed=model.allowed & ~forced)
            values = []
            for other in np.flatnonzero(without.above(least)[body] & ~best.chosen[body]):
                also = one.copy()
                also[body, other] = True
                values.append(value_by_force(replace(without, kept=model.kept | also), least))
            known = [best.value - value for value in values if value is not None]
            told = exchanges.next_best(body, zone)
            assert (None if told is None else told[1]) == min(known, default=None)
    for key, price in (
        ("zone_low", exchanges.price_of_least),
        ("zone_high", exchanges.price_of_most),
        ("body_high", exchanges.price_of_room),
    ):
        bounds = getattr(model, key)
        for at in range(len(bounds)):
            if key == "zone_low" and bounds[at] == 0:
                continue
            lower = bounds - np.eye(len(bounds), dtype=np.int64)[at]
            value = value_by_force(replace(model, **{key: lower}), least)
            assert price(at) == (None if value is None else value - best.value)


def made_up(seed: int, bodies: int, zones: int, *, most: int = 1) -> PairingModel:
    rng = np.random.default_rng(seed)
    gaps = np.rint(rng.beta(1, 2, (zones, 10)) * 100 * UNITS).astype(np.int64)
    covers = rng.random((bodies, 10)) < 0.25
    today = np.zeros((bodies, zones), bool)
    today[np.arange(bodies), rng.integers(0, zones, bodies)] = True
    fit = covers.astype(np.int64) @ gaps.T
    worth = fit - 10 * UNITS * ~today
    return model_of(fit, 1, 3, most=rng.integers(1, most + 1, bodies), worth=worth, today=today)


def by_milp(model: PairingModel, least: int | None, changes: int | None = None) -> float:
    """The highest value by HiGHS: an independent statement of the same model."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    bodies, zones = model.fit.shape
    upper = model.allowed & (~model.counts | (model.fit >= (-1 if least is None else least)))
    own = np.kron(np.eye(bodies), np.ones(zones))
    theirs = np.kron(np.ones(bodies), np.eye(zones))
    rules = [LinearConstraint(own, model.body_low, model.body_high),
             LinearConstraint(theirs, model.zone_low, model.zone_high)]  # fmt: skip
    if changes is not None:
        rules.append(LinearConstraint(~model.today.ravel()[None] * 1.0, 0, changes))
    done = milp(-model.worth.ravel() / UNITS, constraints=rules, options={"mip_rel_gap": 0},
                bounds=Bounds(0, upper.ravel().astype(float)), integrality=np.ones(bodies * zones))  # fmt: skip
    return -float(done.fun) if done.success else -np.inf


@pytest.mark.parametrize(("seed", "most"), [(1, 1), (2, 3)])
def test_another_solver_finds_the_same(seed: int, most: int) -> None:
    model = made_up(seed, 30, 18, most=most)
    best = found(model)
    assert best.least is not None
    assert by_milp(model, best.least) == pytest.approx(best.value / UNITS, abs=1e-6)
    assert by_milp(model, best.least + 1) == -np.inf  # no higher least fit


def test_a_third_solver_finds_the_same() -> None:
    from ortools.graph.python import min_cost_flow

    model = made_up(3, 40, 25)  # each body exactly one: an assignment with bounds
    best = found(model)
    graph = min_cost_flow.SimpleMinCostFlow()
    pool = 40 + 25
    for body, zone in np.argwhere(model.above(best.least)).tolist():
        graph.add_arc_with_capacity_and_unit_cost(body, 40 + zone, 1, -int(model.worth[body, zone]))
    for zone in range(25):  # one each for the lower bound, the others into a pool
        graph.add_arc_with_capacity_and_unit_cost(40 + zone, pool, 2, 0)
        graph.set_node_supply(40 + zone, -1)
    for body in range(40):
        graph.set_node_supply(body, 1)
    graph.set_node_supply(pool, -(40 - 25))
    assert graph.solve() == graph.OPTIMAL
    assert -graph.optimal_cost() == best.value


@given(st.integers(0, 99), st.randoms())
@settings(max_examples=8)
def test_the_order_of_bodies_and_communities_changes_no_figure(seed: int, random: Any) -> None:
    model = made_up(seed, 12, 7, most=2)
    rows, columns = list(range(12)), list(range(7))
    random.shuffle(rows)
    random.shuffle(columns)
    turned = {
        key: getattr(model, key)[np.ix_(rows, columns)]
        for key in ("fit", "worth", "today", "allowed", "kept", "counts")
    }
    turned |= {key: getattr(model, key)[rows] for key in ("body_low", "body_high")}
    turned |= {key: getattr(model, key)[columns] for key in ("zone_low", "zone_high")}
    one, other = found(model), found(replace(model, **turned))
    assert (one.least, one.value, one.changes) == (other.least, other.value, other.changes)


@given(st.integers(0, 99))
@settings(max_examples=8)
def test_wider_bounds_never_lose(seed: int) -> None:
    model = made_up(seed, 12, 7)
    wider = model.with_zones(model.zone_low - 1, model.zone_high + 1)
    one, other = found(model), found(wider)
    assert (other.least or 0) >= (one.least or 0)
    assert found(wider, one.least).value >= one.value


def test_the_curve_ends_at_the_best_and_never_falls() -> None:
    model = made_up(5, 20, 12)
    best = found(model)
    curve = curve_of(best)
    assert curve[-1]["changes"] == best.changes and curve[-1]["value"] == best.value / UNITS
    assert [point["changes"] for point in curve] == sorted({p["changes"] for p in curve})
    leasts = [point["least"] or 0 for point in curve]
    assert leasts == sorted(leasts)
    for point in curve:
        least = round((point["least"] or 0) * UNITS)
        assert by_milp(model, least, point["changes"]) == pytest.approx(point["value"], abs=1e-6)
        fewer = by_milp(model, least, point["changes"] - 1)
        assert fewer == -np.inf or (point["least"] == leasts[-1] and fewer < point["value"])


def test_flows_by_hand() -> None:
    row = np.array([[True, True, False]])
    assert placed(row, np.array([3]), np.array([1, 1, 1])) == 2
    one, two = np.array([1]), np.array([1, 1, 0])
    assert not exists(row, (one, one), (two, two))  # two communities want the only body
    assert exists(row, (one, one + 1), (two, two))


def told(low: Any, high: Any = None, *, cells: Any = None, **keys: Any) -> PairingFacts:
    """Facts where body b alone is there for service b, and communities A, B ... have 100 residents:
    the fit of b for c is the number of persons of c who lack b."""
    need = np.asarray(low, float).T
    names = "ABCD"[: len(need)]
    bodies = [f"b{number + 1}" for number in range(need.shape[1])]
    frame = pd.DataFrame(
        {"name": bodies, "tier": "区", "functions": bodies, "most": 1}, index=bodies
    )
    xy = np.array([[3_000.0 * at, 0] for at in range(len(need))])
    high = need if high is None else np.asarray(high, float).T
    communities = Communities(
        "社区", list(names), list(names), np.full(len(need), 100.0), need, high, xy
    )
    none = np.zeros(need.T.shape, bool)
    metres = np.abs(xy[None, :, 0] - np.zeros((len(bodies), 1)))  # all bodies live in A
    today = keys.pop("today", None)
    sides = Sides(frame, communities, np.eye(len(bodies), dtype=bool), metres, today, none, none)
    services = tuple(Service(body, body, body) for body in bodies)
    params = PairingParams(bodies=BodySource(source="-"), **keys)
    return facts_of(sides, services, params, cells=cells, full=True)


def pairs(facts: PairingFacts) -> str:
    return " ".join(f"{row['body']}{row['zone']}" for row in facts["pairs"])


def test_the_hand_test_as_facts() -> None:
    facts = told(HAND)
    assert (facts["least"], facts["value"], pairs(facts)) == (2, 11, "b1A b2A b3B")
    assert [point["of"] for point in facts["prices"] if point["kind"] == "max"] == ["", "A"]
    second = facts["pairs"][1]
    assert (second["next_zone"], second["loss"], second["uncertain"]) == ("B", 1, False)
    assert second["reasons"][0]["en"] == "about 4 persons lack b2, which the body is there for"
    assert len(second["reasons"]) == 1  # that it is near does not count here
    assert facts["needs"][1]["unmet"] == ["b1", "b2"] and facts["curve"] == []


def test_blocking_pairs_by_hand() -> None:
    # b1-A, b2-B has a least fit of 1; b1-B, b2-A one of 7: but b1 and A would rather have each other.
    facts = told([[9, 8], [7, 1]], max=1)
    assert (pairs(facts), facts["least"], facts["value"]) == ("b1B b2A", 7, 15)
    (block,) = facts["blocking"]
    assert (block["body"], block["zone"], block["gain_body"], block["gain_zone"]) == (
        "b1",
        "A",
        1,
        2,
    )


def test_who_is_liked_by_one_side_alone_blocks_nothing() -> None:
    facts = told([[5, 6], [4, 9]], max=1)  # b1 would rather have B, but B has 9
    assert (pairs(facts), facts["blocking"]) == ("b1A b2B", [])


def test_pairs_that_the_unknown_would_change_are_uncertain() -> None:
    facts = told([[9, 8], [7, 1]], [[9, 8], [7, 9]], max=1)
    assert pairs(facts) == "b1B b2A" and facts["uncertain"] == 2
    # Both bodies are alike for the high need: either pairing is best, and none is uncertain.
    assert told([[9, 8], [7, 1]], [[9, 9], [9, 9]], max=1)["uncertain"] == 0


def test_prices_of_change_and_of_distance_by_hand() -> None:
    today = np.array([[True, False], [True, False], [False, True]])
    # All live in A, 3 km from B. Staying costs nothing but the way of b3: 11 - 3.
    facts = told(HAND, today=today, switching=5, per_km=1)
    assert (facts["value"], facts["changes"], facts["kept"], facts["now_value"]) == (8, 0, 3, 8)
    assert facts["pairs"][0]["reasons"][2]["zh"] == "相距 0.0 公里，属最近的社区"
    # Whoever must change pays: b1 from B to A (5 - 5), b2 to stay in A, b3 in B.
    other = np.array([[False, True], [True, False], [False, True]])
    facts = told(HAND, today=other, switching=5)
    assert (facts["value"], facts["changes"], pairs(facts)) == (6, 1, "b1A b2A b3B")
    # b2 stays in A: 5 points of switching are more than the 4 persons.
    assert [reason["en"][:5] for reason in facts["pairs"][1]["reasons"]] == ["a pai", "about"]
    assert facts["curve"][-1]["changes"] == 1 and facts["curve"][0]["changes"] == 0
    assert facts["curve"][0]["least"] == 1 and facts["curve"][0]["value"] == 1 + 4 + 2


def test_communities_that_report_twice_as_much_count_more() -> None:
    cells: Any = [
        {"id": "A", "relative": 2.0, "signals": 12},
        {"id": "B", "relative": None, "signals": 3},
    ]
    facts = told(HAND, cells=cells, signals=0.5)
    assert [row["fit"] for row in facts["pairs"]] == [7.5, 6, 2]  # 5 and 4 half as much again
    assert [row["signals"] for row in facts["needs"]] == [12, 3]
    assert told(HAND, cells=cells)["value"] == 11
