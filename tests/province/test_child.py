"""What one district takes and breaks, no other one feels; a fault says what it is, in both languages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from gusu_geo.pipeline import digests
from gusu_geo.province import child, duty, tasks
from gusu_geo.province.child import Broken, Job, Unfit, in_process
from gusu_geo.province.duty import value_of
from gusu_geo.province.pace import Pace, Standing
from gusu_geo.province.parts import Done, Failed

ROOT = Path(child.__file__).resolve().parents[2]


def failed(job: Job) -> Failed:
    value = value_of(job)
    assert isinstance(value, Failed)
    return value


def test_a_fault_of_the_input_is_named_with_its_district_and_stage(tmp_path: Path) -> None:
    study = tmp_path / "none.toml"
    job = Job("run_district", {"key": "a", "study": str(study), "out": "."}, "a", "run")
    found = failed(job)
    assert (found.key, found.stage, found.ours) == ("a", "run", False)
    assert "no such study" in found.message.en and "没有" in found.message.zh
    assert "none.toml" in found.message.zh


def test_a_fault_of_ours_says_so(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    def broken() -> None:
        raise KeyError("what")

    monkeypatch.setattr(tasks, "try_to_write", broken)
    found = failed(Job("try_to_write", {}, "a", "cut"))
    assert found.ours and "KeyError" in found.message.en and "故障" in found.message.zh
    assert "in broken" in capfd.readouterr().err, "with its trace"


@pytest.mark.parametrize("number", [28, 122])
def test_a_full_disk_is_no_fault_of_ours(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(number, os.strerror(number), "/data/x")

    monkeypatch.setattr(tasks, "try_to_write", full)
    found = failed(Job("try_to_write", {}, "a", "facts"))
    assert (
        not found.ours and os.strerror(number) in found.message.en and "/data/x" in found.message.en
    )


def test_what_differs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    here = {"gusu-geo": "0.1.0 (a)", "numpy": "2.1.0", "python": "3.11.7"}
    monkeypatch.setattr(digests, "environment", lambda: here)
    job = Job(
        "try_to_write", {"folder": "/"}, versions={**here, "numpy": "2.0.0", "python": "3.12.1"}
    )
    found = value_of(job)
    assert isinstance(found, Unfit)
    said = found.why.en
    assert "numpy 2.1.0 there, 2.0.0 here" in said and "python 3.11.7 there, 3.12.1 here" in said
    assert "gusu-geo" not in said and "numpy" in found.why.zh
    assert value_of(Job("try_to_write", {"folder": "/"}, versions={**here, "scipy": "1"})) == Unfit(
        value_of(Job("x", {}, versions={**here, "scipy": "1"})).why
    ), "what is missing there differs, too"


def test_who_does_not_see_the_folder_says_so(tmp_path: Path) -> None:
    found = value_of(Job("try_to_write", {"folder": str(tmp_path)}, probe=str(tmp_path / "none")))
    assert isinstance(found, Unfit) and str(tmp_path / "none") in found.why.en
    assert value_of(Job("try_to_write", {"folder": str(tmp_path)}, probe=str(tmp_path))) is None
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_takes_too_much_is_ended_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even importing what a district needs takes more than this."""
    monkeypatch.setattr(child, "_idle", [])
    monkeypatch.setattr(child, "LOOK_S", 0.02)
    job = Job("try_to_write", {"folder": str(tmp_path)}, "a", "run", memory_gb=0.01)
    found = in_process(job)
    assert found.value == Failed("a", "run", found.value.message)
    assert "0.01 GB" in found.value.message.en and found.peak_mb > 10
    assert not [one for one in psutil.Process().children() if "duty" in " ".join(one.cmdline())]


def test_a_process_is_kept_for_the_next_task_and_replaced_if_it_was_killed(tmp_path: Path) -> None:
    job = Job("try_to_write", {"folder": str(tmp_path)}, "a", "run")
    first = in_process(job, "here")
    assert first.value is None and first.worker == "here" and first.peak_mb > 50
    (kept,) = child._idle
    second = in_process(job)
    assert child._idle == [kept] and second.cpu_s < first.cpu_s + 0.1
    kept._process.send_signal(signal.SIGKILL)
    with pytest.raises(Broken) as broken:
        kept.do(job)
    assert broken.value.args == ("SIGKILL", True)
    child._idle.clear()


def test_a_killed_worker_leaves_nobody_behind(tmp_path: Path) -> None:
    code = "from gusu_geo.province.child import *; import time\none = Child(); print(one._process.pid, flush=True); time.sleep(600)"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    worker = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environ
    )
    assert worker.stdout is not None
    pid = int(worker.stdout.readline())
    worker.kill()
    worker.wait()
    end = time.monotonic() + 60
    while psutil.pid_exists(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)


def test_an_idle_process_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duty, "IDLE_S", 0.0)
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    monkeypatch.setattr(duty, "_listen", lambda _: None)
    duty.main()
    assert ended == [0]


def test_the_time_left_is_measured() -> None:
    told: list[Standing] = []
    pace = Pace("run", {"a": 10.0, "b": 30.0, "c": 20.0, "d": 20.0}, told.append)
    pace.ended(Done("a", "1", skipped=True))
    assert told[-1].left_s is None and told[-1].skipped == 1, "what was there says nothing of time"
    pace.look(2)
    pace.ended(Done("b", "1", wall_s=60.0))  # 2 s for a byte: 40 bytes are left for two
    assert told[-1] == Standing("run", 4, 2, 1, 0, 2, 40.0, told[-1].last)
    pace.ended(Failed("c", "run", told[-1].last and Failed("", "", None).message))  # type: ignore[arg-type]
    assert (told[-1].failed, told[-1].running, told[-1].left_s) == (1, 1, 40.0)
    pace.ended(Done("d", "1", wall_s=10.0))
    assert (told[-1].done, told[-1].running, told[-1].left_s) == (3, 0, 0.0)
