"""Figures for papers and notebooks: coverage by service, homes on a map, persons by minutes.

Matplotlib is an extra (``pip install 'gusu-geo[notebooks]'``) and is imported only when a
figure is drawn. Figures are returned, not shown; no setting of matplotlib is changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gusu_geo._kernels import INF_CS
from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.rule import State
from gusu_geo.assessment.summary import Summary
from gusu_geo.errors import InputError, nearest_name
from gusu_geo.report.labels import basis
from gusu_geo.tables import Bools, Floats
from gusu_geo.words import LANGUAGES, Text, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Lang = Literal["zh", "en"]

INK, SOFT, LINE, GREY = "#1d2733", "#4f5b68", "#dcdfe3", "#8a8f98"
COVERED, LATE, UNSURE = "#2f7ebc", "#f4b183", "#e3e6e9"
MISSING = (
    "#2c7bb6",
    "#abd9e9",
    "#ffe08a",
    "#f58b3c",
    "#a50026",
)  # 0 to 4 and more, as on the map
OSM = "© OpenStreetMap contributors (ODbL)"
GROUND = {"water": "#cbdfe9", "green": "#dfe9d8"}
HATCH = "////"
STYLES = ("-", "--", ":")  # one for every ten curves, which differ by colour
CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "SimHei", "Noto Sans CJK JP", "Noto Serif CJK SC", "Noto Serif CJK JP",
)  # fmt: skip


@dataclass(frozen=True)
class Canvas:
    """A figure with its axes, language and font; ``text`` looks the same everywhere."""

    figure: Figure
    axes: Axes
    lang: Lang
    font: list[str]

    def say(self, key: str) -> str:
        """A text of the words file in the language of the figure."""
        return text(key).in_language(self.lang)

    def text(self, x: float, y: float, text: str, *, size: int = 9, **look: Any) -> None:
        """Text without matplotlib's mathematics, so that a $ stays a $."""
        look = {"color": INK, "fontfamily": self.font, "parse_math": False, **look}
        self.axes.text(x, y, text, fontsize=size, **look)

    def labels(self, *, x: str = "", y: str = "") -> None:
        """Names of the axes."""
        self.axes.set_xlabel(x, fontfamily=self.font, color=SOFT)
        self.axes.set_ylabel(y, fontfamily=self.font, color=SOFT)

    def legend(self, *, columns: int, below_in: float) -> None:
        """The legend, ``below_in`` inches below the axes."""
        from matplotlib.transforms import ScaledTranslation

        down = ScaledTranslation(0, -below_in, self.figure.dpi_scale_trans)
        legend = self.axes.legend(
            loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=self.axes.transAxes + down,
            ncols=columns, frameon=False, prop={"family": self.font, "size": 9},
        )  # fmt: skip
        for label in legend.get_texts():
            label.set_parse_math(False)


