"""The kernels compiled once for a machine, before several processes would each compile them all."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

import numba
from llvmlite import binding

from gusu_geo._kernels.compiling import HERE, kept_in
from gusu_geo.pipeline.run import run
from gusu_geo.pipeline.workplace import alone

STUDY = "monaco"  # it needs every kernel that a run may need, and comes with the package
MARK = "all-{numba}-{cpu}"  # in the folder of the compiled code: of which all was compiled there


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
                run(STUDY, out=place)
            (folder / name).touch()
