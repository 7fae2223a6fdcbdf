"""A province on workers that are killed: all arrives, nothing twice, as if judged one by one."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import region_towns as towns
from command import gusu_geo_here
from dask_hosts import Hosts, hosts_apart

import gusu_geo as gg
from gusu_geo.errors import InputError
from gusu_geo.pipeline.output_sets import named_set
from gusu_geo.province import cluster
from gusu_geo.province.cluster import Where, opened
from gusu_geo.province.pace import Standing
from gusu_geo.province.parts import Done
from gusu_geo.province.run import ProvinceResult, run_province

pytest.importorskip("distributed")
SEED = 2  # three districts
BLOCKED, KEYS = "land-south-west", ("land-east", "land-north-west")


@dataclass
class Scene:
    """A province, the folder of its outputs, and the hosts that judge it."""

    province: Path
    out: Path
    hosts: Hosts
    told: list[Standing] = field(default_factory=list)

    def run(self, then: Callable[[], object]) -> ProvinceResult:
        """Judge it on the hosts; then: is called once, before districts are given out."""
        waiting = [then]

        def tell(now: Standing) -> None:
            self.told.append(now)
            if now.stage == "run" and now.last is None and waiting:
                waiting.pop()()

        where = Where(self.hosts.address, retries=2)
        asked = {"out": self.out, "lang": "en", "survey": False}
        return run_province(self.province, where=where, tell=tell, **asked)

    def outputs(self, out: Path | None = None) -> dict[str, bytes]:
        """Bytes of the outputs of the districts that can be judged."""
        members = [path for key in KEYS for path in named_set(key, out or self.out).members]
        return {path.name: path.read_bytes() for path in members}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Two workers, each in a network of its own where that is permitted; where the outputs of one
    district belong lies a file."""
    folder = tmp_path_factory.mktemp("land")
    out = folder / "out"
    (out / "data" / "processed").mkdir(parents=True)
    (out / "data" / "processed" / BLOCKED).touch()
    with hosts_apart(folder) as hosts:
        hosts.start_scheduler()
        yield Scene(towns.write_region(folder, SEED), out, hosts)


def test_a_killed_worker_loses_nothing(scene: Scene, tmp_path: Path) -> None:
    victim, _ = (scene.hosts.start_worker(number) for number in (0, 1))
    scene.hosts.wait(2)

    def kill() -> None:
        """While districts are being written."""
        while victim.poll() is None:
            if any(scene.out.glob("data/processed/land-*/.gusu-geo-*")):
                victim.kill()
                victim.wait()
            time.sleep(0.005)

    result = scene.run(threading.Thread(target=kill, daemon=True).start)
    assert victim.returncode == -signal.SIGKILL
    ended = [now.last for now in scene.told if now.stage == "run" and now.last is not None]
    assert sorted(one.key for one in ended) == list(KEYS), "every district once"
    assert all(isinstance(one, Done) and one.cpu_s > 0 and one.peak_mb > 50 for one in ended)
    for key in KEYS:
        study = result.folder / "studies" / f"{key}.toml"
        gg.run(study, out=tmp_path, lang="en", survey=False)
    assert scene.outputs() == scene.outputs(tmp_path), "as judged one by one"
    assert not list(scene.out.rglob(".gusu-geo-*")), "nothing is left lying about"


@pytest.mark.hosts
def test_workers_on_two_hosts_have_done_it(scene: Scene) -> None:
    if scene.hosts.why_not:
        pytest.skip(f"no networks of their own here: {scene.hosts.why_not}")
    ended = [now.last for now in scene.told if isinstance(now.last, Done) and now.stage == "run"]
    seen = {one.worker.split("//")[1].split(":")[0] for one in ended}
    assert scene.hosts.apart[1].address in seen, "what the other one had begun"
    assert max(now.running for now in scene.told) == 2


def test_what_cannot_be_judged_is_named_and_stops_nobody(scene: Scene) -> None:
    document = json.loads((scene.out / "data/processed/land/province.json").read_bytes())
    rows = {row["key"]: row for row in document["districts"]}
    assert {key for key, row in rows.items() if row["state"] == "done"} == set(KEYS)
    failure = rows[BLOCKED]["failure"]
    assert failure["stage"] == "facts" and not failure["ours"]
    assert BLOCKED in failure["message"]["en"] and BLOCKED in failure["message"]["zh"]


def test_after_a_killed_scheduler_the_same_command_does_the_rest(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 5.0)  # so long one hopes that it comes back
    before = scene.outputs()
    lost, kept = (named_set(key, scene.out).members[0] for key in KEYS)
    lost.unlink()
    stood = kept.stat()
    with pytest.raises(InputError) as gone:
        scene.run(scene.hosts.close)
    assert "connection to the scheduler has broken" in gone.value.in_language("en")
    assert "再次运行" in gone.value.in_language("zh")
    words = ("--workers", 1, "--json", "--no-survey")
    told = gusu_geo_here("province", scene.province, "--out", scene.out, *words)
    assert told.returncode == 2, "one district still has no result"
    assert f"judging 1/2: {KEYS[1]} was there already" in told.stderr
    assert json.loads(told.stdout)["totals"]["done"] == 2
    assert scene.outputs() == before
    assert kept.stat() == stood


def test_a_dead_address_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cluster.CONNECT_S <= 14, "said within 15 seconds"
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with (
        pytest.raises(InputError, match="no scheduler"),
        opened(Where("tcp://127.0.0.1:1"), lambda _: None),
    ):
        pass


def test_without_dask_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda name: None)
    with (
        pytest.raises(InputError, match=r"pip install 'gusu-geo\[province\]'"),
        opened(Where(), print),
    ):
        pass


def test_what_is_no_address_is_refused_at_once() -> None:
    began = time.monotonic()
    for address in ("nonsense", "tcp://head", "head:port"):
        with pytest.raises(InputError) as refused, cluster.opened(Where(address), print):
            pass
        assert "no address of a scheduler" in refused.value.in_language("en")
    assert time.monotonic() - began < 10, "nobody was waited for"
