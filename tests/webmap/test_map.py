"""The review map as a file: what may be in it, what must be in it, and that it never varies."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pytest
import shapely
from outcomes import HOMES, made_up_plan, make_outcome
from unpacking import unpack

import gusu_geo.report.webmap as web
from gusu_geo.errors import InputError
from gusu_geo.report.console import show_summary
from gusu_geo.report.summary import undetermined
from gusu_geo.report.webmap.content import strings
from gusu_geo.report.webmap.figure import OfflineFigure, json_text, web_file
from gusu_geo.report.webmap.grid import UNIT_M
from gusu_geo.report.webmap.overview import BUNDLE as OVERVIEW
from gusu_geo.report.webmap.render import BUNDLE, GUARD, render_map
from gusu_geo.words import section, speak

WEB = Path(web.__file__).parent / "page"
SOURCES = [
    path.relative_to(WEB).as_posix()
    for path in sorted(WEB.rglob("*.js"))
    if path.name not in ("leaflet.js", BUNDLE, OVERVIEW)
]


class Page(HTMLParser):
    """Scripts by (type, id), and every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)

    def block(self, key: str) -> str:
        return next(text for attributes, text in self.scripts if attributes.get("id") == key)


@pytest.fixture(scope="module")
def html() -> str:
    return render_map(make_outcome(), plan=made_up_plan())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_nothing_is_loaded_from_elsewhere(html: str, page: Page) -> None:
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "data", "action"} & set(attributes), (tag, attributes)
        assert tag not in {"link", "iframe", "object", "embed", "base"}
    for style in re.findall(r"<style>(.*?)</style>", html, re.DOTALL):
        assert not re.search(r"url\((?!data:)|@import", style)
    assert "sourceMappingURL" not in html
    # Addresses that remain are text: names of XML vocabularies, the makers of Leaflet.
    hosts = set(re.findall(r"https?://([\w.-]+)", html))
    assert hosts <= {"www.w3.org", "leafletjs.com", "github.com", "stackoverflow.com", "bugs.chromium.org", "bugzilla.mozilla.org", "bugs.webkit.org"}, hosts  # fmt: skip


