"""What more sites, or more money, would gain: the best plan of each size, and the knee.

**Sites**: 1, 2, 3, ... until all who can be reached have everything, or two more sites in a row
each add less than 1 % of the gain; at least two more than the plan uses, else at most twelve.
**Money**: only plans that really differ. Solved first: nothing, the budget (else what the plan
costs) and twice as much. Then again and again the widest open gap is halved: that between two
neighbouring plans with the largest (money x persons), until none is wider than 1 % of the range or
the questions are used up. A plan found for at most b that costs m <= b is the best for m, too.

Every point is a question of its own, under all terms of the study, with a share of the plan's work.
A smaller plan is a plan of any larger size: so where the work did not suffice the smaller one
stands, and a bound of a larger size bounds every smaller one.

**Knee**: the point farthest above the chord from today (0, 0) to the last point, both axes scaled
to 1; the first of equals; none if it is nowhere a tenth above. There each step before it gains more
than the chord, and the step after it no more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from gusu_geo.errors import StudyError
from gusu_geo.siting.demand import in_reach
from gusu_geo.siting.effort import Effort
from gusu_geo.siting.plan import passed_share
from gusu_geo.siting.sections import Pareto, ParetoPoint
from gusu_geo.siting.solver import Solution
from gusu_geo.siting.task import Task
from gusu_geo.siting.terms import Terms
from gusu_geo.tables import Floats

MOST_POINTS = 12
BEYOND = 2  # more sites than the plan
FLAT = 0.01  # of the gain: a step that adds less is flat
MOST_QUESTIONS = 16  # of money
SHARE_OF_WORK = 0.05  # of the plan's, for each question
KNEE = 0.1
SLACK = 1e-9  # of a gain: rounding

Rank = tuple[float, float]  # worst zone, then the sum that is maximised


@dataclass(frozen=True, eq=False)
class Point:
    """The best plan of a size; bound: no plan of this size gains more, inf for none."""

    limit: float
    found: Solution
    bound: float


@dataclass(frozen=True, eq=False)
class Curve:
    """Points by rising size; none_up_to: the largest size that was asked for and of which no plan
    keeps to all terms, None if there was none."""

    points: list[Point]
    none_up_to: float | None = None


@dataclass(frozen=True, eq=False)
class Question:
    """What points are asked of. ask: solves, None where no plan keeps to all terms; effort, plan:
    those of the plan itself; reach: no plan of any size gains more; rank: what is better; usable:
    candidates."""

    ask: Callable[[Effort], Solution | None]
    effort: Effort
    plan: Solution
    reach: float
    usable: int
    rank: Callable[[Solution], Rank] = lambda found: (0.0, found.objective_persons)

    def solved(self, *, sites: int | None, budget: float | None) -> Solution | None:
        """The best plan of this size; the plan itself where it was asked for just that."""
        own = self.effort
        if own.target is None and (own.sites, own.budget) == (sites, budget):
            return self.plan
        if sites is not None and own.sites is not None and self.plan.status == "optimal":
            enough = int(self.plan.opened.sum()) <= sites <= own.sites
            if own.target is None and own.budget == budget and enough:
                return self.plan
        time_s = own.time_limit_s
        return self.ask(
            replace(
                own,
                sites=sites,
                budget=budget,
                target=None,
                work=own.work * SHARE_OF_WORK,
                time_limit_s=None if time_s is None else time_s * SHARE_OF_WORK,
            )
        )

    def better(self, one: Solution, other: Solution) -> bool:
        """Whether one is better than the other by more than rounding."""
        return _beats(self.rank(one), self.rank(other))


def pareto_of(task: Task, found: Solution) -> Pareto:
    """The section ``pareto`` of a plan that solves a task."""
    question = _question(task, found)
    sites, terms = by_sites(question), _priced(task)
    money = None if terms is None else by_money(question, _money(terms), _base(task, found, terms))
    return {
        "sites": _told(task, question, sites, terms),
        "money": None if money is None else _told(task, question, money, terms, by_money=True),
        "no_plan_sites": sites.none_up_to,
        "no_plan_money": None if money is None else money.none_up_to,
    }


def by_sites(question: Question) -> Curve:
    """Points by number of sites. If the plan was asked for sites and money, the money holds."""
    effort, used = question.effort, int(question.plan.opened.sum())
    budget = effort.budget if effort.sites is not None else None
    points: list[Point] = []
    flat, none = 0, None
    for sites in _numbers(used, question.usable):
        found = question.solved(sites=sites, budget=budget)
        if found is None:
            none = sites
            continue
        bound = found.bound_persons
        before = points[-1] if points else None
        if before is not None and not question.better(found, before.found):
            found = replace(before.found, status=found.status)
        points.append(Point(sites, found, bound))
        gain = found.objective_persons
        if gain >= question.reach * (1 - SLACK) and sites >= min(used + BEYOND, question.usable):
            break
        if before is not None:
            step = gain - before.found.objective_persons
            flat = flat + 1 if step < FLAT * gain * (sites - before.limit) else 0
        if flat >= BEYOND and sites >= used + BEYOND:
            break
    return Curve(points, none)


def _numbers(used: int, usable: int) -> list[int]:
    """Numbers of sites to ask for: all up to twelve, else twelve even steps and the plan's own."""
    last = min(max(MOST_POINTS, used + BEYOND), usable)
    if last <= MOST_POINTS:
        return list(range(1, last + 1))
    steps = {round(last * step / MOST_POINTS) for step in range(1, MOST_POINTS + 1)}
    return sorted(steps | ({used} if used else set()))


