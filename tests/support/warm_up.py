"""Compile the kernels once, before several workers would each compile all of them.

Run by ``make test`` and ``make quick`` when a kernel has changed.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from own_study import drawn

import gusu_geo as gg
from gusu_geo.province.warmth import warm


def main() -> None:
    """One small study, asked everything; and what districts of a province wait for."""
    with TemporaryDirectory() as place:
        folder = drawn(Path(place))
        study = folder / "study.toml"
        result = gg.run(study, out=folder)
        gg.site(study, sites=1, out=folder)
        gg.explain(study, "h3", out=folder)
        net = gg.read_network(folder / "street.osm")
        homes = result.residences[["geometry"]].iloc[:3]
        gg.isochrones(net, homes, minutes=(5, 10))
        gg.reached_streets(net, homes, minutes=(5,))
        gg.detour_ratios(net, homes)
        gg.missing_links(net)
        gg.coverage(net, homes, homes)
        list(gg.coverage_blocks(net, homes, homes))
        gg.nearest(net, homes, homes.assign(service="reading"))
        gg.service_areas(net, homes.assign(service="reading"), minutes=5)
    warm()


if __name__ == "__main__":
    main()
