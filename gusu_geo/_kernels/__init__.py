"""Compiled loops on plain arrays. They know no project type, release the GIL, and each has a slow
plain twin in the tests.

search: bounded searches on integer arcs.
"""

from gusu_geo._kernels.search import INF_CS, gather, label_components, search

__all__ = ["INF_CS", "gather", "label_components", "search"]