def coverage_bars(summary: Summary, lang: Lang = "en") -> Figure:
    """Share of persons who have each service in time, highest first.

    A service without data is hatched over its whole length: unknown, which is not 0 %.
    Raises InputError: matplotlib is not installed, unknown ``lang``, no Chinese font for "zh".
    """
    rows = sorted(summary["services"], key=lambda r: (r["share"] is not None, r["share"] or 0))
    canvas = canvas_of(summary, text("figure.bars"), lang, height_in=1.9 + 0.32 * len(rows))
    axes = canvas.axes
    total = summary["residences"]["persons"]
    at = np.arange(len(rows), dtype=float)
    known = np.array([row["share"] is not None for row in rows], bool)
    left = np.zeros(len(rows))
    parts: dict[str, tuple[str, list[float]]] = {
        "pass": (COVERED, [row["covered_persons"] for row in rows]),
        "fail": (LATE, [row["missing_persons"] for row in rows]),
        "unknown": (UNSURE, [row["unknown_persons"] for row in rows]),
    }
    for part, (colour, heads) in parts.items():
        persons = np.array(heads, float)
        width = np.where(known, persons / total if total else 0.0, 0.0)
        if width.any():
            name = canvas.say(f"state.{part}")
            axes.barh(at, width, left=left, color=colour, height=0.68, label=name)
        left += width
    no_data = canvas.say("state.no_data")
    if not known.all():
        look: dict[str, Any] = {"hatch": HATCH, "linewidth": 0.6}
        look |= {"facecolor": "white", "edgecolor": GREY}
        axes.barh(at[~known], 1.0, height=0.68, label=no_data, **look)
    for y, row in zip(at.tolist(), rows, strict=True):
        shown = no_data if row["share"] is None else f"{row['share']:.1%}"
        canvas.text(1.01, y, shown, va="center")
    names = [_name(row, lang) for row in rows]
    axes.set_yticks(at, labels=names, fontfamily=canvas.font, parse_math=False)
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    _percent(axes.xaxis)
    canvas.labels(x=canvas.say("figure.share"))
    canvas.legend(columns=4, below_in=0.5)
    return canvas.figure


def residence_map(outcome: Outcome, lang: Lang = "en") -> Figure:
    """Homes by how many services they miss, on the study's own streets. North is up.

    Homes that cannot be judged are grey. Raises InputError: as ``coverage_bars``.
    """
    city = outcome.city
    canvas = canvas_of(outcome.summary, text("figure.map"), lang, height_in=7.6)
    axes = canvas.axes
    axes.set_aspect("equal")
    axes.set_axis_off()
    for kind, colour in GROUND.items():
        ground = city.surroundings.geometry[city.surroundings["kind"] == kind]
        _draw(axes, ground.to_numpy(), color=colour, linewidth=0)
    _draw(axes, outcome.network.drawn_lines, color="#d3cbbb", linewidth=0.5)
    _draw(axes, city.area.boundary.to_numpy(), color=SOFT, linewidth=0.8, linestyle="--")
    shapes = _footprints(outcome)
    rim: dict[str, Any] = {"edgecolor": INK, "linewidth": 0.3}
    for label, colour, mask in _classes(outcome, canvas):
        _draw(axes, shapes[mask], color=colour, zorder=3, **rim)
        axes.scatter([], [], marker="s", s=40, color=colour, label=label, **rim)
    west, south, east, north = city.area.total_bounds
    room_m = 0.03 * max(east - west, north - south)
    axes.set_xlim(west - room_m, east + room_m)
    axes.set_ylim(south - room_m, north + room_m)
    _scale_bar(canvas)
    canvas.legend(columns=3, below_in=0.0)
    return canvas.figure


