"""A folium figure as one file: it loads nothing from outside, and no script runs but its own.

Folium and its plugins may register links; each must be listed here and is replaced by package data.
Any other link raises: on an intranet it would leave the map blank.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from importlib import resources
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink

LEAFLET_JS = "gusu:leaflet.js"
LEAFLET_CSS = "gusu:leaflet.css"
_KNOWN = {LEAFLET_JS: "assets/leaflet.js", LEAFLET_CSS: "assets/leaflet.css"}
_POLICY = (
    "default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
    "img-src data: blob:{images}; font-src data:; "
    "connect-src 'none'; base-uri 'none'; form-action 'none'"
)


class OfflineFigure(Figure):
    """A page of one file.

    lang: "zh" or "en". styles, first, scripts: names of files in ``page/``, in order; ``first``
    runs before Leaflet, ``scripts`` after it. texts: JSON blocks by element id, the only way in
    for names of the data. blobs: base64 blocks by element id. images: hosts that pictures may come
    from, none for a file that asks the network for nothing.
    """

    def __init__(
        self,
        *,
        lang: str,
        styles: tuple[str, ...],
        first: tuple[str, ...],
        scripts: tuple[str, ...],
        texts: dict[str, Any],
        blobs: dict[str, str],
        images: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.lang = {"zh": "zh-CN"}.get(lang, lang)
        self.styles, self.first, self.scripts = styles, first, scripts
        self.texts, self.blobs = texts, blobs
        self.images = images

    def render(self, **kwargs: Any) -> str:
        """The whole page. Raises ValueError: a link or a script that is not known."""
        for child in self._children.values():
            child.render(**kwargs)
        links = self._links()
        css = [*links["css"], *map(web_file, self.styles)]
        code = [
            *map(web_file, self.first),
            *links["js"],
            *map(web_file, self.scripts),
            self.script.render(**kwargs),
        ]
        body, policy = self.html.render(**kwargs), _policy(code, self.images)
        _refuse(r"<script|\son\w+\s*=|javascript:", body, "the body of the page")
        blocks = [
            *(_block(key, "application/json", json_text(self.texts[key])) for key in self.texts),
            *(_block(key, "application/octet-stream", self.blobs[key]) for key in self.blobs),
        ]
        return "\n".join(
            [
                "<!DOCTYPE html>",
                f'<html lang="{self.lang}">',
                "<head>",
                '<meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                "<title>gusu_geo</title>",
                *(f"<style>{_style(text)}</style>" for text in css),
                "</head>",
                "<body>",
                body.strip(),
                *blocks,
                *(f"<script>{text}</script>" for text in code),
                "</body>",
                "</html>",
                "",
            ]
        )

    def _links(self) -> dict[str, list[str]]:
        """Code of every registered link by kind, in order; other header parts are refused."""
        found: dict[str, list[str]] = {"js": [], "css": []}
        own = {"meta_http", *(child.get_name() for child in self._children.values())}
        for name, part in self.header._children.items():
            if isinstance(part, (JavascriptLink, CssLink)):
                if part.url not in _KNOWN:
                    raise ValueError(f"a map element asks for the outside link {part.url!r}")
                kind = "js" if isinstance(part, JavascriptLink) else "css"
                found[kind].append(_without_source_map(web_file(_KNOWN[part.url])))
            elif name not in own:
                # The map's own header is left out on purpose: it forbids zooming on phones.
                raise ValueError(f"a map element puts {name!r} into the head of the page")
        return found


@cache
def web_file(name: str) -> str:
    """The text of a file of the page."""
    return (resources.files(__package__) / "page" / name).read_text(encoding="utf-8")


def _without_source_map(text: str) -> str:
    """Vendored code without the last line that makes developer tools ask for another file."""
    return re.sub(r"\n//# sourceMappingURL=\S+\s*\Z", "\n", text)


def json_text(value: Any) -> str:
    """JSON that cannot end its script block. Raises ValueError: a number that is not finite."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace(">", "\\u003e")
    # Half a surrogate pair is no UTF-8; its backslash form is valid JSON.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _block(key: str, kind: str, text: str) -> str:
    return f'<script type="{kind}" id="{key}">{text}</script>'


def _policy(code: list[str], images: tuple[str, ...]) -> str:
    """The Content-Security-Policy that lets exactly these scripts run."""
    hashes = []
    for text in code:
        _refuse(r"</script|<!--|\r", text, "a script")
        digest = hashlib.sha256(text.encode("utf-8")).digest()
        hashes.append(f"'sha256-{base64.b64encode(digest).decode('ascii')}'")
    more = "".join(f" {host}" for host in images)
    return _POLICY.format(hashes=" ".join(hashes), images=more)


def _style(text: str) -> str:
    """CSS without its picture files, which no part of the page uses."""
    text = re.sub(r"url\((?:images/|#)[^)]*\)", "none", text)
    _refuse(r"</style|@import|url\((?!data:)", text, "a style sheet")
    return text


def _refuse(pattern: str, text: str, where: str) -> None:
    hit = re.search(pattern, text, re.IGNORECASE)
    if hit:
        raise ValueError(f"{where} must not contain {hit.group()!r}")


def fixed_id(element: Element, name: str) -> None:
    """Give an element an id that does not change from run to run."""
    element._id = name
