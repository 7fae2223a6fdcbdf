"""Pages in a real browser, offline: whatever one asks for from outside or complains of is a failure."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright import sync_api

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.webmap.render import render_map
from gusu_geo.words import language

CHROMIUM = Path("/usr/bin/chromium-headless-shell")  # half the work of a whole Chromium
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
LOCAL = ("file:", "data:", "blob:")
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
COUNT = """([red, green, blue]) => {
    const canvas = document.querySelector('#map_gusu canvas');
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
        count += data[i] === red && data[i + 1] === green && data[i + 2] === blue;
    }
    return count;
}"""


OPEN = """(name) => {
    const part = document.querySelector(`[data-testid="${name}"]`)?.closest('section.shut');
    if (part) gusu.openSection(part.id.replace('-section', ''));
}"""


@dataclass
class Visit:
    """A page with everything it complained about or asked for."""

    page: Any
    trouble: list[str] = field(default_factory=list)

    def test(self, name: str) -> Any:
        """The element; the section of the panel that holds it is opened."""
        self.page.evaluate(OPEN, name)
        return self.page.get_by_test_id(name)

    def text(self, name: str) -> str:
        return str(self.test(name).inner_text())

    def js(self, code: str) -> Any:
        return self.page.evaluate(code)

    def pixels(self, colour: str) -> int:
        """How many pixels of the map have exactly this colour, e.g. "#2c7bb6", once painted."""
        self.js(PAINTED)
        wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        return int(self.page.evaluate(COUNT, wanted))

    def picture(self) -> str:
        """The whole map as a data address, once painted."""
        self.js(PAINTED)
        return str(self.js("document.querySelector('#map_gusu canvas').toDataURL()"))


@contextmanager
def launched() -> Iterator[Any]:
    """The browser."""
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def browser(chromium: Any) -> Any:
    return chromium


_pages: dict[bytes, str] = {}
_shown: list[Outcome] = []


def _page(outcome: Outcome, options: dict[str, Any]) -> str:
    """The page of an outcome, drawn once for tests that show the same one after the other. Who
    draws pages otherwise (patched) shows an outcome of its own."""
    if not (_shown and _shown[0] is outcome):
        _shown[:] = [outcome]
        _pages.clear()
    key = pickle.dumps((language(), options))
    if key not in _pages:
        _pages[key] = render_map(outcome, **options)
    return _pages[key]


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Any]:
    contexts = []
    visits = []

    def open_map(
        shown: Outcome | Path,
        *,
        size: tuple[int, int] = (1280, 800),
        touch: bool = False,
        before: str = "",
        ready: str = "html[data-ready]",
        **options: Any,
    ) -> Visit:
        """before: script that runs before those of the page; ready: what to wait for."""
        path = shown if isinstance(shown, Path) else tmp_path / "map.html"
        if isinstance(shown, Outcome):
            path.write_text(_page(shown, options), encoding="utf-8")
        width, height = size
        context = browser.new_context(
            offline=True, viewport={"width": width, "height": height}, has_touch=touch
        )
        contexts.append(context)
        seen = Visit(context.new_page())
        visits.append(seen)

        def pass_local(route: Any) -> None:
            if route.request.url.startswith(LOCAL):
                route.continue_()
            else:
                seen.trouble.append(f"request {route.request.url}")
                route.abort()

        def dismiss(dialog: Any) -> None:
            seen.trouble.append(f"dialog {dialog.message}")
            dialog.dismiss()

        context.route("**/*", pass_local)
        seen.page.on("console", lambda said: seen.trouble.append(f"{said.type} {said.text}"))
        seen.page.on("pageerror", lambda error: seen.trouble.append(f"error {error}"))
        seen.page.on("dialog", dismiss)
        if before:
            seen.page.add_init_script(before)
        seen.page.goto(path.as_uri())
        # A selector: the page forbids the eval that wait_for_function needs.
        seen.page.wait_for_selector(ready)
        return seen

    yield open_map
    for context in contexts:
        context.close()
    for seen in visits:
        assert seen.trouble == []
