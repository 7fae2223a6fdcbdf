"""Debian's Firefox, driven over WebDriver BiDi: a second engine for the map."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

FIREFOX = Path("/usr/bin/firefox-esr")
PATIENCE_S = 120.0  # of a busy machine; nothing waits that long otherwise
EVENTS = ["log.entryAdded", "network.beforeRequestSent"]
PREFERENCES = {  # nothing is fetched behind the page's back
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.unified": False,
}


class Firefox:
    """One page. trouble: its errors and warnings of policy, and every address outside it asks for."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.trouble: list[str] = []
        self._numbers = count(1)
        self._send("session.new", capabilities={})
        self._send("session.subscribe", events=EVENTS)
        self.context = self._send("browsingContext.getTree")["contexts"][0]["context"]
        size = {"width": 1366, "height": 768}
        self._send("browsingContext.setViewport", context=self.context, viewport=size)

    def open(self, path: Path) -> None:
        """Go to a file and wait until it is loaded."""
        self._send(
            "browsingContext.navigate", context=self.context, url=path.as_uri(), wait="complete"
        )

    def js(self, code: str) -> Any:
        """The value of an expression, awaited; plain data only."""
        found = self._send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({code})))()",
            target={"context": self.context},
            awaitPromise=True,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"].get("value", "null"))

    def wait_for(self, condition: str) -> None:
        """Until an expression is true. Raises AssertionError: it never is."""
        again = f"(() => {{ try {{ return Boolean({condition}); }} catch {{ return false; }} }})"
        step = "setTimeout(look, 20)"
        look = (
            f"const look = () => {again}() ? done(true) : Date.now() > end ? done(false) : {step}"
        )
        end = f"const end = Date.now() + {1000 * PATIENCE_S / 2}"
        assert self.js(f"new Promise((done) => {{ {end}; {look}; look(); }})"), condition

    def press(self, name: str) -> None:
        """Click the middle of an element, by its test id."""
        box = f"document.querySelector('[data-testid={name}]').getBoundingClientRect()"
        self.click(
            *self.js(f"(({{ x, y, width, height }}) => [x + width / 2, y + height / 2])({box})")
        )

    def click(self, x: float, y: float) -> None:
        """A click with the mouse at a point of the window."""
        actions: list[dict[str, Any]] = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        self._send("input.performActions", context=self.context, actions=[mouse])

    def _send(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv(PATIENCE_S))
            if answer.get("type") == "event":
                self._hear(answer["method"], answer["params"])
            elif answer["id"] == number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def _hear(self, event: str, said: dict[str, Any]) -> None:
        if event == "log.entryAdded" and said["level"] in ("error", "warn"):
            self.trouble.append(str(said["text"]))
        if event == "network.beforeRequestSent":
            url = said["request"]["url"]
            if not url.startswith(("file:", "data:", "blob:", "about:")):
                self.trouble.append(url)


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """A running Firefox without a window; profile: an empty folder of its own."""
    lines = [f'user_pref("{key}", {json.dumps(value)});' for key, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    command = [
        FIREFOX,
        "--headless",
        "--no-remote",
        "--profile",
        profile,
        "--remote-debugging-port",
        "0",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            address = next(
                found[1]
                for line in process.stderr
                if (found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line))
            )
            with connect(f"{address}/session", max_size=None, open_timeout=PATIENCE_S) as socket:
                yield Firefox(socket)
        finally:
            process.kill()
