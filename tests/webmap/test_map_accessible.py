"""The review map for everybody: axe-core on every face of the page, contrast, and the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from outcomes import made_up_plan, make_outcome, rejudged

from gusu_geo.assessment.outcome import Outcome

pytest_plugins = ["browsing"]

WIDE, PHONE = (1280, 800), (390, 844)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Source text by the debugger's protocol: the page's own policy lets no foreign script in.
AXE = """tags => axe.run({ runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })
    .then(found => found.violations.flatMap(rule => rule.nodes.map(node =>
        `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`)))"""
# Text against the nearest solid ground behind it; what axe leaves open where things overlap.
CONTRAST = """() => {
    const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (colour) => {
        const [r, g, b] = parts(colour).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const [, , , alpha = 1] = parts(getComputedStyle(at).backgroundColor);
            if (alpha >= 0.8) return getComputedStyle(at).backgroundColor;
        }
    };
    const out = [];
    let seen = 0;
    for (const element of document.querySelectorAll('body *:not(svg, svg *, script, option)')) {
        const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        if (!own || element.closest(':disabled') || !element.checkVisibility({ visibilityProperty: true })) continue;
        const style = getComputedStyle(element), size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        const found = ratio(style.color, ground(element));
        seen += 1;
        if (found < (large ? 3 : 4.5)) out.push(`${found.toFixed(2)} ${element.outerHTML.slice(0, 120)}`);
    }
    return [seen, out];
}"""
FOCUSABLE = """() => [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
    .filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({ visibilityProperty: true }))
    .map(e => (e.dataset.focus = String(window.marks = (window.marks || 0) + 1)))"""
OPEN_ALL = (
    "document.querySelectorAll('section.shut').forEach(s => gusu.openSection(s.id.slice(0, -8)))"
)
FOCUSED = """() => {
    const style = getComputedStyle(document.activeElement);
    return [document.activeElement.dataset.focus, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2];
}"""


@pytest.fixture(scope="module")
def town() -> Outcome:
    outcome = make_outcome(survey=True, walled=True)
    outcome.city.facilities.frame["hours"] = "Mo-Fr 09:00-17:00"
    # One venue of each kind is enough here: only then does the page offer its what-if.
    pack = outcome.rule.pack
    services = tuple(replace(service, min_count=1) for service in pack.services)
    rule = replace(outcome.rule, pack=replace(pack, services=services))
    return rejudged(outcome, verdict=replace(outcome.verdict, rule=rule))


def faces(page: Any, *, phone: bool) -> dict[str, Callable[[], None]]:
    """Every face of the page, each reached from the one before."""

    def card(home: str) -> None:
        page.js(f"gusu.openCard('{home}')")

    def colour(key: int) -> None:
        page.js("gusu.closeCard()")
        page.js(f"gusu.colourBy({key})")

    def tool(name: str) -> None:
        page.js("gusu.closeCard()")
        page.test(f"tool-{name}").click()

    def changed(change: str) -> None:
        page.test("tool-venue").click()
        page.js(f"gusu.change({{ changes: [{change}] }})")
        assert page.test("changes").is_visible()

    def tip() -> None:
        box, spot = page.page.locator("#map_gusu").bounding_box(), page.js("gusu.pixelOf('h300')")
        page.page.mouse.move(box["x"] + spot["x"], box["y"] + spot["y"])
        page.test("tip").wait_for(state="visible")

    def hand() -> None:
        page.test("search").fill("h1")
        page.js("gusu.showView('no view')")
        page.js(
            "gusu.notes.push([{ text: 'a bench', at: [120.6, 31.3] }]); gusu.act.goToComment(0)"
        )
        page.test("comment-text").fill("138 0013 8000")
        page.test("comment-keep").press("Enter")
        assert all(page.test(name).is_visible() for name in ("view-trouble", "comment-trouble"))

    def unfold() -> None:
        page.test("foot-short").click()
        page.js("void (document.getElementById('legend').open = true)")

    found: dict[str, Callable[[], None]] = {
        "sections closed": lambda: None,
        "sections open": lambda: page.js(OPEN_ALL),
        "zh": lambda: page.js("gusu.setLang('zh')"),
        "en": lambda: page.js("gusu.setLang('en')"),
        "card": lambda: card("h600"),
        "card of a home that is not linked": lambda: card("far"),
        "detours": lambda: colour(-2),
        "uncovered ground": lambda: colour(1),
        "a venue": lambda: page.js("gusu.act.openVenue(2)"),
        "a site": lambda: page.js("gusu.act.openSite(1)"),
        "a tool in hand": lambda: tool("venue"),
        "what if": lambda: changed("{ do: 'close_venue', venue: 'v-health' }"),
    }
    if phone:
        found["footer and legend open"] = unfold
    else:
        found["tip"] = tip
    found["a search, a view, a comment"] = hand
    found["panel away"] = lambda: page.test("toggle").click()
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_face_of_the_page_shuts_anybody_out(
    visit: Any, town: Outcome, size: tuple[int, int], scheme: str
) -> None:
    page = visit(town, plan=made_up_plan(), size=size)
    page.page.emulate_media(color_scheme=scheme)
    page.js(AXE_SCRIPT)
    for face, show in faces(page, phone=size == PHONE).items():
        show()
        if scheme == "light":  # the dark scheme changes colours alone: contrast is measured below
            assert page.page.evaluate(AXE, TAGS) == [], face
        seen, faint = page.js(CONTRAST)
        assert faint == [], face
        assert seen >= 12, face


def test_axe_and_the_measure_of_contrast_do_find_faults(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    page.js(AXE_SCRIPT)
    page.js(
        "void (document.getElementById('colour').previousSibling.remove(),"
        " document.getElementById('subtitle').style.color = '#999')"
    )
    found = page.page.evaluate(AXE, TAGS)
    assert any(text.startswith("select-name: #colour") for text in found)
    assert any("#subtitle" in text for text in found if text.startswith("color-contrast"))
    assert any('id="subtitle"' in text for text in page.js(CONTRAST)[1])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_controls_and_the_focus_stand_out(visit: Any, town: Outcome, scheme: str) -> None:
    """WCAG 2.1, 1.4.11: three to one against the paper or the map."""
    page = visit(town, plan=made_up_plan())
    page.page.emulate_media(color_scheme=scheme)
    value = "name => getComputedStyle(document.documentElement).getPropertyValue(name)"
    for mark, ground in (
        ("--edge", "--paper"),
        ("--focus", "--paper"),
        ("--accent", "--paper"),
        ("--focus", "--foot"),
        ("--map-focus", "--ground"),
        ("--fill", "--tile"),
    ):
        pair = [page.page.evaluate(value, name) for name in (mark, ground)]
        assert ratio(*pair) >= 3, (mark, ground, pair)


def ratio(one: str, other: str) -> float:
    """As WCAG 2.1 defines contrast; colours are #rrggbb or #rgb."""
    lights = sorted(luminance(colour.strip()) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_tab_key_reaches_everything_and_shows_where_it_is(
    visit: Any, town: Outcome, size: tuple[int, int]
) -> None:
    page = visit(town, plan=made_up_plan(), size=size, lang="en")
    page.js(OPEN_ALL)
    page.js("gusu.openCard('h600')")
    wanted = page.js(FOCUSABLE)
    assert len(wanted) > 60
    page.js("document.activeElement.blur()")
    reached = []
    for _ in range(len(wanted) + 5):
        page.page.keyboard.press("Tab")
        mark, outlined = page.js(FOCUSED)
        if mark is not None:
            assert outlined, mark
            reached.append(mark)
    assert set(reached) == set(wanted)


def test_with_the_panel_away_the_tab_key_does_not_enter_it(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    page.test("toggle").press("Enter")
    assert page.test("toggle").get_attribute("aria-expanded") == "false"
    inside = "document.getElementById('panel').contains(document.activeElement)"
    for _ in range(12):
        page.page.keyboard.press("Tab")
        assert not page.js(inside)


def test_the_map_moves_and_zooms_by_keyboard(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan())
    page.page.locator("#map_gusu").focus()
    zoom, centre = page.js("map_gusu.getZoom()"), page.js("map_gusu.getCenter().lng")
    moved = (
        "void (window.done = new Promise(then => {{ map_gusu.once('{}', () => then(true));"
        " setTimeout(() => then(false), 5000); }}))"
    )
    page.js(moved.format("zoomend"))
    page.page.keyboard.press("+")
    assert page.js("window.done")
    assert page.js("map_gusu.getZoom()") > zoom
    page.js(moved.format("moveend"))
    page.page.keyboard.press("ArrowRight")
    assert page.js("window.done")
    assert page.js("map_gusu.getCenter().lng") > centre


def test_everything_in_the_panel_works_without_a_mouse(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    page.test("service-1").press("Enter")
    assert page.test("service-1").get_attribute("aria-pressed") == "true"
    assert page.js("document.activeElement.dataset.testid") == "service-1"
    page.test("colour").focus()
    page.page.keyboard.press("ArrowDown")
    assert page.js("document.activeElement.dataset.testid") == "colour"
    assert page.test("service-2").get_attribute("aria-pressed") == "true"
    page.test("layer-homes").press("Space")
    assert not page.test("layer-homes").is_checked()
    page.test("sort-persons").press("Enter")
    assert page.page.locator("th[aria-sort=ascending]").inner_text().startswith("Persons")
    page.test("language").press("Enter")
    assert page.js("document.documentElement.lang") == "zh-CN"
    page.page.locator("#legend summary").press("Enter")
    assert not page.test("colour").is_visible()


def test_the_way_is_drawn_from_the_card_by_keyboard(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    page.js("gusu.openCard('h600')")
    before = page.picture()
    way = page.test("way-0")
    way.press("Enter")
    assert way.get_attribute("aria-pressed") == "true"
    assert page.js("document.activeElement.dataset.testid") == "way-0"
    page.test("way-1").press("Space")
    assert [page.test(f"way-{k}").get_attribute("aria-pressed") for k in (0, 1)] == ["false", "true"]  # fmt: skip
    page.test("way-1").press("Space")
    assert page.test("way-1").get_attribute("aria-pressed") == "false"
    assert page.picture() != before  # the map went along with the way
    assert page.test("way-3").count() == 0  # of culture nobody knows a venue
    page.js("gusu.openCard('far')")
    assert page.test("way-0").count() == 0


def test_a_venue_is_placed_moved_and_dropped_by_keyboard(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    page.test("tool-venue").press("Enter")
    assert page.js("document.activeElement.dataset.testid") == "tool-venue"
    assert page.test("tool-hint").inner_text()
    page.page.locator("#map_gusu").focus()
    assert page.page.locator("#aim").is_visible()  # the middle of the map is the pointer
    page.page.keyboard.press("Enter")
    places = "gusu.lab.history.now.changes.map(change => change.at)"
    [first] = page.js(places)
    page.page.keyboard.press("Escape")
    page.test("nudge-0").focus()
    assert page.page.locator("#aim").is_hidden()
    for _ in range(3):
        page.page.keyboard.press("ArrowRight")
    assert page.js("document.activeElement.dataset.testid") == "nudge-0"
    [second] = page.js(places)
    assert second[0] > first[0]
    page.test("drop-0").press("Enter")
    assert page.js(places) == []
    page.test("undo").press("Enter")
    assert page.js(places) == [second]
    assert page.js("document.activeElement.dataset.testid") == "undo"


def test_the_cross_in_the_middle_is_for_keys_alone(visit: Any, town: Outcome) -> None:
    page = visit(town, plan=made_up_plan(), lang="en")
    box, cross = page.page.locator("#map_gusu").bounding_box(), page.page.locator("#aim")
    page.page.mouse.move(box["x"] + 500, box["y"] + 300)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 600, box["y"] + 350, steps=4)
    page.page.mouse.up()
    assert page.js("document.activeElement.id") == "map_gusu"
    assert cross.is_hidden()
    page.page.keyboard.press("ArrowRight")
    assert cross.is_visible()
