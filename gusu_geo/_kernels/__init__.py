"""Compiled loops on plain arrays. They use no project type, release the GIL, and each has a slow
plain twin in the tests.

search: the compiled searches. nearest: one search from many seeds. blocks: one search per source,
streamed. quickest: doors that others of their owner outdo. components: connected components.
"""

from gusu_geo._kernels.blocks import Chunk, Direct, Owners, Sources, owner_sets, reach_sets
from gusu_geo._kernels.components import label_components
from gusu_geo._kernels.nearest import (
    Nearest,
    Packed,
    Places,
    Seeds,
    Straight,
    nearest,
    nearest_of_owners,
)
from gusu_geo._kernels.quickest import quickest
from gusu_geo._kernels.search import INF_CS

__all__ = [
    "INF_CS",
    "Chunk",
    "Direct",
    "Nearest",
    "Owners",
    "Packed",
    "Places",
    "Seeds",
    "Sources",
    "Straight",
    "label_components",
    "nearest",
    "nearest_of_owners",
    "owner_sets",
    "quickest",
    "reach_sets",
]
