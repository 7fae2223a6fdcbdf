"""Working folders of runs that never see each other's locks on folders, as on NFS: none is swept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gusu_geo.pipeline import workplace
from gusu_geo.pipeline.workplace import PREFIX, sweep

ROOT = Path(workplace.__file__).resolve().parents[2]
HOST = """
import sys
from contextlib import nullcontext
from pathlib import Path
from gusu_geo.pipeline import workplace
workplace.alone = lambda folder: nullcontext()  # a folder opened to be read cannot be locked
for number in range(80):
    with workplace.workplace(Path(sys.argv[1])) as place:
        (place / "whole").mkdir()
        (place / "whole" / "file").write_text(str(number))
        assert (place / "whole" / "file").read_text() == str(number)
        assert workplace.in_use(place)
"""


def test_hosts_that_cannot_lock_folders_keep_what_is_theirs(tmp_path: Path) -> None:
    start = [sys.executable, "-c", HOST, str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    hosts = [
        subprocess.Popen(start, stderr=subprocess.PIPE, text=True, env=environ) for _ in range(4)
    ]
    said = [host.communicate()[1] for host in hosts]
    assert [host.returncode for host in hosts] == [0] * 4, said
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_half_deleted_goes(tmp_path: Path) -> None:
    """Its lock first, then the rest: nobody holds what has no lock."""
    left = tmp_path / f"{PREFIX}left"
    (left / "deep").mkdir(parents=True)
    (left / "deep" / "file").touch()
    sweep(tmp_path, f"{PREFIX}*")
    assert list(tmp_path.iterdir()) == []
