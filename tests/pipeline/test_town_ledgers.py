"""The invented town's ledgers of its own systems: what is drawn into them is found again.

Expectations are counted in the files and on the plan (``data/shuixiang``: ``liaison``, ``bodies``,
``venues``) with plain Python; none comes from the readers. The figures that the documents print are
those of the town.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from conftest import ROOT
from shuixiang.bodies import BODIES, PAIRS, TEAM_SLIPS, TEAMS
from shuixiang.grounds import COMMUNITIES, SUBDISTRICTS
from shuixiang.liaison import (
    BATCHES,
    COMPLAINED,
    SLIPS,
    UNCOUNTED,
    VISITED_MUCH,
    WEST,
    community_of,
    middle,
)
from shuixiang.venues import CAPACITIES, HEALTH, READ, VENUES

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.pairing.section import pairing_facts
from gusu_geo.assessment.pairing_facts import PairingFacts
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.pipeline.assess import judge_ground, outcome_of

RAW = ROOT / "data" / "raw" / "shuixiang"
NAMES = [zone.name for zone in COMMUNITIES]


@pytest.fixture(scope="module")
def ground(city_of: Callable[[str], Ground]) -> Ground:
    return city_of("shuixiang")


@pytest.fixture(scope="module")
def outcome(ground: Ground) -> Outcome:
    """The town as its study judges it."""
    return outcome_of(ground, judge_ground(ground), by_tier=True)


@pytest.fixture(scope="module")
def pairing(outcome: Outcome) -> PairingFacts:
    params = outcome.study.pairing
    assert params is not None
    return pairing_facts(outcome.judgement, outcome.zone_of, params, full=True)


def ledger(name: str) -> list[dict[str, str]]:
    text = (RAW / name).read_bytes().decode("gbk")
    return list(csv.DictReader(text.splitlines()))


def heads() -> Counter[str]:
    """Persons by community, of the registry."""
    rows = [row for row in ledger("compounds.csv") if row["编号"] != "合计"]
    return Counter(
        {name: sum(int(r["人口"]) for r in rows if r["所属社区"] == name) for name in NAMES}
    )


def usable() -> list[dict[str, str]]:
    """Signals whose theme, day and community are right; 其他 is a theme of none of the services."""
    return [
        row
        for row in ledger("signals.csv")
        if row["主题"] != "待分类" and row["日期"] <= "2026-11-30" and row["社区"] in ("", *NAMES)
    ]


def test_every_ledger_says_that_it_is_invented() -> None:
    for name in ("signals", "visits", "teams", "bodies", "pairs", "projects"):
        assert {row["备注"] for row in ledger(f"{name}.csv")} == {"虚构"}, name


def test_slips_of_the_pen_are_rejected_and_all_else_is_read(outcome: Outcome) -> None:
    found = {row["source"]: row for row in outcome.summary["sources"]}
    wrong = {"signals.csv": 5, "visits.csv": 2, "teams.csv": 1}
    wrong |= dict.fromkeys(("bodies.csv", "pairs.csv", "projects.csv"), 1)
    for name, count in wrong.items():
        rows = len(ledger(name))
        assert (found[name]["read"], found[name]["used"]) == (rows, rows - count), name
        assert found[name]["left_out"]["rejected"] == count and count / rows < 0.2
    assert len(usable()) == len(ledger("signals.csv")) - 5 == sum(b.many for b in BATCHES) + 1
    assert len(SLIPS) == 6 and [slip.fte for slip in TEAM_SLIPS] == [0.5, ""]


def test_signals_are_counted_where_they_are_from(outcome: Outcome) -> None:
    signals = outcome.summary["signals"]
    rungs = Counter(
        "point"
        if row["经度"]
        else "compound"
        if row["小区"]
        else "community"
        if row["社区"]
        else "none"
        for row in usable()
    )
    assert signals["total"] == len(usable()) and signals["located"] == rungs
    counts, persons = Counter(row["社区"] for row in usable()), heads()
    visits = Counter[str]()
    for row in ledger("visits.csv"):
        if row["社区"] in NAMES and int(row["走访人次"]) >= 0:
            visits[row["社区"]] += int(row["走访人次"])
    assert {cell["name"]: cell["signals"] for cell in signals["cells"]} == {
        name: counts[name] for name in NAMES
    }
    total = sum(counts[name] for name in NAMES)
    for cell in signals["cells"]:
        name = cell["name"]
        assert cell["persons"] == pytest.approx(persons[name]) and cell["visits"] == visits[name]
        assert cell["expected"] == pytest.approx(total * persons[name] / 30_000, abs=1e-4)
        assert cell["per_1000"]["rate"] == pytest.approx(
            1000 * counts[name] / persons[name], abs=1e-4
        )
        assert cell["per_visit"]["rate"] == pytest.approx(
            100 * counts[name] / visits[name], abs=1e-4
        )
    much = {cell["name"]: cell for cell in signals["cells"]}[VISITED_MUCH]
    assert much["per_1000"]["rate"] > signals["all"]["rate"]
    assert much["per_visit"]["rate"] < 0.6 * signals["all_per_visit"]["rate"]


def test_the_planned_cluster_is_found_and_no_other(outcome: Outcome) -> None:
    """Its p cannot be much smaller: of 220 threes ten are neighbours, and all that counts in them is
    that they are. Distances are between the middles of homes, not drawn here."""
    scan = outcome.summary["signals"]["scan"]
    assert scan["state"] == "found" and scan["cells"] == 12
    (cluster,) = scan["clusters"]
    assert sorted(cluster["names"]) == sorted(WEST)
    counts, persons = Counter(row["社区"] for row in usable()), heads()
    seen, total = sum(counts[name] for name in WEST), sum(counts[name] for name in NAMES)
    mean = total * sum(persons[name] for name in WEST) / 30_000
    assert cluster["signals"] == seen and cluster["expected"] == pytest.approx(mean, abs=1e-4)
    llr = seen * math.log(seen / mean) + (total - seen) * math.log((total - seen) / (total - mean))
    assert cluster["llr"] == pytest.approx(llr, abs=1e-3)
    xy = {
        name: outcome.judgement.city.residences.frame.loc[
            outcome.zone_of.index[(outcome.zone_of["社区"] == zone.code).to_numpy(bool)]
        ]
        for name, zone in zip(NAMES, COMMUNITIES, strict=True)
    }
    middles = {
        name: np.average(
            np.column_stack([homes.geometry.x, homes.geometry.y]), axis=0, weights=homes["persons"]
        )
        for name, homes in xy.items()
    }
    threes = set()
    for name in NAMES:
        near = sorted(NAMES, key=lambda other: math.dist(middles[name], middles[other]))
        threes.add(frozenset(near[:3]))
    assert len(threes) == 10 and len(list(combinations(NAMES, 3))) == 220
    assert 10 / 220 - 0.02 < cluster["p"] <= 0.05


def test_one_gap_is_asked_for_and_one_is_not(outcome: Outcome) -> None:
    rows = {row["service"]: row for row in outcome.summary["signals"]["asked"] if not row["zone"]}
    asked = {service: row["asked"] for service, row in rows.items()}
    assert asked["health"] == "yes" and asked["sharing"] == "no"
    assert {state for key, state in asked.items() if key not in ("health", "sharing")} == {"open"}
    for service in ("health", "sharing"):
        k = list(outcome.judgement.verdict.services).index(service)
        persons = outcome.judgement.city.residences.frame["persons"].to_numpy(float)
        lacking = persons[outcome.judgement.verdict.state[:, k] == 0].sum()
        assert rows[service]["lacking_persons"] == pytest.approx(lacking, abs=0.01)


def test_capacities_are_those_of_the_ledger(outcome: Outcome) -> None:
    capacity = outcome.summary["capacity"]
    found = {row["service"]: row for row in capacity["services"]}
    for service, key, unit in ((READ, "reading", "座"), (HEALTH, "health", "人次/日")):
        said = [room[service][0] for room in CAPACITIES.values() if service in room]
        offers = [venue for venue in VENUES if service in venue.services]
        row = found[key]
        assert (row["venues"], row["known"], row["unit"]) == (len(offers), len(said), unit)
        assert row["supply"] == row["used"] == sum(said)
        parts = [row["found"][f"{part}_persons"] for part in ("full", "room", "none", "unknown")]
        assert sum(parts) == pytest.approx(30_000) and min(parts) > 0
        # All that anybody reaches is shared out: 30,000 persons, unknown capacities at 0.
        assert row["assumed_none"]["access"] * 30 == pytest.approx(sum(said), rel=1e-4)
    assert all(
        row["norm"] is None for key, row in found.items() if key not in ("reading", "health")
    )
    teams = {row["team"]: row for row in capacity["teams"]}
    assert len(teams) == 7
    for name, row in teams.items():
        own = [team for team in TEAMS if team.name == name]
        more = [team for team in TEAM_SLIPS[1:] if team.name == name]
        assert (row["rows"], row["unknown_fte"]) == (len(own) + len(more), len(more))
        assert row["staff"] == sum(team.staff for team in (*own, *more))
        assert row["fte"] == pytest.approx(sum(float(team.fte) for team in own))
        assert (row["per_1000"] is None) == bool(more)
    assert teams["家庭医生"]["group"] == "elders"
    assert teams["家庭医生"]["per_1000"] == pytest.approx(
        1000 * 16.5 / 6834, rel=1e-5
    )  # all reach one


def test_pairs_keep_to_the_bounds_and_nobody_is_bare(pairing: PairingFacts) -> None:
    most = {body.id: body.most for body in BODIES}
    held = Counter(row["body"] for row in pairing["pairs"])
    assert set(held) == set(most) and all(count <= most[key] for key, count in held.items())
    assert set(Counter(row["zone_name"] for row in pairing["pairs"]).values()) <= {1, 2}
    assert len({row["zone_name"] for row in pairing["pairs"]}) == 12
    codes = {zone.name: zone.code for zone in COMMUNITIES}
    bare = set(NAMES) - {community for _, community in PAIRS}
    assert set(pairing["bare_now"]) == {codes[name] for name in bare} and len(bare) == 2
    names = {body.name: body.id for body in BODIES}
    today = {(names[body], codes[zone]) for body, zone in PAIRS if body in names}
    stays = {(row["body"], row["zone"]) for row in pairing["pairs"]} & today
    assert pairing["kept"] == len(stays) == len(pairing["pairs"]) - pairing["changes"]
    assert {row["body"] for row in pairing["pairs"] if row["now"]} == {body for body, _ in stays}
    value = sum(row["fit"] for row in pairing["pairs"]) - 10 * pairing["changes"]
    assert pairing["value"] == pytest.approx(value, abs=0.01)
    assert pairing["proven"] and pairing["value"] > (pairing["now_value"] or 0)
    assert set(pairing["without_functions"]) == {"B07", "B16"}


def test_one_compound_has_more_complaints_than_chance(outcome: Outcome) -> None:
    complaints = outcome.summary["complaints"]
    rows = [row for row in ledger("compounds.csv") if row["编号"] not in ("合计",)]
    known = [row for row in rows if row["投诉件数"]]
    assert [row["小区名称"] for row in rows if not row["投诉件数"]] == [UNCOUNTED]
    assert len(complaints["unknown"]) == 1 and len(complaints["rows"]) == len(known) == 59
    (black,) = [row for row in complaints["rows"] if row["outside"]]
    assert (black["name"], black["outside"]) == (COMPLAINED, "black")
    (own,) = [row for row in rows if row["小区名称"] == COMPLAINED]
    near = [row for row in known if row["所属街道"] == own["所属街道"]]
    rate = sum(int(r["投诉件数"]) for r in near) / sum(int(r["户数"]) for r in near)
    assert black["expected"] == pytest.approx(rate * int(own["户数"]), abs=1e-3)
    assert {zone.name for zone in SUBDISTRICTS} == {row["所属街道"] for row in rows}
    assert community_of(middle((0, 20, 2, 40))) == "太平桥社区"


# --- what the documents print ---------------------------------------------------------------


def printed(name: str, begin: str) -> set[str]:
    """The figures of the paragraph on the town."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    start = text.index(begin)
    part = text[start : text.index("\n\n", start)]
    return set(re.findall(r"\d+(?:[.,]\d+)*", re.sub(r"\([^()]*\.md\)", "", part)))


