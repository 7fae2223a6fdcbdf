"""pgRouting in a PostgreSQL server of its own: a cluster in a temporary folder, one connection.

Debian's packages postgresql-15-pgrouting and postgresql-15-postgis-3, and psycopg. The CPU seconds
and memory of the connection's process count as the engine's.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from answers import Found
from case import LIMIT_M, Array, Case, Ints
from worker import BESIDE, Tasks

SERVERS = Path("/usr/lib/postgresql")
USER = "postgres"  # PostgreSQL refuses to run as root
SETTINGS = {
    "listen_addresses": "",  # a socket in the folder, no port
    "shared_buffers": "512MB",
    "work_mem": "256MB",
    "fsync": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # one core, like everybody
}
STREETS = "SELECT id, source, target, cost FROM streets"
PATIENCE_S = 300


def pgrouting(case: Case) -> Tasks:
    """Streets as a table of edges, walked both ways. Each question is one statement, and the answer
    comes as binary COPY, the fastest way out."""
    base = _connected(_server())
    base.execute("CREATE EXTENSION pgrouting CASCADE")
    metres = (case.length_cm / 100.0).tolist()
    streets = zip(range(case.edges), case.u.tolist(), case.v.tolist(), metres, strict=True)
    service = np.repeat(np.arange(len(case.venues)), np.diff(case.venue_ptr))
    for table, rows in {
        "streets (id bigint, source bigint, target bigint, cost float8)": streets,
        "residences (node bigint)": zip(case.residences.tolist(), strict=True),
        "venues (service int, node bigint)": zip(
            service.tolist(), case.venue_node.tolist(), strict=True
        ),
    }.items():
        base.execute(f"CREATE TABLE {table}")
        with base.cursor() as cursor, cursor.copy(f"COPY {table.split()[0]} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    base.execute("ANALYZE")
    BESIDE.append(base.info.backend_pid)
    place = np.full(case.nodes, -1)
    place[case.residences] = np.arange(len(case.residences))

    def driving(streets: str, nodes: Ints) -> str:
        wanted = ",".join(map(str, nodes.tolist()))
        return (
            f"pgr_drivingDistance($${streets}$$, ARRAY[{wanted}]::bigint[], {LIMIT_M}, "
            "directed := false)"
        )

    def nearest(count: int) -> list[Array]:
        """From one more node, joined to all venues of a service by streets of no length.
        ("equicost" would do the same, but about 1 in 100 nodes does not get its nearest venue.)"""
        answers = []
        for k in range(count):
            service = f"SELECT -1 - node, {case.nodes}, node, 0 FROM venues WHERE service = {k}"
            found = driving(f"{STREETS} UNION ALL {service}", np.array([case.nodes]))
            columns = f"SELECT node, agg_cost FROM {found} WHERE node < {case.nodes}"
            node, metres = _copied(base, columns, "lf")
            answer = np.full(case.nodes, np.inf)
            answer[node] = metres
            answers.append(answer)
        return answers

    def within(origins: Ints, more: str = "") -> Found:
        found = driving(STREETS, origins)
        columns = _copied(base, f"SELECT from_v, node, agg_cost FROM {found} {more}", "llf")
        row = np.full(case.nodes, -1)
        row[origins] = np.arange(len(origins))
        return Found(row[columns[0]], columns[1], columns[2])

    def coverage(count: int) -> Found:
        found = within(case.candidates[:count], "JOIN residences USING (node)")
        return found._replace(target=place[found.target])

    return {
        "nearest": nearest,
        "reach": lambda count: within(case.origins[:count]),
        "coverage": coverage,
    }


def _copied(base: Any, select: str, kinds: str) -> list[Array]:
    """Columns of a statement; kinds: "l" whole numbers, "f" metres, 8 bytes each, none missing."""
    with base.cursor() as cursor, cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT binary)") as rows:
        told = b"".join(rows)
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for place, kind in enumerate(kinds):
        fields += [(f"size{place}", ">i4"), (f"value{place}", {"l": ">i8", "f": ">f8"}[kind])]
    header, trailer = 19, 2  # of the format
    table = np.frombuffer(told[header:-trailer], np.dtype(fields))
    return [
        table[f"value{place}"].astype("i8" if kind == "l" else "f8")
        for place, kind in enumerate(kinds)
    ]


def _server() -> Path:
    """Start a server that ends with this process; the folder of its socket. ImportError: not
    installed."""
    homes = sorted(SERVERS.glob("*/bin"))
    if not homes or not shutil.which("setpriv"):
        raise ImportError("no PostgreSQL server")
    binaries = homes[-1]
    extensions = Path("/usr/share/postgresql") / binaries.parent.name / "extension"
    if not (extensions / "pgrouting.control").exists():
        raise ImportError(f"no postgresql-{binaries.parent.name}-pgrouting")
    folder = Path(tempfile.mkdtemp(prefix="pgrouting-"))
    as_user = ["setpriv"]
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
        as_user += ["--reuid", USER, "--regid", USER, "--init-groups"]
    data = folder / "data"
    make = [binaries / "initdb", "-D", data, "-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8"]
    subprocess.run([*as_user, *make], check=True, capture_output=True, cwd=folder)
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    serve = [binaries / "postgres", "-D", data, "-k", folder, *settings]
    # SIGQUIT when this process ends: the server stops at once.
    server = subprocess.Popen(
        [*as_user, "--pdeathsig", "QUIT", *serve], cwd=folder, stderr=subprocess.DEVNULL
    )
    atexit.register(_ended, server, folder)
    return folder


def _ended(server: subprocess.Popen[bytes], folder: Path) -> None:
    server.send_signal(signal.SIGQUIT)
    server.wait(PATIENCE_S)
    shutil.rmtree(folder, ignore_errors=True)


def _connected(folder: Path) -> Any:
    import psycopg

    patience = time.monotonic() + PATIENCE_S
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            return psycopg.connect(host=str(folder), user=USER, dbname="postgres", autocommit=True)
        if time.monotonic() > patience:
            raise TimeoutError("the server does not answer")
        time.sleep(0.2)
