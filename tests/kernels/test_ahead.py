"""What another process compiles ahead is what is used, and nobody depends on that process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gusu_geo._kernels import ahead
from gusu_geo._kernels.compiling import HERE, PREFIX, digest_of

MONACO = Path(__file__).parents[2] / "data" / "raw" / "monaco.osm.pbf"
SMALL = "\nbulges._table q1 i1 q1 i1\nfields.file_boxes q2 q q1 i1\n"
# All that a survey asks, with a wall between: whether each kernel has been used in its form alone.
SURVEYED = """
import sys
import geopandas as gpd
import gusu_geo as gg
from gusu_geo._kernels import ahead

net = gg.read_network(sys.argv[1])
homes = gpd.GeoDataFrame(geometry=net.edge_lines[::9], crs=net.crs).centroid.to_frame("geometry")
gg.detour_ratios(net, homes)
gg.missing_links(net)
wall = homes.geometry.iloc[[99]].buffer(9).boundary
gg.isochrones(net, homes.iloc[:1], minutes=(2, 4), barriers=wall)
for kernel, form in ahead.kernels():
    print(kernel.__name__, kernel.signatures == [form])
"""


def files(folder: Path) -> list[str]:
    """Kernels and marks kept in the folder of ours below this one."""
    kept = folder / (PREFIX + digest_of(HERE))
    found = [path for path in kept.rglob("*") if path.is_file() and path.suffix != ".nbc"]
    return sorted(path.name.partition("-")[0] for path in found)


def runs(process: int) -> bool:
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True)
    return told.stdout.strip()[:1] not in ("", "Z")


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for compiled code with nothing in it; two cores, however many there are."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kept = tmp_path / (PREFIX + digest_of(HERE))
    monkeypatch.setattr(ahead, "kept_in", lambda package, environ: kept)
    monkeypatch.setattr(ahead, "_cores", lambda: 2)
    return tmp_path


def test_the_forms_compiled_ahead_are_those_that_a_survey_uses() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SURVEYED, str(MONACO)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = dict(line.split() for line in done.stdout.splitlines())
    assert len(told) == len(ahead.kernels()) and set(told.values()) == {"True"}, told


def test_another_process_compiles_once_and_marks_it(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = ahead.WITH_OUR_PATH.replace("main()", f"ahead.FORMS = {SMALL!r}\nahead.main()")
    small = small.replace("from gusu_geo._kernels.ahead import main", "from gusu_geo._kernels import ahead")  # fmt: skip
    monkeypatch.setattr(ahead, "WITH_OUR_PATH", small)
    child = ahead._started()
    assert child is not None and child.wait() == 0
    assert files(fresh) == ["ahead", "bulges._table", "fields.file_boxes"]
    begin = time.perf_counter()
    assert ahead._started() is None
    assert time.perf_counter() - begin < 0.02
    monkeypatch.setattr(ahead, "mark", lambda: "for another processor")
    monkeypatch.setattr(ahead, "_cores", lambda: 1)
    assert ahead._started() is None
    monkeypatch.setattr(ahead, "_cores", lambda: 2)
    for executable in ("", str(fresh / "no python")):
        monkeypatch.setattr(sys, "executable", executable)
        assert ahead._started() is None


def test_whoever_waits_no_more_ends_it(fresh: Path) -> None:
    with pytest.raises(KeyError), ahead.compiling_ahead(wanted=True):
        raise KeyError
    assert not [name for name in files(fresh) if name.startswith("ahead")]


@pytest.mark.skipif(os.name != "posix", reason="others have no parents that change")
def test_it_ends_soon_after_a_parent_that_was_killed(fresh: Path) -> None:
    script = "\n".join([
        "import time",
        "from gusu_geo._kernels import ahead",
        "ahead._cores = lambda: 2",
        "print(ahead._started().pid, flush=True)",
        "time.sleep(60)",
    ])  # fmt: skip
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    while not list(fresh.rglob("*.nbi")):
        time.sleep(0.05)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 60
    while runs(child) and time.monotonic() < until:
        time.sleep(0.1)
    assert not runs(child)
    assert "ahead" not in files(fresh)
