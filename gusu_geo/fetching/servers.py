"""Asks Overpass servers until one gives a whole answer: waits, tries again, goes to the next.

``requests`` does HTTP; what Overpass means by its codes and by what it writes is decided here. One
request at a time; nothing is read from the environment, so an option says all that matters.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import requests

from gusu_geo.errors import InputError, SourceError
from gusu_geo.fetching.answers import PART_BYTES, NoAnswerError, keep
from gusu_geo.words import Text, text

ENDPOINT = "https://overpass-api.de/api/interpreter"
MIRRORS = (
    "https://overpass.private.coffee/api/interpreter",
    "https://maps.mail.ru/osm/tools/overpass/api/interpreter",
)
# Lines of the page api/status.
_SLOT = re.compile(r"^Slot available after: \S+, in (\d+) seconds?\.", re.MULTILINE)
_ROOM = re.compile(r"^[1-9]\d* slots? available now\.", re.MULTILINE)
CONNECT_S = 20.0
GRACE_S = 30.0  # beyond the time that the server has for a question, before it counts as silent
AGENT = "gusu-geo/{version} (15-minute service circles; one area at a time)"

Tell = Callable[[Text], None]


@dataclass(frozen=True)
class Patience:
    """How often each server is asked the same, and the waits between: ``first_s``, then twice as
    long each time, up to ``most_s``, which also limits what a server may ask for."""

    tries: int = 6
    first_s: float = 5.0
    most_s: float = 900.0
    sleep: Callable[[float], None] = time.sleep

    def wait_s(self, failures: int) -> float:
        """Seconds after so many failures of one server."""
        return min(self.first_s * 2.0 ** (failures - 1), self.most_s)


@dataclass(frozen=True)
class Asking:
    """Where and how to ask: the server and its mirrors, seconds that it has for one question, a
    proxy (None: none, whatever the environment says), the size of a tile."""

    endpoint: str = ENDPOINT
    mirrors: tuple[str, ...] = MIRRORS
    timeout_s: int = 180
    proxy: str | None = None
    tile_km: float = 5.0
    patience: Patience = field(default_factory=Patience)

    def checked(self) -> Asking:
        """Itself. Raises InputError: an address that cannot be one."""
        options = [("--endpoint", self.endpoint), *(("--mirror", each) for each in self.mirrors)]
        for option, address in (*options, *([("--proxy", self.proxy)] if self.proxy else [])):
            if not _is_address(address):
                raise InputError(text("error.no_address", option=option), got=shown(address))
        return self


def asking_of(
    endpoint: str | None,
    mirrors: Sequence[str],
    proxy: str | None,
    *,
    timeout_s: int,
    tile_km: float,
) -> Asking:
    """How to ask with these options. The usual mirrors belong to the usual endpoint: who names a
    server of their own has no question sent elsewhere."""
    usual = MIRRORS if endpoint is None else ()
    return Asking(
        endpoint=endpoint or ENDPOINT,
        mirrors=tuple(mirrors) or usual,
        proxy=proxy,
        timeout_s=timeout_s,
        tile_km=tile_km,
    )


class _Then(Enum):
    """What to do after a failed try."""

    WAIT = auto()  # ask the same server again
    OTHER = auto()  # ask another one, if there is one
    DROP = auto()  # ask this one no more, unless it is the last
    GIVE_UP = auto()  # ask this one no more, and fail if it is the last


class _Refused(NoAnswerError):
    """A failed try; wait_s: seconds that the server asks for."""

    def __init__(self, why: Text, then: _Then, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.then, self.wait_s = then, wait_s


class Servers:
    """The servers that still answer, in the order in which they are asked."""

    def __init__(self, asking: Asking, tell: Tell) -> None:
        self.asking, self.tell = asking, tell
        self.addresses = list(dict.fromkeys((asking.endpoint, *asking.mirrors)))
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update({"User-Agent": AGENT.format(version=version("gusu-geo"))})
        if asking.proxy:
            self.session.proxies = {"http": asking.proxy, "https": asking.proxy}

    def ask(self, query: str, path: Path) -> str:
        """Write a whole answer to ``path``; returns the date of its data.

        Raises SourceError: no server gave one, however often it was asked.
        """
        failures: Counter[str] = Counter()
        patience, server = self.asking.patience, self.addresses[0]
        while True:
            try:
                return self._once(server, query, path)
            except _Refused as refused:
                fault = refused
            except NoAnswerError as broken:
                fault = _Refused(broken.why, _Then.OTHER)
            failures[server] += 1
            if fault.then is _Then.WAIT and fault.wait_s is None:
                fault.wait_s = self._slot_s(server)
            self._leave(server, fault)
            if all(failures[each] >= patience.tries for each in self.addresses):
                raise _no_answer(server, fault)
            following, wait_s = self._following(server, fault, failures)
            then = text("fetch.again" if following == server else "fetch.next")
            if wait_s:
                then = text("fetch.wait", seconds=math.ceil(wait_s))
            self.tell(text("fetch.failed", server=shown(server), why=fault.why, then=then))
            if wait_s:
                patience.sleep(wait_s)
            server = following

    def _following(self, server: str, fault: _Refused, failures: Counter[str]) -> tuple[str, float]:
        """Whom to ask next, and after how many seconds: the one that failed least, at once if it
        never did; or the same one, when it says."""
        patience = self.asking.patience
        if fault.then is _Then.WAIT and failures[server] < patience.tries:
            own_s = patience.wait_s(failures[server])
            return server, min(own_s if fault.wait_s is None else fault.wait_s, patience.most_s)
        following = min(self.addresses, key=failures.__getitem__)
        return following, patience.wait_s(failures[following]) if failures[following] else 0.0

    def _leave(self, server: str, fault: _Refused) -> None:
        """Ask a server no more that is dead or refuses the question. Raises SourceError: it is the
        last one, and refuses."""
        if fault.then in (_Then.DROP, _Then.GIVE_UP) and len(self.addresses) > 1:
            self.addresses.remove(server)
        elif fault.then is _Then.GIVE_UP:
            raise _no_answer(server, fault)

    def _slot_s(self, server: str) -> float | None:
        """Seconds until the server has room for another question of ours, as its ``status`` says:
        Overpass sends no Retry-After. None: it does not say, or has room already."""
        address = server.rpartition("/")[0] + "/status"
        try:
            answer = self.session.get(address, timeout=CONNECT_S, allow_redirects=False)
            said = answer.text if answer.status_code == HTTPStatus.OK else ""
        except requests.RequestException:
            return None
        if _ROOM.search(said):
            return None
        waits = [float(seconds) for seconds in _SLOT.findall(said)]
        return min(waits) + 1.0 if waits else None  # it counts whole seconds

    def _once(self, server: str, query: str, path: Path) -> str:
        """One question to one server. Raises NoAnswerError."""
        wait = CONNECT_S, self.asking.timeout_s + GRACE_S
        try:
            # Redirected, a POST would become a GET without the question.
            answer = self.session.post(
                server, {"data": query}, timeout=wait, stream=True, allow_redirects=False
            )
        except requests.ReadTimeout as error:
            raise _Refused(text("fetch.silent"), _Then.OTHER) from error
        except requests.ConnectionError as error:
            raise _Refused(text("fetch.dead"), _Then.DROP) from error
        except requests.RequestException as error:
            raise _Refused(text("fetch.dead"), _Then.GIVE_UP) from error
        with answer:
            _refuse(answer)
            try:
                return keep(answer.iter_content(PART_BYTES), path)
            except requests.RequestException as error:
                raise _Refused(text("fetch.cut_off"), _Then.OTHER) from error


def shown(address: str) -> str:
    """An address without what may be secret: user, password and query."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        host = ""
    if not host:  # no address: shown as typed, unless it may hold a password
        return "…" if "@" in address else address
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _refuse(answer: requests.Response) -> None:
    """Raises _Refused: the code says that there is no answer."""
    code, asked_s = answer.status_code, _retry_after_s(answer.headers.get("Retry-After", ""))
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        raise _Refused(text("fetch.too_many"), _Then.WAIT, asked_s)
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR or code == HTTPStatus.REQUEST_TIMEOUT:
        raise _Refused(text("fetch.code", code=code), _Then.OTHER)
    if code != HTTPStatus.OK:  # it will never answer this
        raise _Refused(text("fetch.code", code=code), _Then.GIVE_UP)


def _retry_after_s(header: str) -> float | None:
    """Seconds of a Retry-After header, which may be a number or a date; None: it says nothing."""
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(email.utils.parsedate_to_datetime(header).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None


def _no_answer(server: str, fault: _Refused) -> SourceError:
    what, fix = text("error.no_answer", why=fault.why), text("error.fetch_again_later")
    return SourceError(what, where=shown(server), fix=fix)
