"""A figure of what more sites, or more money, would gain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from gusu_geo.assessment.summary import Summary
from gusu_geo.errors import InputError
from gusu_geo.report.figures import COVERED, GREY, INK, LATE, LINE, Lang, canvas_of
from gusu_geo.report.labels import is_counted, of_persons
from gusu_geo.siting.plan_document import weighted
from gusu_geo.words import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def pareto_curve(
    summary: Summary,
    plan: Mapping[str, Any],
    lang: Lang = "en",
    *,
    by: Literal["sites", "money"] = "sites",
) -> Figure:
    """Persons gained by the best plan of each size, from today, their weighted sum where signals or
    elders weigh more; plan: as ``SitingPlan.to_dict``.

    The knee is ringed, the plan is a square if it is on the curve, and a bar goes up to the bound
    where nothing is proven.
    Raises InputError: a plan without this curve; as ``figures.coverage_bars``.
    """
    rows = (plan["pareto"] or {}).get(by)
    if not rows:
        raise InputError(text("error.no_pareto"), fix=text("error.ask_for_full"))
    canvas = canvas_of(summary, text(f"figure.pareto_{by}"), lang, height_in=4.6)
    axes = canvas.axes
    x = [0.0, *(row["limit"] for row in rows)]
    y = [0.0, *(row["objective_persons"] for row in rows)]
    style = "steps-post" if by == "money" else "default"  # no money between two plans buys more
    axes.plot(x, y, color=COVERED, linewidth=1.6, drawstyle=style)
    axes.plot(x[1:], y[1:], color=COVERED, linestyle="", marker="o", markersize=5)
    bars = [(row["limit"], row["objective_persons"], row["bound_persons"]) for row in rows]
    bars = [(at, low, high) for at, low, high in bars if high is not None and high > low]
    for number, (at, low, high) in enumerate(bars):
        label = canvas.say("figure.pareto_bound") if number == 0 else None
        axes.plot(
            [at, at], [low, high], color=LATE, linewidth=4, solid_capstyle="butt", label=label
        )
    own = {site["candidate_id"] for site in plan["chosen"]}
    marks = [("pareto_plan", "s", GREY, 8, [set(row["candidate_ids"]) == own for row in rows])]
    marks.append(("pareto_knee", "o", INK, 13, [row["knee"] for row in rows]))
    for key, marker, tint, size, here in marks:
        if any(here):
            at = 1 + here.index(True)
            look: dict[str, Any] = {"marker": marker, "markersize": size, "linestyle": ""}
            look |= {"markerfacecolor": "none", "markeredgecolor": tint, "markeredgewidth": 1.6}
            axes.plot([x[at]], [y[at]], label=canvas.say(f"figure.{key}"), **look)
    axes.set_xlim(0, max(x) * 1.04)
    axes.set_ylim(0, max([*y, *(high for *_, high in bars)]) * 1.08 or 1.0)
    if by == "sites":
        axes.locator_params(axis="x", integer=True)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(color=LINE, linewidth=0.6)
    axis = text("plan_choice.money") if by == "money" else text("plan_choice.sites")
    what = text("figure.pareto_weighted") if weighted(plan) else text("head.gain")
    gain = of_persons(what, counted=is_counted(summary["data"]))
    canvas.labels(x=axis.in_language(lang), y=gain.in_language(lang))
    if axes.get_legend_handles_labels()[0]:
        canvas.legend(columns=3, below_in=0.5)
    return canvas.figure