def minutes_curve(outcome: Outcome, lang: Lang = "en") -> Figure:
    """Cumulative share of all persons by minutes to each service, and to the slowest of them.

    Homes that are not linked count as persons and never arrive, so curves may end below 100 %. Who
    is not asked for a service counts neither for it nor for the slowest.
    Raises InputError: as ``coverage_bars``.
    """
    from matplotlib import colormaps

    access, rows = outcome.access, outcome.summary["services"]
    canvas = canvas_of(outcome.summary, text("figure.curve"), lang, height_in=5.6)
    axes = canvas.axes
    persons = outcome.city.residences.frame["persons"].to_numpy(float)
    known = np.array([state == "known" for state in outcome.verdict.service_state], bool)
    cutoff_min = access.cutoff_s / 60
    asked = outcome.verdict.state != State.NOT_ASKED
    for k in np.flatnonzero(known).tolist():
        here = asked[:, k]
        x, y = _cumulative(access.counted_cs[here, k], persons[here], cutoff_min)
        style = STYLES[k // 10 % len(STYLES)]
        tint = colormaps["tab10"](k % 10)
        axes.plot(x, y, color=tint, linewidth=1.3, linestyle=style, label=_name(rows[k], lang))
    if known.any():
        times = np.where(asked, access.counted_cs, 0)[:, known]
        x, y = _cumulative(times.max(axis=1), persons, cutoff_min)
        every = canvas.say("reading.passed" if known.all() else "reading.passed_known")
        axes.plot(x, y, color=INK, linewidth=2.4, label=every)
    for k in np.flatnonzero(~known).tolist():
        name = text("figure.without_data", service=_name(rows[k], lang)).in_language(lang)
        axes.bar(0, 0, facecolor="white", edgecolor=GREY, hatch=HATCH, label=name)
    for minutes in sorted({seconds / 60 for seconds in outcome.rule.threshold_s}):
        axes.axvline(minutes, color=GREY, linewidth=0.9, linestyle="--")
    axes.set_xlim(0, cutoff_min)
    axes.set_ylim(0, 1)
    _percent(axes.yaxis)
    axes.grid(color=LINE, linewidth=0.6)
    canvas.labels(x=canvas.say("figure.minutes"), y=canvas.say("figure.share"))
    canvas.legend(columns=3, below_in=0.5)
    return canvas.figure


def canvas_of(summary: Summary, what: Text, lang: Lang, *, height_in: float) -> Canvas:
    """An empty figure: above the axes title, rule, limit, speed and date, below them the source."""
    if lang not in LANGUAGES:
        raise InputError(text("error.lang_unknown"), got=lang, fix=nearest_name(lang, LANGUAGES))
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        fix = text("error.install_notebooks")
        raise InputError(text("error.needs_matplotlib"), fix=fix) from error
    font = font_families(lang)
    figure = Figure(figsize=(8.0, height_in), dpi=100, layout="constrained")
    canvas = Canvas(figure, figure.add_subplot(), lang, font)
    place = summary["title"][lang] or summary["study"]
    title = f"{place} · {what.in_language(lang)}"
    look: dict[str, Any] = {"fontfamily": font, "parse_math": False, "ha": "left", "x": 0.01}
    figure.suptitle(title, fontsize=14, color=INK, **look)
    rule, shown = summary["rule"], [fact.in_language(lang) for fact in basis(summary)]
    facts = " · ".join([f"{rule['pack']} {rule['version']}", *shown])
    canvas.axes.set_title(
        facts, fontsize=9, color=SOFT, loc="left", fontfamily=font, parse_math=False
    )
    source = canvas.say("fact.invented") if summary["invented"] else OSM
    foot = f"{source} · {canvas.say('fact.internal')}"
    figure.supxlabel(foot, fontsize=8, color=SOFT, **look)
    for side in ("top", "right"):
        canvas.axes.spines[side].set_visible(False)
    canvas.axes.tick_params(labelsize=9, colors=SOFT)
    return canvas


def font_families(lang: str) -> list[str]:
    """Font families to try in turn: the user's own setting, a Chinese font, matplotlib's own.

    Raises InputError: ``lang`` is "zh" and no installed font has Chinese characters.
    """
    from matplotlib import font_manager, rcParams

    own = [name for family in rcParams["font.family"] for name in _named(family)]
    manager = font_manager.fontManager
    if not any(_is_chinese(manager, name) for name in (*own, *CHINESE_FONTS)):
        known = {entry.fname for entry in manager.ttflist}
        for path in font_manager.findSystemFonts():  # installed since matplotlib last looked
            if path not in known and any(word in path for word in ("CJK", "Han", "wqy", "Hei")):
                manager.addfont(path)
    chinese = next((n for n in (*own, *CHINESE_FONTS) if _is_chinese(manager, n)), None)
    if chinese is None and lang == "zh":
        raise InputError(text("error.no_chinese_font"), fix=text("error.install_font"))
    return list(dict.fromkeys(filter(None, (*own[:1], chinese, "DejaVu Sans"))))


def _named(family: str) -> list[str]:
    """The fonts behind a family such as "sans-serif", or the font itself."""
    from matplotlib import rcParams

    settings: Any = rcParams
    return list(settings.get(f"font.{family}", [family]))


def _is_chinese(manager: Any, name: str) -> bool:
    """Whether the installed font of exactly that name has Chinese characters."""
    from matplotlib.ft2font import FT2Font

    path = next((entry.fname for entry in manager.ttflist if entry.name == name), None)
    sample = text("state.no_data").zh
    return path is not None and all(FT2Font(path).get_char_index(ord(c)) for c in sample)


def _percent(axis: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0))


