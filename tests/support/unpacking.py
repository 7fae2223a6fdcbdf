"""A slow plain reader of the arrays of a page, written from the description of the format."""

from __future__ import annotations

import base64
import gzip
import json
import struct
from typing import Any

import numpy as np


def unpack(text: str) -> dict[str, list[Any]]:
    data = base64.b64decode(text)
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    assert data[:4] == b"GUSU"
    (head,) = struct.unpack("<I", data[4:8])
    rest, found = data[8 + head :], {}
    for name, kind, count, size in json.loads(data[8 : 8 + head]):
        part, rest = rest[:size], rest[size:]
        values = list(struct.unpack(f"<{count}d", part)) if kind == "f" else _varints(part)
        if kind == "d":
            values = np.cumsum(values).tolist()
        assert len(values) == count
        found[name] = values
    assert rest == b""
    return found


def _varints(part: bytes) -> list[int]:
    values, value, shift = [], 0, 0
    for byte in part:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            values.append(value // 2 if value % 2 == 0 else -(value + 1) // 2)
            value, shift = 0, 0
    return values