def said(value: float) -> str:
    return f"{value:,.0f}"


@pytest.mark.parametrize("name", ["signals.md", "signals.zh.md"])
def test_the_documents_print_the_towns_signals(outcome: Outcome, name: str) -> None:
    signals = outcome.summary["signals"]
    (cluster,) = signals["scan"]["clusters"]
    much = {cell["name"]: cell for cell in signals["cells"]}[VISITED_MUCH]
    asked = {row["service"]: row for row in signals["asked"] if not row["zone"]}
    figures = {said(signals["total"]), f"{signals['all']['rate']:.1f}"}
    figures |= {f"{signals['all_per_visit']['rate']:.1f}", *map(said, signals["located"].values())}
    figures |= {said(cluster["signals"]), f"{cluster['times']:.1f}", f"{cluster['p']:.3f}"}
    for service in ("health", "sharing"):
        row = asked[service]
        figures |= {
            f"{value:.3g}" if value >= 1 else f"{value:.2g}"
            for value in (row["ratio"], row["low"], row["high"])
            if value is not None
        }
    figures |= {f"{much[key]['rate']:.1f}" for key in ("per_1000", "per_visit")}
    assert printed(name, "**Shuixiang**" if name == "signals.md" else "**水乡**") == figures | {
        *("1,000", "100", "10", "220"),
    }


