"""Compiled loops on plain arrays. They know no project type, release the GIL, and each has a slow
plain twin in the tests.

nearest: one bounded search from many seeds. blocks: one search per source, streamed.
components: what hangs together.
"""

from gusu_geo._kernels.blocks import Chunk, Owners, Sources, Straight, owner_sets, reach_sets
from gusu_geo._kernels.nearest import INF_CS, Packed, Seeds, least, nearest
from gusu_geo._kernels.search import gather, label_components, search

__all__ = [
    "INF_CS",
    "Chunk",
    "Owners",
    "Packed",
    "Seeds",
    "Sources",
    "Straight",
    "gather",
    "label_components",
    "least",
    "nearest",
    "owner_sets",
    "reach_sets",
    "search",
]
