"""What a study asks of a plan: money, votes, ids, distances, zones, elders, and what is unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError
from test_siting import PERSONS, candidates_of, plan, rule_of, street

from gusu_geo.errors import SourceError, StudyError
from gusu_geo.siting.plan import SitingPlan, Unreached
from gusu_geo.sources.idle_rooms import joined, terms_of, with_cost
from gusu_geo.study.siting import SitingParams
from gusu_geo.study.study_file import parse_study
from gusu_geo.tables import Candidates

RULE = rule_of("a", "b")
# One candidate at the door of each home of street(), which nobody else reaches.
DOORS = {f"c{number}": (400.0 * number, 0.0) for number in range(5)}


def rooms(**columns: list[Any]) -> Candidates:
    """The candidates with columns of a ledger."""
    made = candidates_of(DOORS)
    made.frame[list(columns)] = list(zip(*columns.values(), strict=True))
    return made


def planned(places: Candidates | None = None, **options: Any) -> SitingPlan:
    return plan(street(), RULE, PERSONS, places or candidates_of(DOORS), **options)


def ids(found: SitingPlan) -> set[str]:
    return {site.candidate_id for site in found.chosen}


def refused(words: str, places: Candidates | None = None, **options: Any) -> None:
    with pytest.raises(StudyError, match=words):
        planned(places, **options)


def test_money_buys_what_gains_most() -> None:
    # Gains 1, 2, 4, 8, 16 for 1, 1, 1, 5, 9: with 8 the four small ones, with 9 the big one.
    places = rooms(cost=[1.0, 1.0, 1.0, 5.0, 9.0])
    small = planned(places, budget=8.0)
    assert (ids(small), small.objective_persons, small.cost) == ({"c0", "c1", "c2", "c3"}, 15, 8)
    big = planned(places, budget=9.0)
    assert (ids(big), big.cost, big.chosen[0].cost, big.budget) == ({"c4"}, 9, 9, 9)
    services = SitingParams(service_cost={"a": 2.0})
    assert ids(planned(places, budget=8.0, wishes=services)) == {"c0", "c3"}  # c0 needs no a
    assert planned(places, budget=0.5).chosen == ()


def test_candidates_without_a_cost_stay_out_of_plans_with_money_and_are_counted() -> None:
    places = rooms(cost=[1.0, 1.0, 1.0, 1.0, float("nan")])
    found = planned(places, budget=100.0)
    assert ids(found) == {"c0", "c1", "c2", "c3"} and found.uncosted_candidates == 1
    assert "siting-uncosted" in {note["code"] for note in found.notes}
    free = planned(places, sites=1)  # without money nobody asks for a cost
    assert (ids(free), free.cost, free.uncosted_candidates) == ({"c4"}, None, 0)
    refused("no candidate has a cost", budget=100.0)


def test_votes() -> None:
    places = rooms(vote=["", "", "", "open", "refused"], heritage=["", "", "", "古建", ""])
    found = planned(places, sites=1)
    (site,) = found.chosen
    assert (site.candidate_id, site.vote, site.heritage) == ("c3", "open", "古建")
    assert found.refused_candidates == 1
    codes = {note["code"] for note in found.notes}
    assert {"siting-refused", "siting-unvoted"} <= codes


def test_area() -> None:
    places = rooms(area_m2=[10.0, 10.0, 10.0, 100.0, 50.0])
    need = SitingParams(service_area_m2={"a": 40.0, "b": 60.0})
    assert ids(planned(places, sites=1, wishes=need)) == {"c3"}  # c4 has room for one of the two


def test_must_never_and_apart() -> None:
    wishes = SitingParams(must=("c0",), never=("c4",), apart_m=500.0)
    found = planned(sites=3, wishes=wishes)
    assert ids(found) == {"c0", "c3"}  # c1 is 400 m from c0, c2 from c3
    assert [site.must for site in found.chosen] == [False, True]
    assert found.objective_persons == 8 + 1
    apart = SitingParams(apart_m=400.0)  # exactly as far is far enough
    assert len(planned(sites=5, wishes=apart).chosen) == 5


def test_a_site_that_must_be_opened_is_listed_even_if_it_helps_nobody() -> None:
    places = candidates_of({**DOORS, "far": (-2000.0, 0.0)})
    found = planned(places, sites=2, wishes=SitingParams(must=("far",)))
    assert [(site.candidate_id, site.services) for site in found.chosen][1] == ("far", ())
    assert found.objective_persons == 16


def test_floors_and_the_worst_zone_first() -> None:
    zones = {"h0": "x", "h1": "x", "h2": "y", "h3": "y", "h4": "y"}
    free = planned(sites=1, zones=zones)
    assert ids(free) == {"c4"}
    floor = SitingParams(floor=0.1)
    assert ids(planned(sites=2, zones=zones, wishes=floor)) == {"c1", "c4"}
    worst = SitingParams(worst_first=True)  # x: 1 and 2 of 3 persons, y: 4, 8 and 16 of 28
    assert ids(planned(sites=2, zones=zones, wishes=worst)) == {"c1", "c4"}
    # Both of x would leave y at 16 of 28; so x stays at 2 of 3, and y gets 24.
    assert ids(planned(sites=3, zones=zones, wishes=worst)) == {"c1", "c3", "c4"}


def test_elders_may_weigh_more() -> None:
    found = planned(sites=1, elders={"h3": 8.0}, wishes=SitingParams(elders_weight=3.0))
    assert ids(found) == {"c3"}
    assert found.objective_persons == 8 + 2 * 8
    assert found.gained_persons == (8.0, 8.0)


def test_targets_take_the_fewest_sites_or_the_least_money() -> None:
    few = planned(target=0.5)  # 31 persons: 16 are enough
    assert (ids(few), few.least, few.target) == ({"c4"}, 1.0, 0.5)
    places = rooms(cost=[1.0, 1.0, 1.0, 1.0, 9.0])
    cheap = planned(places, target=0.38, budget=100.0)  # 11.8: c2 and c3 for 2, not c4 for 9
    assert (ids(cheap), cheap.cost) == ({"c2", "c3"}, 2.0)
    assert cheap.least == pytest.approx(2.0)


def test_unmet_demand_is_named_with_its_cause() -> None:
    some = candidates_of({"c0": (0.0, 0.0), "c1": (400.0, 0.0)})
    refused(
        r"at most 9\.68%.*28 persons stay without.*A 28 \(too few cand.*, B 28", some, target=0.9
    )
    zones = {"h0": "x", "h1": "x", "h2": "y", "h3": "y", "h4": "y"}
    floor = SitingParams(floor=0.5)
    refused("zone y cannot reach floor", some, sites=2, zones=zones, wishes=floor)
    # One site serves one zone.
    refused(r"below 50\.00%: the one worst off gets 0\.00%", sites=1, zones=zones, wishes=floor)
    # 16 of 31 persons with one site.
    refused(r"at most 51\.61% of the persons have everything, not 60\.00%", sites=1, target=0.6)
    found = planned(some, sites=2)
    assert found.unreachable_services == (Unreached("a", 28.0, 0.0), Unreached("b", 28.0, 0.0))


@pytest.mark.parametrize(
    ("words", "wishes", "options"),
    [
        ("no candidate has this id", {"must": ("x",)}, {}),
        ("no candidate has this id", {"never": ("x",)}, {}),
        ("3 sites have to be opened", {"must": ("c0", "c1", "c2")}, {}),
        ("closer than apart_m", {"must": ("c0", "c1"), "apart_m": 500}, {}),
        ("needs homes with numbers of elders", {"elders_weight": 2}, {}),
        ("no such level of zones", {"floor": 0.5}, {}),
        ("names a service that the rule does not know", {"service_cost": {"z": 1}}, {}),
        ("more than the budget", {"must": ("c4",)}, {"budget": 1.0}),
        ("its owners voted against it", {"must": ("c3",)}, {}),
    ],
)
def test_wishes_that_cannot_be(words: str, wishes: dict[str, Any], options: dict[str, Any]) -> None:
    places = rooms(cost=[2.0] * 5, vote=["", "", "", "refused", ""])
    refused(words, places, sites=2, wishes=SitingParams(**wishes), **options)


def test_costs_below_nothing_and_contradictions_are_refused() -> None:
    refused("cost below 0", rooms(cost=[1.0, -1.0, 1.0, 1.0, 1.0]), budget=1.0)
    for wrong in ({"must": ("c",), "never": ("c",)}, {"service_cost": {"a": -1.0}}):
        with pytest.raises(ValidationError):
            SitingParams(**wrong)  # type: ignore[arg-type]


def test_what_is_unknown_today_is_no_certain_gain() -> None:
    # Venues at the door of the last home may exist behind a wall: unknown, not missing.
    behind = street().venue("wa", 1600, 0, service="a").venue("wb", 1600, 0, service="b")
    found = planned(sites=1, possible=behind)
    assert (ids(found), found.objective_persons) == ({"c4"}, 16.0)
    assert found.gained_persons == (0.0, 16.0)
    sure = planned(sites=1, possible=behind, certain=True)
    assert (ids(sure), sure.objective_persons, sure.gained_persons) == ({"c3"}, 8.0, (8.0, 8.0))
    every = planned(sites=5, possible=behind)
    assert every.gained_persons == (15.0, 31.0) and every.fewest
    assert every.to_dict()["gained_persons"] == [15.0, 31.0]


def test_one_table_of_candidates_or_several() -> None:
    head = {"study": {"name": "t"}, "area": {"bbox": [7, 43, 8, 44]}, "network": {"osm": "a.osm"}}
    one, two = {"source": "streets", "cost": 30}, {"source": "idle.csv"}
    single = parse_study({**head, "candidates": one}, root=Path())
    several = parse_study({**head, "candidates": [one, two]}, root=Path())
    assert [each.source for each in single.candidates] == ["streets"]
    assert [each.source for each in several.candidates] == ["streets", "idle.csv"]
    with pytest.raises(StudyError, match=r"candidates\.cots"):  # as it is written, not candidates.0
        parse_study({**head, "candidates": {"cots": 3}}, root=Path())
    with pytest.raises(StudyError, match=r"candidates\.1\.spacing_m"):
        parse_study({**head, "candidates": [one, {"spacing_m": 1}]}, root=Path())


def test_candidates_of_several_sources_are_one_table() -> None:
    street = with_cost(candidates_of({"s1": (0.0, 0.0)}), 30.0)
    ledger = rooms(cost=[1.0] * 5, vote=["open"] * 5)
    both = joined([ledger, street]).frame
    assert both.index.tolist() == [*DOORS, "s1"] and both["cost"].tolist() == [1.0] * 5 + [30.0]
    assert both["vote"].tolist() == ["open"] * 5 + [""]
    assert joined([ledger, street]).entrances.owner_ix.tolist() == [0, 1, 2, 3, 4, 5]
    with pytest.raises(SourceError, match="c0"):
        joined([ledger, ledger])


def test_cells_of_idle_rooms() -> None:
    cells = {"cost": ["35", "", "面议"], "area_m2": ["120", "无", "40.5"]}
    rows = pd.DataFrame({**cells, "vote": ["已通过", "下月再议", "未通过"]}, index=["a", "b", "c"])
    told, doubted = terms_of(rows, None, "idle")
    assert told["cost"].tolist()[0] == 35 and told["cost"].isna().tolist() == [False, True, True]
    assert told["area_m2"].isna().tolist() == [False, True, False]
    assert told["vote"].tolist() == ["passed", "", "refused"]
    assert doubted == {"cost_unread": ["c"], "vote_unread": ["b"]}
    assert terms_of(rows, 7.0, "idle")[0]["cost"].tolist() == [35, 7, 7]
    with pytest.raises(SourceError, match="'a' has a cost below 0"):
        terms_of(rows.assign(cost=["-1", "", ""]), None, "idle")
