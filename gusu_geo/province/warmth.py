"""The kernels compiled once for a machine, before several processes would each compile them all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numba
from llvmlite import binding

from gusu_geo._kernels.compiling import HERE, kept_in
from gusu_geo.pipeline.run import run
from gusu_geo.pipeline.workplace import alone

MARK = "all-{numba}-{cpu}"  # in the folder of the compiled code: of which all was compiled there
STUDY = """
[study]
name = "warm"
title = { zh = "预热", en = "Warming up" }
[area]
bbox = [120.610, 31.305, 120.630, 31.315]
buffer_m = 300
[network]
osm = "warm.osm"
[rule]
pack = "everyday-ten"
[[facilities]]
source = "osm"
[residences]
source = "osm-buildings"
[candidates]
source = "streets"
spacing_m = 250
"""


def warm() -> None:
    """Compile what a run needs, unless it is there; who comes meanwhile waits for who began."""
    folder = kept_in(HERE, os.environ)
    if folder is None:  # nothing can be kept, so nothing can be shared
        return
    name = MARK.format(numba=numba.__version__, cpu=binding.get_host_cpu_name())
    if (folder / name).exists():
        return
    with alone(folder):
        if not (folder / name).exists():
            with TemporaryDirectory(prefix="gusu-geo-") as place:
                _run_small(Path(place))
            (folder / name).touch()


def _run_small(place: Path) -> None:
    """A run that needs every kernel."""
    (place / "warm.osm").write_text(_small_town(), encoding="utf-8")
    (place / "warm.toml").write_text(STUDY, encoding="utf-8")
    run(place / "warm.toml", out=place)


def _small_town() -> str:
    """Two roads that cross, with houses along one and a library, a clinic and a square."""
    spots = {1: (120.612, 31.310), 2: (120.620, 31.310), 3: (120.628, 31.310)}
    spots |= {4: (120.620, 31.306), 5: (120.620, 31.314)}
    ways = [_way(1, (1, 2, 3), highway="footway"), _way(2, (4, 2, 5), highway="residential")]
    for n in range(6):
        west, south = 120.613 + n * 0.002, 31.3102
        corners = ((0, 0), (0.0004, 0), (0.0004, 0.0003), (0, 0.0003))
        ring = [100 + 10 * n + i for i in range(4)]
        spots |= {
            ref: (west + x, south + y) for ref, (x, y) in zip(ring, corners, strict=True)
        }
        tags = {"building": "apartments", "building:levels": "5"} if n else {"leisure": "park"}
        ways.append(_way(100 + n, (*ring, ring[0]), **tags))
    nodes = [f'<node id="{ref}" lon="{x:.7f}" lat="{y:.7f}"/>' for ref, (x, y) in spots.items()]
    for ref, (key, value) in enumerate((("amenity", "library"), ("amenity", "clinic")), 900):
        spot = f'lon="{120.614 + (ref - 900) * 0.01:.7f}" lat="31.3101"'
        nodes.append(f'<node id="{ref}" {spot}><tag k="{key}" v="{value}"/></node>')
    return f'<?xml version="1.0"?><osm version="0.6">{"".join(nodes)}{"".join(ways)}</osm>'


def _way(ref: int, nodes: tuple[int, ...], **tags: str) -> str:
    inside = "".join(f'<nd ref="{node}"/>' for node in nodes)
    inside += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    return f'<way id="{ref}">{inside}</way>'
