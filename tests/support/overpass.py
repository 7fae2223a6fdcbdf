"""An Overpass server on this machine that answers from a real extract, in Overpass's own forms.

It understands as much of Overpass's language as gusu_geo asks in, and works out the answer by plain
loops and shapely. ``faults``: what it does instead, one per request, in turn.
"""

from __future__ import annotations

import gzip
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs
from xml.sax.saxutils import quoteattr

import osmium
import shapely

BASE = "2023-12-26T21:21:22Z"
HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="Overpass API 0.7.62.4 2390de5a">
<note>The data included in this document is from www.openstreetmap.org. The data is made available under ODbL.</note>
<meta osm_base="{BASE}"/>

"""
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"
    "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head><title>OSM3S Response</title></head>
<body><p><strong style="color:#FF0000">Error</strong>: runtime error: open64: 0 Success
/osm3s_osm_base Dispatcher_Client::request_read_and_idx::timeout. The server is probably too busy to
handle your request. </p></body></html>
"""
REMARK = '<remark> runtime error: Query timed out in "query" at line 3 after 26 seconds. </remark>\n\n</osm>\n'

Key = tuple[str, int]


@dataclass
class Extract:
    """Every object of an OSM file: its tags, and where it lies or what it is made of."""

    tags: dict[Key, dict[str, str]] = field(default_factory=dict)
    place: dict[int, tuple[float, float]] = field(default_factory=dict)
    refs: dict[int, list[int]] = field(default_factory=dict)
    members: dict[int, list[tuple[str, int, str]]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Extract:
        found = cls()
        for thing in osmium.FileProcessor(str(path)):
            found.tags[thing.type_str(), thing.id] = dict(thing.tags)
            if thing.is_node():
                found.place[thing.id] = (thing.location.x / 1e7, thing.location.y / 1e7)
            elif thing.is_way():
                found.refs[thing.id] = [node.ref for node in thing.nodes]
            else:
                found.members[thing.id] = [(m.type, m.ref, m.role) for m in thing.members]
        return found

    def touching(self, box: tuple[float, ...]) -> set[Key]:
        """Nodes in the box, ways that touch it, relations with such a member."""
        west, south, east, north = box
        found = {
            ("n", i)
            for i, (x, y) in self.place.items()
            if west <= x <= east and south <= y <= north
        }
        numbers, tree = self.lines
        found |= {("w", numbers[ix]) for ix in tree.query(shapely.box(*box), "intersects").tolist()}
        for number, members in self.members.items():
            if any((kind, ref) in found for kind, ref, _ in members if kind in "nw"):
                found.add(("r", number))
        return found

    @cached_property
    def lines(self) -> tuple[list[int], shapely.STRtree]:
        """Ways as lines of the nodes that the extract has."""
        parts = {
            i: [self.place[ref] for ref in refs if ref in self.place]
            for i, refs in self.refs.items()
        }
        lines = {i: shapely.LineString(part) for i, part in parts.items() if len(part) > 1}
        return list(lines), shapely.STRtree(list(lines.values()))

    def members_of(self, kind: str, found: set[Key]) -> set[Key]:
        """Members of relations ("r"), or nodes of ways ("w"), that the extract has."""
        every: set[Key] = set()
        for number in [number for k, number in found if k == kind]:
            if kind == "w":
                every |= {("n", ref) for ref in self.refs[number]}
            else:
                every |= {(k, ref) for k, ref, _ in self.members[number]}
        return every & self.tags.keys()

    def whole(self, found: set[Key], levels: str) -> set[Key]:
        """The objects, with all ways of areas and all nodes of ways that the extract has."""
        found = set(found)
        for kind, number in list(found):
            tags = self.tags[kind, number]
            area = kind == "r" and (
                tags.get("type") == "multipolygon"
                or (tags.get("type") == "boundary"
                and (tags.get("boundary") != "administrative" or re.search(levels, tags.get("admin_level", ""))))
            )  # fmt: skip
            if area:
                found |= {
                    ("w", ref)
                    for m, ref, _ in self.members[number]
                    if m == "w" and ref in self.refs
                }
        corners = {ref for kind, number in found if kind == "w" for ref in self.refs[number]}
        return found | {("n", ref) for ref in corners if ref in self.place}

    def xml(self, found: set[Key], end: str = "\n</osm>\n") -> bytes:
        lines = [HEAD]
        for kind, number in sorted(found, key=lambda key: ("nwr".index(key[0]), key[1])):
            name = {"n": "node", "w": "way", "r": "relation"}[kind]
            place = ""
            if kind == "n":
                place = ' lat="{1:.7f}" lon="{0:.7f}"'.format(*self.place[number])
            lines.append(f'  <{name} id="{number}"{place}>\n')
            if kind == "w":
                lines += [f'    <nd ref="{ref}"/>\n' for ref in self.refs[number]]
            if kind == "r":
                words = {"n": "node", "w": "way", "r": "relation"}
                lines += [
                    f'    <member type="{words[m]}" ref="{ref}" role={quoteattr(role)}/>\n'
                    for m, ref, role in self.members[number]
                ]
            lines += [
                f"    <tag k={quoteattr(k)} v={quoteattr(v)}/>\n"
                for k, v in self.tags[kind, number].items()
            ]
            lines.append(f"  </{name}>\n")
        return "".join([*lines, end]).encode()


STATEMENT = re.compile(
    r'(?P<kind>node|way|relation)?(?:\.(?P<of>\w+))?(?:\((?P<where>[^()]*)\))?(?P<tags>(?:\["[^"]*"(?:=|!=|~)"[^"]*"\])*)'
)


@dataclass
class Interpreter:
    """The little of Overpass's language that is needed: unions, named sets, boxes, tags, and the
    members of sets of ways and relations."""

    extract: Extract
    sets: dict[str, set[Key]] = field(default_factory=dict)

    def run(self, query: str) -> set[Key]:
        """What ``out body`` gives."""
        settings, _, script = query.partition(";")
        assert settings.startswith("[out:xml][timeout:")
        statements = list(parts(script))
        assert statements.pop() == "out body"
        return [self.value(statement) for statement in statements][-1]

    def value(self, statement: str) -> set[Key]:
        body, _, name = statement.partition("->.")
        if body.startswith("("):
            found = set[Key]().union(*(self.value(inner) for inner in parts(body[1:-1])))
        else:
            found = self.simple(body)
        if name:
            self.sets[name] = found
        return found

    def simple(self, statement: str) -> set[Key]:
        said = STATEMENT.fullmatch(statement)
        assert said is not None, statement
        kind, of, where = (said[part] or "" for part in ("kind", "of", "where"))
        found = self.sets[of] if of else set(self.extract.tags)
        if re.match(r"[rw]\.", where):  # members of the set's relations, nodes of its ways
            found = self.extract.members_of(where[0], self.sets[where[2:]])
        elif where:
            south, west, north, east = map(float, where.split(","))
            found = self.extract.touching((west, south, east, north))
        for key, how, value in re.findall(r'\["([^"]*)"(=|!=|~)"([^"]*)"\]', said["tags"]):
            found = {each for each in found if fits(self.extract.tags[each].get(key), how, value)}
        return {each for each in found if not kind or each[0] == kind[0]}


def parts(script: str) -> Iterator[str]:
    """The statements of a script, without their semicolons."""
    depth, begin, quoted = 0, 0, False
    for place, letter in enumerate(script):
        quoted ^= letter == '"'
        if not quoted:
            depth += (letter == "(") - (letter == ")")
        if letter == ";" and depth == 0 and not quoted:
            yield script[begin:place].strip()
            begin = place + 1
    assert not script[begin:].strip()


def fits(value: str | None, how: str, wanted: str) -> bool:
    if how == "!=":
        return value != wanted  # also without the key
    return value is not None and (value == wanted if how == "=" else bool(re.search(wanted, value)))


@dataclass
class Overpass:
    """A running server. asked: the questions that were answered or not, in order; status:
    what its page of that name says, "" if it has none."""

    extract: Extract
    url: str = ""
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    status: str = ""
    agents: set[str] = field(default_factory=set)
    given: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def answer(self, query: str, end: str = "\n</osm>\n") -> bytes:
        if (query, end) in self.given:
            return self.given[query, end]
        found = Interpreter(self.extract).run(query)
        self.given[query, end] = self.extract.xml(found, end)
        return self.given[query, end]


@contextmanager
def serving(extract: Extract) -> Iterator[Overpass]:
    """A server that runs until the end of the block."""
    overpass = Overpass(extract)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == "/api/status" and overpass.status
            self.say(200 if known else 404, overpass.status.encode(), "text/plain", {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            (query,) = parse_qs(body)["data"]
            overpass.asked.append(query)
            overpass.agents.add(self.headers["User-Agent"])
            fault, _, more = (overpass.faults.pop(0) if overpass.faults else "").partition(" ")
            if fault.isdecimal():
                head = {"Retry-After": more} if more else {}
                return self.say(int(fault), PAGE.encode(), "text/html", head)
            if fault == "page":
                return self.say(200, PAGE.encode(), "text/html", {})
            if fault == "silent":
                time.sleep(float(more))
                return self.wfile.close()
            whole = overpass.answer(query, REMARK if fault == "remark" else "\n</osm>\n")
            if fault == "cut":  # promised more than it sends
                return self.say(
                    200,
                    whole[: len(whole) // 2],
                    "application/osm3s+xml",
                    {"Content-Length": str(len(whole))},
                )
            if fault == "ended":  # HTTP/1.0: the end of the connection is the end of the answer
                return self.say(
                    200, whole[: len(whole) // 2], "application/osm3s+xml", {"Content-Length": ""}
                )
            return self.say(
                200, gzip.compress(whole, 1), "application/osm3s+xml", {"Content-Encoding": "gzip"}
            )

        def say(self, code: int, content: bytes, kind: str, head: dict[str, str]) -> None:
            self.send_response(code)
            for key, value in {
                "Content-Type": kind,
                "Content-Length": str(len(content)),
                **head,
            }.items():
                if value:
                    self.send_header(key, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    overpass.url = f"http://127.0.0.1:{server.server_port}/api/interpreter"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield overpass
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
