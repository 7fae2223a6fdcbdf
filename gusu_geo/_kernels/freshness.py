"""Never run compiled code that is older than its source.

Numba caches compiled functions next to the source. It checks whether the file of the function has
changed, but not the files of the functions compiled into it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

STAMP = "kernels.sha256"


def drop_stale(folder: Path) -> None:
    """Remove the cached functions of the kernels in ``folder`` if any source there has changed."""
    kept = folder / "__pycache__"
    sources = [path.name.encode() + path.read_bytes() for path in sorted(folder.glob("*.py"))]
    digest = hashlib.sha256(b"\0".join(sources)).hexdigest()
    stamp = kept / STAMP
    try:
        if stamp.is_file() and stamp.read_text(encoding="ascii") == digest:
            return
        kept.mkdir(exist_ok=True)
        for path in kept.glob("*.nb[ic]"):
            path.unlink(missing_ok=True)
        stamp.write_text(digest, encoding="ascii")
    except OSError:
        return  # not writable, so nothing is cached here either
