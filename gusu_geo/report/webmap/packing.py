"""Arrays to compact text for the page, read again by ``packed.js``.

Layout: "GUSU", four bytes (little-endian) with the length of a JSON header, the header
``[[name, kind, count, bytes], ...]``, then the arrays one after the other. Kinds: "v" zigzag
varints, "d" zigzag varints of differences, "f" 64-bit floats. Gzipped, then base64.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

INT32 = np.iinfo(np.int32)
MAGIC = b"GUSU"  # distinguishes plain bytes from gzipped ones, which start with 1f 8b


class Encoded(NamedTuple):
    """One array as the page reads it; its kind as above."""

    kind: str
    size: int
    data: bytes


def pack(
    arrays: Mapping[str, npt.NDArray[np.generic] | Encoded], *, compressed: bool = True
) -> str:
    """Base64 text of the arrays, encoded before or not; the same input gives the same text.

    Integer and boolean arrays must fit 32 bits and are flattened; floats keep every bit.
    ``compressed=False`` is for browsers without DecompressionStream (Firefox before 113).
    Raises ValueError: integers out of range, floats that are not finite.
    """
    parts, header = [], []
    for name, array in arrays.items():
        kind, size, data = array if isinstance(array, Encoded) else encoded(name, array)
        parts.append(data)
        header.append([name, kind, size, len(data)])
    head = json.dumps(header, separators=(",", ":")).encode()
    data = b"".join([MAGIC, len(head).to_bytes(4, "little"), head, *parts])
    if compressed:
        data = gzip.compress(data, compresslevel=9, mtime=0)
    return base64.b64encode(data).decode("ascii")


def encoded(name: str, array: npt.NDArray[np.generic]) -> Encoded:
    """An array as ``pack`` takes it; raises what that raises."""
    return Encoded(*_encode(name, np.asarray(array).ravel()))


def _encode(name: str, flat: npt.NDArray[np.generic]) -> tuple[str, int, bytes]:
    if flat.dtype.kind == "f":
        if not np.isfinite(flat).all():
            raise ValueError(f"array {name!r} holds a number that is not finite")
        return "f", len(flat), flat.astype("<f8").tobytes()
    if flat.dtype.kind not in "iub":
        raise ValueError(f"array {name!r} must hold integers or floats, got {flat.dtype}")
    whole = flat.astype(np.int64)
    if not _fits(whole):
        raise ValueError(f"array {name!r} holds an integer of more than 32 bits")
    plain = _varints(whole)
    steps = np.diff(whole, prepend=0)
    if _fits(steps) and len(stepped := _varints(steps)) < len(plain):
        return "d", len(flat), stepped
    return "v", len(flat), plain


def _fits(whole: npt.NDArray[np.int64]) -> bool:
    return len(whole) == 0 or bool(whole.min() >= INT32.min and whole.max() <= INT32.max)


def _varints(whole: npt.NDArray[np.int64]) -> bytes:
    """Seven bits a byte, lowest first, after zigzag (0, -1, 1, -2 become 0, 1, 2, 3)."""
    value = ((whole << 1) ^ (whole >> 63)).astype(np.uint64)
    size = np.ones(len(value), np.int64)
    for k in range(1, 5):
        size += value >= np.uint64(1 << (7 * k))
    start = np.cumsum(size) - size
    out = np.zeros(int(size.sum()), np.uint8)
    for k in range(5):
        has = size > k
        more = np.where(size[has] > k + 1, 0x80, 0).astype(np.uint8)
        low = ((value[has] >> np.uint64(7 * k)) & np.uint64(0x7F)).astype(np.uint8)
        out[start[has] + k] = low | more
    return out.tobytes()
