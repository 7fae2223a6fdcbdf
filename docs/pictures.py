"""Makes the pictures of the map in the READMEs, in shuixiang.md and in those of the district's own
ledgers, and puts the numbers on them.

    python docs/pictures.py [FOLDER]        FOLDER: where maps/ is, default the root

Run the studies monaco and shuixiang there first (no plan of ``site``). Needs the tests' browser.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium-headless-shell"
ROOT = Path(__file__).resolve().parent.parent
SCREEN = {"width": 1366, "height": 768}
MAP = {"x": 410, "y": 0, "width": 956, "height": 690}  # the screen without panel and foot
HALF = 128  # colours: so many of the commonest as they are, as many for all others

NUMBER = """([text, left, top]) => {
    const mark = document.createElement("div");
    mark.textContent = text;
    Object.assign(mark.style, { position: "fixed", left: `${left}px`, top: `${top}px`,
        width: "30px", height: "30px", borderRadius: "50%", background: "#b5006e", color: "#fff",
        font: "bold 18px/30px sans-serif", textAlign: "center", zIndex: 9999,
        boxShadow: "0 0 0 3px #fff, 0 1px 6px 3px #0006" });
    document.body.append(mark);
}"""
TOP = "(id) => document.getElementById(id).closest('section').getBoundingClientRect().top"
# The card of a home, and the way to what it misses by the least.
CARD = """(wanted) => {
    const { model, act } = gusu, r = model.texts.homes.names.indexOf(wanted);
    const late = [...Array(model.services).keys()].map((k) => [model.cell(r, k).over_cs, k])
        .filter(([over]) => over > 0).sort((a, b) => a[0] - b[0]);
    document.getElementById("legend").open = false;
    act.hexagons(false);
    act.openHome(r);
    act.showWay(late[0][1]);
}"""

# What the district's own ledgers say, on the map: its zones, homes without room, a zone's card.
DISTRICT = {
    "signals": "gusu.act.show('signals', true)",
    "capacity": """() => {
        const { services } = gusu.model.texts.summary;
        gusu.act.colourBy(services.findIndex((each) => each.id === "health"));
        gusu.act.show("full", true);
    }""",
    "pairing": """() => {
        const at = gusu.model.texts.zones.findIndex((each) => each.id === "990100001006");
        gusu.act.show("signals", true);
        gusu.act.openZone(at);
        document.getElementById("card").scrollTop = 1e6;
    }""",
}
# A section of the panel, opened, as a part of the screen.
SECTION = """(id) => {
    const section = document.getElementById(id);
    section.classList.remove("shut");
    section.scrollIntoView();
    const { left, top, width, height } = section.getBoundingClientRect();
    const y = Math.max(top, 0);
    return { x: left, y, width, height: Math.min(height, innerHeight - y - 40) };
}"""


def main(folder: Path) -> None:
    """All pictures, from the maps of ``folder``."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(viewport=SCREEN, offline=True).new_page()
        for lang in ("zh", "en"):
            visit(page, folder / "maps" / "monaco.html", lang)
            number(page, "1", 1290, 60)
            number(page, "2", 185, page.evaluate(TOP, "coverage") + 8)
            number(page, "4", 366, page.evaluate(TOP, "plan") + 4)
            number(page, "4", 1032, 209)
            keep(page, f"map-{lang}.png")
        for lang, study, home in (
            ("zh", "shuixiang", "金色水岸 13"),
            ("en", "monaco", "Château Périgord"),
        ):
            visit(page, folder / "maps" / f"{study}.html", lang)
            page.evaluate(CARD, home)
            number(page, "3", 958, 28)
            keep(page, f"why-{lang}.png", MAP)
        visit(page, folder / "maps" / "shuixiang.html", "zh")
        page.evaluate("gusu.act.show('barriers', true)")
        keep(page, "shuixiang.png")
        for name, shown in DISTRICT.items():
            visit(page, folder / "maps" / "shuixiang.html", "zh")
            page.evaluate(shown)
            keep(page, f"{name}.png", MAP)
        visit(page, folder / "maps" / "shuixiang.html", "zh")
        keep(page, "complaints.png", page.evaluate(SECTION, "complaints-section"))
        browser.close()


def visit(page: Any, file: Path, lang: str) -> None:
    """Open a map in a language; the numbers of an earlier picture are gone with its page."""
    page.goto(file.resolve().as_uri())
    page.wait_for_function("globalThis.gusu?.ready")
    page.evaluate("(lang) => gusu.setLang(lang)", lang)


def number(page: Any, text: str, left: float, top: float) -> None:
    """Put a number on the page, in pixels from its corner."""
    page.evaluate(NUMBER, [text, left, top])


def keep(page: Any, name: str, clip: dict[str, int] | None = None) -> None:
    """Write what is seen as a PNG of few colours."""
    page.wait_for_timeout(1500)
    shot = Image.open(BytesIO(page.screenshot(clip=clip))).convert("RGB")
    few(shot).save(ROOT / "docs" / name, optimize=True)


def few(shot: Image.Image) -> Image.Image:
    """The picture in 256 colours, a third of the bytes; flat grounds and symbols keep theirs."""
    counts = sorted(shot.getcolors(shot.width * shot.height) or [], reverse=True)
    common = [part for _, colour in counts[:HALF] for part in colour]
    rare = [colour for _, colour in counts[HALF:]]
    rest = Image.new("RGB", (len(rare), 1))
    rest.putdata(rare)
    others = (rest.quantize(HALF, dither=Image.Dither.NONE).getpalette() or [])[: 3 * HALF]
    palette = Image.new("P", (1, 1))
    palette.putpalette(common + others)
    return shot.quantize(palette=palette, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
