"""Compiled code that is older than its source must not run.

Numba keeps compiled functions beside the source and looks whether the file of the function itself
has changed, not the files of the functions that were compiled into it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

STAMP = "kernels.sha256"


def drop_stale(folder: Path) -> None:
    """Remove the compiled functions kept for the kernels of ``folder`` unless they belong to its
    sources as they are now."""
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
        return  # nothing can be kept here either