@pytest.mark.parametrize("name", ["capacity.md", "capacity.zh.md"])
def test_the_documents_print_the_towns_capacity(outcome: Outcome, name: str) -> None:
    capacity = outcome.summary["capacity"]
    rows = {row["service"]: row["found"] for row in capacity["services"]}
    (doctors,) = [row for row in capacity["teams"] if row["team"] == "家庭医生"]
    health, reading = rows["health"], rows["reading"]
    parts = ("full_persons", "room_persons", "unknown_persons")
    figures = {said(row[key] or 0) for row in (health, reading) for key in parts}
    figures |= {said(health["none_persons"] or 0), f"{doctors['per_1000']:.2f}"}
    figures |= {f"{doctors['low_per_1000']:.2f}", "8", "4", "1,000"}
    assert printed(name, "**Shuixiang**" if name == "capacity.md" else "**水乡**") == figures
    codes = {zone.code: zone.name for zone in COMMUNITIES}
    assert codes[doctors["low_zone"]] in (ROOT / "docs" / name).read_text("utf-8")


@pytest.mark.parametrize("name", ["pairing.md", "pairing.zh.md"])
def test_the_documents_print_the_towns_pairs(pairing: PairingFacts, name: str) -> None:
    enough = next(point for point in pairing["curve"] if point["least"] == pairing["least"])
    figures = {said(len(pairing["pairs"])), said(pairing["kept"]), said(pairing["changes"])}
    figures |= {f"{pairing['now_least']:g}", f"{pairing['least']:.1f}"}
    figures |= {said(pairing["now_value"] or 0), said(pairing["value"])}
    figures |= {said(enough["changes"]), said(enough["value"])}
    assert printed(name, "**Shuixiang**" if name == "pairing.md" else "**水乡**") == figures


@pytest.mark.parametrize("name", ["rules.md", "rules.zh.md"])
def test_the_documents_print_the_towns_complaints(outcome: Outcome, name: str) -> None:
    (black,) = [row for row in outcome.summary["complaints"]["rows"] if row["outside"]]
    figures = {said(black["complaints"]), said(black["households"]), f"{black['expected']:.2f}"}
    start = "In [Shuixiang]" if name == "rules.md" else "[水乡](shuixiang.zh.md)"
    assert printed(name, start) == figures | {"59"}
