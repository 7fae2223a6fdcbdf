"""Figures: what their marks say is compared with numbers worked out by hand in ``outcomes``."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib import font_manager, rc_context
from matplotlib.figure import Figure
from outcomes import PERSONS, make_outcome

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.errors import InputError
from gusu_geo.report import figures
from gusu_geo.report.figures import coverage_bars, minutes_curve, residence_map

TOTAL = sum(PERSONS.values())
LANGS = ("zh", "en")


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return make_outcome()


@pytest.fixture(autouse=True)
def nothing_to_complain_about() -> Iterator[None]:
    """A missing glyph is a warning of matplotlib, and here an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def drawn(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=50)
    return stream.getvalue()


def texts(figure: Figure) -> str:
    drawn(figure)
    found = figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return "\n".join(artist.get_text() for artist in found)


def each(outcome: Outcome, lang: Any) -> list[Figure]:
    return [
        coverage_bars(outcome.summary, lang),
        residence_map(outcome, lang),
        minutes_curve(outcome, lang),
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_every_figure_draws_and_names_its_limits(outcome: Outcome, lang: str) -> None:
    words = {
        "zh": (
            "小镇",
            "限 10 分钟",
            "步行速度 1 米/秒",
            "2025-03-01",
            "估算",
            "仅供内部规划研究使用",
        ),
        "en": (
            "Tiny town",
            "limit 10 min",
            "walking speed 1 m/s",
            "2025-03-01",
            "estimate",
            "internal",
        ),
    }[lang]
    for figure in each(outcome, lang):
        assert isinstance(figure, Figure)
        shown = texts(figure)
        for word in (*words, "test-pack 1.2", "© OpenStreetMap contributors"):
            assert word in shown, word


@pytest.mark.parametrize(("lang", "word"), [("zh", "虚构数据"), ("en", "invented data")])
def test_a_figure_of_invented_data_says_so(outcome: Outcome, lang: Any, word: str) -> None:
    shown = texts(coverage_bars({**outcome.summary, "invented": True}, lang))
    assert word in shown and "OpenStreetMap" not in shown


def test_bars_by_hand(outcome: Outcome) -> None:
    figure = coverage_bars(outcome.summary, "en")
    axes = figure.axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[0] == "Culture and creativity"  # at the foot
    widths: dict[str, list[float]] = {}
    for bars in axes.containers:
        widths[str(bars.get_label())] = [bar.get_width() for bar in bars]
    health = names.index("Health and basic care")
    assert widths["in time"][health] == pytest.approx(31 / TOTAL)
    assert widths["missing"][health] == pytest.approx(2016 / TOTAL)
    assert widths["unknown"][health] == pytest.approx(2048 / TOTAL)
    assert widths["in time"][0] == 0


@pytest.mark.parametrize(("lang", "word"), [("zh", "无数据"), ("en", "no data")])
def test_no_data_is_hatched_over_its_whole_length(outcome: Outcome, lang: Any, word: str) -> None:
    figure = coverage_bars(outcome.summary, lang)
    (hatched,) = [b for b in figure.axes[0].containers if any(p.get_hatch() for p in b)]
    assert [bar.get_width() for bar in hatched] == [1.0]
    assert hatched.get_label() == word
    assert "0.0%" not in texts(figure)
    assert word in texts(minutes_curve(outcome, lang))


def test_curve_by_hand(outcome: Outcome) -> None:
    axes = minutes_curve(outcome, "en").axes[0]
    curves = {str(line.get_label()): line for line in axes.lines}
    minutes, share = (np.asarray(values) for values in curves["Health and basic care"].get_data())
    # h500 walks 530 s, h600 630 s: at 10 minutes, 31 persons have arrived.
    assert share[minutes <= 10].max() == pytest.approx(31 / TOTAL)
    assert share.max() == pytest.approx(2047 / TOTAL)  # far is not linked and never arrives
    assert (np.diff(share) >= 0).all()
    assert (np.diff(minutes) >= 0).all()
    # Within 10 minutes of all three that have data: h400 and h500.
    minutes, share = (np.asarray(values) for values in curves["all services with data"].get_data())
    assert share[minutes <= 10].max() == pytest.approx(24 / TOTAL)


def test_curve_marks_the_limit(outcome: Outcome) -> None:
    axes = minutes_curve(outcome, "en").axes[0]
    upright = [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert upright == [10]
    assert axes.get_xlim() == (0, 20)


def test_map_paints_each_home_once_by_what_it_misses(outcome: Outcome) -> None:
    axes = residence_map(outcome, "en").axes[0]
    painted = [c for c in axes.collections if c.get_zorder() == 3]
    # 2 homes miss nothing known, 5 one, 4 two services; far is unknown.
    assert [len(c.get_paths()) for c in painted] == [2, 5, 4, 1]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["None of the 3 with data missing", "1 missing", "2 missing", "Unknown"]
    assert axes.get_aspect() == 1.0


def test_text_of_the_data_is_no_mathematics() -> None:
    for figure in each(make_outcome("$\\frac$ $x$ _y_"), "en"):
        assert "$\\frac$" in texts(figure)


def test_nobody_at_home(outcome: Outcome) -> None:
    empty = make_outcome()
    empty.city.residences.frame["persons"] = 0.0
    empty.summary["residences"]["persons"] = 0.0
    for row in empty.summary["services"]:
        row.update(share=None, covered_persons=0.0, missing_persons=0.0, unknown_persons=0.0)
    for figure in each(empty, "en"):
        assert len(drawn(figure)) > 1_000  # a picture all the same


def test_same_outcome_same_picture(outcome: Outcome) -> None:
    for one, two in zip(each(outcome, "zh"), each(outcome, "zh"), strict=True):
        assert drawn(one) == drawn(two)


def test_zh_without_a_chinese_font_is_a_clear_error(
    outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "CHINESE_FONTS", ("No Such Font",))
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    with pytest.raises(InputError, match=r"no font with Chinese.*fonts-noto-cjk"):
        coverage_bars(outcome.summary, "zh")
    drawn(coverage_bars(outcome.summary, "en"))


def test_the_users_own_font_comes_first() -> None:
    chosen = figures.font_families("zh")
    chinese = next(name for name in chosen if name in figures.CHINESE_FONTS)
    assert chosen[0] == "DejaVu Sans"  # matplotlib's default
    with rc_context({"font.family": "sans-serif", "font.sans-serif": [chinese, "DejaVu Sans"]}):
        assert figures.font_families("zh")[0] == chinese
    with rc_context({"font.family": ["No Such Font", chinese]}):
        assert chinese in figures.font_families("zh")


def test_fonts_newer_than_the_cache_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = font_manager.fontManager
    new = {entry.fname for entry in manager.ttflist if entry.name in figures.CHINESE_FONTS}
    old = [entry for entry in manager.ttflist if entry.fname not in new]
    monkeypatch.setattr(manager, "ttflist", old)
    assert any(name in figures.CHINESE_FONTS for name in figures.font_families("zh"))


def test_unknown_language(outcome: Outcome) -> None:
    with pytest.raises(InputError, match="'zh' or 'en'"):
        coverage_bars(outcome.summary, "fr")  # type: ignore[arg-type]


def test_without_matplotlib_the_extra_is_named(
    outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match=r"gusu-geo\[notebooks\]"):
        residence_map(outcome)


def test_importing_figures_leaves_matplotlib_alone() -> None:
    code = f"import {figures.__name__}, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert importlib.util.find_spec("matplotlib") is not None
