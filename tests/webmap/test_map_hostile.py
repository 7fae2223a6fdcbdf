"""What hostile texts can not do on the review map: every text that reaches the page, every payload.

Each page is spoiled as a whole: all its texts end in the payload, and every face that shows one is
opened. Dialogs, requests, messages and errors are failures (``browsing.Visit``).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from map_towns import entries, one_of_each, spoiled
from outcomes import made_up_plan, make_outcome, rejudged

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.webmap import render as map_module
from gusu_geo.report.webmap.content import texts_of

pytest_plugins = ["browsing"]

RUN = "globalThis.ran=1"
PAYLOADS = {
    "script": f"<script>{RUN};alert(1)</script>",
    "end": f"</script ><script>{RUN};alert(2)</script>",
    "image": f"<img src=x onerror={RUN};alert(3)>",
    "template": f"${{{RUN}}}${{alert(4)}}",
    "jinja": "{{7*7}}{% raw %}{% for a in b %}{# c #}",
    "ticks": f"`+({RUN})+`\\",
    "formula": "=cmd|' /C calc'!A0",
    "quotes": f"\"'><svg onload={RUN};alert(6)>",
    "slots": "{count}{name}$&$1$`%s",
    "comment": "<!--<style>*{display:none}",
    "entity": "&lt;img&amp;&#60;b&#62;",
    "right to left": "\u202eقصر\u202c\u200f",
    "emoji": "👩‍👩‍👧‍👦🏙️",
    "long": "长" * 1365,
    "broken": "\u2028\u2029\x00\x07\ufffe",
    "half a pair": "\ud800",
    "key": "__proto__",
}
# All own texts of the page as people see or hear them, kept from face to face.
HEAR = """() => {
    window.heard ||= '';
    for (const element of document.querySelectorAll('title, body, body *:not(script)')) {
        for (const node of element.childNodes) if (node.nodeType === 3) window.heard += node.data + '\\n';
        for (const key of ['title', 'aria-label']) window.heard += (element.getAttribute(key) || '') + '\\n';
    }
}"""
SHOWN = "texts => JSON.parse(texts).map(text => window.heard.includes(text))"
# Places of texts that some face must show; every other place is filled all the same.
MUST_SHOW = {
    "gaps.names", "homes.ids", "sources.en", "sources.zh", "homes.names", "profile.en", "profile.zh", "sites.id", "sites.name",
    "summary.data.licence", "summary.data.persons.method.en", "summary.data.persons.method.zh",
    "summary.data.persons.source", "summary.notes.en", "summary.notes.zh",
    "summary.report.review_number", "summary.rule.note.en", "summary.rule.note.zh",
    "summary.rule.pack", "summary.rule.source", "summary.rule.title.en", "summary.rule.title.zh",
    "summary.rule.version", "summary.services.en", "summary.services.id", "summary.services.zh",
    "summary.title.en", "summary.title.zh", "summary.version", "summary.walk.model.en",
    "labels.names", "summary.walk.model.zh", "summary.zones.id", "summary.zones.level", "summary.zones.name",
    "summary.zones.name_en", "summary.zones.name_zh", "venues.hours", "venues.ids",
    "venues.names", "walks.en", "walks.zh",
}  # fmt: skip


def town(payload: str) -> Outcome:
    """Hostile before the page is made as well, should a name go another way than the texts."""
    outcome = one_of_each(make_outcome(_whole(payload), survey=True))
    net = outcome.network
    named = replace(net, name=np.full(net.edges, f"High street{_whole(payload)}", object))
    outcome = rejudged(outcome, network=named)
    zones = outcome.summary["zones"]
    # Where a name is missing its id stands for it; one zone has one name in both languages.
    zones[0] |= {"name_zh": "", "name_en": ""}
    zones[1] |= {"name": "", "name_zh": "", "name_en": ""}
    zones.append({**zones[0], "level": "block", "id": "b"})
    zones.append({**zones[1], "name_zh": "东", "name_en": "east", "id": "n"})
    return outcome


def _whole(payload: str) -> str:
    """The payload, or nothing where no file could hold it."""
    return payload if payload.encode("utf-8", "ignore").decode() == payload else ""


def spoil(monkeypatch: pytest.MonkeyPatch, payload: str) -> dict[str, Any]:
    """From now on pages hold hostile texts; those of the last page are in the dict."""
    held: dict[str, Any] = {}

    def texts(*parts: Any) -> dict[str, Any]:
        found = texts_of(*parts)
        homes, venues, sites = found["homes"], found["venues"], found["sites"]
        homes["names"][4] = venues["names"][1] = sites[1]["name"] = ""
        services = [dict(service) for service in found["summary"]["services"]]
        services[2] |= {"zh": "", "en": ""}
        found["summary"] = found["summary"] | {"services": services}
        venues["hours"] = ["Mo-Fr 09:00-17:00"] * len(venues["ids"])
        found["summary"]["report"] = found["summary"]["report"] | {"review_number": "GS(2025)1"}
        found["summary"]["rule"] = found["summary"]["rule"] | {"source": "a decree"}
        held.update(spoiled(found, payload))
        return held

    monkeypatch.setattr(map_module, "texts_of", texts)
    return held


def walk_through(page: Any, payload: str) -> None:
    """Opens every face that shows a text of the data."""
    for lang in ("zh", "en"):
        page.js(f"gusu.setLang('{lang}')")
        page.js(HEAR)
    for show in ("openHome(5)", "openHome(4)", "openHome(11)", "openVenue(0)", "openVenue(1)"):
        page.js(f"gusu.act.{show}")
        page.js(HEAR)
    page.js("gusu.closeCard()")
    for key in (-2, 1):
        page.js(f"gusu.colourBy({key})")
    page.test("venues-all").click()
    page.test("tool-venue").click()
    page.js(
        "gusu.change({ changes: [{ do: 'close_venue', venue: gusu.model.texts.venues.ids[0] },"
        " { do: 'add_venue', id: gusu.model.texts.study + 'new', name: gusu.model.texts.homes.names[0],"
        " services: [gusu.model.texts.summary.services[0].id], on: [0, 0], at: [0, 0] }] })"
    )
    page.js(HEAR)
    page.test("undo").click()
    page.page.evaluate(
        "text => { gusu.notes.push([{ text, by: text, when: text, at: [120.6, 31.3] }]); gusu.act.goToComment(0); }",
        _whole(payload)[:20] or "x",
    )
    page.js(HEAR)
    for query in ("High", "h500"):
        page.test("search").fill(query)
        assert page.test("found").locator("[role=option]").count() > 0
        page.js(HEAR)
    box, spot = page.page.locator("#map_gusu").bounding_box(), page.js("gusu.pixelOf(gusu.model.texts.homes.ids[4])")  # fmt: skip
    page.page.mouse.move(box["x"] + spot["x"], box["y"] + spot["y"])
    page.page.evaluate(
        "text => gusu.load(JSON.stringify({ schema: JSON.parse(text) }))", json.dumps(payload)
    )
    page.js(HEAR)
    page.test("search").fill("h500")
    assert page.text("search-count").startswith("1 of 1")


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_hostile_text_is_only_text(
    visit: Any, payload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = spoil(monkeypatch, payload)
    page = visit(town(payload), plan=made_up_plan(_whole(payload)), lang="en")
    walk_through(page, payload)
    assert page.js("globalThis.ran === undefined")
    foreign = "document.querySelectorAll('body :is(img, iframe, object, embed, link, style, base, form, [onload], [onerror])').length"
    assert page.js(foreign) == 0
    # Two blocks, the guard, Leaflet, ours, folium's.
    assert page.js("document.scripts.length") == 6
    assert page.js("document.documentElement.scrollWidth <= innerWidth")
    found = list(entries(held))
    heard = page.page.evaluate(SHOWN, json.dumps([text for _, text in found]))
    shown = {place for (place, _), told in zip(found, heard, strict=True) if told}
    assert shown >= MUST_SHOW, MUST_SHOW - shown
    assert page.page.evaluate(SHOWN, json.dumps([payload[:40]])) == [True]


def test_every_text_of_the_page_is_spoiled() -> None:
    """None escapes the matrix but the words of our own code."""
    assert len(MUST_SHOW) >= 18
    texts = {
        "lang": "en",
        "deep": [{"state": "fail", "name": "a"}, ("b", "")],
        "missing": {"s": 1.0},
        "n": 3,
    }
    assert spoiled(texts, "!") == {
        "lang": "en",
        "deep": [{"state": "fail", "name": "a!"}, ["b!", ""]],
        "missing": {"s!": 1.0},
        "n": 3,
    }
    assert sorted(entries(spoiled(texts, "!"))) == [("deep", "b!"), ("deep.name", "a!")]