def test_only_hashed_scripts_may_run(page: Page) -> None:
    policy = next(
        attributes["content"]
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    code = [text for attributes, text in page.scripts if "type" not in attributes]
    # The guard, Leaflet, ours, and the lines folium writes.
    assert [code[0], code[2]] == [web_file(GUARD), web_file(BUNDLE)]
    assert len(code) == 4
    wanted = [base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in code]
    assert re.findall(r"'sha256-([^']+)'", policy) == wanted
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert "unsafe-eval" not in policy


def test_no_handler_stands_in_the_markup_and_phones_may_zoom(page: Page) -> None:
    for _, attributes in page.elements:
        assert not [key for key in attributes if key.startswith("on")]
    viewports = [a["content"] for tag, a in page.elements if a.get("name") == "viewport"]
    assert viewports == ["width=device-width, initial-scale=1"]


def test_the_map_is_a_folium_map_on_leaflet_1_9_4(html: str) -> None:
    assert "var map_gusu = L.map(" in html
    assert "gusuPage.start(map_gusu);" in html
    assert 't.version="1.9.4"' in html
    assert "bootstrap" not in html.lower()
    assert "jquery" not in html.lower()


def test_two_renderings_are_the_same_bytes(html: str) -> None:
    assert render_map(make_outcome(), plan=made_up_plan()) == html
    assert folium.Map.default_js[0][1].startswith("https://")  # the class itself is untouched


def test_the_arrays_are_those_of_the_outcome(page: Page) -> None:
    outcome = make_outcome()
    found = unpack(page.block("gusu-arrays"))
    assert found["nearest_cs"] == outcome.access.nearest_cs.ravel().tolist()
    assert found["counted_cs"] == outcome.access.counted_cs.ravel().tolist()
    assert found["nearest_ix"] == outcome.access.nearest_ix.ravel().tolist()
    assert found["state"] == outcome.verdict.state.ravel().tolist()
    assert found["persons"] == [2.0**i for i in range(12)]
    assert found["threshold_cs"] == [60_000] * 4
    assert found["venue_service"] == [0, 0, 1, 2, 2]
    assert found["venue_evidence"] == [0, 1, 2, 2, 2]
    assert found["home_zone"] == [0] * 6 + [1] * 5 + [-1]
    assert found["foot_rings"] == [1] * 10 + [0, 0]
    assert found["green_rings"] == [2]  # a hole stays a hole
    assert sorted(found["street_class"]) == [2, 2, 3]  # the branch is made of steps


def test_coordinates_come_back_within_a_unit(page: Page) -> None:
    outcome = make_outcome()
    found, texts = unpack(page.block("gusu-arrays")), json.loads(page.block("gusu-texts"))
    grid = texts["grid"]
    mercator = outcome.city.residences.frame.geometry.to_crs(3857)
    x = grid["west_m"] + np.array(found["home_x"]) * grid["unit_m"]
    y = grid["south_m"] + np.array(found["home_y"]) * grid["unit_m"]
    assert np.abs(x - mercator.x).max() <= UNIT_M / 2 + 1e-6
    assert np.abs(y - mercator.y).max() <= UNIT_M / 2 + 1e-6
    assert texts["homes"]["ids"] == list(HOMES)


def test_figures_of_the_page_are_those_of_the_summary(page: Page) -> None:
    outcome, texts = make_outcome(), json.loads(page.block("gusu-texts"))
    assert texts["summary"] == json.loads(json.dumps(outcome.summary))
    # By hand: h100 to h300 reach reading and health, h400 and h500 all three, h600 play alone,
    # h700 and h800 reading and play, h900 to h1100 reading.
    reached = [2, 2, 2, 3, 3, 1, 2, 2, 1, 1, 1, 0]
    mean = sum(2**i * count for i, count in enumerate(reached)) / 4095
    assert texts["summary"]["mean_services"] == {"mean": round(mean, 4), "known": 3}


def test_the_survey_is_packed_as_it_was_measured() -> None:
    outcome = make_outcome(survey=True)
    page = Page(render_map(outcome))
    found, texts = unpack(page.block("gusu-arrays")), json.loads(page.block("gusu-texts"))
    assert found["detour_pm"] == outcome.survey.detours.ratio_pm.tolist()
    assert found["detour_beyond_pm"] == outcome.survey.detours.beyond_pm.tolist()
    assert texts["detour"] == {"near_m": 200, "far_m": 500, "cutoff_m": 2000, "edges_pm": [1300, 1500, 1800, 2500]}  # fmt: skip
    assert texts["gaps"][0] == {
        "between": "wall",
        "names": ["Wall Street", "Gate Lane"],
        "why": "",
    }
    assert found["gap_air_m"] == [50] * 12
    assert found["gap_walk_m"][:2] == [1234, 3000]
    # Services in the order of the rule: reading is covered everywhere, of culture nobody knows.
    # Play keeps the hole that can be seen and loses the speck and the hole that can not.
    assert found["bare_rings"] == [0, 1, 2, 0]
    assert found["bare_sizes"] == [5, 5, 5]


def test_uncovered_ground_is_drawn_to_a_metre_and_not_finer() -> None:
    outcome = make_outcome(survey=True)
    x = np.linspace(0, 200, 400)
    edge = np.column_stack([x, 0.4 * np.sin(x)])  # ripples of 0.4 m
    ground = shapely.Polygon([*edge, (200, 100), (0, 100)])
    layers = {"uncovered": outcome.layers["uncovered"].loc[["health"]].set_geometry([ground])}
    found = unpack(
        Page(render_map(replace(outcome, survey=replace(outcome.survey, layers=layers)))).block(
            "gusu-arrays"
        )
    )
    assert found["bare_rings"] == [0, 1, 0, 0]
    assert found["bare_sizes"] == [5]


def test_without_a_survey_the_page_knows_none(page: Page) -> None:
    found, texts = unpack(page.block("gusu-arrays")), json.loads(page.block("gusu-texts"))
    assert (texts["detour"], texts["gaps"]) == (None, [])
    assert found["detour_pm"] == []
    assert found["bare_rings"] == [0] * 4


def test_the_colours_of_detours_are_told_apart_by_lightness_alone() -> None:
    """Every kind of colour vision keeps lightness: each class is clearly darker than the last.

    Rims stand out from the ground (WCAG 2.1, 1.4.11: 3 to 1).
    """
    code = web_file("drawing/colours.js")
    colours = re.findall(r"#\w{6}", next(line for line in code.split("\n") if "DETOUR =" in line))
    light = [luminance(colour) for colour in colours]
    assert len(colours) == 5
    for lighter, darker in itertools.pairwise(light):
        assert (lighter + 0.05) / (darker + 0.05) >= 1.5
    rims = dict(re.findall(r'"(#\w{6})": "(#\w{6})"', code))
    for colour in colours:
        edge = min(luminance(rims.get(colour, "#222222")), luminance(colour))
        assert (luminance("#f7f6f2") + 0.05) / (edge + 0.05) >= 3


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_language_is_a_choice(lang: str) -> None:
    texts = json.loads(Page(render_map(make_outcome(), lang=lang)).block("gusu-texts"))
    assert texts["lang"] == lang


def test_another_language_is_refused() -> None:
    with pytest.raises(InputError, match="'zh' or 'en'"):
        render_map(make_outcome(), lang="fr")


def test_the_uncompressed_form_holds_the_same(page: Page) -> None:
    plain = Page(render_map(make_outcome(), plan=made_up_plan(), compressed=False))
    assert unpack(plain.block("gusu-arrays")) == unpack(page.block("gusu-arrays"))


def test_the_console_shows_no_share_that_is_unknown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As tile and workbook: culture has no data, so "all services" is no 0 %."""
    summary = make_outcome().summary
    for lang, words in (
        ("en", ("not known yet", "1 services without data")),
        ("zh", ("尚无法判断", "1 项功能无数据")),
    ):
        speak(lang)
        show_summary(summary, Path("out"), Path("map.html"))
        lines = capsys.readouterr().out.splitlines()
        for key in ("passed", "one_stop"):
            line = next(
                text for text in lines if text.startswith(f"{section('reading')[key][lang]} ")
            )
            assert "—" in line
            assert "%" not in line
            assert all(word in line for word in words)
        assert any(text.startswith(f"{section('reading')['passed_known'][lang]} ") and "0.6%" in text for text in lines)  # fmt: skip


def test_the_console_shows_no_guess_as_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    """12 homes, 4,095 persons whom nobody counted, of them 4,032 in assumed homes."""
    summary = make_outcome(guessed=True).summary
    for lang, assumed, mean in (("en", "assumed homes", "services in time, mean"), ("zh", "推定住处", "人均可达功能项数")):  # fmt: skip
        speak(lang)
        show_summary(summary, Path("out"), Path("map.html"))
        text = capsys.readouterr().out
        line = next(line for line in text.splitlines() if line.startswith(assumed))
        assert "98.5%" in line and "4,030" in line and "6" in line  # 4,032 / 4,095
        # 2.5 of four was wrong: culture has no data, so nobody can lack it.
        assert re.search(rf"{mean} +\d\.\d / 3", text)
        assert "4,095" not in text and "4,032" not in text
        assert re.findall(r"(?<!约 )(?<![~,\d])\d,\d{3}", text) == []


def test_the_console_shows_a_count_as_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    speak("en")
    show_summary(make_outcome().summary, Path("out"), Path("map.html"))
    text = capsys.readouterr().out
    assert "2,023 persons" in text and "~" not in text


def test_a_share_is_known_when_each_service_has_data() -> None:
    summary = make_outcome().summary
    assert undetermined(summary)
    known = [{**service, "state": "known"} for service in summary["services"]]
    assert not undetermined({**summary, "services": known, "unknown": {"persons": 2048.0}})
    assert undetermined({**summary, "services": known, "unknown": {"persons": 4095.0}})


def test_hours_are_texts_of_the_venues() -> None:
    outcome = make_outcome()
    frame = outcome.city.facilities.frame
    frame["hours"] = ["Mo-Fr 09:00-17:00", "", None, float("nan"), "24/7"]
    texts = json.loads(Page(render_map(outcome)).block("gusu-texts"))
    assert texts["venues"]["hours"] == ["Mo-Fr 09:00-17:00", "", "", "", "24/7"]


# --- texts ---------------------------------------------------------------------------------


def test_every_text_stands_in_both_languages() -> None:
    for key, pair in strings().items():
        assert set(pair) == {"zh", "en"}, key
        assert all(text.strip() for text in pair.values()), key
        slots = [sorted(re.findall(r"{(\w+)}", text)) for text in pair.values()]
        assert slots[0] == slots[1], key


def test_every_text_that_is_asked_for_exists_and_none_is_idle() -> None:
    code = "\n".join(map(web_file, (*SOURCES, "page.html", "overview.html")))
    whole = re.findall(r"""\bt\("(\w+)"|data-text="(\w+)"|strings\.(\w+)""", code)
    asked = {part for found in whole for part in found if part}
    quoted = set(re.findall(r'"(\w+)"', code))  # some are asked for by a variable
    families = re.findall(r"`(\w+_)\$\{", code)
    known = set(strings())
    assert asked <= known, asked - known
    assert families
    for family in families:
        assert [key for key in known if key.startswith(family)], family
    idle = {key for key in known - asked - quoted if not key.startswith(tuple(families))}
    assert idle == set()


def test_the_scripts_never_write_markup() -> None:
    for name in (*SOURCES, BUNDLE, OVERVIEW):
        code = web_file(name)
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "bindPopup", "bindTooltip", "new Function"):  # fmt: skip
            assert word not in code, (name, word)


# --- the figure ----------------------------------------------------------------------------


def figure(**changes: Any) -> OfflineFigure:
    parts: dict[str, Any] = {
        "lang": "en",
        "styles": (),
        "first": (),
        "scripts": (),
        "texts": {},
        "blobs": {},
    }
    return OfflineFigure(**parts | changes)


def test_an_unknown_link_is_refused() -> None:
    page = figure()
    page.add_child(folium.Map(tiles=None))  # stock: Leaflet, jQuery, Bootstrap from afar
    with pytest.raises(ValueError, match="outside link 'https://"):
        page.render()


def test_foreign_markup_in_the_head_is_refused() -> None:
    page = figure()
    page.header.add_child(folium.Element("<style>body{}</style>"), name="styles")
    with pytest.raises(ValueError, match="'styles' into the head"):
        page.render()


@pytest.mark.parametrize(
    "text", ["<script>1</script>", '<p onclick="x">', "<a href='javascript:1'>"]
)
def test_foreign_code_in_the_body_is_refused(text: str) -> None:
    page = figure()
    page.html.add_child(folium.Element(text))
    with pytest.raises(ValueError, match="body of the page must not contain"):
        page.render()


@pytest.mark.parametrize("text", ["</script>", "'<!--'", "</SCRIPT x"])
def test_a_script_cannot_end_early(text: str) -> None:
    page = figure()
    page.script.add_child(folium.Element(text))
    with pytest.raises(ValueError, match="script must not contain"):
        page.render()


def test_json_blocks_cannot_end_early() -> None:
    text = json_text({"n": "</script><!-- \u2028 𝛼 \ud800"})
    assert "<" not in text
    assert json.loads(text) == {"n": "</script><!-- \u2028 𝛼 \ud800"}
    text.encode("utf-8")
    with pytest.raises(ValueError, match="Out of range"):
        json_text({"n": float("nan")})


def test_vendored_leaflet_is_as_published() -> None:
    """The hashes are those that leafletjs.com gives for 1.9.4 (subresource integrity)."""
    published = {
        "leaflet.js": "20nQCchB9co0qIjJZRGuk2/Z9VM+kNiyxNV1lvTlZBo=",
        "leaflet.css": "p4NxAoJBhIIN+hmNHrzRCf9tD/miZyoHS5obTRR9BMY=",
    }
    for name, digest in published.items():
        data = (WEB / "assets" / name).read_bytes()
        assert base64.b64encode(hashlib.sha256(data).digest()).decode() == digest
    assert "Copyright" in (WEB / "assets" / "LICENSE-leaflet.txt").read_text()
