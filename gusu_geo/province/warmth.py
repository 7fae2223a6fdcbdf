"""The kernels compiled once for a machine, before several processes would each compile them all."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

from gusu_geo._kernels.ahead import mark
from gusu_geo._kernels.compiling import HERE, kept_in
from gusu_geo.pipeline.run import run
from gusu_geo.pipeline.workplace import alone

STUDY = "monaco"  # it needs every kernel that a run may need, and comes with the package


def warm() -> None:
    """Compile what a run needs, unless it is there; who comes meanwhile waits for who began."""
    folder = kept_in(HERE, os.environ)
    if folder is None:  # nothing can be kept, so nothing can be shared
        return
    compiled = folder / mark("all")
    if compiled.exists():
        return
    with alone(folder):
        if not compiled.exists():
            with TemporaryDirectory(prefix="gusu-geo-") as place:
                run(STUDY, out=place)
            compiled.touch()