def _draw(axes: Axes, shapes: Sequence[Any] | npt.NDArray[np.object_], **look: Any) -> None:
    if len(shapes):
        gpd.GeoSeries(list(shapes)).plot(ax=axes, aspect=None, **look)


def _footprints(outcome: Outcome) -> npt.NDArray[np.object_]:
    """(R,) outlines of the homes; a disc where only a point is known."""
    frame = outcome.city.residences.frame
    west, south, east, north = outcome.city.area.total_bounds
    discs = shapely.buffer(frame.geometry.to_numpy(), 0.004 * max(east - west, north - south))
    shapes = [
        foot if isinstance(foot, shapely.Geometry) else disc
        for foot, disc in zip(frame["footprint"], discs, strict=True)
    ]
    return np.array(shapes, object)


def _classes(outcome: Outcome, canvas: Canvas) -> list[tuple[str, str, Bools]]:
    """Label, colour and homes (R,) of each class, the fewest missing first; no empty class."""
    verdict = outcome.verdict
    known = sum(state == "known" for state in verdict.service_state)
    every = known == len(verdict.service_state)
    none = text("map.missing_0") if every else text("map.missing_0_known", count=known)
    last = len(MISSING) - 1
    some = [text("map.missing", count=n) for n in range(1, last)]
    labels = [one.in_language(canvas.lang) for one in (none, *some, text("map.missing_4"))]
    count = np.minimum(verdict.missing_count, last)
    blank = np.isin(verdict.state, (State.UNKNOWN, State.NOT_ASKED))
    unknown = blank.all(axis=1)  # e.g. far from streets
    rows = [(labels[n], MISSING[n], (count == n) & ~unknown) for n in range(last + 1)]
    return [row for row in (*rows, (canvas.say("map.unknown"), UNSURE, unknown)) if row[2].any()]


def _cumulative(
    times_cs: npt.NDArray[np.int32], persons: Floats, cutoff_min: float
) -> tuple[Floats, Floats]:
    """Minutes and the share of persons who have arrived by then: a line through every arrival."""
    arrived = times_cs != INF_CS
    order = np.argsort(times_cs[arrived], kind="stable")
    minutes = times_cs[arrived][order] / 6000
    total = persons.sum()
    share = np.cumsum(persons[arrived][order]) / (total if total else 1.0)
    end = share[-1:] if len(share) else np.zeros(1)
    x = np.concatenate([[0.0], np.repeat(minutes, 2), [cutoff_min]])
    before = np.concatenate([[0.0], share[:-1]]) if len(share) else share
    y = np.concatenate([[0.0], np.column_stack([before, share]).ravel(), end])
    return x, y


def _scale_bar(canvas: Canvas) -> None:
    """A bar of a round length in metres, at most a fifth of the width."""
    axes = canvas.axes
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    rough = (east - west) / 5
    power = 10 ** np.floor(np.log10(rough))
    length = max(step * power for step in (1, 2, 5) if step * power <= rough)
    x, y = west + 0.03 * (east - west), south + 0.03 * (north - south)
    axes.plot([x, x + length], [y, y], color=INK, linewidth=2.5, solid_capstyle="butt")
    label = text("figure.metres", metres=length).in_language(canvas.lang)
    canvas.text(x, y + 0.012 * (north - south), label, zorder=5)


def _name(words: Mapping[str, Any], lang: str) -> str:
    return str(words[lang] or words["id"])