@dataclass(frozen=True, eq=False)
class _Kept:
    """A plan on the curve by money (None: nothing is built), what it costs, and up to which budget
    no better one was found."""

    found: Solution | None
    money: float
    upto: float
    rank: Rank


def by_money(question: Question, money: Callable[[Solution], float], base: float) -> Curve:
    """Points by money; base: the money that the curve is about. If the plan was asked for sites and
    money, the number of sites holds."""
    sites = question.effort.sites if question.effort.budget is not None else None
    rows = [_Kept(None, 0.0, 0.0, (-math.inf if _lexical(question) else 0.0, 0.0))]
    first, most, none = [0.0, base, 2 * base], 2 * base, None
    for _ in range(MOST_QUESTIONS):
        budget = first.pop(0) if first else _widest(rows, most)
        if budget is None:
            break
        found = question.solved(sites=sites, budget=budget)
        if found is not None:
            rows = _merged(rows, _Kept(found, money(found), budget, question.rank(found)))
        elif rows[0].found is None:  # nor does one that costs less
            none = budget
            rows[0] = replace(rows[0], upto=budget)
    kept = [(row.money, row.found) for row in rows if row.found is not None]
    return Curve([Point(cost, found, found.bound_persons) for cost, found in kept], none)


def _merged(rows: Sequence[_Kept], new: _Kept) -> list[_Kept]:
    """The curve with a plan that was found for ``new.upto``."""
    last = max(at for at, row in enumerate(rows) if row.money <= new.upto * (1 + SLACK) + SLACK)
    row = rows[last]
    if not _beats(new.rank, row.rank):
        kept = replace(row, upto=max(row.upto, new.upto))
        return [*rows[:last], kept, *rows[last + 1 :]]
    beaten = [row for row in rows if row.money >= new.money and not _beats(row.rank, new.rank)]
    kept = replace(new, upto=max(each.upto for each in (new, *beaten)))
    return sorted([row for row in rows if row not in beaten] + [kept], key=lambda r: r.money)


def _widest(rows: Sequence[_Kept], most: float) -> float | None:
    """The middle of the gap between neighbours with the largest area; None if all are closed."""
    best, middle = 0.0, None
    for low, high in pairwise(rows):
        width, gain = high.money - low.upto, high.rank[1] - low.rank[1]
        if width > FLAT * most and width * gain > best * (1 + SLACK):
            best, middle = width * gain, low.upto + width / 2
    return middle


def knee(limits: Floats, gained: Floats) -> int | None:
    """Position of the knee, as the module docstring says; None for none. limits (P,): rising."""
    if len(limits) == 0 or limits[-1] <= 0 or gained[-1] <= 0:
        return None
    above = np.round(gained / gained[-1] - limits / limits[-1], 9)
    best = int(np.argmax(above))
    return best if above[best] >= KNEE else None


def _beats(one: Rank, other: Rank) -> bool:
    """Whether a rank is higher by more than rounding."""
    if abs(one[0] - other[0]) > SLACK:
        return one[0] > other[0]
    return one[1] > other[1] + SLACK * (1.0 + abs(other[1]))


