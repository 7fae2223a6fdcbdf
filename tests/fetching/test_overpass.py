"""Data from Overpass: a server on this machine answers from the extract of Monaco, well and badly."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import osmium
import pytest
from command import gusu_geo_here
from conftest import raw_data
from overpass import BASE, Extract, Key, Overpass, serving

from gusu_geo.errors import SourceError
from gusu_geo.fetching import servers
from gusu_geo.fetching.region import region_of, tiles_of
from gusu_geo.fetching.servers import Asking, Patience
from gusu_geo.pipeline.fetch import fetch
from gusu_geo.sources.osm.extract import read_osm
from gusu_geo.study.study_file import open_study
from gusu_geo.words import Text

pytestmark = pytest.mark.city
STUDY = """
[study]
name = "port"
title = { zh = "港口", en = "The port" }
[area]
bbox = [7.4152, 43.7272, 7.4178, 43.7290]
buffer_m = 40
[network]
osm = "port.osm.pbf"
"""
TILE_KM = 0.2


@pytest.fixture(scope="module")
def extract() -> Extract:
    return Extract.read(raw_data("monaco.osm.pbf"))


@pytest.fixture(scope="module")
def running(extract: Extract) -> Iterator[Overpass]:
    with serving(extract) as overpass:
        yield overpass


@pytest.fixture
def server(running: Overpass) -> Overpass:
    running.faults.clear()
    running.asked.clear()
    return running


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "port.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


class Clock:
    """Takes the waits without waiting."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def asking(self, *servers: str, tries: int = 6) -> Asking:
        patience = Patience(tries=tries, first_s=5.0, sleep=self.waits.append)
        return Asking(servers[0], servers[1:], timeout_s=10, tile_km=TILE_KM, patience=patience)


def target(out: Path) -> Path:
    return out / "data" / "raw" / "port.osm.pbf"


def objects(path: Path) -> dict[Key, Any]:
    """Every object with all that it holds."""
    return bodies(Extract.read(path))


def bodies(read: Extract) -> dict[Key, Any]:
    of: dict[str, Any] = {"n": read.place, "w": read.refs, "r": read.members}
    return {(kind, number): (tags, of[kind][number]) for (kind, number), tags in read.tags.items()}


