"""The verdict: the boundary, three states, both readings. Expectations worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gusu_geo.assessment.rule import Rule, State, judge, load_rule
from gusu_geo.errors import StudyError
from gusu_geo.study.catalog import RulePack, Service
from gusu_geo.walking.access import AccessTable

INF = 2**31 - 1
FAIL, PASS, UNKNOWN = State.FAIL, State.PASS, State.UNKNOWN


def pack(services: int = 2, **own: float) -> RulePack:
    """Services a, b, c ...; ``own`` gives minutes to some of them."""
    made = tuple(Service(s, s, s, minutes=own.get(s)) for s in "abcdefghij"[:services])
    return RulePack("p", "1", "题", "t", "注", "n", "me", 15.0, made)


def table(
    counted_cs: npt.ArrayLike,
    *,
    nearest_cs: npt.ArrayLike | None = None,
    one_stop_cs: npt.ArrayLike | None = None,
    linked: npt.ArrayLike | None = None,
    cutoff_s: float = 1800.0,
) -> AccessTable:
    """An access table from counted times; one-stop defaults to unreachable."""
    counted = np.array(counted_cs, np.int32)
    rows, services = counted.shape
    return AccessTable(
        residence_ids=pd.Index([f"r{row}" for row in range(rows)]),
        services=tuple("abcdefghij"[:services]),
        facility_ids=pd.Index(["f"]),
        nearest_cs=counted if nearest_cs is None else np.array(nearest_cs, np.int32),
        nearest_ix=np.where(counted == INF, -1, 0).astype(np.int32),
        counted_cs=counted,
        one_stop_cs=np.array([INF] * rows if one_stop_cs is None else one_stop_cs, np.int32),
        one_stop_ix=np.full(rows, -1, np.int32),
        is_linked=np.array([True] * rows if linked is None else linked, bool),
        reason=np.zeros(rows, np.int8),
        cutoff_s=cutoff_s,
    )


def rule(services: int = 2, threshold_s: float = 900.0, mode: str = "union") -> Rule:
    return Rule(pack(services), (threshold_s,) * services, mode)  # type: ignore[arg-type]


def test_exactly_the_threshold_is_in_time_and_a_centisecond_more_is_not() -> None:
    verdict = judge(table([[90_000], [90_001], [INF], [0]]), rule(1))
    assert verdict.state[:, 0].tolist() == [PASS, FAIL, FAIL, PASS]
    assert verdict.slack_s[:, 0].tolist() == [0.0, -0.01, -np.inf, 900.0]
    assert verdict.residence_state.tolist() == [PASS, FAIL, FAIL, PASS]
    assert verdict.missing_count.tolist() == [0, 1, 1, 0]


def test_fractions_of_minutes_do_not_move_the_boundary() -> None:
    """16.1 minutes are 966 s; in binary 16.1 * 60 is a hair more."""
    sharp = Rule(pack(1), (16.1 * 60,))
    assert sharp.threshold_cs.tolist() == [96_600]
    assert judge(table([[96_600], [96_601]]), sharp).state[:, 0].tolist() == [PASS, FAIL]


def test_unlinked_residences_are_unknown_throughout() -> None:
    verdict = judge(table([[1, 1], [INF, INF]], linked=[True, False]), rule())
    assert verdict.state.tolist() == [[PASS, PASS], [UNKNOWN, UNKNOWN]]
    assert verdict.residence_state.tolist() == [PASS, UNKNOWN]
    assert verdict.one_stop_state.tolist() == [FAIL, UNKNOWN]
    assert verdict.passed_known.tolist() == [True, False]
    assert verdict.missing_count.tolist() == [0, 0]
    assert verdict.unknown_count.tolist() == [0, 2]
    assert verdict.residence_ids.tolist() == ["r0", "r1"]


def test_a_service_without_data_is_unknown_for_everyone_and_never_a_pass() -> None:
    access = table([[1, INF], [95_000, INF]], one_stop_cs=[INF, INF])
    verdict = judge(access, rule(), known=[True, False])
    assert verdict.state.tolist() == [[PASS, UNKNOWN], [FAIL, UNKNOWN]]
    # A certain failure settles the union; otherwise nobody can know.
    assert verdict.residence_state.tolist() == [UNKNOWN, FAIL]
    # ... and no venue can have all ten where one of them is missing for certain.
    assert verdict.one_stop_state.tolist() == [UNKNOWN, FAIL]
    assert verdict.passed_known.tolist() == [True, False]
    assert verdict.service_state == ("known", "no_data")
    blind = judge(access, rule(), known=[False, False])
    assert not blind.passed_known.any() and (blind.residence_state == UNKNOWN).all()


def test_what_is_met_passes_even_where_the_data_name_no_venue() -> None:
    """A venue added by a scenario: in time for the first home alone, whose one stop it is too."""
    access = table([[1, 90_000], [1, 90_001], [95_000, 5]], one_stop_cs=[90_000, 90_001, INF])
    verdict = judge(access, rule(), known=[True, False])
    assert verdict.state.tolist() == [[PASS, PASS], [PASS, UNKNOWN], [FAIL, PASS]]
    assert verdict.residence_state.tolist() == [PASS, UNKNOWN, FAIL]
    assert verdict.one_stop_state.tolist() == [PASS, UNKNOWN, FAIL]
    assert verdict.unknown_count.tolist() == [0, 1, 0]
    assert verdict.service_state == ("known", "no_data")


def test_what_only_a_venue_behind_a_wall_would_meet_is_unknown_not_failed() -> None:
    """Rows: met anyway; met through the wall only; not even then; one through, one never; unlinked."""
    now = table([[1, 1], [1, INF], [1, INF], [INF, INF], [INF, INF]], linked=[True] * 4 + [False])
    through = table(
        [[1, 1], [1, 90_000], [1, 90_001], [1, INF], [1, 1]], linked=[True] * 4 + [False]
    )
    verdict = judge(now, rule(), possible=through)
    assert verdict.state.tolist() == [
        [PASS, PASS], [PASS, UNKNOWN], [PASS, FAIL], [UNKNOWN, FAIL], [UNKNOWN, UNKNOWN],
    ]  # fmt: skip
    assert verdict.residence_state.tolist() == [PASS, UNKNOWN, FAIL, FAIL, UNKNOWN]
    assert verdict.passed_known.tolist() == [True, False, False, False, False]
    assert verdict.service_state == ("known", "known")


def test_one_stop_is_open_where_the_one_venue_may_stand_behind_a_wall() -> None:
    now = table([[1, 1], [1, 1], [1, INF]], one_stop_cs=[INF, 5, INF])
    through = table([[1, 1], [1, 1], [1, INF]], one_stop_cs=[5, 5, 5])
    verdict = judge(now, rule(), possible=through)
    assert verdict.one_stop_state.tolist() == [UNKNOWN, PASS, FAIL]
    assert verdict.residence_state.tolist() == [PASS, PASS, FAIL]


def test_one_stop_mode_judges_by_one_venue() -> None:
    access = table([[100, 100], [100, 100], [100, 100]], one_stop_cs=[90_000, 90_001, INF])
    assert judge(access, rule()).residence_state.tolist() == [PASS, PASS, PASS]
    one_stop = judge(access, rule(mode="one_stop"))
    assert one_stop.residence_state.tolist() == [PASS, FAIL, FAIL]
    assert one_stop.one_stop_state.tolist() == judge(access, rule()).one_stop_state.tolist()
    assert (one_stop.state == PASS).all() and one_stop.missing_count.tolist() == [0, 0, 0]


def test_one_stop_takes_the_smallest_threshold() -> None:
    both = Rule(pack(2), (300.0, 900.0))
    access = table([[30_000, 30_000], [30_000, 30_000]], one_stop_cs=[30_000, 30_001])
    assert judge(access, both).one_stop_state.tolist() == [PASS, FAIL]


def test_min_count_judges_the_counted_time_and_binds_one_stop() -> None:
    """One complete venue next door, but two were asked for: neither reading passes."""
    access = table([[95_000]], nearest_cs=[[10_000]], one_stop_cs=[10_000])
    verdict = judge(access, rule(1))
    assert verdict.state.tolist() == [[FAIL]]
    assert verdict.slack_s.tolist() == [[-50.0]]
    assert verdict.one_stop_state.tolist() == [FAIL]


def test_per_service_minutes(tmp_path: Path) -> None:
    head = (
        '[pack]\nid = "p"\nversion = "1"\nsource = "me"\nminutes = 15\n'
        'title = { zh = "题", en = "t" }\nnote = { zh = "注", en = "n" }\n'
    )
    near = '[[services]]\nid = "a"\nzh = "近"\nen = "near"\nminutes = 5\n'
    far = '[[services]]\nid = "b"\nzh = "远"\nen = "far"\n'
    (tmp_path / "own.toml").write_text(head + near + far, encoding="utf-8")
    assert load_rule("own.toml", root=tmp_path).threshold_s == (300.0, 900.0)
    strict = load_rule("own.toml", minutes=10, root=tmp_path)
    assert strict.threshold_s == (300.0, 600.0)  # the study never moves a service's own minutes
    verdict = judge(table([[30_000, 60_000], [30_001, 60_001]]), strict)
    assert verdict.state.tolist() == [[PASS, PASS], [FAIL, FAIL]]


def test_load_rule_of_the_built_in_packs() -> None:
    assert load_rule("gusu-1510").threshold_s == (900.0,) * 10
    assert load_rule("everyday-ten", minutes=5, mode="one_stop").mode == "one_stop"


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf")])
def test_load_rule_refuses_minutes(minutes: float) -> None:
    with pytest.raises(StudyError, match="minutes must be above 0"):
        load_rule("gusu-1510", minutes=minutes)


def test_rules_that_do_not_fit_their_pack() -> None:
    with pytest.raises(StudyError, match="one value per service, 2 here"):
        Rule(pack(2), (900.0,))
    with pytest.raises(StudyError, match="Did you mean 'one_stop'"):
        Rule(pack(1), (900.0,), "one-stop")  # type: ignore[arg-type]
    with pytest.raises(StudyError, match=r"threshold of service 'a'.*Got nan"):
        Rule(pack(1), (float("nan"),))
    with pytest.raises(StudyError, match="has no services"):
        Rule(pack(0), ())


def test_tables_that_do_not_fit_the_rule() -> None:
    with pytest.raises(StudyError, match=r"a service that rule pack .* does not know. Got 'b'"):
        judge(table([[1, 1]]), rule(1))
    with pytest.raises(StudyError, match="one value per service"):
        judge(table([[1, 1]]), rule(), known=[True])


def test_services_in_another_order_and_services_the_table_lacks() -> None:
    ab = pack(2)
    swapped = RulePack("p", "1", "", "", "", "", "", 15.0, ab.services[::-1])
    verdict = judge(table([[1, 95_000]]), Rule(swapped, (900.0, 900.0)))
    assert verdict.services == ("b", "a")
    assert verdict.state.tolist() == [[FAIL, PASS]]
    assert verdict.slack_s.tolist() == [[-50.0, 899.99]]
    lacking = judge(table([[1, 1]]), rule(3))
    assert lacking.state.tolist() == [[PASS, PASS, UNKNOWN]]
    assert lacking.service_state == ("known", "known", "no_data")


def test_a_threshold_beyond_the_cutoff_is_refused_and_at_it_is_not() -> None:
    access = table([[60_000]], cutoff_s=600.0)
    assert judge(access, rule(1, 600.0)).state.tolist() == [[PASS]]
    with pytest.raises(StudyError, match=r"'a' asks for 900 s.*stopped at 600 s.*to 15 or more"):
        judge(access, rule(1))


def test_verdicts_cannot_be_changed_and_leave_the_table_alone() -> None:
    access = table([[1, INF]])
    before = access.counted_cs.copy()
    verdict = judge(access, rule())
    for array in (verdict.state, verdict.slack_s, verdict.residence_state, verdict.passed_known):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert (access.counted_cs == before).all()
    assert access.counted_cs.flags.writeable and access.is_linked.flags.writeable


def test_no_residences() -> None:
    verdict = judge(table(np.zeros((0, 2))), rule())
    assert verdict.state.shape == (0, 2) and verdict.residence_state.shape == (0,)


time_cs = st.one_of(st.integers(0, 180_000), st.just(90_000), st.just(90_001), st.just(INF))


@st.composite
def tables(draw: st.DrawFn) -> AccessTable:
    """Tables as access makes them: min_count only lengthens, one-stop is at least the nearest."""
    rows, services = draw(st.integers(0, 6)), draw(st.integers(1, 4))
    cell = st.lists(time_cs, min_size=rows * services, max_size=rows * services)
    nearest = np.array(draw(cell), np.int64).reshape(rows, services)
    counted = np.maximum(nearest, np.array(draw(cell), np.int64).reshape(rows, services))
    spare = np.array(draw(st.lists(time_cs, min_size=rows, max_size=rows)), np.int64)
    linked = np.array(draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), bool)
    nearest[~linked] = counted[~linked] = spare[~linked] = INF
    one_stop = np.maximum(nearest.max(axis=1), spare)
    return table(counted, nearest_cs=nearest, one_stop_cs=one_stop, linked=linked)


@settings(max_examples=80)
@given(tables(), st.data())
def test_what_always_holds(access: AccessTable, data: st.DataObject) -> None:
    services = len(access.services)
    known = data.draw(st.lists(st.booleans(), min_size=services, max_size=services))
    union = judge(access, rule(services), known=known)
    one_stop = judge(access, rule(services, mode="one_stop"), known=known)

    # One-stop never exceeds union, and one of the two readings is not another's service states.
    assert (union.residence_state[one_stop.residence_state == PASS] == PASS).all()
    assert (union.state == one_stop.state).all()
    # A slow plain twin of the whole verdict.
    for r in range(len(access.is_linked)):
        states = []
        for k in range(services):
            if not access.is_linked[r]:
                states.append(UNKNOWN)
            elif access.counted_cs[r, k] / 100 <= 900.0:
                states.append(PASS)
            else:
                states.append(FAIL if known[k] else UNKNOWN)
        assert union.state[r].tolist() == states
        assert union.missing_count[r] == states.count(FAIL)
        assert union.unknown_count[r] == states.count(UNKNOWN)
        worst = FAIL if FAIL in states else UNKNOWN if UNKNOWN in states else PASS
        assert union.residence_state[r] == worst
        with_data = [state for state, yes in zip(states, known, strict=True) if yes]
        expected = bool(with_data) and all(state == PASS for state in with_data)
        assert union.passed_known[r] == expected
    assert not np.isnan(union.slack_s).any()
    assert ((union.slack_s >= 0) == (access.counted_cs <= 90_000)).all()


@settings(max_examples=70)
@given(tables(), st.integers(1, 180_000), st.integers(1, 180_000))
def test_more_time_never_loses_a_pass(access: AccessTable, one_cs: int, other_cs: int) -> None:
    services = len(access.services)
    less, more = sorted((one_cs / 100, other_cs / 100))
    tight, loose = (judge(access, rule(services, threshold_s)) for threshold_s in (less, more))
    for name in ("state", "residence_state", "one_stop_state"):
        assert (getattr(loose, name)[getattr(tight, name) == PASS] == PASS).all()
    assert (loose.missing_count <= tight.missing_count).all()
    assert (loose.slack_s >= tight.slack_s).all()