def _lexical(question: Question) -> bool:
    """Whether the worst zone comes first: then more may gain less, and no bound holds below."""
    return question.rank(question.plan)[0] != 0.0


def _question(task: Task, found: Solution) -> Question:
    def ask(effort: Effort) -> Solution | None:
        try:
            solved = task.asked(effort).solve()
        except StudyError:  # sites that have to be opened are too many, or too dear
            return None
        return solved if solved.feasible else None

    aims = task.aims

    def rank(solved: Solution) -> Rank:
        if aims.worst is None:
            return 0.0, solved.objective_persons
        done = solved.completed & (aims.zone >= 0)
        now, persons = aims.worst.T
        heads = np.bincount(aims.zone[done], aims.heads[done], minlength=len(now))
        # Above 0 also where nobody has anything: 0 says that no zone comes first.
        return 1.0 + float(np.min((now + heads) / persons, initial=1.0)), solved.objective_persons

    free = task.asked(replace(task.effort, sites=len(task.candidates.frame), budget=None)).rooms
    venues = [in_reach(layer, free.allowed[:, k]) for k, layer in enumerate(task.cover)]
    lacking = (task.need > 0).any(axis=1)
    can = lacking & (np.column_stack(venues) >= task.need).all(axis=1)
    usable = int(free.allowed.any(axis=1).sum())
    return Question(ask, task.effort, found, math.fsum(aims.weight[can]), usable, rank)


def _priced(task: Task) -> Terms | None:
    """Terms with money; None where no candidate has a cost, or one that must be opened has none."""
    try:
        return task.asked(replace(task.effort, budget=1e12, target=None)).rooms.terms
    except StudyError:
        return None


def _money(terms: Terms) -> Callable[[Solution], float]:
    def money(found: Solution) -> float:
        services = terms.service_cost[found.offers].tolist()
        return math.fsum([*terms.cost[found.opened].tolist(), *services])

    return money


def _base(task: Task, found: Solution, terms: Terms) -> float:
    """The money that the curve is about: the budget, else what the plan costs, else as many sites
    of the usual cost."""
    if task.effort.budget is not None:
        return task.effort.budget
    cost = _cost(task, found, terms)
    if found.opened.any() and cost is not None:
        return cost
    known = np.asarray(task.candidates.frame["cost"].notna(), bool)
    return float(np.median(terms.cost[known])) * max(int(found.opened.sum()), 1)


def _cost(task: Task, found: Solution, terms: Terms | None) -> float | None:
    """What a plan costs; None where a site's cost is unknown."""
    if terms is None or task.candidates.frame["cost"].isna().to_numpy()[found.opened].any():
        return None
    return _money(terms)(found)


def _told(
    task: Task, question: Question, curve: Curve, terms: Terms | None, *, by_money: bool = False
) -> list[ParetoPoint]:
    """Points as plain data; terms: with money, if there is any."""
    points = curve.points
    gained = [point.found.objective_persons for point in points]
    at = knee(np.array([point.limit for point in points], float), np.array(gained))
    bounds = np.array([point.bound for point in points], float)
    if not _lexical(question):
        bounds = np.minimum.accumulate(bounds[::-1])[::-1]
    told: list[ParetoPoint] = []
    for number, (point, bound) in enumerate(zip(points, bounds.tolist(), strict=True)):
        found = point.found
        done = task.passed | found.completed
        proven = bound <= found.objective_persons * (1 + SLACK) + SLACK
        cost = _cost(task, found, terms)
        used = point.limit if by_money else int(found.opened.sum())
        status = found.status if not proven or found.objective_persons == 0 else "optimal"
        told.append(
            {
                "limit": round(point.limit, 2),
                "used": round(used, 2),
                "cost": None if cost is None else round(cost, 2),
                "objective_persons": round(found.objective_persons, 2),
                "gained_persons": round(math.fsum(task.persons[found.completed]), 2),
                "bound_persons": None if bound == math.inf else round(bound, 2),
                "share": passed_share(done, task.persons)["share"],
                "candidate_ids": [str(name) for name in task.places.ids[found.opened]],
                "status": status,
                "knee": number == at,
            }
        )
    return told
