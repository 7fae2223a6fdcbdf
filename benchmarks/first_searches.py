"""Every compiled search once, on a street of two nodes: what starting costs, and nothing else."""

from __future__ import annotations

import numpy as np

from gusu_geo import _kernels as kernels

NONE, ZERO = np.zeros(0, np.int32), np.zeros(1, np.int32)
LIMIT_CS = 100


def main() -> None:
    street = kernels.Packed.of(np.arange(3), np.array([1, 0], np.int32), np.full(2, 5, np.int32))
    seeds, places = kernels.Seeds(ZERO, ZERO, ZERO), kernels.Places(ZERO, ZERO, ZERO)
    straight, direct = kernels.Straight(NONE, NONE, NONE), kernels.Direct(np.zeros(2), NONE, NONE)
    sources = kernels.Sources(np.arange(2), ZERO, ZERO)
    owners = kernels.Owners.of(2, ZERO, ZERO, ZERO, 1)
    kernels.nearest(street, seeds, LIMIT_CS, arcs=True)
    kernels.nearest_of_owners(street, seeds, places, straight, 1, LIMIT_CS)
    list(kernels.reach_sets(street, sources, LIMIT_CS))
    list(kernels.owner_sets(street, sources, owners, direct, LIMIT_CS))
    kernels.label_components(ZERO, ZERO, 1)


if __name__ == "__main__":
    main()