@pytest.fixture(scope="module")
def clean(running: Overpass, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a fetch without any trouble writes."""
    out = tmp_path_factory.mktemp("clean")
    (out / "port.toml").write_text(STUDY, encoding="utf-8")
    fetch(out / "port.toml", out=out, asking=Clock().asking(running.url))
    return target(out).read_bytes()


def dead_address() -> str:
    """Of a port that nobody listens to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/api/interpreter"


def test_tiles_together_hold_every_object_of_the_reach_once(
    server: Overpass, study: Path, tmp_path: Path, extract: Extract
) -> None:
    got = fetch(study, out=tmp_path, asking=Clock().asking(server.url))
    region = region_of(open_study(study))
    wanted = extract.whole(extract.touching(region.reach), r"^([6-9]|1[0-5])$")
    every = bodies(extract)
    assert objects(target(tmp_path)) == {key: every[key] for key in wanted}
    assert len(server.asked) == len(set(server.asked)) == 4 == got["tiles_asked"]
    assert got["objects"] == {
        name: sum(kind == short for kind, _ in wanted)
        for name, short in (("nodes", "n"), ("ways", "w"), ("relations", "r"))
    }
    assert got["file"] == "data/raw/port.osm.pbf" and str(tmp_path) not in json.dumps(got)
    assert all(agent.startswith("gusu-geo/") for agent in server.agents)


def test_the_file_is_in_order_dated_and_says_what_it_covers(
    clean: bytes, study: Path, tmp_path: Path
) -> None:
    path = tmp_path / "clean.osm.pbf"
    path.write_bytes(clean)
    keys = [("nwr".index(thing.type_str()), thing.id) for thing in osmium.FileProcessor(str(path))]
    assert keys == sorted(set(keys)) and len(keys) > 300
    read = read_osm(path)
    reach = region_of(open_study(study)).reach
    assert read.boxes == (pytest.approx(reach, abs=1e-7),) and read.date == BASE
    # The border of the ward runs beyond the reach, and is whole.
    assert set(read.admin["name"]) == {"Fontvieille"}
    assert read.admin.total_bounds[3] > reach[3]


@pytest.mark.parametrize(
    ("faults", "waits"),
    [
        # As long as the server asks for, but no longer than anybody has patience for. "": the tile
        # is answered, and the next one begins anew.
        (
            ["429 1", "", "429 0", "", "429", "", "429 Fri, 01 Jan 2100 00:00:00 GMT"],
            [1.0, 5.0, 900.0],
        ),
        (["504", "504", "503", "", "cut", "", "ended"], [5.0, 10.0, 20.0, 5.0, 5.0]),
        (["remark", "", "page", "cut"], [5.0, 5.0, 10.0]),
    ],
    ids=str,
)
def test_a_server_in_trouble_is_asked_again_and_the_bytes_are_the_same(
    faults: list[str],
    waits: list[float],
    server: Overpass,
    study: Path,
    tmp_path: Path,
    clean: bytes,
) -> None:
    clock = Clock()
    server.faults[:] = faults
    fetch(study, out=tmp_path, asking=clock.asking(server.url))
    assert clock.waits == waits
    assert target(tmp_path).read_bytes() == clean
    assert len(server.asked) == 4 + sum(map(bool, faults))


STATUS = """Connected as: 866011160
Current time: 2026-11-30T09:14:16Z
Rate limit: 2
{slots}
Currently running queries (pid, space limit, time limit, start time):
14803\t536870912\t180\t2026-11-30T09:12:33Z
"""


@pytest.mark.parametrize(
    ("slots", "waits"),
    [
        ("Slot available after: 2026-11-30T09:30:24Z, in 568 seconds.\n"
         "Slot available after: 2026-11-30T09:14:38Z, in 22 seconds.", [23.0]),
        ("1 slots available now.\nSlot available after: 2026-11-30T09:30:24Z, in 568 seconds.", [5.0]),
        ("", [5.0]),
    ],
)  # fmt: skip
def test_too_many_requests_wait_until_a_slot_is_free(
    slots: str, waits: list[float], server: Overpass, study: Path, tmp_path: Path, clean: bytes
) -> None:
    """As api/status says: Overpass sends no Retry-After."""
    clock = Clock()
    server.faults[:] = ["429"]
    server.status = STATUS.format(slots=slots)
    try:
        fetch(study, out=tmp_path, asking=clock.asking(server.url))
    finally:
        server.status = ""
    assert clock.waits == waits and target(tmp_path).read_bytes() == clean


def test_another_server_is_asked_at_once_and_a_dead_one_never_again(
    server: Overpass, study: Path, tmp_path: Path, clean: bytes, extract: Extract
) -> None:
    clock, said = Clock(), list[Text]()
    server.faults[:] = ["504", "", "page"]
    with serving(extract) as mirror:
        dead = dead_address()
        fetch(
            study, out=tmp_path, asking=clock.asking(dead, server.url, mirror.url), tell=said.append
        )
        assert len(server.asked) == 4 and len(mirror.asked) == 2
    assert target(tmp_path).read_bytes() == clean and clock.waits == []
    lines = [one.en for one in said]
    assert lines[0] == f"{dead}: no connection; asking the next one"
    assert lines[1] == f"{server.url}: answered HTTP 504; asking the next one"
    assert sum(dead in line for line in lines) == 1


def test_every_server_gets_its_tries_before_all_is_given_up(
    server: Overpass, study: Path, tmp_path: Path, extract: Extract
) -> None:
    clock = Clock()
    server.faults[:] = ["504", "429 7", "429 7", "400"]
    with serving(extract) as mirror:
        mirror.faults[:] = ["page", "remark", "cut"]
        with pytest.raises(SourceError) as caught:
            fetch(study, out=tmp_path, asking=clock.asking(server.url, mirror.url, tries=3))
        assert (len(server.asked), len(mirror.asked)) == (3, 3)
    # The mirror at once; here again; as long as it asks for; the mirror, in its turn.
    assert clock.waits == [5.0, 7.0, 5.0, 10.0]
    assert mirror.url in str(caught.value)


def test_a_silent_server_is_left_for_another(
    server: Overpass, study: Path, tmp_path: Path, clean: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "GRACE_S", -9.95)  # of the ten seconds that the question has
    server.faults[:] = ["silent 0.3"]
    said = list[Text]()
    fetch(
        study, out=tmp_path, asking=Clock().asking(server.url, f"{server.url}/"), tell=said.append
    )
    assert said[0].en == f"{server.url}: no answer in time; asking the next one"
    assert target(tmp_path).read_bytes() == clean


def test_a_question_that_is_refused_is_not_repeated(
    server: Overpass, study: Path, tmp_path: Path
) -> None:
    clock = Clock()
    server.faults[:] = ["400"]
    with pytest.raises(SourceError) as caught:
        fetch(study, out=tmp_path, asking=clock.asking(server.url))
    assert "answered HTTP 400" in caught.value.in_language("en")
    assert len(server.asked) == 1 and clock.waits == [] and not target(tmp_path).exists()


def test_what_came_is_kept_and_only_the_rest_is_asked_for(
    server: Overpass, study: Path, tmp_path: Path, clean: bytes
) -> None:
    clock = Clock()
    server.faults[:] = ["", "", "remark", "504", "cut"]
    with pytest.raises(SourceError) as caught:
        fetch(study, out=tmp_path, asking=clock.asking(server.url, tries=3))
    assert "the answer was cut off" in caught.value.in_language("en")
    assert "接着" in caught.value.in_language("zh")
    assert not target(tmp_path).exists() and clock.waits == [5.0, 10.0]
    answers = sorted((tmp_path / "data" / "raw" / "overpass").iterdir())
    assert len(answers) == 2
    raw = gzip.decompress(answers[0].read_bytes())  # as the server gave it
    assert raw in [server.answer(query) for query in server.asked[:2]]

    answers[0].write_bytes(answers[0].read_bytes()[:-9])  # the disk lost the end of one
    server.asked.clear()
    got = fetch(study, out=tmp_path, asking=clock.asking(server.url))
    assert (got["tiles_asked"], got["tiles_kept"]) == (3, 1) and len(server.asked) == 3
    assert target(tmp_path).read_bytes() == clean

    server.asked.clear()
    fetch(study, out=tmp_path, asking=clock.asking(server.url))
    assert server.asked == []
    fetch(study, out=tmp_path, asking=clock.asking(server.url), force=True)
    assert len(server.asked) == 4 and target(tmp_path).read_bytes() == clean


KILLED = """
import os, signal, sys
from pathlib import Path
from gusu_geo.fetching.servers import Asking
from gusu_geo.pipeline.fetch import fetch
study, out, url, tile_km = sys.argv[1:]
asking = Asking(url, (), timeout_s=10, tile_km=float(tile_km))
real = Path.replace
for moves in (2, 5):  # with two answers in place, and with the file made but not in place
    child = os.fork()
    if child == 0:
        done = []
        def replace(self, target):
            done.append(target)
            if len(done) == moves:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(self, target)
        Path.replace = replace
        fetch(study, out=f"{out}/{moves}", asking=asking)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
"""


def test_a_fetch_that_was_killed_goes_on_and_writes_the_same_bytes(
    server: Overpass, study: Path, tmp_path: Path, clean: bytes
) -> None:
    words = [study, tmp_path, server.url, TILE_KM]
    subprocess.run([sys.executable, "-c", KILLED, *map(str, words)], check=True)
    for moves, came in ((2, 1), (5, 4)):
        out = tmp_path / str(moves)
        assert not target(out).exists()
        server.asked.clear()
        got = fetch(study, out=out, asking=Clock().asking(server.url))
        assert got["tiles_kept"] == came and len(server.asked) == 4 - came
        assert target(out).read_bytes() == clean
        left = {path.name for path in (out / "data" / "raw").iterdir()}
        assert left == {"port.osm.pbf", "overpass"}


def test_where_tiles_differ_the_newer_one_counts_and_the_older_one_dates(
    server: Overpass, study: Path, tmp_path: Path
) -> None:
    clock = Clock()
    fetch(study, out=tmp_path, asking=clock.asking(server.url))
    folder = tmp_path / "data" / "raw" / "overpass"
    answers = {path: gzip.decompress(path.read_bytes()) for path in folder.iterdir()}
    ids = [
        {line.split(b'"')[1] for line in raw.splitlines() if b"<way " in line}
        for raw in answers.values()
    ]
    shared = sorted(ids[0] & ids[1])[0]
    for day, (path, raw) in zip(("24", "27", "25", "23"), answers.items(), strict=True):
        mark = f'<way id="{shared.decode()}">\n    <tag k="of" v="{day}"/>'.encode()
        raw = raw.replace(f'<way id="{shared.decode()}">'.encode(), mark).replace(
            b"-12-26T", f"-12-{day}T".encode()
        )
        # Tags come after nodes: move ours behind them.
        head, tag, rest = raw.partition(f'    <tag k="of" v="{day}"/>'.encode())
        if tag:
            nodes, end, after = rest.partition(b"  </way>")
            raw = head + nodes.lstrip(b"\n") + tag + b"\n" + end + after
        path.write_bytes(gzip.compress(raw, mtime=0))
    got = fetch(study, out=tmp_path, asking=clock.asking(server.url))
    assert got["tiles_kept"] == 4 and got["data_date"].startswith("2023-12-23")
    assert "2023-12-23 to 2023-12-27" in got["notes"][0]["en"]
    assert objects(target(tmp_path))["w", int(shared)][0]["of"] == "27"


def test_no_data_at_all_is_one_message(study: Path, tmp_path: Path) -> None:
    with serving(Extract()) as empty, pytest.raises(SourceError) as caught:
        fetch(study, out=tmp_path, asking=Clock().asking(empty.url))
    assert "no data at all" in caught.value.in_language("en")


def test_the_command_shows_progress_and_a_summary_in_both_languages(
    server: Overpass, study: Path, tmp_path: Path
) -> None:
    words = ["fetch", study, "--endpoint", server.url, "--tile-km", "0.5", "--out", tmp_path]
    done = gusu_geo_here(*words, "--lang", "zh")
    assert done.returncode == 0, done.stderr
    assert "第 1/" in done.stderr and "已下载" in done.stderr and "合并各分块" in done.stderr
    assert "已写出" in done.stdout and f"数据日期 {BASE}" in done.stdout and "ODbL" in done.stdout
    again = gusu_geo_here(*words, "--lang", "en", "--json", "--quiet")
    assert again.stderr == "" and str(tmp_path) not in again.stdout
    told = json.loads(again.stdout)
    assert told["tiles_asked"] == 0 and told["source"] == "Overpass"
    assert told["bytes"] == target(tmp_path).stat().st_size


def test_addresses_show_no_password_and_must_be_addresses(study: Path, tmp_path: Path) -> None:
    bad = gusu_geo_here("fetch", study, "--endpoint", "overpass", "--out", tmp_path)
    assert bad.returncode == 2 and "--endpoint must be an http or https address" in bad.stderr
    assert bad.stderr.count("\n") == 1 and not (tmp_path / "data").exists()
    bad = gusu_geo_here("fetch", study, "--proxy", "socks5://me:secret@proxy", "--out", tmp_path)
    assert bad.returncode == 2 and "secret" not in bad.stderr and "socks5://proxy" in bad.stderr
    secret = dead_address().replace("127.0.0.1", "me:secret@127.0.0.1")
    with pytest.raises(SourceError) as caught:
        fetch(study, out=tmp_path, asking=Clock().asking(secret, tries=2))
    assert "secret" not in caught.value.in_language("en") and "127.0.0.1" in str(caught.value)


def test_a_proxy_gets_the_question(server: Overpass, study: Path, tmp_path: Path) -> None:
    """A proxy for plain http is asked for the whole address: the server here takes its part."""
    asking = replace(Clock().asking("http://overpass.invalid/api/interpreter"), proxy=server.url)
    fetch(study, out=tmp_path, asking=asking)
    assert len(server.asked) == 4


def test_the_environment_decides_nothing(
    server: Overpass, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", dead_address())
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    fetch(study, out=tmp_path, asking=Clock().asking(server.url, tries=1))
    assert len(server.asked) == 4


def test_tiles_cover_the_reach_without_a_gap(study: Path) -> None:
    region = region_of(open_study(study))
    tiles = tiles_of(region, TILE_KM)
    west, south, east, north = region.reach
    assert sum((e - w) * (n - s) for w, s, e, n in tiles) == pytest.approx(
        (east - west) * (north - south)
    )
    assert (min(t[0] for t in tiles), min(t[1] for t in tiles)) == (west, south)
    assert (max(t[2] for t in tiles), max(t[3] for t in tiles)) == (east, north)
    assert all((n - s) * 110.5 <= TILE_KM + 1e-4 for _, s, _, n in tiles)
